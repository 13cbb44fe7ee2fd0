"""JoinGroup in each state of the group, for new and known, dynamic and static members.

                       known member, protocols unchanged        changed, or the leader   new member
    Empty              UNKNOWN_MEMBER_ID                        (same)                   initial rebalance
    PreparingRebalance waits                                    waits                    waits
    CompletingRebalance answered with the current generation    rebalance                rebalance
    Stable             answered with the current generation     rebalance                rebalance

A new dynamic member is first given an id to come back with (KIP-394). A static member without member id takes the place of the
one that had its instance id (KIP-345): in a stable group without a rebalance, unless the protocol would change.
Source: GroupMetadataManager.classicGroupJoinToClassicGroup.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Final
from uuid import uuid4

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.group.classic.group import ClassicGroup
from kafka_compat.coordinator.group.classic.member import ClassicMember
from kafka_compat.coordinator.group.classic.rebalancing import NEW_MEMBER_JOIN_TIMEOUT_MS, Rebalancing, current_generation
from kafka_compat.coordinator.group.classic.records import group_record, new_group_record
from kafka_compat.coordinator.group.classic.states import GroupState
from kafka_compat.coordinator.group.classic.values import UNKNOWN_MEMBER_ID, JoinRefused, JoinRequest, JoinResult
from kafka_compat.coordinator.group.table import GroupTable
from kafka_compat.coordinator.ports import Outcome, Reply
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError

logger = logging.getLogger(__name__)

# Clients name the assignors they have, which are a handful; every rebalance goes over those of all members.
MAX_PROTOCOLS: Final = 1000

_IN_GENERATION: Final = (GroupState.COMPLETING_REBALANCE, GroupState.STABLE)


class Joining:
    """Decides joins.

    Args:
        config: `group.max.size`.
        rebalancing: of the same shard.
        groups: of the shard, of all kinds; a join without member id makes its group.
    """

    def __init__(self, config: BrokerConfig, rebalancing: Rebalancing, groups: GroupTable) -> None:
        self._config = config
        self._rebalancing = rebalancing
        self._groups = groups

    def join(self, request: JoinRequest, reply: Reply[JoinResult], now_ms: int) -> Outcome[None]:
        """Answer through `reply`, now or when the rebalance is through.

        Raises:
            KafkaError: UNKNOWN_SERVER_ERROR for a pending member that turns up as a static one.
        """
        group = self._groups.get(request.group_id)
        is_new_group = group is None
        if group is None:
            if request.member_id != UNKNOWN_MEMBER_ID:
                return _refuse(request, reply, ErrorCode.UNKNOWN_MEMBER_ID)
            group = ClassicGroup(request.group_id, state_timestamp_ms=now_ms)
            self._groups.put(group)
        elif not isinstance(group, ClassicGroup):
            return _refuse(request, reply, ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
        outcome = self._join_group(group, request, reply, now_ms)
        if is_new_group and not outcome.records:
            # Without a record of its own the group would be forgotten when the shard moves.
            return Outcome(None, [new_group_record(group)], [self._forgets_on_failure(group)])
        return outcome

    def _forgets_on_failure(self, group: ClassicGroup) -> Callable[[KafkaError | None], None]:
        def written(error: KafkaError | None) -> None:
            if error is not None:
                self._groups.remove(group.group_id)

        return written

    def _join_group(self, group: ClassicGroup, request: JoinRequest, reply: Reply[JoinResult], now_ms: int) -> Outcome[None]:
        if not self._has_room(group, request.member_id):
            group.remove(request.member_id)
            return _refuse(request, reply, ErrorCode.GROUP_MAX_SIZE_REACHED, UNKNOWN_MEMBER_ID)
        # A protocol counts as often as it is named, so one that is named twice cannot be chosen: a group without another one
        # waits for ever in Kafka.
        times = Counter(name for name, _ in request.protocols)
        names = [name for name, count in times.items() if count == 1]
        if len(times) > MAX_PROTOCOLS or not group.supports_protocols(request.protocol_type, names):
            return _refuse(request, reply, ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
        if request.member_id != UNKNOWN_MEMBER_ID:
            return self._join_known(group, request, reply, now_ms)
        owner = request.client_id if request.instance_id is None else request.instance_id
        member_id = f"{owner}-{uuid4()}"
        if request.instance_id is not None:
            old_member_id = group.static_member_id(request.instance_id)
            if old_member_id is not None:
                return self._replace_static_member(group, request, old_member_id, member_id, reply, now_ms)
        elif request.requires_known_member_id:
            group.pending_joins.add(member_id)
            self._rebalancing.schedule_session(group, member_id, request.session_timeout_ms)
            return _refuse(request, reply, ErrorCode.MEMBER_ID_REQUIRED, member_id)
        return self._add_member(group, request, member_id, reply, now_ms)

    def _has_room(self, group: ClassicGroup, member_id: str) -> bool:
        """Whether `group.max.size` allows it.

        During a rebalance those count who have joined: in a group over a lowered limit the last to come back are dropped.
        """
        member = group.member(member_id)
        if group.state is GroupState.PREPARING_REBALANCE:
            is_waiting = member is not None and member.awaiting_join is not None
            return is_waiting or group.awaiting_joins < self._config.group_max_size
        if group.state in _IN_GENERATION:
            return member is not None or len(group.members) < self._config.group_max_size
        return True

    def _join_known(self, group: ClassicGroup, request: JoinRequest, reply: Reply[JoinResult], now_ms: int) -> Outcome[None]:
        member_id = request.member_id
        if member_id in group.pending_joins:
            if request.instance_id is not None:
                raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
            return self._add_member(group, request, member_id, reply, now_ms)
        try:
            member = group.valid_member(member_id, request.instance_id)
        except KafkaError as error:
            return _refuse(request, reply, error.error_code)
        if group.state is GroupState.EMPTY:
            return _refuse(request, reply, ErrorCode.UNKNOWN_MEMBER_ID)
        if group.state in _IN_GENERATION:
            # The leader of a stable group joins again when what it assigns has changed (new partitions, say). Anybody else
            # with nothing new has only missed the answer.
            is_leaders_wish = group.state is GroupState.STABLE and group.leader_id == member_id
            if not is_leaders_wish and member.protocols == request.protocols:
                reply.succeed(current_generation(group, member))
                return Outcome(None)
        is_leaders = group.state is GroupState.STABLE and group.leader_id == member_id
        what = f"Leader {member_id} re-joining group" if is_leaders else f"Updating metadata for member {member_id}"
        reason = f"{what} during {group.state.value}{_client_reason(request)}"
        group.update(member, request.protocols, request.rebalance_timeout_ms, request.session_timeout_ms, reply)
        return self._rebalancing.prepare_or_complete_join(group, reason, now_ms)

    def _add_member(
        self, group: ClassicGroup, request: JoinRequest, member_id: str, reply: Reply[JoinResult], now_ms: int
    ) -> Outcome[None]:
        member = ClassicMember(
            member_id=member_id,
            instance_id=request.instance_id,
            client_id=request.client_id,
            client_host=request.client_host,
            rebalance_timeout_ms=request.rebalance_timeout_ms,
            session_timeout_ms=request.session_timeout_ms,
            protocol_type=request.protocol_type,
            protocols=request.protocols,
        )
        member.is_new = True
        if group.state is GroupState.PREPARING_REBALANCE and group.previous_state is GroupState.EMPTY:
            group.new_member_added = True
        group.add(member, reply)
        self._rebalancing.schedule_heartbeat(group, member, NEW_MEMBER_JOIN_TIMEOUT_MS)
        instance_id = "null" if request.instance_id is None else request.instance_id
        reason = f"Adding new member {member_id} with group instance id {instance_id}{_client_reason(request)}"
        return self._rebalancing.prepare_or_complete_join(group, reason, now_ms)

    def _replace_static_member(
        self,
        group: ClassicGroup,
        request: JoinRequest,
        old_member_id: str,
        member_id: str,
        reply: Reply[JoinResult],
        now_ms: int,
    ) -> Outcome[None]:
        assert request.instance_id is not None
        leader_before = group.leader_id or ""
        before = group.member(old_member_id)
        assert before is not None
        member = group.replace_static_member(request.instance_id, old_member_id, member_id)
        # The session of the old id runs out without effect: nobody has that id any more.
        self._rebalancing.schedule_heartbeat(group, member)
        group.update(member, request.protocols, request.rebalance_timeout_ms, request.session_timeout_ms, reply)
        who = f"static member {member_id} with instance id {request.instance_id}"
        if group.state is GroupState.PREPARING_REBALANCE:
            return self._rebalancing.complete_join_if_all_joined(group, now_ms)
        if group.state is GroupState.COMPLETING_REBALANCE:
            # The leader may be assigning to the old id already, and the new one would get nothing.
            reason = f"Updating metadata for {who}{_client_reason(request)}"
            return self._rebalancing.prepare(group, reason, now_ms)
        assert group.state is GroupState.STABLE
        if group.select_protocol() != group.protocol_name:
            change = f"{who} joined with change of protocol{_client_reason(request)}"
            reason = f"Group's selectedProtocol will change because {change}"
            return self._rebalancing.prepare_or_complete_join(group, reason, now_ms)
        assignments = {each.member_id: each.assignment for each in group.members}

        def written(error: KafkaError | None) -> None:
            if error is None:
                self._answer_replacement(group, member, request, leader_before)
            elif group.state is not GroupState.DEAD and group.member(member_id) is member:
                self._undo_replacement(group, member, before, leader_before, error)

        return Outcome(None, [group_record(group, assignments)], [written])

    @staticmethod
    def _answer_replacement(group: ClassicGroup, member: ClassicMember, request: JoinRequest, leader_before: str) -> None:
        is_leader = group.leader_id == member.member_id
        if is_leader and request.supports_skipping_assignment and group.state is GroupState.PREPARING_REBALANCE:
            return  # A rebalance has begun meanwhile; its end is the answer.
        members = group.joined_members() if is_leader and request.supports_skipping_assignment else ()
        group.answer_join(
            member,
            JoinResult(
                member_id=member.member_id,
                generation_id=group.generation_id,
                protocol_type=group.protocol_type,
                protocol_name=group.protocol_name,
                # Before version 9 the leader must not learn that it is one, or it would assign in a stable group.
                leader=(group.leader_id or "") if request.supports_skipping_assignment else leader_before,
                skip_assignment=is_leader and request.supports_skipping_assignment,
                members=members,
            ),
        )

    def _undo_replacement(
        self, group: ClassicGroup, member: ClassicMember, before: ClassicMember, leader_before: str, error: KafkaError
    ) -> None:
        """The record was too large: the old member id stays."""
        result = JoinResult(
            member_id=UNKNOWN_MEMBER_ID,
            generation_id=group.generation_id,
            protocol_type=group.protocol_type,
            protocol_name=group.protocol_name,
            leader=leader_before,
        )
        group.refuse_join(member, JoinRefused(error.error_code, result))
        group.update(member, before.protocols, before.rebalance_timeout_ms, before.session_timeout_ms, None)
        assert member.instance_id is not None
        restored = group.replace_static_member(member.instance_id, member.member_id, before.member_id)
        self._rebalancing.schedule_heartbeat(group, restored)


def _refuse(
    request: JoinRequest, reply: Reply[JoinResult], error_code: ErrorCode, member_id: str | None = None
) -> Outcome[None]:
    reply.fail(JoinRefused(error_code, JoinResult(member_id=request.member_id if member_id is None else member_id)))
    return Outcome(None)


def _client_reason(request: JoinRequest) -> str:
    return f"; client reason: {request.reason or 'not provided'}"
