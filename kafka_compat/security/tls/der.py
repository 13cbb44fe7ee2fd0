"""As much of DER (ITU-T X.690) as it takes to find names in certificates and to tell keys apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

SEQUENCE: Final = 0x30
SET: Final = 0x31
INTEGER: Final = 0x02
OCTET_STRING: Final = 0x04
OBJECT_ID: Final = 0x06


class NotDer(ValueError):
    """The bytes are no whole DER value."""


class Value(NamedTuple):
    """One value: its tag, its content, and all of its bytes."""

    tag: int
    content: bytes
    encoded: bytes


def values(data: bytes) -> Iterator[Value]:
    """The values that stand one behind the other in `data`.

    Raises:
        NotDer: a length leads out of it, or is none.
    """
    position = 0
    while position < len(data):
        value = _value_at(data, position)
        position += len(value.encoded)
        yield value


def children(data: bytes, tag: int = SEQUENCE) -> list[Value]:
    """The values in the one that `data` begins with, which has that tag.

    Raises:
        NotDer: it has another one, or is broken.
    """
    outer = _value_at(data, 0)
    if outer.tag != tag:
        raise NotDer(f"tag {outer.tag:#x} instead of {tag:#x}")
    return list(values(outer.content))


def object_id(content: bytes) -> str:
    """The dotted form of an object identifier."""
    numbers = [0]
    for byte in content:
        numbers[-1] = numbers[-1] << 7 | (byte & 0x7F)
        if byte < 0x80:
            numbers.append(0)
    first, *others = numbers[:-1] or [0]
    top = min(first // 40, 2)
    return ".".join(map(str, (top, first - 40 * top, *others)))


def _value_at(data: bytes, position: int) -> Value:
    start = position
    if len(data) - position < 2:
        raise NotDer("it ends within a value")
    tag, length = data[position], data[position + 1]
    if tag & 0x1F == 0x1F:
        raise NotDer("a tag of several bytes")
    position += 2
    if length & 0x80:
        count = length & 0x7F
        if not 0 < count <= 4 or len(data) - position < count:
            raise NotDer("a length that is none")
        length = int.from_bytes(data[position : position + count], "big")
        position += count
    if len(data) - position < length:
        raise NotDer("it ends within a value")
    end = position + length
    return Value(tag, data[position:end], data[start:end])
