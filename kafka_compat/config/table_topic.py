"""The topic configs.

Facts: the definitions of Apache Kafka 4.3.1; the tests compare them with what it answers.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from kafka_compat.config.key import ConfigKey, Scope
from kafka_compat.config.validators import GzipLevel, ListOf, OneOf, ThrottledReplicas, at_least, between
from kafka_compat.config.values import ConfigType

BOOLEAN: Final = ConfigType.BOOLEAN
STRING: Final = ConfigType.STRING
INT: Final = ConfigType.INT
LONG: Final = ConfigType.LONG
DOUBLE: Final = ConfigType.DOUBLE
LIST: Final = ConfigType.LIST

_k = partial(ConfigKey, Scope.TOPIC, acts=True)

TOPIC_CONFIG_KEYS: Final = (
    _k("cleanup.policy", LIST, "delete", ListOf(("compact", "delete"))),
    _k("compression.gzip.level", INT, "-1", GzipLevel()),
    _k("compression.lz4.level", INT, "9", between(1, 17)),
    _k("compression.type", STRING, "producer", OneOf(("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"))),
    _k("compression.zstd.level", INT, "3", between(-131072, 22)),
    _k("delete.retention.ms", LONG, "86400000", at_least(0)),
    _k("file.delete.delay.ms", LONG, "60000", at_least(0)),
    _k("flush.messages", LONG, "9223372036854775807", at_least(1)),
    _k("flush.ms", LONG, "9223372036854775807", at_least(0)),
    _k("follower.replication.throttled.replicas", LIST, "", ThrottledReplicas(), acts=False),
    _k("index.interval.bytes", INT, "4096", at_least(0)),
    _k("internal.segment.bytes", INT, None, internal=True),
    _k("leader.replication.throttled.replicas", LIST, "", ThrottledReplicas(), acts=False),
    _k("local.retention.bytes", LONG, "-2", at_least(-2), acts=False),
    _k("local.retention.ms", LONG, "-2", at_least(-2), acts=False),
    _k("max.compaction.lag.ms", LONG, "9223372036854775807", at_least(1)),
    _k("max.message.bytes", INT, "1048588", at_least(0)),
    _k("message.timestamp.after.max.ms", LONG, "3600000", at_least(0)),
    _k("message.timestamp.before.max.ms", LONG, "9223372036854775807", at_least(0)),
    _k("message.timestamp.type", STRING, "CreateTime", OneOf(("CreateTime", "LogAppendTime"))),
    _k("min.cleanable.dirty.ratio", DOUBLE, "0.5", between(0, 1)),
    _k("min.compaction.lag.ms", LONG, "0", at_least(0)),
    _k("min.insync.replicas", INT, "1", at_least(1)),
    _k("preallocate", BOOLEAN, "false", acts=False),
    _k("remote.log.copy.disable", BOOLEAN, "false", acts=False),
    _k("remote.log.delete.on.disable", BOOLEAN, "false", acts=False),
    _k("remote.storage.enable", BOOLEAN, "false", acts=False),
    _k("retention.bytes", LONG, "-1"),
    _k("retention.ms", LONG, "604800000", at_least(-1)),
    _k("segment.bytes", INT, "1073741824", at_least(1048576)),
    _k("segment.index.bytes", INT, "10485760", at_least(4)),
    _k("segment.jitter.ms", LONG, "0", at_least(0)),
    _k("segment.ms", LONG, "604800000", at_least(1)),
    _k("unclean.leader.election.enable", BOOLEAN, "false"),
)
