"""`--broker ours|reference`: which broker the clients talk to; one process for the whole run, one topic for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import cast

import pytest

from interop_tests.clients import Client
from interop_tests.confluent.client import ConfluentClient
from interop_tests.table import Counting
from tests.support.brokers import Broker, BrokerKind, skipped_without_reference, start_broker

_topic_numbers = itertools.count()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--broker", choices=["ours", "reference"], default="ours", help="the broker the clients talk to")
    parser.addoption("--write-clients-table", action="store_true", help="write the README's table of clients from this run")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--write-clients-table"):
        config.pluginmanager.register(Counting())
    # kafka-python reads its schemas with an API of importlib.resources that Python has deprecated; it happens on import.
    config.addinivalue_line("filterwarnings", "ignore:(read_text|open_text|contents) is deprecated:DeprecationWarning")
    # kafka-python drops the socket of a connection that failed without closing it.
    config.addinivalue_line("filterwarnings", "ignore:unclosed <socket:ResourceWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Clients wait for sessions and back off; on a busy machine that takes several times as long."""
    for item in items:
        if "interop_tests" in item.path.parts and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def broker_process(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    kind = cast(BrokerKind, request.config.getoption("--broker"))  # argparse has checked the choice
    with skipped_without_reference():
        started = start_broker(kind, tmp_path_factory.mktemp("broker"))
    with started:
        yield started
        if started.is_running:
            started.stop()


@pytest.fixture
def broker(broker_process: Broker) -> Broker:
    """The broker, running: a test before may have failed between killing it and starting it again."""
    if not broker_process.is_running:
        broker_process.start()
    return broker_process


@pytest.fixture
def topic() -> str:
    """A name no other test uses; the topic is not there yet."""
    return f"interop-{next(_topic_numbers)}"


@pytest.fixture
def admin(broker: Broker) -> Client:
    """A client that can do all the contract knows, for the steps that the client under test has no way to take."""
    return ConfluentClient(broker.bootstrap)
