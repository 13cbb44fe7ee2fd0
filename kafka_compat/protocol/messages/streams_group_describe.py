# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""StreamsGroupDescribe, API key 89."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_B1: Final = Struct(">?")
_I2: Final = Struct(">h")
_I4: Final = Struct(">i")
_I4_I2: Final = Struct(">ih")
_I4_I4: Final = Struct(">ii")
_I4_I8: Final = Struct(">iq")
_U2: Final = Struct(">H")


class StreamsGroupDescribeRequest:
    """StreamsGroupDescribeRequest, versions 0, flexible from 0."""

    __slots__ = ("group_ids", "include_authorized_operations")

    API_KEY: Final = 89
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupIds: []string 0+",
        "includeAuthorizedOperations: bool 0+",
    )

    def __init__(
        self,
        *,
        group_ids: list[str] | tuple[str, ...] = (),
        include_authorized_operations: bool = False,
    ) -> None:
        self.group_ids: list[str] = list(group_ids) if isinstance(group_ids, tuple) else group_ids
        self.include_authorized_operations: bool = include_authorized_operations

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupDescribeRequest", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(1)
            self.group_ids = [reader.compact_string() for _ in range(count)]
            (self.include_authorized_operations,) = _B1.unpack_from(reader.buffer, reader.position)
            reader.position += 1
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupDescribeRequest", version)
        writer.compact_array_length(len(self.group_ids))
        for each_group_ids in self.group_ids:
            writer.compact_string(each_group_ids)
        writer.buffer += _B1.pack(self.include_authorized_operations)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class StreamsGroupDescribeResponse:
    """StreamsGroupDescribeResponse, versions 0, flexible from 0."""

    __slots__ = ("groups", "throttle_time_ms")

    API_KEY: Final = 89
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "throttleTimeMs: int32 0+",
        "groups: []DescribedGroup 0+",
    )

    def __init__(
        self,
        *,
        throttle_time_ms: int = 0,
        groups: list[DescribedGroup] | tuple[DescribedGroup, ...] = (),
    ) -> None:
        self.throttle_time_ms: int = throttle_time_ms
        self.groups: list[DescribedGroup] = list(groups) if isinstance(groups, tuple) else groups

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupDescribeResponse", version)
        self = cls.__new__(cls)
        try:
            (self.throttle_time_ms,) = _I4.unpack_from(reader.buffer, reader.position)
            reader.position += 4
            count = reader.compact_array_length(20)
            self.groups = [DescribedGroup.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupDescribeResponse", version)
        writer.buffer += _I4.pack(self.throttle_time_ms)
        writer.compact_array_length(len(self.groups))
        for each_groups in self.groups:
            each_groups.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class DescribedGroup:
    """DescribedGroup of StreamsGroupDescribeResponse, versions 0."""

    __slots__ = (
        "assignment_epoch",
        "authorized_operations",
        "error_code",
        "error_message",
        "group_epoch",
        "group_id",
        "group_state",
        "members",
        "topology",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "errorCode: int16 0+",
        "errorMessage: string 0+ nullable=0+ default=null",
        "groupId: string 0+",
        "groupState: string 0+",
        "groupEpoch: int32 0+",
        "assignmentEpoch: int32 0+",
        "topology: Topology 0+ nullable=0+ default=null",
        "members: []Member 0+",
        "authorizedOperations: int32 0+ default=-2147483648",
    )

    def __init__(
        self,
        *,
        error_code: int = 0,
        error_message: str | None = None,
        group_id: str = "",
        group_state: str = "",
        group_epoch: int = 0,
        assignment_epoch: int = 0,
        topology: Topology | None = None,
        members: list[Member] | tuple[Member, ...] = (),
        authorized_operations: int = -2147483648,
    ) -> None:
        self.error_code: int = error_code
        self.error_message: str | None = error_message
        self.group_id: str = group_id
        self.group_state: str = group_state
        self.group_epoch: int = group_epoch
        self.assignment_epoch: int = assignment_epoch
        self.topology: Topology | None = topology
        self.members: list[Member] = list(members) if isinstance(members, tuple) else members
        self.authorized_operations: int = authorized_operations

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.error_code,) = _I2.unpack_from(reader.buffer, reader.position)
        reader.position += 2
        self.error_message = reader.compact_nullable_string()
        self.group_id = reader.compact_string()
        self.group_state = reader.compact_string()
        (self.group_epoch, self.assignment_epoch) = _I4_I4.unpack_from(reader.buffer, reader.position)
        reader.position += 8
        self.topology = Topology.decode(reader, version) if reader.is_present() else None
        count = reader.compact_array_length(28)
        self.members = [Member.decode(reader, version) for _ in range(count)]
        (self.authorized_operations,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I2.pack(self.error_code)
        writer.compact_nullable_string(self.error_message)
        writer.compact_string(self.group_id)
        writer.compact_string(self.group_state)
        writer.buffer += _I4_I4.pack(self.group_epoch, self.assignment_epoch)
        if self.topology is None:
            writer.int8(-1)
        else:
            writer.int8(1)
            self.topology.encode(writer, version)
        writer.compact_array_length(len(self.members))
        for each_members in self.members:
            each_members.encode(writer, version)
        writer.buffer += _I4.pack(self.authorized_operations)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Topology:
    """Topology of StreamsGroupDescribeResponse, versions 0."""

    __slots__ = ("epoch", "subtopologies")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "epoch: int32 0+",
        "subtopologies: []Subtopology 0+ nullable=0+ default=null",
    )

    def __init__(
        self,
        *,
        epoch: int = 0,
        subtopologies: list[Subtopology] | None = None,
    ) -> None:
        self.epoch: int = epoch
        self.subtopologies: list[Subtopology] | None = subtopologies

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        (self.epoch,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        count = reader.compact_nullable_array_length(6)
        self.subtopologies = None if count < 0 else [Subtopology.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.buffer += _I4.pack(self.epoch)
        if self.subtopologies is None:
            writer.compact_array_length(-1)
        else:
            writer.compact_array_length(len(self.subtopologies))
            for each_subtopologies in self.subtopologies:
                each_subtopologies.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Subtopology:
    """Subtopology of StreamsGroupDescribeResponse, versions 0."""

    __slots__ = (
        "repartition_sink_topics",
        "repartition_source_topics",
        "source_topics",
        "state_changelog_topics",
        "subtopology_id",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "subtopologyId: string 0+",
        "sourceTopics: []string 0+",
        "repartitionSinkTopics: []string 0+",
        "stateChangelogTopics: []TopicInfo 0+",
        "repartitionSourceTopics: []TopicInfo 0+",
    )

    def __init__(
        self,
        *,
        subtopology_id: str = "",
        source_topics: list[str] | tuple[str, ...] = (),
        repartition_sink_topics: list[str] | tuple[str, ...] = (),
        state_changelog_topics: list[TopicInfo] | tuple[TopicInfo, ...] = (),
        repartition_source_topics: list[TopicInfo] | tuple[TopicInfo, ...] = (),
    ) -> None:
        self.subtopology_id: str = subtopology_id
        self.source_topics: list[str] = list(source_topics) if isinstance(source_topics, tuple) else source_topics
        self.repartition_sink_topics: list[str] = list(repartition_sink_topics) if isinstance(repartition_sink_topics, tuple) else repartition_sink_topics
        self.state_changelog_topics: list[TopicInfo] = list(state_changelog_topics) if isinstance(state_changelog_topics, tuple) else state_changelog_topics
        self.repartition_source_topics: list[TopicInfo] = list(repartition_source_topics) if isinstance(repartition_source_topics, tuple) else repartition_source_topics

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.subtopology_id = reader.compact_string()
        count = reader.compact_array_length(1)
        self.source_topics = [reader.compact_string() for _ in range(count)]
        count = reader.compact_array_length(1)
        self.repartition_sink_topics = [reader.compact_string() for _ in range(count)]
        count = reader.compact_array_length(9)
        self.state_changelog_topics = [TopicInfo.decode(reader, version) for _ in range(count)]
        count = reader.compact_array_length(9)
        self.repartition_source_topics = [TopicInfo.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.subtopology_id)
        writer.compact_array_length(len(self.source_topics))
        for each_source_topics in self.source_topics:
            writer.compact_string(each_source_topics)
        writer.compact_array_length(len(self.repartition_sink_topics))
        for each_repartition_sink_topics in self.repartition_sink_topics:
            writer.compact_string(each_repartition_sink_topics)
        writer.compact_array_length(len(self.state_changelog_topics))
        for each_state_changelog_topics in self.state_changelog_topics:
            each_state_changelog_topics.encode(writer, version)
        writer.compact_array_length(len(self.repartition_source_topics))
        for each_repartition_source_topics in self.repartition_source_topics:
            each_repartition_source_topics.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Member:
    """Member of StreamsGroupDescribeResponse, versions 0."""

    __slots__ = (
        "assignment",
        "client_host",
        "client_id",
        "client_tags",
        "instance_id",
        "is_classic",
        "member_epoch",
        "member_id",
        "process_id",
        "rack_id",
        "target_assignment",
        "task_end_offsets",
        "task_offsets",
        "topology_epoch",
        "user_endpoint",
    )

    FIELDS: ClassVar[tuple[str, ...]] = (
        "memberId: string 0+",
        "memberEpoch: int32 0+",
        "instanceId: string 0+ nullable=0+ default=null",
        "rackId: string 0+ nullable=0+ default=null",
        "clientId: string 0+",
        "clientHost: string 0+",
        "topologyEpoch: int32 0+",
        "processId: string 0+",
        "userEndpoint: Endpoint 0+ nullable=0+ default=null",
        "clientTags: []KeyValue 0+",
        "taskOffsets: []TaskOffset 0+",
        "taskEndOffsets: []TaskOffset 0+",
        "assignment: Assignment 0+",
        "targetAssignment: Assignment 0+",
        "isClassic: bool 0+",
    )

    def __init__(
        self,
        *,
        member_id: str = "",
        member_epoch: int = 0,
        instance_id: str | None = None,
        rack_id: str | None = None,
        client_id: str = "",
        client_host: str = "",
        topology_epoch: int = 0,
        process_id: str = "",
        user_endpoint: Endpoint | None = None,
        client_tags: list[KeyValue] | tuple[KeyValue, ...] = (),
        task_offsets: list[TaskOffset] | tuple[TaskOffset, ...] = (),
        task_end_offsets: list[TaskOffset] | tuple[TaskOffset, ...] = (),
        assignment: Assignment | None = None,
        target_assignment: Assignment | None = None,
        is_classic: bool = False,
    ) -> None:
        self.member_id: str = member_id
        self.member_epoch: int = member_epoch
        self.instance_id: str | None = instance_id
        self.rack_id: str | None = rack_id
        self.client_id: str = client_id
        self.client_host: str = client_host
        self.topology_epoch: int = topology_epoch
        self.process_id: str = process_id
        self.user_endpoint: Endpoint | None = user_endpoint
        self.client_tags: list[KeyValue] = list(client_tags) if isinstance(client_tags, tuple) else client_tags
        self.task_offsets: list[TaskOffset] = list(task_offsets) if isinstance(task_offsets, tuple) else task_offsets
        self.task_end_offsets: list[TaskOffset] = list(task_end_offsets) if isinstance(task_end_offsets, tuple) else task_end_offsets
        self.assignment: Assignment = Assignment() if assignment is None else assignment
        self.target_assignment: Assignment = Assignment() if target_assignment is None else target_assignment
        self.is_classic: bool = is_classic

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.member_id = reader.compact_string()
        (self.member_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        self.instance_id = reader.compact_nullable_string()
        self.rack_id = reader.compact_nullable_string()
        self.client_id = reader.compact_string()
        self.client_host = reader.compact_string()
        (self.topology_epoch,) = _I4.unpack_from(reader.buffer, reader.position)
        reader.position += 4
        self.process_id = reader.compact_string()
        self.user_endpoint = Endpoint.decode(reader, version) if reader.is_present() else None
        count = reader.compact_array_length(3)
        self.client_tags = [KeyValue.decode(reader, version) for _ in range(count)]
        count = reader.compact_array_length(14)
        self.task_offsets = [TaskOffset.decode(reader, version) for _ in range(count)]
        count = reader.compact_array_length(14)
        self.task_end_offsets = [TaskOffset.decode(reader, version) for _ in range(count)]
        self.assignment = Assignment.decode(reader, version)
        self.target_assignment = Assignment.decode(reader, version)
        (self.is_classic,) = _B1.unpack_from(reader.buffer, reader.position)
        reader.position += 1
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.member_id)
        writer.buffer += _I4.pack(self.member_epoch)
        writer.compact_nullable_string(self.instance_id)
        writer.compact_nullable_string(self.rack_id)
        writer.compact_string(self.client_id)
        writer.compact_string(self.client_host)
        writer.buffer += _I4.pack(self.topology_epoch)
        writer.compact_string(self.process_id)
        if self.user_endpoint is None:
            writer.int8(-1)
        else:
            writer.int8(1)
            self.user_endpoint.encode(writer, version)
        writer.compact_array_length(len(self.client_tags))
        for each_client_tags in self.client_tags:
            each_client_tags.encode(writer, version)
        writer.compact_array_length(len(self.task_offsets))
        for each_task_offsets in self.task_offsets:
            each_task_offsets.encode(writer, version)
        writer.compact_array_length(len(self.task_end_offsets))
        for each_task_end_offsets in self.task_end_offsets:
            each_task_end_offsets.encode(writer, version)
        self.assignment.encode(writer, version)
        self.target_assignment.encode(writer, version)
        writer.buffer += _B1.pack(self.is_classic)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class Endpoint:
    """Endpoint of StreamsGroupDescribeResponse, versions 0."""

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
    """TaskOffset of StreamsGroupDescribeResponse, versions 0."""

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


class Assignment:
    """Assignment of StreamsGroupDescribeResponse, versions 0."""

    __slots__ = ("active_tasks", "standby_tasks", "warmup_tasks")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "activeTasks: []TaskIds 0+",
        "standbyTasks: []TaskIds 0+",
        "warmupTasks: []TaskIds 0+",
    )

    def __init__(
        self,
        *,
        active_tasks: list[TaskIds] | tuple[TaskIds, ...] = (),
        standby_tasks: list[TaskIds] | tuple[TaskIds, ...] = (),
        warmup_tasks: list[TaskIds] | tuple[TaskIds, ...] = (),
    ) -> None:
        self.active_tasks: list[TaskIds] = list(active_tasks) if isinstance(active_tasks, tuple) else active_tasks
        self.standby_tasks: list[TaskIds] = list(standby_tasks) if isinstance(standby_tasks, tuple) else standby_tasks
        self.warmup_tasks: list[TaskIds] = list(warmup_tasks) if isinstance(warmup_tasks, tuple) else warmup_tasks

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        count = reader.compact_array_length(3)
        self.active_tasks = [TaskIds.decode(reader, version) for _ in range(count)]
        count = reader.compact_array_length(3)
        self.standby_tasks = [TaskIds.decode(reader, version) for _ in range(count)]
        count = reader.compact_array_length(3)
        self.warmup_tasks = [TaskIds.decode(reader, version) for _ in range(count)]
        reader.skip_tagged_fields()
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_array_length(len(self.active_tasks))
        for each_active_tasks in self.active_tasks:
            each_active_tasks.encode(writer, version)
        writer.compact_array_length(len(self.standby_tasks))
        for each_standby_tasks in self.standby_tasks:
            each_standby_tasks.encode(writer, version)
        writer.compact_array_length(len(self.warmup_tasks))
        for each_warmup_tasks in self.warmup_tasks:
            each_warmup_tasks.encode(writer, version)
        writer.buffer.append(0)

    def is_default(self) -> bool:
        """Whether every field has its default."""
        return not (len(self.active_tasks) > 0 or len(self.standby_tasks) > 0 or len(self.warmup_tasks) > 0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TaskIds:
    """TaskIds of StreamsGroupDescribeResponse, versions 0."""

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


class KeyValue:
    """KeyValue of StreamsGroupDescribeResponse, versions 0."""

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
    """TopicInfo of StreamsGroupDescribeResponse, versions 0."""

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
