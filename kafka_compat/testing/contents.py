"""What is in a cluster, apart from it: changes of its metadata and the batches of its logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kafka_compat.ids import BrokerId
from kafka_compat.metadata.changes import (
    BrokerFenced,
    BrokerIncarnation,
    BrokerRegistered,
    BrokerUnregistered,
    Change,
    ClusterCreated,
    ControllerMoved,
    PartitionChanged,
    ProducerIdsReserved,
    TopicCreated,
)
from kafka_compat.metadata.metadata_log import MetadataLog, encode_changes
from kafka_compat.records.batch import iter_batches, parse_header
from kafka_compat.server.cluster_state import ClusterState
from kafka_compat.storage.interface import LogId, LogPolicy, LogStore

_READ_BYTES: Final = 1 << 20
_CHANGES_AT_ONCE: Final = 1_000
# What belongs to a run of a cluster, or to the cluster itself, and not to what is in it.
_OF_A_RUN: Final = (
    BrokerFenced,
    BrokerIncarnation,
    BrokerRegistered,
    BrokerUnregistered,
    ClusterCreated,
    ControllerMoved,
)


@dataclass(frozen=True, slots=True)
class StoredLog:
    """The log of one partition.

    Attributes:
        log_id: topic, partition and topic id.
        start_offset: of the first record that counts.
        end_offset: after the last one.
        batches: whole ones, one behind the other; the first may begin below `start_offset`.
    """

    log_id: LogId
    start_offset: int
    end_offset: int
    batches: bytes


@dataclass(frozen=True, slots=True)
class Contents:
    """All that is in a cluster: topics, records, groups' offsets, transactions, configs.

    Attributes:
        changes: that rebuild the image of its metadata, without brokers and without its id.
        logs: of partitions that are not as they were made.
    """

    changes: Sequence[Change]
    logs: Sequence[StoredLog]

    @property
    def brokers(self) -> list[BrokerId]:
        """Brokers that replicas are on, or that have configs of their own."""
        found: set[BrokerId] = set()
        for change in self.changes:
            if isinstance(change, TopicCreated):
                found.update(*change.assignments)
            elif isinstance(change, PartitionChanged):
                found.update(change.replicas)
        return sorted(found)

    @property
    def next_producer_id(self) -> int:
        """Producer ids below it may have been given out."""
        return max((each.next_producer_id for each in self.changes if isinstance(each, ProducerIdsReserved)), default=0)


async def read_contents(state: ClusterState) -> Contents:
    """What is in a cluster at one moment: what comes while its logs are read is not in it."""
    changes = [change for change in state.controller.image.snapshot() if not isinstance(change, _OF_A_RUN)]
    logs = [(log, log.log_start_offset, log.log_end_offset) for log in state.logs.logs]
    stored = []
    for log, start, end in sorted(logs, key=lambda entry: entry[0].log_id):
        if not end:
            continue
        batches = bytearray()
        position = start
        while position < end:
            chunk = await log.storage.read(position, end, _READ_BYTES, min_one=True)
            try:
                if not chunk.size_in_bytes:
                    break
                for buffer in chunk.buffers:
                    batches += buffer
                position = chunk.next_offset
            finally:
                chunk.close()
        stored.append(StoredLog(log.log_id, start, end, bytes(batches)))
    return Contents(changes, stored)


async def write_contents(
    store: LogStore, metadata: MetadataLog, contents: Contents, beginning: Sequence[Change], raise_epochs_by: int, now_ms: int
) -> None:
    """Put it into a store that is new, whose cluster begins with `beginning`.

    Leader epochs rise by so much: a client that knows what was there before sees a new term.
    """
    changes = [*beginning, *contents.changes, BrokerIncarnation(1, raise_epochs_by)]
    for first in range(0, len(changes), _CHANGES_AT_ONCE):
        batch = encode_changes(changes[first : first + _CHANGES_AT_ONCE], now_ms)
        await metadata.commit(batch, metadata.seen_offset, now_ms)
    for stored in contents.logs:
        await _write_log(store, stored, now_ms)


async def _write_log(store: LogStore, stored: StoredLog, now_ms: int) -> None:
    await store.create(stored.log_id, 0)
    log = await store.open(stored.log_id, 0, LogPolicy())
    # Where batches are gone for good, and not only compacted away, the log begins later; its first batch may reach below.
    begins_at = min(stored.start_offset, parse_header(stored.batches).base_offset) if stored.batches else stored.end_offset
    if begins_at:
        await log.truncate_fully_and_start_at(begins_at)
    for position, size in iter_batches(stored.batches):
        header = parse_header(stored.batches, position)
        batch = stored.batches[position : position + size]
        last_offset = header.base_offset + header.last_offset_delta
        log.append(batch, header.base_offset, last_offset, header.max_timestamp_ms, now_ms)
    if stored.start_offset > begins_at:
        await log.advance_start(stored.start_offset)
