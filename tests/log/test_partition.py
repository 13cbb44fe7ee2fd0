from __future__ import annotations

import pytest

from kafka_compat.log.errors import AppendError
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.batch import parse_header
from kafka_compat.records.control import build_end_transaction_marker
from kafka_compat.storage.interface import Fenced, Unavailable
from tests.log.fakes import NOW_MS, PartitionWorld, one_batch

LONG_MS = 60_000
PID = 7


def transactional(sequence: int, *, pid: int = PID, count: int = 1) -> bytearray:
    return one_batch(count, producer_id=pid, epoch=0, sequence=sequence, transactional=True)


def marker(*, commit: bool, pid: int = PID) -> bytearray:
    return build_end_transaction_marker(
        is_commit=commit, coordinator_epoch=0, producer_id=pid, producer_epoch=0, timestamp_ms=NOW_MS
    )


def offsets(world: PartitionWorld) -> tuple[int, int, int, int]:
    partition = world.partition
    return partition.log_start_offset, partition.last_stable_offset, partition.high_watermark, partition.log_end_offset


# Append


def test_offsets_follow_one_another() -> None:
    world = PartitionWorld()
    first = world.produce(one_batch(3))
    second = world.produce(one_batch(2))
    assert (first.base_offset, first.last_offset, second.base_offset, second.last_offset) == (0, 2, 3, 4)
    assert (first.log_append_time_ms, first.log_start_offset, first.leader_epoch, first.done) == (-1, 0, 0, None)
    assert offsets(world) == (0, 5, 5, 5)


async def test_the_high_watermark_moves_when_writes_are_durable_in_order() -> None:
    world = PartitionWorld()
    world.log.is_delayed = True
    results = [world.produce(one_batch(2)) for _ in range(3)]
    assert offsets(world) == (0, 0, 0, 6)
    world.log.pending[1].set_result(None)
    await world.log.finish(0)
    assert world.partition.high_watermark == 0, "an earlier write is still in flight"
    world.log.pending.pop(1)
    await world.log.finish()
    assert world.partition.high_watermark == 4
    await world.log.finish()
    assert offsets(world) == (0, 6, 6, 6)
    assert all(result.done is not None and result.done.done() for result in results)


async def test_a_duplicate_waits_for_the_write_it_repeats() -> None:
    world = PartitionWorld()
    world.log.is_delayed = True
    batch = bytes(one_batch(producer_id=PID, epoch=0, sequence=0, timestamp_ms=NOW_MS - 9))
    first = world.produce(batch)
    again = world.produce(batch)
    assert again.duplicate
    assert (again.base_offset, again.last_offset, again.log_append_time_ms) == (0, 0, NOW_MS - 9)
    assert again.done is not None
    assert not again.done.done()
    assert first.done is not None
    assert len(world.log.batches) == 1
    await world.log.finish()
    assert world.produce(batch).done is None


@pytest.mark.parametrize(
    ("epoch", "sequence", "code"),
    [(1, 5, ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER), (0, 0, ErrorCode.INVALID_PRODUCER_EPOCH)],
)
def test_a_refused_sequence_leaves_the_log_and_the_producer_alone(epoch: int, sequence: int, code: ErrorCode) -> None:
    world = PartitionWorld()
    world.produce(one_batch(producer_id=PID, epoch=1, sequence=0))
    with pytest.raises(AppendError) as caught:
        world.produce(one_batch(producer_id=PID, epoch=epoch, sequence=sequence))
    assert (caught.value.error_code, caught.value.message, caught.value.log_start_offset) == (code, None, 0)
    assert world.produce(one_batch(producer_id=PID, epoch=1, sequence=1)).base_offset == 1


def test_a_leader_epoch_begins_at_the_log_end() -> None:
    world = PartitionWorld()
    world.produce(one_batch(3))
    world.partition.set_leader_epoch(4)
    assert world.partition.view.end_offset_for_epoch(0) == (0, 3)
    assert world.partition.view.end_offset_for_epoch(4) == (4, 3)
    world.produce()
    assert world.partition.view.end_offset_for_epoch(0) == (0, 3)
    assert world.partition.view.end_offset_for_epoch(4) == (4, 4)
    assert [world.partition.view.epoch_for_offset(offset) for offset in (0, 3)] == [0, 4]


def test_internal_batches_are_stamped_and_not_checked_for_sequence() -> None:
    world = PartitionWorld()
    world.produce(one_batch(2))
    result = world.partition.append_records(one_batch(2, producer_id=PID, epoch=3), NOW_MS)
    assert (result.base_offset, result.last_offset) == (2, 3)
    with pytest.raises(AppendError) as caught:
        world.partition.append_records(one_batch(producer_id=PID, epoch=2), NOW_MS)
    assert caught.value.error_code == ErrorCode.INVALID_PRODUCER_EPOCH


def test_internal_batches_obey_the_size_limit() -> None:
    world = PartitionWorld(max_message_bytes="200")
    with pytest.raises(AppendError) as caught:
        world.partition.append_records(one_batch(value=bytes(300)), NOW_MS)
    assert caught.value.error_code == ErrorCode.MESSAGE_TOO_LARGE


# Failure


def test_a_full_disk_takes_the_partition_offline() -> None:
    world = PartitionWorld()
    world.log.error = Unavailable("disk full")
    for _ in range(2):
        with pytest.raises(AppendError) as caught:
            world.produce()
        assert (caught.value.error_code, caught.value.log_start_offset) == (ErrorCode.KAFKA_STORAGE_ERROR, -1)
    assert world.partition.is_offline
    assert world.changes == [world.partition]
    with pytest.raises(KafkaError) as read:
        world.fetch(0)
    assert read.value.error_code == ErrorCode.KAFKA_STORAGE_ERROR


async def test_a_write_that_fails_later_does_not_move_the_high_watermark_and_wakes_readers() -> None:
    world = PartitionWorld()
    world.log.is_delayed = True
    result = world.produce()
    wait = world.purgatory.wait([world.partition.committed_key], timeout_ms=LONG_MS, min_bytes=1 << 20)
    await world.log.fail()
    assert world.partition.is_offline
    assert world.partition.high_watermark == 0
    assert await wait is True
    assert result.done is not None
    with pytest.raises(Unavailable):
        await result.done


def test_a_fenced_writer_is_no_leader_any_more() -> None:
    world = PartitionWorld()
    world.log.error = Fenced("epoch 1 owns the log")
    with pytest.raises(AppendError) as caught:
        world.produce()
    assert caught.value.error_code == ErrorCode.NOT_LEADER_OR_FOLLOWER
    assert not world.partition.is_offline


# Read


async def test_readers_see_what_is_below_the_high_watermark() -> None:
    world = PartitionWorld()
    world.log.is_delayed = True
    world.produce(one_batch(2))
    world.produce(one_batch(2))
    await world.log.finish()
    assert world.fetch(0) == [(0, 1)]
    assert world.fetch(1) == [(0, 1)]
    assert world.fetch(2) == []
    assert world.fetch(4) == []
    world.log.pending.pop().cancel()


@pytest.mark.parametrize("offset", [-1, 1, 6])
def test_offsets_outside_the_log_are_out_of_range(offset: int) -> None:
    world = PartitionWorld()
    world.produce(one_batch(5))
    world.log.start_offset = 2
    with pytest.raises(KafkaError) as caught:
        world.fetch(offset)
    assert caught.value.error_code == ErrorCode.OFFSET_OUT_OF_RANGE


async def test_waiting_reads_answer_the_same() -> None:
    world = PartitionWorld()
    world.produce(one_batch(2))
    chunk = await world.partition.read(0, 1, min_one=True, isolation_read_committed=False)
    assert chunk.size_in_bytes == len(one_batch(2))
    with pytest.raises(KafkaError):
        await world.partition.read(3, 1, min_one=True, isolation_read_committed=False)


async def test_an_append_wakes_whoever_has_enough_bytes_then() -> None:
    world = PartitionWorld()
    size = len(one_batch())
    wait = world.purgatory.wait([world.partition.committed_key], timeout_ms=LONG_MS, min_bytes=2 * size)
    world.produce()
    assert not wait.done()
    world.produce()
    assert await wait is True


# Transactions


def test_an_open_transaction_holds_back_read_committed() -> None:
    world = PartitionWorld()
    world.produce()
    world.produce(transactional(0))
    world.produce()
    assert offsets(world) == (0, 1, 3, 3)
    assert world.fetch(0, read_committed=True) == [(0, 0)]
    assert world.fetch(0) == [(0, 0), (1, 1), (2, 2)]
    assert world.partition.has_ongoing_transaction(PID, 0)
    world.partition.append_records(marker(commit=True), NOW_MS)
    assert offsets(world) == (0, 4, 4, 4)
    assert world.partition.view.aborted_transactions(0, 4) == []
    assert not world.partition.has_ongoing_transaction(PID, 0)


def test_aborted_transactions_are_listed_for_the_range_they_reach_into() -> None:
    world = PartitionWorld()
    world.produce(transactional(0, count=2))
    world.produce(transactional(0, pid=8))
    world.partition.append_records(marker(commit=False), NOW_MS)
    assert world.partition.last_stable_offset == 2
    world.partition.append_records(marker(commit=False, pid=8), NOW_MS)
    assert world.partition.view.aborted_transactions(0, 2) == [(PID, 0)]
    assert world.partition.view.aborted_transactions(0, 5) == [(PID, 0), (8, 2)]
    assert world.partition.view.aborted_transactions(4, 5) == [(8, 2)]


async def test_the_last_stable_offset_waits_for_the_marker_to_be_durable() -> None:
    world = PartitionWorld()
    world.produce(transactional(0))
    world.log.is_delayed = True
    world.partition.append_records(marker(commit=True), NOW_MS)
    assert world.partition.last_stable_offset == 0
    await world.log.finish()
    assert world.partition.last_stable_offset == 2


async def test_a_marker_wakes_read_committed_waits_with_all_it_makes_readable() -> None:
    world = PartitionWorld()
    sent = [transactional(0), one_batch(5)]
    size = sum(len(batch) for batch in sent)
    wait = world.purgatory.wait([world.partition.stable_key], timeout_ms=LONG_MS, min_bytes=size)
    for batch in sent:
        world.produce(batch)
    assert not wait.done()
    world.partition.append_records(marker(commit=True), NOW_MS)
    assert await wait is True


async def test_bytes_behind_a_second_transaction_do_not_count_yet() -> None:
    world = PartitionWorld()
    world.produce(transactional(0))
    world.produce(transactional(0, pid=8))
    world.produce(one_batch(value=bytes(1000)))
    wait = world.purgatory.wait([world.partition.stable_key], timeout_ms=LONG_MS, min_bytes=500)
    world.partition.append_records(marker(commit=True), NOW_MS)
    assert not wait.done()
    world.partition.append_records(marker(commit=True, pid=8), NOW_MS)
    assert await wait is True


# Leader epochs


def test_a_clients_leader_epoch_is_compared_with_ours() -> None:
    world = PartitionWorld()
    world.partition.set_leader_epoch(5)
    check = world.partition.view.check_leader_epoch
    assert check(-1) == check(5) == ErrorCode.NONE
    assert check(4) == ErrorCode.FENCED_LEADER_EPOCH
    assert check(6) == ErrorCode.UNKNOWN_LEADER_EPOCH


def test_a_diverging_fetcher_is_told_where_to_truncate() -> None:
    world = PartitionWorld()
    world.partition.set_leader_epoch(1)
    world.produce(one_batch(5))
    world.partition.set_leader_epoch(3)
    world.produce(one_batch(5))
    diverging = world.partition.view.diverging_epoch
    assert diverging(-1, 99) is None
    assert diverging(1, 5) is None
    assert diverging(1, 6) == (1, 5)
    assert diverging(2, 5) == (1, 5)
    assert diverging(3, 10) is None
    with pytest.raises(KafkaError) as caught:
        diverging(4, 5)
    assert caught.value.error_code == ErrorCode.OFFSET_OUT_OF_RANGE


# Offsets for times


async def test_the_first_record_at_or_after_a_time_is_found() -> None:
    world = PartitionWorld()
    for timestamp_ms in (100, 300, 200):
        world.produce(one_batch(2, timestamp_ms=timestamp_ms))
    find = world.partition.view.offset_for_timestamp
    assert await find(0) == (0, 100, 0)
    assert await find(101) == (2, 300, 0)
    assert await find(300) == (2, 300, 0)
    assert await find(301) is None
    assert await world.partition.view.offset_of_max_timestamp() == (2, 300, 0)


async def test_with_log_append_time_the_max_timestamp_is_that_of_the_batchs_first_record() -> None:
    world = PartitionWorld(message_timestamp_type="LogAppendTime")
    world.produce(one_batch(3))
    world.produce(one_batch(3), now_ms=NOW_MS + 1)
    assert await world.partition.view.offset_of_max_timestamp() == (3, NOW_MS + 1, 0)


async def test_times_find_only_what_the_isolation_level_shows() -> None:
    world = PartitionWorld()
    world.produce(transactional(0))
    assert await world.partition.view.offset_for_timestamp(0, read_committed=True) is None
    assert await world.partition.view.offset_for_timestamp(0) == (0, NOW_MS, 0)
    assert world.partition.view.latest_offset(read_committed=True) == (0, 0)
    assert world.partition.view.latest_offset(read_committed=False) == (1, 0)


async def test_an_empty_log_has_no_max_timestamp() -> None:
    world = PartitionWorld()
    assert await world.partition.view.offset_of_max_timestamp() is None
    assert world.partition.view.earliest_offset() == (0, 0)


# Deleting records


async def test_delete_records_raises_the_log_start_offset() -> None:
    world = PartitionWorld()
    for _ in range(3):
        world.produce(one_batch(2))
    assert await world.partition.delete_records_before(3) == 3
    assert await world.partition.delete_records_before(1) == 3, "it never goes back"
    assert world.partition.view.earliest_offset() == (3, 0)
    assert await world.partition.view.offset_for_timestamp(0) == (3, NOW_MS, 0)
    assert await world.partition.delete_records_before(-1) == 6


async def test_delete_records_stays_within_the_log() -> None:
    world = PartitionWorld()
    world.produce()
    for offset in (2, -2):
        with pytest.raises(KafkaError) as caught:
            await world.partition.delete_records_before(offset)
        assert caught.value.error_code == ErrorCode.OFFSET_OUT_OF_RANGE


async def test_compacted_topics_do_not_delete_records() -> None:
    world = PartitionWorld(cleanup_policy="compact")
    with pytest.raises(KafkaError) as caught:
        await world.partition.delete_records_before(0)
    assert caught.value.error_code == ErrorCode.POLICY_VIOLATION
    both = PartitionWorld(cleanup_policy="compact,delete")
    assert await both.partition.delete_records_before(0) == 0


# Recovery


async def test_everything_is_rebuilt_from_the_log_alone() -> None:
    world = PartitionWorld()
    world.partition.set_leader_epoch(2)
    world.produce(one_batch(2, producer_id=3, epoch=1, sequence=5))
    world.produce(transactional(0))
    world.partition.append_records(marker(commit=False), NOW_MS)
    world.produce(transactional(0, pid=8))
    again = await world.restart()
    assert again.high_watermark == 5
    assert again.last_stable_offset == 4
    assert again.view.aborted_transactions(0, 5) == [(PID, 2)]
    assert again.view.end_offset_for_epoch(2) == (2, 5)
    assert list(again.active_producers(NOW_MS)) == list(world.partition.active_producers(NOW_MS))


async def test_a_snapshot_is_continued_with_what_lies_behind_it() -> None:
    world = PartitionWorld()
    world.produce(transactional(0))
    world.partition.append_records(marker(commit=False), NOW_MS)
    snapshot = world.partition.state.snapshot()
    assert snapshot is not None
    await snapshot.write(world.log)
    assert world.log.synced_offset == 2
    world.partition.set_leader_epoch(1)
    world.produce(transactional(1))
    world.partition.append_records(marker(commit=False), NOW_MS)
    # Only headers behind the snapshot are needed.
    world.log.batches[0] = (0, 0, -1, bytes(100))
    again = await world.restart()
    assert again.view.aborted_transactions(0, 4) == [(PID, 0), (PID, 2)]
    assert again.view.end_offset_for_epoch(0) == (0, 2)
    assert [row.last_sequence for row in again.active_producers(NOW_MS)] == [1]


async def test_a_snapshot_of_an_unknown_version_is_ignored() -> None:
    world = PartitionWorld()
    world.produce(one_batch(producer_id=3, epoch=1, sequence=5))
    world.log.blobs["producers"] = (1, b"\x7f\x7f" + bytes(4))
    again = await world.restart()
    assert [row.last_sequence for row in again.active_producers(NOW_MS)] == [5]


async def test_nothing_is_written_twice_for_an_unchanged_log() -> None:
    world = PartitionWorld()
    world.produce()
    assert world.partition.state.snapshot() is not None
    assert world.partition.state.snapshot() is None
    assert (await PartitionWorld().restart()).state.snapshot() is None


def test_the_stored_header_carries_the_leader_epoch() -> None:
    world = PartitionWorld()
    world.partition.set_leader_epoch(9)
    world.produce()
    assert parse_header(world.log.batches[0][3]).partition_leader_epoch == 9
    with pytest.raises(ValueError, match="below"):
        world.partition.set_leader_epoch(8)


async def test_dropping_one_request_leaves_the_write_and_its_other_waiters_alone() -> None:
    world = PartitionWorld()
    world.log.is_delayed = True
    batch = bytes(one_batch(producer_id=PID, epoch=0, sequence=0))
    dropped = world.produce(batch)
    retried = world.produce(batch)
    assert dropped.done is not None
    assert retried.done is not None
    dropped.done.cancel()
    await world.log.finish()
    assert retried.done.done()
    assert world.partition.high_watermark == 1
    assert not world.partition.is_offline


async def test_a_higher_epoch_does_not_commit_what_is_still_being_written() -> None:
    world = PartitionWorld()
    world.log.is_delayed = True
    result = world.produce()
    world.partition.attach(world.log, world.partition.state)
    assert world.partition.high_watermark == 0
    await world.log.finish()
    assert world.partition.high_watermark == 1
    assert result.done is not None
    assert result.done.done()
