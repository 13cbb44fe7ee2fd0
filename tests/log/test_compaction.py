"""What compaction keeps of single batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from kafka_compat.log.compaction import BatchFilter, CleanedTransactions, index_batch
from kafka_compat.log.producer_state import LastRecord
from kafka_compat.log.transaction_index import AbortedTransaction
from kafka_compat.records.batch import BatchHeader, is_crc_valid, parse_header
from kafka_compat.records.builder import PlainRecord, build_batch
from kafka_compat.records.compact import OffsetMap
from kafka_compat.records.compression import Codec
from kafka_compat.records.control import build_end_transaction_marker
from kafka_compat.records.reader import iter_records
from kafka_compat.records.record import Record

NOW_MS = 1_000_000
RETENTION_MS = 1_000
PRODUCER = 7


def plain(key: str | None, value: str | None, timestamp_ms: int = 5) -> PlainRecord:
    return timestamp_ms, None if key is None else key.encode(), None if value is None else value.encode(), ()


def batch(
    records: Sequence[PlainRecord], base_offset: int, *, producer: int = -1, transactional: bool = False, codec: int = 0
) -> bytes:
    epoch, sequence = (0, base_offset) if producer >= 0 else (-1, -1)
    return bytes(
        build_batch(
            records,
            base_offset=base_offset,
            codec=codec,
            producer_id=producer,
            producer_epoch=epoch,
            base_sequence=sequence,
            transactional=transactional,
        )
    )


def marker(offset: int, *, is_commit: bool, producer: int = PRODUCER) -> bytes:
    return bytes(
        build_end_transaction_marker(
            is_commit=is_commit, coordinator_epoch=0, producer_id=producer, producer_epoch=0, timestamp_ms=5, base_offset=offset
        )
    )


def clean(
    batches: Sequence[bytes],
    *,
    now_ms: int = NOW_MS,
    aborted: Sequence[AbortedTransaction] = (),
    last_records: Mapping[int, LastRecord] | None = None,
    upper_bound: int = -1,
    offsets: OffsetMap | None = None,
) -> list[bytes]:
    """One round over all batches."""
    offsets = offsets or OffsetMap(1 << 20)
    transactions = CleanedTransactions(aborted)
    for one in batches:
        assert index_batch(parse_header(one), one, 0, offsets, transactions, 0)
    rules = BatchFilter(offsets, CleanedTransactions(aborted), last_records or {}, now_ms, RETENTION_MS, upper_bound)
    kept = [rules.retained(parse_header(one), one, 0) for one in batches]
    assert all(is_crc_valid(one, 0, len(one)) for one in kept if one is not None)
    return [bytes(one) for one in kept if one is not None]


def records_of(batches: Sequence[bytes]) -> list[Record]:
    return [record for one in batches for record in iter_records(one)]


def headers_of(batches: Sequence[bytes]) -> list[BatchHeader]:
    return [parse_header(one) for one in batches]


@pytest.mark.parametrize("codec", list(Codec))
def test_the_last_record_of_each_key_stays_with_its_offset_and_time(codec: Codec) -> None:
    batches = [
        batch([plain("a", "1", 10), plain("b", "1", 20), plain("c", "1", 15)], 0, codec=codec),
        batch([plain("a", "2", 12)], 3, codec=codec),
    ]
    kept = clean(batches)
    assert records_of(kept) == [
        Record(1, 20, b"b", b"1", ()),
        Record(2, 15, b"c", b"1", ()),
        Record(3, 12, b"a", b"2", ()),
    ]
    assert [(h.base_offset, h.last_offset, h.compression) for h in headers_of(kept)] == [(0, 2, codec), (3, 3, codec)]
    assert headers_of(kept)[0].max_timestamp_ms == 20
    assert kept[1] == batches[1]


def test_headers_and_log_append_time_survive() -> None:
    first = bytes(build_batch([(5, b"a", b"1", ()), (6, b"b", b"2", (("h", b"x"), ("h", None)))], log_append_time_ms=99))
    kept = clean([first, batch([plain("a", "3")], 2)])
    assert records_of(kept)[0] == Record(1, 99, b"b", b"2", (("h", b"x"), ("h", None)))
    assert headers_of(kept)[0].is_log_append_time


def test_records_without_key_go() -> None:
    assert records_of(clean([batch([plain(None, "1"), plain("a", "1")], 0)])) == [Record(1, 5, b"a", b"1", ())]


def test_a_tombstone_goes_once_its_horizon_has_passed() -> None:
    batches = [batch([plain("a", "1"), plain("b", "1", 9)], 0), batch([plain("a", None, 7)], 2)]
    once = clean(batches)
    assert records_of(once) == [Record(1, 9, b"b", b"1", ()), Record(2, 7, b"a", None, ())]
    horizon = headers_of(once)[1]
    assert horizon.has_delete_horizon
    assert horizon.base_timestamp_ms == NOW_MS + RETENTION_MS
    assert not headers_of(once)[0].has_delete_horizon
    assert clean(once, now_ms=NOW_MS + RETENTION_MS - 1) == once
    again = clean(once, now_ms=NOW_MS + RETENTION_MS)
    assert records_of(again) == [Record(1, 9, b"b", b"1", ())]


def test_a_horizon_stays_when_its_batch_loses_a_record() -> None:
    once = clean([batch([plain("a", None, 7), plain("b", "1", 9)], 0)])
    later = clean([*once, batch([plain("b", "2")], 2)], now_ms=NOW_MS + 1)
    assert records_of(later) == [Record(0, 7, b"a", None, ()), Record(2, 5, b"b", b"2", ())]
    assert headers_of(later)[0].base_timestamp_ms == NOW_MS + RETENTION_MS


def test_a_producers_last_batch_stays_empty_while_it_is_active() -> None:
    batches = [batch([plain("a", "1")], offset, producer=PRODUCER) for offset in range(3)] + [batch([plain("a", "2")], 3)]
    kept = clean(batches, last_records={PRODUCER: LastRecord(2, 0)})
    assert [(h.base_offset, h.record_count, h.last_sequence) for h in headers_of(kept)] == [(2, 0, 2), (3, 1, -1)]
    assert headers_of(kept)[0].max_timestamp_ms == 5
    assert [h.base_offset for h in headers_of(clean(kept))] == [3]


def test_the_last_batch_of_a_round_stays_empty() -> None:
    offsets = OffsetMap(1 << 20)
    batches = [batch([plain("a", "1")], 0), batch([plain(None, "x"), plain(None, "y")], 1)]
    kept = clean(batches, upper_bound=3, offsets=offsets)
    assert [(h.base_offset, h.last_offset, h.record_count) for h in headers_of(kept)] == [(0, 0, 1), (1, 2, 0)]


def test_an_aborted_transaction_goes_and_its_marker_after_it() -> None:
    aborted = AbortedTransaction(PRODUCER, 0, 2, 3)
    batches = [
        batch([plain("a", "1")], 0, producer=PRODUCER, transactional=True),
        batch([plain("b", "1")], 1),
        marker(2, is_commit=False),
        batch([plain("c", "1")], 3, producer=PRODUCER, transactional=True),
        marker(4, is_commit=True),
    ]
    once = clean(batches, aborted=[aborted])
    assert [h.base_offset for h in headers_of(once)] == [1, 2, 3, 4]
    # Nothing of the aborted transaction is left: now its marker gets a horizon, and goes when that has passed.
    twice = clean(once, aborted=[aborted])
    assert [h.has_delete_horizon for h in headers_of(twice)] == [False, True, False, False]
    thrice = clean(twice, now_ms=NOW_MS + RETENTION_MS)
    assert [h.base_offset for h in headers_of(thrice)] == [1, 3, 4]


def test_keys_of_an_aborted_transaction_hide_nothing() -> None:
    batches = [
        batch([plain("a", "kept")], 0),
        batch([plain("a", "aborted")], 1, producer=PRODUCER, transactional=True),
        marker(2, is_commit=False),
    ]
    kept = clean(batches, aborted=[AbortedTransaction(PRODUCER, 1, 2, 3)])
    assert [h.base_offset for h in headers_of(kept)] == [0, 2]


def test_only_transactions_with_something_left_stay_listed() -> None:
    first, second = AbortedTransaction(PRODUCER, 0, 1, 2), AbortedTransaction(PRODUCER, 2, 3, 4)
    transactions = CleanedTransactions([first, second])
    batches = [
        marker(1, is_commit=False),
        batch([plain("a", "1")], 2, producer=PRODUCER, transactional=True),
        marker(3, is_commit=False),
    ]
    rules = BatchFilter(OffsetMap(1 << 20), transactions, {}, NOW_MS, RETENTION_MS, -1)
    for one in batches:
        rules.retained(parse_header(one), one, 0)
    assert transactions.retained == [second]


def test_an_active_producers_marker_stays_while_it_has_no_data_batch() -> None:
    batches = [marker(0, is_commit=True)]
    active = {PRODUCER: LastRecord(None, 0)}
    once = clean(batches, last_records=active)
    later = clean(once, last_records=active, now_ms=NOW_MS + RETENTION_MS)
    assert [(h.base_offset, h.record_count, h.is_control) for h in headers_of(later)] == [(0, 0, True)]
    assert clean(later, now_ms=NOW_MS + RETENTION_MS) == []


def test_a_full_map_ends_the_first_pass_between_batches() -> None:
    offsets = OffsetMap(1)
    transactions = CleanedTransactions(())
    two = batch([plain("a", "1"), plain("b", "1")], 0)
    assert index_batch(parse_header(two), two, 0, offsets, transactions, 0), "the first batch always counts"
    three = batch([plain("c", "1")], 2)
    assert not index_batch(parse_header(three), three, 0, offsets, transactions, 0)
    assert offsets.latest_offset == 1
    rules = BatchFilter(offsets, CleanedTransactions(()), {}, NOW_MS, RETENTION_MS, -1)
    beyond = batch([plain("a", "2"), plain(None, "3")], 3)
    assert rules.retained(parse_header(beyond), beyond, 0) == beyond, "nothing is known of what lies beyond the map"
