"""Metadata and DescribeTopicPartitions against Apache Kafka, and topics that are made by asking for them."""

from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_topic_partitions import (
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsRequestCursor,
    TopicRequest,
)
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from tests.conformance.both import ANY_ERROR, Both, Side
from tests.conformance.requests import delete_records, metadata_of

UNKNOWN_ID = bytes(range(1, 17))


def test_metadata(both: Both) -> None:
    both.keep_id(UNKNOWN_ID)
    one, two = both.create_topic(both.name("metadata"), 3), both.create_topic(both.name("metadata"))
    unordered = ("topics", "partitions")
    # Below v4 a request cannot forbid auto-creation: unknown names would be made.
    both.compare("known", MetadataRequest(topics=[MetadataRequestTopic(name=one)]), range(14), unordered=unordered)
    both.compare("known in order", metadata_of(two, one), range(4, 14), unordered=("partitions",))
    both.compare("twice", metadata_of(one, one), range(4, 14), unordered=unordered)
    both.compare("unknown", metadata_of("nope"), range(4, 14), expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare(
        "unknown and known",
        metadata_of("nope", one),
        range(4, 14),
        unordered=unordered,
        expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION},
    )
    for bad in ("", "a/b", ".", "a" * 250, "__cluster_metadata"):
        both.compare(f"bad name {bad[:20]}", metadata_of(bad), range(4, 14), expect=ANY_ERROR)
        both.compare(f"bad name {bad[:20]} with creation", metadata_of(bad, create=True), range(4, 14), expect=ANY_ERROR)
    both.compare("no topics", MetadataRequest(topics=[]), range(1, 14))
    for flags in ((True, False), (False, True), (True, True)):
        request = metadata_of(one, "nope")
        request.include_topic_authorized_operations = flags[1]
        both.compare(
            f"operations {flags}", request, range(8, 14), unordered=unordered, expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
        )
        request.include_cluster_authorized_operations = flags[0]
        both.compare(
            f"operations {flags}", request, range(8, 11), unordered=unordered, expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
        )


def test_metadata_by_id(both: Both) -> None:
    both.keep_id(UNKNOWN_ID)
    one, two = both.create_topic(both.name("by-id"), 3), both.create_topic(both.name("by-id"))

    def of(side: Side) -> MetadataRequest:
        return metadata_of(ids=(side.ids[one], UNKNOWN_ID, side.ids[two]))

    def mixed(side: Side) -> MetadataRequest:
        return metadata_of(one, ids=(side.ids[two],))

    def id_and_name(side: Side) -> MetadataRequest:
        topics = [MetadataRequestTopic(name=one, topic_id=side.ids[two])]
        return MetadataRequest(topics=topics, allow_auto_topic_creation=False)

    unordered = ("topics", "partitions")
    both.compare("ids", of, range(10, 14), unordered=unordered, expect={ErrorCode.INVALID_REQUEST, ErrorCode.UNKNOWN_TOPIC_ID})
    both.compare(
        "unknown id",
        metadata_of(ids=(UNKNOWN_ID,)),
        range(10, 14),
        expect={ErrorCode.INVALID_REQUEST, ErrorCode.UNKNOWN_TOPIC_ID},
    )
    both.compare("id and name of others", mixed, range(10, 14), unordered=unordered, expect={ErrorCode.INVALID_REQUEST})
    both.compare("id with name", id_and_name, range(10, 14), unordered=unordered, expect={ErrorCode.INVALID_REQUEST})
    both.compare(
        "null name, zero id",
        metadata_of(None),
        range(10, 14),
        expect={ErrorCode.UNKNOWN_SERVER_ERROR, ErrorCode.INVALID_REQUEST},
    )


def test_metadata_creates_topics(both: Both) -> None:
    for version in range(14):
        name = both.name("auto")
        request = MetadataRequest(topics=[MetadataRequestTopic(name=name)])
        both.compare("auto-create, first answer", request, [version], expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
        for side in both.sides:
            both.wait_for_leaders(side, name, 1)
        both.compare("auto-create, later answer", request, [version], replace={"topic_id": "<new id>"})


def test_metadata_of_all_topics(both: Both) -> None:
    both.create_topic(both.name("all"))
    for version in range(14):
        for side in both.sides:
            answer = side.call(MetadataRequest(topics=[] if version == 0 else None), version, MetadataResponse)
            assert answer.topics, side.kind


def _describe(*names: str, limit: int = 2000, cursor: tuple[str, int] | None = None) -> DescribeTopicPartitionsRequest:
    at = None if cursor is None else DescribeTopicPartitionsRequestCursor(topic_name=cursor[0], partition_index=cursor[1])
    topics = [TopicRequest(name=name) for name in names]
    return DescribeTopicPartitionsRequest(topics=topics, response_partition_limit=limit, cursor=at)


def test_describe_topic_partitions(both: Both) -> None:
    one, two = sorted((both.create_topic(both.name("dtp"), 3), both.create_topic(both.name("dtp"), 2)))
    both.compare("two", _describe(two, one), [0])
    both.compare("twice", _describe(one, one), [0])
    both.compare("unknown", _describe("nope", one, "zz-nope"), [0], expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    both.compare("bad name", _describe("a/b", one), [0], expect={ErrorCode.INVALID_TOPIC_EXCEPTION})
    both.compare("umlaut", _describe("ä", one), [0], expect={ErrorCode.INVALID_TOPIC_EXCEPTION})
    both.compare("bad length", _describe("a" * 250, one), [0], expect={ErrorCode.INVALID_TOPIC_EXCEPTION})
    both.compare("empty name", _describe("", one), [0], expect={ErrorCode.UNKNOWN_SERVER_ERROR})
    for limit in (-1, 0, 1, 2, 3, 4, 5, 6, 5000):
        both.compare(f"limit {limit}", _describe(one, two, limit=limit), [0])
        both.compare(f"limit {limit}, unknown between", _describe(one, one + "0", two, limit=limit), [0], expect=ANY_ERROR)
    for index in (-1, 0, 1, 2, 3, 4):
        for limit in (1, 2, 2000):
            both.compare(
                f"cursor {index}, limit {limit}", _describe(one, two, limit=limit, cursor=(one, index)), [0], expect=ANY_ERROR
            )
            both.compare(
                f"last cursor {index}, limit {limit}",
                _describe(one, two, limit=limit, cursor=(two, index)),
                [0],
                expect=ANY_ERROR,
            )
    both.compare("foreign cursor", _describe(one, cursor=(two, 0)), [0], expect={ErrorCode.INVALID_REQUEST})
    both.compare(
        "unknown cursor", _describe(one, "nope", cursor=("nope", 0)), [0], expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
    )
    both.compare("all from a cursor", _describe(cursor=("zzz", 0)), [0])
    last = both.create_topic(both.name("zz-last"), 2)
    both.compare("all from the last", _describe(cursor=(last, 1)), [0])
    both.compare("all from the last, one", _describe(cursor=(last, 0), limit=1), [0])
    both.compare("all from an unknown one", _describe(cursor=(last[:-1], 1)), [0])


@pytest.mark.parametrize("name", ["__consumer_offsets", "__transaction_state", "__share_group_state"])
def test_internal_topics_are_made_by_their_own_configs(both: Both, name: str) -> None:
    request = MetadataRequest(topics=[MetadataRequestTopic(name=name)])
    for side in both.sides:
        side.call(request, 12, MetadataResponse)
        both.wait_for_leaders(side, name, 50)
    both.compare("made", request, range(14), replace={"topic_id": "<new id>"}, unordered=("partitions",))
    both.compare(
        "deletes no records",
        delete_records((name, 0, 0), (name, 49, -1), (name, 50, 0)),
        range(3),
        unordered=("partitions",),
        expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.INVALID_TOPIC_EXCEPTION},
    )
