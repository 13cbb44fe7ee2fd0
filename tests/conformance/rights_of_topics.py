"""What users send to see, make, change and delete topics, and configs of all kinds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.messages.alter_configs import AlterableConfig, AlterConfigsRequest, AlterConfigsResource
from kafka_compat.protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    ReassignablePartition,
    ReassignableTopic,
)
from kafka_compat.protocol.messages.alter_replica_log_dirs import (
    AlterReplicaLogDir,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirTopic,
)
from kafka_compat.protocol.messages.create_partitions import CreatePartitionsRequest, CreatePartitionsTopic
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicState
from kafka_compat.protocol.messages.describe_configs import DescribeConfigsRequest, DescribeConfigsResource
from kafka_compat.protocol.messages.describe_log_dirs import DescribableLogDirTopic, DescribeLogDirsRequest
from kafka_compat.protocol.messages.describe_producers import DescribeProducersRequest
from kafka_compat.protocol.messages.describe_producers import TopicRequest as ProducersTopic
from kafka_compat.protocol.messages.describe_topic_partitions import DescribeTopicPartitionsRequest
from kafka_compat.protocol.messages.describe_topic_partitions import TopicRequest as PartitionsTopic
from kafka_compat.protocol.messages.elect_leaders import ElectLeadersRequest, TopicPartitions
from kafka_compat.protocol.messages.incremental_alter_configs import (
    AlterableConfig as IncrementalConfig,
)
from kafka_compat.protocol.messages.incremental_alter_configs import (
    AlterConfigsResource as IncrementalResource,
)
from kafka_compat.protocol.messages.incremental_alter_configs import IncrementalAlterConfigsRequest
from kafka_compat.protocol.messages.list_config_resources import ListConfigResourcesRequest
from kafka_compat.protocol.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsTopics,
)
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic
from tests.conformance.rights_ground import DOOMED, GONE, GONE_GROUP, HERE, HERE_GROUP, OTHER, Case, Ground

_TOPICS: Final = (OTHER, HERE, GONE)
# Resource type, name and a key.
_TOPIC_CONFIGS: Final = tuple((2, topic, "retention.ms") for topic in _TOPICS)
_OTHER_CONFIGS: Final = (
    (4, "1", "message.max.bytes"),
    (4, "", "message.max.bytes"),
    (8, "1", "org.apache.kafka"),
    (16, "my-metrics", "interval.ms"),
    (32, HERE_GROUP, "consumer.session.timeout.ms"),
    (32, GONE_GROUP, "consumer.session.timeout.ms"),
)


def _metadata() -> Iterator[Case]:
    def named(ground: Ground, version: int) -> MetadataRequest:
        return MetadataRequest(
            topics=[MetadataRequestTopic(name=name) for name in _TOPICS],
            allow_auto_topic_creation=False,
            include_cluster_authorized_operations=8 <= version <= 10,
            include_topic_authorized_operations=version >= 8,
        )

    def by_id(ground: Ground, version: int) -> MetadataRequest:
        ids = [MetadataRequestTopic(topic_id=ground.topic_id(name), name=None) for name in _TOPICS]
        return MetadataRequest(topics=ids, allow_auto_topic_creation=False, include_topic_authorized_operations=True)

    yield Case(ApiKey.METADATA, "named", named, (4, 10, 13), ("topics",))
    yield Case(ApiKey.METADATA, "by id", by_id, (12, 13), ("topics",))
    everything = MetadataRequest(topics=None)
    yield Case(ApiKey.METADATA, "all", lambda ground, version: everything, (1, 13), ("topics", "partitions"))
    described = DescribeTopicPartitionsRequest(topics=[PartitionsTopic(name=name) for name in sorted(_TOPICS)])
    yield Case(ApiKey.DESCRIBE_TOPIC_PARTITIONS, "named", lambda ground, version: described, unordered=("topics",))
    all_of_them = DescribeTopicPartitionsRequest(response_partition_limit=3)
    yield Case(ApiKey.DESCRIBE_TOPIC_PARTITIONS, "all", lambda ground, version: all_of_them)


def _changes() -> Iterator[Case]:
    made = CreateTopicsRequest(
        topics=[CreatableTopic(name=name, num_partitions=1, replication_factor=1) for name in (GONE, HERE, "your-new")],
        validate_only=True,
        timeout_ms=10_000,
    )
    yield Case(ApiKey.CREATE_TOPICS, "mixed", lambda ground, version: made, (2, 7), ("topics", "configs"))
    grown = CreatePartitionsRequest(
        topics=[CreatePartitionsTopic(name=name, count=2, assignments=None) for name in _TOPICS],
        validate_only=True,
        timeout_ms=10_000,
    )
    yield Case(ApiKey.CREATE_PARTITIONS, "mixed", lambda ground, version: grown, (0, 3), ("results",))

    def by_name(ground: Ground, version: int) -> DeleteTopicsRequest:
        names = [DOOMED, GONE, "your-gone"]
        if version < 6:
            return DeleteTopicsRequest(topic_names=names, timeout_ms=10_000)
        return DeleteTopicsRequest(topics=[DeleteTopicState(name=name) for name in names], timeout_ms=10_000)

    def by_id(ground: Ground, version: int) -> DeleteTopicsRequest:
        ids = [DeleteTopicState(name=None, topic_id=ground.topic_id(name)) for name in (DOOMED, GONE)]
        return DeleteTopicsRequest(topics=ids, timeout_ms=10_000)

    yield Case(ApiKey.DELETE_TOPICS, "by name", by_name, (1, 6), ("responses",), undo=_make_again)
    yield Case(ApiKey.DELETE_TOPICS, "by id", by_id, (6,), ("responses",), undo=_make_again)


def _make_again(ground: Ground) -> None:
    ground.make_topic(DOOMED)


def _configs() -> Iterator[Case]:
    for label, wanted, versions in (("of topics", _TOPIC_CONFIGS, (1, 4)), ("of others", _OTHER_CONFIGS, (4,))):
        described = DescribeConfigsRequest(
            resources=[
                DescribeConfigsResource(resource_type=kind, resource_name=name, configuration_keys=[key])
                for kind, name, key in wanted
            ]
        )
        yield _same(ApiKey.DESCRIBE_CONFIGS, label, described, versions, "results")
        altered = AlterConfigsRequest(
            resources=[
                AlterConfigsResource(
                    resource_type=kind, resource_name=name, configs=[AlterableConfig(name=key, value=_value(kind))]
                )
                for kind, name, key in wanted
            ],
            validate_only=True,
        )
        yield _same(ApiKey.ALTER_CONFIGS, label, altered, (0, 2), "responses")
        changed = IncrementalAlterConfigsRequest(
            resources=[
                IncrementalResource(
                    resource_type=kind, resource_name=name, configs=[IncrementalConfig(name=key, value=_value(kind))]
                )
                for kind, name, key in wanted
            ],
            validate_only=True,
        )
        yield _same(ApiKey.INCREMENTAL_ALTER_CONFIGS, label, changed, (0, 1), "responses")
    listed = ListConfigResourcesRequest()
    yield _same(ApiKey.LIST_CONFIG_RESOURCES, "all", listed, (0, 1), "config_resources")


def _value(resource_type: int) -> str:
    return "INFO" if resource_type == 8 else "60000"


def _same(
    api: ApiKey,
    label: str,
    request: DescribeConfigsRequest | AlterConfigsRequest | IncrementalAlterConfigsRequest | ListConfigResourcesRequest,
    versions: tuple[int, ...],
    unordered: str,
) -> Case:
    return Case(api, label, lambda ground, version: request, versions, (unordered,))


def _partitions() -> Iterator[Case]:
    dirs = DescribeLogDirsRequest(topics=[DescribableLogDirTopic(topic=name, partitions=[0]) for name in _TOPICS])
    sizes = {"partition_size": "<size>", "total_bytes": "<size>", "usable_bytes": "<size>"}
    yield Case(ApiKey.DESCRIBE_LOG_DIRS, "named", lambda ground, version: dirs, (1, 5), ("topics",), sizes)
    moved_to = [AlterReplicaLogDirTopic(name=name, partitions=[0]) for name in _TOPICS]
    dirs_of = AlterReplicaLogDirsRequest(dirs=[AlterReplicaLogDir(path="/nowhere/at/all", topics=moved_to)])
    yield Case(ApiKey.ALTER_REPLICA_LOG_DIRS, "named", lambda ground, version: dirs_of, (1, 2), ("results",))
    elected = ElectLeadersRequest(
        topic_partitions=[TopicPartitions(topic=name, partitions=[0]) for name in _TOPICS], timeout_ms=10_000
    )
    yield Case(ApiKey.ELECT_LEADERS, "named", lambda ground, version: elected, (0, 2), ("replica_election_results",))
    moved = AlterPartitionReassignmentsRequest(
        topics=[
            ReassignableTopic(name=name, partitions=[ReassignablePartition(partition_index=0, replicas=None)])
            for name in _TOPICS
        ]
    )
    yield Case(ApiKey.ALTER_PARTITION_REASSIGNMENTS, "cancelled", lambda ground, version: moved, (0, 1), ("responses",))
    moves = ListPartitionReassignmentsRequest(
        topics=[ListPartitionReassignmentsTopics(name=name, partition_indexes=[0]) for name in _TOPICS]
    )
    yield Case(ApiKey.LIST_PARTITION_REASSIGNMENTS, "named", lambda ground, version: moves)
    producers = DescribeProducersRequest(topics=[ProducersTopic(name=name, partition_indexes=[0]) for name in _TOPICS])
    yield Case(ApiKey.DESCRIBE_PRODUCERS, "named", lambda ground, version: producers, unordered=("topics",))


CASES: Final = (*_metadata(), *_changes(), *_configs(), *_partitions())
