"""Topics of requests about committed offsets: by name, or by id from version 10 of OffsetCommit and OffsetFetch (KIP-848)."""

from __future__ import annotations

from kafka_compat.ids import TopicId, TopicName
from kafka_compat.metadata.image import ClusterImage, Topic
from kafka_compat.protocol.error_codes import ErrorCode


def find_topic(image: ClusterImage, name: str, topic_id: bytes, *, by_id: bool) -> tuple[Topic | None, ErrorCode]:
    """The topic; otherwise None with UNKNOWN_TOPIC_ID or UNKNOWN_TOPIC_OR_PARTITION, as the version asks."""
    if by_id:
        return image.topics_by_id.get(TopicId(topic_id)), ErrorCode.UNKNOWN_TOPIC_ID
    return image.topics.get(TopicName(name)), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
