from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from interop_tests.clients import Client
from interop_tests.driven_transactions import DrivenTransactions, move_exactly_once, read_committed
from interop_tests.drivers import Driver, Library
from interop_tests.go.libraries import FRANZ, SARAMA
from interop_tests.group_contract import command_of
from interop_tests.transaction_contract import MakeTransactions, ReadCommitted, Reader, TransactionContract
from tests.support.brokers import Broker


class GoTransactions(TransactionContract):
    """Both libraries."""

    @pytest.fixture
    def library(self) -> Library:
        raise NotImplementedError

    @pytest.fixture
    def driver(self, library: Library, broker: Broker) -> Iterator[Driver]:
        with Driver(command_of(library, "go"), broker.bootstrap) as driver:
            yield driver

    @pytest.fixture
    def transactional(self, driver: Driver) -> MakeTransactions:
        return partial(DrivenTransactions, driver)

    @pytest.fixture
    def read_committed(self, driver: Driver) -> ReadCommitted:
        return partial(read_committed, driver)


class TestFranzGoTransactions(GoTransactions):
    """franz-go: offsets go into a transaction through its GroupTransactSession only."""

    sends_offsets = False

    @pytest.fixture
    def library(self) -> Library:
        return FRANZ

    def test_a_session_moves_records_exactly_once(self, driver: Driver, admin: Client, reader: Reader, topic: str) -> None:
        move_exactly_once(driver, admin, reader, topic)


class TestSaramaTransactions(GoTransactions):
    """sarama."""

    @pytest.fixture
    def library(self) -> Library:
        return SARAMA
