"""Classic groups with timers that only `advance` moves, records that are kept, and members with names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import TypeVar

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.group.classic.values import (
    GroupDescription,
    HeartbeatRequest,
    JoinRefused,
    JoinRequest,
    JoinResult,
    LeavingMember,
    LeftMember,
    SyncRequest,
    SyncResult,
)
from kafka_compat.coordinator.group.shard import GroupPorts, GroupShard
from kafka_compat.coordinator.ports import CoordinatorRecord, Outcome, TopicView, WorkName
from kafka_compat.coordinator.records import decode_record
from kafka_compat.ids import TopicId
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.records.group_metadata import GroupMetadataValue

T = TypeVar("T")
GROUP = "orders"
SCHEMAS = {2: ("GroupMetadataKey", "GroupMetadataValue")}


class ManualTimers:
    """The `Timers` port; due timers run in the order of their times."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.timers: dict[WorkName, tuple[int, Callable[[GroupShard, int], Outcome[None]]]] = {}

    def schedule(self, name: WorkName, delay_ms: int, operation: Callable[[GroupShard, int], Outcome[None]]) -> None:
        self.timers[name] = (self._world.now_ms + delay_ms, operation)

    def cancel(self, name: WorkName) -> None:
        self.timers.pop(name, None)


class NoCalculations:
    """The `Calculations` port, which classic groups do not use."""

    def start(self, name: WorkName, work: object, operation: object) -> bool:
        raise AssertionError(name)

    def cancel(self, name: WorkName) -> None:
        raise AssertionError(name)


class NoTopics:
    """The `TopicsView` port of a cluster without topics."""

    def topic(self, name: str) -> TopicView | None:
        return None

    def topic_by_id(self, topic_id: TopicId) -> TopicView | None:
        return None

    def names(self) -> Iterable[str]:
        return ()

    def racks(self, name: str) -> Sequence[Set[str]]:
        return ()


@dataclass
class Joined:
    """A join under way; `code` is None while it waits, `result` when it was refused by nobody who knows of joins."""

    result: JoinResult | None = None
    code: ErrorCode | None = None

    def succeed(self, result: JoinResult) -> None:
        assert self.code is None, "answered twice"
        self.result, self.code = result, ErrorCode.NONE

    def fail(self, error: KafkaError) -> None:
        assert self.code is None, "answered twice"
        self.code = error.error_code
        if isinstance(error, JoinRefused):
            self.result = error.result

    @property
    def is_answered(self) -> bool:
        return self.code is not None

    @property
    def member_id(self) -> str:
        assert self.result is not None
        return self.result.member_id

    @property
    def generation(self) -> int:
        assert self.result is not None
        return self.result.generation_id


@dataclass
class Synced:
    """A sync under way; `code` is None while it waits."""

    result: SyncResult | None = None
    code: ErrorCode | None = None

    def succeed(self, result: SyncResult) -> None:
        assert self.code is None, "answered twice"
        self.result, self.code = result, ErrorCode.NONE

    def fail(self, error: KafkaError) -> None:
        assert self.code is None, "answered twice"
        self.code = error.error_code


@dataclass
class World:
    """One shard's groups.

    Attributes:
        records: appended so far.
        held: with `hold` set, completions of appends wait here until `settle`.
        fail_with: the next append fails with this code.
    """

    config: dict[str, str] = field(default_factory=dict)
    now_ms: int = 1_000_000
    records: list[CoordinatorRecord] = field(default_factory=list)
    hold: bool = False
    held: list[Callable[[KafkaError | None], None]] = field(default_factory=list)
    fail_with: ErrorCode | None = None

    def __post_init__(self) -> None:
        self.make()
        self.groups.on_loaded(self.now_ms)

    def make(self) -> None:
        self.timers = ManualTimers(self)
        defaults = {"node.id": "1", "group.initial.rebalance.delay.ms": "0"}
        self.shard = GroupShard(
            GroupPorts(
                config=BrokerConfig({**defaults, **self.config}),
                timers=self.timers,
                calculations=NoCalculations(),
                topics=NoTopics(),
            )
        )
        self.table = self.shard.groups
        self.groups = self.shard.classic

    def reload(self) -> None:
        """What a restart makes of the records."""
        self.make()
        for record in self.records:
            self.replay(record)
        self.groups.on_loaded(self.now_ms)

    def replay(self, record: CoordinatorRecord) -> None:
        self.shard.replay(*record, None, self.now_ms)

    def wait(self, outcome: Outcome[None], answer: Joined | Synced) -> None:
        """Commit, and fail an answer that still waits with its append, as the runtime does."""

        def written(error: KafkaError | None) -> None:
            if error is not None and answer.code is None:
                answer.fail(error)

        self.commit(Outcome(None, outcome.records, [*outcome.completions, written]))

    def commit(self, outcome: Outcome[T]) -> T:
        error, self.fail_with = self.fail_with, None
        if error is None or not outcome.records:
            self.records += outcome.records
            for record in outcome.records:
                self.replay(record)
        completions = list(outcome.completions)
        if self.hold:
            self.held += completions
        else:
            for complete in completions:
                complete(KafkaError(error) if error is not None and outcome.records else None)
        return outcome.value

    def settle(self, error: ErrorCode | None = None) -> None:
        """The held appends are durable, or have failed."""
        held, self.held = self.held, []
        for complete in held:
            complete(None if error is None else KafkaError(error))

    def advance(self, by_ms: int) -> None:
        """Let time pass, running timers at theirs."""
        end_ms = self.now_ms + by_ms
        while True:
            due = [(at_ms, name) for name, (at_ms, _) in self.timers.timers.items() if at_ms <= end_ms]
            if not due:
                break
            at_ms, name = min(due)
            _, operation = self.timers.timers.pop(name)
            self.now_ms = max(self.now_ms, at_ms)
            self.commit(operation(self.shard, self.now_ms))
        self.now_ms = end_ms

    # --- members

    def begin_join(self, member_id: str = "", *, group: str = GROUP, **changed: object) -> Joined:
        values: dict[str, object] = {
            "group_id": group,
            "member_id": member_id,
            "client_id": "client",
            "client_host": "/127.0.0.1",
            "session_timeout_ms": 10_000,
            "rebalance_timeout_ms": 5_000,
            "protocol_type": "consumer",
            "protocols": (("range", b"any"),),
        }
        joined = Joined()
        self.wait(self.groups.join(JoinRequest(**{**values, **changed}), joined, self.now_ms), joined)  # type: ignore[arg-type]
        return joined

    def ask_id(self, **changed: object) -> str:
        """A new dynamic member's first join."""
        joined = self.begin_join(**changed)  # type: ignore[arg-type]
        assert joined.code == ErrorCode.MEMBER_ID_REQUIRED
        return joined.member_id

    def join(self, member_id: str = "", **changed: object) -> Joined:
        """A join, by way of MEMBER_ID_REQUIRED if need be, and what timers of no delay do."""
        joined = self.begin_join(member_id, **changed)  # type: ignore[arg-type]
        if joined.code == ErrorCode.MEMBER_ID_REQUIRED:
            joined = self.begin_join(joined.member_id, **changed)  # type: ignore[arg-type]
        self.advance(0)
        return joined

    def sync(self, joined: Joined, assignments: dict[str, bytes] | None = None, **changed: object) -> Synced:
        values: dict[str, object] = {
            "group_id": GROUP,
            "member_id": joined.member_id,
            "generation_id": joined.generation,
            "assignments": tuple((assignments or {}).items()),
        }
        synced = Synced()
        try:
            self.wait(self.groups.sync(SyncRequest(**{**values, **changed}), synced, self.now_ms), synced)  # type: ignore[arg-type]
        except KafkaError as error:
            synced.fail(error)
        return synced

    def heartbeat(self, joined: Joined, **changed: object) -> ErrorCode:
        values: dict[str, object] = {
            "group_id": GROUP,
            "member_id": joined.member_id,
            "generation_id": joined.generation,
        }
        try:
            self.commit(self.groups.heartbeat(HeartbeatRequest(**{**values, **changed}), self.now_ms))  # type: ignore[arg-type]
        except KafkaError as error:
            return error.error_code
        return ErrorCode.NONE

    def heartbeat_of(self, member_id: str, generation_id: int = 0) -> ErrorCode:
        return self.heartbeat(Joined(JoinResult(member_id=member_id, generation_id=generation_id)))

    def leave(self, *members: str | LeavingMember) -> list[ErrorCode]:
        leaving = [LeavingMember(member_id=member) if isinstance(member, str) else member for member in members]
        left: list[LeftMember] = self.commit(self.groups.leave(GROUP, leaving, self.now_ms))
        return [member.error_code for member in left]

    def describe(self, group: str = GROUP) -> GroupDescription:
        return self.groups.describe(group)

    @property
    def state(self) -> str:
        return self.describe().state

    @property
    def member_ids(self) -> set[str]:
        return {member.member_id for member in self.describe().members}

    def last_value(self) -> GroupMetadataValue | None:
        """The value of the last record."""
        decoded = decode_record(SCHEMAS, *self.records[-1])
        assert decoded is not None
        assert decoded[1] is None or isinstance(decoded[1], GroupMetadataValue)
        return decoded[1]

    # --- usual states

    def stable(self, **changed: object) -> Joined:
        """One member, alone in a stable group."""
        joined = self.join(**changed)  # type: ignore[arg-type]
        assert self.sync(joined, {joined.member_id: b"all"}).code == ErrorCode.NONE
        assert self.state == "Stable"
        return joined

    def completing_pair(
        self, first: dict[str, object] | None = None, second: dict[str, object] | None = None
    ) -> tuple[Joined, Joined]:
        """Two members of a new generation, the first leading, before anybody has synced."""
        leader = self.stable(**(first or {}))
        follower = self.begin_join(**(second or {}))  # type: ignore[arg-type]
        if follower.code == ErrorCode.MEMBER_ID_REQUIRED:
            follower = self.begin_join(follower.member_id, **(second or {}))  # type: ignore[arg-type]
        leader = self.begin_join(leader.member_id, **(first or {}))  # type: ignore[arg-type]
        assert self.state == "CompletingRebalance"
        return leader, follower

    def stable_pair(
        self, first: dict[str, object] | None = None, second: dict[str, object] | None = None
    ) -> tuple[Joined, Joined]:
        """Two members of a stable group, the first leading."""
        leader, follower = self.completing_pair(first, second)
        waiting = self.sync(follower)
        self.sync(leader, {leader.member_id: b"1", follower.member_id: b"2"})
        assert waiting.code == ErrorCode.NONE
        return leader, follower
