"""Incremental fetch sessions (KIP-227, topic ids KIP-516; Kafka's FetchSession.scala).

A client that names all its partitions once gets a session id; from then on it sends only what changed, and the broker answers
only the partitions that have something to say. The session epoch counts requests: anything but the next number is refused.

A request goes through three steps:

    context = sessions.begin(...)                 which partitions to read, or a session error
    context.begin_response()                      an error when a newer request of the session overtook this one
    context.include(key, ...) for each result     whether it belongs in the response
    context.finish(now_ms)                        the session id to answer

Keys are (topic id, partition) from Fetch v13 on and (topic name, partition) below; a session never mixes them.
Not modelled: Kafka cuts the cache into eight shards against lock contention, each with its share of the slots.
"""

from __future__ import annotations

import random
from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Final

from kafka_compat.protocol.error_codes import ErrorCode

FetchKey = tuple[str | bytes, int]

INVALID_SESSION_ID: Final = 0
INITIAL_EPOCH: Final = 0
FINAL_EPOCH: Final = -1
FIRST_VERSION_WITH_TOPIC_IDS: Final = 13

_MAX_INT: Final = (1 << 31) - 1


class FetchPartition:
    """One partition of a fetch request, and in a session also what was last answered for it.

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

    def _take_request(self, other: FetchPartition) -> None:
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
        partitions: dict[FetchKey, FetchPartition],
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
    return 1 if epoch == _MAX_INT else epoch + 1


class FetchContext:
    """How one fetch request is answered: this class is the sessionless way (no session asked for, or it was closed)."""

    __slots__ = ("error_code", "partitions")

    def __init__(self, partitions: Sequence[FetchPartition], error_code: ErrorCode = ErrorCode.NONE) -> None:
        self.partitions = partitions
        self.error_code = error_code

    def begin_response(self) -> ErrorCode:
        """NONE, or the error that must be answered instead of any partition, with the id from `error_session_id`."""
        return self.error_code

    @property
    def error_session_id(self) -> int:
        """The session id that goes with an error of `begin_response`."""
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


class _FullFetchContext(FetchContext):
    """A request that asks for a new session, which is made from what is answered."""

    __slots__ = ("_cache", "_included", "_is_privileged", "_requested", "_uses_topic_ids")

    def __init__(
        self, cache: FetchSessionCache, partitions: Sequence[FetchPartition], uses_topic_ids: bool, is_privileged: bool
    ) -> None:
        super().__init__(partitions)
        self._cache = cache
        self._requested = {partition.key: partition for partition in partitions}
        self._included: dict[FetchKey, FetchPartition] = {}
        self._uses_topic_ids = uses_topic_ids
        self._is_privileged = is_privileged

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
        partition = self._requested[key]
        partition.answered_high_watermark = high_watermark
        partition.answered_log_start_offset = log_start_offset
        self._included[key] = partition
        return True

    def finish(self, now_ms: int) -> int:
        return self._cache._maybe_create(self._included, self._is_privileged, self._uses_topic_ids, now_ms)


class _IncrementalFetchContext(FetchContext):
    """A request of a living session: all its partitions are read, the unchanged ones are left out of the response."""

    __slots__ = ("_expected_epoch", "_session")

    def __init__(self, session: FetchSession) -> None:
        super().__init__(list(session.partitions.values()))
        self._session = session
        self._expected_epoch = session.epoch

    def begin_response(self) -> ErrorCode:
        if self._session.epoch != self._expected_epoch:
            return ErrorCode.INVALID_FETCH_SESSION_EPOCH
        return ErrorCode.NONE

    @property
    def error_session_id(self) -> int:
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
        return self._session.session_id


class FetchSessionCache:
    """The sessions of one broker, at most `max_entries` (max.incremental.fetch.session.cache.slots).

    A new session A may push out B when B is unused for `eviction_ms` (min.incremental.fetch.session.eviction.ms), or A is
    privileged (a follower's) and B is not, or A has at least B's partitions and B is older than `eviction_ms`.

    Unlike Kafka's, the sessions together have at most `max_partitions`: each costs some 240 bytes for as long as the session is
    there, also one of a topic that does not exist. Where there is no room a client gets no session, which it must expect
    anyway; one that asks for more within a session loses it.
    """

    __slots__ = (
        "_by_last_use",
        "_by_value_all",
        "_by_value_privileged",
        "_eviction_ms",
        "_max_entries",
        "_max_partitions",
        "_random",
        "_total_partitions",
    )

    def __init__(
        self, max_entries: int = 1000, eviction_ms: int = 120_000, seed: int | None = None, max_partitions: int = 250_000
    ) -> None:
        self._max_entries = max_entries
        self._max_partitions = max_partitions
        self._total_partitions = 0
        self._eviction_ms = eviction_ms
        self._random = random.Random(seed)  # noqa: S311 - ids only have to differ from each other
        self._by_last_use: OrderedDict[int, FetchSession] = OrderedDict()
        # (privileged, partitions, id), ascending: who may be evicted by any new session, and by a privileged one.
        self._by_value_all: list[tuple[bool, int, int]] = []
        self._by_value_privileged: list[tuple[bool, int, int]] = []

    def __len__(self) -> int:
        return len(self._by_last_use)

    @property
    def total_partitions(self) -> int:
        """Partitions cached over all sessions."""
        return self._total_partitions

    def begin(
        self,
        *,
        version: int,
        session_id: int,
        session_epoch: int,
        partitions: Sequence[FetchPartition],
        forgotten: Iterable[FetchKey],
        is_follower: bool,
        now_ms: int,
    ) -> FetchContext:
        """The context of one fetch request; check its `begin_response()` before reading anything.

        Session errors: FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR (the request's
        version uses topic ids and the session does not, or the reverse).
        """
        uses_topic_ids = version >= FIRST_VERSION_WITH_TOPIC_IDS
        if session_epoch in (INITIAL_EPOCH, FINAL_EPOCH):
            # A full request closes the session it names.
            if session_id != INVALID_SESSION_ID:
                self._remove_id(session_id)
            if session_epoch == FINAL_EPOCH:
                return FetchContext(partitions)
            return _FullFetchContext(self, partitions, uses_topic_ids, is_follower)
        session = self._by_last_use.get(session_id)
        if session is None:
            return FetchContext((), ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
        if session.epoch != session_epoch:
            return FetchContext((), ErrorCode.INVALID_FETCH_SESSION_EPOCH)
        if session.uses_topic_ids != uses_topic_ids:
            return FetchContext((), ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR)
        before = len(session.partitions)
        for partition in partitions:
            cached = session.partitions.get(partition.key)
            if cached is None:
                session.partitions[partition.key] = partition
            else:
                cached._take_request(partition)
        for key in forgotten:
            session.partitions.pop(key, None)
        self._total_partitions += len(session.partitions) - before
        if not session.partitions:
            self._remove(session)
            return FetchContext(partitions)
        self._touch(session, now_ms)
        if not self._make_room(0, now_ms):
            self._remove(session)
            return FetchContext((), ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
        session.epoch = next_epoch(session.epoch)
        return _IncrementalFetchContext(session)

    def _maybe_create(
        self, partitions: dict[FetchKey, FetchPartition], is_privileged: bool, uses_topic_ids: bool, now_ms: int
    ) -> int:
        if not self._make_room(len(partitions), now_ms):
            return INVALID_SESSION_ID
        if len(self._by_last_use) >= self._max_entries and not self._try_evict((is_privileged, len(partitions), 0), now_ms):
            return INVALID_SESSION_ID
        session_id = self._random.randrange(1, _MAX_INT)
        while session_id in self._by_last_use:
            session_id = self._random.randrange(1, _MAX_INT)
        session = FetchSession(session_id, partitions, is_privileged, uses_topic_ids, now_ms)
        self._by_last_use[session_id] = session
        self._total_partitions += len(partitions)
        self._touch(session, now_ms)
        return session_id

    def _make_room(self, partitions: int, now_ms: int) -> bool:
        """Drop unused sessions until so many more partitions fit; False when that is not enough."""
        if partitions > self._max_partitions:
            return False
        while self._total_partitions + partitions > self._max_partitions:
            oldest = next(iter(self._by_last_use.values()))
            if now_ms - oldest.last_used_ms <= self._eviction_ms:
                return False
            self._remove(oldest)
        return True

    def _try_evict(self, newcomer: tuple[bool, int, int], now_ms: int) -> bool:
        if not self._by_last_use:
            return False
        oldest = next(iter(self._by_last_use.values()))
        if now_ms - oldest.last_used_ms > self._eviction_ms:
            self._remove(oldest)
            return True
        candidates = self._by_value_privileged if newcomer[0] else self._by_value_all
        if not candidates or newcomer < candidates[0]:
            return False
        self._remove_id(candidates[0][2])
        return True

    def _touch(self, session: FetchSession, now_ms: int) -> None:
        session.last_used_ms = now_ms
        self._by_last_use.move_to_end(session.session_id)
        is_old = now_ms - session.created_ms > self._eviction_ms
        key = (session.is_privileged, len(session.partitions), session.session_id)
        if not is_old and session.is_privileged:
            wanted = None
        else:
            wanted = key
        if wanted == session.evictable_key and is_old == session.is_evictable_by_all:
            return
        self._drop_value(session)
        if wanted is not None:
            insort(self._by_value_privileged, key)
            session.evictable_key = key
            if is_old:
                insort(self._by_value_all, key)
                session.is_evictable_by_all = True

    def _remove_id(self, session_id: int) -> None:
        session = self._by_last_use.get(session_id)
        if session is not None:
            self._remove(session)

    def _remove(self, session: FetchSession) -> None:
        self._drop_value(session)
        self._total_partitions -= len(session.partitions)
        del self._by_last_use[session.session_id]

    def _drop_value(self, session: FetchSession) -> None:
        key = session.evictable_key
        if key is not None:
            del self._by_value_privileged[bisect_left(self._by_value_privileged, key)]
            if session.is_evictable_by_all:
                del self._by_value_all[bisect_left(self._by_value_all, key)]
        session.evictable_key = None
        session.is_evictable_by_all = False
