"""Runs coordinator shards: decide, append, replay, answer when durable.

Theory of operation. A shard is one partition of an internal topic with the state that its records make up. `write` runs an
operation against that state; the records it returns are appended as one batch and replayed into memory at once, and its
answers go out when the append is durable. Loading is the same replay, from the start of the log. When an append fails, memory
may be ahead of the log: every answer under way fails with Kafka's mapped code, the shard's timers are cancelled, its epoch
rises (callbacks of the old epoch do nothing) and it is loaded again from the log. The same when the log goes offline for
another reason, such as a background flush that fails; until it is back, operations are refused with NOT_COORDINATOR.

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
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.validation import AppendError
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.batch import iter_batches, parse_header
from kafka_compat.records.builder import build_batch
from kafka_compat.records.control import (
    ControlType,
    build_end_transaction_marker,
    parse_control_type,
    parse_end_transaction_marker,
)
from kafka_compat.records.reader import iter_batch_records

logger = logging.getLogger(__name__)

S = TypeVar("S", bound=StateMachine)
T = TypeVar("T")

# Replaying a record takes some 20 us, and the loop stands still until a chunk is done.
_READ_BYTES: Final = 64 * 1024
_RETRY_LOAD_MS: Final = 1000

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

    __slots__ = ("epoch", "failures", "in_flight", "loading", "log", "state", "timers")

    def __init__(self, log: PartitionLog) -> None:
        self.log = log
        self.epoch = 0
        self.failures = log.failures  # of the log when the state was read from it
        self.state: S | None = None
        self.loading: asyncio.Task[None] | None = None
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

    def is_scheduled(self, name: str) -> bool:
        """Whether the timer is set."""
        return name in self._shard.timers

    def _fire(self, name: str, operation: Callable[[S, int], Outcome[None]]) -> None:
        if self._shard.epoch != self._epoch:
            return
        self._shard.timers.pop(name, None)
        try:
            self._runtime.run_timer(self._shard, operation)
        except KafkaError as error:
            logger.warning("timer %s of %s-%d failed: %s", name, *self._shard.log.topic_partition, error)


class CoordinatorRuntime(Generic[S]):
    """The shards of one internal topic on one broker.

    Args:
        clock: drives timers and the time that operations see.
        find_log: the log of a shard's partition when this broker leads it, None otherwise.
        make_state: a fresh state machine for a shard, given its timers.
    """

    def __init__(
        self,
        clock: Clock,
        find_log: Callable[[int], PartitionLog | None],
        make_state: Callable[[int, Timers[S]], S],
    ) -> None:
        self.clock = clock
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
            KafkaError: NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, the operation's own, or the mapped code of an append
                that failed.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        try:
            shard, state = self._ready(shard_id)
            outcome = operation(state, self.clock.wall_ms())
        except KafkaError as error:
            answer.set_exception(error)
            return answer

        def complete(error: KafkaError | None) -> None:
            if answer.done():
                return
            if error is None:
                answer.set_result(outcome.value)
            else:
                answer.set_exception(error)

        completions = [complete, *outcome.completions]
        self._commit(shard, state, outcome.records, completions, producer, is_atomic=outcome.is_atomic)
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

        def complete(error: KafkaError | None) -> None:
            if error is None:
                answer.set_result(None)
            else:
                answer.set_exception(error)

        refused = self._append(shard, marker, [complete])
        if refused is None:
            state.replay_end_transaction(producer_id, is_commit)
        else:
            self._fail(shard, refused, [complete])
        return answer

    def run_timer(self, shard: _Shard[S], operation: Callable[[S, int], Outcome[None]]) -> None:
        """Run a timer's operation; nobody waits for its answer."""
        if shard.state is None:
            return
        outcome = operation(shard.state, self.clock.wall_ms())
        completions = list(outcome.completions)
        self._commit(shard, shard.state, outcome.records, completions, None, is_atomic=outcome.is_atomic)

    # --- shards

    def load(self, shard_id: int) -> asyncio.Task[None] | None:
        """Open a shard unless it is open; the task of loading it, None when it is loaded or not led by this broker."""
        shard = self._shard(shard_id)
        if shard is None or shard.state is not None:
            return None
        if shard.loading is None:
            shard.loading = asyncio.get_running_loop().create_task(self._load(shard_id, shard))
        return shard.loading

    def loaded_shards(self) -> list[int]:
        """The shards whose state is in memory."""
        return [shard_id for shard_id, shard in self._shards.items() if shard.state is not None]

    def unload(self, shard_id: int) -> None:
        """Forget a shard whose partition is gone or led elsewhere."""
        shard = self._shards.pop(shard_id, None)
        if shard is not None:
            self._drop_state(shard)

    async def close(self) -> None:
        """Cancel timers and loading."""
        self._is_closing = True
        for shard in self._shards.values():
            self._drop_state(shard)
            if shard.loading is not None:
                shard.loading.cancel()
                await asyncio.gather(shard.loading, return_exceptions=True)

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
        state = self._make_state(shard_id, _ShardTimers(self, shard, epoch))
        try:
            await _replay_log(shard.log, state, self.clock.wall_ms())
        except KafkaError as error:
            logger.warning("loading %s-%d failed: %s", *shard.log.topic_partition, error)
            if not self._is_closing:
                self.clock.call_at(self.clock.monotonic_ms() + _RETRY_LOAD_MS, lambda: self._load_again(shard_id))
            return
        finally:
            shard.loading = None
        if shard.epoch == epoch and not self._is_closing:
            shard.state = state
            state.on_loaded(self.clock.wall_ms())

    def _load_again(self, shard_id: int) -> None:
        if not self._is_closing:
            self.load(shard_id)

    def _drop_state(self, shard: _Shard[S]) -> None:
        shard.epoch += 1
        state, shard.state = shard.state, None
        shard.in_flight = None
        for timer in shard.timers.values():
            timer.cancel()
        shard.timers.clear()
        if state is not None:
            state.on_unloaded()

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
                _answer(completions, KafkaError(ErrorCode.NOT_COORDINATOR))
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
                asyncio.get_running_loop().call_soon(complete, None)
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
                    _answer(completions, KafkaError(_MAPPED_CODES[code]))
            else:
                _answer(completions, None)

        done.add_done_callback(finished)

    def _fail(self, shard: _Shard[S], code: ErrorCode, completions: Sequence[Callable[[KafkaError | None], None]]) -> None:
        """The log refused: a batch that is too large changes nothing, anything else makes memory suspect."""
        mapped = _MAPPED_CODES.get(code, code)
        logger.warning("append to %s-%d failed with %s", *shard.log.topic_partition, code.name)
        if code not in _TOO_LARGE:
            self._drop_state(shard)
        _answer(completions, KafkaError(mapped))


def _answer(completions: Sequence[Callable[[KafkaError | None], None]], error: KafkaError | None) -> None:
    for complete in completions:
        complete(error)


async def _replay_log(log: PartitionLog, state: StateMachine, now_ms: int) -> None:
    """Feed the whole log to `state`, transactional batches and their end markers included.

    Raises:
        KafkaError: the log cannot be read.
    """
    offset = log.log_start_offset
    while offset < log.log_end_offset:
        chunk = await log.read(offset, _READ_BYTES, min_one=True, isolation_read_committed=False, max_offset=log.log_end_offset)
        stored = b"".join(chunk.buffers)
        chunk.close()
        if not stored:
            return
        for position, _ in iter_batches(stored):
            header = parse_header(stored, position)
            offset = header.last_offset + 1
            if header.is_control:
                (control,) = iter_batch_records(stored, position)
                if parse_control_type(control.key) in (ControlType.ABORT, ControlType.COMMIT):
                    marker = parse_end_transaction_marker(control)
                    state.replay_end_transaction(header.producer_id, marker.is_commit)
                continue
            producer_id = header.producer_id if header.is_transactional else None
            for record in iter_batch_records(stored, position):
                if record.key is not None:
                    value = None if record.value is None else bytes(record.value)
                    state.replay(bytes(record.key), value, producer_id, now_ms)
        # A read that need not wait does not let anybody else run.
        await asyncio.sleep(0)
