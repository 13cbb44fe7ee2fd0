"""Produce requests that cost more than they look: what is stored and refused is the same, and others have their turn."""

from __future__ import annotations

import struct

import pytest

from kafka_compat import pacing
from kafka_compat.api.dispatch import Dispatcher, Pending
from kafka_compat.api.session import Session
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.topic import TopicConfig
from kafka_compat.log import allowance, inspection
from kafka_compat.log.validation import ValidBatch
from kafka_compat.protocol.envelope import encode_request
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.produce import (
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)
from kafka_compat.records.batch import ATTRIBUTES, BATCH_LENGTH, HEADER_SIZE, LAST_OFFSET_DELTA, RECORD_COUNT, write_crc
from kafka_compat.records.builder import build_batch
from kafka_compat.records.compression import Codec, compress
from kafka_compat.records.reader import iter_records
from kafka_compat.testing import Cluster
from tests.api.compiled import replaces_parts
from tests.api.worlds import World
from tests.support.wire_client import WireClient

VERSION = 9
NOW_MS = 1_704_067_200_000
E = ErrorCode


def request(batches: dict[int, bytes], *, topic: str = "t", acks: int = -1) -> ProduceRequest:
    data = [PartitionProduceData(index=index, records=batch) for index, batch in batches.items()]
    return ProduceRequest(acks=acks, timeout_ms=1000, topic_data=[TopicProduceData(name=topic, partition_data=data)])


def produce(client: WireClient, batches: dict[int, bytes], *, topic: str = "t") -> dict[int, PartitionProduceResponse]:
    response = client.call(request(batches, topic=topic), VERSION, ProduceResponse)
    return {partition.index: partition for topic_ in response.responses for partition in topic_.partition_responses}


def values(client: WireClient, partition: int) -> list[bytes | None]:
    wanted = FetchPartition(partition=partition, fetch_offset=0, partition_max_bytes=64 << 20)
    asked = FetchRequest(max_bytes=64 << 20, topics=[FetchTopic(topic="t", partitions=[wanted])])
    records = client.call(asked, 12, FetchResponse).responses[0].partitions[0].records
    assert isinstance(records, bytes | memoryview)
    return [record.value for record in iter_records(records)]


def plain(value: bytes = b"v", *, count: int = 1, codec: int = 0, key: bytes | None = b"k") -> bytes:
    return bytes(build_batch([(NOW_MS, key, value, ())] * count, codec=codec))


def bomb(count: int, codec: int, *, has_keys: bool) -> bytes:
    """A small batch of very many records, each of eight bytes or nine; their offset deltas are all 0."""
    record = bytes([16, 0, 0, 0, 2]) + b"k" + bytes([2]) + b"v" + bytes([0]) if has_keys else bytes([12, 0, 0, 0, 1, 0, 0])
    body = compress(codec, record * count)
    batch = build_batch([(NOW_MS, b"k", b"v", ())])[:HEADER_SIZE] + body
    struct.pack_into(">i", batch, BATCH_LENGTH, len(batch) - 12)
    struct.pack_into(">h", batch, ATTRIBUTES, codec)
    struct.pack_into(">i", batch, LAST_OFFSET_DELTA, count - 1)
    struct.pack_into(">i", batch, RECORD_COUNT, count)
    write_crc(batch, 0, len(batch))
    return bytes(batch)


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.SNAPPY, Codec.LZ4, Codec.ZSTD])
@pytest.mark.kafka(configs={"log.cleanup.policy": "compact"}, topics={"t": 1})
def test_a_million_records_without_key_are_refused_and_a_thousand_of_them_named(world: World, codec: int) -> None:
    """Review C3."""
    client = world.client()
    (refused,) = produce(client, {0: bomb(1_000_000, codec, has_keys=False)}).values()
    assert refused.error_code == E.INVALID_RECORD
    assert [error.batch_index for error in refused.record_errors] == list(range(1000))
    assert "due to 1000000 record errors in total" in (refused.error_message or "")
    assert produce(client, {0: plain()})[0].error_code == E.NONE


@replaces_parts
@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.SNAPPY, Codec.LZ4, Codec.ZSTD])
def test_what_a_request_may_decompress_to_is_bounded_over_all_its_partitions(
    codec: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Review C4."""
    monkeypatch.setattr(allowance, "_REQUEST_DECOMPRESSED", 1_000_000)
    monkeypatch.setattr(allowance, "_REQUEST_DECOMPRESSED_FACTOR", 0)
    with Cluster(topics={"t": 4}) as cluster, WireClient(cluster.bootstrap) as client:
        large = plain(bytes(300_000), codec=codec)
        codes = [partition.error_code for partition in produce(client, dict.fromkeys(range(4), large)).values()]
        assert codes == [E.NONE, E.NONE, E.NONE, E.MESSAGE_TOO_LARGE]
        assert produce(client, {3: large})[3].error_code == E.NONE


@replaces_parts
@pytest.mark.parametrize("partitions", [1, 4, 300])
def test_batches_that_are_appended_later_are_kept_beyond_their_frame(partitions: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The buffer that requests arrive in belongs to the next one as soon as the handler has returned."""
    monkeypatch.setattr(allowance, "_RECORDS_AT_ONCE", 3)
    monkeypatch.setattr(allowance.Allowance, "records", 3)
    with Cluster(topics={"t": partitions}) as cluster, WireClient(cluster.bootstrap) as client:
        batches = {index: plain(b"%d" % index, count=5 if index % 2 == 0 else 2) for index in range(partitions)}
        frame = bytearray(encode_request(0, VERSION, 1, "client", request(batches))[4:])

        async def overwrite_at_once() -> None:
            services = cluster.brokers[0].services
            assert services is not None
            answer = Dispatcher(services).dispatch(memoryview(frame), Session("127.0.0.1", 1, "PLAINTEXT", 1))
            assert isinstance(answer, Pending)
            frame[:] = bytes([0xFF]) * len(frame)
            await answer.future

        cluster.run(overwrite_at_once())
        for index in range(partitions):
            assert values(client, index) == [b"%d" % index] * (5 if index % 2 == 0 else 2)


@replaces_parts
def test_a_changed_configuration_counts_for_what_a_thread_has_inspected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "_RECORDS_AT_ONCE", 0)
    monkeypatch.setattr(allowance.Allowance, "records", 0)
    inspect = inspection.inspect
    changed: list[bool] = []

    with Cluster(topics={"t": 1}) as cluster, WireClient(cluster.bootstrap) as client:
        log, loop = cluster.state.logs.get("t", 0), cluster.loop
        assert log is not None

        def inspect_and_change(*args: object, **kwargs: object) -> ValidBatch:
            found = inspect(*args, **kwargs)  # type: ignore[arg-type]
            if not changed:
                changed.append(True)
                config = TopicConfig(BrokerConfig(), {"cleanup.policy": "compact"})
                loop.call_soon_threadsafe(log.set_config, config)
            return found

        monkeypatch.setattr("kafka_compat.api.handlers.produce.inspect", inspect_and_change)
        refused = produce(client, {0: plain(key=None)})[0]
        assert (refused.error_code, changed) == (E.INVALID_RECORD, [True])


@replaces_parts
def test_what_a_thread_found_of_a_partition_that_went_does_not_count_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "_RECORDS_AT_ONCE", 0)
    monkeypatch.setattr(allowance.Allowance, "records", 0)
    inspect = inspection.inspect
    with Cluster(topics={"t": 2, "gone": 1}) as cluster, WireClient(cluster.bootstrap) as client:
        gone = cluster.state.logs.get("gone", 0)
        assert gone is not None
        cluster.loop.call_soon_threadsafe(gone.set_config, TopicConfig(BrokerConfig(), {"cleanup.policy": "compact"}))
        refused = plain(key=None)

        def inspect_and_delete(*args: object, **kwargs: object) -> ValidBatch:
            if args[0] == refused and not cluster.is_loop_thread:
                with WireClient(cluster.bootstrap) as other:
                    other.call(DeleteTopicsRequest(topic_names=["gone"], timeout_ms=10_000), 5, DeleteTopicsResponse)
            return inspect(*args, **kwargs)  # type: ignore[arg-type]

        monkeypatch.setattr("kafka_compat.api.handlers.produce.inspect", inspect_and_delete)
        topics = [
            TopicProduceData(name=name, partition_data=[PartitionProduceData(index=0, records=records)])
            for name, records in (("gone", refused), ("t", plain()))
        ]
        answered = client.call(ProduceRequest(acks=-1, timeout_ms=1000, topic_data=topics), VERSION, ProduceResponse).responses
        codes = {topic.name: topic.partition_responses[0].error_code for topic in answered}
        assert codes == {"gone": E.UNKNOWN_TOPIC_OR_PARTITION, "t": E.NONE}
        assert values(client, 0) == [b"v"]


@replaces_parts
def test_a_request_of_very_many_partitions_is_answered_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)
    monkeypatch.setattr("kafka_compat.api.handlers.produce.SLICE_S", 0.0)
    with Cluster(topics={"t": 2}) as cluster, WireClient(cluster.bootstrap) as client:
        small = plain()
        found = produce(client, dict.fromkeys(range(5000), small))
        assert list(found) == list(range(5000))
        assert [index for index, partition in found.items() if not partition.error_code] == [0, 1]
        assert values(client, 0) == values(client, 1) == [b"v"]


@pytest.mark.kafka(topics={"t": 2, "u": 1})
def test_of_a_partition_named_twice_the_last_counts_and_topics_are_answered_once(world: World) -> None:
    client = world.client()
    topics = [
        TopicProduceData(name="t", partition_data=[PartitionProduceData(index=0, records=plain(b"first"))]),
        TopicProduceData(name="u", partition_data=[PartitionProduceData(index=0, records=plain())]),
        TopicProduceData(
            name="t",
            partition_data=[
                PartitionProduceData(index=1, records=plain()),
                PartitionProduceData(index=0, records=plain(b"last")),
            ],
        ),
    ]
    response = client.call(ProduceRequest(acks=1, timeout_ms=1000, topic_data=topics), VERSION, ProduceResponse)
    answered = [(topic.name, [p.index for p in topic.partition_responses]) for topic in response.responses]
    assert answered == [("t", [0, 1]), ("u", [0])]
    assert values(client, 0) == [b"last"]
