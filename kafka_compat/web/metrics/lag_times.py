"""How long ago the first record that a group has not consumed was written."""

from __future__ import annotations

from typing import Final

from kafka_compat.log.lookup import contiguous
from kafka_compat.log.partition import PartitionLog
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.batch import parse_header
from kafka_compat.records.errors import RecordsError
from kafka_compat.storage.interface import LogId

UNKNOWN_S: Final = -1.0


class LagTimes:
    """Looks the time up in the batch of the record, once for each place where a group stands."""

    def __init__(self) -> None:
        self._known: dict[tuple[LogId, int], int] = {}
        self._asked: dict[tuple[LogId, int], int] = {}

    async def since(self, log: PartitionLog, offset: int, now_ms: int) -> float:
        """Seconds since the batch of the first record at `offset` or behind was written; -1 when that cannot be known.

        Records may carry any time: of one from the future it is 0.
        """
        key = (log.log_id, offset)
        written_ms = self._known.get(key)
        if written_ms is None:
            written_ms = await _written_ms(log, offset)
        self._asked[key] = written_ms
        return max(0.0, (now_ms - written_ms) / 1000) if written_ms >= 0 else UNKNOWN_S

    def forget_unasked(self) -> None:
        """What the last scrape did not ask for is not asked for again."""
        self._known, self._asked = self._asked, {}


async def _written_ms(log: PartitionLog, offset: int) -> int:
    """The time of the batch's first record, -1 when it has none or cannot be read now."""
    try:
        chunk = await log.view.read(max(offset, log.log_start_offset), 1, min_one=True, isolation_read_committed=False)
    except KafkaError:
        return -1
    try:
        if not chunk.size_in_bytes:
            return -1
        header = parse_header(contiguous(chunk))
    except RecordsError:
        return -1
    finally:
        chunk.close()
    return header.max_timestamp_ms if header.is_log_append_time else header.base_timestamp_ms
