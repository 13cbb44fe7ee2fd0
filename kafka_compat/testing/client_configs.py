"""What clients need to be told to reach a cluster, and to be quick in a test.

Defaults of clients are for networks and crowds. In a test nobody should wait for them:

    backoff     10 to 100 ms instead of up to a second: what is refused for a moment (no leader yet) is asked for again soon
    heartbeats  every 100 ms instead of 3 s, as a member learns from one that another has joined
    fetch wait  10 ms instead of 500 ms: a broker answers one request of a connection after the other, so that what a client
                asks behind a fetch (a commit, new metadata) waits as long as that, and so does a consumer that is closed
    commits     by themselves every 100 ms instead of 5 s: a test waits for them. And librdkafka, closed before it has reached
                its coordinator, puts its last commit off and takes it up when one of its timers is due: this one, or one of a
                second
    linger      none: what is produced goes at once
    telemetry   none: nobody looks at it
    IPv4 only   the cluster listens on 127.0.0.1

Some clients refuse, or warn of, settings of another role: those of a consumer are added when one of `extra` is a consumer's,
such as the group's id, or `auto.offset.reset`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

_BACKOFF_MS: Final = 10
_MAX_BACKOFF_MS: Final = 100
_HEARTBEAT_MS: Final = 100
_FETCH_WAIT_MS: Final = 10
_AUTO_COMMIT_MS: Final = 100

_CONSUMERS_DOTTED: Final = frozenset(
    {
        "auto.commit.interval.ms",
        "auto.offset.reset",
        "client.rack",
        "enable.auto.commit",
        "fetch.min.bytes",
        "fetch.max.bytes",
        "group.id",
        "group.instance.id",
        "group.protocol",
        "isolation.level",
        "max.poll.interval.ms",
        "max.poll.records",
        "partition.assignment.strategy",
        "session.timeout.ms",
    }
)
_CONSUMERS: Final = frozenset(name.replace(".", "_") for name in _CONSUMERS_DOTTED) | {
    "consumer_timeout_ms",
    "exclude_internal_topics",
}


def client_config(client: str, bootstrap_servers: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by the names of that client, for its constructor, with `extra` above them.

    Names with a dot may be written with an underscore in `extra` where the client's have dots.

    Args:
        client: "confluent" (and all others of librdkafka), "kafka-python", "aiokafka", "java" (for Properties: all values are
            text), or "kafkajs" (for `new Kafka`).
        bootstrap_servers: `host:port`, separated by commas.
        extra: more settings; None takes one away.

    Raises:
        ValueError: the client is not known.
    """
    known: dict[str, Callable[[str, Mapping[str, Any]], dict[str, Any]]] = {
        "confluent": _confluent,
        "kafka-python": _kafka_python,
        "aiokafka": _aiokafka,
        "java": _java,
        "kafkajs": _kafkajs,
    }
    make = known.get(client)
    if make is None:
        names = ", ".join(f'"{name}"' for name in known)
        raise ValueError(f"config knows the clients {names}, not {client!r}")
    if client in ("confluent", "java"):
        extra = {name.replace("_", "."): value for name, value in extra.items()}
    config = {**make(bootstrap_servers, extra), **extra}
    config = {name: value for name, value in config.items() if value is not None}
    return {name: _java_text(value) for name, value in config.items()} if client == "java" else config


def _confluent(bootstrap_servers: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    config: dict[str, Any] = {
        "bootstrap.servers": bootstrap_servers,
        "broker.address.family": "v4",
        "enable.metrics.push": False,
        "reconnect.backoff.ms": _BACKOFF_MS,
        "reconnect.backoff.max.ms": _MAX_BACKOFF_MS,
        "retry.backoff.ms": _BACKOFF_MS,
        "retry.backoff.max.ms": _MAX_BACKOFF_MS,
        "topic.metadata.refresh.fast.interval.ms": _BACKOFF_MS,
    }
    if _CONSUMERS_DOTTED.isdisjoint(extra):
        return config | {"linger.ms": 0}
    return config | {
        "auto.commit.interval.ms": _AUTO_COMMIT_MS,
        "fetch.wait.max.ms": _FETCH_WAIT_MS,
        "fetch.error.backoff.ms": _BACKOFF_MS,
        "heartbeat.interval.ms": _HEARTBEAT_MS,
    }


def _kafka_python(bootstrap_servers: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    config: dict[str, Any] = {
        "bootstrap_servers": bootstrap_servers.split(","),
        "reconnect_backoff_ms": _BACKOFF_MS,
        "reconnect_backoff_max_ms": _MAX_BACKOFF_MS,
        "retry_backoff_ms": _BACKOFF_MS,
    }
    if _CONSUMERS.isdisjoint(extra):
        return config
    return config | {
        "auto_commit_interval_ms": _AUTO_COMMIT_MS,
        "fetch_max_wait_ms": _FETCH_WAIT_MS,
        "heartbeat_interval_ms": _HEARTBEAT_MS,
    }


def _aiokafka(bootstrap_servers: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    config: dict[str, Any] = {"bootstrap_servers": bootstrap_servers.split(","), "retry_backoff_ms": _BACKOFF_MS}
    if _CONSUMERS.isdisjoint(extra):
        return config
    return config | {
        "auto_commit_interval_ms": _AUTO_COMMIT_MS,
        "fetch_max_wait_ms": _FETCH_WAIT_MS,
        "heartbeat_interval_ms": _HEARTBEAT_MS,
    }


def _java(bootstrap_servers: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    config: dict[str, Any] = {
        "bootstrap.servers": bootstrap_servers,
        "enable.metrics.push": False,
        "reconnect.backoff.ms": _BACKOFF_MS,
        "reconnect.backoff.max.ms": _MAX_BACKOFF_MS,
        "retry.backoff.ms": _BACKOFF_MS,
        "retry.backoff.max.ms": _MAX_BACKOFF_MS,
    }
    if _CONSUMERS_DOTTED.isdisjoint(extra):
        return config | {"linger.ms": 0}
    config["auto.commit.interval.ms"] = _AUTO_COMMIT_MS
    config["fetch.max.wait.ms"] = _FETCH_WAIT_MS
    # KafkaConsumer refuses it with the consumer protocol, where the broker says how often.
    if str(extra.get("group.protocol", "classic")).lower() == "classic":
        config["heartbeat.interval.ms"] = _HEARTBEAT_MS
    return config


def _kafkajs(bootstrap_servers: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "brokers": bootstrap_servers.split(","),
        "retry": {"initialRetryTime": _BACKOFF_MS, "maxRetryTime": _MAX_BACKOFF_MS, "retries": 20},
    }


def _java_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
