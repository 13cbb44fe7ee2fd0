"""What admins and offsets see of classic groups, and what a restart or a lost shard makes of them."""

from __future__ import annotations

import pytest

from kafka_compat.coordinator.group.classic.subscription import subscribed_topics
from kafka_compat.coordinator.group.offset_values import OffsetCommit, OffsetToCommit
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.consumer_protocol_subscription import ConsumerProtocolSubscription
from kafka_compat.wire.primitives import Writer
from tests.coordinator.classic_world import GROUP, World

E = ErrorCode


def subscription(*topics: str) -> tuple[tuple[str, bytes], ...]:
    writer = Writer()
    ConsumerProtocolSubscription(topics=list(topics)).encode(writer, 3)
    return (("range", b"\x00\x03" + writer.to_bytes()),)


def test_describe_shows_metadata_of_stable_groups_only() -> None:
    world = World()
    member = world.stable(protocols=(("range", b"\x00\xff"),))
    described = world.describe()
    assert (described.state, described.protocol_type, described.protocol_name) == ("Stable", "consumer", "range")
    assert [(each.metadata, each.assignment, each.client_id, each.client_host) for each in described.members] == [
        (b"\x00\xff", b"all", "client", "/127.0.0.1")
    ]
    world.begin_join(member.member_id, protocols=(("range", b"new"),))
    described = world.describe()
    assert (described.state, described.protocol_name) == ("CompletingRebalance", "")
    assert [(each.metadata, each.assignment) for each in described.members] == [(b"", b"all")]


def test_describe_of_an_unknown_group_is_dead() -> None:
    described = World().describe("nothing")
    assert (described.state, described.exists, described.members) == ("Dead", False, ())


def test_list_filters_by_state_and_type() -> None:
    world = World()
    world.stable()
    world.table.ensure("simple", world.now_ms)

    def listed(states: tuple[str, ...] = (), types: tuple[str, ...] = ()) -> set[str]:
        return {group.group_id for group in world.table.list(set(states), set(types))}

    assert listed() == {GROUP, "simple"}
    assert listed(states=("stable",)) == {GROUP}
    assert listed(states=("empty", "dead")) == {"simple"}
    assert listed(types=("classic", "share")) == {GROUP, "simple"}
    assert listed(types=("consumer",)) == listed(states=("nonsense",)) == set()
    assert {(group.protocol_type, group.group_type) for group in world.table.list(set(), set())} == {
        ("consumer", "classic"),
        ("", "classic"),
    }


def test_delete_takes_empty_groups_with_their_offsets() -> None:
    world = World()
    member = world.stable()
    assert world.commit(world.shard.delete_groups([GROUP, "nothing"])) == [
        (GROUP, E.NON_EMPTY_GROUP),
        ("nothing", E.GROUP_ID_NOT_FOUND),
    ]
    world.leave(member.member_id)
    assert world.table.existing(GROUP).is_empty
    commit_code(world, with_offset=True)
    assert world.commit(world.shard.delete_groups([GROUP])) == [(GROUP, E.NONE)]
    assert [value for _, value in world.records[-2:]] == [None, None]
    assert (world.shard.offsets.get(GROUP, "orders", 0), world.state) == (None, "Dead")
    world.reload()
    assert world.state == "Dead"


# --- restart


def test_stable_group_survives_a_restart() -> None:
    world = World()
    leader, follower = world.stable_pair({"protocols": (("range", b"1"), ("sticky", b"x"))}, {"instance_id": "two"})
    before = world.describe()
    world.reload()
    assert world.describe() == before
    assert (world.heartbeat(leader), world.heartbeat(follower, instance_id="two")) == (E.NONE, E.NONE)
    again = world.begin_join(follower.member_id, instance_id="two")
    assert again.result is not None
    assert (again.generation, again.result.leader) == (2, leader.member_id)
    # Only the selected protocol is in the record, so a member with more has changed as far as anybody can tell.
    rejoined = world.begin_join(leader.member_id, protocols=(("range", b"1"), ("sticky", b"x")))
    assert (rejoined.code, world.state) == (None, "PreparingRebalance")


def test_sessions_begin_anew_after_a_restart() -> None:
    world = World()
    world.stable()
    world.advance(9000)
    world.reload()
    world.advance(9999)
    assert world.state == "Stable"
    world.advance(1)
    assert world.state == "Empty"


def test_empty_group_keeps_its_generation_over_a_restart() -> None:
    world = World()
    world.leave(world.stable().member_id)
    world.reload()
    assert (world.state, world.describe().protocol_type) == ("Empty", "consumer")
    assert world.join().generation == 3


def test_group_over_its_size_rebalances_after_loading() -> None:
    world = World()
    leader, follower = world.stable_pair()
    world.config["group.max.size"] = "1"
    world.reload()
    assert world.state == "PreparingRebalance"
    first = world.begin_join(follower.member_id)
    assert world.begin_join(leader.member_id).code == E.GROUP_MAX_SIZE_REACHED
    world.advance(5000)
    assert (first.code, world.member_ids) == (E.NONE, {follower.member_id})


def test_lost_shard_sends_waiting_members_away() -> None:
    world = World()
    _, follower = world.completing_pair()
    synced = world.sync(follower)
    joined = World.begin_join(world, group="other", requires_known_member_id=False)
    world.groups.on_unloaded()
    assert (synced.code, joined.code) == (E.NOT_COORDINATOR, E.NOT_COORDINATOR)


def test_append_that_fails_with_its_shard_answers_once() -> None:
    world = World()
    leader, _ = world.completing_pair()
    world.hold = True
    synced = world.sync(leader)
    world.groups.on_unloaded()
    world.settle(E.NOT_COORDINATOR)
    assert synced.code == E.NOT_COORDINATOR


# --- offsets


def commit_code(
    world: World,
    member_id: str = "",
    instance_id: str | None = None,
    generation: int = -1,
    *,
    is_transactional: bool = False,
    with_offset: bool = False,
) -> ErrorCode:
    commit = OffsetCommit(
        group_id=GROUP,
        member_id=member_id,
        instance_id=instance_id,
        generation_id=generation,
        is_transactional=is_transactional,
        offsets=[OffsetToCommit(topic="orders", partition=0, offset=5)] if with_offset else [],
    )
    try:
        world.commit(world.shard.commit_offsets(commit, world.now_ms))
    except KafkaError as error:
        return error.error_code
    return E.NONE


@pytest.mark.parametrize("with_offset", [True, False])
def test_commit_without_a_generation_makes_a_simple_group(with_offset: bool) -> None:
    """Also when no offset of the commit is written, because all have too much metadata: Kafka does the same."""
    world = World()
    assert commit_code(world, generation=3) == E.GROUP_ID_NOT_FOUND
    assert world.state == "Dead"
    assert commit_code(world, with_offset=with_offset) == E.NONE
    assert (world.state, world.table.list(set(), set())[0].protocol_type) == ("Empty", "")
    assert commit_code(world, "admin") == E.NONE


def test_a_commit_that_the_log_refuses_leaves_no_group_behind() -> None:
    """Otherwise expiry would find a group that the log knows nothing of, and write its tombstone."""
    world = World(fail_with=E.UNKNOWN_SERVER_ERROR)
    commit_code(world, with_offset=True)
    assert list(world.table.all()) == []


def test_a_commit_that_is_too_large_leaves_no_group_behind() -> None:
    world = World()
    with pytest.raises(KafkaError, match="UNKNOWN_SERVER_ERROR"):
        world.shard.refuse_commit(OffsetCommit(group_id=GROUP), 0)
    assert list(world.table.all()) == []


def test_commits_are_for_members_of_the_generation() -> None:
    world = World()
    member = world.stable()
    assert commit_code(world, member.member_id, None, 1) == E.NONE
    assert commit_code(world, member.member_id, None, 2) == E.ILLEGAL_GENERATION
    assert commit_code(world, "nobody", None, 1) == E.UNKNOWN_MEMBER_ID
    assert commit_code(world) == E.UNKNOWN_MEMBER_ID
    assert commit_code(world, is_transactional=True) == E.NONE


def test_commits_wait_for_the_sync() -> None:
    world = World()
    leader, _ = world.completing_pair()
    assert commit_code(world, leader.member_id, None, 2) == E.REBALANCE_IN_PROGRESS
    assert commit_code(world, leader.member_id, None, 2, is_transactional=True) == E.NONE


def test_commits_keep_the_session_going_through_a_rebalance() -> None:
    world = World()
    leader, follower = world.stable_pair({"rebalance_timeout_ms": 60_000})
    world.begin_join(follower.member_id, protocols=(("range", b"new"),))
    world.advance(9000)
    assert commit_code(world, leader.member_id, None, 2) == E.NONE
    world.advance(9000)
    assert leader.member_id in world.member_ids


def test_offsets_of_consumed_topics_stay() -> None:
    world = World()
    member = world.stable(protocols=subscription("orders", "payments"))
    group = world.table.existing(GROUP)
    assert [group.is_subscribed(topic) for topic in ("orders", "payments", "others")] == [True, True, False]
    world.leave(member.member_id)
    assert not group.is_subscribed("orders")


def test_consumers_whose_metadata_cannot_be_read_might_consume_anything() -> None:
    world = World()
    world.stable(protocols=(("range", b"?"),))
    assert world.table.existing(GROUP).is_subscribed("orders")
    assert subscribed_topics(b"") is None
    assert subscribed_topics(b"\x00\x00\x7f\xff\xff\xff") is None


def test_deleting_offsets_needs_a_group_that_is_empty_or_of_consumers() -> None:
    world = World()
    with pytest.raises(KafkaError, match="GROUP_ID_NOT_FOUND"):
        world.shard.offsets.delete(GROUP, [])
    member = world.stable(protocol_type="connect")
    with pytest.raises(KafkaError, match="NON_EMPTY_GROUP"):
        world.shard.offsets.delete(GROUP, [])
    world.leave(member.member_id)
    world.shard.offsets.delete(GROUP, [])
    world.stable(protocols=subscription("orders"))
    world.shard.offsets.delete(GROUP, [])


def test_retention_begins_with_the_commit_or_when_the_group_became_empty() -> None:
    """KIP-211"""
    world = World()

    def base_ms() -> int | None:
        return world.table.existing(GROUP).offset_expiry_base_ms(5)

    world.table.ensure(GROUP, world.now_ms)
    assert base_ms() == 5
    member = world.stable(protocols=subscription("orders"))
    assert base_ms() == 5
    world.advance(1)
    world.leave(member.member_id)
    assert base_ms() == world.now_ms
    world.stable(protocols=(("range", b"?"),))
    assert base_ms() is None


def test_empty_groups_without_offsets_go() -> None:
    world = World()
    member = world.stable()
    assert world.commit(world.shard.expire(world.now_ms)) is None
    assert world.state == "Stable"
    world.leave(member.member_id)
    world.commit(world.shard.expire(world.now_ms))
    assert (world.records[-1][1], world.state) == (None, "Dead")
