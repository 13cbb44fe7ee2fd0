"""Control records: what brokers write into a log for other brokers and for consumers, never for applications.

Key: version int16 (0), type int16. The value of an end-transaction marker: version int16 (0), coordinator epoch int32 (KIP-98).
The values of the other types are schemas of the protocol (`LeaderChangeMessage` and its like) and stay bytes here.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Final, NamedTuple

from kafka_compat.records.batch import NO_PARTITION_LEADER_EPOCH, BatchHeader
from kafka_compat.records.builder import build_batch
from kafka_compat.records.errors import InvalidRecord
from kafka_compat.records.reader import iter_batch_records
from kafka_compat.records.record import Record
from kafka_compat.wire.types import Buffer

_KEY: Final = struct.Struct(">hh")
_END_TRANSACTION: Final = struct.Struct(">hi")


class ControlType(IntEnum):
    """Types of control records; a reader ignores those it does not know."""

    ABORT = 0
    COMMIT = 1
    LEADER_CHANGE = 2
    SNAPSHOT_HEADER = 3
    SNAPSHOT_FOOTER = 4
    KRAFT_VERSION = 5
    KRAFT_VOTERS = 6
    UNKNOWN = -1


class EndTransactionMarker(NamedTuple):
    """How a transaction ended, and under which epoch of its coordinator."""

    is_commit: bool
    coordinator_epoch: int


def control_key(control_type: ControlType) -> bytes:
    """The key of a control record of `control_type`."""
    return _KEY.pack(0, control_type)


def parse_control_type(key: bytes | None) -> ControlType:
    """The type a control record's key names; UNKNOWN for one of a later Kafka.

    Raises:
        InvalidRecord: the key is absent or cut short, or its version is negative.
    """
    if key is None or len(key) < _KEY.size:
        raise InvalidRecord(f"the key of a control record has {_KEY.size} bytes, not {0 if key is None else len(key)}")
    version, type_id = _KEY.unpack_from(key)
    if version < 0:
        raise InvalidRecord(f"Invalid version found for control record: {version}")
    try:
        return ControlType(type_id)
    except ValueError:
        return ControlType.UNKNOWN


def parse_end_transaction_marker(record: Record) -> EndTransactionMarker:
    """The marker in `record`.

    Raises:
        InvalidRecord: it is another control record, or its value is cut short.
    """
    control_type = parse_control_type(record.key)
    if control_type not in (ControlType.ABORT, ControlType.COMMIT):
        raise InvalidRecord(f"{control_type.name} is no end-transaction marker")
    if record.value is None or len(record.value) < _END_TRANSACTION.size:
        raise InvalidRecord(f"an end-transaction marker has {_END_TRANSACTION.size} bytes")
    version, coordinator_epoch = _END_TRANSACTION.unpack_from(record.value)
    if version < 0:
        raise InvalidRecord(f"Invalid version found for end transaction marker: {version}")
    return EndTransactionMarker(control_type is ControlType.COMMIT, coordinator_epoch)


def end_transaction_marker(header: BatchHeader, buffer: Buffer, position: int) -> EndTransactionMarker | None:
    """The marker in a control batch; None for other control records, data, and a control batch that compaction emptied."""
    if not header.is_control or header.record_count == 0:
        return None
    record = next(iter_batch_records(buffer, position))
    if parse_control_type(record.key) not in (ControlType.ABORT, ControlType.COMMIT):
        return None
    return parse_end_transaction_marker(record)


def build_end_transaction_marker(
    *,
    is_commit: bool,
    coordinator_epoch: int,
    producer_id: int,
    producer_epoch: int,
    timestamp_ms: int,
    base_offset: int = 0,
    partition_leader_epoch: int = NO_PARTITION_LEADER_EPOCH,
) -> bytearray:
    """A batch with one marker, as MemoryRecords.withEndTransactionMarker makes it."""
    key = control_key(ControlType.COMMIT if is_commit else ControlType.ABORT)
    return build_batch(
        [(timestamp_ms, key, _END_TRANSACTION.pack(0, coordinator_epoch), ())],
        base_offset=base_offset,
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        transactional=True,
        control=True,
        partition_leader_epoch=partition_leader_epoch,
    )
