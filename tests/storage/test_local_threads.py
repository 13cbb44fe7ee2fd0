"""What waits for the disk is done by threads, to its end, and leaves the event loop to others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from kafka_compat.filesystem import Fault, MemoryFileSystem, Operation, OsFileSystem, operating_system
from kafka_compat.filesystem.faults import FaultInjector
from kafka_compat.filesystem.operating_system import OsFile
from kafka_compat.storage.interface import Fenced, OpenLog, OutOfRange, Unavailable
from kafka_compat.storage.local.handle import LocalOpenLog
from kafka_compat.storage.local.worker import Worker
from tests.storage import fault_script as faults
from tests.support.storage_worlds import (
    LOG,
    SMALL_SEGMENTS,
    World,
    append,
    append_many,
    make_batch,
    offsets,
    read_all,
    read_aux,
    stream,
)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = World(OsFileSystem(), str(tmp_path / "data"))
    yield world
    await world.shut_down()


class Held:
    """Stands in for a function; lets it run in its thread only when `release` is set."""

    def __init__(self, function: Callable[..., object]) -> None:
        self._function = function
        self.entered = threading.Event()
        self.release = threading.Event()

    def __call__(self, *args: object, **kwargs: object) -> object:
        self.entered.set()
        assert self.release.wait(30)
        return self._function(*args, **kwargs)

    async def begun(self) -> None:
        assert await asyncio.to_thread(self.entered.wait, 30)


async def test_nothing_is_synced_on_the_event_loop(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every operation of a log in every order that the fault loop knows, a deletion, and a stop."""
    log = await world.open(policy=faults.POLICY)
    on_loop: list[str] = []
    loop_thread = threading.get_ident()

    def watch(name: str, function: Callable[..., object]) -> Callable[..., object]:
        def watched(*args: object) -> object:
            if threading.get_ident() == loop_thread:
                on_loop.append(name)
            return function(*args)

        return watched

    monkeypatch.setattr(operating_system, "_sync", watch("sync", operating_system._sync))
    monkeypatch.setattr(OsFileSystem, "sync_directory", watch("sync_directory", OsFileSystem.sync_directory))
    for step in faults.SCRIPT:
        await step.run(log)
    await world.open(LOG._replace(topic="other"))
    await world.store.delete(LOG, 1)
    await world.store.close()
    assert on_loop == []
    world.start()


class CallsOnTheLoop(FaultInjector):
    """Notes what is changed by the thread that made it."""

    def __init__(self) -> None:
        super().__init__()
        self.loop_thread = threading.get_ident()
        self.seen: list[Operation] = []
        self.inject(Fault(at_call=1 << 60))  # so that calls are counted

    def count(self, operation: Operation, path: str) -> Fault | None:
        if threading.get_ident() == self.loop_thread:
            self.seen.append(operation)
        return super().count(operation, path)


class NoisyOnTheLoop(MemoryFileSystem):
    """Tells what is changed in it by the thread that made it."""

    blocking = True

    def __init__(self) -> None:
        super().__init__()
        self.faults = self.calls_on_the_loop = CallsOnTheLoop()


async def test_the_event_loop_only_appends_to_files() -> None:
    """Cutting, removing and syncing wait for a disk: threads do all of it. A staged batch gets its name on the loop, as a new
    file does."""
    filesystem = NoisyOnTheLoop()
    world = World(filesystem, "/data")
    log = await world.open(policy=faults.POLICY)
    on_loop = filesystem.calls_on_the_loop.seen
    on_loop.clear()  # the store's start
    for step in faults.SCRIPT:
        await step.run(log)
    await log.close()
    assert set(on_loop) == {Operation.CREATE, Operation.WRITE, Operation.RENAME}
    assert on_loop.count(Operation.RENAME) == sum(step.is_staged for step in faults.SCRIPT)
    await world.store.close()


async def held_swap(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[OpenLog, Held, asyncio.Task[None]]:
    """A rewrite of the first two segments that stands before its first directory sync."""
    log = await world.open(policy=SMALL_SEGMENTS)
    append_many(log, 12)
    await log.sync(12)
    held = Held(world.filesystem.sync_directory)
    monkeypatch.setattr(world.filesystem, "sync_directory", held)
    kept = [make_batch(offset, timestamp_ms=offset) for offset in (1, 8)]
    task = asyncio.ensure_future(log.rewrite([0, 5], stream(kept), 5))
    await held.begun()
    return log, held, task


async def test_appends_and_reads_go_on_during_a_swap(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    log, held, task = await held_swap(world, monkeypatch)
    assert offsets(read_all(log)) == list(range(12))
    append_many(log, 9)  # rolls too
    held.release.set()
    await task
    assert offsets(read_all(log)) == [1, 8, *range(10, 21)]
    await world.restart()
    log = await world.open(policy=SMALL_SEGMENTS)
    assert offsets(read_all(log)) == [1, 8, *range(10, 21)]


async def test_a_cancelled_swap_is_carried_to_its_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    log, held, task = await held_swap(world, monkeypatch)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    held.release.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert offsets(read_all(log)) == [1, 8, 10, 11]
    append(log, 12)
    await world.kill()
    log = await world.open(policy=SMALL_SEGMENTS)
    assert offsets(read_all(log)) == [1, 8, 10, 11, 12]


async def test_a_deletion_waits_for_a_swap(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both rename; a directory renamed in the middle would look like a failed medium."""
    _, held, task = await held_swap(world, monkeypatch)
    deletion = asyncio.ensure_future(world.store.delete(LOG, 1))
    for _ in range(5):
        await asyncio.sleep(0)
    assert world.filesystem.exists(f"{world.root}/orders-0")
    held.release.set()
    await task
    await deletion
    assert not world.filesystem.exists(f"{world.root}/orders-0")
    assert await world.store.list() == []


async def test_a_change_that_waited_while_the_log_was_lost_is_fenced(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    old = await world.open(policy=SMALL_SEGMENTS)
    append_many(old, 12)
    held = Held(operating_system._sync)
    monkeypatch.setattr(operating_system, "_sync", held)
    syncing = asyncio.ensure_future(old.sync(12))
    await held.begun()
    changes = [
        old.truncate(3),
        old.truncate_fully_and_start_at(20),
        old.advance_start(5),
        old.delete_below_start(),
        old.roll(0),
        old.put_aux("producers", 12, b""),
    ]
    waiting = [asyncio.ensure_future(change) for change in changes]
    await asyncio.sleep(0)
    new = await world.open(epoch=2, policy=SMALL_SEGMENTS)
    held.release.set()
    await syncing
    for outcome in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(outcome, Fenced)
    assert (new.start_offset, new.end_offset, len(new.segments())) == (0, 12, 3)
    assert await read_aux(new, "producers", 12) is None


async def test_a_cancelled_sync_tells_the_log_when_it_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The marks of what is not on disk are gone: without the failure the next sync would pass it over."""
    log = await world.open()
    append_many(log, 3)

    def fail(_: int) -> None:
        raise OSError("broken")

    held = Held(fail)
    monkeypatch.setattr(operating_system, "_sync", held)
    assert isinstance(log, LocalOpenLog)
    local = log._log
    async with local.exclusive:
        task = asyncio.ensure_future(local.sync_exclusively())
        await held.begun()
        task.cancel()
        held.release.set()
        with pytest.raises(Unavailable, match="broken"):
            await task
    with pytest.raises(Unavailable):
        append(log, 3)


async def test_nothing_is_appended_while_a_log_is_cut(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    append_many(log, 12)
    held = Held(world.store.journal.sync)
    monkeypatch.setattr(world.store.journal, "sync", held)
    task = asyncio.ensure_future(log.truncate(7))
    await held.begun()
    with pytest.raises(OutOfRange):
        append(log, 12)
    held.release.set()
    await task
    append(log, 7)
    assert offsets(read_all(log)) == list(range(8))


@pytest.mark.parametrize("way", ["kill", "restart"])
async def test_no_file_is_asked_for_the_list_of_segments(world: World, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where no timestamp tells the age of a segment, and the file has to."""
    log = await world.open(policy=SMALL_SEGMENTS)
    for offset in range(12):
        append(log, offset, timestamp_ms=-1)
    await (world.restart() if way == "restart" else world.kill())
    log = await world.open(policy=SMALL_SEGMENTS)
    asked = Held(OsFile.modified_ms)
    monkeypatch.setattr(OsFile, "modified_ms", asked)
    assert [info.largest_timestamp_ms > 0 for info in log.segments()] == [True, True, True]
    assert not asked.entered.is_set()


async def test_what_is_deleted_is_forgotten_in_memory_and_in_the_journal(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    append_many(log, 500)
    await log.advance_start(log.segments()[-2].base_offset)
    await log.delete_below_start()
    bases = [segment.base_offset for segment in log.segments()]
    assert len(bases) == 2
    state = world.store.journal.states["orders-0"]
    assert sorted(state.created_ms) == bases
    for clean in (True, False):
        await world.restart() if clean else await world.kill()
        await world.open(policy=SMALL_SEGMENTS)
        assert sorted(world.store.journal.states["orders-0"].created_ms) == bases


async def test_truncated_and_compacted_segments_are_forgotten_too(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    append_many(log, 40)
    await log.sync(40)
    await log.rewrite([0, 5, 10], stream([make_batch(1, timestamp_ms=1)]), 77)
    await log.truncate(22)
    state = world.store.journal.states["orders-0"]
    assert sorted(state.created_ms) == [segment.base_offset for segment in log.segments()] == [0, 15, 20]
    assert state.created_ms[0] == 77
    await log.truncate_fully_and_start_at(50)
    assert state.created_ms == {}
    append(log, 50)
    assert list(state.created_ms) == [50]


async def test_a_closed_worker_has_no_threads() -> None:
    worker = Worker(blocking=True)
    assert await worker.run(threading.get_ident) != threading.get_ident()
    worker.close()
    ran = threading.Event()
    worker.submit(ran.set)
    with pytest.raises(Unavailable):
        await worker.run(ran.set)
    with pytest.raises(Unavailable):
        await worker.run_to_end(ran.set, lambda _: None)
    assert not ran.is_set()
    assert not any(thread.name.startswith("storage") and thread.is_alive() for thread in worker_threads())


def worker_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("storage")]


async def test_a_read_that_comes_too_late_is_refused(world: World) -> None:
    log = await world.open()
    append_many(log, 3)
    await world.store.close()
    with pytest.raises(Unavailable):
        await log.read(0, 3, 1000, True)
    assert worker_threads() == []
    world.start()
