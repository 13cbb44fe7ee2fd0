"""EndTxn: what becomes of a transaction that its producer ends, by what the producer says and what is known.

In version 2 of transactions the epoch rises with each end, so that a request is either the current one, in the epoch that is
known, or a repeated one, in the epoch before it (or in the last epoch of the producer id before it). Such a producer may also
abort what it never began, for it does not know.

Source: Kafka's TransactionCoordinator.endTransaction and endTransactionWithTV1.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.coordinator.transaction.metadata import MAX_EPOCH, TransactionMetadata
from kafka_compat.coordinator.transaction.states import TransactionState
from kafka_compat.coordinator.transaction.values import EndRequest
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError

_COMPLETE: Final = frozenset({TransactionState.COMPLETE_COMMIT, TransactionState.COMPLETE_ABORT})


def next_state(known: TransactionMetadata, request: EndRequest) -> TransactionState | None:
    """PREPARE_COMMIT or PREPARE_ABORT; None when it was so decided before, and the request is a repeated one.

    Raises:
        KafkaError: INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED: the producer is another; CONCURRENT_TRANSACTIONS: markers are
            being written; INVALID_TXN_STATE: nothing can be ended so.
    """
    is_repeated = _is_repeated_with_bump(known, request) if request.bumps_epoch else _is_repeated(known, request)
    wanted = TransactionState.PREPARE_COMMIT if request.is_commit else TransactionState.PREPARE_ABORT
    if known.state is TransactionState.ONGOING:
        return wanted
    if is_repeated:
        done = TransactionState.COMPLETE_COMMIT if request.is_commit else TransactionState.COMPLETE_ABORT
        if known.state is done:
            return None
    elif request.bumps_epoch and not request.is_commit:
        return wanted
    raise KafkaError(ErrorCode.INVALID_TXN_STATE)


def _is_repeated(known: TransactionMetadata, request: EndRequest) -> bool:
    """In versions 0 and 1 of transactions: the end of what is complete is taken for a repeated one."""
    if known.producer_id != request.producer.producer_id:
        raise KafkaError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
    if known.producer_epoch != request.producer.producer_epoch:
        raise KafkaError(ErrorCode.PRODUCER_FENCED)
    if known.is_prepared:
        raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
    return known.state in _COMPLETE


def _is_repeated_with_bump(known: TransactionMetadata, request: EndRequest) -> bool:
    # Before anything else: the producer may use the producer id already that takes over when the markers are written.
    if known.is_prepared:
        raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
    producer_id, epoch = request.producer
    is_after_last_epoch = known.previous_producer_id == producer_id and epoch == MAX_EPOCH - 1 and known.producer_epoch == 0
    if known.producer_id != producer_id and not is_after_last_epoch:
        raise KafkaError(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
    is_repeated = is_after_last_epoch or known.producer_epoch == epoch + 1
    may_be_repeated = known.state in _COMPLETE
    if known.producer_epoch != epoch and not (is_repeated and may_be_repeated):
        raise KafkaError(ErrorCode.PRODUCER_FENCED)
    return is_repeated
