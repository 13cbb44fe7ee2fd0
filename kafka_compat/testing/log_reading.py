"""Reading a partition's log back, record by record, with what became of the transaction that each belongs to.

A read is of one moment: it ends where the log ended when it began, and knows transactions as they were then, however long it
takes. What is large is decoded by a thread, everything else in turns with the brokers' own work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from typing import Final

from kafka_compat.log.partition import PartitionLog
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.batch import NO_SEQUENCE, BatchHeader, increment_sequence, iter_batches, parse_header
from kafka_compat.records.reader import iter_batch_records
from kafka_compat.tasks import Supervisor
from kafka_compat.testing.views import Isolation, Record, Transactional

_READ_BYTES: Final = 256 * 1024
# A batch that is larger, or may be when it is decompressed, is decoded by a thread.
_THREAD_BYTES: Final = 64 * 1024


def end_of(log: PartitionLog, isolation: Isolation) -> int:
    """Where a reader of that isolation stops."""
    if isolation == "committed":
        return log.last_stable_offset
    return log.high_watermark if isolation == "uncommitted" else log.log_end_offset


class Transactions:
    """The transactions of a partition as they are now."""

    def __init__(self, log: PartitionLog, start_offset: int, end_offset: int) -> None:
        producers = log.state.producers
        self._open: dict[int, int] = {}
        if producers.has_unstable:
            self._open = {
                producer.producer_id: producer.current_txn_start_offset
                for producer in producers.active_producers()
                if producer.current_txn_start_offset >= 0
            }
        self._aborted: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for aborted in log.state.transactions.entries_between(start_offset, end_offset):
            self._aborted[aborted.producer_id].append((aborted.first_offset, aborted.last_offset))

    def of(self, header: BatchHeader) -> Transactional:
        """What became of the transaction of a batch.

        A marker may be gone from a compacted log, so that what is neither open nor known as aborted was committed.
        """
        if not header.is_transactional:
            return "none"
        first_open = self._open.get(header.producer_id)
        if first_open is not None and header.base_offset >= first_open:
            return "open"
        for first, last in self._aborted.get(header.producer_id, ()):
            if first <= header.base_offset < last:
                return "aborted"
        return "committed"


async def read_batches(log: PartitionLog, start_offset: int, end_offset: int, pace: Pace) -> AsyncIterator[bytes]:
    """The batches that reach into [start_offset, end_offset), byte for byte.

    Raises:
        KafkaError: KAFKA_STORAGE_ERROR.
    """
    offset = max(start_offset, log.log_start_offset)
    while offset < end_offset:
        try:
            chunk = await log.read(offset, _READ_BYTES, min_one=True, isolation_read_committed=False, max_offset=end_offset)
        except KafkaError as error:
            if error.error_code is not ErrorCode.OFFSET_OUT_OF_RANGE or log.log_start_offset <= offset:
                raise
            offset = log.log_start_offset  # retention went by
            continue
        stored = b"".join(chunk.buffers)
        chunk.close()
        if not stored:
            return
        for position, size in iter_batches(stored):
            offset = parse_header(stored, position).next_offset
            yield stored[position : position + size]
            await pace.turn()


async def read_records(
    log: PartitionLog, isolation: Isolation, tasks: Supervisor, *, start_offset: int = 0, end_offset: int | None = None
) -> AsyncIterator[Record]:
    """The records of [start_offset, end_offset) that a reader of that isolation sees, and no control records.

    Raises:
        KafkaError: KAFKA_STORAGE_ERROR.
    """
    start = max(start_offset, log.log_start_offset)
    end = end_of(log, isolation) if end_offset is None else end_offset
    transactions = Transactions(log, start, end)
    pace = Pace()
    async for batch in read_batches(log, start, end, pace):
        header = parse_header(batch)
        transaction = transactions.of(header)
        if header.is_control or (isolation == "committed" and transaction == "aborted"):
            continue
        records: Iterator[Record] = records_of(*log.topic_partition, header, batch, transaction)
        if len(batch) > _THREAD_BYTES or header.compression:
            records = iter(await tasks.in_thread(lambda records=records: list(records)))  # type: ignore[misc]
        async for record in pace.over(records):
            if start <= record.offset < end:
                yield record


def records_of(topic: str, partition: int, header: BatchHeader, batch: bytes, transaction: Transactional) -> Iterator[Record]:
    """The records of one batch, all with what became of its transaction."""
    has_sequence = header.base_sequence != NO_SEQUENCE
    for record in iter_batch_records(batch):
        delta = record.offset - header.base_offset
        yield Record(
            topic=topic,
            partition=partition,
            offset=record.offset,
            timestamp_ms=record.timestamp_ms,
            key=record.key,
            value=record.value,
            headers=record.headers,
            timestamp_type="append" if header.is_log_append_time else "create",
            producer_id=header.producer_id,
            producer_epoch=header.producer_epoch,
            sequence=increment_sequence(header.base_sequence, delta) if has_sequence else NO_SEQUENCE,
            leader_epoch=header.partition_leader_epoch,
            transaction=transaction,
        )
