"""What holds for groups of every kind, and what classic requests meet in groups of another one."""

from __future__ import annotations

import pytest

from kafka_compat.coordinator.group.offset_values import OffsetCommit, OffsetToCommit
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from tests.coordinator.any_group import AnyGroup
from tests.coordinator.classic_world import GROUP, World

E = ErrorCode


@pytest.fixture
def world() -> World:
    """A shard with a classic group and `GROUP`, of another kind."""
    world = World()
    world.join(group="classic")
    world.table.put(AnyGroup(GROUP))
    return world


def any_group(world: World) -> AnyGroup:
    group = world.table.of_kind(GROUP, AnyGroup)
    assert group is not None
    return group


def commit(world: World, offset: int = 5) -> None:
    offsets = [OffsetToCommit(topic="orders", partition=0, offset=offset)]
    world.commit(world.shard.commit_offsets(OffsetCommit(group_id=GROUP, offsets=offsets), world.now_ms))


def committed(world: World) -> int:
    return world.shard.offsets.fetch(GROUP, "orders", [0])[0].offset


def test_groups_of_all_kinds_are_listed(world: World) -> None:
    assert [(group.group_id, group.group_type, group.state) for group in world.table.list(set(), set())] == [
        ("classic", "classic", "CompletingRebalance"),
        (GROUP, "any", "Any"),
    ]
    assert [group.group_id for group in world.table.list({"any"}, {"any", "classic"})] == [GROUP]
    assert world.table.list({"any"}, {"classic"}) == []


def test_a_group_of_any_kind_keeps_offsets_and_may_refuse_them(world: World) -> None:
    commit(world)
    any_group(world).refusal = E.STALE_MEMBER_EPOCH
    with pytest.raises(KafkaError, match="STALE_MEMBER_EPOCH"):
        commit(world, 6)
    with pytest.raises(KafkaError, match="STALE_MEMBER_EPOCH"):
        world.shard.offsets.delete(GROUP, [("orders", 0)])
    assert committed(world) == 5
    any_group(world).refusal = None
    any_group(world).subscribed = {"orders"}
    assert world.shard.offsets.delete(GROUP, [("orders", 0)]).value == [E.GROUP_SUBSCRIBED_TO_TOPIC]


def test_a_group_of_any_kind_is_deleted_with_its_offsets(world: World) -> None:
    commit(world)
    any_group(world).refusal = E.NON_EMPTY_GROUP
    assert world.commit(world.shard.delete_groups([GROUP])) == [(GROUP, E.NON_EMPTY_GROUP)]
    any_group(world).refusal = None
    before = len(world.records)
    assert world.commit(world.shard.delete_groups([GROUP, "nothing"])) == [(GROUP, E.NONE), ("nothing", E.GROUP_ID_NOT_FOUND)]
    assert (committed(world), len(world.records) - before) == (-1, 2)


def test_a_group_of_any_kind_expires(world: World) -> None:
    commit(world)
    world.table.remove("classic")
    world.advance(8 * 24 * 3_600_000)
    any_group(world).is_empty = False
    before = len(world.records)
    world.commit(world.shard.expire(world.now_ms))
    assert (committed(world), len(world.records) - before) == (-1, 1)


def test_classic_requests_find_no_classic_group(world: World) -> None:
    """As in Kafka: JoinGroup is told that the protocol differs, everything else that there is no such member or group."""
    assert world.begin_join().code == E.INCONSISTENT_GROUP_PROTOCOL
    assert world.begin_join("somebody").code == E.INCONSISTENT_GROUP_PROTOCOL
    assert world.heartbeat_of("somebody") == E.UNKNOWN_MEMBER_ID
    assert world.leave("somebody") == [E.UNKNOWN_MEMBER_ID]
    assert not world.describe().exists
    any_group(world)


def test_the_tombstone_of_a_classic_group_leaves_one_of_another_kind_alone(world: World) -> None:
    world.groups.replay_group_metadata(GROUP, None, world.now_ms)
    any_group(world)
    world.groups.replay_group_metadata("classic", None, world.now_ms)
    assert world.table.get("classic") is None


def test_a_lost_shard_leaves_groups_of_other_kinds_to_their_machines(world: World) -> None:
    world.shard.on_unloaded()
    assert any_group(world).state_name == "Any"
