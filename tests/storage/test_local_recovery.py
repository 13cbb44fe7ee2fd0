"""What start makes of damaged, unfinished and foreign files."""

from __future__ import annotations

import json
import struct
import time
from pathlib import Path

import pytest

from kafka_compat.filesystem import DirectoryInUse, MemoryFileSystem, OsFileSystem
from kafka_compat.ids import TopicId
from kafka_compat.storage.interface import Corrupt, LogId, LogPolicy, Unavailable
from kafka_compat.storage.local import LocalLogStore
from kafka_compat.storage.local.policy import LocalPolicy
from tests.support.storage_worlds import (
    FOREVER,
    LOG,
    SMALL_SEGMENTS,
    World,
    append,
    append_many,
    make_batch,
    read_all,
    read_aux,
    read_bytes,
    stream,
)

FIRST = "00000000000000000000"
SECOND = "00000000000000000005"


@pytest.mark.parametrize("size", range(1000, 1100, 7))
async def test_torn_tail_is_cut(world: World, size: int) -> None:
    log = await world.open()
    batches = append_many(log, 11)
    world.die()
    world.cut(f"{FIRST}.log", size)
    world.start()
    log = await world.open()
    assert read_all(log) == batches[:10]
    assert log.size_in_bytes == 1000
    assert append_many(log, 1) == batches[10:]


@pytest.mark.parametrize("position", [100, 108, 110, 116, 117, 121, 123, 160, 199])
async def test_log_ends_before_the_first_bad_byte(world: World, position: int) -> None:
    """A flipped byte in the base offset, length, magic, CRC or what it covers; later segments go too."""
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 13)
    world.die()
    byte = read_bytes(log, 0)[position]
    world.edit(f"{FIRST}.log", position, bytes([byte ^ 0x80]))
    world.start()
    log = await world.open()
    assert read_all(log) == batches[:1]
    assert log.end_offset == 1
    assert not [name for name in world.names() if name.startswith(SECOND)]


async def test_zeros_in_place_of_a_page_end_the_log(world: World) -> None:
    log = await world.open()
    batches = append_many(log, 10)
    world.die()
    world.edit(f"{FIRST}.log", 300, bytes(200))
    world.start()
    assert read_all(await world.open()) == batches[:3]


async def test_offsets_that_go_back_end_the_log(world: World) -> None:
    log = await world.open()
    batches = append_many(log, 5)
    world.die()
    world.edit(f"{FIRST}.log", 300, make_batch(1))
    world.start()
    assert read_all(await world.open()) == batches[:3]


async def test_bytes_below_the_recovery_point_are_not_read(world: World) -> None:
    """Recovery costs what was not synced, not the size of the log."""
    log = await world.open()
    append_many(log, 100)
    await log.sync(100)
    append_many(log, 5)
    world.die()
    world.edit(f"{FIRST}.log", 5000, bytes(50))
    world.start()
    log = await world.open()
    assert log.end_offset == 105
    assert log.synced_offset == 100


@pytest.mark.parametrize("damage", ["missing", "short", "garbage", "zeros"])
@pytest.mark.parametrize("suffix", ["index", "timeindex"])
@pytest.mark.parametrize("way", ["kill", "close"])
async def test_damaged_index_is_rebuilt(world: World, suffix: str, damage: str, way: str) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 13)
    await log.sync(13)
    before = log.segments()
    if way == "kill":
        world.die()
    else:
        await world.store.close()
    for base in (FIRST, SECOND):
        name = f"{base}.{suffix}"
        size = world.filesystem.open(world.path(name)).size()
        if damage == "missing":
            world.filesystem.remove(world.path(name))
        elif damage == "short":
            world.cut(name, size - 3)
        else:
            world.edit(name, 0, (b"\xff" if damage == "garbage" else b"\0") * size)
    world.start()
    log = await world.open(policy=SMALL_SEGMENTS)
    assert read_all(log) == batches
    for timestamp_ms in range(13):
        assert await log.find_batch(timestamp_ms, 0, FOREVER) == timestamp_ms
    assert log.segments() == before


async def test_lost_journal_costs_a_full_recovery(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS, epoch=4)
    batches = append_many(log, 13)
    await world.store.close()
    world.filesystem.remove(f"{world.root}/checkpoint.journal")
    world.start()
    assert not world.store.was_clean_shutdown
    assert await world.store.list() == [LOG]
    assert read_all(await world.open()) == batches


@pytest.mark.parametrize("damage", ["lost", "a line in the middle"])
async def test_damaged_journal_does_not_cost_compacted_segments(world: World, damage: str) -> None:
    """The gaps compaction left are no lost segments, though the recovery point that tells is gone."""
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 17)
    await log.rewrite([5], stream([]), 0)
    await log.put_aux("epochs", 17, b"")
    await log.roll(0)
    append_many(log, 1)
    world.die()
    path = f"{world.root}/checkpoint.journal"
    if damage == "lost":
        world.filesystem.remove(path)
    else:
        file = world.filesystem.open(path)
        content = bytes(file.read(0, file.size()))
        file.write(content.index(b"synced") + 10, b"?")
        file.close()
    world.start()
    assert read_all(await world.open())[:-1] == batches[:5] + batches[10:]


@pytest.mark.parametrize("is_damaged", [False, True])
async def test_what_follows_on_a_log_that_was_cut_to_nothing_is_kept(world: World, is_damaged: bool) -> None:
    """Cut at 3, before its only batch, the log begins at 0 again after a death, below the recovery point."""
    log = await world.open()
    append(log, 3)
    await log.truncate(3)
    world.die()
    world.start()
    log = await world.open()
    assert log.end_offset == 0
    batches = append_many(log, 2)
    world.die()
    if is_damaged:
        world.edit(f"{FIRST}.log", 199, b"\xff")
    world.start()
    log = await world.open()
    assert read_all(log) == batches[: 1 if is_damaged else 2]


async def test_torn_journal_line_is_ignored(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 13)
    await log.advance_start(6)
    world.die()
    file = world.filesystem.open(f"{world.root}/checkpoint.journal")
    file.write(file.size(), b'deadbeef ["start","orders-0",')
    file.close()
    world.start()
    log = await world.open()
    assert log.start_offset == 6
    assert read_all(log) == batches[6:]
    await log.advance_start(7)
    await world.kill()
    assert (await world.open()).start_offset == 7


async def test_unfinished_files_are_removed(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 13)
    world.die()
    before = world.names()
    for name in (f"{FIRST}.log.cleaned", f"{SECOND}.log.deleted", f"{SECOND}.index.deleted", f"{FIRST}.producers.aux.tmp"):
        world.filesystem.open(world.path(name), create=True).close()
    world.start()
    assert read_all(await world.open()) == batches
    assert world.names() == before


async def test_finished_compaction_is_swapped_in(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    batches = append_many(log, 13)
    await log.sync(13)
    world.die()
    file = world.filesystem.open(world.path(f"{FIRST}-{10:020d}.log.swap"), create=True)
    file.write(0, batches[4])
    file.close()
    world.start()
    log = await world.open()
    assert read_all(log) == [batches[4], *batches[10:]]
    assert [info.base_offset for info in log.segments()] == [0, 10]


async def test_damaged_aux_blob_gives_way_to_the_one_before(world: World) -> None:
    log = await world.open()
    append_many(log, 10)
    await log.put_aux("producers", 3, b"three")
    await log.put_aux("producers", 7, b"seven")
    world.die()
    world.edit(f"{7:020d}.producers.aux", 5, b"X")
    world.start()
    assert await read_aux(await world.open(), "producers", 10) == (3, b"three")


async def test_cut_log_loses_the_aux_blobs_above(world: World) -> None:
    log = await world.open()
    append_many(log, 10)
    for offset in (3, 7):
        await log.put_aux("producers", offset, b"")
    world.die()
    world.cut(f"{FIRST}.log", 550)
    world.start()
    assert await read_aux(await world.open(), "producers", 100) == (3, b"")


async def test_deleted_directories_are_removed_at_start(world: World) -> None:
    log = await world.open()
    append_many(log, 1)
    await world.store.delete(LOG, 1)
    assert any(name.endswith("-delete") for name in world.filesystem.list_directory(world.root))
    await world.restart()
    assert not any(name.startswith("orders") for name in world.filesystem.list_directory(world.root))


async def test_deleted_files_can_be_removed_at_once(world: World) -> None:
    log = await world.open(policy=SMALL_SEGMENTS)
    append_many(log, 12)
    await log.advance_start(12)
    await log.delete_below_start()
    await world.store.delete(LOG, 1)
    world.store.remove_deleted_files()
    await world.store.close()
    assert not any(name.startswith("orders") for name in world.filesystem.list_directory(world.root))


async def test_directory_without_identity_is_set_aside_when_it_holds_segments(world: World) -> None:
    log = await world.open()
    append_many(log, 1)
    await world.store.close()
    world.filesystem.remove(f"{world.root}/checkpoint.journal")
    world.cut("partition.json", 3)
    world.start()
    assert await world.store.list() == []
    assert any(name.endswith("-stray") for name in world.filesystem.list_directory(world.root))
    await world.restart()
    assert any(name.endswith("-stray") for name in world.filesystem.list_directory(world.root))


async def test_interrupted_creation_leaves_nothing(world: World) -> None:
    world.die()
    world.filesystem.make_directories(f"{world.root}/orders-0")
    world.filesystem.make_directories(f"{world.root}/lost+found")
    world.start()
    assert await world.store.list() == []
    assert not world.filesystem.exists(f"{world.root}/orders-0")
    assert world.filesystem.exists(f"{world.root}/lost+found")


async def test_vanished_directory_is_forgotten(world: World) -> None:
    await world.open()
    await world.store.close()
    world.filesystem.remove_tree(f"{world.root}/orders-0")
    world.start()
    assert await world.store.list() == []
    assert (await world.open()).end_offset == 0


async def test_newer_format_is_refused(world: World) -> None:
    await world.store.close()
    file = world.filesystem.open(f"{world.root}/meta.json")
    original = bytes(file.read(0, 100))
    file.truncate(0)
    file.write(0, json.dumps({"format": 2}).encode())
    with pytest.raises(Corrupt, match="has format 2, this version reads up to 1"):
        world.start()
    file.truncate(0)
    with pytest.raises(Corrupt, match="does not tell the format"):
        world.start()
    file.write(0, original)
    file.close()
    world.start()


async def test_directory_in_use_is_refused(world: World) -> None:
    with pytest.raises(DirectoryInUse, match=f"{world.root} is in use by process [0-9]+"):
        LocalLogStore(world.filesystem, world.root)
    await world.restart()


async def test_segment_shortened_while_closed_is_noticed(world: World) -> None:
    """A clean end is trusted; a file that lies is not appended to."""
    log = await world.open()
    batches = append_many(log, 10)
    await world.store.close()
    world.cut(f"{FIRST}.log", 950)
    world.start()
    log = await world.open()
    with pytest.raises(Corrupt):
        read_all(log)
    with pytest.raises(Unavailable):
        append(log, 10)
    log = await world.open()
    assert read_all(log) == batches[:9]


async def test_disk_format_is_stable(world: World) -> None:
    """The files of format 1, byte by byte: a change here needs a new format number."""
    log = await world.open(policy=LocalPolicy(index_interval_bytes=150))
    batches = append_many(log, 7)
    await log.put_aux("producers", 7, b"state")
    await world.store.close()
    content = {}
    for name in world.names():
        file = world.filesystem.open(world.path(name))
        content[name] = bytes(file.read(0, file.size()))
        file.close()
    assert content == {
        "partition.json": b'{"topic": "orders", "partition": 0, "id": "30313233343536373839616263646566"}\n',
        f"{FIRST}.log": b"".join(batches),
        f"{FIRST}.index": struct.pack(">6I", 2, 200, 4, 400, 6, 600),
        f"{FIRST}.timeindex": struct.pack(">qIqIqI", 2, 2, 4, 4, 6, 6),
        f"{7:020d}.producers.aux": b"\x66\xdb\x68\xdf" + b"state",
    }
    world.start()


async def test_start_is_quick_with_many_logs(tmp_path: Path) -> None:
    """After a clean end no log's files are touched; without one, only those of logs that were written to."""
    filesystem = OsFileSystem(max_open_files=50)
    logs = [LogId("orders", partition, TopicId(bytes(16))) for partition in range(2000)]
    store = LocalLogStore(filesystem, str(tmp_path))
    for log_id in logs:
        await store.create(log_id, 0)
        log = await store.open(log_id, 0, LogPolicy())
        if log_id.partition < 100:
            append_many(log, 1)
    assert filesystem.open_files <= 50
    await store.close()
    began = time.perf_counter()
    store = LocalLogStore(filesystem, str(tmp_path))
    for log_id in logs:
        await store.open(log_id, 1, LogPolicy())
    elapsed = time.perf_counter() - began
    await store.close()
    assert elapsed < 5, f"{elapsed:.2f} s"


async def test_memory_and_disk_write_the_same_bytes(tmp_path: Path) -> None:
    images = []
    for filesystem, root in ((MemoryFileSystem(), "/data"), (OsFileSystem(), str(tmp_path))):
        world = World(filesystem, root)
        log = await world.open(policy=SMALL_SEGMENTS)
        append_many(log, 20)
        await log.advance_start(7)
        await log.delete_below_start()
        await log.put_aux("epochs", 9, b"x")
        await world.store.close()
        image = {}
        for name in world.names():
            if not name.endswith(".deleted"):
                file = filesystem.open(world.path(name))
                image[name] = bytes(file.read(0, file.size()))
                file.close()
        images.append(image)
    assert images[0] == images[1]
