"""All classic groups of one shard (skeleton: signatures are final)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.group.classic_values import (
    GroupDescription,
    GroupListing,
    HeartbeatRequest,
    JoinRequest,
    JoinResult,
    LeavingMember,
    LeftMember,
    SyncRequest,
    SyncResult,
)
from kafka_compat.coordinator.ports import CoordinatorRecord, Outcome, Timers
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.records.group_metadata import GroupMetadataValue


class GroupOffsets(Protocol):
    """What classic groups ask of the offsets of their shard."""

    def delete_all(self, group_id: str) -> list[CoordinatorRecord]:
        """Tombstones for every committed and pending offset of the group (DeleteGroups)."""


class ClassicGroups:
    """The classic groups of one shard; synchronous. `Timers[GroupShard]` fits `Timers[object]`: it is covariant."""

    def __init__(self, timers: Timers[object], config: BrokerConfig, offsets: GroupOffsets) -> None:
        self._timers = timers
        self._config = config
        self._offsets = offsets

    # --- operations; replies are called at most once, some at once and some in a later operation

    def join(self, request: JoinRequest, reply: Callable[[JoinResult], None], now_ms: int) -> Outcome[None]:
        """JoinGroup. `reply` is not called when the outcome's records fail: then `run`'s error is the answer."""
        raise NotImplementedError

    def sync(self, request: SyncRequest, reply: Callable[[SyncResult], None], now_ms: int) -> Outcome[None]:
        """SyncGroup."""
        raise NotImplementedError

    def heartbeat(self, request: HeartbeatRequest, now_ms: int) -> Outcome[None]:
        """Heartbeat; raises KafkaError."""
        raise NotImplementedError

    def leave(self, group_id: str, members: Sequence[LeavingMember], now_ms: int) -> Outcome[list[LeftMember]]:
        """LeaveGroup; raises KafkaError."""
        raise NotImplementedError

    def describe(self, group_id: str) -> GroupDescription:
        """DescribeGroups."""
        raise NotImplementedError

    def list(self, states: Collection[str], types: Collection[str]) -> list[GroupListing]:
        """ListGroups; empty filters let everything through."""
        raise NotImplementedError

    def delete(self, group_ids: Sequence[str]) -> Outcome[list[tuple[str, ErrorCode]]]:
        """DeleteGroups: tombstones of each empty group and its offsets."""
        raise NotImplementedError

    # --- what offsets ask

    def check_offset_commit(
        self,
        group_id: str,
        member_id: str,
        instance_id: str | None,
        generation_id: int,
        *,
        is_transactional: bool,
        now_ms: int,
    ) -> None:
        """Raises KafkaError (GROUP_ID_NOT_FOUND for an unknown group with a generation: OffsetCommit before version 9 and
        TxnOffsetCommit answer ILLEGAL_GENERATION in its place); creates a simple group; keeps the member's session."""
        raise NotImplementedError

    def check_offset_fetch(self, group_id: str) -> bool:
        """Whether offsets can be looked up: False when there is no such group."""
        raise NotImplementedError

    def check_offset_delete(self, group_id: str) -> None:
        """Raises KafkaError: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP."""
        raise NotImplementedError

    def is_subscribed(self, group_id: str, topic: str) -> bool:
        """Whether a member of the group may consume the topic (then its offsets neither expire nor can be deleted)."""
        raise NotImplementedError

    def is_empty(self, group_id: str) -> bool:
        """Whether the group exists and has no members."""
        raise NotImplementedError

    def ensure_simple_group(self, group_id: str, now_ms: int) -> None:
        """Make an empty group unless there is one: replay of an offset commit calls it."""
        raise NotImplementedError

    def expiry_base_ms(self, group_id: str, commit_timestamp_ms: int) -> int | None:
        """When the retention of an offset begins; None when the group's offsets do not expire now (KIP-211)."""
        raise NotImplementedError

    def tombstones_if_empty(self, group_id: str) -> list[CoordinatorRecord]:
        """The group's tombstone when it exists and is empty: after its last offset expired."""
        raise NotImplementedError

    # --- StateMachine

    def replay_group_metadata(self, group_id: str, value: GroupMetadataValue | None, now_ms: int) -> None:
        """Take over a GroupMetadata record."""
        raise NotImplementedError

    def on_loaded(self, now_ms: int) -> None:
        """Start session timers."""
        raise NotImplementedError

    def on_unloaded(self) -> None:
        """Fail every waiting join and sync with NOT_COORDINATOR."""
        raise NotImplementedError
