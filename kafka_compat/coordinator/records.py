"""Coordinator records: Kafka's own schemas, with their type in front of the key and their version in front of the value."""

from __future__ import annotations

from collections.abc import Mapping
from struct import Struct
from typing import Final

from kafka_compat.coordinator.ports import CoordinatorRecord
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.registry import message_class
from kafka_compat.wire.primitives import Reader, Writer

_SHORT: Final = Struct(">h")


def encode_record(key: Message, value: Message | None, value_version: int) -> CoordinatorRecord:
    """Key and value bytes; a value of None makes a tombstone. The key's type is its class's RECORD_TYPE, in key version 0."""
    record_type = type(key).__dict__["RECORD_TYPE"]
    assert isinstance(record_type, int)
    return _encoded(record_type, key, 0), None if value is None else _encoded(value_version, value, value_version)


def decode_record(
    schemas: Mapping[int, tuple[str, str]], key: bytes, value: bytes | None
) -> tuple[Message, Message | None] | None:
    """The key and value messages; None for a record type that `schemas` does not have.

    Raises:
        WireError: the bytes are not of that schema.
    """
    key_reader = Reader(key)
    names = schemas.get(key_reader.int16())
    if names is None:
        return None
    key_message = message_class(names[0]).decode(key_reader, 0)
    if value is None:
        return key_message, None
    value_reader = Reader(value)
    version = value_reader.int16()
    return key_message, message_class(names[1]).decode(value_reader, version)


def _encoded(prefix: int, message: Message, version: int) -> bytes:
    writer = Writer()
    writer.buffer += _SHORT.pack(prefix)
    message.encode(writer, version)
    return writer.to_bytes()
