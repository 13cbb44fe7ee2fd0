"""Plain requests about groups and offsets to the brokers of a cluster in process."""

from __future__ import annotations

import time
from collections.abc import Callable

from kafka_compat.ids import TopicName
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.find_coordinator import Coordinator, FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.list_groups import ListGroupsRequest, ListGroupsResponse
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
)
from kafka_compat.protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestTopic, OffsetFetchResponse
from kafka_compat.testing.cluster import Cluster
from tests.support.wire_client import WireClient

OFFSETS_TOPIC = TopicName("__consumer_offsets")
_LOADING = (ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.COORDINATOR_NOT_AVAILABLE)
_LOAD_TIMEOUT_S = 30


class Wire:
    """Plain requests to one broker of a cluster."""

    def __init__(self, cluster: Cluster, broker: int = 0) -> None:
        self.client = WireClient(cluster.bootstrap.split(",")[broker])

    def find(self, *groups: str) -> list[Coordinator]:
        request = FindCoordinatorRequest(coordinator_keys=list(groups))
        return list(self.client.call(request, 4, FindCoordinatorResponse).coordinators)

    def commit(self, offset: int, *, group: str = "g", topic: str = "orders", partition: int = 0) -> ErrorCode:
        request = OffsetCommitRequest(
            group_id=group,
            topics=[
                OffsetCommitRequestTopic(
                    name=topic,
                    partitions=[OffsetCommitRequestPartition(partition_index=partition, committed_offset=offset)],
                )
            ],
        )
        deadline_s = time.monotonic() + _LOAD_TIMEOUT_S
        while True:
            response = self.client.call(request, 9, OffsetCommitResponse)
            code = ErrorCode(response.topics[0].partitions[0].error_code)
            if code not in _LOADING:
                return code
            assert time.monotonic() < deadline_s, code.name

    def committed(self, *, group: str = "g", topic: str = "orders", partition: int = 0) -> int:
        request = OffsetFetchRequest(
            group_id=group, topics=[OffsetFetchRequestTopic(name=topic, partition_indexes=[partition])]
        )
        deadline_s = time.monotonic() + _LOAD_TIMEOUT_S
        while True:
            response = self.client.call(request, 5, OffsetFetchResponse)
            if response.error_code not in _LOADING:
                assert response.error_code == 0
                return response.topics[0].partitions[0].committed_offset
            assert time.monotonic() < deadline_s, ErrorCode(response.error_code).name

    def groups(self) -> list[str]:
        return sorted(group.group_id for group in self.client.call(ListGroupsRequest(), 3, ListGroupsResponse).groups)


Connect = Callable[..., Wire]
