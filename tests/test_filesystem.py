"""Both file systems keep one contract; the one in memory also loses power and fails."""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_compat.filesystem import (
    DirectoryInUse,
    Effect,
    Fault,
    FaultyFileSystem,
    FileRegion,
    FileSystem,
    MemoryFileSystem,
    Operation,
    OsFileSystem,
    region,
)


@pytest.fixture(params=["memory", "os", "faulty"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[FileSystem, str]:
    if request.param == "os":
        return OsFileSystem(max_open_files=2), str(tmp_path)
    if request.param == "faulty":
        return FaultyFileSystem(OsFileSystem(max_open_files=2)), str(tmp_path)
    filesystem = MemoryFileSystem()
    filesystem.make_directories("/data")
    return filesystem, "/data"


Place = tuple[FileSystem, str]


def write(filesystem: FileSystem, path: str, content: bytes, *, sync: bool = False) -> None:
    file = filesystem.open(path, create=True)
    file.write(0, content)
    if sync:
        file.sync()
    file.close()


def read(filesystem: FileSystem, path: str) -> bytes:
    file = filesystem.open(path)
    try:
        return bytes(file.read(0, 1 << 30))
    finally:
        file.close()


def test_file_is_read_and_written_by_position(place: Place) -> None:
    filesystem, root = place
    file = filesystem.open(f"{root}/a", create=True)
    file.write(0, b"hello")
    file.write(5, memoryview(b" world"))
    file.write(1, bytearray(b"E"))
    file.write(13, b"!")
    assert file.size() == 14
    assert bytes(file.read(0, 100)) == b"hEllo world\0\0!"
    assert bytes(file.read(6, 3)) == b"wor"
    assert bytes(file.read(14, 3)) == b""
    assert file.read_buffers(20, 3) == []
    for pieces in (file.read_buffers(2, 50), file.read_cached(2, 50)):
        assert pieces is not None
        assert b"".join(pieces) == b"llo world\0\0!"
    file.truncate(3)
    assert bytes(file.read(0, 100)) == b"hEl"
    file.truncate(5)
    assert bytes(file.read(0, 100)) == b"hEl\0\0"
    file.sync()
    file.close()
    file.close()


def test_names(place: Place) -> None:
    filesystem, root = place
    filesystem.make_directories(f"{root}/d/e")
    filesystem.make_directories(f"{root}/d/e")
    write(filesystem, f"{root}/d/a", b"a")
    write(filesystem, f"{root}/d/b", b"b")
    assert sorted(filesystem.list_directory(f"{root}/d")) == ["a", "b", "e"]
    filesystem.rename(f"{root}/d/a", f"{root}/d/b")
    filesystem.sync_directory(f"{root}/d")
    assert read(filesystem, f"{root}/d/b") == b"a"
    assert filesystem.exists(f"{root}/d/e")
    assert not filesystem.exists(f"{root}/d/a")
    filesystem.rename(f"{root}/d", f"{root}/f")
    filesystem.remove(f"{root}/f/b")
    assert filesystem.list_directory(f"{root}/f") == ["e"]
    filesystem.remove_tree(f"{root}/f")
    filesystem.remove_tree(f"{root}/f")
    assert not filesystem.exists(f"{root}/f")


def test_missing_files_are_told(place: Place) -> None:
    filesystem, root = place
    for call in (
        lambda: filesystem.open(f"{root}/a"),
        lambda: filesystem.open(f"{root}/d/a", create=True),
        lambda: filesystem.remove(f"{root}/a"),
        lambda: filesystem.rename(f"{root}/a", f"{root}/b"),
        lambda: filesystem.list_directory(f"{root}/d"),
    ):
        with pytest.raises(FileNotFoundError):
            call()


def test_renamed_file_is_found_again(place: Place) -> None:
    """With two descriptors at most, every handle is reopened by its path."""
    filesystem, root = place
    files = [filesystem.open(f"{root}/{name}", create=True) for name in "abcd"]
    for file in files:
        file.write(0, file.path[-1:].encode())
    filesystem.rename(f"{root}/a", f"{root}/z")
    files[0].moved(f"{root}/z")
    assert [bytes(file.read(0, 9)) for file in files] == [b"a", b"b", b"c", b"d"]
    assert files[0].path == f"{root}/z"


def test_directory_has_one_owner(place: Place) -> None:
    filesystem, root = place
    lock = filesystem.lock(root)
    with pytest.raises(DirectoryInUse) as caught:
        filesystem.lock(root)
    assert caught.value.path == root
    assert caught.value.pid == os.getpid()
    lock.release()
    lock.release()
    filesystem.lock(root).release()


def test_open_descriptors_are_bounded(tmp_path: Path) -> None:
    filesystem = OsFileSystem(max_open_files=8)
    files = [filesystem.open(str(tmp_path / str(n)), create=True) for n in range(100)]
    for n, file in enumerate(files):
        file.write(0, str(n).encode())
    assert filesystem.open_files <= 8
    assert [bytes(file.read(0, 9)) for file in files] == [str(n).encode() for n in range(100)]
    for file in files:
        file.close()
    assert filesystem.open_files == 0
    with pytest.raises(ValueError, match="closed"):
        files[0].size()


def test_descriptor_in_use_by_a_thread_is_not_closed(tmp_path: Path) -> None:
    filesystem = OsFileSystem(max_open_files=1)
    files = [filesystem.open(str(tmp_path / str(n)), create=True) for n in range(4)]
    errors = []

    def work(number: int) -> None:
        try:
            for step in range(300):
                files[number].write(8 * step, b"%08d" % step)
                assert files[number].read(8 * step, 8) == b"%08d" % step
        except Exception as error:  # the main thread has to hear of it
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [file.size() for file in files] == [2400] * 4
    for file in files:
        file.close()


def test_views_stay_as_they_were() -> None:
    filesystem = MemoryFileSystem()
    file = filesystem.open("/a", create=True)
    file.write(0, b"first second")
    view = file.read(0, 12)
    assert isinstance(view, memoryview)
    assert view.readonly
    file.write(0, b"FIRST")
    file.truncate(6)
    file.write(6, b"third")
    assert bytes(view) == b"first second"
    assert bytes(file.read(0, 99)) == b"FIRST third"


@pytest.mark.parametrize("seed", [None, 0, 1, 2, 3])
def test_synced_content_survives_a_power_loss(seed: int | None) -> None:
    filesystem = MemoryFileSystem()
    write(filesystem, "/a", b"synced", sync=True)
    filesystem.sync_directory("/")
    file = filesystem.open("/a")
    file.write(6, b" and not")
    survivor = filesystem.crash(power_loss=True, seed=seed)
    assert read(survivor, "/a").startswith(b"synced")
    if seed is None:
        assert read(survivor, "/a") == b"synced"
    with pytest.raises(OSError, match="halted"):
        file.write(0, b"x")


def test_unsynced_overwrite_and_cut_are_undone_by_a_power_loss() -> None:
    filesystem = MemoryFileSystem()
    write(filesystem, "/a", b"0123456789" * 1000, sync=True)
    filesystem.sync_directory("/")
    file = filesystem.open("/a")
    file.write(5, b"xxx")
    file.truncate(100)
    file.write(100, b"y" * 20000)
    assert read(filesystem.crash(power_loss=True), "/a") == b"0123456789" * 1000


def test_unsynced_names_are_lost_with_the_power() -> None:
    filesystem = MemoryFileSystem()
    write(filesystem, "/a", b"old", sync=True)
    filesystem.sync_directory("/")
    write(filesystem, "/b", b"new", sync=True)
    filesystem.rename("/b", "/a")
    survivor = filesystem.crash(power_loss=True)
    assert survivor.list_directory("/") == ["a"]
    assert read(survivor, "/a") == b"old"


@settings(deadline=None)
@given(seed=st.integers(0, 1000))
def test_rename_is_atomic_in_a_power_loss(seed: int) -> None:
    filesystem = MemoryFileSystem()
    write(filesystem, "/a", b"old", sync=True)
    filesystem.sync_directory("/")
    write(filesystem, "/b", b"new", sync=True)
    filesystem.rename("/b", "/a")
    survivor = filesystem.crash(power_loss=True, seed=seed)
    assert read(survivor, "/a") in (b"old", b"new")


def test_process_death_keeps_what_was_written_but_does_not_sync_it() -> None:
    filesystem = MemoryFileSystem()
    write(filesystem, "/a", b"written")
    filesystem.lock("/")
    second = filesystem.crash(power_loss=False)
    second.lock("/")
    assert read(second, "/a") == b"written"
    assert second.crash(power_loss=True).list_directory("/") == []


def test_fault_hits_the_nth_matching_call() -> None:
    filesystem = MemoryFileSystem()
    file = filesystem.open("/a", create=True)
    filesystem.inject(Fault(at_call=2, error=errno.ENOSPC, operations=frozenset({Operation.WRITE})))
    file.write(0, b"one")
    file.sync()
    with pytest.raises(OSError, match="No space left"):
        file.write(3, b"two")
    assert filesystem.faults.fired
    file.write(3, b"three")
    assert bytes(file.read(0, 99)) == b"onethree"


def test_torn_write_lands_in_part() -> None:
    filesystem = MemoryFileSystem()
    file = filesystem.open("/a", create=True)
    filesystem.inject(Fault(at_call=1, effect=Effect.TEAR, halt=True))
    with pytest.raises(OSError, match="error"):
        file.write(0, b"12345678")
    with pytest.raises(OSError, match="halted"):
        file.sync()
    assert bytes(file.read(0, 99)) == b"1234"
    assert filesystem.faults.fired


def test_lost_pages_are_gone_after_a_failed_sync() -> None:
    filesystem = MemoryFileSystem()
    file = filesystem.open("/a", create=True)
    file.write(0, b"kept")
    file.sync()
    file.write(4, b"lost")
    filesystem.inject(Fault(at_call=1, effect=Effect.LOSE))
    with pytest.raises(OSError, match="error"):
        file.sync()
    assert bytes(file.read(0, 99)) == b"kept"


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("wtsr"), st.integers(0, 3000), st.integers(0, 3000))))
def test_memory_file_behaves_like_a_bytearray(steps: list[tuple[str, int, int]]) -> None:
    filesystem = MemoryFileSystem()
    file = filesystem.open("/a", create=True)
    filesystem.sync_directory("/")
    model, durable = bytearray(), b""
    held: list[tuple[bytes, list[bytes | memoryview]]] = []
    for number, (step, offset, size) in enumerate(steps):
        if step == "w":
            content = bytes([number % 255 + 1]) * size
            file.write(offset, content)
            model.extend(bytes(max(offset - len(model), 0)))
            model[offset : offset + size] = content
        elif step == "t":
            file.truncate(offset)
            del model[offset:]
            model.extend(bytes(max(offset - len(model), 0)))
        elif step == "s":
            file.sync()
            durable = bytes(model)
        else:
            held.append((bytes(model[offset : offset + size]), file.read_buffers(offset, size)))
            assert bytes(file.read(offset, size)) == held[-1][0]
    assert bytes(file.read(0, 1 << 20)) == model
    for content, views in held:
        assert b"".join(views) == content
    assert read(filesystem.crash(power_loss=True), "/a") == durable


@pytest.mark.skipif(sys.platform != "linux", reason="sendfile of other systems is not used")
def test_a_region_goes_to_a_socket_whatever_becomes_of_the_file(tmp_path: Path) -> None:
    filesystem = OsFileSystem(max_open_files=1)
    content = bytes(range(256)) * 40
    write(filesystem, f"{tmp_path}/a", content)
    file = filesystem.open(f"{tmp_path}/a")
    file.load(0, 1 << 20)
    first, second = file.region(100, 9000), file.region(200, 300)
    assert first is not None
    assert second is not None
    file.close()
    filesystem.remove(f"{tmp_path}/a")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert first.send(ours.fileno(), 1000) == 1000
        assert first.take(500) == content[1100:1600]
        assert len(first) == 7500
        assert first.send(ours.fileno(), 1 << 20) == 7500
        assert theirs.recv(8500, socket.MSG_WAITALL) == content[100:1100] + content[1600:9100]
        assert len(first) == 0
        ours.setblocking(False)
        large = file_region(tmp_path, bytes(8 << 20))
        assert large is not None
        large.send(ours.fileno(), 8 << 20)
        with pytest.raises(BlockingIOError):
            large.send(ours.fileno(), 8 << 20)
    assert second.take_all() == content[200:500]
    assert second.take_all() == b""


@pytest.mark.skipif(sys.platform != "linux", reason="sendfile of other systems is not used")
def test_a_region_gives_its_descriptor_back(tmp_path: Path) -> None:
    before = len(region._free)
    for _ in range(300):
        kept = file_region(tmp_path, b"x" * 100)
        assert kept is not None
    assert kept is not None
    kept.close()
    kept.close()
    del kept
    assert len(region._free) == before


@pytest.mark.skipif(sys.platform != "linux", reason="sendfile of other systems is not used")
def test_a_region_of_a_file_that_was_cut_fails(tmp_path: Path) -> None:
    cut = file_region(tmp_path, b"x" * 5000)
    assert cut is not None
    os.truncate(tmp_path / "region", 2000)
    with pytest.raises(OSError, match="cut short"):
        cut.take_all()


def file_region(tmp_path: Path, content: bytes) -> FileRegion | None:
    filesystem = OsFileSystem()
    write(filesystem, f"{tmp_path}/region", content)
    file = filesystem.open(f"{tmp_path}/region")
    try:
        return file.region(0, len(content))
    finally:
        file.close()


def test_a_file_in_memory_has_no_regions() -> None:
    filesystem = MemoryFileSystem()
    filesystem.make_directories("/data")
    file = filesystem.open("/data/a", create=True)
    file.load(0, 100)
    assert file.region(0, 100) is None


def test_a_file_system_of_the_machine_fails_on_request(tmp_path: Path) -> None:
    filesystem = FaultyFileSystem(OsFileSystem())
    path = str(tmp_path / "file")
    file = filesystem.open(path, create=True)
    filesystem.faults.inject(Fault(at_call=2, effect=Effect.TEAR, error=errno.ENOSPC, operations=frozenset({Operation.WRITE})))
    file.write(0, b"whole")
    with pytest.raises(OSError, match="No space left") as refused:
        file.write(5, b"half, the other half")
    assert refused.value.errno == errno.ENOSPC
    assert bytes(file.read(0, 100)) == b"wholehalf, the "
    for operation, call in (
        (Operation.SYNC, file.sync),
        (Operation.SYNC, lambda: filesystem.sync_directory(str(tmp_path))),
        (Operation.TRUNCATE, lambda: file.truncate(1)),
        (Operation.RENAME, lambda: filesystem.rename(path, path + "2")),
        (Operation.RENAME, lambda: file.rename(path + "2")),
        (Operation.REMOVE, lambda: filesystem.remove(path)),
        (Operation.REMOVE, lambda: filesystem.remove_tree(path)),
        (Operation.CREATE, lambda: filesystem.open(path + "2", create=True)),
        (Operation.CREATE, lambda: filesystem.make_directories(path + "3")),
    ):
        filesystem.faults.inject(Fault(at_call=1, operations=frozenset({operation})))
        with pytest.raises(OSError, match="Input/output error"):
            call()
        assert filesystem.faults.fired
    assert bytes(file.read(0, 5)) == b"whole"
    file.close()


@pytest.mark.parametrize("kind", ["memory", "faulty"])
def test_a_fault_that_stands_meets_what_it_chooses_until_it_is_removed(kind: str, tmp_path: Path) -> None:
    class NoRoom:
        def strikes(self, operation: Operation, path: str) -> Fault | None:
            return Fault(at_call=1, error=errno.ENOSPC) if operation is Operation.WRITE and path.endswith("full") else None

    filesystem = MemoryFileSystem() if kind == "memory" else FaultyFileSystem(OsFileSystem())
    root = "/data" if kind == "memory" else str(tmp_path)
    filesystem.make_directories(root)
    fault = NoRoom()
    filesystem.faults.add(fault)
    full, other = (filesystem.open(f"{root}/{name}", create=True) for name in ("full", "other"))
    other.write(0, b"x")
    for _ in range(2):
        with pytest.raises(OSError, match="No space left"):
            full.write(0, b"x")
    filesystem.faults.inject(None)
    with pytest.raises(OSError, match="No space left"):
        full.write(0, b"x")
    filesystem.faults.remove(fault)
    assert filesystem.faults.quiet
    full.write(0, b"x")
    full.close()
    other.close()
