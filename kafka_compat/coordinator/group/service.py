"""The group coordinator of one broker: what API handlers ask of groups and committed offsets.

Each verb returns a value or raises KafkaError, at once or through the future that it returns, when what it decided is durable:
NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, the mapped code of an append that failed, or what the
verb says. Wide requests go to a shard some hundred entries at a time: others' requests come in between.

Source: Kafka's GroupCoordinator and GroupCoordinatorService.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence, Set
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from kafka_compat.clock import Clock
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.group.classic.values import (
    GroupDescription,
    HeartbeatRequest,
    JoinRequest,
    JoinResult,
    LeavingMember,
    LeftMember,
    SyncRequest,
    SyncResult,
)
from kafka_compat.coordinator.group.offset_records import CommitSize
from kafka_compat.coordinator.group.offset_values import FetchedOffset, OffsetCommit, OffsetsTransaction
from kafka_compat.coordinator.group.offset_verification import verified_producer
from kafka_compat.coordinator.group.sessions import Sessions
from kafka_compat.coordinator.group.table import Group, GroupListing
from kafka_compat.coordinator.led_shards import LedShards
from kafka_compat.coordinator.ports import Calculations, Timers, TopicChanges, TopicsFeed
from kafka_compat.coordinator.shard_context import Producer
from kafka_compat.coordinator.transaction.ports import Verification
from kafka_compat.ids import ZERO_TOPIC_ID, BrokerId, TopicId
from kafka_compat.log.manager import LogManager
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.topic_admin import TopicAdmin
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.topic_names import CONSUMER_OFFSETS
from kafka_compat.tasks import Supervisor

if TYPE_CHECKING:
    from kafka_compat.coordinator.group.shard import GroupShard

logger = logging.getLogger(__name__)

# A rebalance that the first of several parts begins is still open when the last one is over: nobody has joined again.
_MEMBERS_PER_LEAVE: Final = 500
# Deciding, appending and replaying takes some 30 us for each.
_OFFSETS_PER_WRITE: Final = 250
_OFFSETS_PER_LOOK: Final = 500
# Kafka deletes all groups of a shard in one operation; that takes as long as they have offsets.
_GROUPS_PER_DELETION: Final = 50


class GroupCoordinator:
    """Groups and committed offsets of the shards that one broker leads.

    Args:
        config: of the broker.
        node_id, clock, controller, topics, logs: see `LedShards`.
        image_topics: the cluster's topics: what shards see of them, and whose changes they are told of.
        tasks: of the broker.
    """

    def __init__(
        self,
        node_id: BrokerId,
        config: BrokerConfig,
        clock: Clock,
        controller: Controller,
        topics: TopicAdmin,
        logs: LogManager,
        image_topics: TopicsFeed,
        tasks: Supervisor,
    ) -> None:
        self._config = config
        self._image_topics = image_topics
        self._tasks = tasks
        self.sessions = Sessions()
        self._shards: LedShards[GroupShard] = LedShards(
            CONSUMER_OFFSETS,
            lambda: config.offsets_topic_num_partitions,
            self._make_shard,
            node_id,
            clock,
            controller,
            topics,
            logs,
            tasks,
            lambda: config.offsets_commit_timeout_ms,
        )
        self._runtime = self._shards.runtime
        self._stop_following: Callable[[], None] | None = None

    def _make_shard(self, shard_id: int, timers: Timers[GroupShard], calculations: Calculations[GroupShard]) -> GroupShard:
        # Who has no group does not pay for the machines of all kinds.
        from kafka_compat.coordinator.group.shard import GroupPorts, GroupShard

        return GroupShard(
            GroupPorts(
                config=self._config,
                timers=self.sessions.timers(timers),
                calculations=calculations,
                topics=self._image_topics,
                max_record_bytes=partial(self._shards.max_record_bytes, shard_id),
            )
        )

    def start(self) -> None:
        """Load the shards that this broker leads, and follow the cluster's changes."""
        self._shards.start()
        self._stop_following = self._image_topics.follow(self._topics_changed)

    def close(self) -> None:
        """Fail what members wait for with NOT_COORDINATOR and stop every timer."""
        if self._stop_following is not None:
            self._stop_following()
        self._shards.close()

    def partition_of(self, group_id: str) -> int:
        """The partition of __consumer_offsets that has the group's records."""
        return self._shards.partition_of(group_id)

    def loading(self) -> list[int]:
        """The shards led here that are not loaded yet."""
        return self._shards.loading()

    async def find_coordinator(self, group_id: str) -> BrokerId:
        """The broker that coordinates a group; see `LedShards.find_coordinator`."""
        return await self._shards.find_coordinator(group_id)

    def complete_transaction(
        self,
        partition: int,
        producer_id: int,
        producer_epoch: int,
        coordinator_epoch: int,
        *,
        is_commit: bool,
        transaction_version: int,
    ) -> asyncio.Future[None]:
        """Write a transaction's end marker into a partition of __consumer_offsets: its offsets count from then on, or are gone.

        Raises:
            KafkaError: INVALID_PRODUCER_EPOCH, TRANSACTION_COORDINATOR_FENCED.
        """
        return self._runtime.complete_transaction(
            partition,
            producer_id,
            producer_epoch,
            coordinator_epoch,
            is_commit=is_commit,
            transaction_version=transaction_version,
        )

    # --- members of classic groups

    def join(self, request: JoinRequest) -> asyncio.Future[JoinResult]:
        """JoinGroup; waits for as long as the longest rebalance timeout of the group's members.

        Raises:
            JoinRefused: the group refuses.
        """
        return self._runtime.write_and_wait(
            self._shards.partition_of(request.group_id), lambda shard, reply, now_ms: shard.classic.join(request, reply, now_ms)
        )

    def sync(self, request: SyncRequest) -> asyncio.Future[SyncResult]:
        """SyncGroup; waits until the leader's assignment is durable. Raises what `ClassicMachine.sync` does."""
        return self._runtime.write_and_wait(
            self._shards.partition_of(request.group_id), lambda shard, reply, now_ms: shard.classic.sync(request, reply, now_ms)
        )

    def heartbeat(self, request: HeartbeatRequest) -> asyncio.Future[None]:
        """Heartbeat. Raises what `ClassicMachine.heartbeat` does."""
        return self._runtime.write(
            self._shards.partition_of(request.group_id), lambda shard, now_ms: shard.classic.heartbeat(request, now_ms)
        )

    async def leave(self, group_id: str, members: Iterable[LeavingMember]) -> list[LeftMember]:
        """LeaveGroup: what came of each member, in order; without members the group is asked all the same."""
        pace = Pace()
        left: list[LeftMember] = []
        remaining = iter(members)
        while (part := list(islice(remaining, _MEMBERS_PER_LEAVE))) or not left:
            left += await self._leave(group_id, part)
            if not part:
                break
            await pace.turn()
        return left

    def _leave(self, group_id: str, members: Sequence[LeavingMember]) -> asyncio.Future[list[LeftMember]]:
        return self._runtime.write(
            self._shards.partition_of(group_id), lambda shard, now_ms: shard.classic.leave(group_id, members, now_ms)
        )

    # --- committed offsets, of groups of all kinds

    async def commit_offsets(self, commit: OffsetCommit) -> list[ErrorCode]:
        """OffsetCommit: one code per offset, in order. What is refused as a whole is so for each offset: raises nothing."""
        return await self._commit_in_parts(commit, None)

    async def commit_offsets_in_transaction(
        self, commit: OffsetCommit, transaction: OffsetsTransaction, verification: Verification
    ) -> list[ErrorCode]:
        """TxnOffsetCommit: as `commit_offsets`; the offsets count when the transaction commits.

        The transaction's coordinator is asked before the group: whether the group's partition is part of the transaction
        (KIP-890). Codes beside those of `commit_offsets`: INVALID_GROUP_ID, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE, and what
        `verification` answers.
        """
        try:
            if not commit.group_id:
                raise KafkaError(ErrorCode.INVALID_GROUP_ID)
            is_enabled = self._config.transaction_partition_verification_enable
            if (transaction.adds or is_enabled) and self._image_topics.topic(CONSUMER_OFFSETS) is None:
                raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
            producer = await verified_producer(
                self._runtime,
                self.partition_of(commit.group_id),
                transaction,
                verification,
                is_enabled=is_enabled,
            )
        except KafkaError as error:
            return [error.error_code] * len(commit.offsets)
        return await self._commit_in_parts(commit, producer)

    async def _commit_in_parts(self, commit: OffsetCommit, producer: Producer | None) -> list[ErrorCode]:
        """A commit is decided, appended and replayed in one turn of the loop, so a wide one becomes several operations.

        What Kafka refuses because it does not fit one batch is refused here as a whole, too.
        """
        if len(commit.offsets) <= _OFFSETS_PER_WRITE:
            return await _codes_of(self._commit(commit, producer), len(commit.offsets))
        pace = Pace()
        if await self._is_too_large(commit, pace):
            refused = self._runtime.write(
                self._shards.partition_of(commit.group_id), lambda shard, now_ms: shard.refuse_commit(commit, now_ms)
            )
            return await _codes_of(refused, len(commit.offsets))
        parts: list[tuple[asyncio.Future[list[ErrorCode]], int]] = []
        offsets = iter(commit.offsets)
        while part := list(islice(offsets, _OFFSETS_PER_WRITE)):
            parts.append((self._commit(commit._replace(offsets=part), producer), len(part)))
            await pace.turn()
        return [code for written, count in parts for code in await _codes_of(written, count)]

    def _commit(self, commit: OffsetCommit, producer: Producer | None) -> asyncio.Future[list[ErrorCode]]:
        return self._runtime.write(
            self._shards.partition_of(commit.group_id),
            lambda shard, now_ms: shard.commit_offsets(commit, now_ms),
            producer=producer,
        )

    async def _settle(self, shard_id: int) -> None:
        """Work off what wide transactions have left to settle, so that nobody has to who cannot do so in slices."""
        pace = Pace()
        while await self._runtime.read(shard_id, lambda shard, _: shard.offsets.settle_some()):
            await pace.turn()

    async def _is_too_large(self, commit: OffsetCommit, pace: Pace) -> bool:
        """Whether the records of the commit make a batch above max.message.bytes of __consumer_offsets."""
        max_bytes = self._shards.max_record_bytes(self.partition_of(commit.group_id))
        size = CommitSize(commit, self._config.offset_metadata_max_bytes)
        async for offset in pace.over(commit.offsets):
            size.add(offset.topic, offset.metadata)
            if size.batch_bytes > max_bytes:
                return True
        return False

    async def check_coordinator(self, group_id: str) -> None:
        """Whether this broker coordinates the group now; raises if not."""
        await self._runtime.read(self._shards.partition_of(group_id), lambda shard, _: None)

    async def committed_partitions(self, group_id: str) -> list[tuple[str, list[int]]]:
        """Topics and partitions that a group has committed offsets of; none when there is no such group."""
        await self._settle(self._shards.partition_of(group_id))
        return await self._runtime.read(
            self._shards.partition_of(group_id), lambda shard, _: shard.offsets.committed_partitions(group_id)
        )

    async def fetch_offsets(
        self,
        group_id: str,
        topic: str,
        partitions: Sequence[int],
        *,
        topic_id: TopicId = ZERO_TOPIC_ID,
        require_stable: bool = False,
    ) -> list[FetchedOffset]:
        """OffsetFetch of one topic: one answer per partition, in order; each partition as it is at its turn."""

        def fetch(part: Sequence[int]) -> asyncio.Future[list[FetchedOffset]]:
            return self._runtime.read(
                self._shards.partition_of(group_id),
                lambda shard, _: shard.offsets.fetch(group_id, topic, part, topic_id=topic_id, require_stable=require_stable),
            )

        if len(partitions) <= _OFFSETS_PER_LOOK:
            return await fetch(partitions)
        pace = Pace()
        found: list[FetchedOffset] = []
        for start in range(0, len(partitions), _OFFSETS_PER_LOOK):
            found += await fetch(partitions[start : start + _OFFSETS_PER_LOOK])
            await pace.turn()
        return found

    async def delete_offsets(self, group_id: str, partitions: Iterable[tuple[str, int]]) -> list[ErrorCode]:
        """OffsetDelete: one code per (topic, partition), in order; without any the group is looked at all the same.

        Raises:
            KafkaError: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP.
        """
        pace = Pace()
        codes: list[ErrorCode] = []
        remaining = iter(partitions)
        while (part := list(islice(remaining, _OFFSETS_PER_WRITE))) or not codes:
            codes += await self._delete_offsets(group_id, part)
            if not part:
                break
            await pace.turn()
        return codes

    def _delete_offsets(self, group_id: str, partitions: Sequence[tuple[str, int]]) -> asyncio.Future[list[ErrorCode]]:
        return self._runtime.write(
            self._shards.partition_of(group_id), lambda shard, _: shard.offsets.delete(group_id, partitions)
        )

    # --- what admins ask, of groups of all kinds

    async def list_groups(self, states: Set[str], types: Set[str]) -> AsyncIterator[GroupListing]:
        """ListGroups: the groups led here in one of `states` and of one of `types`, in lower case; empty lets all through.

        A shard that went to another broker meanwhile is that broker's to list.
        """
        pace = Pace()
        for shard_id in self._shards.led():
            try:
                listings = await self._runtime.read(shard_id, lambda shard, _: shard.groups.list(states, types))
            except KafkaError as error:
                if error.error_code is not ErrorCode.NOT_COORDINATOR:
                    raise
                continue
            async for listing in pace.over(listings):
                yield listing
            await pace.turn()

    async def delete_groups(self, group_ids: Iterable[str]) -> dict[str, ErrorCode]:
        """DeleteGroups: one code per group, in the order in which they were first named; raises nothing."""
        pace = Pace()
        codes: dict[str, ErrorCode] = {}
        by_shard: dict[int, list[str]] = {}
        parts: list[tuple[list[str], asyncio.Future[list[tuple[str, ErrorCode]]]]] = []
        async for group_id in pace.over(group_ids):
            if group_id in codes:
                continue
            codes[group_id] = ErrorCode.NONE
            shard_id = self.partition_of(group_id)
            waiting = by_shard.setdefault(shard_id, [])
            waiting.append(group_id)
            if len(waiting) == _GROUPS_PER_DELETION:
                parts.append((waiting, self._delete_groups(shard_id, waiting)))
                del by_shard[shard_id]
        async for shard_id, waiting in pace.over(by_shard.items()):
            parts.append((waiting, self._delete_groups(shard_id, waiting)))
        for part, deleted in parts:
            try:
                codes.update(await deleted)
            except KafkaError as error:
                codes.update(dict.fromkeys(part, error.error_code))
            await pace.turn()
        return codes

    def _delete_groups(self, shard_id: int, group_ids: Sequence[str]) -> asyncio.Future[list[tuple[str, ErrorCode]]]:
        return self._runtime.write(shard_id, lambda shard, _: shard.delete_groups(group_ids))

    # --- what tests look at

    def coordinator_of(self, group_id: str) -> BrokerId:
        """The broker that coordinates a group now; see `LedShards.leader_of`."""
        return self._shards.leader_of(group_id)

    def peek(self, group_id: str) -> Group | None:
        """The group as it is in memory; None when there is none here. Not to be changed."""
        shard = self._runtime.peek(self._shards.partition_of(group_id))
        return None if shard is None else shard.groups.get(group_id)

    def watch(self, watcher: Callable[[], None]) -> None:
        """See `CoordinatorRuntime.watch`."""
        self._runtime.watch(watcher)

    async def groups(self) -> AsyncIterator[Group]:
        """Every group led here, as it is at that moment: to be looked at before the next one, and not changed."""
        await _all_done(self._shards.load_led())
        pace = Pace()
        for shard_id in self._runtime.loaded_shards():
            try:
                groups = await self._runtime.read(shard_id, lambda shard, _: list(shard.groups.all()))
            except KafkaError:  # it went to another broker, or is being loaded again
                continue
            async for group in pace.over(groups):
                yield group

    async def group(self, group_id: str) -> Group | None:
        """The group as it is at that moment; None when there is none led here."""
        shard_id = self.partition_of(group_id)
        loading = self._runtime.load(shard_id)
        if loading is not None:
            await _all_done([loading])
        try:
            return await self._runtime.read(shard_id, lambda shard, _: shard.groups.get(group_id))
        except KafkaError:
            return None

    # --- what the cluster tells

    def _topics_changed(self, changes: TopicChanges) -> None:
        # New topics and partitions concern no shard: classic groups hear of them from their members.
        if changes.deleted:
            self._tasks.spawn("forgetting the offsets of deleted topics", self._topics_deleted(changes.deleted))

    async def _topics_deleted(self, deleted: Mapping[str, TopicId]) -> None:
        """One look at each shard, however many topics."""
        # A shard that is still loading would bring the offsets back.
        await asyncio.gather(*self._shards.load_led(), return_exceptions=True)
        pace = Pace()
        answers = []
        for shard_id in list(self._shards.led()):
            answers.append(self._runtime.write(shard_id, lambda shard, _: shard.on_topics_deleted(deleted)))
            await pace.turn()
        for outcome in await asyncio.gather(*answers, return_exceptions=True):
            if isinstance(outcome, BaseException):
                name = next(iter(deleted))
                logger.warning("offsets of %d deleted topics (%s, ...) may be left: %s", len(deleted), name, outcome)

    # --- what admins ask, of one kind: what there is to tell has nothing in common

    async def describe_classic_group(self, group_id: str) -> GroupDescription:
        """DescribeGroups: one classic group, Dead when there is none."""
        return await self._runtime.read(self._shards.partition_of(group_id), lambda shard, _: shard.classic.describe(group_id))


async def _all_done(futures: Sequence[asyncio.Future[None]]) -> None:
    """Return when all of them are, however they ended."""
    if futures:
        await asyncio.wait(futures)


async def _codes_of(written: asyncio.Future[list[ErrorCode]], count: int) -> list[ErrorCode]:
    """The code of each of `count` offsets; that of what was refused as a whole for each."""
    try:
        return await written
    except KafkaError as error:
        return [error.error_code] * count
