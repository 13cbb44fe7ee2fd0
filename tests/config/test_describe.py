"""What DescribeConfigs shows, compared with the answers of Apache Kafka 4.3.1."""

import json
from pathlib import Path

import pytest

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.describe import (
    ConfigSource,
    DescribedConfig,
    describe_broker,
    describe_broker_defaults,
    describe_client_metrics,
    describe_group,
    describe_topic,
)

DESCRIBED = json.loads((Path(__file__).parent.parent / "golden" / "configs.json").read_text())

# The static and dynamic configs the described broker ran with; null values in the file were blanked.
STATIC = {
    "advertised.listeners": "PLAINTEXT://h:1",
    "controller.listener.names": "CONTROLLER",
    "controller.quorum.bootstrap.servers": "h:2",
    "group.initial.rebalance.delay.ms": "0",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "listeners": "PLAINTEXT://h:1",
    "log.dirs": "/d",
    "node.id": "1",
    "num.partitions": "2",
    "offsets.topic.replication.factor": "1",
    "process.roles": "broker,controller",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.replication.factor": "1",
}


def described_broker() -> BrokerConfig:
    static = [entry["name"] for entry in DESCRIBED["broker"] if entry["source"] == "STATIC_BROKER_CONFIG"]
    assert set(static) == {*STATIC, "broker.id"}
    config = BrokerConfig(STATIC)
    config.set_dynamic({"min.insync.replicas": "1"}, {})
    return config


def as_golden(entry: DescribedConfig) -> dict[str, object]:
    return {
        "name": entry.name,
        "type": entry.type.name,
        "value": entry.value,
        "source": entry.source.name,
        "read_only": entry.read_only,
        "sensitive": entry.sensitive,
        "synonyms": [[synonym.name, synonym.source.name] for synonym in entry.synonyms],
    }


def blanked(entries: list[dict[str, object]], ours: list[DescribedConfig]) -> list[dict[str, object]]:
    """The golden entries with values that were blanked taken from ours."""
    values = {entry.name: entry.value for entry in ours}
    return [entry | {"value": values[str(entry["name"])]} if entry["value"] is None else entry for entry in entries]


def test_broker() -> None:
    ours = describe_broker(described_broker())
    assert [as_golden(entry) for entry in ours] == blanked(DESCRIBED["broker"], ours)


def test_topic() -> None:
    ours = describe_topic(described_broker(), {})
    assert [as_golden(entry) for entry in ours] == blanked(DESCRIBED["topic"], ours)


def test_group() -> None:
    assert [as_golden(entry) for entry in describe_group(described_broker(), {})] == DESCRIBED["group"]


def test_client_metrics() -> None:
    assert [as_golden(entry) for entry in describe_client_metrics({})] == DESCRIBED["client_metrics"]


def chain(entry: DescribedConfig) -> list[tuple[str, str | None, int]]:
    return [(synonym.name, synonym.value, int(synonym.source)) for synonym in entry.synonyms]


@pytest.fixture
def layered() -> BrokerConfig:
    config = BrokerConfig({"log.retention.hours": "100"})
    config.set_dynamic(
        {"log.retention.ms": "7000000", "foo": "x", "listener.name.plaintext.max.connections": "5"},
        {"log.retention.ms": "-2", "log.cleaner.min.cleanable.ratio": " 0.70 ", "foo": "y"},
    )
    return config


def test_levels_of_a_broker_config(layered: BrokerConfig) -> None:
    (entry,) = describe_broker(layered, ["log.retention.ms"])
    assert (entry.value, entry.source) == ("-2", ConfigSource.DYNAMIC_BROKER_CONFIG)
    assert chain(entry) == [
        ("log.retention.ms", "-2", 2),
        ("log.retention.ms", "7000000", 3),
        ("log.retention.hours", "100", 4),
        ("log.retention.hours", "168", 5),
    ]


def test_a_value_that_a_finer_dynamic_config_replaced_shows_the_default(layered: BrokerConfig) -> None:
    (entry,) = describe_broker(layered, ["log.retention.hours"])
    assert (entry.value, entry.source) == ("168", ConfigSource.STATIC_BROKER_CONFIG)
    assert chain(entry) == [("log.retention.hours", "100", 4), ("log.retention.hours", "168", 5)]


def test_values_are_shown_parsed_and_synonyms_as_written(layered: BrokerConfig) -> None:
    (entry,) = describe_broker(layered, ["log.cleaner.min.cleanable.ratio"])
    assert entry.value == "0.7"
    assert chain(entry)[0] == ("log.cleaner.min.cleanable.ratio", " 0.70 ", 2)


def test_an_undeclared_config_is_hidden(layered: BrokerConfig) -> None:
    (entry,) = describe_broker(layered, ["foo"])
    assert (entry.value, entry.sensitive, entry.read_only, entry.type.name) == (None, True, True, "UNKNOWN")
    assert chain(entry) == [("foo", None, 2), ("foo", None, 3)]
    assert entry.documentation is None


def test_a_topic_sees_the_brokers_levels(layered: BrokerConfig) -> None:
    (entry,) = describe_topic(layered, {}, ["retention.ms"])
    assert (entry.value, entry.source) == ("-1", ConfigSource.DYNAMIC_BROKER_CONFIG)
    (entry,) = describe_topic(layered, {"retention.ms": " 050 "}, ["retention.ms"])
    assert entry.value == "50"
    assert chain(entry)[:2] == [("retention.ms", "50", 1), ("log.retention.ms", "-2", 2)]


def test_a_coarse_static_config_is_no_synonym_of_a_topic_config() -> None:
    (entry,) = describe_topic(BrokerConfig({"log.retention.hours": "100"}), {}, ["retention.ms"])
    assert (entry.value, entry.source, entry.synonyms) == ("360000000", ConfigSource.DEFAULT_CONFIG, ())


def test_an_internal_topic_config_shows_when_it_is_set() -> None:
    assert describe_topic(BrokerConfig(), {}, ["internal.segment.bytes"]) == []
    (entry,) = describe_topic(BrokerConfig(), {"internal.segment.bytes": "2000"}, ["internal.segment.bytes"])
    assert chain(entry) == [("internal.segment.bytes", "2000", 1)]


def test_the_clusters_dynamic_configs(layered: BrokerConfig) -> None:
    entries = {entry.name: entry for entry in describe_broker_defaults(layered)}
    assert {name: entry.value for name, entry in entries.items()} == {
        "foo": None,
        "listener.name.plaintext.max.connections": "5",
        "log.retention.ms": "7000000",
    }
    assert entries["listener.name.plaintext.max.connections"].read_only
    assert chain(entries["log.retention.ms"]) == [("log.retention.ms", "7000000", 3)]


def test_group_overrides() -> None:
    overrides = {"share.auto.offset.reset": "by_duration:PT1H", "share.session.timeout.ms": "46000"}
    entries = {entry.name: entry for entry in describe_group(BrokerConfig(), overrides)}
    assert chain(entries["share.auto.offset.reset"]) == [
        ("share.auto.offset.reset", "by_duration:PT1H", 8),
        ("share.auto.offset.reset", "latest", 5),
    ]
    assert chain(entries["share.session.timeout.ms"]) == [
        ("share.session.timeout.ms", "46000", 8),
        ("group.share.session.timeout.ms", "45000", 5),
    ]


def test_client_metrics_overrides() -> None:
    (entry,) = describe_client_metrics({"interval.ms": "200"}, ["interval.ms"])
    assert (entry.value, chain(entry)) == ("200", [("interval.ms", "200", 7)])


def test_documentation_is_at_hand() -> None:
    (entry,) = describe_topic(BrokerConfig(), {}, ["retention.ms"])
    assert entry.documentation == "How long records are kept; -1 is for ever."
