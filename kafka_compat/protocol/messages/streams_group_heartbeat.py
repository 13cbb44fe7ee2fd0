# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""StreamsGroupHeartbeat, API key 88."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I1: Final = Struct(">b")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_I4_I4: Final = Struct(">ii")
_I4_I4_I4_I4: Final = Struct(">iiii")
_I4_I8: Final = Struct(">iq")
_U2: Final = Struct(">H")


class StreamsGroupHeartbeatRequest:
    """StreamsGroupHeartbeatRequest, versions 0, flexible from 0."""

    __slots__ = (
        "active_tasks",
        "client_tags",
        "endpoint_information_epoch",
        "group_id",
        "instance_id",
        "member_epoch",
        "member_id",
        "process_id",
        "rack_id",
        "rebalance_timeout_ms",
        "shutdown_application",
        "standby_tasks",
        "task_end_offsets",
        "task_offsets",
        "topology",
        "user_endpoint",
        "warmup_tasks",
    )

    API_KEY: Final = 88
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0+",
        "memberId: string 0+",
        "memberEpoch: int32 0+",
        "endpointInformationEpoch: int32 0+",
        "instanceId: string 0+ nullable=0+ default=null",
        "rackId: string 0+ nullable=0+ default=null",
        "rebalanceTimeoutMs: int32 0+ default=-1",
        "topology: Topology 0+ nullable=0+ default=null",
        "activeTasks: []StreamsGroupHeartbeatRequestTaskIds 0+ nullable=0+ default=null",
        "standbyTasks: []StreamsGroupHeartbeatRequestTaskIds 0+ nullable=0+ default=null",
        "warmupTasks: []StreamsGroupHeartbeatRequestTaskIds 0+ nullable=0+ default=null",
        "processId: string 0+ nullable=0+ default=null",
        "userEndpoint: StreamsGroupHeartbeatRequestEndpoint 0+ nullable=0+ default=null",
        "clientTags: []KeyValue 0+ nullable=0+ default=null",
        "taskOffsets: []TaskOffset 0+ nullable=0+ default=null",
        "taskEndOffsets: []TaskOffset 0+ nullable=0+ default=null",
        "shutdownApplication: bool 0+ default=false",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        member_id: str = "",
        member_epoch: int = 0,
        endpoint_information_epoch: int = 0,
        instance_id: str | None = None,
        rack_id: str | None = None,
        rebalance_timeout_ms: int = -1,
        topology: Topology | None = None,
        active_tasks: list[StreamsGroupHeartbeatRequestTaskIds] | None = None,
        standby_tasks: list[StreamsGroupHeartbeatRequestTaskIds] | None = None,
        warmup_tasks: list[StreamsGroupHeartbeatRequestTaskIds] | None = None,
        process_id: str | None = None,
        user_endpoint: StreamsGroupHeartbeatRequestEndpoint | None = None,
        client_tags: list[KeyValue] | None = None,
        task_offsets: list[TaskOffset] | None = None,
        task_end_offsets: list[TaskOffset] | None = None,
        shutdown_application: bool = False,
    ) -> None:
        self.group_id: str = group_id
        self.member_id: str = member_id
        self.member_epoch: int = member_epoch
        self.endpoint_information_epoch: int = endpoint_information_epoch
        self.instance_id: str | None = instance_id
        self.rack_id: str | None = rack_id
        self.rebalance_timeout_ms: int = rebalance_timeout_ms
        self.topology: Topology | None = topology
        self.active_tasks: list[StreamsGroupHeartbeatRequestTaskIds] | None = active_tasks
        self.standby_tasks: list[StreamsGroupHeartbeatRequestTaskIds] | None = standby_tasks
        self.warmup_tasks: list[StreamsGroupHeartbeatRequestTaskIds] | None = warmup_tasks
        self.process_id: str | None = process_id
        self.user_endpoint: StreamsGroupHeartbeatRequestEndpoint | None = user_endpoint
        self.client_tags: list[KeyValue] | None = client_tags
        self.task_offsets: list[TaskOffset] | None = task_offsets
        self.task_end_offsets: list[TaskOffset] | None = task_end_offsets
        self.shutdown_application: bool = shutdown_application

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupHeartbeatRequest", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.compact_string()
            self.member_id = reader.compact_string()
            (self.member_epoch, self.endpoint_information_epoch) = _I4_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 8
            self.instance_id = reader.compact_nullable_string()
            self.rack_id = reader.compact_nullable_string()
            (self.rebalance_timeout_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            self.topology = Topology.decode(reader, version) if reader.is_present() else None
            count = reader.compact_nullable_array_length(3)
            self.active_tasks = None if count < 0 else [StreamsGroupHeartbeatRequestTaskIds.decode(reader, version) for _ in range(count)]
            count = reader.compact_nullable_array_length(3)
            self.standby_tasks = None if count < 0 else [StreamsGroupHeartbeatRequestTaskIds.decode(reader, version) for _ in range(count)]
            count = reader.compact_nullable_array_length(3)
            self.warmup_tasks = None if count < 0 else [StreamsGroupHeartbeatRequestTaskIds.decode(reader, version) for _ in range(count)]
            self.process_id = reader.compact_nullable_string()
            self.user_endpoint = StreamsGroupHeartbeatRequestEndpoint.decode(reader, version) if reader.is_present() else None
            count = reader.compact_nullable_array_length(3)
            self.client_tags = None if count < 0 else [KeyValue.decode(reader, version) for _ in range(count)]
            count = reader.compact_nullable_array_length(14)
            self.task_offsets = None if count < 0 else [TaskOffset.decode(reader, version) for _ in range(count)]
            count = reader.compact_nullable_array_length(14)
            self.task_end_offsets = None if count < 0 else [TaskOffset.decode(reader, version) for _ in range(count)]
            (self.shutdown_application,) = _B1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupHeartbeatRequest", version)
        writer.compact_string(self.group_id)
        writer.compact_string(self.member_id)
        writer.buffer += _I4_I4.pack(self.member_epoch, self.endpoint_information_epoch)
        writer.compact_nullable_string(self.instance_id)
        writer.compact_nullable_string(self.rack_id)
        writer.buffer += _I4.pack(self.rebalance_timeout_ms)
        if self.topology is None:
            writer.int8(-1)
        else:
            writer.int8(1)
            self.topology.encode(writer, version)
        if self.active_tasks is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.active_tasks))
            for each_active_tasks in self.active_tasks:
                each_active_tasks.encode(writer, version)
        if self.standby_tasks is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.standby_tasks))
            for each_standby_tasks in self.standby_tasks:
                each_standby_tasks.encode(writer, version)
        if self.warmup_tasks is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.warmup_tasks))
            for each_warmup_tasks in self.warmup_tasks:
                each_warmup_tasks.encode(writer, version)
        writer.compact_nullable_string(self.process_id)
        if self.user_endpoint is None:
            writer.int8(-1)
        else:
            writer.int8(1)
            self.user_endpoint.encode(writer, version)
        if self.client_tags is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.client_tags))
            for each_client_tags in self.client_tags:
                each_client_tags.encode(writer, version)
        if self.task_offsets is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.task_offsets))
            for each_task_offsets in self.task_offsets:
                each_task_offsets.encode(writer, version)
        if self.task_end_offsets is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.task_end_offsets))
            for each_task_end_offsets in self.task_end_offsets:
                each_task_end_offsets.encode(writer, version)
        writer.buffer += _B1.pack(self.shutdown_application)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Topology:
    """Topology of StreamsGroupHeartbeatRequest, versions 0."""

    __slots__ = ("epoch", "subtopologies")

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
        self = cls.__new__(cls)
        (self.epoch,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        count = reader.compact_array_length(8)
        self.subtopologies = [Subtopology.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
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
    """Subtopology of StreamsGroupHeartbeatRequest, versions 0."""

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
    """CopartitionGroup of StreamsGroupHeartbeatRequest, versions 0."""

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


class KeyValue:
    """KeyValue of StreamsGroupHeartbeatRequest, versions 0."""

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
    """TopicInfo of StreamsGroupHeartbeatRequest, versions 0."""

    __slots__ = ("name", "partitions", "replication_factor", "topic_configs")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "name: string 0+",
        "partitions: int32 0+",
        "replicationFactor: int16 0+",
        "topicConfigs: []KeyValue 0+",
    )

    def __init__(
        self,
        *,
        name: str = "",
        partitions: int = 0,
        replication_factor: int = 0,
        topic_configs: list[KeyValue] | tuple[KeyValue, ...] = (),
    ) -> None:
        self.name: str = name
        self.partitions: int = partitions
        self.replication_factor: int = replication_factor
        self.topic_configs: list[KeyValue] = list(topic_configs) if isinstance(topic_configs, tuple) else topic_configs

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.name = reader.compact_string()
        (self.partitions, self.replication_factor) = _I4_I2.unpack_from(reader.buffer, reader.position)
        reader.position += 6
        count = reader.compact_array_length(3)
        self.topic_configs = [KeyValue.decode(reader, version) for _ in range(count)]
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


class StreamsGroupHeartbeatRequestEndpoint:
    """Endpoint of StreamsGroupHeartbeatRequest, versions 0."""

    __slots__ = ("host", "port")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "host: string 0+",
        "port: uint16 0+",
    )

    def __init__(
        self,
        *,
        host: str = "",
        port: int = 0,
    ) -> None:
        self.host: str = host
        self.port: int = port

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.host = reader.compact_string()
        (self.port,) = _U2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.host)
        writer.buffer += _U2.pack(self.port)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TaskOffset:
    """TaskOffset of StreamsGroupHeartbeatRequest, versions 0."""

    __slots__ = ("offset", "partition", "subtopology_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "subtopologyId: string 0+",
        "partition: int32 0+",
        "offset: int64 0+",
    )

    def __init__(
        self,
        *,
        subtopology_id: str = "",
        partition: int = 0,
        offset: int = 0,
    ) -> None:
        self.subtopology_id: str = subtopology_id
        self.partition: int = partition
        self.offset: int = offset

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.subtopology_id = reader.compact_string()
        (self.partition, self.offset) = _I4_I8.unpack_from(reader.buffer, reader.position)
        reader.position += 12
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.subtopology_id)
        writer.buffer += _I4_I8.pack(self.partition, self.offset)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class StreamsGroupHeartbeatRequestTaskIds:
    """TaskIds of StreamsGroupHeartbeatRequest, versions 0."""

    __slots__ = ("partitions", "subtopology_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "subtopologyId: string 0+",
        "partitions: []int32 0+",
    )

    def __init__(
        self,
        *,
        subtopology_id: str = "",
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.subtopology_id: str = subtopology_id
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.subtopology_id = reader.compact_string()
        count = reader.compact_array_length(4)
        self.partitions = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.subtopology_id)
        writer.compact_array_length(len(self.partitions))
        writer.int32s(self.partitions)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class StreamsGroupHeartbeatResponse:
    """StreamsGroupHeartbeatResponse, versions 0, flexible from 0."""

    __slots__ = (
        "acceptable_recovery_lag",
        "active_tasks",
        "endpoint_information_epoch",
        "error_code",
        "error_message",
        "heartbeat_interval_ms",
        "member_epoch",
        "member_id",
        "partitions_by_user_endpoint",
        "standby_tasks",
        "status",
        "task_offset_interval_ms",
        "throttle_time_ms",
        "warmup_tasks",
    )

    API_KEY: Final = 88
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
        "memberId: string 0+",
        "memberEpoch: int32 0+",
        "heartbeatIntervalMs: int32 0+",
        "acceptableRecoveryLag: int32 0+",
        "taskOffsetIntervalMs: int32 0+",
        "status: []Status 0+ nullable=0+",
        "activeTasks: []StreamsGroupHeartbeatResponseTaskIds 0+ nullable=0+ default=null",
        "standbyTasks: []StreamsGroupHeartbeatResponseTaskIds 0+ nullable=0+ default=null",
        "warmupTasks: []StreamsGroupHeartbeatResponseTaskIds 0+ nullable=0+ default=null",
        "endpointInformationEpoch: int32 0+",
        "partitionsByUserEndpoint: []EndpointToPartitions 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        error_code: int = 0,
        error_message: str | None = None,
        member_id: str = "",
        member_epoch: int = 0,
        heartbeat_interval_ms: int = 0,
        acceptable_recovery_lag: int = 0,
        task_offset_interval_ms: int = 0,
        status: list[Status] | None | tuple[Status, ...] = (),
        active_tasks: list[StreamsGroupHeartbeatResponseTaskIds] | None = None,
        standby_tasks: list[StreamsGroupHeartbeatResponseTaskIds] | None = None,
        warmup_tasks: list[StreamsGroupHeartbeatResponseTaskIds] | None = None,
        endpoint_information_epoch: int = 0,
        partitions_by_user_endpoint: list[EndpointToPartitions] | None = None,
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.member_id: str = member_id
        self.member_epoch: int = member_epoch
        self.heartbeat_interval_ms: int = heartbeat_interval_ms
        self.acceptable_recovery_lag: int = acceptable_recovery_lag
        self.task_offset_interval_ms: int = task_offset_interval_ms
        self.status: list[Status] | None = list(status) if isinstance(status, tuple) else status
        self.active_tasks: list[StreamsGroupHeartbeatResponseTaskIds] | None = active_tasks
        self.standby_tasks: list[StreamsGroupHeartbeatResponseTaskIds] | None = standby_tasks
        self.warmup_tasks: list[StreamsGroupHeartbeatResponseTaskIds] | None = warmup_tasks
        self.endpoint_information_epoch: int = endpoint_information_epoch
        self.partitions_by_user_endpoint: list[EndpointToPartitions] | None = partitions_by_user_endpoint

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupHeartbeatResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms, self.error_code) = _I4_I2.unpack_from(reader.buffer, reader.position)
            reader.position += 6
            self.error_message = reader.compact_nullable_string()
            self.member_id = reader.compact_string()
            (
                self.member_epoch,
                self.heartbeat_interval_ms,
                self.acceptable_recovery_lag,
                self.task_offset_interval_ms,
            ) = _I4_I4_I4_I4.unpack_from(reader.buffer, reader.position)
            reader.position += 16
            count = reader.compact_nullable_array_length(3)
            self.status = None if count < 0 else [Status.decode(reader, version) for _ in range(count)]
            count = reader.compact_nullable_array_length(3)
            self.active_tasks = None if count < 0 else [StreamsGroupHeartbeatResponseTaskIds.decode(reader, version) for _ in range(count)]
            count = reader.compact_nullable_array_length(3)
            self.standby_tasks = None if count < 0 else [StreamsGroupHeartbeatResponseTaskIds.decode(reader, version) for _ in range(count)]
            count = reader.compact_nullable_array_length(3)
            self.warmup_tasks = None if count < 0 else [StreamsGroupHeartbeatResponseTaskIds.decode(reader, version) for _ in range(count)]
            (self.endpoint_information_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_nullable_array_length(7)
            self.partitions_by_user_endpoint = None if count < 0 else [EndpointToPartitions.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupHeartbeatResponse", version)
        writer.buffer += _I4_I2.pack(self.throttle_time_ms, self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.compact_string(self.member_id)
        writer.buffer += _I4_I4_I4_I4.pack(
            self.member_epoch,
            self.heartbeat_interval_ms,
            self.acceptable_recovery_lag,
            self.task_offset_interval_ms,
        )
        if self.status is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.status))
            for each_status in self.status:
                each_status.encode(writer, version)
        if self.active_tasks is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.active_tasks))
            for each_active_tasks in self.active_tasks:
                each_active_tasks.encode(writer, version)
        if self.standby_tasks is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.standby_tasks))
            for each_standby_tasks in self.standby_tasks:
                each_standby_tasks.encode(writer, version)
        if self.warmup_tasks is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.warmup_tasks))
            for each_warmup_tasks in self.warmup_tasks:
                each_warmup_tasks.encode(writer, version)
        writer.buffer += _I4.pack(self.endpoint_information_epoch)
        if self.partitions_by_user_endpoint is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.partitions_by_user_endpoint))
            for each_partitions_by_user_endpoint in self.partitions_by_user_endpoint:
                each_partitions_by_user_endpoint.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class EndpointToPartitions:
    """EndpointToPartitions of StreamsGroupHeartbeatResponse, versions 0."""

    __slots__ = ("active_partitions", "standby_partitions", "user_endpoint")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "userEndpoint: StreamsGroupHeartbeatResponseEndpoint 0+",
        "activePartitions: []TopicPartition 0+",
        "standbyPartitions: []TopicPartition 0+",
    )

    def __init__(
        self,
        *,
        user_endpoint: StreamsGroupHeartbeatResponseEndpoint | None = None,
        active_partitions: list[TopicPartition] | tuple[TopicPartition, ...] = (),
        standby_partitions: list[TopicPartition] | tuple[TopicPartition, ...] = (),
    ) -> None:
        self.user_endpoint: StreamsGroupHeartbeatResponseEndpoint = StreamsGroupHeartbeatResponseEndpoint() if user_endpoint is None else user_endpoint
        self.active_partitions: list[TopicPartition] = list(active_partitions) if isinstance(active_partitions, tuple) else active_partitions
        self.standby_partitions: list[TopicPartition] = list(standby_partitions) if isinstance(standby_partitions, tuple) else standby_partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.user_endpoint = StreamsGroupHeartbeatResponseEndpoint.decode(reader, version)
        count = reader.compact_array_length(3)
        self.active_partitions = [TopicPartition.decode(reader, version) for _ in range(count)]
        count = reader.compact_array_length(3)
        self.standby_partitions = [TopicPartition.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        self.user_endpoint.encode(writer, version)
        writer.compact_array_length(len(self.active_partitions))
        for each_active_partitions in self.active_partitions:
            each_active_partitions.encode(writer, version)
        writer.compact_array_length(len(self.standby_partitions))
        for each_standby_partitions in self.standby_partitions:
            each_standby_partitions.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Status:
    """Status of StreamsGroupHeartbeatResponse, versions 0."""

    __slots__ = ("status_code", "status_detail")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "statusCode: int8 0+",
        "statusDetail: string 0+",
    )

    def __init__(
        self,
        *,
        status_code: int = 0,
        status_detail: str = "",
    ) -> None:
        self.status_code: int = status_code
        self.status_detail: str = status_detail

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.status_code,) = _I1.unpack_from(reader.buffer, reader.position)
        reader.position += 1
        self.status_detail = reader.compact_string()
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I1.pack(self.status_code)
        writer.compact_string(self.status_detail)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TopicPartition:
    """TopicPartition of StreamsGroupHeartbeatResponse, versions 0."""

    __slots__ = ("partitions", "topic")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "topic: string 0+",
        "partitions: []int32 0+",
    )

    def __init__(
        self,
        *,
        topic: str = "",
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.topic: str = topic
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.topic = reader.compact_string()
        count = reader.compact_array_length(4)
        self.partitions = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.topic)
        writer.compact_array_length(len(self.partitions))
        writer.int32s(self.partitions)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class StreamsGroupHeartbeatResponseTaskIds:
    """TaskIds of StreamsGroupHeartbeatResponse, versions 0."""

    __slots__ = ("partitions", "subtopology_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "subtopologyId: string 0+",
        "partitions: []int32 0+",
    )

    def __init__(
        self,
        *,
        subtopology_id: str = "",
        partitions: list[int] | tuple[int, ...] = (),
    ) -> None:
        self.subtopology_id: str = subtopology_id
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.subtopology_id = reader.compact_string()
        count = reader.compact_array_length(4)
        self.partitions = reader.int32s(count)
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.subtopology_id)
        writer.compact_array_length(len(self.partitions))
        writer.int32s(self.partitions)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class StreamsGroupHeartbeatResponseEndpoint:
    """Endpoint of StreamsGroupHeartbeatResponse, versions 0."""

    __slots__ = ("host", "port")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "host: string 0+",
        "port: uint16 0+",
    )

    def __init__(
        self,
        *,
        host: str = "",
        port: int = 0,
    ) -> None:
        self.host: str = host
        self.port: int = port

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.host = reader.compact_string()
        (self.port,) = _U2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.host)
        writer.buffer += _U2.pack(self.port)
        writer.buffer.append(0)

    def is_default(self) -> bool:
        """Whether every field has its default."""
        return not (self.host != "" or self.port != 0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
