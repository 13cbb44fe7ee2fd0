from __future__ import annotations

import pytest

from interop_tests.drivers import Library
from interop_tests.go.libraries import FRANZ, SARAMA
from interop_tests.group_contract import GroupContract, StartDriver, command_of


@pytest.fixture
def command(library: Library) -> list[str]:
    return command_of(library, "go")


class TestFranzGo(GroupContract):
    @pytest.fixture
    def library(self) -> Library:
        return FRANZ


class TestSarama(GroupContract):
    @pytest.fixture
    def library(self) -> Library:
        return SARAMA


@pytest.mark.parametrize(
    ("library", "told"),
    [
        (
            FRANZ,
            {
                "list acls": "SECURITY_DISABLED",
                "create acls": "SECURITY_DISABLED",
                "delete acls": "SECURITY_DISABLED",
                "users": "0 found",
                "quotas": "0 found",
                "transactions": "0 found",
                "tokens": "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED",
            },
        ),
        (
            SARAMA,
            {
                "list acls": "Security features are disabled",
                "delete acls": "Security features are disabled",
                "users": "0 found",
                "quotas": "0 found",
            },
        ),
    ],
    ids=["franz", "sarama"],
)
def test_what_is_switched_off(start_driver: StartDriver, told: dict[str, str]) -> None:
    answers = start_driver().call("ask_what_is_off")["told"]
    assert answers.keys() == told.keys()
    for question, words in told.items():
        assert words in answers[question], question
