"""The tests that every client passes against the broker. A client's directory inherits them and gives a `client` fixture."""

from __future__ import annotations

import itertools

import pytest

from interop_tests.clients import (
    BATCH_OVERHEAD_OF_ONE_RECORD,
    CODECS,
    MAX_MESSAGE_BYTES,
    Acks,
    Client,
    Codec,
    FromTimestamp,
    Header,
    ReadRecord,
    Record,
    RefusedError,
    Start,
)
from interop_tests.compacted import compacted_topic
from tests.support.brokers import Broker

OFFSET_OUT_OF_RANGE = 1
MESSAGE_TOO_LARGE = 10
INVALID_TOPIC = 17
TOPIC_ALREADY_EXISTS = 36
INVALID_PARTITIONS = 37
INVALID_CONFIG = 40
UNKNOWN_TOPIC_OR_PARTITION = 3

# 2023-11-14, in milliseconds: any time that is not now.
THEN = 1_700_000_000_000


def assorted_records(client: Client) -> list[Record]:
    """Every shape of a record: absent, empty, binary and large keys and values, repeated header names, jumping timestamps."""
    headers: tuple[Header, ...] = (("trace", b"abc"), ("empty", b""), ("trace", b"again"), ("naïve", "ünïcode".encode()))
    if "null header values" not in client.cannot:
        headers += (("null", None),)
    shapes = [
        Record(key=b"key", value=b"value"),
        Record(value=b"no key"),
        Record(key=b"tombstone"),
        Record(key=b"" if "null key and value" in client.cannot else None),
        Record(key=b"", value=b""),
        Record(key=bytes(range("NUL in keys" in client.cannot, 256)), value=bytes(range(255, -1, -1)) * 8),
        Record(key=b"with headers", value=b"v", headers=headers),
        Record(key=b"compressible", value=b"abcdefgh" * 8192),
        Record(key=b"last", value="Größe".encode()),
    ]
    if "timestamps" in client.cannot:
        return shapes
    # Out of order on purpose: a batch's max timestamp is not its last record's.
    times = [THEN + delta for delta in (0, 5, 3, 3, 1_000_000, 7, 8, 9, 10)]
    return [
        Record(key=shape.key, value=shape.value, headers=shape.headers, timestamp_ms=time)
        for shape, time in zip(shapes, times, strict=True)
    ]


def as_read(records: list[Record], read: list[ReadRecord], *, first_offset: int = 0) -> list[ReadRecord]:
    """What consuming `records` must give; where the client took its own clock, any timestamp of `read` is right."""
    return [
        ReadRecord(
            offset=offset,
            timestamp_ms=seen.timestamp_ms if record.timestamp_ms is None else record.timestamp_ms,
            key=record.key,
            value=record.value,
            headers=record.headers,
        )
        for offset, record, seen in zip(itertools.count(first_offset), records, read, strict=False)
    ]


def skip_if_cannot(client: Client, feature: str) -> None:
    if feature in client.cannot:
        pytest.skip(f"{feature}: {client.cannot[feature]}")


class ClientContract:
    """Inherited by each client's test class."""

    def test_created_topic_is_listed_with_its_partitions_until_deleted(self, client: Client, topic: str) -> None:
        skip_if_cannot(client, "admin")
        client.create_topic(topic, partitions=3, configs={"retention.ms": "3600000"})
        assert client.topics()[topic] == 3
        client.delete_topic(topic)
        assert topic not in client.topics()

    def test_admin_errors_reach_the_client(self, client: Client, topic: str) -> None:
        skip_if_cannot(client, "admin")
        client.create_topic(topic)
        for code, name, partitions, configs in (
            (TOPIC_ALREADY_EXISTS, topic, 1, {}),
            (INVALID_TOPIC, "no spaces allowed", 1, {}),
            (INVALID_PARTITIONS, topic + "-none", 0, {}),
            (INVALID_CONFIG, topic + "-config", 1, {"retention.ms": "soon"}),
        ):
            with pytest.raises(RefusedError) as refused:
                client.create_topic(name, partitions=partitions, configs=configs)
            assert refused.value.code == code
        with pytest.raises(RefusedError) as refused:
            client.delete_topic(topic + "-unknown")
        assert refused.value.code == UNKNOWN_TOPIC_OR_PARTITION

    def test_producing_creates_the_topic(self, client: Client, topic: str) -> None:
        client.produce(topic, [Record(value=b"first")])
        assert client.topics()[topic] == 1
        assert [record.value for record in client.consume(topic, "earliest", 1)] == [b"first"]

    @pytest.mark.parametrize("codec", CODECS)
    def test_what_was_produced_is_consumed(self, client: Client, topic: str, codec: Codec) -> None:
        skip_if_cannot(client, codec)
        records = assorted_records(client)
        client.produce(topic, records, codec=codec)
        read = client.consume(topic, "earliest", len(records))
        assert read == as_read(records, read)

    @pytest.mark.parametrize("acks", [0, 1, -1])
    def test_acks(self, client: Client, topic: str, acks: Acks) -> None:
        records = [Record(value=b"%d" % number) for number in range(3)]
        # The topic is there before: a record with acks=0 to a topic that is still being made may be lost, and nobody is told.
        client.produce(topic, records[:1])
        offsets = client.produce(topic, records[1:], acks=acks)
        if "offsets of produced records" not in client.cannot and acks != 0:
            assert offsets == [1, 2]
        assert [record.value for record in client.consume(topic, "earliest", 3)] == [b"0", b"1", b"2"]

    @pytest.mark.parametrize("codec", ["none", "lz4"])
    def test_idempotent_producer(self, client: Client, topic: str, codec: Codec) -> None:
        skip_if_cannot(client, codec)
        records = assorted_records(client)
        client.produce(topic, records, codec=codec, idempotent=True)
        client.produce(topic, records, codec=codec, idempotent=True)
        read = client.consume(topic, "earliest", 2 * len(records))
        assert read == as_read(records + records, read)

    def test_partitions_are_logs_of_their_own(self, client: Client, admin: Client, topic: str) -> None:
        admin.create_topic(topic, partitions=3)
        for partition in (2, 0, 2):
            client.produce(topic, [Record(value=b"%d" % partition)], partition=partition)
        assert [client.offsets(topic, partition=partition) for partition in range(3)] == [(0, 1), (0, 0), (0, 2)]
        assert [(read.offset, read.value) for read in client.consume(topic, "earliest", 2, partition=2)] == [
            (0, b"2"),
            (1, b"2"),
        ]

    def test_consuming_from_earliest_offset_and_latest(self, client: Client, topic: str) -> None:
        client.produce(topic, [Record(value=b"%d" % number) for number in range(5)])
        assert [read.value for read in client.consume(topic, "earliest", 5)] == [b"0", b"1", b"2", b"3", b"4"]
        assert [(read.offset, read.value) for read in client.consume(topic, 3, 2)] == [(3, b"3"), (4, b"4")]
        poll = client.long_poll(topic)
        try:
            client.produce(topic, [Record(value=b"new")])
            assert poll.next(10).value == b"new"
        finally:
            poll.close()

    def test_beginning_and_end_offsets(self, client: Client, topic: str) -> None:
        client.produce(topic, [Record(value=b"x")] * 4)
        assert client.offsets(topic) == (0, 4)

    def test_offset_out_of_range(self, client: Client, topic: str) -> None:
        skip_if_cannot(client, "offset out of range")
        client.produce(topic, [Record(value=b"x")])
        with pytest.raises(RefusedError) as refused:
            client.consume(topic, 7, 1)
        assert refused.value.code == OFFSET_OUT_OF_RANGE

    @pytest.mark.parametrize("codec", ["none", "zstd"])
    def test_offsets_for_times(self, client: Client, admin: Client, topic: str, codec: Codec) -> None:
        producer = admin if "timestamps" in client.cannot or codec in client.cannot else client
        times = (100, 200, 150, 300, 300, 250)
        producer.produce(topic, [Record(value=b"%d" % delta, timestamp_ms=THEN + delta) for delta in times[:3]], codec=codec)
        producer.produce(topic, [Record(value=b"%d" % delta, timestamp_ms=THEN + delta) for delta in times[3:]], codec=codec)
        asked = (0, 100, 101, 200, 201, 300, 301)
        assert [client.offset_for_time(topic, THEN + delta) for delta in asked] == [0, 0, 1, 1, 3, 3, None]
        assert [read.offset for read in client.consume(topic, FromTimestamp(THEN + 201), 2)] == [3, 4]

    def test_log_append_time_replaces_the_producers_timestamps(self, client: Client, admin: Client, topic: str) -> None:
        skip_if_cannot(client, "timestamps")
        admin.create_topic(topic, configs={"message.timestamp.type": "LogAppendTime"})
        client.produce(topic, [Record(value=b"x", timestamp_ms=THEN), Record(value=b"y", timestamp_ms=THEN + 1)])
        for read in client.consume(topic, "earliest", 2):
            assert read.timestamp_ms is not None
            assert read.timestamp_ms > THEN + 1_000_000

    def test_record_of_exactly_the_maximum_is_accepted_and_one_byte_more_refused(self, client: Client, topic: str) -> None:
        largest = MAX_MESSAGE_BYTES - BATCH_OVERHEAD_OF_ONE_RECORD
        client.produce(topic, [Record(value=b"m" * largest)])
        with pytest.raises(RefusedError) as refused:
            client.produce(topic, [Record(value=b"m" * (largest + 1))])
        assert refused.value.code == MESSAGE_TOO_LARGE
        client.produce(topic, [Record(value=b"small")])
        assert [read.value for read in client.consume(topic, "earliest", 2)] == [b"m" * largest, b"small"]

    def test_the_maximum_is_of_the_compressed_size(self, client: Client, topic: str) -> None:
        value = b"0123456789abcdef" * (2 * MAX_MESSAGE_BYTES // 16)
        client.produce(topic, [Record(value=value)], codec="gzip")
        assert [read.value for read in client.consume(topic, "earliest", 1)] == [value]

    def test_many_records_come_back_in_order(self, client: Client, topic: str) -> None:
        skip_if_cannot(client, "many records")
        count = 5_000
        client.produce(topic, [Record(key=b"%d" % number, value=b"v" * 500) for number in range(count)])
        read = client.consume(topic, "earliest", count)
        assert [record.offset for record in read] == list(range(count))
        assert [record.key for record in read] == [b"%d" % number for number in range(count)]

    def test_a_compacted_topic_is_read_over_its_gaps(self, client: Client, admin: Client, topic: str) -> None:
        expected = compacted_topic(admin, topic)
        starts: list[Start] = ["earliest", 0, 3, 6]
        if "timestamps" not in client.cannot:
            starts.append(FromTimestamp(expected[0].timestamp_ms or 0))
        for start in starts:
            read = client.consume(topic, start, len(expected))
            assert [(record.offset, record.key, record.value) for record in read] == [
                (record.offset, record.key, record.value) for record in expected
            ]
            if "timestamps" not in client.cannot:
                assert [record.timestamp_ms for record in read] == [record.timestamp_ms for record in expected]
        assert client.offsets(topic) == (0, 12)

    def test_nothing_acknowledged_is_lost_or_changed_by_kill_and_restart(
        self, client: Client, topic: str, broker: Broker
    ) -> None:
        records = assorted_records(client)
        codecs = [codec for codec in CODECS if codec not in client.cannot]
        for codec in codecs:
            client.produce(topic, records, codec=codec)
        expected = client.consume(topic, "earliest", len(records) * len(codecs))
        assert expected == as_read(records * len(codecs), expected)
        broker.kill()
        broker.start()
        assert client.consume(topic, "earliest", len(expected)) == expected
        client.produce(topic, records[:1])
        assert client.offsets(topic) == (0, len(expected) + 1)

    def test_the_broker_stops_while_a_client_waits_and_the_client_goes_on(
        self, client: Client, topic: str, broker: Broker
    ) -> None:
        client.produce(topic, [Record(value=b"before")])
        poll = client.long_poll(topic)
        try:
            broker.stop()
            broker.start()
            client.produce(topic, [Record(value=b"after")])
            read = poll.next(30)
            assert (read.offset, read.value) == (1, b"after")
        finally:
            poll.close()
