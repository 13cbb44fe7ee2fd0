"""What admins and offsets see of classic groups, and what a restart or a lost shard makes of them."""

from __future__ import annotations

import pytest

from kafka_compat.coordinator.group.classic.subscription import subscribed_topics
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.consumer_protocol_subscription import ConsumerProtocolSubscription
from kafka_compat.wire.primitives import Writer
from tests.coordinator.classic_world import GROUP, OFFSETS_OF, World

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


def test_list_filters_without_regard_to_case() -> None:
    world = World()
    world.stable()
    world.groups.ensure_simple_group("simple", world.now_ms)

    def listed(states: tuple[str, ...] = (), types: tuple[str, ...] = ()) -> set[str]:
        return {group.group_id for group in world.groups.list(states, types)}

    assert listed() == {GROUP, "simple"}
    assert listed(states=("STABLE",)) == {GROUP}
    assert listed(states=(" empty ", "Dead")) == {"simple"}
    assert listed(types=("CLASSIC", "share")) == {GROUP, "simple"}
    assert listed(types=("consumer",)) == listed(states=("nonsense",)) == set()
    assert {(group.protocol_type, group.group_type) for group in world.groups.list((), ())} == {
        ("consumer", "classic"),
        ("", "classic"),
    }


def test_delete_takes_empty_groups_with_their_offsets() -> None:
    world = World()
    member = world.stable()
    assert world.commit(world.groups.delete([GROUP, "nothing"])) == [
        (GROUP, E.NON_EMPTY_GROUP),
        ("nothing", E.GROUP_ID_NOT_FOUND),
    ]
    world.leave(member.member_id)
    assert world.groups.is_empty(GROUP)
    assert world.commit(world.groups.delete([GROUP])) == [(GROUP, E.NONE)]
    assert world.records[-2][0] == OFFSETS_OF + GROUP.encode()
    assert (world.records[-1][1], world.state) == (None, "Dead")
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
    world: World, member_id: str = "", instance_id: str | None = None, generation: int = -1, **how: bool
) -> ErrorCode:
    is_transactional = how.get("is_transactional", False)
    try:
        world.groups.check_offset_commit(
            GROUP, member_id, instance_id, generation, is_transactional=is_transactional, now_ms=world.now_ms
        )
    except KafkaError as error:
        return error.error_code
    return E.NONE


def test_commit_without_a_generation_makes_a_simple_group() -> None:
    world = World()
    assert commit_code(world, generation=3) == E.GROUP_ID_NOT_FOUND
    assert world.state == "Dead"
    assert commit_code(world) == E.NONE
    assert (world.state, world.groups.list((), ())[0].protocol_type) == ("Empty", "")
    assert commit_code(world, "admin") == E.NONE


def test_simple_group_goes_when_its_commit_fails() -> None:
    world = World()
    world.groups.ensure_simple_group(GROUP, world.now_ms)
    world.groups.forget_simple_group(GROUP)
    assert not world.groups.check_offset_fetch(GROUP)
    world.groups.forget_simple_group(GROUP)
    member = world.join()
    world.leave(member.member_id)
    world.groups.forget_simple_group(GROUP)
    assert world.groups.check_offset_fetch(GROUP), "a group of members has a record of its own"


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
    assert (world.groups.is_subscribed(GROUP, "orders"), world.groups.is_subscribed(GROUP, "others")) == (True, False)
    assert not world.groups.is_subscribed("nothing", "orders")
    world.leave(member.member_id)
    assert not world.groups.is_subscribed(GROUP, "orders")


def test_consumers_whose_metadata_cannot_be_read_might_consume_anything() -> None:
    world = World()
    world.stable(protocols=(("range", b"?"),))
    assert world.groups.is_subscribed(GROUP, "orders")
    assert subscribed_topics(b"") is None
    assert subscribed_topics(b"\x00\x00\x7f\xff\xff\xff") is None


def test_deleting_offsets_needs_a_group_that_is_empty_or_of_consumers() -> None:
    world = World()
    with pytest.raises(KafkaError, match="GROUP_ID_NOT_FOUND"):
        world.groups.check_offset_delete(GROUP)
    member = world.stable(protocol_type="connect")
    with pytest.raises(KafkaError, match="NON_EMPTY_GROUP"):
        world.groups.check_offset_delete(GROUP)
    world.leave(member.member_id)
    world.groups.check_offset_delete(GROUP)
    world.stable(protocols=subscription("orders"))
    world.groups.check_offset_delete(GROUP)


def test_retention_begins_with_the_commit_or_when_the_group_became_empty() -> None:
    """KIP-211"""
    world = World()
    assert world.groups.expiry_base_ms(GROUP, 5) is None
    world.groups.ensure_simple_group(GROUP, world.now_ms)
    assert world.groups.expiry_base_ms(GROUP, 5) == 5
    member = world.stable(protocols=subscription("orders"))
    assert world.groups.expiry_base_ms(GROUP, 5) == 5
    world.advance(1)
    world.leave(member.member_id)
    assert world.groups.expiry_base_ms(GROUP, 5) == world.now_ms
    assert len(world.groups.tombstones_if_empty(GROUP)) == 1
    world.stable(protocols=(("range", b"?"),))
    assert world.groups.expiry_base_ms(GROUP, 5) is None
    assert world.groups.tombstones_if_empty(GROUP) == []
    assert world.groups.check_offset_fetch(GROUP)
    assert not world.groups.check_offset_fetch("nothing")
