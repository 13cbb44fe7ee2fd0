"""The controller: decides changes one request at a time, commits them to the metadata log, then applies them to the image.

A decision reads the image and nothing else; between reading it and applying the outcome no other decision runs (`_lock`), and
the commit is refused when the log has grown by another's hand. New partitions get their logs before the image shows them, so a
client that learns of a topic can use it at once.

What is committed is applied, whatever happens: a caller that is cancelled meanwhile leaves the change running, and a hook that
raises what nobody expected is logged and does not keep the others, or the image, from following the log.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from kafka_compat.clock import Clock
from kafka_compat.metadata.broker_plans import PartitionPlans, TopicConfigs
from kafka_compat.metadata.changes import BrokerIncarnation, Change, ClusterCreated, ProducerIdsReserved, uuid_text
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.metadata.metadata_log import Conflict, MetadataLog, encode_changes
from kafka_compat.metadata.topic_plans import new_topic_id
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.storage.interface import StorageError
from kafka_compat.tasks import Supervisor

logger = logging.getLogger(__name__)

# Kafka's ProducerIdsBlock.PRODUCER_ID_BLOCK_SIZE: ids are reserved in blocks, so that most allocations write nothing.
PRODUCER_ID_BLOCK_SIZE = 1000

# To encode one takes some 20 us.
_CHANGES_AT_ONCE = 100

# A decision over many things is a coroutine that lets others run in between; no other decision runs meanwhile all the same.
Decision = Callable[[ClusterImage], Sequence[Change] | Awaitable[Sequence[Change]]]
Hook = Callable[[Sequence[Change]], Awaitable[None]]


class Controller:
    """The only writer of the cluster image."""

    def __init__(self, log: MetadataLog, image: ClusterImage, clock: Clock, tasks: Supervisor) -> None:
        self.image = image
        self._tasks = tasks
        self._log = log
        self._clock = clock
        self._lock = asyncio.Lock()
        self._next_free_producer_id = image.next_producer_id
        # Set by the composition root. Before the image shows changes that are committed: new partitions get their logs.
        self.before_apply: Hook | None = None
        # Likewise: the configs in effect for a topic, which leaders are elected by.
        self.topic_configs: TopicConfigs
        # When the image shows them: configs take effect, logs of deleted topics go. Runs before the next decision.
        self.after_apply: list[Hook] = []

    @property
    def metadata_offset(self) -> int:
        """The metadata log's end offset, Kafka's finalized features epoch."""
        return self._log.end_offset

    async def start(self) -> None:
        """Give a new cluster its id and begin a new incarnation: leader epochs rise as the reference's do at a restart."""
        await self._log.compact(self.image, self._clock.wall_ms())

        def begin(image: ClusterImage) -> Sequence[Change]:
            changes: list[Change] = []
            if not image.cluster_id:
                changes.append(ClusterCreated(uuid_text(new_topic_id())))
            # A broker that left in order was fenced once when it left and once more when it came back; so was one that died.
            changes.append(BrokerIncarnation(image.incarnation + 1, raise_leader_epochs_by=2 if image.incarnation else 0))
            return changes

        await self.change(begin)

    def plans(self, image: ClusterImage) -> PartitionPlans:
        """Makes plans for partitions, in a decision over `image`."""
        return PartitionPlans(image, self.topic_configs)

    async def change(self, decide: Decision) -> Sequence[Change]:
        """Decide, commit, apply; returns the changes.

        Raises:
            KafkaError: the decision's refusal; nothing has changed then.
            KafkaError: NOT_CONTROLLER when others have changed the metadata since they were decided on; nothing of the decision
                has taken effect, and the next one sees those changes.
            KafkaError: KAFKA_STORAGE_ERROR when the metadata log cannot be written. What it kept all the same takes effect
                with the next change that can be written, or at the next start.
        """
        return await asyncio.shield(self._tasks.start("a change of the metadata", self._change(decide)))

    async def _change(self, decide: Decision) -> Sequence[Change]:
        async with self._lock:
            try:
                if self._log.is_failed:
                    await self._apply(await self._log.reopen())
                decided_at = self._log.seen_offset
                decided = decide(self.image)
                changes = await decided if isinstance(decided, Awaitable) else decided
                if changes:
                    await self._commit(changes, decided_at)
            except Conflict as error:
                logger.warning("another controller is at work: %s", error)
                raise KafkaError(ErrorCode.NOT_CONTROLLER, str(error)) from error
            except StorageError as error:
                logger.error("the metadata log cannot be written: %s", error)
                raise KafkaError(ErrorCode.KAFKA_STORAGE_ERROR, str(error)) from error
            await self._apply(changes)
            return changes

    async def _commit(self, changes: Sequence[Change], decided_at: int) -> None:
        now_ms = self._clock.wall_ms()
        if len(changes) > _CHANGES_AT_ONCE:
            batch = await self._tasks.in_thread(partial(encode_changes, changes, now_ms))
        else:
            batch = encode_changes(changes, now_ms)
        await self._log.commit(batch, decided_at, now_ms)

    async def _apply(self, changes: Sequence[Change]) -> None:
        if not changes:
            return
        if self.before_apply is not None:
            await self._call(self.before_apply, changes)
        # Others see the image grow: no change depends on one that follows it.
        async for change in Pace().over(changes):
            self.image.apply(change)
        # Also who has begun to follow meanwhile, and has seen a part: to be told of what one has seen is harmless.
        for observer in list(self.after_apply):
            await self._call(observer, changes)

    async def _call(self, hook: Hook, changes: Sequence[Change]) -> None:
        try:
            await hook(changes)
        except Exception as error:
            self._tasks.report(f"following {len(changes)} changes of the metadata", error)

    async def next_producer_id(self) -> int:
        """A producer id that was never given out before; survives restarts."""
        while (producer_id := self.take_producer_id()) is None:
            await self.reserve_producer_ids()
        return producer_id

    def take_producer_id(self) -> int | None:
        """A producer id that was never given out before; None when none is at hand: see `reserve_producer_ids`."""
        if self._next_free_producer_id >= self.image.next_producer_id:
            return None
        self._next_free_producer_id += 1
        return self._next_free_producer_id - 1

    @property
    def has_producer_ids(self) -> bool:
        """Whether `take_producer_id` has one."""
        return self._next_free_producer_id < self.image.next_producer_id

    async def reserve_producer_ids(self) -> None:
        """Reserve the next block of producer ids unless there are some at hand, which others may take meanwhile."""
        if self.has_producer_ids:
            return

        def reserve(image: ClusterImage) -> Sequence[Change]:
            if self._next_free_producer_id < image.next_producer_id:
                return ()  # another request reserved a block while this one waited for its turn
            return (ProducerIdsReserved(image.next_producer_id + PRODUCER_ID_BLOCK_SIZE),)

        await self.change(reserve)
