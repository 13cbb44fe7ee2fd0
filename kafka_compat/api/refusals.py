"""Refusals that name every partition of a request, or say what their error means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import UNEXPECTED_TEXT

P = TypeVar("P")
T = TypeVar("T")
PartitionAnswer = TypeVar("PartitionAnswer")
TopicAnswer = TypeVar("TopicAnswer")


def by_partition(
    topics: Iterable[tuple[T, Iterable[P]]],
    of_partition: Callable[[P], PartitionAnswer],
    of_topic: Callable[[T, list[PartitionAnswer]], TopicAnswer],
) -> list[TopicAnswer]:
    """The answers for `topics`, each given with its partitions, in the order of the request."""
    return [of_topic(topic, [of_partition(partition) for partition in partitions]) for topic, partitions in topics]


# Of what the dispatcher and `api/authorization.py` refuse without a message. Source: Kafka's Errors.
_DEFAULT_TEXTS: Final = {
    ErrorCode.UNKNOWN_SERVER_ERROR: UNEXPECTED_TEXT,
    ErrorCode.CLUSTER_AUTHORIZATION_FAILED: "Cluster authorization failed.",
}


def with_default_text(error_code: ErrorCode, message: str | None) -> str | None:
    """The message, or what Kafka says of the error in APIs that never leave it null."""
    return _DEFAULT_TEXTS.get(error_code) if message is None else message
