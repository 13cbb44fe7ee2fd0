"""Brings the markers of decided transactions into their partitions, for as long as it takes.

Each leader of a partition is asked to write the marker. What it cannot do now is tried again, after a pause that grows, and
as soon as a broker comes or the cluster changes: a partition may be without leader, or its broker down. A partition that does
not exist any more needs no marker. When each partition has its own the shard is told, which writes the last record of the
transaction; when that fails, the shard is loaded again, and all begins anew: a marker that comes twice does no harm.

Source: Kafka's TransactionMarkerChannelManager and TransactionMarkerRequestCompletionHandler.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from kafka_compat.clock import Clock, TimerHandle
from kafka_compat.coordinator.transaction.peers import TransactionPeers
from kafka_compat.coordinator.transaction.ports import EndMarker, TopicPartition
from kafka_compat.coordinator.transaction.values import Ending
from kafka_compat.ids import BrokerId
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.tasks import Supervisor

logger = logging.getLogger(__name__)

_FIRST_PAUSE_MS: Final = 20
_LONGEST_PAUSE_MS: Final = 1_000

# The partition needs no marker of this transaction any more. INVALID_PRODUCER_EPOCH: a later epoch has written there, which its
# log lets in when nothing of this one is open; Kafka's coordinator stops there, and the id waits for its next load.
_SETTLED: Final = frozenset(
    {
        ErrorCode.NONE,
        ErrorCode.INVALID_PRODUCER_EPOCH,
        ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT,
        ErrorCode.UNSUPPORTED_VERSION,
    }
)
# What passes; anything else is logged as it comes.
_EXPECTED: Final = frozenset(
    {
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode.NOT_LEADER_OR_FOLLOWER,
        ErrorCode.NOT_ENOUGH_REPLICAS,
        ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        ErrorCode.REQUEST_TIMED_OUT,
        ErrorCode.KAFKA_STORAGE_ERROR,
    }
)


class ShardMarkers:
    """The markers of the transactions of one shard, from its loading until it is given up.

    Args:
        name: of the shard, in logs.
        image: of the cluster, as of now.
        peers: the writers of the brokers that serve.
        coordinator_epoch: of the shard's partition, as of now.
        complete: told of a transaction that has all its markers.
        loaded: those of all shards that are loaded, and this one meanwhile.
        given_up: told of the end.
        clock: for pauses.
        tasks: of the broker.
    """

    def __init__(
        self,
        name: str,
        image: Callable[[], ClusterImage],
        peers: TransactionPeers,
        coordinator_epoch: Callable[[], int],
        complete: Callable[[Ending], None],
        loaded: set[ShardMarkers],
        given_up: Callable[[], None],
        clock: Clock,
        tasks: Supervisor,
    ) -> None:
        self._name = name
        self._image = image
        self._peers = peers
        self._coordinator_epoch = coordinator_epoch
        self._complete = complete
        self._loaded = loaded
        self._given_up = given_up
        self._clock = clock
        self._tasks = tasks
        self._is_closed = False
        # Those that wait for the next attempt, by transactional id: an id ends one transaction at a time.
        self._later: dict[str, tuple[Ending, Sequence[TopicPartition]]] = {}
        self._pause_ms = _FIRST_PAUSE_MS
        self._timer: TimerHandle | None = None
        self._is_trying = False

    def write(self, ending: Ending) -> None:
        """See `Markers`."""
        if not self._is_closed:
            self._attempt(ending, list(ending.partitions))

    def write_all(self, endings: Iterable[Ending]) -> None:
        """See `Markers`."""
        self._loaded.add(self)
        for ending in endings:
            self._later[ending.transactional_id] = (ending, list(ending.partitions))
        self._try_again()

    def close(self) -> None:
        """See `Markers`."""
        if self._is_closed:
            return
        self._is_closed = True
        self._later.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._loaded.discard(self)
        self._given_up()

    def try_again(self) -> None:
        """Something has changed: what waits need not wait for the end of the pause."""
        self._pause_ms = _FIRST_PAUSE_MS
        self._try_again()

    # --- internals

    def _attempt(self, ending: Ending, partitions: Sequence[TopicPartition]) -> None:
        """Have the markers of `partitions` written; no other attempt for them is under way."""
        image = self._image()
        by_leader: dict[BrokerId, list[TopicPartition]] = {}
        for topic, number in partitions:
            found = image.partition(topic, number)
            if found is None:
                ending.partitions.discard((topic, number))
            else:
                by_leader.setdefault(found.leader, []).append((topic, number))
        if not ending.partitions:
            self._complete(ending)
            return
        marker = EndMarker(
            producer_id=ending.producer.producer_id,
            producer_epoch=ending.producer.producer_epoch,
            coordinator_epoch=self._coordinator_epoch(),
            is_commit=ending.is_commit,
            transaction_version=ending.transaction_version,
        )
        for leader, led in by_leader.items():
            writer = self._peers.writer(leader)
            if writer is None:
                self._put_off(ending, led)
                continue
            written = writer.write(marker, led)
            if written.done():
                self._written(ending, led, written)
            else:
                written.add_done_callback(partial(self._written, ending, led))

    def _written(
        self,
        ending: Ending,
        partitions: Sequence[TopicPartition],
        written: asyncio.Future[Mapping[TopicPartition, ErrorCode]],
    ) -> None:
        if self._is_closed:
            return
        if written.cancelled():
            self._put_off(ending, partitions)
            return
        codes = written.result()
        failed = []
        for partition in partitions:
            code = codes.get(partition, ErrorCode.UNKNOWN_SERVER_ERROR)
            if code in _SETTLED:
                ending.partitions.discard(partition)
            else:
                failed.append(partition)
            if code is not ErrorCode.NONE and code not in _EXPECTED:
                logger.warning("%s: the marker of %r in %s-%d: %s", self._name, ending.transactional_id, *partition, code.name)
        if failed:
            self._put_off(ending, failed)
        elif not ending.partitions:
            self._complete(ending)

    def _put_off(self, ending: Ending, partitions: Sequence[TopicPartition]) -> None:
        waiting = self._later.get(ending.transactional_id)
        if waiting is not None and waiting[0] is ending:
            partitions = [*waiting[1], *partitions]
        self._later[ending.transactional_id] = (ending, partitions)
        if self._timer is None and not self._is_trying:
            self._timer = self._clock.call_at(self._clock.monotonic_ms() + self._pause_ms, self._end_pause)

    def _end_pause(self) -> None:
        self._timer = None
        self._pause_ms = min(2 * self._pause_ms, _LONGEST_PAUSE_MS)
        self._try_again()

    def _try_again(self) -> None:
        if self._later and not self._is_trying and not self._is_closed:
            self._is_trying = True
            self._tasks.spawn(f"markers of {self._name}", self._attempt_all())

    async def _attempt_all(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            due, self._later = self._later, {}
            async for ending, partitions in Pace().over(due.values()):
                if self._is_closed:
                    return
                self._attempt(ending, partitions)
        finally:
            self._is_trying = False
        if self._later and self._timer is None and not self._is_closed:
            self._timer = self._clock.call_at(self._clock.monotonic_ms() + self._pause_ms, self._end_pause)
