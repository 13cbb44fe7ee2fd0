"""Writes down what clients ask: a book for all brokers of a cluster, and a recorder in each.

Brokers write on their event loop, and any thread reads. Every request pays for it: what is written is a copy of the bytes and a
handful of numbers, and only a request of which something was refused is looked into, as that can only be told at that moment.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from kafka_compat.api.answer_errors import has_errors
from kafka_compat.api.observers import End
from kafka_compat.testing.request import Request
from kafka_compat.testing.request_bodies import keep_answer, keep_request

if TYPE_CHECKING:
    from kafka_compat.api.context import RequestContext, Services
    from kafka_compat.api.session import Session
    from kafka_compat.protocol.message import Message
    from kafka_compat.testing.refusals import Refusal
    from kafka_compat.wire.primitives import Part

_MOST_REQUESTS: Final = 20_000
_MOST_BYTES: Final = 32 << 20
_MOST_CLOSED: Final = 1_000


class ClosedConnection(NamedTuple):
    """A connection that a broker has closed for what came through it.

    Attributes:
        at_ms: since the Unix epoch, by the broker's clock.
        broker: node id.
        session: of the connection.
        reason: in words.
    """

    at_ms: int
    broker: int
    session: Session
    reason: str


class RequestBook:
    """Requests under way and those that have ended, and who waits for more.

    Attributes:
        names: of topics by their ids, of deleted ones too.
        dropped: how many were dropped since it was cleared, as there were too many.
    """

    def __init__(self) -> None:
        self.names: dict[bytes, str] = {}
        self.dropped = 0
        self._changed = threading.Condition(threading.Lock())
        self._waiting = 0
        self._events = 0
        self._began = 0
        self._ended_ever = 0
        self._ended: deque[Request] = deque()
        self._under_way: dict[int, Request] = {}  # by the ids of their contexts, which they keep
        self._closed: deque[ClosedConnection] = deque(maxlen=_MOST_CLOSED)
        self._kept_bytes = 0

    # --- read in any thread

    def __len__(self) -> int:
        return len(self._ended)

    def ended(self) -> list[Request]:
        """In the order they ended."""
        with self._changed:
            return list(self._ended)

    def ended_since(self, count: int) -> tuple[list[Request], int]:
        """Those that ended, and are kept, after `count` had ended; and how many have ended now."""
        with self._changed:
            kept = len(self._ended)
            fresh = min(self._ended_ever - count, kept)
            return list(islice(self._ended, kept - fresh, kept)), self._ended_ever

    def under_way(self) -> list[Request]:
        """In the order they began."""
        with self._changed:
            return list(self._under_way.values())

    def closed(self) -> list[ClosedConnection]:
        """In the order they were closed."""
        with self._changed:
            return list(self._closed)

    def clear(self) -> None:
        """Forget what has ended."""
        with self._changed:
            self._ended.clear()
            self._closed.clear()
            self._kept_bytes = self.dropped = 0

    def wait_until(self, is_so: Callable[[], bool], timeout_s: float) -> bool:
        """See `RequestLog.wait_until`."""
        deadline_s = time.monotonic() + timeout_s
        with self._changed:
            self._waiting += 1
        try:
            while True:
                before = self._events
                if is_so():
                    return True
                with self._changed:
                    while before == self._events:
                        left_s = deadline_s - time.monotonic()
                        if left_s <= 0:
                            return False
                        self._changed.wait(left_s)
        finally:
            with self._changed:
                self._waiting -= 1

    # --- written on the brokers' loop

    def begin(self, context: RequestContext, frame: memoryview) -> None:
        """A request is under way."""
        request = Request(context, number=self._began, frame=keep_request(context.header, frame), names=self.names)
        self._began += 1
        with self._changed:
            self._under_way[id(context)] = request

    def begun(self, context: RequestContext) -> Request | None:
        """The request of a context that is under way; None when it began before it was recorded."""
        return self._under_way.get(id(context))

    def end(self, context: RequestContext, request: Request) -> None:
        """It has ended."""
        with self._changed:
            del self._under_way[id(context)]
            ended = self._ended
            ended.append(request)
            self._ended_ever += 1
            self._kept_bytes += request.kept_bytes
            while len(ended) > _MOST_REQUESTS or (self._kept_bytes > _MOST_BYTES and len(ended) > 1):
                self._kept_bytes -= ended.popleft().kept_bytes
                self.dropped += 1
            self._happened()

    def close(self, closed: ClosedConnection) -> None:
        """A connection is closed; if that is how a request ended, the request knows why."""
        from kafka_compat.testing.refusals import Refusal

        with self._changed:
            for request in reversed(self._ended):
                if request.session is closed.session:
                    if request.end is End.CLOSED and not request.refusals:
                        request.refusals = (Refusal("", "", closed.reason),)
                    break
            self._closed.append(closed)
            self._happened()

    def disconnect(self) -> None:
        """A connection has ended, however."""
        with self._changed:
            self._happened()

    def _happened(self) -> None:
        self._events += 1
        if self._waiting:
            self._changed.notify_all()


class RequestRecorder:
    """Writes down what comes to one broker; see `api.observers.Recorder`."""

    def __init__(self, book: RequestBook, services: Services) -> None:
        self._book = book
        self._services = services
        self.began = book.begin

    def ended(
        self,
        context: RequestContext,
        end: End,
        answer: Sequence[Part] | None,
        answer_bytes: int,
        duration_ns: int,
        response: Message | None,
    ) -> None:
        """Write down how a request ended, and what was refused."""
        request = self._book.begun(context)
        if request is None:
            return
        refusals: tuple[Refusal, ...] = ()
        kept: bytes | None = None
        try:
            if answer is not None:
                kept = keep_answer(context.header, answer, answer_bytes, response)
            if response is not None and has_errors(response):
                from kafka_compat.testing.refusals import refusals_of

                refusals = refusals_of(request, response, self._services)
        finally:
            request.ended(end, self._services.clock.wall_ms(), duration_ns, kept, answer_bytes, refusals)
            self._book.end(context, request)

    def refused(self, session: Session, reason: str) -> None:
        """Write down why a connection is closed."""
        now_ms = self._services.clock.wall_ms()
        self._book.close(ClosedConnection(now_ms, int(self._services.node_id), session, reason))

    def disconnected(self, session: Session) -> None:
        """Tell who waits that a connection is gone."""
        self._book.disconnect()
