"""The fault loop of tests/storage/test_local_faults.py one layer up: what a broker's log manager does all day.

The N-th call to the disk fails, for N = 1, 2, ... until none does. Two idempotent producers take turns in each partition, one
record per batch: the record at offset n is the n-th sent, so offsets, sequences and values are all known from n. Whatever
fails, a partition holds what was acknowledged (after a loss of power: what was flushed) and of the rest a prefix; a repeated
batch is answered as the first time, and the next one is taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.topic import TopicConfig
from kafka_compat.filesystem import Effect, Fault, MemoryFileSystem
from kafka_compat.ids import TopicId
from kafka_compat.log.errors import AppendError
from kafka_compat.log.flushing import FLUSH_MS
from kafka_compat.log.manager import REOPEN_MS, LogManager
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.purgatory import Purgatory
from kafka_compat.log.results import AppendResult
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.reader import iter_records
from kafka_compat.storage.interface import LogId, StorageError
from kafka_compat.storage.local import LocalLogStore
from kafka_compat.testing.manual_clock import ManualClock
from tests.support.log_worlds import one_batch

# What the medium does at any call, the log lines say.
pytestmark = pytest.mark.expects_errors("cannot be flushed|cannot be opened|not closed cleanly|cannot be made", maybe=True)

PRODUCERS = 2
ROOT = "/logs"
PLAIN = {"internal.segment.bytes": "400", "retention.ms": "-1", "file.delete.delay.ms": "0"}
DURABLE = {**PLAIN, "flush.messages": "1"}


class ThreadedMemoryFileSystem(MemoryFileSystem):
    """In memory, but handled like a disk: what may wait runs on threads, and syncs are group commits."""

    blocking = True


def value_of(topic: str, number: int) -> bytes:
    return f"{topic} {number} ".encode().ljust(60, b".")


@dataclass
class Partition:
    """What a client and an operator know of partition 0 of a topic."""

    log_id: LogId
    configs: dict[str, str]
    sent: int = 0
    acknowledged: int = 0
    flushed: int = 0
    starts: set[int] = field(default_factory=lambda: {0})  # more than one while nobody answered


class Broker:
    """A log manager, the file system below it, and the clients' knowledge, which outlives it."""

    def __init__(self, filesystem: MemoryFileSystem) -> None:
        self.filesystem = filesystem
        self.clock = ManualClock()
        self.config = BrokerConfig()
        self.partitions: dict[str, Partition] = {}
        self.manager: LogManager | None = None
        self.epoch = 0

    async def start(self) -> None:
        """Open what the metadata tell of, and delete what they do not."""
        store = LocalLogStore(self.filesystem, ROOT, self.schedule)
        manager = LogManager(store, self.clock, Purgatory(), self.config)
        self.epoch += 1
        known = {partition.log_id for partition in self.partitions.values()}
        for log_id in await store.list():
            if log_id not in known:
                await store.delete(log_id, self.epoch)
        for partition in self.partitions.values():
            await manager.create(partition.log_id, self.epoch, self.topic_config(partition))
        self.manager = manager

    def schedule(self, delay_ms: int, callback: Callable[[], None]) -> object:
        return self.clock.call_at(self.clock.monotonic_ms() + delay_ms, callback)

    def topic_config(self, partition: Partition) -> TopicConfig:
        return TopicConfig(self.config, partition.configs)

    def log(self, topic: str) -> PartitionLog:
        assert self.manager is not None
        log = self.manager.get(topic, 0)
        assert log is not None
        return log

    # Steps; each raises StorageError, KafkaError or AppendError when the disk fails it.

    async def restart(self) -> None:
        if self.manager is not None:
            manager, self.manager = self.manager, None
            await manager.close()
        await self.start()

    async def create(self, topic: str, configs: dict[str, str], incarnation: int = 0) -> None:
        # The metadata know of the topic first: what the disk then refuses is made later.
        partition = Partition(LogId(topic, 0, TopicId(topic.encode() + bytes([incarnation]) * 15)), configs)
        self.partitions.setdefault(topic, partition)
        assert self.manager is not None
        await self.manager.create(partition.log_id, self.epoch, self.topic_config(partition))

    async def delete(self, topic: str) -> None:
        partition = self.partitions.pop(topic, None)
        assert self.manager is not None
        if partition is not None:  # else the first attempt failed: what is left goes when the name is used again, or at a start
            await self.manager.delete(partition.log_id)

    async def produce(self, topic: str) -> None:
        partition = self.partitions[topic]
        partition.sent = partition.acknowledged + 1
        result = await self.append(topic, partition.acknowledged)
        assert not result.duplicate or partition.sent > 0
        assert result.base_offset == partition.acknowledged
        partition.acknowledged += 1
        if partition.configs is DURABLE:
            partition.flushed = partition.acknowledged

    async def append(self, topic: str, number: int) -> AppendResult:
        """Send record `number`, for the first time or again, and wait for the answer."""
        batch = one_batch(
            value=value_of(topic, number),
            timestamp_ms=self.clock.wall_ms(),
            producer_id=1 + number % PRODUCERS,
            epoch=0,
            sequence=number // PRODUCERS,
        )
        result = self.log(topic).append_as_leader(batch, self.clock.wall_ms())
        if result.done is not None:
            await result.done
        return result

    async def flush(self) -> None:
        """The background flush of everything that changed."""
        await self.clock.advance(FLUSH_MS)
        await self.quiet()
        for topic, partition in self.partitions.items():
            log = self.log(topic)
            if not log.is_offline:
                partition.flushed = max(partition.flushed, log.storage.synced_offset)

    async def quiet(self) -> None:
        assert self.manager is not None
        while self.manager._tasks._tasks:
            await asyncio.wait(self.manager._tasks._tasks)
            await asyncio.sleep(0)  # what is done leaves the set in the next turn

    async def delete_records(self, topic: str, offset: int) -> None:
        partition = self.partitions[topic]
        partition.starts.add(offset)
        assert await self.log(topic).delete_records_before(offset) == offset
        partition.starts = {offset}

    async def retain(self, topic: str, retention_bytes: int) -> None:
        """Set retention.bytes and look once."""
        partition = self.partitions[topic]
        assert self.manager is not None
        before = partition.starts
        partition.starts = before | {segment.next_offset for segment in self.log(topic).segments()}
        await self.manager.set_config(
            topic, TopicConfig(self.config, {**partition.configs, "retention.bytes": str(retention_bytes)})
        )
        await self.manager.apply_retention()
        await self.manager.set_config(topic, self.topic_config(partition))
        if self.log(topic).is_offline:
            raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR)
        partition.starts = {self.log(topic).log_start_offset}

    # Checks

    def check(self, topic: str, at_least: int) -> None:
        """The partition holds records up to `at_least` or further, whole and in order, as readers see them."""
        partition = self.partitions[topic]
        log = self.log(topic)
        start, end = log.log_start_offset, log.log_end_offset
        assert at_least <= end <= partition.sent, f"{topic} ends at {end}, not in [{at_least}, {partition.sent}]"
        assert log.high_watermark == end
        assert start in partition.starts, f"{topic} starts at {start}, not at one of {partition.starts}"
        found: list[tuple[int, bytes]] = []
        position = start
        while position < end:  # a read ends where a segment does
            chunk = log.storage.read_now(position, end, 1 << 20, True)
            assert chunk is not None
            assert chunk.size_in_bytes
            records = [(record.offset, bytes(record.value or b"")) for record in iter_records(b"".join(chunk.buffers))]
            found += [record for record in records if record[0] >= start]
            position = records[-1][0] + 1
        assert found == [(number, value_of(topic, number)) for number in range(start, end)]

    async def check_producers(self, topic: str) -> None:
        """Repeated batches are told from new ones, and new ones are taken."""
        partition = self.partitions[topic]
        log = self.log(topic)
        end = log.log_end_offset
        for number in range(max(log.log_start_offset, end - PRODUCERS), end):
            again = await self.append(topic, number)
            assert (again.duplicate, again.base_offset) == (True, number), f"{topic} takes record {number} twice"
        partition.acknowledged = end
        await self.produce(topic)


Step = Callable[[Broker], Awaitable[None]]


def create(topic: str, configs: dict[str, str] = PLAIN, incarnation: int = 0) -> Step:
    return lambda broker: broker.create(topic, configs, incarnation)


def produce(*topics: str) -> list[Step]:
    return [lambda broker, topic=topic: broker.produce(topic) for topic in topics]  # type: ignore[misc]


def flush() -> Step:
    return lambda broker: broker.flush()


def delete(topic: str) -> Step:
    return lambda broker: broker.delete(topic)


def delete_records(topic: str, offset: int) -> Step:
    return lambda broker: broker.delete_records(topic, offset)


def retain(topic: str, retention_bytes: int) -> Step:
    return lambda broker: broker.retain(topic, retention_bytes)


def restart() -> Step:
    return lambda broker: broker.restart()


SCRIPT: list[Step] = [
    restart(),
    create("a"),
    create("d", DURABLE),
    *produce(*"adadadad"),
    flush(),
    create("b"),
    *produce(*"abdabdab"),
    delete_records("a", 2),
    *produce(*"aaad"),
    retain("a", 500),
    flush(),
    *produce(*"abd"),
    delete("b"),
    create("b", PLAIN, incarnation=1),
    *produce(*"bba"),
    restart(),
    *produce(*"abdab"),
    flush(),
    retain("d", 0),
    *produce(*"dad"),
    delete_records("b", 3),
    retain("b", 10_000),
    *produce(*"bab"),
]


async def run_until_failure(broker: Broker) -> bool:
    """Run the script until the disk fails a step; whether it went through."""
    for step in SCRIPT:
        try:
            await step(broker)
        except (StorageError, KafkaError, AppendError):
            return False
        if broker.filesystem.faults.fired:
            return False  # background work failed, or a stop that could still go on
    return True


async def run_through(broker: Broker) -> None:
    """Run the script to its end: what fails is tried again, as clients and controllers do."""
    for step in SCRIPT:
        for _ in range(4):
            try:
                if broker.manager is None:
                    await broker.start()
                await step(broker)
                break
            except (StorageError, KafkaError, AppendError):
                if broker.manager is None:
                    # It was stopping or starting: the process ends and another one starts.
                    broker.filesystem = broker.filesystem.crash(power_loss=False)
                    continue
                await broker.clock.advance(2 * REOPEN_MS)
                await broker.quiet()
        else:
            raise AssertionError("one fault costs more than a few attempts")
        await broker.clock.advance(2 * REOPEN_MS)
        await broker.quiet()


async def for_each_call(
    check: Callable[[MemoryFileSystem], Awaitable[None]],
    effect: Effect,
    *,
    halt: bool,
    make: Callable[[], MemoryFileSystem] = MemoryFileSystem,
) -> None:
    for call in range(1, 2000):
        filesystem = make()
        filesystem.inject(Fault(at_call=call, effect=effect, halt=halt))
        try:
            await check(filesystem)
        except BaseException as error:
            error.add_note(f"with a fault in call {call}")
            raise
        if not filesystem.faults.fired:
            assert call > 150, "the script makes fewer calls than it should"
            return
    raise AssertionError("the script never ends")


async def come_back(broker: Broker, filesystem: MemoryFileSystem, *, power_loss: bool) -> None:
    broker.filesystem = filesystem
    await broker.start()
    for topic, partition in broker.partitions.items():
        broker.check(topic, partition.flushed if power_loss else partition.acknowledged)
        await broker.check_producers(topic)
    assert broker.manager is not None
    await broker.manager.close()


@pytest.mark.parametrize("effect", [Effect.FAIL, Effect.TEAR])
async def test_the_process_dies_at_any_call(effect: Effect) -> None:
    async def check(filesystem: MemoryFileSystem) -> None:
        broker = Broker(filesystem)
        await run_until_failure(broker)
        await come_back(broker, broker.filesystem.crash(power_loss=False), power_loss=False)

    await for_each_call(check, effect, halt=True)


@pytest.mark.parametrize("seed", [None, *range(4)])
async def test_the_power_fails_at_any_call(seed: int | None) -> None:
    async def check(filesystem: MemoryFileSystem) -> None:
        broker = Broker(filesystem)
        await run_until_failure(broker)
        chance = None if seed is None else seed * 1000 + filesystem.faults.calls
        await come_back(broker, broker.filesystem.crash(power_loss=True, seed=chance), power_loss=True)

    await for_each_call(check, Effect.TEAR, halt=True)


async def test_a_sync_that_loses_pages_at_any_call() -> None:
    async def check(filesystem: MemoryFileSystem) -> None:
        broker = Broker(filesystem)
        await run_until_failure(broker)
        await come_back(broker, broker.filesystem.crash(power_loss=True), power_loss=True)

    await for_each_call(check, Effect.LOSE, halt=False)


@pytest.mark.parametrize("effect", [Effect.FAIL, Effect.TEAR])
async def test_one_error_at_any_call_and_the_broker_goes_on(effect: Effect) -> None:
    async def check(filesystem: MemoryFileSystem) -> None:
        broker = Broker(filesystem)
        await run_through(broker)
        if not filesystem.faults.fired:
            filesystem.inject(None)
        for topic, partition in broker.partitions.items():
            broker.check(topic, partition.acknowledged)
            await broker.check_producers(topic)
        await come_back(broker, broker.filesystem.crash(power_loss=False), power_loss=False)

    await for_each_call(check, effect, halt=False)


async def test_the_process_dies_at_any_call_of_threads() -> None:
    """Syncs are group commits on threads, and an answer waits for one."""

    async def check(filesystem: MemoryFileSystem) -> None:
        broker = Broker(filesystem)
        await run_until_failure(broker)
        await come_back(broker, broker.filesystem.crash(power_loss=True), power_loss=True)

    await for_each_call(check, Effect.FAIL, halt=True, make=ThreadedMemoryFileSystem)
