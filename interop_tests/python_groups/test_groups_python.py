from __future__ import annotations

import sys

import pytest

from interop_tests.clients import CODECS
from interop_tests.drivers import Library
from interop_tests.group_contract import GroupContract, command_of


def _command(library: str) -> list[str]:
    # kafka-python reads its schemas with an API of importlib.resources that Python has deprecated.
    return [sys.executable, "-W", "ignore::DeprecationWarning", "-m", "interop_tests.python_groups.main", library]


CONFLUENT = Library(
    name="confluent-kafka",
    command=lambda: _command("confluent"),
    codecs=CODECS,
    cannot={},
)
KAFKA_PYTHON = Library(
    name="kafka-python",
    command=lambda: _command("kafka_python"),
    codecs=CODECS,
    cannot={},
)
AIOKAFKA = Library(
    name="aiokafka",
    command=lambda: _command("aiokafka"),
    codecs=CODECS,
    cannot={"cooperative-sticky": "0.14.0 has eager assignors only"},
)


@pytest.fixture
def command(library: Library) -> list[str]:
    return command_of(library)


class TestConfluent(GroupContract):
    @pytest.fixture
    def library(self) -> Library:
        return CONFLUENT


class TestKafkaPython(GroupContract):
    @pytest.fixture
    def library(self) -> Library:
        return KAFKA_PYTHON


class TestAiokafka(GroupContract):
    @pytest.fixture
    def library(self) -> Library:
        return AIOKAFKA
