# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of StreamsGroupTargetAssignmentMember records of Kafka's group-coordinator."""

from __future__ import annotations

from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer



class StreamsGroupTargetAssignmentMemberKey:
    """StreamsGroupTargetAssignmentMemberKey, versions 0."""

    __slots__ = ("group_id", "member_id")

    RECORD_TYPE: Final = 21
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 32768
    FIELDS: ClassVar[tuple[str, ...]] = (
        "groupId: string 0",
        "memberId: string 0",
    )

    def __init__(
        self,
        *,
        group_id: str = "",
        member_id: str = "",
    ) -> None:
        self.group_id: str = group_id
        self.member_id: str = member_id

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupTargetAssignmentMemberKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
            self.member_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupTargetAssignmentMemberKey", version)
        writer.string(self.group_id)
        writer.string(self.member_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class StreamsGroupTargetAssignmentMemberValue:
    """StreamsGroupTargetAssignmentMemberValue, versions 0, flexible from 0."""

    __slots__ = ("active_tasks", "standby_tasks", "warmup_tasks")

    RECORD_TYPE: Final = 21
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
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
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupTargetAssignmentMemberValue", version)
        self = cls.__new__(cls)
        try:
            count = reader.compact_array_length(3)
            self.active_tasks = [TaskIds.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(3)
            self.standby_tasks = [TaskIds.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(3)
            self.warmup_tasks = [TaskIds.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupTargetAssignmentMemberValue", version)
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

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TaskIds:
    """TaskIds of StreamsGroupTargetAssignmentMemberValue, versions 0."""

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
