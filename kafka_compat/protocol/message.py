"""What the generated message classes share."""

from __future__ import annotations

from typing import ClassVar, Final, Self

from kafka_compat.protocol.errors import UnsupportedVersion
from kafka_compat.protocol.schema import attribute_names
from kafka_compat.wire.errors import WireError
from kafka_compat.wire.primitives import Reader, Writer

ZERO_UUID: Final = bytes(16)


class Message:
    """A message or a struct inside one: a plain value for all versions, equal when all fields are.

    A message class (not a struct) also has MIN_VERSION, MAX_VERSION, FLEXIBLE_FROM (32768: never) and, for requests and
    responses, API_KEY, for keys and values of coordinator records RECORD_TYPE. Fields that a version lacks have their
    default after `decode`. Unknown tagged fields are skipped; of a tag that comes twice the last one counts, and the size
    of a known tag is not compared with what its value took, both as in Kafka. Bytes behind the message are left unread:
    whether they matter is the caller's business (Kafka's broker ignores them behind a request).
    """

    __slots__ = ()

    FIELDS: ClassVar[tuple[str, ...]] = ()  # each described in the language of `kafka_compat.protocol.schema`

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        """Read one message off `reader`.

        Raises:
            WireError: the bytes are no such message. (A struct's own `decode` may raise struct.error instead.)
            UnsupportedVersion: the schema has no such version.
        """
        raise NotImplementedError

    def encode(self, writer: Writer, version: int) -> None:
        """Write the message. What was written before an error stays in `writer`.

        Raises:
            WireError: null where the version has none, or a string that is too long.
            UnsupportedVersion: the schema has no such version, or a field that it lacks and that is not ignorable is set.
        """
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in attribute_names(type(self)))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in attribute_names(type(self)))
        return f"{type(self).__name__}({values})"


def unsupported(name: str, version: int) -> UnsupportedVersion:
    """The error for a version that message `name` does not have."""
    return UnsupportedVersion(f"{name} has no version {version}")


def not_in_version(field: str, version: int) -> UnsupportedVersion:
    """The error for a value of `field` that `version` cannot carry."""
    return UnsupportedVersion(f"{field} is set, and version {version} does not have it")


def unknown_tag(tag: int, version: int, position: int) -> WireError:
    """The error for a tag that another version gives a meaning: Kafka refuses it instead of skipping it."""
    return WireError(f"tag {tag} is not valid in version {version}", position)
