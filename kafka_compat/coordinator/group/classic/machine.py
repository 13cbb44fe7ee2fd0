"""The classic protocol over the groups of one shard: sync, heartbeat, leave and look-ups; joining is in `joining.py`.

What a request of a member of the right generation is answered:

                        SyncGroup                      Heartbeat
    Empty               UNKNOWN_MEMBER_ID              UNKNOWN_MEMBER_ID
    PreparingRebalance  REBALANCE_IN_PROGRESS          REBALANCE_IN_PROGRESS, session goes on
    CompletingRebalance waits for the leader's         NONE, session goes on
    Stable              the assignment                 NONE, session goes on

Classic groups change in place when an operation is decided; their records only serve loading, so replay after loading does
nothing but delete. Kafka does the same; other kinds change by replay alone, and what offsets do to groups goes through replay
in any case. When an append fails the shard is dropped and what changed in place with it. Only a record that is too large for
the log leaves the shard as it is: then the operation's completion takes back what it did (`_take_assignments`, and two in
`joining.py`). What clients are told of a new assignment waits until its record is durable. Source: GroupMetadataManager.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.group.classic.group import ClassicGroup
from kafka_compat.coordinator.group.classic.joining import Joining
from kafka_compat.coordinator.group.classic.rebalancing import Rebalancing, assignment_of
from kafka_compat.coordinator.group.classic.records import group_record, loaded_group
from kafka_compat.coordinator.group.classic.states import GroupState
from kafka_compat.coordinator.group.classic.values import (
    UNKNOWN_MEMBER_ID,
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
from kafka_compat.coordinator.group.table import GroupTable
from kafka_compat.coordinator.ports import Outcome, Reply, Timers
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.records.group_metadata import GroupMetadataValue


class ClassicMachine:
    """What members of classic groups ask for, and what becomes of it; synchronous.

    Args:
        timers: of the shard (`Timers[GroupShard]` fits: the type is covariant).
        config: `group.initial.rebalance.delay.ms`, `group.max.size`.
        groups: of the shard, of all kinds.
        max_record_bytes: what the log takes at most.
    """

    def __init__(
        self,
        timers: Timers[object],
        config: BrokerConfig,
        groups: GroupTable,
        max_record_bytes: Callable[[], int] = lambda: sys.maxsize,
    ) -> None:
        self._config = config
        self._max_record_bytes = max_record_bytes
        self._groups = groups
        self._rebalancing = Rebalancing(timers, config, self._groups)
        self._joining = Joining(config, self._rebalancing, self._groups)
        self._is_loaded = False

    # --- operations of members; some replies are given at once and some in a later operation

    def join(self, request: JoinRequest, reply: Reply[JoinResult], now_ms: int) -> Outcome[None]:
        """JoinGroup; see `joining.py`."""
        return self._joining.join(request, reply, now_ms)

    def sync(self, request: SyncRequest, reply: Reply[SyncResult], now_ms: int) -> Outcome[None]:
        """SyncGroup; the answer of a generation without assignment waits for the leader's.

        Raises:
            KafkaError: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, INCONSISTENT_GROUP_PROTOCOL,
                REBALANCE_IN_PROGRESS.
        """
        group = self._groups.of_kind(request.group_id, ClassicGroup)
        if group is None or group.state is GroupState.EMPTY:
            raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
        member = group.valid_member(request.member_id, request.instance_id)
        if request.generation_id != group.generation_id:
            raise KafkaError(ErrorCode.ILLEGAL_GENERATION)
        if _contradicts(request.protocol_type, group.protocol_type) or _contradicts(request.protocol_name, group.protocol_name):
            raise KafkaError(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
        if group.state is GroupState.PREPARING_REBALANCE:
            raise KafkaError(ErrorCode.REBALANCE_IN_PROGRESS)
        if group.state is GroupState.STABLE:
            self._rebalancing.has_synced(group, member.member_id)
            reply.succeed(assignment_of(group, member))
            return Outcome(None)
        member.awaiting_sync = reply
        self._rebalancing.has_synced(group, member.member_id)
        if group.leader_id != member.member_id:
            return Outcome(None)
        return self._take_assignments(group, dict(request.assignments), now_ms)

    def _take_assignments(self, group: ClassicGroup, brought: dict[str, bytes], now_ms: int) -> Outcome[None]:
        generation_id = group.generation_id
        assignments = {member.member_id: brought.get(member.member_id, b"") for member in group.members}

        def written(error: KafkaError | None) -> None:
            if group.state is not GroupState.COMPLETING_REBALANCE or group.generation_id != generation_id:
                return  # A new rebalance has begun meanwhile and has answered everybody.
            if error is None:
                self._rebalancing.assign(group, assignments)
                group.transition_to(GroupState.STABLE, now_ms)
            else:
                self._rebalancing.reset_assignments(group, error.error_code)
                self._rebalancing.prepare_or_complete_join(
                    group, f"Error {error} when storing group assignment during SyncGroup", now_ms
                )

        if sum(map(len, assignments.values())) > self._max_record_bytes():
            # The log would refuse it, and it may be a hundred megabytes.
            written(KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR))
            return Outcome(None)
        return Outcome(None, [group_record(group, assignments)], [written])

    def heartbeat(self, request: HeartbeatRequest, now_ms: int) -> Outcome[None]:
        """Heartbeat.

        Raises:
            KafkaError: UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION; REBALANCE_IN_PROGRESS asks to join again.
        """
        group = self._groups.of_kind(request.group_id, ClassicGroup)
        if group is None:
            raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
        member = group.valid_member(request.member_id, request.instance_id)
        if request.generation_id != group.generation_id:
            raise KafkaError(ErrorCode.ILLEGAL_GENERATION)
        self._rebalancing.schedule_heartbeat(group, member)
        if group.state is GroupState.PREPARING_REBALANCE:
            raise KafkaError(ErrorCode.REBALANCE_IN_PROGRESS)
        return Outcome(None)

    def leave(self, group_id: str, members: Sequence[LeavingMember], now_ms: int) -> Outcome[list[LeftMember]]:
        """LeaveGroup: each member leaves or fails alone, then one rebalance for all of them."""
        group = self._groups.of_kind(group_id, ClassicGroup)
        if group is None:
            unknown = ErrorCode.UNKNOWN_MEMBER_ID
            return Outcome([LeftMember(member.member_id, member.instance_id, unknown) for member in members])
        left = [LeftMember(member.member_id, member.instance_id, self._remove(group, member)) for member in members]
        gone = [member.member_id for member in left if member.error_code is ErrorCode.NONE]
        if not gone:
            return Outcome(left)
        if group.state in (GroupState.STABLE, GroupState.COMPLETING_REBALANCE):
            reason = f"explicit `LeaveGroup` request for ({', '.join(gone)}) members."
            reasons = ", ".join(dict.fromkeys(member.reason for member in members if member.reason))
            reason += f" Client reason: {reasons}" if reasons else ""
            outcome = self._rebalancing.prepare_or_complete_join(group, reason, now_ms)
        else:
            outcome = self._rebalancing.complete_join_if_all_joined(group, now_ms)
        return Outcome(left, outcome.records, outcome.completions)

    def _remove(self, group: ClassicGroup, leaving: LeavingMember) -> ErrorCode:
        member_id: str | None = leaving.member_id
        if leaving.member_id == UNKNOWN_MEMBER_ID:
            # An admin removes a static member by its instance id alone.
            member_id = None if leaving.instance_id is None else group.static_member_id(leaving.instance_id)
            if member_id is None:
                return ErrorCode.UNKNOWN_MEMBER_ID
        elif leaving.member_id in group.pending_joins:
            group.remove(leaving.member_id)
            self._rebalancing.cancel_heartbeat(group, leaving.member_id)
            return ErrorCode.NONE
        assert member_id is not None
        try:
            member = group.valid_member(member_id, leaving.instance_id)
        except KafkaError as error:
            return error.error_code
        self._rebalancing.cancel_heartbeat(group, member_id)
        self._rebalancing.dismiss(group, member)
        return ErrorCode.NONE

    # --- look-ups

    def describe(self, group_id: str) -> GroupDescription:
        """DescribeGroups: one group, Dead when there is no classic one of that id."""
        group = self._groups.of_kind(group_id, ClassicGroup)
        if group is None:
            return GroupDescription(group_id=group_id, state=GroupState.DEAD.value, exists=False)
        protocol_name = group.protocol_name if group.state is GroupState.STABLE else None
        return GroupDescription(
            group_id=group_id,
            state=group.state.value,
            protocol_type=group.protocol_type or "",
            protocol_name=protocol_name or "",
            members=tuple(member.describe(protocol_name) for member in group.members),
        )

    # --- what offsets tell

    def has_committed(self, group_id: str, member_id: str) -> None:
        """A commit is a sign of life: the session of the member, if it is one, goes on."""
        group = self._groups.of_kind(group_id, ClassicGroup)
        member = None if group is None else group.member(member_id)
        if group is not None and member is not None:
            self._rebalancing.schedule_session(group, member_id, member.session_timeout_ms)

    # --- StateMachine

    def replay_group_metadata(self, group_id: str, value: GroupMetadataValue | None, now_ms: int) -> None:
        """Take over a GroupMetadata record: all of it while loading, deletions only afterwards."""
        if value is not None:
            if not self._is_loaded:
                self._groups.put(loaded_group(group_id, value))
        elif self._groups.of_kind(group_id, ClassicGroup) is not None:
            self._groups.remove(group_id)

    def on_loaded(self, now_ms: int) -> None:
        """Start every session anew; a group over `group.max.size` rebalances, which drops the last to come back."""
        self._is_loaded = True
        for group in self._groups.all_of_kind(ClassicGroup):
            for member in group.members:
                self._rebalancing.schedule_heartbeat(group, member)
            if len(group.members) > self._config.group_max_size:
                size = f"size {len(group.members)}) is over capacity {self._config.group_max_size}"
                self._rebalancing.prepare(group, f"Freshly-loaded group {group.group_id} ({size}", now_ms)

    def on_unloaded(self) -> None:
        """Fail every waiting join and sync with NOT_COORDINATOR."""
        gone = ErrorCode.NOT_COORDINATOR
        for group in self._groups.all_of_kind(ClassicGroup):
            group.transition_to(GroupState.DEAD, None)
            for member in group.members:
                group.refuse_join(member, JoinRefused(gone, JoinResult(member_id=member.member_id)))
                group.refuse_sync(member, gone)


def _contradicts(theirs: str | None, ours: str | None) -> bool:
    return theirs is not None and ours is not None and theirs != ours
