"""The coordinator runtime: decide, append, replay, answer; loading is the same replay; a failed append reloads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.topic import TopicConfig
from kafka_compat.coordinator.ports import Outcome, Timers
from kafka_compat.coordinator.runtime import CoordinatorRuntime
from kafka_compat.filesystem import Effect, Fault, MemoryFileSystem
from kafka_compat.filesystem.memory import Operation
from kafka_compat.ids import TopicId
from kafka_compat.log.manager import FLUSH_MS, REOPEN_MS, LogManager
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.purgatory import Purgatory
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.storage.interface import LogId
from kafka_compat.storage.local.store import LocalLogStore
from kafka_compat.testing.manual_clock import ManualClock

LOG = LogId("__consumer_offsets", 0, TopicId(bytes(range(16))))


class Registry:
    """A state machine that keeps the last value of each key."""

    def __init__(self, timers: Timers[Registry]) -> None:
        self.timers = timers
        self.values: dict[bytes, bytes] = {}
        self.pending: dict[int, dict[bytes, bytes]] = {}
        self.loads = 0
        self.unloads = 0

    def replay(self, key: bytes, value: bytes | None, producer_id: int | None, now_ms: int) -> None:
        if producer_id is not None:
            self.pending.setdefault(producer_id, {})[key] = value or b""
        elif value is None:
            self.values.pop(key, None)
        else:
            self.values[key] = value

    def replay_end_transaction(self, producer_id: int, is_commit: bool) -> None:
        changes = self.pending.pop(producer_id, {})
        if is_commit:
            self.values.update(changes)

    def on_loaded(self, now_ms: int) -> None:
        self.loads += 1

    def on_unloaded(self) -> None:
        self.unloads += 1

    def put(self, key: bytes, value: bytes | None) -> Outcome[int]:
        return Outcome(len(self.values), [(key, value)])


class World:
    """A runtime over a log in memory."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.file_system = MemoryFileSystem()
        self.log: PartitionLog | None = None
        self.machines: list[Registry] = []

    async def open(self) -> None:
        self.store = LocalLogStore(self.file_system, "/data")
        config = BrokerConfig({"node.id": "1"})
        self.logs = LogManager(self.store, self.clock, Purgatory(), config)
        self.log = await self.logs.create(LOG, 0, TopicConfig(config))
        self.runtime: CoordinatorRuntime[Registry] = CoordinatorRuntime(
            self.clock, lambda shard: self.log if shard == 0 else None, self.make
        )

    def make(self, shard_id: int, timers: Timers[Registry]) -> Registry:
        self.machines.append(Registry(timers))
        return self.machines[-1]

    async def loaded(self) -> Registry:
        task = self.runtime.load(0)
        if task is not None:
            await task
        return self.machines[-1]

    async def put(self, key: bytes, value: bytes | None) -> int:
        return await self.runtime.write(0, lambda state, now_ms: state.put(key, value))

    async def close(self) -> None:
        await self.runtime.close()
        await self.logs.close()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    await world.open()
    yield world
    await world.close()


async def code_of(answer: asyncio.Future[int]) -> ErrorCode:
    with pytest.raises(KafkaError) as refused:
        await answer
    return refused.value.error_code


async def test_operations_are_refused_until_the_shard_is_loaded(world: World) -> None:
    assert (
        await code_of(world.runtime.write(0, lambda state, _: state.put(b"a", b"1"))) == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
    )
    await world.loaded()
    assert await world.put(b"a", b"1") == 0


async def test_a_partition_led_elsewhere_is_refused(world: World) -> None:
    assert await code_of(world.runtime.write(1, lambda state, _: state.put(b"a", b"1"))) == ErrorCode.NOT_COORDINATOR


async def test_state_comes_back_by_replaying_the_log(world: World) -> None:
    await world.loaded()
    await world.put(b"a", b"1")
    await world.put(b"b", b"2")
    await world.put(b"a", None)
    await world.close()
    await world.open()
    state = await world.loaded()
    assert (state.values, state.loads) == ({b"b": b"2"}, 1)


async def test_a_refused_operation_changes_nothing(world: World) -> None:
    state = await world.loaded()

    def refuse(state: Registry, now_ms: int) -> Outcome[int]:
        raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)

    assert await code_of(world.runtime.write(0, refuse)) == ErrorCode.UNKNOWN_MEMBER_ID
    assert world.log is not None
    assert world.log.log_end_offset == 0
    assert state.loads == 1


async def test_a_failed_append_fails_the_answer_and_reloads_from_the_log(world: World) -> None:
    state = await world.loaded()
    await world.put(b"a", b"1")
    state.timers.schedule("never", 10, lambda state, _: state.put(b"timer", b"!"))  # type: ignore[arg-type, return-value]
    assert world.log is not None
    world.log.go_offline()
    assert await code_of(world.runtime.write(0, lambda state, _: state.put(b"b", b"2"))) == ErrorCode.NOT_COORDINATOR
    assert state.unloads == 1
    await world.clock.advance(5000)  # the manager reopens the log; the timer of the old epoch must not fire
    again = await world.loaded()
    assert again is not state
    assert again.values == {b"a": b"1"}


async def test_a_log_that_goes_offline_unasked_is_refused_and_loaded_again_when_it_is_back(world: World) -> None:
    """A background flush fails, and with it what was not on disk is lost: memory must not tell of it any longer."""
    await world.loaded()
    await world.put(b"a", b"1")
    await world.clock.advance(FLUSH_MS)
    await world.put(b"b", b"2")
    sync = frozenset({Operation.SYNC})
    world.file_system.inject(Fault(at_call=1, effect=Effect.LOSE, operations=sync))
    await world.clock.advance(FLUSH_MS)
    assert world.file_system.fired
    assert await code_of(world.runtime.read(0, lambda state, now_ms: len(state.values))) == ErrorCode.NOT_COORDINATOR
    assert await code_of(world.runtime.write(0, lambda state, now_ms: state.put(b"c", b"3"))) == ErrorCode.NOT_COORDINATOR
    assert world.machines[0].unloads == 1
    await world.clock.advance(REOPEN_MS)
    answer = world.runtime.read(0, lambda state, now_ms: len(state.values))
    assert await code_of(answer) == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
    assert (await world.loaded()).values == {b"a": b"1"}
    await world.put(b"b", b"4")


async def test_a_batch_that_is_too_large_leaves_the_shard_loaded(world: World) -> None:
    state = await world.loaded()
    assert (
        await code_of(world.runtime.write(0, lambda state, _: state.put(b"a", bytes(2 << 20))))
        == ErrorCode.UNKNOWN_SERVER_ERROR
    )
    assert (state.values, state.unloads) == ({}, 0)
    await world.put(b"a", b"1")


async def test_records_that_need_not_stay_together_go_into_several_batches(world: World) -> None:
    """Tombstones of offsets that expire, or whose topic was deleted: they are as many as there are."""
    state = await world.loaded()
    records = [(b"%d" % number, bytes(200_000)) for number in range(11)]
    several = world.runtime.write(0, lambda state, _: Outcome(0, records, is_atomic=False))
    assert await several == 0
    assert state.values == dict(records)
    await world.close()
    await world.open()
    assert (await world.loaded()).values == dict(records)


async def test_a_record_that_is_too_large_for_any_batch_fails_alone(world: World) -> None:
    state = await world.loaded()
    records = [(b"small", b"1"), (b"large", bytes(2 << 20))]
    assert (
        await code_of(world.runtime.write(0, lambda state, _: Outcome(0, records, is_atomic=False)))
        == ErrorCode.UNKNOWN_SERVER_ERROR
    )
    assert (state.values, state.unloads) == ({b"small": b"1"}, 0)


async def test_timers_run_operations_and_can_be_replaced_and_cancelled(world: World) -> None:
    state = await world.loaded()

    def put(value: bytes) -> None:
        state.timers.schedule("t", 100, lambda state, _: Outcome(None, [(b"t", value)]))

    put(b"first")
    put(b"second")
    state.timers.schedule("gone", 50, lambda state, _: Outcome(None, [(b"gone", b"")]))
    state.timers.cancel("gone")
    await world.clock.advance(99)
    assert state.values == {}
    await world.clock.advance(1)
    assert state.values == {b"t": b"second"}
    assert not state.timers.is_scheduled("t")


@pytest.mark.parametrize("is_commit", [True, False])
async def test_records_of_a_transaction_count_when_it_commits(world: World, is_commit: bool) -> None:
    state = await world.loaded()
    await world.runtime.write(0, lambda state, _: state.put(b"a", b"1"), producer=(7, 0))
    assert state.values == {}
    await world.runtime.complete_transaction(0, 7, 0, 0, is_commit=is_commit)
    expected = {b"a": b"1"} if is_commit else {}
    assert state.values == expected
    await world.close()
    await world.open()
    assert (await world.loaded()).values == expected


async def test_completions_go_out_with_the_answer(world: World) -> None:
    await world.loaded()
    seen: list[KafkaError | None] = []
    await world.runtime.write(0, lambda state, _: Outcome(1, [(b"a", b"1")], [seen.append]))
    assert seen == [None]
    world.file_system.inject(Fault(at_call=1, operations=frozenset({Operation.WRITE})))
    answer = world.runtime.write(0, lambda state, _: Outcome(1, [(b"a", b"1")], [seen.append]))
    assert await code_of(answer) == ErrorCode.NOT_COORDINATOR
    assert seen[1] is not None
    assert seen[1].error_code == ErrorCode.NOT_COORDINATOR


async def test_reads_see_the_state(world: World) -> None:
    await world.loaded()
    await world.put(b"a", b"1")
    assert await world.runtime.read(0, lambda state, _: dict(state.values)) == {b"a": b"1"}
