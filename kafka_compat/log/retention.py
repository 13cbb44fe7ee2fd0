"""Which segments retention lets go (Kafka's UnifiedLog.deleteOldSegments)."""

from __future__ import annotations

from kafka_compat.log.partition import PartitionLog


def deletable_up_to(log: PartitionLog, now_ms: int) -> int | None:
    """The offset below which whole segments may go, None when none may; not above the high watermark.

    Oldest first, each rule on what the one before left:

    1. sealed segments below the log start offset (DeleteRecords), whatever the cleanup.policy
    2. retention.bytes: a segment goes when the rest still holds as much
    3. retention.ms: a segment goes when its largest timestamp is older, its last append where no record has one

    Only the first rule spares the active segment.
    """
    config = log.config
    segments = [segment for segment in log.segments() if segment.size_in_bytes and segment.next_offset <= log.high_watermark]
    slot = 0
    while slot < len(segments) and segments[slot].sealed and segments[slot].next_offset <= log.log_start_offset:
        slot += 1
    if config.is_deleted and config.retention_bytes >= 0:
        surplus = log.size_in_bytes - sum(segment.size_in_bytes for segment in segments[:slot]) - config.retention_bytes
        while slot < len(segments) and surplus >= segments[slot].size_in_bytes:
            surplus -= segments[slot].size_in_bytes
            slot += 1
    if config.is_deleted and config.retention_ms >= 0:
        while slot < len(segments) and now_ms - segments[slot].largest_timestamp_ms > config.retention_ms:
            slot += 1
    return segments[slot - 1].next_offset if slot else None
