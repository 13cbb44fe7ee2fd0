"""A log in a list, whose durability and failures a test decides, with a partition over it; and a log manager in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.topic import TopicConfig
from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.ids import ZERO_TOPIC_ID, TopicId
from kafka_compat.log.leader_epochs import LeaderEpochs
from kafka_compat.log.manager import LogManager
from kafka_compat.log.partition import AppendResult, PartitionLog
from kafka_compat.log.producer_state import ProducerState
from kafka_compat.log.purgatory import Purgatory
from kafka_compat.log.recovery import recover_state
from kafka_compat.log.state import LogState
from kafka_compat.log.transaction_index import TransactionIndex
from kafka_compat.records.batch import parse_header
from kafka_compat.records.builder import build_batch
from kafka_compat.storage.interface import LogId, LogPolicy, OutOfRange, SegmentInfo, Staged, Unavailable
from kafka_compat.storage.local import LocalLogStore
from kafka_compat.testing.manual_clock import ManualClock

NOW_MS = 1_700_000_000_000
LOG_ID = LogId("t", 0, ZERO_TOPIC_ID)
TOPIC_ID = TopicId(b"0123456789abcdef")
LOG = LogId("t", 0, TOPIC_ID)


class FakeChunk:
    def __init__(self, buffers: Sequence[bytes]) -> None:
        self.buffers: Sequence[bytes | memoryview] = buffers
        self.size_in_bytes = self.bytes_in_memory = sum(map(len, buffers))
        self.next_offset = -1

    @property
    def parts(self) -> Sequence[bytes | memoryview]:
        return self.buffers

    def close(self) -> None:
        self.buffers = ()


class FakeLog:
    """An OpenLog: durable at once, or when `finish` is called."""

    def __init__(self) -> None:
        self.log_id = LOG_ID
        self.epoch = 0
        self.start_offset = 0
        self.end_offset = 0
        self.synced_offset = 0
        self.size_in_bytes = 0
        self.batches: list[tuple[int, int, int, bytes]] = []
        self.is_delayed = False
        self.error: Exception | None = None
        self.pending: list[asyncio.Future[None]] = []
        self.blobs: dict[str, tuple[int, bytes]] = {}

    async def stage(self, batch: bytes | bytearray | memoryview) -> Staged:
        raise NotImplementedError

    def append(
        self,
        batch: bytes | bytearray | memoryview,
        base_offset: int,
        last_offset: int,
        max_timestamp_ms: int,
        now_ms: int,
        staged: Staged | None = None,
    ) -> asyncio.Future[None] | None:
        if self.error is not None:
            raise self.error
        self.batches.append((base_offset, last_offset, max_timestamp_ms, bytes(batch)))
        self.end_offset = last_offset + 1
        self.size_in_bytes += len(batch)
        if not self.is_delayed:
            return None
        self.pending.append(asyncio.get_running_loop().create_future())
        return self.pending[-1]

    async def finish(self, count: int = 1) -> None:
        """Make the oldest `count` appends durable."""
        for _ in range(count):
            self.pending.pop(0).set_result(None)
        await asyncio.sleep(0)

    async def fail(self) -> None:
        """The medium failed: every append that is not durable is lost."""
        self.error = Unavailable("disk full")
        for future in self.pending:
            future.set_exception(self.error)
        await asyncio.sleep(0)

    async def sync(self, up_to: int) -> int:
        self.synced_offset = max(self.synced_offset, up_to)
        return self.synced_offset

    def read_now(
        self, offset: int, max_offset: int, max_bytes: int, min_one: bool, *, to_socket: bool = False
    ) -> FakeChunk | None:
        if not self.start_offset <= offset <= self.end_offset:
            raise OutOfRange(str(offset))
        found: list[bytes] = []
        for base, last, _, batch in self.batches:
            if last < offset:
                continue
            if base >= max_offset or (len(batch) > max_bytes and (found or not min_one)):
                break
            found.append(batch)
            max_bytes -= len(batch)
        return FakeChunk(found)

    async def read(self, offset: int, max_offset: int, max_bytes: int, min_one: bool, *, to_socket: bool = False) -> FakeChunk:
        chunk = self.read_now(offset, max_offset, max_bytes, min_one)
        assert chunk is not None
        return chunk

    def segments(self) -> Sequence[SegmentInfo]:
        return [
            SegmentInfo(base, last + 1, len(batch), timestamp, last if timestamp >= 0 else -1, NOW_MS, sealed=True)
            for base, last, timestamp, batch in self.batches
        ]

    async def find_batch(self, timestamp_ms: int, start_offset: int, end_offset: int) -> int | None:
        for base, last, timestamp, _ in self.batches:
            if last >= start_offset and base < end_offset and timestamp >= timestamp_ms:
                return base
        return None

    async def find_max_timestamp(self, start_offset: int, end_offset: int) -> int | None:
        found = [
            (timestamp, -base)
            for base, last, timestamp, _ in self.batches
            if last >= start_offset and base < end_offset and timestamp >= 0
        ]
        return -max(found)[1] if found else None

    async def roll(self, now_ms: int) -> None:
        return None

    async def truncate(self, end_offset: int) -> None:
        raise NotImplementedError

    async def truncate_fully_and_start_at(self, offset: int) -> None:
        raise NotImplementedError

    async def advance_start(self, offset: int) -> None:
        self.start_offset = offset

    async def delete_below_start(self) -> None:
        return None

    async def rewrite(self, base_offsets: Sequence[int], batches: AsyncIterator[bytes | memoryview], created_ms: int) -> None:
        raise NotImplementedError

    async def put_aux(self, kind: str, at_offset: int, blob: bytes) -> None:
        self.blobs[kind] = (at_offset, blob)

    async def read_aux(self, kinds: Sequence[str], at_or_before: int) -> dict[str, tuple[int, bytes]]:
        return {kind: self.blobs[kind] for kind in kinds if kind in self.blobs and self.blobs[kind][0] <= at_or_before}

    def set_policy(self, policy: LogPolicy) -> None:
        return None

    async def close(self) -> None:
        return None


class PartitionWorld:
    """A partition of topic `t` over a `FakeLog`, with shorthands for producing and reading."""

    def __init__(self, **overrides: str) -> None:
        self.log = FakeLog()
        self.purgatory = Purgatory()
        self.config = TopicConfig(BrokerConfig(), {key.replace("_", "."): value for key, value in overrides.items()})
        self.changes: list[PartitionLog] = []
        state = LogState(ProducerState("t-0"), LeaderEpochs(), TransactionIndex(), -1)
        self.partition = PartitionLog(self.log, state, self.config, 0, self.purgatory, self.changes.append)

    def produce(self, batch: bytes | bytearray | memoryview | None = None, *, now_ms: int = NOW_MS) -> AppendResult:
        return self.partition.append_as_leader(one_batch() if batch is None else batch, now_ms)

    def fetch(self, offset: int, *, read_committed: bool = False, max_bytes: int = 1 << 20) -> list[tuple[int, int]]:
        """(base offset, last offset) of the batches a fetch gets."""
        chunk = self.partition.view.read_now(offset, max_bytes, min_one=True, isolation_read_committed=read_committed)
        assert chunk is not None
        headers = [parse_header(buffer) for buffer in chunk.buffers]
        return [(header.base_offset, header.last_offset) for header in headers]

    async def restart(self) -> PartitionLog:
        """The partition as another broker would rebuild it from the same log."""
        state = await recover_state(self.log, "t-0")
        return PartitionLog(self.log, state, self.config, self.partition.leader_epoch, self.purgatory, self.changes.append)


def one_batch(
    count: int = 1,
    *,
    timestamp_ms: int = NOW_MS,
    key: bytes | None = b"k",
    value: bytes = b"v",
    codec: int = 0,
    producer_id: int = -1,
    epoch: int = -1,
    sequence: int = -1,
    transactional: bool = False,
) -> bytearray:
    """A batch as a producer sends it."""
    return build_batch(
        [(timestamp_ms, key, value, ())] * count,
        codec=codec,
        producer_id=producer_id,
        producer_epoch=epoch,
        base_sequence=sequence,
        transactional=transactional,
    )


class World:
    """A log manager over a file system in memory, with a clock that stands still."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.filesystem = MemoryFileSystem()
        self.filesystem.make_directories("/logs")
        self.filesystem.sync_directory("/")
        self.broker = BrokerConfig()
        self._start()

    def _start(self) -> None:
        self.purgatory = Purgatory()
        self.store = LocalLogStore(self.filesystem, "/logs")
        self.manager = LogManager(self.store, self.clock, self.purgatory, self.broker)

    def topic_config(self, **overrides: str) -> TopicConfig:
        return TopicConfig(self.broker, {key.replace("_", "."): value for key, value in overrides.items()})

    async def create(self, epoch: int = 0, /, **overrides: str) -> PartitionLog:
        return await self.manager.create(LOG, epoch, self.topic_config(**overrides))

    def produce(self, log: PartitionLog, count: int = 1, *, size: int = 1, sequence: int = -1, age_ms: int = 0) -> int:
        producer = (7, 0) if sequence >= 0 else (-1, -1)
        now_ms = self.clock.wall_ms()
        batch = one_batch(
            count,
            value=bytes(size),
            timestamp_ms=now_ms - age_ms,
            producer_id=producer[0],
            epoch=producer[1],
            sequence=sequence,
        )
        return log.append_as_leader(batch, now_ms).base_offset

    async def advance(self, by_ms: int) -> None:
        """Let time pass, and what falls due be done."""
        await self.clock.advance(by_ms)
        await self.manager.settle()

    async def restart(self, epoch: int = 1) -> PartitionLog:
        """Stop cleanly and start again."""
        await self.manager.close()
        self._start()
        return await self.create(epoch)

    async def crash(self, epoch: int = 1, *, power_loss: bool = False) -> PartitionLog:
        self.filesystem = self.filesystem.crash(power_loss=power_loss)
        self.clock = ManualClock(self.clock.wall_ms())  # the dead process does nothing any more
        self._start()
        return await self.create(epoch)


def is_offline(log: PartitionLog) -> bool:
    """A call, so that a type checker does not think the answer stays what it was."""
    return log.is_offline
