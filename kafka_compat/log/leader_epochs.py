"""The leader epochs of one partition: which epoch began at which offset (KIP-101, KIP-320, Kafka's LeaderEpochFileCache).

Layout of the persisted form (`encode`), big-endian; a reader refuses a version it does not know and the log is then walked:

    int16 version (0)
    int32 count
    count x (int32 epoch, int64 start offset)     ascending in both
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from typing import Final

UNDEFINED_EPOCH: Final = -1
UNDEFINED_OFFSET: Final = -1

_VERSION: Final = 0
_HEAD: Final = struct.Struct(">hi")
_ENTRY: Final = struct.Struct(">iq")


class LeaderEpochs:
    """Epochs with their start offsets, both strictly ascending; a pure structure without I/O."""

    __slots__ = ("_epochs", "_starts")

    def __init__(self) -> None:
        self._epochs: list[int] = []
        self._starts: list[int] = []

    def __len__(self) -> int:
        return len(self._epochs)

    @property
    def latest(self) -> int:
        """The newest epoch that has records, -1 when there is none."""
        return self._epochs[-1] if self._epochs else UNDEFINED_EPOCH

    @property
    def entries(self) -> list[tuple[int, int]]:
        """(epoch, start offset) in ascending order."""
        return list(zip(self._epochs, self._starts, strict=True))

    def assign(self, epoch: int, start_offset: int) -> bool:
        """Note that `epoch` begins at `start_offset`; returns whether that changed anything.

        Entries that contradict the new one (a higher or equal epoch, or a start at or above it) are dropped.
        """
        epochs, starts = self._epochs, self._starts
        if epochs and epochs[-1] == epoch and starts[-1] <= start_offset:
            return False
        while epochs and (epochs[-1] >= epoch or starts[-1] >= start_offset):
            epochs.pop()
            starts.pop()
        epochs.append(epoch)
        starts.append(start_offset)
        return True

    def end_offset_for(self, epoch: int, log_end_offset: int) -> tuple[int, int]:
        """The largest epoch at or below `epoch` and the offset at which it ended (OffsetForLeaderEpoch).

        The newest epoch ends at `log_end_offset`. For an epoch older than every known one the answer is that epoch with the
        start of the first known. (-1, -1) when `epoch` is -1 or newer than every known epoch.
        """
        epochs = self._epochs
        if epoch == UNDEFINED_EPOCH or not epochs or epoch > epochs[-1]:
            return UNDEFINED_EPOCH, UNDEFINED_OFFSET
        if epoch == epochs[-1]:
            return epoch, log_end_offset
        higher = bisect_right(epochs, epoch)
        found = epochs[higher - 1] if higher else epoch
        return found, self._starts[higher]

    def epoch_for_offset(self, offset: int) -> int:
        """The epoch of the record at `offset`, -1 when it lies before the first known epoch."""
        index = bisect_right(self._starts, offset)
        return self._epochs[index - 1] if index else UNDEFINED_EPOCH

    def truncate_from_end(self, end_offset: int) -> None:
        """Forget the epochs that begin at or above `end_offset`."""
        while self._starts and self._starts[-1] >= end_offset:
            self._starts.pop()
            self._epochs.pop()

    def truncate_from_start(self, start_offset: int) -> None:
        """Forget the epochs that end at or below `start_offset`; the one that contains it now begins there."""
        below = bisect_right(self._starts, start_offset)
        if below == 0:
            return
        del self._starts[: below - 1]
        del self._epochs[: below - 1]
        self._starts[0] = start_offset

    def encode(self) -> bytes:
        """The persisted form described in the module."""
        parts = [_HEAD.pack(_VERSION, len(self._epochs))]
        parts.extend(_ENTRY.pack(epoch, start) for epoch, start in self.entries)
        return b"".join(parts)

    @classmethod
    def decode(cls, blob: bytes) -> LeaderEpochs:
        """Read what `encode` wrote.

        Raises:
            ValueError: unknown version, or not that format.
        """
        if len(blob) < _HEAD.size:
            raise ValueError("leader epochs are cut short")
        version, count = _HEAD.unpack_from(blob)
        if version != _VERSION or len(blob) != _HEAD.size + count * _ENTRY.size:
            raise ValueError(f"leader epochs of version {version} with {len(blob)} bytes")
        epochs = cls()
        for epoch, start in _ENTRY.iter_unpack(memoryview(blob)[_HEAD.size :]):
            epochs.assign(epoch, start)
        return epochs
