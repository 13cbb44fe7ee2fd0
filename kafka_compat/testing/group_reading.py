"""Groups as a test sees them: members with what they subscribe to and were assigned, committed offsets, and the lag."""

from __future__ import annotations

from dataclasses import replace

from kafka_compat.api.context import Services
from kafka_compat.coordinator.group.classic.group import ClassicGroup
from kafka_compat.coordinator.group.classic.member import ClassicMember
from kafka_compat.coordinator.group.classic.subscription import subscribed_topics
from kafka_compat.coordinator.group.table import Group
from kafka_compat.ids import TopicName
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.testing.assignments import assigned_partitions, owned_partitions
from kafka_compat.testing.leaders import Leaders
from kafka_compat.testing.views import GroupView, MemberView


async def read_groups(leaders: Leaders) -> dict[str, GroupView]:
    """All groups of all running coordinators, by id."""
    found: dict[str, GroupView] = {}
    for services in leaders.running():
        views = [_view(group) async for group in services.groups.groups()]
        for view in views:
            found[view.id] = await _with_offsets(leaders, services, view)
    return found


async def read_group(leaders: Leaders, group_id: str) -> GroupView | None:
    """One group; None when there is none, or nobody coordinates it at the moment."""
    for services in leaders.running():
        group = await services.groups.group(group_id)
        if group is not None:
            return await _with_offsets(leaders, services, _view(group))
    return None


def _view(group: Group) -> GroupView:
    """The group without offsets. It is looked at in one turn of the loop."""
    if not isinstance(group, ClassicGroup):
        return GroupView(
            id=group.group_id,
            state=group.state_name,
            protocol_type=group.protocol_type or "",
            protocol="",
            generation=-1,
            leader="",
            members=(),
            offsets={},
            lag={},
        )
    return GroupView(
        id=group.group_id,
        state=group.state_name,
        protocol_type=group.protocol_type or "",
        protocol=group.protocol_name or "",
        generation=group.generation_id,
        leader=group.leader_id or "",
        members=tuple(_member(group, member) for member in group.members),
        offsets={},
        lag={},
        last_rebalance=group.last_rebalance,
    )


def _member(group: ClassicGroup, member: ClassicMember) -> MemberView:
    topics: list[str] = []
    assignment: tuple[tuple[str, int], ...] = ()
    owned: tuple[tuple[str, int], ...] = ()
    if group.uses_consumer_protocol:
        names = [name for name, _ in member.protocols]
        chosen = group.protocol_name if group.protocol_name in names else names[0]
        subscription = member.metadata(chosen)
        topics = subscribed_topics(subscription) or []
        owned = owned_partitions(subscription)
        assignment = assigned_partitions(member.assignment)
    return MemberView(
        id=member.member_id,
        instance_id=member.instance_id,
        client_id=member.client_id,
        host=member.client_host,
        topics=tuple(sorted(topics)),
        assignment=assignment,
        owned=owned,
        has_synced=member.member_id not in group.pending_syncs,
    )


async def _with_offsets(leaders: Leaders, services: Services, view: GroupView) -> GroupView:
    offsets: dict[tuple[str, int], int] = {}
    lag: dict[tuple[str, int], int] = {}
    try:
        for topic_name, numbers in await services.groups.committed_partitions(view.id):
            topic = leaders.image.topics.get(TopicName(topic_name))
            for fetched in await services.groups.fetch_offsets(view.id, topic_name, numbers):
                if fetched.offset < 0:
                    continue
                offsets[topic_name, fetched.partition] = fetched.offset
                if topic is not None and fetched.partition < len(topic.partitions):
                    log = leaders.log(topic, topic.partitions[fetched.partition])
                    if log is not None:
                        lag[topic_name, fetched.partition] = max(0, log.last_stable_offset - fetched.offset)
    except KafkaError:  # its coordinator has just gone
        return view
    return replace(view, offsets=dict(sorted(offsets.items())), lag=dict(sorted(lag.items())))
