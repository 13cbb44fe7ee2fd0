"""The broker configs this broker acts on.

Facts: the definitions of Apache Kafka 4.3.1; the tests compare them with what it answers.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from kafka_compat.config.key import ConfigKey, Scope, UpdateMode
from kafka_compat.config.validators import AnyText, GzipLevel, ListOf, OneOf, at_least, between
from kafka_compat.config.values import ConfigType

BOOLEAN: Final = ConfigType.BOOLEAN
CLASS: Final = ConfigType.CLASS
STRING: Final = ConfigType.STRING
INT: Final = ConfigType.INT
SHORT: Final = ConfigType.SHORT
LONG: Final = ConfigType.LONG
DOUBLE: Final = ConfigType.DOUBLE
LIST: Final = ConfigType.LIST
PASSWORD: Final = ConfigType.PASSWORD
CLUSTER_WIDE: Final = UpdateMode.CLUSTER_WIDE
PER_BROKER: Final = UpdateMode.PER_BROKER
ANY_LIST: Final = ListOf()
NON_EMPTY_LIST: Final = ListOf(may_be_empty=False)

_k = partial(ConfigKey, Scope.BROKER, acts=True)

ACTING_BROKER_CONFIGS: Final = (
    _k("add.partitions.to.txn.retry.backoff.max.ms", INT, "100", at_least(0)),
    _k("add.partitions.to.txn.retry.backoff.ms", INT, "20", at_least(1)),
    _k("advertised.listeners", LIST, None, NON_EMPTY_LIST),
    _k("authorizer.class.name", STRING, "", AnyText()),
    _k("auto.create.topics.enable", BOOLEAN, "true"),
    _k("auto.leader.rebalance.enable", BOOLEAN, "true"),
    _k("broker.id", INT, "-1"),
    _k("broker.rack", STRING, None),
    _k("client.quota.callback.class", CLASS, None),
    _k("compression.gzip.level", INT, "-1", GzipLevel(), update_mode=CLUSTER_WIDE),
    _k("compression.lz4.level", INT, "9", between(1, 17), update_mode=CLUSTER_WIDE),
    _k(
        "compression.type",
        STRING,
        "producer",
        OneOf(("uncompressed", "zstd", "lz4", "snappy", "gzip", "producer")),
        update_mode=CLUSTER_WIDE,
    ),
    _k("compression.zstd.level", INT, "3", between(-131072, 22), update_mode=CLUSTER_WIDE),
    _k("connection.failed.authentication.delay.ms", INT, "100", at_least(0)),
    _k("connections.max.idle.ms", LONG, "600000"),
    _k("connections.max.reauth.ms", LONG, "0"),
    _k("controller.quota.window.num", INT, "11", at_least(1)),
    _k("controller.quota.window.size.seconds", INT, "1", at_least(1)),
    _k("default.replication.factor", INT, "1"),
    _k("delegation.token.expiry.check.interval.ms", LONG, "3600000", at_least(1)),
    _k("delegation.token.expiry.time.ms", LONG, "86400000", at_least(1)),
    _k("delegation.token.max.lifetime.ms", LONG, "604800000", at_least(1)),
    _k("delegation.token.secret.key", PASSWORD, None),
    _k("delete.topic.enable", BOOLEAN, "true"),
    _k("fetch.max.bytes", INT, "57671680", at_least(1024)),
    _k("group.initial.rebalance.delay.ms", INT, "3000"),
    _k("group.max.session.timeout.ms", INT, "1800000"),
    _k("group.max.size", INT, "2147483647", at_least(1)),
    _k("group.min.session.timeout.ms", INT, "6000"),
    _k("leader.imbalance.check.interval.seconds", LONG, "300", at_least(1)),
    _k("listeners", LIST, "PLAINTEXT://:9092", NON_EMPTY_LIST, update_mode=PER_BROKER),
    _k("log.cleaner.backoff.ms", LONG, "15000", at_least(0), update_mode=CLUSTER_WIDE),
    _k("log.cleaner.dedupe.buffer.size", LONG, "134217728", update_mode=CLUSTER_WIDE),
    _k("log.cleaner.delete.retention.ms", LONG, "86400000", at_least(0), update_mode=CLUSTER_WIDE),
    _k("log.cleaner.enable", BOOLEAN, "true"),
    _k("log.cleaner.io.buffer.load.factor", DOUBLE, "0.9", update_mode=CLUSTER_WIDE),
    _k("log.cleaner.io.buffer.size", INT, "524288", at_least(0), update_mode=CLUSTER_WIDE),
    _k("log.cleaner.io.max.bytes.per.second", DOUBLE, "1.7976931348623157E308", update_mode=CLUSTER_WIDE),
    _k("log.cleaner.max.compaction.lag.ms", LONG, "9223372036854775807", at_least(1), update_mode=CLUSTER_WIDE),
    _k("log.cleaner.min.cleanable.ratio", DOUBLE, "0.5", between(0, 1), update_mode=CLUSTER_WIDE),
    _k("log.cleaner.min.compaction.lag.ms", LONG, "0", at_least(0), update_mode=CLUSTER_WIDE),
    _k("log.cleanup.policy", LIST, "delete", ListOf(("compact", "delete")), update_mode=CLUSTER_WIDE),
    _k("log.dir", LIST, "/tmp/kafka-logs", NON_EMPTY_LIST),  # noqa: S108 (Kafka's default)
    _k("log.dirs", LIST, None, NON_EMPTY_LIST),
    _k("log.flush.interval.messages", LONG, "9223372036854775807", at_least(1), update_mode=CLUSTER_WIDE),
    _k("log.flush.interval.ms", LONG, None, update_mode=CLUSTER_WIDE),
    _k("log.flush.scheduler.interval.ms", LONG, "9223372036854775807"),
    _k("log.index.interval.bytes", INT, "4096", at_least(0), update_mode=CLUSTER_WIDE),
    _k("log.index.size.max.bytes", INT, "10485760", at_least(4), update_mode=CLUSTER_WIDE),
    _k("log.message.timestamp.after.max.ms", LONG, "3600000", at_least(0), update_mode=CLUSTER_WIDE),
    _k("log.message.timestamp.before.max.ms", LONG, "9223372036854775807", at_least(0), update_mode=CLUSTER_WIDE),
    _k("log.message.timestamp.type", STRING, "CreateTime", OneOf(("CreateTime", "LogAppendTime")), update_mode=CLUSTER_WIDE),
    _k("log.retention.bytes", LONG, "-1", update_mode=CLUSTER_WIDE),
    _k("log.retention.check.interval.ms", LONG, "300000", at_least(1)),
    _k("log.retention.hours", INT, "168"),
    _k("log.retention.minutes", INT, None),
    _k("log.retention.ms", LONG, None, update_mode=CLUSTER_WIDE),
    _k("log.roll.hours", INT, "168", at_least(1)),
    _k("log.roll.jitter.hours", INT, "0", at_least(0)),
    _k("log.roll.jitter.ms", LONG, None, update_mode=CLUSTER_WIDE),
    _k("log.roll.ms", LONG, None, update_mode=CLUSTER_WIDE),
    _k("log.segment.bytes", INT, "1073741824", at_least(1048576), update_mode=CLUSTER_WIDE),
    _k("log.segment.delete.delay.ms", LONG, "60000", at_least(0), update_mode=CLUSTER_WIDE),
    _k("max.connection.creation.rate", INT, "2147483647", at_least(0), update_mode=CLUSTER_WIDE),
    _k("max.connections", INT, "2147483647", at_least(0), update_mode=CLUSTER_WIDE),
    _k("max.connections.per.ip", INT, "2147483647", at_least(0), update_mode=CLUSTER_WIDE),
    _k("max.connections.per.ip.overrides", STRING, "", update_mode=CLUSTER_WIDE),
    _k("max.incremental.fetch.session.cache.slots", INT, "1000", at_least(0)),
    _k("max.request.partition.size.limit", INT, "2000", at_least(1)),
    _k("message.max.bytes", INT, "1048588", at_least(0), update_mode=CLUSTER_WIDE),
    _k("metric.reporters", LIST, "org.apache.kafka.common.metrics.JmxReporter", ANY_LIST, update_mode=CLUSTER_WIDE),
    _k("min.insync.replicas", INT, "1", at_least(1), update_mode=CLUSTER_WIDE),
    _k("node.id", INT, None, at_least(0), required=True),
    _k("num.partitions", INT, "1", at_least(1)),
    _k("offset.metadata.max.bytes", INT, "4096"),
    _k("offsets.commit.timeout.ms", INT, "5000", at_least(1)),
    _k("offsets.retention.check.interval.ms", LONG, "600000", at_least(1)),
    _k("offsets.retention.minutes", INT, "10080", at_least(1)),
    _k("offsets.topic.num.partitions", INT, "50", at_least(1)),
    _k("offsets.topic.replication.factor", SHORT, "3", at_least(1)),
    _k("offsets.topic.segment.bytes", INT, "104857600", at_least(1)),
    _k("producer.id.expiration.check.interval.ms", INT, "600000", at_least(1), internal=True),
    _k("producer.id.expiration.ms", INT, "86400000", at_least(1), update_mode=CLUSTER_WIDE),
    _k("queued.max.request.bytes", LONG, "-1"),
    _k("quota.window.num", INT, "11", at_least(1)),
    _k("quota.window.size.seconds", INT, "1", at_least(1)),
    _k("replica.lag.time.max.ms", LONG, "30000"),
    _k("replica.selector.class", STRING, None),
    _k("sasl.enabled.mechanisms", LIST, "GSSAPI", ANY_LIST, update_mode=PER_BROKER),
    _k("sasl.jaas.config", PASSWORD, None, update_mode=PER_BROKER),
    _k("sasl.oauthbearer.clock.skew.seconds", INT, "30"),
    _k("sasl.oauthbearer.expected.audience", LIST, "", ANY_LIST),
    _k("sasl.oauthbearer.expected.issuer", STRING, None),
    _k("sasl.oauthbearer.jwks.endpoint.refresh.ms", LONG, "3600000"),
    _k("sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", LONG, "10000"),
    _k("sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", LONG, "100"),
    _k("sasl.oauthbearer.jwks.endpoint.url", STRING, None),
    _k("sasl.oauthbearer.jwt.validator.class", CLASS, "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator"),
    _k("sasl.oauthbearer.scope.claim.name", STRING, "scope"),
    _k("sasl.oauthbearer.sub.claim.name", STRING, "sub"),
    _k("sasl.server.callback.handler.class", CLASS, None),
    _k("sasl.server.max.receive.size", INT, "524288"),
    _k("socket.request.max.bytes", INT, "104857600", at_least(1)),
    _k("ssl.allow.dn.changes", BOOLEAN, "false"),
    _k("ssl.allow.san.changes", BOOLEAN, "false"),
    _k("ssl.cipher.suites", LIST, "", ANY_LIST, update_mode=PER_BROKER),
    _k("ssl.client.auth", STRING, "none", OneOf(("required", "requested", "none")), update_mode=PER_BROKER),
    _k("ssl.enabled.protocols", LIST, "TLSv1.2,TLSv1.3", ANY_LIST, update_mode=PER_BROKER),
    _k("ssl.engine.factory.class", CLASS, None, update_mode=PER_BROKER),
    _k("ssl.key.password", PASSWORD, None, update_mode=PER_BROKER),
    _k("ssl.keystore.certificate.chain", PASSWORD, None, update_mode=PER_BROKER),
    _k("ssl.keystore.key", PASSWORD, None, update_mode=PER_BROKER),
    _k("ssl.keystore.location", STRING, None, update_mode=PER_BROKER),
    _k("ssl.keystore.password", PASSWORD, None, update_mode=PER_BROKER),
    _k("ssl.keystore.type", STRING, "JKS", update_mode=PER_BROKER),
    _k("ssl.principal.mapping.rules", STRING, "DEFAULT"),
    _k("ssl.protocol", STRING, "TLSv1.3", update_mode=PER_BROKER),
    _k("ssl.truststore.certificates", PASSWORD, None, update_mode=PER_BROKER),
    _k("ssl.truststore.location", STRING, None, update_mode=PER_BROKER),
    _k("ssl.truststore.password", PASSWORD, None, update_mode=PER_BROKER),
    _k("ssl.truststore.type", STRING, "JKS", update_mode=PER_BROKER),
    _k("telemetry.max.bytes", INT, "1048576", at_least(1)),
    _k("transaction.abort.timed.out.transaction.cleanup.interval.ms", INT, "10000", at_least(1)),
    _k("transaction.max.timeout.ms", INT, "900000", at_least(1)),
    _k("transaction.partition.verification.enable", BOOLEAN, "true", update_mode=CLUSTER_WIDE),
    _k("transaction.remove.expired.transaction.cleanup.interval.ms", INT, "3600000", at_least(1)),
    _k("transaction.state.log.min.isr", INT, "2", at_least(1)),
    _k("transaction.state.log.num.partitions", INT, "50", at_least(1)),
    _k("transaction.state.log.replication.factor", SHORT, "3", at_least(1)),
    _k("transaction.state.log.segment.bytes", INT, "104857600", at_least(1)),
    _k("transaction.two.phase.commit.enable", BOOLEAN, "false"),
    _k("transactional.id.expiration.ms", INT, "604800000", at_least(1)),
    _k("unclean.leader.election.enable", BOOLEAN, "false", update_mode=CLUSTER_WIDE),
    _k("unclean.leader.election.interval.ms", LONG, "300000", at_least(1), internal=True),
)
