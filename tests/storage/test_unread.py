"""Old data for a socket stays in its file, which changes nothing about what is found, and is loaded by a thread."""

from __future__ import annotations

import errno
import random
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kafka_compat.filesystem import FileRegion, OsFileSystem
from kafka_compat.filesystem.operating_system import OsFile
from kafka_compat.storage.interface import Chunk, OpenLog, Unavailable
from kafka_compat.storage.local import LocalLogStore, reading
from kafka_compat.storage.local.policy import LocalPolicy
from kafka_compat.wire.types import join_parts
from tests.support.storage_worlds import (
    FOREVER,
    LOG,
    append,
    append_many,
    last_offset,
    loaded,
    make_batch,
    read_bytes,
    split,
    stream,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sendfile of other systems is not used")

POLICY = LocalPolicy(segment_bytes=20_000, index_interval_bytes=400)


class LoadCalls:
    """Which threads loaded how much, and what the next call raises."""

    def __init__(self) -> None:
        self.threads: set[int] = set()
        self.size_in_bytes = 0
        self.error: OSError | None = None


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> LoadCalls:
    loads = LoadCalls()
    load = OsFile.load

    def noted(self: OsFile, offset: int, size: int) -> None:
        loads.threads.add(threading.get_ident())
        loads.size_in_bytes += size
        if loads.error is not None:
            raise loads.error
        load(self, offset, size)

    monkeypatch.setattr(OsFile, "load", noted)
    return loads


@pytest.fixture
async def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenLog]:
    """Batches of 100 to 900 bytes in segments of 20 kB, some of them compacted, and an active segment."""
    monkeypatch.setattr(reading, "_UNREAD_BYTES", 300)
    store = LocalLogStore(OsFileSystem(), str(tmp_path))
    await store.create(LOG, 1)
    log = await store.open(LOG, 1, POLICY)
    chance = random.Random(7)
    for offset in range(500):
        append(log, offset, size=chance.randrange(100, 900, 8), timestamp_ms=offset)
    second, third = log.segments()[1:3]
    kept = [make_batch(offset, size=104) for offset in range(second.base_offset + 3, third.next_offset - 20, 3)]
    await log.rewrite([second.base_offset, third.base_offset], stream(kept), 0)
    yield log
    await store.close()


def sent(chunk: Chunk) -> bytes:
    """What a socket gets."""
    assert chunk.bytes_in_memory == sum(len(part) for part in chunk.parts if not isinstance(part, FileRegion))
    return join_parts([part.take_all() if isinstance(part, FileRegion) else part for part in chunk.parts])


def is_unread(chunk: Chunk) -> bool:
    return any(isinstance(part, FileRegion) for part in chunk.parts)


async def test_what_stays_unread_is_what_would_have_been_read(log: OpenLog) -> None:
    chance = random.Random(11)
    unread = 0
    for _ in range(3000):
        offset = chance.randrange(log.end_offset + 1)
        max_offset = chance.choice([FOREVER, min(offset + chance.randrange(1, 60), log.end_offset)])
        max_bytes = chance.choice([1, 250, 300, 1000, 5000, 30_000])
        min_one = chance.random() < 0.7
        chunk = await log.read(offset, max_offset, max_bytes, min_one, to_socket=True)
        unread += is_unread(chunk)
        size = chunk.size_in_bytes
        content = sent(chunk)
        assert len(content) == size
        assert content == read_bytes(log, offset, max_offset=max_offset, max_bytes=max_bytes, min_one=min_one)
    assert 1000 < unread < 2500


async def test_the_event_loop_leaves_loading_to_threads_and_then_need_not_wait(log: OpenLog, loads: LoadCalls) -> None:
    offset = found_at_once = 0
    last_old = log.segments()[-1].base_offset
    while offset < last_old:
        chunk = log.read_now(offset, FOREVER, 2000, True, to_socket=True)
        if chunk is None:
            chunk = await log.read(offset, FOREVER, 2000, True, to_socket=True)
            await loaded(log)
        else:
            found_at_once += 1
        assert is_unread(chunk) or chunk.size_in_bytes < 300
        offset = last_offset(split(sent(chunk))[-1]) + 1
    assert found_at_once > 40
    assert loads.size_in_bytes > 60_000
    assert threading.get_ident() not in loads.threads


async def test_the_end_of_the_log_is_read_at_once(log: OpenLog, loads: LoadCalls) -> None:
    append_many(log, 20)
    for offset in range(log.end_offset - 20, log.end_offset):
        chunk = log.read_now(offset, FOREVER, 2000, True, to_socket=True)
        assert chunk is not None
        assert not is_unread(chunk)
    assert loads.threads == set()


async def test_buffers_of_an_unread_chunk_are_read_when_asked_for(log: OpenLog) -> None:
    chunk = await log.read(0, FOREVER, 2000, True, to_socket=True)
    assert is_unread(chunk)
    assert b"".join(chunk.buffers) == read_bytes(log, 0, max_bytes=2000)


async def test_without_sendfile_old_data_is_read_in_a_thread(log: OpenLog, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> int:
        raise OSError(errno.EINVAL, "not on this file system")

    monkeypatch.setattr("os.sendfile", refused)
    assert log.read_now(0, FOREVER, 2000, True, to_socket=True) is None
    for offset in range(3):
        chunk = await log.read(offset, FOREVER, 2000, True, to_socket=True)
        assert not is_unread(chunk)
        assert sent(chunk) == read_bytes(log, offset, max_bytes=2000)


async def test_a_disk_that_cannot_be_read_is_noticed_before_anything_is_sent(log: OpenLog, loads: LoadCalls) -> None:
    loads.error = OSError(errno.EIO, "broken")
    assert log.read_now(0, FOREVER, 2000, True, to_socket=True) is None
    with pytest.raises(Unavailable):
        await log.read(0, FOREVER, 2000, True, to_socket=True)
    loads.error = None
    assert is_unread(await log.read(0, FOREVER, 2000, True, to_socket=True))


async def test_what_the_system_dropped_since_is_loaded_again(
    log: OpenLog, loads: LoadCalls, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk = await log.read(0, FOREVER, 2000, True, to_socket=True)
    next_offset = last_offset(split(sent(chunk))[-1]) + 1
    await loaded(log)
    assert log.read_now(next_offset, FOREVER, 2000, True, to_socket=True) is not None
    monkeypatch.setattr(OsFile, "read_cached", lambda *_: None)
    assert log.read_now(next_offset, FOREVER, 2000, True, to_socket=True) is None


async def test_regions_outlive_their_segment_and_are_bounded(log: OpenLog) -> None:
    whole = read_bytes(log, 0, max_bytes=2000)
    chunks = [await log.read(0, FOREVER, 2000, True, to_socket=True) for _ in range(300)]
    assert sum(map(is_unread, chunks)) == 256, "clients that do not read must not use up the descriptors"
    await log.advance_start(log.end_offset)
    await log.delete_below_start()
    assert {sent(chunk) for chunk in chunks} == {whole}
