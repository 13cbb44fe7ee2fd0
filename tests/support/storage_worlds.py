"""A store to test with, whatever it lies on: builds batches, opens logs, dies and comes back."""

from __future__ import annotations

import shutil
import struct
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from kafka_compat.checksum import crc32c
from kafka_compat.filesystem import FileSystem, MemoryFileSystem, OsFileSystem
from kafka_compat.ids import TopicId
from kafka_compat.storage.interface import LogId, LogPolicy, OpenLog
from kafka_compat.storage.local import LocalLogStore
from kafka_compat.storage.local.handle import LocalOpenLog
from kafka_compat.storage.local.policy import LocalPolicy

FOREVER = 1 << 62
# For short logs that have all that long ones have; a store takes from a policy what it knows.
SMALL_SEGMENTS: LogPolicy = LocalPolicy(segment_bytes=500, index_interval_bytes=150)
SMALL_INDEX_STEPS: LogPolicy = LocalPolicy(index_interval_bytes=200)
TOPIC_ID = TopicId(b"0123456789abcdef")
LOG = LogId("orders", 0, TOPIC_ID)


def make_batch(base_offset: int, *, records: int = 1, size: int = 100, timestamp_ms: int = 0) -> bytes:
    """A batch with a true header and checksum around `size` bytes in total that depend on the offset."""
    body = struct.pack(">hiqqqhii", 0, records - 1, timestamp_ms, timestamp_ms, -1, -1, -1, records)
    body += (base_offset.to_bytes(8, "big") * (size // 8))[: size - 61]
    return struct.pack(">qiibI", base_offset, len(body) + 9, 0, 2, crc32c(body)) + body


def append(
    log: OpenLog, base_offset: int, *, records: int = 1, size: int = 100, timestamp_ms: int = 0, now_ms: int = 0
) -> bytes:
    """Append one batch that is durable at once under the policy."""
    batch = make_batch(base_offset, records=records, size=size, timestamp_ms=timestamp_ms)
    assert log.append(batch, base_offset, base_offset + records - 1, timestamp_ms, now_ms) is None
    return batch


def append_many(log: OpenLog, count: int, *, size: int = 100) -> list[bytes]:
    """Append batches of one record at the end; timestamps are the offsets."""
    first = log.end_offset
    return [append(log, offset, size=size, timestamp_ms=offset) for offset in range(first, first + count)]


def read_bytes(
    log: OpenLog, offset: int, *, max_offset: int = FOREVER, max_bytes: int = FOREVER, min_one: bool = True
) -> bytes:
    """What one `read_now` returns; what was just written is in memory, but the system may be busy with it."""
    tries = iter(range(10_000))
    while (chunk := log.read_now(offset, max_offset, max_bytes, min_one)) is None:
        assert next(tries, None) is not None, "the read would block"
    content = b"".join(chunk.buffers)
    assert chunk.size_in_bytes == len(content)
    chunk.close()
    return content


def split(content: bytes) -> list[bytes]:
    """The batches in `content`, each checked."""
    batches = []
    while content:
        length = 12 + struct.unpack_from(">i", content, 8)[0]
        batch, content = content[:length], content[length:]
        assert len(batch) == length, "a batch was cut"
        assert crc32c(batch[21:]) == struct.unpack_from(">I", batch, 17)[0]
        batches.append(batch)
    return batches


async def loaded(log: OpenLog) -> None:
    """Wait until all is loaded ahead of readers that was begun; one thread does it."""
    assert isinstance(log, LocalOpenLog)
    await log._log.store.loader.run(lambda: None)


async def read_aux(log: OpenLog, kind: str, at_or_before: int) -> tuple[int, bytes] | None:
    """The newest blob of one kind."""
    return (await log.read_aux([kind], at_or_before)).get(kind)


def last_offset(batch: bytes) -> int:
    base_offset, delta = struct.unpack_from(">q15xi", batch)
    return int(base_offset + delta)


def read_all(log: OpenLog, *, max_bytes: int = 1000) -> list[bytes]:
    """Every batch from the start offset on, fetched piece by piece."""
    batches: list[bytes] = []
    offset = log.start_offset
    while offset < log.end_offset:
        found = split(read_bytes(log, offset, max_bytes=max_bytes))
        if not found:
            break
        batches += found
        offset = last_offset(found[-1]) + 1
    return batches


def offsets(batches: Sequence[bytes]) -> list[int]:
    return [struct.unpack_from(">q", batch)[0] for batch in batches]


class World:
    """One store at a time over one file system."""

    def __init__(self, filesystem: FileSystem, root: str) -> None:
        self.filesystem = filesystem
        self.root = root
        self.delays: list[int] = []
        self._scheduled: list[object] = []
        self._abandoned: list[LocalLogStore] = []
        self.store = self._start()

    def _start(self) -> LocalLogStore:
        return LocalLogStore(self.filesystem, self.root, lambda delay_ms, _: self.delays.append(delay_ms))

    async def open(self, log: LogId = LOG, *, epoch: int = 1, policy: LogPolicy | None = None) -> OpenLog:
        await self.store.create(log, epoch)
        return await self.store.open(log, epoch, policy or LogPolicy())

    async def restart(self) -> None:
        """Close the store and start the next one."""
        await self.store.close()
        self.store = self._start()

    def die(self) -> None:
        """Kill the process: what was written is there, nothing was closed. `start` next."""
        self._abandoned.append(self.store)
        if isinstance(self.filesystem, MemoryFileSystem):
            self.filesystem = self.filesystem.crash(power_loss=False)
        else:
            # The dead store still holds the lock of its directory: its successor finds a copy.
            copy = self.root + "+"
            shutil.copytree(self.root, copy)
            self.root = copy

    def start(self) -> None:
        self.store = self._start()

    async def kill(self) -> None:
        """Die and come back."""
        self.die()
        self.start()

    async def shut_down(self) -> None:
        await self.store.close()
        for store in self._abandoned:
            store.loader.close(drop=True)
            store.worker.close()
            store._release()

    def path(self, name: str) -> str:
        """A file in the directory of LOG."""
        return f"{self.root}/orders-0/{name}"

    def names(self) -> list[str]:
        return sorted(self.filesystem.list_directory(self.path("")))

    def edit(self, name: str, offset: int, content: bytes) -> None:
        file = self.filesystem.open(self.path(name))
        file.write(offset, content)
        file.close()

    def cut(self, name: str, size: int) -> None:
        file = self.filesystem.open(self.path(name))
        file.truncate(size)
        file.close()


def make_world(kind: str, tmp_path: Path) -> World:
    if kind == "memory":
        return World(MemoryFileSystem(), "/data")
    return World(OsFileSystem(max_open_files=4), str(tmp_path / "data"))


async def stream(batches: Sequence[bytes]) -> AsyncIterator[bytes | memoryview]:
    for batch in batches:
        yield batch
