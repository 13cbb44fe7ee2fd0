"""What the generated message classes have in common.

They have no base class: mypyc compiles the hot ones, and a compiled class whose base is interpreted keeps weak references to
freed objects, while an interpreted class cannot have a compiled base.
"""

from __future__ import annotations

from importlib import import_module
from typing import ClassVar, Final, Protocol, Self, runtime_checkable

from kafka_compat.protocol.errors import UnsupportedVersion
from kafka_compat.protocol.schema import FieldInfo, attribute_names
from kafka_compat.wire.errors import WireError
from kafka_compat.wire.primitives import Reader, Writer

ZERO_UUID: Final = bytes(16)


@runtime_checkable
class Message(Protocol):
    """A message or a struct inside one: a plain value for all versions, equal when all fields are.

    A message class (not a struct) also has MIN_VERSION, MAX_VERSION, FLEXIBLE_FROM (32768: never) and, for requests and
    responses, API_KEY, for keys and values of coordinator records RECORD_TYPE. Fields that a version lacks have their
    default after `decode`. Unknown tagged fields are skipped; of a tag that comes twice the last one counts, and the size
    of a known tag is not compared with what its value took, both as in Kafka. Bytes behind the message are left unread:
    whether they matter is the caller's business (Kafka's broker ignores them behind a request, in
    `AbstractRequest.parseRequest`).
    """

    FIELDS: ClassVar[tuple[str, ...]]  # each described in the language of `kafka_compat.protocol.schema`

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        """Read one message off `reader`.

        Raises:
            WireError: the bytes are no such message. (A struct's own `decode` may raise struct.error instead.)
            UnsupportedVersion: the schema has no such version.
        """

    def encode(self, writer: Writer, version: int) -> None:
        """Write the message. What was written before an error stays in `writer`.

        Raises:
            WireError: null where the version has none, or a string that is too long.
            UnsupportedVersion: the schema has no such version, or a field that it lacks and that is not ignorable is set.
            struct.error: a number is out of its type's range: a mistake of the caller, like any value of a wrong type.
        """


def struct_class(message: type[Message], field: FieldInfo) -> type[Message]:
    """The class of a struct field of `message`, or of its elements."""
    found: type[Message] = getattr(import_module(message.__module__), field.element)
    return found


def equal_messages(one: Message, other: object) -> bool:
    """Whether both are of one class and all their fields are equal."""
    if type(one) is not type(other):
        return False
    return all(getattr(one, name) == getattr(other, name) for name in attribute_names(type(one)))


# Passwords, tokens and what they are proved with: in SaslAuthenticate, AlterUserScramCredentials and the requests about
# delegation tokens.
_SECRETS: Final = frozenset({"auth_bytes", "hmac", "salted_password"})


def describe_message(message: Message) -> str:
    """The message as a call of its class, for people; of secrets it has the length."""
    values = ", ".join(f"{name}={_described(name, getattr(message, name))}" for name in attribute_names(type(message)))
    return f"{type(message).__name__}({values})"


def _described(name: str, value: object) -> str:
    if name in _SECRETS and isinstance(value, (bytes, bytearray, memoryview)):
        return f"<{len(value)} bytes>"
    return repr(value)


def unsupported(name: str, version: int) -> UnsupportedVersion:
    """The error for a version that message `name` does not have."""
    return UnsupportedVersion(f"{name} has no version {version}")


def not_in_version(field: str, version: int) -> UnsupportedVersion:
    """The error for a value of `field` that `version` cannot carry."""
    return UnsupportedVersion(f"{field} is set, and version {version} does not have it")


def unknown_tag(tag: int, version: int, position: int) -> WireError:
    """The error for a tag that another version gives a meaning: Kafka refuses it instead of skipping it."""
    return WireError(f"tag {tag} is not valid in version {version}", position)
