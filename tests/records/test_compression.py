"""Reads what every client writes, and never allocates much beyond the bound whatever the input claims."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import struct
import tracemalloc
import zlib

import lz4.frame
import pytest
import snappy
import zstandard
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kafka_compat.records.compression import (
    Codec,
    comes_in_pieces,
    compress,
    compressor,
    decompress,
    decompressed_pieces,
    level_range,
)
from kafka_compat.records.errors import DecompressionTooLarge, UnknownCompression, UnparsableRecords

CODECS = [Codec.GZIP, Codec.SNAPPY, Codec.LZ4, Codec.ZSTD]
MIXED = random.Random(7).randbytes(70_000) + bytes(200_000) + b"kafka" * 20_000

every_codec = pytest.mark.parametrize("codec", CODECS, ids=lambda c: c.name)


@every_codec
@given(plain=st.binary(min_size=1, max_size=5000))
def test_round_trip(codec: Codec, plain: bytes) -> None:
    assert bytes(decompress(codec, memoryview(compress(codec, memoryview(plain))), len(plain))) == plain


@every_codec
def test_round_trip_of_many_blocks(codec: Codec) -> None:
    assert bytes(decompress(codec, compress(codec, MIXED), len(MIXED))) == MIXED


@every_codec
def test_every_level_kafka_allows(codec: Codec) -> None:
    allowed = level_range(codec)
    assert (allowed is None) == (codec is Codec.SNAPPY)
    for level in allowed or ():
        assert bytes(decompress(codec, compress(codec, b"kafka" * 500, level), 2500)) == b"kafka" * 500


@every_codec
def test_one_byte_above_the_bound_is_too_large(codec: Codec) -> None:
    compressed = compress(codec, MIXED)
    with pytest.raises(DecompressionTooLarge):
        decompress(codec, compressed, len(MIXED) - 1)


@every_codec
def test_truncated_input_is_refused_everywhere(codec: Codec) -> None:
    compressed = compress(codec, b"kafka" * 40 + random.Random(1).randbytes(60))
    # A cut header of snappy-java is read as a raw block of another length; one cut between two blocks is whole.
    for size in range(1, len(compressed)):
        if codec is Codec.SNAPPY and size in range(16, 20):
            continue
        with pytest.raises((UnparsableRecords, DecompressionTooLarge)):
            decompress(codec, compressed[:size], 10_000)


@every_codec
@given(garbage=st.binary(max_size=300))
def test_garbage_is_refused_or_read_within_the_bound(codec: Codec, garbage: bytes) -> None:
    for buffer in (garbage, compress(codec, b"x" * 20)[:8] + garbage):
        with contextlib.suppress(UnparsableRecords, DecompressionTooLarge):
            assert len(decompress(codec, buffer, 1000)) <= 1000


@every_codec
def test_empty_input(codec: Codec) -> None:
    """Java's zstd reads it as an empty stream, the others fail."""
    if codec is Codec.ZSTD:
        assert bytes(decompress(codec, b"", 10)) == b""
    else:
        with pytest.raises(UnparsableRecords):
            decompress(codec, b"", 10)


def _bomb(codec: Codec) -> bytes:
    zeros = bytes(1 << 20)
    if codec is Codec.GZIP:
        compressor = zlib.compressobj(9, zlib.DEFLATED, 31)
        return b"".join(compressor.compress(zeros) for _ in range(64)) + compressor.flush()
    if codec is Codec.LZ4:
        return bytes(lz4.frame.compress(zeros * 64, block_linked=False))
    if codec is Codec.SNAPPY:
        block: bytes = snappy.compress(zeros)
        return compress(codec, b"")[:16] + (struct.pack(">i", len(block)) + block) * 64
    return bytes(zstandard.ZstdCompressor(level=19, write_content_size=False).compress(zeros * 64))


@every_codec
def test_a_bomb_costs_no_more_than_a_small_multiple_of_the_bound(codec: Codec) -> None:
    bomb = _bomb(codec)
    bound = 2 << 20
    with pytest.raises(DecompressionTooLarge):
        decompress(codec, bomb, bound)
    tracemalloc.start()
    try:
        with pytest.raises(DecompressionTooLarge):
            decompress(codec, bomb, bound)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * bound


def test_snappy_length_that_lies_allocates_nothing() -> None:
    """The library would reserve the four gigabytes that the preamble names."""
    with pytest.raises(DecompressionTooLarge):
        decompress(Codec.SNAPPY, b"\xff\xff\xff\xff\x0f" + b"\x00" * 10, 1 << 20)
    with pytest.raises(UnparsableRecords):
        decompress(Codec.SNAPPY, b"\x80\x80\x40" + b"\x00" * 10, 1 << 20)


def test_raw_snappy_as_librdkafka_writes_it() -> None:
    assert bytes(decompress(Codec.SNAPPY, snappy.compress(b"kafka" * 9), 100)) == b"kafka" * 9


@pytest.mark.parametrize("plain", [b"", b"x", b"xy"])
def test_raw_snappy_of_a_byte_or_two(plain: bytes) -> None:
    """Which Python may have one object of for everybody."""
    assert bytes(decompress(Codec.SNAPPY, snappy.compress(plain), 2)) == plain
    assert (bytes(1), bytes(2)) == (b"\x00", b"\x00\x00")


def test_snappy_is_framed_as_snappy_java_does() -> None:
    compressed = compress(Codec.SNAPPY, bytes(40_000))
    assert compressed.startswith(b"\x82SNAPPY\x00\x00\x00\x00\x01\x00\x00\x00\x01")
    (first,) = struct.unpack_from(">i", compressed, 16)
    assert snappy.uncompress(compressed[20 : 20 + first]) == bytes(32 * 1024)


def test_gzip_of_several_members() -> None:
    assert bytes(decompress(Codec.GZIP, gzip.compress(b"kaf") + gzip.compress(b"ka"), 100)) == b"kafka"


def test_gzip_ignores_what_follows() -> None:
    assert bytes(decompress(Codec.GZIP, gzip.compress(b"kafka") + bytes(7), 100)) == b"kafka"


@pytest.mark.parametrize("with_size", [False, True])
@pytest.mark.parametrize("with_checksum", [False, True])
def test_zstd_frames_of_every_kind(with_size: bool, with_checksum: bool) -> None:
    compressor = zstandard.ZstdCompressor(write_content_size=with_size, write_checksum=with_checksum)
    skippable = b"\x53\x2a\x4d\x18\x03\x00\x00\x00abc"
    frames = compressor.compress(MIXED) + skippable + compressor.compress(b"kafka")
    assert bytes(decompress(Codec.ZSTD, frames, len(MIXED) + 5)) == MIXED + b"kafka"
    with pytest.raises(UnparsableRecords):
        decompress(Codec.ZSTD, frames + bytes(7), len(MIXED) + 5)


def test_zstd_works_after_a_failure_in_the_same_thread() -> None:
    good = compress(Codec.ZSTD, b"kafka")
    cut = compress(Codec.ZSTD, MIXED)[:3000]
    for _ in range(2):
        with pytest.raises(UnparsableRecords):
            decompress(Codec.ZSTD, cut, 1000)
        with pytest.raises(DecompressionTooLarge):
            decompress(Codec.ZSTD, compress(Codec.ZSTD, MIXED), 1000)
        assert bytes(decompress(Codec.ZSTD, good, 5)) == b"kafka"


@pytest.mark.parametrize("block_size", [lz4.frame.BLOCKSIZE_MAX64KB, lz4.frame.BLOCKSIZE_MAX4MB])
@pytest.mark.parametrize("checked", [False, True])
def test_lz4_frames_of_every_kind(block_size: int, checked: bool) -> None:
    framed = lz4.frame.compress(
        MIXED, block_size=block_size, block_linked=False, store_size=checked, content_checksum=checked, block_checksum=checked
    )
    assert bytes(decompress(Codec.LZ4, framed + b"trailing", len(MIXED))) == MIXED


def test_lz4_with_dependent_blocks_is_refused_as_by_java() -> None:
    with pytest.raises(UnparsableRecords, match="Dependent"):
        decompress(Codec.LZ4, lz4.frame.compress(MIXED, block_linked=True), len(MIXED))


def test_no_codec_hands_the_buffer_through() -> None:
    view = memoryview(b"kafka")
    assert decompress(Codec.NONE, view, 5) is view
    with pytest.raises(DecompressionTooLarge):
        decompress(Codec.NONE, view, 4)


@pytest.mark.parametrize("codec", [5, 6, 7, -1])
def test_ids_above_zstd_name_no_codec(codec: int) -> None:
    with pytest.raises(UnknownCompression):
        decompress(codec, b"", 10)
    with pytest.raises(UnknownCompression):
        compress(codec, b"")


@pytest.mark.parametrize("codec", list(Codec))
def test_nothing_survives_compression(codec: Codec) -> None:
    assert bytes(decompress(codec, compress(codec, b""), 10)) == b""


# In pieces

KIB = 1 << 10
MIB = 1 << 20
# Around the ends of snappy's, lz4's and zstd's blocks, of gzip's and zstd's windows, and of pieces.
BOUNDARIES = [0, 1, 32 * KIB, 64 * KIB, 128 * KIB, MIB, 2 * MIB]
SIZES = st.sampled_from(BOUNDARIES).flatmap(lambda size: st.integers(max(size - 3, 0), size + 3))
WORDS = random.Random(3).randbytes(400) + b"kafka" * 40


def text_of(size: int, seed: int) -> bytes:
    """Of which a compressor has work: words at random, so that matches reach back near and far."""
    rng = random.Random(seed)
    starts = rng.choices(range(len(WORDS) - 30), k=size // 12 + 1)
    return b"".join(WORDS[start : start + 12 + start % 5] for start in starts)[:size]


def in_pieces(codec: Codec, plain: bytes, lengths: list[int], level: int | None = None) -> bytes:
    """`plain` compressed in pieces of these lengths, over and over."""
    target = compressor(codec, len(plain), level)
    output = bytearray()
    position = turn = 0
    while position < len(plain):
        length = max(lengths[turn % len(lengths)], len(plain) // 50, 1)
        output += target.compress(memoryview(plain)[position : position + length])
        position += length
        turn += 1
    return bytes(output + target.flush())


def decompressed_by_others(codec: Codec, compressed: bytes) -> bytes:
    """What the libraries' own readers, which other clients have, make of it."""
    if codec is Codec.GZIP:
        return gzip.decompress(compressed)
    if codec is Codec.LZ4:
        return bytes(lz4.frame.decompress(compressed))
    if codec is Codec.ZSTD:
        return bytes(zstandard.ZstdDecompressor().stream_reader(io.BytesIO(compressed)).read())
    assert compressed[:16] == b"\x82SNAPPY\x00\x00\x00\x00\x01\x00\x00\x00\x01"
    plain = bytearray()
    position = 16
    while position < len(compressed):
        (length,) = struct.unpack_from(">i", compressed, position)
        plain += snappy.uncompress(compressed[position + 4 : position + 4 + length])
        position += 4 + length
    return bytes(plain)


@every_codec
@given(size=SIZES, lengths=st.lists(SIZES, min_size=1, max_size=4), seed=st.integers(0, 3))
@settings(max_examples=30, deadline=None)
@example(size=2 * MIB + 1, lengths=[MIB], seed=0)
def test_in_pieces_it_is_what_it_is_as_a_whole(codec: Codec, size: int, lengths: list[int], seed: int) -> None:
    plain = text_of(size, seed)
    compressed = in_pieces(codec, plain, lengths)
    assert decompressed_by_others(codec, compressed) == plain
    assert decompress(codec, compressed, len(plain)) == plain
    if codec is not Codec.ZSTD:
        assert compressed == compress(codec, plain)


@pytest.mark.parametrize(
    ("codec", "level"),
    [
        *((Codec.GZIP, level) for level in (-1, *range(1, 10))),
        *((Codec.LZ4, level) for level in range(1, 18)),
        *((Codec.ZSTD, level) for level in (-131072, -50, -1, *range(23))),
    ],
)
@pytest.mark.parametrize("size", [0, 70_001])
def test_in_pieces_at_every_level(codec: Codec, level: int, size: int) -> None:
    plain = text_of(size, seed=9)
    compressed = in_pieces(codec, plain, [40_000], level)
    assert decompressed_by_others(codec, compressed) == plain
    if codec is not Codec.ZSTD:
        assert compressed == compress(codec, plain, level)


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.LZ4, Codec.ZSTD])
def test_a_higher_level_makes_less_of_it(codec: Codec) -> None:
    plain = text_of(300_000, seed=1)
    lowest, highest, default = (len(in_pieces(codec, plain, [100_000], level)) for level in level_range(codec) or ())
    assert highest < lowest
    assert highest <= default == len(in_pieces(codec, plain, [100_000]))


def test_the_window_of_zstd_in_pieces_is_two_megabytes_at_most() -> None:
    """Level 22 has one of 128 MiB by itself, which writer and readers hold in memory."""
    for level, size in ((3, 64 * MIB), (19, 64 * MIB), (22, 64 * MIB), (22, 70_000)):
        target = compressor(Codec.ZSTD, size, level)
        compressed = bytes(target.compress(b"kafka" * 40_000)) + target.flush()
        assert zstandard.get_frame_parameters(compressed).window_size <= 2 * MIB


def test_no_codec_hands_pieces_through() -> None:
    target = compressor(Codec.NONE, 5)
    piece = memoryview(b"kafka")
    assert target.compress(piece) is piece
    assert target.flush() == b""
    with pytest.raises(UnknownCompression):
        compressor(5, 5)


@every_codec
@given(size=SIZES, seed=st.integers(0, 3))
@settings(max_examples=20, deadline=None)
def test_decompressed_in_pieces(codec: Codec, size: int, seed: int) -> None:
    plain = text_of(size, seed)
    pieces = list(decompressed_pieces(codec, compress(codec, plain), len(plain)))
    assert b"".join(pieces) == plain
    assert all(0 < len(piece) <= MIB for piece in pieces)


@every_codec
def test_pieces_are_all_that_is_in_memory(codec: Codec) -> None:
    """lz4's library copies what it is given and has not used, again and again."""
    rng = random.Random(2)
    compressed = compress(codec, b"".join(rng.randbytes(MIB) for _ in range(16)))
    tracemalloc.start()
    try:
        size = sum(len(piece) for piece in decompressed_pieces(codec, compressed, 16 * MIB))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == 16 * MIB
    assert peak < 6 * MIB


def test_snappy_is_in_pieces_when_it_has_blocks() -> None:
    assert comes_in_pieces(Codec.SNAPPY, compress(Codec.SNAPPY, b"kafka"))
    assert not comes_in_pieces(Codec.SNAPPY, snappy.compress(b"kafka"))
    assert all(comes_in_pieces(codec, compress(codec, b"kafka")) for codec in CODECS)
