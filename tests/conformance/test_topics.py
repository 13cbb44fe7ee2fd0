"""CreateTopics, Metadata, DeleteTopics, CreatePartitions, DeleteRecords and DescribeTopicPartitions against Apache Kafka."""

from __future__ import annotations

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.messages.create_partitions import (
    CreatePartitionsAssignment,
    CreatePartitionsRequest,
    CreatePartitionsTopic,
)
from kafka_compat.protocol.messages.create_topics import (
    CreatableReplicaAssignment,
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
)
from kafka_compat.protocol.messages.delete_records import DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse, DeleteTopicState
from kafka_compat.protocol.messages.describe_topic_partitions import (
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsRequestCursor,
    TopicRequest,
)
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.protocol.messages.offset_for_leader_epoch import (
    OffsetForLeaderEpochRequest,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)
from kafka_compat.protocol.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)
from kafka_compat.records.builder import build_batch
from tests.conformance.conftest import Both, Side
from tests.conformance.normalise import normalise
from tests.wire_client import WireClient

pytestmark = pytest.mark.reference

UNKNOWN_ID = bytes(range(1, 17))


def _topic(
    name: str,
    partitions: int = 1,
    factor: int = 1,
    assignments: list[tuple[int, list[int]]] | None = None,
    configs: list[tuple[str, str | None]] | None = None,
) -> CreatableTopic:
    return CreatableTopic(
        name=name,
        num_partitions=partitions,
        replication_factor=factor,
        assignments=[CreatableReplicaAssignment(partition_index=index, broker_ids=ids) for index, ids in assignments or ()],
        configs=[CreatableTopicConfig(name=key, value=value) for key, value in configs or ()],
    )


BAD_TOPICS = {
    "empty name": _topic(""),
    "dot": _topic("."),
    "dots": _topic(".."),
    "slash": _topic("a/b"),
    "space": _topic("a b"),
    "umlaut": _topic("ä"),
    "long": _topic("a" * 250),
    "cluster metadata": _topic("__cluster_metadata"),
    "no partitions": _topic("v1", 0),
    "negative partitions": _topic("v2", -2),
    "no replicas": _topic("v3", 1, 0),
    "negative replicas": _topic("v4", 1, -2),
    "two replicas": _topic("v5", 1, 2),
    "two replicas by default count": _topic("v6", -1, 2),
    "huge": _topic("v7", 10_000),
    "empty assignment": _topic("v8", -1, -1, [(0, [])]),
    "unknown broker": _topic("v9", -1, -1, [(0, [7])]),
    "negative broker": _topic("v10", -1, -1, [(0, [-1])]),
    "broker twice": _topic("v11", -1, -1, [(0, [1, 1])]),
    "partition twice": _topic("v12", -1, -1, [(0, [1]), (0, [1])]),
    "gap": _topic("v13", -1, -1, [(0, [1]), (2, [1])]),
    "not from zero": _topic("v14", -1, -1, [(1, [1])]),
    "negative partition": _topic("v15", -1, -1, [(-1, [1])]),
    "uneven": _topic("v16", -1, -1, [(0, [1]), (1, [1, 2])]),
    "assignment and factor": _topic("v17", -1, 1, [(0, [1])]),
    "assignment and count": _topic("v18", 1, -1, [(0, [1])]),
    "assignment and both": _topic("v19", 1, 1, [(0, [1])]),
    "unknown config": _topic("v20", configs=[("no.such.config", "1")]),
    "bad number": _topic("v21", configs=[("retention.ms", "soon")]),
    "out of bounds": _topic("v22", configs=[("segment.bytes", "1")]),
    "bad list": _topic("v23", configs=[("cleanup.policy", "shred")]),
    "null config": _topic("v24", configs=[("retention.ms", None)]),
    "two null configs": _topic("v25", configs=[("retention.ms", None), ("cleanup.policy", None)]),
    "null and unknown config": _topic("v26", configs=[("retention.ms", None), ("no.such", "1")]),
    "empty config name": _topic("v27", configs=[("", "1")]),
    "config twice": _topic("v28", configs=[("retention.ms", "1"), ("retention.ms", "2")]),
    "bad name and config": _topic("a/b", configs=[("no.such.config", "1")]),
    "bad config and partitions": _topic("v29", 0, configs=[("no.such.config", "1")]),
    "bad replicas and partitions": _topic("v30", 0, 0),
    "remote storage": _topic("v31", configs=[("remote.storage.enable", "true")]),
    "min isr": _topic("v32", configs=[("min.insync.replicas", "0")]),
    "local retention": _topic("v33", configs=[("local.retention.ms", "999"), ("retention.ms", "5")]),
}


@pytest.mark.parametrize("label", BAD_TOPICS)
def test_create_topics_refusals(both: Both, label: str) -> None:
    for validate_only in (True, False):
        request = CreateTopicsRequest(topics=[BAD_TOPICS[label]], timeout_ms=10_000, validate_only=validate_only)
        both.compare(f"{label} validate_only={validate_only}", request, (2, 7) if validate_only else range(2, 8))


def test_create_topics_successes(both: Both) -> None:
    for version in range(2, 8):
        plain, assigned = both.name("plain"), both.name("assigned")
        configured, defaults = both.name("configured"), both.name("defaults")
        topics = [
            _topic(plain, 3),
            _topic(assigned, -1, -1, [(1, [1]), (0, [1])]),
            _topic(configured, 2, 1, configs=[("cleanup.policy", "compact,delete"), ("retention.ms", "-1")]),
            _topic(defaults, -1, -1),
        ]
        request = CreateTopicsRequest(topics=topics, timeout_ms=10_000, validate_only=True)
        both.compare("valid, validate only", request, [version], unordered=("topics",))
        request = CreateTopicsRequest(topics=topics, timeout_ms=10_000)
        both.compare("valid", request, [version], unordered=("topics",))
        both.compare("exists", request, [version], unordered=("topics",))


def test_create_topics_many_at_once(both: Both) -> None:
    name = both.name("many")
    topics = [_topic(name), _topic(name, 2), _topic("a/b"), _topic("__cluster_metadata"), _topic(both.name("fine")), _topic("")]
    request = CreateTopicsRequest(topics=topics, timeout_ms=10_000, validate_only=True)
    both.compare("mixed", request, range(2, 8), unordered=("topics",))
    both.compare("none", CreateTopicsRequest(topics=[], timeout_ms=10_000), range(2, 8))
    dotted = both.create_topic(both.name("with.dot_and"))
    twin = dotted.replace(".", "_")
    both.compare("collision", CreateTopicsRequest(topics=[_topic(twin)], timeout_ms=10_000), range(2, 8))
    pair = [_topic("twin.one"), _topic("twin_one")]
    both.compare(
        "collision within", CreateTopicsRequest(topics=pair, timeout_ms=10_000, validate_only=True), (7,), unordered=("topics",)
    )
    for count in (9_998, 9_999, 10_000, 10_001, 100_000):
        request = CreateTopicsRequest(topics=[_topic("big", count)], timeout_ms=10_000, validate_only=True)
        both.compare(f"{count} partitions", request, (2, 7))
    request = CreateTopicsRequest(topics=[_topic("big1", 6_000), _topic("big2", 6_000)], timeout_ms=10_000, validate_only=True)
    both.compare("big together", request, (2, 7), unordered=("topics",))


@pytest.mark.parametrize("timeout_ms", [0, -1])
def test_create_topics_timeouts(both: Both, timeout_ms: int) -> None:
    for version in (2, 5, 7):
        request = CreateTopicsRequest(topics=[_topic(both.name("hasty"))], timeout_ms=timeout_ms)
        both.compare(f"timeout {timeout_ms}", request, [version])
        request = CreateTopicsRequest(topics=[_topic("a"), _topic("a"), _topic("a/b")], timeout_ms=timeout_ms)
        both.compare(f"mixed, timeout {timeout_ms}", request, [version], unordered=("topics",))
        request = CreateTopicsRequest(topics=[_topic("a"), _topic("a")], timeout_ms=timeout_ms)
        both.compare(f"duplicates, timeout {timeout_ms}", request, [version])


def _metadata(*names: str | None, ids: tuple[bytes, ...] = (), create: bool = False) -> MetadataRequest:
    topics = [MetadataRequestTopic(name=name) for name in names]
    topics += [MetadataRequestTopic(topic_id=topic_id, name=None) for topic_id in ids]
    return MetadataRequest(topics=topics, allow_auto_topic_creation=create)


def test_metadata(both: Both) -> None:
    both.keep_id(UNKNOWN_ID)
    one, two = both.create_topic(both.name("metadata"), 3), both.create_topic(both.name("metadata"))
    unordered = ("topics", "partitions")
    # Below v4 a request cannot forbid auto-creation: unknown names would be made.
    both.compare("known", MetadataRequest(topics=[MetadataRequestTopic(name=one)]), range(14), unordered=unordered)
    both.compare("known in order", _metadata(two, one), range(4, 14), unordered=("partitions",))
    both.compare("twice", _metadata(one, one), range(4, 14), unordered=unordered)
    both.compare("unknown", _metadata("nope"), range(4, 14))
    both.compare("unknown and known", _metadata("nope", one), range(4, 14), unordered=unordered)
    for bad in ("", "a/b", ".", "a" * 250, "__cluster_metadata"):
        both.compare(f"bad name {bad[:20]}", _metadata(bad), range(4, 14))
        both.compare(f"bad name {bad[:20]} with creation", _metadata(bad, create=True), range(4, 14))
    both.compare("internal", _metadata("__share_group_state"), range(4, 14))
    both.compare("no topics", MetadataRequest(topics=[]), range(1, 14))
    for flags in ((True, False), (False, True), (True, True)):
        request = _metadata(one, "nope")
        request.include_topic_authorized_operations = flags[1]
        both.compare(f"operations {flags}", request, range(8, 14), unordered=unordered)
        request.include_cluster_authorized_operations = flags[0]
        both.compare(f"operations {flags}", request, range(8, 11), unordered=unordered)


def test_metadata_by_id(both: Both) -> None:
    both.keep_id(UNKNOWN_ID)
    one, two = both.create_topic(both.name("by-id"), 3), both.create_topic(both.name("by-id"))

    def of(side: Side) -> MetadataRequest:
        return _metadata(ids=(side.ids[one], UNKNOWN_ID, side.ids[two]))

    def mixed(side: Side) -> MetadataRequest:
        return _metadata(one, ids=(side.ids[two],))

    def id_and_name(side: Side) -> MetadataRequest:
        topics = [MetadataRequestTopic(name=one, topic_id=side.ids[two])]
        return MetadataRequest(topics=topics, allow_auto_topic_creation=False)

    unordered = ("topics", "partitions")
    both.compare("ids", of, range(10, 14), unordered=unordered)
    both.compare("unknown id", _metadata(ids=(UNKNOWN_ID,)), range(10, 14))
    both.compare("id and name of others", mixed, range(10, 14), unordered=unordered)
    both.compare("id with name", id_and_name, range(10, 14), unordered=unordered)
    both.compare("null name, zero id", _metadata(None), range(10, 14))


def test_metadata_creates_topics(both: Both) -> None:
    for version in range(14):
        name = both.name("auto")
        request = MetadataRequest(topics=[MetadataRequestTopic(name=name)])
        both.compare("auto-create, first answer", request, [version])
        for side in both.sides:
            both.wait_for_leaders(side, name, 1)
        both.compare("auto-create, later answer", request, [version], replace={"topic_id": "<new id>"})


def test_metadata_of_all_topics(both: Both) -> None:
    both.create_topic(both.name("all"))
    for version in range(14):
        for side in both.sides:
            answer = side.call(MetadataRequest(topics=[] if version == 0 else None), version, MetadataResponse)
            assert answer.topics, side.kind


def _delete(*names: str) -> DeleteTopicsRequest:
    return DeleteTopicsRequest(topic_names=list(names), timeout_ms=10_000)


def _delete_states(*states: tuple[str | None, bytes]) -> DeleteTopicsRequest:
    topics = [DeleteTopicState(name=name, topic_id=topic_id) for name, topic_id in states]
    return DeleteTopicsRequest(topics=topics, timeout_ms=10_000)


ZERO = bytes(16)


def test_delete_topics(both: Both) -> None:
    both.keep_id(UNKNOWN_ID)
    shuffled = ("responses",)
    for version in range(1, 6):
        name = both.create_topic(both.name("delete"))
        both.compare("by name", _delete(name), [version])
        both.compare("by name again", _delete(name), [version])
        other = both.create_topic(both.name("delete"))
        both.compare("mixed", _delete(other, "nope", "", "a/b", "nope", "__cluster_metadata"), [version], unordered=shuffled)
        both.compare("none", _delete(), [version])
        both.compare("no time", DeleteTopicsRequest(topic_names=["nope"], timeout_ms=0), [version])
    both.compare("null", _delete_states((None, ZERO)), [6])
    both.compare("unknown name", _delete_states(("nope", ZERO)), [6])
    both.compare("unknown id", _delete_states((None, UNKNOWN_ID)), [6])
    both.compare("both", _delete_states(("nope", UNKNOWN_ID)), [6])
    both.compare(
        "duplicates",
        _delete_states(("nope", ZERO), ("nope", ZERO), (None, UNKNOWN_ID), (None, UNKNOWN_ID)),
        [6],
        unordered=shuffled,
    )
    one, two, three = (both.create_topic(both.name("delete")) for _ in range(3))
    both.compare("id and its name", lambda side: _delete_states((None, side.ids[one]), (one, ZERO)), [6], unordered=shuffled)
    both.compare("by id and name", lambda side: _delete_states((None, side.ids[two]), (three, ZERO)), [6], unordered=shuffled)
    both.compare("by id again", lambda side: _delete_states((None, side.ids[two])), [6])
    both.compare("deleted", _metadata(two, three), [13], unordered=("topics",))


def test_topic_made_again_has_another_id(both: Both) -> None:
    name = both.create_topic(both.name("again"))
    old = [side.ids[name] for side in both.sides]
    both.compare("delete", _delete(name), [5])
    both.create_topic(name)
    for side, old_id in zip(both.sides, old, strict=True):
        answer = side.call(_metadata(ids=(old_id,)), 12, MetadataResponse)
        assert answer.topics[0].error_code == 100, side.kind
        assert side.call(_metadata(name), 12, MetadataResponse).topics[0].topic_id != old_id


def _grow(
    name: str, count: int, assignments: list[list[int]] | None = None, validate_only: bool = False
) -> CreatePartitionsRequest:
    given = None if assignments is None else [CreatePartitionsAssignment(broker_ids=ids) for ids in assignments]
    topic = CreatePartitionsTopic(name=name, count=count, assignments=given)
    return CreatePartitionsRequest(topics=[topic], timeout_ms=10_000, validate_only=validate_only)


def test_create_partitions(both: Both) -> None:
    name = both.create_topic(both.name("grow"), 2)
    versions = range(4)
    for validate_only in (True, False):
        for count in (2, 1, 0, -1):
            both.compare(f"to {count}", _grow(name, count, validate_only=validate_only), versions)
        both.compare("unknown topic", _grow("nope", 2, validate_only=validate_only), versions)
        both.compare("bad name", _grow("a/b", 2, validate_only=validate_only), versions)
        both.compare("empty name", _grow("", 2, validate_only=validate_only), versions)
        both.compare("unknown broker", _grow(name, 3, [[7]], validate_only), versions)
        both.compare("too few assignments", _grow(name, 4, [[1]], validate_only), versions)
        both.compare("too many assignments", _grow(name, 3, [[1], [1]], validate_only), versions)
        both.compare("no assignments", _grow(name, 3, [], validate_only), versions)
        both.compare("empty assignment", _grow(name, 3, [[]], validate_only), versions)
        both.compare("other factor", _grow(name, 3, [[1, 1]], validate_only), versions)
    both.compare("valid, validate only", _grow(name, 3, [[1]], True), versions)
    for count in (9_999, 10_001, 10_002, 10_003, 50_000):
        both.compare(f"{count} partitions", _grow(name, count, validate_only=True), (0, 3))
    for index, version in enumerate(versions):
        both.compare("valid", _grow(name, 3 + 2 * index), [version])
        both.compare("valid, assigned", _grow(name, 4 + 2 * index, [[1]]), [version])
    topics = [CreatePartitionsTopic(name=n, count=20, assignments=None) for n in (name, name, "nope", name)]
    both.compare("duplicates", CreatePartitionsRequest(topics=topics, timeout_ms=10_000), versions, unordered=("results",))
    for side in both.sides:
        both.wait_for_leaders(side, name, 10)
    both.compare("metadata", _metadata(name), (12,), unordered=("partitions",))


def _produce(both: Both, name: str, batches: int) -> None:
    for _ in range(batches):
        batch = build_batch([(1_000, b"k", b"v", ())], base_offset=0)
        request = ProduceRequest(
            acks=-1,
            timeout_ms=10_000,
            topic_data=[
                TopicProduceData(name=name, partition_data=[PartitionProduceData(index=0, records=memoryview(bytes(batch)))])
            ],
        )
        for side in both.sides:
            answer = side.call(request, 9, ProduceResponse).responses[0].partition_responses[0]
            assert answer.error_code == 0, f"{side.kind}: {answer}"


def _delete_records(*wanted: tuple[str, int, int]) -> DeleteRecordsRequest:
    topics = [
        DeleteRecordsTopic(name=name, partitions=[DeleteRecordsPartition(partition_index=partition, offset=offset)])
        for name, partition, offset in wanted
    ]
    return DeleteRecordsRequest(topics=topics, timeout_ms=10_000)


def test_delete_records(both: Both) -> None:
    name = both.create_topic(both.name("records"), 2)
    _produce(both, name, 10)
    versions = range(3)
    for offset in (0, 3, 3, 2, 11, -2, 1 << 40):
        both.compare(f"to {offset}", _delete_records((name, 0, offset)), versions)
    both.compare("unknown topic", _delete_records(("nope", 0, 1)), versions)
    both.compare("bad name", _delete_records(("a/b", 0, 1)), versions)
    both.compare("unknown partition", _delete_records((name, 2, 1)), versions)
    both.compare("negative partition", _delete_records((name, -1, 1)), versions)
    both.compare("internal", _delete_records(("__consumer_offsets", 0, 0)), versions)
    both.compare("empty partition", _delete_records((name, 1, 1)), versions)
    both.compare("none", _delete_records(), versions)
    both.compare("several", _delete_records((name, 0, 5), ("nope", 0, 1)), versions, unordered=("topics",))
    both.compare("twice", _delete_records((name, 0, 6), (name, 0, 7)), versions)
    both.compare("to the end", _delete_records((name, 0, -1)), versions)
    compacted = both.create_topic(both.name("compacted"), configs={"cleanup.policy": "compact"})
    both.compare("compacted", _delete_records((compacted, 0, 0)), versions)
    mixed = both.create_topic(both.name("compacted"), configs={"cleanup.policy": "compact,delete"})
    both.compare("compacted and deleted", _delete_records((mixed, 0, 0)), versions)


def _epochs(name: str, epoch: int, current: int = -1, partition: int = 0, replica: int = -1) -> OffsetForLeaderEpochRequest:
    wanted = OffsetForLeaderPartition(partition=partition, current_leader_epoch=current, leader_epoch=epoch)
    return OffsetForLeaderEpochRequest(replica_id=replica, topics=[OffsetForLeaderTopic(topic=name, partitions=[wanted])])


def test_offset_for_leader_epoch(both: Both) -> None:
    name, empty = both.create_topic(both.name("epochs"), 2), both.create_topic(both.name("epochs"))
    _produce(both, name, 3)
    versions = range(2, 5)
    for epoch in (-2, -1, 0, 1, 5):
        both.compare(f"epoch {epoch}", _epochs(name, epoch), versions)
        both.compare(f"epoch {epoch} of an empty log", _epochs(empty, epoch), versions)
    for current in (-2, 0, 1, 9):
        both.compare(f"current epoch {current}", _epochs(name, 0, current), versions)
    both.compare("unknown topic", _epochs("nope", 0), versions)
    both.compare("unknown partition", _epochs(name, 0, partition=9), versions)
    both.compare("negative partition", _epochs(name, 0, partition=-1), versions)
    both.compare("as a follower", _epochs(name, 0, replica=1), versions)
    both.compare("as an unknown follower", _epochs(name, 0, replica=9), versions)
    twice = _epochs(name, 0)
    twice.topics.append(twice.topics[0])
    twice.topics.append(_epochs(empty, 0).topics[0])
    both.compare("twice", twice, versions)
    both.compare("records deleted", _delete_records((name, 0, -1)), [2])
    for epoch in (-1, 0, 1):
        both.compare(f"epoch {epoch} after deletion", _epochs(name, epoch), versions)


def _describe(*names: str, limit: int = 2000, cursor: tuple[str, int] | None = None) -> DescribeTopicPartitionsRequest:
    at = None if cursor is None else DescribeTopicPartitionsRequestCursor(topic_name=cursor[0], partition_index=cursor[1])
    topics = [TopicRequest(name=name) for name in names]
    return DescribeTopicPartitionsRequest(topics=topics, response_partition_limit=limit, cursor=at)


def test_describe_topic_partitions(both: Both) -> None:
    one, two = sorted((both.create_topic(both.name("dtp"), 3), both.create_topic(both.name("dtp"), 2)))
    both.compare("two", _describe(two, one), [0])
    both.compare("twice", _describe(one, one), [0])
    both.compare("unknown", _describe("nope", one, "zz-nope"), [0])
    both.compare("bad name", _describe("a/b", one), [0])
    both.compare("umlaut", _describe("ä", one), [0])
    both.compare("bad length", _describe("a" * 250, one), [0])
    both.compare("empty name", _describe("", one), [0])
    for limit in (-1, 0, 1, 2, 3, 4, 5, 6, 5000):
        both.compare(f"limit {limit}", _describe(one, two, limit=limit), [0])
        both.compare(f"limit {limit}, unknown between", _describe(one, one + "0", two, limit=limit), [0])
    for index in (-1, 0, 1, 2, 3, 4):
        for limit in (1, 2, 2000):
            both.compare(f"cursor {index}, limit {limit}", _describe(one, two, limit=limit, cursor=(one, index)), [0])
            both.compare(f"last cursor {index}, limit {limit}", _describe(one, two, limit=limit, cursor=(two, index)), [0])
    both.compare("foreign cursor", _describe(one, cursor=(two, 0)), [0])
    both.compare("unknown cursor", _describe(one, "nope", cursor=("nope", 0)), [0])
    both.compare("all from a cursor", _describe(cursor=("zzz", 0)), [0])
    last = both.create_topic(both.name("zz-last"), 2)
    both.compare("all from the last", _describe(cursor=(last, 1)), [0])
    both.compare("all from the last, one", _describe(cursor=(last, 0), limit=1), [0])
    both.compare("all from an unknown one", _describe(cursor=(last[:-1], 1)), [0])


@pytest.mark.parametrize("name", ["__consumer_offsets", "__transaction_state", "__share_group_state"])
def test_internal_topics_are_made_by_their_own_configs(both: Both, name: str) -> None:
    request = MetadataRequest(topics=[MetadataRequestTopic(name=name)])
    for side in both.sides:
        side.call(request, 12, MetadataResponse)
        both.wait_for_leaders(side, name, 50)
    both.compare("made", request, range(14), replace={"topic_id": "<new id>"}, unordered=("partitions",))
    both.compare(
        "deletes no records", _delete_records((name, 0, 0), (name, 49, -1), (name, 50, 0)), range(3), unordered=("partitions",)
    )


def _fetch(side: Side, name: str, version: int) -> FetchRequest:
    by_id = version >= 13
    partition = FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1 << 20)
    topic = FetchTopic(topic="" if by_id else name, topic_id=side.ids[name] if by_id else bytes(16), partitions=[partition])
    return FetchRequest(max_wait_ms=30_000, min_bytes=1, max_bytes=1 << 20, topics=[topic])


@pytest.mark.parametrize("version", [4, 12, 13, 17])
def test_deletion_wakes_waiting_fetches(both: Both, version: int) -> None:
    name = both.create_topic(both.name("watched"))
    answers = []
    for side in both.sides:
        request = _fetch(side, name, version)
        with WireClient(side.bootstrap, timeout_s=25.0) as waiting:
            waiting.send(request, version)
            deleted = side.call(_delete(name), 5, DeleteTopicsResponse)
            assert deleted.responses[0].error_code == 0
            answer = waiting.receive(request, version, FetchResponse)
        answers.append(normalise(answer, version, side.names))
    both.compare_values(f"waiting at deletion v{version}", ApiKey.FETCH, *answers)
