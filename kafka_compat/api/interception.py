"""What stands between a decoded request and its handler when faults are put in: it has the request, and acts in its place.

`Services.intercept` is asked for each request, and None as long as there is no fault. What it returns runs as the request's
task, one request of a connection at a time, as behind any handler that waits; a request that waits for a fault holds up only
what its own client sent behind it.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from kafka_compat.api.context import CloseConnection, RequestContext, Response
from kafka_compat.protocol.envelope import encode_response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.wire.primitives import Part
from kafka_compat.wire.types import join_parts

if TYPE_CHECKING:
    from kafka_compat.api.table import Handler

Chunks = Sequence[Part]


class Encoded:
    """An answer that is encoded already."""

    __slots__ = ("chunks",)

    def __init__(self, chunks: Chunks) -> None:
        self.chunks = chunks


Outcome = Response | Encoded | None


class ClientGone(Exception):
    """The client has ended the connection while its request waited."""


class ClosedByFault(CloseConnection):
    """The connection is closed because a test wants it so."""

    log_level = logging.INFO


class Intercepted:
    """A request that is taken, and what can be done with it.

    Attributes:
        context: of the request.
        request: it stays as it is for as long as it is wanted.
    """

    __slots__ = ("_handler", "_stopping", "context", "request")

    def __init__(
        self, context: RequestContext, handler: Handler[Any], request: Message, stopping: asyncio.Future[None]
    ) -> None:
        self.context = context
        self.request: Final = request
        self._handler = handler
        self._stopping = stopping

    async def work(self, request: Message | None = None) -> Response | None:
        """What the handler answers, None when nothing is wanted; to `request` in place of the client's own if one is given.

        All of the answer is in memory, so that it may be thrown away.
        """
        session = self.context.session
        takes_regions, session.takes_regions = session.takes_regions, False
        try:
            answer = self._handler.handle(self.context, self.request if request is None else request)
            response: Response | None = await answer if inspect.isawaitable(answer) else answer
            return response
        finally:
            session.takes_regions = takes_regions

    def refuse(self, error_code: ErrorCode, message: str | None = None, request: Message | None = None) -> Response:
        """The API's own answer when all of the request, or of another one of this API, has failed."""
        return self._handler.refuse(self.request if request is None else request, self.context.version, error_code, message)

    def encode(self, response: Response) -> bytes:
        """The frame of an answer, with its length."""
        header = self.context.header
        return join_parts(encode_response(header.api_key, header.api_version, header.correlation_id, response))

    def send(self, piece: bytes) -> None:
        """Send bytes behind the answers so far, whatever they are; nothing happens when the client is gone."""
        send = self.context.session.send
        if send is not None:
            send(piece)

    async def wait(self, over: asyncio.Future[None], *, outlives_client: bool = False) -> None:
        """Wait until `over` is done.

        Args:
            over: when to go on.
            outlives_client: whether it goes on when the client has ended the connection.

        Raises:
            ClientGone: the client has ended it before.
            ClosedByFault: the broker stops.
        """
        session, place = self.context.session, self.context.place
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        ends = {over, self._stopping}
        if not outlives_client:
            ends.add(gone)
            session.when_ended = partial(set_done, gone)
            if session.is_gone or session.sends_no_more:
                set_done(gone)
        if place is not None:
            place.leave()  # other wide requests go on meanwhile
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            session.when_ended = None
        if not over.done():
            raise ClosedByFault("the broker is stopping") if self._stopping.done() else ClientGone
        if place is not None:
            await place.enter()


def set_done(future: asyncio.Future[None]) -> None:
    """Let go on who waits for a future, if that is not over."""
    if not future.done():
        future.set_result(None)


# Acts in place of, or around, the handler. What it raises is answered as what a handler raises; ClientGone drops the request.
Interception = Callable[[Intercepted], Coroutine[Any, Any, Outcome]]
# Is asked for each decoded request, which is only valid during the call; None lets it pass.
Intercept = Callable[[RequestContext, Message], Interception | None]
