"""GroupMetadata records: one generation of a classic group, written when it begins to count and when the group is empty.

Value version 3, as Apache Kafka 4.3 writes it (4 exists for downgrades; all are read).
Source: GroupCoordinatorRecordHelpers, GroupMetadataManager.replay.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kafka_compat.coordinator.group.classic.group import ClassicGroup
from kafka_compat.coordinator.group.classic.member import ClassicMember
from kafka_compat.coordinator.group.classic.states import GroupState
from kafka_compat.coordinator.ports import CoordinatorRecord
from kafka_compat.coordinator.records import encode_record
from kafka_compat.protocol.records.group_metadata import GroupMetadataKey, GroupMetadataValue, MemberMetadata

_VALUE_VERSION: Final = 3


def group_record(group: ClassicGroup, assignments: Mapping[str, bytes]) -> CoordinatorRecord:
    """The group as it is, with these assignments by member id."""
    members = [
        MemberMetadata(
            member_id=member.member_id,
            group_instance_id=member.instance_id,
            client_id=member.client_id,
            client_host=member.client_host,
            rebalance_timeout=member.rebalance_timeout_ms,
            session_timeout=member.session_timeout_ms,
            subscription=member.metadata(group.protocol_name),
            assignment=assignments[member.member_id],
        )
        for member in group.members
    ]
    return _record(
        group,
        GroupMetadataValue(
            protocol_type=group.protocol_type or "",
            generation=group.generation_id,
            protocol=group.protocol_name,
            leader=group.leader_id,
            current_state_timestamp=_timestamp(group),
            members=members,
        ),
    )


def new_group_record(group: ClassicGroup) -> CoordinatorRecord:
    """The group as one that has had no generation yet, whoever is joining it already."""
    return _record(
        group,
        GroupMetadataValue(
            protocol_type="", generation=0, protocol=None, leader=None, current_state_timestamp=_timestamp(group), members=[]
        ),
    )


def loaded_group(group_id: str, value: GroupMetadataValue) -> ClassicGroup:
    """The group that a record tells of: stable when it has members, whose requests will find it as they left it."""
    timestamp_ms = value.current_state_timestamp
    group = ClassicGroup(
        group_id,
        GroupState.STABLE if value.members else GroupState.EMPTY,
        state_timestamp_ms=None if timestamp_ms == -1 else timestamp_ms,
        generation_id=value.generation,
        protocol_type=value.protocol_type or None,
        protocol_name=value.protocol,
        leader_id=value.leader,
    )
    for member in value.members:
        # Records before version 1 have no rebalance timeout of their own.
        rebalance_timeout_ms = member.session_timeout if member.rebalance_timeout == -1 else member.rebalance_timeout
        group.add(
            ClassicMember(
                member_id=member.member_id,
                instance_id=member.group_instance_id,
                client_id=member.client_id,
                client_host=member.client_host,
                rebalance_timeout_ms=rebalance_timeout_ms,
                session_timeout_ms=member.session_timeout,
                protocol_type=value.protocol_type,
                protocols=((value.protocol or "", member.subscription),),
                assignment=member.assignment,
            )
        )
    group.update_subscribed_topics()
    return group


def _timestamp(group: ClassicGroup) -> int:
    return -1 if group.state_timestamp_ms is None else group.state_timestamp_ms


def _record(group: ClassicGroup, value: GroupMetadataValue) -> CoordinatorRecord:
    return encode_record(GroupMetadataKey(group=group.group_id), value, _VALUE_VERSION)
