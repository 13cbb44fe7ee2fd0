"""What a produced batch must be like, in Kafka's order of checks, and what is changed in it before it is stored.

Order (ProduceRequest.validateRecords, UnifiedLog.analyzeAndValidateRecords, LogValidator, UnifiedLog.append), each line checked
against a running 4.3.1 broker:

    no records, or less than one whole batch         INVALID_RECORD
    first batch shorter than a header can be, magic above 2   CORRUPT_MESSAGE with a message
    magic below 2                                    INVALID_RECORD
    zstd below Produce v7                            UNSUPPORTED_COMPRESSION_TYPE
    more than one batch                              INVALID_RECORD; bytes behind the batch that do not make a whole one are cut
    base offset other than 0                         INVALID_RECORD
    larger than max.message.bytes                    MESSAGE_TOO_LARGE
    CRC                                              CORRUPT_MESSAGE
    unknown compression type                         UNKNOWN_SERVER_ERROR
    offset range and count contradict, control batch, producer id without sequence    INVALID_RECORD
    records that do not parse                        INVALID_RECORD or UNKNOWN_SERVER_ERROR (see records/walk.py)
    record without key on a compacted topic          INVALID_RECORD with record errors
    timestamp out of bounds                          INVALID_TIMESTAMP with record errors
    after recompression again                        MESSAGE_TOO_LARGE
    larger than segment.bytes                        RECORD_LIST_TOO_LARGE

Stored differently from what was sent: base offset and leader epoch (outside the CRC); with CreateTime the LogAppendTime bit is
cleared and the max timestamp becomes that of the records; with LogAppendTime the bit is set and the max timestamp becomes the
broker's time. Unknown attribute bits, the base sequence of a batch without producer id, and wrong offset deltas in an
uncompressed batch are stored as they came, as Kafka does.

One deliberate difference: records that decompress to more than max(64 MiB, 100 x max.message.bytes) are refused with
MESSAGE_TOO_LARGE, so that a small request cannot exhaust the memory.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from kafka_compat.config.topic import TopicConfig
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.batch import (
    ATTRIBUTES,
    BATCH_LENGTH,
    CODEC_MASK,
    HEADER_SIZE,
    LOG_APPEND_TIME_FLAG,
    LOG_OVERHEAD,
    MAGIC,
    NO_TIMESTAMP,
    TRANSACTIONAL_FLAG,
    BatchHeader,
    is_crc_valid,
    parse_header,
    rewrite_timestamps,
    stamp,
)
from kafka_compat.records.builder import build_batch
from kafka_compat.records.compression import Codec, decompress
from kafka_compat.records.control import ControlType, EndTransactionMarker, parse_control_type, parse_end_transaction_marker
from kafka_compat.records.errors import CorruptBatch, DecompressionTooLarge, InvalidRecord, UnparsableRecords
from kafka_compat.records.reader import iter_batch_records
from kafka_compat.records.record import Record
from kafka_compat.records.walk import WalkResult, validate_records

Buffer = bytes | bytearray | memoryview

ZSTD_FIRST_PRODUCE_VERSION: Final = 7
MIN_DECOMPRESSED_LIMIT: Final = 64 << 20
DECOMPRESSED_LIMIT_FACTOR: Final = 100

_INT32: Final = struct.Struct(">i")
_SIZE_UP_TO_MAGIC: Final = 17
_SMALLEST_BATCH_LENGTH: Final = 14
_MAX_INT: Final = 0x7FFFFFFF
_NO_RECORD_ERRORS: Final[tuple[tuple[int, str], ...]] = ()

_COMPRESSION_TYPES: Final = {
    "uncompressed": Codec.NONE,
    "gzip": Codec.GZIP,
    "snappy": Codec.SNAPPY,
    "lz4": Codec.LZ4,
    "zstd": Codec.ZSTD,
}


class AppendError(KafkaError):
    """An append that was refused; nothing of it is in the log.

    Attributes:
        record_errors: (index of the record in the batch, message) of each record that was refused, Produce v8+.
        log_start_offset: What the response carries: -1, or the partition's log start offset; Kafka gives it for some
            refusals only (ReplicaManager.appendRecordsToLeader).
    """

    PARTITION_LOG_START: Final = -2

    def __init__(
        self,
        error_code: ErrorCode,
        message: str | None,
        record_errors: tuple[tuple[int, str], ...] = _NO_RECORD_ERRORS,
        log_start_offset: int = -1,
    ) -> None:
        super().__init__(error_code, message)
        self.record_errors = record_errors
        self.log_start_offset = log_start_offset


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRules:
    """What a topic's configuration means for appends, looked up once per change of it."""

    name: str
    max_message_bytes: int
    segment_bytes: int
    is_compacted: bool
    is_delete: bool
    is_log_append_time: bool
    timestamp_before_max_ms: int
    timestamp_after_max_ms: int
    target_codec: Codec | None
    """None: keep what the producer chose."""
    target_level: int | None
    decompressed_limit: int

    @classmethod
    def of(cls, config: TopicConfig, name: str) -> ValidationRules:
        """The rules of `config`; `name` (topic-partition) is for messages."""
        target = _COMPRESSION_TYPES.get(config.compression_type)
        level: int | None = None
        match target:
            case Codec.GZIP:
                level = config.compression_gzip_level
            case Codec.LZ4:
                level = config.compression_lz4_level
            case Codec.ZSTD:
                level = config.compression_zstd_level
            case _:
                pass
        return cls(
            name=name,
            max_message_bytes=config.max_message_bytes,
            segment_bytes=config.segment_bytes,
            is_compacted=config.is_compacted,
            is_delete=config.is_deleted,
            is_log_append_time=config.is_log_append_time,
            timestamp_before_max_ms=config.message_timestamp_before_max_ms,
            timestamp_after_max_ms=config.message_timestamp_after_max_ms,
            target_codec=target,
            target_level=level,
            decompressed_limit=max(MIN_DECOMPRESSED_LIMIT, DECOMPRESSED_LIMIT_FACTOR * config.max_message_bytes),
        )


class ValidBatch:
    """A batch ready to be written: stamped, with what the log has to know of it."""

    __slots__ = (
        "base_offset",
        "base_sequence",
        "buffer",
        "is_control",
        "is_transactional",
        "last_offset",
        "last_sequence",
        "marker",
        "max_timestamp_ms",
        "producer_epoch",
        "producer_id",
    )

    def __init__(
        self,
        buffer: Buffer,
        header: BatchHeader,
        base_offset: int,
        max_timestamp_ms: int,
        marker: EndTransactionMarker | None = None,
    ) -> None:
        self.buffer = buffer
        self.base_offset = base_offset
        self.last_offset = base_offset + header.last_offset_delta
        self.max_timestamp_ms = max_timestamp_ms
        self.producer_id = header.producer_id
        self.producer_epoch = header.producer_epoch
        self.base_sequence = header.base_sequence
        self.last_sequence = header.last_sequence
        self.is_transactional = header.is_transactional
        self.is_control = header.is_control
        self.marker = marker


def prepare_produced(
    records: Buffer | None,
    rules: ValidationRules,
    now_ms: int,
    base_offset: int,
    leader_epoch: int,
    request_version: int,
    *,
    ignore_size: bool = False,
) -> ValidBatch:
    """Check what a client sent and stamp it with its place in the log.

    A writable buffer is changed in place, a read-only one copied once.

    Raises:
        AppendError: see the table in the module.
    """
    header, size = only_batch(records, request_version)
    assert records is not None
    if header.base_offset != 0:
        raise _refused(ErrorCode.INVALID_RECORD)
    if size > rules.max_message_bytes and not ignore_size:
        raise AppendError(ErrorCode.MESSAGE_TOO_LARGE, None)
    if not is_crc_valid(records, 0, size):
        raise AppendError(ErrorCode.CORRUPT_MESSAGE, None)
    codec = header.attributes & CODEC_MASK
    if codec > Codec.ZSTD:
        raise _refused(ErrorCode.UNKNOWN_SERVER_ERROR)
    count = header.record_count
    if count <= 0 or header.last_offset_delta != count - 1 or header.is_control:
        raise _refused(ErrorCode.INVALID_RECORD)
    if header.producer_id >= 0 and header.base_sequence < 0:
        raise _refused(ErrorCode.INVALID_RECORD)

    view = memoryview(records)
    body: Buffer = view[HEADER_SIZE:size]
    needs_rebuild = rules.target_codec is not None and rules.target_codec != codec
    try:
        if codec:
            body = decompress(codec, body, rules.decompressed_limit)
        walked = _walk(header, body, rules, now_ms, needs_rebuild)
    except InvalidRecord as error:
        raise _refused(ErrorCode.INVALID_RECORD) from error
    except UnparsableRecords as error:
        raise _refused(ErrorCode.UNKNOWN_SERVER_ERROR) from error
    except DecompressionTooLarge as error:
        raise AppendError(ErrorCode.MESSAGE_TOO_LARGE, None) from error
    if walked.null_key_indexes or walked.out_of_range_indexes or (header.attributes & LOG_APPEND_TIME_FLAG):
        _refuse_records(header, records, rules, walked, now_ms, needs_rebuild)
    if not walked.has_consecutive_offsets and codec and not needs_rebuild:
        # Kafka rebuilds the batch then, which fails because it did not keep the records.
        raise _refused(ErrorCode.UNKNOWN_SERVER_ERROR)

    buffer: Buffer
    if needs_rebuild:
        assert rules.target_codec is not None
        rebuilt = _recompress(header, records, rules, now_ms)
        header = parse_header(rebuilt)
        size = len(rebuilt)
        if size > rules.max_message_bytes and not ignore_size:
            raise AppendError(ErrorCode.MESSAGE_TOO_LARGE, None)
        buffer = rebuilt
        max_timestamp_ms = header.max_timestamp_ms
    else:
        max_timestamp_ms = now_ms if rules.is_log_append_time else walked.max_timestamp_ms
        if view.readonly:
            buffer = bytearray(view[:size])
        else:
            buffer = view[:size] if len(view) != size else view
        # The common batch has both right already: asking the parsed header is cheaper than the call.
        if header.max_timestamp_ms != max_timestamp_ms or rules.is_log_append_time != header.is_log_append_time:
            rewrite_timestamps(buffer, 0, size, log_append_time=rules.is_log_append_time, max_timestamp_ms=max_timestamp_ms)
    if size > rules.segment_bytes:
        raise AppendError(ErrorCode.RECORD_LIST_TOO_LARGE, None)
    stamp(buffer, 0, base_offset, leader_epoch)
    return ValidBatch(buffer, header, base_offset, max_timestamp_ms)


def prepare_internal(batch: Buffer, rules: ValidationRules, now_ms: int, base_offset: int, leader_epoch: int) -> ValidBatch:
    """Stamp a batch that this broker built: data of a coordinator, or a control batch.

    Raises:
        AppendError: MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE.
        CorruptBatch: it is not one whole batch, which is a programming error.
    """
    header = parse_header(batch)
    size = header.size_in_bytes
    if size != len(batch):
        raise CorruptBatch(f"expected one batch of {size} bytes, got {len(batch)}")
    if size > rules.max_message_bytes:
        raise AppendError(ErrorCode.MESSAGE_TOO_LARGE, None)
    if size > rules.segment_bytes:
        raise AppendError(ErrorCode.RECORD_LIST_TOO_LARGE, None)
    buffer: bytearray | memoryview
    if isinstance(batch, bytes) or (isinstance(batch, memoryview) and batch.readonly):
        buffer = bytearray(batch)
    else:
        buffer = batch
    max_timestamp_ms = header.max_timestamp_ms
    if rules.is_log_append_time:
        max_timestamp_ms = now_ms
        rewrite_timestamps(buffer, 0, size, log_append_time=True, max_timestamp_ms=now_ms)
    stamp(buffer, 0, base_offset, leader_epoch)
    return ValidBatch(buffer, header, base_offset, max_timestamp_ms, end_transaction_marker(header, buffer, 0))


def is_transactional(records: Buffer | None) -> bool:
    """Whether the first batch has the transactional bit (RequestUtils.hasTransactionalRecords).

    Produce asks this of every partition before it looks at any: an error here is one of the whole request.

    Raises:
        AppendError: the first batch is no batch of any format.
    """
    if records is None or not _batch_size(records, 0, is_first=True):
        return False
    return records[MAGIC] == 2 and records[ATTRIBUTES + 1] & TRANSACTIONAL_FLAG != 0


def only_batch(records: Buffer | None, request_version: int) -> tuple[BatchHeader, int]:
    """Header and size of the one batch in `records`; what follows it is less than a batch (ByteBufferLogInputStream).

    Raises:
        AppendError: there is none, or it is not what this version of Produce takes (ProduceRequest.validateRecords).
    """
    size = 0 if records is None else _batch_size(records, 0, is_first=True)
    if records is None or size == 0:
        raise AppendError(ErrorCode.INVALID_RECORD, None)
    if records[MAGIC] != 2:
        raise AppendError(ErrorCode.INVALID_RECORD, None)
    if size < HEADER_SIZE:
        if size < len(records):
            _batch_size(records, size, is_first=False)
        raise AppendError(ErrorCode.CORRUPT_MESSAGE, None)
    header = parse_header(records)
    if request_version < ZSTD_FIRST_PRODUCE_VERSION and header.attributes & CODEC_MASK >= Codec.ZSTD:
        is_zstd = header.attributes & CODEC_MASK == Codec.ZSTD
        raise AppendError(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE if is_zstd else ErrorCode.UNKNOWN_SERVER_ERROR, None)
    if size < len(records) and _batch_size(records, size, is_first=False):
        raise AppendError(ErrorCode.INVALID_RECORD, None)
    return header, size


def _batch_size(records: Buffer, position: int, *, is_first: bool) -> int:
    """Size of the whole batch at `position`, 0 when there is none."""
    left = len(records) - position
    if left < LOG_OVERHEAD:
        return 0
    length: int = _INT32.unpack_from(records, position + BATCH_LENGTH)[0]
    if length < _SMALLEST_BATCH_LENGTH:
        message = f"Record size {length} is less than the minimum record overhead ({_SMALLEST_BATCH_LENGTH})"
        raise AppendError(ErrorCode.CORRUPT_MESSAGE, message if is_first else None)
    if left < _SIZE_UP_TO_MAGIC:
        return 0
    magic = records[position + MAGIC]
    if magic > 2:
        message = f"Invalid magic found in record: {magic if magic < 128 else magic - 256}"
        raise AppendError(ErrorCode.CORRUPT_MESSAGE, message if is_first else None)
    size = LOG_OVERHEAD + length
    if size > _MAX_INT:  # Java's sum turns negative, and no buffer has a negative limit
        raise AppendError(ErrorCode.UNKNOWN_SERVER_ERROR, None)
    return size if left >= size else 0


def _refused(error_code: ErrorCode) -> AppendError:
    return AppendError(error_code, None, log_start_offset=AppendError.PARTITION_LOG_START)


def _walk(header: BatchHeader, body: Buffer, rules: ValidationRules, now_ms: int, is_rewritten: bool) -> WalkResult:
    if rules.is_log_append_time:
        return validate_records(header, body, is_rewritten=is_rewritten, keys_required=rules.is_compacted)
    return validate_records(
        header,
        body,
        is_rewritten=is_rewritten,
        keys_required=rules.is_compacted,
        lowest_timestamp_ms=now_ms - rules.timestamp_before_max_ms,
        highest_timestamp_ms=now_ms + rules.timestamp_after_max_ms,
    )


def _refuse_records(
    header: BatchHeader, records: Buffer, rules: ValidationRules, walked: WalkResult, now_ms: int, is_rewritten: bool
) -> None:
    """Raise with one error per bad record; return when there is none (LogValidator.validateRecord, processRecordErrors)."""
    no_key = f"Compacted topic cannot accept message without key in topic partition {rules.name}"
    errors = dict.fromkeys(walked.null_key_indexes, no_key)
    has_bad_timestamp = bool(walked.out_of_range_indexes)
    if header.is_log_append_time and (rules.is_log_append_time or header.max_timestamp_ms == NO_TIMESTAMP):
        for index, record in enumerate(iter_batch_records(records, 0, rules.decompressed_limit, ignores_lengths=True)):
            if index not in errors:
                has_bad_timestamp = True
                errors[index] = _log_append_time_set(record, is_partial=header.compression != 0 and not is_rewritten)
    elif walked.out_of_range_indexes:
        bounds = f"[{now_ms - rules.timestamp_before_max_ms}, {now_ms + rules.timestamp_after_max_ms}]"
        bad = set(walked.out_of_range_indexes)
        for index, record in enumerate(iter_batch_records(records, 0, rules.decompressed_limit, ignores_lengths=True)):
            if index in bad:
                errors[index] = (
                    f"Timestamp {record.timestamp_ms} of message with offset {record.offset} is out of range. The timestamp "
                    f"should be within {bounds}"
                )
    if not errors:
        return
    record_errors = tuple(sorted(errors.items()))
    if has_bad_timestamp:
        code = ErrorCode.INVALID_TIMESTAMP
        message = "One or more records have been rejected due to invalid timestamp"
    else:
        code = ErrorCode.INVALID_RECORD
        shown = ", ".join(f"RecordError(batchIndex={index}, message='{text}')" for index, text in record_errors[:3])
        message = (
            f"One or more records have been rejected due to {len(record_errors)} record errors in total, and only showing the "
            f"first three errors at most: [{shown}]"
        )
    raise AppendError(code, message, record_errors, AppendError.PARTITION_LOG_START)


def _log_append_time_set(record: Record, *, is_partial: bool) -> str:
    # Kafka prints its own record classes; the partial one is what it makes of a compressed batch that keeps its codec.
    name = "PartialDefaultRecord" if is_partial else "DefaultRecord"
    null_size = -1 if is_partial else 0
    key_size = null_size if record.key is None else len(record.key)
    value_size = null_size if record.value is None else len(record.value)
    return (
        f"Invalid timestamp type in message {name}(offset={record.offset}, timestamp={record.timestamp_ms}, "
        f"key={key_size} bytes, value={value_size} bytes). Producer should not set timestamp type to LogAppendTime."
    )


def _recompress(header: BatchHeader, records: Buffer, rules: ValidationRules, now_ms: int) -> bytearray:
    """The batch in the topic's compression.type, its offsets consecutive whatever they were (buildRecordsAndAssignOffsets)."""
    plain = [
        (record.timestamp_ms, record.key, record.value, record.headers)
        for record in iter_batch_records(records, 0, rules.decompressed_limit)
    ]
    has_epoch = header.producer_epoch >= 0 or header.producer_id < 0
    if not has_epoch or any(timestamp_ms < NO_TIMESTAMP for timestamp_ms, *_ in plain):
        # Kafka stores both as they came, but cannot build a new batch of them (MemoryRecordsBuilder).
        raise _refused(ErrorCode.UNKNOWN_SERVER_ERROR)
    return build_batch(
        plain,
        codec=rules.target_codec or Codec.NONE,
        level=rules.target_level,
        log_append_time_ms=now_ms if rules.is_log_append_time else None,
        producer_id=header.producer_id,
        producer_epoch=header.producer_epoch,
        base_sequence=header.base_sequence,
        transactional=header.is_transactional,
    )


def end_transaction_marker(header: BatchHeader, buffer: Buffer, position: int) -> EndTransactionMarker | None:
    """The marker in a control batch; None for other control records, data, and a control batch that compaction emptied."""
    if not header.is_control or header.record_count == 0:
        return None
    record = next(iter_batch_records(buffer, position))
    if parse_control_type(record.key) not in (ControlType.ABORT, ControlType.COMMIT):
        return None
    return parse_end_transaction_marker(record)
