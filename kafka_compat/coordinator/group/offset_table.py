"""A table of offsets by group, topic and partition; empty branches are not kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from kafka_compat.ids import TopicId


@dataclass(frozen=True, slots=True)
class CommittedOffset:
    """One committed offset.

    Attributes:
        offset: where the group goes on.
        leader_epoch: of the last record consumed, -1 when unknown.
        metadata: the client's own text.
        commit_timestamp_ms: when it was committed.
        expire_timestamp_ms: when it expires, whatever the broker's retention; -1 when that counts.
        topic_id: the topic it was committed for; zero when the record does not say.
        sequence: place in the order of replay.
    """

    offset: int
    leader_epoch: int
    metadata: str
    commit_timestamp_ms: int
    expire_timestamp_ms: int
    topic_id: TopicId
    sequence: int


class OffsetTable:
    """Offsets by group, topic and partition."""

    __slots__ = ("_groups",)

    def __init__(self) -> None:
        self._groups: dict[str, dict[str, dict[int, CommittedOffset]]] = {}

    def get(self, group_id: str, topic: str, partition: int) -> CommittedOffset | None:
        """The offset, None when there is none."""
        return self._groups.get(group_id, {}).get(topic, {}).get(partition)

    def put(self, group_id: str, topic: str, partition: int, offset: CommittedOffset) -> None:
        """Set the offset."""
        self._groups.setdefault(group_id, {}).setdefault(topic, {})[partition] = offset

    def remove(self, group_id: str, topic: str, partition: int) -> None:
        """Forget the offset; a no-op when there is none."""
        topics = self._groups.get(group_id, {})
        partitions = topics.get(topic, {})
        if partitions.pop(partition, None) is None:
            return
        if not partitions:
            del topics[topic]
        if not topics:
            del self._groups[group_id]

    def of_group(self, group_id: str) -> Mapping[str, Mapping[int, CommittedOffset]]:
        """Topic to partition to offset."""
        return self._groups.get(group_id, {})

    def partitions_of(self, group_id: str) -> Iterator[tuple[str, int]]:
        """(topic, partition) of each offset of the group."""
        for topic, partitions in self.of_group(group_id).items():
            for partition in partitions:
                yield topic, partition

    def count(self, group_id: str) -> int:
        """How many offsets the group has."""
        return sum(len(partitions) for partitions in self.of_group(group_id).values())

    def of_topics(self, names: Set[str]) -> Iterator[tuple[tuple[str, str, int], CommittedOffset]]:
        """((group, topic, partition), offset) of each offset of the topics."""
        for group_id, topics in self._groups.items():
            for topic in topics.keys() & names:
                for partition, offset in topics[topic].items():
                    yield (group_id, topic, partition), offset
