"""Every batch Kafka's Java client wrote is read as it was meant and, uncompressed, written as Java wrote it."""

from __future__ import annotations

import pytest

from kafka_compat.records.batch import compute_crc, parse_header, verify_crc
from kafka_compat.records.builder import build_batch
from kafka_compat.records.compression import compress, decompress
from kafka_compat.records.control import build_end_transaction_marker, parse_end_transaction_marker
from kafka_compat.records.reader import iter_records, records_body
from kafka_compat.records.walk import validate_records
from tests.records.vectors import BATCHES, MARKERS, GoldenBatch, GoldenMarker

every_batch = pytest.mark.parametrize("golden", BATCHES, ids=lambda g: g.name)
every_marker = pytest.mark.parametrize("golden", MARKERS, ids=lambda g: g.name)


def test_vectors_cover_every_codec_and_timestamp_type() -> None:
    assert {(g.codec, g.is_log_append_time) for g in BATCHES} == {(c, t) for c in range(5) for t in (False, True)}
    assert len(MARKERS) == 2


@every_batch
def test_header_fields(golden: GoldenBatch) -> None:
    header = parse_header(golden.encoded)
    assert header.base_offset == golden.base_offset
    assert header.last_offset == golden.records[-1].offset
    assert header.compression == golden.codec
    assert header.is_log_append_time == golden.is_log_append_time
    assert header.is_transactional == golden.transactional
    assert not header.is_control
    assert (header.producer_id, header.producer_epoch) == (golden.producer_id, golden.producer_epoch)
    assert header.base_sequence == golden.base_sequence
    assert header.last_sequence == (-1 if golden.base_sequence < 0 else golden.base_sequence + len(golden.records) - 1)
    assert header.partition_leader_epoch == golden.partition_leader_epoch
    assert header.record_count == len(golden.records)
    assert header.size_in_bytes == len(golden.encoded)
    verify_crc(golden.encoded, 0, len(golden.encoded))
    assert header.crc == compute_crc(golden.encoded, 0, len(golden.encoded))


@every_batch
def test_records_are_read(golden: GoldenBatch) -> None:
    assert list(iter_records(golden.encoded)) == golden.records


@every_batch
def test_walk_agrees(golden: GoldenBatch) -> None:
    header = parse_header(golden.encoded)
    result = validate_records(header, records_body(header, golden.encoded), keys_required=True)
    timestamps = [r.timestamp_ms for r in golden.records]
    assert result.max_timestamp_ms == max(timestamps) == header.max_timestamp_ms
    assert result.index_of_max_timestamp == timestamps.index(max(timestamps))
    assert result.has_consecutive_offsets
    assert result.null_key_indexes == [i for i, r in enumerate(golden.records) if r.key is None]
    assert result.out_of_range_indexes == []


@every_batch
def test_rebuilding_gives_the_same_bytes_before_compression(golden: GoldenBatch) -> None:
    header = parse_header(golden.encoded)
    records = golden.records
    if golden.is_log_append_time:
        # The records' own timestamps are hidden behind the batch's; take them from the bytes, as create-time records.
        as_create_time = bytearray(golden.encoded)
        as_create_time[22] &= ~0x08
        records = list(iter_records(as_create_time))
    rebuilt = build_batch(
        records,
        base_offset=golden.base_offset,
        log_append_time_ms=header.max_timestamp_ms if golden.is_log_append_time else None,
        codec=golden.codec,
        producer_id=golden.producer_id,
        producer_epoch=golden.producer_epoch,
        base_sequence=golden.base_sequence,
        transactional=golden.transactional,
        partition_leader_epoch=golden.partition_leader_epoch,
    )
    verify_crc(rebuilt, 0, len(rebuilt))
    rebuilt_header = parse_header(rebuilt)
    assert bytes(records_body(rebuilt_header, rebuilt)) == bytes(records_body(header, golden.encoded))
    if golden.codec == 0:
        assert rebuilt == golden.encoded


@every_batch
def test_compressing_again_round_trips(golden: GoldenBatch) -> None:
    body = records_body(parse_header(golden.encoded), golden.encoded)
    assert bytes(decompress(golden.codec, compress(golden.codec, body), len(body))) == body


@every_marker
def test_markers_are_read(golden: GoldenMarker) -> None:
    header = parse_header(golden.encoded)
    assert header.is_control
    assert header.is_transactional
    (record,) = iter_records(golden.encoded)
    marker = parse_end_transaction_marker(record)
    assert marker == (golden.name == "commit", golden.coordinator_epoch)


@every_marker
def test_markers_are_written(golden: GoldenMarker) -> None:
    built = build_end_transaction_marker(
        is_commit=golden.name == "commit",
        coordinator_epoch=golden.coordinator_epoch,
        producer_id=golden.producer_id,
        producer_epoch=golden.producer_epoch,
        timestamp_ms=golden.timestamp_ms,
        base_offset=golden.base_offset,
        partition_leader_epoch=golden.partition_leader_epoch,
    )
    assert built == golden.encoded
