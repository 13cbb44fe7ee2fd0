"""What is known of a cluster when a test has failed: state, and what of the requests tells how it came to that.

One look at everything, in the test's thread; causes, report and leaks read it and ask nothing themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kafka_compat.protocol.topic_names import is_internal
from kafka_compat.testing.request import Request
from kafka_compat.testing.request_bodies import partition_number, topic_name
from kafka_compat.testing.requests import ClosedConnection, Requests

if TYPE_CHECKING:
    from kafka_compat.api.session import Session
    from kafka_compat.testing.kafka import Kafka
    from kafka_compat.testing.views import GroupView, MemberView, Record, TopicView, TransactionView

LATEST: Final = -1  # ListOffsetsRequest.LATEST_TIMESTAMP
READ_COMMITTED: Final = 1
_SOME_RECORDS: Final = 10_000

Place = tuple[str, int]


class Produced(NamedTuple):
    """Records that a client has written: from which offset on, and whether they are transactional."""

    request: Request
    place: Place
    base_offset: int


class Looked(NamedTuple):
    """Where a client has asked for the offset of a timestamp (-1 latest, -2 earliest), and what it was."""

    request: Request
    place: Place
    timestamp: int
    offset: int


class Fetched(NamedTuple):
    """From where a client has begun to read, in a session or without one."""

    request: Request
    place: Place
    offset: int
    is_read_committed: bool


class Joined(NamedTuple):
    """A JoinGroup that brought its member into a generation."""

    request: Request
    group: str
    member_id: str
    generation: int


@dataclass(frozen=True, slots=True)
class OpenConnection:
    """A connection that is open now, to which broker, and the last request that came through it."""

    broker: int
    session: Session
    last: Request | None


@dataclass(slots=True, kw_only=True)
class State:
    """What is there now."""

    now_ms: int
    topics: Mapping[str, TopicView]
    groups: Mapping[str, GroupView]
    transactions: Mapping[str, TransactionView]
    running: frozenset[int]
    nodes: frozenset[int]
    sessions: tuple[tuple[int, Session], ...]
    auto_create: bool


@dataclass(kw_only=True)
class Evidence:
    """All of it.

    Attributes:
        kafka: that is looked at.
        state: of the cluster now.
        requests: that have ended, in that order.
        under_way: that have not.
        closed: connections that brokers have closed.
        now_ns: of `time.monotonic_ns`.
    """

    kafka: Kafka
    state: State
    requests: Requests
    under_way: Requests
    closed: list[ClosedConnection]
    now_ns: int
    _records: dict[str, list[Record]] = field(default_factory=dict)

    # --- state

    @cached_property
    def own_topics(self) -> dict[str, TopicView]:
        """Topics that are not internal."""
        return {name: topic for name, topic in self.state.topics.items() if not is_internal(name)}

    def record_count(self, topic: str) -> int:
        """How many offsets a topic has records, or markers, at."""
        view = self.state.topics.get(topic)
        return 0 if view is None else sum(each.log_end_offset - each.log_start_offset for each in view.partitions)

    def records(self, topic: str) -> list[Record]:
        """All records of a topic, of open and aborted transactions too; none when there are very many."""
        if topic not in self._records:
            few = self.record_count(topic) <= _SOME_RECORDS
            self._records[topic] = self.kafka.records(topic, isolation="all") if few else []
        return self._records[topic]

    @cached_property
    def members(self) -> list[tuple[GroupView, MemberView]]:
        """Of all groups."""
        return [(group, member) for group in self.state.groups.values() for member in group.members]

    # --- what clients did

    @cached_property
    def produced(self) -> list[Produced]:
        """What was written by clients."""
        found = []
        for request in self.requests.of("Produce"):
            for place, partition in _partitions(request, request.answer, "responses", "partition_responses"):
                if partition.error_code == 0:
                    found.append(Produced(request, place, partition.base_offset))
        return found

    @cached_property
    def looked_up(self) -> list[Looked]:
        """Offsets that were asked for by timestamp."""
        found = []
        for request in self.requests.of("ListOffsets"):
            asked = {place: each.timestamp for place, each in _partitions(request, request.body, "topics", "partitions")}
            for place, each in _partitions(request, request.answer, "topics", "partitions"):
                if each.error_code == 0:
                    found.append(Looked(request, place, asked.get(place, 0), each.offset))
        return found

    @cached_property
    def fetched(self) -> list[Fetched]:
        """Where clients have read from, those too that wait for records."""
        found = []
        for request in (*self.requests.of("Fetch"), *self.under_way.of("Fetch")):
            isolation: Any = getattr(request.body, "isolation_level", 0)
            for place, each in _partitions(request, request.body, "topics", "partitions"):
                found.append(Fetched(request, place, each.fetch_offset, isolation == READ_COMMITTED))
        return found

    @cached_property
    def joined(self) -> list[Joined]:
        """Each time a member has come into a generation."""
        found = []
        for request in self.requests.of("JoinGroup"):
            answer: Any = request.answer
            if answer is not None and answer.error_code == 0 and request.groups:
                found.append(Joined(request, request.groups[0], answer.member_id, answer.generation_id))
        return found

    def joins_of(self, group: str) -> list[Joined]:
        """Those of one group."""
        return [each for each in self.joined if each.group == group]

    def committed_at_start(self, group: str) -> Iterator[tuple[Request, Place, int]]:
        """What a group had committed each time somebody of it asked; -1 is nothing."""
        for request in self.requests.of("OffsetFetch", group=group):
            answer: Any = request.answer
            if answer is None:
                continue
            for source in answer.groups or (answer,):
                if getattr(source, "group_id", group) != group or source.error_code:
                    continue
                for topic in source.topics:
                    name = topic_name(topic, request.names_topic)
                    for each in topic.partitions:
                        if name is not None and each.error_code == 0:
                            yield request, (name, each.partition_index), each.committed_offset

    @cached_property
    def clients(self) -> dict[str, Requests]:
        """Requests by client id, those under way too, in the order they began."""
        found: dict[str, list[Request]] = {}
        for each in sorted((*self.requests, *self.under_way), key=lambda request: request.number):
            found.setdefault(each.client_id, []).append(each)
        return {client_id: Requests(some) for client_id, some in found.items()}

    def groups_of(self, client_id: str) -> set[str]:
        """Groups whose members go by that client id."""
        joined = {each.group for each in self.joined if each.request.client_id == client_id}
        return joined | {group.id for group, member in self.members if member.client_id == client_id}

    @cached_property
    def connections(self) -> list[OpenConnection]:
        """Those that are open now."""
        last: dict[int, Request] = {}
        for each in (*self.requests, *self.under_way):
            last[id(each.session)] = each
        return [OpenConnection(broker, session, last.get(id(session))) for broker, session in self.state.sessions]


def gather(kafka: Kafka) -> Evidence:
    """Look at everything.

    Raises:
        RuntimeError: the cluster is not running.
    """
    cluster = kafka.cluster
    nodes = frozenset(kafka.brokers)

    async def look() -> State:
        image = cluster.state.controller.image
        inspection = kafka.inspection
        brokers = [broker for broker in cluster.brokers if broker.services is not None]
        return State(
            now_ms=cluster.clock.wall_ms(),
            topics=await inspection.topics(),
            groups=await inspection.groups(),
            transactions=await inspection.transactions(),
            running=frozenset(map(int, image.brokers)),
            nodes=nodes,
            sessions=tuple(
                (int(broker.services.node_id), session)
                for broker in brokers
                if broker.services is not None
                for session in broker.sessions()
            ),
            auto_create=any(b.services.config.auto_create_topics_enable for b in brokers if b.services is not None),
        )

    state = cluster.run(look())
    log = kafka.requests
    return Evidence(
        kafka=kafka,
        state=state,
        requests=log.all(),
        under_way=log.under_way(),
        closed=log.closed_connections(),
        now_ns=time.monotonic_ns(),
    )


def _partitions(request: Request, body: Any, topics: str, partitions: str) -> Iterator[tuple[Place, Any]]:
    """The partitions of a body that has topics with partitions."""
    if body is None:
        return
    source = "topic_data" if topics == "responses" and not hasattr(body, topics) else topics
    for topic in getattr(body, source, None) or ():
        name = topic_name(topic, request.names_topic)
        for each in getattr(topic, partitions, None) or ():
            number = partition_number(each)
            if name is not None and number is not None:
                yield (name, number), each


def ms_between(earlier_ns: int, later_ns: int) -> int:
    """Whole milliseconds."""
    return max(0, round((later_ns - earlier_ns) / 1e6))


def several(names: Any, most: int = 3) -> str:
    """Some names, and how many more."""
    listed = [str(name) for name in names]
    more = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {more} more" if more > 0 else "")


def count(number: int, what: str) -> str:
    """A number with its noun."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


# Sentences about one kind of cause, the likeliest first; none when there is no evidence of it.
Finder = Callable[[Evidence], Iterator[str]]
