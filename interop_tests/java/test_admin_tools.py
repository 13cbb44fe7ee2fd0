"""Kafka's administration tools against Apache Kafka and against our broker: exit codes and texts are the same.

One JVM for each side runs all the tools; both sides run at once.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from interop_tests.java.tool_differences import DIFFERENCES
from interop_tests.java.tools import (
    ACLS,
    API_VERSIONS,
    CLIENT_METRICS,
    CLUSTER,
    CONFIGS,
    CONSUMER,
    DELEGATION_TOKENS,
    DELETE_RECORDS,
    FEATURES,
    GET_OFFSETS,
    LEADER_ELECTION,
    LOG_DIRS,
    METADATA_QUORUM,
    PRODUCER,
    PRODUCER_PERFORMANCE,
    REASSIGN,
    TOPICS,
    TRANSACTIONS,
    BothTools,
    Side,
    ToolRunner,
    sub,
)
from tests.support.brokers import require_commands, skipped_without_reference, start_ours, start_reference

pytestmark = pytest.mark.reference

NODE = "1"
_numbers = itertools.count(1)

one_space = sub(r" +", " ")
no_topic_id = sub(r"TopicId: \S{22}", "TopicId: <id>")


@pytest.fixture(scope="module")
def both_sides(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothTools]:
    require_commands("java", "javac", "mvn")
    with ExitStack() as stack:
        with skipped_without_reference():
            reference = stack.enter_context(start_reference(tmp_path_factory.mktemp("reference")))
        ours = stack.enter_context(start_ours(tmp_path_factory.mktemp("ours"), "--set", "group.initial.rebalance.delay.ms=0"))
        reference_side, our_side = (
            Side(
                broker,
                stack.enter_context(closing(ToolRunner())),
                {
                    broker.bootstrap: "<address>",
                    broker.bootstrap.rpartition(":")[2]: "<port>",
                    str(broker.data_dir): "<log dir>",
                },
            )
            for broker in (reference, ours)
        )
        yield BothTools(reference_side, our_side, DIFFERENCES)


@pytest.fixture
def both(both_sides: BothTools) -> Iterator[BothTools]:
    """Both brokers; differences found in the test fail it when it ends."""
    both_sides.verdict()
    yield both_sides
    if problems := both_sides.verdict():
        pytest.fail("unlike the reference:\n" + "\n".join(problems), pytrace=False)


@pytest.fixture
def topic(both: BothTools) -> str:
    """A topic of three partitions on both sides."""
    name = f"tools-{next(_numbers)}"
    both.compare(TOPICS, "--create", "--topic", name, "--partitions", "3", "--config", "retention.ms=3600000")
    both.compare(GET_OFFSETS, "--topic", name)  # waits for the leaders, which the reference makes a little later
    return name


def produce(both: BothTools, topic: str, *values: str) -> None:
    """Records whose keys are their values: both producers choose the same partitions."""
    keyed = ("--reader-property", "parse.key=true", "--reader-property", "key.separator=:")
    both.compare(PRODUCER, "--topic", topic, *keyed, stdin="".join(f"{value}:{value}\n" for value in values))


def json_file(directory: Path, content: object) -> str:
    path = directory / f"{next(_numbers)}.json"
    path.write_text(json.dumps(content))
    return str(path)


def test_topics_describe_and_list(both: BothTools, topic: str) -> None:
    out = both.compare(TOPICS, "--describe", "--topic", topic, normalise=no_topic_id).out
    assert out.startswith(f"Topic: {topic}\tTopicId: <id>\tPartitionCount: 3")
    for selection in (
        "--under-replicated-partitions",
        "--unavailable-partitions",
        "--under-min-isr-partitions",
        "--at-min-isr-partitions",
        "--topics-with-overrides",
    ):
        both.compare(TOPICS, "--describe", selection, "--topic", topic, normalise=no_topic_id)
    both.compare(TOPICS, "--describe", "--exclude-internal", normalise=no_topic_id)
    both.compare(TOPICS, "--describe", "--partition-size-limit-per-response", "1", "--topic", topic, normalise=no_topic_id)
    both.compare(TOPICS, "--describe", "--topic-id", "AAAAAAAAAAAAAAAAAAAAAQ", exit_code=1)
    both.compare(TOPICS, "--describe", "--topic", f"{topic}-none", exit_code=1)
    both.compare(TOPICS, "--describe", "--topic", f"{topic}-none", "--if-exists")
    both.compare(TOPICS, "--describe", "--under-replicated-partitions")
    both.compare(TOPICS, "--describe", "--topics-with-overrides", normalise=no_topic_id)
    both.compare(TOPICS, "--list", "--exclude-internal")
    both.compare(TOPICS, "--list", "--topic", "tools-.*")


def test_topics_create_refuses(both: BothTools, topic: str) -> None:
    new = f"{topic}-new"
    both.compare(TOPICS, "--create", "--topic", topic, exit_code=1)
    both.compare(TOPICS, "--create", "--topic", topic, "--if-not-exists")
    for wrong in (
        ["--partitions", "0"],
        ["--replication-factor", "2"],
        ["--replication-factor", "0"],
        ["--replica-assignment", "7"],
        ["--config", "retention.ms=soon"],
        ["--config", "no.such.config=1"],
        ["--config", "cleanup.policy=shred"],
    ):
        both.compare(TOPICS, "--create", "--topic", new, *wrong, exit_code=1)
    both.compare(TOPICS, "--create", "--topic", "not/legal", exit_code=1)
    both.compare(TOPICS, "--create", "--topic", "x" * 250, exit_code=1)
    both.compare(TOPICS, "--create", "--topic", f"{new}.a_b")
    both.compare(TOPICS, "--create", "--topic", f"{new}_a.b", exit_code=1)
    both.compare(TOPICS, "--create", "--topic", new, "--replica-assignment", "1,1,1")
    both.compare(TOPICS, "--describe", "--topic", new, normalise=no_topic_id)


def test_topics_alter_and_delete(both: BothTools, topic: str) -> None:
    both.compare(TOPICS, "--alter", "--topic", topic, "--partitions", "5")
    both.compare(TOPICS, "--describe", "--topic", topic, normalise=no_topic_id)
    for partitions in ("5", "2", "0"):
        both.compare(TOPICS, "--alter", "--topic", topic, "--partitions", partitions, exit_code=1)
    both.compare(TOPICS, "--alter", "--topic", f"{topic}-none", "--partitions", "5", exit_code=1)
    both.compare(TOPICS, "--alter", "--topic", topic, "--partitions", "6", "--replica-assignment", "1,1,1,1,1,9", exit_code=1)
    both.compare(TOPICS, "--delete", "--topic", topic)
    both.compare(TOPICS, "--list", "--topic", topic)
    both.compare(TOPICS, "--delete", "--topic", topic, exit_code=1)
    both.compare(TOPICS, "--delete", "--topic", topic, "--if-exists")
    for name in (f"{topic}-a", f"{topic}-b", f"{topic}-c"):
        both.compare(TOPICS, "--create", "--topic", name)
    both.compare(TOPICS, "--list", "--topic", f"{topic}-.")
    both.compare(TOPICS, "--delete", "--topic", f"{topic}-[ab]")
    both.compare(TOPICS, "--list", "--topic", f"{topic}-.")


def test_configs_of_a_topic(both: BothTools, topic: str) -> None:
    of_topic = ("--entity-type", "topics", "--entity-name", topic)
    both.compare(CONFIGS, "--describe", *of_topic)
    both.compare(CONFIGS, "--describe", *of_topic, "--all")
    both.compare(CONFIGS, "--describe", "--topic", topic)
    # Of all topics, in the order in which the metadata lists them: that is of a hash table.
    both.compare(CONFIGS, "--describe", "--entity-type", "topics", normalise=lambda text: "\n".join(sorted(text.splitlines())))
    both.compare(CONFIGS, "--alter", *of_topic, "--add-config", "retention.ms=10000,cleanup.policy=[compact,delete]")
    both.compare(CONFIGS, "--describe", *of_topic)
    both.compare(CONFIGS, "--alter", *of_topic, "--delete-config", "retention.ms")
    both.compare(CONFIGS, "--describe", *of_topic)
    both.compare(CONFIGS, "--alter", *of_topic, "--delete-config", "segment.bytes")
    both.compare(CONFIGS, "--alter", *of_topic, "--add-config", "no.such.config=1", exit_code=1)
    both.compare(CONFIGS, "--alter", *of_topic, "--add-config", "retention.ms=soon", exit_code=1)
    both.compare(CONFIGS, "--alter", *of_topic, "--add-config", "min.insync.replicas=0", exit_code=1)
    both.compare(CONFIGS, "--describe", "--entity-type", "topics", "--entity-name", f"{topic}-none")
    both.compare(
        CONFIGS, "--alter", "--entity-type", "topics", "--entity-name", f"{topic}-none", "--add-config", "retention.ms=1",
        exit_code=1,
    )  # fmt: skip


def test_configs_of_brokers(both: BothTools) -> None:
    of_node = ("--entity-type", "brokers", "--entity-name", NODE)
    of_all = ("--entity-type", "brokers", "--entity-default")
    both.compare(CONFIGS, "--describe", *of_node, "--all")
    both.compare(CONFIGS, "--describe", *of_node)
    both.compare(CONFIGS, "--alter", *of_node, "--add-config", "log.cleaner.threads=2")
    both.compare(CONFIGS, "--alter", *of_all, "--add-config", "log.cleaner.threads=1,message.max.bytes=2000000")
    both.compare(CONFIGS, "--describe", *of_node)
    both.compare(CONFIGS, "--describe", *of_all)
    both.compare(CONFIGS, "--describe", "--entity-type", "brokers")
    both.compare(CONFIGS, "--alter", *of_node, "--delete-config", "log.cleaner.threads")
    both.compare(CONFIGS, "--describe", *of_node)
    both.compare(CONFIGS, "--alter", *of_all, "--delete-config", "log.cleaner.threads,message.max.bytes")
    both.compare(CONFIGS, "--describe", *of_all)
    both.compare(CONFIGS, "--alter", *of_node, "--add-config", "node.id=2", exit_code=1)
    both.compare(CONFIGS, "--alter", *of_node, "--add-config", "log.retention.ms=soon", exit_code=1)
    both.compare(CONFIGS, "--alter", *of_node, "--add-config", "no.such.config=3")
    both.compare(CONFIGS, "--describe", *of_node)
    both.compare(CONFIGS, "--alter", *of_node, "--delete-config", "no.such.config")
    both.compare(CONFIGS, "--describe", "--broker-defaults")
    both.compare(CONFIGS, "--describe", *of_all, "--all")
    both.compare(CONFIGS, "--alter", *of_all, "--add-config", "log.cleaner.threads=-1", exit_code=1)
    both.compare(CONFIGS, "--describe", "--entity-type", "brokers", "--entity-name", "7")


def test_configs_of_groups_and_client_metrics(both: BothTools) -> None:
    for kind, name, config in (
        ("groups", "readers", "consumer.session.timeout.ms=46000"),
        ("client-metrics", "watch", "interval.ms=60000"),
    ):
        entity = ("--entity-type", kind, "--entity-name", name)
        both.compare(CONFIGS, "--alter", *entity, "--add-config", config)
        both.compare(CONFIGS, "--describe", *entity)
        both.compare(CONFIGS, "--describe", *entity, "--all")
        both.compare(CONFIGS, "--describe", "--entity-type", kind)
        both.compare(CONFIGS, "--alter", *entity, "--delete-config", config.partition("=")[0])
        both.compare(CONFIGS, "--alter", *entity, "--add-config", "no.such.config=1", exit_code=1)


def test_client_metrics(both: BothTools) -> None:
    both.compare(CLIENT_METRICS, "--alter", "--name", "m1", "--interval", "5000", "--metrics", "org.apache.")
    both.compare(CLIENT_METRICS, "--list")
    both.compare(CLIENT_METRICS, "--describe")
    both.compare(CLIENT_METRICS, "--alter", "--name", "m2", "--match", "client_id=a.*,client_source_port=[0-9]+")
    both.compare(CLIENT_METRICS, "--describe", "--name", "m2")
    both.compare(CLIENT_METRICS, "--alter", "--name", "m2", "--match", "", "--interval", "", "--metrics", "*")
    both.compare(CLIENT_METRICS, "--list", normalise=in_order)
    both.compare(CLIENT_METRICS, "--describe", normalise=in_order)
    for wrong in (("--interval", "99"), ("--interval", "3600001"), ("--match", "client_ip=1"), ("--match", "client_id=(")):
        both.compare(CLIENT_METRICS, "--alter", "--name", "m3", *wrong, exit_code=1)
    both.compare(CLIENT_METRICS, "--alter", "--name", "m3", "--interval", "x", exit_code=1)
    both.compare(CLIENT_METRICS, "--alter", "--name", "m3")
    generated = sub(r"\S{22}", "<name>")
    both.compare(CLIENT_METRICS, "--alter", "--generate-name", "--metrics", "a", normalise=generated)
    for name in ("m1", "m2"):
        both.compare(CLIENT_METRICS, "--delete", "--name", name)
    for ran in both.run(CLIENT_METRICS, "--list"):
        for name in re.findall(r"^\S{22}$", ran.out, re.MULTILINE):
            both.run(CLIENT_METRICS, "--delete", "--name", name)
    both.compare(CLIENT_METRICS, "--describe", "--name", "m1")
    both.compare(CLIENT_METRICS, "--delete", "--name", "m1")


def in_order(text: str) -> str:
    """Lines in the order of the alphabet: the reference lists what it has in maps."""
    return "\n".join(sorted(text.splitlines()))


def test_get_offsets(both: BothTools, topic: str) -> None:
    produce(both, topic, *"abcde")
    for time in (
        "earliest",
        "latest",
        "max-timestamp",
        "-4",
        "-5",
        "0",
        "99999999999999",
        "earliest-local",
        "latest-tiered",
        "-6",
    ):
        # The first of the records of the last millisecond: which it is depends on how fast the producer was.
        which = sub(r":\d+$", ":<n>") if time == "max-timestamp" else str
        both.compare(GET_OFFSETS, "--topic", topic, "--partitions", "0,2", "--time", time, normalise=which)
    both.compare(GET_OFFSETS, "--topic", f"{topic}.*")
    both.compare(GET_OFFSETS, "--topic-partitions", f"{topic}:0-1", "--time", "earliest")
    both.compare(GET_OFFSETS, "--topic", f"{topic}-none", exit_code=1)
    both.compare(GET_OFFSETS, "--topic", topic, "--partitions", "9", exit_code=1)


def test_delete_records(both: BothTools, topic: str, tmp_path: Path) -> None:
    one = f"{topic}-one"
    both.compare(TOPICS, "--create", "--topic", one)
    produce(both, one, *"abcde")
    offsets = ("earliest", "latest", "-4", "-5")
    for up_to in (3, 2, 9, -1):
        wanted = {"partitions": [{"topic": one, "partition": 0, "offset": up_to}], "version": 1}
        both.compare(DELETE_RECORDS, "--offset-json-file", json_file(tmp_path, wanted))
        for time in offsets:
            both.compare(GET_OFFSETS, "--topic", one, "--time", time)


def test_max_timestamp_of_deleted_records(both: BothTools, topic: str, tmp_path: Path) -> None:
    deleted = f"{topic}-deleted"
    both.compare(TOPICS, "--create", "--topic", deleted)
    produce(both, deleted, "a")
    wanted = {"partitions": [{"topic": deleted, "partition": 0, "offset": -1}], "version": 1}
    both.compare(DELETE_RECORDS, "--offset-json-file", json_file(tmp_path, wanted))
    both.compare(GET_OFFSETS, "--topic", deleted, "--time", "max-timestamp")


def test_log_dirs(both: BothTools, topic: str) -> None:
    sizes = sub(r'"(totalBytes|usableBytes)":-?\d+', r'"\1":<n>')
    both.compare(LOG_DIRS, "--describe", "--topic-list", topic, normalise=sizes)
    both.compare(LOG_DIRS, "--describe", "--topic-list", topic, "--broker-list", NODE, normalise=sizes)
    both.compare(LOG_DIRS, "--describe", "--broker-list", "7", exit_code=1)


def test_cluster(both: BothTools) -> None:
    cluster_id = sub(r"^Cluster ID: \S{22}$", "Cluster ID: <id>")
    both.compare(CLUSTER, bootstrap=("cluster-id", "--bootstrap-server"), normalise=cluster_id)
    both.compare(CLUSTER, bootstrap=("list-endpoints", "--bootstrap-server"), normalise=one_space)
    both.compare(CLUSTER, "--include-fenced-brokers", bootstrap=("list-endpoints", "--bootstrap-server"), normalise=one_space)
    both.compare(CLUSTER, "--id", "7", bootstrap=("unregister", "--bootstrap-server"), exit_code=1)


def test_broker_api_versions(both: BothTools) -> None:
    both.compare(API_VERSIONS)


def test_features(both: BothTools) -> None:
    both.compare(FEATURES, "describe", normalise=sub(r"Epoch: \d+", "Epoch: <n>"))
    both.compare(FEATURES, "upgrade", "--feature", "no.such.feature=1", exit_code=1)
    both.compare(FEATURES, "downgrade", "--metadata", "3.3-IV3", "--dry-run", exit_code=1)
    both.compare(FEATURES, "downgrade", "--metadata", "4.0-IV0", "--dry-run", exit_code=1)
    both.compare(FEATURES, "upgrade", "--feature", "eligible.leader.replicas.version=1", "--dry-run")
    both.compare(FEATURES, "downgrade", "--feature", "eligible.leader.replicas.version=0", "--dry-run")
    both.compare(FEATURES, "version-mapping")


def test_metadata_quorum(both: BothTools) -> None:
    status = sub(r"^(ClusterId|HighWatermark|LeaderEpoch): +\S+", r"\1: <n>")
    both.compare(METADATA_QUORUM, "describe", "--status", normalise=status)

    def replication(text: str) -> str:
        text = sub(r"^1 +\t\S{22} *\t\d+ *\t", "1\t<directory id>\t<end offset>\t")(text)
        return one_space(sub(r"\d+ ms ago|\d{13}", "<time>")(text))

    both.compare(METADATA_QUORUM, "describe", "--replication", normalise=replication)
    both.compare(METADATA_QUORUM, "describe", "--replication", "--human-readable", normalise=replication)


def test_voters_of_the_quorum(both: BothTools, tmp_path: Path) -> None:
    directory = "ZGRkZGRkZGRkZGRkZGRkZA"
    voters = sub(r"directoryId=(?!ZGR)[\w-]{22}", "directoryId=<id>")
    for controller in (NODE, "9"):
        remove = ["--controller-id", controller, "--controller-directory-id", directory]
        both.compare(METADATA_QUORUM, "remove-controller", *remove, exit_code=1, normalise=voters)
        both.compare(METADATA_QUORUM, "remove-controller", *remove, "--dry-run")
    # A controller that takes the node's own id; any other is asked for again until a minute has passed.
    data = tmp_path / "data"
    data.mkdir()
    (data / "meta.properties").write_text(f"version=1\nnode.id={NODE}\ncluster.id=any\ndirectory.id={directory}\n")
    config = tmp_path / "controller.properties"
    config.write_text(
        f"process.roles=controller\nnode.id={NODE}\nlog.dirs={data}\ncontroller.listener.names=CONTROLLER\n"
        "listeners=CONTROLLER://127.0.0.1:1\ncontroller.quorum.bootstrap.servers=127.0.0.1:1\n"
    )
    bootstrap = ("--command-config", str(config), "--bootstrap-server")
    both.compare(METADATA_QUORUM, "add-controller", bootstrap=bootstrap, exit_code=1, normalise=voters)
    both.compare(METADATA_QUORUM, "add-controller", "--dry-run", bootstrap=bootstrap)


def test_leader_election(both: BothTools, topic: str, tmp_path: Path) -> None:
    for election in ("preferred", "unclean"):
        both.compare(LEADER_ELECTION, "--election-type", election, "--topic", topic, "--partition", "0")
        some = {"partitions": [{"topic": topic, "partition": number} for number in (1, 2)]}
        both.compare(LEADER_ELECTION, "--election-type", election, "--path-to-json-file", json_file(tmp_path, some))
        both.compare(LEADER_ELECTION, "--election-type", election, "--all-topic-partitions")
        both.compare(LEADER_ELECTION, "--election-type", election, "--topic", topic, "--partition", "9", exit_code=1)
        both.compare(LEADER_ELECTION, "--election-type", election, "--topic", f"{topic}-none", "--partition", "0", exit_code=1)


def test_reassign_partitions(both: BothTools, topic: str, tmp_path: Path) -> None:
    move = json_file(tmp_path, {"topics": [{"topic": topic}], "version": 1})
    both.compare(REASSIGN, "--generate", "--topics-to-move-json-file", move, "--broker-list", NODE)
    both.compare(REASSIGN, "--generate", "--topics-to-move-json-file", move, "--broker-list", "1,7")

    def plan(*replicas: int, topic: str = topic) -> str:
        return json_file(
            tmp_path,
            {"version": 1, "partitions": [{"topic": topic, "partition": 0, "replicas": replicas, "log_dirs": ["any"]}]},
        )

    same = plan(1)
    both.compare(REASSIGN, "--execute", "--reassignment-json-file", same)
    both.compare(REASSIGN, "--verify", "--reassignment-json-file", same)
    both.compare(REASSIGN, "--list")
    both.compare(REASSIGN, "--execute", "--reassignment-json-file", same, "--throttle", "1000000")
    both.compare(CONFIGS, "--describe", "--entity-type", "brokers", "--entity-name", NODE)
    both.compare(REASSIGN, "--verify", "--reassignment-json-file", same)
    both.compare(CONFIGS, "--describe", "--entity-type", "brokers", "--entity-name", NODE)
    both.compare(REASSIGN, "--cancel", "--reassignment-json-file", same)
    both.compare(REASSIGN, "--execute", "--reassignment-json-file", plan(7), exit_code=1)
    both.compare(REASSIGN, "--execute", "--reassignment-json-file", plan(1, topic=f"{topic}-none"), exit_code=1)
    both.compare(REASSIGN, "--verify", "--reassignment-json-file", plan(1, topic=f"{topic}-none"), exit_code=1)


def test_replicas_between_log_directories(both: BothTools, topic: str, tmp_path: Path) -> None:
    for label, directory in (("own", None), ("nowhere", "/nowhere")):
        for side, name in zip(both.sides, ("reference", "ours"), strict=True):
            log_dir = directory or str(side.broker.data_dir)
            moves = [{"topic": topic, "partition": number, "replicas": [1], "log_dirs": [log_dir]} for number in (0, 1)]
            (tmp_path / f"{label}-{name}.json").write_text(json.dumps({"version": 1, "partitions": moves}))
        plan = ["--reassignment-json-file", str(tmp_path / f"{label}-<side>.json")]
        both.compare(REASSIGN, "--execute", *plan, exit_code=0 if directory is None else 1)
        both.compare(REASSIGN, "--verify", *plan, normalise=in_order)


def test_producer_performance_and_console_tools(both: BothTools, topic: str) -> None:
    figures = sub(r"\d[\d.]*", "<n>")
    load = ["--topic", topic, "--num-records", "1000", "--record-size", "100", "--throughput", "-1"]
    both.compare(PRODUCER_PERFORMANCE, *load, normalise=figures)
    one = f"{topic}-one"
    both.compare(TOPICS, "--create", "--topic", one)
    both.compare(
        PRODUCER, "--topic", one, "--reader-property", "parse.key=true", "--reader-property", "key.separator=:",
        "--compression-codec", "gzip", stdin="k1:v1\nk2:v2\n",
    )  # fmt: skip
    shown = [f"--formatter-property=print.{what}=true" for what in ("offset", "partition", "key", "epoch")]
    consume = ["--topic", one, "--partition", "0", "--timeout-ms", "20000", *shown]
    both.compare(CONSUMER, *consume, "--offset", "earliest", "--max-messages", "2")
    both.compare(CONSUMER, *consume, "--offset", "1", "--max-messages", "1")
    both.compare(CONSUMER, "--topic", one, "--partition", "0", "--offset", "latest", "--timeout-ms", "500")
    both.compare(CONSUMER, *consume, "--offset", "earliest", "--max-messages", "2", "--isolation-level", "read_committed")


def test_what_is_switched_off(both: BothTools, topic: str, tmp_path: Path) -> None:
    for kind in ("users", "clients", "ips"):
        both.compare(CONFIGS, "--describe", "--entity-type", kind)
        both.compare(CONFIGS, "--describe", "--entity-type", kind, "--entity-default")
        both.compare(CONFIGS, "--describe", "--entity-type", kind, "--entity-name", "10.1.2.3")
    both.compare(CONFIGS, "--describe", "--user", "bob", "--client", "c")
    both.compare(CONFIGS, "--alter", "--user", "bob", "--delete-config", "producer_byte_rate", exit_code=1)
    both.compare(CONFIGS, "--alter", "--user", "bob", "--delete-config", "SCRAM-SHA-256", exit_code=1)
    both.compare(TRANSACTIONS, "list")
    both.compare(TRANSACTIONS, "list", "--duration-filter", "1000")
    both.compare(TRANSACTIONS, "list", "--transactional-id-pattern", "orders-.*")
    both.compare(TRANSACTIONS, "list", "--transactional-id-pattern", "(", exit_code=1)
    both.compare(TRANSACTIONS, "find-hanging", "--broker-id", NODE)
    entry = ["--allow-principal", "User:bob", "--operation", "Read", "--topic", topic]
    for pattern in ("any", "match", "literal", "prefixed"):
        both.compare(ACLS, "--list", "--topic", topic, "--resource-pattern-type", pattern, exit_code=1)
    both.compare(ACLS, "--list", exit_code=1)
    both.compare(ACLS, "--add", *entry, exit_code=1)
    both.compare(ACLS, "--remove", "--force", *entry, exit_code=1)
    nothing = tmp_path / "client.properties"
    nothing.write_text("")
    tokens = ["--command-config", str(nothing)]
    both.compare(DELEGATION_TOKENS, "--describe", *tokens, exit_code=1)
    both.compare(DELEGATION_TOKENS, "--create", "--max-life-time-period", "-1", *tokens, exit_code=1)
    both.compare(DELEGATION_TOKENS, "--renew", "--hmac", "bm90", "--renew-time-period", "-1", *tokens, exit_code=1)
    both.compare(DELEGATION_TOKENS, "--expire", "--hmac", "bm90", "--expiry-time-period", "-1", *tokens, exit_code=1)


@pytest.mark.parametrize("config", ["producer_byte_rate=1000", "SCRAM-SHA-256=[iterations=8192,password=secret]"])
def test_quotas_and_credentials(both: BothTools, config: str) -> None:
    name = config.partition("=")[0]
    both.compare(CONFIGS, "--alter", "--user", "carol", "--add-config", config)
    both.compare(CONFIGS, "--describe", "--user", "carol")
    both.compare(CONFIGS, "--alter", "--user", "carol", "--delete-config", name)
    both.compare(CONFIGS, "--describe", "--user", "carol")
