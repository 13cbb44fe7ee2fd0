"""Produce: bombs, batches whose head and body disagree, refused records by the million, recompression, many small batches."""

from __future__ import annotations

import os
from collections.abc import Callable

from scripts.soak_support.hostile_valid.batches import (
    MIB,
    Codec,
    batch,
    bomb,
    compress,
    headers_batch,
    numbered,
    produce,
    record,
    small_batch,
)
from scripts.soak_support.hostile_valid.runner import Case
from scripts.soak_support.hostile_valid.world import World

_API = (0, 9)
_LONG_AGO_MS = 1_000_000_000_000
# What fits below max.message.bytes when zeros of so many MiB are compressed: snappy does not do better than 21 to 1.
_BOMB_MIB: dict[Codec, int] = {"gzip": 95, "snappy": 19, "snappy-xerial": 19, "lz4": 95, "zstd": 95}


def _keyless(world: World) -> None:
    world.create_topic("c", configs={"cleanup.policy": "compact"})
    count = world.some(3_000_000)
    data = batch(record(0) * count, count, codec="zstd")
    frame = produce("c", [data])
    world.notes.append(f"{len(frame):,} B of frame")
    with world.measured():
        world.send(frame, api=_API)


def _bombs(codec: Codec, partitions: int, *, acks: int = 1, count: int = 1) -> Callable[[World], None]:
    def run(world: World) -> None:
        number = world.some(partitions)
        world.create_topic("b", number)
        one = bomb(codec, _BOMB_MIB[codec])
        if count != 1:
            one = batch(record(_BOMB_MIB[codec] * MIB, key=b"k"), count, codec=codec)
        frame = produce("b", [one] * number, acks=acks)
        world.notes.append(f"{len(frame):,} B of frame, {_BOMB_MIB[codec] * number:,} MiB unpacked")
        with world.measured():
            world.send(frame, api=_API, answers=1 if acks else 0)
            if not acks:
                world.sleep(5)

    return run


def _bombs_from_many(world: World) -> None:
    """A pipeline of small bombs on several connections: no request is large, nor are its batches."""
    world.create_topic("b", 16)
    frame = produce("b", {0: bomb("zstd", 8)})
    frames = [produce("b", {number: bomb("zstd", 8)}) for number in range(16)]
    connections = [world.connect() for _ in frames]
    each = world.some(20)
    world.notes.append(f"{len(frame) * each * 16:,} B in all, {8 * each * 16:,} MiB unpacked")
    with world.measured():
        world.send_all([(one, data * each, each) for one, data in zip(connections, frames, strict=True)], api=_API)


def _many_records(*, valid: bool, codec: Codec, configs: dict[str, str], old: bool = False) -> Callable[[World], None]:
    def run(world: World) -> None:
        world.create_topic("m", configs={"max.message.bytes": "100000000", **configs})
        count = world.some(3_000_000)
        body = numbered(count) if valid else record(0) * count
        frame = produce("m", [batch(body, count, codec=codec, timestamp_ms=_LONG_AGO_MS if old else None)])
        world.notes.append(f"{len(frame):,} B of frame")
        with world.measured():
            world.send(frame, api=_API)

    return run


def _many_headers(configs: dict[str, str], *, old: bool = False) -> Callable[[World], None]:
    """A record with so many empty headers."""

    def run(world: World) -> None:
        world.create_topic("h", configs=configs)
        data = headers_batch(world.some(30_000_000), codec="zstd", timestamp_ms=_LONG_AGO_MS if old else None)
        frame = produce("h", [data])
        world.notes.append(f"{len(frame):,} B of frame")
        with world.measured():
            world.send(frame, api=_API)

    return run


def _wrong_count(count: int, records: int) -> Callable[[World], None]:
    def run(world: World) -> None:
        data = batch(record(0, key=b"k") * records, count, codec="zstd")
        with world.measured():
            world.send(produce("t", [data]), api=_API)

    return run


def _recompression(codec: Codec, mib: int, partitions: int, compression: str, records: int = 0) -> Callable[[World], None]:
    """Plain text of which a compressor has work, in so many records or in one for each MiB."""

    def run(world: World) -> None:
        number = world.some(partitions)
        world.create_topic("r", number, {"compression.type": compression, "max.message.bytes": "104857600"})
        text = os.urandom(MIB // 2).hex().encode()
        size = world.some(mib)
        count = records or size
        body = b"".join(record(0, key=b"k", value=text * (size // count), offset_delta=delta) for delta in range(count))
        packed = compress(codec, body)
        frame = produce("r", [batch(packed, count, codec=codec, compressed=True)] * number)
        world.notes.append(f"{len(frame) / 1e6:.1f} MB of frame")
        with world.measured():
            world.send(frame, api=_API)

    return run


def _recompression_pipelined(world: World) -> None:
    world.create_topic("r", 8, {"compression.type": "gzip"})
    text = os.urandom(450_000).hex().encode()
    frames = [produce("r", {number: batch(record(0, key=b"k", value=text), 1)}) for number in range(8)]
    connections = [world.connect() for _ in frames]
    each = world.some(10)
    with world.measured():
        world.send_all([(one, data * each, each) for one, data in zip(connections, frames, strict=True)], api=_API)


def _small_batches(partitions: int, requests: int, *, acks: int = 1) -> Callable[[World], None]:
    def run(world: World) -> None:
        number = world.some(partitions)
        world.create_topic("s", number)
        frame = produce("s", [small_batch()] * number, acks=acks)
        world.notes.append(f"{len(frame):,} B of frame")
        with world.measured():
            world.send(*[frame] * requests, api=_API)

    return run


def _many_producers(world: World) -> None:
    partitions, rounds = 1000, world.some(50)
    world.create_topic("p", partitions)
    frames = [
        produce("p", [small_batch(producer=(1_000_000 + number * partitions + index, 0, 0)) for index in range(partitions)])
        for number in range(rounds)
    ]
    with world.measured(settle_s=6):  # the snapshots of producers come later
        world.send(*frames, api=_API)


def _many_producers_of_one(world: World) -> None:
    world.create_topic("p")
    count = world.some(50_000)
    frames = b"".join(produce("p", [small_batch(producer=(1_000_000 + number, 0, 0))]) for number in range(count))
    connection = world.connect()
    with world.measured(settle_s=6):
        world.send_all([(connection, frames, count)], api=_API)


def cases() -> list[Case]:
    """All of Produce."""
    made = [
        Case("produce-keyless-compacted", "C3: 2 kB, 3 M records without key to a compacted topic", _keyless, short=0.2),
        Case("produce-100-bombs-zstd", "C4: 100 partitions with a zstd batch of 95 MiB each", _bombs("zstd", 100), short=0.2),
        Case("produce-100-bombs-zstd-acks0", "the same with acks=0", _bombs("zstd", 100, acks=0)),
    ]
    for codec in _BOMB_MIB:
        mib = _BOMB_MIB[codec]
        made.append(
            Case(
                f"produce-bomb-{codec}",
                f"one {codec} batch of {mib} MiB",
                _bombs(codec, 1),
                short=1.0 if codec == "gzip" else None,
            )
        )
        if codec != "zstd":
            made.append(Case(f"produce-50-bombs-{codec}", f"50 partitions with one of {mib} MiB each", _bombs(codec, 50)))
    made += [
        Case(
            "produce-bomb-lying-count",
            "a zstd batch of 95 MiB in one record that says it has a million",
            _bombs("zstd", 1, count=1_000_000),
        ),
        Case("produce-50-bombs-lying-count", "50 partitions of those", _bombs("zstd", 50, count=1_000_000)),
        Case("produce-pipelined-bombs", "16 connections, 20 Produce of a bomb of 8 MiB on each", _bombs_from_many),
        Case("produce-count-too-small", "1 in the header, a million records in a zstd batch", _wrong_count(1, 1_000_000)),
        Case("produce-count-too-large", "2^31-1 in the header, 3 records", _wrong_count((1 << 31) - 1, 3)),
        Case(
            "produce-3M-valid-zstd",
            "3 M records that are right, zstd",
            _many_records(valid=True, codec="zstd", configs={}),
        ),
        Case(
            "produce-3M-valid-plain", "3 M records that are right, plain", _many_records(valid=True, codec="none", configs={})
        ),
        Case(
            "produce-3M-same-offsets",
            "3 M records with the same offset delta, zstd: all to be numbered anew",
            _many_records(valid=False, codec="zstd", configs={}),
        ),
        Case(
            "produce-3M-too-old",
            "3 M records before message.timestamp.before.max.ms",
            _many_records(valid=True, codec="zstd", configs={"message.timestamp.before.max.ms": "1000"}, old=True),
            short=0.1,
        ),
        Case(
            "produce-3M-log-append-time",
            "3 M records to a topic of LogAppendTime, zstd",
            _many_records(valid=True, codec="zstd", configs={"message.timestamp.type": "LogAppendTime"}),
        ),
        Case(
            "produce-3M-recompressed",
            "3 M records, lz4, to a topic of gzip",
            _many_records(valid=True, codec="lz4", configs={"compression.type": "gzip"}),
        ),
        Case(
            "produce-90MiB-to-gzip",
            "a plain batch of 90 MiB to a topic of gzip",
            _recompression("none", 90, 1, "gzip"),
        ),
        Case("produce-90MiB-to-zstd", "a plain batch of 90 MiB to a topic of zstd", _recompression("none", 90, 1, "zstd")),
        Case("produce-90MiB-gzip-to-lz4", "a gzip batch of 90 MiB to a topic of lz4", _recompression("gzip", 90, 1, "lz4")),
        Case(
            "produce-90MiB-one-record-lz4-to-gzip",
            "an lz4 batch of one record of 90 MiB to a topic of gzip",
            _recompression("lz4", 90, 1, "gzip", records=1),
        ),
        Case(
            "produce-30M-headers-to-gzip",
            "kilobytes, a record of 30 M empty headers, to a topic of gzip",
            _many_headers({"compression.type": "gzip"}),
            short=0.02,
        ),
        Case(
            "produce-30M-headers-too-old",
            "the same before message.timestamp.before.max.ms",
            _many_headers({"message.timestamp.before.max.ms": "1000"}, old=True),
            short=0.02,
        ),
        Case("produce-90MiB-plain", "a plain batch of 90 MiB that stays as it is", _recompression("none", 90, 1, "producer")),
        Case(
            "produce-20x4MiB-to-gzip",
            "20 plain batches of 4 MiB in one request to a topic of gzip",
            _recompression("none", 4, 20, "gzip"),
            short=0.3,
        ),
        Case(
            "produce-pipelined-to-gzip",
            "8 connections, 10 plain batches of 900 kB each to a topic of gzip",
            _recompression_pipelined,
        ),
        Case("produce-5000-small", "a small batch to each of 5,000 partitions", _small_batches(5000, 1)),
        Case("produce-5000-small-x20", "the same 20 times in a row", _small_batches(5000, 20)),
        Case(
            "produce-1000-small-x50", "a small batch to each of 1,000 partitions, 50 times in a row", _small_batches(1000, 50)
        ),
        Case("produce-50000-producers", "50,000 producer ids over 1,000 partitions", _many_producers),
        Case("produce-50000-producers-one", "50,000 producer ids in one partition, pipelined", _many_producers_of_one),
    ]
    return made
