"""What is known of one transactional id, and what it becomes: each transition gives the next value, and none changes one.

Epochs end at 32767. The last one but one, 32766, is the highest that a client sees, so that there always is one left to fence
its producer with; behind it follows a new producer id with epoch 0.

Source: Kafka's TransactionMetadata.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, NamedTuple

from kafka_compat.coordinator.transaction.states import LEGAL_PREVIOUS, PREPARED, TransactionState
from kafka_compat.coordinator.transaction.values import (
    NO_PRODUCER_EPOCH,
    NO_PRODUCER_ID,
    Partitions,
    ProducerIdAndEpoch,
)
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError

MAX_EPOCH: Final = 32767
_LAST_EPOCH_OF_CLIENTS: Final = MAX_EPOCH - 1
_NEVER_MS: Final = -1
# A timeout that only two-phase commits have (KIP-939).
NO_TIMEOUT_MS: Final = 2**31 - 1
# The first transaction version whose epochs rise with each end.
FIRST_VERSION_WITH_BUMP: Final = 2

NO_PARTITIONS: Final[Partitions] = MappingProxyType({})


class TransactionMetadata(NamedTuple):
    """One transactional id.

    Attributes:
        producer_id: of its producer.
        timeout_ms: after which a transaction is aborted.
        last_update_ms: of the last transition.
        previous_producer_id: the producer id before the last transition.
        next_producer_id: that takes over when a transaction of version 2 is complete whose end used up the epochs; -1 if none.
        producer_epoch: of its producer; -1 before the first is given out.
        last_producer_epoch: that a producer may still name when it repeats InitProducerId; -1 if none. Not in the log.
        state: of the last transaction.
        partitions: of the transaction that runs or is decided.
        start_ms: when it began; -1 when none did.
        client_version: transaction version that the client of the last transition speaks.
    """

    producer_id: int
    timeout_ms: int
    last_update_ms: int
    previous_producer_id: int = NO_PRODUCER_ID
    next_producer_id: int = NO_PRODUCER_ID
    producer_epoch: int = NO_PRODUCER_EPOCH
    last_producer_epoch: int = NO_PRODUCER_EPOCH
    state: TransactionState = TransactionState.EMPTY
    partitions: Partitions = NO_PARTITIONS
    start_ms: int = _NEVER_MS
    client_version: int = 0

    @property
    def producer(self) -> ProducerIdAndEpoch:
        """Who may go on."""
        return ProducerIdAndEpoch(self.producer_id, self.producer_epoch)

    @property
    def is_exhausted(self) -> bool:
        """Whether no epoch is left to give to a client."""
        return is_exhausted(self.producer_epoch)

    @property
    def is_prepared(self) -> bool:
        """Whether the end is decided and markers are being written."""
        return self.state in PREPARED

    def is_overdue(self, now_ms: int) -> bool:
        """Whether the transaction has run for longer than its producer allowed."""
        return (
            self.state is TransactionState.ONGOING
            and self.timeout_ms != NO_TIMEOUT_MS
            and self.start_ms + self.timeout_ms < now_ms
        )

    def has_all(self, partitions: Partitions) -> bool:
        """Whether all of `partitions` are part of the transaction."""
        return all(numbers <= self.partitions.get(topic, frozenset()) for topic, numbers in partitions.items())

    # --- transitions

    def incremented(self, timeout_ms: int, expected_epoch: int | None, now_ms: int) -> TransactionMetadata:
        """InitProducerId: the next epoch, or the current one for a producer that repeats itself.

        Raises:
            KafkaError: PRODUCER_FENCED: it is neither the current producer nor repeats itself; UNKNOWN_SERVER_ERROR: there is
                no next epoch.
        """
        if self.is_exhausted:
            # Kafka's IllegalStateException: a producer that repeats itself when another has used up the epochs.
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
        epoch, last = self.producer_epoch + 1, NO_PRODUCER_EPOCH
        if expected_epoch is not None:
            if expected_epoch == self.producer_epoch or self.producer_epoch == NO_PRODUCER_EPOCH:
                last = self.producer_epoch
            elif expected_epoch == self.last_producer_epoch:
                epoch, last = self.producer_epoch, self.last_producer_epoch
            else:
                raise KafkaError(ErrorCode.PRODUCER_FENCED)
        return self._emptied(self.producer_id, epoch, last, timeout_ms, now_ms)

    def rotated(self, producer_id: int, timeout_ms: int, now_ms: int, *, keeps_last_epoch: bool) -> TransactionMetadata:
        """InitProducerId when the epochs are used up: another producer id."""
        last = self.producer_epoch if keeps_last_epoch else NO_PRODUCER_EPOCH
        return self._emptied(producer_id, 0, last, timeout_ms, now_ms)

    def _emptied(self, producer_id: int, epoch: int, last_epoch: int, timeout_ms: int, now_ms: int) -> TransactionMetadata:
        return self._to(
            TransactionState.EMPTY,
            producer_id=producer_id,
            producer_epoch=epoch,
            last_producer_epoch=last_epoch,
            timeout_ms=timeout_ms,
            partitions=NO_PARTITIONS,
            start_ms=_NEVER_MS,
            last_update_ms=now_ms,
        )

    def grown(self, partitions: Partitions, client_version: int, now_ms: int) -> TransactionMetadata:
        """Partitions are added; the first ones begin a transaction."""
        merged: dict[str, frozenset[int]] = dict(self.partitions)
        for topic, numbers in partitions.items():
            merged[topic] = merged.get(topic, frozenset()) | numbers
        return self._to(
            TransactionState.ONGOING,
            partitions=merged,
            start_ms=self.start_ms if self.state is TransactionState.ONGOING else now_ms,
            last_update_ms=now_ms,
            client_version=client_version,
        )

    def ended(
        self, state: TransactionState, client_version: int, now_ms: int, *, next_producer_id: int = NO_PRODUCER_ID
    ) -> TransactionMetadata:
        """Decided: to PREPARE_COMMIT or PREPARE_ABORT. With version 2 the epoch rises (KIP-890)."""
        epoch, last_epoch = self.producer_epoch, self.last_producer_epoch
        if client_version >= FIRST_VERSION_WITH_BUMP:
            epoch, last_epoch = min(epoch + 1, MAX_EPOCH), epoch
        return self._to(
            state,
            producer_epoch=epoch,
            last_producer_epoch=last_epoch,
            next_producer_id=next_producer_id,
            # What is aborted without having begun begins now.
            start_ms=self.start_ms if self.state is TransactionState.ONGOING else now_ms,
            last_update_ms=now_ms,
            client_version=client_version,
        )

    def fenced(self, server_version: int, now_ms: int, *, next_producer_id: int = NO_PRODUCER_ID) -> TransactionMetadata:
        """Aborted by the coordinator, in an epoch that no client has seen: its producer can go on no more."""
        if server_version >= FIRST_VERSION_WITH_BUMP:
            return self.ended(TransactionState.PREPARE_ABORT, server_version, now_ms, next_producer_id=next_producer_id)
        raised = self._replace(producer_epoch=min(self.producer_epoch + 1, MAX_EPOCH), last_producer_epoch=NO_PRODUCER_EPOCH)
        return raised.ended(TransactionState.PREPARE_ABORT, 0, now_ms)

    def completed(self, now_ms: int) -> TransactionMetadata:
        """Every partition has its marker."""
        is_commit = self.state is TransactionState.PREPARE_COMMIT
        producer = self.producer_when_complete
        return self._to(
            TransactionState.COMPLETE_COMMIT if is_commit else TransactionState.COMPLETE_ABORT,
            producer_id=producer.producer_id,
            producer_epoch=producer.producer_epoch,
            next_producer_id=NO_PRODUCER_ID,
            partitions=NO_PARTITIONS,
            last_update_ms=now_ms,
        )

    @property
    def producer_when_complete(self) -> ProducerIdAndEpoch:
        """Who may begin the next transaction, once the one that is decided is complete."""
        if self.client_version >= FIRST_VERSION_WITH_BUMP and self.next_producer_id != NO_PRODUCER_ID:
            return ProducerIdAndEpoch(self.next_producer_id, 0)
        return self.producer

    def _to(self, state: TransactionState, **changes: object) -> TransactionMetadata:
        if self.state not in LEGAL_PREVIOUS[state]:
            raise AssertionError(f"{self.state.name} is never followed by {state.name}")
        return self._replace(state=state, previous_producer_id=self.producer_id, **changes)  # type: ignore[arg-type]


def is_exhausted(epoch: int) -> bool:
    """Whether no epoch after this one may be given to a client."""
    return epoch >= _LAST_EPOCH_OF_CLIENTS
