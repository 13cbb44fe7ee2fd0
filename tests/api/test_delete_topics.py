from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse, DeleteTopicState
from kafka_compat.protocol.messages.describe_log_dirs import DescribeLogDirsRequest, DescribeLogDirsResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.testing.cluster import Cluster
from tests.api.worlds import World


def delete(world: World, name: str) -> ErrorCode:
    answer = world.call(DeleteTopicsRequest(topic_names=[name], timeout_ms=10_000), 5, DeleteTopicsResponse)
    return ErrorCode(answer.responses[0].error_code)


def test_deleted_topic_is_unknown_by_name_and_by_id(world: World) -> None:
    name = world.topic()
    topic_id = world.metadata(name).topic_id
    assert delete(world, name) == ErrorCode.NONE
    assert world.metadata(name).error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    by_id = DeleteTopicsRequest(topics=[DeleteTopicState(name=None, topic_id=topic_id)], timeout_ms=10_000)
    assert world.call(by_id, 6, DeleteTopicsResponse).responses[0].error_code == ErrorCode.UNKNOWN_TOPIC_ID


def test_topic_made_again_is_empty_and_has_default_configs(world: World) -> None:
    name = world.topic(configs={"retention.ms": "5000"})
    world.produce(name, 3)
    old_id = world.metadata(name).topic_id
    delete(world, name)
    topic = CreatableTopic(name=name, num_partitions=1, replication_factor=1)
    made = world.call(CreateTopicsRequest(topics=[topic], timeout_ms=10_000), 7, CreateTopicsResponse).topics[0]
    assert made.topic_id != old_id
    assert {config.name: config.value for config in made.configs or ()}["retention.ms"] == "604800000"
    sizes = world.call(DescribeLogDirsRequest(topics=None), 4, DescribeLogDirsResponse).results[0].topics
    assert [p.partition_size for t in sizes if t.name == name for p in t.partitions] == [0]
    world.produce(name)


def test_waiting_fetch_ends_at_once(world: World) -> None:
    name = world.topic()
    topic = FetchTopic(topic=name, partitions=[FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1000)])
    fetch = FetchRequest(max_wait_ms=100_000, min_bytes=1, max_bytes=1000, topics=[topic])
    with World(world.cluster) as other:
        other.client().send(fetch, 12)
        delete(world, name)
        answer = other.client().receive(fetch, 12, FetchResponse)
    assert answer.responses[0].partitions[0].error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def test_deletion_survives_a_restart() -> None:
    with Cluster() as cluster, World(cluster) as world:
        kept, deleted = world.topic("kept"), world.topic("deleted", configs={"retention.ms": "5000"})
        delete(world, deleted)
    with Cluster(file_system=cluster.file_system) as again, World(again) as world:
        assert world.metadata(kept).error_code == ErrorCode.NONE
        assert world.metadata(deleted).error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


@pytest.mark.kafka(configs={"delete.topic.enable": "false"})
def test_deletion_can_be_forbidden(world: World) -> None:
    name = world.topic()
    assert delete(world, name) == ErrorCode.TOPIC_DELETION_DISABLED
    assert world.metadata(name).error_code == ErrorCode.NONE
