"""Asks the coordinator of a transaction before a group's offsets are written into it (KIP-890).

Clients of transaction version 2 (TxnOffsetCommit 5) have the group's partition added to the transaction by this question; for
others it was added before, which is only verified, unless transaction.partition.verification.enable is off. Once the
transaction has records in the partition nobody is asked.

Source: Kafka's CoordinatorRuntime.scheduleTransactionalWriteOperation and CoordinatorPartitionWriter.
"""

from __future__ import annotations

from typing import TypeVar

from kafka_compat.coordinator.append_errors import mapped_code
from kafka_compat.coordinator.group.offset_values import OffsetsTransaction
from kafka_compat.coordinator.ports import StateMachine
from kafka_compat.coordinator.runtime import CoordinatorRuntime
from kafka_compat.coordinator.shard_context import Producer
from kafka_compat.coordinator.transaction.ports import Verification
from kafka_compat.coordinator.transaction.verification import append_code
from kafka_compat.log.verification import UNGUARDED
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.topic_names import CONSUMER_OFFSETS

S = TypeVar("S", bound=StateMachine)


async def verified_producer(
    runtime: CoordinatorRuntime[S],
    shard_id: int,
    transaction: OffsetsTransaction,
    verification: Verification,
    *,
    is_enabled: bool,
) -> Producer:
    """Whose records may be written into the shard's partition, once the coordinator has agreed.

    Args:
        runtime: of the shard.
        shard_id: partition of __consumer_offsets.
        transaction: that the records are to belong to.
        verification: of all transactional ids.
        is_enabled: transaction.partition.verification.enable.

    Raises:
        KafkaError: NOT_COORDINATOR, INVALID_PRODUCER_EPOCH, and what the coordinator says, as clients of groups know it.
    """
    producer_id, producer_epoch = transaction.producer_id, transaction.producer_epoch
    if not (transaction.adds or is_enabled):
        return Producer(producer_id, producer_epoch)
    guard = runtime.start_verification(shard_id, producer_id, producer_epoch, supports_epoch_bump=transaction.adds)
    if guard is not None:
        partition = (CONSUMER_OFFSETS, shard_id)
        answers = await verification.add_or_verify(
            transaction.transactional_id, producer_id, producer_epoch, [partition], adds=transaction.adds
        )
        code = append_code(answers.get(partition, ErrorCode.NONE), knows_abortable=transaction.knows_abortable)
        if code:
            raise KafkaError(mapped_code(code))
    return Producer(producer_id, producer_epoch, guard if is_enabled else UNGUARDED)
