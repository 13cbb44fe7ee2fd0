"""Record batches for Produce by the bytes: small ones, bombs in every codec, and ones whose head and body disagree."""

from __future__ import annotations

import gzip
import io
import struct
import time
from typing import Literal

import lz4.frame
import snappy
import zstandard

from kafka_compat.checksum import crc32c
from scripts.soak_support.hostile_valid.frames import distinct_name, frame, is_flexible, uvarint

Codec = Literal["none", "gzip", "snappy", "snappy-xerial", "lz4", "zstd"]
_IDS = {"none": 0, "gzip": 1, "snappy": 2, "snappy-xerial": 2, "lz4": 3, "zstd": 4}
_XERIAL_BLOCK = 32 * 1024
MIB = 1 << 20


def _varint(value: int) -> bytes:
    return uvarint((value << 1) ^ (value >> 63))


def compress(codec: Codec, plain: bytes) -> bytes:
    """`plain` as Java clients or, for raw snappy, librdkafka would send it."""
    match codec:
        case "gzip":
            out = io.BytesIO()
            with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=9, mtime=0) as stream:
                stream.write(plain)
            return out.getvalue()
        case "snappy":
            return bytes(snappy.compress(plain))
        case "snappy-xerial":
            parts = [b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)]
            for start in range(0, len(plain), _XERIAL_BLOCK):
                block = snappy.compress(plain[start : start + _XERIAL_BLOCK])
                parts += [struct.pack(">i", len(block)), block]
            return b"".join(parts)
        case "lz4":
            return bytes(lz4.frame.compress(plain, block_linked=False))
        case "zstd":
            return zstandard.ZstdCompressor(level=1).compress(plain)
        case _:
            return plain


def batch(
    body: bytes,
    count: int,
    *,
    codec: Codec = "none",
    timestamp_ms: int | None = None,
    producer: tuple[int, int, int] = (-1, -1, -1),
    compressed: bool = False,
) -> bytes:
    """One batch with its CRC. `body` is compressed here, unless it is said to be; `count` may lie.

    Args:
        body: the records.
        count: of records, in the header; the last offset delta follows it.
        codec: named in the attributes.
        timestamp_ms: of all; now when None.
        producer: id, epoch and base sequence.
        compressed: `body` is compressed already.
    """
    records = body if compressed else compress(codec, body)
    when = int(time.time() * 1000) if timestamp_ms is None else timestamp_ms
    tail = struct.pack(">hiqqqhii", _IDS[codec], count - 1, when, when, *producer, count) + records
    crc = crc32c(tail)
    return struct.pack(">qiibI", 0, 9 + len(tail), -1, 2, crc) + tail


def record(value_bytes: int, *, key: bytes | None = None, offset_delta: int = 0, value: bytes | None = None) -> bytes:
    """One record of zeros, or of `value`."""
    body = bytes(value_bytes) if value is None else value
    keyed = _varint(-1) if key is None else _varint(len(key)) + key
    inner = b"\0\0" + _varint(offset_delta) + keyed + _varint(len(body)) + body + b"\0"
    return _varint(len(inner)) + inner


def small_batch(*, producer: tuple[int, int, int] = (-1, -1, -1), key: bytes | None = b"k") -> bytes:
    """One record of some bytes."""
    return batch(record(10, key=key), 1, producer=producer)


def numbered(count: int, *, key: bool = False) -> bytes:
    """`count` records without value whose offsets are right, with a key of one byte or none."""
    parts = []
    keyed = b"\x02k" if key else b"\x01"
    for number in range(count):
        delta = number << 1
        if delta < 0x80:
            middle = bytes((delta,))
        elif delta < 0x4000:
            middle = bytes((delta & 0x7F | 0x80, delta >> 7))
        elif delta < 0x200000:
            middle = bytes((delta & 0x7F | 0x80, delta >> 7 & 0x7F | 0x80, delta >> 14))
        else:
            middle = bytes((delta & 0x7F | 0x80, delta >> 7 & 0x7F | 0x80, delta >> 14 & 0x7F | 0x80, delta >> 21))
        inner = 5 + len(middle) + len(keyed) - 1
        parts.append(bytes((inner << 1, 0, 0)) + middle + keyed + b"\0\0")
    return b"".join(parts)


def bomb(codec: Codec, mib: int) -> bytes:
    """A batch of one record of zeros that unpacks to so many MiB."""
    return batch(record(mib * MIB, key=b"k"), 1, codec=codec)


def headers_batch(count: int, *, codec: Codec, timestamp_ms: int | None = None) -> bytes:
    """A batch of one record with so many headers, each an empty key and null."""
    inner = b"\0\0\0\2k\2v" + _varint(count) + b"\0\1" * count
    return batch(_varint(len(inner)) + inner, 1, codec=codec, timestamp_ms=timestamp_ms)


def produce(
    topic: str, batches: dict[int, bytes] | list[bytes], *, acks: int = 1, version: int = 9, timeout_ms: int = 30_000
) -> bytes:
    """A Produce request of one topic: batches by partition, or for partitions from 0 on."""
    items = batches.items() if isinstance(batches, dict) else list(enumerate(batches))
    name = topic.encode()
    if is_flexible(0, version):
        parts = [b"\0" + struct.pack(">hi", acks, timeout_ms) + b"\2" + uvarint(len(name) + 1) + name + uvarint(len(items) + 1)]
        for index, data in items:
            parts += [struct.pack(">i", index), uvarint(len(data) + 1), data, b"\0"]
        parts.append(b"\0\0")
    else:
        parts = [b"\xff\xff" + struct.pack(">hii", acks, timeout_ms, 1) + struct.pack(">h", len(name)) + name]
        parts.append(struct.pack(">i", len(items)))
        for index, data in items:
            parts += [struct.pack(">ii", index, len(data)), data]
    return frame(0, version, b"".join(parts))


__all__ = [
    "MIB",
    "Codec",
    "batch",
    "bomb",
    "compress",
    "distinct_name",
    "headers_batch",
    "numbered",
    "produce",
    "record",
    "small_batch",
]
