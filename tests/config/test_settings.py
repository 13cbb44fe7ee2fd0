"""What a broker is started with: precedence, listeners, data directory, topics, and what is wrong in one line."""

from pathlib import Path

import pytest

from kafka_compat.config.errors import BadSettings
from kafka_compat.config.listeners import Listener
from kafka_compat.config.settings import (
    InitialTopic,
    ServeOptions,
    ServerSettings,
    bootstrap_servers,
    parse_topic_spec,
    resolve_settings,
)
from kafka_compat.config.sources import environment_name


@pytest.fixture
def properties(tmp_path: Path) -> Path:
    path = tmp_path / "server.properties"
    path.write_text("num.partitions = 3\nlog.retention.ms=300\nmessage.max.bytes:3000\n# a comment\n")
    return path


def resolve(**options: object) -> ServerSettings:
    return resolve_settings(ServeOptions(**options), host_name="machine")  # type: ignore[arg-type]


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
    ],
)
def test_names_in_the_environment(variable: str, name: str) -> None:
    assert environment_name(variable) == name


def test_other_variables_are_left_alone() -> None:
    environment = {"KAFKA_HOME": "/x", "KAFKA_HEAP_OPTS": "-Xmx1g", "HOME": "/", "KAFKA_PORT": "tcp://x", "NUM_PARTITIONS": "7"}
    settings = resolve_settings(ServeOptions(), environment)
    assert settings.warnings == ()
    assert settings.broker_config.num_partitions == 1


def test_a_misspelt_variable_is_warned_of() -> None:
    settings = resolve_settings(ServeOptions(), {"KAFKA_LOG_RETENTON_MS": "1"})
    (warning,) = settings.warnings
    assert warning == "KAFKA_LOG_RETENTON_MS is ignored: there is no config log.retenton.ms; did you mean log.retention.ms?"


def test_unknown_names_in_a_file_are_warned_of_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.properties"
    path.write_text("num.partitons=3\nmy.plugin.setting=x\nlistener.name.plaintext.foo=y\n")
    settings = resolve(config=path)
    assert settings.warnings == (
        f"{path}: there is no broker config num.partitons; did you mean num.partitions?, it is ignored",
        f"{path}: there is no broker config my.plugin.setting, it is ignored",
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
    assert static["advertised.listeners"] == "PLAINTEXT://example.org:1,PLAINTEXT1://[fe80::1]:2"


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
    properties.write_text("listeners=INSIDE://h:1,OUTSIDE://h:2\nlistener.security.protocol.map=INSIDE:PLAINTEXT,OUTSIDE:SSL\n")
    assert refusal(config=properties) == "listener OUTSIDE uses SSL: this broker speaks PLAINTEXT only"
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
        (
            "listeners=PLAINTEXT:localhost",
            "Unable to parse PLAINTEXT:localhost to a broker endpoint: expected NAME://host:port",
        ),
        (
            "listeners=PLAINTEXT://a:1,plaintext://a:2",
            "Each listener must have a different name, listeners: PLAINTEXT://a:1,PLAINTEXT://a:2",
        ),
        (
            "listeners=PLAINTEXT://a:1,B://a:1",
            "Each listener must have a different port, listeners: PLAINTEXT://a:1,B://a:1",
        ),
        (
            "controller.listener.names=C\nlisteners=C://a:1",
            "listeners=C://a:1 has no broker listener: all of them are in controller.listener.names",
        ),
        (
            "listeners=PLAINTEXT://a:1\nadvertised.listeners=PLAINTEXT://0.0.0.0:1",
            "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.",
        ),
        ("log.dirs=/a,/b", "log.dirs=/a,/b: this broker keeps its data in one directory"),
        ("node.id=1\nbroker.id=2", "You must set `node.id` to the same value as `broker.id`."),
        ("node.id=-2", "Invalid value -2 for configuration node.id: Value must be at least 0"),
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
