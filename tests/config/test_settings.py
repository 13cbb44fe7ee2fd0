"""What a broker is started with: precedence, listeners, data directory, topics, and what is wrong in one line."""

from pathlib import Path

import pytest

from kafka_compat.config.describe import ConfigSource, describe_broker
from kafka_compat.config.errors import BadSettings
from kafka_compat.config.listeners import Listener
from kafka_compat.config.settings import (
    SINGLE_NODE_CONFIGS,
    InitialTopic,
    ServeOptions,
    ServerSettings,
    bootstrap_servers,
    parse_topic_spec,
    resolve_settings,
)
from kafka_compat.config.sources import environment_name
from kafka_compat.config.table import BROKER_CONFIGS

OTHER_DEFAULTS: dict[str, str] = {
    "group.initial.rebalance.delay.ms": "0, as configurations for development have it: a group starts at once",
    "offsets.topic.replication.factor": "1, as in the server.properties of Kafka's distribution: there is one node",
    "share.coordinator.state.topic.min.isr": "1, as there",
    "share.coordinator.state.topic.replication.factor": "1, as there",
    "transaction.state.log.min.isr": "1, as there",
    "transaction.state.log.replication.factor": "1, as there",
}
"""Configs that `serve` sets when nothing else does, to another value than Kafka's default, and why."""


@pytest.fixture
def properties(tmp_path: Path) -> Path:
    path = tmp_path / "server.properties"
    path.write_text("num.partitions = 3\nlog.retention.ms=300\nmessage.max.bytes:3000\n# a comment\n")
    return path


def resolve(**options: object) -> ServerSettings:
    return resolve_settings(ServeOptions(**options), host_name=lambda: "machine")  # type: ignore[arg-type]


def refusal(**options: object) -> str:
    with pytest.raises(BadSettings) as refused:
        resolve(**options)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_defaults() -> None:
    settings = resolve()
    assert settings.listeners == (Listener("PLAINTEXT", "localhost", 9092, "localhost", 9092),)
    assert settings.data_dir == Path("kafka-data")
    assert settings.node_id == settings.broker_config.node_id == 1
    assert settings.topics == ()
    assert settings.ready_file is None
    assert settings.broker_config.offsets_topic_replication_factor == 1
    assert settings.broker_config.static["listeners"] == "PLAINTEXT://localhost:9092"
    assert settings.broker_config.static["log.dirs"] == str(Path("kafka-data").absolute())


def test_flags_over_set_over_file_over_environment(properties: Path) -> None:
    environment = {
        "KAFKA_NUM_PARTITIONS": "4",
        "KAFKA_LOG_RETENTION_MS": "400",
        "KAFKA_MESSAGE_MAX_BYTES": "4000",
        "KAFKA_FETCH_MAX_BYTES": "40000",
        "KAFKA_NODE_ID": "4",
    }
    options = ServeOptions(config=properties, set=("log.retention.ms=200", "node.id=2"), node_id=1)
    settings = resolve_settings(options, environment)
    config = settings.broker_config
    assert (config.num_partitions, config.log_retention_ms, config.message_max_bytes) == (3, 200, 3000)
    assert config.fetch_max_bytes == 40_000
    assert settings.node_id == 1
    assert resolve_settings(ServeOptions(set=("node.id=2",)), environment).node_id == 2
    assert resolve_settings(ServeOptions(), environment).node_id == 4


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("KAFKA_LOG_RETENTION_MS", "log.retention.ms"),
        ("KAFKA_LISTENER_NAME_MY__LISTENER_MAX_CONNECTIONS", "listener.name.my_listener.max.connections"),
        ("KAFKA_A___B", "a-b"),
        ("KAFKA_CFG_A___B_C__D", "a-b.c_d"),
    ],
)
def test_names_in_the_environment(variable: str, name: str) -> None:
    assert environment_name(variable) == name


def warnings_of(**environment: str) -> tuple[str, ...]:
    return resolve_settings(ServeOptions(memory=True), environment).warnings


def test_variables_without_effect_share_a_line() -> None:
    environment = {
        "KAFKA_HOME": "/x",
        "KAFKA_HEAP_OPTS": "-Xmx1g",
        "KAFKA_JMX_PORT": "9999",
        "KAFKA_LOG4J_ROOT_LOGLEVEL": "INFO",
        "KAFKA_OPTS": "",
        "KAFKA_PORT": "tcp://x",
        "KAFKA_CFG_EXTRA": "",
        "HOME": "/",
        "NUM_PARTITIONS": "7",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_CFG_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_NUM_IO_THREADS": "8",
        "KAFKA_LOG_RETENTION_MS": "1",
        "CLUSTER_ID": "x",
        "ALLOW_PLAINTEXT_LISTENER": "yes",
    }
    settings = resolve_settings(ServeOptions(), environment)
    (warning,) = settings.warnings
    assert warning == (
        "environment variables without effect here: ALLOW_PLAINTEXT_LISTENER, CLUSTER_ID, KAFKA_CFG_CONTROLLER_QUORUM_VOTERS, "
        "KAFKA_CFG_EXTRA, KAFKA_HEAP_OPTS, KAFKA_HOME, KAFKA_JMX_PORT, KAFKA_LOG4J_ROOT_LOGLEVEL, KAFKA_NUM_IO_THREADS, "
        "KAFKA_OPTS, KAFKA_PORT, KAFKA_PROCESS_ROLES"
    )
    assert settings.broker_config.num_partitions == 1


def test_an_environment_without_kafka_has_no_line() -> None:
    assert warnings_of(CLUSTER_ID="somebody else's", HOME="/", KAFKA="x") == ()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LISTENERS", "PLAINTEXT://localhost:77"),
        ("ADVERTISED_LISTENERS", "PLAINTEXT://example.org:77"),
        ("NODE_ID", "7"),
        ("BROKER_ID", "7"),
        ("LOG_DIRS", "/data"),
        ("NUM_PARTITIONS", "3"),
        ("LISTENER_NAME_PLAINTEXT_MAX_CONNECTIONS", "3"),
        ("OFFSETS_TOPIC_REPLICATION_FACTOR", "2"),
    ],
)
def test_a_second_prefix_sets_the_same_config(variable: str, value: str) -> None:
    def settings_of(prefix: str) -> ServerSettings:
        return resolve_settings(ServeOptions(), {f"{prefix}_{variable}": value}, lambda: "machine")

    settings, alias = settings_of("KAFKA"), settings_of("KAFKA_CFG")
    assert (alias.listeners, alias.node_id, alias.data_dir) == (settings.listeners, settings.node_id, settings.data_dir)
    assert alias.broker_config.static == settings.broker_config.static
    assert alias.broker_config.static[environment_name(f"KAFKA_{variable}")] == value


def test_the_name_of_apaches_image_wins_over_the_alias() -> None:
    for first, second in (("KAFKA_", "KAFKA_CFG_"), ("KAFKA_CFG_", "KAFKA_")):
        environment = {f"{first}NUM_PARTITIONS": "1", f"{second}NUM_PARTITIONS": "2"}
        settings = resolve_settings(ServeOptions(), environment)
        assert str(settings.broker_config.num_partitions) == environment["KAFKA_NUM_PARTITIONS"]
        assert settings.warnings == ("KAFKA_CFG_NUM_PARTITIONS is ignored: KAFKA_NUM_PARTITIONS is set as well",)
    assert warnings_of(KAFKA_NUM_PARTITIONS="2", KAFKA_CFG_NUM_PARTITIONS="2") == ()


def test_every_config_has_a_variable_of_either_prefix() -> None:
    for name in BROKER_CONFIGS:
        variable = name.replace("_", "__").replace("-", "___").replace(".", "_").upper()
        assert environment_name(f"KAFKA_{variable}") == environment_name(f"KAFKA_CFG_{variable}") == name


def test_a_misspelt_variable_is_warned_of() -> None:
    for variable in ("KAFKA_LOG_RETENTON_MS", "KAFKA_CFG_LOG_RETENTON_MS"):
        (warning,) = warnings_of(**{variable: "1"})
        assert warning == f"{variable} is ignored: there is no config log.retenton.ms; did you mean log.retention.ms?"
    (warning,) = warnings_of(KAFKA_CFG_LISTNERS="PLAINTEXT://:9092")
    assert warning == "KAFKA_CFG_LISTNERS is ignored: there is no config listners; did you mean listeners?"


def test_unknown_names_in_a_file_are_warned_of_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.properties"
    path.write_text("num.partitons=3\nmy.plugin.setting=x\nlistener.name.plaintext.foo=y\n")
    settings = resolve(config=path)
    assert settings.warnings == (
        f"{path}: num.partitons is ignored: there is no broker config num.partitons; did you mean num.partitions?",
        f"{path}: my.plugin.setting is ignored: there is no broker config my.plugin.setting",
    )
    assert settings.broker_config.static["my.plugin.setting"] == "x"


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("num.partitons=3", "--set num.partitons=3: there is no broker config num.partitons; did you mean num.partitions?"),
        ("nothing.like.it.at.all=3", "--set nothing.like.it.at.all=3: there is no broker config nothing.like.it.at.all"),
        (
            "retention.ms=3",
            (
                "--set retention.ms=3: retention.ms is a config of topics, not of brokers; "
                "its default is the broker config log.retention.ms"
            ),
        ),
        ("num.partitions", "--set num.partitions: expected NAME=VALUE, such as log.retention.ms=3600000"),
        ("num.partitions=0", "--set: Invalid value 0 for configuration num.partitions: Value must be at least 1"),
        ("log.roll.ms=0", "requirement failed: log.roll.ms must be greater than or equal to 1"),
    ],
)
def test_bad_assignments(assignment: str, message: str) -> None:
    assert refusal(set=(assignment,)) == message


def test_a_group_starts_at_once_unless_something_says_otherwise(properties: Path) -> None:
    name = "group.initial.rebalance.delay.ms"
    config = resolve().broker_config
    assert config.group_initial_rebalance_delay_ms == 0
    (described,) = describe_broker(config, [name])
    assert (described.value, described.source) == ("0", ConfigSource.STATIC_BROKER_CONFIG)
    assert resolve(config=properties).broker_config.group_initial_rebalance_delay_ms == 0
    properties.write_text(f"{name}=3000\n")
    for settings in (
        resolve(config=properties),
        resolve(set=(f"{name}=3000",)),
        resolve_settings(ServeOptions(), {"KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "3000"}),
        resolve_settings(ServeOptions(), {"KAFKA_CFG_GROUP_INITIAL_REBALANCE_DELAY_MS": "3000"}),
    ):
        assert settings.broker_config.group_initial_rebalance_delay_ms == 3000


def test_other_defaults_than_kafkas_are_listed() -> None:
    assert set(SINGLE_NODE_CONFIGS) == set(OTHER_DEFAULTS)
    for name, value in SINGLE_NODE_CONFIGS.items():
        assert value != BROKER_CONFIGS[name].default
        assert OTHER_DEFAULTS[name].startswith(f"{value}, ")


def test_a_bad_value_names_its_source(properties: Path) -> None:
    properties.write_text("num.partitions=many")
    message = "Invalid value many for configuration num.partitions: Not a number of type INT"
    assert refusal(config=properties) == f"--config {properties}: {message}"
    with pytest.raises(BadSettings) as refused:
        resolve_settings(ServeOptions(), {"KAFKA_NUM_PARTITIONS": "many"})
    assert str(refused.value) == f"environment: {message}"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert refusal(config=tmp_path / "none") == f"--config {tmp_path / 'none'}: No such file or directory"


def test_listeners_of_the_command_line() -> None:
    settings = resolve(listen=("[::1]:9092", "localhost:0", "0.0.0.0:9094"), advertise=("example.org:1", "[fe80::1]:2"))
    assert settings.listeners == (
        Listener("PLAINTEXT", "::1", 9092, "example.org", 1),
        Listener("PLAINTEXT1", "localhost", 0, "fe80::1", 2),
        Listener("PLAINTEXT2", "0.0.0.0", 9094, "machine", 9094),
    )
    static = settings.broker_config.static
    assert static["listeners"] == "PLAINTEXT://[::1]:9092,PLAINTEXT1://localhost:0,PLAINTEXT2://0.0.0.0:9094"
    assert static["advertised.listeners"] == "PLAINTEXT://example.org:1,PLAINTEXT1://[fe80::1]:2,PLAINTEXT2://machine:9094"


def test_listeners_of_a_kraft_file(properties: Path) -> None:
    properties.write_text(
        "process.roles=broker,controller\nnode.id=7\ncontroller.listener.names=CONTROLLER\n"
        "listeners=PLAINTEXT://:9092,CONTROLLER://localhost:9093\n"
        "advertised.listeners=PLAINTEXT://example.org:9092,CONTROLLER://localhost:9093\n"
    )
    settings = resolve(config=properties)
    assert settings.listeners == (Listener("PLAINTEXT", "", 9092, "example.org", 9092),)
    assert settings.node_id == 7


def test_named_listeners_need_a_protocol(properties: Path) -> None:
    properties.write_text(
        "listeners=INSIDE://h:1,OUTSIDE://h:2\nlistener.security.protocol.map=INSIDE:PLAINTEXT,OUTSIDE:SSL\n"
        "inter.broker.listener.name=INSIDE\n"
    )
    listeners = resolve(config=properties).listeners
    assert [(each.name, each.security_protocol, each.is_tls) for each in listeners] == [
        ("INSIDE", "PLAINTEXT", False),
        ("OUTSIDE", "SSL", True),
    ]
    properties.write_text("listeners=INSIDE://h:1\n")
    assert refusal(config=properties) == "No security protocol defined for listener INSIDE"


def test_flags_replace_the_listeners_of_a_file(properties: Path) -> None:
    properties.write_text("listeners=PLAINTEXT://a:1\nadvertised.listeners=PLAINTEXT://b:2\n")
    settings = resolve(config=properties, listen=("localhost:5",))
    assert settings.listeners == (Listener("PLAINTEXT", "localhost", 5, "localhost", 5),)
    assert "advertised.listeners" not in settings.broker_config.static


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("log.dirs=/a,/b", "log.dirs=/a,/b: this broker keeps its data in one directory"),
        ("node.id=1\nbroker.id=2", "You must set `node.id` to the same value as `broker.id`."),
        ("node.id=-2", "Invalid value -2 for configuration node.id: Value must be at least 0"),
        ("node.id=\\u12", "Malformed \\uxxxx encoding."),
    ],
)
def test_bad_files(properties: Path, text: str, message: str) -> None:
    properties.write_text(text)
    assert refusal(config=properties).removeprefix(f"--config {properties}: ") == message


@pytest.mark.parametrize("address", ["9092", "localhost", "::1:9092", "localhost:port", "localhost:65536", ""])
def test_bad_addresses(address: str) -> None:
    assert refusal(listen=(address,)) == f"--listen {address}: expected HOST:PORT, such as localhost:9092 or [::1]:9092"


def test_more_advertised_than_listening() -> None:
    assert refusal(advertise=("a:1", "b:2")) == "--advertise is given 2 times for 1 listener(s)"


def test_data_directory(properties: Path) -> None:
    properties.write_text("log.dirs=/data\nlog.dir=/other\n")
    assert resolve(config=properties).data_dir == Path("/data")
    assert resolve(config=properties, data_dir=Path("/flag")).data_dir == Path("/flag")
    properties.write_text("log.dir=/other\n")
    assert resolve(config=properties).data_dir == Path("/other")
    in_memory = resolve(config=properties, memory=True)
    assert in_memory.data_dir is None
    assert "log.dirs" not in in_memory.broker_config.static
    assert refusal(memory=True, data_dir=Path("/flag")) == "--memory and --data-dir exclude each other"


def test_topics() -> None:
    assert resolve(topics=("a", "b.c_d-E:3")).topics == (InitialTopic("a", None), InitialTopic("b.c_d-E", 3))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "Topic name is invalid: the empty string is not allowed"),
        ("..", "Topic name is invalid: '..' is not allowed"),
        (
            "a/b",
            "Topic name is invalid: 'a/b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
        ),
        (
            "a" * 250,
            f"Topic name is invalid: the length of '{'a' * 250}' is longer than the max allowed length 249",
        ),
        ("a:0", "expected NAME or NAME:PARTITIONS, such as orders:3"),
        ("a:", "expected NAME or NAME:PARTITIONS, such as orders:3"),
        ("a:b:3", "expected NAME or NAME:PARTITIONS, such as orders:3"),
    ],
)
def test_bad_topics(text: str, problem: str) -> None:
    with pytest.raises(BadSettings) as refused:
        parse_topic_spec(text)
    assert str(refused.value) == f"--topic {text}: {problem}"


def test_bootstrap_servers() -> None:
    assert bootstrap_servers([("::1", 1), ("localhost", 2)]) == "[::1]:1,localhost:2"
