"""Answers that are broken on the way: for how clients stand what no broker means to send."""

from __future__ import annotations

from struct import Struct
from typing import Any, Final, Literal, get_args

from kafka_compat.api.interception import ClosedByFault, Encoded, Outcome
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.fetch import FetchResponse
from kafka_compat.testing.action import Action
from kafka_compat.testing.arguments import seconds as checked_seconds
from kafka_compat.testing.hits import Hit
from kafka_compat.testing.named import Names, copy_of
from kafka_compat.wire.framing import SIZE_LENGTH
from kafka_compat.wire.types import join_parts

Kind = Literal["crc", "truncate", "correlation_id", "drip", "partial"]

_SIZE: Final = Struct(">i")
_CORRELATION_ID: Final = Struct(">i")
# In the header of a batch (DefaultRecordBatch).
_CRC_AT: Final = 17
_BATCH_HEADER_BYTES: Final = 61
# A drip is in so many pieces at most.
_MOST_PIECES: Final = 50


class _Corrupt(Action):
    def __init__(self, kind: Kind, seconds: float) -> None:
        self._kind = kind
        self._seconds = seconds
        self.name = f"corrupt({kind!r})"
        self.only_for = frozenset({int(ApiKey.FETCH)}) if kind == "crc" else None
        # Not every answer to a fetch has records.
        self.counts_late = kind == "crc"

    async def act(self, hit: Hit) -> Outcome:
        response = await hit.work()
        if response is None:
            return None
        if self._kind == "crc":
            return _with_wrong_crc(hit, response)
        frame = bytearray(hit.taken.encode(response))
        match self._kind:
            case "truncate":
                # The client reads all of the frame and misses the end of the answer in it.
                del frame[SIZE_LENGTH + max(_CORRELATION_ID.size, (len(frame) - SIZE_LENGTH) // 2) :]
                _SIZE.pack_into(frame, 0, len(frame) - SIZE_LENGTH)
            case "correlation_id":
                (correlation_id,) = _CORRELATION_ID.unpack_from(frame, SIZE_LENGTH)
                _CORRELATION_ID.pack_into(frame, SIZE_LENGTH, correlation_id ^ 0x4000_0000)
            case "partial":
                hit.taken.send(bytes(frame[: len(frame) // 2]))
                raise ClosedByFault(f"fault: {self.name}")
            case "drip":
                size = -(-len(frame) // _MOST_PIECES)
                pause_s = self._seconds / -(-len(frame) // size)
                while len(frame) > size:
                    hit.taken.send(bytes(frame[:size]))
                    del frame[:size]
                    await hit.pause(pause_s)
        return Encoded((bytes(frame),))


def corrupt(kind: Kind, *, seconds: float = 1.0) -> Action:
    """Carry the request out, and break its answer.

    Args:
        kind: "crc" gives the first batch of each partition fetched a wrong CRC (of the fault's `topic` and `partition`; only
            answers with records count as hits); "truncate" leaves the end of the answer out of a frame that says so;
            "correlation_id" answers another request than the one sent; "drip" sends the frame in fifty pieces; "partial" sends
            half of it and closes the connection.
        seconds: how long a drip takes.

    Raises:
        ValueError: there is no such kind.
    """
    if kind not in get_args(Kind):
        raise ValueError(f"an answer is corrupted by one of {', '.join(map(repr, get_args(Kind)))}, not by {kind!r}")
    return _Corrupt(kind, checked_seconds("seconds", seconds))


def _with_wrong_crc(hit: Hit, response: Message) -> Message:
    assert isinstance(response, FetchResponse)
    is_hit = False
    topics = []
    for topic in response.responses:
        partitions: list[Any] = []
        for partition in topic.partitions:
            names = Names(topic=topic.topic or None, topic_id=bytes(topic.topic_id), partition=partition.partition_index)
            broken = _broken(partition.records) if hit.is_about(names) else None
            is_hit |= broken is not None
            partitions.append(partition if broken is None else copy_of(partition, {"records": broken}))
        topics.append(copy_of(topic, {"partitions": partitions}))
    if not is_hit:
        return response
    hit.count()
    return copy_of(response, {"responses": topics})


def _broken(records: Any) -> bytearray | None:
    if records is None:
        return None
    batches = bytearray(join_parts(records) if isinstance(records, list | tuple) else records)
    if len(batches) < _BATCH_HEADER_BYTES:
        return None
    batches[_CRC_AT] ^= 0xFF
    return batches
