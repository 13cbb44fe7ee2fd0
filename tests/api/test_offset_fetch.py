from __future__ import annotations

from collections.abc import Sequence

import pytest

from kafka_compat.api.slices import Repeats
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.offset_commit import OffsetCommitResponse
from kafka_compat.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopic,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
    OffsetFetchResponseTopic,
    OffsetFetchResponseTopics,
)
from tests.api.worlds import World, commit_of


@pytest.mark.parametrize("version", [2, 7, 8, 9, 10])
def test_everything_of_a_group_and_what_is_named(world: World, version: int) -> None:
    name, group = world.topic(partitions=1200), world.group()
    topic_id = world.topic_id(name)
    world.call(commit_of(group, (name, [(n, n * 2) for n in range(1200)]), metadata="memo"), 7, OffsetCommitResponse)
    by_id = version >= 10
    named = OffsetFetchRequestTopics(
        name="" if by_id else name, topic_id=topic_id if by_id else bytes(16), partition_indexes=[5, 5, 1199, 7000]
    )
    for topics in (None, [named]):
        if version >= 8:
            request = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=topics)])
            found: Sequence[OffsetFetchResponseTopic | OffsetFetchResponseTopics] = (
                world.call(request, version, OffsetFetchResponse).groups[0].topics
            )
        else:
            old = None if topics is None else [OffsetFetchRequestTopic(name=name, partition_indexes=named.partition_indexes)]
            found = world.call(OffsetFetchRequest(group_id=group, topics=old), version, OffsetFetchResponse).topics
        offsets = [(p.partition_index, p.committed_offset, p.metadata) for p in found[0].partitions]
        if topics is None:
            assert offsets == [(n, n * 2, "memo") for n in range(1200)]
        else:
            assert offsets == [(5, 10, "memo"), (5, 10, "memo"), (1199, 2398, "memo"), (7000, -1, "")]


def test_groups_named_again_have_a_bound(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    name, group = world.topic(), world.group()
    world.call(commit_of(group, (name, [(0, 1)]), metadata="x" * 4000), 7, OffsetCommitResponse)
    monkeypatch.setattr(Repeats, "ROOM_BYTES", 10_000)
    again = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=None)] * 5)
    codes = [answer.error_code for answer in world.call(again, 8, OffsetFetchResponse).groups]
    assert codes == [0, 0, 0, ErrorCode.INVALID_REQUEST, ErrorCode.INVALID_REQUEST]
    partitions = OffsetFetchRequestTopic(name=name, partition_indexes=[0] * 4)
    answer = world.call(OffsetFetchRequest(group_id=group, topics=[partitions]), 5, OffsetFetchResponse).topics[0]
    found = [(partition.error_code, partition.committed_offset) for partition in answer.partitions]
    assert found == [(0, 1), (0, 1), (ErrorCode.INVALID_REQUEST, -1), (ErrorCode.INVALID_REQUEST, -1)]
