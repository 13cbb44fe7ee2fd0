"""How much one request may ask of the controller; Kafka's numbers and messages."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.metadata.changes import Change, ConfigsChanged, TopicCreated
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError

# Kafka's QuorumController.MAX_RECORDS_PER_USER_OP: one request may not write more metadata records than this.
MAX_RECORDS_PER_REQUEST = 10_000
# Kafka's ReplicationControlManager.MAX_PARTITIONS_PER_BATCH.
MAX_PARTITIONS_PER_REQUEST = 10_000


def check_record_count(changes: Sequence[Change]) -> None:
    """Refuse a request for which Kafka would write too many metadata records (`refuse_if_too_many`)."""
    records = 0
    for change in changes:
        match change:
            case TopicCreated():
                records += 1 + len(change.assignments)
            case ConfigsChanged():
                records += len(change.configs)
            case _:
                records += 1
    refuse_if_too_many(records)


def refuse_if_too_many(count: int) -> None:
    """Refuse a request whose records, or results, do not fit a list of Kafka's controller (BoundedListTooLongException).

    Raises:
        KafkaError: POLICY_VIOLATION, for the request as a whole.
    """
    if count > MAX_RECORDS_PER_REQUEST:
        raise KafkaError(ErrorCode.POLICY_VIOLATION, "Unable to perform excessively large batch operation.")


def check_partition_count(count: int) -> None:
    """Refuse a request to create so many partitions in all, when they are too many.

    Raises:
        KafkaError: POLICY_VIOLATION, for the request as a whole.
    """
    if count > MAX_PARTITIONS_PER_REQUEST:
        raise KafkaError(ErrorCode.POLICY_VIOLATION, "Excessively large number of partitions per request.")
