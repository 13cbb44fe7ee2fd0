"""Fetch: sessions without end, long polls that end together."""

from __future__ import annotations

import struct
from collections.abc import Callable

from scripts.soak_support.hostile_valid.batches import produce, small_batch
from scripts.soak_support.hostile_valid.frames import frame, text, uvarint
from scripts.soak_support.hostile_valid.runner import Case
from scripts.soak_support.hostile_valid.world import World

_API = (1, 12)


def fetch(
    topics: list[tuple[bytes, list[int]]],
    *,
    offset: int = 0,
    max_wait_ms: int = 0,
    min_bytes: int = 1,
    session_epoch: int = -1,
    max_bytes: int = 50 << 20,
) -> bytes:
    """A Fetch v12: (topic, partitions) each."""
    head = struct.pack(">iiiibii", -1, max_wait_ms, min_bytes, max_bytes, 0, 0, session_epoch)
    rest = struct.pack(">iqiqi", -1, offset, -1, -1, max_bytes) + b"\0"
    parts = [head, uvarint(len(topics) + 1)]
    for name, partitions in topics:
        entries = b"".join(struct.pack(">i", number) + rest for number in partitions)
        parts += [text(name), uvarint(len(partitions) + 1), entries, b"\0"]
    return frame(1, 12, b"".join([*parts, b"\1\1\0"]))


def _sessions(partitions: int, times: int, *, connections: int = 1) -> Callable[[World], None]:
    def run(world: World) -> None:
        each = world.some(times)
        data = fetch([(b"unknown", list(range(world.some(partitions))))], session_epoch=0)
        clients = [world.connect() for _ in range(connections)]
        with world.measured(settle_s=2):
            world.send_all([(client, data * each, each) for client in clients], api=_API)

    return run


def _sessions_existing(world: World) -> None:
    """Sessions over partitions that are there, by many clients."""
    partitions = world.some(5000)
    world.create_topic("big", partitions)
    data = fetch([(b"big", list(range(partitions)))], session_epoch=0)
    clients = [world.connect() for _ in range(50)]
    with world.measured(settle_s=2):
        world.send_all([(client, data * 4, 4) for client in clients], api=_API)


def _woken_together(clients: int, partitions: int, *, one_request: bool = False) -> Callable[[World], None]:
    """Fetches that wait on all partitions each, or one each; then one request appends to every partition."""

    def run(world: World) -> None:
        count = world.some(clients, at_least=20)
        number = world.some(partitions, at_least=20)
        world.create_topic("w", number)
        connections = [world.connect() for _ in range(count)]
        for index, connection in enumerate(connections):
            wanted = list(range(number)) if one_request else [(index * 7 + step) % number for step in range(10)]
            world.push(connection, fetch([(b"w", wanted)], max_wait_ms=50_000))
        append = produce("w", [small_batch()] * number)
        producer = world.connect()
        with world.measured(settle_s=1):
            world.push(producer, append)
            world.send_all([(one, b"", 1) for one in connections], api=_API)

    return run


def _ending_together(world: World) -> None:
    """Fetches of nothing that run out of time in one moment."""
    count = world.some(5000, at_least=20)
    connections = [world.connect() for _ in range(count)]
    data = fetch([(b"t", [0])], offset=1, max_wait_ms=4000)
    with world.measured(settle_s=1):
        world.send_all([(one, data, 1) for one in connections], api=_API)


def _woken_by_each(world: World) -> None:
    """Five fetches over 1,000 partitions that want more bytes than come, woken by each of 2,000 appends in vain."""
    partitions = world.some(1000)
    world.create_topic("w", partitions)
    for _ in range(5):
        data = fetch([(b"w", list(range(partitions)))], max_wait_ms=60_000, min_bytes=10_000_000)
        world.push(world.connect(), data)
    count = world.some(2000)
    appends = b"".join(produce("w", {number % partitions: small_batch()}) for number in range(count))
    with world.measured():
        world.send_all([(world.connect(), appends, count)], api=(0, 9))


def _unknown_again(world: World) -> None:
    data = fetch([(b"unknown", list(range(world.some(50_000))))])
    with world.measured():
        world.send(*[data] * 5, api=_API)


def _all_partitions(world: World) -> None:
    """5,000 partitions with a record each, read from the start in one request, again and again."""
    partitions = world.some(5000)
    world.create_topic("big", partitions)
    world.send(produce("big", [small_batch()] * partitions))
    world.answers.clear()
    data = fetch([(b"big", list(range(partitions)))])
    with world.measured():
        world.send(*[data] * 20, api=_API)


def cases() -> list[Case]:
    """All of Fetch."""
    return [
        Case("fetch-50000-unknown-x5", "Fetch of 50,000 unknown partitions, 5 times in a row", _unknown_again, short=0.3),
        Case("fetch-sessions-20000-x100", "100 sessions of 20,000 unknown partitions", _sessions(20_000, 100), short=0.2),
        Case("fetch-sessions-50000-x20", "20 sessions of 50,000 unknown partitions", _sessions(50_000, 20)),
        Case(
            "fetch-sessions-100-x2000",
            "2,000 sessions of 100 unknown partitions on 10 connections",
            _sessions(100, 200, connections=10),
        ),
        Case("fetch-sessions-existing", "200 sessions of 5,000 partitions on 50 connections", _sessions_existing),
        Case(
            "fetch-1000-woken",
            "1,000 clients wait on 10 of 1,000 partitions each; one request appends to all",
            _woken_together(1000, 1000),
            short=0.3,
        ),
        Case("fetch-10000-woken", "10,000 clients, the same", _woken_together(10_000, 1000)),
        Case(
            "fetch-200-on-1000-woken",
            "200 clients wait on all of 1,000 partitions; one request appends to all",
            _woken_together(200, 1000, one_request=True),
        ),
        Case("fetch-5000-end-together", "5,000 long polls that end in one moment", _ending_together),
        Case("fetch-woken-in-vain", "5 fetches over 1,000 partitions, woken by each of 2,000 appends in vain", _woken_by_each),
        Case("fetch-5000-partitions-x20", "Fetch of 5,000 partitions with a record each, 20 times in a row", _all_partitions),
    ]
