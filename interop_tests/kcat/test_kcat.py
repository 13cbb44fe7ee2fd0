from __future__ import annotations

import pytest

from interop_tests.contract import ClientContract
from interop_tests.kcat.client import KcatClient
from tests.support.brokers import Broker, require_commands


@pytest.fixture
def client(broker: Broker) -> KcatClient:
    require_commands("kcat")
    return KcatClient(broker.bootstrap)


class TestKcat(ClientContract):
    """An older librdkafka (2.0) than confluent-kafka brings."""
