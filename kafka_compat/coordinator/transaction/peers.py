"""The transaction coordinators and writers of markers of the brokers that run in this process.

A coordinator writes markers into partitions that other brokers lead, and a broker asks the coordinators of others about
partitions that it is to write to. Apache Kafka's brokers send WriteTxnMarkers and AddPartitionsToTxn to each other for that.
"""

from __future__ import annotations

from collections.abc import Callable

from kafka_compat.coordinator.transaction.ports import MarkerWriter, Verification
from kafka_compat.ids import BrokerId


class TransactionPeers:
    """Who runs now; what several brokers of one process share."""

    def __init__(self) -> None:
        self._writers: dict[BrokerId, MarkerWriter] = {}
        self._verifiers: dict[BrokerId, Verification] = {}
        # Called when a broker has come: those who wait for it try again.
        self.observers: list[Callable[[], None]] = []

    def join(self, node_id: BrokerId, writer: MarkerWriter, verifier: Verification) -> None:
        """A broker serves.

        Args:
            node_id: the broker.
            writer: for the partitions that it leads.
            verifier: for the transactional ids that it coordinates, and no others.
        """
        self._writers[node_id] = writer
        self._verifiers[node_id] = verifier
        for observer in list(self.observers):
            observer()

    def leave(self, node_id: BrokerId) -> None:
        """A broker stops; a no-op when it does not serve."""
        self._writers.pop(node_id, None)
        self._verifiers.pop(node_id, None)

    def writer(self, node_id: BrokerId) -> MarkerWriter | None:
        """Of a broker that serves."""
        return self._writers.get(node_id)

    def verifier(self, node_id: BrokerId) -> Verification | None:
        """Of a broker that serves."""
        return self._verifiers.get(node_id)
