"""Rolling, retention and DeleteRecords against Apache Kafka: which segments there are, what goes, and what is answered then.

Both brokers look for expired segments every 100 ms. A topic's settled state is known by two sentinels: records long expired in
a topic of their own, written one after the other; once the second is gone, a whole pass has run since the first.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.messages.describe_log_dirs import (
    DescribableLogDirTopic,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
)
from kafka_compat.protocol.messages.list_offsets import ListOffsetsResponse
from tests.conformance.both import ANY_ERROR, Both, Brokers, ConfiguredAlike, MakeBoth, Side
from tests.conformance.data_plane import FETCHED, LISTED, T0, Wanted, batch, fetch, produce_now, time_name
from tests.conformance.requests import delete_records, list_offsets
from tests.support.config_requests import TOPIC, alter, describe

INTERVAL_MS = 100
SETTLE_LIMIT_S = 30
QUICK = {
    "log.retention.check.interval.ms": str(INTERVAL_MS),
    "log.initial.task.delay.ms": "0",
    "log.cleaner.backoff.ms": str(INTERVAL_MS),  # the cleaner looks after what is compacted and deleted
}
HOUR_MS = 3_600_000
SIZE = len(batch([(T0, None, bytes(200), ())]))  # of a batch of `one`


@dataclass
class Pair:
    """Two brokers and what is theirs on disk."""

    both: Both
    brokers: Brokers
    sentinel: str

    def create(self, **configs: str | int) -> str:
        named = {key.replace("_", "."): str(value) for key, value in configs.items()}
        return self.both.create_topic(self.both.name("kept"), configs=named)

    def produce(self, topic: str, *batches: bytes) -> None:
        for side in self.both.sides:
            produce_now(side, topic, 0, *batches)

    def retain(self, topic: str, **configs: int) -> None:
        """Set retention of what is there, all at once, and return when it has taken effect."""
        wanted = {key.replace("_", "."): str(value) for key, value in configs.items()}
        for side in self.both.sides:
            assert alter(side.client, TOPIC, topic, wanted) == (0, None)
            deadline = time.monotonic() + SETTLE_LIMIT_S
            while {name: config.value for name, config in describe(side.client, TOPIC, topic, list(wanted)).items()} != wanted:
                assert time.monotonic() < deadline, f"{side.kind} does not take {wanted}"
        self.settle()

    def settle(self) -> None:
        """Return when both brokers have looked through all their logs since the call."""
        for side in self.both.sides:
            for _ in range(2):
                produce_now(side, self.sentinel, 0, one(T0))
                deadline = time.monotonic() + SETTLE_LIMIT_S
                while offset_at(side, self.sentinel, -2) != offset_at(side, self.sentinel, -1):
                    assert time.monotonic() < deadline, f"{side.kind} does not look for expired segments"

    def segments(self, topic: str) -> list[list[tuple[int, int]]]:
        """(base offset, size) of the segments that are not empty, of each side."""
        return [
            sorted(
                (int(path.stem), path.stat().st_size)
                for path in (broker.data_dir / f"{topic}-0").glob("*.log")
                if path.stat().st_size
            )
            for broker in self.brokers
        ]

    def compare(self, label: str, topic: str, *times: int) -> None:
        """Segments, size, offsets for times and what is read at the log's ends."""
        both = self.both
        both.compare_values(f"{label}: segments", ApiKey.PRODUCE, *self.segments(topic))  # type: ignore[arg-type]
        both.compare_values(f"{label}: size", ApiKey.DESCRIBE_LOG_DIRS, *(size_of(side, topic) for side in both.sides))
        for timestamp in (-1, -2, -3, -4, -5, -6, *times):
            for isolation in (0, 1):
                request = list_offsets({topic: [(0, timestamp)]}, isolation=isolation)
                both.compare(f"{label}: offset at {time_name(timestamp)!s}", request, (11,), replace=LISTED)
        start = offset_at(both.sides[0], topic, -2)
        end = offset_at(both.sides[0], topic, -1)
        for offset in sorted({0, start - 1, start, start + 1, end - 1, end, end + 1}):
            both.compare(
                f"{label}: fetch at {offset}", fetch({topic: {0: Wanted(offset)}}), (12,), replace=FETCHED, expect=ANY_ERROR
            )


def one(timestamp_ms: int, *, size: int = 200) -> bytes:
    return batch([(timestamp_ms, None, bytes(size), ())])


def offset_at(side: Side, topic: str, timestamp: int) -> int:
    answer = side.call(list_offsets({topic: [(0, timestamp)]}), 7, ListOffsetsResponse).topics[0].partitions[0]
    assert answer.error_code == 0, answer
    return answer.offset


def size_of(side: Side, topic: str) -> int:
    request = DescribeLogDirsRequest(topics=[DescribableLogDirTopic(topic=topic, partitions=[0])])
    (directory,) = side.call(request, 4, DescribeLogDirsResponse).results
    return directory.topics[0].partitions[0].partition_size


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture(scope="module")
def brokers(configured_alike: ConfiguredAlike) -> Iterator[Brokers]:
    """Brokers that look for expired segments all the time."""
    with configured_alike(QUICK) as brokers:
        yield brokers


@pytest.fixture
def pair(brokers: Brokers, make_both: MakeBoth) -> Iterator[Pair]:
    with make_both(*brokers) as both:
        sentinel = both.create_topic(both.name("sentinel"), configs={"retention.ms": "1000"})
        yield Pair(both, brokers, sentinel)


@pytest.mark.parametrize("retention_bytes", [0, 1, SIZE, 2 * SIZE, 3 * SIZE - 1, 3 * SIZE, 3 * SIZE + 1, 7 * SIZE, 99 * SIZE])
def test_by_size(pair: Pair, retention_bytes: int) -> None:
    """Seven batches, two to a segment."""
    topic = pair.create(retention_ms=-1, internal_segment_bytes=2 * SIZE)
    pair.produce(topic, *(one(T0 + number) for number in range(7)))
    pair.retain(topic, retention_bytes=retention_bytes)
    pair.compare(f"by size {retention_bytes}", topic, T0, T0 + 3, T0 + 6, T0 + 7)
    pair.produce(topic, one(T0 + 9))
    pair.settle()
    pair.compare(f"by size {retention_bytes} and on", topic, T0, T0 + 6, T0 + 9)


def times(*ages: str) -> list[int]:
    """Timestamps in words: old and older are expired, young and future are not."""
    now = now_ms()
    known = {"older": T0, "old": T0 + 5, "young": now, "future": now + HOUR_MS // 12, "none": -1, "zero": 0}
    return [known[age] for age in ages]


ORDERS: Sequence[Sequence[str]] = (
    ("old", "old", "old", "young"),
    ("old", "old", "old"),
    ("old", "young", "old", "old"),
    ("young", "old", "old"),
    ("old", "future", "old", "old"),
    ("old", "old", "future"),
    ("none", "none"),
    ("none", "old", "none", "old"),
    ("old", "old", "none"),
    ("zero", "older", "old", "young", "none"),
)


@pytest.mark.parametrize("per_segment", [1, 2])
@pytest.mark.parametrize("ages", ORDERS, ids=lambda ages: "-".join(ages))
def test_by_time(pair: Pair, ages: Sequence[str], per_segment: int) -> None:
    """By the largest timestamp of a segment, or when it was written where it has none; the active segment goes as well."""
    topic = pair.create(retention_ms=-1, internal_segment_bytes=per_segment * SIZE, segment_ms=1 << 60)
    moments = times(*ages)
    pair.produce(topic, *map(one, moments))
    pair.retain(topic, retention_ms=HOUR_MS)
    pair.compare(f"by time {ages}", topic, 0, T0, T0 + 5, T0 + 6, *moments)


@pytest.mark.parametrize("policy", ["compact", ""])
def test_policies_that_delete_nothing(pair: Pair, policy: str) -> None:
    """But for what DeleteRecords gave up."""
    topic = pair.create(cleanup_policy=policy, retention_ms=1000, retention_bytes=0, internal_segment_bytes=SIZE + 10)
    pair.produce(topic, *(batch([(T0, b"%d" % number, bytes(200), ())]) for number in range(3)))
    pair.settle()
    pair.compare(f"policy {policy!r}", topic, T0)


def test_compacted_and_deleted(pair: Pair) -> None:
    topic = pair.create(cleanup_policy="compact,delete", retention_ms=1000, internal_segment_bytes=SIZE + 10)
    pair.produce(topic, *(batch([(T0, b"%d" % number, bytes(200), ())]) for number in range(3)))
    for side in pair.both.sides:
        deadline = time.monotonic() + SETTLE_LIMIT_S
        while offset_at(side, topic, -2) < 3:
            assert time.monotonic() < deadline, f"{side.kind} keeps what has expired"
    pair.settle()
    pair.compare("compacted and deleted", topic, T0)


def test_time_and_size_count_apart(pair: Pair) -> None:
    """What goes by time counts before the rest is weighed."""
    sizes = (200, 60, 200, 200)
    total = sum(len(one(T0, size=size)) for size in sizes)
    for short in (0, 1, 50, len(one(T0, size=60)), SIZE, SIZE + 1, SIZE + 130):
        topic = pair.create(retention_ms=-1, internal_segment_bytes=SIZE)
        moments = times("old", "young", "old", "young")
        pair.produce(topic, *(one(moment, size=size) for moment, size in zip(moments, sizes, strict=True)))
        pair.retain(topic, retention_ms=HOUR_MS, retention_bytes=total - short)
        pair.compare(f"time and {short} bytes too many", topic, T0, *moments)


@pytest.mark.parametrize("to", [1, 2, 3, 4, 6, 7, -1])
def test_delete_records(pair: Pair, to: int) -> None:
    """Segments below the log start offset go with the next look; times, the largest too, are of what is left."""
    topic = pair.create(retention_ms=-1, internal_segment_bytes=2 * SIZE)
    moments = (T0, T0 + 30, T0 + 40, T0 + 10, T0 + 20, T0 + 5, T0 + 15)
    pair.produce(topic, *map(one, moments))
    pair.both.compare(f"delete to {to}", delete_records((topic, 0, to)), (2,))
    pair.settle()
    pair.compare(f"deleted to {to}", topic, *moments, T0 + 41)
    pair.produce(topic, one(T0 + 50))
    pair.compare(f"deleted to {to} and on", topic, *moments, T0 + 41, T0 + 50)


def test_delete_records_leaves_the_files_to_retention(both: Both) -> None:
    """The size that DescribeLogDirs tells does not change at once."""
    topic = both.create_topic(both.name("deleted"), configs={"internal.segment.bytes": str(2 * SIZE)})
    for side in both.sides:
        produce_now(side, topic, 0, *(one(T0 + number) for number in range(5)))
    for to in (1, 2, 3, -1):
        both.compare(f"to {to}", delete_records((topic, 0, to)), (2,))
        both.compare_values(f"size after {to}", ApiKey.DESCRIBE_LOG_DIRS, *(size_of(side, topic) for side in both.sides))


def test_rolling(pair: Pair) -> None:
    """By segment.bytes, by segment.ms in the records' own time, and when an index is full."""
    day = 24 * HOUR_MS
    cases: dict[str, tuple[dict[str, str | int], list[bytes]]] = {
        "size": ({"internal_segment_bytes": 1000}, [one(T0, size=size) for size in (500, 361, 100, 839, 1, 300, 300, 300)]),
        "time": ({"segment_ms": day}, [one(T0 + at) for at in (0, day - 1, day, day + 1, 2 * day, 2 * day + 2, 9 * day)]),
        "time back": ({"segment_ms": day}, [one(T0 + at) for at in (9 * day, 0, 8 * day, 10 * day, 10 * day + 1)]),
        "no times": ({"segment_ms": day}, [one(at) for at in (-1, T0, T0 + 2 * day, -1, -1)]),
        "index": ({"segment_index_bytes": 24, "index_interval_bytes": 1}, [one(T0 + number) for number in range(12)]),
        "time index": ({"segment_index_bytes": 50, "index_interval_bytes": 1}, [one(T0) for _ in range(20)]),
        "index interval": ({"segment_index_bytes": 24, "index_interval_bytes": 600}, [one(T0 + n) for n in range(40)]),
    }
    for label, (configs, batches) in cases.items():
        topic = pair.create(retention_ms=-1, **configs)
        pair.produce(topic, *batches)
        pair.compare(f"rolled by {label}", topic, T0, T0 + 5, T0 + day)
