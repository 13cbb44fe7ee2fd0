"""Brokers that keep nothing: for how fast a client produces and consumes, with the broker's work left out."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Any, Final

from kafka_compat.api.interception import Outcome
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import ZERO_UUID
from kafka_compat.protocol.messages.fetch import FetchableTopicResponse, FetchRequest, FetchResponse, PartitionData
from kafka_compat.protocol.messages.produce import ProduceRequest, ProduceResponse
from kafka_compat.records.batch import BASE_OFFSET, HEADER_SIZE, RECORD_COUNT
from kafka_compat.records.builder import build_batch
from kafka_compat.testing.action import Action
from kafka_compat.testing.arguments import whole_number
from kafka_compat.testing.hits import Hit
from kafka_compat.testing.matching import topic_name
from kafka_compat.testing.named import Names, copy_of
from kafka_compat.wire.types import join_parts

_OFFSET: Final = Struct(">q")
_COUNT: Final = Struct(">i")

# Name and id: an answer has one of them.
_Topic = tuple[str, bytes]


class _Blackhole(Action):
    name = "blackhole"
    only_for = frozenset({int(ApiKey.PRODUCE)})

    def __init__(self) -> None:
        self._next_offsets: dict[tuple[_Topic, int], int] = {}

    async def act(self, hit: Hit) -> Outcome:
        request = hit.taken.request
        assert isinstance(request, ProduceRequest)
        counts = {
            ((topic.name, bytes(topic.topic_id)), partition.index): _records_in(partition.records)
            for topic in request.topic_data
            for partition in topic.partition_data
        }
        response = await hit.refuse(ErrorCode.NONE, None)
        if response is None or request.acks == 0:
            return None
        assert isinstance(response, ProduceResponse)
        topics = []
        for topic in response.responses:
            partitions: list[Any] = []
            for partition in topic.partition_responses:
                key = (topic.name, bytes(topic.topic_id)), partition.index
                names = Names(topic=topic.name or None, topic_id=bytes(topic.topic_id), partition=partition.index)
                if hit.is_about(names):
                    offset = self._next_offsets.get(key, 0)
                    self._next_offsets[key] = offset + counts.get(key, 0)
                    partitions.append(copy_of(partition, {"base_offset": offset, "log_start_offset": 0}))
                else:
                    partitions.append(partition)
            topics.append(copy_of(topic, {"partition_responses": partitions}))
        return copy_of(response, {"responses": topics})


def blackhole() -> Action:
    """Acknowledge what is produced, and keep nothing: offsets rise from 0, and nothing is there to be consumed.

    Sequences of idempotent producers are not looked at. For "Produce", with `times=None`.
    """
    return _Blackhole()


def _records_in(records: Any) -> int:
    if records is None:
        return 0
    batch = join_parts(records) if isinstance(records, list | tuple) else records
    return int(_COUNT.unpack_from(batch, RECORD_COUNT)[0]) if len(batch) >= HEADER_SIZE else 0


class _Endless(Action):
    name = "endless"
    only_for = frozenset({int(ApiKey.FETCH)})

    def __init__(self, value_bytes: int, records: int) -> None:
        self._records = records
        self._batch = build_batch([(0, None, bytes(value_bytes), ())] * records)

    async def act(self, hit: Hit) -> Outcome:
        """All that the request asks for is answered; what the fault is about with these records, as far as there is room."""
        taken = hit.taken
        request = taken.request
        assert isinstance(request, FetchRequest)
        response = await taken.work(copy_of(request, {"max_wait_ms": 0}))
        if response is None:
            return None
        assert isinstance(response, FetchResponse)
        image = taken.context.services.image
        topics: dict[_Topic, dict[int, PartitionData]] = {}
        for answered in response.responses:
            by_number = {partition.partition_index: partition for partition in answered.partitions}
            topics[answered.topic, bytes(answered.topic_id)] = by_number
        room = request.max_bytes
        for topic, partition, offset, max_bytes in _wanted(hit, request, response.session_id):
            names = Names(topic=topic[0] or None, topic_id=topic[1], partition=partition)
            if topic_name(names, image) not in image.topics or not hit.is_about(names):
                continue
            records = self._from(offset, min(room, max_bytes))
            room -= len(records)
            end = offset + len(records) // len(self._batch) * self._records
            topics.setdefault(topic, {})[partition] = PartitionData(
                partition_index=partition, high_watermark=end, last_stable_offset=end, log_start_offset=0, records=records
            )
        responses = [
            FetchableTopicResponse(topic=name, topic_id=topic_id, partitions=list(partitions.values()))
            for (name, topic_id), partitions in topics.items()
        ]
        return copy_of(response, {"responses": responses})

    def _from(self, offset: int, room: int) -> bytearray:
        """Whole batches from an offset on: one at least, and no more than there is room for."""
        found = bytearray()
        while not found or len(found) + len(self._batch) <= room:
            at = len(found)
            found += self._batch
            _OFFSET.pack_into(found, at + BASE_OFFSET, offset)
            offset += self._records
        return found


def _wanted(hit: Hit, request: FetchRequest, session_id: int) -> Iterator[tuple[_Topic, int, int, int]]:
    """Topic, partition, offset and most bytes of each partition that is asked for: of a session also those not repeated."""
    session = hit.taken.context.services.fetch_sessions.get(session_id)
    if session is None:
        for topic in request.topics:
            for partition in topic.partitions:
                name = topic.topic, bytes(topic.topic_id)
                yield name, partition.partition, partition.fetch_offset, partition.partition_max_bytes
        return
    for wanted in list(session.partitions.values()):
        topic_of, number = wanted.key
        name = (topic_of, ZERO_UUID) if isinstance(topic_of, str) else ("", topic_of)
        yield name, number, wanted.fetch_offset, wanted.partition_max_bytes


def endless(*, value_bytes: int = 100, records: int = 1000) -> Action:
    """Answer fetches with records that nobody wrote, from whatever offset on, as many as the client takes.

    The log and its end stay as they are. For "Fetch", with `times=None`.

    Args:
        value_bytes: size of each value, all of it zeros.
        records: how many are in a batch.
    """
    return _Endless(whole_number("value_bytes", value_bytes, 0), whole_number("records", records, 1))
