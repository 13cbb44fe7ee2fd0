from __future__ import annotations

import struct

import pytest

from kafka_compat.records.batch import (
    ATTRIBUTES,
    BATCH_LENGTH,
    CRC,
    HEADER_SIZE,
    MAGIC,
    decrement_sequence,
    increment_sequence,
    is_crc_valid,
    iter_batches,
    magic_of,
    parse_header,
    rewrite_timestamps,
    stamp,
    verify_crc,
)
from kafka_compat.records.builder import build_batch
from kafka_compat.records.errors import CorruptBatch

RECORD = (1_700_000_000_000, b"key", b"value", ())
INT32_MAX = (1 << 31) - 1


@pytest.mark.parametrize("size", [0, 1, HEADER_SIZE - 1])
def test_header_cut_short_is_corrupt(size: int) -> None:
    with pytest.raises(CorruptBatch):
        parse_header(build_batch([RECORD])[:size])


@pytest.mark.parametrize("length", [-1, 0, HEADER_SIZE - 13])
def test_length_that_does_not_cover_the_header_is_corrupt(length: int) -> None:
    batch = build_batch([RECORD])
    struct.pack_into(">i", batch, BATCH_LENGTH, length)
    with pytest.raises(CorruptBatch):
        parse_header(batch)


def test_header_is_read_at_a_position() -> None:
    first, second = build_batch([RECORD]), build_batch([RECORD, RECORD], base_offset=7)
    assert parse_header(memoryview(first + second), len(first)).last_offset == 8


@pytest.mark.parametrize(
    ("sequence", "increment", "expected"),
    [(0, 1, 1), (INT32_MAX, 0, INT32_MAX), (INT32_MAX, 1, 0), (INT32_MAX - 1, 5, 3), (5, INT32_MAX, 4)],
)
def test_sequences_wrap_behind_the_largest_int32(sequence: int, increment: int, expected: int) -> None:
    assert increment_sequence(sequence, increment) == expected
    assert decrement_sequence(expected, increment) == sequence


def test_last_sequence_wraps() -> None:
    batch = build_batch([RECORD] * 3, producer_id=1, producer_epoch=0, base_sequence=INT32_MAX)
    assert parse_header(batch).last_sequence == 1


def test_any_flipped_bit_behind_the_crc_is_found() -> None:
    batch = build_batch([RECORD])
    for position in range(ATTRIBUTES, len(batch)):
        batch[position] ^= 0x10
        assert not is_crc_valid(batch, 0, len(batch))
        with pytest.raises(CorruptBatch, match="stored crc"):
            verify_crc(batch, 0, len(batch))
        batch[position] ^= 0x10
    verify_crc(batch, 0, len(batch))


def test_stamping_leaves_the_crc_valid() -> None:
    batch = bytearray(5) + build_batch([RECORD, RECORD])
    stamp(memoryview(batch), 5, 1 << 40, 12)
    header = parse_header(batch, 5)
    assert (header.base_offset, header.last_offset, header.partition_leader_epoch) == (1 << 40, (1 << 40) + 1, 12)
    assert is_crc_valid(batch, 5, len(batch) - 5)


def test_rewriting_what_is_there_changes_nothing() -> None:
    batch = build_batch([RECORD])
    struct.pack_into(">h", batch, ATTRIBUTES, 0x780)
    before = bytes(batch)
    assert not rewrite_timestamps(batch, 0, len(batch), log_append_time=False, max_timestamp_ms=RECORD[0])
    assert batch == before


def test_log_append_time_is_written_with_a_new_crc() -> None:
    batch = build_batch([RECORD], transactional=True, producer_id=4, producer_epoch=0, base_sequence=0)
    assert rewrite_timestamps(batch, 0, len(batch), log_append_time=True, max_timestamp_ms=55)
    header = parse_header(batch)
    assert header.is_log_append_time
    assert header.is_transactional
    assert header.max_timestamp_ms == 55
    verify_crc(batch, 0, len(batch))


def test_rewriting_clears_unused_attributes() -> None:
    """Kafka computes the attributes anew (DefaultRecordBatch.computeAttributes) and so drops what it does not know."""
    batch = build_batch([RECORD])
    struct.pack_into(">h", batch, ATTRIBUTES, 0x7F88 | 0x40)
    assert rewrite_timestamps(batch, 0, len(batch), log_append_time=False, max_timestamp_ms=9)
    assert parse_header(batch).attributes == 0x40


def test_batches_are_found_and_a_partial_one_is_left_out() -> None:
    first, second = bytes(build_batch([RECORD])), bytes(build_batch([RECORD] * 4))
    expected = [(0, len(first)), (len(first), len(second))]
    for cut in range(len(second)):
        assert list(iter_batches(memoryview(first + second[:cut]))) == expected[:1]
    assert list(iter_batches(first + second)) == expected


@pytest.mark.parametrize("magic", [3, 127, 128, 255])
def test_unknown_magic_is_corrupt(magic: int) -> None:
    batch = build_batch([RECORD])
    batch[MAGIC] = magic
    with pytest.raises(CorruptBatch, match="magic"):
        list(iter_batches(batch))


@pytest.mark.parametrize("magic", [0, 1])
def test_old_magic_is_left_to_the_caller(magic: int) -> None:
    batch = build_batch([RECORD])
    batch[MAGIC] = magic
    assert list(iter_batches(batch)) == [(0, len(batch))]
    assert magic_of(batch) == magic


@pytest.mark.parametrize("length", [-(1 << 31), -1, 13])
def test_length_below_every_format_is_corrupt(length: int) -> None:
    batch = build_batch([RECORD])
    struct.pack_into(">i", batch, BATCH_LENGTH, length)
    with pytest.raises(CorruptBatch, match="Record size"):
        list(iter_batches(batch))


def test_crc_lies_between_magic_and_attributes() -> None:
    assert (MAGIC, CRC, ATTRIBUTES) == (16, 17, 21)
