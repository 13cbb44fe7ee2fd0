# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""FindCoordinator, API key 10."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I1: Final = Struct(">b")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")


class FindCoordinatorRequest:
    """FindCoordinatorRequest, versions 0-6, flexible from 3."""

    __slots__ = ("coordinator_keys", "key", "key_type")

    API_KEY: Final = 10
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 6
    FLEXIBLE_FROM: Final = 3
    FIELDS: ClassVar[tuple[str, ...]] = (
        "key: string 0-3",
        "keyType: int8 1+ default=0",
        "coordinatorKeys: []string 4+",
    )

    def __init__(
        self,
        *,
        key: str = "",
        key_type: int = 0,
        coordinator_keys: list[str] | tuple[str, ...] = (),
    ) -> None:
        self.key: str = key
        self.key_type: int = key_type
        self.coordinator_keys: list[str] = list(coordinator_keys) if isinstance(coordinator_keys, tuple) else coordinator_keys

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 6:
            raise unsupported("FindCoordinatorRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 3:
                if version == 3:
                    self.key = reader.compact_string()
                else:
                    self.key = ""
                (self.key_type,) = _I1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
                if version >= 4:
                    count = reader.compact_array_length(1)
                    self.coordinator_keys = [reader.compact_string() for _ in range(count)]
                else:
                    self.coordinator_keys = []
                reader.skip_tagged_fields()
            else:
                self.key = reader.string()
                if version >= 1:
                    (self.key_type,) = _I1.unpack_from(reader.buffer, reader.position)
                    reader.position += 1
                else:
                    self.key_type = 0
                self.coordinator_keys = []
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 6:
            raise unsupported("FindCoordinatorRequest", version)
        if version >= 3:
            if version == 3:
                writer.compact_string(self.key)
            else:
                if self.key != "":
                    raise not_in_version("FindCoordinatorRequest.key", version)
            writer.buffer += _I1.pack(self.key_type)
            if version >= 4:
                writer.compact_array_length(len(self.coordinator_keys))
                for each_coordinator_keys in self.coordinator_keys:
                    writer.compact_string(each_coordinator_keys)
            else:
                if len(self.coordinator_keys) > 0:
                    raise not_in_version("FindCoordinatorRequest.coordinator_keys", version)
            writer.buffer.append(0)
        else:
            writer.string(self.key)
            if version >= 1:
                writer.buffer += _I1.pack(self.key_type)
            else:
                if self.key_type != 0:
                    raise not_in_version("FindCoordinatorRequest.key_type", version)
            if len(self.coordinator_keys) > 0:
                raise not_in_version("FindCoordinatorRequest.coordinator_keys", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class FindCoordinatorResponse:
    """FindCoordinatorResponse, versions 0-6, flexible from 3."""

    __slots__ = ("coordinators", "error_code", "error_message", "host", "node_id", "port", "throttle_time_ms")

    API_KEY: Final = 10
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 6
    FLEXIBLE_FROM: Final = 3
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 1+ ignorable",
        "errorCode: int16 0-3",
        "errorMessage: string 1-3 nullable=1-3 ignorable",
        "nodeId: int32 0-3",
        "host: string 0-3",
        "port: int32 0-3",
        "coordinators: []Coordinator 4+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        error_message: str | None = "",
        node_id: int = 0,
        host: str = "",
        port: int = 0,
        coordinators: list[Coordinator] | tuple[Coordinator, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.node_id: int = node_id
        self.host: str = host
        self.port: int = port
        self.coordinators: list[Coordinator] = list(coordinators) if isinstance(coordinators, tuple) else coordinators

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 6:
            raise unsupported("FindCoordinatorResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 3:
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                if version == 3:
                    (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                    reader.position += 2
                    self.error_message = reader.compact_nullable_string()
                    (self.node_id,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                    self.host = reader.compact_string()
                    (self.port,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.error_code = 0
                    self.error_message = ""
                    self.node_id = 0
                    self.host = ""
                    self.port = 0
                if version >= 4:
                    count = reader.compact_array_length(14)
                    self.coordinators = [Coordinator.decode(reader, version) for _ in range(count)]
                else:
                    self.coordinators = []
                reader.skip_tagged_fields()
            else:
                if version >= 1:
                    (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.throttle_time_ms = 0
                (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                if version >= 1:
                    self.error_message = reader.nullable_string()
                else:
                    self.error_message = ""
                (self.node_id,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.host = reader.string()
                (self.port,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.coordinators = []
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 6:
            raise unsupported("FindCoordinatorResponse", version)
        if version >= 3:
            writer.buffer += _I4.pack(self.throttle_time_ms)
            if version == 3:
                writer.buffer += _I2.pack(self.error_code)
                writer.compact_nullable_string(self.error_message)
                writer.buffer += _I4.pack(self.node_id)
                writer.compact_string(self.host)
                writer.buffer += _I4.pack(self.port)
            else:
                if self.error_code != 0:
                    raise not_in_version("FindCoordinatorResponse.error_code", version)
                if self.node_id != 0:
                    raise not_in_version("FindCoordinatorResponse.node_id", version)
                if self.host != "":
                    raise not_in_version("FindCoordinatorResponse.host", version)
                if self.port != 0:
                    raise not_in_version("FindCoordinatorResponse.port", version)
            if version >= 4:
                writer.compact_array_length(len(self.coordinators))
                for each_coordinators in self.coordinators:
                    each_coordinators.encode(writer, version)
            else:
                if len(self.coordinators) > 0:
                    raise not_in_version("FindCoordinatorResponse.coordinators", version)
            writer.buffer.append(0)
        else:
            if version >= 1:
                writer.buffer += _I4.pack(self.throttle_time_ms)
            writer.buffer += _I2.pack(self.error_code)
            if version >= 1:
                writer.nullable_string(self.error_message)
            writer.buffer += _I4.pack(self.node_id)
            writer.string(self.host)
            writer.buffer += _I4.pack(self.port)
            if len(self.coordinators) > 0:
                raise not_in_version("FindCoordinatorResponse.coordinators", version)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Coordinator:
    """Coordinator of FindCoordinatorResponse, versions 4-6."""

    __slots__ = ("error_code", "error_message", "host", "key", "node_id", "port")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "key: string 4+",
        "nodeId: int32 4+",
        "host: string 4+",
        "port: int32 4+",
        "errorCode: int16 4+",
        "errorMessage: string 4+ nullable=4+ ignorable",
    )

    def __init__(
        self,
        *,
        key: str = "",
        node_id: int = 0,
        host: str = "",
        port: int = 0,
        error_code: int = 0,
        error_message: str | None = "",
    ) -> None:
        self.key: str = key
        self.node_id: int = node_id
        self.host: str = host
        self.port: int = port
        self.error_code: int = error_code
        self.error_message: str | None = error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.key = reader.compact_string()
        (self.node_id,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        self.host = reader.compact_string()
        (self.port, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 6
        self.error_message = reader.compact_nullable_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.key)
        writer.buffer += _I4.pack(self.node_id)
        writer.compact_string(self.host)
        writer.buffer += _I4_I2.pack(self.port, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
