"""The cluster metadata log: change records in a log of the same store as everything else, replayed at start.

One batch holds the changes of one commit, so a commit is whole or absent after a crash. A commit is synced before anybody sees
it, as Kafka's metadata quorum does. When replaying has become much longer than a snapshot would be, the image is written
again as one snapshot at the end and the log's start moves up to it; a crash between the two only means a longer replay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kafka_compat.metadata.changes import Change, decode_change, encode_change
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.protocol.topic_names import CLUSTER_METADATA, CLUSTER_METADATA_ID
from kafka_compat.records.batch import NO_PARTITION_LEADER_EPOCH, is_crc_valid, iter_batches, parse_header, stamp
from kafka_compat.records.builder import build_batch
from kafka_compat.records.reader import iter_records
from kafka_compat.storage.interface import (
    Corrupt,
    Fenced,
    LogId,
    LogPolicy,
    LogStore,
    OpenLog,
    OutOfRange,
    Refused,
    StorageError,
)

LOG_ID: Final = LogId(CLUSTER_METADATA, 0, CLUSTER_METADATA_ID)
_READ_BYTES: Final = 1024 * 1024
_SNAPSHOT_BATCH_RECORDS: Final = 1000
# A snapshot is due when the log has this many times the records that the image needs (and a few hundred at least).
_REPLAY_FACTOR: Final = 4
_MIN_RECORDS_FOR_SNAPSHOT: Final = 500


class Conflict(Exception):
    """Others have written to the log, or taken it, since the image that a decision was made on; nothing was written."""


class MetadataLog:
    """Loads and appends change records; one per cluster."""

    def __init__(self, store: LogStore, log: OpenLog) -> None:
        self._store = store
        self._log = log
        self._seen_offset = log.start_offset
        self.is_failed = False

    @classmethod
    async def open(cls, store: LogStore) -> MetadataLog:
        """The store's metadata log, made when it is not there yet.

        Raises:
            Corrupt, Unavailable: the store's errors.
        """
        await store.create(LOG_ID, 0)
        return cls(store, await store.open(LOG_ID, 0, LogPolicy()))

    @property
    def start_offset(self) -> int:
        """The offset of the first change that is still there."""
        return self._log.start_offset

    @property
    def end_offset(self) -> int:
        """The offset after the last change; DescribeQuorum and feature epochs show it."""
        return self._log.end_offset

    @property
    def seen_offset(self) -> int:
        """End of what the image has seen; behind it lies what others wrote, or a failed commit left all the same."""
        return self._seen_offset

    async def load(self) -> ClusterImage:
        """The image that replaying the whole log gives.

        Raises:
            Refused: the log is empty though there are others.
            UnknownChange: the log was written by a newer version.
            Corrupt: a batch fails its checksum.
        """
        image = ClusterImage()
        for change in await self._read_on():
            image.apply(change)
        if not image.cluster_id and (others := len(await self._store.list()) - 1):
            # The cluster's id is the first change of all, made before any other log: all of them would be taken for strays.
            raise Refused(
                f"the metadata log is empty, but there are {others} other logs; none of them was touched. "
                f"Put {CLUSTER_METADATA}-0 back from a copy, or begin anew in another directory"
            )
        return image

    async def reopen(self) -> list[Change]:
        """Open the log again after a failed commit; the changes that it or others left in the log, which now count.

        Raises:
            StorageError: the medium still fails.
        """
        self._log = await self._store.open(LOG_ID, 0, LogPolicy())
        self.is_failed = False
        return await self._read_on()

    async def _read_on(self) -> list[Change]:
        changes = []
        offset = self._seen_offset
        while offset < self._log.end_offset:
            chunk = await self._log.read(offset, self._log.end_offset, _READ_BYTES, min_one=True)
            stored = b"".join(chunk.buffers)
            chunk.close()
            began_at = offset
            for position, size in iter_batches(stored):
                # Below the recovery point a start does not check; what the cluster is made of must not be taken on trust.
                if not is_crc_valid(stored, position, size):
                    raise Corrupt(f"the cluster metadata log is damaged at offset {offset}")
                for record in iter_records(memoryview(stored)[position : position + size]):
                    assert record.key is not None
                    assert record.value is not None
                    changes.append(decode_change(bytes(record.key), bytes(record.value)))
                    offset = record.offset + 1
            if offset <= began_at:
                raise Corrupt(f"the cluster metadata log is damaged at offset {offset}")
        self._seen_offset = offset
        return changes

    async def commit(self, batch: bytearray, expected_offset: int, now_ms: int) -> None:
        """Make the changes of a batch durable; they take effect when the caller applies them to the image.

        Args:
            batch: Made by `encode_changes`.
            expected_offset: `seen_offset` when the changes were decided; the log must still end there.
            now_ms: Wall clock.

        Raises:
            Conflict: it does not; `reopen` tells what is there now.
            StorageError: whether the medium kept the changes is not known; `reopen` tells.
        """
        try:
            self._append(batch, expected_offset, now_ms)
            await self._log.sync(self._log.end_offset)
        except (StorageError, Conflict):
            self.is_failed = True
            raise
        self._seen_offset = self._log.end_offset

    async def compact(self, image: ClusterImage, now_ms: int) -> None:
        """Replace the log's content by a snapshot of `image` when that is much shorter.

        Raises:
            Conflict: as `commit`.
            StorageError: likewise.
        """
        snapshot = list(image.snapshot())
        records = self._log.end_offset - self._log.start_offset
        if records < _MIN_RECORDS_FOR_SNAPSHOT or records < _REPLAY_FACTOR * len(snapshot):
            return
        first = self._seen_offset
        for start in range(0, len(snapshot), _SNAPSHOT_BATCH_RECORDS):
            batch = encode_changes(snapshot[start : start + _SNAPSHOT_BATCH_RECORDS], now_ms)
            self._append(batch, first + start, now_ms)
        await self._log.sync(self._log.end_offset)
        self._seen_offset = self._log.end_offset
        await self._log.roll(now_ms)
        await self._log.advance_start(first)
        await self._log.delete_below_start()

    def _append(self, batch: bytearray, base_offset: int, now_ms: int) -> None:
        if self._log.end_offset != base_offset:
            raise Conflict(f"the metadata log ends at {self._log.end_offset}, not at {base_offset}")
        stamp(batch, 0, base_offset, NO_PARTITION_LEADER_EPOCH)
        try:
            self._log.append(batch, base_offset, base_offset + parse_header(batch).last_offset_delta, now_ms, now_ms)
        except (Fenced, OutOfRange) as error:
            raise Conflict(str(error)) from error


def encode_changes(changes: Sequence[Change], now_ms: int) -> bytearray:
    """The changes as one batch, which has no place in the log yet: they count together or not at all."""
    return build_batch([(now_ms, *encode_change(change), ()) for change in changes])
