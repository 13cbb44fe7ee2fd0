from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from interop_tests.driven_transactions import DrivenTransactions, read_committed
from interop_tests.drivers import Driver
from interop_tests.group_contract import command_of
from interop_tests.js.libraries import KAFKAJS
from interop_tests.transaction_contract import MakeTransactions, ReadCommitted, TransactionContract
from tests.support.brokers import Broker


class TestKafkajsTransactions(TransactionContract):
    """kafkajs, of transaction version 1."""

    @pytest.fixture
    def driver(self, broker: Broker) -> Iterator[Driver]:
        with Driver(command_of(KAFKAJS, "node", "npm"), broker.bootstrap) as driver:
            yield driver

    @pytest.fixture
    def transactional(self, driver: Driver) -> MakeTransactions:
        return partial(DrivenTransactions, driver)

    @pytest.fixture
    def read_committed(self, driver: Driver) -> ReadCommitted:
        return partial(read_committed, driver)
