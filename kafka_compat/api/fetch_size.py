"""How large an answer to a fetch will be, before it is made: what consumer_byte_rate counts (Kafka: `FetchResponse.sizeOf`)."""

from __future__ import annotations

from collections.abc import Sequence
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


def answer_bytes(
    version: int, wanted: Sequence[WantedPartition], reads: Sequence[PartitionRead], *, is_incremental: bool
) -> int:
    """The answer's body with what was read, within a few bytes.

    Args:
        version: of the answer.
        wanted: all partitions.
        reads: what was read of each.
        is_incremental: whether partitions without news are left out.
    """
    parts = _parts(version)
    size = _SIZE_LENGTH + parts.answer
    topic: str | bytes | None = None
    for each, read in zip(wanted, reads, strict=True):
        chunk = read.chunk
        if chunk is not None:
            size += chunk.size_in_bytes
        elif is_incremental and read.log is not None and each.answered_high_watermark == read.high_watermark:
            continue
        size += parts.partition
        name = each.key[0]
        if name != topic:
            topic = name
            size += parts.topic + (len(name) if isinstance(name, str) else 0)
    return size


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
