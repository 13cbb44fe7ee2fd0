from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from interop_tests.java.client import JavaClient
from tests.support.brokers import Broker, require_commands


@pytest.fixture(scope="session")
def java_process(broker_process: Broker) -> Iterator[JavaClient]:
    require_commands("java", "javac", "mvn")
    with closing(JavaClient(broker_process.bootstrap)) as client:
        yield client


@pytest.fixture
def client(java_process: JavaClient, broker: Broker) -> JavaClient:
    """The driver outlives kills and restarts of the broker: that keeps its port, and each call makes new clients."""
    assert broker.is_running
    return java_process
