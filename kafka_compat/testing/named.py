"""What a request or response names: groups, transactional ids, topics and partitions, found by the fields of its schema.

Kafka's schemas are alike: an array of topics has an array of partitions below it, or of their numbers; a request of several
groups has an array of them. So one walk serves all APIs. The smallest part that has a name of its own is a leaf: a partition,
or a topic where no partitions are asked for, or the whole request where it is about one group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Final, NamedTuple

from kafka_compat.protocol.message import ZERO_UUID, Message, struct_class
from kafka_compat.protocol.schema import FieldInfo, attribute_names, fields_of

# Where a request asks for all topics, by null or an empty array; no topic can have this name.
EVERY: Final = "*"

_TOPIC: Final = "topic"
_TOPIC_ID: Final = "topic_id"
_PARTITION: Final = "partition"
_GROUP: Final = "group"
_TRANSACTIONAL_ID: Final = "transactional_id"
_PRODUCER_ID: Final = "producer_id"
_COORDINATOR_KEY: Final = "coordinator_key"

_KINDS: Final = {
    "topic": _TOPIC,
    "topicName": _TOPIC,
    "topicNames": _TOPIC,
    "topicId": _TOPIC_ID,
    "partition": _PARTITION,
    "partitionIndex": _PARTITION,
    "partitionId": _PARTITION,
    "partitions": _PARTITION,
    "partitionIndexes": _PARTITION,
    "groupId": _GROUP,
    "groups": _GROUP,
    "groupsNames": _GROUP,
    "transactionalId": _TRANSACTIONAL_ID,
    "transactionalIds": _TRANSACTIONAL_ID,
    "v3AndBelowTransactionalId": _TRANSACTIONAL_ID,
}
# They name what is told of a topic or partition, and not asked for.
_BESIDE: Final = frozenset({"assignments", "configs", "forgottenTopicsData", "cursor", "nextCursor"})
# By the type of a config resource (ConfigResource.Type), and of a coordinator's key (FindCoordinatorRequest.CoordinatorType).
_RESOURCES: Final = {2: _TOPIC, 32: _GROUP}
_ERRORS: Final = frozenset({"errorCode", "partitionErrorCode"})
_COORDINATORS: Final = {0: _GROUP, 1: _TRANSACTIONAL_ID}


class Names(NamedTuple):
    """What a part of a message is about; None where it does not say. A topic has a name or an id.

    No fault asks for the producer id of a transaction marker, and the key of a coordinator, of which an answer does not say
    whether it is a group or a transactional id: they tell one entry from another.
    """

    group: str | None = None
    transactional_id: str | None = None
    topic: str | None = None
    topic_id: bytes | None = None
    partition: int | None = None
    producer_id: int | None = None
    coordinator_key: str | None = None


class Below(NamedTuple):
    """An array whose elements have names: scalars of `kind`, or structs."""

    attribute: str
    kind: str | None
    shape: Shape | None
    null_is_all: bool


class Shape(NamedTuple):
    """Where the names of a struct are, in one version."""

    own: tuple[tuple[str, str], ...]
    below: tuple[Below, ...]
    typed: tuple[str, str] | None  # attributes of a type and of the name that it gives a meaning
    has_error: bool


def _kind(struct: type[Message], field: FieldInfo) -> str | None:
    name = struct.__name__
    if field.name == "name":
        return _TOPIC if "Topic" in name and "Config" not in name and not field.is_array else None
    if field.name == "index" and "Partition" in name:
        return _PARTITION
    if field.name == "producerId" and name.startswith("WritableTxnMarker"):
        return _PRODUCER_ID
    if field.name == "key" and name == "Coordinator":
        return _COORDINATOR_KEY
    kind = _KINDS.get(field.name)
    wanted = {_PARTITION: "int32", _TOPIC_ID: "uuid"}.get(kind or "", "string")
    return kind if field.element == wanted else None


@cache
def shape_of(struct: type[Message], version: int) -> Shape:
    """Where the names are in a message or struct."""
    own, below = [], []
    attributes = {}
    for field in fields_of(struct):
        if not field.versions.has(version) or field.name in _BESIDE:
            continue
        attributes[field.name] = field.attribute
        kind = _kind(struct, field)
        if field.is_array and field.is_struct:
            shape = shape_of(struct_class(struct, field), version)
            if shape.own or shape.below or shape.typed:
                below.append(Below(field.attribute, None, shape, field.nullable.has(version)))
        elif field.is_array and (kind or field.name == "coordinatorKeys"):
            below.append(Below(field.attribute, kind, None, field.nullable.has(version)))
        elif kind:
            own.append((kind, field.attribute))
    typed = None
    if {"resourceType", "resourceName"} <= attributes.keys():
        typed = (attributes["resourceType"], attributes["resourceName"])
    elif "key" in attributes and struct.__name__ == "FindCoordinatorRequest":
        typed = ("key_type", attributes["key"])
    has_error = bool(_ERRORS & attributes.keys())
    return Shape(tuple(own), tuple(below), typed, has_error)


def named(message: Message, shape: Shape, names: Names) -> Names:
    """The names of a struct, beside those of what it is in."""
    found: dict[str, object] = {}
    for kind, attribute in shape.own:
        value = getattr(message, attribute)
        if kind == _TOPIC_ID:
            if value != ZERO_UUID:
                found[kind] = bytes(value)
        elif value is not None and (value or kind != _TOPIC):
            found[kind] = value
    if shape.typed is not None:
        kinds = _COORDINATORS if shape.typed[0] == "key_type" else _RESOURCES
        kind_of_type = kinds.get(getattr(message, shape.typed[0]))
        if kind_of_type is not None:
            found[kind_of_type] = getattr(message, shape.typed[1])
    return names._replace(**found) if found else names  # type: ignore[arg-type]


def give_names(message: Message, shape: Shape, names: Names) -> None:
    """Set the names of a struct, as far as it has a place for them."""
    for kind, attribute in shape.own:
        if (value := getattr(names, kind)) is not None:
            setattr(message, attribute, value)
    if shape.typed is not None:
        for resource_type, kind in _RESOURCES.items():
            if (value := getattr(names, kind)) is not None:
                setattr(message, shape.typed[0], resource_type)
                setattr(message, shape.typed[1], value)


def _of_scalar(message: Message, below: Below, value: object, names: Names) -> Names:
    kind = below.kind or _COORDINATORS.get(getattr(message, "key_type", -1))
    return names if kind is None else names._replace(**{kind: value})  # type: ignore[arg-type]


def leaves(message: Message, version: int) -> Iterator[Names]:
    """The names of each leaf of a message."""
    return _leaves(message, shape_of(type(message), version), Names())


def _leaves(message: Message, shape: Shape, names: Names) -> Iterator[Names]:
    names = named(message, shape, names)
    is_leaf = True
    for below in shape.below:
        elements = getattr(message, below.attribute)
        if elements is None:
            yield names._replace(topic=EVERY)
            is_leaf = False
        for element in elements or ():
            is_leaf = False
            if below.shape is None:
                yield _of_scalar(message, below, element, names)
            else:
                yield from _leaves(element, below.shape, names)
    if is_leaf:
        yield names


def keep(message: Message, version: int, wanted: Callable[[Names], bool]) -> Message | None:
    """A copy of a message with only those leaves that are wanted; None when none is.

    What has no names of its own, or of which all parts are wanted, is not copied.
    """
    return _keep(message, shape_of(type(message), version), Names(), wanted)


def _keep(message: Message, shape: Shape, names: Names, wanted: Callable[[Names], bool]) -> Message | None:
    names = named(message, shape, names)
    is_leaf = True
    changes: dict[str, object] = {}
    kept_any = False
    for below in shape.below:
        elements = getattr(message, below.attribute)
        if elements is None:
            is_leaf = False
            kept_any |= wanted(names._replace(topic=EVERY))
            continue
        if not elements:
            continue
        is_leaf = False
        kept: list[object] = []
        for element in elements:
            if below.shape is None:
                if wanted(_of_scalar(message, below, element, names)):
                    kept.append(element)
            elif (part := _keep(element, below.shape, names, wanted)) is not None:
                kept.append(part)
        kept_any |= bool(kept)
        changes[below.attribute] = kept
    if is_leaf:
        return message if wanted(names) else None
    return copy_of(message, changes) if kept_any else None


def copy_of(message: Message, changes: dict[str, object]) -> Message:
    """The message with some attributes changed; all others are the same objects."""
    values = {field.attribute: getattr(message, field.attribute) for field in fields_of(type(message))}
    return type(message)(**{**values, **changes})


def deep_copy(message: Message, records_bytes: int | None = None) -> Message:
    """The message with copies of all structs and arrays in it, which may be shared.

    With `records_bytes` it keeps nothing of the frame that it was read from, and of records so many bytes at most.
    """

    def copied(value: object) -> object:
        if isinstance(value, list):
            return [copied(element) for element in value]
        if isinstance(value, memoryview | bytearray) and records_bytes is not None:
            return bytes(value[:records_bytes])
        return deep_copy(value, records_bytes) if isinstance(value, Message) else value

    return copy_of(message, {name: copied(getattr(message, name)) for name in attribute_names(type(message))})


def has_field(message: Message, attribute: str, version: int) -> bool:
    """Whether a version of a message has a field."""
    return any(field.attribute == attribute and field.versions.has(version) for field in fields_of(type(message)))
