"""What may be a topic's name (Kafka: `org.apache.kafka.common.internals.Topic`)."""

from __future__ import annotations

import re
from typing import Final

from kafka_compat.ids import TopicId, TopicName

CONSUMER_OFFSETS: Final = TopicName("__consumer_offsets")
TRANSACTION_STATE: Final = TopicName("__transaction_state")
SHARE_GROUP_STATE: Final = TopicName("__share_group_state")
CLUSTER_METADATA: Final = TopicName("__cluster_metadata")
CLUSTER_METADATA_ID: Final = TopicId(bytes(15) + b"\x01")

_INTERNAL: Final = frozenset({CONSUMER_OFFSETS, TRANSACTION_STATE, SHARE_GROUP_STATE})
_MAX_LENGTH: Final = 249
_LEGAL = re.compile(r"[a-zA-Z0-9._-]+")


def is_internal(name: str) -> bool:
    """Whether the topic belongs to a coordinator; clients hide such topics by default."""
    return name in _INTERNAL


def why_invalid(name: str) -> str | None:
    """The reason Kafka gives for refusing the name, or None when it is legal."""
    if not name:
        return "the empty string is not allowed"
    if name in (".", ".."):
        return f"'{name}' is not allowed"
    if len(name) > _MAX_LENGTH:
        return f"the length of '{name}' is longer than the max allowed length {_MAX_LENGTH}"
    if not _LEGAL.fullmatch(name):
        return f"'{name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
    return None


def may_collide(name: str) -> bool:
    """Whether other names have the same `collision_key`."""
    return "." in name or "_" in name


def collision_key(name: str) -> str:
    """Names with the same key would share a metric name in Kafka, which is why it refuses the second."""
    return name.replace(".", "_")
