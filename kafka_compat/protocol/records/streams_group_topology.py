# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of StreamsGroupTopology records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")


class StreamsGroupTopologyKey:
    """StreamsGroupTopologyKey, versions 0."""

    __slots__ = ("group_id",)

    RECORD_TYPE: Final = 23
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
    ) -> None:
        self.group_id: str = group_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupTopologyKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupTopologyKey", version)
        writer.string(self.group_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class StreamsGroupTopologyValue:
    """StreamsGroupTopologyValue, versions 0, flexible from 0."""

    __slots__ = ("epoch", "subtopologies")

    RECORD_TYPE: Final = 23
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "epoch: int32 0+",
        "subtopologies: []Subtopology 0+",
    )

    def __init__(
        self,
        *,
        epoch: int = 0,
        subtopologies: list[Subtopology] | tuple[Subtopology, ...] = (),
    ) -> None:
        self.epoch: int = epoch
        self.subtopologies: list[Subtopology] = list(subtopologies) if isinstance(subtopologies, tuple) else subtopologies

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupTopologyValue", version)
        self = cls.__new__(cls)
        try:
            (self.epoch,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_array_length(8)
            self.subtopologies = [Subtopology.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupTopologyValue", version)
        writer.buffer += _I4.pack(self.epoch)
        writer.compact_array_length(len(self.subtopologies))
        for each_subtopologies in self.subtopologies:
            each_subtopologies.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Subtopology:
    """Subtopology of StreamsGroupTopologyValue, versions 0."""

    __slots__ = (
        "copartition_groups",
        "repartition_sink_topics",
        "repartition_source_topics",
        "source_topic_regex",
        "source_topics",
        "state_changelog_topics",
        "subtopology_id",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "subtopologyId: string 0+",
        "sourceTopics: []string 0+",
        "sourceTopicRegex: []string 0+",
        "stateChangelogTopics: []TopicInfo 0+",
        "repartitionSinkTopics: []string 0+",
        "repartitionSourceTopics: []TopicInfo 0+",
        "copartitionGroups: []CopartitionGroup 0+",
    )

    def __init__(
        self,
        *,
        subtopology_id: str = "",
        source_topics: list[str] | tuple[str, ...] = (),
        source_topic_regex: list[str] | tuple[str, ...] = (),
        state_changelog_topics: list[TopicInfo] | tuple[TopicInfo, ...] = (),
        repartition_sink_topics: list[str] | tuple[str, ...] = (),
        repartition_source_topics: list[TopicInfo] | tuple[TopicInfo, ...] = (),
        copartition_groups: list[CopartitionGroup] | tuple[CopartitionGroup, ...] = (),
    ) -> None:
        self.subtopology_id: str = subtopology_id
        self.source_topics: list[str] = list(source_topics) if isinstance(source_topics, tuple) else source_topics
        self.source_topic_regex: list[str] = list(source_topic_regex) if isinstance(source_topic_regex, tuple) else source_topic_regex
        self.state_changelog_topics: list[TopicInfo] = list(state_changelog_topics) if isinstance(state_changelog_topics, tuple) else state_changelog_topics
        self.repartition_sink_topics: list[str] = list(repartition_sink_topics) if isinstance(repartition_sink_topics, tuple) else repartition_sink_topics
        self.repartition_source_topics: list[TopicInfo] = list(repartition_source_topics) if isinstance(repartition_source_topics, tuple) else repartition_source_topics
        self.copartition_groups: list[CopartitionGroup] = list(copartition_groups) if isinstance(copartition_groups, tuple) else copartition_groups

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.subtopology_id = reader.compact_string()
        count = reader.compact_array_length(1)
        self.source_topics = [reader.compact_string() for _ in range(count)]
        count = reader.compact_array_length(1)
        self.source_topic_regex = [reader.compact_string() for _ in range(count)]
        count = reader.compact_array_length(9)
        self.state_changelog_topics = [TopicInfo.decode(reader, version) for _ in range(count)]
        count = reader.compact_array_length(1)
        self.repartition_sink_topics = [reader.compact_string() for _ in range(count)]
        count = reader.compact_array_length(9)
        self.repartition_source_topics = [TopicInfo.decode(reader, version) for _ in range(count)]
        count = reader.compact_array_length(4)
        self.copartition_groups = [CopartitionGroup.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.subtopology_id)
        writer.compact_array_length(len(self.source_topics))
        for each_source_topics in self.source_topics:
            writer.compact_string(each_source_topics)
        writer.compact_array_length(len(self.source_topic_regex))
        for each_source_topic_regex in self.source_topic_regex:
            writer.compact_string(each_source_topic_regex)
        writer.compact_array_length(len(self.state_changelog_topics))
        for each_state_changelog_topics in self.state_changelog_topics:
            each_state_changelog_topics.encode(writer, version)
        writer.compact_array_length(len(self.repartition_sink_topics))
        for each_repartition_sink_topics in self.repartition_sink_topics:
            writer.compact_string(each_repartition_sink_topics)
        writer.compact_array_length(len(self.repartition_source_topics))
        for each_repartition_source_topics in self.repartition_source_topics:
            each_repartition_source_topics.encode(writer, version)
        writer.compact_array_length(len(self.copartition_groups))
        for each_copartition_groups in self.copartition_groups:
            each_copartition_groups.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class CopartitionGroup:
    """CopartitionGroup of StreamsGroupTopologyValue, versions 0."""

    __slots__ = ("repartition_source_topics", "source_topic_regex", "source_topics")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "sourceTopics: []int16 0+",
        "sourceTopicRegex: []int16 0+",
        "repartitionSourceTopics: []int16 0+",
    )

    def __init__(
        self,
        *,
        source_topics: list[int] | tuple[int, ...] = (),
        source_topic_regex: list[int] | tuple[int, ...] = (),
        repartition_source_topics: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.source_topics: list[int] = list(source_topics) if isinstance(source_topics, tuple) else source_topics
        self.source_topic_regex: list[int] = list(source_topic_regex) if isinstance(source_topic_regex, tuple) else source_topic_regex
        self.repartition_source_topics: list[int] = list(repartition_source_topics) if isinstance(repartition_source_topics, tuple) else repartition_source_topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        count = reader.compact_array_length(2)
        self.source_topics = reader.int16s(count)
        count = reader.compact_array_length(2)
        self.source_topic_regex = reader.int16s(count)
        count = reader.compact_array_length(2)
        self.repartition_source_topics = reader.int16s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_array_length(len(self.source_topics))
        writer.int16s(self.source_topics)
        writer.compact_array_length(len(self.source_topic_regex))
        writer.int16s(self.source_topic_regex)
        writer.compact_array_length(len(self.repartition_source_topics))
        writer.int16s(self.repartition_source_topics)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicConfig:
    """TopicConfig of StreamsGroupTopologyValue, versions 0."""

    __slots__ = ("key", "value")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "key: string 0+",
        "value: string 0+",
    )

    def __init__(
        self,
        *,
        key: str = "",
        value: str = "",
    ) -> None:
        self.key: str = key
        self.value: str = value

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.key = reader.compact_string()
        self.value = reader.compact_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.key)
        writer.compact_string(self.value)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicInfo:
    """TopicInfo of StreamsGroupTopologyValue, versions 0."""

    __slots__ = ("name", "partitions", "replication_factor", "topic_configs")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: int32 0+",
        "replicationFactor: int16 0+",
        "topicConfigs: []TopicConfig 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: int = 0,
        replication_factor: int = 0,
        topic_configs: list[TopicConfig] | tuple[TopicConfig, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: int = partitions
        self.replication_factor: int = replication_factor
        self.topic_configs: list[TopicConfig] = list(topic_configs) if isinstance(topic_configs, tuple) else topic_configs

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        (self.partitions, self.replication_factor) = _I4_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 6
        count = reader.compact_array_length(3)
        self.topic_configs = [TopicConfig.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.name)
        writer.buffer += _I4_I2.pack(self.partitions, self.replication_factor)
        writer.compact_array_length(len(self.topic_configs))
        for each_topic_configs in self.topic_configs:
            each_topic_configs.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
