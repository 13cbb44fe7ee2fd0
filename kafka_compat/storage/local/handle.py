"""The fenced view of a log that one owner holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

from kafka_compat.storage.interface import Chunk, Fenced, LogId, LogPolicy, SegmentInfo, Staged
from kafka_compat.storage.local import reshaping
from kafka_compat.storage.local.log import LocalLog
from kafka_compat.storage.local.policy import LocalPolicy
from kafka_compat.storage.local.reading import Range


class LocalOpenLog:
    """An `OpenLog` that may change its log while it is the newest handle; it may always read."""

    def __init__(self, log: LocalLog, epoch: int) -> None:
        self._log = log
        self._epoch = epoch
        self._is_owner = True
        self._read = log.read

    def fence(self) -> None:
        """Take the right to change the log."""
        self._is_owner = False

    @property
    def log_id(self) -> LogId:
        """Which log this is."""
        return self._log.state.log_id

    @property
    def epoch(self) -> int:
        """The leader epoch the handle was opened with."""
        return self._epoch

    @property
    def start_offset(self) -> int:
        """The log start offset."""
        return self._log.state.start_offset

    @property
    def end_offset(self) -> int:
        """The log end offset."""
        return self._log.end_offset

    @property
    def synced_offset(self) -> int:
        """Everything below survives a power loss."""
        return self._log.synced_offset

    @property
    def size_in_bytes(self) -> int:
        """Sum of the segments' sizes."""
        return sum(segment.size for segment in self._log.segments)

    def append(
        self,
        batch: bytes | bytearray | memoryview,
        base_offset: int,
        last_offset: int,
        max_timestamp_ms: int,
        now_ms: int,
        staged: Staged | None = None,
    ) -> asyncio.Future[None] | None:
        """As `OpenLog.append`."""
        if not self._is_owner:
            self._owned()
        return self._log.append(batch, base_offset, last_offset, max_timestamp_ms, now_ms, staged)

    async def stage(self, batch: bytes | bytearray | memoryview) -> Staged:
        """As `OpenLog.stage`."""
        return await self._owned().stage(batch)

    async def sync(self, up_to: int) -> int:
        """As `OpenLog.sync`."""
        return await self._owned().sync(up_to)

    def read_now(self, offset: int, max_offset: int, max_bytes: int, min_one: bool, *, to_socket: bool = False) -> Chunk | None:
        """As `OpenLog.read_now`."""
        return self._read(Range(offset, max_offset, max_bytes, min_one, to_socket), cached=True)

    async def read(self, offset: int, max_offset: int, max_bytes: int, min_one: bool, *, to_socket: bool = False) -> Chunk:
        """As `OpenLog.read`."""
        wanted = Range(offset, max_offset, max_bytes, min_one, to_socket)
        chunk = await self._log.store.worker.run(lambda: self._log.read(wanted, cached=False))
        assert chunk is not None
        return chunk

    def segments(self) -> Sequence[SegmentInfo]:
        """As `OpenLog.segments`."""
        return self._log.infos()

    async def find_batch(self, timestamp_ms: int, start_offset: int, end_offset: int) -> int | None:
        """As `OpenLog.find_batch`."""
        return await self._log.store.worker.run(lambda: self._log.find_batch(timestamp_ms, start_offset, end_offset))

    async def find_max_timestamp(self, start_offset: int, end_offset: int) -> int | None:
        """As `OpenLog.find_max_timestamp`."""
        return await self._log.store.worker.run(lambda: self._log.find_max_timestamp(start_offset, end_offset))

    async def roll(self, now_ms: int) -> None:
        """As `OpenLog.roll`."""
        await reshaping.roll(self._owned(), self._owned)

    async def truncate(self, end_offset: int) -> None:
        """As `OpenLog.truncate`."""
        await reshaping.truncate(self._owned(), self._owned, end_offset)

    async def truncate_fully_and_start_at(self, offset: int) -> None:
        """As `OpenLog.truncate_fully_and_start_at`."""
        await reshaping.start_at(self._owned(), self._owned, offset)

    async def advance_start(self, offset: int) -> None:
        """As `OpenLog.advance_start`."""
        await reshaping.advance_start(self._owned(), self._owned, offset)

    async def delete_below_start(self) -> None:
        """As `OpenLog.delete_below_start`."""
        await reshaping.delete_below_start(self._owned(), self._owned)

    async def rewrite(self, base_offsets: Sequence[int], batches: AsyncIterator[bytes | memoryview], created_ms: int) -> None:
        """As `OpenLog.rewrite`."""
        await reshaping.rewrite(self._owned(), self._owned, base_offsets, batches, created_ms)

    async def put_aux(self, kind: str, at_offset: int, blob: bytes) -> None:
        """As `OpenLog.put_aux`."""
        await reshaping.put_aux(self._owned(), self._owned, kind, at_offset, blob)

    async def read_aux(self, kinds: Sequence[str], at_or_before: int) -> Mapping[str, tuple[int, bytes]]:
        """As `OpenLog.read_aux`."""
        return await reshaping.read_aux(self._log, kinds, at_or_before)

    def set_policy(self, policy: LogPolicy) -> None:
        """As `OpenLog.set_policy`."""
        self._owned().set_policy(LocalPolicy.of(policy))

    async def close(self) -> None:
        """As `OpenLog.close`; a fenced handle only lets go."""
        if self._is_owner:
            await self._log.close()

    def _owned(self) -> LocalLog:
        if not self._is_owner:
            raise Fenced(f"{self._log.name}: epoch {self._epoch} was superseded by {self._log.state.epoch}")
        return self._log
