"""A shard of the transaction coordinator without its surroundings: a log in a list, a clock that is a number."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TypeVar

from kafka_compat.coordinator.ports import CoordinatorRecord, Outcome
from kafka_compat.coordinator.transaction.metadata import TransactionMetadata
from kafka_compat.coordinator.transaction.records import transaction_record
from kafka_compat.coordinator.transaction.shard import TransactionPorts, TransactionShard
from kafka_compat.coordinator.transaction.values import NO_PRODUCER_EPOCH, Ending, EndRequest, InitRequest, ProducerIdAndEpoch
from kafka_compat.protocol.errors import KafkaError

T = TypeVar("T")

ID = "orders"
TIMEOUT_MS = 60_000


def without_volatile(metadata: Mapping[str, TransactionMetadata]) -> dict[str, TransactionMetadata]:
    """What the log says of each id: all but what only memory knows."""
    return {
        transactional_id: known._replace(last_producer_epoch=NO_PRODUCER_EPOCH) for transactional_id, known in metadata.items()
    }


def _complete(ending: Ending, shard: TransactionShard, now_ms: int) -> Outcome[None]:
    return shard.complete(ending, now_ms)


class FakeMarkers:
    """Keeps what is to be written until a test says that it is."""

    def __init__(self) -> None:
        self.pending: list[Ending] = []

    def write(self, ending: Ending) -> None:
        self.pending.append(ending)

    def write_all(self, endings: Iterable[Ending]) -> None:
        self.pending.extend(endings)

    def close(self) -> None:
        self.pending.clear()


class TransactionWorld:
    """One shard.

    Attributes:
        version: level of transaction.version.
        now_ms: the time.
        log: what was appended.
        markers: what is to be written.
        has_producer_ids: whether there are producer ids at hand.
    """

    def __init__(self, version: int = 2) -> None:
        self.version = version
        self.now_ms = 1_000_000
        self.log: list[CoordinatorRecord] = []
        self.markers = FakeMarkers()
        self.has_producer_ids = True
        self._producer_ids = itertools.count(100)
        self.shard = self._make()

    def _make(self) -> TransactionShard:
        return TransactionShard(
            TransactionPorts(
                markers=self.markers, transaction_version=lambda: self.version, take_producer_id=self._take_producer_id
            )
        )

    def _take_producer_id(self) -> int | None:
        return next(self._producer_ids) if self.has_producer_ids else None

    def reload(self) -> None:
        """Give the shard up and load it from its log."""
        self.shard.on_unloaded()
        self.markers = FakeMarkers()
        self.shard = self._make()
        for key, value in self.log:
            self.shard.replay(bytes(key), None if value is None else bytes(value), None, self.now_ms)
        self.shard.on_loaded(self.now_ms)

    def run(self, operation: Callable[[TransactionShard, int], Outcome[T]], error: KafkaError | None = None) -> T:
        """Decide, append and replay; with `error` the append fails and nothing is replayed."""
        outcome = operation(self.shard, self.now_ms)
        if error is None:
            for key, value in outcome.records:
                self.log.append((key, value))
                self.shard.replay(key, value, None, self.now_ms)
        for complete in outcome.completions:
            complete(error)
        return outcome.value

    @property
    def has_only_flexible_records(self) -> bool:
        """Whether the last record of each id says all of it: those of level 0 do not."""
        last = dict(self.log)
        return all(value is None or value[:2] == b"\0\1" for value in last.values())

    def skip_epochs(self, transactional_id: str, epoch: int) -> None:
        """Let the log say that so many epochs were given out."""
        known = self.shard.known[transactional_id]._replace(producer_epoch=epoch)
        key, value = transaction_record(transactional_id, known, self.version)
        self.log.append((key, value))
        self.shard.replay(key, value, None, self.now_ms)

    # --- operations in few words

    def init(
        self, expected: ProducerIdAndEpoch | None = None, *, transactional_id: str = ID, timeout_ms: int = TIMEOUT_MS
    ) -> ProducerIdAndEpoch | None:
        request = InitRequest(transactional_id=transactional_id, timeout_ms=timeout_ms, expected=expected)
        return self.run(lambda shard, now_ms: shard.init_producer_id(request, now_ms))

    def begin(self, *, transactional_id: str = ID, timeout_ms: int = TIMEOUT_MS) -> ProducerIdAndEpoch:
        """A producer of the id, known from now on."""
        producer = self.init(transactional_id=transactional_id, timeout_ms=timeout_ms)
        assert producer is not None
        return producer

    def add(
        self, producer: ProducerIdAndEpoch, *numbers: int, topic: str = "t", client_version: int = 0, transactional_id: str = ID
    ) -> None:
        partitions = {topic: frozenset(numbers)} if numbers else {}
        self.run(lambda shard, now_ms: shard.add_partitions(transactional_id, producer, partitions, client_version, now_ms))

    def end(self, producer: ProducerIdAndEpoch, *, commit: bool, bumps: bool, transactional_id: str = ID) -> ProducerIdAndEpoch:
        request = EndRequest(transactional_id=transactional_id, producer=producer, is_commit=commit, bumps_epoch=bumps)
        return self.run(lambda shard, now_ms: shard.end(request, now_ms))

    def write_markers(self) -> list[Ending]:
        """Every partition that is to have a marker has it."""
        written, self.markers.pending = self.markers.pending, []
        for ending in written:
            self.run(partial(_complete, ending))
        return written
