"""Runs operations on the coordinator shards of one broker: decide, append, replay, answer when durable.

A shard is one partition of an internal topic with the state that its records make up (`shard_context.py`). It is opened on
first use; while it loads, operations are refused with COORDINATOR_LOAD_IN_PROGRESS, which clients retry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, Generic, TypeVar

from kafka_compat.clock import Clock
from kafka_compat.coordinator.append_errors import mapped_code
from kafka_compat.coordinator.ports import Outcome, Reply, StateMachine
from kafka_compat.coordinator.shard_context import Completion, MakeState, Producer, ShardContext
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.verification import Verification
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.batch import NO_SEQUENCE
from kafka_compat.tasks import Supervisor

S = TypeVar("S", bound=StateMachine)
T = TypeVar("T")

_WRITE_TIMEOUT_MS: Final = 60_000


class CoordinatorRuntime(Generic[S]):
    """The shards of one internal topic on one broker.

    Args:
        clock: drives timers and the time that operations see.
        find_log: the log of a shard's partition when this broker leads it, None otherwise.
        make_state: a fresh state machine for a shard, given its timers and calculations.
        tasks: runs loading and calculations.
        write_timeout_ms: of real time: how long other replicas may take to have what was written; a minute by default.
        needs_in_sync: whether nothing is written while there are fewer in-sync replicas than min.insync.replicas asks for.
    """

    def __init__(
        self,
        clock: Clock,
        find_log: Callable[[int], PartitionLog | None],
        make_state: MakeState[S],
        tasks: Supervisor,
        write_timeout_ms: Callable[[], int] | None = None,
        *,
        needs_in_sync: bool = False,
    ) -> None:
        self._clock = clock
        self._tasks = tasks
        self._find_log = find_log
        self._make_state = make_state
        self._write_timeout_ms = write_timeout_ms or (lambda: _WRITE_TIMEOUT_MS)
        self._needs_in_sync = needs_in_sync
        self._shards: dict[int, ShardContext[S]] = {}
        self._is_closing = False
        self._watchers: list[Callable[[], None]] = []

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call `watcher` when a shard has done something that no request ends with: for tests, which wait for anything.

        That is what timers and calculations do, and requests that wait for others from then on.
        """
        if watcher not in self._watchers:
            self._watchers.append(watcher)

    def _tell(self) -> None:
        for watcher in self._watchers:
            watcher()

    # --- operations

    def write(
        self,
        shard_id: int,
        operation: Callable[[S, int], Outcome[T]],
        *,
        producer: Producer | None = None,
    ) -> asyncio.Future[T]:
        """Run `operation(state, now_ms)`; the future has its value when its records are durable.

        With `producer` the records belong to that producer's transaction: INVALID_TXN_STATE says that a marker has come since
        its guard was made, INVALID_PRODUCER_EPOCH that its epoch is over.

        Raises (through the future):
            KafkaError: NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, the operation's own, the mapped code of an append that
                failed, or UNKNOWN_SERVER_ERROR when the operation raised what nobody expected. COORDINATOR_NOT_AVAILABLE when
                other replicas did not have the records in time, which may count all the same.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        shard: ShardContext[S] | None = None
        try:
            shard, state = self._ready_to_write(shard_id)
            outcome = operation(state, self._clock.wall_ms())
            completions = [_to(answer, outcome.value), *outcome.completions]
            shard.commit(state, outcome.records, completions, producer, is_atomic=outcome.is_atomic)
            if shard.in_flight is not None:
                self._limit_wait(shard, partial(_settle, answer))
        except Exception as error:
            _refuse(answer, shard, "an operation", error)
        return answer

    def write_and_wait(self, shard_id: int, operation: Callable[[S, Reply[T], int], Outcome[None]]) -> asyncio.Future[T]:
        """Run `operation(state, reply, now_ms)`; the future has what `reply` is given, in this operation or in a later one.

        Raises (through the future):
            KafkaError: as `write`, and what `reply` is failed with.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        reply = _Reply(answer)

        def written(error: KafkaError | None) -> None:
            if error is not None:
                reply.fail(error)

        shard: ShardContext[S] | None = None
        try:
            shard, state = self._ready_to_write(shard_id)
            outcome = operation(state, reply, self._clock.wall_ms())
            # The operation's own completions know more of what the request is to be told.
            shard.commit(state, outcome.records, [*outcome.completions, written], is_atomic=outcome.is_atomic)
            self._limit_wait(shard, reply.fail)
        except Exception as error:
            _refuse(answer, shard, "an operation", error)
        self._tell()
        return answer

    def read(self, shard_id: int, operation: Callable[[S, int], T]) -> asyncio.Future[T]:
        """Run a look-up against durable state; waits for appends under way. Errors as in `write`."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        try:
            shard, state = self._ready(shard_id)
        except KafkaError as error:
            answer.set_exception(error)
            return answer

        def look(_: object = None) -> None:
            if answer.done():
                return
            if shard.state is not state:
                answer.set_exception(KafkaError(ErrorCode.NOT_COORDINATOR))
                return
            try:
                answer.set_result(operation(state, self._clock.wall_ms()))
            except KafkaError as error:
                answer.set_exception(error)
            except Exception as error:
                # It only looked: what it saw is as good as before.
                self._tasks.report("a look-up in " + shard.log.name, error)
                answer.set_exception(KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR))

        if shard.in_flight is None:
            look()
        else:
            shard.in_flight.add_done_callback(look)
            self._limit_wait(shard, partial(_settle, answer))
        return answer

    def start_verification(
        self, shard_id: int, producer_id: int, producer_epoch: int, *, supports_epoch_bump: bool
    ) -> Verification | None:
        """See `ProducerState.start_verification`, of the shard's log; the shard may be loading.

        Raises:
            KafkaError: NOT_COORDINATOR, INVALID_PRODUCER_EPOCH.
        """
        log = None if self._is_closing else self._find_log(shard_id)
        if log is None or log.is_offline:
            raise KafkaError(ErrorCode.NOT_COORDINATOR)
        return log.start_verification(
            producer_id, producer_epoch, NO_SEQUENCE, self._clock.wall_ms(), supports_epoch_bump=supports_epoch_bump
        )

    def complete_transaction(
        self,
        shard_id: int,
        producer_id: int,
        producer_epoch: int,
        coordinator_epoch: int,
        *,
        is_commit: bool,
        transaction_version: int = 0,
    ) -> asyncio.Future[None]:
        """Append the transaction's end marker and let its pending records count or vanish.

        Raises (through the future):
            KafkaError: as `write`; INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED.
        """
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        shard: ShardContext[S] | None = None
        try:
            shard, state = self._ready(shard_id)
            shard.end_transaction(
                state,
                _to(answer, None),
                producer_id=producer_id,
                producer_epoch=producer_epoch,
                coordinator_epoch=coordinator_epoch,
                is_commit=is_commit,
                transaction_version=transaction_version,
            )
            self._limit_wait(shard, partial(_settle, answer))
        except Exception as error:
            _refuse(answer, shard, "the end of a transaction", error)
        return answer

    # --- shards

    def load(self, shard_id: int) -> asyncio.Future[None] | None:
        """Open a shard unless it is open; the loading, None when it is loaded, pauses, or is not led by this broker."""
        shard = self._shard(shard_id)
        return None if shard is None or self._is_closing else shard.load()

    def loaded_shards(self) -> list[int]:
        """The shards whose state is in memory."""
        return [shard_id for shard_id, shard in self._shards.items() if shard.state is not None]

    def peek(self, shard_id: int) -> S | None:
        """The state of a shard as it is in memory now, durable or not; None when it is not loaded. Not to be changed."""
        shard = self._shards.get(shard_id)
        return None if shard is None else shard.state

    def unload(self, shard_id: int) -> None:
        """Forget a shard whose partition is gone or led elsewhere."""
        shard = self._shards.pop(shard_id, None)
        if shard is not None:
            shard.close()

    def close(self) -> None:
        """Give up every shard; what still loads ends with the supervisor."""
        self._is_closing = True
        for shard in self._shards.values():
            shard.close()

    def _shard(self, shard_id: int) -> ShardContext[S] | None:
        log = self._find_log(shard_id)
        shard = self._shards.get(shard_id)
        if log is None:
            if shard is not None:
                self.unload(shard_id)
            return None
        if shard is None or shard.log is not log:
            self.unload(shard_id)
            self._shards[shard_id] = shard = ShardContext(
                shard_id, log, self._make_state, self._clock, self._tasks, partial(self.load, shard_id), self._tell
            )
        return shard

    def _ready(self, shard_id: int) -> tuple[ShardContext[S], S]:
        shard = self._shard(shard_id)
        if shard is None or self._is_closing:
            raise KafkaError(ErrorCode.NOT_COORDINATOR)
        return shard, shard.ready()

    def _ready_to_write(self, shard_id: int) -> tuple[ShardContext[S], S]:
        """As `_ready`; COORDINATOR_NOT_AVAILABLE when there are too few in-sync replicas to write."""
        shard, state = self._ready(shard_id)
        replicas = shard.log.replicas
        if self._needs_in_sync and replicas is not None and replicas.is_under_min_isr:
            raise KafkaError(mapped_code(ErrorCode.NOT_ENOUGH_REPLICAS))
        return shard, state

    def _limit_wait(self, shard: ShardContext[S], give_up: Callable[[KafkaError], None]) -> None:
        """Give up on other replicas that do not have in time what was written (CoordinatorRuntime.OperationTimeout)."""
        done = shard.in_flight
        if done is None or done.done() or not shard.log.is_high_watermark_limited:
            return
        error = KafkaError(mapped_code(ErrorCode.REQUEST_TIMED_OUT))
        timer = asyncio.get_running_loop().call_later(self._write_timeout_ms() / 1000, give_up, error)
        done.add_done_callback(lambda _: timer.cancel())


class _Reply(Generic[T]):
    """The `Reply` port: the first word counts."""

    __slots__ = ("_answer",)

    def __init__(self, answer: asyncio.Future[T]) -> None:
        self._answer = answer

    def succeed(self, value: T) -> None:
        if not self._answer.done():
            self._answer.set_result(value)

    def fail(self, error: KafkaError) -> None:
        _settle(self._answer, error)


def _to(answer: asyncio.Future[T], value: T) -> Completion:
    """What completes `answer` with `value`, or with the error of its append."""

    def complete(error: KafkaError | None) -> None:
        if error is not None:
            _settle(answer, error)
        elif not answer.done():
            answer.set_result(value)

    return complete


def _refuse(answer: asyncio.Future[T], shard: ShardContext[S] | None, what: str, error: Exception) -> None:
    """Answer with the error of an operation; one that nobody expected has left its mark on the shard."""
    if isinstance(error, KafkaError):
        _settle(answer, error)
        return
    if shard is None:
        raise error
    shard.fault(what, error)
    _settle(answer, KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR))


def _settle(answer: asyncio.Future[T], error: KafkaError) -> None:
    if not answer.done():
        answer.set_exception(error)
