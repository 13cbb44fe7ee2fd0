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

No log is needed for any of it, so that a thread can inspect what would hold the event loop; `Allowance` says when that is.

Deliberate differences: records that decompress to more than max(64 MiB, 32 x max.message.bytes), or those of one request to
more than its `Allowance`, are refused with MESSAGE_TOO_LARGE, so that a small request costs neither the memory nor minutes of a
core; of the records that are refused the first thousand are named.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final

from kafka_compat.log.allowance import Allowance
from kafka_compat.log.errors import AppendError, TooMuchAtOnce
from kafka_compat.log.validation import ValidationRules, ValidBatch
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.records.batch import (
    ATTRIBUTES,
    BATCH_LENGTH,
    CODEC_MASK,
    HEADER_SIZE,
    LOG_APPEND_TIME_FLAG,
    LOG_OVERHEAD,
    MAGIC,
    NO_PARTITION_LEADER_EPOCH,
    NO_TIMESTAMP,
    TRANSACTIONAL_FLAG,
    BatchHeader,
    is_crc_valid,
    parse_header,
    rewrite_timestamps,
    write_header,
)
from kafka_compat.records.compression import Codec, comes_in_pieces, compress, compressor, decompressed_pieces
from kafka_compat.records.errors import InvalidRecord, UnparsableRecords
from kafka_compat.records.reader import RecordOutline, iter_outlines
from kafka_compat.records.rebuild import first_timestamp_ms, is_as_rebuilt, rebuilt_records
from kafka_compat.records.walk import MAX_INDEXES, WalkResult, validate_records
from kafka_compat.wire.types import Buffer

_INT32: Final = struct.Struct(">i")
_SIZE_UP_TO_MAGIC: Final = 17
_SMALLEST_BATCH_LENGTH: Final = 14
_MAX_INT: Final = 0x7FFFFFFF

# Compressed anew at once; more goes through in pieces of this size, which a compressor takes milliseconds for.
_PIECE: Final = 1 << 20

_OUTLINES_PER_PAUSE: Final = 1024


def inspect(
    records: Buffer | None, rules: ValidationRules, now_ms: int, allowance: Allowance, *, may_be_zstd: bool = True
) -> ValidBatch:
    """Check what a client sent, and make it what will be stored but for its place.

    A writable buffer is changed in place, a read-only one copied once.

    Raises:
        AppendError: see the table in the module.
        TooMuchAtOnce: see `Allowance`.
    """
    header, size = only_batch(records, may_be_zstd=may_be_zstd)
    assert records is not None
    if header.base_offset != 0:
        raise _refused(ErrorCode.INVALID_RECORD)
    if size > rules.max_message_bytes:
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
            body = allowance.decompress(codec, body, rules.decompressed_limit)
        allowance.records -= count
        if allowance.records < 0 and allowance.pause is None:
            raise TooMuchAtOnce
        if needs_rebuild:
            allowance.rebuild(len(body))
            body = _one_copy(body, allowance.pause)  # for the two who walk it
        walked = _walk(header, body, rules, now_ms, needs_rebuild, allowance.pause)
    except InvalidRecord as error:
        raise _refused(ErrorCode.INVALID_RECORD) from error
    except UnparsableRecords as error:
        raise _refused(ErrorCode.UNKNOWN_SERVER_ERROR) from error
    if walked.null_key_count or walked.out_of_range_count or (header.attributes & LOG_APPEND_TIME_FLAG):
        _refuse_records(header, body, rules, walked, now_ms, needs_rebuild, allowance.pause)
    if not walked.has_consecutive_offsets and codec and not needs_rebuild:
        # Kafka rebuilds the batch then, which fails because it did not keep the records.
        raise _refused(ErrorCode.UNKNOWN_SERVER_ERROR)

    max_timestamp_ms = now_ms if rules.is_log_append_time else walked.max_timestamp_ms
    buffer: bytearray | memoryview
    if needs_rebuild:
        assert isinstance(body, bytes)
        plain_size = len(body)
        base_timestamp_ms, pieces = _rebuilt(header, view[HEADER_SIZE:size], body, allowance.pause)
        body = b""  # which is large, and so is what comes now
        buffer = _recompress(header, rules, base_timestamp_ms, max_timestamp_ms, plain_size, pieces, allowance.pause)
        header = parse_header(buffer)
        size = len(buffer)
    else:
        if view.readonly:
            buffer = bytearray(view[:size])
        else:
            buffer = view[:size] if len(view) != size else view
        # The common batch has both right already: asking the parsed header is cheaper than the call.
        if header.max_timestamp_ms != max_timestamp_ms or rules.is_log_append_time != header.is_log_append_time:
            rewrite_timestamps(buffer, 0, size, log_append_time=rules.is_log_append_time, max_timestamp_ms=max_timestamp_ms)
    if size > rules.segment_bytes:
        raise AppendError(ErrorCode.RECORD_LIST_TOO_LARGE, None)
    return ValidBatch(buffer, header, max_timestamp_ms, rules)


def is_transactional(records: Buffer | None) -> bool:
    """Whether the first batch has the transactional bit (RequestUtils.hasTransactionalRecords).

    Produce asks this of every partition before it looks at any: an error here is one of the whole request.

    Raises:
        AppendError: the first batch is no batch of any format.
    """
    if records is None or not _batch_size(records, 0, is_first=True):
        return False
    return records[MAGIC] == 2 and records[ATTRIBUTES + 1] & TRANSACTIONAL_FLAG != 0


def only_batch(records: Buffer | None, *, may_be_zstd: bool = True) -> tuple[BatchHeader, int]:
    """Header and size of the one batch in `records`; what follows it is less than a batch (ByteBufferLogInputStream).

    Raises:
        AppendError: there is none, or it is not what Produce takes (ProduceRequest.validateRecords).
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
    if not may_be_zstd and header.attributes & CODEC_MASK >= Codec.ZSTD:
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


def _one_copy(body: Buffer, pause: Callable[[], None] | None) -> bytes:
    """`body` as bytes; copied in pieces when others wait, because copying does not let go of the interpreter."""
    if isinstance(body, bytes):
        return body
    if pause is None or len(body) <= _PIECE:
        return bytes(body)
    output = io.BytesIO()
    for start in range(0, len(body), _PIECE):
        output.write(body[start : start + _PIECE])
        pause()
    return output.getvalue()


def _walk(
    header: BatchHeader,
    body: Buffer,
    rules: ValidationRules,
    now_ms: int,
    is_rewritten: bool,
    pause: Callable[[], None] | None,
) -> WalkResult:
    if rules.is_log_append_time:
        return validate_records(header, body, is_rewritten=is_rewritten, keys_required=rules.is_compacted, pause=pause)
    return validate_records(
        header,
        body,
        is_rewritten=is_rewritten,
        keys_required=rules.is_compacted,
        lowest_timestamp_ms=now_ms - rules.timestamp_before_max_ms,
        highest_timestamp_ms=now_ms + rules.timestamp_after_max_ms,
        pause=pause,
    )


def _refuse_records(
    header: BatchHeader,
    body: Buffer,
    rules: ValidationRules,
    walked: WalkResult,
    now_ms: int,
    is_rewritten: bool,
    pause: Callable[[], None] | None,
) -> None:
    """Raise with one error per bad record, a thousand at most; return when there is none (LogValidator.validateRecord)."""
    no_key = f"Compacted topic cannot accept message without key in topic partition {rules.name}"
    errors = dict.fromkeys(walked.null_key_indexes, no_key)
    count = walked.null_key_count + walked.out_of_range_count
    has_bad_timestamp = bool(walked.out_of_range_count)
    if header.is_log_append_time and (rules.is_log_append_time or header.max_timestamp_ms == NO_TIMESTAMP):
        count = header.record_count
        has_bad_timestamp |= count > walked.null_key_count
        for index, record in _outlines(header, body, MAX_INDEXES, pause):
            if index not in errors:
                errors[index] = _log_append_time_set(record, is_partial=header.compression != 0 and not is_rewritten)
    elif walked.out_of_range_indexes:
        bounds = f"[{now_ms - rules.timestamp_before_max_ms}, {now_ms + rules.timestamp_after_max_ms}]"
        bad = set(walked.out_of_range_indexes)
        for index, record in _outlines(header, body, walked.out_of_range_indexes[-1] + 1, pause):
            if index in bad:
                errors[index] = (
                    f"Timestamp {record.timestamp_ms} of message with offset {record.offset} is out of range. The timestamp "
                    f"should be within {bounds}"
                )
    if not errors:
        return
    record_errors = tuple(sorted(errors.items())[:MAX_INDEXES])
    if has_bad_timestamp:
        code = ErrorCode.INVALID_TIMESTAMP
        message = "One or more records have been rejected due to invalid timestamp"
    else:
        code = ErrorCode.INVALID_RECORD
        shown = ", ".join(f"RecordError(batchIndex={index}, message='{text}')" for index, text in record_errors[:3])
        message = (
            f"One or more records have been rejected due to {count} record errors in total, and only showing the "
            f"first three errors at most: [{shown}]"
        )
    raise AppendError(code, message, record_errors, AppendError.PARTITION_LOG_START)


def _outlines(
    header: BatchHeader, body: Buffer, count: int, pause: Callable[[], None] | None
) -> Iterator[tuple[int, RecordOutline]]:
    for index, record in enumerate(islice(iter_outlines(header, body, ignores_lengths=True), count)):
        if pause is not None and not index % _OUTLINES_PER_PAUSE:
            pause()
        yield index, record


def _log_append_time_set(record: RecordOutline, *, is_partial: bool) -> str:
    # Kafka prints its own record classes; the partial one is what it makes of a compressed batch that keeps its codec.
    name = "PartialDefaultRecord" if is_partial else "DefaultRecord"
    null_size = -1 if is_partial else 0
    key_size = null_size if record.key_size is None else record.key_size
    value_size = null_size if record.value_size is None else record.value_size
    return (
        f"Invalid timestamp type in message {name}(offset={record.offset}, timestamp={record.timestamp_ms}, "
        f"key={key_size} bytes, value={value_size} bytes). Producer should not set timestamp type to LogAppendTime."
    )


def _rebuilt(
    header: BatchHeader, sent: memoryview, body: bytes, pause: Callable[[], None] | None
) -> tuple[int, Iterable[Buffer]]:
    """Base timestamp and records, in pieces, of the batch that is stored instead (buildRecordsAndAssignOffsets).

    `body` is what the record section that was `sent` decompresses to. When it is large it is rather made once more, in pieces,
    than kept beside what is compressed anew.
    """
    if header.producer_epoch < 0 <= header.producer_id:
        # Kafka stores it as it came, but cannot build a new batch of it (MemoryRecordsBuilder).
        raise _refused(ErrorCode.UNKNOWN_SERVER_ERROR)
    codec = header.compression
    if not is_as_rebuilt(header, body, pause):
        return first_timestamp_ms(header, body), rebuilt_records(header, body if codec else sent, pause)
    if not codec:
        return header.base_timestamp_ms, (sent,)
    if len(body) <= _PIECE or not comes_in_pieces(codec, sent):
        return header.base_timestamp_ms, (body,)
    return header.base_timestamp_ms, decompressed_pieces(codec, sent, len(body))


def _recompress(
    header: BatchHeader,
    rules: ValidationRules,
    base_timestamp_ms: int,
    max_timestamp_ms: int,
    plain_size: int,
    pieces: Iterable[Buffer],
    pause: Callable[[], None] | None,
) -> bytearray:
    """The batch with the records of `pieces`, about `plain_size` bytes, in the topic's compression.type.

    Raises:
        AppendError: UNKNOWN_SERVER_ERROR: a record cannot be built, which is said rather than that the batch is too large;
            MESSAGE_TOO_LARGE: it is. It is not built beyond the limit.
    """
    codec = rules.target_codec or Codec.NONE
    batch = bytearray(HEADER_SIZE)
    try:
        if plain_size <= _PIECE:
            batch += compress(codec, b"".join(pieces), rules.target_level)
        else:
            target = compressor(codec, plain_size, rules.target_level)
            for piece in pieces:
                view = memoryview(piece)
                for start in range(0, len(view), _PIECE):
                    if len(batch) <= rules.max_message_bytes:
                        batch += target.compress(view[start : start + _PIECE])
                    if pause is not None:
                        pause()
            batch += target.flush()
    except UnparsableRecords as error:
        raise _refused(ErrorCode.UNKNOWN_SERVER_ERROR) from error
    if len(batch) > rules.max_message_bytes:
        raise AppendError(ErrorCode.MESSAGE_TOO_LARGE, None)
    attributes = int(codec)
    if rules.is_log_append_time:
        attributes |= LOG_APPEND_TIME_FLAG
    if header.is_transactional:
        attributes |= TRANSACTIONAL_FLAG
    write_header(
        batch,
        0,
        NO_PARTITION_LEADER_EPOCH,
        attributes,
        header.record_count - 1,
        base_timestamp_ms,
        max_timestamp_ms,
        header.producer_id,
        header.producer_epoch,
        header.base_sequence,
        header.record_count,
    )
    return batch
