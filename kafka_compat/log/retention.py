"""Which segments retention lets go (Kafka's UnifiedLog.deleteOldSegments)."""

from __future__ import annotations

from kafka_compat.log.partition import PartitionLog


def deletable_up_to(log: PartitionLog, now_ms: int) -> int | None:
    """The log start offset that retention.ms and retention.bytes ask for, None when nothing may go.

    Whole segments go, oldest first, and only what lies below the high watermark. A segment has expired when its largest
    timestamp is older than retention.ms (its creation when no record has one); by size a segment goes when the rest still
    holds retention.bytes.
    """
    config = log.config
    if not config.is_deleted:
        return None
    segments = log.segments()
    limit = None
    surplus = log.size_in_bytes - config.retention_bytes if config.retention_bytes >= 0 else -1
    for segment in segments:
        if segment.size_in_bytes == 0 or segment.next_offset > log.high_watermark:
            break
        written_ms = segment.max_timestamp_ms if segment.max_timestamp_ms >= 0 else segment.created_ms
        is_expired = config.retention_ms >= 0 and now_ms - written_ms > config.retention_ms
        is_surplus = surplus - segment.size_in_bytes >= 0
        if not is_expired and not is_surplus:
            break
        if is_surplus:
            surplus -= segment.size_in_bytes
        limit = segment.next_offset
    return limit if limit is not None and limit > log.log_start_offset else None
