"""Requests about committed offsets, of one side and sent to both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.delete_groups import DeleteGroupsRequest, DeleteGroupsResponse
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafka_compat.protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)
from kafka_compat.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopic,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
)
from tests.conformance.both import ANY_ERROR, Both, Expected, Side

COMMIT_VERSIONS = range(2, 11)
FETCH_VERSIONS = range(1, 11)
UNKNOWN_ID = bytes(range(2, 18))


@dataclass(frozen=True)
class Offsets:
    """Partitions of a topic to commit: (partition, offset, metadata), all with one leader epoch."""

    topic: str
    partitions: Sequence[tuple[int, int, str | None]]
    leader_epoch: int = 4


def id_of(side: Side, topic: str) -> bytes:
    return bytes(16) if topic == "" else side.ids.get(topic, UNKNOWN_ID)


def commit_request(
    side: Side,
    version: int,
    group: str,
    topics: Sequence[Offsets],
    *,
    generation: int = -1,
    member: str = "",
    instance: str | None = None,
    retention_ms: int = -1,
) -> OffsetCommitRequest:
    return OffsetCommitRequest(
        group_id=group,
        generation_id_or_member_epoch=generation,
        member_id=member,
        group_instance_id=instance if version >= 7 else None,
        retention_time_ms=retention_ms if version <= 4 else -1,
        topics=[
            OffsetCommitRequestTopic(
                name=topic.topic if version < 10 else "",
                topic_id=id_of(side, topic.topic) if version >= 10 else bytes(16),
                partitions=[
                    OffsetCommitRequestPartition(
                        partition_index=index,
                        committed_offset=offset,
                        committed_leader_epoch=topic.leader_epoch if version >= 6 else -1,
                        committed_metadata=metadata,
                    )
                    for index, offset, metadata in topic.partitions
                ],
            )
            for topic in topics
        ],
    )


# None: all of the group's partitions.
Asked = Sequence[tuple[str, Sequence[int]]] | None


def fetch_request(side: Side, version: int, groups: Sequence[tuple[str, Asked]]) -> OffsetFetchRequest:
    if version < 8:
        ((group, asked),) = groups
        return OffsetFetchRequest(
            group_id=group,
            topics=None
            if asked is None
            else [OffsetFetchRequestTopic(name=topic, partition_indexes=list(partitions)) for topic, partitions in asked],
            require_stable=version >= 7,
        )
    return OffsetFetchRequest(
        groups=[
            OffsetFetchRequestGroup(
                group_id=group,
                topics=None
                if asked is None
                else [
                    OffsetFetchRequestTopics(
                        name=topic if version < 10 else "",
                        topic_id=id_of(side, topic) if version >= 10 else bytes(16),
                        partition_indexes=list(partitions),
                    )
                    for topic, partitions in asked
                ],
            )
            for group, asked in groups
        ],
        require_stable=True,
    )


class OffsetCases:
    """Requests about offsets, sent to both."""

    def __init__(self, both: Both) -> None:
        both.keep_id(UNKNOWN_ID)
        self.both = both

    def commit(
        self,
        label: str,
        group: str,
        *topics: Offsets,
        versions: range = COMMIT_VERSIONS,
        generation: int = -1,
        member: str = "",
        retention_ms: int = -1,
        expect: Expected = (),
    ) -> None:
        found: set[int | str] = set()
        for version in versions:
            found |= self.both.compare(
                label,
                lambda side, version=version: commit_request(  # type: ignore[misc]
                    side, version, group, topics, generation=generation, member=member, retention_ms=retention_ms
                ),
                [version],
                expect=ANY_ERROR,
            )
        self.both.check_errors(label, expect, found)

    def fetch(self, label: str, *groups: tuple[str, Asked], versions: range = FETCH_VERSIONS, expect: Expected = ()) -> None:
        found: set[int | str] = set()
        for version in versions:
            if version < 8 and (len(groups) > 1 or (version == 1 and groups[0][1] is None)):
                continue
            found |= self.both.compare(
                label,
                lambda side, version=version: fetch_request(side, version, groups),  # type: ignore[misc]
                [version],
                # Hash maps, in the reference.
                unordered=["topics", "partitions"] if any(asked is None for _, asked in groups) else [],
                expect=ANY_ERROR,
            )
        self.both.check_errors(label, expect, found)

    def delete(self, label: str, group: str, *topics: tuple[str, Sequence[int]], expect: Expected = ()) -> None:
        request = OffsetDeleteRequest(
            group_id=group,
            topics=[
                OffsetDeleteRequestTopic(
                    name=topic, partitions=[OffsetDeleteRequestPartition(partition_index=index) for index in partitions]
                )
                for topic, partitions in topics
            ],
        )
        self.both.compare(label, request, [0], expect=expect)

    def delete_topic(self, topic: str, group: str) -> None:
        """Return when the group, which has committed to nothing else, has no offsets of it any more."""
        for side in self.both.sides:
            side.call(DeleteTopicsRequest(topic_names=[topic], timeout_ms=30_000), 5, DeleteTopicsResponse)
            for _ in range(10_000):  # the coordinator follows the deletion a little later
                found = side.call(fetch_request(side, 8, [(group, None)]), 8, OffsetFetchResponse)
                if not found.groups[0].topics:
                    break

    def delete_group(self, group: str) -> None:
        """Return when there is no such group: one without offsets stays until the coordinator cleans up."""
        for side in self.both.sides:
            gone = side.call(DeleteGroupsRequest(groups_names=[group]), 2, DeleteGroupsResponse).results[0]
            assert gone.error_code in (ErrorCode.NONE, ErrorCode.GROUP_ID_NOT_FOUND), gone
