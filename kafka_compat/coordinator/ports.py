"""What coordinators ask of their surroundings; the runtime and the composition root provide it.

State machines get these ports and nothing else: no event loop, no clock, no log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Generic, NamedTuple, Protocol, TypeVar

from kafka_compat.ids import TopicId
from kafka_compat.protocol.errors import KafkaError

R = TypeVar("R")
S_co = TypeVar("S_co", covariant=True)
T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

# Key and value of one record as they go into the log; a value of None is a tombstone.
CoordinatorRecord = tuple[bytes, bytes | None]

# Of a timer or a calculation: what it is for and whose it is, such as ("session", group id, member id).
WorkName = tuple[str, ...]


class Outcome(NamedTuple, Generic[T]):
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
    completions: Sequence[Callable[[KafkaError | None], None]] = ()
    is_atomic: bool = True


class Reply(Protocol[T_contra]):
    """The answer to one request, given at once or in a later operation; whatever comes after the first does not count."""

    def succeed(self, value: T_contra) -> None:
        """Answer with a value."""

    def fail(self, error: KafkaError) -> None:
        """Refuse the request."""


class Timers(Protocol[S_co]):
    """Named one-shot timers of one shard; they are gone when the shard is unloaded."""

    def schedule(self, name: WorkName, delay_ms: int, operation: Callable[[S_co, int], Outcome[None]]) -> None:
        """Run `operation(state, now_ms)` after `delay_ms`, in place of an earlier timer of that name."""

    def cancel(self, name: WorkName) -> None:
        """Call a timer off; a no-op when there is none."""


class Calculations(Protocol[S_co]):
    """Where a shard computes what would hold the event loop for long; Kafka's CoordinatorExecutor."""

    def start(self, name: WorkName, work: Callable[[], R], operation: Callable[[S_co, R, int], Outcome[None]]) -> bool:
        """Run `work` in a thread and then `operation(state, result, now_ms)`, as a timer would be run.

        `work` gets values that nobody changes meanwhile. The operation has to see for itself whether its result is still
        wanted; it is not run when the shard was unloaded or the calculation called off, nor when `work` raised, which is
        logged.

        Returns:
            False, and nothing is begun, while one of that name is under way.
        """

    def cancel(self, name: WorkName) -> None:
        """Let the result of a calculation count for nothing; a no-op when there is none."""


class TopicView(NamedTuple):
    """A topic as it was when somebody asked."""

    name: str
    id: TopicId
    partition_count: int


class TopicsView(Protocol):
    """The topics of the cluster's image, looked up as of now: what is kept of them may be out of date a moment later."""

    def topic(self, name: str) -> TopicView | None:
        """The topic of that name."""

    def topic_by_id(self, topic_id: TopicId) -> TopicView | None:
        """The topic of that id."""

    def names(self) -> Iterable[str]:
        """Of all topics, for subscriptions by regular expression; to be gone through at once."""

    def racks(self, name: str) -> Sequence[Set[str]]:
        """For each partition the racks of its replicas' brokers, as far as they are known; empty without such a topic."""


class TopicChanges(NamedTuple):
    """What one commit to the cluster's metadata did to topics; `TopicsView` shows it already.

    Attributes:
        created: name to id.
        deleted: name to id. A topic that was made again under its name is also in `created`, with another id.
        grown: names of topics that have more partitions.
    """

    created: Mapping[str, TopicId]
    deleted: Mapping[str, TopicId]
    grown: Set[str]


class TopicsFeed(TopicsView, Protocol):
    """The topics, and word of their changes."""

    def follow(self, listener: Callable[[TopicChanges], None]) -> Callable[[], None]:
        """Call `listener` after each change from now on; the return value ends that."""


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
