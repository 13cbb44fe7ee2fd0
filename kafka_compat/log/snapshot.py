"""What is put beside a log so that opening it need not read it whole, and when that is all of it or what changed.

A snapshot of a log that many producers write to, or that has many aborted transactions, is large, and most of it is what the
one before said. It is therefore written whole only when what has been written of changes since has cost as much; in between one
blob says what changed since the last whole. Kinds of blobs:

    epochs          leader epochs, when they changed
    transactions    all aborted transactions, when there are others than at the last whole
    producers       all producers: the one that makes a snapshot whole, and is written last
    changes         what is different since the `producers` at its base: aborted transactions that were added, producers

Layout of `changes`, big-endian: int16 version (0), int64 base, then as `transactions` and as `producers` (transaction_index.py,
producer_snapshot.py). An unknown version is refused, and the log is replayed from its last whole snapshot.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from kafka_compat.log.producer_snapshot import FrozenProducers
from kafka_compat.log.producer_state import ProducerState
from kafka_compat.log.transaction_index import FrozenIndex, TransactionIndex
from kafka_compat.pacing import Pace
from kafka_compat.storage.interface import OpenLog

PRODUCERS_KIND: Final = "producers"
EPOCHS_KIND: Final = "epochs"
TRANSACTIONS_KIND: Final = "transactions"
CHANGES_KIND: Final = "changes"

NO_OFFSET: Final = -1

_CHANGES_VERSION: Final = 0
_CHANGES_HEAD: Final = struct.Struct(">hq")
# Of whole snapshots up to so many producers nobody notices the cost.
_ALWAYS_WHOLE: Final = 128
_ABORTED_PER_PRODUCER: Final = 32


def cost(producers: int, aborted: int) -> int:
    """Of encoding so much, in producers."""
    return producers + aborted // _ABORTED_PER_PRODUCER


class WholeOrChanges:
    """Decides which the next snapshot is.

    Attributes:
        base: offset of the last whole snapshot; NO_OFFSET when it is not known to be on disk, and the next has to be whole.
    """

    __slots__ = ("_spent", "base")

    def __init__(self, base: int, spent: int = 0) -> None:
        self.base = base
        self._spent = spent

    def takes_whole(self, whole: int, changes: int, end_offset: int) -> bool:
        """Whether the snapshot at `end_offset` is whole, at the cost of `whole`; takes it for written."""
        is_whole = self.base == NO_OFFSET or whole <= _ALWAYS_WHOLE or self._spent + changes > whole
        if is_whole:
            self.base = end_offset
            self._spent = 0
        else:
            self._spent += changes
        return is_whole


def encode_changes(base: int, added: FrozenIndex, producers: FrozenProducers) -> Iterator[bytes]:
    """The `changes` described in the module, in pieces."""
    return chain((_CHANGES_HEAD.pack(_CHANGES_VERSION, base),), added.encode(), producers.encode())


def read_base(changes: bytes) -> int:
    """Offset of the whole snapshot that they are the changes of.

    Raises:
        ValueError: unknown version, or not that format.
    """
    if len(changes) < _CHANGES_HEAD.size:
        raise ValueError("changes are cut short")
    version, base = _CHANGES_HEAD.unpack_from(changes)
    if version != _CHANGES_VERSION:
        raise ValueError(f"changes of version {version}")
    return int(base)


def load_changes(changes: bytes, transactions: TransactionIndex, producers: ProducerState) -> Iterator[None]:
    """Bring what a whole snapshot said up to date, in pieces that each take well below a millisecond.

    Raises:
        ValueError: not that format.
    """
    position = transactions.load(changes, _CHANGES_HEAD.size)
    yield from producers.load(changes, position, are_changes=True)


class LogSnapshot:
    """Blobs that describe a log up to `offset`, in pieces. The producers' goes last: it is the one that ends the replay.

    Made at once and encoded when it is written, since producer ids are whatever clients send: 100,000 are 15 MB.
    """

    __slots__ = ("blobs", "offset")

    def __init__(self, offset: int, blobs: list[tuple[str, Iterable[bytes]]]) -> None:
        self.offset = offset
        self.blobs = blobs

    async def write(self, log: OpenLog) -> None:
        """Sync the log up to the snapshot and put the blobs beside it."""
        await log.sync(self.offset)
        pace = Pace()
        for kind, pieces in self.blobs:
            blob: list[bytes] = []
            for piece in pieces:
                blob.append(piece)
                await pace.turn()
            await log.put_aux(kind, self.offset, b"".join(blob))
