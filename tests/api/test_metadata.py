from __future__ import annotations

from collections.abc import Sequence

import pytest

from kafka_compat.metadata.changes import Change
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
def test_all_missing_topics_of_a_request_are_one_change(count: int) -> None:
    with Cluster() as cluster, World(cluster) as world:
        changes: list[Sequence[Change]] = []

        async def follow(made: Sequence[Change]) -> None:
            changes.append(made)

        cluster.state.controller.after_apply.append(follow)
        names = [f"auto.{n}" for n in range(count)]
        ask(world, *names, create=True)
        ask(world, *names, create=True)
        wait_for(world, *names)
        assert [len(made) for made in changes] == [count]


def test_more_topics_than_one_request_may_create_are_none() -> None:
    """As in Kafka, whose controller refuses the request of the broker as a whole."""
    with Cluster() as cluster, World(cluster) as world:
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
