# Written by scripts/generate.py from protocol_specs/; change the generator, not this file.
"""Key and value of StreamsGroupCurrentMemberAssignment records of Kafka's group-coordinator."""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, Self

from kafka_compat.protocol.message import describe_message, equal_messages, unsupported
from kafka_compat.wire.primitives import Reader, StructError, Writer

_I4_I4_I1: Final = Struct(">iib")


class StreamsGroupCurrentMemberAssignmentKey:
    """StreamsGroupCurrentMemberAssignmentKey, versions 0."""

    __slots__ = ("group_id", "member_id")

    RECORD_TYPE: Final = 22
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
            raise unsupported("StreamsGroupCurrentMemberAssignmentKey", version)
        self = cls.__new__(cls)
        try:
            self.group_id = reader.string()
            self.member_id = reader.string()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupCurrentMemberAssignmentKey", version)
        writer.string(self.group_id)
        writer.string(self.member_id)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class StreamsGroupCurrentMemberAssignmentValue:
    """StreamsGroupCurrentMemberAssignmentValue, versions 0, flexible from 0."""

    __slots__ = (
        "active_tasks",
        "active_tasks_pending_revocation",
        "member_epoch",
        "previous_member_epoch",
        "standby_tasks",
        "standby_tasks_pending_revocation",
        "state",
        "warmup_tasks",
        "warmup_tasks_pending_revocation",
    )

    RECORD_TYPE: Final = 22
    MIN_VERSION: Final = 0
    MAX_VERSION: Final = 0
    FLEXIBLE_FROM: Final = 0
    FIELDS: ClassVar[tuple[str, ...]] = (
        "memberEpoch: int32 0+",
        "previousMemberEpoch: int32 0+",
        "state: int8 0+",
        "activeTasks: []TaskIds 0+",
        "standbyTasks: []TaskIds 0+",
        "warmupTasks: []TaskIds 0+",
        "activeTasksPendingRevocation: []TaskIds 0+",
        "standbyTasksPendingRevocation: []TaskIds 0+",
        "warmupTasksPendingRevocation: []TaskIds 0+",
    )

    def __init__(
        self,
        *,
        member_epoch: int = 0,
        previous_member_epoch: int = 0,
        state: int = 0,
        active_tasks: list[TaskIds] | tuple[TaskIds, ...] = (),
        standby_tasks: list[TaskIds] | tuple[TaskIds, ...] = (),
        warmup_tasks: list[TaskIds] | tuple[TaskIds, ...] = (),
        active_tasks_pending_revocation: list[TaskIds] | tuple[TaskIds, ...] = (),
        standby_tasks_pending_revocation: list[TaskIds] | tuple[TaskIds, ...] = (),
        warmup_tasks_pending_revocation: list[TaskIds] | tuple[TaskIds, ...] = (),
    ) -> None:
        self.member_epoch: int = member_epoch
        self.previous_member_epoch: int = previous_member_epoch
        self.state: int = state
        self.active_tasks: list[TaskIds] = list(active_tasks) if isinstance(active_tasks, tuple) else active_tasks
        self.standby_tasks: list[TaskIds] = list(standby_tasks) if isinstance(standby_tasks, tuple) else standby_tasks
        self.warmup_tasks: list[TaskIds] = list(warmup_tasks) if isinstance(warmup_tasks, tuple) else warmup_tasks
        self.active_tasks_pending_revocation: list[TaskIds] = list(active_tasks_pending_revocation) if isinstance(active_tasks_pending_revocation, tuple) else active_tasks_pending_revocation
        self.standby_tasks_pending_revocation: list[TaskIds] = list(standby_tasks_pending_revocation) if isinstance(standby_tasks_pending_revocation, tuple) else standby_tasks_pending_revocation
        self.warmup_tasks_pending_revocation: list[TaskIds] = list(warmup_tasks_pending_revocation) if isinstance(warmup_tasks_pending_revocation, tuple) else warmup_tasks_pending_revocation

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupCurrentMemberAssignmentValue", version)
        self = cls.__new__(cls)
        try:
            (self.member_epoch, self.previous_member_epoch, self.state) = _I4_I4_I1.unpack_from(reader.buffer, reader.position)
            reader.position += 9
            count = reader.compact_array_length(3)
            self.active_tasks = [TaskIds.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(3)
            self.standby_tasks = [TaskIds.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(3)
            self.warmup_tasks = [TaskIds.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(3)
            self.active_tasks_pending_revocation = [TaskIds.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(3)
            self.standby_tasks_pending_revocation = [TaskIds.decode(reader, version) for _ in range(count)]
            count = reader.compact_array_length(3)
            self.warmup_tasks_pending_revocation = [TaskIds.decode(reader, version) for _ in range(count)]
            reader.skip_tagged_fields()
        except StructError:
            raise reader.truncated() from None
        return self

    def encode(self, writer: Writer, version: int) -> None:
        if not 0 <= version <= 0:
            raise unsupported("StreamsGroupCurrentMemberAssignmentValue", version)
        writer.buffer += _I4_I4_I1.pack(self.member_epoch, self.previous_member_epoch, self.state)
        writer.compact_array_length(len(self.active_tasks))
        for each_active_tasks in self.active_tasks:
            each_active_tasks.encode(writer, version)
        writer.compact_array_length(len(self.standby_tasks))
        for each_standby_tasks in self.standby_tasks:
            each_standby_tasks.encode(writer, version)
        writer.compact_array_length(len(self.warmup_tasks))
        for each_warmup_tasks in self.warmup_tasks:
            each_warmup_tasks.encode(writer, version)
        writer.compact_array_length(len(self.active_tasks_pending_revocation))
        for each_active_tasks_pending_revocation in self.active_tasks_pending_revocation:
            each_active_tasks_pending_revocation.encode(writer, version)
        writer.compact_array_length(len(self.standby_tasks_pending_revocation))
        for each_standby_tasks_pending_revocation in self.standby_tasks_pending_revocation:
            each_standby_tasks_pending_revocation.encode(writer, version)
        writer.compact_array_length(len(self.warmup_tasks_pending_revocation))
        for each_warmup_tasks_pending_revocation in self.warmup_tasks_pending_revocation:
            each_warmup_tasks_pending_revocation.encode(writer, version)
        writer.buffer.append(0)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)


class TaskIds:
    """TaskIds of StreamsGroupCurrentMemberAssignmentValue, versions 0."""

    __slots__ = ("assignment_epochs", "partitions", "subtopology_id")

    FIELDS: ClassVar[tuple[str, ...]] = (
        "subtopologyId: string 0+",
        "partitions: []int32 0+",
        "assignmentEpochs: []int32 0+ nullable=0+ tagged=0+ tag=0",
    )

    def __init__(
        self,
        *,
        subtopology_id: str = "",
        partitions: list[int] | tuple[int, ...] = (),
        assignment_epochs: list[int] | None | tuple[int, ...] = (),
    ) -> None:
        self.subtopology_id: str = subtopology_id
        self.partitions: list[int] = list(partitions) if isinstance(partitions, tuple) else partitions
        self.assignment_epochs: list[int] | None = list(assignment_epochs) if isinstance(assignment_epochs, tuple) else assignment_epochs

    @classmethod
    def decode(cls, reader: Reader, version: int) -> Self:
        self = cls.__new__(cls)
        self.subtopology_id = reader.compact_string()
        count = reader.compact_array_length(4)
        self.partitions = reader.int32s(count)
        self.assignment_epochs = []
        for _ in range(reader.tagged_fields_count()):
            tag = reader.unsigned_varint()
            size = reader.unsigned_varint()
            if tag == 0:
                count = reader.compact_nullable_array_length(4)
                self.assignment_epochs = None if count < 0 else reader.int32s(count)
            else:
                reader.skip(size)
        return self

    def encode(self, writer: Writer, version: int) -> None:
        writer.compact_string(self.subtopology_id)
        writer.compact_array_length(len(self.partitions))
        writer.int32s(self.partitions)
        tagged: list[tuple[int, Writer]] = []
        if self.assignment_epochs is None or len(self.assignment_epochs) > 0:
            field = Writer()
            if self.assignment_epochs is None:
                field.compact_array_length(-1)
            else:
                field.compact_array_length(len(self.assignment_epochs))
                field.int32s(self.assignment_epochs)
            tagged.append((0, field))
        writer.tagged_fields(tagged)

    def __eq__(self, other: object) -> bool:
        return equal_messages(self, other)

    def __repr__(self) -> str:
        return describe_message(self)
