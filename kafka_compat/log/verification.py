"""Whether a transactional batch may begin a transaction in a partition: what its coordinator was asked, and for whom (KIP-890).

Theory of operation. Before a producer's first batch of a transaction is appended, its coordinator is asked whether the
partition is part of the transaction. The entry that is made then is what the append has to show: a marker that comes between
the question and the append takes it away, so that an answer about a transaction that is over lets nothing in. After the append
the producer has an open transaction here, which takes the entry's place.

    question       makes the producer's entry, or finds it, and lowers its sequence to the lowest one asked for in its epoch
    append         needs the entry that its question was given; takes it away
    end marker     takes it away, unless the entry is of a transaction that began since: with transaction version 2 the marker
                   of one transaction has the epoch of the next

A batch above the lowest sequence asked for is out of order: with it in the log, the lower one, which is being tried again,
would fail for good.

Source: Kafka's VerificationStateEntry, UnifiedLog.maybeStartTransactionVerification, ProducerAppendInfo.checkSequence.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Final


class Verification:
    """One producer's open question; its identity is what an append shows."""

    __slots__ = ("asked_ms", "epoch", "lowest_sequence", "supports_epoch_bump")

    def __init__(self, asked_ms: int, sequence: int, epoch: int, supports_epoch_bump: bool) -> None:
        self.asked_ms = asked_ms
        self.lowest_sequence = sequence
        self.epoch = epoch
        # Whether the client is one of transaction version 2, which begins each transaction with sequence 0 of a new epoch.
        self.supports_epoch_bump = supports_epoch_bump


# Shown by who needs none: transaction.partition.verification.enable is off, or it has asked by other means.
UNGUARDED: Final = Verification(0, 0, -1, False)


class Verifications:
    """The open questions of one partition, by producer id. They are in memory only: a restart forgets them, as Kafka does."""

    __slots__ = ("_open",)

    def __init__(self) -> None:
        self._open: dict[int, Verification] = {}

    def __len__(self) -> int:
        return len(self._open)

    def get(self, producer_id: int) -> Verification | None:
        """The producer's open question."""
        return self._open.get(producer_id)

    def begin(self, producer_id: int, sequence: int, epoch: int, now_ms: int, *, supports_epoch_bump: bool) -> Verification:
        """The producer's question, a new one unless there is one, for a batch that begins with `sequence`."""
        found = self._open.get(producer_id)
        if found is None:
            found = self._open[producer_id] = Verification(now_ms, sequence, epoch, supports_epoch_bump)
        elif epoch > found.epoch:
            found.epoch = epoch
            found.lowest_sequence = sequence
        elif epoch == found.epoch and sequence < found.lowest_sequence:
            found.lowest_sequence = sequence
        return found

    def on_batch(self, producer_id: int) -> None:
        """A transactional batch was appended."""
        self._open.pop(producer_id, None)

    def on_marker(self, producer_id: int, epoch: int) -> None:
        """An end marker was appended."""
        found = self._open.get(producer_id)
        if found is not None and not (found.supports_epoch_bump and found.epoch == epoch):
            del self._open[producer_id]

    def remove_expired(self, now_ms: int, expiration_ms: int) -> None:
        """Forget questions that nothing was appended for."""
        # In the order in which they were asked.
        expired = takewhile(lambda item: now_ms - item[1].asked_ms >= expiration_ms, self._open.items())
        for producer_id in [producer_id for producer_id, _ in expired]:
            del self._open[producer_id]
