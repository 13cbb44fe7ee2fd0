from collections.abc import Iterable

from kafka_compat.log.fetch_session import FINAL_EPOCH, FetchContext, FetchKey, WantedPartition, next_epoch
from kafka_compat.log.fetch_session_cache import FetchSessionCache
from kafka_compat.protocol.error_codes import ErrorCode

EVICTION_MS = 120_000


def partition(name: str, offset: int = 0) -> WantedPartition:
    return WantedPartition((name, 0), offset, 1 << 20)


def begin(
    cache: FetchSessionCache,
    session_id: int,
    epoch: int,
    partitions: Iterable[WantedPartition] = (),
    *,
    forgotten: Iterable[FetchKey] = (),
    uses_topic_ids: bool = False,
    is_follower: bool = False,
    now_ms: int = 0,
) -> FetchContext:
    return cache.begin(
        uses_topic_ids=uses_topic_ids,
        session_id=session_id,
        session_epoch=epoch,
        partitions=list(partitions),
        forgotten=forgotten,
        is_follower=is_follower,
        now_ms=now_ms,
    )


def answer(context: FetchContext, *, with_records: Iterable[str] = (), high_watermark: int = 10, error: int = 0) -> list[str]:
    """Include every partition; returns the names that belong in the response."""
    assert context.begin_response() == ErrorCode.NONE
    named = set(with_records)
    return [
        str(requested.key[0])
        for requested in context.partitions
        if context.include(
            requested.key,
            has_records=requested.key[0] in named,
            high_watermark=high_watermark,
            log_start_offset=0,
            error_code=error,
        )
    ]


def new_session(
    cache: FetchSessionCache, *names: str, now_ms: int = 0, is_follower: bool = False, uses_topic_ids: bool = False
) -> int:
    context = begin(
        cache, 0, 0, [partition(name) for name in names], now_ms=now_ms, is_follower=is_follower, uses_topic_ids=uses_topic_ids
    )
    assert answer(context) == list(names)
    return context.finish(now_ms)


def test_a_new_session_gets_an_id_and_all_its_partitions() -> None:
    cache = FetchSessionCache()
    assert new_session(cache, "a", "b") > 0
    assert (len(cache), cache.total_partitions) == (1, 2)


def test_an_unchanged_partition_is_left_out() -> None:
    cache = FetchSessionCache()
    session_id = new_session(cache, "a", "b")
    context = begin(cache, session_id, 1)
    assert [requested.key[0] for requested in context.partitions] == ["a", "b"]
    assert answer(context) == []
    assert context.finish(0) == session_id


def test_a_moved_high_watermark_is_answered_once() -> None:
    cache = FetchSessionCache()
    session_id = new_session(cache, "a")
    assert answer(begin(cache, session_id, 1), high_watermark=11) == ["a"]
    assert answer(begin(cache, session_id, 2), high_watermark=11) == []


def test_an_error_is_answered_each_time_and_once_more_when_it_has_gone() -> None:
    cache = FetchSessionCache()
    session_id = new_session(cache, "a")
    assert answer(begin(cache, session_id, 1), error=3) == ["a"]
    assert answer(begin(cache, session_id, 2), error=3) == ["a"]
    assert answer(begin(cache, session_id, 3)) == ["a"]
    assert answer(begin(cache, session_id, 4)) == []


def test_partitions_with_data_go_to_the_back() -> None:
    cache = FetchSessionCache()
    session_id = new_session(cache, "a", "b", "c")
    assert answer(begin(cache, session_id, 1), with_records=["a"]) == ["a"]
    assert [requested.key[0] for requested in begin(cache, session_id, 2).partitions] == ["b", "c", "a"]


def test_a_request_adds_updates_and_forgets_partitions() -> None:
    cache = FetchSessionCache()
    session_id = new_session(cache, "a", "b")
    context = begin(cache, session_id, 1, [partition("b", 7), partition("c")], forgotten=[("a", 0)])
    assert [(requested.key[0], requested.fetch_offset) for requested in context.partitions] == [("b", 7), ("c", 0)]


def test_a_session_without_partitions_is_closed() -> None:
    cache = FetchSessionCache()
    session_id = new_session(cache, "a")
    context = begin(cache, session_id, 1, forgotten=[("a", 0)])
    assert context.begin_response() == ErrorCode.NONE
    assert context.finish(0) == 0
    assert len(cache) == 0


def test_an_unknown_session_is_refused() -> None:
    context = begin(FetchSessionCache(), 5, 1)
    assert context.begin_response() == ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    assert context.error_session_id == 0


def test_only_the_next_epoch_is_accepted() -> None:
    cache = FetchSessionCache()
    session_id = new_session(cache, "a")
    assert begin(cache, session_id, 2).begin_response() == ErrorCode.INVALID_FETCH_SESSION_EPOCH
    assert begin(cache, session_id, 1).begin_response() == ErrorCode.NONE
    assert begin(cache, session_id, 1).begin_response() == ErrorCode.INVALID_FETCH_SESSION_EPOCH


def test_a_request_overtaken_while_it_waited_is_refused_with_the_session_id() -> None:
    cache = FetchSessionCache()
    session_id = new_session(cache, "a")
    waiting = begin(cache, session_id, 1)
    begin(cache, session_id, 2)
    assert waiting.begin_response() == ErrorCode.INVALID_FETCH_SESSION_EPOCH
    assert waiting.error_session_id == session_id


def test_a_session_never_mixes_names_and_topic_ids() -> None:
    cache = FetchSessionCache()
    by_name = new_session(cache, "a", uses_topic_ids=False)
    by_id = new_session(cache, "a", uses_topic_ids=True)
    assert begin(cache, by_name, 1, uses_topic_ids=True).begin_response() == ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR
    assert begin(cache, by_id, 1, uses_topic_ids=False).begin_response() == ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR


def test_a_full_request_closes_the_session_it_names() -> None:
    cache = FetchSessionCache()
    session_id = new_session(cache, "a")
    context = begin(cache, session_id, FINAL_EPOCH, [partition("a")])
    assert answer(context) == ["a"]
    assert context.finish(0) == 0
    assert len(cache) == 0


def test_the_epoch_wraps_to_one() -> None:
    assert next_epoch((1 << 31) - 1) == 1
    assert next_epoch(FINAL_EPOCH) == FINAL_EPOCH


def test_a_full_cache_gives_no_session_until_one_is_stale() -> None:
    cache = FetchSessionCache(max_entries=1, eviction_ms=EVICTION_MS)
    first = new_session(cache, "a")
    assert new_session(cache, "b", now_ms=EVICTION_MS) == 0
    assert new_session(cache, "b", now_ms=EVICTION_MS + 1) > 0
    assert begin(cache, first, 1).begin_response() == ErrorCode.FETCH_SESSION_ID_NOT_FOUND


def test_a_follower_pushes_out_a_consumer_but_not_the_reverse() -> None:
    cache = FetchSessionCache(max_entries=1, eviction_ms=EVICTION_MS)
    assert new_session(cache, "a") > 0
    assert new_session(cache, "b", is_follower=True) > 0
    assert new_session(cache, "c", "d", "e") == 0


def test_a_larger_session_pushes_out_a_smaller_one_that_is_not_young() -> None:
    cache = FetchSessionCache(max_entries=1, eviction_ms=EVICTION_MS)
    small = new_session(cache, "a")
    assert new_session(cache, "b", "c") == 0
    begin(cache, small, 1, now_ms=EVICTION_MS + 1)
    assert new_session(cache, "b", "c", now_ms=EVICTION_MS + 1) > 0


def test_sessions_together_have_a_bound() -> None:
    cache = FetchSessionCache(eviction_ms=EVICTION_MS, max_partitions=5)
    first = new_session(cache, "a", "b", "c")
    second = new_session(cache, "d")
    assert new_session(cache, "e", "f") == 0
    assert cache.total_partitions == 4
    assert new_session(cache, *"ghijkl", now_ms=10 * EVICTION_MS) == 0
    assert len(cache) == 2
    begin(cache, second, 1, now_ms=EVICTION_MS + 1)
    assert new_session(cache, "e", "f", now_ms=EVICTION_MS + 1) > 0
    assert cache.total_partitions == 3
    assert begin(cache, first, 1).begin_response() == ErrorCode.FETCH_SESSION_ID_NOT_FOUND


def test_a_session_that_outgrows_the_bound_is_closed() -> None:
    cache = FetchSessionCache(eviction_ms=EVICTION_MS, max_partitions=5)
    other = new_session(cache, "x", "y")
    session = new_session(cache, "a")
    added = [partition(name) for name in "bcd"]
    assert begin(cache, session, 1, added).begin_response() == ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    assert cache.total_partitions == 2
    session = new_session(cache, "a")
    added = [partition(name) for name in "bcd"]
    assert answer(begin(cache, session, 1, added, now_ms=EVICTION_MS + 1)) == list("bcd")
    assert begin(cache, other, 1).begin_response() == ErrorCode.FETCH_SESSION_ID_NOT_FOUND
    answer(begin(cache, session, 2, forgotten=[("a", 0), ("b", 0)], now_ms=EVICTION_MS + 1))
    assert cache.total_partitions == 2
    begin(cache, session, 3, forgotten=[("c", 0), ("d", 0)])
    assert (len(cache), cache.total_partitions) == (0, 0)
