"""What the APIs of transactional producers have in common."""

from __future__ import annotations

from typing import Final

from kafka_compat.protocol.error_codes import ErrorCode

# Of AddPartitionsToTxn, AddOffsetsToTxn and EndTxn: the first version whose clients know PRODUCER_FENCED (KIP-588).
FIRST_VERSION_WITH_FENCED: Final = 2


def fenced_code(code: ErrorCode, *, is_known: bool) -> ErrorCode:
    """`code` as the client knows it: older ones are told INVALID_PRODUCER_EPOCH in place of PRODUCER_FENCED."""
    return ErrorCode.INVALID_PRODUCER_EPOCH if code is ErrorCode.PRODUCER_FENCED and not is_known else code
