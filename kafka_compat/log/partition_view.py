"""What clients read of a partition: its offsets, batches, leader epochs, offsets for times and producers.

log start offset <= last stable offset <= high watermark <= log end offset
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Final

from kafka_compat.config.topic import TopicConfig
from kafka_compat.log.lookup import find_max_timestamp, find_timestamp
from kafka_compat.log.producer_state import ActiveProducer
from kafka_compat.log.recovery import LogState
from kafka_compat.log.results import EMPTY_CHUNK
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.storage.interface import Chunk, Fenced, LogId, OpenLog, OutOfRange, SegmentInfo, StorageError

NO_EPOCH: Final = -1


class PartitionView:
    """The reading half of a partition; `PartitionLog` adds what changes it."""

    __slots__ = (
        "_appended_bytes",
        "_config",
        "_failures",
        "_high_watermark",
        "_is_offline",
        "_last_stable_offset",
        "_leader_epoch",
        "_log",
        "_log_id",
        "_name",
        "_state",
        "committed_key",
        "stable_key",
    )

    _appended_bytes: int
    _config: TopicConfig
    _failures: int
    _high_watermark: int
    _is_offline: bool
    _last_stable_offset: int
    _leader_epoch: int
    _log: OpenLog
    _state: LogState

    def __init__(self, log_id: LogId) -> None:
        self._log_id = log_id
        self._name = f"{log_id.topic}-{log_id.partition}"
        self.committed_key: Final[Hashable] = (log_id.topic, log_id.partition, "hw")
        self.stable_key: Final[Hashable] = (log_id.topic, log_id.partition, "lso")

    @property
    def log_id(self) -> LogId:
        """Topic, partition and topic id."""
        return self._log_id

    @property
    def name(self) -> str:
        """Topic and partition for people."""
        return self._name

    @property
    def topic_partition(self) -> tuple[str, int]:
        """Topic name and partition number."""
        return self._log_id.topic, self._log_id.partition

    @property
    def config(self) -> TopicConfig:
        """The topic's configuration in force."""
        return self._config

    @property
    def storage(self) -> OpenLog:
        """The storage handle, for the manager, retention and compaction."""
        return self._log

    @property
    def state(self) -> LogState:
        """Producers, leader epochs and aborted transactions."""
        return self._state

    @property
    def log_start_offset(self) -> int:
        """First offset that can be read."""
        return self._log.start_offset

    @property
    def log_end_offset(self) -> int:
        """Offset of the next record."""
        return self._log.end_offset

    @property
    def high_watermark(self) -> int:
        """End of what is durable, and what read_uncommitted consumers see."""
        return self._high_watermark

    @property
    def last_stable_offset(self) -> int:
        """End of what read_committed consumers see: nothing below belongs to an undecided transaction."""
        return self._last_stable_offset

    @property
    def leader_epoch(self) -> int:
        """Epoch this broker leads the partition with."""
        return self._leader_epoch

    @property
    def size_in_bytes(self) -> int:
        """Of all segments."""
        return self._log.size_in_bytes

    @property
    def is_offline(self) -> bool:
        """The medium failed and the log is not reopened yet; appends and reads answer KAFKA_STORAGE_ERROR."""
        return self._is_offline

    @property
    def failures(self) -> int:
        """How often the log went offline so far: what was read of it before may not be in it any more."""
        return self._failures

    @property
    def appended_bytes(self) -> int:
        """Bytes appended since the log was opened; counts on over reopening."""
        return self._appended_bytes

    def wait_key(self, *, read_committed: bool) -> Hashable:
        """The purgatory key under which progress for that isolation level is announced."""
        return self.stable_key if read_committed else self.committed_key

    def segments(self) -> Sequence[SegmentInfo]:
        """All segments in offset order."""
        return self._log.segments()

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
            max_offset = self._last_stable_offset if isolation_read_committed else self._high_watermark
        if self._is_offline or not self._log.start_offset <= offset <= self._log.end_offset:
            raise self._read_error(offset)
        if offset >= max_offset:
            return EMPTY_CHUNK
        if max_bytes < 0:
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, f"Invalid max length {max_bytes} for log read")
        try:
            return self._log.read_now(offset, max_offset, max_bytes, min_one, to_socket=to_socket)
        except StorageError as error:
            raise self._storage_error(error, offset) from error

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
            max_offset = self._last_stable_offset if isolation_read_committed else self._high_watermark
        if self._is_offline or not self._log.start_offset <= offset <= self._log.end_offset:
            raise self._read_error(offset)
        if offset >= max_offset:
            return EMPTY_CHUNK
        if max_bytes < 0:
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR, f"Invalid max length {max_bytes} for log read")
        try:
            return await self._log.read(offset, max_offset, max_bytes, min_one, to_socket=to_socket)
        except StorageError as error:
            raise self._storage_error(error, offset) from error

    def _read_error(self, offset: int) -> KafkaError:
        if self._is_offline:
            return KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, f"{self._name} is offline")
        return KafkaError(
            ErrorCode.OFFSET_OUT_OF_RANGE,
            f"Received request for offset {offset} for partition {self._name}, but we only have log segments in the range "
            f"{self._log.start_offset} to {self._log.end_offset}.",
        )

    def _storage_error(self, error: StorageError, offset: int) -> KafkaError:
        match error:
            case OutOfRange():
                return self._read_error(offset)
            case Fenced():
                return KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER, str(error))
            case _:
                return KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error))

    def aborted_transactions(self, start_offset: int, end_offset: int) -> list[tuple[int, int]]:
        """(producer id, first offset) of what a read_committed consumer of [start_offset, end_offset) must skip."""
        return self._state.transactions.aborted_transactions(start_offset, end_offset)

    # Leader epochs

    def check_leader_epoch(self, current_leader_epoch: int) -> ErrorCode:
        """NONE, FENCED_LEADER_EPOCH (the client's is old) or UNKNOWN_LEADER_EPOCH (newer than ours); -1 is not checked."""
        if current_leader_epoch == NO_EPOCH or current_leader_epoch == self._leader_epoch:
            return ErrorCode.NONE
        if current_leader_epoch < self._leader_epoch:
            return ErrorCode.FENCED_LEADER_EPOCH
        return ErrorCode.UNKNOWN_LEADER_EPOCH

    def end_offset_for_epoch(self, epoch: int) -> tuple[int, int]:
        """(leader epoch, end offset) for OffsetForLeaderEpoch; (-1, -1) when unknown (`LeaderEpochs.end_offset_for`)."""
        return self._state.epochs.end_offset_for(epoch, self._log.end_offset)

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
        if fetch_offset < self._log.start_offset:
            raise self._read_error(fetch_offset)
        if epoch < last_fetched_epoch or end_offset < fetch_offset:
            return epoch, end_offset
        return None

    def epoch_for_offset(self, offset: int) -> int:
        """Leader epoch of the record at `offset`, -1 when unknown."""
        return self._state.epochs.epoch_for_offset(offset)

    # Offsets for times

    def earliest_offset(self) -> tuple[int, int]:
        """(log start offset, its leader epoch or -1), for ListOffsets EARLIEST."""
        entries = self._state.epochs.entries
        start = self._log.start_offset
        return start, entries[0][0] if entries and entries[0][1] <= start else NO_EPOCH

    def latest_offset(self, *, read_committed: bool) -> tuple[int, int]:
        """(high watermark or last stable offset, leader epoch), for ListOffsets LATEST."""
        return self._last_stable_offset if read_committed else self._high_watermark, self._leader_epoch

    async def offset_for_timestamp(self, timestamp_ms: int, *, read_committed: bool = False) -> tuple[int, int, int] | None:
        """(offset, timestamp, leader epoch) of the first visible record at or after `timestamp_ms`; None when there is none.

        Raises:
            KafkaError: KAFKA_STORAGE_ERROR.
        """
        if self._is_offline:
            raise self._read_error(0)
        end = self._last_stable_offset if read_committed else self._high_watermark
        try:
            found = await find_timestamp(self._log, timestamp_ms, self._log.start_offset, self._log.end_offset)
        except StorageError as error:
            raise self._storage_error(error, 0) from error
        return found if found is not None and found[0] < end else None

    async def offset_of_max_timestamp(self, *, read_committed: bool = False) -> tuple[int, int, int] | None:
        """(offset, timestamp, leader epoch) of the first record with the largest timestamp; None in an empty log.

        Raises:
            KafkaError: KAFKA_STORAGE_ERROR.
        """
        if self._is_offline:
            raise self._read_error(0)
        end = self._last_stable_offset if read_committed else self._high_watermark
        try:
            found = await find_max_timestamp(self._log)
        except StorageError as error:
            raise self._storage_error(error, 0) from error
        return found if found is not None and found[0] < end else None

    # Producers

    def active_producers(self, now_ms: int) -> Iterator[ActiveProducer]:
        """DescribeProducers' rows: every producer not expired, also after its transaction has ended."""
        return self._state.producers.active_producers()

    def has_ongoing_transaction(self, producer_id: int, producer_epoch: int) -> bool:
        """Whether the producer has an open transaction with records here (KIP-890 verification)."""
        return self._state.producers.has_ongoing_transaction(producer_id, producer_epoch)
