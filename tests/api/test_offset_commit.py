from __future__ import annotations

from collections.abc import Sequence

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
)
from kafka_compat.protocol.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestTopic, OffsetFetchResponse
from tests.api.worlds import Turns, World, commit_of

MAX_INT64 = (1 << 63) - 1


def commit(
    world: World, group: str, *topics: tuple[str, Sequence[tuple[int, int]]], metadata: str = ""
) -> OffsetCommitResponse:
    """Commit (partition, offset) pairs of each topic in version 7."""
    return world.call(commit_of(group, *topics, metadata=metadata), 7, OffsetCommitResponse)


def committed(world: World, group: str, name: str, partition: int = 0) -> int:
    request = OffsetFetchRequest(group_id=group, topics=[OffsetFetchRequestTopic(name=name, partition_indexes=[partition])])
    return world.call(request, 5, OffsetFetchResponse).topics[0].partitions[0].committed_offset


def answers(response: OffsetCommitResponse) -> list[tuple[str, list[tuple[int, int]]]]:
    return [(topic.name, [(p.partition_index, p.error_code) for p in topic.partitions]) for topic in response.topics]


def test_refused_topics_come_first_and_once(world: World) -> None:
    name, group = world.topic(partitions=2), world.group()
    response = commit(world, group, (name, [(0, 1)]), ("no", [(0, 1)]), (name, [(9, 1), (1, 2)]), ("no", [(1, 1)]))
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    assert answers(response) == [("no", [(0, unknown), (1, unknown)]), (name, [(9, unknown), (0, 0), (1, 0)])]


def test_a_topic_named_twice_is_answered_twice_when_nothing_is_refused(world: World) -> None:
    name, group = world.topic(), world.group()
    assert answers(commit(world, group, (name, [(0, 1)]), (name, [(0, 2)]))) == [(name, [(0, 0)]), (name, [(0, 0)])]
    assert committed(world, group, name) == 2


@pytest.mark.parametrize("count", [2_000, 8_000])
def test_refused_topics_cost_the_same_each(world: World, turns: Turns, count: int) -> None:
    response = commit(world, world.group(), *((f"unknown-{n}", [(0, 1)]) for n in range(count)))
    assert len(response.topics) == count
    assert {topic.partitions[0].error_code for topic in response.topics} == {ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
    assert turns.count >= count // 16


def test_a_wide_commit_is_decided_in_parts(world: World, turns: Turns) -> None:
    name, group = world.topic(partitions=700), world.group()
    response = commit(world, group, (name, [(n, n) for n in range(700)]))
    assert answers(response) == [(name, [(n, 0) for n in range(700)])]
    assert [committed(world, group, name, n) for n in (0, 249, 250, 699)] == [0, 249, 250, 699]
    assert turns.count >= 700 // 250


def test_a_commit_above_max_message_bytes_is_refused_as_a_whole(world: World) -> None:
    """The reference answers the same: 270 offsets with 4,000 bytes of metadata are no batch of __consumer_offsets."""
    name, group = world.topic(), world.group()
    fits = commit(world, group, (name, [(0, n) for n in range(257)]), metadata="x" * 4000)
    assert {code for _, code in answers(fits)[0][1]} == {0}
    refused = commit(world, group, (name, [(0, 1000 + n) for n in range(270)]), metadata="x" * 4000)
    assert answers(refused) == [(name, [(0, ErrorCode.UNKNOWN_SERVER_ERROR)] * 270)]
    assert committed(world, group, name) == 256


@pytest.mark.parametrize("retention_ms", [MAX_INT64, MAX_INT64 - 1_000, -MAX_INT64 - 1, -2, 0])
@pytest.mark.parametrize("version", [2, 3, 4])
def test_any_retention_time_is_taken(world: World, version: int, retention_ms: int) -> None:
    name, group = world.topic(), world.group()
    partition = OffsetCommitRequestPartition(partition_index=0, committed_offset=7)
    topics = [OffsetCommitRequestTopic(name=name, partitions=[partition])]
    request = OffsetCommitRequest(group_id=group, retention_time_ms=retention_ms, topics=topics)
    assert answers(world.call(request, version, OffsetCommitResponse)) == [(name, [(0, 0)])]
    assert committed(world, group, name) == 7
