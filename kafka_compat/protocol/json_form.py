"""Messages as JSON, in the form of Kafka's own JsonConverter classes.

Names are the schema's with a small first letter; uuids are base64url without padding, bytes and records base64. A field
that the version lacks is left out, and so is a tagged field at its default. Coming back, a field may be missing when it is
tagged, ignorable or has a default in the schema; a name the version does not know is an error.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final, cast

from kafka_compat.protocol.message import ZERO_UUID, Message, struct_class
from kafka_compat.protocol.schema import FieldInfo, fields_of

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

INTEGER_BITS: Final = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
}
_UUID_TEXT: Final = re.compile(r"[A-Za-z0-9_-]{22}")


class JsonFormError(ValueError):
    """JSON that is no value of the message; the text begins with the path of the field."""


def to_json(message: Message, version: int) -> dict[str, Json]:
    """The JSON form of `message` in `version`, its fields in the schema's order."""
    values: dict[str, Json] = {}
    default: Message | None = None
    for field in fields_of(type(message)):
        if not field.versions.has(version):
            continue
        value = getattr(message, field.attribute)
        if field.tagged.has(version):
            if default is None:
                default = type(message)()
            if value == getattr(default, field.attribute):
                continue
        values[field.name] = _value_to_json(field, value, version)
    return values


def _value_to_json(field: FieldInfo, value: object, version: int) -> Json:
    if value is None:
        return None
    if field.is_array:
        assert isinstance(value, list)
        return [_element_to_json(field, element, version) for element in value]
    return _element_to_json(field, value, version)


def _element_to_json(field: FieldInfo, value: object, version: int) -> Json:
    if field.is_struct:
        return to_json(cast(Message, value), version)  # the schema says so
    if isinstance(value, (bytes, bytearray, memoryview)):
        if field.element == "uuid":
            return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
        return base64.b64encode(value).decode()
    if isinstance(value, (list, tuple)):  # records given as several buffers
        return base64.b64encode(b"".join(value)).decode()
    assert isinstance(value, (bool, int, float, str))
    return value


def from_json(message: type[Message], values: Json, version: int) -> Message:
    """The message whose JSON form in `version` is `values`.

    Raises:
        JsonFormError: a field is missing, unknown, of another type or out of its range.
    """
    return _struct_from_json(message, values, version, message.__name__)


def _struct_from_json(message: type[Message], values: Json, version: int, path: str) -> Message:
    if not isinstance(values, dict):
        raise JsonFormError(f"{path}: not an object")
    arguments: dict[str, object] = {}
    known = 0
    for field in fields_of(message):
        if field.name not in values:
            if field.versions.has(version) and not (field.tagged.has(version) or field.ignorable or field.has_default):
                raise JsonFormError(f"{path}.{field.name}: missing")
            continue
        if not field.versions.has(version):
            raise JsonFormError(f"{path}.{field.name}: not in version {version}")
        known += 1
        arguments[field.attribute] = _value_from_json(message, field, values[field.name], version, f"{path}.{field.name}")
    if known != len(values):
        unknown = sorted(set(values) - {field.name for field in fields_of(message)})
        raise JsonFormError(f"{path}.{unknown[0]}: unknown field")
    return message(**arguments)


def _value_from_json(message: type[Message], field: FieldInfo, value: Json, version: int, path: str) -> object:
    if value is None:
        if not field.nullable.has(version):
            raise JsonFormError(f"{path}: cannot be null in version {version}")
        return None
    if not field.is_array:
        return _element_from_json(message, field, value, version, path)
    if not isinstance(value, list):
        raise JsonFormError(f"{path}: not an array")
    return [_element_from_json(message, field, element, version, f"{path}[{index}]") for index, element in enumerate(value)]


def _element_from_json(message: type[Message], field: FieldInfo, value: Json, version: int, path: str) -> object:
    if field.is_struct:
        return _struct_from_json(struct_class(message, field), value, version, path)
    match field.element:
        case "string":
            if isinstance(value, str):
                return value
        case "bool":
            if isinstance(value, bool):
                return value
        case "float64":
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return float(value)
        case "uuid":
            if isinstance(value, str):
                return _uuid_from_json(value, path)
        case "bytes" | "records":
            if isinstance(value, str):
                return _bytes_from_json(value, path)
        case number:
            low, high = INTEGER_BITS[number]
            if isinstance(value, int) and not isinstance(value, bool):
                if not low <= value <= high:
                    raise JsonFormError(f"{path}: {value} is no {number}")
                return value
    raise JsonFormError(f"{path}: not a {field.element}")


def _uuid_from_json(text: str, path: str) -> bytes:
    if _UUID_TEXT.fullmatch(text) is None:
        raise JsonFormError(f"{path}: a uuid has 22 characters of base64url")
    uuid = base64.urlsafe_b64decode(text + "==")
    return uuid if any(uuid) else ZERO_UUID


def _bytes_from_json(text: str, path: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise JsonFormError(f"{path}: not base64") from None
