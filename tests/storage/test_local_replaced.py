"""Readers of a segment that compaction replaced: they go on with the old file, never with its successor's by the same names."""

from __future__ import annotations

import random
import threading
from pathlib import Path

from kafka_compat.filesystem import OsFileSystem
from kafka_compat.storage.local import LocalLogStore
from kafka_compat.storage.local.handle import LocalOpenLog
from kafka_compat.storage.local.policy import LocalPolicy
from kafka_compat.storage.local.reading import Range, read_slice
from kafka_compat.storage.local.segment import Segment
from tests.support.storage_worlds import FOREVER, LOG, append_many, last_offset, make_batch, split, stream

POLICY = LocalPolicy(segment_bytes=50_000, index_interval_bytes=300)


def offsets_from(segment: Segment, offset: int) -> list[int]:
    found = read_slice(segment, Range(offset, FOREVER, FOREVER, True), None, cached=False)
    assert found is not None
    return [last_offset(batch) for batch in split(b"".join(found.chunk.buffers))]


async def test_a_reader_of_a_replaced_segment_reads_the_old_one(tmp_path: Path) -> None:
    store = LocalLogStore(OsFileSystem(max_open_files=1), str(tmp_path))  # each file is opened anew, by its name
    await store.create(LOG, 1)
    log = await store.open(LOG, 1, POLICY)
    assert isinstance(log, LocalOpenLog)
    append_many(log, 100)
    await log.roll(0)
    append_many(log, 1)
    old = log._log.segments[0]
    old.indexes.unload()
    kept = [make_batch(offset, size=200 + offset % 7, timestamp_ms=offset) for offset in range(0, 100, 3)]
    await log.rewrite([0], stream(kept), 0)
    new = log._log.segments[0]
    assert new is not old
    assert offsets_from(new, 50) == list(range(51, 100, 3))
    for offset in (0, 50, 99):
        assert offsets_from(old, offset) == list(range(offset, 100))
        old.indexes.unload()
        new.indexes.unload()
    assert offsets_from(new, 50) == list(range(51, 100, 3))
    await store.close()


async def test_threads_read_while_segments_are_replaced(tmp_path: Path) -> None:
    store = LocalLogStore(OsFileSystem(max_open_files=2), str(tmp_path))
    await store.create(LOG, 1)
    log = await store.open(LOG, 1, POLICY)
    assert isinstance(log, LocalOpenLog)
    append_many(log, 200)
    await log.roll(0)
    append_many(log, 1)
    wrong: list[str] = []
    ended = threading.Event()

    def read_on(seed: int) -> None:
        chance = random.Random(seed)
        while not ended.is_set():
            offset = chance.randrange(200)
            try:
                chunk = log._log.read(Range(offset, FOREVER, 1, True), cached=False)
                assert chunk is not None
                batch = b"".join(chunk.buffers)
                base = int.from_bytes(batch[:8], "big")
                if not (offset <= base < offset + 4 and batch in batches_of(base)):
                    wrong.append(f"{offset}: a batch at {base}")
            except Exception as error:
                wrong.append(f"{offset}: {error!r}")

    def batches_of(base: int) -> list[bytes]:
        return [make_batch(base, size=size, timestamp_ms=base) for size in range(100, 140)]

    readers = [threading.Thread(target=read_on, args=(seed,)) for seed in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(20):
        step = 1 + turn % 3  # the last one always stays; offsets that are gone may come back, which no cleaner does
        kept = [make_batch(offset, size=100 + turn % 40, timestamp_ms=offset) for offset in range(0, 200, step)]
        for segment in log._log.segments:
            segment.indexes.unload()
        await log.rewrite([0], stream(kept), 0)
    ended.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    await store.close()
