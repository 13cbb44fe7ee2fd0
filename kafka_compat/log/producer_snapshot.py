"""The persisted form of a partition's producers: all of them, or those that changed since.

Layout, big-endian. An unknown version is refused, and the log is replayed from its start:

    int16 version: 0
    int32 count
    count x
        int64 producer id, int16 epoch, int32 coordinator epoch, int64 last timestamp, int64 open transaction's first offset
        (-1: none), int16 number of batches
        batches x (int32 last sequence, int64 last offset, int32 offset delta, int64 timestamp)
    the ids (int64) of producers that are gone, up to the end: none where it is all of them

Unlike Kafka, whose snapshot keeps a producer's last batch only, all five are kept: a duplicate is known after a restart too.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

from kafka_compat.log.producer import NUM_BATCHES_TO_RETAIN, BatchMetadata, Producer

_VERSION: Final = 0
_HEAD: Final = struct.Struct(">hi")
_PRODUCER: Final = struct.Struct(">qhiqqh")
_BATCH: Final = struct.Struct(">iqiq")
_PRODUCER_WITH: Final = [struct.Struct(">qhiqqh" + "iqiq" * batches) for batches in range(NUM_BATCHES_TO_RETAIN + 1)]
_PRODUCERS_PER_PIECE: Final = 64


class FrozenProducers:
    """Producers as they were at one moment, to be encoded bit by bit while the state goes on."""

    __slots__ = ("_producers", "_removed")

    def __init__(self, producers: dict[int, Producer], removed: Sequence[int]) -> None:
        self._producers = producers
        self._removed = removed

    def __len__(self) -> int:
        return len(self._producers) + len(self._removed)

    def encode(self) -> Iterator[bytes]:
        """The snapshot described in the module, in pieces that each take well below a millisecond."""
        parts = [_HEAD.pack(_VERSION, len(self._producers))]
        for number, (producer_id, producer) in enumerate(self._producers.items(), 1):
            batches = producer.batches
            fields: list[int] = [
                producer_id,
                producer.epoch,
                producer.coordinator_epoch,
                producer.last_timestamp_ms,
                producer.txn_first_offset,
                len(batches),
            ]
            for batch in batches:
                fields.extend(batch)
            parts.append(_PRODUCER_WITH[len(batches)].pack(*fields))
            if not number % _PRODUCERS_PER_PIECE:
                yield b"".join(parts)
                parts.clear()
        yield b"".join(parts)
        for start in range(0, len(self._removed), 4096):
            some = self._removed[start : start + 4096]
            yield struct.pack(f">{len(some)}q", *some)


def decode_producers(blob: bytes, position: int = 0) -> Iterator[tuple[dict[int, Producer], Sequence[int]]]:
    """Producers from `position` on, and the ids of those that are gone, in pieces that each take well below a millisecond.

    Raises:
        ValueError: unknown version, or not that format.
    """
    some: dict[int, Producer] = {}
    try:
        version, count = _HEAD.unpack_from(blob, position)
        if version != _VERSION:
            raise ValueError(f"producer snapshot of version {version}")
        position += _HEAD.size
        for number in range(count):
            producer = Producer()
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
            some[producer_id] = producer
            if number % _PRODUCERS_PER_PIECE == _PRODUCERS_PER_PIECE - 1:
                yield some, ()
                some = {}
    except struct.error as error:
        raise ValueError("producer snapshot is cut short") from error
    if (len(blob) - position) % 8:
        raise ValueError(f"producer snapshot has {len(blob) - position} bytes too many")
    yield some, ()
    for start in range(position, len(blob), 8 * 4096):
        end = min(start + 8 * 4096, len(blob))
        yield {}, struct.unpack_from(f">{(end - start) // 8}q", blob, start)
