"""What a topic's configuration asks of appends, how a refusal is said, and the batches that the broker itself makes.

What a client may produce is in `inspection.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kafka_compat.config.topic import TopicConfig
from kafka_compat.log.errors import AppendError
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.records.batch import BatchHeader, parse_header, rewrite_timestamps, stamp
from kafka_compat.records.compression import Codec
from kafka_compat.records.control import EndTransactionMarker, end_transaction_marker
from kafka_compat.records.errors import CorruptBatch
from kafka_compat.wire.types import Buffer

MIN_DECOMPRESSED_LIMIT: Final = 64 << 20
DECOMPRESSED_LIMIT_FACTOR: Final = 32


_COMPRESSION_TYPES: Final = {
    "uncompressed": Codec.NONE,
    "gzip": Codec.GZIP,
    "snappy": Codec.SNAPPY,
    "lz4": Codec.LZ4,
    "zstd": Codec.ZSTD,
}


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
    """A batch that may be written, with what the log has to know of it; `place` gives it its place.

    `rules` are those that a produced batch was inspected by.
    """

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
        "rules",
    )

    def __init__(
        self,
        buffer: bytearray | memoryview,
        header: BatchHeader,
        max_timestamp_ms: int,
        rules: ValidationRules,
        marker: EndTransactionMarker | None = None,
    ) -> None:
        self.buffer = buffer
        self.base_offset = 0
        self.last_offset = header.last_offset_delta
        self.max_timestamp_ms = max_timestamp_ms
        self.rules = rules
        self.producer_id = header.producer_id
        self.producer_epoch = header.producer_epoch
        self.base_sequence = header.base_sequence
        self.last_sequence = header.last_sequence
        self.is_transactional = header.is_transactional
        self.is_control = header.is_control
        self.marker = marker

    def place(self, base_offset: int, leader_epoch: int) -> None:
        """Stamp the batch with its place in the log; once."""
        self.base_offset = base_offset
        self.last_offset += base_offset
        stamp(self.buffer, 0, base_offset, leader_epoch)


def prepare_internal(
    batch: Buffer, rules: ValidationRules, now_ms: int, marker: EndTransactionMarker | None = None
) -> ValidBatch:
    """A batch that this broker built: data of a coordinator, or a control batch; `marker` is what it says, where that is known.

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
    if marker is None and header.is_control:
        marker = end_transaction_marker(header, buffer, 0)
    return ValidBatch(buffer, header, max_timestamp_ms, rules, marker)
