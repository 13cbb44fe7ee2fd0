"""From a frame to an answer: parse the header, find the handler, decode, run, encode.

As the reference does: an unknown API key or an unsupported version gets no answer, the connection is closed; only ApiVersions
answers UNSUPPORTED_VERSION, in version 0. A frame that does not parse closes the connection. An exception nobody expected is
logged once here, with its traceback, and answered UNKNOWN_SERVER_ERROR in the API's own form; an answer that cannot be made
or encoded closes the connection, so that the client does not wait for it.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Sequence

from kafka_compat.api.context import Answer, CloseConnection, Interception, Peer, RequestContext, Response, Services
from kafka_compat.api.handlers import HANDLERS, Handler
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import RequestHeader, encode_response, read_request_header
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.message import Message
from kafka_compat.wire.errors import WireError
from kafka_compat.wire.primitives import Part, Reader

logger = logging.getLogger(__name__)

Chunks = Sequence[Part]


class Pending:
    """An answer that is not there yet."""

    __slots__ = ("_context", "_handler", "_request", "drop_on_disconnect", "future")

    def __init__(
        self, future: asyncio.Future[Response | None], context: RequestContext, handler: Handler, request: Message
    ) -> None:
        self.future = future
        self.drop_on_disconnect = context.drop_on_disconnect
        self._context = context
        self._handler = handler
        self._request = request

    def chunks(self) -> Chunks | None:
        """The encoded answer once `future` is done; None when the request wants none.

        Raises:
            CloseConnection: the handler asked for it, or the wait was cancelled.
        """
        if self.future.cancelled():
            raise CloseConnection("the request was cancelled")
        error = self.future.exception()
        if error is None:
            return _encode(self._context, self.future.result())
        if isinstance(error, CloseConnection):
            raise error
        return _encode(self._context, _refusal(self._context, self._handler, self._request, error))

    def settle(self) -> None:
        """Look at the outcome of a request whose client has gone."""
        error = None if self.future.cancelled() else self.future.exception()
        if error is not None and not isinstance(error, CloseConnection | KafkaError):
            logger.error("request of a closed connection failed", exc_info=error)


class Dispatcher:
    """Runs requests of all connections of one broker."""

    def __init__(self, services: Services) -> None:
        self._services = services
        # The loop only keeps weak references to tasks.
        self._tasks: set[asyncio.Task[Response | None]] = set()

    def dispatch(self, frame: memoryview, peer: Peer) -> Chunks | Pending | None:
        """Begin the request in `frame`; None when it wants no answer.

        `frame` is only valid during the call: what a handler keeps of it must be copied.

        Raises:
            CloseConnection: there is no way to answer.
        """
        intercept = self._services.intercept
        if intercept is not None:
            # A request that is held back outlives its frame; produced batches are stamped in place, so a writable copy.
            frame = memoryview(bytearray(frame))
        reader = Reader(frame)
        try:
            header = read_request_header(reader)
        except WireError as error:
            raise CloseConnection(f"unreadable request header: {error}") from error
        handler = HANDLERS.get(header.api_key)
        if handler is None or not handler.min_version <= header.api_version <= handler.max_version:
            return self._refuse_version(header, peer)
        try:
            request = handler.decode(reader, header.api_version)
        except WireError as error:
            raise CloseConnection(
                f"unreadable {handler.api_key.name} v{header.api_version} request (client id {header.client_id!r}): {error}"
            ) from error
        context = RequestContext(self._services, header, peer)
        if intercept is not None and (interception := intercept(context, request)) is not None:
            return self._started(context, handler, request, self._intercepted(context, handler, request, interception))
        try:
            answer = handler.handle(context, request)
        except CloseConnection:
            raise
        except Exception as error:
            answer = _refusal(context, handler, request, error)
        return self._started(context, handler, request, answer)

    def _started(self, context: RequestContext, handler: Handler, request: Message, answer: Answer) -> Chunks | Pending | None:
        if isinstance(answer, asyncio.Future):
            return Pending(answer, context, handler, request)
        if inspect.iscoroutine(answer):
            task: asyncio.Task[Response | None] = asyncio.get_running_loop().create_task(answer)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return Pending(task, context, handler, request)
        assert not inspect.isawaitable(answer)
        return _encode(context, answer)

    async def _intercepted(
        self, context: RequestContext, handler: Handler, request: Message, what: Interception
    ) -> Response | None:
        """A fault in place of, or around, the handler; cold, so a coroutine."""
        if what.hold is not None:
            await what.hold
        if what.drop:
            return None
        if what.disconnect and not what.after_handling:
            raise CloseConnection("fault: disconnect")
        if what.delay_ms:
            await asyncio.sleep(what.delay_ms / 1000)
        if what.respond_with_error is not None:
            return handler.refuse(request, context.version, ErrorCode(what.respond_with_error), None)
        answer = handler.handle(context, request)
        response = await answer if inspect.isawaitable(answer) else answer
        if what.disconnect:
            raise CloseConnection("fault: disconnect after handling")
        return response

    def _refuse_version(self, header: RequestHeader, peer: Peer) -> Chunks:
        if header.api_key == ApiKey.API_VERSIONS:
            from kafka_compat.api.api_versions import unsupported_version

            return encode_response(ApiKey.API_VERSIONS, 0, header.correlation_id, unsupported_version())
        raise CloseConnection(
            f"unsupported api key {header.api_key} version {header.api_version} (client id {header.client_id!r})"
        )


def _encode(context: RequestContext, response: Response | None) -> Chunks | None:
    if response is None:
        return None
    header = context.header
    try:
        return encode_response(header.api_key, header.api_version, header.correlation_id, response)
    except Exception as error:
        logger.exception("the answer to %s v%d cannot be encoded", ApiKey(header.api_key).name, header.api_version)
        raise CloseConnection("its answer cannot be encoded") from error


def _refusal(context: RequestContext, handler: Handler, request: Message, error: BaseException) -> Response:
    """The API's own answer for an error that the whole request fails with.

    Raises:
        CloseConnection: not even that can be made.
    """
    if isinstance(error, KafkaError):
        error_code, message = error.error_code, error.message
    else:
        error_code, message = ErrorCode.UNKNOWN_SERVER_ERROR, None
        logger.error("%s v%d from %s failed", handler.api_key.name, context.version, context.peer.address, exc_info=error)
    try:
        return handler.refuse(request, context.version, error_code, message)
    except Exception as again:
        logger.exception("%s v%d cannot be refused", handler.api_key.name, context.version)
        raise CloseConnection("its refusal failed") from again
