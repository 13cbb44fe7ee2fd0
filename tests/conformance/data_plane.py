"""What the tests of Produce, Fetch and ListOffsets share: batches good and bad, requests, and stored batches side by side."""

from __future__ import annotations

import re
import struct
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, TypedDict

from kafka_compat.protocol.message import ZERO_UUID
from kafka_compat.protocol.messages.fetch import (
    FetchPartition,
    FetchRequest,
    FetchResponse,
    FetchTopic,
    ForgottenTopic,
    PartitionData,
)
from kafka_compat.protocol.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)
from kafka_compat.records.batch import HEADER_SIZE, iter_batches, parse_header, write_crc
from kafka_compat.records.builder import PlainRecord, build_batch
from kafka_compat.records.compression import decompress
from kafka_compat.wire.types import Records, join_parts
from tests.conformance.both import Side
from tests.conformance.normalise import Normal, Replacement

T0 = 1_700_000_000_000
"""The time of the records: long ago, so that the brokers' own time is told apart from it."""

RECORDS: tuple[PlainRecord, ...] = (
    (T0, b"k0", b"v0", ()),
    (T0 + 7, None, b"v1" * 40, (("h", b"x"), ("h", None))),
    (T0 + 3, b"k2", None, ()),
)

HEADER = struct.Struct(">qiibIhiqqqhii")
_FIELDS = (
    "base_offset", "batch_length", "leader_epoch", "magic", "crc", "attributes", "last_offset_delta", "base_timestamp",
    "max_timestamp", "producer_id", "producer_epoch", "base_sequence", "record_count",
)  # fmt: skip
_NEAR_MS = 600_000


def with_header(batch: bytes | bytearray, *, keep_crc: bool = False, **fields: int) -> bytes:
    """`batch` with header fields replaced (names of `_FIELDS`) and its CRC made right again."""
    values = dict(zip(_FIELDS, HEADER.unpack_from(batch), strict=True))
    values.update(fields)
    changed = bytearray(HEADER.pack(*(values[name] for name in _FIELDS)) + batch[HEADER_SIZE:])
    if not keep_crc and "crc" not in fields:
        write_crc(changed, 0, len(changed))
    return bytes(changed)


def with_body(batch: bytes | bytearray, body: bytes) -> bytes:
    """`batch` with another record section, its length and CRC right."""
    changed = bytearray(batch[:HEADER_SIZE]) + body
    struct.pack_into(">i", changed, 8, len(changed) - 12)
    write_crc(changed, 0, len(changed))
    return bytes(changed)


def batch(records: Sequence[PlainRecord] = RECORDS, **options: int) -> bytes:
    """A whole batch; `codec` and the producer's fields as in `build_batch`."""
    return bytes(build_batch(list(records), **options))  # type: ignore[arg-type]


def varint(value: int) -> bytes:
    """`value` as a zig-zag varint of up to 64 bits."""
    raw = ((value << 1) ^ (value >> 63)) & 0xFFFF_FFFF_FFFF_FFFF
    out = bytearray()
    while raw > 0x7F:
        out.append(raw & 0x7F | 0x80)
        raw >>= 7
    out.append(raw)
    return bytes(out)


def is_near(value: int) -> bool:
    """Whether `value` can only be this machine's clock."""
    return abs(value - time.time() * 1000) < _NEAR_MS


def time_name(value: object) -> Normal:
    """A broker's own time as `<now>`, any other time as it is."""
    assert isinstance(value, int)
    return "<now>" if is_near(value) else value


def text_name(value: object) -> Normal:
    """A message without the bounds that follow the broker's clock."""
    assert value is None or isinstance(value, str)
    return None if value is None else re.sub(r"\[-?\d+, -?\d+\]", "<bounds>", value)


def records_name(value: object, *, decoded: bool = False) -> Normal:
    """Every whole batch by its fields; leader epoch and the broker's times replaced, a partial batch at the end left out.

    With `decoded` the record section is decompressed, and what depends on the compressor's output is left out.
    """
    if value is None:
        return None
    if isinstance(value, list):
        value = b"".join(bytes(part) for part in value)
    assert isinstance(value, bytes | bytearray | memoryview)
    raw = bytes(value)
    found: list[Normal] = []
    for position, size in iter_batches(raw):
        values: dict[str, Normal] = dict(zip(_FIELDS, HEADER.unpack_from(raw, position), strict=True))
        values["leader_epoch"] = 0
        body = raw[position + HEADER_SIZE : position + size]
        for name in ("base_timestamp", "max_timestamp"):
            values[name] = time_name(values[name])
            if values[name] == "<now>":
                values["crc"] = "<of now>"
        if decoded:
            body = bytes(decompress(parse_header(raw, position).compression, body, 1 << 30))
            values["batch_length"] = values["crc"] = "<of the codec>"
        values["body"] = body
        found.append(values)
    return found


PRODUCED: Mapping[str, Replacement] = {
    "log_append_time_ms": time_name,
    "error_message": text_name,
    "batch_index_error_message": text_name,
}


class Rules(TypedDict):
    """Keyword arguments of `Both.compare`."""

    replace: Mapping[str, Replacement]
    unordered: Collection[str]


# The reference fills its answer from hash maps.
NORMAL: Rules = {"replace": PRODUCED, "unordered": ("responses", "partition_responses")}

Partitions = Mapping[int, bytes | None] | Sequence[tuple[int, bytes | None]]


def produce(
    topics: Mapping[str, Partitions] | Sequence[tuple[str, Partitions]],
    *,
    acks: int = -1,
    transactional_id: str | None = None,
    timeout_ms: int = 10_000,
) -> Callable[[Side], ProduceRequest]:
    """A Produce request with names and ids, for any version. An unknown name gets an id nobody has."""

    def make(side: Side) -> ProduceRequest:
        return ProduceRequest(
            acks=acks,
            timeout_ms=timeout_ms,
            transactional_id=transactional_id,
            topic_data=[
                TopicProduceData(
                    name=name,
                    topic_id=id_of(side, name),
                    partition_data=[
                        PartitionProduceData(index=index, records=records)
                        for index, records in (partitions.items() if isinstance(partitions, Mapping) else partitions)
                    ],
                )
                for name, partitions in (topics.items() if isinstance(topics, Mapping) else topics)
            ],
        )

    return make


def id_of(side: Side, name: str) -> bytes:
    """The topic's id on that side; a made-up one for a name that starts with `no-such`, zero for the empty name."""
    if not name:
        return ZERO_UUID
    known = side.ids.get(name)
    if known is not None:
        return known
    made_up = name.encode()[:16].ljust(16, b"!")
    side.names.kept_ids.add(made_up)
    return made_up


def stored(side: Side, topic: str, partition: int = 0, *, decoded: bool = False) -> Normal:
    """Everything in the partition's log."""
    answer = fetched(side, topic, partition)
    return [answer.high_watermark, records_name(answer.records, decoded=decoded)]


def bytes_of(records: Records | None) -> bytes:
    """The records field of an answer."""
    if records is None:
        return b""
    return join_parts(records if isinstance(records, list | tuple) else [records])


def fetched_bytes(side: Side, topic: str) -> bytes:
    """Everything in partition 0, as it is stored; an answer ends with a segment."""
    found = b""
    offset = 0
    while True:
        answer = fetched(side, topic, 0, offset)
        if offset == answer.high_watermark:
            return found
        part = bytes_of(answer.records)
        offset = max(parse_header(part, position).next_offset for position, _ in iter_batches(part))
        found += part


def fetched(side: Side, topic: str, partition: int, offset: int = 0) -> PartitionData:
    """One answer, from `offset` on."""
    wanted = FetchPartition(partition=partition, fetch_offset=offset, partition_max_bytes=50 << 20)
    request = FetchRequest(max_wait_ms=0, min_bytes=0, topics=[FetchTopic(topic=topic, partitions=[wanted])])
    answer = side.call(request, 12, FetchResponse).responses[0].partitions[0]
    assert answer.error_code == 0, answer
    return answer


def produce_now(side: Side, topic: str, partition: int, *batches: bytes) -> None:
    """Append each batch, which must succeed."""
    for records in batches:
        answer = side.call(produce({topic: {partition: records}})(side), 9, ProduceResponse)
        found = answer.responses[0].partition_responses[0]
        assert found.error_code == 0, found


class Wanted(NamedTuple):
    """One partition of a Fetch request."""

    offset: int = 0
    max_bytes: int = 1 << 20
    leader_epoch: int = -1
    last_fetched_epoch: int = -1
    log_start_offset: int = -1


WantedTopics = Mapping[str, Mapping[int, Wanted]] | Sequence[tuple[str, Mapping[int, Wanted]]]


def fetch(
    topics: WantedTopics,
    *,
    min_bytes: int = 0,
    max_bytes: int = 0x7FFFFFFF,
    max_wait_ms: int = 0,
    isolation_level: int = 0,
    session: tuple[int, int] = (0, -1),
    forgotten: Mapping[str, Sequence[int]] | None = None,
    replica_id: int = -1,
) -> Callable[[Side], FetchRequest]:
    """A Fetch request with names and ids, for any version."""

    def make(side: Side) -> FetchRequest:
        return FetchRequest(
            replica_id=replica_id,
            max_wait_ms=max_wait_ms,
            min_bytes=min_bytes,
            max_bytes=max_bytes,
            isolation_level=isolation_level,
            session_id=session[0],
            session_epoch=session[1],
            topics=[
                FetchTopic(
                    topic=name,
                    topic_id=id_of(side, name),
                    partitions=[
                        FetchPartition(
                            partition=index,
                            fetch_offset=wanted.offset,
                            partition_max_bytes=wanted.max_bytes,
                            current_leader_epoch=wanted.leader_epoch,
                            last_fetched_epoch=wanted.last_fetched_epoch,
                            log_start_offset=wanted.log_start_offset,
                        )
                        for index, wanted in partitions.items()
                    ],
                )
                for name, partitions in (topics.items() if isinstance(topics, Mapping) else topics)
            ],
            forgotten_topics_data=[
                ForgottenTopic(topic=name, topic_id=id_of(side, name), partitions=list(partitions))
                for name, partitions in (forgotten or {}).items()
            ],
        )

    return make


FETCHED: Mapping[str, Replacement] = {
    "records": records_name,
    "session_id": lambda value: "<session>" if value else 0,
}

LISTED: Mapping[str, Replacement] = {"timestamp": time_name}
"""How answers of ListOffsets are made comparable."""


def without_others(answer: Normal) -> Normal:
    """A normalised Fetch answer without the aborted transactions that begin behind the records of their partition.

    The reference's list goes on to the next entry of the offset index, or to the segment's end.
    """
    if isinstance(answer, list):
        return [without_others(item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    found = {name: without_others(value) for name, value in answer.items()}
    aborted, records = found.get("aborted_transactions"), found.get("records")
    if isinstance(aborted, list):
        end = 0
        if isinstance(records, list) and records:
            last = records[-1]
            end = last["base_offset"] + last["last_offset_delta"] + 1  # type: ignore[index,call-overload,operator,assignment]
        found["aborted_transactions"] = [each for each in aborted if each["first_offset"] < end]  # type: ignore[index,call-overload,operator]
    return found
