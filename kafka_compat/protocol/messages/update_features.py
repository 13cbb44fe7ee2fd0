# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""UpdateFeatures, API key 57."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, not_in_version, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I1: Final = Struct(">b")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")


class UpdateFeaturesRequest:
    """UpdateFeaturesRequest, versions 0-2, flexible from 0."""

    __slots__ = ("feature_updates", "timeout_ms", "validate_only")

    API_KEY: Final = 57
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "timeoutMs: int32 0+ default=60000",
        "featureUpdates: []FeatureUpdateKey 0+",
        "validateOnly: bool 1+ default=false",
    )

    def __init__(
        self,
        *,
        timeout_ms: int = 60000,
        feature_updates: list[FeatureUpdateKey] | tuple[FeatureUpdateKey, ...] = (),
        validate_only: bool = False,
    ) -> None:
        self.timeout_ms: int = timeout_ms
        self.feature_updates: list[FeatureUpdateKey] = list(feature_updates) if isinstance(feature_updates, tuple) else feature_updates
        self.validate_only: bool = validate_only

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("UpdateFeaturesRequest", version)
        self = cls.__new__(cls)
        try:
            (self.timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_array_length(5)
            self.feature_updates = [FeatureUpdateKey.decode(reader, version) for _ in range(count)]
            if version >= 1:
                (self.validate_only,) = _B1.unpack_from(reader.buffer, reader.position)
                reader.position += 1
            else:
                self.validate_only = False
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("UpdateFeaturesRequest", version)
        writer.buffer += _I4.pack(self.timeout_ms)
        writer.compact_array_length(len(self.feature_updates))
        for each_feature_updates in self.feature_updates:
            each_feature_updates.encode(writer, version)
        if version >= 1:
            writer.buffer += _B1.pack(self.validate_only)
        else:
            if self.validate_only:
                raise not_in_version("UpdateFeaturesRequest.validate_only", version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class FeatureUpdateKey:
    """FeatureUpdateKey of UpdateFeaturesRequest, versions 0-2."""

    __slots__ = ("allow_downgrade", "feature", "max_version_level", "upgrade_type")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "feature: string 0+ key",
        "maxVersionLevel: int16 0+",
        "allowDowngrade: bool 0",
        "upgradeType: int8 1+ default=1",
    )

    def __init__(
        self,
        *,
        feature: str = "",
        max_version_level: int = 0,
        allow_downgrade: bool = False,
        upgrade_type: int = 1,
    ) -> None:
        self.feature: str = feature
        self.max_version_level: int = max_version_level
        self.allow_downgrade: bool = allow_downgrade
        self.upgrade_type: int = upgrade_type

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.feature = reader.compact_string()
        (self.max_version_level,) = _I2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        if version == 0:
            (self.allow_downgrade,) = _B1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
        else:
            self.allow_downgrade = False
        if version >= 1:
            (self.upgrade_type,) = _I1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
        else:
            self.upgrade_type = 1
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.feature)
        writer.buffer += _I2.pack(self.max_version_level)
        if version == 0:
            writer.buffer += _B1.pack(self.allow_downgrade)
        else:
            if self.allow_downgrade:
                raise not_in_version("FeatureUpdateKey.allow_downgrade", version)
        if version >= 1:
            writer.buffer += _I1.pack(self.upgrade_type)
        else:
            if self.upgrade_type != 1:
                raise not_in_version("FeatureUpdateKey.upgrade_type", version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class UpdateFeaturesResponse:
    """UpdateFeaturesResponse, versions 0-2, flexible from 0."""

    __slots__ = ("error_code", "error_message", "results", "throttle_time_ms")

    API_KEY: Final = 57
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 2
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
        "results: []UpdatableFeatureResult 0-1 ignorable",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        error_message: str | None = "",
        results: list[UpdatableFeatureResult] | tuple[UpdatableFeatureResult, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.results: list[UpdatableFeatureResult] = list(results) if isinstance(results, tuple) else results

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 2:
            raise unsupported("UpdateFeaturesResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            self.error_message = reader.compact_nullable_string()
            if version <= 1:
                count = reader.compact_array_length(5)
                self.results = [UpdatableFeatureResult.decode(reader, version) for _ in range(count)]
            else:
                self.results = []
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 2:
            raise unsupported("UpdateFeaturesResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_nullable_string(self.error_message)
        if version <= 1:
            writer.compact_array_length(len(self.results))
            for each_results in self.results:
                each_results.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class UpdatableFeatureResult:
    """UpdatableFeatureResult of UpdateFeaturesResponse, versions 0-1."""

    __slots__ = ("error_code", "error_message", "feature")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "feature: string 0+ key",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+",
    )

    def __init__(
        self,
        *,
        feature: str = "",
        error_code: int = 0,
        error_message: str | None = "",
    ) -> None:
        self.feature: str = feature
        self.error_code: int = error_code
        self.error_message: str | None = error_message

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.feature = reader.compact_string()
        (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        self.error_message = reader.compact_nullable_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.feature)
        writer.buffer += _I2.pack(self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
