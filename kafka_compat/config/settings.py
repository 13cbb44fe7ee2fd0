"""What a broker is started with, from flags, `--set`, a properties file, the environment and defaults, in that order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import BadSettings, InvalidConfig
from kafka_compat.config.listeners import (
    SECURITY_PROTOCOLS,
    Endpoint,
    Listener,
    is_any_host,
    join_address,
    parse_address,
    parse_endpoints,
    resolve_listeners,
    security_protocols,
)
from kafka_compat.config.security_options import check_users, super_user_configs, tls_configs, users_of
from kafka_compat.config.sources import (
    check_values,
    read_assignments,
    read_environment,
    read_properties,
    unknown_names,
)
from kafka_compat.config.table import BROKER_CONFIGS
from kafka_compat.protocol.topic_names import why_invalid

DEFAULT_LISTEN = "localhost:9092"
DEFAULT_DATA_DIR = Path("kafka-data")
DEFAULT_NODE_ID = 1

# What the server.properties of Kafka's distribution sets for a single node: with the defaults of a cluster, three replicas
# each, the internal topics could not be made.
SINGLE_NODE_CONFIGS: Mapping[str, str] = {
    # Not in the distribution's file any more, but in most that are made for development: nobody there waits for a crowd of
    # members, and three seconds are what each start of a test would lose.
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.replication.factor": "1",
}

_LISTENER_CONFIGS = (
    "advertised.listeners",
    "controller.listener.names",
    "inter.broker.listener.name",
    "listener.security.protocol.map",
    "security.inter.broker.protocol",
)


class InitialTopic(NamedTuple):
    """A topic to make at the start if it is missing; `partitions` None stands for num.partitions."""

    name: str
    partitions: int | None = None


class ServeOptions(NamedTuple):
    """The options of `kafka-compat serve` as they were given; None or empty means not given."""

    listen: tuple[str, ...] = ()
    advertise: tuple[str, ...] = ()
    data_dir: Path | None = None
    memory: bool = False
    node_id: int | None = None
    topics: tuple[str, ...] = ()
    set: tuple[str, ...] = ()
    config: Path | None = None
    ready_file: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    users: tuple[str, ...] = ()
    user_file: Path | None = None
    super_users: tuple[str, ...] = ()
    add_scram: tuple[str, ...] = ()


class ServerSettings(NamedTuple):
    """Everything the composition root needs to know.

    `data_dir` None keeps all data in memory. `warnings` are for whoever started the broker. `connection_places` is how many
    connections the process has descriptors for, None when nobody counts. `api_limits` is the view of an older broker:
    API key to the lowest and highest version, None for an API that is not there. `users` are passwords by name, beside those
    in the JAAS texts of listeners; PLAIN looks into the mapping itself, so that it may change. None: nobody was named.
    `add_scram` are credentials in the words of `kafka-storage format --add-scram`, for users who have none by the mechanism.
    """

    listeners: tuple[Listener, ...]
    data_dir: Path | None
    node_id: int
    broker_config: BrokerConfig
    topics: tuple[InitialTopic, ...] = ()
    ready_file: Path | None = None
    warnings: tuple[str, ...] = ()
    connection_places: int | None = None
    api_limits: Mapping[int, tuple[int, int] | None] = MappingProxyType({})
    users: Mapping[str, str] | None = None
    add_scram: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Without what may be a password."""
        return f"ServerSettings(listeners={self.listeners}, data_dir={self.data_dir}, node_id={self.node_id})"


def resolve_settings(
    options: ServeOptions,
    environment: Mapping[str, str] | None = None,
    host_name: Callable[[], str] = lambda: "localhost",
) -> ServerSettings:
    """The settings that the options mean; raises BadSettings with one line that says what is wrong.

    `host_name` gives what is advertised for a listener on all interfaces that advertises nothing else.
    """
    from_environment, warnings = read_environment(environment or {})
    from_file = {} if options.config is None else read_properties(options.config)
    warnings += [f"{options.config}: {warning}" for warning in unknown_names(from_file)]
    from_flags = read_assignments(options.set)
    check_values(from_environment, "environment")
    check_values(from_file, f"--config {options.config}")
    check_values(from_flags, "--set")

    configs = dict(SINGLE_NODE_CONFIGS)
    for source in (from_environment, from_file, from_flags):
        configs.update(source)
    configs.update(tls_configs(options.tls_cert, options.tls_key, options.tls_client_ca))
    configs.update(super_user_configs(options.super_users))
    users, said = users_of(options.users, options.user_file)
    node_id = _node_id(options, configs, (from_flags, from_file, from_environment))
    listeners = _listeners(options, configs, host_name)
    mechanisms, said_of_listeners = check_users(listeners, configs, users)
    configs.update(mechanisms)
    warnings += [*said, *said_of_listeners]
    if options.add_scram:
        warnings.append("--add-scram: passwords on the command line can be read by whoever lists processes; see --user-file")
    if options.tls_cert is not None and not any(listener.is_tls for listener in listeners):
        raise BadSettings("--tls-cert: no listener speaks TLS; have one by --listen SSL://HOST:PORT or SASL_SSL://HOST:PORT")
    data_dir = _data_dir(options, configs)
    configs["process.roles"] = "broker,controller"
    configs["controller.listener.names"] = configs.get("controller.listener.names") or "CONTROLLER"
    try:
        broker_config = BrokerConfig(configs)
    except InvalidConfig as error:
        raise BadSettings(str(error)) from None
    return ServerSettings(
        listeners=listeners,
        data_dir=data_dir,
        node_id=node_id,
        broker_config=broker_config,
        topics=tuple(parse_topic_spec(topic) for topic in options.topics),
        ready_file=options.ready_file,
        warnings=tuple(warnings),
        users=users or None,
        add_scram=options.add_scram,
    )


def _node_id(options: ServeOptions, configs: dict[str, str], sources: Sequence[Mapping[str, str]]) -> int:
    text = None if options.node_id is None else str(options.node_id)
    for source in sources:
        if text is None:
            named, old = source.get("node.id"), source.get("broker.id", "-1").strip()
            if named is not None and old not in ("-1", named.strip()):
                raise BadSettings("You must set `node.id` to the same value as `broker.id`.")
            text = named if named is not None or old == "-1" else old
    if text is None:
        text = str(DEFAULT_NODE_ID)
    try:
        node_id = BROKER_CONFIGS["node.id"].parse(text)
    except InvalidConfig as error:
        raise BadSettings(str(error)) from None
    assert isinstance(node_id, int)
    configs["node.id"] = configs["broker.id"] = str(node_id)
    return node_id


def _listeners(options: ServeOptions, configs: dict[str, str], host_name: Callable[[], str]) -> tuple[Listener, ...]:
    """Sets listeners, and what belongs to them, to what is used."""
    from_flags = bool(options.listen) or "listeners" not in configs
    if from_flags:
        addresses = [_protocol_and_address(text) for text in options.listen or (DEFAULT_LISTEN,)]
        endpoints = [Endpoint(f"{protocol}{index or ''}", *at) for index, (protocol, at) in enumerate(addresses)]
        configs["listeners"] = ",".join(map(str, endpoints))
        if options.listen:
            # What a file or the environment says of listeners belongs to its own.
            for name in _LISTENER_CONFIGS:
                configs.pop(name, None)
        if len(endpoints) > 1:
            pairs = zip(endpoints, addresses, strict=True)
            configs["listener.security.protocol.map"] = ",".join(f"{at.name}:{protocol}" for at, (protocol, _) in pairs)
        if endpoints[0].name != _default("security.inter.broker.protocol"):
            configs["inter.broker.listener.name"] = endpoints[0].name
    else:
        endpoints = parse_endpoints(_items("listeners", configs["listeners"]))
    controllers = _items("controller.listener.names", configs.get("controller.listener.names", "CONTROLLER"))
    map_text = configs.get("listener.security.protocol.map")
    protocols = security_protocols(_default("listener.security.protocol.map") if map_text is None else map_text)
    if map_text is None:
        protocols = {name.upper(): "PLAINTEXT" for name in controllers} | protocols
    brokers = [endpoint for endpoint in endpoints if endpoint.name not in {name.upper() for name in controllers}]
    advertised = _advertised(options, configs, brokers, host_name, any_host_is_named=from_flags)
    return resolve_listeners(
        endpoints,
        advertised,
        controller_names=controllers,
        protocols=protocols,
        inter_broker_name=_inter_broker_name(configs, protocols),
        host_name=host_name,
    )


def _protocol_and_address(text: str) -> tuple[str, tuple[str, int]]:
    """Of `[PROTOCOL://]HOST:PORT`; raises BadSettings."""
    protocol, _, address = text.strip().rpartition("://")
    protocol = protocol.upper() or "PLAINTEXT"
    if protocol not in SECURITY_PROTOCOLS:
        raise BadSettings(f"--listen {text}: there are the protocols {', '.join(SECURITY_PROTOCOLS)}")
    return protocol, parse_address(address, "--listen")


def _advertised(
    options: ServeOptions,
    configs: dict[str, str],
    brokers: Sequence[Endpoint],
    host_name: Callable[[], str],
    *,
    any_host_is_named: bool,
) -> list[Endpoint] | None:
    """What is advertised; None for the listeners themselves. `--listen` of all interfaces advertises this machine's name."""
    told = [parse_address(text, "--advertise") for text in options.advertise]
    if len(told) > len(brokers):
        raise BadSettings(f"--advertise is given {len(told)} times for {len(brokers)} listener(s)")
    for option, (host, _) in zip(options.advertise, told, strict=True):
        if is_any_host(host):
            raise BadSettings(f"--advertise {option}: clients are told one address, not all interfaces")
    if not told:
        text = configs.get("advertised.listeners")
        if text is not None:
            return parse_endpoints(_items("advertised.listeners", text))
        if not (any_host_is_named and any(is_any_host(broker.host) for broker in brokers)):
            return None
    told += [(host_name() if is_any_host(broker.host) else broker.host, broker.port) for broker in brokers[len(told) :]]
    advertised = [Endpoint(broker.name, host, port) for broker, (host, port) in zip(brokers, told, strict=True)]
    configs["advertised.listeners"] = ",".join(map(str, advertised))
    return advertised


def _inter_broker_name(configs: Mapping[str, str], protocols: Mapping[str, str]) -> str:
    """The listener that brokers would use among themselves."""
    name = configs.get("inter.broker.listener.name")
    if name is None:
        return configs.get("security.inter.broker.protocol") or _default("security.inter.broker.protocol")
    if "security.inter.broker.protocol" in configs:
        raise BadSettings("Only one of inter.broker.listener.name and security.inter.broker.protocol should be set.")
    if name.upper() not in protocols:
        raise BadSettings(
            f"Listener with name {name} defined in inter.broker.listener.name not found in listener.security.protocol.map."
        )
    return name


def _default(name: str) -> str:
    return BROKER_CONFIGS[name].default or ""


def _items(name: str, text: str) -> tuple[str, ...]:
    items = BROKER_CONFIGS[name].parse(text) if text.strip() else ()
    assert isinstance(items, tuple)
    return items


def _data_dir(options: ServeOptions, configs: dict[str, str]) -> Path | None:
    """Sets log.dirs to what is used; in memory it stays unset."""
    if options.memory:
        if options.data_dir is not None:
            raise BadSettings("--memory and --data-dir exclude each other")
        configs.pop("log.dirs", None)
        return None
    data_dir = options.data_dir
    if data_dir is None:
        name = "log.dirs" if "log.dirs" in configs else "log.dir"
        directories = _items(name, configs.get(name, ""))
        if len(directories) > 1:
            raise BadSettings(f"{name}={configs[name]}: this broker keeps its data in one directory")
        data_dir = Path(directories[0]) if directories else DEFAULT_DATA_DIR
    try:
        configs["log.dirs"] = str(data_dir.absolute())
    except OSError:
        raise BadSettings(f"data directory {data_dir}: the working directory is gone") from None
    return data_dir


def parse_topic_spec(text: str) -> InitialTopic:
    """The topic of `NAME[:PARTITIONS]`; raises BadSettings, for a bad name in Kafka's words (`Topic.validate`)."""
    name, colon, partitions = text.partition(":")
    if (reason := why_invalid(name)) is not None:
        raise BadSettings(f"--topic {text}: Topic name is invalid: {reason}")
    if not colon:
        return InitialTopic(name)
    if not re.fullmatch(r"[0-9]{1,9}", partitions) or int(partitions) == 0:
        raise BadSettings(f"--topic {text}: expected NAME or NAME:PARTITIONS, such as orders:3")
    return InitialTopic(name, int(partitions))


def bootstrap_servers(addresses: Sequence[tuple[str, int]]) -> str:
    """The bound addresses as a client's bootstrap.servers."""
    return ",".join(join_address(host, port) for host, port in addresses)
