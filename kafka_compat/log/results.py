"""What a partition answers to an append, and to a read that finds nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final


class EmptyChunk:
    """A read that found nothing."""

    __slots__ = ()
    buffers: Sequence[bytes | memoryview] = ()
    parts: Sequence[bytes | memoryview] = ()
    size_in_bytes = 0
    bytes_in_memory = 0
    next_offset = -1

    def close(self) -> None:
        """Nothing to give back."""


EMPTY_CHUNK: Final = EmptyChunk()


class AppendResult:
    """What became of one append.

    Attributes:
        base_offset: Offset of the batch's first record; for a duplicate that of the first time.
        last_offset: Offset of its last record.
        log_append_time_ms: The broker's time with message.timestamp.type=LogAppendTime, otherwise -1; for a duplicate the
            timestamp stored then, whatever the type (as Kafka answers).
        log_start_offset: Of the partition.
        leader_epoch: The batch was stamped with.
        done: Resolves when the batch is durable and the high watermark is above it; None when it already is. The caller may
            cancel it without harm. It raises
            StorageError when the write failed: answer KAFKA_STORAGE_ERROR, or NOT_LEADER_OR_FOLLOWER for a Fenced.
        duplicate: The producer had sent this batch before; nothing was appended.
    """

    __slots__ = ("base_offset", "done", "duplicate", "last_offset", "leader_epoch", "log_append_time_ms", "log_start_offset")

    def __init__(
        self,
        base_offset: int,
        last_offset: int,
        log_append_time_ms: int,
        log_start_offset: int,
        leader_epoch: int,
        done: asyncio.Future[None] | None,
        duplicate: bool = False,
    ) -> None:
        self.base_offset = base_offset
        self.last_offset = last_offset
        self.log_append_time_ms = log_append_time_ms
        self.log_start_offset = log_start_offset
        self.leader_epoch = leader_epoch
        self.done = done
        self.duplicate = duplicate
