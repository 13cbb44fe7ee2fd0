"""Requests as a client would send them, and the same with some of their fields at an edge of what the protocol can carry."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple

from kafka_compat.protocol.json_form import INTEGER_BITS
from kafka_compat.protocol.message import Message, struct_class
from kafka_compat.protocol.schema import FieldInfo, fields_of
from kafka_compat.records.batch import write_crc
from kafka_compat.records.builder import build_batch

TOPIC = "t"
GROUP = "g"
TIME_MS = 1_704_067_200_000
_HEADER = struct.Struct(">qiibIhiqqqhii")

Path = tuple[str, ...]
"""Attributes from the request to a field; an array's element has the path of the array with ELEMENT behind it."""
ELEMENT = "[]"
LONGEST = "x" * 32767
"""The longest text that any field can carry."""

_TEXTS = (
    *("", TOPIC, GROUP, "unknown", ".", "a/b", "\0", "ü", " ", "a" * 249, "a" * 250, LONGEST),
    *("__consumer_offsets", "__cluster_metadata", "1", "-1", str(2**31), str(2**63 - 1), str(-(2**63)), "retention.ms"),
)
_MIDDLE = (-2, -1, 0, 1, 2, 2**15, 2**31 - 1, 2**31, 2**32, -(2**31), TIME_MS)
_FLOATS = (0.0, -0.0, -1.0, 1.0, 5e-324, 1.7e308, 2.0**63, float("inf"), float("-inf"), float("nan"))


class Edge(NamedTuple):
    """A field and a value for it."""

    path: Path
    value: Any


class Place(NamedTuple):
    """A field of a request in some version."""

    path: Path
    field: FieldInfo


def _batch(header: Mapping[int, int] | None = None, **options: Any) -> bytes:
    """A batch of one record; `header` has values by their place among the header's fields."""
    batch = bytearray(build_batch([(TIME_MS, b"k", b"v", ())], **options))
    values = list(_HEADER.unpack_from(batch))
    for place, value in (header or {}).items():
        values[place] = value
    _HEADER.pack_into(batch, 0, *values)
    write_crc(batch, 0, len(batch))
    return bytes(batch)


@cache
def _records() -> tuple[bytes, ...]:
    """Batches with one header field at an edge, its checksum right."""
    plain = bytearray(_batch())
    found = [b"", b"\0", bytes(61), bytes(plain), bytes(plain[:-1]), bytes(plain) * 2]
    for place, value in enumerate(_HEADER.unpack_from(plain)):
        for edge in (-(2**63), -(2**31), -2, -1, 0, 1, 2, 2**15 - 1, 2**31 - 1, 2**63 - 1):
            if edge != value:
                with suppress(struct.error):  # the field is too narrow
                    found.append(_batch({place: edge}))
    return tuple(dict.fromkeys(found))


def edges(field: FieldInfo, version: int, *, is_element: bool) -> tuple[Any, ...]:
    """Values at the edges for a field that is no struct and, unless it `is_element`, no array."""
    null = (None,) if field.nullable.has(version) and not is_element else ()
    match field.element:
        case "bool":
            return (False, True)
        case "float64":
            return _FLOATS
        case "string":
            return null + _TEXTS
        case "uuid":
            return (bytes(16), bytes(15) + b"\1", b"\xff" * 16)
        case "bytes":
            return (*null, b"", b"\0", b"\0\0", b"\xff" * 20, b"\0\3\0\0\0\1\0\1t\xff\xff\xff\xff", bytes(70_000))
        case "records":
            return null + _records()
        case number:
            low, high = INTEGER_BITS[number]
            return tuple(sorted({low, low + 1, high - 1, high, *(value for value in _MIDDLE if low <= value <= high)}))


# What a client says, by the attribute; a name that is missing here keeps the default of its class.
_LIKELY_INTEGERS = {
    "acks": -1,
    "api_key": 3,
    "broker_id": 1,
    "client_software_name": "test",
    "committed_leader_epoch": -1,
    "count": 3,
    "current_leader_epoch": -1,
    "generation_id": 1,
    "generation_id_or_member_epoch": -1,
    "iterations": 4096,
    "last_fetched_epoch": -1,
    "leader_epoch": 0,
    "max_bytes": 1 << 20,
    "mechanism": 1,
    "num_partitions": 1,
    "operation": 3,
    "partition_max_bytes": 1 << 20,
    "pattern_type": 3,
    "pattern_type_filter": 3,
    "permission_type": 3,
    "producer_epoch": -1,
    "producer_id": -1,
    "rebalance_timeout_ms": 10_000,
    "replica_id": -1,
    "replication_factor": 1,
    "resource_type": 2,
    "resource_type_filter": 2,
    "response_partition_limit": 100,
    "retention_time_ms": -1,
    "session_epoch": -1,
    "session_timeout_ms": 10_000,
    "timeout_ms": 1000,
    "timestamp": -1,
    "transaction_timeout_ms": 1000,
    "upgrade_type": 1,
}
# A marker is never nobody's, where other requests may come without a producer.
_LIKELY_OF_A_MARKER = {"producer_id": 5}
_LIKELY_TEXTS: dict[str, str | None] = {
    "coordinator_keys": GROUP,
    "entity_name": "bob",
    "entity_type": "user",
    "group_id": GROUP,
    "group_instance_id": None,
    "groups": GROUP,
    "groups_names": GROUP,
    "host": "*",
    "key": GROUP,
    "mechanism": "PLAIN",
    "member_id": "",
    "principal": "User:bob",
    "protocol_type": "consumer",
    "rack_id": "",
    "reason": None,
    "transactional_id": None,
    "value": "1000",
    "client_software_name": "test",
    "client_software_version": "1",
}
# What is the name of something else than a topic.
_NAMES = {
    "AlterableConfig": "retention.ms",
    "CreatableTopicConfig": "retention.ms",
    "JoinGroupRequestProtocol": "range",
    "UserName": "bob",
    "ScramCredentialDeletion": "bob",
    "ScramCredentialUpsertion": "bob",
}
# Left empty: they say otherwise what other fields say already.
_EMPTY = {"assignments", "forgotten_topics_data", "new_topics", "replicas"}


def likely_scalar(owner: type[Message], field: FieldInfo, version: int, topic_id: bytes) -> Any:
    """What a client would say."""
    match field.element:
        case "string":
            name = _NAMES.get(owner.__name__, TOPIC) if field.attribute == "name" else TOPIC
            text = _LIKELY_TEXTS.get(field.attribute, name)
            return "" if text is None and not field.nullable.has(version) else text
        case "uuid":
            return topic_id
        case "bytes":
            return b""
        case "records":
            return _batch()
        case "bool":
            return False
        case "float64":
            return 1.0
        case _:
            likely = _LIKELY_OF_A_MARKER if owner.__name__ == "WritableTxnMarker" else _LIKELY_INTEGERS
            return likely.get(field.attribute, 0)


def places(message: type[Message], version: int, path: Path = ()) -> Iterator[Place]:
    """All fields that a version carries, those of structs behind the struct's own."""
    for field in fields_of(message):
        if field.versions.has(version):
            here = (*path, field.attribute)
            yield Place(here, field)
            if field.is_array and not field.is_struct:
                yield Place((*here, ELEMENT), field)
            if field.is_struct:
                yield from places(struct_class(message, field), version, here)


def edges_at(place: Place, version: int) -> tuple[Any, ...]:
    """Values for a place: of arrays and structs how many there are (None for null), else the field's own."""
    null = (None,) if place.field.nullable.has(version) else ()
    if place.path[-1] != ELEMENT and place.field.is_array:
        return (*null, 0, 2, 3)
    if place.field.is_struct:
        return null
    return edges(place.field, version, is_element=place.path[-1] == ELEMENT)


def request_of(message: type[Message], version: int, topic_id: bytes, changes: Mapping[Path, Any], path: Path = ()) -> Any:
    """A likely request with some fields changed."""
    values: dict[str, Any] = {}
    for field in fields_of(message):
        here = (*path, field.attribute)
        if not field.versions.has(version):
            continue
        if field.is_array or field.is_struct:
            count = changes.get(here, 0 if field.attribute in _EMPTY else 1)
            if count is None:
                values[field.attribute] = None
                continue
            if field.is_struct:
                element = request_of(struct_class(message, field), version, topic_id, changes, here)
            else:
                element = changes.get((*here, ELEMENT), likely_scalar(message, field, version, topic_id))
            values[field.attribute] = [element] * count if field.is_array else element
        else:
            values[field.attribute] = changes.get(here, likely_scalar(message, field, version, topic_id))
    return message(**values)
