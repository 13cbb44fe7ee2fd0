"""What `Kafka` is made with, seen by clients, and what its refusals say."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any, cast

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.testing import Kafka, KafkaOptions, Node, TopicSpec
from tests.support.wire_client import ConnectionClosed, WireClient
from tests.testing.plain_steps import metadata


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def first(kafka: Kafka) -> str:
    return kafka.bootstrap_servers.split(",")[0]


def test_nodes_have_ids_ports_and_racks() -> None:
    port = free_port()
    with Kafka(brokers=[Node(7, port=port, rack="a"), Node(3, rack="b"), Node(0)]) as kafka:
        assert first(kafka) == f"127.0.0.1:{port}"
        seen = {broker.node_id: (broker.port, broker.rack) for broker in metadata(first(kafka)).brokers}
        assert seen[7] == (port, "a")
        assert (seen[3][1], seen[0][1]) == ("b", None)
        kafka.reset()
        assert {broker.node_id: (broker.port, broker.rack) for broker in metadata(first(kafka)).brokers} == seen


def test_topics_have_replicas_configs_and_records() -> None:
    spec = TopicSpec(
        2, replication_factor=2, configs={"retention.ms": 5000, "cleanup.policy": "compact"}, records=[("k", b"v")]
    )
    with Kafka(brokers=2, topics={"t": spec, "plain": 3}) as kafka:
        topics = {topic.name: topic for topic in metadata(first(kafka)).topics}
        assert [len(partition.replica_nodes) for partition in topics["t"].partitions] == [2, 2]
        assert len(topics["plain"].partitions) == 3
        assert kafka.topics["t"].configs == {"retention.ms": "5000", "cleanup.policy": "compact"}
        for _ in range(2):
            assert [(record.key, record.value) for record in kafka.records("t")] == [(b"k", b"v")]
            kafka.produce("t", "more", key="l")
            kafka.reset()


@pytest.mark.parametrize(("brokers", "expected"), [(1, 1), (2, 2), (3, 3), (4, 3)])
def test_several_brokers_replicate_unless_they_are_told_otherwise(brokers: int, expected: int) -> None:
    def replicas(kafka: Kafka) -> dict[str | None, int]:
        with WireClient(first(kafka)) as client:
            client.call(FindCoordinatorRequest(key="g", key_type=0), 3, FindCoordinatorResponse)
        return {topic.name: len(topic.partitions[0].replica_nodes) for topic in metadata(first(kafka)).topics}

    with Kafka(brokers=brokers, topics={"t": 1}) as kafka:
        assert replicas(kafka) == {"t": expected, "__consumer_offsets": expected}
    configs = {"default.replication.factor": 1, "offsets.topic.replication.factor": 1}
    with Kafka(brokers=brokers, topics={"t": 1}, configs=configs) as kafka:
        assert replicas(kafka) == {"t": 1, "__consumer_offsets": 1}


def test_topics_are_made_for_clients_unless_they_are_not() -> None:
    wanted = MetadataRequest(topics=[MetadataRequestTopic(name="new")], allow_auto_topic_creation=True)
    for auto_create, seen in ((True, True), (False, False)):
        with Kafka(auto_create=auto_create) as kafka, WireClient(first(kafka)) as client:
            client.call(wanted, 9, MetadataResponse)
            if seen:
                kafka.wait_for(lambda: "new" in kafka.topics)
            else:
                assert "new" not in kafka.topics
    with Kafka(configs={"auto.create.topics.enable": False}) as kafka, WireClient(first(kafka)) as client:
        client.call(wanted, 9, MetadataResponse)
        assert "new" not in kafka.topics


@pytest.mark.parametrize("cluster_id", ["MkU3OEVBNTcwNTJENDM2Qg", "my cluster"])
def test_a_cluster_has_the_id_that_it_is_given(cluster_id: str) -> None:
    with Kafka(cluster_id=cluster_id) as kafka:
        assert metadata(first(kafka)).cluster_id == cluster_id
        kafka.reset()
        assert metadata(first(kafka)).cluster_id == cluster_id


def listed(client: WireClient, version: int = 3) -> dict[int, tuple[int, int]]:
    request = ApiVersionsRequest(client_software_name="test", client_software_version="1")
    answer = client.call(request, version, ApiVersionsResponse)
    return {row.api_key: (row.min_version, row.max_version) for row in answer.api_keys}


def test_limits_of_versions_are_seen_and_enforced() -> None:
    limits: dict[str, tuple[int, int] | int | None] = {"Metadata": (1, 5), "Produce": 7, "FindCoordinator": None, "EndTxn": 3}
    with Kafka(api_versions=limits) as kafka:
        with WireClient(first(kafka)) as client:
            rows = listed(client)
            assert (rows[ApiKey.METADATA], rows[ApiKey.PRODUCE], rows[ApiKey.END_TXN]) == ((1, 5), (0, 7), (0, 3))
            assert rows[ApiKey.FETCH] == (4, 18)
            assert ApiKey.FIND_COORDINATOR not in rows
            client.call(MetadataRequest(topics=[]), 5, MetadataResponse)
        for version in (0, 6):
            with WireClient(first(kafka)) as client, pytest.raises(ConnectionClosed):
                client.call(MetadataRequest(topics=[]), version, MetadataResponse)
        with WireClient(first(kafka)) as client, pytest.raises(ConnectionClosed):
            client.call(FindCoordinatorRequest(key="g"), 3, FindCoordinatorResponse)
        kafka.reset()
        with WireClient(first(kafka)) as client:
            assert listed(client) == rows


def test_an_older_api_versions_says_how_far_it_goes() -> None:
    with Kafka(api_versions={"ApiVersions": (0, 2)}) as kafka, WireClient(first(kafka)) as client:
        client.send(ApiVersionsRequest(client_software_name="test", client_software_version="1"), 3)
        frame = client.receive_frame()
        # In version 0: correlation id, error code, one row.
        assert int.from_bytes(frame[4:6], "big") == ErrorCode.UNSUPPORTED_VERSION
        assert frame[6:] == bytes([0, 0, 0, 1, 0, 18, 0, 0, 0, 2])
        assert listed(client, 2)[ApiKey.API_VERSIONS] == (0, 2)


def test_who_lacks_requests_of_newer_transactions_does_not_claim_them() -> None:
    """A client that finds transaction.version 2 sends EndTxn 5 and relies on a new epoch in its answer."""
    request = ApiVersionsRequest(client_software_name="test", client_software_version="1")
    for limits, level in (
        (None, 2),
        ({"EndTxn": 5}, 2),
        ({"EndTxn": 4}, 1),
        ({"Produce": 11}, 1),
        ({"TxnOffsetCommit": None}, 1),
    ):
        with Kafka(api_versions=limits) as kafka, WireClient(first(kafka)) as client:
            answer = client.call(request, 4, ApiVersionsResponse)
            levels = {feature.name: feature.max_version_level for feature in answer.finalized_features}
            assert levels["transaction.version"] == level


def test_options_make_the_same_cluster() -> None:
    options = KafkaOptions(brokers=2, topics={"t": 4}, clock="manual")
    with Kafka.of(options) as kafka:
        assert kafka.options == options
        assert kafka.clock.is_manual
        assert len(metadata(first(kafka)).brokers) == 2


def test_what_is_changed_later_does_not_count() -> None:
    topics: dict[str, int | TopicSpec] = {"t": 1}
    with Kafka(topics=topics) as kafka:
        topics["u"] = 1
        kafka.reset()
        assert list(kafka.topics) == ["t"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"brokers": []}, ValueError, "brokers is a whole number from 1, or a Node for each, not an empty sequence"),
        ({"brokers": [1, 2]}, TypeError, "brokers is a whole number from 1, or a Node for each, such as [Node(1)], not 1"),
        ({"brokers": "3"}, TypeError, "brokers is a whole number from 1, not '3'"),
        ({"brokers": [Node(1), Node(1)]}, ValueError, "brokers: the id 1 is there twice"),
        ({"brokers": [Node(1, port=5), Node(2, port=5)]}, ValueError, "brokers: the port 5 is there twice"),
        ({"brokers": [Node(-1)]}, ValueError, "brokers[0].id is a whole number from 0, not -1"),
        ({"brokers": [Node(1, port=70000)]}, ValueError, "brokers[0].port is a port from 0, which takes a free one, to 65535"),
        ({"brokers": [Node(1, rack="")]}, ValueError, "brokers[0].rack is a str that is not empty"),
        ({"topics": ["t"]}, TypeError, "topics gives each name its number of partitions"),
        ({"topics": {"t": TopicSpec(0)}}, ValueError, "topics['t'].partitions is a whole number from 1, not 0"),
        (
            {"topics": {"t": TopicSpec(replication_factor=0)}},
            ValueError,
            "topics['t'].replication_factor is a whole number from 1",
        ),
        (
            {"topics": {"t": TopicSpec(replication_factor=2)}},
            ValueError,
            "topics['t'].replication_factor is at most the number of brokers, 1, not 2",
        ),
        (
            {"topics": {"t": TopicSpec(configs={"retention": 1})}},
            ValueError,
            "topics['t'].configs: Unknown topic config name: retention",
        ),
        (
            {"topics": {"t": TopicSpec(configs={"retention.ms": "x"})}},
            ValueError,
            "topics['t'].configs: Invalid value x for configuration retention.ms",
        ),
        (
            {"topics": {"t": TopicSpec(configs={"retention.ms": cast(Any, None)})}},
            TypeError,
            "topics['t'].configs['retention.ms'] is a str",
        ),
        (
            {"topics": {"t": TopicSpec(records=cast(Any, ["v"]))}},
            TypeError,
            "topics['t'].records are pairs of key and value, such as",
        ),
        ({"topics": {"t": TopicSpec(records=cast(Any, [(1, 2)]))}}, TypeError, "of bytes, str or None, not with (1, 2)"),
        (
            {"topics": {"t": TopicSpec(records=cast(Any, b"kv"))}},
            TypeError,
            "topics['t'].records are pairs of key and value, such as",
        ),
        ({"configs": ["a"]}, TypeError, "configs gives Kafka's names their values"),
        ({"configs": {"broker.rack": "a", "node.id": 1}}, ValueError, "configs: node.id is set by the cluster"),
        (
            {"clock": "fast"},
            ValueError,
            'clock is "real", or "manual" for time that passes by clock.advance only, not \'fast\'',
        ),
        ({"auto_create": "yes"}, TypeError, "auto_create is True or False, not 'yes'"),
        ({"cluster_id": ""}, ValueError, "cluster_id is a str that is not empty"),
        ({"cluster_id": 5}, TypeError, "cluster_id is a str, not 5"),
        ({"data_dir": 5}, TypeError, "data_dir is the path of a folder, or None to keep the data in memory, not 5"),
        ({"data_dir": __file__}, ValueError, "test_options.py is none"),
        ({"api_versions": ["Produce"]}, TypeError, "api_versions gives names of APIs their versions, such as"),
        ({"api_versions": {"Produced": 3}}, ValueError, "api_versions: there is no API 'Produced' (did you mean 'Produce'?)"),
        ({"api_versions": {3: 3}}, TypeError, 'api_versions: the name of an API is a str such as "Produce", not 3'),
        (
            {"api_versions": {"Produce": "3"}},
            TypeError,
            "api_versions['Produce'] is (lowest, highest), the highest alone, or None",
        ),
        (
            {"api_versions": {"Produce": 99}},
            ValueError,
            "api_versions['Produce'] is within the versions that there are, 0 to 13, of which those below 3 are only listed",
        ),
        (
            {"api_versions": {"Fetch": (12, 5)}},
            ValueError,
            "api_versions['Fetch'] is within the versions that there are, 4 to 18",
        ),
        (
            {"api_versions": {"Fetch": (0, 5)}},
            ValueError,
            "api_versions['Fetch'] is within the versions that there are, 4 to 18",
        ),
        ({"api_versions": {"Produce": 2}}, ValueError, "api_versions['Produce'] is within the versions that there are"),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else "",
)
def test_it_refuses(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        Kafka(**arguments)


def test_a_folder_may_be_text(tmp_path: Path) -> None:
    with Kafka(data_dir=str(tmp_path / "a" / "b")) as kafka:
        assert kafka.options.data_dir == tmp_path / "a" / "b"
    assert (tmp_path / "a" / "b").is_dir()
