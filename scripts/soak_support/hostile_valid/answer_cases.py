"""Small requests whose answers are large, asked for again and again; and fields that nobody knows."""

from __future__ import annotations

import struct
from collections.abc import Callable

from scripts.soak_support.hostile_valid.batches import produce, small_batch
from scripts.soak_support.hostile_valid.frames import frame, many_tags, text, uvarint
from scripts.soak_support.hostile_valid.runner import Case
from scripts.soak_support.hostile_valid.topic_cases import metadata
from scripts.soak_support.hostile_valid.world import World

_DESCRIBE_CONFIGS = (32, 4)
_BROKER, _TOPIC = 4, 2


def describe_configs(kind: int, name: bytes, times: int, *, keys: int = 0) -> bytes:
    """A DescribeConfigs v4 of one resource so often, with synonyms and documentation; of all configs, or of one so often."""
    wanted = uvarint(keys + 1) + text(b"retention.ms") * keys if keys else b"\0"
    one = bytes((kind,)) + text(name) + wanted + b"\0"
    return frame(32, 4, uvarint(times + 1) + one * times + b"\1\1\0")


def _configs(kind: int, times: int, *, keys: int = 0) -> Callable[[World], None]:
    def run(world: World) -> None:
        name = b"t" if kind == _TOPIC else str(world.existing.node_id).encode()
        data = describe_configs(kind, name, world.some(times), keys=world.some(keys) if keys else 0)
        world.notes.append(f"{len(data):,} B of frame")
        with world.measured():
            world.send(data, api=_DESCRIBE_CONFIGS)

    return run


def _producers(times: int) -> Callable[[World], None]:
    """A partition with 1,000 producers, described so often in one request."""

    def run(world: World) -> None:
        producers = 1000
        frames = b"".join(produce("t", [small_batch(producer=(1_000_000 + number, 0, 0))]) for number in range(producers))
        world.send_all([(world.connect(), frames, producers)], record=False)
        number = world.some(times)
        data = frame(61, 0, b"\2\2t" + uvarint(number + 1) + bytes(4) * number + b"\0\0")
        world.notes.append(f"{len(data):,} B of frame")
        with world.measured():
            world.send(data, api=(61, 0))

    return run


def _log_dirs(world: World) -> None:
    world.create_topic("big", world.some(9000))
    with world.measured():
        world.send(*[frame(35, 4, b"\0\0")] * world.some(50), api=(35, 4))


def _list_offsets(world: World) -> None:
    partitions = world.some(9000)
    world.create_topic("big", partitions)
    entries = b"".join(struct.pack(">iiq", number, -1, -1) + b"\0" for number in range(partitions))
    data = frame(2, 9, struct.pack(">ib", -1, 0) + b"\2\4big" + uvarint(partitions + 1) + entries + b"\0\0")
    with world.measured():
        world.send(*[data] * world.some(20), api=(2, 9))


def _list_offsets_by_time(world: World) -> None:
    """Looked up by timestamp: each opens an index and reads a batch."""
    partitions = world.some(2000)
    world.create_topic("big", partitions)
    world.send(produce("big", [small_batch()] * partitions))
    world.answers.clear()
    entries = b"".join(struct.pack(">iiq", number, -1, 1000) + b"\0" for number in range(partitions))
    data = frame(2, 9, struct.pack(">ib", -1, 0) + b"\2\4big" + uvarint(partitions + 1) + entries + b"\0\0")
    with world.measured():
        world.send(*[data] * world.some(20), api=(2, 9))


def _metadata_of_all(times: int, connections: int = 1) -> Callable[[World], None]:
    def run(world: World) -> None:
        world.create_topics([f"many-{number}" for number in range(world.some(5000))])
        clients = [world.connect() for _ in range(connections)]
        each = world.some(times)
        with world.measured():
            world.send_all([(client, metadata(None) * each, each) for client in clients], api=(3, 12))

    return run


def _metadata_of_many_partitions(world: World) -> None:
    world.create_topic("big", world.some(9000))
    count = world.some(1000)
    with world.measured():
        world.send(metadata([b"big"] * count), api=(3, 12))


def _topic_partitions(world: World) -> None:
    names = [b"many-%d" % number for number in range(world.some(5000))]
    world.create_topics([name.decode() for name in names])
    one = uvarint(len(names) + 1) + b"".join(text(name) + b"\0" for name in names)
    data = frame(75, 0, one + struct.pack(">i", 1 << 30) + b"\xff\0")
    with world.measured():
        world.send(*[data] * world.some(50), api=(75, 0))


def _coordinators(world: World) -> None:
    count = world.some(300_000)
    data = frame(10, 6, b"\0" + uvarint(count + 1) + b"\2g" * count + b"\0")
    with world.measured():
        world.send(data, api=(10, 6))


_BODIES = {
    "api-versions": (18, 4, b"\5soak\x021"),
    "metadata": (3, 12, b"\2" + bytes(16) + b"\2t\0" + b"\0\0"),
    "heartbeat": (12, 4, b"\2g" + struct.pack(">i", 1) + b"\2m\0"),
    "list-groups": (16, 5, b"\1\1"),
}


def _tags(api: str, section: Callable[[World], bytes], *, in_header: bool) -> Callable[[World], None]:
    def run(world: World) -> None:
        key, version, body = _BODIES[api]
        tags = section(world)
        data = frame(key, version, body + (b"\0" if in_header else tags), header_tags=tags if in_header else b"\0")
        world.notes.append(f"{len(data) / 1e6:.1f} MB of frame")
        with world.measured():
            world.send(data, api=(key, version))

    return run


def _tagged_entries(world: World) -> None:
    """200,000 entries with ten unknown tags each."""
    count = world.some(200_000)
    entry = bytes(16) + b"\2t" + many_tags(10)
    with world.measured():
        world.send(frame(3, 12, uvarint(count + 1) + entry * count + b"\0\0\0"), api=(3, 12))


def _tag_cases() -> list[Case]:
    made = []
    for api in _BODIES:
        for where, in_header in (("header", True), ("body", False)):
            made += [
                Case(
                    f"tags-many-{api}-{where}",
                    f"a million unknown empty tags in the {where} of {api}",
                    _tags(api, lambda world: many_tags(world.some(1_000_000)), in_header=in_header),
                ),
                Case(
                    f"tags-huge-{api}-{where}",
                    f"an unknown tag of 90 MB in the {where} of {api}",
                    _tags(api, lambda world: many_tags(1, world.some(90_000_000)), in_header=in_header),
                ),
            ]
    return made


def cases() -> list[Case]:
    """All of answers and tags."""
    return [
        Case("configs-broker-x100", "DescribeConfigs of the broker 100 times in one request", _configs(_BROKER, 100)),
        Case(
            "configs-broker-x10000",
            "DescribeConfigs of the broker 10,000 times in one request",
            _configs(_BROKER, 10_000),
            short=0.05,
        ),
        Case("configs-topic-x10000", "DescribeConfigs of a topic 10,000 times in one request", _configs(_TOPIC, 10_000)),
        Case(
            "configs-key-x500000", "DescribeConfigs of one config of a topic 500,000 times", _configs(_TOPIC, 1, keys=500_000)
        ),
        Case("producers-x1000", "DescribeProducers: 1,000 producers, 1,000 times in one request", _producers(1000)),
        Case("producers-x100000", "DescribeProducers: 1,000 producers, 100,000 times in one request", _producers(100_000)),
        Case("log-dirs-9000-x50", "DescribeLogDirs of 9,000 partitions, 50 times in a row", _log_dirs, many_topics=True),
        Case("list-offsets-9000-x20", "ListOffsets of 9,000 partitions, 20 times in a row", _list_offsets, many_topics=True),
        Case("list-offsets-2000-by-time-x20", "ListOffsets by time, 2,000 partitions, 20 times", _list_offsets_by_time),
        Case(
            "metadata-5000-x50",
            "Metadata of 5,000 topics, 50 times in a row",
            _metadata_of_all(50),
            short=0.2,
            many_topics=True,
        ),
        Case(
            "metadata-5000-x5-of-20",
            "Metadata of 5,000 topics, 5 times on 20 connections",
            _metadata_of_all(5, 20),
            many_topics=True,
        ),
        Case(
            "metadata-9000-partitions-x1000",
            "Metadata of a topic of 9,000 partitions, named 1,000 times in one request",
            _metadata_of_many_partitions,
            many_topics=True,
        ),
        Case(
            "topic-partitions-5000-x50",
            "DescribeTopicPartitions of 5,000 topics, 50 times",
            _topic_partitions,
            many_topics=True,
        ),
        Case("coordinators-300000", "FindCoordinator for a group 300,000 times", _coordinators),
        *_tag_cases(),
        Case("tags-200000-entries", "Metadata of 200,000 entries with ten unknown tags each", _tagged_entries),
    ]
