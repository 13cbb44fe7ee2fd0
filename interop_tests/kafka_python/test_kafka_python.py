from __future__ import annotations

import pytest

from interop_tests.contract import ClientContract
from interop_tests.kafka_python.client import KafkaPythonClient
from tests.support.brokers import Broker


@pytest.fixture
def client(broker: Broker) -> KafkaPythonClient:
    return KafkaPythonClient(broker.bootstrap)


class TestKafkaPython(ClientContract):
    """kafka-python 3: its own codec of the whole protocol, generated from Kafka's schemas."""
