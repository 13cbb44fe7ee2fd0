from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from interop_tests.clients import Client
from interop_tests.driven_transactions import DrivenTransactions, move_exactly_once, read_committed
from interop_tests.drivers import Driver
from interop_tests.java.client import command_of_class
from interop_tests.transaction_contract import MakeTransactions, ReadCommitted, Reader, TransactionContract
from tests.support.brokers import Broker, require_commands

_SOURCE = Path(__file__).parent / "TransactionClient.java"


@pytest.fixture(scope="module")
def driver(broker_process: Broker) -> Iterator[Driver]:
    require_commands("java", "javac", "mvn")
    with Driver(command_of_class(_SOURCE), broker_process.bootstrap) as driver:
        yield driver


class TestJavaTransactions(TransactionContract):
    """Kafka's own producer, of transaction version 2."""

    @pytest.fixture
    def transactional(self, driver: Driver, broker: Broker) -> MakeTransactions:
        assert broker.is_running
        return partial(DrivenTransactions, driver)

    @pytest.fixture
    def read_committed(self, driver: Driver) -> ReadCommitted:
        return partial(read_committed, driver)

    def test_a_member_moves_records_exactly_once(self, driver: Driver, admin: Client, reader: Reader, topic: str) -> None:
        move_exactly_once(driver, admin, reader, topic)
