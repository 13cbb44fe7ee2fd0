"""Produce 3-13 and InitProducerId against Apache Kafka: every answer, and what rests in the log afterwards byte for byte."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.records.batch import HEADER_SIZE
from kafka_compat.records.compression import compress
from tests.conformance.both import ANY_ERROR, CLOSED, Both, Side
from tests.conformance.data_plane import (
    NORMAL,
    T0,
    batch,
    produce,
    stored,
    varint,
    with_body,
    with_header,
)
from tests.conformance.normalise import Normal
from tests.support.wire_client import ConnectionClosed

VERSIONS = range(3, 14)
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
GOOD = batch()
BODY = GOOD[HEADER_SIZE:]
ONE = batch([(T0, b"k", b"v", ())])
ONE_BODY = ONE[HEADER_SIZE:]
FAR = 4_102_444_800_000  # 2100: recordings have to say the same in every run


def record(content: bytes, length: int | None = None) -> bytes:
    """A record section of one record whose length may be wrong."""
    return varint(len(content) if length is None else length) + content


def message_set(magic: int) -> bytes:
    """One message in the format before Kafka 0.11."""
    content = (
        bytes([magic, 0]) + (struct.pack(">q", T0) if magic else b"") + struct.pack(">i", -1) + struct.pack(">i", 1) + b"v"
    )
    message = struct.pack(">I", zlib.crc32(content)) + content
    return struct.pack(">qi", 0, len(message)) + message


def compressed(codec: int, body: bytes, records: int = 3) -> bytes:
    """A batch whose record section is `body`, compressed."""
    return with_header(
        with_body(GOOD, compress(codec, body)), attributes=codec, record_count=records, last_offset_delta=records - 1
    )


# No null records: the reference throws while it logs the refusal, and never answers.
FRAMES: Mapping[str, bytes | None] = {
    "empty": b"",
    "good": GOOD,
    "one byte": b"\x00",
    "less than overhead": GOOD[:11],
    "overhead only": GOOD[:12],
    "up to magic": GOOD[:17],
    "header only": GOOD[:61],
    "cut header": GOOD[:40],
    "cut body": GOOD[:-1],
    "two batches": GOOD + GOOD,
    "two batches, second bad crc": GOOD + with_header(GOOD, crc=1),
    "three batches": GOOD + ONE + GOOD,
    "trailing bytes": GOOD + b"\x01\x02\x03",
    "trailing zeros": GOOD + bytes(20),
    "trailing short length": GOOD + struct.pack(">qi", 3, 5),
    "trailing partial batch": GOOD + GOOD[:-1],
    "trailing partial header": GOOD + GOOD[:16],
    "trailing bad magic": GOOD + with_header(GOOD, magic=7)[:50],
    "wrong crc": with_header(GOOD, crc=1),
    "magic 0": with_header(GOOD, magic=0),
    "magic 1": with_header(GOOD, magic=1),
    "magic 3": with_header(GOOD, magic=3),
    "magic -1": with_header(GOOD, magic=-1),
    "message set 0": message_set(0),
    "message set 1": message_set(1),
    "batch and message set": GOOD + message_set(1),
    "message set and batch": message_set(1) + GOOD,
    "length 0": with_header(GOOD, batch_length=0),
    "length 13": with_header(GOOD, batch_length=13),
    "length 14": with_header(GOOD, batch_length=14),
    "length 48": with_header(GOOD, batch_length=48),
    "length 49": with_header(GOOD, batch_length=49),
    "length -1": with_header(GOOD, batch_length=-1),
    "length max": with_header(GOOD, batch_length=0x7FFFFFFF),
    "length too small by one": with_header(GOOD, batch_length=len(GOOD) - 13),
}

HEADERS: Mapping[str, bytes] = {
    "base offset 5": with_header(GOOD, base_offset=5),
    "base offset -1": with_header(GOOD, base_offset=-1),
    "leader epoch 77": with_header(GOOD, leader_epoch=77, keep_crc=True),
    "delta 0": with_header(GOOD, last_offset_delta=0),
    "delta 9": with_header(GOOD, last_offset_delta=9),
    "delta -1": with_header(GOOD, last_offset_delta=-1),
    "count 0": with_header(GOOD, record_count=0),
    "count 0, delta -1": with_header(GOOD, record_count=0, last_offset_delta=-1),
    "count -1": with_header(GOOD, record_count=-1),
    "count -1, delta -2": with_header(GOOD, record_count=-1, last_offset_delta=-2),
    "count 2 of 3": with_header(GOOD, record_count=2, last_offset_delta=1),
    "count 4 of 3": with_header(GOOD, record_count=4, last_offset_delta=3),
    "count max": with_header(GOOD, record_count=0x7FFFFFFF, last_offset_delta=0x7FFFFFFE),
    "no records": with_header(with_body(GOOD, b""), record_count=0, last_offset_delta=-1),
    "no records, delta 0": with_header(with_body(GOOD, b""), record_count=0, last_offset_delta=0),
    "unused attribute bit 7": with_header(GOOD, attributes=0x80),
    "unused attribute bits": with_header(GOOD, attributes=0x7F80),
    "sign bit": with_header(GOOD, attributes=-0x8000),
    "log append time": with_header(GOOD, attributes=0x08),
    "log append time without time": with_header(GOOD, attributes=0x08, max_timestamp=-1),
    "unused bits and log append time": with_header(GOOD, attributes=0x188),
    "delete horizon": with_header(GOOD, attributes=0x40),
    "control": with_header(GOOD, attributes=0x20),
    "control with producer": with_header(GOOD, attributes=0x20, producer_id=50_000, producer_epoch=0, base_sequence=0),
    "codec 5": with_header(GOOD, attributes=5),
    "codec 6": with_header(GOOD, attributes=6),
    "codec 7": with_header(GOOD, attributes=7),
    "max timestamp too large": with_header(GOOD, max_timestamp=T0 + 99),
    "max timestamp too small": with_header(GOOD, max_timestamp=T0 - 99),
    "max timestamp -1": with_header(GOOD, max_timestamp=-1),
    "max timestamp and unused bits": with_header(GOOD, max_timestamp=T0 + 99, attributes=0x180),
    "no timestamps": batch([(-1, b"k", b"v", ()), (-1, b"k", b"v", ())]),
    "timestamp -2": batch([(-2, b"k", b"v", ())]),
    "timestamp 0": batch([(0, b"k", b"v", ())]),
    "timestamp min": with_header(ONE, base_timestamp=-(1 << 63), max_timestamp=-(1 << 63)),
    "timestamp max": with_header(ONE, base_timestamp=(1 << 63) - 1, max_timestamp=(1 << 63) - 1),
    "timestamp wraps": with_header(GOOD, base_timestamp=(1 << 63) - 1),
    "timestamp far ahead": batch([(FAR, b"k", b"v", ())]),
    "one timestamp far ahead": batch([(T0, b"k", b"v", ()), (FAR, b"k", b"v", ()), (T0, b"", b"", ())]),
    "negative timestamp among good": batch([(T0, b"k", b"v", ()), (-5, b"k", b"v", ()), (T0, b"", b"", ())]),
    "id without epoch": with_header(GOOD, producer_id=51_000, base_sequence=0),
    "id without sequence": with_header(GOOD, producer_id=51_001, producer_epoch=0),
    "id without anything": with_header(GOOD, producer_id=51_002),
    "sequence without id": with_header(GOOD, base_sequence=5),
    "epoch without id": with_header(GOOD, producer_epoch=5),
    "epoch and sequence without id": with_header(GOOD, producer_epoch=5, base_sequence=9),
    "id -2": with_header(GOOD, producer_id=-2, producer_epoch=0, base_sequence=0),
    "sequence -2": with_header(GOOD, producer_id=51_003, producer_epoch=0, base_sequence=-2),
    "transactional without id": with_header(GOOD, attributes=0x10),
}

BODIES: Mapping[str, bytes] = {
    "garbage": with_body(GOOD, b"\xde\xad\xbe\xef" * 8),
    "zeros": with_body(GOOD, bytes(30)),
    "empty body": with_body(GOOD, b""),
    "trailing byte in body": with_body(GOOD, BODY + b"\x00"),
    "body short by one": with_body(GOOD, BODY[:-1]),
    "record length 0": with_body(ONE, record(b"", 0)),
    "record length -1": with_body(ONE, record(ONE_BODY[1:], -1)),
    "record length too large": with_body(ONE, record(ONE_BODY[1:], 100)),
    "record length too small": with_body(ONE, record(ONE_BODY[1:], len(ONE_BODY) - 2)),
    "record length overlong": with_body(ONE, b"\xff" * 6 + ONE_BODY),
    "record attributes": with_body(ONE, record(b"\x7f" + ONE_BODY[2:])),
    "timestamp delta overlong": with_body(ONE, record(b"\x00" + b"\xff" * 11)),
    "offset delta overlong": with_body(ONE, record(b"\x00\x00" + b"\xff" * 6)),
    "key length overlong": with_body(ONE, record(b"\x00\x00\x00" + b"\xff" * 6)),
    "key length too large": with_body(ONE, record(b"\x00\x00\x00" + varint(100) + b"v")),
    "key length -2": with_body(ONE, record(b"\x00\x00\x00" + varint(-2) + varint(-1) + varint(0))),
    "value length -2": with_body(ONE, record(b"\x00\x00\x00" + varint(-1) + varint(-2) + varint(0))),
    "value length too large": with_body(ONE, record(b"\x00\x00\x00" + varint(-1) + varint(1000) + b"v")),
    "header count -1": with_body(ONE, record(b"\x00\x00\x00" + varint(-1) + varint(-1) + varint(-1))),
    "header count large": with_body(ONE, record(b"\x00\x00\x00" + varint(-1) + varint(-1) + varint(1 << 30))),
    "header missing": with_body(ONE, record(b"\x00\x00\x00" + varint(-1) + varint(-1) + varint(1))),
    "header key null": with_body(ONE, record(b"\x00\x00\x00" + varint(-1) + varint(-1) + varint(1) + varint(-1) + varint(-1))),
    "header key bad utf8": with_body(
        ONE, record(b"\x00\x00\x00" + varint(-1) + varint(-1) + varint(1) + varint(2) + b"\xff\xfe" + varint(-1))
    ),
    "header value -2": with_body(
        ONE, record(b"\x00\x00\x00" + varint(-1) + varint(-1) + varint(1) + varint(1) + b"h" + varint(-2))
    ),
    "first offset delta 1": with_body(ONE, record(b"\x00\x00" + varint(1) + varint(-1) + varint(-1) + varint(0))),
    "offset delta -1": with_body(ONE, record(b"\x00\x00" + varint(-1) + varint(-1) + varint(-1) + varint(0))),
    "equal offset deltas": with_body(with_header(ONE, record_count=2, last_offset_delta=1), ONE_BODY + ONE_BODY),
    "negative key and content": with_body(ONE, record(b"\x00\x00\x00" + varint(-1) + varint(-1) + varint(0) + b"x")),
}

SQUEEZED: Mapping[str, bytes] = {
    **{f"{name} good": batch(codec=codec) for name, codec in CODECS.items() if codec},
    **{
        f"{name} garbage": with_header(with_body(GOOD, b"\xde\xad\xbe\xef" * 8), attributes=c)
        for name, c in CODECS.items()
        if c
    },
    **{f"{name} empty": with_header(with_body(GOOD, b""), attributes=codec) for name, codec in CODECS.items() if codec},
    **{
        f"{name} cut": with_body(batch(codec=codec), batch(codec=codec)[HEADER_SIZE:-3])
        for name, codec in CODECS.items()
        if codec
    },
    **{
        f"{name} trailing": with_body(batch(codec=codec), batch(codec=codec)[HEADER_SIZE:] + b"\x01\x02")
        for name, codec in CODECS.items()
        if codec
    },
    **{
        f"{name} {label}": compressed(codec, body, records)
        for name, codec in CODECS.items()
        if codec
        for label, body, records in (
            ("of garbage", b"\xde\xad\xbe\xef" * 8, 3),
            ("of nothing", b"", 3),
            ("count too small", BODY, 2),
            ("count too large", BODY, 4),
            ("equal deltas", ONE_BODY + ONE_BODY, 2),
            ("record length 0", record(b"", 0), 1),
            ("record length -1", record(ONE_BODY[1:], -1), 1),
            ("record length too large", record(ONE_BODY[1:], 100), 1),
            ("record length too small", record(ONE_BODY[1:], len(ONE_BODY) - 2), 1),
            ("record length overlong", b"\xff" * 6 + ONE_BODY, 1),
            ("header count -1", record(b"\x00\x00\x00" + varint(-1) + varint(-1) + varint(-1)), 1),
            ("header count large", record(b"\x00\x00\x00" + varint(-1) + varint(-1) + varint(1 << 30)), 1),
            ("header key null", record(b"\x00\x00\x00" + varint(-1) + varint(-1) + varint(1) + varint(-1) + varint(-1)), 1),
            ("key length too large", record(b"\x00\x00\x00" + varint(100) + b"v"), 1),
            ("timestamp far ahead", record(b"\x00" + varint(FAR - T0) + b"\x00\x01\x01\x00"), 1),
        )
    },
    "gzip log append time": with_header(batch(codec=1), attributes=0x09),
    "gzip log append time without time": with_header(batch(codec=1), attributes=0x09, max_timestamp=-1),
    "gzip wrong max timestamp": with_header(batch(codec=1), max_timestamp=T0 + 1),
    "gzip two members": with_body(batch(codec=1), compress(1, BODY[:5]) + compress(1, BODY[5:])),
}


def compare_stored(both: Both, topic: str, *, decoded: bool = False, label: str = "") -> None:
    both.compare_values(f"stored {label}", ApiKey.FETCH, *(stored(side, topic, decoded=decoded) for side in both.sides))


def send_all(both: Both, topic: str, cases: Mapping[str, bytes | None], versions: range | tuple[int, ...]) -> None:
    for label, records in cases.items():
        both.compare(label, produce({topic: {0: records}}), versions, **NORMAL, expect=ANY_ERROR)


@pytest.mark.parametrize("cases", [FRAMES, HEADERS, BODIES], ids=["frames", "headers", "bodies"])
def test_batches_in_every_version(both: Both, cases: Mapping[str, bytes | None]) -> None:
    topic = both.create_topic(both.name("produce"))
    send_all(both, topic, cases, VERSIONS)
    compare_stored(both, topic)


def test_compressed_batches(both: Both) -> None:
    topic = both.create_topic(both.name("squeezed"))
    send_all(both, topic, SQUEEZED, (3, 6, 7, 13))
    compare_stored(both, topic)


@pytest.mark.parametrize(
    ("configs", "decoded"),
    [
        ({"message.timestamp.type": "LogAppendTime"}, False),
        ({"cleanup.policy": "compact"}, False),
        ({"cleanup.policy": "compact,delete", "message.timestamp.type": "LogAppendTime"}, False),
        ({"message.timestamp.before.max.ms": "1000"}, False),
        ({"message.timestamp.after.max.ms": str(FAR)}, False),
        ({"max.message.bytes": str(len(GOOD) - 1)}, False),
        ({"max.message.bytes": "100"}, False),
        ({"compression.type": "uncompressed"}, True),
        ({"compression.type": "gzip"}, True),
        ({"compression.type": "snappy"}, True),
        ({"compression.type": "lz4"}, True),
        ({"compression.type": "zstd"}, True),
        ({"compression.type": "gzip", "message.timestamp.type": "LogAppendTime"}, True),
        ({"compression.type": "uncompressed", "cleanup.policy": "compact"}, True),
        ({"compression.type": "zstd", "max.message.bytes": str(len(GOOD))}, True),
    ],
    ids=lambda value: ",".join(f"{k}={v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_topic_configs(both: Both, configs: dict[str, str], decoded: bool) -> None:
    topic = both.create_topic(both.name("configured"), configs=configs)
    for cases in (FRAMES, HEADERS, BODIES, SQUEEZED):
        send_all(both, topic, cases, (13,))
    send_all(both, topic, {"good": GOOD, "zstd good": SQUEEZED["zstd good"]}, (3,))
    compare_stored(both, topic, decoded=decoded, label=str(configs))


def test_idempotence(both: Both) -> None:
    topic = both.create_topic(both.name("idempotent"), 2)

    def numbered(producer_id: int, epoch: int, sequence: int, records: int = 1, transactional: bool = False) -> bytes:
        plain = batch([(T0 + sequence, b"k", b"%d" % i, ()) for i in range(records)])
        return with_header(
            plain,
            producer_id=producer_id,
            producer_epoch=epoch,
            base_sequence=sequence,
            attributes=0x10 if transactional else 0,
        )

    steps: list[tuple[int, int, int, int]] = [
        (1, 0, 0, 1), (1, 0, 1, 2), (1, 0, 3, 1), (1, 0, 4, 1), (1, 0, 5, 3), (1, 0, 8, 1),  # six batches
        (1, 0, 8, 1), (1, 0, 5, 3), (1, 0, 4, 1), (1, 0, 3, 1), (1, 0, 1, 2),  # duplicates within five
        (1, 0, 0, 1), (1, 0, 5, 2), (1, 0, 6, 1), (1, 0, 1, 3), (1, 0, 9, 0x1),  # too old; overlapping; next
        (1, 0, 11, 1), (1, 0, 9, 1), (1, 0, 100, 1), (1, 1, 3, 1), (1, 1, 10, 1),  # gaps, new epoch not from 0
        (1, 1, 0, 2), (1, 1, 0, 2), (1, 0, 10, 1), (1, 0, 9, 1), (1, 1, 2, 1), (1, 3, 0, 1), (1, 2, 0, 1),  # epochs
        (2, 0, 77, 1), (2, 0, 78, 1), (2, 0, 77, 1), (2, 0, 0, 1),  # begins anywhere
        (3, 5, 0, 1), (3, 4, 0, 1), (3, 6, 0, 1), (3, 0x7FFF, 0, 1), (3, 0, 0, 1),
        (4, 0, 0x7FFFFFFE, 1), (4, 0, 0x7FFFFFFF, 1), (4, 0, 0, 1), (4, 0, 0x7FFFFFFF, 1), (4, 0, 2, 1), (4, 0, 1, 1),
        (5, 0, 0x7FFFFFFE, 4), (5, 0, 2, 1), (5, 0, 0x7FFFFFFE, 4), (5, 0, 3, 1),
        (6, -1, 0, 1), (6, -1, 5, 1), (6, -1, 5, 1), (6, 0, 3, 1), (6, 0, 0, 1), (6, -1, 0, 1),
        (7, -2, 0, 1), (7, 0, 0, 1), (0, 0, 0, 1), (0, 0, 0, 1), (0, 0, 2, 1), (0, 0, 1, 1),
    ]  # fmt: skip
    for version in (3, 8, 13):
        for number, (producer_id, epoch, sequence, records) in enumerate(steps):
            payload = numbered(60_000 + 100 * version + producer_id, epoch, sequence, records)
            both.compare(
                f"step {number} of producer {producer_id}",
                produce({topic: {0: payload}}),
                [version],
                **NORMAL,
                expect=ANY_ERROR,
            )
    # A producer's numbers belong to the partition.
    both.compare("other partition", produce({topic: {1: numbered(60_301, 0, 40)}}), [13], **NORMAL)
    compare_stored(both, topic)
    timed = both.create_topic(both.name("idempotent-time"), configs={"message.timestamp.type": "LogAppendTime"})
    for number, sequence in enumerate((0, 1, 0, 1, 3)):
        both.compare(
            f"append time step {number}",
            produce({timed: {0: numbered(70_000, 0, sequence)}}),
            VERSIONS,
            **NORMAL,
            expect=ANY_ERROR,
        )
    compare_stored(both, timed)


def test_topics_and_partitions(both: Both) -> None:
    topic = both.create_topic(both.name("parts"), 3)
    other = both.create_topic(both.name("parts-other"))
    cases: dict[str, Mapping[str, Mapping[int, bytes | None]]] = {
        "unknown topic": {"no-such-topic": {0: GOOD}},
        "unknown among good": {topic: {0: GOOD}, "no-such-topic": {0: GOOD, 1: b""}, other: {0: GOOD}},
        "unknown partition": {topic: {0: GOOD, 3: GOOD, -1: GOOD, 1: GOOD}},
        "bad among good": {
            topic: {0: with_header(GOOD, crc=1), 1: GOOD, 2: with_header(GOOD, record_count=9)},
            other: {0: b""},
        },
        "unknown with bad records": {"no-such-topic": {0: b"x"}, topic: {9: b""}},
        "bad magic among good": {topic: {0: GOOD, 1: FRAMES["magic 3"], 2: FRAMES["length 0"]}},
        "length max among good": {topic: {0: GOOD, 1: FRAMES["length max"]}, "no-such-topic": {0: GOOD}},
        "bad second batch among good": {topic: {0: GOOD, 1: FRAMES["trailing bad magic"]}},
        "bad magic of unknown topic": {topic: {0: GOOD}, "no-such-topic": {0: FRAMES["magic 3"]}},
        "no topics": {},
        "no partitions": {topic: {}},
        "empty name": {"": {0: GOOD}},
        "invalid name": {"no-such topic/": {0: GOOD}},
        "partition order": {topic: {2: GOOD, 0: GOOD, 1: GOOD}},
    }
    for label, topics in cases.items():
        for acks in (-1, 1):
            both.compare(f"{label} acks={acks}", produce(topics, acks=acks), VERSIONS, **NORMAL, expect=ANY_ERROR)
    both.compare("partition twice", produce([(topic, [(0, GOOD), (0, ONE)])]), VERSIONS, **NORMAL)
    both.compare("topic twice", produce([(topic, {0: GOOD}), (topic, {1: ONE})]), VERSIONS, **NORMAL)
    both.compare("topic and partition twice", produce([(topic, {0: GOOD}), (topic, {0: ONE})]), VERSIONS, **NORMAL)
    for acks in (2, -2, 32767, -32768):
        for label in ("unknown among good", "unknown partition", "bad among good", "no topics"):
            both.compare(f"{label} acks={acks}", produce(cases[label], acks=acks), VERSIONS, **NORMAL, expect=ANY_ERROR)
    for timeout_ms in (0, -1):
        both.compare(f"timeout {timeout_ms}", produce({topic: {0: GOOD}}, timeout_ms=timeout_ms), VERSIONS, **NORMAL)
    for partition in range(3):
        both.compare_values(f"stored {partition}", ApiKey.FETCH, *(stored(side, topic, partition) for side in both.sides))


def test_transactional_id_without_transaction(both: Both) -> None:
    topic = both.create_topic(both.name("txn-id"))
    for label, records in {
        "plain": GOOD,
        "idempotent": with_header(GOOD, producer_id=9, producer_epoch=0, base_sequence=0),
    }.items():
        request = produce({topic: {0: records}}, transactional_id="some-id")
        both.compare(f"transactional id, {label}", request, VERSIONS, **NORMAL)
    bits = with_header(GOOD, attributes=0x10)
    for records in (bits, bits + GOOD, GOOD + bits, bits[:-1], with_header(bits, crc=1)):
        both.compare("transactional bit without id", produce({topic: {0: records}}), VERSIONS, **NORMAL, expect=ANY_ERROR)
    mixed = produce({topic: {0: bits}, "no-such-topic": {0: GOOD}})
    both.compare(
        "transactional bit among others", mixed, VERSIONS, **NORMAL, expect={ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED}
    )
    both.compare(
        "transactional bit, acks 7",
        produce({topic: {0: bits}}, acks=7),
        VERSIONS,
        **NORMAL,
        expect={ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED},
    )
    compare_stored(both, topic)


def after_acks_0(side: Side, topics: Mapping[str, Mapping[int, bytes | None]], version: int) -> Normal:
    """The error of an ApiVersions request behind a Produce with acks=0, or that the connection was closed."""
    try:
        side.client.send(produce(topics, acks=0)(side), version)
        return side.call(ApiVersionsRequest(), 2, ApiVersionsResponse).error_code
    except (ConnectionClosed, ConnectionError):
        side.close()
        return CLOSED


def test_acks_0(both: Both) -> None:
    topic = both.create_topic(both.name("acks0"), 2)
    cases: Mapping[str, Mapping[str, Mapping[int, bytes | None]]] = {
        "good": {topic: {0: GOOD, 1: ONE}},
        "bad": {topic: {0: with_header(GOOD, crc=1)}},
        "bad among good": {topic: {0: GOOD, 1: b""}},
        "bad magic": {topic: {0: GOOD, 1: FRAMES["magic 3"]}},
        "unknown topic": {"no-such-topic": {0: GOOD}},
        "unknown partition": {topic: {7: GOOD}},
        "nothing": {},
        "no partitions": {topic: {}},
        "two batches": {topic: {0: GOOD + GOOD}},
        "timestamp": {topic: {0: HEADERS["timestamp far ahead"]}},
        "transactional": {topic: {0: with_header(GOOD, attributes=0x10)}},
    }
    for label, topics in cases.items():
        for version in VERSIONS:
            answers = [after_acks_0(side, topics, version) for side in both.sides]
            both.compare_values(f"acks=0 {label} v{version}", ApiKey.PRODUCE, *answers, expect=ANY_ERROR)
    for partition in (0, 1):
        answers = [stored(side, topic, partition) for side in both.sides]
        both.compare_values(f"acks=0 stored {partition}", ApiKey.FETCH, *answers)


def test_internal_topics(both: Both) -> None:
    for topic in ("__consumer_offsets", "__transaction_state"):
        for side in both.sides:  # made by its own configs, unless an earlier test has used the coordinator
            side.call(MetadataRequest(topics=[MetadataRequestTopic(name=topic)]), 12, MetadataResponse)
            both.wait_for_leaders(side, topic, 50)
        both.compare(
            f"to {topic}",
            produce({topic: {0: GOOD}}),
            VERSIONS,
            **NORMAL,
            expect={ErrorCode.INVALID_TOPIC_EXCEPTION, ErrorCode.UNKNOWN_TOPIC_ID},
        )
        both.compare(
            f"to {topic}, bad",
            produce({topic: {0: b""}}),
            VERSIONS,
            **NORMAL,
            expect={ErrorCode.INVALID_RECORD, ErrorCode.UNKNOWN_TOPIC_ID},
        )
        both.compare(
            f"to {topic}, unknown partition",
            produce({topic: {99: GOOD}}),
            VERSIONS,
            **NORMAL,
            expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.UNKNOWN_TOPIC_ID},
        )


def test_large_records(both: Both) -> None:
    topic = both.create_topic(both.name("large"))
    small_segments = both.create_topic(
        both.name("large-segment"), configs={"segment.bytes": str(1 << 20), "max.message.bytes": str(4 << 20)}
    )
    sizes = (1_048_588 - 68, 1_048_588 - 74, 1_048_588 - 75, 1_048_588 - 76, 1_048_576 - 75, 1_048_576 - 76, 2_000_000)
    for size in sizes:
        payload = batch([(T0, None, b"v" * size, ())])
        both.compare(f"{len(payload)} bytes", produce({topic: {0: payload}}), (3, 13), **NORMAL, expect=ANY_ERROR)
        both.compare(
            f"{len(payload)} bytes, segment", produce({small_segments: {0: payload}}), (3, 13), **NORMAL, expect=ANY_ERROR
        )
    squeezed = batch([(T0, None, b"v" * 3_000_000, ())], codec=1)
    both.compare("large when decompressed", produce({topic: {0: squeezed}}), (3, 13), **NORMAL)
    compare_stored(both, topic)
    compare_stored(both, small_segments)


def _init_idempotent(side: Side) -> int:
    return side.call(InitProducerIdRequest(transactional_id=None), 4, InitProducerIdResponse).error_code


def test_init_producer_id(both: Both) -> None:
    for side in both.sides:  # the reference answers this until its first block of ids has come
        while _init_idempotent(side) == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
            pass
    new_id = {"producer_id": lambda value: value if value == -1 else "<new id>"}
    for label, request in {
        "idempotent": InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=1000),
        "idempotent, no timeout": InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=0),
        "idempotent, negative timeout": InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=-1),
        "empty id": InitProducerIdRequest(transactional_id="", transaction_timeout_ms=1000),
    }.items():
        both.compare(label, request, range(6), replace=new_id, expect=ANY_ERROR)
    for producer_id, epoch in ((5, -1), (-1, 5), (5, 5), (-2, -2), (-1, -2), (-2, -1), (0, 0), (1 << 60, 32767)):
        request = InitProducerIdRequest(transactional_id=None, producer_id=producer_id, producer_epoch=epoch)
        both.compare(f"idempotent with {producer_id} {epoch}", request, range(3, 6), replace=new_id, expect=ANY_ERROR)
