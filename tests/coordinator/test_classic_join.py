"""JoinGroup and SyncGroup of dynamic members in every state of the group."""

from __future__ import annotations

import pytest

from kafka_compat.coordinator.group.classic.group import ClassicGroup
from kafka_compat.coordinator.group.classic.states import LEGAL_PREVIOUS, GroupState
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.java_hash import in_hash_map_order, java_string_hash
from tests.coordinator.classic_world import Joined, World

E = ErrorCode


def test_new_member_is_first_given_an_id() -> None:
    world = World()
    first = world.begin_join()
    assert first.code == E.MEMBER_ID_REQUIRED
    assert first.member_id.startswith("client-")
    assert (world.state, world.member_ids) == ("Empty", set())
    second = world.join(first.member_id)
    assert (second.code, second.generation, second.member_id) == (E.NONE, 1, first.member_id)


def test_old_versions_join_without_an_id() -> None:
    world = World()
    joined = world.join(requires_known_member_id=False)
    assert (joined.code, world.state) == (E.NONE, "CompletingRebalance")


def test_new_group_is_in_the_log_before_it_has_a_generation() -> None:
    world = World()
    world.begin_join()
    value = world.last_value()
    assert value is not None
    assert (value.generation, value.protocol, value.members) == (0, None, [])
    world.begin_join()
    assert len(world.records) == 1


def test_group_whose_first_record_fails_is_forgotten() -> None:
    world = World(fail_with=E.UNKNOWN_SERVER_ERROR, config={"group.initial.rebalance.delay.ms": "100"})
    joined = world.begin_join(requires_known_member_id=False)
    assert (joined.code, world.state) == (E.UNKNOWN_SERVER_ERROR, "Dead")


@pytest.mark.parametrize("changed", [{"protocols": ()}, {"protocol_type": ""}])
def test_empty_group_takes_any_protocols_but_none(changed: dict[str, object]) -> None:
    assert World().begin_join(**changed).code == E.INCONSISTENT_GROUP_PROTOCOL  # type: ignore[arg-type]


@pytest.mark.parametrize("changed", [{"protocols": (("sticky", b""),)}, {"protocol_type": "connect"}, {"protocols": ()}])
def test_joining_needs_a_protocol_that_all_can_use(changed: dict[str, object]) -> None:
    world = World()
    world.stable()
    assert world.begin_join(**changed).code == E.INCONSISTENT_GROUP_PROTOCOL  # type: ignore[arg-type]


def test_unknown_members_are_refused() -> None:
    world = World()
    assert world.begin_join("nobody").code == E.UNKNOWN_MEMBER_ID
    assert world.state == "Dead"
    member = world.stable()
    assert world.begin_join("nobody").code == E.UNKNOWN_MEMBER_ID
    world.leave(member.member_id)
    assert (world.state, world.begin_join(member.member_id).code) == ("Empty", E.UNKNOWN_MEMBER_ID)


def test_rebalance_waits_for_all_and_tells_the_leader_of_all() -> None:
    world = World()
    leader = world.stable(protocols=(("range", b"one"),))
    follower_id = world.ask_id()
    follower = world.begin_join(follower_id, protocols=(("range", b"two"),))
    assert (world.state, follower.code) == ("PreparingRebalance", None)
    assert world.heartbeat(leader) == E.REBALANCE_IN_PROGRESS
    assert world.sync(leader).code == E.REBALANCE_IN_PROGRESS
    again = world.begin_join(leader.member_id, protocols=(("range", b"one"),))
    assert (again.code, again.generation, follower.generation) == (E.NONE, 2, 2)
    assert again.result is not None
    assert follower.result is not None
    assert {(member.member_id, member.metadata) for member in again.result.members} == {
        (leader.member_id, b"one"),
        (follower_id, b"two"),
    }
    assert (follower.result.members, follower.result.leader) == ((), leader.member_id)
    assert (again.result.protocol_type, again.result.protocol_name) == ("consumer", "range")


def test_pending_member_holds_the_rebalance_up() -> None:
    world = World()
    leader = world.stable()
    pending = world.ask_id()
    again = world.begin_join(leader.member_id)
    assert (again.code, world.state) == (None, "PreparingRebalance")
    assert world.leave(pending) == [E.NONE]
    assert (again.code, world.state) == (E.NONE, "CompletingRebalance")


def test_pending_member_cannot_turn_up_as_a_static_one() -> None:
    world = World()
    pending = world.ask_id()
    with pytest.raises(Exception, match="UNKNOWN_SERVER_ERROR"):
        world.begin_join(pending, instance_id="one")


def test_repeated_joins_of_one_generation_change_nothing() -> None:
    world = World()
    leader, follower = world.completing_pair()
    for member in (leader, follower):
        again = world.begin_join(member.member_id)
        assert again.result == member.result
    world.sync(leader)
    assert world.begin_join(follower.member_id).result == follower.result
    assert world.state == "Stable"


def test_leader_of_a_stable_group_rebalances_it_by_joining() -> None:
    world = World()
    leader, follower = world.stable_pair()
    assert world.begin_join(leader.member_id).code is None
    assert world.state == "PreparingRebalance"
    assert world.begin_join(follower.member_id).generation == 3


@pytest.mark.parametrize("is_stable", [True, False])
def test_changed_metadata_rebalances(is_stable: bool) -> None:
    world = World()
    _, follower = world.stable_pair() if is_stable else world.completing_pair()
    assert world.begin_join(follower.member_id, protocols=(("range", b"changed"),)).code is None
    assert world.state == "PreparingRebalance"


def test_second_join_of_a_member_takes_the_place_of_the_first() -> None:
    world = World()
    leader = world.stable()
    world.ask_id()
    first, second = world.begin_join(leader.member_id), world.begin_join(leader.member_id)
    world.advance(5000)
    assert (first.code, second.code) == (None, E.NONE)


@pytest.mark.parametrize(
    ("votes", "selected"),
    [
        ((("range", "sticky"), ("sticky", "range"), ("sticky",)), "sticky"),
        ((("a", "b"), ("b", "a")), "a"),
        ((("b", "a"), ("a", "b")), "a"),
        ((("roundrobin", "range"), ("range", "roundrobin")), in_hash_map_order(["roundrobin", "range"])[0]),
    ],
)
def test_most_liked_protocol_is_selected(votes: tuple[tuple[str, ...], ...], selected: str) -> None:
    world = World(config={"group.initial.rebalance.delay.ms": "100"})
    joins: list[Joined] = [
        world.begin_join(requires_known_member_id=False, protocols=tuple((name, b"") for name in names)) for names in votes
    ]
    world.advance(1000)
    assert {join.result.protocol_name for join in joins if join.result is not None} == {selected}


def test_java_hashes() -> None:
    """Values of String.hashCode, a HashMap's order with a collision, and one that has grown."""
    assert [java_string_hash(text) for text in ("", "a", "Aa", "BB", "polygenelubricants")] == [0, 97, 2112, 2112, -(1 << 31)]
    assert java_string_hash("\U0001f600") == 0xD83D * 31 + 0xDE00
    assert in_hash_map_order(["b", "BB", "a", "Aa", "b"]) == ["BB", "Aa", "a", "b"]
    assert in_hash_map_order([chr(65 + index) for index in range(20)]) == [
        *(chr(code) for code in range(65, 85)),
    ]


@pytest.mark.parametrize("size", [1, 2])
def test_group_has_a_maximum_size(size: int) -> None:
    world = World(config={"group.max.size": str(size)})
    members = [world.stable()] if size == 1 else list(world.stable_pair())
    assert world.begin_join().code == E.GROUP_MAX_SIZE_REACHED
    assert world.begin_join(members[-1].member_id, protocols=(("range", b"new"),)).code in (None, E.NONE)


def test_joins_over_the_maximum_during_a_rebalance_are_refused() -> None:
    world = World(config={"group.max.size": "1", "group.initial.rebalance.delay.ms": "100"})
    first, second = world.ask_id(), world.ask_id()
    waiting = world.begin_join(first)
    refused = world.begin_join(second)
    assert (refused.code, refused.member_id) == (E.GROUP_MAX_SIZE_REACHED, "")
    assert world.begin_join(first).code is None
    assert waiting.code is None


# --- sync


def test_assignments_go_out_when_their_record_is_durable() -> None:
    world = World()
    leader, follower = world.completing_pair()
    waiting = world.sync(follower)
    world.hold = True
    mine = world.sync(leader, {leader.member_id: b"1", follower.member_id: b"2", "stranger": b"3"})
    assert (waiting.code, mine.code, world.state) == (None, None, "CompletingRebalance")
    world.settle()
    assert waiting.result is not None
    assert mine.result is not None
    assert (mine.result.assignment, waiting.result.assignment, world.state) == (b"1", b"2", "Stable")
    assert (mine.result.protocol_type, mine.result.protocol_name) == ("consumer", "range")
    value = world.last_value()
    assert value is not None
    assert {member.member_id: member.assignment for member in value.members} == {
        leader.member_id: b"1",
        follower.member_id: b"2",
    }


def test_members_without_assignment_get_an_empty_one() -> None:
    world = World()
    leader, follower = world.completing_pair()
    world.sync(leader)
    synced = world.sync(follower)
    assert synced.result is not None
    assert (synced.code, synced.result.assignment) == (E.NONE, b"")


def test_failed_assignment_record_sends_all_to_join_again() -> None:
    world = World()
    leader, follower = world.completing_pair()
    waiting = world.sync(follower)
    world.fail_with = E.UNKNOWN_SERVER_ERROR
    mine = world.sync(leader, {leader.member_id: b"1"})
    assert (mine.code, waiting.code) == (E.UNKNOWN_SERVER_ERROR, E.UNKNOWN_SERVER_ERROR)
    assert world.state == "PreparingRebalance"


def test_rebalance_meanwhile_outruns_the_assignment() -> None:
    world = World()
    leader, follower = world.completing_pair()
    world.hold = True
    mine = world.sync(leader, {leader.member_id: b"1"})
    world.begin_join(follower.member_id, protocols=(("range", b"changed"),))
    assert mine.code == E.REBALANCE_IN_PROGRESS
    world.settle()
    assert world.state == "PreparingRebalance"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"member_id": "nobody"}, E.UNKNOWN_MEMBER_ID),
        ({"instance_id": "none"}, E.UNKNOWN_MEMBER_ID),
        ({"generation_id": 7}, E.ILLEGAL_GENERATION),
        ({"protocol_type": "connect"}, E.INCONSISTENT_GROUP_PROTOCOL),
        ({"protocol_name": "sticky"}, E.INCONSISTENT_GROUP_PROTOCOL),
        ({"protocol_type": "consumer", "protocol_name": "range"}, E.NONE),
        ({"group_id": "another"}, E.UNKNOWN_MEMBER_ID),
    ],
)
def test_syncs_are_checked(changed: dict[str, object], code: ErrorCode) -> None:
    world = World()
    member = world.stable()
    assert world.sync(member, **changed).code == code  # type: ignore[arg-type]


def test_sync_with_an_empty_group_is_unknown() -> None:
    world = World()
    member = world.stable()
    world.leave(member.member_id)
    assert world.sync(member).code == E.UNKNOWN_MEMBER_ID


# --- transitions


@pytest.mark.parametrize("before", list(GroupState))
@pytest.mark.parametrize("after", list(GroupState))
def test_only_legal_transitions_are_made(before: GroupState, after: GroupState) -> None:
    group = ClassicGroup("g", before, state_timestamp_ms=1)
    if before in LEGAL_PREVIOUS[after]:
        group.transition_to(after, 2)
        assert (group.state, group.previous_state, group.state_timestamp_ms) == (after, before, 2)
    else:
        with pytest.raises(AssertionError):
            group.transition_to(after, 2)


def test_members_that_leave_nothing_to_choose_are_refused() -> None:
    """Review C16: Kafka's group waits for ever, and so does whoever joins it."""
    world = World()
    twice = (("range", b""), ("range", b""))
    assert world.begin_join(requires_known_member_id=False, protocols=twice).code == E.INCONSISTENT_GROUP_PROTOCOL
    with_another = world.begin_join(requires_known_member_id=False, group="another", protocols=(*twice, ("sticky", b"")))
    assert with_another.code in (None, E.NONE)
    many = tuple((f"protocol-{number}", b"") for number in range(1001))
    assert world.begin_join(requires_known_member_id=False, protocols=many).code == E.INCONSISTENT_GROUP_PROTOCOL
    assert world.begin_join(requires_known_member_id=False, protocols=many[1:]).code is None
    world.advance(0)
    assert world.state == "CompletingRebalance"
