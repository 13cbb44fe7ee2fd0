"""What coordinators see of the cluster's topics, and what they are told."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.image_topics import ImageTopics
from kafka_compat.coordinator.ports import TopicChanges, TopicView
from kafka_compat.ids import BrokerId, TopicId, TopicName
from kafka_compat.metadata.changes import BrokerFenced, Change, ConfigsChanged, TopicCreated, TopicDeleted, TopicGrown
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.image import RegisteredBroker
from kafka_compat.server.cluster_state import ClusterState
from kafka_compat.server.store import open_store
from kafka_compat.testing.manual_clock import ManualClock

ONE, TWO, THREE = BrokerId(1), BrokerId(2), BrokerId(3)
ORDERS, AGAIN = TopicId(b"orders".ljust(16)), TopicId(b"orders again".ljust(16))


@pytest.fixture
async def controller() -> AsyncIterator[Controller]:
    clock = ManualClock()
    state = await ClusterState.open(open_store(1, clock, None), BrokerConfig({"node.id": "1"}), clock)
    await state.membership.up(RegisteredBroker(ONE, {}, "here"))
    await state.membership.up(RegisteredBroker(TWO, {}, "there"))
    await state.membership.up(RegisteredBroker(THREE, {}, None))
    yield state.controller
    await state.close()


async def change(controller: Controller, *changes: Change) -> None:
    await controller.change(lambda _: changes)


def created(topic_id: TopicId = ORDERS) -> TopicCreated:
    return TopicCreated(TopicName("orders"), topic_id, [[ONE, TWO], [THREE]], [0, 0], [0, 0])


async def test_topics_are_seen_as_the_image_shows_them(controller: Controller) -> None:
    topics = ImageTopics(controller)
    await change(controller, created())
    assert topics.topic("orders") == topics.topic_by_id(ORDERS) == TopicView("orders", ORDERS, 2)
    assert list(topics.names()) == ["orders"]
    assert topics.racks("orders") == [{"here", "there"}, set()]
    await change(controller, TopicGrown(TopicName("orders"), [[TWO]]))
    assert topics.topic("orders") == TopicView("orders", ORDERS, 3)
    await change(controller, BrokerFenced(ONE))
    assert topics.racks("orders") == [{"there"}, set(), {"there"}]
    await change(controller, TopicDeleted(TopicName("orders"), ORDERS))
    assert topics.topic("orders") is topics.topic_by_id(ORDERS) is None
    assert (list(topics.names()), topics.racks("orders")) == ([], [])


async def test_followers_are_told_what_topics_became_after_the_image_shows_it(controller: Controller) -> None:
    topics = ImageTopics(controller)
    told: list[tuple[TopicChanges, TopicView | None]] = []
    end = topics.follow(lambda changes: told.append((changes, topics.topic("orders"))))
    await change(controller, created())
    await change(controller, ConfigsChanged(2, "orders", {"retention.ms": "1"}))
    await change(controller, TopicGrown(TopicName("orders"), [[TWO]]))
    await change(controller, TopicDeleted(TopicName("orders"), ORDERS), created(AGAIN))
    end()
    end()
    await change(controller, TopicDeleted(TopicName("orders"), AGAIN))
    assert told == [
        (TopicChanges({"orders": ORDERS}, {}, set()), TopicView("orders", ORDERS, 2)),
        (TopicChanges({}, {}, {"orders"}), TopicView("orders", ORDERS, 3)),
        (TopicChanges({"orders": AGAIN}, {"orders": ORDERS}, set()), TopicView("orders", AGAIN, 2)),
    ]
