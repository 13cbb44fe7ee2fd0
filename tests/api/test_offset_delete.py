from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.offset_commit import OffsetCommitResponse
from kafka_compat.protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
    OffsetDeleteResponse,
)
from tests.api.worlds import World, commit_of

UNKNOWN = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION


def delete(world: World, group: str, *topics: tuple[str, Sequence[int]]) -> list[tuple[str, list[tuple[int, int]]]]:
    """What is answered: (partition, error code) of each topic."""
    wanted = [
        OffsetDeleteRequestTopic(
            name=name, partitions=[OffsetDeleteRequestPartition(partition_index=index) for index in indexes]
        )
        for name, indexes in topics
    ]
    answer = world.call(OffsetDeleteRequest(group_id=group, topics=wanted), 0, OffsetDeleteResponse)
    assert answer.error_code == 0, answer
    return [(topic.name, [(p.partition_index, p.error_code) for p in topic.partitions]) for topic in answer.topics]


def group_with_offsets(world: World, name: str) -> str:
    group = world.group()
    world.call(commit_of(group, (name, [(0, 1), (1, 2)])), 7, OffsetCommitResponse)
    return group


def test_what_is_named_twice_is_answered_twice(world: World) -> None:
    name = world.topic(partitions=2)
    group = group_with_offsets(world, name)
    assert delete(world, group, (name, [0, 0]), (name, [1])) == [(name, [(0, 0), (0, 0)]), (name, [(1, 0)])]


def test_topics_are_merged_when_something_is_refused(world: World) -> None:
    name, other = world.topic(partitions=2), world.topic()
    group = group_with_offsets(world, name)
    answer = delete(world, group, (name, [0]), ("no", [0, 0]), (other, [0, 9]), (name, [1]), ("no", [1]), (other, []))
    assert answer == [
        ("no", [(0, UNKNOWN), (0, UNKNOWN), (1, UNKNOWN)]),
        (other, [(9, UNKNOWN), (0, 0)]),
        (name, [(0, 0), (1, 0)]),
    ]


def test_many_offsets_are_deleted_in_parts(world: World) -> None:
    name, group = world.topic(partitions=600), world.group()
    world.call(commit_of(group, (name, [(n, n) for n in range(600)])), 7, OffsetCommitResponse)
    assert delete(world, group, (name, range(600))) == [(name, [(n, 0) for n in range(600)])]
