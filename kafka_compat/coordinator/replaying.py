"""Feeds the log of an internal topic to the state machine that its records make up."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from kafka_compat.coordinator.ports import StateMachine
from kafka_compat.log.partition import PartitionLog
from kafka_compat.pacing import Pace
from kafka_compat.records.batch import BatchHeader, iter_batches, parse_header
from kafka_compat.records.control import end_transaction_marker
from kafka_compat.records.reader import iter_batch_records
from kafka_compat.records.record import Record
from kafka_compat.wire.errors import WireError

logger = logging.getLogger(__name__)

_READ_BYTES: Final = 64 * 1024
# Log lines of one load about single records; more say nothing new.
_MAX_COMPLAINTS: Final = 10


async def replay_log(log: PartitionLog, state: StateMachine, now_ms: int) -> None:
    """Feed the whole log to `state`, transactional batches and their end markers included.

    Records that cannot be decoded are logged and left out.

    Raises:
        KafkaError: the log cannot be read.
        RecordsError: a batch in it cannot be read.
    """
    complaints = 0
    pace = Pace()
    offset = log.log_start_offset
    while offset < log.log_end_offset:
        chunk = await log.read(offset, _READ_BYTES, min_one=True, isolation_read_committed=False, max_offset=log.log_end_offset)
        stored = b"".join(chunk.buffers)
        chunk.close()
        if not stored:
            return
        for position, _ in iter_batches(stored):
            header = parse_header(stored, position)
            offset = header.last_offset + 1
            if header.is_control:
                marker = end_transaction_marker(header, stored, position)
                if marker is not None:
                    state.replay_end_transaction(header.producer_id, marker.is_commit)
                continue
            async for record in pace.over(iter_batch_records(stored, position)):
                try:
                    _replay(state, header, record, now_ms)
                except WireError as error:
                    complaints += 1
                    if complaints <= _MAX_COMPLAINTS:
                        logger.error(
                            "%s-%d: the record at offset %d cannot be read and does not count: %s",
                            *log.topic_partition,
                            record.offset,
                            error,
                        )
        # A read that need not wait does not let anybody else run.
        await asyncio.sleep(0)
    if complaints > _MAX_COMPLAINTS:
        logger.error("%s-%d: %d records in all cannot be read", *log.topic_partition, complaints)


def _replay(state: StateMachine, header: BatchHeader, record: Record, now_ms: int) -> None:
    if record.key is not None:
        value = None if record.value is None else bytes(record.value)
        state.replay(bytes(record.key), value, header.producer_id if header.is_transactional else None, now_ms)
