"""Which logs a broker has: found by name, by topic id and by topic, none of it by looking through all."""

from __future__ import annotations

from collections.abc import ValuesView
from typing import Final

from kafka_compat.ids import TopicId
from kafka_compat.log.partition import PartitionLog
from kafka_compat.storage.interface import LogId

_NONE: Final[dict[int, LogId]] = {}


class LogRegistry:
    """Open logs, and the names of those that could not be opened yet."""

    def __init__(self) -> None:
        self._logs: dict[tuple[str, int], PartitionLog] = {}
        self._by_id: dict[tuple[TopicId, int], PartitionLog] = {}
        self._of_topic: dict[TopicId, dict[int, LogId]] = {}
        self._ids_of_name: dict[str, set[TopicId]] = {}

    def __len__(self) -> int:
        return len(self._logs)

    def values(self) -> ValuesView[PartitionLog]:
        """Every open log; changes with the registry."""
        return self._logs.values()

    def get(self, topic: str, partition: int) -> PartitionLog | None:
        """The open log of a partition."""
        return self._logs.get((topic, partition))

    def get_by_id(self, topic_id: TopicId, partition: int) -> PartitionLog | None:
        """The open log of a partition of the topic with `topic_id`."""
        return self._by_id.get((topic_id, partition))

    def has(self, log: PartitionLog) -> bool:
        """Whether `log` is the one that serves its partition."""
        return self._logs.get(log.topic_partition) is log

    def of_topic(self, topic_id: TopicId) -> list[LogId]:
        """The logs of a topic, those that are only noted too."""
        return list(self._of_topic.get(topic_id, _NONE).values())

    def of_name(self, topic: str) -> list[LogId]:
        """The logs of all topics that have or had this name."""
        return [log_id for topic_id in self._ids_of_name.get(topic, ()) for log_id in self.of_topic(topic_id)]

    def note(self, log_id: LogId) -> None:
        """There should be such a log."""
        self._of_topic.setdefault(log_id.topic_id, {})[log_id.partition] = log_id
        self._ids_of_name.setdefault(log_id.topic, set()).add(log_id.topic_id)

    def add(self, log: PartitionLog) -> None:
        """The log serves its partition."""
        log_id = log.log_id
        self._logs[log_id.topic, log_id.partition] = log
        self._by_id[log_id.topic_id, log_id.partition] = log
        self.note(log_id)

    def remove(self, log_id: LogId) -> PartitionLog | None:
        """Forget a log; returns it if it was open."""
        of_topic = self._of_topic.get(log_id.topic_id)
        if of_topic is not None:
            of_topic.pop(log_id.partition, None)
            if not of_topic:
                del self._of_topic[log_id.topic_id]
                ids = self._ids_of_name[log_id.topic]
                ids.discard(log_id.topic_id)
                if not ids:
                    del self._ids_of_name[log_id.topic]
        log = self._by_id.pop((log_id.topic_id, log_id.partition), None)
        if log is not None and self.has(log):
            del self._logs[log_id.topic, log_id.partition]
        return log
