"""How Java hashes strings and how its HashMap orders them: some of Kafka's answers follow from it."""

from __future__ import annotations

from collections.abc import Iterable
from struct import unpack


def java_string_hash(text: str) -> int:
    """`String.hashCode()`: over UTF-16 code units, as a signed 32-bit number."""
    encoded = text.encode("utf-16-be", "surrogatepass")
    value = 0
    for unit in unpack(f">{len(encoded) // 2}H", encoded):
        value = (value * 31 + unit) & 0xFFFFFFFF
    return value - 0x1_0000_0000 if value & 0x8000_0000 else value


def in_hash_map_order(keys: Iterable[str]) -> list[str]:
    """`keys`, each once, in the order in which a `HashMap` that they were put into in this order iterates over them."""
    unique = list(dict.fromkeys(keys))
    capacity = 16
    while len(unique) > capacity * 3 // 4:
        capacity *= 2

    def bucket(key: str) -> int:
        hashed = java_string_hash(key) & 0xFFFFFFFF
        return (hashed ^ (hashed >> 16)) & (capacity - 1)

    return sorted(unique, key=bucket)
