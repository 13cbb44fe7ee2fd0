"""Errors of parts of requests: all APIs that name several things, in each version, and what is done for the other parts."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from kafka_compat.api.observers import error_codes
from kafka_compat.api.table import HANDLERS
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import ZERO_UUID, Message
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafka_compat.protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestGroup
from kafka_compat.protocol.registry import API_NAMES, request_class, response_class
from kafka_compat.testing import Kafka
from kafka_compat.testing.named import Names, Shape, copy_of, leaves, named, shape_of
from tests.support.edge_requests import request_of
from tests.support.wire_client import ConnectionClosed, WireClient

TOPICS = ("t", "u")
GROUPS = ("g", "h")
TRANSACTIONAL_IDS = ("x", "y")
# No handler answers it by itself.
CODE = ErrorCode.DELEGATION_TOKEN_OWNER_MISMATCH

VERSIONS = [
    pytest.param(key, version, id=f"{ApiKey(key).name} v{version}")
    for key, handler in HANDLERS.items()
    for version in range(handler.min_version, handler.max_version + 1)
]
# Two of each thing; what is asked for is of the first.
SELECTORS: tuple[dict[str, Any], ...] = (
    {"topic": "t"},
    {"topic": "u", "partition": 1},
    {"partition": 0},
    {"group": "g"},
    {"transactional_id": "x"},
)
ONE_SHARD = {"offsets.topic.num.partitions": 1, "transaction.state.log.num.partitions": 1}
# They name topics, and their answers have no place for the error of one.
WHOLE = {ApiKey.CREATE_ACLS, ApiKey.DELETE_ACLS, ApiKey.DESCRIBE_LOG_DIRS, ApiKey.LIST_PARTITION_REASSIGNMENTS}


def value_of(kind: str, number: int, ids: tuple[bytes, ...]) -> Any:
    values: dict[str, tuple[Any, ...]] = {
        "topic": TOPICS,
        "topic_id": ids,
        "partition": (0, 1),
        "group": GROUPS,
        "transactional_id": TRANSACTIONAL_IDS,
        "producer_id": (1, 2),
    }
    return values[kind][number]


def two_of_each(message: Message, shape: Shape, ids: tuple[bytes, ...], by_id: bool, number: int = 0) -> Message:
    """A request with two elements in each array that has names, and the names of the `number`-th thing in itself."""
    changes: dict[str, Any] = {}
    has_id = any(kind == "topic_id" for kind, _ in shape.own)
    for kind, attribute in shape.own:
        if kind not in ("topic", "topic_id") or (kind == "topic_id") == (by_id and has_id):
            changes[attribute] = value_of(kind, number, ids)
        elif kind == "topic_id":
            changes[attribute] = ZERO_UUID
        else:
            changes[attribute] = None  # no API takes both
    if shape.typed is not None:
        changes[shape.typed[0]] = 0 if shape.typed[0] == "key_type" else 2
        changes[shape.typed[1]] = GROUPS[number] if shape.typed[0] == "key_type" else TOPICS[number]
    for below in shape.below:
        elements = getattr(message, below.attribute)
        if below.shape is None:
            kind = below.kind or "group"
            changes[below.attribute] = [value_of(kind, each, ids) for each in range(2)]
        elif elements:
            changes[below.attribute] = [two_of_each(elements[0], below.shape, ids, by_id, each) for each in range(2)]
    return copy_of(message, changes)


class Part(NamedTuple):
    """A part of a response by what it names, topics always by name."""

    group: str | None
    transactional_id: str | None
    topic: str | None
    partition: int | None


class World:
    """A cluster with the topics, and a client."""

    def __init__(self) -> None:
        self.kafka = Kafka(topics=dict.fromkeys(TOPICS, 2), configs=ONE_SHARD)
        self.kafka.start()
        self.client = WireClient(self.kafka.bootstrap_servers)

        def ids() -> tuple[bytes, ...]:
            image = self.kafka.cluster.state.controller.image
            return tuple(bytes(image.topics[topic].id) for topic in TOPICS)  # type: ignore[index]

        self.ids = self.kafka.cluster.call(ids)
        for key_type, key in ((0, "g"), (1, "x")):
            self._load_coordinator(key_type, key)
        partition = OffsetCommitRequestPartition(partition_index=0, committed_offset=0)
        topic = OffsetCommitRequestTopic(name="t", partitions=[partition])
        for group in GROUPS:
            commit = OffsetCommitRequest(group_id=group, generation_id_or_member_epoch=-1, topics=[topic])
            assert error_codes(self.ask(commit, 7), 7).keys() == {0}

    def _load_coordinator(self, key_type: int, key: str) -> None:
        find = FindCoordinatorRequest(key_type=key_type, coordinator_keys=[key])
        deadline = time.monotonic() + 10
        while error_codes(self.ask(find, 4), 4).keys() != {0} or self._is_loading():
            assert time.monotonic() < deadline

    def _is_loading(self) -> bool:
        def is_loading() -> bool:
            services = self.kafka.cluster.brokers[0].services
            assert services is not None
            return bool(services.tasks._tasks)

        return self.kafka.cluster.call(is_loading)

    def close(self) -> None:
        self.client.close()
        self.kafka.stop()

    def request(self, api_key: int, version: int) -> Message:
        likely: Any = request_of(request_class(api_key), version, self.ids[0], {})
        if api_key == ApiKey.FETCH:
            likely.max_wait_ms = 0
        # Metadata has a place for ids before it takes them.
        by_id = api_key != ApiKey.METADATA or version >= 12
        return two_of_each(likely, shape_of(request_class(api_key), version), self.ids, by_id)

    def ask(self, request: Message, version: int) -> Message:
        return self.client.call(request, version, response_class(type(request).API_KEY))  # type: ignore[attr-defined]

    def errors(self, response: Message, version: int) -> dict[Part, int]:
        """The error of each part of a response that has a place for one; of the whole by a part without names."""
        found: dict[Part, int] = {}
        self._errors(response, shape_of(type(response), version), Names(), found)
        return found

    def part(self, names: Names) -> Part:
        topic = names.topic or (TOPICS[self.ids.index(names.topic_id)] if names.topic_id in self.ids else None)
        return Part(names.group or names.coordinator_key, names.transactional_id, topic, names.partition)

    def _errors(self, at: Message, shape: Shape, names: Names, found: dict[Part, int]) -> None:
        if shape.has_error:
            code = getattr(at, "error_code", None)
            found[self.part(names)] = int(at.partition_error_code if code is None else code)  # type: ignore[attr-defined]
        for below in shape.below:
            for element in (getattr(at, below.attribute) or ()) if below.shape is not None else ():
                assert below.shape is not None
                self._errors(element, below.shape, named(element, below.shape, names), found)


@pytest.fixture
def worlds() -> Iterator[tuple[World, World]]:
    both = World(), World()
    yield both
    for world in both:
        world.close()


def is_meant(part: Part, selector: dict[str, Any]) -> bool:
    """Whether a part of a response is named by a selector; a group or id may be said by the request only."""
    for name, value in selector.items():
        found = getattr(part, name)
        if found != value and (found is not None or name in ("topic", "partition")):
            return False
    return any(part)


@pytest.mark.parametrize(("api_key", "version"), VERSIONS)
def test_parts_fail_and_all_others_are_answered(worlds: tuple[World, World], api_key: int, version: int) -> None:
    faulty, plain = worlds
    for selector in SELECTORS:
        request = faulty.request(api_key, version)
        if not any(is_named(faulty.part(names), selector) for names in leaves(request, version)):
            continue
        fault = faulty.kafka.fail(API_NAMES[api_key], CODE, **selector)
        response = faulty.ask(request, version)
        fault.remove()
        assert fault.hits == 1
        if api_key in WHOLE:
            # An answer without a place for any error is empty, as in Kafka.
            assert error_codes(response, version).keys() == ({CODE} if has_place(api_key, version) else set()), selector
            continue
        errors = faulty.errors(response, version)
        expected = plain.errors(plain.ask(plain.request(api_key, version), version), version)
        if not any(any(part) for part in expected):
            assert errors.keys() == expected.keys()
            assert set(errors.values()) == {CODE}
            continue
        meant = {part for part in expected if is_meant(part, selector)}
        # Of what has failed as a whole no parts are answered.
        below = {part for part in expected for above in meant if is_below(part, above)}
        wanted = {part: CODE if part in meant else code for part, code in expected.items() if part not in below}
        assert list(errors.items()) == list(wanted.items()), selector


def is_below(part: Part, above: Part) -> bool:
    return part != above and all(wanted in (None, found) for found, wanted in zip(part, above, strict=True))


def has_place(api_key: int, version: int) -> bool:
    return api_key != ApiKey.DESCRIBE_LOG_DIRS or version >= 3


def is_named(part: Part, selector: dict[str, Any]) -> bool:
    """Whether a part of a request is named by a selector."""
    return all(getattr(part, name) == value for name, value in selector.items())


@pytest.mark.parametrize("version", [0, 1, 9, 12, 13])
@pytest.mark.parametrize("is_every", [False, True])
def test_a_partition_without_leader_in_metadata(worlds: tuple[World, World], version: int, is_every: bool) -> None:
    """Metadata is asked for topics, or for all of them, and answers partitions."""
    world, _ = worlds
    request: Any = world.request(ApiKey.METADATA, version)
    if is_every:
        request.topics = None if version else []
    fault = world.kafka.fail("Metadata", "LEADER_NOT_AVAILABLE", topic="u", partition=1)
    response: Any = world.ask(request, version)
    assert fault.hits == 1
    found = {
        (topic.name, partition.partition_index): (partition.error_code, partition.leader_id)
        for topic in response.topics
        for partition in topic.partitions
        if topic.name in TOPICS
    }
    assert found == {("t", 0): (0, 1), ("t", 1): (0, 1), ("u", 0): (0, 1), ("u", 1): (5, -1)}
    assert len(response.brokers) == 1


def test_several_partitions(worlds: tuple[World, World]) -> None:
    world, _ = worlds
    world.kafka.fail("Metadata", "LEADER_NOT_AVAILABLE", topic="u", partition=[0, 1])
    fault = world.kafka.fail("Produce", "NOT_LEADER_OR_FOLLOWER", partition=(1, 2))
    response: Any = world.ask(world.request(ApiKey.METADATA, 9), 9)
    errors = {topic.name: [partition.error_code for partition in topic.partitions] for topic in response.topics}
    assert errors == {"t": [0, 0], "u": [5, 5]}
    response = world.ask(world.request(ApiKey.PRODUCE, 9), 9)
    assert [[part.error_code for part in topic.partition_responses] for topic in response.responses] == [[0, 6], [0, 6]]
    assert "partition=[1, 2]" in repr(fault)


@pytest.mark.parametrize("version", [0, 1, 9, 12, 13])
def test_brokers_are_told_although_every_topic_has_failed(worlds: tuple[World, World], version: int) -> None:
    world, _ = worlds
    world.kafka.fail("Metadata", "LEADER_NOT_AVAILABLE", partition=None, topic="t")
    request: Any = world.request(ApiKey.METADATA, version)
    del request.topics[1:]
    response: Any = world.ask(request, version)
    assert [topic.error_code for topic in response.topics] == [ErrorCode.LEADER_NOT_AVAILABLE]
    assert len(response.brokers) == 1


@pytest.mark.parametrize("version", range(4, 7))
def test_the_coordinator_of_one_of_several_transactional_ids(worlds: tuple[World, World], version: int) -> None:
    world, _ = worlds
    world.kafka.fail("FindCoordinator", "COORDINATOR_NOT_AVAILABLE", transactional_id="y")
    other = world.kafka.fail("FindCoordinator", "COORDINATOR_NOT_AVAILABLE", group="x", must_fire=False)
    response: Any = world.ask(FindCoordinatorRequest(key_type=1, coordinator_keys=["x", "y"]), version)
    assert [(found.key, found.error_code) for found in response.coordinators] == [("x", 0), ("y", 15)]
    assert other.hits == 0


def test_all_offsets_of_a_group_but_one(worlds: tuple[World, World]) -> None:
    world, _ = worlds
    world.kafka.fail("OffsetFetch", "UNSTABLE_OFFSET_COMMIT", topic="t")
    group = OffsetFetchRequestGroup(group_id="g", topics=None)
    response: Any = world.ask(OffsetFetchRequest(groups=[group]), 8)
    ((topic,),) = (group.topics for group in response.groups)
    assert (topic.name, topic.partitions[0].error_code) == ("t", ErrorCode.UNSTABLE_OFFSET_COMMIT)


def test_what_has_failed_is_not_done_and_all_else_is(worlds: tuple[World, World]) -> None:
    world, _ = worlds
    world.kafka.fail("DeleteTopics", "TOPIC_AUTHORIZATION_FAILED", topic="t")
    response: Any = world.ask(DeleteTopicsRequest(topic_names=["t", "u"], timeout_ms=1000), 4)
    assert {topic.name: topic.error_code for topic in response.responses} == {"t": 29, "u": 0}
    world.kafka.fail("CreateTopics", "POLICY_VIOLATION", topic="v")
    topics = [CreatableTopic(name=name, num_partitions=1, replication_factor=1) for name in ("v", "w")]
    response = world.ask(CreateTopicsRequest(topics=topics, timeout_ms=1000), 5)
    assert {topic.name: topic.error_code for topic in response.topics} == {"v": ErrorCode.POLICY_VIOLATION, "w": 0}
    world.kafka.fail("OffsetCommit", "OFFSET_METADATA_TOO_LARGE", topic="t", partition=1)
    partitions = [OffsetCommitRequestPartition(partition_index=index, committed_offset=7) for index in range(2)]
    topic = OffsetCommitRequestTopic(name="t", partitions=partitions)
    commit = OffsetCommitRequest(group_id="g", generation_id_or_member_epoch=-1, topics=[topic])
    response = world.ask(commit, 7)
    assert [partition.error_code for partition in response.topics[0].partitions] == [0, 12]
    response = world.ask(OffsetFetchRequest(group_id="g", topics=None), 7)
    assert {part.partition_index: part.committed_offset for part in response.topics[0].partitions} == {0: 7}

    def names() -> set[str]:
        return {name for name in world.kafka.cluster.state.controller.image.topics if not name.startswith("__")}

    assert world.kafka.cluster.call(names) == {"t", "w"}


@pytest.mark.parametrize("version", [7, 12, 13, 18])
def test_a_fetch_session_has_the_error_of_a_partition_it_does_not_repeat(worlds: tuple[World, World], version: int) -> None:
    """An incremental fetch names only what has changed; its partitions are asked for all the same (KIP-227)."""
    world, _ = worlds
    request: Any = world.request(ApiKey.FETCH, version)
    request.session_id, request.session_epoch = 0, 0
    for topic in request.topics:
        for partition in topic.partitions:
            partition.fetch_offset, partition.current_leader_epoch, partition.last_fetched_epoch = 0, -1, -1
    response: Any = world.ask(request, version)
    assert response.session_id > 0
    fault = world.kafka.fail("Fetch", "NOT_LEADER_OR_FOLLOWER", topic="u", partition=1)
    incremental = copy_of(request, {"topics": [], "session_id": response.session_id, "session_epoch": 1, "max_wait_ms": 5000})
    began_s = time.monotonic()
    response = world.ask(incremental, version)
    assert time.monotonic() - began_s < 2
    assert fault.hits == 1
    errors = world.errors(response, version)
    assert errors == {Part(None, None, None, None): 0, Part(None, None, "u", 1): ErrorCode.NOT_LEADER_OR_FOLLOWER}
    following = copy_of(incremental, {"session_epoch": 2, "max_wait_ms": 0})
    errors = world.errors(world.ask(following, version), version)
    assert errors == {Part(None, None, None, None): 0, Part(None, None, "u", 1): 0}, "it is answered once more"


def test_a_produce_that_wants_no_answer_learns_of_an_error_by_its_connection(worlds: tuple[World, World]) -> None:
    """As in Kafka, so that the client asks for metadata again."""
    world, _ = worlds
    world.kafka.fail("Produce", "NOT_LEADER_OR_FOLLOWER", topic="t")
    request: Any = world.request(ApiKey.PRODUCE, 9)
    request.acks = 0
    world.client.send(request, 9)
    with pytest.raises(ConnectionClosed):
        world.client.receive_frame()
    with WireClient(world.kafka.bootstrap_servers) as client:
        partitions = [ListOffsetsPartition(partition_index=0, timestamp=-1)]
        topics = [ListOffsetsTopic(name=name, partitions=partitions) for name in TOPICS]
        response = client.call(ListOffsetsRequest(replica_id=-1, topics=topics), 6, ListOffsetsResponse)
        assert [topic.partitions[0].offset for topic in response.topics] == [0, 1], "the other topic has its record"


SPECS = Path(__file__).parents[2] / "protocol_specs"
# Kafka's mark of a field that names something, and what it is here.
MARKS = {"topicName": "topic", "groupId": "group", "transactionalId": "transactional_id"}


@pytest.mark.parametrize("api_key", [pytest.param(key, id=ApiKey(key).name) for key in HANDLERS])
def test_the_fields_that_kafka_marks_as_names_are_found(api_key: int) -> None:
    """The walk goes by the names of fields; the schemas say which of them are names of topics, groups and transactions."""
    message = request_class(api_key)
    text = next(SPECS.glob(f"*/{message.__name__}.json")).read_text()
    spec = json.loads(re.sub(r"^ *//.*$", "", text, flags=re.MULTILINE))
    marked = set(marks(spec["fields"], {each["name"]: each["fields"] for each in spec.get("commonStructs", ())}))
    handler = HANDLERS[api_key]
    found: set[str] = set()
    for version in range(handler.min_version, handler.max_version + 1):
        found |= kinds(shape_of(message, version))
    assert marked <= found


def marks(fields: list[Any], structs: dict[str, Any]) -> Iterator[str]:
    for field in fields:
        if field.get("entityType") in MARKS:
            yield MARKS[field["entityType"]]
        yield from marks(field.get("fields") or structs.get(field["type"].removeprefix("[]"), []), structs)


def kinds(shape: Shape) -> set[str]:
    found = {kind for kind, _ in shape.own} | {below.kind for below in shape.below if below.kind is not None}
    return found.union(*(kinds(below.shape) for below in shape.below if below.shape is not None))
