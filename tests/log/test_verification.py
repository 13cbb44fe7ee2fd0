"""What an append of a transactional batch has to show (KIP-890)."""

from __future__ import annotations

import pytest

from kafka_compat.log.errors import AppendError
from kafka_compat.log.verification import UNGUARDED, Verification, Verifications
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.control import build_end_transaction_marker
from tests.support.log_worlds import NOW_MS, PartitionWorld, one_batch

PID = 7


class Writer:
    """A transactional producer and its partition."""

    def __init__(self, *, version: int = 2) -> None:
        self.partition = PartitionWorld().partition
        self.version = version

    def ask(self, sequence: int = 0, *, epoch: int = 0) -> Verification | None:
        return self.partition.start_verification(PID, epoch, sequence, NOW_MS, supports_epoch_bump=self.version >= 2)

    def append(self, guard: Verification | None, sequence: int = 0, *, epoch: int = 0) -> int | ErrorCode:
        batch = one_batch(producer_id=PID, epoch=epoch, sequence=sequence, transactional=True)
        try:
            return self.partition.append_as_leader(batch, NOW_MS, guard).base_offset
        except AppendError as error:
            return error.error_code

    def end(self, *, epoch: int, version: int | None = None) -> None:
        marker = build_end_transaction_marker(
            is_commit=False, coordinator_epoch=0, producer_id=PID, producer_epoch=epoch, timestamp_ms=NOW_MS
        )
        version = self.version if version is None else version
        self.partition.append_records(marker, NOW_MS, transaction_version=version)


def test_the_first_batch_needs_an_answer_and_the_next_ones_do_not() -> None:
    writer = Writer()
    assert writer.append(None) == ErrorCode.INVALID_TXN_STATE
    assert writer.append(writer.ask()) == 0
    assert writer.ask(1) is None
    assert writer.append(None, 1) == 1


def test_an_answer_about_a_transaction_that_is_over_lets_nothing_in() -> None:
    writer = Writer(version=1)
    guard = writer.ask()
    writer.end(epoch=0)
    assert writer.append(guard) == ErrorCode.INVALID_TXN_STATE
    again = writer.ask()
    assert writer.append(guard) == ErrorCode.INVALID_TXN_STATE, "each question has an answer of its own"
    assert writer.append(again) == 1


def test_an_abort_between_two_batches_refuses_the_second() -> None:
    writer = Writer(version=1)
    writer.append(writer.ask())
    writer.end(epoch=0)
    assert writer.append(None, 1) == ErrorCode.INVALID_TXN_STATE


def test_with_version_2_the_end_of_one_transaction_leaves_the_question_of_the_next_alone() -> None:
    writer = Writer()
    guard = writer.ask(epoch=1)
    writer.end(epoch=1)
    assert writer.append(guard, epoch=1) == 1
    guard = writer.ask(epoch=2)
    writer.end(epoch=3)
    assert writer.append(guard, epoch=3) == ErrorCode.INVALID_TXN_STATE


def test_a_stale_epoch_is_refused_before_anybody_is_asked() -> None:
    writer = Writer()
    writer.append(writer.ask(epoch=3), epoch=3)
    with pytest.raises(KafkaError) as caught:
        writer.ask(epoch=2)
    assert caught.value.error_code == ErrorCode.INVALID_PRODUCER_EPOCH
    assert writer.append(None, epoch=2) == ErrorCode.INVALID_PRODUCER_EPOCH, "rather than INVALID_TXN_STATE"


@pytest.mark.parametrize(("version", "outcome"), [(2, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER), (1, 0)])
def test_with_version_2_a_producer_without_batches_begins_at_sequence_0(version: int, outcome: int | ErrorCode) -> None:
    writer = Writer(version=version)
    assert writer.append(writer.ask(5), 5) == outcome


def test_a_batch_above_the_lowest_that_was_asked_for_is_out_of_order() -> None:
    writer = Writer(version=1)
    guard = writer.ask(4)
    assert writer.ask(2) is guard
    assert writer.append(guard, 4) == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    assert writer.append(guard, 2) == 0


def test_a_newer_epoch_begins_its_sequences_anew() -> None:
    writer = Writer(version=1)
    guard = writer.ask(4)
    assert writer.ask(9, epoch=1) is guard
    assert writer.append(guard, 9, epoch=1) == 0


def test_who_needs_no_answer_shows_none() -> None:
    assert Writer().append(UNGUARDED) == 0


def test_questions_that_nothing_came_of_expire() -> None:
    verifications = Verifications()
    for producer_id, now_ms in [(1, 0), (2, 50), (3, 100)]:
        verifications.begin(producer_id, 0, 0, now_ms, supports_epoch_bump=True)
    verifications.remove_expired(150, 100)
    assert [verifications.get(producer_id) is None for producer_id in (1, 2, 3)] == [True, True, False]
