"""The coordinator runtime: decide, append, replay, answer; loading is the same replay; a failed append reloads."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import AsyncIterator
from typing import NoReturn

import pytest

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.topic import TopicConfig
from kafka_compat.coordinator.ports import Calculations, Outcome, Reply, Timers
from kafka_compat.coordinator.runtime import CoordinatorRuntime
from kafka_compat.coordinator.shard_context import Producer
from kafka_compat.filesystem import Effect, Fault, MemoryFileSystem
from kafka_compat.filesystem.faults import Operation
from kafka_compat.ids import TopicId
from kafka_compat.log.flushing import FLUSH_MS
from kafka_compat.log.manager import REOPEN_MS, LogManager
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.purgatory import Purgatory
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.batch import parse_header
from kafka_compat.records.builder import rebuild_batch
from kafka_compat.records.control import build_end_transaction_marker
from kafka_compat.storage.interface import LogId
from kafka_compat.storage.local.store import LocalLogStore
from kafka_compat.tasks import Supervisor
from kafka_compat.testing.manual_clock import ManualClock
from kafka_compat.wire.errors import WireError

LOG = LogId("__consumer_offsets", 0, TopicId(bytes(range(16))))


class Registry:
    """A state machine that keeps the last value of each key."""

    def __init__(self, timers: Timers[Registry], calculations: Calculations[Registry]) -> None:
        self.timers = timers
        self.calculations = calculations
        self.waiting: list[Reply[int]] = []
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
        self.tasks = Supervisor("test")
        self.store = LocalLogStore(self.file_system, "/data")
        config = BrokerConfig({"node.id": "1"})
        self.logs = LogManager(self.store, self.clock, Purgatory(), config)
        self.log = await self.logs.create(LOG, 0, TopicConfig(config))
        self.runtime: CoordinatorRuntime[Registry] = CoordinatorRuntime(
            self.clock, lambda shard: self.log if shard == 0 else None, lambda *of: self.make(*of), self.tasks
        )

    def make(self, shard_id: int, timers: Timers[Registry], calculations: Calculations[Registry]) -> Registry:
        self.machines.append(Registry(timers, calculations))
        return self.machines[-1]

    async def loaded(self) -> Registry:
        task = self.runtime.load(0)
        if task is not None:
            await task
        return self.machines[-1]

    async def put(self, key: bytes, value: bytes | None) -> int:
        return await self.runtime.write(0, lambda state, now_ms: state.put(key, value))

    async def close(self) -> None:
        self.runtime.close()
        await self.tasks.close()
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
    state.timers.schedule(("never",), 10, lambda state, _: state.put(b"timer", b"!"))  # type: ignore[arg-type, return-value]
    assert world.log is not None
    world.log.go_offline()
    assert await code_of(world.runtime.write(0, lambda state, _: state.put(b"b", b"2"))) == ErrorCode.NOT_COORDINATOR
    assert state.unloads == 1
    await world.clock.advance(5000)  # the manager reopens the log; the timer of the old epoch must not fire
    again = await world.loaded()
    assert again is not state
    assert again.values == {b"a": b"1"}


@pytest.mark.expects_errors("cannot be flushed")
async def test_a_log_that_goes_offline_unasked_is_refused_and_loaded_again_when_it_is_back(world: World) -> None:
    """A background flush fails, and with it what was not on disk is lost: memory must not tell of it any longer."""
    await world.loaded()
    await world.put(b"a", b"1")
    await world.clock.advance(FLUSH_MS)
    await world.put(b"b", b"2")
    sync = frozenset({Operation.SYNC})
    world.file_system.inject(Fault(at_call=1, effect=Effect.LOSE, operations=sync))
    await world.clock.advance(FLUSH_MS)
    assert world.file_system.faults.fired
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
        state.timers.schedule(("t",), 100, lambda state, _: Outcome(None, [(b"t", value)]))

    put(b"first")
    put(b"second")
    state.timers.schedule(("gone",), 50, lambda state, _: Outcome(None, [(b"gone", b"")]))
    state.timers.cancel(("gone",))
    await world.clock.advance(99)
    assert state.values == {}
    await world.clock.advance(1)
    assert state.values == {b"t": b"second"}
    await world.clock.advance(1000)
    assert state.values == {b"t": b"second"}


@pytest.mark.parametrize("is_commit", [True, False])
async def test_records_of_a_transaction_count_when_it_commits(world: World, is_commit: bool) -> None:
    state = await world.loaded()
    await world.runtime.write(0, lambda state, _: state.put(b"a", b"1"), producer=Producer(7, 0))
    assert state.values == {}
    await world.runtime.complete_transaction(0, 7, 0, 0, is_commit=is_commit)
    expected = {b"a": b"1"} if is_commit else {}
    assert state.values == expected
    await world.close()
    await world.open()
    assert (await world.loaded()).values == expected


async def test_what_a_producer_may_not_write_is_refused_and_leaves_the_shard_loaded(world: World) -> None:
    """Any client may bring an old epoch: a shard that were loaded again for it would be away as often as it likes."""
    state = await world.loaded()
    await world.runtime.write(0, lambda state, _: state.put(b"a", b"1"), producer=Producer(7, 3))
    old = world.runtime.write(0, lambda state, _: state.put(b"a", b"2"), producer=Producer(7, 2))
    assert await code_of(old) == ErrorCode.INVALID_PRODUCER_EPOCH
    with pytest.raises(KafkaError) as refused:
        await world.runtime.complete_transaction(0, 7, 2, 0, is_commit=True)
    assert refused.value.error_code == ErrorCode.INVALID_PRODUCER_EPOCH
    await world.runtime.complete_transaction(0, 7, 3, 5, is_commit=True)
    with pytest.raises(KafkaError) as refused:
        await world.runtime.complete_transaction(0, 7, 3, 4, is_commit=True)
    assert refused.value.error_code == ErrorCode.TRANSACTION_COORDINATOR_FENCED
    assert (state.values, state.unloads) == ({b"a": b"1"}, 0)


async def test_a_marker_for_a_shard_that_loads_comes_too_early(world: World) -> None:
    """Its coordinator tries again; the records that it ends are not all in memory yet."""
    await world.loaded()
    await world.runtime.write(0, lambda state, _: state.put(b"a", b"1"), producer=Producer(7, 0))
    await world.close()
    await world.open()
    with pytest.raises(KafkaError) as refused:
        await world.runtime.complete_transaction(0, 7, 0, 0, is_commit=True)
    assert refused.value.error_code == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
    state = await world.loaded()
    await world.runtime.complete_transaction(0, 7, 0, 0, is_commit=True)
    assert state.values == {b"a": b"1"}


async def test_a_marker_of_version_2_at_the_epoch_of_the_records_is_refused(world: World) -> None:
    """KIP-890: each transaction's marker raises the epoch, so that of an earlier one is told from this one's."""
    state = await world.loaded()
    await world.runtime.write(0, lambda state, _: state.put(b"a", b"1"), producer=Producer(7, 3))
    with pytest.raises(KafkaError) as refused:
        await world.runtime.complete_transaction(0, 7, 3, 0, is_commit=True, transaction_version=2)
    assert refused.value.error_code == ErrorCode.INVALID_PRODUCER_EPOCH
    await world.runtime.complete_transaction(0, 7, 4, 0, is_commit=True, transaction_version=2)
    assert state.values == {b"a": b"1"}


async def test_records_that_were_verified_before_a_marker_came_open_no_transaction(world: World) -> None:
    """Whoever was asked knew of a transaction that is over by now: nobody would end the new one."""
    state = await world.loaded()
    guard = world.runtime.start_verification(0, 7, 0, supports_epoch_bump=False)
    assert guard is not None
    await world.runtime.complete_transaction(0, 7, 0, 0, is_commit=False)
    late = world.runtime.write(0, lambda state, _: state.put(b"a", b"1"), producer=Producer(7, 0, guard))
    assert await code_of(late) == ErrorCode.INVALID_TXN_STATE
    again = world.runtime.start_verification(0, 7, 0, supports_epoch_bump=False)
    await world.runtime.write(0, lambda state, _: state.put(b"a", b"2"), producer=Producer(7, 0, again))
    assert world.runtime.start_verification(0, 7, 0, supports_epoch_bump=False) is None
    await world.runtime.write(0, lambda state, _: state.put(b"b", b"2"), producer=Producer(7, 0, None))
    await world.runtime.complete_transaction(0, 7, 0, 0, is_commit=True)
    assert (state.values, state.unloads) == ({b"a": b"2", b"b": b"2"}, 0)


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


async def test_what_is_durable_at_once_is_answered_at_once_and_after_its_replay(world: World) -> None:
    state = await world.loaded()
    seen: list[dict[bytes, bytes]] = []
    answer = world.runtime.write(0, lambda _, __: Outcome(1, [(b"a", b"1")], [lambda _: seen.append(dict(state.values))]))
    assert (answer.done(), seen) == (True, [{b"a": b"1"}])
    ended = world.runtime.complete_transaction(0, 7, 0, 0, is_commit=True)
    assert ended.done()


@pytest.mark.expects_errors("an operation of __consumer_offsets-0 failed")
async def test_a_replay_that_raises_fails_its_operation_and_the_others_hear_that_it_is_durable(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = await world.loaded()
    seen: list[KafkaError | None] = []
    monkeypatch.setattr(state, "replay", raise_bug)
    answer = world.runtime.write(0, lambda _, __: Outcome(1, [(b"a", b"1")], [seen.append]))
    assert await code_of(answer) == ErrorCode.UNKNOWN_SERVER_ERROR
    await asyncio.sleep(0)
    assert (seen, state.unloads) == ([None], 1)


async def test_reads_see_the_state(world: World) -> None:
    await world.loaded()
    await world.put(b"a", b"1")
    assert await world.runtime.read(0, lambda state, _: dict(state.values)) == {b"a": b"1"}


# What nobody expected


def raise_bug(*_: object) -> NoReturn:
    raise ZeroDivisionError("a bug")


@pytest.mark.expects_errors("an operation of __consumer_offsets-0 failed")
async def test_an_operation_that_raises_is_answered_and_its_half_done_changes_are_forgotten(world: World) -> None:
    state = await world.loaded()
    await world.put(b"a", b"1")

    def half_done(state: Registry, _: int) -> Outcome[int]:
        state.values[b"a"] = b"half"
        return raise_bug()

    assert await code_of(world.runtime.write(0, half_done)) == ErrorCode.UNKNOWN_SERVER_ERROR
    assert state.unloads == 1
    assert await code_of(world.runtime.write(0, half_done)) == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
    await world.clock.advance(1000)
    assert (await world.loaded()).values == {b"a": b"1"}
    assert await world.put(b"b", b"2") == 1


@pytest.mark.expects_errors(r"timer \('t',\) of __consumer_offsets-0 failed")
async def test_a_timer_that_raises_makes_the_shard_load_again(world: World) -> None:
    state = await world.loaded()
    await world.put(b"a", b"1")
    state.timers.schedule(("t",), 100, raise_bug)
    await world.clock.advance(100)
    assert state.unloads == 1
    await world.clock.advance(1000)
    assert (await world.loaded()).values == {b"a": b"1"}


@pytest.mark.expects_errors("a look-up in __consumer_offsets-0 failed")
async def test_a_look_up_that_raises_is_answered_and_changes_nothing(world: World) -> None:
    state = await world.loaded()
    with pytest.raises(KafkaError) as refused:
        await world.runtime.read(0, raise_bug)
    assert refused.value.error_code == ErrorCode.UNKNOWN_SERVER_ERROR
    assert state.unloads == 0


@pytest.mark.expects_errors("an answer of __consumer_offsets-0 failed")
async def test_an_answer_that_raises_leaves_the_others_answered(world: World) -> None:
    await world.loaded()
    answered: list[object] = []

    def put(state: Registry, _: int) -> Outcome[int]:
        return Outcome(7, [(b"a", b"1")], [raise_bug, answered.append])

    assert await world.runtime.write(0, put) == 7
    await asyncio.sleep(0)
    assert answered == [None]


@pytest.mark.expects_errors("loading of __consumer_offsets-0 failed")
async def test_loads_that_raise_are_tried_again_with_pauses_that_grow_and_end(world: World) -> None:
    failures = 9

    class Failing(Registry):
        def on_loaded(self, now_ms: int) -> None:
            nonlocal failures
            failures -= 1
            if failures >= 0:
                raise ZeroDivisionError("a bug")

    def make(shard_id: int, timers: Timers[Registry], calculations: Calculations[Registry]) -> Registry:
        world.machines.append(Failing(timers, calculations))
        return world.machines[-1]

    world.make = make  # type: ignore[method-assign]
    await world.close()
    await world.open()
    times: list[int] = []
    began_ms = world.clock.monotonic_ms()
    for _ in range(10):
        await world.loaded()
        times.append(world.clock.monotonic_ms() - began_ms)
        count = len(world.machines)
        while len(world.machines) == count and failures >= 0:
            await world.clock.advance(1000)
    pauses = [after - before for before, after in itertools.pairwise(times)]
    assert pauses == [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000, 30_000]
    assert await world.put(b"a", b"1") == 0


async def test_a_caller_that_went_away_does_not_disturb_the_end_of_a_transaction(world: World) -> None:
    await world.loaded()
    await world.runtime.write(0, lambda state, _: state.put(b"a", b"1"), producer=Producer(7, 0))
    answer = world.runtime.complete_transaction(0, 7, 0, 0, is_commit=True)
    answer.cancel()
    await asyncio.sleep(0)
    assert world.machines[-1].values == {b"a": b"1"}


class Picky(Registry):
    """Cannot read some records."""

    def replay(self, key: bytes, value: bytes | None, producer_id: int | None, now_ms: int) -> None:
        if key.startswith(b"odd"):
            raise WireError("the buffer ends early", 3)
        super().replay(key, value, producer_id, now_ms)


@pytest.mark.expects_errors(
    "__consumer_offsets-0: the record at offset [0-9]+ cannot be read and does not count: the buffer ends early at byte 3",
    "20 records in all cannot be read",
)
async def test_records_that_cannot_be_decoded_are_left_out_and_said(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await world.loaded()
    await world.put(b"a", b"1")
    for number in range(20):
        await world.put(b"odd%d" % number, b"1")
    await world.put(b"b", b"2")

    def make(shard_id: int, timers: Timers[Registry], calculations: Calculations[Registry]) -> Registry:
        world.machines.append(Picky(timers, calculations))
        return world.machines[-1]

    world.make = make  # type: ignore[method-assign]
    await world.close()
    await world.open()
    assert (await world.loaded()).values == {b"a": b"1", b"b": b"2"}
    assert sum("cannot be read" in record.message for record in caplog.records) == 11


async def test_control_batches_that_compaction_emptied_are_loaded(world: World) -> None:
    await world.loaded()
    await world.put(b"a", b"1")
    assert world.log is not None
    marker = build_end_transaction_marker(
        producer_id=7, producer_epoch=0, coordinator_epoch=0, is_commit=True, timestamp_ms=world.clock.wall_ms()
    )
    world.log.append_records(rebuild_batch(parse_header(marker), b"", 0), world.clock.wall_ms())
    await world.put(b"b", b"2")
    await world.close()
    await world.open()
    assert (await world.loaded()).values == {b"a": b"1", b"b": b"2"}


# Answers that wait for others


def wait(state: Registry, reply: Reply[int], _: int) -> Outcome[None]:
    state.waiting.append(reply)
    return Outcome(None)


async def test_a_waiting_request_is_answered_by_a_later_operation_and_once(world: World) -> None:
    await world.loaded()
    waiting = world.runtime.write_and_wait(0, wait)
    assert await world.put(b"a", b"1") == 0
    assert not waiting.done()

    def release(state: Registry, _: int) -> Outcome[int]:
        (reply,) = state.waiting
        reply.succeed(7)
        reply.succeed(8)
        reply.fail(KafkaError(ErrorCode.UNKNOWN_MEMBER_ID))
        return Outcome(0)

    await world.runtime.write(0, release)
    assert await waiting == 7


async def test_a_waiting_request_can_be_refused_at_once_or_later(world: World) -> None:
    await world.loaded()
    assert await code_of(world.runtime.write_and_wait(0, raise_unknown_member)) == ErrorCode.UNKNOWN_MEMBER_ID
    assert await code_of(world.runtime.write_and_wait(1, wait)) == ErrorCode.NOT_COORDINATOR
    waiting = world.runtime.write_and_wait(0, wait)
    world.machines[-1].waiting[0].fail(KafkaError(ErrorCode.REBALANCE_IN_PROGRESS))
    assert await code_of(waiting) == ErrorCode.REBALANCE_IN_PROGRESS


def raise_unknown_member(state: Registry, reply: Reply[int], _: int) -> Outcome[None]:
    raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)


async def test_a_waiting_request_fails_with_its_append(world: World) -> None:
    await world.loaded()

    def put_and_wait(state: Registry, reply: Reply[int], now_ms: int) -> Outcome[None]:
        return Outcome(wait(state, reply, now_ms).value, [(b"a", bytes(2 << 20))])

    assert await code_of(world.runtime.write_and_wait(0, put_and_wait)) == ErrorCode.UNKNOWN_SERVER_ERROR


async def test_a_waiting_request_whose_client_left_disturbs_nobody(world: World) -> None:
    state = await world.loaded()
    waiting = world.runtime.write_and_wait(0, wait)
    waiting.cancel()
    state.waiting[0].succeed(7)
    state.waiting[0].fail(KafkaError(ErrorCode.UNKNOWN_MEMBER_ID))
    assert waiting.cancelled()


# Calculations


def put_result(state: Registry, result: bytes, now_ms: int) -> Outcome[None]:
    return Outcome(None, [(b"result", result)])


async def test_a_calculation_runs_in_a_thread_and_goes_on_in_the_shard(world: World) -> None:
    state = await world.loaded()
    threads: list[int] = []

    def work() -> bytes:
        threads.append(threading.get_ident())
        return b"1"

    assert state.calculations.start(("c",), work, put_result)
    await world.tasks.settle()
    assert threads[0] != threading.get_ident()
    assert state.values == {b"result": b"1"}
    await world.close()
    await world.open()
    assert (await world.loaded()).values == {b"result": b"1"}


class Gate:
    """Work that ends when the test says so."""

    def __init__(self, result: bytes) -> None:
        self._open = threading.Event()
        self._result = result

    def __call__(self) -> bytes:
        assert self._open.wait(10)
        return self._result

    def open(self) -> None:
        self._open.set()


async def test_one_calculation_of_a_name_is_under_way_at_a_time(world: World) -> None:
    state = await world.loaded()
    first = Gate(b"first")
    assert state.calculations.start(("c",), first, put_result)
    assert not state.calculations.start(("c",), lambda: b"second", put_result)
    first.open()
    await world.tasks.settle()
    assert state.values == {b"result": b"first"}
    assert state.calculations.start(("c",), lambda: b"third", put_result)
    await world.tasks.settle()
    assert state.values == {b"result": b"third"}


async def test_a_calculation_that_was_called_off_counts_for_nothing(world: World) -> None:
    state = await world.loaded()
    first = Gate(b"first")
    state.calculations.start(("c",), first, put_result)
    state.calculations.cancel(("c",))
    assert state.calculations.start(("c",), lambda: b"second", put_result)
    first.open()
    await world.tasks.settle()
    assert state.values == {b"result": b"second"}


async def test_a_calculation_of_an_epoch_that_is_over_counts_for_nothing(world: World) -> None:
    """The shard failed and was loaded again meanwhile."""
    state = await world.loaded()
    gate = Gate(b"1")
    state.calculations.start(("c",), gate, put_result)
    world.file_system.inject(Fault(at_call=1, operations=frozenset({Operation.WRITE})))
    assert await code_of(world.runtime.write(0, lambda state, _: state.put(b"a", b"1"))) == ErrorCode.NOT_COORDINATOR
    await world.clock.advance(REOPEN_MS)
    again = await world.loaded()
    gate.open()
    await world.tasks.settle()
    assert again is not state
    assert again.values == {}
    state.timers.schedule(("t",), 0, lambda state, _: Outcome(None, [(b"timer", b"")]))
    assert not state.calculations.start(("c",), lambda: b"2", put_result)
    await world.clock.advance(0)
    assert again.values == {}


@pytest.mark.expects_errors(r"calculation \('c',\) of __consumer_offsets-0 failed")
async def test_a_calculation_that_raises_is_said_and_can_be_begun_again(world: World) -> None:
    state = await world.loaded()
    state.calculations.start(("c",), lambda: bytes(1 // len(state.values)), put_result)
    await world.tasks.settle()
    assert (state.values, state.unloads) == ({}, 0)
    assert state.calculations.start(("c",), lambda: b"2", put_result)
    await world.tasks.settle()
    assert state.values == {b"result": b"2"}


@pytest.mark.expects_errors(r"calculation \('c',\) of __consumer_offsets-0 failed")
async def test_a_calculation_whose_end_raises_makes_the_shard_load_again(world: World) -> None:
    state = await world.loaded()
    state.calculations.start(("c",), bytes, raise_bug)
    await world.tasks.settle()
    assert state.unloads == 1
