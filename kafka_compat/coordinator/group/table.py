"""The groups of one shard by id, of whatever kind, and what every kind answers.

What a group does with its members is its kind's affair and has a folder of its own (`classic/`). Committed offsets, ListGroups,
DeleteGroups, OffsetDelete and expiry know groups only as `Group`s. A group has one kind at a time: a kind that takes a group
over puts its own in the other's place.

Source: Kafka's Group interface, and GroupMetadataManager's map of groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from typing import NamedTuple, Protocol, TypeVar

from kafka_compat.coordinator.ports import CoordinatorRecord
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError


class Group(Protocol):
    """One group of any kind."""

    @property
    def group_id(self) -> str:
        """Its id, which groups of all kinds share."""

    @property
    def type_name(self) -> str:
        """Its kind as ListGroups names it, such as `classic` (Group.GroupType)."""

    @property
    def protocol_type(self) -> str | None:
        """What its members are, such as `consumer`; None when nobody has said so."""

    @property
    def state_name(self) -> str:
        """Its state as ListGroups names it, such as `Stable`."""

    @property
    def is_empty(self) -> bool:
        """Whether it has no members: once its last offset has expired it goes."""

    def check_offset_commit(
        self, member_id: str, instance_id: str | None, generation_id: int, *, is_transactional: bool
    ) -> None:
        """Refuse a commit that state, members or generation (member epoch) forbid.

        Raises:
            KafkaError: such as UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS.
        """

    def check_offset_delete(self) -> None:
        """Refuse the deletion of offsets in the state that the group is in.

        Raises:
            KafkaError: such as NON_EMPTY_GROUP, when nobody knows what the members consume.
        """

    def check_delete(self) -> None:
        """Refuse the deletion of the group.

        Raises:
            KafkaError: such as NON_EMPTY_GROUP.
        """

    def is_subscribed(self, topic: str) -> bool:
        """Whether a member may consume the topic: then its offsets neither expire nor can be deleted."""

    def offset_expiry_base_ms(self, commit_timestamp_ms: int) -> int | None:
        """Since when the retention of an offset counts that was committed then; None while offsets do not expire (KIP-211)."""

    def tombstones(self) -> Sequence[CoordinatorRecord]:
        """What deletes the group, its offsets apart."""


G = TypeVar("G", bound=Group)


class GroupListing(NamedTuple):
    """One group in ListGroups."""

    group_id: str
    protocol_type: str
    state: str
    group_type: str


class GroupTable:
    """The groups of one shard.

    Args:
        make_simple: makes the group, empty since `now_ms`, of an id that somebody commits offsets under without being a member
            of anything.
    """

    __slots__ = ("_groups", "_make_simple")

    def __init__(self, make_simple: Callable[[str, int], Group]) -> None:
        self._make_simple = make_simple
        self._groups: dict[str, Group] = {}

    def get(self, group_id: str) -> Group | None:
        """The group, whatever its kind."""
        return self._groups.get(group_id)

    def existing(self, group_id: str) -> Group:
        """The group, whatever its kind.

        Raises:
            KafkaError: GROUP_ID_NOT_FOUND.
        """
        group = self._groups.get(group_id)
        if group is None:
            raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, f"Group {group_id} not found.")
        return group

    def of_kind(self, group_id: str, kind: type[G]) -> G | None:
        """The group if it is of that kind."""
        group = self._groups.get(group_id)
        return group if isinstance(group, kind) else None

    def all(self) -> Iterator[Group]:
        """Every group."""
        return iter(self._groups.values())

    def all_of_kind(self, kind: type[G]) -> Iterator[G]:
        """Every group of that kind."""
        return (group for group in self._groups.values() if isinstance(group, kind))

    def put(self, group: Group) -> None:
        """Take in a group, in place of one of the same id."""
        self._groups[group.group_id] = group

    def remove(self, group_id: str) -> None:
        """Forget a group; a no-op when there is none."""
        self._groups.pop(group_id, None)

    def ensure(self, group_id: str, now_ms: int) -> None:
        """Make a simple group unless there is a group of that id."""
        if group_id not in self._groups:
            self._groups[group_id] = self._make_simple(group_id, now_ms)

    def list(self, states: Set[str], types: Set[str]) -> list[GroupListing]:
        """The groups in one of `states` and of one of `types`, both in lower case; empty lets all through."""
        return [
            GroupListing(
                group_id=group.group_id,
                protocol_type=group.protocol_type or "",
                state=group.state_name,
                group_type=group.type_name,
            )
            for group in self._groups.values()
            if (not states or group.state_name.lower() in states) and (not types or group.type_name in types)
        ]
