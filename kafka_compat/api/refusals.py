"""Refusals that name every partition of a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

P = TypeVar("P")
T = TypeVar("T")
PartitionAnswer = TypeVar("PartitionAnswer")
TopicAnswer = TypeVar("TopicAnswer")


def by_partition(
    topics: Iterable[tuple[T, Iterable[P]]],
    of_partition: Callable[[P], PartitionAnswer],
    of_topic: Callable[[T, list[PartitionAnswer]], TopicAnswer],
) -> list[TopicAnswer]:
    """The answers for `topics`, each given with its partitions, in the order of the request."""
    return [of_topic(topic, [of_partition(partition) for partition in partitions]) for topic, partitions in topics]
