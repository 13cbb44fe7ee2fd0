from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.handlers import metadata
from kafka_compat.api.session import Session
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.metadata.changes import Change
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import RequestHeader
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.testing.cluster import Cluster
from tests.api.worlds import Turns, World


def ask(world: World, *names: str, create: bool = False, version: int = 12) -> dict[str | None, int]:
    """Error code per topic."""
    request = MetadataRequest(topics=[MetadataRequestTopic(name=name) for name in names], allow_auto_topic_creation=create)
    return {topic.name: topic.error_code for topic in world.call(request, version, MetadataResponse).topics}


def wait_for(world: World, *names: str) -> None:
    """Return when all the topics are there."""
    for _ in range(10_000):
        if not any(ask(world, *names).values()):
            return
    raise AssertionError(ask(world, *names))


def test_missing_topics_whose_names_resemble_each_other_are_all_created(world: World) -> None:
    """They are one request to the controller, where only topics that are there already collide; the reference does so too."""
    stem = world.topic("resembling")
    names = [f"{stem}.a", f"{stem}_a", f"{stem}-a"]
    assert ask(world, *names, create=True) == dict.fromkeys(names, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    wait_for(world, *names)


def test_a_missing_topic_that_collides_with_one_that_is_there_does_not_keep_others_from_creation(world: World) -> None:
    stem = world.topic("colliding.with")
    twin, other = stem.replace(".", "_"), f"{stem}-other"
    ask(world, twin, other, create=True)
    wait_for(world, other)
    assert ask(world, twin) == {twin: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}


@pytest.mark.parametrize("count", [10, 600])
@pytest.mark.kafka
def test_all_missing_topics_of_a_request_are_one_change(world: World, count: int) -> None:
    changes: list[Sequence[Change]] = []

    async def follow(made: Sequence[Change]) -> None:
        changes.append(made)

    world.cluster.state.controller.after_apply.append(follow)
    names = [f"auto.{n}" for n in range(count)]
    ask(world, *names, create=True)
    ask(world, *names, create=True)
    wait_for(world, *names)
    assert [len(made) for made in changes] == [count]


@pytest.mark.kafka
def test_more_topics_than_one_request_may_create_are_none(world: World) -> None:
    """As in Kafka, whose controller refuses the request of the broker as a whole."""
    names = [f"many{n}" for n in range(10_001)]
    assert set(ask(world, *names, create=True).values()) == {ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
    assert ask(world, "few", create=True) == {"few": ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
    wait_for(world, "few")
    assert ask(world, names[0]) == {names[0]: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}


def test_a_wide_request_lets_others_in_between(world: World, turns: Turns) -> None:
    name = world.topic(partitions=700)
    codes = ask(world, name, *(f"missing-{n}" for n in range(3000)))
    assert len(codes) == 3001
    assert codes[name] == 0
    assert turns.count >= 3700 // 16
    turns.count = 0
    everything = world.call(MetadataRequest(topics=None), 12, MetadataResponse)
    assert len(next(topic for topic in everything.topics if topic.name == name).partitions) == 700
    assert turns.count >= 700 // 16


def test_a_small_request_is_answered_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    name = world.topic()
    monkeypatch.setattr("kafka_compat.pacing.SLICE_S", 1_000.0)
    monkeypatch.setattr("kafka_compat.api.slices._finish", None)
    assert ask(world, name) == {name: 0}


def work_of(cluster: Cluster, request: MetadataRequest, session: Session) -> tuple[RequestContext, Work[Response | None]]:
    services = cluster.brokers[0].services
    assert services is not None
    context = RequestContext(services, RequestHeader(ApiKey.METADATA, 12, 1, None, 2), session)
    return context, metadata._response(context, request)


def test_partitions_that_are_alike_are_one_object(world: World) -> None:
    """An answer is in memory until it is encoded, and most partitions of a cluster differ in nothing but their topic."""
    for _ in range(3):
        world.topic(partitions=40)

    async def answer() -> Response | None:
        _, work = work_of(world.cluster, MetadataRequest(topics=None), Session("127.0.0.1", 1, "PLAINTEXT", 1))
        return await in_slices(work)

    answered = world.cluster.run(answer())
    assert isinstance(answered, MetadataResponse)
    partitions = [partition for topic in answered.topics for partition in topic.partitions]
    assert len({id(partition) for partition in partitions}) == len({repr(partition) for partition in partitions})


def test_what_is_missing_is_created_although_the_client_is_gone_and_nothing_is_described_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, missing = world.topic("there"), "gone-client-misses"
    wanted = [MetadataRequestTopic(name=name) for name in (there, missing)]
    request = MetadataRequest(topics=wanted, allow_auto_topic_creation=True)
    described: list[str] = []
    describe = metadata._Description.topic

    def noted(self: metadata._Description, topic: Any) -> Any:
        described.append(topic.name)
        return describe(self, topic)

    monkeypatch.setattr(metadata._Description, "topic", noted)

    async def answer() -> Response | None:
        _, work = work_of(world.cluster, request, Session("127.0.0.1", 1, "PLAINTEXT", 1, is_gone=True))
        return await in_slices(work)

    assert world.cluster.run(answer()) is None
    assert described == []
    monkeypatch.undo()
    wait_for(world, missing)


def test_a_request_is_dropped_with_its_client_only_when_what_is_missing_is_being_created(world: World) -> None:
    missing = "is-missing-until-asked-for"
    names = [world.topic(), missing, world.topic(partitions=3)]
    request = MetadataRequest(topics=[MetadataRequestTopic(name=name) for name in names], allow_auto_topic_creation=True)

    async def step() -> list[tuple[bool, bool]]:
        """Of each step, whether the request may be dropped and whether the topic is being created."""
        context, work = work_of(world.cluster, request, Session("127.0.0.1", 1, "PLAINTEXT", 1))
        return [(context.drop_on_disconnect, missing in context.services.topics._being_created) for _ in work]

    steps = world.cluster.run(step())
    assert set(steps) == {(False, False), (True, True)}
