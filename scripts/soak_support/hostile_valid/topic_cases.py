"""Topics: creating, by intent and by the way, deleting, growing and configuring very many at once."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable

from kafka_compat.protocol.envelope import decode_response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.metadata import MetadataResponse
from scripts.soak_support.hostile_valid.frames import distinct_name, frame, uvarint, wide_frame
from scripts.soak_support.hostile_valid.runner import Case
from scripts.soak_support.hostile_valid.world import World

_METADATA = (3, 12)
_CREATE = (19, 7)


def metadata(names: list[bytes] | None, *, create: bool = False) -> bytes:
    """A Metadata request for topics by name, or for all."""
    if names is None:
        body = b"\0"
    else:
        body = uvarint(len(names) + 1) + b"".join(bytes(16) + uvarint(len(name) + 1) + name + b"\0" for name in names)
    return frame(3, 12, body + (b"\1" if create else b"\0") + b"\0\0")


def create_topics(
    topics: list[tuple[bytes, int]], *, validate_only: bool = False, assignments: bytes = b"\1", configs: bytes = b"\1"
) -> bytes:
    """A CreateTopics request: (name, number of partitions) each."""
    parts = [uvarint(len(topics) + 1)]
    for name, partitions in topics:
        replicas = 1 if assignments == b"\1" else -1
        parts.append(uvarint(len(name) + 1) + name + struct.pack(">ih", partitions, replicas) + assignments + configs + b"\0")
    parts.append(struct.pack(">i", 60_000) + (b"\1" if validate_only else b"\0") + b"\0")
    return frame(19, 7, b"".join(parts))


def _auto_creation(count: int, *, alike: bool = False) -> Callable[[World], None]:
    def run(world: World) -> None:
        number = world.some(count)
        names = [distinct_name(index) for index in range(number)]
        if alike:  # a dot and an underscore are one character in metrics: the names collide
            names = [b"a.b_" + distinct_name(index // 2) + (b".x" if index % 2 else b"_x") for index in range(number)]
        with world.measured():
            world.send(metadata(names, create=True), api=_METADATA)
            _until_known(world, names[-2] if alike else names[-1])  # the second of a pair is refused

    return run


def _until_known(world: World, name: bytes) -> None:
    """Wait for what Metadata began: it answers before the topics are there."""
    connection = world.connect()
    began = time.monotonic()
    while world.time_left_s > 0:
        answer = world.send_all([(connection, metadata([name]), 1)], api=_METADATA, record=False)[0]
        if not answer.body:
            return
        _, response = decode_response(*_METADATA, answer.body)
        assert isinstance(response, MetadataResponse)
        if response.topics[0].error_code != ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
            world.notes.append(f"there after {time.monotonic() - began:.1f} s")
            return
        world.sleep(0.05)
    world.notes.append("not there in time")


def _auto_creation_by_many(world: World) -> None:
    connections = [world.connect() for _ in range(50)]
    each = world.some(100)
    work = []
    for number, connection in enumerate(connections):
        names = [distinct_name(number * each + index) for index in range(each)]
        work.append((connection, metadata(names, create=True), 1))
    with world.measured():
        world.send_all(work, api=_METADATA)
        _until_known(world, distinct_name(len(connections) * each - 1))


def _create(topics: int, partitions: int, *, validate_only: bool = False) -> Callable[[World], None]:
    def run(world: World) -> None:
        if topics == 1:
            wanted = [(b"many", world.some(partitions))]
        else:
            wanted = [(distinct_name(number), partitions) for number in range(world.some(topics))]
        with world.measured():
            world.send(create_topics(wanted, validate_only=validate_only), api=_CREATE)

    return run


def _create_assigned(world: World) -> None:
    count = world.some(100_000)
    one = b"".join(
        struct.pack(">i", number) + b"\2" + struct.pack(">i", world.existing.node_id) + b"\0" for number in range(count)
    )
    assignments = uvarint(count + 1) + one
    with world.measured():
        world.send(create_topics([(b"assigned", -1)], assignments=assignments), api=_CREATE)


def _create_configured(world: World) -> None:
    count = world.some(200_000)
    one = b"\x0dretention.ms\x05" + b"1000" + b"\0"
    with world.measured():
        world.send(create_topics([(b"configured", 1)], configs=uvarint(count + 1) + one * count), api=_CREATE)


def _create_pipelined(world: World) -> None:
    frames = [create_topics([(distinct_name(number), 1)]) for number in range(world.some(1000))]
    with world.measured():
        world.send(*frames, api=_CREATE)


def _wide(api: tuple[int, int], path: tuple[str, ...], count: int) -> Callable[[World], None]:
    def run(world: World) -> None:
        wide = wide_frame(*api, path, "distinct", entries=world.some(count), existing=world.existing)
        with world.measured():
            world.send(wide.frame, api=api)

    return run


def _delete_existing(world: World) -> None:
    names = [b"d%05d" % number for number in range(world.some(5000))]
    world.create_topics([name.decode() for name in names])
    entries = b"".join(uvarint(len(name) + 1) + name + bytes(16) + b"\0" for name in names)
    request = frame(20, 6, uvarint(len(names) + 1) + entries + struct.pack(">i", 60_000) + b"\0")
    with world.measured(settle_s=3):
        world.send(request, api=(20, 6))


def _delete_many_partitions(world: World) -> None:
    world.create_topic("big", world.some(9000))
    request = frame(20, 6, b"\2" + b"\4big" + bytes(16) + b"\0" + struct.pack(">i", 60_000) + b"\0")
    with world.measured(settle_s=3):
        world.send(request, api=(20, 6))


def _grow(world: World) -> None:
    body = b"\2" + b"\2t" + struct.pack(">i", world.some(9000)) + b"\0\0" + struct.pack(">i", 60_000) + b"\0\0"
    with world.measured():
        world.send(frame(37, 3, body), api=(37, 3))


def _delete_records(world: World) -> None:
    number = world.some(5000)
    world.create_topic("big", number)
    entries = b"".join(struct.pack(">iq", index, -1) + b"\0" for index in range(number))
    body = b"\2\4big" + uvarint(number + 1) + entries + b"\0" + struct.pack(">i", 60_000) + b"\0"
    with world.measured():
        world.send(*[frame(21, 2, body)] * 10, api=(21, 2))


def _configure(world: World) -> None:
    """One resource with very many operations, which come together in one value."""
    count = world.some(100_000)
    one = b"\x0fcleanup.policy" + b"\2" + b"\x08compact" + b"\0"  # append, again and again
    body = b"\2\2\2t" + uvarint(count + 1) + one * count + b"\0" + b"\0\0"
    with world.measured():
        world.send(frame(44, 1, body), api=(44, 1))


def _configure_topics(world: World) -> None:
    names = [b"d%05d" % number for number in range(world.some(2000))]
    world.create_topics([name.decode() for name in names])
    one = b"\2\x0dretention.ms\0" + b"\x06" + b"99999" + b"\0"
    entries = b"".join(b"\2" + uvarint(len(name) + 1) + name + one + b"\0" for name in names)
    with world.measured():
        world.send(frame(44, 1, uvarint(len(names) + 1) + entries + b"\0\0"), api=(44, 1))


def cases() -> list[Case]:
    """All of topics."""
    return [
        Case("metadata-8000-new", "C6: Metadata that creates 8,000 topics", _auto_creation(8000), short=0.25, many_topics=True),
        Case("metadata-8000-new-memory", "the same, in memory", _auto_creation(8000), many_topics=True, memory=True),
        Case("metadata-50000-new", "Metadata that creates 50,000 topics", _auto_creation(50_000), many_topics=True),
        Case("metadata-8000-alike", "8,000 new names, two of each collide", _auto_creation(8000, alike=True), many_topics=True),
        Case("metadata-50-clients-new", "50 connections, 100 new topics each", _auto_creation_by_many, many_topics=True),
        Case("create-9000-partitions", "C14: a topic of 9,000 partitions", _create(1, 9000), short=0.25, many_topics=True),
        Case("create-9000-partitions-memory", "the same, in memory", _create(1, 9000), many_topics=True, memory=True),
        Case("create-50000-partitions", "a topic of 50,000 partitions", _create(1, 50_000), many_topics=True),
        Case("create-10000-topics", "10,000 topics in one request", _create(10_000, 1), many_topics=True),
        Case("create-100000-topics-validated", "100,000 topics, only to be validated", _create(100_000, 1, validate_only=True)),
        Case("create-100000-assignments", "a topic with 100,000 assignments by hand", _create_assigned, many_topics=True),
        Case("create-200000-configs", "a topic with one config 200,000 times", _create_configured),
        Case("create-1000-pipelined", "1,000 CreateTopics of a topic each, pipelined", _create_pipelined, many_topics=True),
        Case(
            "grow-50000-unknown", "CreatePartitions over 50,000 unknown topics", _wide((37, 3), ("topics",), 50_000), short=1.0
        ),
        Case("grow-9000", "CreatePartitions of a topic to 9,000", _grow, many_topics=True),
        Case("delete-50000-unknown", "DeleteTopics of 50,000 unknown topics", _wide((20, 6), ("topics",), 50_000)),
        Case("delete-5000-existing", "DeleteTopics of 5,000 topics", _delete_existing, many_topics=True),
        Case(
            "delete-9000-partitions", "DeleteTopics of a topic of 9,000 partitions", _delete_many_partitions, many_topics=True
        ),
        Case("delete-records-5000-x10", "DeleteRecords of 5,000 partitions, 10 times", _delete_records, many_topics=True),
        Case(
            "delete-records-100000-unknown",
            "DeleteRecords of 100,000 unknown partitions of a topic",
            _wide((21, 2), ("topics", "partitions"), 100_000),
        ),
        Case("configure-100000-appends", "one config of one topic appended to 100,000 times", _configure),
        Case("configure-2000-topics", "a config of 2,000 topics", _configure_topics, many_topics=True),
    ]
