"""What those who write transactional records make of the coordinator's answer (KIP-890, KIP-1050).

Source: Kafka's AddPartitionsToTxnManager.
"""

from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode


def append_code(code: ErrorCode, *, knows_abortable: bool) -> ErrorCode:
    """The code for a client whose partition the coordinator answered `code` for.

    Args:
        code: of the coordinator.
        knows_abortable: the client's version of its request knows TRANSACTION_ABORTABLE.
    """
    if code == ErrorCode.PRODUCER_FENCED:
        return ErrorCode.INVALID_PRODUCER_EPOCH  # which producers expect of a partition
    if code == ErrorCode.TRANSACTION_ABORTABLE and not knows_abortable:
        return ErrorCode.INVALID_TXN_STATE
    return code
