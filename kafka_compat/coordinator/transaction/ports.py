"""What the transaction coordinator, the partitions and the groups ask of each other; the composition root connects them.

Produce, TxnOffsetCommit  -> Verification    before an append: is the partition part of the producer's transaction (KIP-890)
transaction coordinator   -> MarkerWriter    after the decision: an end marker into each partition of the transaction
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from kafka_compat.protocol.error_codes import ErrorCode

# Topic name and partition number.
TopicPartition = tuple[str, int]


class EndMarker(NamedTuple):
    """The end of one producer's transaction, as it is written into each partition of it.

    Attributes:
        producer_id: whose transaction ends.
        producer_epoch: that the marker carries; with transaction version 2 above that of the transaction's records (KIP-890).
        coordinator_epoch: leader epoch of the coordinator's partition of __transaction_state.
        is_commit: committed, or aborted.
        transaction_version: 0, 1 or 2: of the transaction, which decides what epochs a partition takes.
    """

    producer_id: int
    producer_epoch: int
    coordinator_epoch: int
    is_commit: bool
    transaction_version: int


class MarkerWriter(Protocol):
    """Writes markers into the partitions that one broker leads: logs of data, and shards of groups' offsets."""

    def write(
        self, marker: EndMarker, partitions: Sequence[TopicPartition]
    ) -> asyncio.Future[Mapping[TopicPartition, ErrorCode]]:
        """One code per partition when its marker is durable: NONE, or why there is none (WriteTxnMarkers' codes).

        The future never fails with anything but its cancellation.
        """


class Verification(Protocol):
    """Asks the coordinator of a transactional id, wherever it is, about partitions that are about to be written to."""

    def add_or_verify(
        self,
        transactional_id: str,
        producer_id: int,
        producer_epoch: int,
        partitions: Sequence[TopicPartition],
        *,
        adds: bool,
    ) -> asyncio.Future[Mapping[TopicPartition, ErrorCode]]:
        """One code per partition: NONE when it is part of the producer's open transaction.

        Args:
            transactional_id: of the producer.
            producer_id: that the batches carry.
            producer_epoch: that the batches carry.
            partitions: about to be written to.
            adds: make them part of it where they are not (transaction version 2); otherwise they must have been added before.

        The future never fails with anything but its cancellation. A future that is done already costs no turn of the loop.
        """
