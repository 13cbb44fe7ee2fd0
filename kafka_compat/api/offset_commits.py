"""What OffsetCommit and TxnOffsetCommit do alike: what does not exist is answered at once, the rest goes to the coordinator.

Topics and partitions that were refused come before those that went to the coordinator. A topic that is named twice is answered
once if anything was refused, and twice if nothing was, as in Kafka (`OffsetCommitResponse.Builder.merge`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final, Generic, TypeVar

from kafka_compat.coordinator.group.offset_values import OffsetsToCommit, OffsetToCommit
from kafka_compat.ids import ZERO_TOPIC_ID
from kafka_compat.metadata.image import Topic
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.offset_commit import OffsetCommitRequestPartition, OffsetCommitRequestTopic
from kafka_compat.protocol.messages.txn_offset_commit import TxnOffsetCommitRequestPartition, TxnOffsetCommitRequestTopic

T = TypeVar("T", OffsetCommitRequestTopic, TxnOffsetCommitRequestTopic)

_Partition = OffsetCommitRequestPartition | TxnOffsetCommitRequestPartition

_PARTITIONS_AT_ONCE: Final = 250

# Of each partition its number and what came of it.
Outcomes = list[tuple[int, ErrorCode]]


async def commit_what_exists(
    topics: Sequence[T],
    find: Callable[[T], tuple[Topic | None, ErrorCode]],
    commit: Callable[[OffsetsToCommit], Awaitable[list[ErrorCode]]],
    pace: Pace,
    *,
    with_topic_ids: bool,
) -> list[tuple[T, Outcomes]]:
    """The topics of the answer, in order.

    Args:
        topics: of the request.
        find: a topic in the image, or why it is not there.
        commit: what exists; one code per offset. Not called when nothing does.
        pace: of the request.
        with_topic_ids: whether offsets are committed for the topic's id, or for whatever has its name.
    """
    answer: _Answer[T] = _Answer()
    valid: list[_Valid[T]] = []
    async for wanted in pace.over(topics):
        topic, unknown = find(wanted)
        sorted_out = _Valid(wanted, topic, with_topic_ids=with_topic_ids)
        refused: Outcomes = []
        for start in range(0, len(wanted.partitions), _PARTITIONS_AT_ONCE):
            sorted_out.sort_out(wanted.partitions[start : start + _PARTITIONS_AT_ONCE], unknown, refused)
            await pace.turn()
        if topic is None or refused:
            answer.add(wanted, refused)
        if sorted_out.partitions:
            valid.append(sorted_out)
    if not valid:
        return answer.topics
    codes = iter(await commit(_Offsets(valid)))
    answer.keep_apart()
    for of_topic in valid:
        answer.add(
            of_topic.wanted,
            [(partition.partition_index, code) for partition, code in zip(of_topic.partitions, codes, strict=False)],
        )
        await pace.turn()
    return answer.topics


class _Valid(Generic[T]):
    """A topic of the request, and those of its partitions that exist."""

    __slots__ = ("name", "partition_count", "partitions", "topic_id", "wanted")

    def __init__(self, wanted: T, topic: Topic | None, *, with_topic_ids: bool) -> None:
        self.wanted: T = wanted
        self.name = "" if topic is None else topic.name
        self.topic_id = topic.id if topic is not None and with_topic_ids else ZERO_TOPIC_ID
        self.partition_count = 0 if topic is None else len(topic.partitions)
        self.partitions: list[_Partition] = []

    def sort_out(self, partitions: Sequence[_Partition], unknown: ErrorCode, refused: Outcomes) -> None:
        """Put each partition where it belongs; those of a topic that is not there are `unknown`."""
        count = self.partition_count
        code = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION if count else unknown
        for partition in partitions:
            index = partition.partition_index
            if 0 <= index < count:
                self.partitions.append(partition)
            else:
                refused.append((index, code))


class _Offsets(Generic[T]):
    """The offsets of what is valid, made when somebody goes through them."""

    def __init__(self, valid: Sequence[_Valid[T]]) -> None:
        self._valid: Sequence[_Valid[T]] = valid
        self._count = sum(len(of_topic.partitions) for of_topic in valid)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[OffsetToCommit]:
        return (
            OffsetToCommit(
                topic=of_topic.name,
                partition=partition.partition_index,
                offset=partition.committed_offset,
                leader_epoch=partition.committed_leader_epoch,
                metadata=partition.committed_metadata,
                topic_id=of_topic.topic_id,
            )
            for of_topic in self._valid
            for partition in of_topic.partitions
        )


class _Answer(Generic[T]):
    """Partitions by topic: what was refused at once comes before what went to the coordinator."""

    def __init__(self) -> None:
        self.topics: list[tuple[T, Outcomes]] = []
        self._by_name: dict[tuple[str, bytes], Outcomes] = {}
        self._merges = True

    def keep_apart(self) -> None:
        """When nothing was refused, a topic that was named twice is answered twice."""
        self._merges = bool(self.topics)

    def add(self, wanted: T, outcomes: Outcomes) -> None:
        """Add partitions to their topic."""
        topic_id = wanted.topic_id if isinstance(wanted, OffsetCommitRequestTopic) else ZERO_TOPIC_ID
        key = wanted.name, topic_id
        of_topic = self._by_name.get(key) if self._merges else None
        if of_topic is not None:
            of_topic += outcomes
            return
        self._by_name[key] = outcomes
        self.topics.append((wanted, outcomes))
