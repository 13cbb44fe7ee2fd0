from __future__ import annotations

import pytest

from interop_tests.confluent.client import ConfluentClient
from interop_tests.contract import ClientContract
from tests.brokers import Broker


@pytest.fixture
def client(broker: Broker) -> ConfluentClient:
    return ConfluentClient(broker.bootstrap)


class TestConfluent(ClientContract):
    """librdkafka: it has its own implementation of the protocol, so it disagrees where Java clients agree with themselves."""
