from __future__ import annotations

from pathlib import Path

import pytest

from interop_tests.clients import CODECS
from interop_tests.drivers import Library
from interop_tests.group_contract import GroupContract, broker_process, command_of, start_driver
from interop_tests.java.client import command_of_class

__all__ = ["broker_process", "start_driver"]

JAVA = Library(
    name="kafka-clients",
    command=lambda: command_of_class(Path(__file__).parent / "GroupClient.java"),
    codecs=CODECS,
    cannot={},
)


@pytest.fixture
def command(library: Library) -> list[str]:
    return command_of(library, "java", "javac", "mvn")


class TestJavaInGroups(GroupContract):
    @pytest.fixture
    def library(self) -> Library:
        return JAVA
