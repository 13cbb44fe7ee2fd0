"""Which incremental fetch sessions a broker keeps (Kafka's FetchSessionCache); what one is, is in `fetch_session.py`."""

from __future__ import annotations

import random
from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterable, Sequence

from kafka_compat.log.fetch_session import (
    FINAL_EPOCH,
    INITIAL_EPOCH,
    INVALID_SESSION_ID,
    MAX_SESSION_ID,
    FetchContext,
    FetchKey,
    FetchSession,
    FullFetchContext,
    IncrementalFetchContext,
    WantedPartition,
    next_epoch,
)
from kafka_compat.protocol.error_codes import ErrorCode


class FetchSessionCache:
    """The sessions of one broker, at most `max_entries` (max.incremental.fetch.session.cache.slots).

    A new session A may push out B when B is unused for `eviction_ms` (min.incremental.fetch.session.eviction.ms), or A is
    privileged (a follower's) and B is not, or A has at least B's partitions and B is older than `eviction_ms`.

    Unlike Kafka's it is not cut into shards (against lock contention, each with its share of the slots), and the sessions
    together have at most `max_partitions`: each costs some 240 bytes for as long as the session is there, also one of a topic
    that does not exist. Where there is no room a client gets no session, which it must expect anyway; one that asks for more
    within a session loses it.
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

    def get(self, session_id: int) -> FetchSession | None:
        """A session that is there."""
        return self._by_last_use.get(session_id)

    def begin(
        self,
        *,
        uses_topic_ids: bool,
        session_id: int,
        session_epoch: int,
        partitions: Sequence[WantedPartition],
        forgotten: Iterable[FetchKey],
        is_follower: bool,
        now_ms: int,
    ) -> FetchContext:
        """The context of one fetch request; check its `begin_response()` before reading anything.

        Session errors: FETCH_SESSION_ID_NOT_FOUND, INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_TOPIC_ID_ERROR (the request
        uses topic ids and the session does not, or the reverse).
        """
        if session_epoch in (INITIAL_EPOCH, FINAL_EPOCH):
            # A full request closes the session it names.
            if session_id != INVALID_SESSION_ID:
                self._remove_id(session_id)
            if session_epoch == FINAL_EPOCH:
                return FetchContext(partitions)
            return FullFetchContext(
                partitions, lambda included, at_ms: self._maybe_create(included, is_follower, uses_topic_ids, at_ms)
            )
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
                cached.take_request(partition)
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
        return IncrementalFetchContext(session)

    def _maybe_create(
        self, partitions: dict[FetchKey, WantedPartition], is_privileged: bool, uses_topic_ids: bool, now_ms: int
    ) -> int:
        if not self._make_room(len(partitions), now_ms):
            return INVALID_SESSION_ID
        if len(self._by_last_use) >= self._max_entries and not self._try_evict((is_privileged, len(partitions), 0), now_ms):
            return INVALID_SESSION_ID
        session_id = self._random.randrange(1, MAX_SESSION_ID)
        while session_id in self._by_last_use:
            session_id = self._random.randrange(1, MAX_SESSION_ID)
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
