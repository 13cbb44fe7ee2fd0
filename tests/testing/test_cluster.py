"""The cluster inside the test process: several brokers, faults, restarts, virtual time."""

from __future__ import annotations

import asyncio

import pytest

from kafka_compat.ids import TopicId
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.protocol.messages.produce import ProduceResponse
from kafka_compat.records.builder import build_batch
from kafka_compat.storage.interface import LogId, LogPolicy
from kafka_compat.storage.local import LocalLogStore
from kafka_compat.testing import Cluster, ManualClock
from tests.support.wire_client import WireClient
from tests.testing.one_topic import produce, produce_request, values


def test_leaders_are_spread_and_others_say_who_leads() -> None:
    with Cluster(brokers=3, topics={"t": 3}) as cluster:
        nodes = cluster.bootstrap.split(",")
        with WireClient(nodes[0]) as client:
            metadata = client.call(MetadataRequest(topics=None), 9, MetadataResponse)
            assert [broker.node_id for broker in metadata.brokers] == [1, 2, 3]
            leaders = {partition.partition_index: partition.leader_id for partition in metadata.topics[0].partitions}
            assert sorted(leaders.values()) == [1, 2, 3]
            led_elsewhere = next(partition for partition, leader in leaders.items() if leader != 1)
            response = client.call(produce_request(b"x", led_elsewhere), 11, ProduceResponse)
            answer = response.responses[0].partition_responses[0]
            assert answer.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
            assert answer.current_leader.leader_id == leaders[led_elsewhere]
            (endpoint,) = response.node_endpoints
        with WireClient(f"{endpoint.host}:{endpoint.port}") as leader:
            assert produce(leader, b"x", led_elsewhere) == ErrorCode.NONE


def test_the_same_file_system_is_a_restart() -> None:
    first = Cluster(topics={"t": 1})
    with first, WireClient(first.bootstrap) as client:
        produce(client, b"kept")
    with Cluster(file_system=first.file_system) as second, WireClient(second.bootstrap) as client:
        assert values(client) == [b"kept"]


def test_logs_that_no_topic_owns_are_set_aside_not_deleted() -> None:
    """Whoever loses a topic's metadata must not lose the records with them; as Kafka does with the log of an unknown topic."""
    first = Cluster(topics={"other": 1})
    with first:
        pass
    file_system = first.file_system

    async def make_logs_without_a_topic() -> None:
        store = LocalLogStore(file_system, "/kafka-data")
        for topic in ("t", "empty"):
            log_id = LogId(topic, 0, TopicId(topic.encode().ljust(16)))
            await store.create(log_id, 0)
            log = await store.open(log_id, 0, LogPolicy())
            if topic == "t":
                log.append(build_batch([(0, None, b"kept", ())]), 0, 0, 0, 0)
        await store.close()

    asyncio.run(make_logs_without_a_topic())
    with Cluster(file_system=file_system, topics={"t": 1}) as second, WireClient(second.bootstrap) as client:
        assert values(client) == []
        (stray,) = (name for name in file_system.list_directory("/kafka-data") if name.endswith("-stray"))
        assert stray.startswith("t-0.")
        assert file_system.exists(f"/kafka-data/{stray}/{0:020d}.log")


def test_a_day_passes_in_no_time() -> None:
    """Retention follows the manual clock: a segment older than retention.ms goes at the next check."""
    clock = ManualClock()
    configs = {"log.retention.ms": "3600000", "log.roll.ms": "600000"}
    with Cluster(topics={"t": 1}, clock=clock, configs=configs) as cluster, WireClient(cluster.bootstrap) as client:
        produce(client, b"old")
        assert values(client) == [b"old"]
        cluster.advance(24 * 3600 * 1000)
        request = FetchRequest(
            max_bytes=1 << 20,
            topics=[
                FetchTopic(topic="t", partitions=[FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1 << 20)])
            ],
        )
        response = client.call(request, 12, FetchResponse)
        assert response.responses[0].partitions[0].error_code == ErrorCode.OFFSET_OUT_OF_RANGE


def test_only_a_manual_clock_can_be_advanced() -> None:
    with Cluster() as cluster, pytest.raises(TypeError, match=r"clock=.manual."):
        cluster.advance(1)
