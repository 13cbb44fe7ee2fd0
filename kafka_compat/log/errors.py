"""What an append is refused with.

In a module of their own that is not compiled: a compiled class with an interpreted base keeps weak references to freed objects.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError


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
        record_errors: tuple[tuple[int, str], ...] = (),
        log_start_offset: int = -1,
    ) -> None:
        super().__init__(error_code, message)
        self.record_errors = record_errors
        self.log_start_offset = log_start_offset


class TooMuchAtOnce(Exception):
    """The batch costs more than is left to spend here; a thread can go on with it. Nothing was changed."""
