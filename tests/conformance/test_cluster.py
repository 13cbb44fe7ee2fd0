"""DescribeCluster, log directories, producers, elections, reassignments, quorum and features against Apache Kafka."""

from __future__ import annotations

import time

from kafka_compat.metadata.features import SUPPORTED_FEATURES
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    ReassignablePartition,
    ReassignableTopic,
)
from kafka_compat.protocol.messages.describe_cluster import DescribeClusterRequest
from kafka_compat.protocol.messages.describe_log_dirs import DescribableLogDirTopic, DescribeLogDirsRequest
from kafka_compat.protocol.messages.describe_producers import DescribeProducersRequest, TopicRequest
from kafka_compat.protocol.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumRequestPartitionData,
    DescribeQuorumRequestTopicData,
)
from kafka_compat.protocol.messages.elect_leaders import ElectLeadersRequest, TopicPartitions
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.protocol.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsTopics,
)
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.protocol.messages.unregister_broker import UnregisterBrokerRequest
from kafka_compat.protocol.messages.update_features import FeatureUpdateKey, UpdateFeaturesRequest
from kafka_compat.records.builder import build_batch
from tests.conformance.both import ANY_ERROR, Both, Side
from tests.conformance.normalise import Replacement


def test_describe_cluster(both: Both) -> None:
    for operations in (False, True):
        request = DescribeClusterRequest(include_cluster_authorized_operations=operations)
        both.compare(f"operations {operations}", request, range(3))
    fenced = DescribeClusterRequest(include_fenced_brokers=True)
    both.compare("with fenced brokers", fenced, [2])
    for kind in (-1, 0, 2, 3, 127):
        both.compare(f"endpoint type {kind}", DescribeClusterRequest(endpoint_type=kind), (1, 2), expect=ANY_ERROR)


def _log_dirs(*wanted: tuple[str, list[int]]) -> DescribeLogDirsRequest:
    return DescribeLogDirsRequest(topics=[DescribableLogDirTopic(topic=name, partitions=indexes) for name, indexes in wanted])


def test_describe_log_dirs(both: Both) -> None:
    one, two = both.create_topic(both.name("dirs"), 3), both.create_topic(both.name("dirs"))
    replace = {"total_bytes": "<space>", "usable_bytes": "<space>"}
    unordered = ("topics", "partitions")
    for label, request in {
        "two": _log_dirs((one, [0, 2]), (two, [0])),
        "twice": _log_dirs((one, [0, 0]), (one, [0, 1])),
        "unknown": _log_dirs(("nope", [0]), (one, [9, -1])),
        "no partitions": _log_dirs((one, [])),
        "none": _log_dirs(),
    }.items():
        both.compare(label, request, range(1, 6), replace=replace, unordered=unordered)


def _producers(name: str, *partitions: int) -> DescribeProducersRequest:
    return DescribeProducersRequest(topics=[TopicRequest(name=name, partition_indexes=list(partitions))])


def _producer_id(side: Side) -> InitProducerIdResponse:
    request = InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=1000)
    while True:  # the reference's broker has to get a block of ids from its controller first
        made = side.call(request, 4, InitProducerIdResponse)
        if made.error_code == 0:
            return made
        assert made.error_code == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS


def test_describe_producers(both: Both) -> None:
    name = both.create_topic(both.name("producers"), 2)
    both.compare("nobody", _producers(name, 0, 1, 5, -1), [0], expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare("unknown", _producers("nope", 0), [0], expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare("bad name", _producers("a/b", 0), [0], expect={ErrorCode.INVALID_TOPIC_EXCEPTION})
    both.compare("empty name", _producers("", 0), [0], expect={ErrorCode.INVALID_TOPIC_EXCEPTION})
    both.compare("cluster metadata", _producers("__cluster_metadata", 0), [0], expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare("no partitions", _producers(name), [0])
    now_ms = int(time.time() * 1000)
    for side in both.sides:
        made = _producer_id(side)
        for sequence in (0, 1):
            batch = build_batch(
                [(now_ms + sequence, None, b"v", ())],
                base_offset=0,
                producer_id=made.producer_id,
                producer_epoch=made.producer_epoch,
                base_sequence=sequence,
            )
            records = PartitionProduceData(index=0, records=memoryview(bytes(batch)))
            request = ProduceRequest(
                acks=-1, timeout_ms=9_000, topic_data=[TopicProduceData(name=name, partition_data=[records])]
            )
            assert side.call(request, 9, ProduceResponse).responses[0].partition_responses[0].error_code == 0
    both.compare("one", _producers(name, 0), [0], replace={"producer_id": "<producer id>", "last_timestamp": "<time>"})


def _elect(name: str, *partitions: int, kind: int = 0, timeout_ms: int = 10_000) -> ElectLeadersRequest:
    wanted = [TopicPartitions(topic=name, partitions=list(partitions))]
    return ElectLeadersRequest(election_type=kind, topic_partitions=wanted, timeout_ms=timeout_ms)


def test_elect_leaders(both: Both) -> None:
    name = both.create_topic(both.name("elect"), 2)
    both.compare("preferred", _elect(name, 0, 1, 1), range(3), expect={ErrorCode.ELECTION_NOT_NEEDED})
    both.compare("unknown", _elect("nope", 0), range(3), expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare(
        "unknown partition",
        _elect(name, 0, 7, -1),
        range(3),
        expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.ELECTION_NOT_NEEDED},
    )
    both.compare("no partitions", _elect(name), range(3))
    both.compare("no topics", ElectLeadersRequest(topic_partitions=[], timeout_ms=10_000), range(3))
    both.compare(
        "unclean",
        _elect(name, 0, 7, kind=1),
        (1, 2),
        expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.ELECTION_NOT_NEEDED},
    )
    for kind in (-1, 2, 9):
        both.compare(f"type {kind}", _elect(name, 0, kind=kind), (1, 2), expect={ErrorCode.INVALID_REQUEST})
    for timeout_ms in (0, -1):
        both.compare(
            f"timeout {timeout_ms}", _elect(name, 0, timeout_ms=timeout_ms), range(3), expect={ErrorCode.REQUEST_TIMED_OUT}
        )
        empty = ElectLeadersRequest(topic_partitions=[], timeout_ms=timeout_ms)
        both.compare(f"no topics, timeout {timeout_ms}", empty, range(3))


def _reassign(
    name: str, *wanted: tuple[int, list[int] | None], may_change: bool = True, timeout_ms: int = 10_000
) -> AlterPartitionReassignmentsRequest:
    partitions = [ReassignablePartition(partition_index=index, replicas=replicas) for index, replicas in wanted]
    return AlterPartitionReassignmentsRequest(
        timeout_ms=timeout_ms,
        allow_replication_factor_change=may_change,
        topics=[ReassignableTopic(name=name, partitions=partitions)],
    )


def test_alter_partition_reassignments(both: Both) -> None:
    name = both.create_topic(both.name("reassign"), 2)
    both.compare("same", _reassign(name, (0, [1])), (0, 1))
    both.compare("cancel", _reassign(name, (0, None)), (0, 1), expect={ErrorCode.NO_REASSIGNMENT_IN_PROGRESS})
    both.compare("unknown broker", _reassign(name, (0, [2])), (0, 1), expect={ErrorCode.INVALID_REPLICA_ASSIGNMENT})
    both.compare("more replicas", _reassign(name, (0, [1, 2])), (0, 1), expect={ErrorCode.INVALID_REPLICA_ASSIGNMENT})
    both.compare("twice", _reassign(name, (0, [1, 1])), (0, 1), expect={ErrorCode.INVALID_REPLICA_ASSIGNMENT})
    both.compare("empty", _reassign(name, (0, [])), (0, 1), expect={ErrorCode.INVALID_REPLICA_ASSIGNMENT})
    both.compare("unknown topic", _reassign("nope", (0, [1])), (0, 1), expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare(
        "unknown partition", _reassign(name, (9, [1]), (-1, [1])), (0, 1), expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
    )
    both.compare("unknown partition, cancel", _reassign(name, (9, None)), (0, 1), expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare("no partitions", _reassign(name), (0, 1))
    both.compare("no topics", AlterPartitionReassignmentsRequest(topics=[]), (0, 1))
    for replicas in ([1], [1, 2], [], [2], None):
        both.compare(f"same factor {replicas}", _reassign(name, (0, replicas), may_change=False), [1], expect=ANY_ERROR)
    for timeout_ms in (0, -1):
        both.compare(
            f"timeout {timeout_ms}",
            _reassign(name, (0, [1]), timeout_ms=timeout_ms),
            (0, 1),
            expect={ErrorCode.REQUEST_TIMED_OUT},
        )
        empty = AlterPartitionReassignmentsRequest(topics=[], timeout_ms=timeout_ms)
        both.compare(f"no topics, timeout {timeout_ms}", empty, (0, 1))


def test_list_partition_reassignments(both: Both) -> None:
    name = both.create_topic(both.name("reassign"))
    for topics in (None, [], [(name, [0])], [("nope", [0])], [(name, [9])]):
        wanted = None if topics is None else [ListPartitionReassignmentsTopics(name=n, partition_indexes=p) for n, p in topics]
        both.compare(f"topics {topics}", ListPartitionReassignmentsRequest(topics=wanted), [0])
        for timeout_ms in (0, -1):
            request = ListPartitionReassignmentsRequest(topics=wanted, timeout_ms=timeout_ms)
            both.compare(f"topics {topics}, timeout {timeout_ms}", request, [0])


def test_unregister_broker(both: Both) -> None:
    for broker_id in (-1, 0, 2, 1 << 30):
        both.compare(
            f"broker {broker_id}",
            UnregisterBrokerRequest(broker_id=broker_id),
            [0],
            expect={ErrorCode.BROKER_ID_NOT_REGISTERED},
        )


def _quorum(*wanted: tuple[str, list[int]]) -> DescribeQuorumRequest:
    return DescribeQuorumRequest(
        topics=[
            DescribeQuorumRequestTopicData(
                topic_name=name,
                partitions=[DescribeQuorumRequestPartitionData(partition_index=index) for index in indexes],
            )
            for name, indexes in wanted
        ]
    )


def test_describe_quorum(both: Both) -> None:
    replace: dict[str, Replacement] = {
        "high_watermark": "<offset>",
        "log_end_offset": "<offset>",
        "last_fetch_timestamp": lambda value: "<time>" if isinstance(value, int) and value > 0 else "none",
        "last_caught_up_timestamp": lambda value: "<time>" if isinstance(value, int) and value > 0 else "none",
        "replica_directory_id": "<directory id>",
        "leader_epoch": "<epoch>",
        "listeners": "<listeners>",
    }
    for label, request in {
        "metadata": _quorum(("__cluster_metadata", [0])),
        "other partition": _quorum(("__cluster_metadata", [1])),
        "two partitions": _quorum(("__cluster_metadata", [0, 1])),
        "other topic": _quorum(("nope", [0])),
        "two topics": _quorum(("__cluster_metadata", [0]), ("nope", [0])),
        "nothing": _quorum(),
        "no partitions": _quorum(("__cluster_metadata", [])),
    }.items():
        both.compare(label, request, range(3), replace=replace, expect=ANY_ERROR)


def _features(*updates: tuple[str, int, int], validate_only: bool = True) -> UpdateFeaturesRequest:
    return UpdateFeaturesRequest(
        timeout_ms=10_000,
        feature_updates=[
            FeatureUpdateKey(feature=name, max_version_level=level, upgrade_type=kind) for name, level, kind in updates
        ],
        validate_only=validate_only,
    )


def test_update_features(both: Both) -> None:
    # Only features that are built are listed, so a foreign one is refused where the reference takes it.
    ranges = {feature.name: (feature.min_level, feature.max_level) for feature in SUPPORTED_FEATURES}
    for name, (low, high) in {**ranges, "no.such.feature": (0, 1), "": (0, 1)}.items():
        for level in {-1, 0, 1, low - 1, low, (low + high) // 2, high - 1, high, high + 1, 1000}:
            for kind in (0, 1, 2, 3, 4):
                both.compare(f"{name} {level} type {kind}", _features((name, level, kind)), (1, 2), expect=ANY_ERROR)
    both.compare("nothing", _features(), (1, 2))
    both.compare("nothing, v0", _features(validate_only=False), [0])
    both.compare("same", _features(("metadata.version", 30, 1), validate_only=False), (0, 1, 2))
    both.compare(
        "two", _features(("metadata.version", 30, 1), ("nope", 1, 1)), (1, 2), expect={ErrorCode.INVALID_UPDATE_VERSION}
    )
    both.compare(
        "twice",
        _features(("metadata.version", 30, 1), ("metadata.version", 29, 1)),
        (1, 2),
        expect={ErrorCode.INVALID_UPDATE_VERSION},
    )
