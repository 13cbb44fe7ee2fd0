"""ListOffsets 1-11 against Apache Kafka: every special timestamp, times within and between batches, epochs, odd requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from tests.conformance.both import ANY_ERROR, Both
from tests.conformance.data_plane import LISTED, T0, batch, produce_now, with_header
from tests.conformance.requests import Topics, list_offsets

VERSIONS = range(1, 12)
SPECIAL = (-1, -2, -3, -4, -5, -6, -7, -100, -(1 << 63))
TIMES = (0, 1, T0 - 1, T0, T0 + 1, T0 + 5, T0 + 9, T0 + 10, T0 + 11, T0 + 19, T0 + 20, T0 + 21, T0 + 30, T0 + 99, (1 << 63) - 1)

# The reference answers partitions in the order of hash maps.
UNORDERED = ("topics", "partitions")


def at(*times: int, codec: int = 0) -> bytes:
    return batch([(at_ms, b"k", b"v%d" % index, ()) for index, at_ms in enumerate(times)], codec=codec)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


LOGS: Mapping[str, Callable[[], Sequence[bytes]]] = {
    "empty": lambda: (),
    "ascending": lambda: (at(T0, T0 + 1), at(T0 + 10), at(T0 + 20, T0 + 21, T0 + 22)),
    "ties": lambda: (at(T0 + 20, T0 + 20), at(T0 + 10, T0 + 20), at(T0 + 20)),
    "tie within": lambda: (at(T0, T0 + 9, T0 + 9, T0 + 1),),
    "descending": lambda: (at(T0 + 30), at(T0 + 20, T0 + 10), at(T0)),
    "unordered within": lambda: (at(T0 + 10, T0, T0 + 20, T0 + 5), at(T0 + 1)),
    "gzip": lambda: (at(T0, T0 + 10, T0 + 20, codec=1), at(T0 + 11, T0 + 9, codec=1)),
    "snappy": lambda: (at(T0, T0 + 10, T0 + 20, codec=2),),
    "lz4": lambda: (at(T0, T0 + 10, T0 + 20, codec=3),),
    "zstd": lambda: (at(T0, T0 + 10, T0 + 20, codec=4),),
    "no times": lambda: (at(-1, -1), at(-1)),
    "some times": lambda: (at(-1), at(T0 + 10, -1), at(-1)),
    "zero time": lambda: (at(0), at(0, 1)),
    "corrected max time": lambda: (with_header(at(T0, T0 + 10), max_timestamp=T0 + 99), at(T0 + 11)),
    "many": lambda: [at(T0 + index, T0 + index + 1) for index in range(0, 40, 2)],
}


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize("configs", [{}, {"message.timestamp.type": "LogAppendTime"}], ids=["create", "append"])
def test_times(both: Both, log: str, configs: dict[str, str]) -> None:
    topic = both.create_topic(both.name("times"), configs=configs)
    for side in both.sides:
        for records in LOGS[log]():
            produce_now(side, topic, 0, records)
            began = now_ms()
            while configs and now_ms() == began:  # two batches with the same append time would be a tie
                pass
    for timestamp in SPECIAL:
        both.compare(
            f"{log} {configs} at {timestamp}",
            list_offsets({topic: [(0, timestamp)]}),
            VERSIONS,
            replace=LISTED,
            expect=ANY_ERROR,
        )
        both.compare(
            f"{log} {configs} committed at {timestamp}",
            list_offsets({topic: [(0, timestamp)]}, isolation=1),
            (2, 7, 11),
            replace=LISTED,
            expect=ANY_ERROR,
        )
    for timestamp in TIMES:
        for isolation in (0, 1):
            request = list_offsets({topic: [(0, timestamp)]}, isolation=isolation)
            both.compare(f"{log} {configs} at {timestamp}", request, (2, 5, 11), replace=LISTED)


def test_epochs(both: Both) -> None:
    topic = both.create_topic(both.name("epochs"))
    for side in both.sides:
        produce_now(side, topic, 0, at(T0))
    for epoch in (-2, -1, 0, 1, 50):
        for timestamp in (-1, -2, -3, -5, T0, T0 + 1):
            both.compare(
                f"epoch {epoch} at {timestamp}",
                list_offsets({topic: [(0, timestamp)]}, epoch=epoch),
                VERSIONS,
                replace=LISTED,
                expect=ANY_ERROR,
            )


def test_odd_requests(both: Both) -> None:
    topic = both.create_topic(both.name("odd"), 3)
    other = both.create_topic(both.name("odd-other"))
    for side in both.sides:
        produce_now(side, topic, 1, at(T0))
    cases: Mapping[str, Topics] = {
        "unknown topic": {"no-such-topic": [(0, -1)]},
        "unknown among good": {
            topic: [(0, -1), (3, -1), (-1, -2), (1, T0)],
            "no-such-topic": [(0, -1), (1, -7)],
            other: [(0, -2)],
        },
        "all": {topic: [(0, -1), (1, -2), (2, T0)]},
        "partition twice": {topic: [(1, -1), (1, -2), (0, -1)]},
        "partition twice, same time": {topic: [(1, -1), (1, -1)]},
        "partition three times": {topic: [(1, -1), (1, -1), (1, -2)]},
        "topic twice": [(topic, [(0, -1)]), (topic, [(1, -1)])],
        "topic and partition twice": [(topic, [(1, -1)]), (topic, [(1, -2)])],
        "unknown twice": {"no-such-topic": [(1, -1), (1, -1)]},
        "nothing": {},
        "no partitions": {topic: []},
        "empty name": {"": [(0, -1)]},
        "bad name": {"a/b": [(0, -1)]},
    }
    for label, topics in cases.items():
        both.compare(label, list_offsets(topics), VERSIONS, replace=LISTED, unordered=UNORDERED, expect=ANY_ERROR)
    for replica_id in (-2, -3, 0, 1, 7):
        for timestamp in (-1, -2, T0):
            request = list_offsets({topic: [(1, timestamp)]}, replica_id=replica_id)
            both.compare(f"replica {replica_id} at {timestamp}", request, VERSIONS, replace=LISTED)
    for isolation in (2, -1):
        both.compare(
            f"isolation {isolation}",
            list_offsets({topic: [(1, -1)]}, isolation=isolation),
            range(2, 12),
            replace=LISTED,
            expect={ErrorCode.UNKNOWN_SERVER_ERROR},
        )
    for timeout_ms in (0, -1):
        both.compare(
            f"timeout {timeout_ms}",
            list_offsets({topic: [(1, -1), (0, T0)]}, timeout_ms=timeout_ms),
            (10, 11),
            replace=LISTED,
            unordered=UNORDERED,
        )
