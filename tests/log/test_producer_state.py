from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafka_compat.log.producer import BatchMetadata
from kafka_compat.log.producer_state import ProducerState
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.batch import MAX_SEQUENCE, increment_sequence

PID = 7


class Log:
    """A producer state with an end offset, driven as a partition drives it."""

    def __init__(self) -> None:
        self.state = ProducerState("t-0")
        self.end = 0

    def send(
        self, sequence: int, count: int = 1, *, epoch: int = 0, pid: int = PID, transactional: bool = False
    ) -> BatchMetadata | ErrorCode | int:
        """The base offset, the earlier batch it repeats, or the error."""
        last = increment_sequence(sequence, count - 1)
        try:
            duplicate = self.state.check_batch(pid, epoch, sequence, last, transactional, from_client=True)
        except KafkaError as error:
            return error.error_code
        if duplicate is not None:
            return duplicate
        base = self.end
        self.end += count
        self.state.apply_batch(pid, epoch, last, base, self.end - 1, 1000 + base, transactional)
        self.state.end_offset = self.end
        return base

    def end_transaction(self, *, epoch: int = 0, pid: int = PID, abort: bool = False, coordinator_epoch: int = 0) -> int:
        self.state.check_marker(pid, epoch, coordinator_epoch)
        offset = self.end
        self.end += 1
        self.state.apply_marker(pid, epoch, coordinator_epoch, offset, 5000, is_abort=abort)
        return offset


def test_a_producer_never_seen_may_begin_at_any_sequence() -> None:
    assert Log().send(41) == 0


def test_a_gap_is_out_of_order() -> None:
    log = Log()
    log.send(0)
    assert log.send(2) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_a_duplicate_of_the_last_five_gets_the_old_offset() -> None:
    log = Log()
    for sequence in range(6):
        log.send(sequence)
    for sequence in range(1, 6):
        duplicate = log.send(sequence)
        assert isinstance(duplicate, BatchMetadata)
        assert (duplicate.first_offset, duplicate.timestamp_ms) == (sequence, 1000 + sequence)
    assert log.send(0) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_a_part_of_an_earlier_batch_is_no_duplicate() -> None:
    log = Log()
    log.send(0, 3)
    assert log.send(0, 2) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER


def test_a_new_epoch_begins_at_zero() -> None:
    log = Log()
    log.send(0)
    assert log.send(1, epoch=1) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert log.send(0, epoch=1) == 1


def test_an_old_epoch_is_fenced() -> None:
    log = Log()
    log.send(0, epoch=3)
    assert log.send(1, epoch=2) == ErrorCode.INVALID_PRODUCER_EPOCH


def test_sequences_wrap_after_the_largest_int() -> None:
    log = Log()
    log.send(MAX_SEQUENCE - 1, 3)
    assert log.send(1) == 3
    duplicate = log.send(MAX_SEQUENCE - 1, 3)
    assert isinstance(duplicate, BatchMetadata)
    assert duplicate.first_offset == 0


def test_an_expired_producer_is_unknown_again() -> None:
    log = Log()
    log.send(0)
    log.state.remove_expired(now_ms=1000 + 59, expiration_ms=60)
    assert len(log.state) == 1
    log.state.remove_expired(now_ms=1000 + 60, expiration_ms=60)
    assert len(log.state) == 0
    assert log.send(9) == 1


def test_a_producer_with_an_open_transaction_does_not_expire() -> None:
    log = Log()
    log.send(0, transactional=True)
    log.state.remove_expired(now_ms=1 << 40, expiration_ms=60)
    assert len(log.state) == 1


def test_an_open_transaction_holds_the_first_unstable_offset() -> None:
    log = Log()
    log.send(0)
    assert log.state.first_unstable_offset == -1
    log.send(1, transactional=True)
    log.send(0, pid=8, transactional=True)
    log.send(2, transactional=True)
    assert log.state.first_unstable_offset == 1
    marker = log.end_transaction()
    assert log.state.first_unstable_offset == 1, "the marker is not below the high watermark yet"
    log.state.on_high_watermark(marker + 1)
    assert log.state.first_unstable_offset == 2


def test_a_marker_reports_the_transaction_it_ends_and_what_is_stable_then() -> None:
    state = ProducerState()
    state.apply_batch(1, 0, 0, 10, 10, 1, True)
    state.apply_batch(2, 0, 0, 11, 11, 1, True)
    first = state.apply_marker(1, 0, 0, 12, 1, is_abort=True)
    second = state.apply_marker(2, 0, 0, 13, 1, is_abort=False)
    assert first is not None
    assert first[1:] == (10, 12, True, 11)
    assert second is not None
    assert second[1:] == (11, 13, False, 14)


def test_a_marker_without_records_here_ends_nothing_but_fences() -> None:
    state = ProducerState()
    assert state.apply_marker(1, 5, 0, 0, 1, is_abort=True) is None
    with pytest.raises(KafkaError) as caught:
        state.check_batch(1, 4, 0, 0, True, from_client=True)
    assert caught.value.error_code == ErrorCode.INVALID_PRODUCER_EPOCH


def test_sequences_go_on_after_a_marker_of_the_same_epoch() -> None:
    log = Log()
    log.send(0, transactional=True)
    log.end_transaction()
    assert log.send(1, transactional=True) == 2


def test_a_marker_of_an_old_coordinator_is_fenced() -> None:
    log = Log()
    log.send(0, transactional=True)
    log.end_transaction(coordinator_epoch=5)
    with pytest.raises(KafkaError) as caught:
        log.state.check_marker(PID, 0, 4)
    assert caught.value.error_code == ErrorCode.TRANSACTION_COORDINATOR_FENCED


def test_with_transaction_version_two_a_marker_must_raise_the_epoch() -> None:
    log = Log()
    log.send(0, transactional=True)
    with pytest.raises(KafkaError) as caught:
        log.state.check_marker(PID, 0, 0, transaction_version=2)
    assert caught.value.error_code == ErrorCode.INVALID_PRODUCER_EPOCH
    log.end_transaction(epoch=1)
    # A repetition of a marker that did its work is harmless.
    log.state.check_marker(PID, 1, 0, transaction_version=2)


def test_a_plain_batch_within_the_producers_transaction_is_refused() -> None:
    log = Log()
    log.send(0, transactional=True)
    assert log.send(1) == ErrorCode.INVALID_TXN_STATE


def test_describe_producers_lists_producers_after_their_commit() -> None:
    log = Log()
    log.send(0, 2, transactional=True)
    assert list(log.state.active_producers()) == [(PID, 0, 1, 1000, -1, 0)]
    log.end_transaction(coordinator_epoch=3)
    assert list(log.state.active_producers()) == [(PID, 0, 1, 5000, 3, -1)]


def test_a_snapshot_brings_everything_back() -> None:
    log = Log()
    for sequence in range(6):
        log.send(sequence)
    log.send(0, pid=8, transactional=True)
    restored = ProducerState.decode(log.state.encode(), log.end)
    assert list(restored.active_producers()) == list(log.state.active_producers())
    assert restored.first_unstable_offset == log.state.first_unstable_offset
    assert restored.check_batch(PID, 0, 1, 1, False, from_client=True) == BatchMetadata(1, 1, 0, 1001)


@pytest.mark.parametrize("size", [0, 3, 6, 20])
def test_a_broken_snapshot_is_refused(size: int) -> None:
    log = Log()
    log.send(0)
    with pytest.raises(ValueError, match="producer snapshot"):
        ProducerState.decode(log.state.encode()[:size] if size else b"\0\1" + bytes(4), 0)


sends = st.tuples(st.integers(0, 2), st.integers(0, 12), st.integers(1, 3), st.booleans())


@given(st.lists(st.one_of(sends, st.just("snapshot")), max_size=60))
def test_answers_equal_a_model_that_remembers_batches(steps: list[tuple[int, int, int, bool] | str]) -> None:
    """Random batches, most of which continue where the model expects, against the rules written as a list of batches."""
    log = Log()
    epoch = -1
    history: deque[tuple[int, int, int]] = deque(maxlen=5)
    for step in steps:
        if isinstance(step, str):
            log.state = ProducerState.decode(log.state.encode(), log.end)
            continue
        sent_epoch, sequence, count, continues = step
        expected_next = history[-1][1] + 1 if history else 0
        if continues and sent_epoch == epoch:
            sequence = expected_next
        answer = log.send(sequence, count, epoch=sent_epoch)
        same = [base for first, last, base in history if (first, last) == (sequence, sequence + count - 1)]
        if sent_epoch == epoch and same:
            assert isinstance(answer, BatchMetadata)
            assert answer.first_offset == same[0]
        elif sent_epoch < epoch:
            assert answer == ErrorCode.INVALID_PRODUCER_EPOCH
        elif epoch != -1 and sequence != (expected_next if sent_epoch == epoch else 0):
            assert answer == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
        else:
            assert answer == log.end - count
            if sent_epoch != epoch:
                history.clear()
            epoch = sent_epoch
            history.append((sequence, sequence + count - 1, log.end - count))


def test_an_epoch_below_none_is_invalid_even_for_a_producer_never_seen() -> None:
    with pytest.raises(KafkaError) as caught:
        ProducerState("t-0").check_batch(7, -2, 0, 0, False, from_client=True)
    assert caught.value.error_code == ErrorCode.INVALID_PRODUCER_EPOCH
