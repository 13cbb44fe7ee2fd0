"""DescribeConfigs, AlterConfigs, IncrementalAlterConfigs and ListConfigResources beside the reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kafka_compat.config.alter import AlterOp
from kafka_compat.metadata.config_resources import ResourceType
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.alter_configs import AlterableConfig as LegacyConfig
from kafka_compat.protocol.messages.alter_configs import AlterConfigsRequest
from kafka_compat.protocol.messages.alter_configs import AlterConfigsResource as LegacyResource
from kafka_compat.protocol.messages.describe_configs import DescribeConfigsRequest, DescribeConfigsResource
from kafka_compat.protocol.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
)
from kafka_compat.protocol.messages.list_config_resources import ListConfigResourcesRequest
from tests.conformance.both import ANY_ERROR, Both, Expected
from tests.conformance.normalise import Normal, differences

TOPIC, BROKER, LOGGER, CLIENT_METRICS, GROUP = (
    ResourceType.TOPIC,
    ResourceType.BROKER,
    ResourceType.BROKER_LOGGER,
    ResourceType.CLIENT_METRICS,
    ResourceType.GROUP,
)
SET, DELETE, APPEND, SUBTRACT = AlterOp
UNKNOWN_TYPES = (0, 1, 3, 5, 64, -1)
NODE = "1"
# The reference's sentences are its own; what is compared is where there is one.
DOCUMENTED: dict[str, Callable[[object], Normal]] = {
    "documentation": lambda text: f"{len(text) > 0}" if isinstance(text, str) else None
}
# Facts of a node: addresses, directories, and what the two are started with.
NODE_FACTS = frozenset(
    {
        "advertised.listeners",
        "broker.id",
        "controller.listener.names",
        "controller.quorum.bootstrap.servers",
        "controller.quorum.voters",
        "group.initial.rebalance.delay.ms",
        "inter.broker.listener.name",
        "listener.security.protocol.map",
        "listeners",
        "log.dir",
        "log.dirs",
        "node.id",
        "offsets.topic.num.partitions",
        "offsets.topic.replication.factor",
        "process.roles",
        "share.coordinator.state.topic.min.isr",
        "share.coordinator.state.topic.num.partitions",
        "share.coordinator.state.topic.replication.factor",
        "transaction.state.log.min.isr",
        "transaction.state.log.num.partitions",
        "transaction.state.log.replication.factor",
    }
)

Step = tuple[str, int, str | None]
Change = tuple[int, str, Sequence[Step]]


def alter(*changes: Change, validate_only: bool = False) -> IncrementalAlterConfigsRequest:
    return IncrementalAlterConfigsRequest(
        resources=[
            AlterConfigsResource(
                resource_type=kind,
                resource_name=name,
                configs=[AlterableConfig(name=key, config_operation=code, value=value) for key, code, value in steps],
            )
            for kind, name, steps in changes
        ],
        validate_only=validate_only,
    )


def replace(*resources: tuple[int, str, Sequence[tuple[str, str | None]]], validate_only: bool = False) -> AlterConfigsRequest:
    return AlterConfigsRequest(
        resources=[
            LegacyResource(
                resource_type=kind,
                resource_name=name,
                configs=[LegacyConfig(name=key, value=value) for key, value in configs],
            )
            for kind, name, configs in resources
        ],
        validate_only=validate_only,
    )


def describe(
    *resources: tuple[int, str, list[str] | None], synonyms: bool = True, texts: bool = False
) -> DescribeConfigsRequest:
    return DescribeConfigsRequest(
        resources=[
            DescribeConfigsResource(resource_type=kind, resource_name=name, configuration_keys=keys)
            for kind, name, keys in resources
        ],
        include_synonyms=synonyms,
        include_documentation=texts,
    )


def compare_settled(both: Both, label: str, request: DescribeConfigsRequest, *, expect: Expected = ()) -> None:
    """Compare, once the reference's broker has followed its controller (ours has when it answers)."""
    answers: list[Normal] = []
    for _ in range(3_000):
        answers = both.answers(request, 4, replace=DOCUMENTED, unordered={"configs"})
        if not differences(answers[0], answers[-1]):
            break
    both.compare_values(label, ApiKey.DESCRIBE_CONFIGS, *answers, expect=expect)


def test_describing_topics(both: Both) -> None:
    """Every config of a topic, in every version, with and without synonyms and documentation; and topics that are none."""
    name = both.create_topic(both.name("described"), configs={"retention.ms": "5000", "cleanup.policy": "compact,delete"})

    def compare(label: str, request: DescribeConfigsRequest, *, expect: Expected = ()) -> None:
        versions = range(3 if request.include_documentation else 1, 5)
        both.compare(label, request, versions, replace=DOCUMENTED, unordered={"configs"}, expect=expect)

    compare("all", describe((TOPIC, name, None)))
    compare("bare", describe((TOPIC, name, None), synonyms=False))
    compare("documented", describe((TOPIC, name, None), texts=True))
    compare("empty list of names", describe((TOPIC, name, [])))
    compare("names", describe((TOPIC, name, ["retention.ms", "no.such.config", "retention.ms"])))
    compare(
        "none there",
        describe((TOPIC, "no-such-topic", None), (TOPIC, "a b", None), (TOPIC, "", None), (TOPIC, "x" * 250, None)),
        expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.INVALID_TOPIC_EXCEPTION},
    )
    compare("twice", describe((TOPIC, name, ["segment.ms"]), (TOPIC, name, ["retention.ms"])))
    compare("nothing", describe())
    for kind in UNKNOWN_TYPES:
        compare(
            f"type {kind}",
            describe((TOPIC, name, None), (kind, "x", None), (BROKER, "7", None)),
            expect={ErrorCode.INVALID_REQUEST},
        )


def test_describing_a_broker(both: Both) -> None:
    """Names, types, sources, synonyms and read-only flags of a broker's 340 configs; other brokers are refused."""
    names = [
        sorted(str(config["name"]) for config in _configs(answer))
        for answer in both.answers(describe((BROKER, NODE, None)), 4, unordered={"configs"})
    ]
    both.compare_values("names", ApiKey.DESCRIBE_CONFIGS, *(list[Normal](each) for each in names))
    keys = sorted(set(names[0]) - NODE_FACTS)
    for synonyms, texts in ((True, True), (False, False)):
        request = describe((BROKER, NODE, keys), synonyms=synonyms, texts=texts)
        both.compare("broker", request, range(3 if texts else 1, 5), replace=DOCUMENTED, unordered={"configs"})
    compare_settled(both, "cluster", describe((BROKER, "", None)))
    for other in ("7", "x", "+1", "01", "-1", "99999999999", "1.0"):
        both.compare(f"id {other}", describe((BROKER, other, ["log.retention.hours"])), range(1, 5), expect=ANY_ERROR)


def _configs(answer: Normal) -> list[dict[str, Normal]]:
    assert isinstance(answer, dict)
    results = answer["results"]
    assert isinstance(results, list)
    assert isinstance(results[0], dict)
    configs = results[0]["configs"]
    assert isinstance(configs, list)
    return [config for config in configs if isinstance(config, dict)]


def test_describing_groups_and_client_metrics(both: Both) -> None:
    """Nobody needs to have made them: what is not set shows its default."""
    for kind in (GROUP, CLIENT_METRICS):
        for name in (both.name("nobody"), ""):
            both.compare(
                f"{kind.name} {name!r}",
                describe((kind, name, None), texts=True),
                range(3, 5),
                replace=DOCUMENTED,
                unordered={"configs"},
                expect=ANY_ERROR,
            )


def test_broker_loggers(both: Both) -> None:
    """The names of loggers are each broker's own; `root` is there on both, and every refusal is the same."""
    request = describe((LOGGER, NODE, ["root"]), (LOGGER, "", None), (LOGGER, "7", None), (LOGGER, "x", None), texts=True)
    both.compare("describe", request, range(3, 5), replace={"value": "<level>"}, expect={ErrorCode.INVALID_REQUEST})
    cases: list[Sequence[Step]] = [
        [("root", SET, "LOUD")],
        [("root", SET, "info")],
        [("root", SET, "OFF")],
        [("root", SET, None)],
        [("root", APPEND, "INFO")],
        [("root", SUBTRACT, "INFO")],
        [("root", DELETE, None)],
        [("root", 4, "INFO")],
        [("root", SET, "INFO"), ("root", SET, "INFO")],
        [("no.such.logger", SET, "INFO")],
        [("no.such.logger", DELETE, None)],
        [("no.such.logger", SET, "INFO"), ("root", SET, "LOUD")],
        [("root", SET, "WARN")],
        [],
    ]
    for steps in cases:
        both.compare(f"alter {steps}", alter((LOGGER, NODE, steps), validate_only=True), range(2), expect=ANY_ERROR)
    for name in ("", "7", "x"):
        both.compare(
            f"alter node {name!r}", alter((LOGGER, name, [("root", SET, "WARN")])), range(2), expect={ErrorCode.INVALID_REQUEST}
        )
    both.compare("legacy", replace((LOGGER, NODE, [("root", "INFO")])), range(3), expect={ErrorCode.INVALID_REQUEST})


RETENTION = "retention.ms"
TOPIC_CASES: list[Sequence[Step]] = [
    [(RETENTION, SET, "5000")],
    [(RETENTION, SET, " 7 ")],
    [(RETENTION, DELETE, "with a value")],
    [(RETENTION, SET, "-7"), ("segment.bytes", SET, "2000000")],
    [(RETENTION, SET, "x")],
    [("no.such.config", SET, "x")],
    [("no.such.config", DELETE, None)],
    [("no.such.config", APPEND, "x")],
    [("segment.ms", DELETE, None)],
    [(RETENTION, SET, "1"), (RETENTION, SET, "2")],
    [(RETENTION, SET, None), ("segment.ms", APPEND, None), ("x", SUBTRACT, None)],
    [(RETENTION, APPEND, "1")],
    [(RETENTION, SUBTRACT, "1")],
    [(RETENTION, 4, "1")],
    [(RETENTION, -1, "1")],
    [(RETENTION, 4, None)],
    [("cleanup.policy", APPEND, "compact")],
    [("cleanup.policy", APPEND, "compact,compact")],
    [("cleanup.policy", SUBTRACT, "delete")],
    [("cleanup.policy", SUBTRACT, "compact,nothing")],
    [("cleanup.policy", APPEND, "nonsense")],
    [("cleanup.policy", SET, "delete,delete")],
    [("cleanup.policy", DELETE, None)],
    [("leader.replication.throttled.replicas", APPEND, "0:1")],
    [("leader.replication.throttled.replicas", APPEND, "0")],
    [("compression.type", SET, "gzip"), ("compression.gzip.level", SET, "0")],
    [("min.compaction.lag.ms", SET, "10"), ("max.compaction.lag.ms", SET, "5")],
    [("remote.storage.enable", SET, "true")],
    [("internal.segment.bytes", SET, "5000")],
    [("min.insync.replicas", SET, "2")],
    [],
]


def test_altering_topics(both: Both) -> None:
    """Every operation and refusal, in both versions, and what is described after each."""
    name = both.create_topic(both.name("altered"))
    for steps in TOPIC_CASES:
        both.compare(f"validate {steps}", alter((TOPIC, name, steps), validate_only=True), range(2), expect=ANY_ERROR)
        both.compare(f"alter {steps}", alter((TOPIC, name, steps)), range(2), expect=ANY_ERROR)
        compare_settled(both, f"after {steps}", describe((TOPIC, name, None)))


def test_requests_for_several_resources(both: Both) -> None:
    """Each resource fails alone, except behind an operation that does not exist."""
    first, second = (both.create_topic(both.name("several")) for _ in range(2))
    steps = [(RETENTION, SET, "4000")]
    group = both.name("group")
    cases: dict[str, Sequence[Change]] = {
        "nothing": [],
        "a name twice": [(TOPIC, first, steps), (TOPIC, first, steps), (TOPIC, "no-such-topic", steps)],
        "a name three times": [(TOPIC, first, steps)] * 3,
        "good and bad": [(TOPIC, first, steps), (TOPIC, "no-such-topic", steps), (BROKER, "7", []), (5, "x", [])],
        "an operation that is none": [
            (LOGGER, NODE, []),
            (TOPIC, second, steps),
            (TOPIC, first, [(RETENTION, 9, "1")]),
            (GROUP, group, [("consumer.session.timeout.ms", SET, "50000")]),
            (5, "x", []),
        ],
        "no topics": [
            (TOPIC, "no-such-topic", [(RETENTION, SET, "x")]),
            (TOPIC, "other", []),
            (TOPIC, "a b", steps),
            (TOPIC, "", steps),
            (TOPIC, "__cluster_metadata", steps),
        ],
        "types": [(kind, "x", []) for kind in UNKNOWN_TYPES],
    }
    for label, changes in cases.items():
        both.compare(label, alter(*changes), range(2), expect=ANY_ERROR)
        compare_settled(both, f"after {label}", describe((TOPIC, first, [RETENTION]), (TOPIC, second, [RETENTION])))


def test_replacing_configs(both: Both) -> None:
    """AlterConfigs: what is not named goes back to its default."""
    name = both.create_topic(both.name("replaced"), configs={RETENTION: "5000", "segment.bytes": "2000000"})
    # Kafka 4.3.1 never answers an AlterConfigs that names a resource twice (or two of unknown types): tests/api has that case.
    cases: dict[str, Sequence[tuple[int, str, Sequence[tuple[str, str | None]]]]] = {
        "replace": [(TOPIC, name, [("segment.ms", "100000")])],
        "null": [(TOPIC, name, [("segment.ms", None)])],
        "duplicate": [(TOPIC, name, [("segment.ms", "1"), ("segment.ms", "2")])],
        "bad value": [(TOPIC, name, [("segment.ms", "x")])],
        "unknown config": [(TOPIC, name, [("no.such.config", "x")])],
        "no topic": [(TOPIC, "no-such-topic", [("segment.ms", "1")]), (TOPIC, "", []), (TOPIC, "a b", [])],
        "other broker": [(BROKER, "7", []), (BROKER, "x", []), (BROKER, NODE, [("node.id", "7")])],
        "cluster": [(BROKER, "", [("log.cleaner.threads", "2")])],
        **{f"type {kind}": [(kind, "x", [])] for kind in UNKNOWN_TYPES},
        "clear": [(TOPIC, name, [])],
        "nothing": [],
    }
    for label, resources in cases.items():
        both.compare(f"validate {label}", replace(*resources, validate_only=True), range(3), expect=ANY_ERROR)
        both.compare(label, replace(*resources), range(3), expect=ANY_ERROR)
        compare_settled(both, f"after {label}", describe((TOPIC, name, None)))


def test_altering_groups_and_client_metrics(both: Both) -> None:
    """What Kafka checks of them, and that they are listed once something is set."""
    group, other = both.name("group"), both.name("group")
    metrics = both.name("metrics")
    session = "consumer.session.timeout.ms"
    cases: list[Change] = [
        (GROUP, group, [(session, SET, "50000")]),
        (GROUP, group, [(session, SET, "5")]),
        (GROUP, group, [(session, SET, "x")]),
        (GROUP, group, [(session, APPEND, "5")]),
        (GROUP, group, [("no.such.config", SET, "5")]),
        (GROUP, group, [("consumer.heartbeat.interval.ms", SET, "50000")]),
        (GROUP, "", [(session, SET, "50000")]),
        (GROUP, group, [("share.isolation.level", SET, "read_committed")]),
        (GROUP, group, [("share.isolation.level", SET, "x")]),
        (GROUP, other, [("share.auto.offset.reset", SET, "by_duration:PT1H")]),
        (GROUP, other, [("share.auto.offset.reset", SET, "yesterday")]),
        (GROUP, other, [("share.auto.offset.reset", DELETE, None)]),
        (CLIENT_METRICS, metrics, [("interval.ms", SET, "1000"), ("metrics", SET, "a,b"), ("match", SET, "client_id=x")]),
        (CLIENT_METRICS, metrics, [("interval.ms", SET, "1")]),
        (CLIENT_METRICS, metrics, [("interval.ms", SET, "x")]),
        (CLIENT_METRICS, metrics, [("match", SET, "nonsense")]),
        (CLIENT_METRICS, metrics, [("match", SET, "client_id=[")]),
        (CLIENT_METRICS, metrics, [("metrics", APPEND, "c")]),
        (CLIENT_METRICS, metrics, [("no.such.config", SET, "1")]),
        (CLIENT_METRICS, metrics, [("interval.ms", DELETE, None)]),
        (CLIENT_METRICS, "", [("interval.ms", SET, "1000")]),
    ]
    for change in cases:
        both.compare(f"alter {change}", alter(change), range(2), expect=ANY_ERROR)
        compare_settled(both, f"after {change}", describe((change[0], change[1], None)), expect=ANY_ERROR)
        listing = ListConfigResourcesRequest(resource_types=[GROUP, CLIENT_METRICS])
        both.compare(f"list after {change}", listing, [1], unordered={"config_resources"})
        both.compare(f"list after {change}", ListConfigResourcesRequest(), [0], unordered={"config_resources"})
    both.compare("legacy", replace((GROUP, group, []), (CLIENT_METRICS, metrics, [("metrics", "*")])), range(3))
    compare_settled(both, "after legacy", describe((GROUP, group, None), (CLIENT_METRICS, metrics, None)))
    both.compare("clear", replace((CLIENT_METRICS, metrics, [])), range(3))


def test_dynamic_broker_configs(both: Both) -> None:
    """Broker configs at both levels: what may change, what it is described as, and that topics follow."""
    name = both.create_topic(both.name("following"))
    cases: list[Change] = [
        (BROKER, NODE, [("log.retention.ms", SET, "100000")]),
        (BROKER, "", [("log.retention.ms", SET, "200000"), ("log.cleanup.policy", SET, "compact")]),
        (BROKER, "", [("log.cleanup.policy", APPEND, "delete")]),
        (BROKER, "", [("log.cleanup.policy", SUBTRACT, "compact")]),
        (BROKER, "", [("log.retention.ms", APPEND, "1")]),
        (BROKER, "", [("no.such.config", APPEND, "1")]),
        (BROKER, "", [("no.such.config", SET, "1")]),
        (BROKER, NODE, [("broker.id", SET, "5")]),
        (BROKER, "", [("num.partitions", SET, "5")]),
        (BROKER, "", [("num.partitions", DELETE, None)]),
        (BROKER, "", [("log.retention.ms", SET, "x")]),
        (BROKER, "", [("log.retention.ms", 7, "1")]),
        (BROKER, "", [("listeners", SET, "PLAINTEXT://:1")]),
        (BROKER, "7", [("log.retention.ms", SET, "1")]),
        (BROKER, "x", [("log.retention.ms", SET, "1")]),
        (BROKER, "01", [("log.retention.ms", SET, "1")]),
        (BROKER, NODE, [("min.insync.replicas", SET, "1")]),
        (BROKER, "", [("min.insync.replicas", SET, "0")]),
        (BROKER, "", [("min.insync.replicas", DELETE, None)]),
        (BROKER, "", [("min.insync.replicas", SET, "2")]),
        (BROKER, "", [("min.insync.replicas", SET, "1")]),
        (BROKER, "", [("num.io.threads", SET, "100")]),
        (BROKER, "", [("ssl.keystore.password", SET, "secret")]),
        (BROKER, NODE, [("listener.name.plaintext.ssl.keystore.password", SET, "secret")]),
        (BROKER, "", [("message.max.bytes", SET, "2000000")]),
        (BROKER, NODE, [("message.max.bytes", SET, "3000000")]),
        (BROKER, NODE, [("message.max.bytes", DELETE, None)]),
    ]
    shown = [
        "log.retention.ms",
        "log.retention.hours",
        "log.cleanup.policy",
        "min.insync.replicas",
        "message.max.bytes",
        "no.such.config",
    ]
    try:
        for change in cases:
            both.compare(f"validate {change}", alter(change, validate_only=True), range(2), expect=ANY_ERROR)
            both.compare(f"alter {change}", alter(change), range(2), expect=ANY_ERROR)
            compare_settled(both, f"after {change}", describe((BROKER, NODE, shown), (BROKER, "", None), (TOPIC, name, None)))
        both.compare("replace", replace((BROKER, NODE, [("log.segment.bytes", "2000000")])), range(3))
        compare_settled(both, "after replace", describe((BROKER, NODE, [*shown, "log.segment.bytes"]), (TOPIC, name, None)))
    finally:
        both.compare(
            "clear", replace((BROKER, NODE, []), (BROKER, "", [("min.insync.replicas", "1")]), (BROKER, "01", [])), range(3)
        )
    compare_settled(both, "after clear", describe((BROKER, NODE, shown), (BROKER, "", None), (TOPIC, name, None)))


def test_listing_resources(both: Both) -> None:
    """Types alone and together; what is none fails the request."""
    cases: list[list[int]] = [[BROKER], [LOGGER], [BROKER, LOGGER], [BROKER, BROKER], [5, BROKER]]
    for kinds in (*cases, *([kind] for kind in UNKNOWN_TYPES)):
        both.compare(
            f"list {kinds}",
            ListConfigResourcesRequest(resource_types=kinds),
            [1],
            unordered={"config_resources"},
            expect=ANY_ERROR,
        )
    name = both.create_topic(both.name("listed"))
    for side in both.sides:
        listed = both.answer(side, ListConfigResourcesRequest(resource_types=[TOPIC]), 1)
        assert isinstance(listed, dict)
        resources = listed["config_resources"]
        assert isinstance(resources, list)
        assert {"resource_name": name, "resource_type": 2} in resources
