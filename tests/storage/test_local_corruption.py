"""Damaged files: a start never crashes, other logs are whole, and what is lost is told in the log.

One byte or range of one file is changed, cut or zeroed: of segments, indexes, blobs, identities, the journal.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.storage.interface import Corrupt, Fenced, LogId, OpenLog, StorageError, Unavailable
from kafka_compat.storage.local import LocalLogStore
from tests.support.storage_worlds import (
    LOG,
    SMALL_SEGMENTS,
    TOPIC_ID,
    append_many,
    last_offset,
    make_batch,
    read_all,
    read_bytes,
    split,
)

POLICY = SMALL_SEGMENTS
OTHERS = (LogId("orders", 1, TOPIC_ID), LogId("payments", 0, TOPIC_ID))
ROOT = "/data"
BATCHES = 13


@dataclass(frozen=True)
class Damage:
    """What is done to which file; places are shares of the file's size."""

    file: int
    place: float
    kind: str
    bit: int

    def apply(self, filesystem: MemoryFileSystem) -> str:
        """Damage one file below `orders-0`, or the journal; its path."""
        directory = f"{ROOT}/orders-0"
        paths = sorted(f"{directory}/{name}" for name in filesystem.list_directory(directory))
        if filesystem.exists(f"{ROOT}/checkpoint.journal"):
            paths.append(f"{ROOT}/checkpoint.journal")
        path = paths[self.file % len(paths)]
        file = filesystem.open(path)
        size = file.size()
        position = min(int(size * self.place), max(size - 1, 0))
        match self.kind:
            case "flip" if size:
                (byte,) = file.read(position, 1)
                file.write(position, bytes([byte ^ 1 << self.bit]))
            case "zero" if size:
                file.write(position, bytes(min(64, size - position)))
            case "cut":
                file.truncate(position)
            case "grow":
                file.write(size, b"\xff" * (1 + self.bit))
            case "remove":
                filesystem.remove(path)
            case _:
                pass
        return path


DAMAGES = st.builds(
    Damage,
    file=st.integers(0, 30),
    place=st.floats(0, 1),
    kind=st.sampled_from(["flip", "flip", "zero", "cut", "grow", "remove"]),
    bit=st.integers(0, 7),
)


async def fill(store: LocalLogStore, log_id: LogId) -> tuple[OpenLog, list[bytes]]:
    await store.create(log_id, 1)
    log = await store.open(log_id, 1, POLICY)
    batches = append_many(log, 7)
    await log.sync(7)
    await log.put_aux("producers", 7, b"state" * 20)
    batches += append_many(log, BATCHES - 7)
    return log, batches


async def readable(log: OpenLog) -> list[bytes]:
    """Whole batches with right checksums, until the first that is not; wrong bytes may only be told as Corrupt."""
    found: list[bytes] = []
    offset = log.start_offset
    while offset < log.end_offset:
        try:
            found += (batches := split(read_bytes(log, offset, max_bytes=1)))
        except (StorageError, AssertionError):
            return found
        # No checksum covers a base offset, so a damaged one may lead back.
        if not batches or last_offset(batches[-1]) < offset:
            return found
        offset = last_offset(batches[-1]) + 1
    return found


def append(log: OpenLog) -> None:
    end = log.end_offset
    log.append(make_batch(end), end, end, 0, 0)


def body(batch: bytes) -> bytes:
    """What the checksum covers: neither the base offset nor the leader epoch."""
    return batch[16:]


@settings(max_examples=400, deadline=None)
@given(damages=st.lists(DAMAGES, min_size=1, max_size=2), is_clean=st.booleans())
@example(damages=[Damage(file=4, place=0.015, kind="flip", bit=2)], is_clean=True)  # a segment begins with 1 in place of 5
async def test_damage_of_one_log_costs_no_other(damages: list[Damage], is_clean: bool) -> None:
    filesystem = MemoryFileSystem()
    store = LocalLogStore(filesystem, ROOT)
    whole = {log_id: (await fill(store, log_id))[1] for log_id in (LOG, *OTHERS)}
    if is_clean:
        await store.close()
    else:
        filesystem = filesystem.crash(power_loss=False)
    damaged = [damage.apply(filesystem) for damage in damages]
    store = LocalLogStore(filesystem, ROOT)
    known = await store.list()
    for log_id in OTHERS:
        assert log_id in known, f"{log_id} is gone after damage of {damaged}"
        assert read_all(await store.open(log_id, 1, POLICY)) == whole[log_id], f"after damage of {damaged}"
    try:
        log = await store.open(LOG, 1, POLICY)
    except Fenced:
        # Nobody can tell whose directory it is, or it says another topic's: it was set aside or left, not removed.
        is_aside = any(name.endswith("-stray") for name in filesystem.list_directory(ROOT))
        is_anothers = any(log_id.topic == LOG.topic and log_id not in (LOG, *OTHERS) for log_id in known)
        assert is_aside or is_anothers, f"after damage of {damaged}"
    else:
        found = list(map(body, await readable(log)))
        assert found == [batch for batch in map(body, whole[LOG]) if batch in found], "records were reordered"
        for timestamp_ms in (0, 5, BATCHES):
            try:
                await log.find_batch(timestamp_ms, log.start_offset, log.end_offset)
                await log.find_max_timestamp(log.start_offset, log.end_offset)
            except StorageError:
                pass
        await log.read_aux(["producers"], log.end_offset)
        try:
            append(log)
        except Unavailable:
            # The files are not what the stop had left: looked at again, they are cut to what is good.
            append(await store.open(LOG, 1, POLICY))
    await store.close()


@pytest.mark.parametrize("name", ["00000000000000000010.log", "00000000000000000005.log"])
async def test_what_a_cut_costs_is_told(name: str, caplog: pytest.LogCaptureFixture) -> None:
    filesystem = MemoryFileSystem()
    store = LocalLogStore(filesystem, ROOT)
    await fill(store, LOG)
    filesystem = filesystem.crash(power_loss=False)
    file = filesystem.open(f"{ROOT}/orders-0/{name}")
    position = file.size() - 30
    (byte,) = file.read(position, 1)
    file.write(position, bytes([byte ^ 1]))
    with caplog.at_level(logging.WARNING):
        log = await LocalLogStore(filesystem, ROOT).open(LOG, 1, POLICY)
    assert log.end_offset < BATCHES
    assert f"cut at offset {log.end_offset}" in caplog.text
    assert name in caplog.text


@pytest.mark.parametrize("content", [b"", b"{", b'{"format": "one"}', b"\xff\xfe"])
async def test_a_directory_that_does_not_tell_its_format_is_refused(content: bytes) -> None:
    filesystem = MemoryFileSystem()
    store = LocalLogStore(filesystem, ROOT)
    await fill(store, LOG)
    await store.close()
    file = filesystem.open(f"{ROOT}/meta.json")
    file.truncate(0)
    file.write(0, content)
    with pytest.raises(Corrupt, match=r"meta\.json does not tell the format"):
        LocalLogStore(filesystem, ROOT)
