"""Which partition a record goes to, as Kafka's producers choose it.

With a key: its murmur2 hash without the sign, modulo the number of partitions (BuiltInPartitioner.partitionForKey). Without
one Kafka's producer stays with a partition until a batch is full; one record at a time has no batches, so each goes to the
next partition here, from 0 on: a test finds them where it found them the last time.
"""

from __future__ import annotations

from typing import Final

from kafka_compat.ids import TopicId

_MASK: Final = 0xFFFFFFFF
_MULTIPLIER: Final = 0x5BD1E995
_SEED: Final = 0x9747B28C


def murmur2(key: bytes) -> int:
    """The 32-bit MurmurHash2 of `key`, unsigned, with the seed that Kafka takes (Utils.murmur2)."""
    size = len(key)
    hashed = _SEED ^ size
    whole = size & ~3
    for position in range(0, whole, 4):
        word = int.from_bytes(key[position : position + 4], "little") * _MULTIPLIER & _MASK
        word = (word ^ word >> 24) * _MULTIPLIER & _MASK
        hashed = (hashed * _MULTIPLIER & _MASK) ^ word
    if size != whole:
        hashed = (hashed ^ int.from_bytes(key[whole:], "little")) * _MULTIPLIER & _MASK
    hashed = (hashed ^ hashed >> 13) * _MULTIPLIER & _MASK
    return hashed ^ hashed >> 15


class Partitioner:
    """Chooses partitions for the records of one test."""

    def __init__(self) -> None:
        self._next: dict[TopicId, int] = {}

    def choose(self, topic_id: TopicId, key: bytes | None, partitions: int) -> int:
        """The partition for a record with `key` in a topic with so many of them."""
        if key is not None:
            return (murmur2(key) & 0x7FFFFFFF) % partitions
        chosen = self._next.get(topic_id, 0) % partitions
        self._next[topic_id] = chosen + 1
        return chosen
