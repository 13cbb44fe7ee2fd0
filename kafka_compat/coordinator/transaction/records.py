"""TransactionLog records: all that is to be kept of one transactional id, whole in each record.

Value version 1 (flexible) with transaction.version 1 and 2, version 0 with 0. Source: Kafka's TransactionLog.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.coordinator.ports import CoordinatorRecord
from kafka_compat.coordinator.records import decode_record, encode_record
from kafka_compat.coordinator.transaction.metadata import NO_PARTITIONS, TransactionMetadata
from kafka_compat.coordinator.transaction.states import TransactionState
from kafka_compat.protocol.records.transaction_log import PartitionsSchema, TransactionLogKey, TransactionLogValue
from kafka_compat.wire.errors import WireError

_SCHEMAS: Final = {0: ("TransactionLogKey", "TransactionLogValue")}
_VALUE_VERSIONS: Final = range(2)


def transaction_record(transactional_id: str, metadata: TransactionMetadata, transaction_version: int) -> CoordinatorRecord:
    """What is to be known of the id from now on."""
    value = TransactionLogValue(
        producer_id=metadata.producer_id,
        producer_epoch=metadata.producer_epoch,
        transaction_timeout_ms=metadata.timeout_ms,
        transaction_status=metadata.state,
        transaction_partitions=None
        if metadata.state is TransactionState.EMPTY
        else [PartitionsSchema(topic=topic, partition_ids=sorted(ids)) for topic, ids in metadata.partitions.items()],
        transaction_last_update_timestamp_ms=metadata.last_update_ms,
        transaction_start_timestamp_ms=metadata.start_ms,
    )
    if transaction_version >= 1:
        value.previous_producer_id = metadata.previous_producer_id
        value.next_producer_id = metadata.next_producer_id
        value.client_transaction_version = metadata.client_version
        return encode_record(TransactionLogKey(transactional_id=transactional_id), value, 1)
    return encode_record(TransactionLogKey(transactional_id=transactional_id), value, 0)


def tombstone(transactional_id: str) -> CoordinatorRecord:
    """The id is forgotten."""
    return encode_record(TransactionLogKey(transactional_id=transactional_id), None, 0)


def read_record(key: bytes, value: bytes | None) -> tuple[str, TransactionMetadata | None] | None:
    """The id and what is to be known of it; None for a record of a type or version that a newer Kafka has written.

    Raises:
        WireError: the record cannot be read.
    """
    if value is not None and int.from_bytes(value[:2], "big", signed=True) not in _VALUE_VERSIONS:
        return None
    match decode_record(_SCHEMAS, key, value):
        case (TransactionLogKey(transactional_id=transactional_id), None):
            return transactional_id, None
        case (TransactionLogKey(transactional_id=transactional_id), TransactionLogValue() as known):
            return transactional_id, _metadata(known)
    return None


def _metadata(value: TransactionLogValue) -> TransactionMetadata:
    try:
        state = TransactionState(value.transaction_status)
    except ValueError as error:
        raise WireError(f"there is no transaction state {value.transaction_status}", 0) from error
    partitions = NO_PARTITIONS
    if state is not TransactionState.EMPTY and value.transaction_partitions:
        partitions = {entry.topic: frozenset(entry.partition_ids) for entry in value.transaction_partitions}
    return TransactionMetadata(
        producer_id=value.producer_id,
        previous_producer_id=value.previous_producer_id,
        next_producer_id=value.next_producer_id,
        producer_epoch=value.producer_epoch,
        timeout_ms=value.transaction_timeout_ms,
        state=state,
        partitions=partitions,
        start_ms=value.transaction_start_timestamp_ms,
        last_update_ms=value.transaction_last_update_timestamp_ms,
        client_version=value.client_transaction_version,
    )
