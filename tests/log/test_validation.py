"""Produce validation. Every code, message and stored header was read from a running Apache Kafka 4.3.1."""

from __future__ import annotations

import gzip
import struct

import pytest

from kafka_compat.log.errors import AppendError
from kafka_compat.log.inspection import is_transactional, only_batch
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.records.batch import (
    ATTRIBUTES,
    BASE_SEQUENCE,
    BATCH_LENGTH,
    CRC,
    HEADER_SIZE,
    LAST_OFFSET_DELTA,
    MAGIC,
    MAX_TIMESTAMP,
    PRODUCER_ID,
    RECORD_COUNT,
    BatchHeader,
    is_crc_valid,
    parse_header,
    write_crc,
)
from kafka_compat.records.builder import append_record
from kafka_compat.records.reader import iter_batch_records
from kafka_compat.records.record import Record
from tests.support.log_worlds import NOW_MS, PartitionWorld, one_batch

LOG_START = 0


def changed(batch: bytearray, offset: int, layout: str, value: int) -> bytearray:
    """`batch` with one header field replaced and its CRC made right again."""
    struct.pack_into(layout, batch, offset, value)
    write_crc(batch, 0, len(batch))
    return batch


def with_body(body: bytes, count: int, *, codec: int = 0, timestamp_ms: int = NOW_MS) -> bytearray:
    """A batch that claims `count` records over any body."""
    batch = one_batch(timestamp_ms=timestamp_ms)[:HEADER_SIZE] + body
    struct.pack_into(">i", batch, BATCH_LENGTH, len(batch) - 12)
    struct.pack_into(">h", batch, ATTRIBUTES, codec)
    struct.pack_into(">i", batch, LAST_OFFSET_DELTA, count - 1)
    return changed(batch, RECORD_COUNT, ">i", count)


def records(*deltas: int, key: bytes | None = b"k") -> bytes:
    body = bytearray()
    for delta in deltas:
        append_record(body, delta, 0, key, b"v", ())
    return bytes(body)


def refusal(batch: bytes | bytearray | None, **overrides: str) -> AppendError:
    world = PartitionWorld(**overrides)
    with pytest.raises(AppendError) as caught:
        world.partition.append_as_leader(batch, NOW_MS)
    assert world.log.batches == []
    return caught.value


def stored(batch: bytes | bytearray, **overrides: str) -> tuple[BatchHeader, bytes]:
    world = PartitionWorld(**overrides)
    world.produce(batch)
    ((_, _, max_timestamp_ms, kept),) = world.log.batches
    header = parse_header(kept)
    assert header.size_in_bytes == len(kept)
    assert is_crc_valid(kept, 0, len(kept))
    assert max_timestamp_ms == header.max_timestamp_ms
    return header, kept


# What is refused before the log is asked carries no log start offset, as the size, CRC and storage errors do.


@pytest.mark.parametrize("batch", [None, b"", bytes(10), one_batch()[:60]], ids=["null", "empty", "short", "cut"])
def test_no_whole_batch_is_an_invalid_record(batch: bytes | None) -> None:
    error = refusal(batch)
    assert (error.error_code, error.message, error.log_start_offset) == (ErrorCode.INVALID_RECORD, None, -1)


def test_two_batches_are_an_invalid_record() -> None:
    assert refusal(one_batch() + one_batch()).error_code == ErrorCode.INVALID_RECORD


@pytest.mark.parametrize("tail", [b"x" * 10, bytes(one_batch()[:40])])
def test_bytes_behind_the_batch_that_make_no_batch_are_cut_off(tail: bytes) -> None:
    batch = one_batch()
    header, _ = stored(batch + tail)
    assert header.size_in_bytes == len(batch)


@pytest.mark.parametrize("tail", [bytes(30), b"\x7f" * 30], ids=["length 0", "magic 127"])
def test_bytes_behind_the_batch_that_look_like_a_broken_one_are_corrupt(tail: bytes) -> None:
    error = refusal(one_batch() + tail)
    assert (error.error_code, error.message, error.log_start_offset) == (ErrorCode.CORRUPT_MESSAGE, None, -1)


@pytest.mark.parametrize("magic", [0, 1])
def test_old_message_formats_are_invalid_records(magic: int) -> None:
    assert refusal(changed(one_batch(), MAGIC, ">b", magic)).error_code == ErrorCode.INVALID_RECORD


def test_an_unknown_magic_is_corrupt() -> None:
    error = refusal(changed(one_batch(), MAGIC, ">b", 3))
    assert (error.error_code, error.message) == (ErrorCode.CORRUPT_MESSAGE, "Invalid magic found in record: 3")


def test_an_impossible_length_is_corrupt() -> None:
    batch = one_batch()
    struct.pack_into(">i", batch, BATCH_LENGTH, -5)
    error = refusal(batch)
    assert error.error_code == ErrorCode.CORRUPT_MESSAGE
    assert error.message == "Record size -5 is less than the minimum record overhead (14)"


@pytest.mark.parametrize("length", [20, 48])
def test_a_length_below_the_header_is_corrupt(length: int) -> None:
    batch = one_batch()
    struct.pack_into(">i", batch, BATCH_LENGTH, length)
    error = refusal(batch)
    assert (error.error_code, error.message) == (ErrorCode.CORRUPT_MESSAGE, None)


def test_a_length_beyond_the_end_is_an_invalid_record() -> None:
    batch = one_batch()
    struct.pack_into(">i", batch, BATCH_LENGTH, 10_000)
    assert refusal(batch).error_code == ErrorCode.INVALID_RECORD


def test_a_wrong_crc_is_corrupt() -> None:
    batch = one_batch()
    struct.pack_into(">I", batch, CRC, 1)
    assert refusal(batch).error_code == ErrorCode.CORRUPT_MESSAGE


def test_the_base_offset_must_be_zero_even_in_a_batch_that_is_too_large() -> None:
    batch = one_batch(value=bytes(300))
    struct.pack_into(">q", batch, 0, 5)
    error = refusal(batch, max_message_bytes="200")
    assert (error.error_code, error.log_start_offset) == (ErrorCode.INVALID_RECORD, LOG_START)


def test_size_is_checked_before_the_crc() -> None:
    batch = one_batch(value=bytes(300))
    struct.pack_into(">I", batch, CRC, 1)
    error = refusal(batch, max_message_bytes="200")
    assert (error.error_code, error.message, error.log_start_offset) == (ErrorCode.MESSAGE_TOO_LARGE, None, -1)


def test_a_batch_larger_than_a_segment_is_refused() -> None:
    error = refusal(one_batch(value=bytes(1 << 20)), segment_bytes=str(1 << 20), max_message_bytes="5000000")
    assert (error.error_code, error.log_start_offset) == (ErrorCode.RECORD_LIST_TOO_LARGE, -1)


def test_zstd_needs_produce_version_seven() -> None:
    with pytest.raises(AppendError) as caught:
        only_batch(one_batch(codec=4), may_be_zstd=False)
    assert caught.value.error_code == ErrorCode.UNSUPPORTED_COMPRESSION_TYPE
    stored(one_batch(codec=4))


@pytest.mark.parametrize("codec", [5, 7])
def test_an_unknown_codec_is_a_server_error(codec: int) -> None:
    error = refusal(changed(one_batch(), ATTRIBUTES, ">h", codec))
    assert (error.error_code, error.log_start_offset) == (ErrorCode.UNKNOWN_SERVER_ERROR, LOG_START)


@pytest.mark.parametrize(
    ("field", "value"),
    [(LAST_OFFSET_DELTA, 5), (LAST_OFFSET_DELTA, -1), (RECORD_COUNT, 0), (RECORD_COUNT, -1), (RECORD_COUNT, 2)],
)
def test_a_count_that_contradicts_the_offsets_is_an_invalid_record(field: int, value: int) -> None:
    error = refusal(changed(one_batch(), field, ">i", value))
    assert (error.error_code, error.message, error.log_start_offset) == (ErrorCode.INVALID_RECORD, None, LOG_START)


def test_a_count_other_than_the_records_present_is_an_invalid_record() -> None:
    assert refusal(with_body(records(0), 2)).error_code == ErrorCode.INVALID_RECORD
    assert refusal(with_body(records(0, 1), 1)).error_code == ErrorCode.INVALID_RECORD
    assert refusal(with_body(gzip.compress(records(0, 1)), 3, codec=1)).error_code == ErrorCode.INVALID_RECORD


def test_clients_may_not_write_control_batches() -> None:
    assert refusal(changed(one_batch(), ATTRIBUTES, ">h", 0x20)).error_code == ErrorCode.INVALID_RECORD


def test_a_producer_id_needs_a_sequence() -> None:
    error = refusal(changed(one_batch(producer_id=5, epoch=0, sequence=0), BASE_SEQUENCE, ">i", -1))
    assert error.error_code == ErrorCode.INVALID_RECORD


def test_negative_producer_ids_and_sequences_without_one_are_stored_as_they_came() -> None:
    header, _ = stored(changed(one_batch(), PRODUCER_ID, ">q", -2))
    assert header.producer_id == -2
    header, _ = stored(changed(one_batch(), BASE_SEQUENCE, ">i", 4))
    assert header.base_sequence == 4


@pytest.mark.parametrize("body", [b"\xff" * 20, b"zzzzzzzzzzzz"], ids=["plain", "gzip"])
def test_a_body_that_cannot_be_read_is_a_server_error(body: bytes) -> None:
    error = refusal(with_body(body, 1, codec=0 if body[0] == 0xFF else 1))
    assert (error.error_code, error.log_start_offset) == (ErrorCode.UNKNOWN_SERVER_ERROR, LOG_START)


def test_bytes_behind_the_last_record_are_an_invalid_record() -> None:
    assert refusal(with_body(records(0) + b"abc", 1)).error_code == ErrorCode.INVALID_RECORD
    assert refusal(with_body(gzip.compress(records(0) + b"abc"), 1, codec=1)).error_code == ErrorCode.INVALID_RECORD


def test_records_that_decompress_beyond_the_bound_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliberately unlike Kafka, which decompresses whatever it is sent."""
    monkeypatch.setattr("kafka_compat.log.validation.MIN_DECOMPRESSED_LIMIT", 1000)
    error = refusal(one_batch(50, value=bytes(1000), codec=1), max_message_bytes="400")
    assert error.error_code == ErrorCode.MESSAGE_TOO_LARGE


# What is stored


def test_offset_and_leader_epoch_are_stamped_and_the_rest_stays() -> None:
    world = PartitionWorld()
    world.partition.set_leader_epoch(3)
    world.produce(one_batch(2))
    sent = one_batch(2)
    world.produce(memoryview(sent))
    base, last, _, kept = world.log.batches[1]
    header = parse_header(kept)
    assert (base, last, header.base_offset, header.partition_leader_epoch) == (2, 3, 2, 3)
    assert kept[MAGIC:] == one_batch(2)[MAGIC:]
    assert bytes(sent) == kept, "a writable buffer is stamped in place"


def test_a_read_only_buffer_is_not_touched() -> None:
    world = PartitionWorld()
    world.produce()
    sent = bytes(one_batch())
    world.produce(sent)
    assert sent == bytes(one_batch())
    assert parse_header(world.log.batches[1][3]).base_offset == 1


def test_a_wrong_max_timestamp_is_made_right() -> None:
    header, _ = stored(changed(one_batch(), MAX_TIMESTAMP, ">q", 5))
    assert header.max_timestamp_ms == NOW_MS
    header, _ = stored(changed(one_batch(codec=1), MAX_TIMESTAMP, ">q", 5))
    assert header.max_timestamp_ms == NOW_MS


def test_the_log_append_time_bit_of_a_client_is_cleared_and_its_max_timestamp_kept() -> None:
    batch = changed(one_batch(2), ATTRIBUTES, ">h", 8)
    header, _ = stored(changed(batch, MAX_TIMESTAMP, ">q", NOW_MS - 5))
    assert (header.attributes, header.max_timestamp_ms, header.base_timestamp_ms) == (0, NOW_MS - 5, NOW_MS)


def test_the_log_append_time_bit_without_a_timestamp_is_refused() -> None:
    batch = changed(one_batch(), ATTRIBUTES, ">h", 8)
    error = refusal(changed(batch, MAX_TIMESTAMP, ">q", -1))
    assert error.error_code == ErrorCode.INVALID_TIMESTAMP
    assert error.message == "One or more records have been rejected due to invalid timestamp"
    assert error.record_errors == (
        (
            0,
            (
                "Invalid timestamp type in message DefaultRecord(offset=0, timestamp=-1, key=1 bytes, value=1 bytes). Producer "
                "should not set timestamp type to LogAppendTime."
            ),
        ),
    )


def test_the_log_append_time_bit_is_refused_on_a_log_append_time_topic() -> None:
    error = refusal(changed(one_batch(), ATTRIBUTES, ">h", 8), message_timestamp_type="LogAppendTime")
    assert (error.error_code, error.log_start_offset) == (ErrorCode.INVALID_TIMESTAMP, LOG_START)


@pytest.mark.parametrize("codec", [0, 1])
def test_log_append_time_replaces_the_max_timestamp_only(codec: int) -> None:
    world = PartitionWorld(message_timestamp_type="LogAppendTime")
    result = world.produce(one_batch(timestamp_ms=5, codec=codec))
    assert result.log_append_time_ms == NOW_MS
    kept = world.log.batches[0][3]
    header = parse_header(kept)
    assert (header.attributes, header.max_timestamp_ms, header.base_timestamp_ms) == (8 | codec, NOW_MS, 5)
    assert is_crc_valid(kept, 0, len(kept))


def test_unknown_attribute_bits_stay_when_nothing_else_changes() -> None:
    header, _ = stored(changed(one_batch(), ATTRIBUTES, ">h", 0x4080))
    assert header.attributes == 0x4080


def test_wrong_offset_deltas_stay_when_plain_and_are_a_server_error_when_compressed() -> None:
    _, kept = stored(with_body(records(0, 5, 7), 3))
    assert [record.offset for record in iter_batch_records(kept)] == [0, 5, 7]
    error = refusal(with_body(gzip.compress(records(0, 3)), 2, codec=1))
    assert (error.error_code, error.log_start_offset) == (ErrorCode.UNKNOWN_SERVER_ERROR, LOG_START)


# Timestamps and keys


def test_timestamps_out_of_bounds_are_listed_record_by_record() -> None:
    error = refusal(
        one_batch(2, timestamp_ms=NOW_MS - 2000), message_timestamp_before_max_ms="1000", message_timestamp_after_max_ms="500"
    )
    assert error.error_code == ErrorCode.INVALID_TIMESTAMP
    assert error.message == "One or more records have been rejected due to invalid timestamp"
    text = f"is out of range. The timestamp should be within [{NOW_MS - 1000}, {NOW_MS + 500}]"
    assert error.record_errors == (
        (0, f"Timestamp {NOW_MS - 2000} of message with offset 0 {text}"),
        (1, f"Timestamp {NOW_MS - 2000} of message with offset 1 {text}"),
    )


def test_the_future_ends_in_an_hour_by_default_and_the_past_never() -> None:
    stored(one_batch(timestamp_ms=0))
    stored(one_batch(timestamp_ms=NOW_MS + 3_600_000))
    assert refusal(one_batch(timestamp_ms=NOW_MS + 3_600_001)).error_code == ErrorCode.INVALID_TIMESTAMP


def test_a_record_without_timestamp_is_in_bounds() -> None:
    header, _ = stored(one_batch(timestamp_ms=-1), message_timestamp_before_max_ms="1000")
    assert header.max_timestamp_ms == -1


def test_a_compacted_topic_wants_keys() -> None:
    batch = with_body(records(0) + records(1, 2, 3, 4, key=None), 5)
    error = refusal(batch, cleanup_policy="compact")
    text = "Compacted topic cannot accept message without key in topic partition t-0"
    assert error.error_code == ErrorCode.INVALID_RECORD
    assert error.record_errors == tuple((index, text) for index in (1, 2, 3, 4))
    shown = ", ".join(f"RecordError(batchIndex={index}, message='{text}')" for index in (1, 2, 3))
    assert error.message == (
        "One or more records have been rejected due to 4 record errors in total, and only showing the first three errors at "
        f"most: [{shown}]"
    )


def test_a_bad_timestamp_decides_the_code_when_keys_are_missing_as_well() -> None:
    body = bytearray(records(0, key=None))
    append_record(body, 1, 9_999_999_999, b"k", b"v", ())
    error = refusal(with_body(bytes(body), 2), cleanup_policy="compact")
    assert error.error_code == ErrorCode.INVALID_TIMESTAMP
    assert [index for index, _ in error.record_errors] == [0, 1]
    assert error.record_errors[0][1].startswith("Compacted topic")


# Recompression


@pytest.mark.parametrize("sent", [0, 2, 3, 4])
def test_a_topic_compression_type_recompresses_other_codecs(sent: int) -> None:
    header, kept = stored(
        one_batch(3, codec=sent, producer_id=7, epoch=1, sequence=4, transactional=True), compression_type="gzip"
    )
    assert (header.compression, header.record_count, header.last_offset_delta) == (1, 3, 2)
    assert (header.producer_id, header.producer_epoch, header.base_sequence, header.is_transactional) == (7, 1, 4, True)
    assert list(iter_batch_records(kept)) == [Record(offset, NOW_MS, b"k", b"v") for offset in range(3)]


def test_the_right_codec_is_kept_byte_for_byte() -> None:
    batch = one_batch(3, codec=1)
    _, kept = stored(bytes(batch), compression_type="gzip")
    assert kept[MAGIC:] == batch[MAGIC:]


def test_uncompressed_topics_decompress() -> None:
    header, _ = stored(one_batch(3, codec=4), compression_type="uncompressed")
    assert header.compression == 0


def test_recompression_makes_offsets_consecutive() -> None:
    _, kept = stored(with_body(records(0, 4), 2), compression_type="gzip")
    assert [record.offset for record in iter_batch_records(kept)] == [0, 1]


def test_a_batch_that_outgrows_the_limit_by_recompression_is_too_large() -> None:
    batch = one_batch(20, value=bytes(100), codec=1)
    error = refusal(batch, compression_type="uncompressed", max_message_bytes="1000")
    assert error.error_code == ErrorCode.MESSAGE_TOO_LARGE


def test_transactional_batches_are_recognised_by_their_bit() -> None:
    assert is_transactional(one_batch(producer_id=1, epoch=0, sequence=0, transactional=True))
    assert not is_transactional(one_batch())
    assert not is_transactional(None)
    assert not is_transactional(b"short")


@pytest.mark.parametrize("timestamp_ms", [-2, -(1 << 40)])
def test_a_negative_timestamp_is_stored_as_it_came_but_cannot_be_recompressed(timestamp_ms: int) -> None:
    PartitionWorld().produce(one_batch(timestamp_ms=timestamp_ms))
    error = refusal(one_batch(timestamp_ms=timestamp_ms), **{"compression.type": "gzip"})
    assert (error.error_code, error.log_start_offset) == (ErrorCode.UNKNOWN_SERVER_ERROR, LOG_START)


def test_record_lengths_count_when_the_batch_is_recompressed() -> None:
    wrong_length = bytes([100]) + records(0)[1:]
    batch = with_body(gzip.compress(wrong_length), 1, codec=1)
    PartitionWorld().produce(batch)
    assert refusal(batch, **{"compression.type": "lz4"}).error_code == ErrorCode.INVALID_RECORD


def test_a_length_beyond_java_s_integers_is_an_unknown_error() -> None:
    batch = one_batch()
    struct.pack_into(">i", batch, BATCH_LENGTH, 0x7FFFFFFF)
    assert refusal(batch).error_code == ErrorCode.UNKNOWN_SERVER_ERROR
