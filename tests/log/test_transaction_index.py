from __future__ import annotations

import random

import pytest

from kafka_compat.log.transaction_index import AbortedTransaction, TransactionIndex


def index_of(*entries: tuple[int, int, int, int]) -> TransactionIndex:
    index = TransactionIndex()
    for entry in entries:
        index.append(AbortedTransaction(*entry))
    return index


def test_a_fetch_gets_every_aborted_transaction_that_reaches_into_it() -> None:
    index = index_of((1, 0, 10, 5), (2, 5, 20, 21), (3, 30, 40, 41))
    assert index.aborted_transactions(0, 5) == [(1, 0)]
    assert index.aborted_transactions(0, 6) == [(1, 0), (2, 5)]
    assert index.aborted_transactions(11, 25) == [(2, 5)]
    assert index.aborted_transactions(21, 30) == []
    assert index.aborted_transactions(21, 31) == [(3, 30)]


def test_a_transaction_that_ended_later_but_began_earlier_is_found() -> None:
    index = index_of((2, 8, 12, 3), (1, 3, 20, 21))
    assert index.aborted_transactions(0, 5) == [(1, 3)]


def test_markers_must_ascend() -> None:
    with pytest.raises(ValueError, match="not above"):
        index_of((1, 0, 10, 11), (2, 5, 10, 21))


def test_truncation_goes_by_the_marker() -> None:
    index = index_of((1, 0, 10, 5), (2, 5, 20, 21), (3, 30, 40, 41))
    index.truncate_from_start(11)
    index.truncate_from_end(40)
    assert index.aborted_transactions(0, 100) == [(2, 5)]


def test_what_is_encoded_is_read_back() -> None:
    index = index_of((1, 0, 10, 11), (2, 5, 20, 21))
    assert TransactionIndex.decode(index.encode()).aborted_transactions(0, 100) == [(1, 0), (2, 5)]
    with pytest.raises(ValueError, match="too many"):
        TransactionIndex.decode(index.encode() + b"x")


def lived(seed: int, transactions: int = 3_000) -> list[AbortedTransaction]:
    """What a log leaves in which transactions of many producers overlap, some of them for long."""
    chance = random.Random(seed)
    open_by_producer: dict[int, int] = {}
    entries: list[AbortedTransaction] = []
    offset = 0
    while len(entries) < transactions:
        producer_id = chance.randrange(40)
        if producer_id not in open_by_producer:
            open_by_producer[producer_id] = offset
        elif chance.random() < (0.002 if producer_id == 0 else 0.3):
            first_offset = open_by_producer.pop(producer_id)
            stable = min(open_by_producer.values(), default=offset + 1)
            entries.append(AbortedTransaction(producer_id, first_offset, offset, stable))
        offset += chance.randrange(1, 4)
    return entries


@pytest.mark.parametrize("seed", range(3))
def test_a_long_index_finds_what_looking_at_every_entry_finds(seed: int) -> None:
    entries = lived(seed)
    index = index_of(*entries)
    chance = random.Random(seed)
    end = entries[-1].last_offset + 10
    for _ in range(300):
        start = chance.randrange(end)
        stop = start + chance.choice([1, 5, 100, end])
        wanted = [entry for entry in entries if entry.last_offset >= start and entry.first_offset < stop]
        assert index.entries_between(start, stop) == wanted
        if chance.random() < 0.05:
            start = chance.randrange(start + 1)
            index.truncate_from_start(start)
            entries = [entry for entry in entries if entry.last_offset >= start]
            assert len(index) == len(entries)


def test_compaction_takes_entries_out_of_the_middle() -> None:
    entries = lived(7)
    index = index_of(*entries)
    before = index.encode()
    frozen = index.freeze()
    start, end = entries[700].last_offset, entries[2_000].last_offset
    assert not index.replace_between(start, end, entries[700:2_000])
    assert index.replace_between(start, end, entries[700:2_000:3])
    entries[700:2_000] = entries[700:2_000:3]
    assert index.entries_between(0, 1 << 60) == entries
    assert b"".join(frozen.encode()) == before, "a snapshot that is being written goes on with what it began with"


def test_a_log_that_goes_on_after_truncation_keeps_what_is_left() -> None:
    entries = lived(8)
    index = index_of(*entries)
    index.truncate_from_end(entries[1_000].last_offset)
    index.append(entries[1_000])
    index.truncate_from_start(entries[900].last_offset)
    index.append(entries[1_001])
    assert index.entries_between(0, 1 << 60) == entries[900:1_002]
    assert TransactionIndex.decode(index.encode()).entries_between(0, 1 << 60) == entries[900:1_002]


def test_what_was_added_is_loaded_behind_what_is_there() -> None:
    entries = lived(9)
    index = index_of(*entries)
    loaded = index_of(*entries[:2_000])
    added = b"".join(index.freeze(entries[2_000].last_offset).encode())
    assert loaded.load(b"head" + added, 4) == 4 + len(added)
    assert loaded.encode() == index.encode()
    with pytest.raises(ValueError, match="not above"):
        loaded.load(added)
