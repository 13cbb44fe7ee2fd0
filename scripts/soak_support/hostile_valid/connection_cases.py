"""What clients hold: answers that they do not read, frames that they do not finish, requests all at once."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable

from scripts.soak_support.hostile_valid.answer_cases import describe_configs
from scripts.soak_support.hostile_valid.batches import batch, produce, record
from scripts.soak_support.hostile_valid.fetch_cases import fetch
from scripts.soak_support.hostile_valid.frames import frame, uvarint
from scripts.soak_support.hostile_valid.probes import API_VERSIONS_FRAME
from scripts.soak_support.hostile_valid.runner import Case
from scripts.soak_support.hostile_valid.topic_cases import metadata
from scripts.soak_support.hostile_valid.world import World

_LARGE_FRAME = 100_000_000
# An idle time that a test can wait for.
_SOON_IDLE = {"connections.max.idle.ms": "3000"}


def _fill(world: World, topic: str, megabytes: int) -> None:
    one = produce(topic, [batch(record(0, key=b"k", value=os.urandom(1_000_000)), 1)])
    connection = world.connect()
    for _ in range(megabytes):
        world.send_all([(connection, one, 1)], record=False)
    connection.close()


def _deaf(clients: int, *, leave: bool = False) -> Callable[[World], None]:
    """Each asks for 50 MB of recent data and does not read."""

    def run(world: World) -> None:
        world.create_topic("data", configs={"max.message.bytes": "2000000"})
        _fill(world, "data", world.some(55))
        connections = [world.connect() for _ in range(world.some(clients, at_least=4))]
        data = fetch([(b"data", [0])])
        with world.measured(settle_s=3):
            for connection in connections:
                world.push(connection, data)
            world.sleep(3)
            if leave:
                for connection in connections:
                    connection.close()

    return run


def _deaf_to(request: Callable[[World], bytes], clients: int, times: int) -> Callable[[World], None]:
    """Each sends a request with a large answer so often and does not read."""

    def run(world: World) -> None:
        data = request(world) * times
        connections = [world.connect() for _ in range(clients)]
        with world.measured(settle_s=2):
            for connection in connections:
                world.push(connection, data, within_s=0.5)
            world.sleep(5)

    return run


def _configs_request(world: World) -> bytes:
    return describe_configs(4, str(world.existing.node_id).encode(), 100)


def _metadata_request(world: World) -> bytes:
    world.create_topics([f"many-{number}" for number in range(2000)])
    return metadata(None)


def _half_sent(clients: int, sent_bytes: int, *, leave: bool = False, wait_s: float = 2) -> Callable[[World], None]:
    def run(world: World) -> None:
        connections = [world.connect() for _ in range(world.some(clients, at_least=4))]
        data = struct.pack(">i", _LARGE_FRAME) + bytes(world.some(sent_bytes))
        with world.measured(settle_s=3 if leave else 0.5):
            total = sum(world.push(connection, data, within_s=0.5) for connection in connections)
            world.notes.append(f"{total / 1e6:.0f} MB went out")
            world.sleep(wait_s)
            if leave:
                for connection in connections:
                    connection.close()

    return run


def _trickle(world: World) -> None:
    """200 connections that send a large frame 1,000 bytes at a time, in turns."""
    connections = [world.connect() for _ in range(world.some(200, at_least=10))]
    part = bytes(1000)
    with world.measured():
        for connection in connections:
            world.push(connection, struct.pack(">i", _LARGE_FRAME))
        for _ in range(100):
            for connection in connections:
                world.push(connection, part, within_s=0.1)


def _large_frames(clients: int, megabytes: int) -> Callable[[World], None]:
    """Whole frames of that size at once, of an API that takes them: Heartbeat with an unknown tag."""

    def run(world: World) -> None:
        size = world.some(megabytes * 1_000_000)
        body = b"\2g" + struct.pack(">i", 1) + b"\2m\0"
        tags = b"\1\x88\x07" + uvarint(size) + bytes(size)
        data = frame(12, 4, body + tags)
        connections = [world.connect() for _ in range(clients)]
        with world.measured():
            world.send_all([(connection, data, 1) for connection in connections], api=(12, 4))

    return run


def _pipelined(request: bytes, api: tuple[int, int], count: int) -> Callable[[World], None]:
    def run(world: World) -> None:
        number = world.some(count)
        connection = world.connect()
        with world.measured():
            world.send_all([(connection, request * number, number)], api=api)

    return run


def _crowd(request: bytes, api: tuple[int, int], clients: int, rounds: int) -> Callable[[World], None]:
    """All send one request, and the next when all have an answer."""

    def run(world: World) -> None:
        connections = [world.connect() for _ in range(world.some(clients, at_least=10))]
        with world.measured():
            for _ in range(rounds):
                world.send_all([(connection, request, 1) for connection in connections], api=api)

    return run


def _crowd_pipelined(clients: int, each: int) -> Callable[[World], None]:
    def run(world: World) -> None:
        connections = [world.connect() for _ in range(world.some(clients, at_least=10))]
        with world.measured():
            world.send_all([(one, API_VERSIONS_FRAME * each, each) for one in connections], api=(18, 3))

    return run


def _storm(world: World) -> None:
    """Connections that come and go without a word."""
    with world.measured():
        for _ in range(world.some(3000)):
            world.connect().close()


def _leave_behind(world: World) -> None:
    """500 clients ask for work with a large answer, pipelined, and are gone before the first answer."""
    world.create_topics([f"many-{number}" for number in range(1000)])
    connections = [world.connect() for _ in range(world.some(500, at_least=10))]
    data = metadata(None) * 20
    with world.measured(settle_s=3):
        for connection in connections:
            world.push(connection, data, within_s=0.2)
            connection.close()


_METADATA_ONE = metadata([b"t"])
_HEARTBEAT = frame(12, 4, b"\2g" + struct.pack(">i", 1) + b"\2m\0\0")
_LIST_OFFSETS = frame(2, 9, struct.pack(">ib", -1, 0) + b"\2\2t\2" + struct.pack(">iiq", 0, -1, -1) + b"\0\0\0")
_SMALL_FETCH = fetch([(b"t", [0])])


def cases() -> list[Case]:
    """All of connections."""
    return [
        Case("deaf-40", "C7: 40 clients fetch 50 MB of recent data and do not read", _deaf(40), short=0.5),
        Case("deaf-40-leave", "the same, then all leave", _deaf(40, leave=True)),
        Case("deaf-40-idle", "the same with connections.max.idle.ms=3000", _deaf(40), configs=_SOON_IDLE),
        Case(
            "deaf-configs-20",
            "20 clients ask 20 times for 100 descriptions of the broker, deaf",
            _deaf_to(_configs_request, 20, 20),
        ),
        Case("deaf-metadata-50", "50 clients ask 50 times for 2,000 topics, deaf", _deaf_to(_metadata_request, 50, 50)),
        Case("half-20-of-100MB", "20 connections send 99 MB of a frame of 100 MB", _half_sent(20, 99_000_000), short=0.5),
        Case("half-20-of-100MB-leave", "the same, then all leave", _half_sent(20, 99_000_000, leave=True)),
        Case("half-1000-of-100kB", "1,000 connections send 100 kB of a frame of 100 MB", _half_sent(1000, 100_000), short=0.3),
        Case(
            "half-1000-of-1MB-leave",
            "1,000 connections send 1 MB of a frame of 100 MB and leave",
            _half_sent(1000, 1_000_000, leave=True),
        ),
        Case("half-1000-nothing", "1,000 connections announce 100 MB and send nothing", _half_sent(1000, 1)),
        Case("trickle-200", "200 connections send a large frame 1,000 bytes at a time", _trickle),
        Case("large-20-of-50MB", "20 whole frames of 50 MB at once", _large_frames(20, 50)),
        Case("pipeline-10000-versions", "10,000 ApiVersions at once", _pipelined(API_VERSIONS_FRAME, (18, 3), 10_000)),
        Case("pipeline-10000-metadata", "10,000 Metadata at once", _pipelined(_METADATA_ONE, (3, 12), 10_000)),
        Case("pipeline-10000-heartbeat", "10,000 Heartbeat at once", _pipelined(_HEARTBEAT, (12, 4), 10_000)),
        Case("pipeline-10000-list-offsets", "10,000 ListOffsets at once", _pipelined(_LIST_OFFSETS, (2, 9), 10_000)),
        Case("pipeline-10000-fetch", "10,000 Fetch at once", _pipelined(_SMALL_FETCH, (1, 12), 10_000)),
        Case(
            "crowd-500-versions",
            "500 connections, ApiVersions 20 times in turn",
            _crowd(API_VERSIONS_FRAME, (18, 3), 500, 20),
        ),
        Case("crowd-500-fetch", "500 connections, Fetch 20 times in turn", _crowd(_SMALL_FETCH, (1, 12), 500, 20)),
        Case("crowd-500-pipelined", "500 connections, 100 ApiVersions at once on each", _crowd_pipelined(500, 100)),
        Case("connection-storm", "3,000 connections that come and go", _storm),
        Case("leave-behind-500", "500 clients ask 20 times for 1,000 topics and are gone", _leave_behind),
    ]
