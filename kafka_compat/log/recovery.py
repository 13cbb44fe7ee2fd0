"""How the state of a log is rebuilt at its opening: from the newest snapshot beside it, and the headers behind that.

Without a usable snapshot the whole log is walked. A blob whose offset lies above the recovered end is never read: it speaks of
batches that were lost.
"""

from __future__ import annotations

import logging
from typing import Final

from kafka_compat.log.leader_epochs import LeaderEpochs
from kafka_compat.log.lookup import contiguous
from kafka_compat.log.producer_state import ProducerState
from kafka_compat.log.state import EPOCHS_KIND, NO_OFFSET, PRODUCERS_KIND, TRANSACTIONS_KIND, LogState
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
    found = await log.read_aux((PRODUCERS_KIND, EPOCHS_KIND, TRANSACTIONS_KIND), end)
    if PRODUCERS_KIND not in found:
        return None
    offset, blob = found[PRODUCERS_KIND]
    pace = Pace()
    producers = ProducerState(name)
    try:
        for producers in ProducerState.decode_in_pieces(blob, max(offset, start), name):  # noqa: B007 (the last is whole)
            await pace.turn()
        epochs = LeaderEpochs.decode(found[EPOCHS_KIND][1]) if EPOCHS_KIND in found else LeaderEpochs()
        transactions = (
            TransactionIndex.decode(found[TRANSACTIONS_KIND][1]) if TRANSACTIONS_KIND in found else TransactionIndex()
        )
    except ValueError as error:
        _logger.warning("%s: the state is rebuilt from the log: %s", name, error)
        return None
    # What lies behind the producers' snapshot is replayed, also into blobs that are newer than it.
    epochs.truncate_from_end(producers.end_offset)
    transactions.truncate_from_end(producers.end_offset)
    return LogState(producers, epochs, transactions, offset)
