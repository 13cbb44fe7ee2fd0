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
    with pytest.raises(ValueError, match="version"):
        TransactionIndex.decode(index.encode() + b"x")
