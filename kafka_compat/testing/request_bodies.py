"""What the bodies of requests and answers name, and how much of them is kept.

Records are kept up to their first kibibyte, which has the header of the first batch: a log of requests is no second copy of the
logs of partitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import (
    RequestHeader,
    decode_response,
    encode_request,
    encode_response,
    read_request_header,
)
from kafka_compat.protocol.errors import UnsupportedVersion
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.registry import request_class
from kafka_compat.protocol.schema import attribute_names, fields_of
from kafka_compat.wire.errors import TextTooLong, TooWide, WireError
from kafka_compat.wire.primitives import Part, Reader
from kafka_compat.wire.types import join_parts

# Frames up to this size are kept as they are.
WHOLE_BYTES: Final = 16 << 10
# Larger ones than this, besides records, are not kept.
MOST_BYTES: Final = 1 << 20
# Decoded bodies take ten times as much as their bytes: only those looked at last are kept.
_DECODED: Final = 1_000
# Of the records of each partition.
RECORDS_BYTES: Final = 1 << 10

TOPIC_RESOURCE: Final = 2  # ConfigResource.Type
# Where structs name topics, and the partitions in them.
_TOPIC_FIELDS: Final = ("topic", "name", "topic_name")
_PARTITION_FIELDS: Final = ("partition", "partition_index", "index", "partition_id")
_STRUCTS_OF_TOPICS: Final = frozenset(
    {
        "topics",
        "topic_data",
        "topic_partitions",
        "forgotten_topics_data",
        "v3_and_below_topics",
        "responses",
        "replica_election_results",
        "results",
        "resources",
    }
)
# Of these `name` is no topic's, or there are no topics.
_WITHOUT_TOPICS: Final = frozenset({ApiKey.DESCRIBE_CLIENT_QUOTAS, ApiKey.UPDATE_FEATURES, ApiKey.CREATE_ACLS})

TopicName = Callable[[bytes], str]


@lru_cache(_DECODED)
def body_of(frame: bytes) -> Message | None:
    """The body of a request's frame, which is not to be changed; None when it cannot be read."""
    try:
        return _decode(frame)
    except (WireError, TooWide, UnsupportedVersion):
        return None


@lru_cache(_DECODED)
def answer_of(api_key: int, version: int, frame: bytes) -> Message | None:
    """The body of an answer's frame, which is not to be changed; None when it cannot be read."""
    # UNSUPPORTED_VERSION is answered in version 0, whatever was asked.
    versions = (version, 0) if api_key == ApiKey.API_VERSIONS else (version,)
    for each in versions:
        try:
            return decode_response(api_key, each, frame)[1]
        except (WireError, TooWide, UnsupportedVersion):
            continue
    return None


def _decode(frame: bytes | memoryview) -> Message:
    reader = Reader(memoryview(frame))
    header = read_request_header(reader)
    return request_class(header.api_key).decode(reader, header.api_version)


def keep_request(header: RequestHeader, frame: memoryview) -> bytes | None:
    """What is kept of a request's frame; None when it is too large."""
    size = len(frame)
    if size <= WHOLE_BYTES:
        return bytes(frame)
    if header.api_key == ApiKey.PRODUCE:
        try:
            body = _decode(frame)
        except (WireError, TooWide, UnsupportedVersion):
            return None
        _cut_records(body)
        return encode_request(header.api_key, header.api_version, header.correlation_id, header.client_id, body)[4:]
    return bytes(frame) if size <= MOST_BYTES else None


def keep_answer(header: RequestHeader, answer: Sequence[Part], size: int, response: Message | None) -> bytes | None:
    """What is kept of an answer; None when it is too large, or was made elsewhere and is no bytes.

    Args:
        header: of the request.
        answer: its frame, with the length.
        size: without it.
        response: what was encoded.
    """
    if size <= WHOLE_BYTES:
        try:
            return join_parts(answer)[4:]
        except TypeError:  # a region of a file, which is not read for this
            pass
    if header.api_key == ApiKey.FETCH:
        if response is None:
            return None
        try:
            chunks = encode_response(header.api_key, header.api_version, header.correlation_id, _without_records(response))
        except (WireError, TextTooLong):
            return None
        kept = join_parts(chunks)[4:]
        return kept if len(kept) <= MOST_BYTES else None
    return join_parts(answer)[4:] if size <= MOST_BYTES else None


def _cut_records(message: Message) -> None:
    """Cut the records in a message of one's own."""
    for field in fields_of(type(message)):
        value = getattr(message, field.attribute)
        if field.element == "records":
            setattr(message, field.attribute, _first_bytes(value))
        elif field.is_struct and field.is_array:
            for element in value or ():
                _cut_records(element)


def _without_records(response: Message) -> Message:
    """A copy of a fetch response with the first bytes of its records."""
    topics = []
    for topic in response.responses:  # type: ignore[attr-defined]
        partitions = []
        for partition in topic.partitions:
            partitions.append(_copy(partition, records=_first_bytes(partition.records)))
        topics.append(_copy(topic, partitions=partitions))
    return _copy(response, responses=topics)


def _copy(message: Message, **changed: object) -> Message:
    return type(message)(**{name: getattr(message, name) for name in attribute_names(type(message))} | changed)


def _first_bytes(records: object) -> bytes | None:
    """The beginning of records that may lie in pieces."""
    if isinstance(records, (bytes, bytearray, memoryview)):
        return bytes(records[:RECORDS_BYTES])
    if isinstance(records, (list, tuple)):
        return _first_bytes(records[0]) if records else b""
    return None if records is None else b""


# --- what a body names


def topics_of(api_key: int, body: Message, name_of: TopicName) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Topics that a request or an answer names, with the partitions; no partitions where it means the topic.

    A fetch within a session names only what is new to the session, or has something new.

    Args:
        api_key: of the request.
        body: of the request, or of its answer.
        name_of: the name of the topic with an id.
    """
    if api_key not in _WITHOUT_TOPICS:
        yield from _topics_in(body, name_of)


def _topics_in(body: Message, name_of: TopicName) -> Iterator[tuple[str, tuple[int, ...]]]:
    for field in fields_of(type(body)):
        if not field.is_array:
            continue
        value = getattr(body, field.attribute)
        if not value:
            continue
        if field.attribute == "topic_names":
            yield from ((name, ()) for name in value)
        elif field.is_struct:
            if field.attribute in _STRUCTS_OF_TOPICS:
                for element in value:
                    named = _topic_of(element, name_of)
                    if named is not None:
                        yield named
                    else:
                        yield from _topics_in(element, name_of)
            else:
                for element in value:
                    yield from _topics_in(element, name_of)


def _topic_of(struct: Message, name_of: TopicName) -> tuple[str, tuple[int, ...]] | None:
    name = topic_name(struct, name_of)
    return None if not name else (name, tuple(_partitions_of(struct)))


def topic_name(struct: object, name_of: TopicName) -> str | None:
    """The topic that a struct of a body names; None when it names none."""
    for attribute in _TOPIC_FIELDS:
        name = getattr(struct, attribute, None)
        if isinstance(name, str) and name:
            return name
    if getattr(struct, "resource_type", None) == TOPIC_RESOURCE:
        return str(getattr(struct, "resource_name", "")) or None
    topic_id = getattr(struct, "topic_id", None)
    if isinstance(topic_id, bytes) and any(topic_id):
        return name_of(topic_id)
    return None


def partition_number(struct: object) -> int | None:
    """The partition that a struct of a body names; None when it names none."""
    for attribute in _PARTITION_FIELDS:
        number = getattr(struct, attribute, None)
        if isinstance(number, int):
            return number
    return None


def _partitions_of(struct: Message) -> Iterator[int]:
    for field in fields_of(type(struct)):
        if not field.is_array:
            continue
        for element in getattr(struct, field.attribute) or ():
            if not field.is_struct:
                if field.element == "int32" and field.attribute in ("partitions", "partition_indexes"):
                    yield element
            elif (number := partition_number(element)) is not None:
                yield number


def groups_of(api_key: int, body: Message) -> tuple[str, ...]:
    """Groups that a request names."""
    group = getattr(body, "group_id", None)
    if isinstance(group, str) and group:
        return (group,)
    if api_key == ApiKey.FIND_COORDINATOR:
        return _coordinator_keys(body, 0)
    if api_key == ApiKey.DELETE_GROUPS:
        return tuple(body.groups_names)  # type: ignore[attr-defined]
    groups = getattr(body, "groups", None)
    if api_key == ApiKey.OFFSET_FETCH:
        return tuple(each.group_id for each in groups or ())
    return tuple(groups) if api_key == ApiKey.DESCRIBE_GROUPS and groups else ()


def transactional_ids_of(api_key: int, body: Message) -> tuple[str, ...]:
    """Transactional ids that a request names."""
    for attribute in ("transactional_id", "v3_and_below_transactional_id"):
        name = getattr(body, attribute, None)
        if isinstance(name, str) and name:
            return (name,)
    if api_key == ApiKey.FIND_COORDINATOR:
        return _coordinator_keys(body, 1)
    if api_key == ApiKey.DESCRIBE_TRANSACTIONS:
        return tuple(body.transactional_ids)  # type: ignore[attr-defined]
    return tuple(each.transactional_id for each in getattr(body, "transactions", None) or ())


def _coordinator_keys(body: Message, kind: int) -> tuple[str, ...]:
    if body.key_type != kind:  # type: ignore[attr-defined]
        return ()
    keys = [body.key, *body.coordinator_keys]  # type: ignore[attr-defined]
    return tuple(key for key in keys if key)
