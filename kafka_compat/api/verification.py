"""Asks the coordinator about the partitions of a transactional Produce request before anything is appended (KIP-890).

Clients of transaction version 2 (Produce 12) have their partitions added to the transaction by this question; those of older
versions added them before, which is only verified, unless transaction.partition.verification.enable is off. A partition in
which the producer's transaction has begun is not asked about.

What the coordinator answers for a partition, and what becomes of it (ReplicaManager.handleProduceAppend):

    INVALID_TXN_STATE                       itself, with a message
    COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, NETWORK_EXCEPTION
                                            NOT_ENOUGH_REPLICAS, which clients of all versions try again without new metadata
    CONCURRENT_TRANSACTIONS                 the same; of version 2 itself, when it has not passed after a while
    PRODUCER_FENCED                         INVALID_PRODUCER_EPOCH
    TRANSACTION_ABORTABLE                   itself; below Produce 11 INVALID_TXN_STATE
    anything else                           itself
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Final

from kafka_compat.api.context import RequestContext
from kafka_compat.coordinator.transaction.ports import TopicPartition
from kafka_compat.coordinator.transaction.verification import append_code
from kafka_compat.log.errors import AppendError
from kafka_compat.log.partition import PartitionLog
from kafka_compat.log.verification import UNGUARDED, Verification
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.batch import BatchHeader

_FIRST_VERSION_THAT_ADDS: Final = 12
_FIRST_VERSION_WITH_ABORTABLE: Final = 11

_RETRIABLE: Final = (
    ErrorCode.NETWORK_EXCEPTION,
    ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.NOT_COORDINATOR,
)

Refusal = tuple[ErrorCode, str | None]


class ProduceVerification:
    """The question of one request. `add` its transactional batches, then `begin`, and `finish` unless that was all."""

    def __init__(self, context: RequestContext, transactional_id: str) -> None:
        config = context.services.config
        self._services = context.services
        self._transactional_id = transactional_id
        self._adds = context.version >= _FIRST_VERSION_THAT_ADDS
        self._knows_abortable = context.version >= _FIRST_VERSION_WITH_ABORTABLE
        self._is_enabled = config.transaction_partition_verification_enable
        self._backoff_s = config.add_partitions_to_txn_retry_backoff_ms / 1000
        # On real time, as all waits of requests are.
        self._retries_until_s = time.monotonic() + config.add_partitions_to_txn_retry_backoff_max_ms / 1000
        self._producer_id = self._producer_epoch = -1
        self._batches: dict[PartitionLog, int] = {}  # base sequences
        self._guards: dict[PartitionLog, Verification] = {}
        self._refusals: dict[PartitionLog, Refusal] = {}
        self._asked: asyncio.Future[Mapping[TopicPartition, ErrorCode]] | None = None
        self._is_asked_about = self._adds or self._is_enabled
        self._is_answered = False
        self._has_concurrent = False

    def add(self, log: PartitionLog, header: BatchHeader) -> None:
        """Take in a transactional batch with a producer id.

        Raises:
            AppendError: INVALID_PRODUCER_ID_MAPPING: it is of another producer than those before.
        """
        if not self._batches:
            self._producer_id, self._producer_epoch = header.producer_id, header.producer_epoch
        elif (header.producer_id, header.producer_epoch) != (self._producer_id, self._producer_epoch):
            raise AppendError(
                ErrorCode.INVALID_PRODUCER_ID_MAPPING, "Transactional records contained more than one producer ID"
            )
        self._batches[log] = header.base_sequence

    def begin(self) -> bool:
        """Ask about few batches; whether the answer is there already and counts."""
        if self._is_asked_about:
            for log in self._batches:
                self._start(log)
            self._ask()
            if self._asked is not None:
                if not self._asked.done():
                    return False
                for log in self._guards:
                    self._take_answer(log)
                return not self._is_worth_a_retry()
        self._is_answered = True
        return True

    async def finish(self) -> None:
        """Return when the answer is there; CONCURRENT_TRANSACTIONS is asked again, for that passes in a moment."""
        pace = Pace()
        is_first = True
        while self._is_asked_about and not self._is_answered:
            if self._asked is None or not is_first:
                self._guards.clear()
                self._refusals.clear()
                async for log in pace.over(self._batches):
                    self._start(log)
                self._ask()
            if self._asked is None:
                return
            await self._asked
            async for log in pace.over(self._guards):
                self._take_answer(log)
            if not self._is_worth_a_retry():
                return
            await asyncio.sleep(self._backoff_s)
            is_first = False

    def refusal(self, log: PartitionLog) -> Refusal | None:
        """Why nothing may be appended to `log`: code and message."""
        return self._refusals.get(log)

    def guard(self, log: PartitionLog) -> Verification | None:
        """What an append to `log` has to show."""
        return self._guards.get(log) if self._is_enabled else UNGUARDED

    def _start(self, log: PartitionLog) -> None:
        try:
            guard = log.start_verification(
                self._producer_id,
                self._producer_epoch,
                self._batches[log],
                self._services.clock.wall_ms(),
                supports_epoch_bump=self._adds,
            )
        except KafkaError as error:
            self._refusals[log] = error.error_code, None
            return
        if guard is not None:
            self._guards[log] = guard

    def _ask(self) -> None:
        self._has_concurrent = False
        self._asked = None
        if self._guards:
            partitions = [log.topic_partition for log in self._guards]
            self._asked = self._services.verification.add_or_verify(
                self._transactional_id, self._producer_id, self._producer_epoch, partitions, adds=self._adds
            )

    def _take_answer(self, log: PartitionLog) -> None:
        assert self._asked is not None
        code = append_code(self._asked.result()[log.topic_partition], knows_abortable=self._knows_abortable)
        if code:
            self._refusals[log] = self._refused(code)
            self._has_concurrent |= code == ErrorCode.CONCURRENT_TRANSACTIONS

    def _is_worth_a_retry(self) -> bool:
        return self._has_concurrent and self._adds and time.monotonic() < self._retries_until_s

    def _refused(self, code: ErrorCode) -> Refusal:
        if code == ErrorCode.INVALID_TXN_STATE:
            return code, "Partition was not added to the transaction"
        if code in _RETRIABLE or (code == ErrorCode.CONCURRENT_TRANSACTIONS and not self._adds):
            message = f"Unable to verify the partition has been added to the transaction. Underlying error: {code.name}"
            return ErrorCode.NOT_ENOUGH_REPLICAS, message
        return code, None
