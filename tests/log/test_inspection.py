"""Batches that a topic stores in another compression: what they become, and the memory that it takes."""

from __future__ import annotations

import os
import random
import struct
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

import pytest
import snappy
from hypothesis import given, settings
from hypothesis import strategies as st

from kafka_compat import build_info
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.topic import TopicConfig
from kafka_compat.log.allowance import Allowance
from kafka_compat.log.errors import AppendError
from kafka_compat.log.inspection import inspect
from kafka_compat.log.validation import ValidationRules
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.records.batch import (
    ATTRIBUTES,
    BATCH_LENGTH,
    HEADER_SIZE,
    LOG_APPEND_TIME_FLAG,
    is_crc_valid,
    parse_header,
    write_crc,
)
from kafka_compat.records.builder import PlainRecord, build_batch
from kafka_compat.records.compression import Codec, compress, level_range
from kafka_compat.records.reader import iter_batch_records, records_body
from tests.support.log_worlds import NOW_MS
from tests.support.record_strategies import plain_records

KIB: Final = 1 << 10
MIB: Final = 1 << 20
RAW_SNAPPY: Final = 7  # one block without a header, as librdkafka writes it
NAMES: Final = {Codec.NONE: "uncompressed", Codec.GZIP: "gzip", Codec.SNAPPY: "snappy", Codec.LZ4: "lz4", Codec.ZSTD: "zstd"}
PAIRS: Final = [
    (source, target)
    for source in (*Codec, RAW_SNAPPY)
    for target in Codec
    if target != (Codec.SNAPPY if source == RAW_SNAPPY else source)
]

ROOT: Final = Path(__file__).resolve().parent.parent.parent

replaces_parts = pytest.mark.skipif(build_info.is_compiled(), reason="replaces parts of a module that is compiled here")
every_pair = pytest.mark.parametrize(("source", "target"), PAIRS)


def rules_for(target: Codec, **overrides: str) -> ValidationRules:
    configs = {"max.message.bytes": str(100 * MIB), "compression.type": NAMES[target]}
    configs |= {name.replace("_", "."): value for name, value in overrides.items()}
    return ValidationRules.of(TopicConfig(BrokerConfig(), configs), "t-0")


def sent(records: list[PlainRecord], source: int) -> bytearray:
    """A batch of a producer that compresses with `source`."""
    if source != RAW_SNAPPY:
        return build_batch(records, codec=source)
    batch = build_batch(records)
    return with_body(snappy.compress(bytes(batch[HEADER_SIZE:])), batch, Codec.SNAPPY)


def with_body(body: bytes, like: bytearray, codec: Codec) -> bytearray:
    """The batch with another record section."""
    batch = like[:HEADER_SIZE] + body
    struct.pack_into(">i", batch, BATCH_LENGTH, len(batch) - 12)
    struct.pack_into(">h", batch, ATTRIBUTES, codec)
    write_crc(batch, 0, len(batch))
    return batch


def stored(batch: bytearray, rules: ValidationRules) -> bytearray | memoryview:
    """What a thread makes of the batch."""
    return inspect(batch, rules, NOW_MS, Allowance(len(batch), in_thread=True)).buffer


def checked(batch: bytearray, rules: ValidationRules, target: Codec) -> bytes:
    """The record section that is stored of the batch, whose header and records are right."""
    kept = stored(batch, rules)
    before, header = parse_header(batch), parse_header(kept)
    assert is_crc_valid(kept, 0, len(kept))
    assert (header.size_in_bytes, header.compression) == (len(kept), target)
    assert (header.record_count, header.last_offset_delta) == (before.record_count, before.last_offset_delta)
    assert (header.base_timestamp_ms, header.max_timestamp_ms) == (before.base_timestamp_ms, before.max_timestamp_ms)
    # The plain reader and the builder of single records: what was sent, read one by one, is what is stored, read one by one.
    records = list(iter_batch_records(batch))
    assert list(iter_batch_records(kept)) == records
    assert records_body(header, kept) == build_batch(records)[HEADER_SIZE:]
    return bytes(kept[HEADER_SIZE:])


@lru_cache(maxsize=4)
def text(size: int) -> bytes:
    """Of which a compressor has work."""
    return random.Random(size).randbytes(size // 2 + 1).hex().encode()[:size]


def records_of(size: int, value_bytes: int = 10_000) -> list[PlainRecord]:
    """Records that are `size` bytes long as a section."""
    content = text(size)
    records: list[PlainRecord] = []
    left = size - 20
    while left > 0:
        value = content[left - min(left, value_bytes) : left]
        records.append((NOW_MS + len(records) % 7, b"k", value, ()))
        left -= len(value) + 16
    missing = size - (len(build_batch(records)) - HEADER_SIZE)
    records[-1] = (records[-1][0], b"k" + content[:missing], records[-1][2], ())
    records[-1] = (
        records[-1][0],
        b"k" + content[: missing + size - (len(build_batch(records)) - HEADER_SIZE)],
        records[-1][2],
        (),
    )
    return records


@replaces_parts
@every_pair
@given(records=plain_records(), piece=st.sampled_from([100, 3000]), level=st.integers(0, 2))
@settings(max_examples=20, deadline=None)
def test_a_batch_of_many_pieces_is_what_it_is_at_once(
    source: int, target: Codec, records: list[PlainRecord], piece: int, level: int
) -> None:
    batch = sent(records, source)
    levels = level_range(target)
    overrides = {} if levels is None else {f"compression.{NAMES[target]}.level": str(levels[level])}
    rules = rules_for(target, message_timestamp_after_max_ms=str(1 << 50), **overrides)
    at_once = checked(batch, rules, target)
    assert at_once == compress(target, build_batch(records)[HEADER_SIZE:], rules.target_level)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("kafka_compat.log.inspection._PIECE", piece)
        in_pieces = checked(batch, rules, target)
    if target != Codec.ZSTD:
        assert in_pieces == at_once


@every_pair
@pytest.mark.parametrize("size", [32 * KIB + 1, MIB - 1, MIB, MIB + 1, 2 * MIB + 1])
def test_a_batch_around_the_ends_of_blocks_and_pieces(source: int, target: Codec, size: int) -> None:
    records = records_of(size)
    assert len(build_batch(records)) - HEADER_SIZE == size
    body = checked(sent(records, source), rules_for(target), target)
    if target != Codec.ZSTD or size <= MIB:
        assert body == compress(target, build_batch(records)[HEADER_SIZE:])


@pytest.mark.parametrize("source", [Codec.NONE, Codec.GZIP, RAW_SNAPPY])
def test_records_that_are_numbered_anew_in_pieces(source: int) -> None:
    """They have the log-append-time bit, so that each is written with the batch's timestamp."""
    records = records_of(2 * MIB + 5)
    batch = sent(records, source)
    batch[ATTRIBUTES + 1] |= LOG_APPEND_TIME_FLAG
    write_crc(batch, 0, len(batch))
    kept = stored(batch, rules_for(Codec.LZ4))
    header = parse_header(kept)
    assert (header.base_timestamp_ms, header.max_timestamp_ms) == (NOW_MS + 6, NOW_MS + 6)
    assert [(one.timestamp_ms, one.value) for one in iter_batch_records(kept)] == [(NOW_MS + 6, one[2]) for one in records]


def traced(call: Callable[[], object]) -> int:
    """The most that is allocated meanwhile, in bytes."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def check_memory(source: int, target: Codec, value_bytes: int) -> None:
    size = 8 * MIB
    batch = sent(records_of(size, value_bytes), source)
    kept: list[bytearray | memoryview] = []
    peak = traced(lambda: kept.append(stored(batch, rules_for(target))))
    # A buffer that grows reserves an eighth; and some pieces of a megabyte are under way.
    bound = size * 5 // 4 + 3 * MIB
    if source == RAW_SNAPPY:  # which has no pieces: it stays beside what is made of it
        bound += len(kept[0])
    assert peak < bound


@every_pair
def test_what_is_in_memory_is_the_plain_records_once_or_what_is_made_of_them(source: int, target: Codec) -> None:
    """Beside what was sent: first the records, to be checked; then what is to be stored, which is made of pieces of them."""
    check_memory(source, target, 100_000)


@pytest.mark.parametrize(("source", "target"), PAIRS[::5])
def test_a_single_large_record_is_in_memory_once(source: int, target: Codec) -> None:
    check_memory(source, target, 1 << 30)


_CHILD: Final = """
import sys
from pathlib import Path
from threading import Thread
from tests.log.test_inspection import MIB, Codec, records_of, rules_for, sent, stored

def resident(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) << 10

for codec in Codec:
    for other in Codec:
        stored(sent(records_of(1000), codec), rules_for(other))
size = Path(sys.argv[2]).stat().st_size
batch = bytearray(size)
with open(sys.argv[2], "rb") as file:
    assert file.readinto(batch) == size
kept = []
thread = Thread(target=lambda: kept.append(stored(batch, rules_for(Codec(int(sys.argv[1]))))))
before = resident("VmRSS")
thread.start()
thread.join()
print(resident("VmHWM") - before, len(kept[0]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc for the most memory that was resident")
@pytest.mark.parametrize(
    ("source", "target"),
    [(Codec.NONE, Codec.GZIP), (Codec.GZIP, Codec.LZ4), (RAW_SNAPPY, Codec.ZSTD)],
)
def test_the_libraries_hold_no_more_either(source: int, target: Codec, tmp_path: Path) -> None:
    """What they allocate themselves is not traced, so that a process of its own tells."""
    size = 40 * MIB
    path = tmp_path / "batch"
    path.write_bytes(sent(records_of(size, 100_000), source))
    command = [sys.executable, "-c", _CHILD, str(int(target)), str(path)]
    child = subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, capture_output=True)
    assert child.returncode == 0, child.stderr.decode()
    grown, kept_bytes = map(int, child.stdout.split())
    assert grown < size * 5 // 4 + (kept_bytes if source == RAW_SNAPPY else 0)


# What is too large, or cannot be built


def test_what_becomes_too_large_is_not_built() -> None:
    """A megabyte can become plain records of 64 MiB."""
    batch = build_batch([(NOW_MS, b"k", bytes(32 * MIB), ())], codec=Codec.ZSTD)
    rules = rules_for(Codec.NONE, max_message_bytes=str(MIB))

    def refused() -> None:
        with pytest.raises(AppendError) as caught:
            stored(batch, rules)
        assert caught.value.error_code == ErrorCode.MESSAGE_TOO_LARGE

    assert traced(refused) < 40 * MIB


@pytest.mark.parametrize("value_bytes", [10, 3 * MIB])
@pytest.mark.parametrize("source", [Codec.NONE, Codec.GZIP])
def test_a_record_that_cannot_be_built_is_said_rather_than_the_size(value_bytes: int, source: Codec) -> None:
    batch = build_batch([(NOW_MS, b"k", bytes(value_bytes), ()), (-2, b"k", b"v", ())], codec=source)
    rules = rules_for(Codec.LZ4, max_message_bytes=str(max(len(batch), 80)))
    with pytest.raises(AppendError) as caught:
        stored(batch, rules)
    assert (caught.value.error_code, caught.value.log_start_offset) == (
        ErrorCode.UNKNOWN_SERVER_ERROR,
        AppendError.PARTITION_LOG_START,
    )


def test_a_length_with_bits_beyond_an_integer_is_read_as_java_reads_it() -> None:
    record = b"\x00\x00\x00" + b"\x82\x80\x80\x80\x70" + b"k" + b"\x02v" + b"\x00"  # the key's length is 1 and bits above
    batch = with_body(bytes([len(record) << 1]) + record, build_batch([(NOW_MS, b"k", b"v", ())]), Codec.NONE)
    assert list(iter_batch_records(stored(batch, rules_for(Codec.GZIP)))) == [(0, NOW_MS, b"k", b"v", ())]


# Records of millions of headers


def with_headers(count: int, timestamp_ms: int = NOW_MS) -> bytearray:
    """A small batch of one record with so many empty headers."""
    return build_batch([(timestamp_ms, b"k", b"v", (("", None),) * count)], codec=Codec.ZSTD)


def test_headers_are_no_objects_when_they_are_compressed_anew() -> None:
    count = 60_000
    batch = with_headers(count)
    assert traced(lambda: stored(batch, rules_for(Codec.GZIP))) < 3 * MIB
    kept = stored(batch, rules_for(Codec.NONE))
    assert parse_header(kept).size_in_bytes > 2 * count


@pytest.mark.parametrize("target", [Codec.GZIP, Codec.ZSTD])
@pytest.mark.parametrize("fixed", [False, True])
def test_headers_are_no_objects_when_their_record_is_refused(target: Codec, fixed: bool) -> None:
    batch = with_headers(60_000, NOW_MS + (1 << 40))
    overrides = {}
    if fixed:
        batch[ATTRIBUTES + 1] |= LOG_APPEND_TIME_FLAG
        write_crc(batch, 0, len(batch))
        overrides = {"message.timestamp.type": "LogAppendTime"}

    def refused() -> None:
        with pytest.raises(AppendError) as caught:
            stored(batch, rules_for(target, **overrides))
        assert caught.value.error_code == ErrorCode.INVALID_TIMESTAMP
        assert len(caught.value.record_errors) == 1

    assert traced(refused) < 3 * MIB


@pytest.mark.parametrize("target", [Codec.GZIP, Codec.ZSTD])
def test_others_may_run_while_records_are_named_that_are_refused(target: Codec) -> None:
    batch = build_batch([(NOW_MS, b"k", None, ())] * 5000 + [(NOW_MS + (1 << 40), b"k", None, ())], codec=Codec.ZSTD)
    allowance = Allowance(len(batch), in_thread=True)
    calls: list[None] = []
    allowance.pause = lambda: calls.append(None)
    with pytest.raises(AppendError) as caught:
        inspect(batch, rules_for(target), NOW_MS, allowance)
    assert [index for index, _ in caught.value.record_errors] == [5000]
    assert len(calls) == 5
