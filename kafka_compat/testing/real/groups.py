"""Groups as a client sees them: DescribeGroups or ConsumerGroupDescribe, OffsetFetch, and the lag by ListOffsets."""

from __future__ import annotations

from dataclasses import replace

from kafka_compat.coordinator.group.classic.subscription import subscribed_topics
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.consumer_group_describe import (
    ConsumerGroupDescribeRequest,
    ConsumerGroupDescribeResponse,
)
from kafka_compat.protocol.messages.describe_groups import (
    DescribedGroup,
    DescribedGroupMember,
    DescribeGroupsRequest,
    DescribeGroupsResponse,
)
from kafka_compat.protocol.messages.list_groups import ListGroupsRequest, ListGroupsResponse
from kafka_compat.protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchResponse
from kafka_compat.testing.assignments import assigned_partitions
from kafka_compat.testing.real.connections import Connections, raise_for, settled
from kafka_compat.testing.real.partitions import LATEST, Partitions
from kafka_compat.testing.views import GroupView, MemberView

_CONSUMER = "consumer"
# The last version that names topics.
_OFFSETS_VERSION = 9


class Groups:
    """Asks their coordinators."""

    def __init__(self, connections: Connections, partitions: Partitions) -> None:
        self._connections = connections
        self._partitions = partitions

    async def all(self) -> dict[str, GroupView]:
        """All groups that brokers list, by id."""
        found: dict[str, GroupView] = {}
        for node_id in await self._connections.node_ids():
            answer = await self._connections.ask(node_id, ListGroupsRequest(), ListGroupsResponse)
            for listed in answer.groups:
                view = await self.one(listed.group_id)
                if view is not None:
                    found[view.id] = view
        return dict(sorted(found.items()))

    async def one(self, group_id: str) -> GroupView | None:
        """A group; None when there is none. Generation and leader are not told to clients."""

        async def look() -> GroupView | None:
            node_id = await self._connections.coordinator(group_id)
            view = await self._described(node_id, group_id) or await self._described_consumers(node_id, group_id)
            return None if view is None else await self._with_offsets(node_id, view)

        return await settled(look)

    async def _described(self, node_id: int, group_id: str) -> GroupView | None:
        request = DescribeGroupsRequest(groups=[group_id])
        (found,) = (await self._connections.ask(node_id, request, DescribeGroupsResponse)).groups
        if found.error_code == ErrorCode.GROUP_ID_NOT_FOUND:
            return None
        raise_for(found.error_code)
        # What a broker says of a group that is not there, and of one of another protocol.
        return None if found.group_state == "Dead" else _view(found)

    async def _described_consumers(self, node_id: int, group_id: str) -> GroupView | None:
        request = ConsumerGroupDescribeRequest(group_ids=[group_id])
        try:
            answer = await self._connections.ask(node_id, request, ConsumerGroupDescribeResponse)
        except KafkaError as error:
            if error.error_code is ErrorCode.UNSUPPORTED_VERSION:  # a broker without KIP-848
                return None
            raise
        (found,) = answer.groups
        if found.error_code == ErrorCode.GROUP_ID_NOT_FOUND:
            return None
        raise_for(found.error_code)
        return GroupView(
            id=found.group_id,
            state=found.group_state,
            protocol_type=_CONSUMER,
            protocol=found.assignor_name,
            generation=found.group_epoch,
            leader="",
            members=tuple(
                MemberView(
                    id=member.member_id,
                    instance_id=member.instance_id,
                    client_id=member.client_id,
                    host=member.client_host,
                    topics=tuple(sorted(member.subscribed_topic_names)),
                    assignment=tuple(
                        sorted(
                            (each.topic_name, partition)
                            for each in member.assignment.topic_partitions
                            for partition in each.partitions
                        )
                    ),
                )
                for member in found.members
            ),
            offsets={},
            lag={},
        )

    async def _with_offsets(self, node_id: int, view: GroupView) -> GroupView:
        request = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=view.id, topics=None)])
        answer = await self._connections.ask(node_id, request, OffsetFetchResponse, highest=_OFFSETS_VERSION)
        (found,) = answer.groups
        raise_for(found.error_code)
        offsets: dict[tuple[str, int], int] = {}
        lag: dict[tuple[str, int], int] = {}
        for topic in found.topics:
            ends = await self._partitions.offsets(topic.name, LATEST, committed=True)
            for partition in topic.partitions:
                if partition.error_code or partition.committed_offset < 0:
                    continue
                where = (topic.name, partition.partition_index)
                offsets[where] = partition.committed_offset
                if partition.partition_index in ends:
                    lag[where] = max(0, ends[partition.partition_index] - partition.committed_offset)
        return replace(view, offsets=dict(sorted(offsets.items())), lag=dict(sorted(lag.items())))


def _view(found: DescribedGroup) -> GroupView:
    return GroupView(
        id=found.group_id,
        state=found.group_state,
        protocol_type=found.protocol_type,
        protocol=found.protocol_data,
        generation=-1,
        leader="",
        members=tuple(_member(member, found.protocol_type) for member in found.members),
        offsets={},
        lag={},
    )


def _member(member: DescribedGroupMember, protocol_type: str) -> MemberView:
    consumes = protocol_type == _CONSUMER
    return MemberView(
        id=member.member_id,
        instance_id=member.group_instance_id,
        client_id=member.client_id,
        host=member.client_host,
        topics=tuple(sorted(subscribed_topics(bytes(member.member_metadata)) or ())) if consumes else (),
        assignment=assigned_partitions(bytes(member.member_assignment)) if consumes else (),
    )
