"""What a classic group's state says about its offsets: who may commit and delete them, and when they expire.

Source: ClassicGroup.validateOffsetCommit, validateOffsetDelete, offsetExpirationCondition.
"""

from __future__ import annotations

from kafka_compat.coordinator.group.classic.group import ClassicGroup, GroupState
from kafka_compat.coordinator.group.classic.member import ClassicMember
from kafka_compat.coordinator.group.classic.values import UNKNOWN_MEMBER_ID
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError


def check_commit(
    group: ClassicGroup, member_id: str, instance_id: str | None, generation_id: int, *, is_transactional: bool
) -> ClassicMember | None:
    """The member whose commit it is, if its session is to go on; None for everybody else who may commit.

    Raises:
        KafkaError: COORDINATOR_NOT_AVAILABLE, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION,
            REBALANCE_IN_PROGRESS.
    """
    if group.state is GroupState.DEAD:
        raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    if generation_id < 0 and group.state is GroupState.EMPTY:
        return None  # an admin, or a consumer that assigns its partitions itself
    member = None
    if generation_id >= 0 or member_id != UNKNOWN_MEMBER_ID or instance_id is not None:
        member = group.valid_member(member_id, instance_id)
        if generation_id != group.generation_id:
            raise KafkaError(ErrorCode.ILLEGAL_GENERATION)
    elif not is_transactional and group.state is not GroupState.EMPTY:
        raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
    if not is_transactional and group.state is GroupState.COMPLETING_REBALANCE:
        # It knows the generation, so it has joined: it will sync, and commit then.
        raise KafkaError(ErrorCode.REBALANCE_IN_PROGRESS)
    return member


def check_delete(group: ClassicGroup) -> None:
    """Whether offsets may be deleted while the group is as it is.

    Raises:
        KafkaError: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP.
    """
    if group.state is GroupState.DEAD:
        raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, f"Group {group.group_id} is in dead state.")
    if group.state is not GroupState.EMPTY and not group.uses_consumer_protocol:
        raise KafkaError(ErrorCode.NON_EMPTY_GROUP)


def expiry_base_ms(group: ClassicGroup, commit_timestamp_ms: int) -> int | None:
    """When the retention of an offset begins; None while the group's offsets do not expire (KIP-211)."""
    if group.protocol_type is None:
        return commit_timestamp_ms
    if group.state is GroupState.EMPTY:
        return commit_timestamp_ms if group.state_timestamp_ms is None else group.state_timestamp_ms
    if group.state is GroupState.STABLE and group.uses_consumer_protocol and group.subscribed_topics is not None:
        return commit_timestamp_ms
    return None
