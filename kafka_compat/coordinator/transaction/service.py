"""The transaction coordinator of one broker: what API handlers, partitions and groups ask of transactional ids.

Each verb returns a value or raises KafkaError when what it decided is durable: NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS,
the mapped code of an append that failed, INVALID_REQUEST for the empty id, or what the verb says. Markers are written behind
the answer to the end of a transaction.

Source: Kafka's TransactionCoordinator.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from kafka_compat.clock import Clock, TimerHandle
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.led_shards import LedShards
from kafka_compat.coordinator.ports import Calculations, Outcome, Timers
from kafka_compat.coordinator.transaction.metadata import TransactionMetadata
from kafka_compat.coordinator.transaction.peers import TransactionPeers
from kafka_compat.coordinator.transaction.ports import MarkerWriter, TopicPartition
from kafka_compat.coordinator.transaction.values import (
    Ending,
    EndRequest,
    InitRequest,
    ListFilter,
    Partitions,
    ProducerIdAndEpoch,
    TransactionDescription,
    TransactionListing,
)
from kafka_compat.coordinator.transaction.verifying import Codes, LocalVerification, RoutedVerification
from kafka_compat.ids import BrokerId
from kafka_compat.log.manager import LogManager
from kafka_compat.metadata.changes import Change, PartitionChanged, TopicDeleted
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.features import TRANSACTION_VERSION, finalized_level
from kafka_compat.metadata.topic_admin import TopicAdmin
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.topic_names import TRANSACTION_STATE
from kafka_compat.tasks import Supervisor

if TYPE_CHECKING:
    from kafka_compat.coordinator.transaction.markers import ShardMarkers
    from kafka_compat.coordinator.transaction.shard import TransactionShard

logger = logging.getLogger(__name__)

# Ids that a shard looks at in one operation.
_IDS_AT_ONCE: Final = 500
# After a last record that could not be written: the shard has forgotten its state by then.
_LOAD_AGAIN_MS: Final = 1_000


class TransactionCoordinator:
    """The transactional ids of the shards that one broker leads. It is `Verification` for the ids of all brokers.

    Args:
        config: of the broker.
        node_id, clock, controller, topics, logs: see `LedShards`.
        peers: the coordinators and writers of markers of all brokers.
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
        peers: TransactionPeers,
        tasks: Supervisor,
    ) -> None:
        self._node_id = node_id
        self._config = config
        self._clock = clock
        self._controller = controller
        self._peers = peers
        self._tasks = tasks
        self._shards: LedShards[TransactionShard] = LedShards(
            TRANSACTION_STATE,
            lambda: config.transaction_state_log_num_partitions,
            self._make_shard,
            node_id,
            clock,
            controller,
            topics,
            logs,
            tasks,
            # Writes are given up after a minute; Kafka allows them the transaction's own timeout, a minute by default.
            needs_in_sync=True,
        )
        self._runtime = self._shards.runtime
        self._verification = RoutedVerification(self._shards, peers)
        self._markers: set[ShardMarkers] = set()
        self._looks: dict[str, TimerHandle] = {}
        self._is_closed = False

    # --- life

    def start(self, marker_writer: MarkerWriter) -> None:
        """Load the shards that this broker leads, and follow the cluster's changes.

        Args:
            marker_writer: for the partitions that this broker leads.
        """
        self._controller.after_apply.append(self._follow)
        self._peers.observers.append(self._try_markers_again)
        self._peers.join(self._node_id, marker_writer, LocalVerification(self._shards))
        self._shards.start()
        self._look_for_expired()

    def close(self) -> None:
        """Write no more markers and stop every timer."""
        self._is_closed = True
        self._peers.leave(self._node_id)
        if self._try_markers_again in self._peers.observers:
            self._peers.observers.remove(self._try_markers_again)
        if self._follow in self._controller.after_apply:
            self._controller.after_apply.remove(self._follow)
        for timer in self._looks.values():
            timer.cancel()
        self._looks.clear()
        self._shards.close()
        for markers in list(self._markers):
            markers.close()

    def partition_of(self, transactional_id: str) -> int:
        """The partition of the transaction log that has its records."""
        return self._shards.partition_of(transactional_id)

    def loading(self) -> list[int]:
        """The shards led here that are not loaded yet."""
        return self._shards.loading()

    async def find_coordinator(self, transactional_id: str) -> BrokerId:
        """The broker that coordinates a transactional id; see `LedShards.find_coordinator`."""
        return await self._shards.find_coordinator(transactional_id)

    # --- producers

    async def init_producer_id(
        self, request: InitRequest, *, enables_two_phase_commit: bool = False, keeps_prepared: bool = False
    ) -> ProducerIdAndEpoch:
        """InitProducerId with a transactional id.

        Raises:
            KafkaError: INVALID_TRANSACTION_TIMEOUT, TRANSACTIONAL_ID_AUTHORIZATION_FAILED (two-phase commits are switched off),
                UNSUPPORTED_VERSION (nothing prepared can be kept), CONCURRENT_TRANSACTIONS (a transaction is being ended, first
                of all by this request: ask again), PRODUCER_FENCED.
        """
        _check_id(request.transactional_id)
        if enables_two_phase_commit and not self._config.transaction_two_phase_commit_enable:
            raise KafkaError(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
        if keeps_prepared:
            raise KafkaError(ErrorCode.UNSUPPORTED_VERSION)
        if not enables_two_phase_commit and not 0 < request.timeout_ms <= self._config.transaction_max_timeout_ms:
            raise KafkaError(ErrorCode.INVALID_TRANSACTION_TIMEOUT)
        await self._controller.reserve_producer_ids()
        producer = await self._runtime.write(
            self._shards.partition_of(request.transactional_id), lambda shard, now_ms: shard.init_producer_id(request, now_ms)
        )
        if producer is None:
            raise KafkaError(ErrorCode.CONCURRENT_TRANSACTIONS)
        return producer

    async def add_partitions(
        self, transactional_id: str, producer: ProducerIdAndEpoch, partitions: Partitions, client_version: int
    ) -> None:
        """AddPartitionsToTxn and AddOffsetsToTxn. Raises what `TransactionShard.add_partitions` does."""
        _check_id(transactional_id)
        await self._runtime.write(
            self._shards.partition_of(transactional_id),
            lambda shard, now_ms: shard.add_partitions(transactional_id, producer, partitions, client_version, now_ms),
        )

    async def verify_partitions(
        self, transactional_id: str, producer: ProducerIdAndEpoch, partitions: Sequence[TopicPartition]
    ) -> Mapping[TopicPartition, ErrorCode]:
        """AddPartitionsToTxn that only verifies. Raises what `TransactionShard.verify_partitions` does."""
        _check_id(transactional_id)
        return await self._runtime.read(
            self._shards.partition_of(transactional_id),
            lambda shard, _: shard.verify_partitions(transactional_id, producer, partitions),
        )

    def end(self, request: EndRequest) -> asyncio.Future[ProducerIdAndEpoch]:
        """EndTxn: who the producer is from now on; fails as `TransactionShard.end` does.

        A future that is done already costs no turn of the loop.

        Raises:
            KafkaError: INVALID_REQUEST.
        """
        _check_id(request.transactional_id)
        if self._controller.has_producer_ids:
            return self._end(request)
        return self._tasks.start("ending a transaction", self._reserve_and_end(request))

    async def _reserve_and_end(self, request: EndRequest) -> ProducerIdAndEpoch:
        await self._controller.reserve_producer_ids()
        return await self._end(request)

    def _end(self, request: EndRequest) -> asyncio.Future[ProducerIdAndEpoch]:
        return self._runtime.write(
            self._shards.partition_of(request.transactional_id), lambda shard, now_ms: shard.end(request, now_ms)
        )

    def add_or_verify(
        self,
        transactional_id: str,
        producer_id: int,
        producer_epoch: int,
        partitions: Sequence[TopicPartition],
        *,
        adds: bool,
    ) -> asyncio.Future[Codes]:
        """See `Verification` and `verifying.py`."""
        return self._verification.add_or_verify(transactional_id, producer_id, producer_epoch, partitions, adds=adds)

    # --- admins

    async def describe(self, transactional_id: str) -> TransactionDescription:
        """DescribeTransactions of one id; raises TRANSACTIONAL_ID_NOT_FOUND."""
        _check_id(transactional_id)
        return await self._runtime.read(
            self._shards.partition_of(transactional_id), lambda shard, _: shard.describe(transactional_id)
        )

    async def list(self, wanted: ListFilter) -> AsyncIterator[TransactionListing]:
        """ListTransactions: the ids coordinated here that the filter lets through, a few at a time.

        A shard that went to another broker meanwhile is that broker's to list.
        """
        pace = Pace()
        for shard_id in self._shards.led():
            try:
                async for part in self._ids(shard_id):
                    for listing in await self._runtime.read(shard_id, partial(_list, part, wanted)):
                        yield listing
                    await pace.turn()
            except KafkaError as error:
                if error.error_code is not ErrorCode.NOT_COORDINATOR:
                    raise

    async def _ids(self, shard_id: int) -> AsyncIterator[Sequence[str]]:
        """The ids that a shard knows now, some at a time."""
        remaining = iter(await self._runtime.read(shard_id, lambda shard, _: list(shard.known)))
        while part := list(islice(remaining, _IDS_AT_ONCE)):
            yield part

    def watch(self, watcher: Callable[[], None]) -> None:
        """See `CoordinatorRuntime.watch`."""
        self._runtime.watch(watcher)

    # --- what tests look at

    def coordinator_of(self, transactional_id: str) -> BrokerId:
        """The broker that coordinates a transactional id now; see `LedShards.leader_of`."""
        return self._shards.leader_of(transactional_id)

    def peek(self, transactional_id: str) -> TransactionMetadata | None:
        """What is known of a transactional id in memory; None when nothing is here."""
        shard = self._runtime.peek(self._shards.partition_of(transactional_id))
        return None if shard is None else shard.known.get(transactional_id)

    # --- what the coordinator does by itself

    def _make_shard(
        self, shard_id: int, timers: Timers[TransactionShard], calculations: Calculations[TransactionShard]
    ) -> TransactionShard:
        # As the shards of groups.
        from kafka_compat.coordinator.transaction.markers import ShardMarkers
        from kafka_compat.coordinator.transaction.shard import TransactionPorts, TransactionShard

        controller = self._controller
        markers = ShardMarkers(
            f"{TRANSACTION_STATE}-{shard_id}",
            lambda: controller.image,
            self._peers,
            partial(self._shards.leader_epoch, shard_id),
            partial(self._complete, shard_id),
            self._markers,
            partial(self._load_later, shard_id),
            self._clock,
            self._tasks,
        )
        return TransactionShard(
            TransactionPorts(
                markers=markers,
                transaction_version=lambda: finalized_level(controller.image.feature_levels, TRANSACTION_VERSION),
                take_producer_id=controller.take_producer_id,
                began=self._look_for_overdue,
            )
        )

    def _complete(self, shard_id: int, ending: Ending) -> None:
        written = self._runtime.write(shard_id, lambda shard, now_ms: shard.complete(ending, now_ms))
        if not written.done() or written.exception() is not None:
            written.add_done_callback(partial(self._completed, ending))

    def _completed(self, ending: Ending, written: asyncio.Future[None]) -> None:
        error = None if written.cancelled() else written.exception()
        if error is not None and not self._is_closed:
            # Whoever leads the shard now goes on when it is loaded.
            logger.warning("the end of the transaction of %r is not written: %s", ending.transactional_id, error)

    def _load_later(self, shard_id: int) -> None:
        """A shard has lost its state, or its leader: nobody may ask for it, and transactions in it have to come to an end."""
        if not self._is_closed:
            due_ms = self._clock.monotonic_ms() + _LOAD_AGAIN_MS
            self._clock.call_at(due_ms, partial(self._load_again, shard_id))

    def _load_again(self, shard_id: int) -> None:
        if not self._is_closed:
            self._runtime.load(shard_id)

    async def _follow(self, changes: Sequence[Change]) -> None:
        if any(isinstance(change, PartitionChanged | TopicDeleted) for change in changes):
            self._try_markers_again()

    def _try_markers_again(self) -> None:
        for markers in self._markers:
            markers.try_again()

    def _look_for_overdue(self) -> None:
        """Look in a while, and then again for as long as transactions run: a clock that is advanced pays for each look."""
        self._look_later(
            "aborting overdue transactions",
            self._config.transaction_abort_timed_out_transaction_cleanup_interval_ms,
            self._abort_overdue,
        )

    def _look_for_expired(self) -> None:
        self._look_later(
            "expiring transactional ids",
            self._config.transaction_remove_expired_transaction_cleanup_interval_ms,
            self._expire,
        )

    def _look_later(self, what: str, interval_ms: int, look: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run `look` after a while, unless that is to happen or happens now."""
        if what not in self._looks and not self._is_closed:
            due_ms = self._clock.monotonic_ms() + interval_ms
            self._looks[what] = self._clock.call_at(due_ms, lambda: self._tasks.spawn(what, look()))

    async def _abort_overdue(self) -> None:
        pace = Pace()
        try:
            for shard_id in self._runtime.loaded_shards():
                try:
                    overdue = await self._runtime.read(shard_id, lambda shard, now_ms: shard.overdue(now_ms))
                except KafkaError:
                    continue
                async for transactional_id in pace.over(overdue):
                    await self._controller.reserve_producer_ids()
                    aborted = self._runtime.write(shard_id, partial(_abort_overdue, transactional_id))
                    aborted.add_done_callback(partial(_log_abort, transactional_id))
        finally:
            await self._look_again()

    async def _look_again(self) -> None:
        """Transactions run still, or began meanwhile."""
        self._looks.pop("aborting overdue transactions", None)
        for shard_id in self._runtime.loaded_shards():
            try:
                has_ongoing = await self._runtime.read(shard_id, lambda shard, _: shard.has_ongoing)
            except KafkaError:
                continue
            if has_ongoing:
                self._look_for_overdue()
                return

    async def _expire(self) -> None:
        self._looks.pop("expiring transactional ids", None)
        self._look_for_expired()
        expiration_ms = self._config.transactional_id_expiration_ms
        pace = Pace()
        for shard_id in self._runtime.loaded_shards():
            try:
                async for part in self._ids(shard_id):
                    await self._runtime.write(shard_id, partial(_expire, part, expiration_ms))
                    await pace.turn()
            except KafkaError as error:
                logger.warning("transactional ids of shard %d do not expire now: %s", shard_id, error)


def _check_id(transactional_id: str) -> None:
    if not transactional_id:
        raise KafkaError(ErrorCode.INVALID_REQUEST)


def _list(part: Sequence[str], wanted: ListFilter, shard: TransactionShard, now_ms: int) -> list[TransactionListing]:
    return shard.list(part, wanted, now_ms)


def _abort_overdue(transactional_id: str, shard: TransactionShard, now_ms: int) -> Outcome[None]:
    return shard.abort_overdue(transactional_id, now_ms)


def _expire(part: Sequence[str], expiration_ms: int, shard: TransactionShard, now_ms: int) -> Outcome[None]:
    return shard.expire(part, expiration_ms, now_ms)


def _log_abort(transactional_id: str, aborted: asyncio.Future[None]) -> None:
    error = None if aborted.cancelled() else aborted.exception()
    if error is not None:
        logger.warning("the overdue transaction of %r is not aborted now: %s", transactional_id, error)
