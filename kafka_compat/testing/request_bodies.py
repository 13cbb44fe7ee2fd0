"""What the bodies of requests and answers name, and how much of them is kept.

Records are kept up to their first kibibyte, which has the header of the first batch: a log of requests is no second copy of the
logs of partitions. Nor does it keep passwords (`secrets.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

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
from kafka_compat.protocol.schema import fields_of
from kafka_compat.testing.named import EVERY, copy_of, leaves
from kafka_compat.testing.secrets import WITH_SECRETS, drop_secrets
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
    if header.api_key in WITH_SECRETS:
        return _without_secrets(header, frame) if size <= MOST_BYTES else None
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
    if header.api_key in WITH_SECRETS:
        return _answer_without_secrets(header, answer) if size <= MOST_BYTES else None
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


def _without_secrets(header: RequestHeader, frame: memoryview) -> bytes | None:
    try:
        body = _decode(frame)
    except (WireError, TooWide, UnsupportedVersion):
        return None
    drop_secrets(body)
    return encode_request(header.api_key, header.api_version, header.correlation_id, header.client_id, body)[4:]


def _answer_without_secrets(header: RequestHeader, answer: Sequence[Part]) -> bytes | None:
    try:
        body = decode_response(header.api_key, header.api_version, join_parts(answer)[4:])[1]
    except (WireError, TooWide, UnsupportedVersion):  # one that was broken on purpose
        return None
    drop_secrets(body)
    return join_parts(encode_response(header.api_key, header.api_version, header.correlation_id, body))[4:]


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
            partitions.append(copy_of(partition, {"records": _first_bytes(partition.records)}))
        topics.append(copy_of(topic, {"partitions": partitions}))
    return copy_of(response, {"responses": topics})


def _first_bytes(records: object) -> bytes | None:
    """The beginning of records that may lie in pieces."""
    if isinstance(records, (bytes, bytearray, memoryview)):
        return bytes(records[:RECORDS_BYTES])
    if isinstance(records, (list, tuple)):
        return _first_bytes(records[0]) if records else b""
    return None if records is None else b""


# --- what a body names


class BodyNames(NamedTuple):
    """What a request or an answer names, each once, in its order.

    A fetch within a session names only what is new to the session, or has something new.

    Attributes:
        partitions: by topic; an empty tuple where it means the topic.
        groups: ids.
        transactional_ids: of producers.
    """

    partitions: dict[str, tuple[int, ...]]
    groups: tuple[str, ...]
    transactional_ids: tuple[str, ...]


def names_in(body: Message, version: int, name_of: TopicName) -> BodyNames:
    """What a body names; `name_of` gives the name of the topic with an id."""
    partitions: dict[str, list[int]] = {}
    groups: dict[str, None] = {}
    transactional_ids: dict[str, None] = {}
    for names in leaves(body, version):
        topic = names.topic
        if topic is None and names.topic_id is not None:
            topic = name_of(names.topic_id)
        if topic and topic != EVERY:
            numbers = partitions.setdefault(topic, [])
            if names.partition is not None:
                numbers.append(names.partition)
        if names.group:
            groups[names.group] = None
        if names.transactional_id:
            transactional_ids[names.transactional_id] = None
    return BodyNames({topic: tuple(numbers) for topic, numbers in partitions.items()}, tuple(groups), tuple(transactional_ids))


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
