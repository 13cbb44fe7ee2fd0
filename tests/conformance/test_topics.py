"""CreateTopics, DeleteTopics and CreatePartitions against Apache Kafka."""

from __future__ import annotations

from random import Random

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
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
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse, DeleteTopicState
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.metadata import MetadataResponse
from tests.conformance.both import ANY_ERROR, Both, Side
from tests.conformance.normalise import normalise
from tests.conformance.requests import metadata_of
from tests.support.wire_client import WireClient

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
        both.compare(
            f"{label} validate_only={validate_only}", request, (2, 7) if validate_only else range(2, 8), expect=ANY_ERROR
        )


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
        both.compare("exists", request, [version], unordered=("topics",), expect={ErrorCode.TOPIC_ALREADY_EXISTS})


def test_create_topics_many_at_once(both: Both) -> None:
    name = both.name("many")
    topics = [_topic(name), _topic(name, 2), _topic("a/b"), _topic("__cluster_metadata"), _topic(both.name("fine")), _topic("")]
    request = CreateTopicsRequest(topics=topics, timeout_ms=10_000, validate_only=True)
    both.compare(
        "mixed",
        request,
        range(2, 8),
        unordered=("topics",),
        expect={ErrorCode.INVALID_TOPIC_EXCEPTION, ErrorCode.INVALID_REQUEST},
    )
    both.compare("none", CreateTopicsRequest(topics=[], timeout_ms=10_000), range(2, 8))
    dotted = both.create_topic(both.name("with.dot_and"))
    twin = dotted.replace(".", "_")
    both.compare(
        "collision",
        CreateTopicsRequest(topics=[_topic(twin)], timeout_ms=10_000),
        range(2, 8),
        expect={ErrorCode.INVALID_TOPIC_EXCEPTION},
    )
    pair = [_topic("twin.one"), _topic("twin_one")]
    both.compare(
        "collision within", CreateTopicsRequest(topics=pair, timeout_ms=10_000, validate_only=True), (7,), unordered=("topics",)
    )
    for count in (9_998, 9_999, 10_000, 10_001, 100_000):
        request = CreateTopicsRequest(topics=[_topic("big", count)], timeout_ms=10_000, validate_only=True)
        both.compare(f"{count} partitions", request, (2, 7), expect=ANY_ERROR)
    request = CreateTopicsRequest(topics=[_topic("big1", 6_000), _topic("big2", 6_000)], timeout_ms=10_000, validate_only=True)
    both.compare("big together", request, (2, 7), unordered=("topics",), expect={ErrorCode.POLICY_VIOLATION})


@pytest.mark.parametrize("timeout_ms", [0, -1])
def test_create_topics_timeouts(both: Both, timeout_ms: int) -> None:
    for version in (2, 5, 7):
        request = CreateTopicsRequest(topics=[_topic(both.name("hasty"))], timeout_ms=timeout_ms)
        both.compare(f"timeout {timeout_ms}", request, [version], expect={ErrorCode.REQUEST_TIMED_OUT})
        request = CreateTopicsRequest(topics=[_topic("a"), _topic("a"), _topic("a/b")], timeout_ms=timeout_ms)
        both.compare(
            f"mixed, timeout {timeout_ms}", request, [version], unordered=("topics",), expect={ErrorCode.REQUEST_TIMED_OUT}
        )
        request = CreateTopicsRequest(topics=[_topic("a"), _topic("a")], timeout_ms=timeout_ms)
        both.compare(f"duplicates, timeout {timeout_ms}", request, [version], expect={ErrorCode.INVALID_REQUEST})


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
        both.compare("by name again", _delete(name), [version], expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
        other = both.create_topic(both.name("delete"))
        both.compare(
            "mixed",
            _delete(other, "nope", "", "a/b", "nope", "__cluster_metadata"),
            [version],
            unordered=shuffled,
            expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.INVALID_REQUEST},
        )
        both.compare("none", _delete(), [version])
        both.compare(
            "no time", DeleteTopicsRequest(topic_names=["nope"], timeout_ms=0), [version], expect={ErrorCode.REQUEST_TIMED_OUT}
        )
    both.compare("null", _delete_states((None, ZERO)), [6], expect={ErrorCode.INVALID_REQUEST})
    both.compare("unknown name", _delete_states(("nope", ZERO)), [6], expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare("unknown id", _delete_states((None, UNKNOWN_ID)), [6], expect={ErrorCode.UNKNOWN_TOPIC_ID})
    both.compare("both", _delete_states(("nope", UNKNOWN_ID)), [6], expect={ErrorCode.INVALID_REQUEST})
    both.compare(
        "duplicates",
        _delete_states(("nope", ZERO), ("nope", ZERO), (None, UNKNOWN_ID), (None, UNKNOWN_ID)),
        [6],
        unordered=shuffled,
        expect={ErrorCode.INVALID_REQUEST},
    )
    one, two, three = (both.create_topic(both.name("delete")) for _ in range(3))
    both.compare(
        "id and its name",
        lambda side: _delete_states((None, side.ids[one]), (one, ZERO)),
        [6],
        unordered=shuffled,
        expect={ErrorCode.INVALID_REQUEST},
    )
    both.compare("by id and name", lambda side: _delete_states((None, side.ids[two]), (three, ZERO)), [6], unordered=shuffled)
    both.compare("by id again", lambda side: _delete_states((None, side.ids[two])), [6], expect={ErrorCode.UNKNOWN_TOPIC_ID})
    both.compare("deleted", metadata_of(two, three), [13], unordered=("topics",), expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})


def test_topic_made_again_has_another_id(both: Both) -> None:
    name = both.create_topic(both.name("again"))
    old = [side.ids[name] for side in both.sides]
    both.compare("delete", _delete(name), [5])
    both.create_topic(name)
    for side, old_id in zip(both.sides, old, strict=True):
        answer = side.call(metadata_of(ids=(old_id,)), 12, MetadataResponse)
        assert answer.topics[0].error_code == 100, side.kind
        assert side.call(metadata_of(name), 12, MetadataResponse).topics[0].topic_id != old_id


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
            both.compare(
                f"to {count}", _grow(name, count, validate_only=validate_only), versions, expect={ErrorCode.INVALID_PARTITIONS}
            )
        both.compare(
            "unknown topic",
            _grow("nope", 2, validate_only=validate_only),
            versions,
            expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION},
        )
        both.compare(
            "bad name", _grow("a/b", 2, validate_only=validate_only), versions, expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
        )
        both.compare(
            "empty name", _grow("", 2, validate_only=validate_only), versions, expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
        )
        both.compare(
            "unknown broker", _grow(name, 3, [[7]], validate_only), versions, expect={ErrorCode.INVALID_REPLICA_ASSIGNMENT}
        )
        both.compare(
            "too few assignments", _grow(name, 4, [[1]], validate_only), versions, expect={ErrorCode.INVALID_REPLICA_ASSIGNMENT}
        )
        both.compare(
            "too many assignments",
            _grow(name, 3, [[1], [1]], validate_only),
            versions,
            expect={ErrorCode.INVALID_REPLICA_ASSIGNMENT},
        )
        both.compare(
            "no assignments", _grow(name, 3, [], validate_only), versions, expect={ErrorCode.INVALID_REPLICA_ASSIGNMENT}
        )
        both.compare(
            "empty assignment", _grow(name, 3, [[]], validate_only), versions, expect={ErrorCode.INVALID_REPLICA_ASSIGNMENT}
        )
        both.compare(
            "other factor", _grow(name, 3, [[1, 1]], validate_only), versions, expect={ErrorCode.INVALID_REPLICA_ASSIGNMENT}
        )
    both.compare("valid, validate only", _grow(name, 3, [[1]], True), versions)
    for count in (9_999, 10_001, 10_002, 10_003, 50_000):
        both.compare(f"{count} partitions", _grow(name, count, validate_only=True), (0, 3), expect=ANY_ERROR)
    for index, version in enumerate(versions):
        both.compare("valid", _grow(name, 3 + 2 * index), [version])
        both.compare("valid, assigned", _grow(name, 4 + 2 * index, [[1]]), [version])
    topics = [CreatePartitionsTopic(name=n, count=20, assignments=None) for n in (name, name, "nope", name)]
    both.compare(
        "duplicates",
        CreatePartitionsRequest(topics=topics, timeout_ms=10_000),
        versions,
        unordered=("results",),
        expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.INVALID_REQUEST},
    )
    for side in both.sides:
        both.wait_for_leaders(side, name, 10)
    both.compare("metadata", metadata_of(name), (12,), unordered=("partitions",))


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
    both.compare_values(
        f"waiting at deletion v{version}", ApiKey.FETCH, *answers, expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_random_sequences_of_changes(both: Both, seed: int) -> None:
    """Few names and small counts, so that requests meet each other's effects; only what the controller decides is compared."""
    random = Random(seed)
    stem = both.name("random")
    names = [f"{stem}.a", f"{stem}_a", f"{stem}.b", f"{stem}-c", "a/b", ""]
    for step in range(150):
        chosen = [random.choice(names) for _ in range(random.randint(1, 3))]
        kind = random.choice(("create", "create", "delete", "grow"))
        request: CreateTopicsRequest | DeleteTopicsRequest | CreatePartitionsRequest
        if kind == "create":
            configs: list[tuple[str, str | None]] = [("retention.ms", random.choice(("1000", "-1", "x", None)))]
            request = CreateTopicsRequest(
                topics=[
                    _topic(
                        name,
                        random.choice((-1, 0, 1, 2, 3)),
                        random.choice((-1, 1, 1, 1, 2)),
                        random.choice((None, None, None, [(0, [1])], [(1, [1]), (0, [1])], [(0, [2])])),
                        random.choice(([], [], configs)),
                    )
                    for name in chosen
                ],
                timeout_ms=10_000,
                validate_only=random.random() < 0.2,
            )
            versions, unordered = range(4, 8), "topics"
        elif kind == "delete":
            request = _delete(*chosen)
            versions, unordered = range(1, 6), "responses"
        else:
            topics = [
                CreatePartitionsTopic(
                    name=name,
                    count=random.randint(0, 6),
                    assignments=random.choice((None, None, [CreatePartitionsAssignment(broker_ids=[1])])),
                )
                for name in chosen
            ]
            request = CreatePartitionsRequest(topics=topics, timeout_ms=10_000, validate_only=random.random() < 0.2)
            versions, unordered = range(4), "results"
        both.compare(
            f"seed {seed} step {step} {kind}", request, [random.choice(versions)], unordered=(unordered,), expect=ANY_ERROR
        )
