"""What clients read of a partition: its batches, leader epochs, and offsets for times.

log start offset <= last stable offset <= high watermark <= log end offset
"""

from __future__ import annotations

from typing import Final

from kafka_compat.log.lookup import find_max_timestamp, find_timestamp
from kafka_compat.log.results import EMPTY_CHUNK
from kafka_compat.log.state import LogState
from kafka_compat.log.watermarks import Watermarks
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.storage.interface import Chunk, Fenced, OpenLog, OutOfRange, StorageError

NO_EPOCH: Final = -1


class PartitionView:
    """The log as it is served at the moment, for reading; only its `PartitionLog` changes the attributes.

    Attributes:
        name: topic and partition for people.
        log: the storage handle.
        state: producers, leader epochs and aborted transactions.
        marks: how far it can be read.
        leader_epoch: this broker leads the partition with.
        is_offline: the medium failed and the log is not reopened yet.
    """

    __slots__ = ("is_offline", "leader_epoch", "log", "marks", "name", "state")

    def __init__(self, name: str, log: OpenLog, state: LogState, marks: Watermarks, leader_epoch: int) -> None:
        self.name: Final = name
        self.log = log
        self.state = state
        self.marks: Final = marks
        self.leader_epoch = leader_epoch
        self.is_offline = False

    # Read

    def read_now(
        self,
        offset: int,
        max_bytes: int,
        *,
        min_one: bool,
        isolation_read_committed: bool,
        max_offset: int | None = None,
        to_socket: bool = False,
    ) -> Chunk | None:
        """Whole batches from `offset` on, the first of which contains it; None when the read would block.

        Args:
            offset: Within [log start offset, log end offset].
            max_bytes: Stop before exceeding it; below 0 is an UNKNOWN_SERVER_ERROR, as Kafka answers.
            min_one: Return the first batch whatever its size.
            isolation_read_committed: Stop at the last stable offset instead of the high watermark.
            max_offset: Stop here instead (a follower or the broker itself reads up to the log end offset).
            to_socket: The chunk's parts may be unread.

        Raises:
            KafkaError: OFFSET_OUT_OF_RANGE, KAFKA_STORAGE_ERROR.
        """
        if max_offset is None:
            max_offset = self.end_for(isolation_read_committed)
        if self._is_empty(offset, max_bytes, max_offset):
            return EMPTY_CHUNK
        try:
            return self.log.read_now(offset, max_offset, max_bytes, min_one, to_socket=to_socket)
        except StorageError as error:
            raise self.storage_error(error, offset) from error

    async def read(
        self,
        offset: int,
        max_bytes: int,
        *,
        min_one: bool,
        isolation_read_committed: bool,
        max_offset: int | None = None,
        to_socket: bool = False,
    ) -> Chunk:
        """As `read_now`, waiting for the medium where it must."""
        if max_offset is None:
            max_offset = self.end_for(isolation_read_committed)
        if self._is_empty(offset, max_bytes, max_offset):
            return EMPTY_CHUNK
        try:
            return await self.log.read(offset, max_offset, max_bytes, min_one, to_socket=to_socket)
        except StorageError as error:
            raise self.storage_error(error, offset) from error

    def end_for(self, read_committed: bool) -> int:
        """Where consumers of that isolation level stop."""
        return self.marks.last_stable_offset if read_committed else self.marks.high_watermark

    def _is_empty(self, offset: int, max_bytes: int, max_offset: int) -> bool:
        """Whether there is nothing to read, which a reader at the end of the log learns without asking the store."""
        log = self.log
        if self.is_offline or not log.start_offset <= offset <= log.end_offset:
            raise self.read_error(offset)
        if offset >= max_offset:
            return True
        if max_bytes < 0:
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, f"Invalid max length {max_bytes} for log read")
        return False

    def read_error(self, offset: int) -> KafkaError:
        """Why `offset` cannot be read: KAFKA_STORAGE_ERROR or OFFSET_OUT_OF_RANGE."""
        if self.is_offline:
            return KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, f"{self.name} is offline")
        return KafkaError(
            ErrorCode.OFFSET_OUT_OF_RANGE,
            f"Received request for offset {offset} for partition {self.name}, but we only have log segments in the range "
            f"{self.log.start_offset} to {self.log.end_offset}.",
        )

    def storage_error(self, error: StorageError, offset: int) -> KafkaError:
        """What a client is told about `error`, which came up at `offset`."""
        match error:
            case OutOfRange():
                return self.read_error(offset)
            case Fenced():
                return KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER, str(error))
            case _:
                return KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error))

    def aborted_transactions(self, start_offset: int, end_offset: int) -> list[tuple[int, int]]:
        """(producer id, first offset) of what a read_committed consumer of [start_offset, end_offset) must skip."""
        return self.state.transactions.aborted_transactions(start_offset, end_offset)

    # Leader epochs

    def check_leader_epoch(self, current_leader_epoch: int) -> ErrorCode:
        """NONE, FENCED_LEADER_EPOCH (the client's is old) or UNKNOWN_LEADER_EPOCH (newer than ours); -1 is not checked."""
        if current_leader_epoch == NO_EPOCH or current_leader_epoch == self.leader_epoch:
            return ErrorCode.NONE
        if current_leader_epoch < self.leader_epoch:
            return ErrorCode.FENCED_LEADER_EPOCH
        return ErrorCode.UNKNOWN_LEADER_EPOCH

    def end_offset_for_epoch(self, epoch: int) -> tuple[int, int]:
        """(leader epoch, end offset) for OffsetForLeaderEpoch; (-1, -1) when unknown (`LeaderEpochs.end_offset_for`)."""
        return self.state.epochs.end_offset_for(epoch, self.log.end_offset)

    def diverging_epoch(self, last_fetched_epoch: int, fetch_offset: int) -> tuple[int, int] | None:
        """(epoch, end offset) to truncate to when the fetcher's log differs from this one; None when it does not (KIP-595).

        Raises:
            KafkaError: OFFSET_OUT_OF_RANGE when the epoch is unknown or `fetch_offset` lies below the log start offset.
        """
        if last_fetched_epoch == NO_EPOCH:
            return None
        epoch, end_offset = self.end_offset_for_epoch(last_fetched_epoch)
        if epoch == NO_EPOCH:
            raise KafkaError(
                ErrorCode.OFFSET_OUT_OF_RANGE,
                f"Could not determine the end offset of the last fetched epoch {last_fetched_epoch} from the request",
            )
        if fetch_offset < self.log.start_offset:
            raise self.read_error(fetch_offset)
        if epoch < last_fetched_epoch or end_offset < fetch_offset:
            return epoch, end_offset
        return None

    @property
    def is_below_leader_epoch(self) -> bool:
        """Whether the high watermark is below the beginning of the leader's term."""
        entries = self.state.epochs.entries
        return bool(entries) and entries[-1][0] == self.leader_epoch and entries[-1][1] > self.marks.high_watermark

    def epoch_for_offset(self, offset: int) -> int:
        """Leader epoch of the record at `offset`, -1 when unknown."""
        return self.state.epochs.epoch_for_offset(offset)

    # Offsets for times

    def earliest_offset(self) -> tuple[int, int]:
        """(log start offset, its leader epoch or -1), for ListOffsets EARLIEST."""
        entries = self.state.epochs.entries
        start = self.log.start_offset
        return start, entries[0][0] if entries and entries[0][1] <= start else NO_EPOCH

    def latest_offset(self, *, read_committed: bool) -> tuple[int, int]:
        """(high watermark or last stable offset, leader epoch), for ListOffsets LATEST."""
        return self.end_for(read_committed), self.leader_epoch

    async def offset_for_timestamp(
        self, timestamp_ms: int, *, read_committed: bool = False, end: int | None = None
    ) -> tuple[int, int, int] | None:
        """(offset, timestamp, leader epoch) of the first visible record at or after `timestamp_ms`; None when there is none.

        Visible is what lies below `end`, or without it what consumers of that isolation level see.

        Raises:
            KafkaError: KAFKA_STORAGE_ERROR.
        """
        if self.is_offline:
            raise self.read_error(0)
        if end is None:
            end = self.end_for(read_committed)
        try:
            found = await find_timestamp(self.log, timestamp_ms, self.log.start_offset, self.log.end_offset)
        except StorageError as error:
            raise self.storage_error(error, 0) from error
        return found if found is not None and found[0] < end else None

    async def offset_of_max_timestamp(
        self, *, read_committed: bool = False, end: int | None = None
    ) -> tuple[int, int, int] | None:
        """(offset, timestamp, leader epoch) of the first record with the largest timestamp; None in an empty log.

        Visible as in `offset_for_timestamp`.

        Raises:
            KafkaError: KAFKA_STORAGE_ERROR.
        """
        if self.is_offline:
            raise self.read_error(0)
        if end is None:
            end = self.end_for(read_committed)
        try:
            found = await find_max_timestamp(self.log)
        except StorageError as error:
            raise self.storage_error(error, 0) from error
        return found if found is not None and found[0] < end else None
