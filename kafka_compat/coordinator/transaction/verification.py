"""What those who write transactional records make of the coordinator's answer (KIP-890, KIP-1050).

Source: Kafka's AddPartitionsToTxnManager.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from kafka_compat.coordinator.transaction.ports import TopicPartition
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


class NoCoordinator:
    """The `Verification` port where there are no transactions: nobody coordinates any."""

    def add_or_verify(
        self,
        transactional_id: str,
        producer_id: int,
        producer_epoch: int,
        partitions: Sequence[TopicPartition],
        *,
        adds: bool,
    ) -> asyncio.Future[Mapping[TopicPartition, ErrorCode]]:
        """COORDINATOR_NOT_AVAILABLE for each partition."""
        answer: asyncio.Future[Mapping[TopicPartition, ErrorCode]] = asyncio.get_running_loop().create_future()
        answer.set_result(dict.fromkeys(partitions, ErrorCode.COORDINATOR_NOT_AVAILABLE))
        return answer
