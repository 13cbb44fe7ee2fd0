"""What a client does with a group or a transactional id, request by request, before anybody reads what it sends."""

from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnTopic,
)
from kafka_compat.protocol.messages.describe_groups import DescribeGroupsRequest, DescribeGroupsResponse
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse
from tests.support.wire_client import WireClient


def metadata(address: str) -> MetadataResponse:
    with WireClient(address) as client:
        request = MetadataRequest(topics=None, allow_auto_topic_creation=False)
        return client.call(request, 12, MetadataResponse)


def join(group: str, member: str = "") -> JoinGroupRequest:
    return JoinGroupRequest(
        group_id=group,
        session_timeout_ms=30_000,
        rebalance_timeout_ms=60_000,
        member_id=member,
        protocol_type="consumer",
        protocols=[JoinGroupRequestProtocol(name="range", metadata=b"x")],
    )


def joined(client: WireClient, group: str) -> int:
    """Error code of joining a group that there may be no coordinator for yet."""
    client.call(FindCoordinatorRequest(key=group, key_type=0), 3, FindCoordinatorResponse)
    return client.call(join(group), 3, JoinGroupResponse).error_code


def member(client: WireClient) -> tuple[str, int]:
    """Join and sync the group g, alone: the member's id and the generation."""
    assert joined(client, "g") == ErrorCode.NONE
    described = client.call(DescribeGroupsRequest(groups=["g"]), 0, DescribeGroupsResponse).groups[0]
    member_id = described.members[0].member_id
    answer = client.call(join("g", member_id), 3, JoinGroupResponse)
    assignments = [SyncGroupRequestAssignment(member_id=member_id, assignment=b"a")]
    sync = SyncGroupRequest(group_id="g", generation_id=answer.generation_id, member_id=member_id, assignments=assignments)
    assert client.call(sync, 2, SyncGroupResponse).error_code == ErrorCode.NONE
    return member_id, answer.generation_id


def begin_transaction(client: WireClient) -> tuple[int, int]:
    """Begin one of the id tx in t-0, with a time limit of a minute: the producer's id and epoch."""
    client.call(FindCoordinatorRequest(key="tx", key_type=1), 3, FindCoordinatorResponse)
    begin = InitProducerIdRequest(transactional_id="tx", transaction_timeout_ms=60_000)
    producer = client.call(begin, 4, InitProducerIdResponse)
    assert producer.error_code == ErrorCode.NONE
    add = AddPartitionsToTxnRequest(
        v3_and_below_transactional_id="tx",
        v3_and_below_producer_id=producer.producer_id,
        v3_and_below_producer_epoch=producer.producer_epoch,
        v3_and_below_topics=[AddPartitionsToTxnTopic(name="t", partitions=[0])],
    )
    added = client.call(add, 3, AddPartitionsToTxnResponse).results_by_topic_v3_and_below[0]
    assert added.results_by_partition[0].partition_error_code == ErrorCode.NONE
    return producer.producer_id, producer.producer_epoch
