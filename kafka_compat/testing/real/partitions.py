"""Partitions as a client sees them: offsets by ListOffsets, batches by Fetch, and what became of their transactions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Final

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.metadata import MetadataResponseTopic
from kafka_compat.records.batch import iter_batches, parse_header
from kafka_compat.records.control import end_transaction_marker
from kafka_compat.testing.log_reading import records_of
from kafka_compat.testing.real.connections import Connections, raise_for, settled
from kafka_compat.testing.views import Isolation, Record, Transactional
from kafka_compat.wire.types import Buffer

EARLIEST: Final = -2
LATEST: Final = -1
_FETCH_BYTES: Final = 8 * 1024 * 1024
# The last version that names topics.
_FETCH_VERSION: Final = 12


class Partitions:
    """Reads partitions where they are led."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def led(self, name: str) -> MetadataResponseTopic | None:
        """A topic all of whose partitions have a leader, as far as they will have one soon; None for no topic."""

        async def look() -> MetadataResponseTopic | None:
            topic = await self._connections.topic(name)
            for partition in () if topic is None else topic.partitions:
                if partition.leader_id < 0:
                    raise KafkaError(
                        ErrorCode.LEADER_NOT_AVAILABLE, f"nobody leads {name}-{partition.partition_index} at the moment"
                    )
            return topic

        return await settled(look)

    async def leader(self, name: str, partition: int) -> int:
        """The node id of a partition's leader.

        Raises:
            KafkaError: UNKNOWN_TOPIC_OR_PARTITION.
        """
        topic = await self.led(name)
        for each in () if topic is None else topic.partitions:
            if each.partition_index == partition:
                return each.leader_id
        raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"there is no partition {name}-{partition}")

    async def offsets(self, name: str, timestamp: int, *, committed: bool = False) -> dict[int, int]:
        """The offset at a timestamp (`EARLIEST`, `LATEST`) by partition; LATEST up to the last stable offset if `committed`."""

        async def look() -> dict[int, int]:
            topic = await self.led(name)
            leaders: defaultdict[int, list[int]] = defaultdict(list)
            for partition in () if topic is None else topic.partitions:
                leaders[partition.leader_id].append(partition.partition_index)
            found: dict[int, int] = {}
            for leader, numbers in leaders.items():
                asked = [ListOffsetsPartition(partition_index=number, timestamp=timestamp) for number in numbers]
                request = ListOffsetsRequest(
                    replica_id=-1, isolation_level=int(committed), topics=[ListOffsetsTopic(name=name, partitions=asked)]
                )
                answer = await self._connections.ask(leader, request, ListOffsetsResponse)
                for each in answer.topics[0].partitions:
                    raise_for(each.error_code)
                    found[each.partition_index] = each.offset
            return dict(sorted(found.items()))

        return await settled(look)

    async def batches(self, name: str, partition: int, start_offset: int, end_offset: int) -> AsyncIterator[bytes]:
        """The batches that reach into [start_offset, end_offset), byte for byte."""
        offset = start_offset
        while offset < end_offset:
            stored = await settled(lambda offset=offset: self._fetch(name, partition, offset))  # type: ignore[misc]
            for position, size in iter_batches(stored):
                header = parse_header(stored, position)
                if header.base_offset >= end_offset:
                    return
                offset = header.next_offset
                yield stored[position : position + size]
            if not stored:
                return

    async def records(self, name: str, partition: int, isolation: Isolation, *, start_offset: int = 0) -> list[Record]:
        """The records of a partition, and no control records; "all" are those below the high watermark."""
        start = max(start_offset, (await self.offsets(name, EARLIEST))[partition])
        stable = (await self.offsets(name, LATEST, committed=True))[partition]
        end = stable if isolation == "committed" else (await self.offsets(name, LATEST))[partition]
        batches = [batch async for batch in self.batches(name, partition, start, end)]
        return [
            record
            for record in decided(batches, name, partition, stable)
            if start <= record.offset < end and not (isolation == "committed" and record.transaction == "aborted")
        ]

    async def _fetch(self, name: str, partition: int, offset: int) -> bytes:
        leader = await self.leader(name, partition)
        asked = FetchPartition(partition=partition, fetch_offset=offset, partition_max_bytes=_FETCH_BYTES)
        request = FetchRequest(
            replica_id=-1,
            max_wait_ms=0,
            min_bytes=0,
            max_bytes=_FETCH_BYTES,
            session_epoch=-1,
            topics=[FetchTopic(topic=name, partitions=[asked])],
        )
        answer = await self._connections.ask(leader, request, FetchResponse, highest=_FETCH_VERSION)
        raise_for(answer.error_code)
        (found,) = answer.responses[0].partitions
        raise_for(found.error_code)
        records = found.records or b""
        assert isinstance(records, Buffer)  # as decoding gives it
        return bytes(records)


def decided(batches: Iterable[bytes], name: str, partition: int, stable_offset: int) -> Iterator[Record]:
    """The records of a partition's batches, each with what became of its transaction.

    A producer's next marker decides; where compaction has taken it away, what lies before the last stable offset is committed.
    """
    read = [(parse_header(batch), batch) for batch in batches]
    outcomes: dict[int, Transactional] = {}
    undecided: defaultdict[int, list[int]] = defaultdict(list)
    for header, batch in read:
        marker = end_transaction_marker(header, batch, 0)
        if marker is not None:
            for earlier in undecided.pop(header.producer_id, ()):
                outcomes[earlier] = "committed" if marker.is_commit else "aborted"
        elif header.is_transactional:
            undecided[header.producer_id].append(header.base_offset)
    for header, batch in read:
        if header.is_control:
            continue
        presumed: Transactional = "committed" if header.base_offset < stable_offset else "open"
        transaction = outcomes.get(header.base_offset, presumed) if header.is_transactional else "none"
        yield from records_of(name, partition, header, batch, transaction)
