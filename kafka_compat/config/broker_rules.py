"""Rules between broker configs, with Kafka's messages. Source: `KafkaConfig.validateValues` and the configs it holds."""

from __future__ import annotations

from kafka_compat.config.broker_settings import BrokerSettings
from kafka_compat.config.errors import InvalidConfig

_RACK_AWARE_SELECTOR = "org.apache.kafka.common.replica.RackAwareReplicaSelector"
_BOUNDED_GROUP_CONFIGS = (
    ("consumer", "heartbeat.interval.ms"),
    ("consumer", "session.timeout.ms"),
    ("consumer", "assignment.interval.ms"),
    ("share", "heartbeat.interval.ms"),
    ("share", "session.timeout.ms"),
    ("share", "assignment.interval.ms"),
    ("share", "record.lock.duration.ms"),
    ("share", "delivery.count.limit"),
    ("share", "partition.max.record.locks"),
    ("streams", "heartbeat.interval.ms"),
    ("streams", "session.timeout.ms"),
    ("streams", "assignment.interval.ms"),
)


def require(condition: bool, message: str) -> None:
    """Raise InvalidConfig with the words that Scala's `require` puts before a message."""
    if not condition:
        raise InvalidConfig(f"requirement failed: {message}")


def check_broker_rules(config: BrokerSettings) -> None:
    """Raise InvalidConfig for a combination of values that Kafka refuses to start with or to change to."""
    _check_identity(config)
    _check_log(config)
    _check_network(config)
    _check_groups(config)


def _check_identity(config: BrokerSettings) -> None:
    node_id, broker_id = config.get("node.id"), config.get("broker.id")
    if node_id is not None and broker_id not in (-1, node_id):
        raise InvalidConfig("You must set `node.id` to the same value as `broker.id`.")


def _check_log(config: BrokerSettings) -> None:
    require(config.log_roll_ms >= 1, "log.roll.ms must be greater than or equal to 1")
    require(config.log_roll_jitter_ms >= 0, "log.roll.jitter.ms must be greater than or equal to 0")
    retention = "log.retention.ms must be unlimited (-1) or, greater than or equal to 1"
    require(config.log_retention_ms != 0, retention)
    dedupe, threads = config.get("log.cleaner.dedupe.buffer.size"), config.get("log.cleaner.threads")
    assert isinstance(dedupe, int)
    assert isinstance(threads, int)
    if threads == 0:
        # Kafka divides by it; the words are those of Java's exception.
        raise InvalidConfig("/ by zero")
    require(
        dedupe // threads > 1024 * 1024,
        "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.",
    )
    codec = config.get("offsets.topic.compression.codec")
    if codec not in range(5):
        raise InvalidConfig(f"Unknown compression type id: {codec}")


def _check_network(config: BrokerSettings) -> None:
    wait_ms, socket_ms = config.get("replica.fetch.wait.max.ms"), config.get("replica.socket.timeout.ms")
    assert isinstance(wait_ms, int)
    assert isinstance(socket_ms, int)
    require(
        wait_ms <= socket_ms,
        "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary socket timeouts",
    )
    queued = config.get("queued.max.request.bytes")
    assert isinstance(queued, int)
    require(
        queued <= 0 or queued >= config.socket_request_max_bytes,
        "queued.max.request.bytes must be larger or equal to socket.request.max.bytes",
    )
    selector = config.get("replica.selector.class")
    if selector not in (None, _RACK_AWARE_SELECTOR):
        # Kafka does not start either: it finds no such class.
        raise InvalidConfig(f"replica.selector.class={selector}: there is only {_RACK_AWARE_SELECTOR}")
    delay_ms, idle_ms = config.connection_failed_authentication_delay_ms, config.connections_max_idle_ms
    require(
        idle_ms < 0 or delay_ms < idle_ms,
        f"connection.failed.authentication.delay.ms={delay_ms} should always be less than connections.max.idle.ms={idle_ms} to "
        "prevent failed authentication responses from timing out",
    )
    callback = config.get("client.quota.callback.class")
    if callback:
        raise InvalidConfig(f"client.quota.callback.class={callback}: there are only the quotas that AlterClientQuotas sets")
    connection_limits(config.max_connections_per_ip_overrides)
    require(
        config.max_connections_per_ip > 0 or bool(config.max_connections_per_ip_overrides),
        "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.",
    )


def connection_limits(text: str) -> dict[str, int]:
    """The limits of `max.connections.per.ip.overrides` by host: `host:count,host:count`; raises InvalidConfig."""
    name = "max.connections.per.ip.overrides"
    limits: dict[str, int] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        host, colon, count = entry.rpartition(":")
        if not colon:
            raise InvalidConfig(f"Error parsing configuration property '{name}': begin 0, end -1, length {len(entry)}")
        if not count.strip().lstrip("+-").isdigit():
            raise InvalidConfig(f'For input string: "{count.strip()}"')
        limits[host.strip()] = int(count)
    return limits


def _check_groups(config: BrokerSettings) -> None:
    if "classic" not in config.group_coordinator_rebalance_protocols:
        raise InvalidConfig("Disabling the 'classic' protocol is not supported.")
    for kind, name in _BOUNDED_GROUP_CONFIGS:
        value, low, high = f"group.{kind}.{name}", f"group.{kind}.min.{name}", f"group.{kind}.max.{name}"
        _check_order(config, high, low)
        _check_order(config, value, low)
        if _number(config, value) > _number(config, high):
            raise InvalidConfig(f"{value} must be less than or equal to {high}")
    for kind in ("consumer", "share", "streams"):
        heartbeat, session = f"group.{kind}.heartbeat.interval.ms", f"group.{kind}.session.timeout.ms"
        if _number(config, heartbeat) >= _number(config, session):
            raise InvalidConfig(f"{heartbeat} must be less than {session}")


def _check_order(config: BrokerSettings, larger: str, smaller: str) -> None:
    if _number(config, larger) < _number(config, smaller):
        raise InvalidConfig(f"{larger} must be greater than or equal to {smaller}")


def _number(config: BrokerSettings, name: str) -> int:
    value = config.get(name)
    assert isinstance(value, int)
    return value
