"""The journal is rewritten by a thread when it has grown, and nothing that is written meanwhile is lost."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kafka_compat.filesystem import Effect, Fault, FileSystem, MemoryFileSystem, Operation, OsFileSystem, memory
from kafka_compat.filesystem.memory import MemoryFile
from kafka_compat.storage.interface import Unavailable
from kafka_compat.storage.local import journal as journal_module
from kafka_compat.storage.local.journal import Journal, Json

ROOT = "/data"
IDENTITY: dict[str, Json] = {"topic": "t", "partition": 0, "id": "00" * 16}


def open_journal(filesystem: FileSystem, root: str = ROOT, later: Callable[[], None] | None = None) -> Journal:
    filesystem.make_directories(root)
    filesystem.sync_directory(root.rpartition("/")[0] or "/")
    journal = Journal(filesystem, root, later)
    journal.load()
    return journal


def add_logs(journal: Journal, count: int) -> None:
    for number in range(count):
        journal.write(["log", f"t-{number}", {**IDENTITY, "partition": number}])


def starts(journal: Journal) -> dict[str, int]:
    return {name: state.start_offset for name, state in journal.states.items()}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "_REWRITE_ABOVE", 4000)


@pytest.mark.usefixtures("small")
def test_a_rewrite_is_asked_for_once_and_never_done_by_who_writes() -> None:
    filesystem = MemoryFileSystem()
    asked: list[None] = []
    journal = open_journal(filesystem, later=lambda: asked.append(None))
    add_logs(journal, 3)
    for offset in range(300):
        journal.write(["start", "t-1", offset])
    assert len(asked) == 1
    before = filesystem.open(f"{ROOT}/checkpoint.journal").size()
    journal.rewrite()
    assert filesystem.open(f"{ROOT}/checkpoint.journal").size() < 1000 < before
    for offset in range(300):
        journal.write(["start", "t-2", offset])
    assert len(asked) == 2
    journal.close()
    assert starts(open_journal(filesystem)) == {"t-0": 0, "t-1": 299, "t-2": 299}


class Watched(MemoryFile):
    """Calls back before each sync: what another thread may do then."""

    before_sync: Callable[[], None] | None = None

    def sync(self) -> None:
        callback, Watched.before_sync = Watched.before_sync, None
        if callback is not None:
            callback()
            Watched.before_sync = callback
        super().sync()


@pytest.mark.parametrize("power_loss", [False, True])
def test_what_is_written_during_a_rewrite_is_in_the_new_one(power_loss: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MemoryFile", Watched)
    filesystem = MemoryFileSystem()
    journal = open_journal(filesystem)
    add_logs(journal, 3)
    numbers = iter(range(1, 1000))

    def write() -> None:
        if journal._lock.locked():  # the last lines: others wait
            return
        number = next(numbers)
        journal.write(["start", "t-1", number])
        journal.write(["log", f"new-{number}", {**IDENTITY, "topic": "new", "partition": number}])
        if number == 2:
            journal.write(["gone", "t-2"])
            journal.write(["gone", "new-1"])
        journal.sync()

    monkeypatch.setattr(Watched, "before_sync", staticmethod(write))
    journal.rewrite()
    Watched.before_sync = None
    journal.write(["start", "t-0", 9])
    journal.sync()
    expected = starts(journal)
    assert expected["t-0"] == 9
    assert expected["t-1"] >= 2
    assert "t-2" not in expected
    assert starts(open_journal(filesystem.crash(power_loss=power_loss))) == expected


def test_a_rewrite_that_fails_at_any_call_loses_nothing() -> None:
    for call in range(1, 100):
        filesystem = MemoryFileSystem()
        journal = open_journal(filesystem)
        add_logs(journal, 3)
        journal.write(["start", "t-1", 5])
        journal.sync()
        filesystem.inject(Fault(at_call=call, effect=Effect.TEAR))
        with contextlib.suppress(OSError):
            journal.rewrite()
        fired = filesystem.faults.fired
        filesystem.inject(None)
        journal.write(["start", "t-2", 6])
        journal.sync()
        after = open_journal(filesystem.crash(power_loss=True))
        assert starts(after) == {"t-0": 0, "t-1": 5, "t-2": 6}, f"call {call}"
        assert not after.is_damaged
        if not fired:
            assert call > 4
            return
    raise AssertionError("it never ends")


def test_a_line_that_is_torn_is_mended_by_the_next_write() -> None:
    filesystem = MemoryFileSystem()
    journal = open_journal(filesystem)
    add_logs(journal, 2)
    filesystem.inject(Fault(at_call=1, effect=Effect.TEAR))
    with pytest.raises(Unavailable):
        journal.write(["start", "t-0", 3])
    filesystem.inject(None)
    journal.write(["start", "t-1", 4])
    assert starts(open_journal(filesystem.crash(power_loss=False))) == {"t-0": 3, "t-1": 4}


def test_whoever_writes_after_a_torn_line_does_not_wait_for_the_rewrite() -> None:
    filesystem = MemoryFileSystem()
    asked: list[None] = []
    journal = open_journal(filesystem, later=lambda: asked.append(None))
    add_logs(journal, 2)
    filesystem.inject(Fault(at_call=1, effect=Effect.TEAR))
    with pytest.raises(Unavailable):
        journal.write(["start", "t-0", 3])
    filesystem.inject(Fault(at_call=1, operations=frozenset({Operation.SYNC})))
    with pytest.raises(Unavailable):
        journal.write(["start", "t-1", 4])
    assert len(asked) == 1
    with pytest.raises(OSError, match="Input/output"):
        journal.rewrite()
    with pytest.raises(Unavailable):
        journal.write(["start", "t-1", 5])
    assert len(asked) == 2
    journal.rewrite()
    journal.write(["start", "t-1", 6])
    assert starts(open_journal(filesystem.crash(power_loss=False))) == {"t-0": 3, "t-1": 6}


@pytest.mark.usefixtures("small")
def test_threads_that_rewrite_sync_and_write_at_once_lose_nothing(tmp_path: Path) -> None:
    filesystem = OsFileSystem()
    threads: list[threading.Thread] = []
    rewrites: list[int] = []

    def later() -> None:
        def run() -> None:
            journal.rewrite()
            rewrites.append(1)

        thread = threading.Thread(target=run)
        threads.append(thread)
        thread.start()

    journal = open_journal(filesystem, str(tmp_path), later)
    add_logs(journal, 5)
    is_over = threading.Event()

    def sync() -> None:
        while not is_over.is_set():
            journal.sync()

    syncing = threading.Thread(target=sync)
    syncing.start()
    for offset in range(4000):
        journal.write(["start", f"t-{offset % 5}", offset])
        if offset % 50 == 0:
            journal.write(["created", "t-3", offset, 1])
    is_over.set()
    syncing.join()
    for thread in threads:
        thread.join()
    assert rewrites
    expected = starts(journal)
    journal.close()
    again = open_journal(filesystem, str(tmp_path))
    assert starts(again) == expected
    assert not again.is_damaged
    assert json.loads((tmp_path / "checkpoint.journal").read_bytes().splitlines()[-1][9:]) == ["open"]
    again.close()
