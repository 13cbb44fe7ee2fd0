from __future__ import annotations

import pytest

from interop_tests.drivers import Library
from interop_tests.group_contract import GroupContract, StartDriver, command_of
from interop_tests.js.libraries import KAFKAJS, PLATFORMATIC


@pytest.fixture
def command(library: Library) -> list[str]:
    return command_of(library, "node", "npm")


class TestKafkajs(GroupContract):
    @pytest.fixture
    def library(self) -> Library:
        return KAFKAJS


class TestPlatformatic(GroupContract):
    @pytest.fixture
    def library(self) -> Library:
        return PLATFORMATIC


@pytest.mark.parametrize("library", [KAFKAJS, PLATFORMATIC], ids=["kafkajs", "platformatic"])
def test_what_is_switched_off(library: Library, start_driver: StartDriver) -> None:
    answers = start_driver().call("ask_what_is_off")["told"]
    assert answers.pop("quotas", None) == (None if library is KAFKAJS else "0 found")
    assert answers.keys() == {"list acls", "create acls", "delete acls"}
    for question, words in answers.items():
        assert "Security features are disabled" in words or "SECURITY_DISABLED" in words, question
