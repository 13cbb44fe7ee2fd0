"""Every declaration of the table against what Apache Kafka 4.3.1 says about it."""

import gzip
import json
from pathlib import Path

import pytest

from kafka_compat.config.broker_settings import BrokerSettings, _Setting
from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.key import Scope, UpdateMode
from kafka_compat.config.table import (
    BROKER_CONFIGS,
    CLIENT_METRICS_CONFIGS,
    CONFIGS,
    GROUP_CONFIGS,
    GROUP_SYNONYMS,
    TOPIC_CONFIGS,
    TOPIC_SYNONYMS,
    broker_key,
    broker_synonyms,
    is_dynamic,
    listener_config,
)
from kafka_compat.config.values import to_text

GOLDEN = Path(__file__).parent.parent / "golden"
DEFINITIONS = json.loads((GOLDEN / "config-defs.json").read_text())
DESCRIBED = json.loads((GOLDEN / "configs.json").read_text())
# Made once by asking Kafka's own ConfigDef of each config to parse each probe; "@" stands for the config's name.
PARSE_VECTORS = json.loads(gzip.decompress((Path(__file__).parent / "parse-vectors.json.gz").read_bytes()))
SCOPES = {
    "broker": Scope.BROKER,
    "topic": Scope.TOPIC,
    "group": Scope.GROUP,
    "client_metrics": Scope.CLIENT_METRICS,
}


def test_all_configs_are_declared() -> None:
    assert [len(configs) for configs in (BROKER_CONFIGS, TOPIC_CONFIGS, GROUP_CONFIGS, CLIENT_METRICS_CONFIGS)] == [
        360,
        34,
        17,
        3,
    ]


@pytest.mark.parametrize("scope", ["broker", "topic", "client_metrics"])
def test_declarations_are_those_of_kafka(scope: str) -> None:
    declared = {
        key.name: {
            "name": key.name,
            "type": key.type.name,
            "default": key.default,
            "required": key.required,
            "validator": None if key.validator is None else str(key.validator),
            "internal": key.internal,
        }
        for key in CONFIGS[SCOPES[scope]].values()
    }
    assert declared == {definition["name"]: definition for definition in DEFINITIONS[scope]}


@pytest.mark.parametrize("scope", ["group", "client_metrics"])
def test_types_and_defaults_are_those_described(scope: str) -> None:
    declared = {key.name: (key.type.name, key.default) for key in CONFIGS[SCOPES[scope]].values()}
    assert declared == {entry["name"]: (entry["type"], entry["value"]) for entry in DESCRIBED[scope]}


def test_read_only_and_sensitive_are_those_described() -> None:
    declared = {key.name: (not is_dynamic(key.name), key.sensitive) for key in BROKER_CONFIGS.values() if not key.internal}
    assert declared == {entry["name"]: (entry["read_only"], entry["sensitive"]) for entry in DESCRIBED["broker"]}


def test_defaults_parse_and_show_as_themselves() -> None:
    for configs in CONFIGS.values():
        for key in configs.values():
            if key.default is not None:
                assert to_text(key.parse(key.default)) == key.default, key.name


@pytest.mark.parametrize("vector", PARSE_VECTORS, ids=lambda vector: "/".join(vector["configs"][0]))
def test_values_parse_as_in_kafka(vector: dict[str, list[tuple[str, ...]]]) -> None:
    for scope, name in vector["configs"]:
        key = CONFIGS[SCOPES[scope]][name]
        for probe, value, error in vector["probes"]:
            try:
                outcome: tuple[str | None, str | None] = (to_text(key.parse(probe)), None)
            except InvalidConfig as refused:
                outcome = (None, str(refused).replace(name, "@"))
            assert outcome == (value, error), (name, probe)


def test_synonyms_of_topics_and_groups_are_those_described() -> None:
    shown = {entry["name"]: {name for name, _ in entry["synonyms"]} for entry in DESCRIBED["topic"]}
    for name, synonym in TOPIC_SYNONYMS.items():
        # Kafka shows no synonyms where the strongest one has neither value nor default.
        assert shown[name] == ({synonym} if BROKER_CONFIGS[synonym].default is not None else set()), name
    groups = {entry["name"]: entry["synonyms"][0][0] for entry in DESCRIBED["group"]}
    assert groups == {name: GROUP_SYNONYMS.get(name, name) for name in GROUP_CONFIGS}


@pytest.mark.parametrize(
    ("name", "synonyms"),
    [
        ("log.retention.hours", ("log.retention.ms", "log.retention.minutes", "log.retention.hours")),
        ("log.roll.ms", ("log.roll.ms", "log.roll.hours")),
        ("log.flush.interval.ms", ("log.flush.interval.ms", "log.flush.scheduler.interval.ms")),
        ("log.flush.scheduler.interval.ms", ("log.flush.scheduler.interval.ms",)),
        ("listener.name.plaintext.max.connections", ("listener.name.plaintext.max.connections", "max.connections")),
        (
            "listener.name.sasl_ssl.plain.sasl.jaas.config",
            ("listener.name.sasl_ssl.plain.sasl.jaas.config", "sasl.jaas.config"),
        ),
        ("node.id", ("node.id",)),
    ],
)
def test_broker_synonyms(name: str, synonyms: tuple[str, ...]) -> None:
    assert broker_synonyms(name) == synonyms


def test_a_listener_prefix_is_looked_through() -> None:
    assert listener_config("listener.name.plaintext.max.connections") == "max.connections"
    assert listener_config("max.connections") is None
    assert broker_key("listener.name.plaintext.max.connections") is BROKER_CONFIGS["max.connections"]
    assert broker_key("no.such.config") is None
    assert not is_dynamic("listener.name.plaintext.max.connections")


def test_each_config_is_documented_in_one_line() -> None:
    for configs in CONFIGS.values():
        for key in configs.values():
            assert key.documentation.endswith("."), key.name
            assert "\n" not in key.documentation


def test_typed_attributes_have_the_type_of_the_table() -> None:
    python_types = {
        "BOOLEAN": "bool",
        "DOUBLE": "float",
        "INT": "int",
        "LIST": "tuple[str, ...]",
        "LONG": "int",
        "SHORT": "int",
        "STRING": "str",
    }
    for attribute, setting in vars(BrokerSettings).items():
        if isinstance(setting, _Setting):
            assert attribute == setting.name.replace(".", "_")
            key = BROKER_CONFIGS[setting.name]
            assert BrokerSettings.__annotations__[attribute] == f"_Setting[{python_types[key.type.name]}]"
            assert key.default is not None or key.required, setting.name


def test_update_modes() -> None:
    assert BROKER_CONFIGS["listeners"].update_mode is UpdateMode.PER_BROKER
    assert BROKER_CONFIGS["message.max.bytes"].update_mode is UpdateMode.CLUSTER_WIDE
    assert BROKER_CONFIGS["num.partitions"].update_mode is UpdateMode.READ_ONLY
