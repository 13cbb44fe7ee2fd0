"""What goes through a partition, as ints that only grow: what Kafka's `BrokerTopicMetrics` counts.

Each partition has its own, and whoever wants a topic's adds up; what went with a deleted partition is in `LogManager.retired`.
"""

from __future__ import annotations


class Traffic:
    """Counts of one partition since the broker opened it; not since a restart.

    Attributes:
        messages_in, bytes_in: of batches appended, those of coordinators too; what a producer sent twice counts once.
        bytes_out: of batches in answers to Fetch.
        produces, fetches: how often a request named the partition.
        failed_produces, failed_fetches: refusals that say that something is wrong: neither what metadata explain, nor damaged
            or too large batches, nor a medium that failed (Kafka's `ReplicaManager.appendToLocalLog`).
    """

    __slots__ = ("bytes_in", "bytes_out", "failed_fetches", "failed_produces", "fetches", "messages_in", "produces")

    def __init__(self) -> None:
        self.messages_in = 0
        self.bytes_in = 0
        self.bytes_out = 0
        self.produces = 0
        self.fetches = 0
        self.failed_produces = 0
        self.failed_fetches = 0

    def add(self, other: Traffic) -> None:
        """Count what `other` has counted."""
        self.messages_in += other.messages_in
        self.bytes_in += other.bytes_in
        self.bytes_out += other.bytes_out
        self.produces += other.produces
        self.fetches += other.fetches
        self.failed_produces += other.failed_produces
        self.failed_fetches += other.failed_fetches
