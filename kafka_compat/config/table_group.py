"""The group configs and the client-metrics configs.

Facts: the definitions of Apache Kafka 4.3.1; the tests compare them with what it answers.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from kafka_compat.config.key import ConfigKey, Scope
from kafka_compat.config.validators import ListOf, OneOf, ShareOffsetReset, at_least
from kafka_compat.config.values import ConfigType

BOOLEAN: Final = ConfigType.BOOLEAN
STRING: Final = ConfigType.STRING
INT: Final = ConfigType.INT
LIST: Final = ConfigType.LIST
ANY_LIST: Final = ListOf()

_k = partial(ConfigKey, Scope.GROUP, acts=False)

GROUP_CONFIG_KEYS: Final = (
    _k("consumer.assignment.interval.ms", INT, "1000", at_least(0)),
    _k("consumer.heartbeat.interval.ms", INT, "5000", at_least(1)),
    _k("consumer.session.timeout.ms", INT, "45000", at_least(1)),
    _k("share.assignment.interval.ms", INT, "1000", at_least(0)),
    _k("share.auto.offset.reset", STRING, "latest", ShareOffsetReset()),
    _k("share.delivery.count.limit", INT, "5", at_least(2)),
    _k("share.heartbeat.interval.ms", INT, "5000", at_least(1)),
    _k("share.isolation.level", STRING, "read_uncommitted", OneOf(("read_committed", "read_uncommitted"))),
    _k("share.partition.max.record.locks", INT, "2000", at_least(100)),
    _k("share.record.lock.duration.ms", INT, "30000", at_least(1000)),
    _k("share.renew.acknowledge.enable", BOOLEAN, "true"),
    _k("share.session.timeout.ms", INT, "45000", at_least(1)),
    _k("streams.assignment.interval.ms", INT, "1000", at_least(0)),
    _k("streams.heartbeat.interval.ms", INT, "5000", at_least(1)),
    _k("streams.initial.rebalance.delay.ms", INT, "3000", at_least(0)),
    _k("streams.num.standby.replicas", INT, "0", at_least(0)),
    _k("streams.session.timeout.ms", INT, "45000", at_least(1)),
)
_m = partial(ConfigKey, Scope.CLIENT_METRICS, acts=True)

CLIENT_METRICS_CONFIG_KEYS: Final = (
    _m("interval.ms", INT, "300000"),
    _m("match", LIST, "", ANY_LIST),
    _m("metrics", LIST, "", ANY_LIST),
)
