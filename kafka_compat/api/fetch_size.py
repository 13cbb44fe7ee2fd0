"""How large an answer to a fetch will be, before it is made: what consumer_byte_rate counts (Kafka: `FetchResponse.sizeOf`)."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from kafka_compat.log.fetch_session import WantedPartition
from kafka_compat.log.reading import PartitionRead
from kafka_compat.protocol.messages.fetch import FetchableTopicResponse, FetchResponse, PartitionData
from kafka_compat.wire.primitives import Writer

_SIZE_LENGTH: Final = 4


class _Parts(NamedTuple):
    """Bytes of an answer without anything in it, and of a topic and a partition that have no name and no records."""

    answer: int
    topic: int
    partition: int


class AnswerSize:
    """The size of an answer's body, within a few bytes, as it is told of one partition after the other.

    Args:
        version: of the answer.
        is_incremental: whether partitions without news are left out.

    Attributes:
        size_in_bytes: with all that it has been told of.
    """

    def __init__(self, version: int, is_incremental: bool) -> None:
        self._parts = _parts(version)
        self._is_incremental = is_incremental
        self._topic: str | bytes | None = None
        self.size_in_bytes = _SIZE_LENGTH + self._parts.answer

    def add(self, wanted: WantedPartition, read: PartitionRead) -> None:
        """What was read of a partition; those of a topic come together."""
        chunk = read.chunk
        if chunk is not None:
            self.size_in_bytes += chunk.size_in_bytes
        elif self._is_incremental and read.log is not None and wanted.answered_high_watermark == read.high_watermark:
            return
        parts = self._parts
        self.size_in_bytes += parts.partition
        name = wanted.key[0]
        if name != self._topic:
            self._topic = name
            self.size_in_bytes += parts.topic + (len(name) if isinstance(name, str) else 0)


@cache
def _parts(version: int) -> _Parts:
    partition = PartitionData(partition_index=0, high_watermark=0, aborted_transactions=None, records=b"")
    empty = _size(FetchResponse(), version)
    topic = _size(FetchResponse(responses=[FetchableTopicResponse(partitions=[])]), version)
    whole = _size(FetchResponse(responses=[FetchableTopicResponse(partitions=[partition])]), version)
    return _Parts(empty, topic - empty, whole - topic)


def _size(response: FetchResponse, version: int) -> int:
    writer = Writer()
    response.encode(writer, version)
    return writer.size
