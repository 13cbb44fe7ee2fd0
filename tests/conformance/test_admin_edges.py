"""What comes together in one request of an admin API, and how much: against Apache Kafka, with the expected codes written down.

Two equal errors prove nothing, so each case says what both must answer. Left out is what the reference never answers: it stands
still over thousands of CreateTopics or CreatePartitions entries of one name and DeleteTopics entries by id (hash collisions in
its collections), and gives AlterConfigs with a resource named twice no answer at all; we answer those (tests/api).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.messages.alter_configs import AlterableConfig, AlterConfigsRequest, AlterConfigsResource
from kafka_compat.protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    ReassignablePartition,
    ReassignableTopic,
)
from kafka_compat.protocol.messages.create_partitions import CreatePartitionsRequest, CreatePartitionsTopic
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafka_compat.protocol.messages.delete_groups import DeleteGroupsRequest
from kafka_compat.protocol.messages.delete_records import DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicState
from kafka_compat.protocol.messages.describe_configs import DescribeConfigsRequest, DescribeConfigsResource
from kafka_compat.protocol.messages.describe_groups import DescribeGroupsRequest
from kafka_compat.protocol.messages.describe_log_dirs import DescribableLogDirTopic, DescribeLogDirsRequest
from kafka_compat.protocol.messages.describe_producers import DescribeProducersRequest
from kafka_compat.protocol.messages.describe_producers import TopicRequest as ProducersOfTopic
from kafka_compat.protocol.messages.describe_topic_partitions import DescribeTopicPartitionsRequest, TopicRequest
from kafka_compat.protocol.messages.elect_leaders import ElectLeadersRequest, TopicPartitions
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.incremental_alter_configs import AlterableConfig as Step
from kafka_compat.protocol.messages.incremental_alter_configs import AlterConfigsResource as Steps
from kafka_compat.protocol.messages.incremental_alter_configs import IncrementalAlterConfigsRequest
from kafka_compat.protocol.messages.leave_group import LeaveGroupRequest, MemberIdentity
from kafka_compat.protocol.messages.list_offsets import ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic
from kafka_compat.protocol.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsTopics,
)
from kafka_compat.protocol.messages.metadata import MetadataResponse
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafka_compat.protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)
from kafka_compat.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopic,
    OffsetFetchRequestTopics,
)
from kafka_compat.protocol.messages.offset_for_leader_epoch import (
    OffsetForLeaderEpochRequest,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)
from kafka_compat.protocol.messages.update_features import FeatureUpdateKey, UpdateFeaturesRequest
from tests.conformance.both import ANY_ERROR, Both, Request
from tests.conformance.data_plane import batch, produce_now
from tests.conformance.normalise import Normal
from tests.conformance.requests import delete_records, metadata_of
from tests.support.wire_client import api_key_of

MAX, MIN = (1 << 63) - 1, -(1 << 63)
MAX_INT, MIN_INT = (1 << 31) - 1, -(1 << 31)
ZERO = bytes(16)
TOPIC, BROKER, LOGGER, GROUP = 2, 4, 8, 32
SET, DELETE, APPEND = 0, 1, 2
OUT_OF_RANGE, UNKNOWN, INVALID_TOPIC, INVALID_REQUEST, POLICY_VIOLATION = 1, 3, 17, 42, 44


def codes_of(answer: Normal) -> list[Normal]:
    """Every error code, in the order of the answer."""
    if isinstance(answer, list):
        return [code for item in answer for code in codes_of(item)]
    if isinstance(answer, dict):
        found: list[Normal] = []
        for name, value in answer.items():
            found += [value] if name == "error_code" else codes_of(value)
        return found
    return []


def expect(
    both: Both, label: str, request: Request, version: int, codes: Sequence[int], *, unordered: Collection[str] = ()
) -> None:
    """Both give one answer, with these error codes (sorted, when the order of the answer does not count)."""
    answers = both.answers(request, version, unordered=unordered)
    made = request(both.ours) if callable(request) else request
    both.compare_values(f"{label} v{version}", ApiKey(api_key_of(made)), *answers, expect=ANY_ERROR)  # one by one below
    found = codes_of(answers[0])
    assert (sorted(found, key=repr) if unordered else found) == (sorted(codes, key=repr) if unordered else list(codes)), label


def produce(both: Both, name: str, records: int) -> None:
    for side in both.sides:
        produce_now(side, name, 0, *(batch([(1_000, b"key", b"value", ())]) for _ in range(records)))


@pytest.fixture
def group(both: Both) -> str:
    """A group whose coordinator is there on both sides."""
    name = both.name("group")
    for side in both.sides:
        for _ in range(10_000):
            answer = side.call(FindCoordinatorRequest(coordinator_keys=[name]), 4, FindCoordinatorResponse)
            fetched = both.answer(side, OffsetFetchRequest(group_id=name, topics=None), 5)
            if not answer.coordinators[0].error_code and codes_of(fetched) == [0]:
                break
    return name


@pytest.mark.parametrize(
    ("policy", "codes"),
    [("", [0, 0, 0]), ("delete", [0, 0, 0]), ("compact", [POLICY_VIOLATION] * 3), ("compact,delete", [0, 0, 0])],
)
def test_delete_records_under_each_cleanup_policy(both: Both, policy: str, codes: list[int]) -> None:
    name = both.create_topic(both.name("cleanup"), configs={"cleanup.policy": policy})
    produce(both, name, 5)
    for offset, code in zip((0, 3, -1), codes, strict=True):
        for version in range(3):
            expect(both, f"{policy!r} to {offset}", delete_records((name, 0, offset)), version, [code])


def test_delete_records_at_the_edges(both: Both) -> None:
    name = both.create_topic(both.name("records"), 2)
    produce(both, name, 5)
    for offset in (MAX, MIN, -2, 6):
        expect(both, f"to {offset}", delete_records((name, 0, offset)), 2, [OUT_OF_RANGE])
    twice = delete_records((name, 0, 1), (name, 0, 2), (name, 1, 0), ("nope", 0, 0), (name, 0, 3))
    expect(both, "named twice", twice, 2, [0, 0, UNKNOWN], unordered=("topics", "partitions"))
    partitions = [DeleteRecordsPartition(partition_index=0, offset=offset) for offset in (4, 99)]
    for timeout_ms in (0, -1, MAX_INT, MIN_INT):
        request = DeleteRecordsRequest(topics=[DeleteRecordsTopic(name=name, partitions=partitions)], timeout_ms=timeout_ms)
        expect(both, f"twice in a topic, timeout {timeout_ms}", request, 2, [OUT_OF_RANGE])
        partitions.reverse()
        expect(both, f"twice in a topic, timeout {timeout_ms}", request, 2, [0])
        partitions.reverse()


def test_missing_topics_whose_names_resemble_each_other_are_created_together(both: Both) -> None:
    stem = both.name("auto")
    names = [f"{stem}.a", f"{stem}_a", f"{stem}-a", f"_{stem}"]
    refused = [*names, names[0], "a/b", ""]
    codes = [UNKNOWN] * 4 + [INVALID_TOPIC] * 2
    expect(both, "missing", metadata_of(*refused, create=True), 9, codes, unordered=("topics",))
    for side in both.sides:
        for _ in range(10_000):
            if not any(topic.error_code for topic in side.call(metadata_of(*names), 9, MetadataResponse).topics):
                break
    expect(both, "created", metadata_of(*names), 9, [0] * 8, unordered=("topics",))
    twins = [f"{stem}.b", f"{stem}-b"]
    both.create_topic(f"{stem}_b")
    expect(both, "one collides", metadata_of(*twins, create=True), 9, [UNKNOWN] * 2, unordered=("topics",))
    for side in both.sides:
        both.wait_for_leaders(side, twins[1], 1)
    expect(both, "the other is created", metadata_of(*twins), 9, [UNKNOWN, 0, 0], unordered=("topics",))


def test_topics_named_twice(both: Both) -> None:
    stem = both.name("twice")
    one, two = both.create_topic(f"{stem}1", 2), both.create_topic(f"{stem}2")
    new = [
        CreatableTopic(name=f"{stem}{end}", num_partitions=n, replication_factor=1) for end, n in (("a", 1), ("a", 2), ("b", 1))
    ]
    request = CreateTopicsRequest(topics=new, timeout_ms=10_000, validate_only=True)
    expect(both, "create", request, 7, [0, INVALID_REQUEST])
    new = [CreatableTopic(name=f"{stem}{end}", num_partitions=1, replication_factor=1) for end in (".c", "_c")]
    expect(both, "create twins", CreateTopicsRequest(topics=new, timeout_ms=10_000, validate_only=True), 7, [0, 0])
    grown = [CreatePartitionsTopic(name=name, count=count) for name, count in ((one, 3), (one, 4), ("nope", 4))]
    expect(both, "grow", CreatePartitionsRequest(topics=grown, timeout_ms=10_000), 3, [INVALID_REQUEST, UNKNOWN])
    expect(both, "delete", DeleteTopicsRequest(topic_names=[one, one], timeout_ms=10_000), 5, [INVALID_REQUEST])

    def by_id_and_name(*states: tuple[str, bool, bool]) -> Request:
        return lambda side: DeleteTopicsRequest(
            topics=[
                DeleteTopicState(name=name if by_name else None, topic_id=side.ids[name] if by_id else ZERO)
                for name, by_name, by_id in states
            ],
            timeout_ms=10_000,
        )

    mixed = by_id_and_name((one, False, True), (one, True, False), (two, True, True), (two, False, True), (two, False, True))
    expect(both, "delete by id and name", mixed, 6, [INVALID_REQUEST] * 3, unordered=("responses",))
    mixed = by_id_and_name((one, False, True), (one, True, False), (one, True, False), (two, True, False))
    expect(both, "delete by id, and twice by name", mixed, 6, [0, 0, INVALID_REQUEST], unordered=("responses",))


def test_configs_named_twice(both: Both) -> None:
    one, two = both.create_topic(both.name("configs")), both.create_topic(both.name("configs"))

    def alter(*resources: tuple[int, str, list[tuple[str, str]]]) -> AlterConfigsRequest:
        return AlterConfigsRequest(
            resources=[
                AlterConfigsResource(
                    resource_type=kind, resource_name=name, configs=[AlterableConfig(name=k, value=v) for k, v in configs]
                )
                for kind, name, configs in resources
            ]
        )

    def step(*resources: tuple[int, str, list[tuple[str, int, str | None]]]) -> IncrementalAlterConfigsRequest:
        return IncrementalAlterConfigsRequest(
            resources=[
                Steps(
                    resource_type=kind,
                    resource_name=name,
                    configs=[Step(name=k, config_operation=operation, value=v) for k, operation, v in configs],
                )
                for kind, name, configs in resources
            ]
        )

    name, bad = "retention.ms", INVALID_REQUEST
    expect(both, "keys", alter((TOPIC, one, [(name, "1"), (name, "2")]), (TOPIC, two, [(name, "3")])), 2, [bad, 0])
    expect(both, "equal keys", alter((TOPIC, one, [(name, "1"), (name, "1")])), 2, [bad])
    resources = step(
        (TOPIC, one, [(name, SET, "1")]), (TOPIC, one, [("segment.ms", SET, "2")]), (TOPIC, two, [(name, SET, "3")])
    )
    expect(both, "resources", resources, 1, [bad, bad, 0])
    expect(both, "steps", step((TOPIC, one, [(name, SET, "1"), (name, DELETE, None)]), (TOPIC, two, [])), 1, [bad, 0])
    appended: list[tuple[str, int, str | None]] = [("cleanup.policy", APPEND, "compact"), ("cleanup.policy", APPEND, "delete")]
    expect(both, "appended", step((TOPIC, one, appended)), 1, [bad])
    expect(both, "loggers", step((LOGGER, "1", []), (LOGGER, "1", [])), 1, [bad, bad])
    described = [
        DescribeConfigsResource(resource_type=TOPIC, resource_name=resource, configuration_keys=[name, name, "no.such"])
        for resource in (one, one, "nope", "nope", "a/b")
    ]
    expect(both, "described", DescribeConfigsRequest(resources=described), 4, [0, 0, UNKNOWN, UNKNOWN, INVALID_TOPIC])


@pytest.mark.parametrize(
    "name",
    [
        "retention.ms",
        "retention.bytes",
        "delete.retention.ms",
        "file.delete.delay.ms",
        "flush.messages",
        "flush.ms",
        "local.retention.ms",
        "max.compaction.lag.ms",
        "message.timestamp.after.max.ms",
        "message.timestamp.before.max.ms",
        "min.compaction.lag.ms",
        "segment.jitter.ms",
        "segment.ms",
    ],
)
def test_configs_at_the_edges_of_int64(both: Both, name: str) -> None:
    topic = both.create_topic(both.name("edges"))
    invalid = 40
    for value, codes in (
        (MAX, {0, invalid}),
        (MAX + 1, {invalid}),
        (MIN, {0, invalid}),
        (MIN - 1, {invalid}),
        (0, {0, invalid}),
    ):
        steps = [Step(name=name, config_operation=SET, value=str(value))]
        resource = Steps(resource_type=TOPIC, resource_name=topic, configs=steps)
        request = IncrementalAlterConfigsRequest(resources=[resource], validate_only=True)
        answers = both.answers(request, 1)
        both.compare_values(f"{name}={value}", ApiKey.INCREMENTAL_ALTER_CONFIGS, *answers, expect=ANY_ERROR)
        assert set(codes_of(answers[0])) <= codes


def test_partitions_named_twice(both: Both) -> None:
    one, two = both.create_topic(both.name("parts"), 2), both.create_topic(both.name("parts"))
    produce(both, one, 3)
    looked = [
        ListOffsetsTopic(name=name, partitions=[ListOffsetsPartition(partition_index=index, timestamp=timestamp)])
        for name, index, timestamp in ((one, 0, -1), (one, 0, -2), (one, 1, -1), (two, 0, -1))
    ]
    unordered = ("topics", "partitions")
    expect(both, "list offsets", ListOffsetsRequest(topics=looked), 7, [0, 0, INVALID_REQUEST], unordered=unordered)
    epochs = [OffsetForLeaderPartition(partition=0, leader_epoch=0)] * 2
    looks = [OffsetForLeaderTopic(topic=one, partitions=epochs), OffsetForLeaderTopic(topic=one, partitions=epochs[:1])]
    expect(both, "epochs", OffsetForLeaderEpochRequest(replica_id=-1, topics=looks), 4, [0, 0, 0])
    producers = [ProducersOfTopic(name=name, partition_indexes=[0, 0, 9]) for name in (one, one, "nope")]
    codes = [0, 0, UNKNOWN] * 2 + [UNKNOWN] * 3
    expect(both, "producers", DescribeProducersRequest(topics=producers), 0, codes)
    dirs = [DescribableLogDirTopic(topic=one, partitions=[0, 0, 9]), DescribableLogDirTopic(topic=one, partitions=[0, 1])]
    request = DescribeLogDirsRequest(topics=dirs)
    answers = both.answers(request, 3, unordered=("partitions",))
    both.compare_values("log dirs", ApiKey.DESCRIBE_LOG_DIRS, *answers)
    assert codes_of(answers[0]) == [0, 0]
    pages = [TopicRequest(name=name) for name in (one, one, two, "nope", "nope")]
    expect(both, "topic partitions", DescribeTopicPartitionsRequest(topics=pages), 0, [UNKNOWN, 0, 0, 0, 0, 0])
    elected = [TopicPartitions(topic=one, partitions=[0, 0, 9, 9]), TopicPartitions(topic=one, partitions=[0])]
    codes = [0, 84, 84, UNKNOWN, UNKNOWN, 84]
    expect(both, "elected", ElectLeadersRequest(topic_partitions=elected, timeout_ms=10_000), 2, codes)
    moves = [
        ReassignableTopic(
            name=one,
            partitions=[
                ReassignablePartition(partition_index=0, replicas=[1]),
                ReassignablePartition(partition_index=0, replicas=None),
            ],
        )
    ] * 2
    expect(both, "reassigned", AlterPartitionReassignmentsRequest(topics=moves, timeout_ms=10_000), 1, [0, 0, 85, 0, 85])
    listed = [ListPartitionReassignmentsTopics(name=one, partition_indexes=[0, 0])] * 2
    expect(both, "reassignments", ListPartitionReassignmentsRequest(topics=listed, timeout_ms=10_000), 0, [0])


def test_features_named_twice(both: Both) -> None:
    metadata, elr = "metadata.version", "eligible.leader.replicas.version"
    for label, updates, codes in (
        ("equal", ((metadata, 30), (metadata, 30)), [0, 0, 0]),
        ("with another between", ((metadata, 30), (elr, 1), (metadata, 30)), [0, 0, 0, 0]),
        ("the last is bad", ((metadata, 30), (metadata, 99)), [95]),
        ("the first is bad", ((metadata, 99), (metadata, 30)), [0, 0, 0]),
    ):
        wanted = [FeatureUpdateKey(feature=name, max_version_level=level, upgrade_type=1) for name, level in updates]
        expect(both, label, UpdateFeaturesRequest(feature_updates=wanted, validate_only=True), 1, codes)
        expect(both, label, UpdateFeaturesRequest(feature_updates=wanted, validate_only=True), 2, codes[:1])


def _commit(group: str, *wanted: tuple[str, int, int], retention_ms: int = -1, metadata: str = "") -> OffsetCommitRequest:
    return OffsetCommitRequest(
        group_id=group,
        retention_time_ms=retention_ms,
        topics=[
            OffsetCommitRequestTopic(
                name=name,
                partitions=[
                    OffsetCommitRequestPartition(partition_index=index, committed_offset=offset, committed_metadata=metadata)
                ],
            )
            for name, index, offset in wanted
        ],
    )


def _delete_offsets(group: str, *topics: tuple[str, list[int]]) -> OffsetDeleteRequest:
    return OffsetDeleteRequest(
        group_id=group,
        topics=[
            OffsetDeleteRequestTopic(
                name=name, partitions=[OffsetDeleteRequestPartition(partition_index=index) for index in indexes]
            )
            for name, indexes in topics
        ],
    )


def test_offsets_named_twice(both: Both, group: str) -> None:
    one, two = both.create_topic(both.name("offsets"), 2), both.create_topic(both.name("offsets"))
    twice = _commit(group, (one, 0, 1), (one, 0, 2), (one, 1, 7), (two, 0, 3), (one, 0, 3))
    expect(both, "commit", twice, 7, [0] * 5)
    refused = _commit(group, (one, 0, 1), ("no", 0, 2), (one, 9, 7), (two, 0, 3), ("no", 0, 3), (one, 0, 4))
    expect(both, "commit with unknown", refused, 7, [UNKNOWN, UNKNOWN, UNKNOWN, 0, 0, 0])
    topics = [OffsetFetchRequestTopic(name=one, partition_indexes=indexes) for indexes in ([0, 0, 1], [0])]
    expect(both, "fetch", OffsetFetchRequest(group_id=group, topics=topics), 5, [0] * 5)
    groups = [
        OffsetFetchRequestGroup(group_id=group, topics=None),
        OffsetFetchRequestGroup(group_id=group, topics=None),
        OffsetFetchRequestGroup(group_id=group, topics=[OffsetFetchRequestTopics(name=one, partition_indexes=[0, 0])]),
        OffsetFetchRequestGroup(group_id="", topics=None),
    ]
    expect(both, "fetch groups", OffsetFetchRequest(groups=groups), 8, [0] * 12, unordered=("groups", "topics", "partitions"))
    expect(both, "delete", _delete_offsets(group, (one, [0, 0]), (one, [1])), 0, [0, 0, 0, 0])
    merged = _delete_offsets(group, (one, [0]), ("no", [0, 0]), (two, [0, 9]), (one, [1]), ("no", [1]), (two, []))
    expect(both, "delete with unknown", merged, 0, [0, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, 0, 0, 0])
    expect(both, "delete nothing", _delete_offsets(group, (one, []), ("no", [])), 0, [0])


@pytest.mark.parametrize("retention_ms", [-2, 0, 1, MAX, MAX - 10**12, MAX - 2 * 10**12, MIN])
def test_commits_at_the_edges_of_int64(both: Both, group: str, retention_ms: int) -> None:
    name = both.create_topic(both.name("offsets"))
    for version in (2, 3, 4):
        expect(both, f"retention {retention_ms}", _commit(group, (name, 0, 5), retention_ms=retention_ms), version, [0])
    for offset in (0, -1, -2, MAX, MIN):
        expect(both, f"offset {offset}", _commit(group, (name, 0, offset)), 7, [0])
        topics = [OffsetFetchRequestTopic(name=name, partition_indexes=[0])]
        expect(both, f"offset {offset} fetched", OffsetFetchRequest(group_id=group, topics=topics), 5, [0, 0])


def test_commits_that_fit_one_batch_and_that_do_not(both: Both, group: str) -> None:
    name = both.create_topic(both.name("offsets"), 2)
    for count, metadata_bytes, code in ((256, 4000, 0), (270, 4000, -1), (10_000, 0, 0), (20_000, 0, -1)):
        request = _commit(group, *((name, n % 2, n) for n in range(count)), metadata="x" * metadata_bytes)
        expect(both, f"{count} offsets with {metadata_bytes} bytes", request, 7, [code] * count)
        topics = [OffsetFetchRequestTopic(name=name, partition_indexes=[0, 1])]
        expect(both, f"after {count} offsets", OffsetFetchRequest(group_id=group, topics=topics), 5, [0, 0, 0])


def test_groups_named_twice(both: Both, group: str) -> None:
    name = both.create_topic(both.name("groups"))
    expect(both, "commit", _commit(group, (name, 0, 1)), 7, [0])
    wanted = [group, group, "", "no", "no"]
    expect(both, "describe", DescribeGroupsRequest(groups=wanted), 5, [0] * 5, unordered=("groups",))
    expect(both, "describe", DescribeGroupsRequest(groups=wanted), 6, [0, 0, 69, 69, 69], unordered=("groups",))
    strangers = [MemberIdentity(member_id="x"), MemberIdentity(member_id="", group_instance_id="i")] * 2
    for group_id in (group, both.name("nobody")):
        expect(both, "leave", LeaveGroupRequest(group_id=group_id, members=strangers), 4, [0, 25, 25, 25, 25])
        expect(both, "leave of nobody", LeaveGroupRequest(group_id=group_id, members=[]), 4, [0])
    expect(both, "find", FindCoordinatorRequest(coordinator_keys=[group, group, "", group]), 4, [0] * 4)
    expect(both, "delete", DeleteGroupsRequest(groups_names=wanted), 2, [0, 69, 69], unordered=("results",))


@pytest.mark.parametrize("count", [10_000, 10_001])
def test_how_much_one_request_may_do(both: Both, count: int) -> None:
    """Kafka's controller writes 10,000 records for a request; CreatePartitions counts results, everything else changes."""
    is_too_much = count > 10_000
    name = both.create_topic(both.name("much"))
    numbers = range(count)
    topics = [CreatableTopic(name=f"a/{n}", num_partitions=0, replication_factor=1) for n in numbers]
    expect(both, f"create {count}", CreateTopicsRequest(topics=topics, timeout_ms=30_000), 7, [INVALID_TOPIC] * count)
    topics = [CreatableTopic(name=f"a/{n}", num_partitions=1, replication_factor=1) for n in numbers]
    codes = [POLICY_VIOLATION if is_too_much else INVALID_TOPIC] * count
    expect(both, f"create {count} with a partition", CreateTopicsRequest(topics=topics, timeout_ms=30_000), 7, codes)
    grown = [CreatePartitionsTopic(name=f"unknown-{n}", count=2) for n in numbers]
    codes = [POLICY_VIOLATION if is_too_much else UNKNOWN] * count
    for validate_only in (True, False):
        request = CreatePartitionsRequest(topics=grown, timeout_ms=30_000, validate_only=validate_only)
        expect(both, f"grow {count}", request, 3, codes, unordered=("results",))
    deletion = DeleteTopicsRequest(topic_names=[f"unknown-{n}" for n in numbers], timeout_ms=30_000)
    expect(both, f"delete {count}", deletion, 5, [UNKNOWN] * count, unordered=("responses",))
    key = "consumer.session.timeout.ms"
    codes = [POLICY_VIOLATION if is_too_much else 0] * count
    steps = [
        Steps(
            resource_type=GROUP,
            resource_name=f"g{n}",
            configs=[Step(name=key, config_operation=SET, value="45000")],
        )
        for n in numbers
    ]
    expect(both, f"step {count}", IncrementalAlterConfigsRequest(resources=steps, validate_only=True), 1, codes)
    replaced = [
        AlterConfigsResource(resource_type=GROUP, resource_name=f"g{n}", configs=[AlterableConfig(name=key, value="45000")])
        for n in numbers
    ]
    expect(both, f"alter {count}", AlterConfigsRequest(resources=replaced, validate_only=True), 2, codes)
    elected = [TopicPartitions(topic=name, partitions=list(numbers))]
    request_of_elections = ElectLeadersRequest(topic_partitions=elected, timeout_ms=30_000)
    expect(both, f"elect {count}", request_of_elections, 2, [0, 84, *[UNKNOWN] * (count - 1)])
    moves = [ReassignablePartition(partition_index=0, replicas=[1]) for _ in numbers]
    request_of_moves = AlterPartitionReassignmentsRequest(
        topics=[ReassignableTopic(name=name, partitions=moves)], timeout_ms=30_000
    )
    expect(both, f"reassign {count}", request_of_moves, 1, [0] * (count + 1))
