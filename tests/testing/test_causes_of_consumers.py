"""Likely causes that show in why a consumer got nothing; each with a case that looks alike and is none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from kafka_compat.testing import Kafka
from kafka_compat.testing.actions import hold
from kafka_compat.testing.diagnosis import causes

pytest.importorskip("confluent_kafka", reason="the clients are librdkafka's")
pytest.importorskip("kafka", reason="some consumers are kafka-python's")
pytest.importorskip("aiokafka", reason="a consumer is aiokafka's")
from confluent_kafka import Consumer, Producer, TopicPartition

from tests.support.waiting import until
from tests.testing.clients import consume, consuming, read, reading, said, write

pytestmark = pytest.mark.filterwarnings("ignore:.*unclosed <socket")


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    with Kafka(topics={"orders": 1, "payments": 1}, auto_create=False) as kafka:
        yield kafka


# --- it begins behind the records


@pytest.mark.parametrize("by_client", [False, True])
def test_a_group_that_was_assigned_after_the_record_was_written(kafka: Kafka, *, by_client: bool) -> None:
    if by_client:
        write(kafka)
    else:
        kafka.produce("orders", "x")
    with consuming(kafka, "orders", auto_offset_reset="latest") as consumer:
        read(kafka, consumer)
        [first] = causes(kafka)
    before, _, after = first.partition(" ms after ")
    assert before.startswith("group 'app' was assigned orders-0 ")
    assert 0 <= int(before.removeprefix("group 'app' was assigned orders-0 ")) < 10_000
    assert after == (
        "the record was written and reads from latest (offset 1): wait_for_assignment() before producing, or "
        "auto.offset.reset=earliest"
    )


def test_so_says_it_of_kafka_python(kafka: Kafka) -> None:
    write(kafka)
    with reading(kafka, "orders", auto_offset_reset="latest") as consumer:
        until(lambda: kafka.requests.of("Fetch"), lambda: consumer.poll(timeout_ms=500))
        assert "ms after the record was written and reads from latest (offset 1)" in causes(kafka)[0]


async def test_so_says_it_of_aiokafka(kafka: Kafka) -> None:
    import aiokafka

    write(kafka)
    consumer = aiokafka.AIOKafkaConsumer(
        "orders", bootstrap_servers=kafka.bootstrap_servers, group_id="app", auto_offset_reset="latest"
    )
    await consumer.start()
    try:
        await consumer.getmany(timeout_ms=100)
        await asyncio.to_thread(kafka.requests.wait_for, "Fetch")
        assert "ms after the record was written and reads from latest (offset 1)" in (await asyncio.to_thread(causes, kafka))[0]
    finally:
        await consumer.stop()
    assert await kafka.aio.leaks() == []


def test_a_group_that_was_there_first(kafka: Kafka) -> None:
    with consuming(kafka, "orders", auto_offset_reset="latest") as consumer:
        read(kafka, consumer)
        write(kafka)
        assert consume(consumer) == [b"x"]
        assert causes(kafka) == []


def test_a_group_that_reads_from_earliest(kafka: Kafka) -> None:
    write(kafka)
    with consuming(kafka, "orders", auto_offset_reset="earliest") as consumer:
        assert consume(consumer) == [b"x"]
        assert causes(kafka) == []


def test_a_client_without_a_group_that_reads_from_latest(kafka: Kafka) -> None:
    write(kafka)
    with reading(kafka, client="alone", group=None) as consumer:
        import kafka as kafka_python

        consumer.assign([kafka_python.TopicPartition("orders", 0)])
        consumer.poll(timeout_ms=200)
        until(lambda: kafka.requests.of("Fetch"), lambda: consumer.poll(timeout_ms=20))
        [first] = causes(kafka)
        assert first.startswith("client 'alone' began to read orders-0 ")
        assert " ms after the record was written and reads from latest (offset 1)" in first


def test_a_group_id_that_was_used_before(kafka: Kafka) -> None:
    write(kafka)
    with consuming(kafka, "orders", client="earlier", auto_offset_reset="earliest") as consumer:
        consume(consumer)
        consumer.commit(asynchronous=False)
    assert causes(kafka) == []
    with consuming(kafka, "orders", auto_offset_reset="earliest") as consumer:
        read(kafka, consumer)
        assert causes(kafka) == [
            (
                "group 'app' had committed offset 1 of orders-0 before client 'billing' joined, which is its end: "
                "no record is left for it; take another group id, or reset its offsets"
            )
        ]
        write(kafka)
        assert consume(consumer) == [b"x"]
        assert causes(kafka) == []


def test_an_offset_that_is_not_there(kafka: Kafka) -> None:
    write(kafka)
    with consuming(kafka, auto_offset_reset="latest") as consumer:
        consumer.assign([TopicPartition("orders", 0, 500)])
        until(lambda: kafka.requests.of(error="OFFSET_OUT_OF_RANGE"), lambda: consumer.poll(0.01))
        sentences = causes(kafka)
    assert (
        "a Fetch of client 'billing' (orders) was out of range, and auto.offset.reset decides: "
        "topics[0].partitions[0].fetchOffset is 500, and orders-0 has 0 to 1 (it begins at 0)"
    ) in sentences


# --- transactions


@pytest.fixture
def transactional(kafka: Kafka) -> Producer:
    producer = Producer(
        {"bootstrap.servers": kafka.bootstrap_servers, "client.id": "shop", "transactional.id": "tx", "log_level": 0}
    )
    producer.init_transactions(10)
    producer.begin_transaction()
    producer.produce("orders", b"x")
    assert producer.flush(10) == 0
    return producer


def test_an_open_transaction(kafka: Kafka, transactional: Producer) -> None:
    with consuming(kafka, "orders", auto_offset_reset="earliest") as consumer:
        read(kafka, consumer)
        first = causes(kafka)[0]
        assert first.startswith("the records of orders-0 from offset 0 on are behind an open transaction of 'tx', begun ")
        assert first.endswith(" ms ago, and client 'billing' reads committed records only: it sees them when it is committed")
        transactional.commit_transaction(10)
        assert consume(consumer) == [b"x"]
        assert causes(kafka) == []


def test_a_reader_of_uncommitted_records(kafka: Kafka, transactional: Producer) -> None:
    with consuming(kafka, "orders", auto_offset_reset="earliest", isolation_level="read_uncommitted") as consumer:
        assert consume(consumer) == [b"x"]
        assert causes(kafka) == []
        transactional.abort_transaction(10)
        assert causes(kafka) == []


def test_an_aborted_transaction(kafka: Kafka, transactional: Producer) -> None:
    transactional.abort_transaction(10)
    with consuming(kafka, "orders", auto_offset_reset="earliest") as consumer:
        read(kafka, consumer)
        assert causes(kafka) == [
            (
                "1 record of orders-0 (from offset 0 on) is of an aborted transaction, and client "
                "'billing' reads committed records only"
            )
        ]


# --- another topic


def test_a_subscription_to_a_topic_that_does_not_exist(kafka: Kafka) -> None:
    write(kafka)
    with reading(kafka, "ordres") as consumer:
        until(lambda: kafka.requests.of("SyncGroup"), lambda: consumer.poll(timeout_ms=20))
        sentences = causes(kafka)
    assert "group 'app' is subscribed to 'ordres', which does not exist (did you mean 'orders'?)" in sentences


def test_records_that_went_to_another_topic(kafka: Kafka) -> None:
    write(kafka, "payments")
    with consuming(kafka, "orders", auto_offset_reset="earliest") as consumer:
        read(kafka, consumer)
        assert causes(kafka) == [
            (
                "group 'app' is subscribed to 'orders', which is empty: "
                "the records went to 'payments' (1 record), which nobody reads"
            )
        ]
        write(kafka, "orders")
        assert consume(consumer) == [b"x"]
        assert causes(kafka) == []


# --- on the way into the group


def test_members_that_have_no_assignor_in_common(kafka: Kafka) -> None:
    with consuming(kafka, "orders", partition_assignment_strategy="range") as consumer:
        read(kafka, consumer)
        with consuming(kafka, "orders", client="other", partition_assignment_strategy="roundrobin") as other:
            until(lambda: kafka.requests.of(error="INCONSISTENT_GROUP_PROTOCOL"), lambda: other.poll(0.01))
            first = causes(kafka)[0]
    assert first.startswith(
        "client 'other' cannot join group 'app': INCONSISTENT_GROUP_PROTOCOL: protocols [roundrobin] of type"
    )


def test_a_group_that_has_no_coordinator(kafka: Kafka) -> None:
    kafka.fail("FindCoordinator", "COORDINATOR_NOT_AVAILABLE", times=None)
    with consuming(kafka, "orders") as consumer:
        until(lambda: kafka.requests.of("FindCoordinator"), lambda: consumer.poll(0.01))
        first = causes(kafka)[0]
        kafka.faults.clear()
    assert first.startswith(
        "client 'billing' looked for the coordinator of group 'app', and never joined: COORDINATOR_NOT_AVAIL"
    )


def test_a_consumer_that_is_not_polled(kafka: Kafka) -> None:
    with reading(kafka, "orders", client="idle") as consumer:
        consumer.partitions_for_topic("orders")
        assert causes(kafka) == [
            "client 'idle' has asked for metadata only, and no client has read: a consumer reads when it is polled"
        ]
        until(lambda: kafka.requests.of("Fetch"), lambda: consumer.poll(timeout_ms=20))
        assert causes(kafka) == []


def test_a_member_that_waits_for_one_that_does_not_join_again() -> None:
    with Kafka(topics={"orders": 1}, clock="manual") as kafka, reading(kafka, "orders", client="asleep") as asleep:

        def poll() -> None:
            kafka.clock.advance(1)
            asleep.poll(timeout_ms=500)

        until(asleep.assignment, poll)
        with consuming(kafka, "orders") as consumer:
            until(lambda: kafka.requests.under_way().of("JoinGroup", client_id="billing"), lambda: consumer.poll(0.01))
            until(lambda: any("has waited" in each for each in causes(kafka)), lambda: consumer.poll(0.05))
            first = causes(kafka)[0]
            asleep.close()
    assert first.startswith("client 'billing' has waited ")
    assert "ms to join group 'app', which is PreparingRebalance: asleep" in first
    assert first.endswith("has not joined again, and its session ends only by clock.advance(), as the clock is manual")


def test_a_member_that_was_assigned_and_is_paused(kafka: Kafka) -> None:
    def pause(consumer: Consumer, partitions: list[TopicPartition]) -> None:
        consumer.assign(partitions)
        consumer.pause(partitions)

    with consuming(kafka) as consumer:
        consumer.subscribe(["orders"], on_assign=pause)
        until(lambda: kafka.requests.of("SyncGroup"), lambda: consumer.poll(0.01))
        until(lambda: said(kafka, "has not read from it"), lambda: consumer.poll(0.05))
        assert causes(kafka)[0] == (
            "client 'billing' of group 'app' was assigned orders-0 and has not read from it: does it poll, or is it paused?"
        )


def test_members_that_are_polled_in_turns() -> None:
    with (
        Kafka(topics={"orders": 2}, auto_create=False) as kafka,
        reading(kafka, "orders", client="one", retry_backoff_ms=5) as one,
        reading(kafka, "orders", client="two", retry_backoff_ms=5) as two,
    ):
        until(lambda: said(kafka, "times in"), lambda: [each.poll(timeout_ms=0) for each in (one, two)])
        sentence = next(each for each in causes(kafka) if "times in" in each)
        assert sentence.startswith("2 members of group 'app' joined ")
        assert "poll each in a thread of its own" in sentence


def test_members_that_come_one_after_the_other(kafka: Kafka) -> None:
    with (
        consuming(kafka, "orders", client="one") as one,
        consuming(kafka, "orders", client="two") as two,
        consuming(kafka, "orders", client="three") as three,
    ):
        everybody = [one, two, three]
        until(
            lambda: kafka.groups.get("app") and len(kafka.groups["app"].members) == 3 and kafka.groups["app"].state == "Stable",
            lambda: [each.poll(0.01) for each in everybody],
        )
        assert not said(kafka, "times in")


def test_a_member_whose_session_ended() -> None:
    with Kafka(topics={"orders": 1}, clock="manual") as kafka:
        kafka.fail("JoinGroup", hold(), on_call=3, must_fire=False)
        with consuming(kafka, "orders") as consumer:

            def poll() -> None:
                kafka.clock.advance(1)
                consumer.poll(0.01)

            until(lambda: kafka.requests.of("Fetch"), poll)
            kafka.clock.advance(60_000)
            until(lambda: kafka.requests.of("Heartbeat").errors(), lambda: consumer.poll(0.05))
            sentences = causes(kafka)
            kafka.faults.clear()
            until(lambda: not said(kafka, "is no member of group"), poll)
    dropped = next(each for each in sentences if "is no member of group" in each)
    assert dropped.startswith(
        "client 'billing' is no member of group 'app' any more, as its Heartbeat shows: UNKNOWN_MEMBER_ID"
    )
    assert "on heartbeat expiration" in dropped


def test_a_member_that_was_not_polled_in_time() -> None:
    short: dict[str, Any] = {"session.timeout.ms": 2000, "max.poll.interval.ms": 2000, "heartbeat.interval.ms": 200}
    with Kafka(topics={"orders": 1}, configs={"group.min.session.timeout.ms": 100}) as kafka:
        with consuming(kafka, "orders", **short) as consumer:
            read(kafka, consumer)
            kafka.requests.wait_for("LeaveGroup", timeout_s=10)
            assert said(kafka, "as one does that is not polled within max.poll.interval.ms (2,000)")
        kafka.requests.clear()
        with consuming(kafka, "orders", client="lively", **short) as consumer:
            read(kafka, consumer, client="lively")
        assert not said(kafka, "max.poll.interval.ms")
