"""What a fetch costs the disk: one look into the index and one bounded read; old data is read ahead by a thread."""

from __future__ import annotations

import itertools
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.filesystem.interface import ReadBuffer
from kafka_compat.filesystem.memory import MemoryFile
from kafka_compat.storage.interface import OpenLog
from kafka_compat.storage.local import LocalLogStore, sequential
from kafka_compat.storage.local.policy import LocalPolicy
from tests.support.storage_worlds import (
    FOREVER,
    LOG,
    World,
    append_many,
    last_offset,
    loaded,
    offsets,
    read_all,
    read_bytes,
    split,
)

POLICY = LocalPolicy(segment_bytes=20_000, index_interval_bytes=400)


@dataclass
class Calls:
    """What was asked of the files: (name, offset, size), and by which thread for what is read ahead."""

    reads: list[tuple[str, int, int]] = field(default_factory=list)
    ahead: list[tuple[str, int, int, int]] = field(default_factory=list)


class ThreadedMemoryFileSystem(MemoryFileSystem):
    blocking = True


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    calls = Calls()
    read_cached = MemoryFile.read_cached
    read_buffers = MemoryFile.read_buffers
    read = MemoryFile.read

    def name(file: MemoryFile) -> str:
        return file.path.rpartition("/")[2]

    def noted_cached(self: MemoryFile, offset: int, size: int) -> list[ReadBuffer] | None:
        calls.reads.append((name(self), offset, size))
        return read_cached(self, offset, size)

    def noted_buffers(self: MemoryFile, offset: int, size: int) -> list[ReadBuffer]:
        calls.reads.append((name(self), offset, size))
        return read_buffers(self, offset, size)

    def noted_read(self: MemoryFile, offset: int, size: int) -> ReadBuffer:
        calls.reads.append((name(self), offset, size))
        return read(self, offset, size)

    def noted_ahead(self: MemoryFile, offset: int, size: int) -> None:
        calls.ahead.append((name(self), offset, size, threading.get_ident()))

    monkeypatch.setattr(MemoryFile, "read_cached", noted_cached)
    monkeypatch.setattr(MemoryFile, "read_buffers", noted_buffers)
    monkeypatch.setattr(MemoryFile, "read", noted_read)
    monkeypatch.setattr(MemoryFile, "load", noted_ahead)
    return calls


@pytest.fixture
async def log() -> AsyncIterator[OpenLog]:
    """A thousand batches of 100 bytes, 200 to a segment, after a restart: no index is in memory."""
    filesystem = ThreadedMemoryFileSystem()
    for count in (1000, 0):
        store = LocalLogStore(filesystem, "/data")
        await store.create(LOG, 1)
        opened = await store.open(LOG, 1, POLICY)
        append_many(opened, count)
        if count:
            await store.close()
    yield opened
    await store.close()


@pytest.mark.parametrize("offset", [0, 1, 199, 200, 577, 999])
def test_a_fetch_at_any_offset_is_a_look_into_the_index_and_one_bounded_read(log: OpenLog, calls: Calls, offset: int) -> None:
    calls.reads.clear()
    assert offsets(split(read_bytes(log, offset, max_bytes=1)))[0] == offset
    of_index = [name for name, _, _ in calls.reads if not name.endswith(".log")]
    of_log = [(name, size) for name, _, size in calls.reads if name.endswith(".log")]
    assert len(of_index) <= 2, "each index of one segment is read once"
    assert len(of_log) == 1
    assert of_log[0][1] <= 16384 + 8192
    calls.reads.clear()
    read_bytes(log, offset, max_bytes=1)
    assert len(calls.reads) == 1, "the index stays in memory"


async def test_a_sequential_reader_of_old_data_has_it_read_ahead_by_a_thread(
    log: OpenLog, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequential, "_RECENT_BYTES", 5_000)
    monkeypatch.setattr(sequential, "_AHEAD_BYTES", 4_000)
    offset = 0
    while offset < log.end_offset:
        offset = last_offset(split(read_bytes(log, offset, max_bytes=1_000, max_offset=FOREVER))[-1]) + 1
    await loaded(log)
    assert all(thread != threading.get_ident() for _, _, _, thread in calls.ahead)
    read_ahead: dict[str, list[tuple[int, int]]] = {}
    for name, start, size, _ in sorted(calls.ahead):
        read_ahead.setdefault(name, []).append((start, start + size))
    assert len(read_ahead) == 5
    for ranges in read_ahead.values():
        for (_, end), (start, _) in itertools.pairwise(ranges):
            assert end == start, "no byte is asked for twice"
    assert read_ahead["00000000000000000800.log"][-1][1] <= 20_000 - 5_000, "the end of the log is in memory anyway"


async def test_a_tail_reader_has_nothing_read_ahead(log: OpenLog, calls: Calls) -> None:
    for _ in range(10):
        append_many(log, 1)
        read_bytes(log, log.end_offset - 1)
    await loaded(log)
    assert calls.ahead == []


async def test_segments_roll_when_the_index_is_full(world: World) -> None:
    log = await world.open(policy=LocalPolicy(index_max_bytes=40, index_interval_bytes=0))
    batches = append_many(log, 20)
    assert len(log.segments()) > 3
    assert read_all(log) == batches
