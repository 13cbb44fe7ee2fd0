"""Bugs of clients, known from their issues: each test passes with a client that has the repair, and fails with one before.

- aiokafka issue 1134: a transactional producer never asked again who its coordinator is, when that did not answer (0.12
  fails).
- aiokafka issue 1151: a transactional producer failed for good when a broker that it still needed, because it coordinates the
  transaction, had ceased to coordinate its consumer group, and the connection to it was lost (0.13 fails).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import aiokafka
import pytest

from kafka_compat.testing import Kafka
from kafka_compat.testing.actions import disconnect, observe, swallow
from kafka_compat.testing.request import Request

WAIT_S = 20.0


@pytest.fixture
def cluster() -> Iterator[Kafka]:
    with Kafka(brokers=3, topics={"orders": 1, "invoices": 1}) as running:
        yield running


def producer_of(cluster: Kafka) -> aiokafka.AIOKafkaProducer:
    return aiokafka.AIOKafkaProducer(
        bootstrap_servers=cluster.bootstrap_servers,
        transactional_id="billing",
        retry_backoff_ms=20,
        request_timeout_ms=1000,
        metadata_max_age_ms=200,
    )


def of_transactions(request: Request) -> bool:
    body: Any = request.body
    return bool(body.key_type == 1)


@pytest.mark.parametrize(
    "what",
    [pytest.param("NOT_COORDINATOR", id="moved"), pytest.param(swallow(), id="hung"), pytest.param(disconnect(), id="died")],
)
@pytest.mark.parametrize("api", ["AddPartitionsToTxn", "EndTxn"])
async def test_a_producer_looks_for_its_coordinator_again(cluster: Kafka, api: str, what: Any) -> None:
    """https://github.com/aio-libs/aiokafka/issues/1134"""
    producer = producer_of(cluster)
    await producer.start()
    try:
        asked = cluster.fail("FindCoordinator", observe(), when=of_transactions, times=None, must_fire=False)
        gone = cluster.fail(api, what, transactional_id="billing")
        async with producer.transaction():
            await producer.send_and_wait("invoices", b"invoice 1")
        assert gone.hits == 1
        if repr(what) != "disconnect":  # the broker is still there
            assert asked.hits >= 1, "it asks who coordinates now"
        assert [record.value for record in cluster.records("invoices")] == [b"invoice 1"]
    finally:
        await producer.stop()


async def test_a_group_whose_coordinator_moves_away_leaves_that_of_the_transaction_known(cluster: Kafka) -> None:
    """https://github.com/aio-libs/aiokafka/issues/1151"""
    orders = aiokafka.TopicPartition("orders", 0)
    cluster.topology.move_coordinator(transactional_id="billing", to=2)
    cluster.topology.move_coordinator(group="app", to=2)
    producer = producer_of(cluster)
    await producer.start()
    try:
        async with producer.transaction():
            await producer.send_and_wait("invoices", b"invoice 1")
            await producer.send_offsets_to_transaction({orders: 1}, "app")
        cluster.topology.move_coordinator(group="app", to=3)
        lost = cluster.fail("EndTxn", disconnect(), transactional_id="billing")
        async with producer.transaction():
            await producer.send_and_wait("invoices", b"invoice 2")
            await producer.send_offsets_to_transaction({orders: 2}, "app")
        assert lost.requests[0].broker == 2
        assert cluster.groups["app"].offsets == {("orders", 0): 2}
        assert [record.value for record in cluster.records("invoices")] == [b"invoice 1", b"invoice 2"]
    finally:
        await producer.stop()
