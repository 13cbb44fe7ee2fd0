# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""BrokerHeartbeat, API key 63."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unknown_tag, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4_I2_B1_B1_B1: Final = Struct(">ih???")
_I4_I8_I8_B1_B1: Final = Struct(">iqq??")


class BrokerHeartbeatRequest:
    """BrokerHeartbeatRequest, versions 0-2, flexible from 0."""

    __slots__ = (
        "broker_epoch",
        "broker_id",
        "cordoned_log_dirs",
        "current_metadata_offset",
        "offline_log_dirs",
        "want_fence",
        "want_shut_down",
    )

    API_KEY: Final = 63
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "brokerId: int32 0+",
        "brokerEpoch: int64 0+ default=-1",
        "currentMetadataOffset: int64 0+",
        "wantFence: bool 0+",
        "wantShutDown: bool 0+",
        "offlineLogDirs: []uuid 1+ tagged=1+ tag=0",
        "cordonedLogDirs: []uuid 2+ nullable=2+ tagged=2+ tag=1 default=null",
    )

    def __init__(
        self,
        *,
        broker_id: int = 0,
        broker_epoch: int = -1,
        current_metadata_offset: int = 0,
        want_fence: bool = False,
        want_shut_down: bool = False,
        offline_log_dirs: list[bytes] | tuple[bytes, ...] = (),
        cordoned_log_dirs: list[bytes] | None = None,
    ) -> None:
        self.broker_id: int = broker_id
        self.broker_epoch: int = broker_epoch
        self.current_metadata_offset: int = current_metadata_offset
        self.want_fence: bool = want_fence
        self.want_shut_down: bool = want_shut_down
        self.offline_log_dirs: list[bytes] = list(offline_log_dirs) if isinstance(offline_log_dirs, tuple) else offline_log_dirs
        self.cordoned_log_dirs: list[bytes] | None = cordoned_log_dirs

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("BrokerHeartbeatRequest", version)
        self = cls.__new__(cls)
        try:
            (
                self.broker_id,
                self.broker_epoch,
                self.current_metadata_offset,
                self.want_fence,
                self.want_shut_down,
            ) = _I4_I8_I8_B1_B1.unpack_from(reader.buffer, reader.position)
            reader.position += 22
            self.offline_log_dirs = []
            self.cordoned_log_dirs = None
            for _ in range(reader.tagged_fields_count()):
                tag = reader.unsigned_varint()
                size = reader.unsigned_varint()
                if tag == 0:
                    if version >= 1:
                        count = reader.compact_array_length(16)
                        self.offline_log_dirs = reader.uuids(count)
                    else:
                        raise unknown_tag(tag, version, reader.position)
                elif tag == 1:
                    if version == 2:
                        count = reader.compact_nullable_array_length(16)
                        self.cordoned_log_dirs = None if count < 0 else reader.uuids(count)
                    else:
                        raise unknown_tag(tag, version, reader.position)
                else:
                    reader.skip(size)
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("BrokerHeartbeatRequest", version)
        writer.buffer += _I4_I8_I8_B1_B1.pack(
            self.broker_id,
            self.broker_epoch,
            self.current_metadata_offset,
            self.want_fence,
            self.want_shut_down,
        )
        if version < 1 and len(self.offline_log_dirs) > 0:
            raise not_in_version("BrokerHeartbeatRequest.offline_log_dirs", version)
        if version < 2 and self.cordoned_log_dirs is not None:
            raise not_in_version("BrokerHeartbeatRequest.cordoned_log_dirs", version)
        tagged: list[tuple[int, Writer]] = []
        if version >= 1 and len(self.offline_log_dirs) > 0:
            field = Writer()
            field.compact_array_length(len(self.offline_log_dirs))
            field.uuids(self.offline_log_dirs)
            tagged.append((0, field))
        if version == 2 and self.cordoned_log_dirs is not None:
            field = Writer()
            field.compact_array_length(len(self.cordoned_log_dirs))
            field.uuids(self.cordoned_log_dirs)
            tagged.append((1, field))
        writer.tagged_fields(tagged)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class BrokerHeartbeatResponse:
    """BrokerHeartbeatResponse, versions 0-2, flexible from 0."""

    __slots__ = ("error_code", "is_caught_up", "is_fenced", "should_shut_down", "throttle_time_ms")

    API_KEY: Final = 63
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "isCaughtUp: bool 0+ default=false",
        "isFenced: bool 0+ default=true",
        "shouldShutDown: bool 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        is_caught_up: bool = False,
        is_fenced: bool = True,
        should_shut_down: bool = False,
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.is_caught_up: bool = is_caught_up
        self.is_fenced: bool = is_fenced
        self.should_shut_down: bool = should_shut_down

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("BrokerHeartbeatResponse", version)
        self = cls.__new__(cls)
        try:
            (
                self.throttle_time_ms,
                self.error_code,
                self.is_caught_up,
                self.is_fenced,
                self.should_shut_down,
            ) = _I4_I2_B1_B1_B1.unpack_from(reader.buffer, reader.position)
            reader.position += 9
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("BrokerHeartbeatResponse", version)
        writer.buffer += _I4_I2_B1_B1_B1.pack(
            self.throttle_time_ms,
            self.error_code,
            self.is_caught_up,
            self.is_fenced,
            self.should_shut_down,
        )
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
