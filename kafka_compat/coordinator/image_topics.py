"""The topics of the cluster's image behind the coordinators' port."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set

from kafka_compat.coordinator.ports import TopicChanges, TopicView
from kafka_compat.ids import TopicId, TopicName
from kafka_compat.metadata.changes import Change, TopicCreated, TopicDeleted, TopicGrown
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.image import Topic


class ImageTopics:
    """`TopicsFeed` of a controller's image."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def topic(self, name: str) -> TopicView | None:
        """See `TopicsView`."""
        return _view(self._controller.image.topics.get(TopicName(name)))

    def topic_by_id(self, topic_id: TopicId) -> TopicView | None:
        """See `TopicsView`."""
        return _view(self._controller.image.topics_by_id.get(topic_id))

    def names(self) -> Iterable[str]:
        """See `TopicsView`."""
        return self._controller.image.topics.keys()

    def racks(self, name: str) -> Sequence[Set[str]]:
        """See `TopicsView`. Brokers that do not run have no rack that anybody knows of."""
        image = self._controller.image
        topic = image.topics.get(TopicName(name))
        rack_of = {broker.id: broker.rack for broker in image.brokers.values() if broker.rack is not None}
        return [
            {rack_of[replica] for replica in partition.replicas if replica in rack_of}
            for partition in (() if topic is None else topic.partitions)
        ]

    def follow(self, listener: Callable[[TopicChanges], None]) -> Callable[[], None]:
        """See `TopicsFeed`."""

        async def tell(changes: Sequence[Change]) -> None:
            told = TopicChanges(
                created={change.name: change.id for change in changes if isinstance(change, TopicCreated)},
                deleted={change.name: change.id for change in changes if isinstance(change, TopicDeleted)},
                grown={change.name for change in changes if isinstance(change, TopicGrown)},
            )
            if told.created or told.deleted or told.grown:
                listener(told)

        self._controller.after_apply.append(tell)

        def end() -> None:
            if tell in self._controller.after_apply:
                self._controller.after_apply.remove(tell)

        return end


def _view(topic: Topic | None) -> TopicView | None:
    return None if topic is None else TopicView(topic.name, topic.id, len(topic.partitions))
