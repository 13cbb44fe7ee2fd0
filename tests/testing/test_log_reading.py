"""Reading logs back: what became of transactions, what retention leaves, and large logs in turns with the brokers' work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.delete_records import (
    DeleteRecordsPartition,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteRecordsTopic,
)
from kafka_compat.records.batch import parse_header
from kafka_compat.records.builder import build_batch
from kafka_compat.records.compression import Codec
from kafka_compat.records.control import build_end_transaction_marker
from kafka_compat.testing import Kafka
from kafka_compat.testing.views import Isolation
from tests.support.wire_client import WireClient
from tests.testing.group_steps import commit, join_alone

NOW_MS = 1_704_067_200_000


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    with Kafka(topics={"t": 1}) as kafka:
        yield kafka


def append(kafka: Kafka, *batches: bytearray) -> None:
    """Append to partition 0 of `t` as the broker itself does, without questions to a coordinator."""

    async def append() -> None:
        (log,) = [log async for log in kafka.inspection.logs("t", 0)]
        for batch in batches:
            done = log.append_records(batch, NOW_MS).done
            if done is not None:
                await done

    kafka.cluster.run(append())


def data(producer: int, value: str, sequence: int = 0, count: int = 1) -> bytearray:
    return build_batch(
        [(NOW_MS, None, value.encode(), ())] * count,
        producer_id=producer,
        producer_epoch=0,
        base_sequence=sequence,
        transactional=True,
    )


def marker(producer: int, *, is_commit: bool) -> bytearray:
    return build_end_transaction_marker(
        is_commit=is_commit, coordinator_epoch=0, producer_id=producer, producer_epoch=0, timestamp_ms=NOW_MS
    )


def seen(kafka: Kafka, isolation: Isolation) -> list[tuple[int, bytes | None, str]]:
    return [(record.offset, record.value, record.transaction) for record in kafka.records("t", isolation=isolation)]


def test_transactions_that_overlap_are_told_apart(kafka: Kafka) -> None:
    append(
        kafka,
        data(1, "1a"),  # 0
        data(2, "2a"),  # 1
        marker(1, is_commit=False),  # 2
        data(1, "1b", 1),  # 3
        marker(2, is_commit=True),  # 4
        marker(1, is_commit=True),  # 5
    )
    kafka.produce("t", "plain")  # 6
    append(kafka, data(2, "2b", 1, 2))  # 7, 8
    kafka.produce("t", "behind")  # 9
    committed = [(1, b"2a", "committed"), (3, b"1b", "committed"), (6, b"plain", "none")]
    assert seen(kafka, "committed") == committed
    everything = [
        (0, b"1a", "aborted"),
        *committed,
        (7, b"2b", "open"),
        (8, b"2b", "open"),
        (9, b"behind", "none"),
    ]
    assert seen(kafka, "uncommitted") == seen(kafka, "all") == everything
    append(kafka, marker(2, is_commit=False))
    assert seen(kafka, "committed") == [*committed, (9, b"behind", "none")]
    assert [state for _, _, state in seen(kafka, "all")][4:] == ["aborted", "aborted", "none"]


def test_producers_and_sequences_are_read(kafka: Kafka) -> None:
    append(kafka, data(5, "x", 2**31 - 2, count=3))
    records = kafka.records("t", isolation="all")
    assert [record.sequence for record in records] == [2**31 - 2, 2**31 - 1, 0]
    assert {(record.producer_id, record.producer_epoch, record.leader_epoch) for record in records} == {(5, 0, 0)}
    (producer,) = kafka.producers()
    assert (producer.topic, producer.partition, producer.producer_id, producer.producer_epoch) == ("t", 0, 5, 0)
    assert (producer.last_sequence, producer.transaction_start_offset) == (0, 0)


def test_what_was_deleted_is_not_there(kafka: Kafka) -> None:
    append(kafka, build_batch([(NOW_MS, None, str(number).encode(), ()) for number in range(5)]))
    kafka.produce("t", "5")
    partition = DeleteRecordsPartition(partition_index=0, offset=3)
    request = DeleteRecordsRequest(topics=[DeleteRecordsTopic(name="t", partitions=[partition])], timeout_ms=5_000)
    with WireClient(kafka.bootstrap_servers) as client:
        assert client.call(request, 2, DeleteRecordsResponse).topics[0].partitions[0].error_code == ErrorCode.NONE
    assert [record.value for record in kafka.records("t")] == [b"3", b"4", b"5"]
    assert kafka.wait_for_records("t", 3) == kafka.records("t")
    assert [parse_header(batch).base_offset for batch in kafka.batches("t")] == [0, 5]


@pytest.mark.parametrize("codec", list(Codec))
def test_every_compression_is_read(kafka: Kafka, codec: Codec) -> None:
    append(kafka, build_batch([(NOW_MS, b"k", b"v" * 1000, (("h", None),))] * 200, codec=codec))
    records = kafka.records("t")
    assert [record.offset for record in records] == list(range(200))
    assert {(record.key, record.value, record.headers) for record in records} == {(b"k", b"v" * 1000, (("h", None),))}


@pytest.mark.parametrize("codec", [Codec.NONE, Codec.ZSTD])
def test_a_large_topic_is_read_in_turns_with_everything_else(kafka: Kafka, codec: Codec) -> None:
    batch = build_batch([(NOW_MS, b"key", b"v" * 50, ())] * 5_000, codec=codec)
    append(kafka, *(bytearray(batch) for _ in range(20)))

    async def read_with_others() -> tuple[int, list[float]]:
        longest: list[float] = []
        reading = asyncio.ensure_future(kafka.inspection.records("t", partition=None, isolation="all"))
        while not reading.done():
            began_s = time.perf_counter()
            await asyncio.sleep(0)
            longest.append(time.perf_counter() - began_s)
        return len(await reading), sorted(longest)

    count, turns = kafka.cluster.run(read_with_others())
    assert count == 100_000
    # Threads that decode hold the interpreter for some milliseconds at a time; nothing may take as long as the whole.
    assert len(turns) > 50
    assert turns[-1] < 0.5 * sum(turns)


def test_internal_topics_can_be_read(kafka: Kafka) -> None:
    with WireClient(kafka.bootstrap_servers) as client:
        member = join_alone(client, "app", [("t", 0)])
        commit(client, "app", member, "t", 0, 0)
    assert [record.key for record in kafka.records("__consumer_offsets")] != []
