"""A topic that the broker has compacted: missing records, batches without any, and ones with a delete horizon."""

from __future__ import annotations

import time

from interop_tests.clients import CODECS, Client, ReadRecord, Record

# 2023-11-14, in milliseconds.
_THEN = 1_700_000_000_000
_CONFIGS = {"cleanup.policy": "compact", "segment.ms": "1000", "min.cleanable.dirty.ratio": "0.01"}
_DEADLINE_S = 120


def compacted_topic(admin: Client, topic: str) -> list[ReadRecord]:
    """Make `topic`, of one partition, and return when it was cleaned; what is left in it, of twelve records.

    Each batch is of a producer of its own, whose last batch has to stay, and lies in a segment of its own.
    """
    admin.create_topic(topic, configs=_CONFIGS)
    for number in range(6):
        keys = (b"even", b"all")[number % 2 :]
        records = [Record(key=key, value=b"%d" % number, timestamp_ms=_THEN + 5_000 * number) for key in keys]
        admin.produce(topic, records, idempotent=True, codec=CODECS[number % 5])
    admin.produce(topic, [Record(key=b"gone", timestamp_ms=_THEN + 30_000), Record(key=b"end", timestamp_ms=_THEN + 36_000)])
    admin.produce(topic, [Record(key=b"active", timestamp_ms=_THEN + 50_000)])
    deadline = time.monotonic() + _DEADLINE_S
    while admin.consume(topic, "earliest", 1)[0].offset != 6:
        assert time.monotonic() < deadline, f"{topic} was not compacted"
        time.sleep(0.05)
    left = [
        (6, b"even", b"4", 20),
        (8, b"all", b"5", 25),
        (9, b"gone", None, 30),
        (10, b"end", None, 36),
        (11, b"active", None, 50),
    ]
    return [
        ReadRecord(offset=offset, timestamp_ms=_THEN + 1_000 * second, key=key, value=value)
        for offset, key, value, second in left
    ]
