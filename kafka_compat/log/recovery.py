"""What must be known of a log besides its bytes, and how it is rebuilt from them.

Producers, leader epochs and aborted transactions follow from the batches. They are put beside the log as aux blobs at a flush
(see snapshot.py), so that opening reads only the headers behind the newest snapshot; without a usable snapshot the whole log is
walked. A blob whose offset lies above the recovered end is never read: it speaks of batches that were lost.
"""

from __future__ import annotations

import logging
from typing import Final

from kafka_compat.log.leader_epochs import LeaderEpochs
from kafka_compat.log.lookup import contiguous
from kafka_compat.log.producer_state import ProducerState
from kafka_compat.log.snapshot import (
    CHANGES_KIND,
    EPOCHS_KIND,
    NO_OFFSET,
    PRODUCERS_KIND,
    TRANSACTIONS_KIND,
    WholeOrChanges,
    load_changes,
    read_base,
)
from kafka_compat.log.state import LogState
from kafka_compat.log.transaction_index import TransactionIndex
from kafka_compat.pacing import Pace
from kafka_compat.records.batch import HEADER_SIZE, parse_header
from kafka_compat.storage.interface import OpenLog

_READ_BYTES: Final = 4 << 20

_logger = logging.getLogger(__name__)


async def recover_state(log: OpenLog, name: str) -> LogState:
    """Rebuild the state of an opened log from its newest usable snapshot and the batches behind it.

    Raises:
        StorageError: the log cannot be read.
    """
    start, end = log.start_offset, log.end_offset
    # An empty log needs no snapshot: there would be nothing to replay.
    snapshot_offset = end if start == end else NO_OFFSET
    state = await _from_snapshot(log, name) or LogState(_at(start, name), LeaderEpochs(), TransactionIndex(), snapshot_offset)
    state.epochs.truncate_from_end(end)
    state.transactions.truncate_from_end(end)
    position = state.producers.end_offset
    while position < end:
        chunk = await log.read(position, end, _READ_BYTES, True)
        try:
            if not chunk.size_in_bytes:
                break
            position = _replay_chunk(state, contiguous(chunk), position)
        finally:
            chunk.close()
    state.epochs.truncate_from_start(start)
    state.transactions.truncate_from_start(start)
    state.producers.end_offset = end
    return state


def _replay_chunk(state: LogState, buffer: bytes | memoryview, position: int) -> int:
    at = 0
    next_offset = position
    while len(buffer) - at >= HEADER_SIZE:
        header = parse_header(buffer, at)
        if at + header.size_in_bytes > len(buffer):
            break
        # A snapshot never ends within a batch, but a log start offset may lie in one.
        if header.last_offset >= position:
            state.replay(header, buffer, at)
        next_offset = header.next_offset
        at += header.size_in_bytes
    return next_offset


def _at(offset: int, name: str) -> ProducerState:
    producers = ProducerState(name)
    producers.end_offset = offset
    return producers


async def _from_snapshot(log: OpenLog, name: str) -> LogState | None:
    start, end = log.start_offset, log.end_offset
    if end == 0:
        return None
    found = await log.read_aux((PRODUCERS_KIND, EPOCHS_KIND, TRANSACTIONS_KIND, CHANGES_KIND), end)
    if PRODUCERS_KIND not in found:
        return None
    base, blob = found[PRODUCERS_KIND]
    pace = Pace()
    producers = ProducerState(name)
    transactions = TransactionIndex()
    try:
        for _ in producers.load(blob):
            await pace.turn()
        epochs = LeaderEpochs.decode(found[EPOCHS_KIND][1]) if EPOCHS_KIND in found else LeaderEpochs()
        if TRANSACTIONS_KIND in found:
            transactions = TransactionIndex.decode(found[TRANSACTIONS_KIND][1])
            # Those behind the producers are replayed, or are among the changes.
            transactions.truncate_from_end(base)
        offset = base
        if CHANGES_KIND in found and found[CHANGES_KIND][0] >= base:
            changed_offset, changes = found[CHANGES_KIND]
            if read_base(changes) == base:
                for _ in load_changes(changes, transactions, producers):
                    await pace.turn()
                offset = changed_offset
    except ValueError as error:
        _logger.warning("%s: the state is rebuilt from the log: %s", name, error)
        return None
    producers.loaded(max(offset, start))
    # What lies behind the producers' snapshot is replayed, also into blobs that are newer than it.
    epochs.truncate_from_end(producers.end_offset)
    return LogState(producers, epochs, transactions, offset, WholeOrChanges(base, producers.changes))
