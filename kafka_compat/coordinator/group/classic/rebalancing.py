"""Rebalances of classic groups: joining, passing assignments on, and everything that a timer ends.

    prepare ──> members join ──> complete_join ──> members sync ──> the leader's assignment goes to all
       ^              │ rebalance timeout: without those who have not joined        │
       └──────────────┴── a member joins, leaves, or its session ends <─────────────┘

Timers, by group: one heartbeat per member (and per pending member), one join, one sync. The first rebalance of an empty group
waits `group.initial.rebalance.delay.ms`, again while members keep coming, up to the rebalance timeout.
Source: GroupMetadataManager.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Final

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.group.classic.group import ClassicGroup
from kafka_compat.coordinator.group.classic.member import ClassicMember
from kafka_compat.coordinator.group.classic.records import group_record
from kafka_compat.coordinator.group.classic.states import GroupState
from kafka_compat.coordinator.group.classic.values import UNKNOWN_MEMBER_ID, JoinRefused, JoinResult, SyncResult
from kafka_compat.coordinator.group.table import GroupTable
from kafka_compat.coordinator.ports import Outcome, Timers, WorkName
from kafka_compat.protocol.error_codes import ErrorCode

logger = logging.getLogger(__name__)

# A new member cannot heartbeat while its first join waits, and its connection says nothing: give up on it after this.
# Source: GroupCoordinatorConfig.CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS
NEW_MEMBER_JOIN_TIMEOUT_MS: Final = 5 * 60 * 1000


class Rebalancing:
    """Moves groups through their rebalances.

    Args:
        timers: of the shard.
        config: `group.initial.rebalance.delay.ms`.
        groups: of the shard, of all kinds; looked at only.
    """

    def __init__(self, timers: Timers[object], config: BrokerConfig, groups: GroupTable) -> None:
        self._timers = timers
        self._config = config
        self._groups = groups

    # --- the join phase

    def prepare_or_complete_join(self, group: ClassicGroup, reason: str, now_ms: int) -> Outcome[None]:
        """Begin a rebalance; during one, see whether it has what it waits for."""
        if group.can_rebalance:
            return self.prepare(group, reason, now_ms)
        return self.complete_join_if_all_joined(group, now_ms)

    def prepare(self, group: ClassicGroup, reason: str, now_ms: int) -> Outcome[None]:
        """Begin a rebalance: those who wait for an assignment are sent to join again."""
        if group.state is GroupState.COMPLETING_REBALANCE:
            self.reset_assignments(group, ErrorCode.REBALANCE_IN_PROGRESS)
        group.pending_syncs.clear()
        self._timers.cancel(_sync_timer(group))
        is_initial = group.state is GroupState.EMPTY
        if is_initial:
            delay_ms = self._config.group_initial_rebalance_delay_ms
            self._schedule_initial_join(group.group_id, delay_ms, max(group.rebalance_timeout_ms - delay_ms, 0))
        group.transition_to(GroupState.PREPARING_REBALANCE, now_ms)
        group.last_rebalance = reason
        logger.info("group %s rebalances after generation %d: %s", group.group_id, group.generation_id, reason)
        if is_initial:
            return Outcome(None)
        if group.has_all_members_joined:
            return self.complete_join(group, now_ms)
        self._schedule_join(group)
        return Outcome(None)

    def complete_join_if_all_joined(self, group: ClassicGroup, now_ms: int) -> Outcome[None]:
        """End the join phase when nobody is missing; the initial rebalance waits for its delay in any case."""
        is_initial = group.previous_state is GroupState.EMPTY
        if group.state is not GroupState.PREPARING_REBALANCE or is_initial or not group.has_all_members_joined:
            return Outcome(None)
        return self.complete_join(group, now_ms)

    def complete_join(self, group: ClassicGroup, now_ms: int) -> Outcome[None]:
        """Begin the next generation with those who joined; dynamic members who did not are gone, static ones stay."""
        self._timers.cancel(_join_timer(group.group_id))
        for member in list(group.members):
            if member.awaiting_join is None and member.instance_id is None:
                logger.info("group %s drops member %s, which did not join", group.group_id, member.member_id)
                group.remove(member.member_id)
                self.cancel_heartbeat(group, member.member_id)
        if group.members and not group.elect_joined_leader():
            # Only static members are left and none has joined: their sessions decide.
            self._schedule_join(group)
            return Outcome(None)
        group.init_next_generation(now_ms)
        if group.state is GroupState.EMPTY:
            logger.info("group %s is empty in generation %d", group.group_id, group.generation_id)
            return Outcome(None, [group_record(group, {})])
        logger.info("group %s has %d members in generation %d", group.group_id, len(group.members), group.generation_id)
        for member in list(group.members):
            group.answer_join(member, current_generation(group, member))
            self.schedule_heartbeat(group, member)
            member.is_new = False
            group.pending_syncs.add(member.member_id)
        self._schedule_sync(group)
        return Outcome(None)

    def _schedule_join(self, group: ClassicGroup) -> None:
        def expire(_: object, now_ms: int) -> Outcome[None]:
            current = self._groups.of_kind(group.group_id, ClassicGroup)
            return Outcome(None) if current is None else self.complete_join(current, now_ms)

        self._timers.schedule(_join_timer(group.group_id), group.rebalance_timeout_ms, expire)

    def _schedule_initial_join(self, group_id: str, delay_ms: int, remaining_ms: int) -> None:
        def expire(_: object, now_ms: int) -> Outcome[None]:
            group = self._groups.of_kind(group_id, ClassicGroup)
            if group is None:
                return Outcome(None)
            if not group.new_member_added or remaining_ms == 0:
                return self.complete_join(group, now_ms)
            group.new_member_added = False
            next_delay_ms = min(self._config.group_initial_rebalance_delay_ms, remaining_ms)
            self._schedule_initial_join(group_id, next_delay_ms, max(remaining_ms - delay_ms, 0))
            return Outcome(None)

        self._timers.schedule(_join_timer(group_id), delay_ms, expire)

    # --- the sync phase

    def reset_assignments(self, group: ClassicGroup, error_code: ErrorCode) -> None:
        """Take every assignment back and answer waiting syncs with the error."""
        assert group.state is GroupState.COMPLETING_REBALANCE
        for member in group.members:
            member.assignment = b""
            if group.refuse_sync(member, error_code):
                self.schedule_heartbeat(group, member)

    def assign(self, group: ClassicGroup, assignments: Mapping[str, bytes]) -> None:
        """Give every member its assignment and answer waiting syncs."""
        assert group.state is GroupState.COMPLETING_REBALANCE
        for member in group.members:
            member.assignment = assignments.get(member.member_id, b"")
            if group.answer_sync(member, assignment_of(group, member)):
                # Its session may have ended unnoticed while the sync waited.
                self.schedule_heartbeat(group, member)

    def has_synced(self, group: ClassicGroup, member_id: str) -> None:
        """The member has asked for its assignment; when all have, nobody's absence can end the generation."""
        group.pending_syncs.discard(member_id)
        if not group.pending_syncs:
            self._timers.cancel(_sync_timer(group))

    def _schedule_sync(self, group: ClassicGroup) -> None:
        generation_id = group.generation_id

        def expire(_: object, now_ms: int) -> Outcome[None]:
            current = self._groups.of_kind(group.group_id, ClassicGroup)
            if current is None or current.generation_id != generation_id or not current.pending_syncs:
                return Outcome(None)
            if current.state not in (GroupState.COMPLETING_REBALANCE, GroupState.STABLE):
                return Outcome(None)
            missing = list(current.pending_syncs)
            for member_id in missing:
                current.remove(member_id)
                self.cancel_heartbeat(current, member_id)
            return self.prepare(current, f"Removing [{', '.join(missing)}] on pending sync request expiration", now_ms)

        self._timers.schedule(_sync_timer(group), group.rebalance_timeout_ms, expire)

    # --- sessions

    def schedule_heartbeat(self, group: ClassicGroup, member: ClassicMember, timeout_ms: int | None = None) -> None:
        """Begin the member's session anew, for its session timeout or for `timeout_ms`."""
        self.schedule_session(group, member.member_id, member.session_timeout_ms if timeout_ms is None else timeout_ms)

    def schedule_session(self, group: ClassicGroup, member_id: str, timeout_ms: int) -> None:
        """Begin a session of a member or of a pending one."""
        group_id = group.group_id

        def expire(_: object, now_ms: int) -> Outcome[None]:
            current = self._groups.of_kind(group_id, ClassicGroup)
            return Outcome(None) if current is None else self._expire_session(current, member_id, now_ms)

        self._timers.schedule(_session_timer(group_id, member_id), timeout_ms, expire)

    def cancel_heartbeat(self, group: ClassicGroup, member_id: str) -> None:
        """End a session without consequence."""
        self._timers.cancel(_session_timer(group.group_id, member_id))

    def _expire_session(self, group: ClassicGroup, member_id: str, now_ms: int) -> Outcome[None]:
        if member_id in group.pending_joins:
            logger.info("group %s: pending member %s did not join within its session", group.group_id, member_id)
            group.remove(member_id)
            if group.state is GroupState.PREPARING_REBALANCE and group.has_all_members_joined:
                return self.complete_join(group, now_ms)
            return Outcome(None)
        member = group.member(member_id)
        if member is None or member.has_satisfied_heartbeat:
            return Outcome(None)
        logger.info("group %s: the session of member %s ended", group.group_id, member_id)
        self.dismiss(group, member)
        if group.state in (GroupState.STABLE, GroupState.COMPLETING_REBALANCE):
            return self.prepare_or_complete_join(group, f"removing member {member_id} on heartbeat expiration.", now_ms)
        if group.state is GroupState.PREPARING_REBALANCE and group.has_all_members_joined:
            return self.complete_join(group, now_ms)
        return Outcome(None)

    @staticmethod
    def dismiss(group: ClassicGroup, member: ClassicMember) -> None:
        """Remove a member; if its client still waits for a join, UNKNOWN_MEMBER_ID makes it join anew."""
        group.refuse_join(member, JoinRefused(ErrorCode.UNKNOWN_MEMBER_ID, JoinResult(member_id=UNKNOWN_MEMBER_ID)))
        group.remove(member.member_id)


def current_generation(group: ClassicGroup, member: ClassicMember) -> JoinResult:
    """What the member's join is answered in this generation: the leader is told of everybody."""
    return JoinResult(
        member_id=member.member_id,
        generation_id=group.generation_id,
        protocol_type=group.protocol_type,
        protocol_name=group.protocol_name,
        leader=group.leader_id or "",
        members=group.joined_members() if group.leader_id == member.member_id else (),
    )


def assignment_of(group: ClassicGroup, member: ClassicMember) -> SyncResult:
    """What the member's sync is answered."""
    return SyncResult(protocol_type=group.protocol_type, protocol_name=group.protocol_name, assignment=member.assignment)


def _session_timer(group_id: str, member_id: str) -> WorkName:
    return "classic-session", group_id, member_id


def _join_timer(group_id: str) -> WorkName:
    return "classic-join", group_id


def _sync_timer(group: ClassicGroup) -> WorkName:
    return "classic-sync", group.group_id
