"""Brokers that stop, die, start, come and go; leaders, ISRs, coordinators and the controller moved by hand."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.describe_cluster import DescribeClusterRequest, DescribeClusterResponse
from kafka_compat.protocol.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumRequestPartitionData,
    DescribeQuorumRequestTopicData,
    DescribeQuorumResponse,
    DescribeQuorumResponsePartitionData,
)
from kafka_compat.protocol.messages.describe_topic_partitions import (
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition,
    TopicRequest,
)
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.protocol.messages.produce import ProduceResponse
from kafka_compat.protocol.messages.unregister_broker import UnregisterBrokerRequest, UnregisterBrokerResponse
from kafka_compat.testing import Kafka, Node, TopicSpec
from tests.support.wire_client import ConnectionClosed, WireClient
from tests.testing.one_topic import produce, produce_request, values


@pytest.fixture
def three() -> Iterator[Kafka]:
    with Kafka(brokers=3, topics={"t": 3}) as kafka:
        yield kafka


def client(kafka: Kafka, broker: int) -> WireClient:
    handle = kafka.brokers[broker]
    return WireClient(f"{handle.host}:{handle.port}")


def metadata(kafka: Kafka, broker: int, version: int = 12) -> MetadataResponse:
    with client(kafka, broker) as connection:
        return connection.call(MetadataRequest(topics=[MetadataRequestTopic(name="t")]), version, MetadataResponse)


def described(kafka: Kafka, broker: int, partition: int = 0) -> DescribeTopicPartitionsResponsePartition:
    with client(kafka, broker) as connection:
        request = DescribeTopicPartitionsRequest(topics=[TopicRequest(name="t")])
        answer = connection.call(request, 0, DescribeTopicPartitionsResponse)
        return answer.topics[0].partitions[partition]


def quorum(kafka: Kafka, broker: int) -> DescribeQuorumResponsePartitionData:
    wanted = DescribeQuorumRequestPartitionData(partition_index=0)
    request = DescribeQuorumRequest(
        topics=[DescribeQuorumRequestTopicData(topic_name="__cluster_metadata", partitions=[wanted])]
    )
    with client(kafka, broker) as connection:
        return connection.call(request, 2, DescribeQuorumResponse).topics[0].partitions[0]


def leaders(kafka: Kafka) -> list[int]:
    return [kafka.topology.leader("t", partition) for partition in range(3)]


# --- stop, kill, start


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_others_lead_while_a_broker_is_down_and_it_is_in_sync_when_it_is_back(three: Kafka, how: str) -> None:
    assert leaders(three) == [1, 2, 3]
    getattr(three.brokers[2], how)()
    assert leaders(three) == [1, 3, 3]
    assert three.topology.in_sync("t") == (1, 3)
    answer = metadata(three, 1)
    assert [broker.node_id for broker in answer.brokers] == [1, 3]
    assert [sorted(partition.offline_replicas) for partition in answer.topics[0].partitions] == [[2]] * 3
    assert {partition.error_code for partition in answer.topics[0].partitions} == {ErrorCode.NONE}
    with client(three, 3) as connection:
        assert produce(connection, b"while it is down", 1) == ErrorCode.NONE
    three.brokers[2].start()
    assert (leaders(three), three.topology.in_sync("t", 1)) == ([1, 3, 3], (1, 2, 3))
    three.topology.elect("t")
    assert leaders(three) == [1, 2, 3]
    with client(three, 2) as connection:
        assert values(connection, 1) == [b"while it is down"]


def test_a_broker_keeps_its_port(three: Kafka) -> None:
    before = three.bootstrap_servers
    port = three.brokers[1].port
    three.brokers[1].restart()
    assert (three.brokers[1].port, three.bootstrap_servers) == (port, before)
    assert metadata(three, 1).controller_id == 2


def test_nobody_listens_at_a_broker_that_is_down(three: Kafka) -> None:
    handle = three.brokers[3]
    connection = client(three, 3)
    handle.kill()
    with pytest.raises((ConnectionClosed, ConnectionError)):
        connection.call(MetadataRequest(), 12, MetadataResponse)
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((handle.host, handle.port)).close()
    assert (handle.is_running, three.brokers[1].is_running) == (False, True)
    assert repr(handle) == f"<broker 3 at 127.0.0.1:{handle.port}, down>"


def test_a_cluster_of_one_is_leaderless_while_its_broker_is_down() -> None:
    """Its leader epoch rises by two, as with a restart of the reference."""
    with Kafka(topics={"t": 1}) as kafka:
        with client(kafka, 1) as connection:
            produce(connection, b"1")
        kafka.brokers[1].stop()
        assert kafka.topology.leader("t") == -1
        assert kafka.topology.controller == -1
        kafka.brokers[1].start()
        assert (kafka.topology.leader("t"), kafka.topology.controller) == (1, 1)
        assert described(kafka, 1).leader_epoch == 2
        with client(kafka, 1) as connection:
            assert values(connection) == [b"1"]


def test_a_partition_without_a_leader_says_so() -> None:
    """Apache Kafka 4.3.1: LEADER_NOT_AVAILABLE, an empty ISR, and the broker that is down eligible and last known to lead."""
    with Kafka(brokers=2, topics={"t": TopicSpec(2, replication_factor=1)}) as kafka:
        kafka.brokers[2].stop()
        partition = next(each for each in metadata(kafka, 1).topics[0].partitions if each.partition_index == 1)
        assert (partition.error_code, partition.leader_id, partition.leader_epoch) == (ErrorCode.LEADER_NOT_AVAILABLE, -1, 1)
        assert (partition.replica_nodes, partition.isr_nodes, partition.offline_replicas) == ([2], [], [2])
        found = described(kafka, 1, 1)
        assert (found.eligible_leader_replicas, found.last_known_elr) == ([2], [2])
        kafka.brokers[2].start()
        found = described(kafka, 1, 1)
        assert (found.leader_id, found.leader_epoch, found.isr_nodes) == (2, 2, [2])
        assert (found.eligible_leader_replicas, found.last_known_elr) == ([], [])


def test_what_was_asked_is_answered_by_a_broker_that_stops_and_not_by_one_that_dies(three: Kafka) -> None:
    for how, is_answered in (("stop", True), ("kill", False)):
        with client(three, 2) as connection:
            poll = long_poll(three, connection, 1)
            getattr(three.brokers[2], how)()
            if is_answered:
                partition = connection.receive(poll, 12, FetchResponse).responses[0].partitions[0]
                # It still follows and could serve on (KIP-392), but not who asks for its leadership.
                assert partition.error_code == ErrorCode.FENCED_LEADER_EPOCH
            else:
                with pytest.raises((ConnectionClosed, ConnectionError)):
                    connection.receive(poll, 12, FetchResponse)
        three.brokers[2].start()
        three.topology.elect("t")


def long_poll(kafka: Kafka, connection: WireClient, partition: int) -> FetchRequest:
    """Send a fetch that waits for a record; it waits when this returns."""

    async def epoch() -> int:
        found = kafka.cluster.state.controller.image.partition("t", partition)
        assert found is not None
        return found.leader_epoch

    asked = FetchPartition(
        partition=partition, fetch_offset=0, partition_max_bytes=1000, current_leader_epoch=kafka.cluster.run(epoch())
    )
    wanted = FetchTopic(topic="t", partitions=[asked])
    poll = FetchRequest(max_wait_ms=60_000, min_bytes=1, max_bytes=1000, topics=[wanted])
    connection.send(poll, 12)
    deadline = time.monotonic() + 10

    async def waits() -> int:
        return len(kafka.cluster.state.purgatory)

    while not kafka.cluster.run(waits()):
        assert time.monotonic() < deadline
    return poll


def test_waits_of_other_brokers_go_on(three: Kafka) -> None:
    with client(three, 1) as connection, client(three, 1) as producer:
        poll = long_poll(three, connection, 0)
        three.brokers[2].kill()
        three.brokers[3].stop()
        assert produce(producer, b"1") == ErrorCode.NONE
        partition = connection.receive(poll, 12, FetchResponse).responses[0].partitions[0]
        assert (partition.error_code, partition.high_watermark) == (ErrorCode.NONE, 1)


def test_fenced_brokers_are_described_and_can_be_unregistered(three: Kafka) -> None:
    three.brokers[3].stop()
    with client(three, 1) as connection:
        for include, expected in ((False, {1: False, 2: False}), (True, {1: False, 2: False, 3: True})):
            request = DescribeClusterRequest(include_fenced_brokers=include)
            answer = connection.call(request, 2, DescribeClusterResponse)
            assert {broker.broker_id: broker.is_fenced for broker in answer.brokers} == expected
        for broker, error in ((3, 0), (3, ErrorCode.BROKER_ID_NOT_REGISTERED), (2, ErrorCode.INVALID_REQUEST)):
            assert connection.call(UnregisterBrokerRequest(broker_id=broker), 0, UnregisterBrokerResponse).error_code == error
        answer = connection.call(DescribeClusterRequest(include_fenced_brokers=True), 2, DescribeClusterResponse)
        assert [broker.broker_id for broker in answer.brokers] == [1, 2]
    # Its replicas wait for it all the same.
    three.brokers[3].start()
    assert three.topology.in_sync("t", 2) == (1, 2, 3)


def test_topics_are_made_grown_and_deleted_while_a_broker_is_down(three: Kafka) -> None:
    three.brokers[3].stop()
    made = three.create_topic("new", 2, replication_factor=3, configs={"retention.ms": "1000"})
    assert [(len(partition.replicas), sorted(partition.isr)) for partition in made.partitions] == [(3, [1, 2])] * 2
    assert all(partition.replicas[-1] == 3 for partition in made.partitions)
    three.delete_topic("t")
    three.brokers[3].start()
    assert three.topology.in_sync("new", 1) == (1, 2, 3)
    assert "t" not in three.topics


# --- the controller, coordinators


def test_the_controller_moves_with_its_broker_and_by_hand(three: Kafka) -> None:
    assert (three.topology.controller, three.brokers[1].is_controller) == (1, True)
    before = quorum(three, 2)
    assert (before.leader_id, [voter.replica_id for voter in before.current_voters]) == (1, [1, 2, 3])
    three.brokers[1].kill()
    after = quorum(three, 2)
    assert (after.leader_id, after.leader_epoch) == (2, before.leader_epoch + 1)
    # Apache Kafka 4.3.1: of a voter that is down the new leader knows nothing.
    assert [voter.log_end_offset for voter in after.current_voters] == [-1, after.high_watermark, after.high_watermark]
    three.topology.move_controller(3)
    assert (metadata(three, 2).controller_id, quorum(three, 3).leader_epoch) == (3, before.leader_epoch + 2)


def test_a_coordinator_moves(three: Kafka) -> None:
    before = three.topology.coordinator("app")
    after = next(broker for broker in three.brokers if broker != before)
    three.topology.move_coordinator("app", to=after)
    assert three.topology.coordinator("app") == after
    beat = HeartbeatRequest(group_id="app", generation_id=1, member_id="nobody")
    with client(three, before) as old, client(three, after) as new:
        assert old.call(beat, 4, HeartbeatResponse).error_code == ErrorCode.NOT_COORDINATOR
        assert new.call(beat, 4, HeartbeatResponse).error_code == ErrorCode.UNKNOWN_MEMBER_ID
    three.topology.move_coordinator(transactional_id="writer", to=2)
    assert three.topology.coordinator(transactional_id="writer") == 2
    three.brokers[2].kill()
    assert three.topology.coordinator(transactional_id="writer") in (1, 3)
    with pytest.raises(TypeError, match="name a group= or a transactional_id="):
        three.topology.coordinator()


# --- leaders and replicas


def test_a_leader_moves_also_to_a_broker_that_has_no_replica() -> None:
    with Kafka(brokers=3, topics={"t": TopicSpec(1, replication_factor=2)}) as kafka:
        with client(kafka, kafka.topology.leader("t")) as connection:
            produce(connection, b"1")
        replicas = set(kafka.topics["t"].partitions[0].replicas)
        first, second = kafka.topology.leader("t"), next(each for each in replicas if each != kafka.topology.leader("t"))
        kafka.topology.move_leader("t", to=second)
        assert (kafka.topology.leader("t"), described(kafka, 1).leader_epoch) == (second, 1)
        third = ({1, 2, 3} - replicas).pop()
        kafka.topology.move_leader("t", to=third)
        assert kafka.topology.leader("t") == third
        assert set(kafka.topics["t"].partitions[0].replicas) == {first, third}
        kafka.topology.move_leader("t", to=third)
        assert described(kafka, 1).leader_epoch == 2
        with client(kafka, third) as connection:
            assert values(connection) == [b"1"]


def test_a_leader_is_taken_away_and_elected(three: Kafka) -> None:
    three.topology.no_leader("t")
    assert three.topology.leader("t") == -1
    three.topology.no_leader("t")
    with client(three, 1) as connection:
        assert produce(connection, b"1") == ErrorCode.NOT_LEADER_OR_FOLLOWER
    three.topology.elect("t", 0)
    assert (three.topology.leader("t"), three.topology.in_sync("t")) == (1, (1, 2, 3))
    assert described(three, 1).leader_epoch == 2
    with pytest.raises(KafkaError) as refused:
        three.topology.elect("t", 0)
    assert refused.value.error_code == ErrorCode.ELECTION_NOT_NEEDED
    three.topology.elect("t")
    three.topology.bump_epoch("t")
    assert (three.topology.leader("t"), described(three, 1).leader_epoch) == (1, 3)


def test_an_isr_is_set_and_stays_so(three: Kafka) -> None:
    three.topology.shrink("t", without=3)
    assert three.topology.in_sync("t") == (1, 2)
    three.brokers[3].restart()
    three.topology.bump_epoch("t")
    assert three.topology.in_sync("t") == (1, 2)
    assert three.topology.in_sync("t", 1) == (1, 2, 3)
    three.topology.set_isr("t", isr=[1, 2, 3])
    assert three.topology.in_sync("t") == (1, 2, 3)


def test_a_leader_alone_in_the_isr_takes_no_record_that_two_must_have() -> None:
    with Kafka(brokers=3, topics={"t": 1}, configs={"min.insync.replicas": 2}) as kafka:
        kafka.topology.set_isr("t", isr=[1])
        with client(kafka, 1) as connection:
            assert produce(connection, b"1") == ErrorCode.NOT_ENOUGH_REPLICAS
            kafka.topology.set_isr("t", isr=[1, 3])
            assert produce(connection, b"1") == ErrorCode.NONE


def test_paused_replicas_leave_the_isr_in_time_and_come_back() -> None:
    with Kafka(brokers=3, topics={"t": 1}, clock="manual", configs={"replica.lag.time.max.ms": 5_000}) as kafka:
        kafka.brokers[3].pause_replication()
        waiting = produce_request(b"1")
        waiting.timeout_ms = 60_000
        with client(kafka, 1) as connection:
            connection.send(waiting, 9)
            kafka.cluster.advance(5_000)
            assert kafka.topology.in_sync("t") == (1, 2, 3)
            kafka.cluster.advance(2)
            assert kafka.topology.in_sync("t") == (1, 2)
            answer = connection.receive(waiting, 9, ProduceResponse)
            assert answer.responses[0].partition_responses[0].error_code == ErrorCode.NONE
        kafka.brokers[3].resume_replication()
        assert kafka.topology.in_sync("t") == (1, 2, 3)


def test_preferred_replicas_lead_again_in_time() -> None:
    with Kafka(brokers=3, topics={"t": 3}, clock="manual") as kafka:
        kafka.brokers[2].restart()
        assert leaders(kafka) == [1, 3, 3]
        kafka.cluster.advance(300_000)
        assert leaders(kafka) == [1, 2, 3]


# --- brokers that come and go, and how they look


def test_brokers_are_added_and_removed(three: Kafka) -> None:
    added = three.topology.add_broker(rack="attic")
    assert (added.id, added.rack, list(three.brokers)) == (4, "attic", [1, 2, 3, 4])
    assert [broker.rack for broker in metadata(three, 1).brokers] == [None, None, None, "attic"]
    assert str(added.port) in three.bootstrap_servers
    three.topology.move_leader("t", to=4)
    three.topology.remove_broker(4)
    assert (list(three.brokers), three.topology.leader("t")) == ([1, 2, 3], 2)
    with pytest.raises(KeyError):
        three.brokers[4]
    assert three.topology.add_broker(9).id == 9


def test_a_hidden_broker_serves_and_is_not_named(three: Kafka) -> None:
    with client(three, 1) as connection:
        three.brokers[1].hide()
        assert three.brokers[1].is_hidden
        for version, error in ((5, ErrorCode.LEADER_NOT_AVAILABLE), (12, ErrorCode.LISTENER_NOT_FOUND)):
            answer = metadata(three, 2, version)
            assert [broker.node_id for broker in answer.brokers] == [2, 3]
            partition = next(each for each in answer.topics[0].partitions if each.partition_index == 0)
            assert (partition.error_code, partition.leader_id) == (error, -1)
        assert produce(connection, b"1") == ErrorCode.NONE
        assert connection.call(MetadataRequest(topics=[]), 12, MetadataResponse).brokers[0].node_id == 2
    three.brokers[1].show()
    assert [broker.node_id for broker in metadata(three, 2).brokers] == [1, 2, 3]
    assert three.topology.leader("t") == 1


def test_a_rack_is_changed_and_kept_over_a_restart() -> None:
    with Kafka(brokers=[Node(5, rack="a"), Node(7)], topics={"t": 1}) as kafka:
        assert [kafka.brokers[each].rack for each in kafka.brokers] == ["a", None]
        kafka.brokers[7].set_rack("b")
        assert [broker.rack for broker in metadata(kafka, 5).brokers] == ["a", "b"]
        kafka.brokers[5].stop()
        kafka.brokers[5].set_rack("c")
        kafka.brokers[5].start()
        assert [broker.rack for broker in metadata(kafka, 7).brokers] == ["c", "b"]


def test_a_slow_broker_takes_its_time(three: Kafka) -> None:
    three.brokers[2].slow(0.05)
    with client(three, 2) as slow, client(three, 1) as other:
        began = time.monotonic()
        other.call(MetadataRequest(topics=[]), 12, MetadataResponse)
        in_between = time.monotonic()
        slow.call(MetadataRequest(topics=[]), 12, MetadataResponse)
        assert time.monotonic() - in_between >= 0.05
        three.brokers[2].slow(None)
        assert in_between - began < 5
        slow.call(MetadataRequest(topics=[]), 12, MetadataResponse)
    assert list(three.faults) == []


def test_reset_brings_all_back(three: Kafka) -> None:
    ports = {broker: handle.port for broker, handle in three.brokers.items()}
    three.topology.add_broker()
    three.brokers[1].kill()
    three.brokers[2].hide()
    three.topology.set_isr("t", isr=[three.topology.leader("t")])
    three.reset()
    assert {broker: handle.port for broker, handle in three.brokers.items()} == ports
    assert all(handle.is_running and not handle.is_hidden for handle in three.brokers.values())
    assert (leaders(three), three.topology.in_sync("t")) == ([1, 2, 3], (1, 2, 3))
    with client(three, 1) as connection:
        assert produce(connection, b"1") == ErrorCode.NONE


def test_a_cluster_goes_on_with_fewer_brokers_on_the_data_of_more(tmp_path: Path) -> None:
    with Kafka(brokers=3, topics={"t": 3}, data_dir=tmp_path) as kafka:
        kafka.brokers[2].stop()
        with client(kafka, kafka.topology.leader("t", 2)) as connection:
            produce(connection, b"1", 2)
    with Kafka(brokers=2, data_dir=tmp_path) as kafka:
        assert leaders(kafka) == [1, 1, 1]
        assert [kafka.topology.in_sync("t", partition) for partition in range(3)] == [(1, 2)] * 3
        with client(kafka, kafka.topology.leader("t", 2)) as connection:
            assert values(connection, 2) == [b"1"]


# --- refusals


def test_what_cannot_be_is_refused_in_a_sentence(three: Kafka) -> None:
    topology = three.topology
    with pytest.raises(RuntimeError, match="broker 1 runs already"):
        three.brokers[1].start()
    three.brokers[3].stop()
    with pytest.raises(RuntimeError, match="broker 3 does not run; 1, 2 run"):
        three.brokers[3].kill()
    with pytest.raises(ValueError, match="broker 3 does not run, 1, 2 do"):
        topology.move_leader("t", to=3)
    with pytest.raises(ValueError, match="broker 8 does not run, 1, 2 do"):
        topology.move_controller(8)
    with pytest.raises(ValueError, match="there is no topic 'nope', only 't'"):
        topology.leader("nope")
    with pytest.raises(ValueError, match="topic 't' has no partition 3, but 3, from 0"):
        topology.bump_epoch("t", 3)
    with pytest.raises(ValueError, match="the ISR of t-0 has its leader in it, which is 1"):
        topology.set_isr("t", isr=[2])
    with pytest.raises(ValueError, match="3 cannot be in sync: they do not run"):
        topology.set_isr("t", isr=[1, 3])
    with pytest.raises(ValueError, match="t-0 has no replica on 9, but on 1, 2, 3"):
        topology.set_isr("t", isr=[1, 9])
    with pytest.raises(ValueError, match="there is a broker 2 already"):
        topology.add_broker(2)
    with pytest.raises(ValueError, match="there is no broker 8, only 1, 2, 3"):
        topology.remove_broker(8)
    topology.set_isr("t", isr=[1])
    with pytest.raises(ValueError, match="broker 2 is not in sync with t-0, 1 are: resume its replication, or elect"):
        topology.move_leader("t", to=2)
    three.brokers[1].stop()
    with pytest.raises(RuntimeError, match="broker 2 is the last one that runs"):
        topology.remove_broker(2)
