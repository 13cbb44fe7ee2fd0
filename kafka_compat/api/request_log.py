"""The last requests, one line each, for whoever wants to know what clients did; off unless somebody observes with it.

It knows what surrounds a request and nothing of its body: nothing is decoded for it, and it holds no more than its entries.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from kafka_compat.api.observers import End
from kafka_compat.api.session import Session
from kafka_compat.ids import BrokerId
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message

if TYPE_CHECKING:
    from kafka_compat.api.context import RequestContext

# A client id may have 32,767 bytes.
_CLIENT_ID_CHARACTERS: Final = 200


class LoggedRequest(NamedTuple):
    """A request that has ended.

    Attributes:
        number: of all that were logged, from 0.
        ended_ms: since the Unix epoch, on the broker's clock.
        session: of its connection, which may have changed since.
        client_id: its first 200 characters.
        request_bytes, answer_bytes: of the frames, without the length in front.
        queue_ns: how long it waited for its turn, counted from the newest bytes of its connection: the least that it was.
        duration_ns: from its turn to its answer.
    """

    number: int
    ended_ms: int
    broker: BrokerId
    session: Session
    api_key: ApiKey
    api_version: int
    correlation_id: int
    client_id: str | None
    request_bytes: int
    answer_bytes: int
    queue_ns: int
    duration_ns: int
    end: End


class RequestLog:
    """Keeps the last requests of the brokers that it observes, in the order they ended.

    Args:
        size: how many.
    """

    def __init__(self, size: int) -> None:
        self._entries: deque[LoggedRequest] = deque(maxlen=size)
        self._logged = 0

    def ended(self, context: RequestContext, end: End, answer_bytes: int, duration_ns: int, response: Message | None) -> None:
        """Log a request."""
        header = context.header
        client_id = header.client_id
        self._entries.append(
            LoggedRequest(
                number=self._logged,
                ended_ms=context.services.clock.wall_ms(),
                broker=context.services.node_id,
                session=context.session,
                api_key=ApiKey(header.api_key),
                api_version=header.api_version,
                correlation_id=header.correlation_id,
                client_id=None if client_id is None else client_id[:_CLIENT_ID_CHARACTERS],
                request_bytes=context.size_in_bytes,
                answer_bytes=answer_bytes,
                queue_ns=context.queue_ns,
                duration_ns=duration_ns,
                end=end,
            )
        )
        self._logged += 1

    def entries(self) -> list[LoggedRequest]:
        """What is kept, the oldest first."""
        return list(self._entries)
