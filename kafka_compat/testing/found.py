"""The records that a wait has found so far: each look reads what has come since the last one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kafka_compat.log.partition import PartitionLog
from kafka_compat.storage.interface import LogId
from kafka_compat.testing.inspection import Inspection
from kafka_compat.testing.log_reading import end_of, read_records
from kafka_compat.testing.views import Isolation, Record

Match = Callable[[Record], object]
# Where each partition of a topic ended.
Mark = Mapping[LogId, int]


@dataclass(slots=True)
class _Partition:
    next_offset: int
    matching: list[Record] = field(default_factory=list)
    others: list[Record] = field(default_factory=list)


class Found:
    """Records of one topic, which need not be there yet; only on the brokers' loop.

    Args:
        inspection: reads them.
        topic: its name.
        isolation: as which reader.
        where: what is looked for; None is anything.
        since: only what lies behind it. A topic that was made again since is read from its beginning.
    """

    def __init__(
        self, inspection: Inspection, topic: str, isolation: Isolation, where: Match | None, since: Mark | None = None
    ) -> None:
        self.topic = topic
        self._inspection = inspection
        self._isolation: Isolation = isolation
        self._where = where
        self._since = since or {}
        self._partitions: dict[LogId, _Partition] = {}

    async def look(self) -> list[Record]:
        """Read on, and give what matches, by partition and offset.

        Raises:
            KafkaError: KAFKA_STORAGE_ERROR.
        """
        partitions: dict[LogId, _Partition] = {}
        async for log in self._inspection.logs(self.topic, None):
            known = self._partitions.get(log.log_id)
            end = end_of(log, self._isolation)
            begin = self._since.get(log.log_id, 0)
            if known is None or end < known.next_offset:  # what it was cut off from is not there any more
                known = _Partition(begin)
            if known.next_offset < end:
                known = await self._read(log, known, end)
            partitions[log.log_id] = known
        self._partitions = partitions
        return self.matching

    @property
    def matching(self) -> list[Record]:
        """What was looked for."""
        return [record for partition in self._partitions.values() for record in partition.matching]

    @property
    def others(self) -> list[Record]:
        """What `where` does not hold for."""
        return [record for partition in self._partitions.values() for record in partition.others]

    async def hidden(self) -> list[Record]:
        """What a committed reader does not see, or not yet."""
        if self._isolation != "committed":
            return []
        found = Found(self._inspection, self.topic, "uncommitted", None, self._since)
        return [record for record in await found.look() if record.transaction in ("open", "aborted")]

    async def _read(self, log: PartitionLog, known: _Partition, end: int) -> _Partition:
        """Nothing of it counts unless it was read to the end: whoever is cancelled in between leaves no half."""
        read = _Partition(end, known.matching.copy(), known.others.copy())
        async for record in read_records(
            log, self._isolation, self._inspection.tasks, start_offset=known.next_offset, end_offset=end
        ):
            (read.matching if self._where is None or self._where(record) else read.others).append(record)
        return read
