"""Records of a log as one line of text each: internal topics by their schemas, all others as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from kafka_compat.config.table import may_be_secret
from kafka_compat.coordinator.records import decode_record
from kafka_compat.metadata.changes import (
    Change,
    ConfigsChanged,
    ScramCredentialSet,
    UnknownChange,
    decode_change,
    encode_change,
)
from kafka_compat.metadata.config_resources import ResourceType
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.json_form import to_json
from kafka_compat.protocol.registry import (
    GROUP_COORDINATOR_RECORDS,
    SHARE_COORDINATOR_RECORDS,
    TRANSACTION_COORDINATOR_RECORDS,
)
from kafka_compat.protocol.topic_names import CLUSTER_METADATA, CONSUMER_OFFSETS, SHARE_GROUP_STATE, TRANSACTION_STATE
from kafka_compat.records.control import ControlType, parse_control_type, parse_end_transaction_marker
from kafka_compat.records.errors import InvalidRecord
from kafka_compat.records.record import Record
from kafka_compat.wire.errors import WireError

_SCHEMAS: Final[Mapping[str, Mapping[int, tuple[str, str]]]] = {
    CONSUMER_OFFSETS: GROUP_COORDINATOR_RECORDS,
    TRANSACTION_STATE: TRANSACTION_COORDINATOR_RECORDS,
    SHARE_GROUP_STATE: SHARE_COORDINATOR_RECORDS,
}


class Undecodable(Exception):
    """A record of an internal topic that its schema does not fit."""


def control_text(record: Record) -> str:
    """What a control record says.

    Raises:
        Undecodable: its key or value is cut short.
    """
    try:
        control_type = parse_control_type(record.key)
        if control_type in (ControlType.ABORT, ControlType.COMMIT):
            return f"marker {control_type.name} coordinator epoch {parse_end_transaction_marker(record).coordinator_epoch}"
    except InvalidRecord as error:
        raise Undecodable(str(error)) from error
    return f"control {control_type.name} {bytes_text(record.value)}"


def internal_text(topic: str, record: Record) -> str | None:
    """A record of an internal topic, None when the topic is none or the record's type is not known.

    Raises:
        Undecodable: the bytes do not fit the schema.
    """
    schemas = _SCHEMAS.get(topic)
    try:
        if topic == CLUSTER_METADATA:
            if record.key is None or record.value is None:
                raise Undecodable("a change has a key and a value")
            change = decode_change(record.key, record.value)
            return f"{type(change).__name__} {printable(_without_secrets(change, record.value).decode())}"
        if schemas is None:
            return None
        if record.key is None:
            raise Undecodable("the record has no key")
        decoded = decode_record(schemas, record.key, record.value)
    except (WireError, KafkaError, UnknownChange, ValueError, TypeError, KeyError, IndexError) as error:
        raise Undecodable(str(error) or type(error).__name__) from error
    if decoded is None:
        return None
    key, value = decoded
    key_text = json.dumps(to_json(key, 0), ensure_ascii=False)
    value_text = "deleted"
    if value is not None and record.value is not None:
        value_text = json.dumps(to_json(value, int.from_bytes(record.value[:2], "big")), ensure_ascii=False)
    return printable(f"{type(key).__name__.removesuffix('Key')} {key_text} {value_text}")


def _without_secrets(change: Change, value: bytes) -> bytes:
    """A change's text; of a user's credential no keys, of configs no value that may be a password."""
    if isinstance(change, ScramCredentialSet):
        return encode_change(change._replace(salt=b"", stored_key=b"", server_key=b""))[1]
    if isinstance(change, ConfigsChanged) and change.resource_type == ResourceType.BROKER:
        shown = {name: "(not shown)" if may_be_secret(name) else text for name, text in change.configs.items()}
        return value if shown == change.configs else encode_change(change._replace(configs=shown))[1]
    return value


def record_text(record: Record) -> str:
    """Key, value and headers as they are."""
    text = f"key {bytes_text(record.key)} value {bytes_text(record.value)}"
    if record.headers:
        headers = ", ".join(f"{printable(key)}={bytes_text(value)}" for key, value in record.headers)
        text += f" headers {headers}"
    return text


def bytes_text(content: bytes | None) -> str:
    """Text in quotation marks when the bytes are some, otherwise `0x` and hexadecimal digits; `null` for None."""
    if content is None:
        return "null"
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return f"0x{content.hex()}"
    # A zero byte is in no text for people, but in every other binary format.
    return f"0x{content.hex()}" if "\0" in text else printable(json.dumps(text, ensure_ascii=False))


def printable(text: str) -> str:
    """The text without what could steer a terminal: such characters become escapes."""
    if text.isprintable():
        return text
    return re.sub(r"[\s\S]", lambda found: found[0] if found[0].isprintable() else f"\\u{ord(found[0]):04x}", text)


def time_text(timestamp_ms: int) -> str:
    """A timestamp in UTC with milliseconds, as it is where no calendar reaches; `-` for none (-1)."""
    if timestamp_ms == -1:
        return "-"
    try:
        seconds, milliseconds = divmod(timestamp_ms, 1000)
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"
    except (OverflowError, ValueError, OSError):
        return str(timestamp_ms)
