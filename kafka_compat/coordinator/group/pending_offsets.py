"""Offsets that producers have committed in their transactions: apart from the others until the transaction ends (KIP-447).

Theory of operation. Each producer's open transaction has a table of its own, and an index says which transactions have
something pending for a partition: that one look-up is what a fetch of stable offsets costs, however many producers there are.

A transaction may have written any number of offsets, and its marker ends it at once for all of them: it leaves the open ones
and joins those that have ended, in the order of their markers. What an ended transaction wrote is then settled, which means
taken over or dropped: some hundred offsets with the marker itself, which is all of nearly every transaction, and two with each
offset that becomes pending later, so that few transactions are ever left half settled. Whoever looks at a partition settles it
first, so nobody can tell.

Source: Kafka's OffsetMetadataManager with its OpenTransactions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Set
from typing import Final

from kafka_compat.coordinator.group.offset_table import CommittedOffset

# Settling one takes about a microsecond.
_SETTLED_PER_MARKER: Final = 500
_SETTLED_PER_OFFSET: Final = 2

# Group, topic and partition.
OffsetKey = tuple[str, str, int]


class _Transaction:
    """What one transaction has written here and nobody has settled yet."""

    __slots__ = ("is_commit", "offsets")

    def __init__(self) -> None:
        self.offsets: dict[OffsetKey, CommittedOffset] = {}
        self.is_commit = False  # of one that has ended


class PendingOffsets:
    """Pending offsets of one shard.

    Args:
        commit: takes over an offset whose transaction was committed.
    """

    __slots__ = ("_commit", "_ended", "_index", "_open")

    def __init__(self, commit: Callable[[OffsetKey, CommittedOffset], None]) -> None:
        self._commit = commit
        self._open: dict[int, _Transaction] = {}  # producer id -> its open transaction
        self._ended: deque[_Transaction] = deque()
        # Group -> topic -> partition -> the transactions that have something for it; empty branches are not kept.
        self._index: dict[str, dict[str, dict[int, dict[_Transaction, None]]]] = {}

    # --- replay

    def put(self, producer_id: int, key: OffsetKey, offset: CommittedOffset) -> None:
        """A producer has committed an offset in its transaction, in place of an earlier one of the same transaction."""
        if self._ended:
            self.settle_some(_SETTLED_PER_OFFSET)
        transaction = self._open.get(producer_id)
        if transaction is None:
            transaction = self._open[producer_id] = _Transaction()
        transaction.offsets[key] = offset
        group_id, topic, partition = key
        self._index.setdefault(group_id, {}).setdefault(topic, {}).setdefault(partition, {})[transaction] = None

    def end(self, producer_id: int, is_commit: bool) -> None:
        """The producer's transaction has ended; a no-op when it has written nothing here."""
        transaction = self._open.pop(producer_id, None)
        if transaction is not None:
            transaction.is_commit = is_commit
            self._ended.append(transaction)
            self.settle_some(_SETTLED_PER_MARKER)

    def remove(self, key: OffsetKey) -> None:
        """The partition's offsets were deleted, pending ones as well."""
        self.settle(key)
        for transaction in self._of_partition(key):
            del transaction.offsets[key]
        self._forget(key)

    # --- settling

    def settle(self, key: OffsetKey) -> None:
        """Let what has ended count for this partition."""
        for transaction in self._ended:
            offset = transaction.offsets.pop(key, None)
            if offset is not None:
                self._settled(transaction, key, offset)

    @property
    def has_unsettled(self) -> bool:
        """Whether anything that has ended is not settled."""
        return bool(self._ended)

    def settle_some(self, count: int) -> bool:
        """Settle so many offsets at most; False when there are none left."""
        while self._ended:
            transaction = self._ended[0]
            while transaction.offsets:
                if not count:
                    return True
                count -= 1
                key, offset = transaction.offsets.popitem()
                self._settled(transaction, key, offset)
            self._ended.popleft()
        return False

    def settle_all(self) -> None:
        """Settle everything: for those who go through whole groups, which takes longer."""
        while self.settle_some(_SETTLED_PER_MARKER):
            pass

    def _settled(self, transaction: _Transaction, key: OffsetKey, offset: CommittedOffset) -> None:
        group_id, topic, partition = key
        others = self._index[group_id][topic][partition]
        del others[transaction]
        if not others:
            self._forget(key)
        if transaction.is_commit:
            self._commit(key, offset)

    # --- what is pending, once it is settled

    def __contains__(self, key: OffsetKey) -> bool:
        """Whether an open transaction has an offset of the partition."""
        if not self._index:
            return False
        self.settle(key)
        return bool(self._of_partition(key))

    def has_group(self, group_id: str) -> bool:
        """Whether open transactions have offsets of the group."""
        self.settle_all()
        return group_id in self._index

    def of_group(self, group_id: str) -> Iterator[tuple[str, int]]:
        """(topic, partition) of each partition of the group with something pending."""
        self.settle_all()
        for topic, partitions in self._index.get(group_id, {}).items():
            for partition in partitions:
                yield topic, partition

    def of_topics(self, names: Set[str]) -> Iterator[tuple[OffsetKey, CommittedOffset]]:
        """Every pending offset of the topics; of several transactions for one partition each."""
        self.settle_all()
        for group_id, topics in self._index.items():
            for topic in topics.keys() & names:
                for partition, transactions in topics[topic].items():
                    key = group_id, topic, partition
                    for transaction in transactions:
                        yield key, transaction.offsets[key]

    def _of_partition(self, key: OffsetKey) -> Iterable[_Transaction]:
        group_id, topic, partition = key
        topics = self._index.get(group_id)
        partitions = None if topics is None else topics.get(topic)
        return () if partitions is None else partitions.get(partition, ())

    def _forget(self, key: OffsetKey) -> None:
        """Drop the partition from the index, and the branches that it leaves empty."""
        group_id, topic, partition = key
        topics = self._index.get(group_id)
        partitions = None if topics is None else topics.get(topic)
        if topics is None or partitions is None or partitions.pop(partition, None) is None:
            return
        if not partitions:
            del topics[topic]
            if not topics:
                del self._index[group_id]
