"""Who leads and who is in sync when brokers stop, die and start.

The expected values are what three brokers of Apache Kafka 4.3.1 answered DescribeTopicPartitions after the same events:
a: three replicas, min.insync.replicas 1; b: three, 2; c: two, 1; d: two, 2; e: one replica.
"""

from __future__ import annotations

import pytest

from kafka_compat.ids import BrokerId
from kafka_compat.metadata.image import NO_LEADER
from kafka_compat.metadata.partition_plans import ElectionType
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from tests.metadata.broker_world import BrokerWorld, states

PREFERRED_NOT_AVAILABLE = int(ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE)
NONE_ELIGIBLE = int(ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE)
NOT_NEEDED = int(ErrorCode.ELECTION_NOT_NEEDED)


@pytest.fixture
async def world() -> BrokerWorld:
    world = BrokerWorld()
    await world.begin()
    return world


async def test_the_reference_elects_the_same_leaders(world: BrokerWorld) -> None:
    three = [[1, 2, 3], [2, 3, 1], [3, 1, 2]]
    two = [[2, 3], [3, 2]]
    world.create("a", three)
    world.create("b", three, {"min.insync.replicas": "2"})
    world.create("c", two)
    world.create("d", two, {"min.insync.replicas": "2"})
    world.create("e", [[2], [3]])

    await world.stop(2)
    assert world.state() == states(
        """a0 1/0 13 - -; a1 3/1 31 - -; a2 3/0 31 - -; b0 1/0 13 - -; b1 3/1 31 - -; b2 3/0 31 - -;
        c0 3/1 3 - -; c1 3/0 3 - -; d0 3/1 3 2 -; d1 3/0 3 2 -; e0 -1/1 - 2 2; e1 3/0 3 - -"""
    )
    await world.up(2)
    assert world.state() == states(
        """a0 1/0 13 - -; a1 3/1 31 - -; a2 3/0 31 - -; b0 1/0 13 - -; b1 3/1 31 - -; b2 3/0 31 - -;
        c0 3/1 3 - -; c1 3/0 3 - -; d0 3/1 3 2 -; d1 3/0 3 2 -; e0 2/2 2 - -; e1 3/0 3 - -"""
    )
    world.catch_up()
    assert world.state() == states(
        """a0 1/0 123 - -; a1 3/1 123 - -; a2 3/0 123 - -; b0 1/0 123 - -; b1 3/1 123 - -; b2 3/0 123 - -;
        c0 3/1 23 - -; c1 3/0 23 - -; d0 3/1 23 - -; d1 3/0 23 - -; e0 2/2 2 - -; e1 3/0 3 - -"""
    )
    await world.kill(3)
    assert world.state() == states(
        """a0 1/0 12 - -; a1 2/2 12 - -; a2 1/1 12 - -; b0 1/0 12 - -; b1 2/2 12 - -; b2 1/1 12 - -;
        c0 2/2 2 - -; c1 2/1 2 - -; d0 2/2 2 3 -; d1 2/1 2 3 -; e0 2/2 2 - -; e1 -1/1 - 3 3"""
    )
    await world.stop(2)
    assert world.state() == states(
        """a0 1/0 1 - -; a1 1/3 1 - -; a2 1/1 1 - -; b0 1/0 1 2 -; b1 1/3 1 2 -; b2 1/1 1 2 -;
        c0 -1/3 - 2 2; c1 -1/2 - 2 2; d0 -1/3 - 23 2; d1 -1/2 - 23 2; e0 -1/3 - 2 2; e1 -1/1 - 3 3"""
    )
    await world.start(3)
    assert world.state() == states(
        """a0 1/0 13 - -; a1 1/3 13 - -; a2 1/1 13 - -; b0 1/0 13 - -; b1 1/3 13 - -; b2 1/1 13 - -;
        c0 -1/3 - 2 2; c1 -1/2 - 2 2; d0 -1/3 - 2 2; d1 -1/2 - 2 2; e0 -1/3 - 2 2; e1 3/2 3 - -"""
    )
    await world.start(2)
    assert world.state() == states(
        """a0 1/0 123 - -; a1 1/3 123 - -; a2 1/1 123 - -; b0 1/0 123 - -; b1 1/3 123 - -; b2 1/1 123 - -;
        c0 2/4 23 - -; c1 2/3 23 - -; d0 2/4 23 - -; d1 2/3 23 - -; e0 2/4 2 - -; e1 3/2 3 - -"""
    )
    assert world.elect(ElectionType.PREFERRED) == dict.fromkeys(("a0", "b0", "c0", "d0", "e0", "e1"), NOT_NEEDED)
    assert world.state() == states(
        """a0 1/0 123 - -; a1 2/4 123 - -; a2 3/2 123 - -; b0 1/0 123 - -; b1 2/4 123 - -; b2 3/2 123 - -;
        c0 2/4 23 - -; c1 3/4 23 - -; d0 2/4 23 - -; d1 3/4 23 - -; e0 2/4 2 - -; e1 3/2 3 - -"""
    )
    # Both died at once; the controller fenced 3 first.
    await world.kill(3)
    await world.kill(2)
    with_two_dead = states(
        """a0 1/0 1 - -; a1 1/5 1 - -; a2 1/3 1 - -; b0 1/0 1 2 -; b1 1/5 1 2 -; b2 1/3 1 2 -;
        c0 -1/5 - 2 2; c1 -1/6 - 2 2; d0 -1/5 - 23 2; d1 -1/6 - 23 2; e0 -1/5 - 2 2; e1 -1/3 - 3 3"""
    )
    assert world.state() == with_two_dead
    leaderless = ("c0", "c1", "d0", "d1", "e0", "e1")
    assert world.elect(ElectionType.PREFERRED) == {
        **dict.fromkeys(("a1", "a2", "b1", "b2", *leaderless), PREFERRED_NOT_AVAILABLE),
        **dict.fromkeys(("a0", "b0"), NOT_NEEDED),
    }
    assert world.elect(ElectionType.UNCLEAN) == {
        **dict.fromkeys(leaderless, NONE_ELIGIBLE),
        **dict.fromkeys(("a0", "a1", "a2", "b0", "b1", "b2"), NOT_NEEDED),
    }
    assert world.state() == with_two_dead
    await world.start(3)
    assert world.state() == states(
        """a0 1/0 13 - -; a1 1/5 13 - -; a2 1/3 13 - -; b0 1/0 13 - -; b1 1/5 13 - -; b2 1/3 13 - -;
        c0 -1/5 - 2 2; c1 -1/6 - 2 2; d0 -1/5 - 2 2; d1 -1/6 - 2 2; e0 -1/5 - 2 2; e1 3/4 3 - -"""
    )
    await world.start(2)
    assert world.state() == states(
        """a0 1/0 123 - -; a1 1/5 123 - -; a2 1/3 123 - -; b0 1/0 123 - -; b1 1/5 123 - -; b2 1/3 123 - -;
        c0 2/6 23 - -; c1 2/7 23 - -; d0 2/6 23 - -; d1 2/7 23 - -; e0 2/6 2 - -; e1 3/4 3 - -"""
    )


async def test_the_reference_reassigns_the_same_way(world: BrokerWorld) -> None:
    world.create("r", [[1, 2]] * 4)
    for number, replicas in enumerate([[2, 3], [2, 1], [3], [1]]):
        world.reassign("r", number, replicas)

    def under_way() -> dict[int, tuple[list[int], list[int], list[int]]]:
        return {
            partition.id: (list(partition.replicas), list(partition.adding), list(partition.removing))
            for _, partition in world.image.all_partitions()
            if partition.adding or partition.removing
        }

    assert under_way() == {0: ([2, 3, 1], [3], [1]), 2: ([3, 1, 2], [3], [1, 2])}
    world.catch_up()
    assert under_way() == {}
    assert [list(partition.replicas) for _, partition in world.image.all_partitions()] == [[2, 3], [2, 1], [3], [1]]
    assert world.state() == states("r0 2/1 23 - -; r1 1/0 12 - -; r2 3/1 3 - -; r3 1/1 1 - -")


async def test_a_reassignment_waits_for_a_broker_that_is_down_and_can_be_cancelled(world: BrokerWorld) -> None:
    world.create("x", [[1, 2]])
    await world.stop(3)
    for replicas, listed in (([1, 3], [1, 3, 2]), ([3, 1], [3, 1, 2])):
        world.reassign("x", 0, replicas)
        world.catch_up()
        partition = world.partition("x")
        assert (partition.replicas, partition.adding, partition.removing) == (listed, (3,), (2,))
        assert world.state() == states("x0 1/0 12 - -")
    world.reassign("x", 0, None)
    assert (world.partition("x").replicas, world.state()) == ([1, 2], states("x0 1/1 12 - -"))
    with pytest.raises(KafkaError) as refused:
        world.reassign("x", 0, None)
    assert refused.value.error_code == ErrorCode.NO_REASSIGNMENT_IN_PROGRESS
    world.reassign("x", 0, [3])
    await world.start(3)
    assert (world.partition("x").replicas, world.partition("x").leader) == ([3], 3)


async def test_an_unclean_election_takes_any_that_is_up_and_only_that_is_in_sync_then(world: BrokerWorld) -> None:
    world.create("u", [[1, 2]], {"unclean.leader.election.enable": "true"})
    world.create("c", [[1, 2]])
    await world.stop(2)
    await world.stop(1)
    await world.start(2)
    # Broker 2 left an ISR that had a member to spare.
    assert world.state() == states("u0 2/2 2 - -; c0 -1/1 - 1 1")
    assert world.elect(ElectionType.UNCLEAN, "c") == {}
    assert world.state() == states("u0 2/2 2 - -; c0 2/2 2 - -")
    await world.start(1)
    assert world.state() == states("u0 2/2 12 - -; c0 2/2 12 - -")


async def test_without_eligible_leader_replicas_the_last_one_stays_in_sync() -> None:
    world = BrokerWorld(2, has_elr=False)
    await world.begin()
    world.create("d", [[1, 2]], {"min.insync.replicas": "2"})
    await world.stop(1)
    await world.stop(2)
    assert world.state() == states("d0 -1/2 2 - -")
    await world.start(1)
    assert world.state() == states("d0 -1/2 2 - -")
    await world.start(2)
    assert world.state() == states("d0 2/3 12 - -")


async def test_a_broker_that_is_down_does_not_come_into_the_isr(world: BrokerWorld) -> None:
    world.create("a", [[1, 2, 3]])
    await world.stop(3)
    world.catch_up()
    assert world.partition("a").isr == [1, 2]
    for broker in (1, 2):
        await world.stop(broker)
    assert (world.partition("a").leader, list(world.image.brokers)) == (NO_LEADER, [])
    world.catch_up()
    assert world.partition("a").isr == []


async def test_the_controller_moves_when_its_broker_goes(world: BrokerWorld) -> None:
    assert (world.image.controller_id, world.image.controller_epoch) == (1, 0)
    await world.stop(2)
    assert (world.image.controller_id, world.image.controller_epoch) == (1, 0)
    await world.kill(1)
    assert (world.image.controller_id, world.image.controller_epoch) == (3, 1)
    await world.start(1)
    assert world.image.controller_id == 3
    for broker in (1, 3):
        await world.stop(broker)
    assert world.image.controller_id == NO_LEADER
    await world.start(2)
    assert world.image.controller_id == 2
    assert BrokerId(2) in world.image.brokers
