"""One shard of a coordinator: a partition of an internal topic with the state that its records make up.

Theory of operation. An operation decides from the state; the records it returns are appended as one batch and replayed into
memory at once, and its answers go out when the append is durable. Loading is the same replay, from the start of the log. When
an append fails, memory may be ahead of the log: every answer under way fails with Kafka's mapped code, timers and calculations
are called off, the epoch rises (callbacks of the old epoch do nothing) and the shard is loaded again from the log. The same
when the log goes offline for another reason, such as a background flush that fails; until it is back, operations are refused
with NOT_COORDINATOR. What the log refuses for itself, a batch that is too large or one that its producer may not write, leaves
everything as it was.

What nobody expected (an operation, a timer, a replay or a load that raises anything but KafkaError) leaves memory suspect in
the same way: it is logged once, whoever caused it is answered UNKNOWN_SERVER_ERROR, and the shard is loaded again after a pause
that doubles up to half a minute while that goes on. Kafka leaves a shard whose load failed to the next election; here there may
be none.

A record that cannot be decoded is logged and does not count: Kafka fails the whole shard for it, at each load, for ever.

Source of the shape: Kafka's CoordinatorRuntime; of the mapped codes: CoordinatorOperationExceptionHelper.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final, Generic, NamedTuple, TypeVar

from kafka_compat.clock import Clock, TimerHandle
from kafka_compat.coordinator.append_errors import REFUSED_PRODUCERS, TOO_LARGE, mapped_code
from kafka_compat.coordinator.ports import Calculations, CoordinatorRecord, Outcome, StateMachine, Timers, WorkName
from kafka_compat.coordinator.replaying import replay_log
from kafka_compat.log.errors import AppendError
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.verification import UNGUARDED, Verification
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.builder import build_batch
from kafka_compat.records.control import build_end_transaction_marker
from kafka_compat.tasks import Supervisor

logger = logging.getLogger(__name__)

R = TypeVar("R")
S = TypeVar("S", bound=StateMachine)

Completion = Callable[[KafkaError | None], None]
MakeState = Callable[[int, Timers[S], Calculations[S]], S]

_RETRY_LOAD_MS: Final = 1_000
_MAX_RETRY_LOAD_MS: Final = 30_000
# Faults further apart than this have nothing to do with each other.
_FAULTS_FORGOTTEN_MS: Final = 60_000


class Producer(NamedTuple):
    """Whose transaction records belong to.

    Attributes:
        id, epoch: as in the batch.
        guard: from `PartitionLog.start_verification`; `UNGUARDED` when nothing is verified.
    """

    id: int
    epoch: int
    guard: Verification | None = UNGUARDED


class ShardContext(Generic[S]):
    """A shard while this broker leads its partition.

    Args:
        shard_id: the partition.
        log: of the partition.
        make_state: a fresh state machine, given its timers and calculations.
        clock: drives timers and the time that operations see.
        tasks: runs loading and calculations.
        load_again: called after the pause that a fault is followed by; the partition may have another log by then.
        has_run: called when the shard has done something that nobody asked for.

    Attributes:
        state: None while it is not loaded.
        in_flight: the durability of the last append that is not durable yet.
    """

    def __init__(
        self,
        shard_id: int,
        log: PartitionLog,
        make_state: MakeState[S],
        clock: Clock,
        tasks: Supervisor,
        load_again: Callable[[], object],
        has_run: Callable[[], None],
    ) -> None:
        self.log = log
        self.state: S | None = None
        self.in_flight: asyncio.Future[None] | None = None
        self._shard_id = shard_id
        self._make_state = make_state
        self._clock = clock
        self._tasks = tasks
        self._load_again = load_again
        self._has_run = has_run
        self._epoch = 0
        self._failures = log.failures  # of the log when the state was read from it
        self._loading: asyncio.Future[None] | None = None
        self._timers: dict[WorkName, TimerHandle] = {}
        self._calculating: dict[WorkName, object] = {}  # each one's token: one of the same name may follow it
        # Of late: exceptions that nobody expected, and loads that failed.
        self._faults = 0
        self._last_fault_ms = 0
        self._retry: TimerHandle | None = None  # set while the pause before the next load lasts
        self._is_closed = False

    # --- life

    def load(self) -> asyncio.Future[None] | None:
        """Begin to load; the loading, None when it is loaded or pauses."""
        if self.state is not None or self._retry is not None or self._is_closed:
            return None
        if self._loading is None:
            self._loading = self._tasks.start(f"loading {self.log.name}", self._load())
        return self._loading

    def ready(self) -> S:
        """The state that operations see.

        Raises:
            KafkaError: NOT_COORDINATOR while the log is offline; COORDINATOR_LOAD_IN_PROGRESS, and it is being loaded.
        """
        if self.state is not None and self._failures != self.log.failures:
            self._drop_state()
        if self.log.is_offline:
            raise KafkaError(ErrorCode.NOT_COORDINATOR)
        if self.state is None:
            self.load()
            raise KafkaError(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
        return self.state

    def close(self) -> None:
        """Give it up; what still loads ends with the supervisor."""
        self._is_closed = True
        self._drop_state()
        self._cancel_retry()

    def fault(self, what: str, error: Exception) -> None:
        """Nobody expected `error`: log it, forget the state, load it again in a while."""
        self._tasks.report(f"{what} of {self.log.name}", error)
        self._drop_state()
        self._pause()

    async def _load(self) -> None:
        epoch = self._epoch
        self._failures = self.log.failures
        try:
            state = self._make_state(self._shard_id, _Timers(self, epoch), _Calculations(self, epoch))
            await replay_log(self.log, state, self._clock.wall_ms())
            if self._epoch == epoch and not self._is_closed:
                self.state = state
                state.on_loaded(self._clock.wall_ms())
        except KafkaError as error:
            logger.warning("loading %s failed: %s", self.log.name, error)
            self._drop_state()
            self._pause()
        except Exception as error:
            self.fault("loading", error)
        finally:
            self._loading = None

    def _pause(self) -> None:
        now_ms = self._clock.monotonic_ms()
        if now_ms - self._last_fault_ms > _FAULTS_FORGOTTEN_MS:
            self._faults = 0
        self._last_fault_ms = now_ms
        self._faults += 1
        self._cancel_retry()
        if not self._is_closed:
            pause_ms = min(_RETRY_LOAD_MS << min(self._faults - 1, 10), _MAX_RETRY_LOAD_MS)
            self._retry = self._clock.call_at(now_ms + pause_ms, self._end_pause)

    def _end_pause(self) -> None:
        self._retry = None
        self._load_again()

    def _cancel_retry(self) -> None:
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None

    def _drop_state(self) -> None:
        self._epoch += 1
        state, self.state = self.state, None
        self.in_flight = None
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._calculating.clear()
        if state is not None:
            try:
                state.on_unloaded()
            except Exception as error:
                self._tasks.report(f"giving up {self.log.name}", error)

    # --- appending

    def commit(
        self,
        state: S,
        records: Sequence[CoordinatorRecord],
        completions: Sequence[Completion],
        producer: Producer | None = None,
        *,
        is_atomic: bool = True,
    ) -> None:
        """Append what an operation decided, replay it, and call `completions` when it is durable or has failed."""
        if not records:
            # Nothing of its own to wait for, but what it saw may not be durable yet.
            if self.in_flight is None:
                self._answer(completions, None)
            else:
                self._complete_after(self.in_flight, completions)
            return
        now_ms = self._clock.wall_ms()
        producer_id = -1 if producer is None else producer.id
        batch = build_batch(
            [(now_ms, key, value, ()) for key, value in records],
            producer_id=producer_id,
            producer_epoch=-1 if producer is None else producer.epoch,
            transactional=producer is not None,
        )
        appended = self._append(batch, guard=UNGUARDED if producer is None else producer.guard)
        if not isinstance(appended, ErrorCode):

            def replay() -> None:
                for key, value in records:
                    state.replay(key, value, None if producer is None else producer_id, now_ms)

            self._take_over(replay, appended, completions)
        elif appended in TOO_LARGE and not is_atomic and len(records) > 1:
            middle = len(records) // 2
            self.commit(state, records[:middle], [], producer, is_atomic=False)
            if self.state is state:
                self.commit(state, records[middle:], completions, producer, is_atomic=False)
            else:
                self._answer(completions, KafkaError(ErrorCode.NOT_COORDINATOR))
        else:
            self._fail(appended, completions)

    def end_transaction(
        self,
        state: S,
        completion: Completion,
        *,
        producer_id: int,
        producer_epoch: int,
        coordinator_epoch: int,
        is_commit: bool,
        transaction_version: int,
    ) -> None:
        """Append a transaction's end marker, replay it, and call `completion` as `commit` does."""
        marker = build_end_transaction_marker(
            producer_id=producer_id,
            producer_epoch=producer_epoch,
            coordinator_epoch=coordinator_epoch,
            is_commit=is_commit,
            timestamp_ms=self._clock.wall_ms(),
        )
        appended = self._append(marker, transaction_version=transaction_version)
        if isinstance(appended, ErrorCode):
            self._fail(appended, [completion])
        else:
            self._take_over(lambda: state.replay_end_transaction(producer_id, is_commit), appended, [completion])

    def _append(
        self, batch: bytearray, *, transaction_version: int = 0, guard: Verification | None = UNGUARDED
    ) -> asyncio.Future[None] | ErrorCode | None:
        """Append; what its durability waits for, None when it is durable, the code when it is refused."""
        try:
            return self.log.append_records(
                batch, self._clock.wall_ms(), transaction_version=transaction_version, guard=guard
            ).done
        except AppendError as error:
            return error.error_code

    def _take_over(
        self, replay: Callable[[], None], done: asyncio.Future[None] | None, completions: Sequence[Completion]
    ) -> None:
        """Replay what was appended, and call `completions` when it is durable."""
        if done is not None:
            self._complete_after(done, completions)
            replay()
            return
        try:
            replay()
        except Exception:
            # The caller, who answers for the fault, comes first.
            asyncio.get_running_loop().call_soon(self._answer, completions, None)
            raise
        # At once, and after the replay: an answer must not be seen before the state it speaks of.
        self._answer(completions, None)

    def _complete_after(self, done: asyncio.Future[None], completions: Sequence[Completion]) -> None:
        self.in_flight = done
        epoch = self._epoch

        def finished(future: asyncio.Future[None]) -> None:
            if self.in_flight is future:
                self.in_flight = None
            if future.cancelled() or future.exception() is not None:
                code = ErrorCode.KAFKA_STORAGE_ERROR
                if self._epoch == epoch:
                    self._fail(code, completions)
                else:
                    self._answer(completions, KafkaError(mapped_code(code)))
            else:
                self._answer(completions, None)

        done.add_done_callback(finished)

    def _fail(self, code: ErrorCode, completions: Sequence[Completion]) -> None:
        """The log refused: a batch that may not be written changes nothing, anything else makes memory suspect."""
        if code in REFUSED_PRODUCERS:
            # Any client can bring that about.
            logger.debug("append to %s refused with %s", self.log.name, code.name)
        else:
            logger.warning("append to %s failed with %s", self.log.name, code.name)
            if code not in TOO_LARGE:
                self._drop_state()
        self._answer(completions, KafkaError(mapped_code(code)))

    def _answer(self, completions: Sequence[Completion], error: KafkaError | None) -> None:
        for complete in completions:
            try:
                complete(error)
            except Exception as unexpected:
                self.fault("an answer", unexpected)

    # --- what the state machine has set in motion

    def schedule(self, epoch: int, name: WorkName, delay_ms: int, operation: Callable[[S, int], Outcome[None]]) -> None:
        """Run `operation` after `delay_ms`, in place of an earlier timer of that name; nothing in an epoch that is over."""
        if self._epoch != epoch:
            return

        def fire() -> None:
            if self._epoch == epoch:
                self._timers.pop(name, None)
                self._run("timer", name, operation)

        self.cancel_timer(epoch, name)
        self._timers[name] = self._clock.call_at(self._clock.monotonic_ms() + max(0, delay_ms), fire)

    def cancel_timer(self, epoch: int, name: WorkName) -> None:
        """Call a timer off."""
        timer = self._timers.pop(name, None) if self._epoch == epoch else None
        if timer is not None:
            timer.cancel()

    def calculate(
        self, epoch: int, name: WorkName, work: Callable[[], R], operation: Callable[[S, R, int], Outcome[None]]
    ) -> bool:
        """Run `work` in a thread, then `operation` of what it returned; False when one of that name is under way."""
        if self._epoch != epoch or name in self._calculating:
            return False
        token = self._calculating[name] = object()

        async def calculating() -> None:
            try:
                result = await self._tasks.in_thread(work)
            finally:
                is_wanted = self._calculating.get(name) is token
                if is_wanted:
                    del self._calculating[name]
            if is_wanted:
                self._run("calculation", name, lambda state, now_ms: operation(state, result, now_ms))

        self._tasks.spawn(f"calculation {name!r} of {self.log.name}", calculating())
        return True

    def cancel_calculation(self, epoch: int, name: WorkName) -> None:
        """Drop the result of a calculation."""
        if self._epoch == epoch:
            self._calculating.pop(name, None)

    def _run(self, what: str, name: WorkName, operation: Callable[[S, int], Outcome[None]]) -> None:
        """Run an operation that nobody asked for."""
        state = self.state
        if state is None:
            return
        try:
            outcome = operation(state, self._clock.wall_ms())
            self.commit(state, outcome.records, list(outcome.completions), is_atomic=outcome.is_atomic)
        except KafkaError as error:
            logger.warning("%s %r of %s failed: %s", what, name, self.log.name, error)
        except Exception as error:
            self.fault(f"{what} {name!r}", error)
        self._has_run()


class _Timers(Generic[S]):
    """The `Timers` port of one shard in one epoch."""

    def __init__(self, shard: ShardContext[S], epoch: int) -> None:
        self._shard = shard
        self._epoch = epoch

    def schedule(self, name: WorkName, delay_ms: int, operation: Callable[[S, int], Outcome[None]]) -> None:
        self._shard.schedule(self._epoch, name, delay_ms, operation)

    def cancel(self, name: WorkName) -> None:
        self._shard.cancel_timer(self._epoch, name)


class _Calculations(Generic[S]):
    """The `Calculations` port of one shard in one epoch."""

    def __init__(self, shard: ShardContext[S], epoch: int) -> None:
        self._shard = shard
        self._epoch = epoch

    def start(self, name: WorkName, work: Callable[[], R], operation: Callable[[S, R, int], Outcome[None]]) -> bool:
        return self._shard.calculate(self._epoch, name, work, operation)

    def cancel(self, name: WorkName) -> None:
        self._shard.cancel_calculation(self._epoch, name)
