"""What a consumer of a group does, request by request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages import consumer_protocol_assignment as assignments
from kafka_compat.protocol.messages import consumer_protocol_subscription as subscriptions
from kafka_compat.protocol.messages.consumer_protocol_subscription import ConsumerProtocolSubscription
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
)
from kafka_compat.protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse
from kafka_compat.wire.primitives import Writer
from tests.support.wire_client import WireClient

EARLIEST, LATEST = -2, -1


def encoded(message: Message, version: int = 0) -> bytes:
    """The message with its version in front, as consumers send it."""
    writer = Writer()
    writer.buffer += version.to_bytes(2, "big")
    message.encode(writer, version)
    return writer.to_bytes()


def join_request(
    group: str,
    topics: Iterable[str],
    *,
    owned: Sequence[tuple[str, int]] = (),
    protocol: str = "range",
    session_timeout_ms: int = 10_000,
) -> JoinGroupRequest:
    """The join of a new consumer; it has no member id."""
    subscription = ConsumerProtocolSubscription(
        topics=sorted(set(topics)),
        owned_partitions=[subscriptions.TopicPartition(topic=topic, partitions=[number]) for topic, number in owned],
    )
    return JoinGroupRequest(
        group_id=group,
        session_timeout_ms=session_timeout_ms,
        rebalance_timeout_ms=60_000,
        protocol_type="consumer",
        protocols=[JoinGroupRequestProtocol(name=protocol, metadata=encoded(subscription, 1))],
    )


def sync_request(
    group: str,
    member_id: str,
    generation: int,
    assigned: Mapping[str, Sequence[tuple[str, int]]],
    *,
    protocol: str = "range",
) -> SyncGroupRequest:
    """The sync of a member; the leader's brings everybody's partitions by member id."""
    return SyncGroupRequest(
        group_id=group,
        generation_id=generation,
        member_id=member_id,
        protocol_type="consumer",
        protocol_name=protocol,
        assignments=[
            SyncGroupRequestAssignment(
                member_id=each,
                assignment=encoded(
                    assignments.ConsumerProtocolAssignment(
                        assigned_partitions=[
                            assignments.TopicPartition(topic=topic, partitions=[number]) for topic, number in partitions
                        ]
                    )
                ),
            )
            for each, partitions in assigned.items()
        ],
    )


def join_alone(
    client: WireClient,
    group: str,
    partitions: Sequence[tuple[str, int]] = (),
    *,
    topics: Sequence[str] = (),
    owned: Sequence[tuple[str, int]] = (),
    protocol: str = "range",
    session_timeout_ms: int = 10_000,
) -> tuple[str, int]:
    """Become the only member of a group, with an assignment of one's own; the member id and the generation."""
    client.call(FindCoordinatorRequest(key_type=0, coordinator_keys=[group]), 4, FindCoordinatorResponse)
    subscribed = {*topics, *(topic for topic, _ in partitions)}
    request = join_request(group, subscribed, owned=owned, protocol=protocol, session_timeout_ms=session_timeout_ms)
    request.member_id = client.call(request, 5, JoinGroupResponse).member_id
    joined = client.call(request, 5, JoinGroupResponse)
    assert joined.error_code == ErrorCode.NONE
    assigned = {joined.member_id: partitions}
    sync = sync_request(group, joined.member_id, joined.generation_id, assigned, protocol=protocol)
    assert client.call(sync, 5, SyncGroupResponse).error_code == ErrorCode.NONE
    return joined.member_id, joined.generation_id


def ask_for_begin(client: WireClient, topic: str, partition: int, timestamp: int = LATEST) -> int:
    """What a consumer without a committed offset does: the offset to begin with."""
    wanted = ListOffsetsPartition(partition_index=partition, timestamp=timestamp)
    request = ListOffsetsRequest(replica_id=-1, topics=[ListOffsetsTopic(name=topic, partitions=[wanted])])
    answer = client.call(request, 7, ListOffsetsResponse).topics[0].partitions[0]
    assert answer.error_code == ErrorCode.NONE
    return answer.offset


def commit(client: WireClient, group: str, member: tuple[str, int], topic: str, partition: int, offset: int) -> None:
    """Commit one offset."""
    request = OffsetCommitRequest(
        group_id=group,
        member_id=member[0],
        generation_id_or_member_epoch=member[1],
        topics=[
            OffsetCommitRequestTopic(
                name=topic,
                partitions=[OffsetCommitRequestPartition(partition_index=partition, committed_offset=offset)],
            )
        ],
    )
    answer = client.call(request, 8, OffsetCommitResponse)
    assert answer.topics[0].partitions[0].error_code == ErrorCode.NONE
