"""What coordinators ask of their surroundings; the runtime and the composition root provide it.

State machines get these ports and nothing else: no event loop, no clock, no log.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from kafka_compat.protocol.errors import KafkaError

S_co = TypeVar("S_co", covariant=True)
T = TypeVar("T")

# Key and value of one record as they go into the log; a value of None is a tombstone.
CoordinatorRecord = tuple[bytes, bytes | None]


@dataclass(slots=True)
class Outcome(Generic[T]):
    """What an operation decided: records to append, and what to answer when they are durable.

    Attributes:
        records: appended as one batch and replayed into the state machine at once.
        value: the operation's own answer.
        completions: answers to others (members that wait for the same rebalance), each sent when the records are durable. If
            the append fails, all answers turn into the mapped error.
        is_atomic: False lets records that are too large for one batch go into several.
    """

    value: T
    records: Sequence[CoordinatorRecord] = ()
    completions: list[Callable[[KafkaError | None], None]] = field(default_factory=list)
    is_atomic: bool = True


class Timers(Protocol[S_co]):
    """Named one-shot timers of one shard; they are gone when the shard is unloaded."""

    def schedule(self, name: str, delay_ms: int, operation: Callable[[S_co, int], Outcome[None]]) -> None:
        """Run `operation(state, now_ms)` after `delay_ms`, in place of an earlier timer of that name."""

    def cancel(self, name: str) -> None:
        """Call a timer off; a no-op when there is none."""


class StateMachine(Protocol):
    """A shard's state: changed by `replay` only, which is the same when loading and after an append."""

    def replay(self, key: bytes, value: bytes | None, producer_id: int | None, now_ms: int) -> None:
        """Take over one record; with `producer_id` it counts when that producer's transaction commits."""

    def replay_end_transaction(self, producer_id: int, is_commit: bool) -> None:
        """The producer's transaction was committed or aborted."""

    def on_loaded(self, now_ms: int) -> None:
        """The whole log was replayed: start timers, with full timeouts."""

    def on_unloaded(self) -> None:
        """The shard is given up: fail every answer that members still wait for with NOT_COORDINATOR."""
