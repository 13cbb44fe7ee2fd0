"""How the producers of a partition are written down beside its log.

Layout, big-endian. An unknown version is refused and the log is replayed from its start:

    int16 version (0)
    int32 count
    count x
        int64 producer id, int16 epoch, int32 coordinator epoch, int64 last timestamp, int64 open transaction's first offset
        (-1: none), int16 number of batches
        batches x (int32 last sequence, int64 last offset, int32 offset delta, int64 timestamp)

Unlike Kafka, whose snapshot keeps a producer's last batch only, all five are kept: a duplicate is known after a restart too.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Final

from kafka_compat.log.producer_entry import BatchMetadata, ProducerEntry

_VERSION: Final = 0
_HEAD: Final = struct.Struct(">hi")
_PRODUCER: Final = struct.Struct(">qhiqqh")
_BATCH: Final = struct.Struct(">iqiq")
_PRODUCERS_PER_PIECE: Final = 64


def encode(producers: Mapping[int, ProducerEntry]) -> Iterator[bytes]:
    """The snapshot of what each producer id stands for, in pieces that each take well below a millisecond."""
    parts = [_HEAD.pack(_VERSION, len(producers))]
    for number, (producer_id, producer) in enumerate(producers.items(), 1):
        parts.append(
            _PRODUCER.pack(
                producer_id,
                producer.epoch,
                producer.coordinator_epoch,
                producer.last_timestamp_ms,
                producer.txn_first_offset,
                len(producer.batches),
            )
        )
        parts.extend(_BATCH.pack(*batch) for batch in producer.batches)
        if not number % _PRODUCERS_PER_PIECE:
            yield b"".join(parts)
            parts.clear()
    yield b"".join(parts)


def decode(blob: bytes) -> Iterator[list[tuple[int, ProducerEntry]]]:
    """What `encode` wrote, in pieces that each take well below a millisecond.

    Raises:
        ValueError: (at that point) unknown version, or not that format.
    """
    try:
        version, count = _HEAD.unpack_from(blob)
        if version != _VERSION:
            raise ValueError(f"producer snapshot of version {version}")
        position = _HEAD.size
        piece: list[tuple[int, ProducerEntry]] = []
        for _ in range(count):
            producer = ProducerEntry()
            (
                producer_id,
                producer.epoch,
                producer.coordinator_epoch,
                producer.last_timestamp_ms,
                producer.txn_first_offset,
                batches,
            ) = _PRODUCER.unpack_from(blob, position)
            position += _PRODUCER.size
            for _ in range(batches):
                producer.batches.append(BatchMetadata(*_BATCH.unpack_from(blob, position)))
                position += _BATCH.size
            piece.append((producer_id, producer))
            if len(piece) == _PRODUCERS_PER_PIECE:
                yield piece
                piece = []
    except struct.error as error:
        raise ValueError("producer snapshot is cut short") from error
    if position != len(blob):
        raise ValueError(f"producer snapshot has {len(blob) - position} bytes too many")
    yield piece
