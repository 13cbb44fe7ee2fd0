"""THE table of configs by scope and name, and which broker config stands in for an unset topic or group config."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from kafka_compat.config.key import ConfigKey, Scope, UpdateMode
from kafka_compat.config.table_accepted import ACCEPTED_BROKER_CONFIGS
from kafka_compat.config.table_broker import ACTING_BROKER_CONFIGS
from kafka_compat.config.table_group import CLIENT_METRICS_CONFIG_KEYS, GROUP_CONFIG_KEYS
from kafka_compat.config.table_topic import TOPIC_CONFIG_KEYS
from kafka_compat.config.validators import at_least
from kafka_compat.config.values import ConfigType


def _by_name(*keys: ConfigKey) -> MappingProxyType[str, ConfigKey]:
    return MappingProxyType({key.name: key for key in sorted(keys, key=lambda key: key.name)})


BROKER_CONFIGS: Final = _by_name(*ACTING_BROKER_CONFIGS, *ACCEPTED_BROKER_CONFIGS)
TOPIC_CONFIGS: Final = _by_name(*TOPIC_CONFIG_KEYS)
GROUP_CONFIGS: Final = _by_name(*GROUP_CONFIG_KEYS)
CLIENT_METRICS_CONFIGS: Final = _by_name(*CLIENT_METRICS_CONFIG_KEYS)

CONFIGS: Final = MappingProxyType(
    {
        Scope.BROKER: BROKER_CONFIGS,
        Scope.TOPIC: TOPIC_CONFIGS,
        Scope.GROUP: GROUP_CONFIGS,
        Scope.CLIENT_METRICS: CLIENT_METRICS_CONFIGS,
    }
)

# Replication throttles exist as dynamic configs only: Kafka defines them outside the 360 (`DynamicConfig.Broker`).
DYNAMIC_ONLY_CONFIGS: Final = _by_name(
    *(
        ConfigKey(
            Scope.BROKER,
            name,
            ConfigType.LONG,
            str((1 << 63) - 1),
            at_least(0),
            update_mode=UpdateMode.CLUSTER_WIDE,
        )
        for name in (
            "follower.replication.throttled.rate",
            "leader.replication.throttled.rate",
            "replica.alter.log.dirs.io.max.bytes.per.second",
        )
    )
)

# Of StandardAuthorizer, which reads them itself: Kafka's table does not have them.
AUTHORIZER_CONFIGS: Final = frozenset({"allow.everyone.if.no.acl.found", "super.users"})

# Fixed by Kafka as the configs of a listener's key material: they may change for one listener only, by its prefix.
SECURITY_CONFIGS: Final = frozenset(
    f"ssl.{name}"
    for name in (
        "key.password",
        "keystore.certificate.chain",
        "keystore.key",
        "keystore.location",
        "keystore.password",
        "keystore.type",
        "truststore.certificates",
        "truststore.location",
        "truststore.password",
        "truststore.type",
    )
)

# Listener configs that may be changed for the whole cluster. Source: `DynamicBrokerConfig.CLUSTER_LEVEL_LISTENER_CONFIGS`.
CLUSTER_LISTENER_CONFIGS: Final = frozenset({"max.connections", "max.connection.creation.rate", "num.network.threads"})

# The broker config that a topic config takes its default from. Source: `ServerTopicConfigSynonyms.TOPIC_CONFIG_SYNONYMS`.
TOPIC_SYNONYMS: Final = MappingProxyType(
    {
        "cleanup.policy": "log.cleanup.policy",
        "compression.gzip.level": "compression.gzip.level",
        "compression.lz4.level": "compression.lz4.level",
        "compression.type": "compression.type",
        "compression.zstd.level": "compression.zstd.level",
        "delete.retention.ms": "log.cleaner.delete.retention.ms",
        "file.delete.delay.ms": "log.segment.delete.delay.ms",
        "flush.messages": "log.flush.interval.messages",
        "flush.ms": "log.flush.interval.ms",
        "index.interval.bytes": "log.index.interval.bytes",
        "local.retention.bytes": "log.local.retention.bytes",
        "local.retention.ms": "log.local.retention.ms",
        "max.compaction.lag.ms": "log.cleaner.max.compaction.lag.ms",
        "max.message.bytes": "message.max.bytes",
        "message.timestamp.after.max.ms": "log.message.timestamp.after.max.ms",
        "message.timestamp.before.max.ms": "log.message.timestamp.before.max.ms",
        "message.timestamp.type": "log.message.timestamp.type",
        "min.cleanable.dirty.ratio": "log.cleaner.min.cleanable.ratio",
        "min.compaction.lag.ms": "log.cleaner.min.compaction.lag.ms",
        "min.insync.replicas": "min.insync.replicas",
        "preallocate": "log.preallocate",
        "retention.bytes": "log.retention.bytes",
        "retention.ms": "log.retention.ms",
        "segment.bytes": "log.segment.bytes",
        "segment.index.bytes": "log.index.size.max.bytes",
        "segment.jitter.ms": "log.roll.jitter.ms",
        "segment.ms": "log.roll.ms",
        "unclean.leader.election.enable": "unclean.leader.election.enable",
    }
)

# The broker config that a group config takes its default from. Source: `GroupConfig.ALL_GROUP_CONFIG_SYNONYMS`.
GROUP_SYNONYMS: Final = MappingProxyType({name: f"group.{name}" for name in GROUP_CONFIGS if f"group.{name}" in BROKER_CONFIGS})

_RETENTION = ("log.retention.ms", "log.retention.minutes", "log.retention.hours")
_ROLL = ("log.roll.ms", "log.roll.hours")
_JITTER = ("log.roll.jitter.ms", "log.roll.jitter.hours")

# Broker configs that set one thing in several units, the strongest first. Source: `DynamicBrokerConfig.brokerConfigSynonyms`.
_SYNONYMS: Final = MappingProxyType(
    {name: chain for chain in (_RETENTION, _ROLL, _JITTER) for name in chain}
    # One way only: the scheduler's interval is the default of the other.
    | {"log.flush.interval.ms": ("log.flush.interval.ms", "log.flush.scheduler.interval.ms")}
)

# Set per SASL mechanism of a listener: listener.name.<listener>.<mechanism>.<config>.
_MECHANISM_CONFIGS = (
    "sasl.jaas.config",
    "sasl.login.callback.handler.class",
    "sasl.login.class",
    "sasl.server.callback.handler.class",
    "connections.max.reauth.ms",
)


def listener_config(name: str) -> str | None:
    """The config that `listener.name.<listener>.<config>` sets for one listener, None for any other name."""
    parts = name.split(".", 3)
    return parts[3] if len(parts) == 4 and parts[:2] == ["listener", "name"] else None


def broker_synonyms(name: str, *, listener_override: bool = True) -> tuple[str, ...]:
    """The broker configs that set the same thing as `name`, the strongest first."""
    if name in _SYNONYMS:
        return _SYNONYMS[name]
    base = listener_config(name) if listener_override else None
    if base is None:
        return (name,)
    return (name, next((config for config in _MECHANISM_CONFIGS if base.endswith(config)), base))


def broker_key(name: str) -> ConfigKey | None:
    """The declaration behind a broker config's name, also with a listener prefix; None for an unknown name."""
    for synonym in dict.fromkeys((name, *broker_synonyms(name))):
        key = BROKER_CONFIGS.get(synonym) or DYNAMIC_ONLY_CONFIGS.get(synonym)
        if key is not None:
            return key
    return None


def may_be_secret(name: str) -> bool:
    """Whether a broker config's value is not to be shown: of a name that nobody declared Kafka cannot know, so it hides it."""
    key = broker_key(name)
    return key is None or key.sensitive


def is_dynamic(name: str) -> bool:
    """Whether DescribeConfigs shows the broker config as changeable; a name with a listener prefix it does not."""
    key = BROKER_CONFIGS.get(name) or DYNAMIC_ONLY_CONFIGS.get(name)
    return key is not None and key.update_mode is not UpdateMode.READ_ONLY
