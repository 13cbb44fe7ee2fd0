# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""ApiVersions, API key 18."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I2: Final = Struct(">h")
_I2_I2: Final = Struct(">hh")
_I2_I2_I2: Final = Struct(">hhh")
_I4: Final = Struct(">i")
_I8: Final = Struct(">q")


class ApiVersionsRequest:
    """ApiVersionsRequest, versions 0-4, flexible from 3."""

    __slots__ = ("client_software_name", "client_software_version")

    API_KEY: Final = 18
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 4
    FLEXIBLE_FROM: Final = 3
    FIELDS: ClassVar[tuple[str, ...]] = (
        "clientSoftwareName: string 3+ ignorable",
        "clientSoftwareVersion: string 3+ ignorable",
    )

    def __init__(
        self,
        *,
        client_software_name: str = "",
        client_software_version: str = "",
    ) -> None:
        self.client_software_name: str = client_software_name
        self.client_software_version: str = client_software_version

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 4:
            raise unsupported("ApiVersionsRequest", version)
        self = cls.__new__(cls)
        try:
            if version >= 3:
                self.client_software_name = reader.compact_string()
                self.client_software_version = reader.compact_string()
                reader.skip_tagged_fields()
            else:
                self.client_software_name = ""
                self.client_software_version = ""
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 4:
            raise unsupported("ApiVersionsRequest", version)
        if version >= 3:
            writer.compact_string(self.client_software_name)
            writer.compact_string(self.client_software_version)
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ApiVersionsResponse:
    """ApiVersionsResponse, versions 0-4, flexible from 3."""

    __slots__ = (
        "api_keys",
        "error_code",
        "finalized_features",
        "finalized_features_epoch",
        "supported_features",
        "throttle_time_ms",
        "zk_migration_ready",
    )

    API_KEY: Final = 18
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 4
    FLEXIBLE_FROM: Final = 3
    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "apiKeys: []ApiVersion 0+",
        "throttleTimeMs: int32 1+ ignorable",
        "supportedFeatures: []SupportedFeatureKey 3+ tagged=3+ tag=0 ignorable",
        "finalizedFeaturesEpoch: int64 3+ tagged=3+ tag=1 default=-1 ignorable",
        "finalizedFeatures: []FinalizedFeatureKey 3+ tagged=3+ tag=2 ignorable",
        "zkMigrationReady: bool 3+ tagged=3+ tag=3 default=false ignorable",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        api_keys: list[ApiVersion] | tuple[ApiVersion, ...] = (),
        throttle_time_ms: int = 0,
        supported_features: list[SupportedFeatureKey] | tuple[SupportedFeatureKey, ...] = (),
        finalized_features_epoch: int = -1,
        finalized_features: list[FinalizedFeatureKey] | tuple[FinalizedFeatureKey, ...] = (),
        zk_migration_ready: bool = False,
    ) -> None:
        self.error_code: int = error_code
        self.api_keys: list[ApiVersion] = list(api_keys) if isinstance(api_keys, tuple) else api_keys
        self.throttle_time_ms: int = throttle_time_ms
        self.supported_features: list[SupportedFeatureKey] = list(supported_features) if isinstance(supported_features, tuple) else supported_features
        self.finalized_features_epoch: int = finalized_features_epoch
        self.finalized_features: list[FinalizedFeatureKey] = list(finalized_features) if isinstance(finalized_features, tuple) else finalized_features
        self.zk_migration_ready: bool = zk_migration_ready

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 4:
            raise unsupported("ApiVersionsResponse", version)
        self = cls.__new__(cls)
        try:
            if version >= 3:
                (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                count = reader.compact_array_length(7)
                self.api_keys = [ApiVersion.decode(reader, version) for _ in range(count)]
                (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                reader.position += 4
                self.supported_features = []
                self.finalized_features_epoch = -1
                self.finalized_features = []
                self.zk_migration_ready = False
                for _ in range(reader.tagged_fields_count()):
                    tag = reader.unsigned_varint()
                    size = reader.unsigned_varint()
                    if tag == 0:
                        count = reader.compact_array_length(6)
                        self.supported_features = [SupportedFeatureKey.decode(reader, version) for _ in range(count)]
                    elif tag == 1:
                        (self.finalized_features_epoch,) = _I8.unpack_from(reader.buffer, reader.position)
                        reader.position += 8
                    elif tag == 2:
                        count = reader.compact_array_length(6)
                        self.finalized_features = [FinalizedFeatureKey.decode(reader, version) for _ in range(count)]
                    elif tag == 3:
                        (self.zk_migration_ready,) = _B1.unpack_from(reader.buffer, reader.position)
                        reader.position += 1
                    else:
                        reader.skip(size)
            else:
                (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
                reader.position += 2
                count = reader.array_length(6)
                self.api_keys = [ApiVersion.decode(reader, version) for _ in range(count)]
                if version >= 1:
                    (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
                    reader.position += 4
                else:
                    self.throttle_time_ms = 0
                self.supported_features = []
                self.finalized_features_epoch = -1
                self.finalized_features = []
                self.zk_migration_ready = False
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 4:
            raise unsupported("ApiVersionsResponse", version)
        if version >= 3:
            writer.buffer += _I2.pack(self.error_code)
            writer.compact_array_length(len(self.api_keys))
            for each_api_keys in self.api_keys:
                each_api_keys.encode(writer, version)
            writer.buffer += _I4.pack(self.throttle_time_ms)
            tagged: list[tuple[int, Writer]] = []
            if len(self.supported_features) > 0:
                field = Writer()
                field.compact_array_length(len(self.supported_features))
                for each_supported_features in self.supported_features:
                    each_supported_features.encode(field, version)
                tagged.append((0, field))
            if self.finalized_features_epoch != -1:
                field = Writer()
                field.buffer += _I8.pack(self.finalized_features_epoch)
                tagged.append((1, field))
            if len(self.finalized_features) > 0:
                field = Writer()
                field.compact_array_length(len(self.finalized_features))
                for each_finalized_features in self.finalized_features:
                    each_finalized_features.encode(field, version)
                tagged.append((2, field))
            if self.zk_migration_ready:
                field = Writer()
                field.buffer += _B1.pack(self.zk_migration_ready)
                tagged.append((3, field))
            writer.tagged_fields(tagged)
        else:
            writer.buffer += _I2.pack(self.error_code)
            writer.array_length(len(self.api_keys))
            for each_api_keys in self.api_keys:
                each_api_keys.encode(writer, version)
            if version >= 1:
                writer.buffer += _I4.pack(self.throttle_time_ms)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class ApiVersion:
    """ApiVersion of ApiVersionsResponse, versions 0-4."""

    __slots__ = ("api_key", "max_version", "min_version")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "apiKey: int16 0+ key",
        "minVersion: int16 0+",
        "maxVersion: int16 0+",
    )

    def __init__(
        self,
        *,
        api_key: int = 0,
        min_version: int = 0,
        max_version: int = 0,
    ) -> None:
        self.api_key: int = api_key
        self.min_version: int = min_version
        self.max_version: int = max_version

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.api_key, self.min_version, self.max_version) = _I2_I2_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 6
        if version >= 3:
            reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I2_I2_I2.pack(self.api_key, self.min_version, self.max_version)
        if version >= 3:
            writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class SupportedFeatureKey:
    """SupportedFeatureKey of ApiVersionsResponse, versions 3-4."""

    __slots__ = ("max_version", "min_version", "name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 3+ key",
        "minVersion: int16 3+",
        "maxVersion: int16 3+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        min_version: int = 0,
        max_version: int = 0,
    ) -> None:
        self.name: str = name
        self.min_version: int = min_version
        self.max_version: int = max_version

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        (self.min_version, self.max_version) = _I2_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.buffer += _I2_I2.pack(self.min_version, self.max_version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class FinalizedFeatureKey:
    """FinalizedFeatureKey of ApiVersionsResponse, versions 3-4."""

    __slots__ = ("max_version_level", "min_version_level", "name")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 3+ key",
        "maxVersionLevel: int16 3+",
        "minVersionLevel: int16 3+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        max_version_level: int = 0,
        min_version_level: int = 0,
    ) -> None:
        self.name: str = name
        self.max_version_level: int = max_version_level
        self.min_version_level: int = min_version_level

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        (self.max_version_level, self.min_version_level) = _I2_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.buffer += _I2_I2.pack(self.max_version_level, self.min_version_level)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
