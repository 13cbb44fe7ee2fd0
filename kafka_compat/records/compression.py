"""The five codecs of Kafka, with bounded output.

The codec id is in bits 0 to 2 of a batch's attributes. Framing as Kafka's Java clients write it: gzip with one member, snappy
in blocks behind the header of xerial's snappy-java (librdkafka writes one raw block instead), the LZ4 frame format with
independent 64 KiB blocks and no checksums, one zstd frame without content size.

The codecs' modules are imported at first use: most brokers see one of them, and each costs milliseconds at start.
"""

from __future__ import annotations

import io
import struct
import threading
import zlib
from collections.abc import Iterator
from enum import IntEnum
from typing import TYPE_CHECKING, Final, Protocol

from kafka_compat.records.errors import DecompressionTooLarge, UnknownCompression, UnparsableRecords
from kafka_compat.wire.types import Buffer

if TYPE_CHECKING:
    import zstandard


class Codec(IntEnum):
    """Codec ids; the names in lower case are the values of `compression.type`."""

    NONE = 0
    GZIP = 1
    SNAPPY = 2
    LZ4 = 3
    ZSTD = 4


# magic, version 1, oldest compatible version 1; then blocks, each behind its int32 compressed size
_XERIAL_HEADER: Final = b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)
_XERIAL_MAGIC: Final = _XERIAL_HEADER[:8]
_XERIAL_BLOCK_SIZE: Final = 32 * 1024
_INT32: Final = struct.Struct(">i")

_GZIP_WINDOW: Final = 31  # a window of 32 KiB behind a gzip header
_GZIP_DEFAULT_LEVEL: Final = -1
_LZ4_DEFAULT_LEVEL: Final = 9
_ZSTD_DEFAULT_LEVEL: Final = 3

_LZ4_FLAGS: Final = 4  # position of the descriptor's flags
_LZ4_INDEPENDENT_BLOCKS: Final = 0x20
_ZSTD_LARGEST_FRAME_HEADER: Final = 18
# The window that level 3 has. The strongest levels would take 128 MiB for it, and tables of 600 MiB.
_ZSTD_LARGEST_WINDOW: Final = 2 << 20

# One output buffer never grows by more than this at a time, so that a lying length costs nothing.
_CHUNK: Final = 1 << 20
_FIRST_WINDOW: Final = 4096
_LZ4_WINDOW: Final = 64 << 10

_per_thread: Final = threading.local()

_LEVELS: Final = {
    Codec.GZIP: (1, 9, _GZIP_DEFAULT_LEVEL),
    Codec.LZ4: (1, 17, _LZ4_DEFAULT_LEVEL),
    Codec.ZSTD: (-131072, 22, _ZSTD_DEFAULT_LEVEL),
}


def level_range(codec: int) -> tuple[int, int, int] | None:
    """Lowest, highest and default level of `codec` (KIP-390), None when it has no levels. gzip also takes its default, -1."""
    return _LEVELS.get(Codec(codec))


class Compressor(Protocol):
    """Compresses in pieces: all that it returns, one after the other, is what `compress` would make of the whole.

    The one exception is zstd, which finds other matches; its window is at most 2 MiB, whatever the level.
    """

    def compress(self, piece: Buffer, /) -> Buffer:
        """Take up `piece`; what can be given out already, often nothing."""
        ...

    def flush(self) -> bytes:
        """The rest; once."""
        ...


def decompress(codec: int, buffer: Buffer, max_output_bytes: int) -> Buffer:
    """The plain bytes of `buffer`; the buffer itself for codec 0. Memory stays within a small multiple of the bound.

    Raises:
        DecompressionTooLarge: the output would exceed `max_output_bytes`.
        UnparsableRecords: the input is not what `codec` writes, or ends early.
        UnknownCompression: there is no such codec.
    """
    pieces = decompressed_pieces(codec, buffer, max_output_bytes)
    first = next(pieces, b"")
    second = next(pieces, None)
    if second is None:
        return first
    output = io.BytesIO()
    output.write(first)
    output.write(second)
    for piece in pieces:
        output.write(piece)
    return output.getvalue()


def decompressed_pieces(codec: int, buffer: Buffer, max_output_bytes: int) -> Iterator[Buffer]:
    """What `decompress` returns, a megabyte at most at a time; of snappy a block, which is all of it as librdkafka writes it.

    A thread reads one zstd buffer at a time. Raises as `decompress`, when the piece in question is asked for.
    """
    if codec == Codec.NONE:
        if len(buffer) > max_output_bytes:
            raise _too_large(max_output_bytes)
        return iter((buffer,))
    if codec == Codec.GZIP:
        return _gunzip(buffer, max_output_bytes)
    if codec == Codec.SNAPPY:
        return _unsnappy(buffer, max_output_bytes)
    if codec == Codec.LZ4:
        return _unlz4(buffer, max_output_bytes)
    if codec == Codec.ZSTD:
        return _unzstd(buffer, max_output_bytes)
    raise UnknownCompression(f"Unknown compression type id: {codec}")


def comes_in_pieces(codec: int, buffer: Buffer) -> bool:
    """Whether `decompressed_pieces` need never hold all of it: a raw block of snappy has no parts."""
    return codec != Codec.SNAPPY or memoryview(buffer)[:8] == _XERIAL_MAGIC


def compress(codec: int, buffer: Buffer, level: int | None = None) -> bytes:
    """`buffer` as Kafka's Java code would frame it; `level` None is Kafka's default for the codec.

    Raises:
        UnknownCompression: there is no such codec.
    """
    if codec == Codec.NONE:
        return bytes(buffer)
    if codec == Codec.GZIP:
        compressor = zlib.compressobj(_GZIP_DEFAULT_LEVEL if level is None else level, zlib.DEFLATED, _GZIP_WINDOW)
        return compressor.compress(buffer) + compressor.flush()
    if codec == Codec.SNAPPY:
        return _snappy_blocks(_XERIAL_HEADER, memoryview(buffer))
    if codec == Codec.LZ4:
        return _lz4(buffer, level)
    if codec == Codec.ZSTD:
        import zstandard

        effective = _ZSTD_DEFAULT_LEVEL if level is None else level
        return zstandard.ZstdCompressor(level=effective, write_content_size=False).compress(buffer)
    raise UnknownCompression(f"Unknown compression type id: {codec}")


def compressor(codec: int, size_in_bytes: int, level: int | None = None) -> Compressor:
    """`compress` for about `size_in_bytes` that come in pieces; they may be more or less.

    Raises:
        UnknownCompression: there is no such codec.
    """
    if codec == Codec.NONE:
        return _Uncompressed()
    if codec == Codec.GZIP:
        return zlib.compressobj(_GZIP_DEFAULT_LEVEL if level is None else level, zlib.DEFLATED, _GZIP_WINDOW)
    if codec == Codec.SNAPPY:
        return _SnappyCompressor()
    if codec == Codec.LZ4:
        return _Lz4Compressor(level)
    if codec == Codec.ZSTD:
        import zstandard

        parameters = zstandard.ZstdCompressionParameters.from_level(
            _ZSTD_DEFAULT_LEVEL if level is None else level,
            source_size=min(size_in_bytes, _ZSTD_LARGEST_WINDOW),
            write_content_size=False,
        )
        return zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    raise UnknownCompression(f"Unknown compression type id: {codec}")


def _too_large(max_output_bytes: int) -> DecompressionTooLarge:
    return DecompressionTooLarge(f"the records decompress to more than {max_output_bytes} bytes")


def _gunzip(buffer: Buffer, max_output_bytes: int) -> Iterator[Buffer]:
    """All members, one after the other, as java.util.zip.GZIPInputStream reads them.

    The input is given in windows: of what it does not use zlib makes a copy for each member and each piece of output.
    """
    view = memoryview(buffer)
    size = position = 0
    try:
        while True:
            member = zlib.decompressobj(_GZIP_WINDOW)
            window = _FIRST_WINDOW
            while not member.eof:
                given = view[position : position + window]
                piece = member.decompress(given, min(_CHUNK, max_output_bytes - size + 1))
                used = len(given) - len(member.unconsumed_tail) - len(member.unused_data)
                position += used
                size += len(piece)
                if size > max_output_bytes:
                    raise _too_large(max_output_bytes)
                if piece:
                    yield piece
                if not used and not piece and not member.eof:
                    raise UnparsableRecords("gzip: unexpected end of input")
                window = min(2 * window, _CHUNK)
            # Java stops at anything behind a member that is no further gzip header.
            if bytes(view[position : position + 2]) != b"\x1f\x8b":
                return
    except zlib.error as error:
        raise UnparsableRecords(f"gzip: {error}") from error


class _Uncompressed:
    def compress(self, piece: Buffer) -> Buffer:
        return piece

    def flush(self) -> bytes:
        return b""


def _snappy_blocks(head: bytes, view: memoryview) -> bytes:
    import cramjam

    output: list[Buffer] = [head]
    for position in range(0, len(view), _XERIAL_BLOCK_SIZE):
        block = memoryview(cramjam.snappy.compress_raw(view[position : position + _XERIAL_BLOCK_SIZE]))
        output.append(_INT32.pack(len(block)))
        output.append(block)
    return b"".join(output)


class _SnappyCompressor:
    """Whole blocks of what has come; the rest, less than a block, waits for more."""

    def __init__(self) -> None:
        self._head = _XERIAL_HEADER
        self._rest = b""

    def compress(self, piece: Buffer) -> bytes:
        plain = self._rest + piece
        whole = len(plain) - len(plain) % _XERIAL_BLOCK_SIZE
        self._rest = plain[whole:]
        head, self._head = self._head, b""
        return _snappy_blocks(head, memoryview(plain)[:whole])

    def flush(self) -> bytes:
        return _snappy_blocks(self._head, memoryview(self._rest))


def _unsnappy(buffer: Buffer, max_output_bytes: int) -> Iterator[Buffer]:
    view = memoryview(buffer)
    if view[:8] != _XERIAL_MAGIC:
        yield _unsnappy_block(view, max_output_bytes, max_output_bytes)
        return
    if len(view) < len(_XERIAL_HEADER):
        raise UnparsableRecords("snappy: the header is cut short")
    size = 0
    position = len(_XERIAL_HEADER)
    # One to three bytes behind the last block are read as the end, as snappy-java does.
    while len(view) - position >= _INT32.size:
        length: int = _INT32.unpack_from(view, position)[0]
        position += 4
        if not 0 <= length <= len(view) - position:
            raise UnparsableRecords(f"snappy: a block claims {length} bytes, {len(view) - position} are left")
        block = _unsnappy_block(view[position : position + length], max_output_bytes - size, max_output_bytes)
        yield block
        size += len(block)
        position += length


def _unsnappy_block(block: memoryview, room: int, max_output_bytes: int) -> bytes:
    import cramjam

    # A block begins with its decompressed length (unsigned varint); the library allocates what that says.
    length = 0
    for index in range(min(5, len(block))):
        length |= (block[index] & 0x7F) << (7 * index)
        if block[index] < 0x80:
            break
    else:
        raise UnparsableRecords("snappy: the block has no length")
    if length > room:
        raise _too_large(max_output_bytes)
    # Where the library's own buffer would have to be copied: a block may be the whole of a batch.
    output = io.BytesIO(bytes(length))
    try:
        with output.getbuffer() as plain:
            cramjam.snappy.decompress_raw_into(block, plain)
    except cramjam.DecompressionError as error:
        raise UnparsableRecords(f"snappy: {error}") from error
    return output.getvalue()


def _lz4(buffer: Buffer, level: int | None) -> bytes:
    import lz4.frame

    framed: bytes = lz4.frame.compress(
        buffer,
        # The library reads levels above 12 as 12, its strongest; Kafka allows up to 17.
        compression_level=_LZ4_DEFAULT_LEVEL if level is None else level,
        block_size=lz4.frame.BLOCKSIZE_MAX64KB,
        block_linked=False,
        content_checksum=False,
        store_size=False,
    )
    return framed


class _Lz4Compressor:
    def __init__(self, level: int | None) -> None:
        import lz4.frame

        self._frame = lz4.frame.LZ4FrameCompressor(
            compression_level=_LZ4_DEFAULT_LEVEL if level is None else level,
            block_size=lz4.frame.BLOCKSIZE_MAX64KB,
            block_linked=False,
            content_checksum=False,
        )
        self._head: bytes = self._frame.begin()

    def compress(self, piece: Buffer) -> bytes:
        head, self._head = self._head, b""
        framed: bytes = self._frame.compress(piece)
        return head + framed

    def flush(self) -> bytes:
        framed: bytes = self._frame.flush()
        return self._head + framed


def _unlz4(buffer: Buffer, max_output_bytes: int) -> Iterator[Buffer]:
    """The first frame; like Kafka's Lz4BlockInputStream, which reads no dependent blocks and nothing behind the frame.

    The input is given in windows: the library copies what it does not use of it each time.
    """
    import lz4.frame

    view = memoryview(buffer)
    if len(view) > _LZ4_FLAGS and not view[_LZ4_FLAGS] & _LZ4_INDEPENDENT_BLOCKS:
        raise UnparsableRecords("lz4: Dependent block stream is unsupported")
    decompressor = lz4.frame.LZ4FrameDecompressor()
    size = position = 0
    try:
        while not decompressor.eof:
            given = view[position : position + _LZ4_WINDOW] if decompressor.needs_input else b""
            position += len(given)
            piece: bytes = decompressor.decompress(given, max_length=min(_CHUNK, max_output_bytes - size + 1))
            size += len(piece)
            if size > max_output_bytes:
                raise _too_large(max_output_bytes)
            if piece:
                yield piece
            elif not given and not decompressor.eof:
                raise UnparsableRecords("lz4: unexpected end of input")
    except (RuntimeError, ValueError, EOFError) as error:
        raise UnparsableRecords(f"lz4: {error}") from error


def _unzstd(buffer: Buffer, max_output_bytes: int) -> Iterator[Buffer]:
    """All frames. The library's reader ends quietly where the input does, so the frames are checked first."""
    import zstandard

    size = 0
    try:
        _check_zstd_frames(memoryview(buffer))
        # The frame's window is memory as well; the reader itself refuses windows above 128 MiB.
        with _zstd_decompressor().stream_reader(buffer, read_across_frames=True) as reader:
            while piece := reader.read(min(_CHUNK, max_output_bytes - size + 1)):
                size += len(piece)
                if size > max_output_bytes:
                    raise _too_large(max_output_bytes)
                yield piece
    except zstandard.ZstdError as error:
        raise UnparsableRecords(f"zstd: {error}") from error


def _zstd_decompressor() -> zstandard.ZstdDecompressor:
    """One per thread, as it serves one reader at a time; making one costs 8 us, decompressing a small batch 2 us."""
    decompressor: zstandard.ZstdDecompressor | None = getattr(_per_thread, "zstd", None)
    if decompressor is None:
        import zstandard

        decompressor = _per_thread.zstd = zstandard.ZstdDecompressor()
    return decompressor


def _check_zstd_frames(view: memoryview) -> None:
    """Return when `view` is whole zstd frames and nothing else, judged by the sizes of their blocks (RFC 8878, 3.1.1).

    Stricter than Kafka in one point: zstd-jni ignores a second frame that is cut within its header.
    """
    import zstandard

    position = 0
    while position < len(view):
        if bytes(view[position + 1 : position + 4]) == b"\x2a\x4d\x18" and view[position] & 0xF0 == 0x50:  # a skippable frame
            if len(view) - position < 8:
                raise UnparsableRecords("zstd: unexpected end of input")
            position += 8 + int.from_bytes(view[position + 4 : position + 8], "little")
        else:
            parameters = zstandard.get_frame_parameters(view[position : position + _ZSTD_LARGEST_FRAME_HEADER])
            position += zstandard.frame_header_size(view[position : position + _ZSTD_LARGEST_FRAME_HEADER])
            is_last = False
            while not is_last:
                if len(view) - position < 3:
                    raise UnparsableRecords("zstd: unexpected end of input")
                block = int.from_bytes(view[position : position + 3], "little")
                is_last = block & 1 == 1
                is_run_length = block >> 1 & 3 == 1  # one byte, repeated
                position += 3 + (1 if is_run_length else block >> 3)
            position += 4 if parameters.has_checksum else 0
    if position > len(view):
        raise UnparsableRecords("zstd: unexpected end of input")
