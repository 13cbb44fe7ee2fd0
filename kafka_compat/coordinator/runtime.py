"""Runs coordinator shards: decide, append, replay, answer when durable.

Theory of operation. A shard is one partition of an internal topic with the state that its records make up. `write` runs an
operation against that state; the records it returns are appended as one batch and replayed into memory at once, and its
answers go out when the append is durable. Loading is the same replay, from the start of the log. When an append fails, memory
may be ahead of the log: every answer under way fails with Kafka's mapped code, the shard's timers are cancelled, its epoch
rises (callbacks of the old epoch do nothing) and it is loaded again from the log. The same when the log goes offline for
another reason, such as a background flush that fails; until it is back, operations are refused with NOT_COORDINATOR.

What nobody expected (an operation, a timer, a replay or a load that raises anything but KafkaError) leaves memory suspect in
the same way: it is logged once, whoever caused it is answered UNKNOWN_SERVER_ERROR, and the shard is loaded again after a pause
that doubles up to half a minute while that goes on. Kafka leaves a shard whose load failed to the next election; here there may
be none.

A record that cannot be decoded is logged and does not count: Kafka fails the whole shard for it, at each load, for ever.

A shard is opened on first use. While it loads, operations are refused with COORDINATOR_LOAD_IN_PROGRESS, which clients retry.

Source of the shape: Kafka's CoordinatorRuntime; of the mapped codes: GroupCoordinatorService.handleOperationException.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from kafka_compat.clock import Clock, TimerHandle
from kafka_compat.coordinator.ports import CoordinatorRecord, Outcome, StateMachine, Timers
from kafka_compat.coordinator.replaying import replay_log
from kafka_compat.log.errors import AppendError
from kafka_compat.log.partition import PartitionLog
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.builder import build_batch
from kafka_compat.records.control import build_end_transaction_marker
from kafka_compat.tasks import Supervisor

logger = logging.getLogger(__name__)

S = TypeVar("S", bound=StateMachine)
T = TypeVar("T")

_RETRY_LOAD_MS: Final = 1_000
_MAX_RETRY_LOAD_MS: Final = 30_000
# Faults further apart than this have nothing to do with each other.
_FAULTS_FORGOTTEN_MS: Final = 60_000

_TOO_LARGE: Final = (ErrorCode.MESSAGE_TOO_LARGE, ErrorCode.RECORD_LIST_TOO_LARGE)
_MAPPED_CODES: Final = {
    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION: ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.NOT_ENOUGH_REPLICAS: ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.REQUEST_TIMED_OUT: ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.NOT_LEADER_OR_FOLLOWER: ErrorCode.NOT_COORDINATOR,
    ErrorCode.KAFKA_STORAGE_ERROR: ErrorCode.NOT_COORDINATOR,
    ErrorCode.MESSAGE_TOO_LARGE: ErrorCode.UNKNOWN_SERVER_ERROR,
    ErrorCode.RECORD_LIST_TOO_LARGE: ErrorCode.UNKNOWN_SERVER_ERROR,
    ErrorCode.INVALID_FETCH_SIZE: ErrorCode.UNKNOWN_SERVER_ERROR,
}


class _Shard(Generic[S]):
    """One partition's state and what is under way in it; `state` is None while it is loaded."""

    __slots__ = ("epoch", "failures", "faults", "in_flight", "last_fault_ms", "loading", "log", "retry", "state", "timers")

    def __init__(self, log: PartitionLog) -> None:
        self.log = log
        # Of late: exceptions that nobody expected, and loads that failed.
        self.faults = 0
        self.last_fault_ms = 0
        self.retry: TimerHandle | None = None  # set while the pause before the next load lasts
        self.epoch = 0
        self.failures = log.failures  # of the log when the state was read from it
        self.state: S | None = None
        self.loading: asyncio.Future[None] | None = None
        self.timers: dict[str, TimerHandle] = {}
        # The durability of the last append that is not durable yet.
        self.in_flight: asyncio.Future[None] | None = None


class _ShardTimers(Generic[S]):
    """The `Timers` port of one shard in one epoch."""

    def __init__(self, runtime: CoordinatorRuntime[S], shard: _Shard[S], epoch: int) -> None:
        self._runtime = runtime
        self._shard = shard
        self._epoch = epoch

    def schedule(self, name: str, delay_ms: int, operation: Callable[[S, int], Outcome[None]]) -> None:
        """Run `operation` after `delay_ms`, in place of an earlier timer of that name."""
        self.cancel(name)
        clock = self._runtime.clock
        self._shard.timers[name] = clock.call_at(clock.monotonic_ms() + max(0, delay_ms), lambda: self._fire(name, operation))

    def cancel(self, name: str) -> None:
        """Call a timer off."""
        timer = self._shard.timers.pop(name, None)
        if timer is not None:
            timer.cancel()

    def _fire(self, name: str, operation: Callable[[S, int], Outcome[None]]) -> None:
        if self._shard.epoch == self._epoch:
            self._shard.timers.pop(name, None)
            self._runtime.run_timer(self._shard, name, operation)


class CoordinatorRuntime(Generic[S]):
    """The shards of one internal topic on one broker.

    Args:
        clock: drives timers and the time that operations see.
        find_log: the log of a shard's partition when this broker leads it, None otherwise.
        make_state: a fresh state machine for a shard, given its timers.
        tasks: runs the loading.
    """

    def __init__(
        self,
        clock: Clock,
        find_log: Callable[[int], PartitionLog | None],
        make_state: Callable[[int, Timers[S]], S],
        tasks: Supervisor,
    ) -> None:
        self.clock = clock
        self._tasks = tasks
        self._find_log = find_log
        self._make_state = make_state
        self._shards: dict[int, _Shard[S]] = {}
        self._is_closing = False

    # --- operations

    def write(
        self,
        shard_id: int,
        operation: Callable[[S, int], Outcome[T]],
        *,
        producer: tuple[int, int] | None = None,
    ) -> asyncio.Future[T]:
        """Run `operation(state, now_ms)`; the future has its value when its records are durable.

        With `producer` (id, epoch) the records belong to that producer's transaction.

        Raises (through the future):
            KafkaError: NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, the operation's own, the mapped code of an append that
                failed, or UNKNOWN_SERVER_ERROR when the operation raised what nobody expected.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        try:
            shard, state = self._ready(shard_id)
        except KafkaError as error:
            answer.set_exception(error)
            return answer
        try:
            outcome = operation(state, self.clock.wall_ms())
            completions = [_to(answer, outcome.value), *outcome.completions]
            self._commit(shard, state, outcome.records, completions, producer, is_atomic=outcome.is_atomic)
        except KafkaError as error:
            answer.set_exception(error)
        except Exception as error:
            self._fault(shard, "an operation", error)
            _settle(answer, KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR))
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
                answer.set_result(operation(state, self.clock.wall_ms()))
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
        return answer

    def complete_transaction(
        self, shard_id: int, producer_id: int, producer_epoch: int, coordinator_epoch: int, *, is_commit: bool
    ) -> asyncio.Future[None]:
        """Append the transaction's end marker and let its pending records count or vanish. Errors as in `write`."""
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            shard, state = self._ready(shard_id)
        except KafkaError as error:
            answer.set_exception(error)
            return answer
        marker = build_end_transaction_marker(
            producer_id=producer_id,
            producer_epoch=producer_epoch,
            coordinator_epoch=coordinator_epoch,
            is_commit=is_commit,
            timestamp_ms=self.clock.wall_ms(),
        )

        complete = _to(answer, None)
        try:
            refused = self._append(shard, marker, [complete])
            if refused is None:
                state.replay_end_transaction(producer_id, is_commit)
            else:
                self._fail(shard, refused, [complete])
        except Exception as error:
            self._fault(shard, "the end of a transaction", error)
            _settle(answer, KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR))
        return answer

    def run_timer(self, shard: _Shard[S], name: str, operation: Callable[[S, int], Outcome[None]]) -> None:
        """Run a timer's operation; nobody waits for its answer."""
        state = shard.state
        if state is None:
            return
        try:
            outcome = operation(state, self.clock.wall_ms())
            self._commit(shard, state, outcome.records, list(outcome.completions), None, is_atomic=outcome.is_atomic)
        except KafkaError as error:
            logger.warning("timer %r of %s failed: %s", name, shard.log.name, error)
        except Exception as error:
            self._fault(shard, f"timer {name!r}", error)

    # --- shards

    def load(self, shard_id: int) -> asyncio.Future[None] | None:
        """Open a shard unless it is open; the loading, None when it is loaded, pauses, or is not led by this broker."""
        shard = self._shard(shard_id)
        if shard is None or shard.state is not None or shard.retry is not None or self._is_closing:
            return None
        if shard.loading is None:
            shard.loading = self._tasks.start(f"loading {shard.log.name}", self._load(shard_id, shard))
        return shard.loading

    def loaded_shards(self) -> list[int]:
        """The shards whose state is in memory."""
        return [shard_id for shard_id, shard in self._shards.items() if shard.state is not None]

    def unload(self, shard_id: int) -> None:
        """Forget a shard whose partition is gone or led elsewhere."""
        shard = self._shards.pop(shard_id, None)
        if shard is not None:
            self._drop_state(shard)
            _cancel_retry(shard)

    def close(self) -> None:
        """Give up every shard; what still loads ends with the supervisor."""
        self._is_closing = True
        for shard in self._shards.values():
            self._drop_state(shard)
            _cancel_retry(shard)

    def _shard(self, shard_id: int) -> _Shard[S] | None:
        log = self._find_log(shard_id)
        shard = self._shards.get(shard_id)
        if log is None:
            if shard is not None:
                self.unload(shard_id)
            return None
        if shard is None or shard.log is not log:
            self.unload(shard_id)
            self._shards[shard_id] = shard = _Shard(log)
        return shard

    def _ready(self, shard_id: int) -> tuple[_Shard[S], S]:
        shard = self._shard(shard_id)
        if shard is None or self._is_closing:
            raise KafkaError(ErrorCode.NOT_COORDINATOR)
        if shard.state is not None and shard.failures != shard.log.failures:
            self._drop_state(shard)
        if shard.log.is_offline:
            raise KafkaError(ErrorCode.NOT_COORDINATOR)
        if shard.state is None:
            self.load(shard_id)
            raise KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
        return shard, shard.state

    async def _load(self, shard_id: int, shard: _Shard[S]) -> None:
        epoch = shard.epoch
        shard.failures = shard.log.failures
        try:
            state = self._make_state(shard_id, _ShardTimers(self, shard, epoch))
            await replay_log(shard.log, state, self.clock.wall_ms())
            if shard.epoch == epoch and not self._is_closing:
                shard.state = state
                state.on_loaded(self.clock.wall_ms())
        except KafkaError as error:
            logger.warning("loading %s failed: %s", shard.log.name, error)
            self._drop_state(shard)
            self._pause(shard)
        except Exception as error:
            self._fault(shard, "loading", error)
        finally:
            shard.loading = None

    def _fault(self, shard: _Shard[S], what: str, error: Exception) -> None:
        """Nobody expected `error`: log it, forget the state, load it again in a while."""
        self._tasks.report(f"{what} of {shard.log.name}", error)
        self._drop_state(shard)
        self._pause(shard)

    def _pause(self, shard: _Shard[S]) -> None:
        now_ms = self.clock.monotonic_ms()
        if now_ms - shard.last_fault_ms > _FAULTS_FORGOTTEN_MS:
            shard.faults = 0
        shard.last_fault_ms = now_ms
        shard.faults += 1
        _cancel_retry(shard)
        if not self._is_closing:
            pause_ms = min(_RETRY_LOAD_MS << min(shard.faults - 1, 10), _MAX_RETRY_LOAD_MS)
            shard.retry = self.clock.call_at(now_ms + pause_ms, lambda: self._load_again(shard))

    def _load_again(self, shard: _Shard[S]) -> None:
        shard.retry = None
        shard_id = shard.log.log_id.partition
        if self._shards.get(shard_id) is shard:
            self.load(shard_id)

    def _drop_state(self, shard: _Shard[S]) -> None:
        shard.epoch += 1
        state, shard.state = shard.state, None
        shard.in_flight = None
        for timer in shard.timers.values():
            timer.cancel()
        shard.timers.clear()
        if state is not None:
            try:
                state.on_unloaded()
            except Exception as error:
                self._tasks.report(f"giving up {shard.log.name}", error)

    # --- appending

    def _commit(
        self,
        shard: _Shard[S],
        state: S,
        records: Sequence[CoordinatorRecord],
        completions: Sequence[Callable[[KafkaError | None], None]],
        producer: tuple[int, int] | None,
        *,
        is_atomic: bool,
    ) -> None:
        if not records:
            # Nothing of its own to wait for, but what it saw may not be durable yet.
            self._complete_after(shard, shard.in_flight, completions)
            return
        now_ms = self.clock.wall_ms()
        producer_id, producer_epoch = producer or (-1, -1)
        batch = build_batch(
            [(now_ms, key, value, ()) for key, value in records],
            producer_id=producer_id,
            producer_epoch=producer_epoch,
            transactional=producer is not None,
        )
        refused = self._append(shard, batch, completions)
        if refused is None:
            for key, value in records:
                state.replay(key, value, None if producer is None else producer_id, now_ms)
        elif refused in _TOO_LARGE and not is_atomic and len(records) > 1:
            middle = len(records) // 2
            self._commit(shard, state, records[:middle], [], producer, is_atomic=False)
            if shard.state is state:
                self._commit(shard, state, records[middle:], completions, producer, is_atomic=False)
            else:
                self._answer(shard, completions, KafkaError(ErrorCode.NOT_COORDINATOR))
        else:
            self._fail(shard, refused, completions)

    def _append(
        self, shard: _Shard[S], batch: bytearray, completions: Sequence[Callable[[KafkaError | None], None]]
    ) -> ErrorCode | None:
        """Append and have `completions` called when it is durable; the code of a refusal, which calls nobody."""
        try:
            appended = shard.log.append_records(batch, self.clock.wall_ms())
        except AppendError as error:
            return error.error_code
        self._complete_after(shard, appended.done, completions)
        return None

    def _complete_after(
        self,
        shard: _Shard[S],
        done: asyncio.Future[None] | None,
        completions: Sequence[Callable[[KafkaError | None], None]],
    ) -> None:
        if done is None:
            for complete in completions:
                # After the caller has replayed: an answer must not be seen before the state it speaks of.
                asyncio.get_running_loop().call_soon(self._answer, shard, (complete,), None)
            return
        shard.in_flight = done
        epoch = shard.epoch

        def finished(future: asyncio.Future[None]) -> None:
            if shard.in_flight is future:
                shard.in_flight = None
            if future.cancelled() or future.exception() is not None:
                code = ErrorCode.KAFKA_STORAGE_ERROR
                if shard.epoch == epoch:
                    self._fail(shard, code, completions)
                else:
                    self._answer(shard, completions, KafkaError(_MAPPED_CODES[code]))
            else:
                self._answer(shard, completions, None)

        done.add_done_callback(finished)

    def _fail(self, shard: _Shard[S], code: ErrorCode, completions: Sequence[Callable[[KafkaError | None], None]]) -> None:
        """The log refused: a batch that is too large changes nothing, anything else makes memory suspect."""
        mapped = _MAPPED_CODES.get(code, code)
        logger.warning("append to %s failed with %s", shard.log.name, code.name)
        if code not in _TOO_LARGE:
            self._drop_state(shard)
        self._answer(shard, completions, KafkaError(mapped))

    def _answer(
        self, shard: _Shard[S], completions: Sequence[Callable[[KafkaError | None], None]], error: KafkaError | None
    ) -> None:
        for complete in completions:
            try:
                complete(error)
            except Exception as unexpected:
                self._fault(shard, "an answer", unexpected)


def _to(answer: asyncio.Future[T], value: T) -> Callable[[KafkaError | None], None]:
    """What completes `answer` with `value`, or with the error of its append."""

    def complete(error: KafkaError | None) -> None:
        if error is not None:
            _settle(answer, error)
        elif not answer.done():
            answer.set_result(value)

    return complete


def _settle(answer: asyncio.Future[T], error: KafkaError) -> None:
    if not answer.done():
        answer.set_exception(error)


def _cancel_retry(shard: _Shard[S]) -> None:
    if shard.retry is not None:
        shard.retry.cancel()
        shard.retry = None
