"""CreateTopics, Metadata, DeleteTopics, CreatePartitions, DeleteRecords and DescribeTopicPartitions against Apache Kafka."""

from __future__ import annotations

import pytest

from kafka_compat.protocol.messages.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
)
from tests.conformance.conftest import Both

pytestmark = pytest.mark.reference

UNKNOWN_ID = bytes(range(1, 17))


def _topic(
    name: str,
    partitions: int = 1,
    factor: int = 1,
    assignments: list[tuple[int, list[int]]] | None = None,
    configs: list[tuple[str, str | None]] | None = None,
) -> CreatableTopic:
    return CreatableTopic(
        name=name,
        num_partitions=partitions,
        replication_factor=factor,
        assignments=[CreatableReplicaAssignment(partition_index=index, broker_ids=ids) for index, ids in assignments or ()],
        configs=[CreatableTopicConfig(name=key, value=value) for key, value in configs or ()],
    )


BAD_TOPICS = {
    "empty name": _topic(""),
    "dot": _topic("."),
    "dots": _topic(".."),
    "slash": _topic("a/b"),
    "space": _topic("a b"),
    "umlaut": _topic("ä"),
    "long": _topic("a" * 250),
    "cluster metadata": _topic("__cluster_metadata"),
    "no partitions": _topic("v1", 0),
    "negative partitions": _topic("v2", -2),
    "no replicas": _topic("v3", 1, 0),
    "negative replicas": _topic("v4", 1, -2),
    "two replicas": _topic("v5", 1, 2),
    "two replicas by default count": _topic("v6", -1, 2),
    "huge": _topic("v7", 10_000),
    "empty assignment": _topic("v8", -1, -1, [(0, [])]),
    "unknown broker": _topic("v9", -1, -1, [(0, [7])]),
    "negative broker": _topic("v10", -1, -1, [(0, [-1])]),
    "broker twice": _topic("v11", -1, -1, [(0, [1, 1])]),
    "partition twice": _topic("v12", -1, -1, [(0, [1]), (0, [1])]),
    "gap": _topic("v13", -1, -1, [(0, [1]), (2, [1])]),
    "not from zero": _topic("v14", -1, -1, [(1, [1])]),
    "negative partition": _topic("v15", -1, -1, [(-1, [1])]),
    "uneven": _topic("v16", -1, -1, [(0, [1]), (1, [1, 2])]),
    "assignment and factor": _topic("v17", -1, 1, [(0, [1])]),
    "assignment and count": _topic("v18", 1, -1, [(0, [1])]),
    "assignment and both": _topic("v19", 1, 1, [(0, [1])]),
    "unknown config": _topic("v20", configs=[("no.such.config", "1")]),
    "bad number": _topic("v21", configs=[("retention.ms", "soon")]),
    "out of bounds": _topic("v22", configs=[("segment.bytes", "1")]),
    "bad list": _topic("v23", configs=[("cleanup.policy", "shred")]),
    "null config": _topic("v24", configs=[("retention.ms", None)]),
    "two null configs": _topic("v25", configs=[("retention.ms", None), ("cleanup.policy", None)]),
    "null and unknown config": _topic("v26", configs=[("retention.ms", None), ("no.such", "1")]),
    "empty config name": _topic("v27", configs=[("", "1")]),
    "config twice": _topic("v28", configs=[("retention.ms", "1"), ("retention.ms", "2")]),
    "bad name and config": _topic("a/b", configs=[("no.such.config", "1")]),
    "bad config and partitions": _topic("v29", 0, configs=[("no.such.config", "1")]),
    "bad replicas and partitions": _topic("v30", 0, 0),
    "remote storage": _topic("v31", configs=[("remote.storage.enable", "true")]),
    "min isr": _topic("v32", configs=[("min.insync.replicas", "0")]),
    "local retention": _topic("v33", configs=[("local.retention.ms", "999"), ("retention.ms", "5")]),
}


@pytest.mark.parametrize("label", BAD_TOPICS)
def test_create_topics_refusals(both: Both, label: str) -> None:
    for validate_only in (False, True):
        request = CreateTopicsRequest(topics=[BAD_TOPICS[label]], timeout_ms=10_000, validate_only=validate_only)
        versions = range(2, 8) if not validate_only else (2, 7)
        both.compare(f"{label} validate_only={validate_only}", request, versions, before_each=None)
