"""Incremental fetch sessions (KIP-227, topic ids KIP-516; Kafka's FetchSession.scala).

A client that names all its partitions once gets a session id; from then on it sends only what changed, and the broker answers
only the partitions that have something to say. The session epoch counts requests: anything but the next number is refused.

A request goes through three steps:

    context = cache.begin(...)                    which partitions to read, or a session error (fetch_session_cache.py)
    context.begin_response()                      an error when a newer request of the session overtook this one
    context.include(key, ...) for each result     whether it belongs in the response
    context.finish(now_ms)                        the session id to answer

Keys are (topic id, partition) from Fetch v13 on and (topic name, partition) below; a session never mixes them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from kafka_compat.protocol.error_codes import ErrorCode

FetchKey = tuple[str | bytes, int]

INVALID_SESSION_ID: Final = 0
INITIAL_EPOCH: Final = 0
FINAL_EPOCH: Final = -1

MAX_SESSION_ID: Final = (1 << 31) - 1


class WantedPartition:
    """One partition that a fetch wants, and in a session also what was last answered for it.

    Attributes named as in the request; -1 in `current_leader_epoch` and `last_fetched_epoch` means not given. `topic_name` is
    noted when the topic is found: a session remembers the name, also of a topic that is deleted meanwhile.
    """

    __slots__ = (
        "answered_high_watermark",
        "answered_log_start_offset",
        "current_leader_epoch",
        "fetch_offset",
        "key",
        "last_fetched_epoch",
        "log_start_offset",
        "partition_max_bytes",
        "topic_name",
    )

    def __init__(
        self,
        key: FetchKey,
        fetch_offset: int,
        partition_max_bytes: int,
        current_leader_epoch: int = -1,
        last_fetched_epoch: int = -1,
        log_start_offset: int = -1,
    ) -> None:
        self.key = key
        self.fetch_offset = fetch_offset
        self.partition_max_bytes = partition_max_bytes
        self.current_leader_epoch = current_leader_epoch
        self.last_fetched_epoch = last_fetched_epoch
        self.log_start_offset = log_start_offset
        self.answered_high_watermark = -1
        self.answered_log_start_offset = -1
        self.topic_name: str | None = None

    def take_request(self, other: WantedPartition) -> None:
        """What a later request of the session says of the same partition."""
        self.fetch_offset = other.fetch_offset
        self.partition_max_bytes = other.partition_max_bytes
        self.current_leader_epoch = other.current_leader_epoch
        self.last_fetched_epoch = other.last_fetched_epoch
        self.log_start_offset = other.log_start_offset


class FetchSession:
    """The partitions of one incremental session in the order they are served; those with data go to the back."""

    __slots__ = (
        "created_ms",
        "epoch",
        "evictable_key",
        "is_evictable_by_all",
        "is_privileged",
        "last_used_ms",
        "partitions",
        "session_id",
        "uses_topic_ids",
    )

    def __init__(
        self,
        session_id: int,
        partitions: dict[FetchKey, WantedPartition],
        is_privileged: bool,
        uses_topic_ids: bool,
        now_ms: int,
    ) -> None:
        self.session_id = session_id
        self.partitions = partitions
        self.is_privileged = is_privileged
        self.uses_topic_ids = uses_topic_ids
        self.created_ms = now_ms
        self.last_used_ms = now_ms
        self.epoch = next_epoch(INITIAL_EPOCH)
        self.evictable_key: tuple[bool, int, int] | None = None
        self.is_evictable_by_all = False


def next_epoch(epoch: int) -> int:
    """The session epoch that follows `epoch`; wraps to 1, since 0 asks for a new session."""
    if epoch < 0:
        return FINAL_EPOCH
    return 1 if epoch == MAX_SESSION_ID else epoch + 1


class FetchContext:
    """How one fetch request is answered: this class is the sessionless way (no session asked for, or it was closed)."""

    __slots__ = ("error_code", "partitions")

    # Whether partitions without news are left out.
    is_incremental = False

    def __init__(self, partitions: Sequence[WantedPartition], error_code: ErrorCode = ErrorCode.NONE) -> None:
        self.partitions = partitions
        self.error_code = error_code

    def begin_response(self) -> ErrorCode:
        """NONE, or the error that must be answered instead of any partition, with the id from `error_session_id`."""
        return self.error_code

    @property
    def error_session_id(self) -> int:
        """The session id that goes with an error of `begin_response`, or with an answer that leaves all partitions out."""
        return INVALID_SESSION_ID

    def include(
        self,
        key: FetchKey,
        *,
        has_records: bool,
        high_watermark: int,
        log_start_offset: int,
        error_code: int,
        is_redirected: bool = False,
    ) -> bool:
        """Whether the partition's result belongs in the response; notes what the client will know then.

        Args:
            key: As in the request.
            has_records: The result carries at least one byte of records.
            high_watermark: As answered.
            log_start_offset: As answered.
            error_code: As answered.
            is_redirected: It carries a preferred read replica or a diverging epoch.
        """
        return True

    def finish(self, now_ms: int) -> int:
        """The session id to answer; 0 when there is no session."""
        return INVALID_SESSION_ID


class FullFetchContext(FetchContext):
    """A request that asks for a new session, which is made from what is answered.

    `create` makes it from the partitions and the time, and returns its id, 0 when there is no room.
    """

    __slots__ = ("_create", "_included", "_requested")

    def __init__(
        self, partitions: Sequence[WantedPartition], create: Callable[[dict[FetchKey, WantedPartition], int], int]
    ) -> None:
        super().__init__(partitions)
        self._create = create
        self._requested = {partition.key: partition for partition in partitions}
        self._included: dict[FetchKey, WantedPartition] = {}

    def include(
        self,
        key: FetchKey,
        *,
        has_records: bool,
        high_watermark: int,
        log_start_offset: int,
        error_code: int,
        is_redirected: bool = False,
    ) -> bool:
        """As `FetchContext.include`."""
        partition = self._requested[key]
        partition.answered_high_watermark = high_watermark
        partition.answered_log_start_offset = log_start_offset
        self._included[key] = partition
        return True

    def finish(self, now_ms: int) -> int:
        """As `FetchContext.finish`."""
        return self._create(self._included, now_ms)


class IncrementalFetchContext(FetchContext):
    """A request of a living session: all its partitions are read, the unchanged ones are left out of the response."""

    __slots__ = ("_expected_epoch", "_session")

    is_incremental = True

    def __init__(self, session: FetchSession) -> None:
        super().__init__(list(session.partitions.values()))
        self._session = session
        self._expected_epoch = session.epoch

    def begin_response(self) -> ErrorCode:
        """An error when a newer request of the session came meanwhile."""
        if self._session.epoch != self._expected_epoch:
            return ErrorCode.INVALID_FETCH_SESSION_EPOCH
        return ErrorCode.NONE

    @property
    def error_session_id(self) -> int:
        """The session's id."""
        return self._session.session_id

    def include(
        self,
        key: FetchKey,
        *,
        has_records: bool,
        high_watermark: int,
        log_start_offset: int,
        error_code: int,
        is_redirected: bool = False,
    ) -> bool:
        """As `FetchContext.include`."""
        cached = self._session.partitions[key]
        must_respond = has_records or is_redirected
        if cached.answered_high_watermark != high_watermark:
            cached.answered_high_watermark = high_watermark
            must_respond = True
        if cached.answered_log_start_offset != log_start_offset:
            cached.answered_log_start_offset = log_start_offset
            must_respond = True
        if error_code != 0:
            # An impossible value, so that the partition is answered once more when the error has gone.
            cached.answered_high_watermark = -1
            must_respond = True
        if has_records:
            # To the back: with a full response the partitions behind it come first next time.
            del self._session.partitions[key]
            self._session.partitions[key] = cached
        return must_respond

    def finish(self, now_ms: int) -> int:
        """As `FetchContext.finish`."""
        return self._session.session_id
