"""IncrementalAlterConfigs over the wire: that changes act, last and are refused."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from kafka_compat.config.alter import AlterOp
from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.testing.cluster import Cluster
from tests.api.worlds import World
from tests.support.config_requests import BROKER, GROUP, LOGGER, TOPIC, alter, describe, set_configs
from tests.support.wire_client import WireClient


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster(topics={"orders": 1}) as cluster:
        yield cluster


@pytest.fixture
def client(cluster: Cluster) -> Iterator[WireClient]:
    with WireClient(cluster.bootstrap) as client:
        yield client


def test_list_items_are_appended_and_subtracted(client: WireClient) -> None:
    assert alter(client, TOPIC, "orders", {"cleanup.policy": "compact"}, AlterOp.APPEND) == (0, None)
    assert describe(client, TOPIC, "orders")["cleanup.policy"].value == "delete,compact"
    assert alter(client, TOPIC, "orders", {"cleanup.policy": "delete"}, AlterOp.SUBTRACT) == (0, None)
    assert describe(client, TOPIC, "orders")["cleanup.policy"].value == "compact"


def test_validate_only_changes_nothing(client: WireClient) -> None:
    assert alter(client, TOPIC, "orders", {"segment.ms": "100"}, validate_only=True) == (0, None)
    assert describe(client, TOPIC, "orders")["segment.ms"].value == "604800000"


def test_configs_survive_a_restart() -> None:
    files = MemoryFileSystem()
    with Cluster(topics={"orders": 1}, file_system=files) as cluster, WireClient(cluster.bootstrap) as client:
        set_configs(client, TOPIC, "orders", {"retention.ms": "5000"})
        set_configs(client, BROKER, "", {"log.segment.bytes": "2000000"})
        set_configs(client, BROKER, "1", {"message.max.bytes": "3000000"})
        set_configs(client, GROUP, "g", {"share.isolation.level": "read_committed"})
    with Cluster(file_system=files) as cluster, WireClient(cluster.bootstrap) as client:
        topic = describe(client, TOPIC, "orders")
        assert topic["retention.ms"].value == "5000"
        assert topic["segment.bytes"].value == "2000000"
        assert topic["max.message.bytes"].value == "3000000"
        assert describe(client, GROUP, "g")["share.isolation.level"].value == "read_committed"


@pytest.mark.kafka(brokers=2)
def test_every_broker_follows_the_cluster_and_only_one_its_own_configs(world: World) -> None:
    first, second = (WireClient(address) for address in world.cluster.bootstrap.split(","))
    with first, second:
        set_configs(first, BROKER, "", {"log.retention.bytes": "1000"})
        set_configs(second, BROKER, "2", {"log.retention.bytes": "2000"})
        assert alter(first, BROKER, "2", {"log.retention.bytes": "1"}) == (
            ErrorCode.INVALID_REQUEST,
            "Unexpected broker id, expected 1, but received 2",
        )
        assert describe(first, BROKER, "1")["log.retention.bytes"].value == "1000"
        assert describe(second, BROKER, "2")["log.retention.bytes"].value == "2000"


def test_log_levels_change_for_the_package_and_not_for_python(client: WireClient) -> None:
    package, name = logging.getLogger("kafka_compat"), "kafka_compat.server.connection"
    before, python = package.level, logging.root.level
    try:
        set_configs(client, LOGGER, "1", {"root": "ERROR", name: "TRACE"})
        loggers = describe(client, LOGGER, "1")
        assert (loggers["root"].value, loggers[name].value) == ("ERROR", "TRACE")
        set_configs(client, LOGGER, "1", {name: None})
        assert describe(client, LOGGER, "1")[name].value == "ERROR"
        assert logging.root.level == python
    finally:
        package.setLevel(before)
        logging.getLogger(name).setLevel(logging.NOTSET)
