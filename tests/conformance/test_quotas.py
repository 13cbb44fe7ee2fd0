"""Quotas against Apache Kafka: which can be set, what is described, and how long whoever is above his has to wait."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.alter_client_quotas import AlterClientQuotasRequest, AlterClientQuotasResponse
from kafka_compat.protocol.messages.create_partitions import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopic,
)
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse, DeleteTopicState
from kafka_compat.protocol.messages.describe_client_quotas import DescribeClientQuotasResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from tests.conformance.both import Both, Side
from tests.conformance.normalise import Normal
from tests.support.brokers import NO_RETENTION
from tests.support.quota_requests import (
    DEFAULT,
    EXACT,
    SPECIFIED,
    Component,
    Entity,
    Ops,
    alteration,
    description,
    quotas_of,
    set_quotas,
)
from tests.support.wire_client import WireClient, create_topic

# Brokers of its own, because quotas are left behind.
BROKER_CONFIGS = {"quota.window.num": "11", **NO_RETENTION}

UNSUPPORTED, INVALID_REQUEST, THROTTLED = 35, 42, 89
# Beyond what is decoded at once.
MANY = range(2_500)
BOB: Entity = (("user", "bob"),)
ADDRESS: Entity = (("ip", "1.2.3.4"),)
RATE = "producer_byte_rate"


@pytest.fixture(autouse=True)
def nothing_left(both: Both) -> Iterator[None]:
    """Take away what a test has set: others describe all that there is."""
    yield
    for side in both.sides:
        with client(side, "admin") as admin:
            for entity, quotas in quotas_of(admin.call(description(), 1, DescribeClientQuotasResponse)).items():
                set_quotas(admin, entity, **dict.fromkeys(quotas))
    settle(both)


def expect(both: Both, label: str, request: Message, *errors: int, unordered: tuple[str, ...] = ()) -> None:
    """Both give the same answers, and in those of the reference are just these errors."""
    both.compare(label, request, range(2), unordered=unordered, expect=errors)


def validation(*entries: tuple[Entity, Ops]) -> AlterClientQuotasRequest:
    """What is only validated."""
    return alteration(*entries, validate_only=True)


@pytest.mark.parametrize("strict", [False, True])
def test_describe_client_quotas(both: Both, strict: bool) -> None:
    def ask(*components: Component, errors: tuple[int, ...] = ()) -> None:
        expect(both, f"{components!r:.80}", description(*components, strict=strict), *errors)

    ask()
    for kind in ("user", "client-id", "ip"):
        for match in ("bob", "", "1.2.3.4", "ä" * 200):
            ask((kind, EXACT, match))
            ask((kind, DEFAULT, match), errors=(INVALID_REQUEST,))
            ask((kind, SPECIFIED, match), errors=(INVALID_REQUEST,))
        ask((kind, EXACT, None), errors=(INVALID_REQUEST,))
        ask((kind, DEFAULT, None))
        ask((kind, SPECIFIED, None))
        for how in (3, -1, 127, -128):
            ask((kind, how, None), errors=(INVALID_REQUEST,))
    ask(("user", EXACT, "bob"), ("client-id", DEFAULT, None))
    ask(("client-id", SPECIFIED, None), ("user", SPECIFIED, None))
    for other in ("user", "client-id"):
        ask(("ip", SPECIFIED, None), (other, SPECIFIED, None), errors=(INVALID_REQUEST,))
        ask((other, EXACT, "bob"), ("ip", DEFAULT, None), errors=(INVALID_REQUEST,))
    for kind in ("User", "CLIENT-ID", "group", "user "):
        ask((kind, EXACT, "bob"), errors=(UNSUPPORTED,))
    ask(("", EXACT, "bob"), errors=(INVALID_REQUEST,))
    # The first error counts.
    ask(("user", EXACT, "bob"), ("user", 9, None), errors=(INVALID_REQUEST,))
    ask(("group", EXACT, "bob"), ("group", EXACT, "bob"), errors=(UNSUPPORTED,))
    ask(("user", 9, None), ("group", EXACT, "bob"), errors=(INVALID_REQUEST,))
    ask(("ip", DEFAULT, None), ("user", DEFAULT, None), ("group", DEFAULT, None), errors=(UNSUPPORTED,))
    ask(*([("user", EXACT, "bob")] * 2_500), errors=(INVALID_REQUEST,))


def test_alter_client_quotas(both: Both) -> None:
    def ask(label: str, *entries: tuple[Entity, Ops], errors: tuple[int, ...] = (INVALID_REQUEST,)) -> None:
        expect(both, label, validation(*entries), *errors, unordered=("entries", "entity"))

    ask("none", errors=())
    ask("nothing to do", (BOB, ()), errors=())
    for entity in (BOB, ADDRESS, (("user", None),), (("client-id", "c"), ("user", None)), (("ip", None),)):
        ask(f"remove of {entity}", (entity, ((RATE, None), ("nope", None), ("", None))), errors=())
        key = "connection_creation_rate" if entity[0][0] == "ip" else RATE
        ask(f"of {entity}", (entity, ((key, 5.0), ("nope", None))), errors=())
    ask("no entity", ((), ((RATE, 5.0),)))
    for kind in ("user", "client-id", "ip"):
        ask(f"empty {kind}", (((kind, ""),), ((RATE, 5.0),)))
        ask(f"empty {kind}, nothing to do", (((kind, ""),), ()))
    for kind in ("", "User", "group"):
        ask(f"type {kind!r}", (((kind, "bob"),), ((RATE, 5.0),)))
        ask(f"type {kind!r} too", ((*BOB, (kind, "bob")), ((RATE, 5.0),)))
    ask("address and user", ((*ADDRESS, *BOB), ((RATE, 5.0),)))
    ask("address and client", ((("client-id", "c"), *ADDRESS), ((RATE, None),)))
    ask("of who comes last", ((("user", ""), *BOB), ((RATE, 5.0),)), errors=())


def test_values_of_client_quotas(both: Both) -> None:
    inf, nan = math.inf, math.nan
    largest, too_large = float(1 << 63), float((1 << 63) + 2048)
    cases: list[tuple[Entity, str, tuple[float, ...], tuple[float, ...]]] = [
        (entity, key, (1.0, 1e-7, 1.0000001, 3e9, largest, nan), (0.0, -0.0, -1.0, 1.5, 0.9, too_large, 1e300, inf, -inf))
        for entity in (BOB, (("client-id", "c"),))
        for key in ("producer_byte_rate", "consumer_byte_rate")
    ]
    cases += [
        (BOB, key, (1.0, 1.5, 1e-7, 1e300, inf, nan), (0.0, -0.0, -1.0, -inf))
        for key in ("request_percentage", "controller_mutation_rate")
    ]
    cases += [
        (ADDRESS, "connection_creation_rate", (1.0, 2147483647.0, nan), (0.0, -1.0, 1.5, 2147483647.5, 2147483648.0, inf)),
        (BOB, "connection_creation_rate", (), (1.0, -1.0)),
        (ADDRESS, RATE, (), (1.0, -1.0)),
        (BOB, "nope", (), (1.0, -1.0)),
        (BOB, "", (), (1.0,)),
        (BOB, "SCRAM-SHA-256", (), (1.0,)),
        (BOB, "Producer_Byte_Rate", (), (1.0,)),
    ]
    for entity, key, valid, invalid in cases:
        for value in valid:
            expect(both, f"{key}={value}", validation((entity, ((key, value),))))
        for value in invalid:
            expect(both, f"{key}={value}", validation((entity, ((key, value),))), INVALID_REQUEST)


def test_entities_and_quotas_that_come_twice(both: Both) -> None:
    def ask(label: str, *entries: tuple[Entity, Ops], errors: tuple[int, ...] = (INVALID_REQUEST,)) -> None:
        expect(both, label, validation(*entries), *errors, unordered=("entries",))

    ask("quota twice", (BOB, ((RATE, 5.0), (RATE, 6.0))))
    ask("removed twice", (BOB, ((RATE, None), (RATE, None))))
    ask("quota twice, unknown", (BOB, (("nope", 5.0), ("nope", None))))
    ask("entity twice", (BOB, ((RATE, 5.0),)), (BOB, ()))
    ask("entity three times", (BOB, ()), (BOB, ()), ((("user", "eve"),), ()), (BOB, ()))
    ask("entity twice, invalid", ((("user", ""),), ()), ((("user", ""),), ()))
    ask("default entity twice", ((("user", None),), ()), ((("user", None),), ()))
    ask("different entities", (BOB, ()), ((("user", None),), ()), ((("client-id", "bob"),), ()), errors=())
    ask("many", *(((("user", f"user-{n}"),), ((RATE, None),)) for n in MANY), errors=())


# --- stored

ENTITIES: Final[tuple[Entity, ...]] = (
    (("user", "bob"),),
    (("user", None),),
    (("client-id", "app"),),
    (("client-id", None),),
    (("client-id", "app"), ("user", "bob")),
    (("client-id", None), ("user", "bob")),
    (("client-id", "app"), ("user", None)),
    (("client-id", None), ("user", None)),
    (("ip", "1.2.3.4"),),
    (("ip", "::1"),),
    (("ip", None),),
)
FILTERS: Final[tuple[tuple[Component, ...], ...]] = (
    (),
    *(((kind, how, match),) for kind in ("user", "client-id") for how, match in ((EXACT, "bob"), (EXACT, "app"))),
    *(((kind, how, None),) for kind in ("user", "client-id", "ip") for how in (DEFAULT, SPECIFIED)),
    (("ip", EXACT, "1.2.3.4"),),
    (("ip", EXACT, "0:0:0:0:0:0:0:1"),),
    (("user", EXACT, "bob"), ("client-id", EXACT, "app")),
    (("user", EXACT, "bob"), ("client-id", DEFAULT, None)),
    (("client-id", SPECIFIED, None), ("user", SPECIFIED, None)),
    (("client-id", SPECIFIED, None), ("user", DEFAULT, None)),
)


def test_what_was_set_is_described(both: Both) -> None:
    unordered = ("entries", "entity", "values")

    def describe(label: str) -> None:
        for number, components in enumerate(FILTERS):
            for strict in (False, True):
                request = description(*components, strict=strict)
                expect(both, f"{label}: filter {number}, {strict}", request, unordered=unordered)

    def alter(label: str, *entries: tuple[Entity, Ops]) -> None:
        both.compare(label, alteration(*entries), [1], unordered=("entries", "entity"))
        settle(both)

    def of(entity: Entity, value: float | None) -> Ops:
        if entity[0][0] == "ip":
            return (("connection_creation_rate", value),)
        return (("producer_byte_rate", value), ("request_percentage", None if value is None else value + 0.5))

    clients = [entity for entity in ENTITIES if entity[0][0] != "ip"]
    addresses = [entity for entity in ENTITIES if entity[0][0] == "ip"]
    alter("set", *((entity, of(entity, 1e12 + number)) for number, entity in enumerate(clients)))
    alter("addresses set", *((entity, of(entity, 1e9)) for entity in addresses))
    describe("set")
    alter("changed", (ENTITIES[0], (("producer_byte_rate", None), ("consumer_byte_rate", 1e12))), (ENTITIES[1], ()))
    describe("changed")
    alter("removed", *((entity, (*of(entity, None), ("consumer_byte_rate", None))) for entity in clients))
    alter("addresses removed", *((entity, of(entity, None)) for entity in addresses))
    describe("removed")


# --- held to


def settle(both: Both) -> None:
    """Return when quotas set before count: the reference's brokers follow its metadata log record by record."""
    for _ in range(2):
        name = both.name("settle")
        for side in both.sides:
            create_topic(side.bootstrap, name)


@contextmanager
def client(side: Side, client_id: str | None) -> Iterator[WireClient]:
    """A connection of its own: it may be mute in the end, and is not waited for."""
    with WireClient(side.bootstrap, client_id=client_id) as connected:
        yield connected


def batch(topic: str, size_in_bytes: int) -> ProduceRequest:
    records = memoryview(bytes(build_batch([(1_000, None, b"x" * size_in_bytes, ())], base_offset=0)))
    data = TopicProduceData(name=topic, partition_data=[PartitionProduceData(index=0, records=records)])
    return ProduceRequest(acks=1, timeout_ms=10_000, topic_data=[data])


def about(throttle_ms: int, *expected_ms: int) -> str:
    """Which of the expected times it is, but for what the machine took."""
    for each in expected_ms:
        if each - 1_000 < throttle_ms <= each + 100:
            return f"about {each} ms"
    return f"{throttle_ms} ms"


def compare(both: Both, label: str, key: ApiKey, ask: Callable[[Side], Normal]) -> None:
    both.compare_values(label, key, *[ask(side) for side in both.sides])


def test_producers_wait(both: Both) -> None:
    topic = both.name("produced")
    for side in both.sides:
        create_topic(side.bootstrap, topic)
        with client(side, "admin") as admin:
            set_quotas(admin, (("client-id", "p1"),), producer_byte_rate=100_000.0)
    settle(both)

    def ask(side: Side) -> Normal:
        times = []
        for client_id in ("p1", "p1", "p2", "p1", None, ""):
            with client(side, client_id) as connected:
                times.append(connected.call(batch(topic, 600_000), 9, ProduceResponse).throttle_time_ms)
        # 600,000 each, and 100,000 a second over ten seconds and what goes by.
        return [about(each, 0, 2_000, 8_000) for each in times]

    compare(both, "produce", ApiKey.PRODUCE, ask)


LADDER: Final = (
    (("client-id", None),),
    (("client-id", "app"),),
    (("user", None),),
    (("client-id", None), ("user", None)),
    (("client-id", "app"), ("user", None)),
    (("user", "ANONYMOUS"),),
    (("client-id", None), ("user", "ANONYMOUS")),
    (("client-id", "app"), ("user", "ANONYMOUS")),
)


def _rung(topic: str, client_id: str, expected_ms: int, side: Side, *, is_shared: bool) -> Normal:
    with client(side, client_id) as connected:
        throttle_ms = connected.call(batch(topic, 600_000), 9, ProduceResponse).throttle_time_ms
    # What a user has sent before counts too.
    return "waits" if is_shared and throttle_ms >= expected_ms - 1_000 else about(throttle_ms, expected_ms)


def test_the_most_specific_quota_counts(both: Both) -> None:
    topic = both.name("ladder")
    for side in both.sides:
        create_topic(side.bootstrap, topic)
    # Each of them stricter than all before, and with each another client id that nobody has used: what is kept of those is new.
    for number, entity in enumerate(LADDER):
        mine = tuple((kind, f"app-{number}" if name == "app" else name) for kind, name in entity)
        rate = 50_000.0 - 5_000 * number
        for side in both.sides:
            with client(side, "admin") as admin:
                set_quotas(admin, mine, producer_byte_rate=rate)
        settle(both)
        expected_ms = round(600_000 / rate * 1_000) - 10_000
        ask = partial(_rung, topic, f"app-{number}", expected_ms, is_shared="user" in dict(entity))
        compare(both, f"rung {number}", ApiKey.PRODUCE, ask)


def test_consumers_get_nothing_and_wait(both: Both) -> None:
    topic = both.name("fetched")
    for side in both.sides:
        create_topic(side.bootstrap, topic)
        with client(side, "admin") as admin:
            admin.call(batch(topic, 600_000), 9, ProduceResponse)
            set_quotas(admin, (("client-id", "f1"),), consumer_byte_rate=100_000.0)
    settle(both)

    def ask(side: Side) -> Normal:
        answers: list[Normal] = []
        session_id = 0
        for epoch in (0, 1, 2):
            wanted = [FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1 << 20)] if epoch == 0 else []
            topics = [FetchTopic(topic=topic, partitions=wanted)] if wanted else []
            request = FetchRequest(max_wait_ms=0, max_bytes=1 << 25, session_id=session_id, session_epoch=epoch, topics=topics)
            with client(side, "f1") as connected:
                answer = connected.call(request, 12, FetchResponse)
            kept = answer.session_id == session_id or epoch == 0
            session_id = answer.session_id
            answers.append([about(answer.throttle_time_ms, 0, 2_000), answer.error_code, len(answer.responses), kept])
        return answers

    compare(both, "fetch", ApiKey.FETCH, ask)


def test_partitions_made_and_deleted(both: Both) -> None:
    names = [both.name(stem) for stem in ("m1", "m2", "m3", "m4", "m5", "m6")]
    for side in both.sides:
        with client(side, "admin") as admin:
            set_quotas(admin, (("client-id", "mutating"),), controller_mutation_rate=1.0)
    settle(both)

    def creation(*topics: str, partitions: int, validate_only: bool = False) -> CreateTopicsRequest:
        wanted = [CreatableTopic(name=name, num_partitions=partitions, replication_factor=1) for name in topics]
        return CreateTopicsRequest(topics=wanted, timeout_ms=20_000, validate_only=validate_only)

    def ask(side: Side) -> Normal:
        found: list[Normal] = []

        def create(request: CreateTopicsRequest, version: int) -> None:
            with client(side, "mutating") as connected:
                answer = connected.call(request, version, CreateTopicsResponse)
            codes: list[Normal] = [[each.error_code, each.error_message] for each in answer.topics]
            found.append([about(answer.throttle_time_ms, 0, 30_000, 35_000, 40_000, 45_000, 50_000), *codes])

        create(creation(names[0], names[1], names[2], partitions=41), 7)
        create(creation(names[2], partitions=5), 7)
        create(creation(names[2], partitions=5, validate_only=True), 6)
        create(creation(names[2], partitions=5, validate_only=True), 5)
        create(creation(names[3], partitions=5), 5)
        more = [CreatePartitionsTopic(name=names[0], count=46, assignments=None)]
        for version in (3, 2):
            with client(side, "mutating") as connected:
                request = CreatePartitionsRequest(topics=more, timeout_ms=20_000)
                grown = connected.call(request, version, CreatePartitionsResponse)
            codes: list[Normal] = [[each.error_code, each.error_message] for each in grown.results]
            found.append([about(grown.throttle_time_ms, 40_000, 45_000), *codes])
        with client(side, "mutating") as connected:
            deletion = DeleteTopicsRequest(topics=[DeleteTopicState(name=names[3])], timeout_ms=20_000)
            deleted = connected.call(deletion, 6, DeleteTopicsResponse)
        codes = [[each.error_code, each.error_message] for each in deleted.responses]
        found.append([about(deleted.throttle_time_ms, 45_000), *codes])
        return found

    compare(both, "mutations", ApiKey.CREATE_TOPICS, ask)


def test_time_of_requests(both: Both) -> None:
    for side in both.sides:
        with client(side, "admin") as admin:
            set_quotas(admin, (("client-id", "busy"),), request_percentage=0.0001)
    settle(both)

    def ask(side: Side) -> Normal:
        times: list[Normal] = []
        for version in (9, 2):
            with client(side, "busy") as connected:
                times.append(connected.call(MetadataRequest(topics=[]), version, MetadataResponse).throttle_time_ms)
        with client(side, "busy") as connected:
            times.append(connected.call(alteration(), 1, AlterClientQuotasResponse).throttle_time_ms)
        return times

    compare(both, "requests", ApiKey.METADATA, ask)
