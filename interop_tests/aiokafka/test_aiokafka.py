from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from interop_tests.aiokafka.client import AiokafkaClient
from interop_tests.contract import ClientContract
from tests.support.brokers import Broker


@pytest.fixture
def client(broker: Broker) -> Iterator[AiokafkaClient]:
    with closing(AiokafkaClient(broker.bootstrap)) as client:
        yield client


class TestAiokafka(ClientContract):
    """aiokafka: older versions of most APIs than the other clients, so the broker's old layouts are exercised."""
