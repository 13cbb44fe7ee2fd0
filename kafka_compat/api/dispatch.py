"""From a frame to an answer: parse the header, find the handler, decode, run, encode.

As the reference does: an unknown API key or an unsupported version gets no answer, the connection is closed; only ApiVersions
answers UNSUPPORTED_VERSION, in version 0. A frame that does not parse closes the connection. An exception nobody expected is
logged once here, with its traceback, and answered UNKNOWN_SERVER_ERROR in the API's own form; an answer that cannot be made
or encoded closes the connection, so that the client does not wait for it.

Wide requests. A message is decoded and encoded here as long as it has few array elements, which is known before it is paid for;
one with more is left to a thread, and a few of these at a time are under way, from decoding to encoding, so that they cannot
fill the memory together. So are a few wide answers to small requests, from their first slice to encoding: an answer is ten
times as large before it is encoded. Above `MAX_REQUEST_ELEMENTS` and `MAX_ANSWER_ELEMENTS` or `MAX_ANSWER_BYTES` the connection
is closed (Kafka 4.4 draws a similar line, CVE-2026-111108). What a handler does with a wide request is paced, see `pacing.py`.

Clients that are gone. A request that only looks is not begun, or is cancelled; a wide answer to any other is not encoded.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Coroutine
from functools import partial
from time import monotonic_ns, thread_time_ns
from types import ModuleType
from typing import Any, Final

from kafka_compat.api.context import Answer, CloseConnection, Place, RequestContext, Response, Services
from kafka_compat.api.interception import Chunks, ClientGone, Encoded, Intercepted, Interception, Outcome
from kafka_compat.api.observers import End, Observers
from kafka_compat.api.session import Session
from kafka_compat.api.slices import Sliced
from kafka_compat.api.table import HANDLERS, Handler, limited_handlers
from kafka_compat.pacing import first_slice, give_way
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import encode_response, read_request_header
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.message import Message
from kafka_compat.wire.errors import TextTooLong, TooWide, WireError
from kafka_compat.wire.primitives import Reader

logger = logging.getLogger(__name__)

# In all arrays and tagged fields of a request together.
MAX_REQUEST_ELEMENTS: Final = 250_000
MAX_ANSWER_ELEMENTS: Final = 4_000_000
MAX_ANSWER_BYTES: Final = 100 << 20

# A microsecond or two each.
_ELEMENTS_AT_ONCE: Final = 2_000
_FRAME_BYTES_AT_ONCE: Final = 256 << 10
_ANSWER_BYTES_AT_ONCE: Final = 4 << 20
_WIDE_REQUESTS: Final = 2
_WIDE_ANSWERS: Final = 4


# A frame of these is bytes, not elements: to decode them is to copy one.
_OF_BYTES: Final = (ApiKey.PRODUCE, ApiKey.SASL_AUTHENTICATE)

# What changes nothing, so that it stands in line before it begins, and is dropped with its client whenever that goes. Not
# Fetch, which sees to both itself: while it reads it may hold descriptors.
_LOOKS: Final = frozenset(handler.api_key for handler in HANDLERS.values() if handler.only_looks) - {ApiKey.FETCH}

# Looking up a member of an enum costs as much as telling an observer of it.
_ANSWERED: Final = End.ANSWERED


class Pending:
    """An answer that is not there yet."""

    __slots__ = ("_context", "_handler", "_request", "future")

    def __init__(
        self, future: asyncio.Future[Outcome], context: RequestContext, handler: Handler[Any], request: Message | None
    ) -> None:
        self.future = future
        self._context = context
        self._handler = handler
        self._request = request

    @property
    def drop_on_disconnect(self) -> bool:
        """Whether the request is cancelled when its client goes away."""
        return self._context.drop_on_disconnect

    def chunks(self) -> Chunks | Pending | None:
        """The encoded answer once `future` is done; None when the request wants none, Pending when it is being encoded.

        Raises:
            CloseConnection: the handler asked for it, or the wait was cancelled.
        """
        try:
            if self.future.cancelled():
                raise CloseConnection("the request was cancelled")
            error = self.future.exception()
            if isinstance(error, CloseConnection):
                raise error
            outcome = self.future.result() if error is None else _refusal(self._context, self._handler, self._request, error)
            return _encode(self._context, self._handler, self._request, outcome)
        except CloseConnection:
            self._context.services.observers.tell_ended(self._context, End.CLOSED)
            raise

    def settle(self) -> None:
        """Look at the outcome of a request that failed when its client had gone."""
        self._context.services.observers.tell_ended(self._context, End.CLIENT_GONE)
        error = None if self.future.cancelled() else self.future.exception()
        if error is not None and not isinstance(error, CloseConnection | KafkaError):
            logger.error("request of a closed connection failed", exc_info=error)


class Dispatcher:
    """Runs requests of all connections of one broker."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._observers = services.observers
        self._handlers = limited_handlers(services.api_limits)
        self._wide_requests = asyncio.Semaphore(_WIDE_REQUESTS)
        self._wide_answers = asyncio.Semaphore(_WIDE_ANSWERS)
        self._unfinished_answers = 0
        self._stopping: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def observers(self) -> Observers:
        """Who is told of each request."""
        return self._observers

    def stop(self) -> None:
        """Hold no request back any longer: the connections of those that a fault holds are closed."""
        if not self._stopping.done():
            self._stopping.set_result(None)

    def dispatch(self, frame: memoryview, session: Session, *, keeps_frame: bool = False) -> Chunks | Pending | None:
        """Begin the request in `frame`; None when it wants no answer, or its client is gone and it changes nothing.

        Args:
            frame: of the request, without its length.
            session: of the connection that it came through.
            keeps_frame: whether `frame` stays as it is afterwards. If not, it is only valid during the call, and what a handler
                keeps of it must be copied.

        Raises:
            CloseConnection: there is no way to answer.
        """
        reader = Reader(frame)
        reader.elements_left = _ELEMENTS_AT_ONCE
        try:
            header = read_request_header(reader)
        except WireError as error:
            raise CloseConnection(f"unreadable request header: {error}") from error
        except TooWide as error:
            raise CloseConnection("unreadable request header: it has thousands of tagged fields") from error
        context = RequestContext(
            self._services, header, session, False, keeps_frame, len(frame), None, session.received_ns, session.turn_ns
        )
        if self._observers.hears_beginnings:
            self._observers.tell_began(context, frame)
        try:
            return self._begin(context, reader)
        except CloseConnection:
            self._observers.tell_ended(context, End.CLOSED)
            raise

    def refuse(self, frame: memoryview, session: Session, error: KafkaError) -> Chunks | None:
        """The answer to the request in `frame` in which all of it failed with `error`.

        Raises:
            CloseConnection: it cannot be read or answered, wants no answer, or is one that costs something to read.
        """
        reader = Reader(frame)
        reader.elements_left = _ELEMENTS_AT_ONCE
        try:
            header = read_request_header(reader)
            handler = self._handlers.get(header.api_key)
            if header.api_key == ApiKey.API_VERSIONS and handler is not None and header.api_version > handler.max_version:
                header.api_version = 0  # which it is answered in, whatever it is
            elif handler is None or not handler.min_version <= header.api_version <= handler.max_version:
                raise CloseConnection(f"unsupported api key {header.api_key} version {header.api_version}")
            request = handler.decode(reader, header.api_version)
        except (WireError, TooWide) as unreadable:
            raise CloseConnection(f"unreadable request: {unreadable}") from unreadable
        if getattr(request, "acks", None) == 0:
            raise CloseConnection("it wants no answer")
        context = RequestContext(
            self._services, header, session, False, False, len(frame), None, session.received_ns, session.turn_ns
        )
        context.is_counted = True  # nobody's quota is used by who may not ask
        if self._observers.hears_beginnings:
            self._observers.tell_began(context, frame)
        answer = _encode(context, handler, None, _refusal(context, handler, request, error))
        assert not isinstance(answer, Pending)
        return answer

    def _begin(self, context: RequestContext, reader: Reader) -> Chunks | Pending | None:
        header = context.header
        handler = self._handlers.get(header.api_key)
        if handler is None or not handler.min_version <= header.api_version <= handler.max_version:
            return self._refuse_version(context)
        if context.session.is_gone and handler.only_looks:
            context.services.observers.tell_ended(context, End.CLIENT_GONE)
            return None
        if context.size_in_bytes > _FRAME_BYTES_AT_ONCE and handler.api_key not in _OF_BYTES:
            return self._begin_wide(context, handler, reader)
        position = reader.position
        try:
            request = handler.decode(reader, header.api_version)
        except WireError as error:
            raise _unreadable(context, handler, error) from error
        except TooWide:
            reader.position = position
            return self._begin_wide(context, handler, reader)
        answer: Answer | Coroutine[Any, Any, Outcome]
        try:
            intercept = self._services.intercept
            if intercept is not None and (interception := intercept(context, request)) is not None:
                request = _kept(context, handler, reader, position)
                answer = self._intercepted(context, handler, request, interception)
            else:
                answer = handler.handle(context, request)
            if isinstance(answer, Sliced):
                if self._unfinished_answers >= _WIDE_ANSWERS and not context.session.is_gone:
                    return self._unfinished(context, handler, request, self._in_line(context, handler, request, answer))
                if not answer.begin():
                    return self._unfinished(context, handler, request, self._finish(context, handler, request, answer))
                answer = answer.result
        except CloseConnection:
            raise
        except Exception as error:
            answer = _refusal(context, handler, request, error)
        if not hasattr(answer, "__await__"):  # which is quickly said of most
            return _encode(context, handler, request, answer)
        if isinstance(answer, asyncio.Future):
            if self._services.quotas is not None:
                _throttling().note_spent(context)
            return Pending(answer, context, handler, request)
        if asyncio.iscoroutine(answer):  # inspect knows none of a compiled module
            if handler.api_key not in _LOOKS:
                return self._pending(context, handler, request, answer)
            pending = self._pending(context, handler, request, _in_turn(answer))
            pending.future.add_done_callback(lambda _: answer.close())  # it may never have begun
            return pending
        return _encode(context, handler, request, answer)

    def _refuse_version(self, context: RequestContext) -> Chunks:
        header = context.header
        handler = self._handlers.get(ApiKey.API_VERSIONS)
        if header.api_key != ApiKey.API_VERSIONS or handler is None:
            raise CloseConnection(
                f"unsupported api key {header.api_key} version {header.api_version} (client id {header.client_id!r})"
            )
        from kafka_compat.api.handlers.api_versions import unsupported_version

        response = unsupported_version(handler)
        chunks = encode_response(ApiKey.API_VERSIONS, 0, header.correlation_id, response)
        context.services.observers.tell_ended(context, _ANSWERED, chunks, response)
        return chunks

    def _pending(
        self, context: RequestContext, handler: Handler[Any], request: Message | None, work: Coroutine[Any, Any, Outcome]
    ) -> Pending:
        context.drop_on_disconnect |= handler.api_key in _LOOKS
        quotas = self._services.quotas
        if quotas is not None and quotas.meters_requests:
            pending = self._services.tasks.start(handler.api_key.name, _throttling().metered(context, work))
            pending.add_done_callback(lambda _: work.close())  # it may never have begun
            return Pending(pending, context, handler, request)
        return Pending(self._services.tasks.start(handler.api_key.name, work), context, handler, request)

    # --- wide requests and answers

    def _unfinished(
        self, context: RequestContext, handler: Handler[Any], request: Message, work: Coroutine[Any, Any, Outcome]
    ) -> Pending:
        pending = self._pending(context, handler, request, work)
        self._unfinished_answers += 1
        pending.future.add_done_callback(self._is_finished)
        return pending

    def _is_finished(self, _: asyncio.Future[Outcome]) -> None:
        self._unfinished_answers -= 1

    async def _in_line(
        self, context: RequestContext, handler: Handler[Any], request: Message, answer: Sliced[Response | None]
    ) -> Outcome:
        """An answer that has not begun because wide ones are under way: a small one only waits for its turn."""
        await first_slice()
        if answer.begin(briefly=True):
            return answer.result
        return await self._finish(context, handler, request, answer)

    async def _finish(
        self, context: RequestContext, handler: Handler[Any], request: Message, answer: Sliced[Response | None]
    ) -> Outcome:
        """The rest of a wide answer."""
        async with self._wide_answers:
            return await self._answer_wide(context, handler, request, answer)

    def _begin_wide(self, context: RequestContext, handler: Handler[Any], reader: Reader) -> Pending:
        if not context.session.is_authenticated:
            # Nobody may take the places of others before it is known who he is.
            raise CloseConnection(f"a wide {handler.api_key.name} request before authentication")
        if not context.keeps_frame:
            position = reader.position
            reader = Reader(memoryview(bytearray(reader.buffer)), position)
            context.keeps_frame = True
        reader.elements_left = MAX_REQUEST_ELEMENTS
        reader.share_the_interpreter(give_way)
        context.drop_on_disconnect = handler.only_looks
        return self._pending(context, handler, None, self._wide(context, handler, reader))

    async def _wide(self, context: RequestContext, handler: Handler[Any], reader: Reader) -> Outcome:
        """All of a wide request. One that waits for others gives up its place before."""
        place = context.place = Place(self._wide_requests)
        try:
            await place.enter()
            request = await self._services.tasks.in_thread(partial(_decode_wide, context, handler, reader))
            del reader  # the frame may go
            if handler.waits:
                place.leave()
            return await self._answer_wide(context, handler, request, self._handled(context, handler, request))
        finally:
            place.close()

    async def _handled(self, context: RequestContext, handler: Handler[Any], request: Message) -> Outcome:
        intercept = self._services.intercept
        if intercept is not None and (interception := intercept(context, request)) is not None:
            return await self._intercepted(context, handler, request, interception)
        answer = handler.handle(context, request)
        response: Response | None = await answer if inspect.isawaitable(answer) else answer
        return response

    async def _answer_wide(
        self, context: RequestContext, handler: Handler[Any], request: Message, answer: Awaitable[Outcome]
    ) -> Outcome:
        """An answer that is awaited, or its refusal, encoded in a thread."""
        response: Outcome
        try:
            response = await answer
        except CloseConnection:
            raise
        except Exception as error:
            refuse = partial(_refusal, context, handler, request, error)
            response = await self._services.tasks.in_thread(refuse)
        quotas = self._services.quotas
        if quotas is not None and not isinstance(response, Encoded):
            response = quotas.throttled(context, request, response)
        return await _encode_in_thread(context, handler, request, response)

    async def _intercepted(
        self, context: RequestContext, handler: Handler[Any], request: Message, interception: Interception
    ) -> Outcome:
        try:
            return await interception(Intercepted(context, handler, request, self._stopping))
        except ClientGone:
            return None


def _throttling() -> ModuleType:
    """Imported when there are quotas."""
    from kafka_compat.api import throttling

    return throttling


def _kept(context: RequestContext, handler: Handler[Any], reader: Reader, position: int) -> Message:
    """The request once more, out of a copy of its frame, which it outlives. Produced batches are stamped where they lie."""
    frame = reader.buffer if context.keeps_frame else memoryview(bytearray(reader.buffer))
    context.keeps_frame = True
    reader = Reader(frame, position)  # one that has read no elements yet
    request: Message = handler.decode(reader, context.version)
    return request


async def _in_turn(answer: Coroutine[Any, Any, Outcome]) -> Outcome:
    """An answer whose handler costs something before it first waits."""
    await first_slice()
    return await answer


def _unreadable(context: RequestContext, handler: Handler[Any], error: WireError) -> CloseConnection:
    return CloseConnection(
        f"unreadable {handler.api_key.name} v{context.version} request (client id {context.header.client_id!r}): {error}"
    )


def _decode_wide(context: RequestContext, handler: Handler[Any], reader: Reader) -> Message:
    try:
        request: Message = handler.decode(reader, context.version)
    except WireError as error:
        raise _unreadable(context, handler, error) from error
    except TooWide as error:
        raise CloseConnection(
            f"{handler.api_key.name} v{context.version} request with more than {MAX_REQUEST_ELEMENTS} array elements"
        ) from error
    return request


def _encode(
    context: RequestContext, handler: Handler[Any], request: Message | None, outcome: Outcome
) -> Chunks | Pending | None:
    services = context.services
    quotas = services.quotas
    if quotas is not None and not isinstance(outcome, Encoded):
        outcome = quotas.throttled(context, request, outcome)
        began_ns = monotonic_ns()
    if outcome is None:
        services.observers.tell_ended(context, End.NO_ANSWER)
        return None
    if isinstance(outcome, Encoded):
        services.observers.tell_ended(context, _ANSWERED, outcome.chunks)
        return outcome.chunks
    header = context.header
    try:
        chunks = encode_response(
            header.api_key,
            header.api_version,
            header.correlation_id,
            outcome,
            max_elements=_ELEMENTS_AT_ONCE,
            max_bytes=_ANSWER_BYTES_AT_ONCE,
        )
    except TooWide:
        if context.session.is_gone:
            services.observers.tell_ended(context, End.CLIENT_GONE)
            return None
        context.drop_on_disconnect = True  # all else is done
        work = _encode_in_thread(context, handler, request, outcome)
        return Pending(services.tasks.start(f"answering {handler.api_key.name}", work), context, handler, None)
    except TextTooLong as error:
        return _encode(context, handler, None, _instead(context, handler, request, error))
    except Exception as error:
        raise _unencodable(context, handler, error) from error
    if quotas is not None:
        quotas.count_more(context, monotonic_ns() - began_ns)
    observers = services.observers
    if observers.hears_ends:
        observers.tell_ended(context, _ANSWERED, chunks, outcome)
    return chunks


async def _encode_in_thread(
    context: RequestContext, handler: Handler[Any], request: Message | None, response: Outcome
) -> Encoded | None:
    if response is None or context.session.is_gone:
        return None
    if isinstance(response, Encoded):
        return response
    header = context.header
    spent_ns = 0

    def encode() -> Chunks:
        nonlocal spent_ns
        began_ns = thread_time_ns()
        try:
            return encode_response(
                header.api_key,
                header.api_version,
                header.correlation_id,
                response,
                max_elements=MAX_ANSWER_ELEMENTS,
                max_bytes=MAX_ANSWER_BYTES,
                give_way=give_way,
            )
        finally:
            spent_ns = thread_time_ns() - began_ns

    try:
        encoded = Encoded(await context.services.tasks.in_thread(encode))
        if context.services.quotas is not None:
            context.services.quotas.count_more(context, spent_ns)
        return encoded
    except TooWide as error:
        raise CloseConnection(
            f"the answer to {handler.api_key.name} v{context.version} would have more than {MAX_ANSWER_ELEMENTS} array "
            f"elements or {MAX_ANSWER_BYTES} bytes"
        ) from error
    except TextTooLong as error:
        refusal = await context.services.tasks.in_thread(partial(_instead, context, handler, request, error))
        return await _encode_in_thread(context, handler, None, refusal)
    except Exception as error:
        raise _unencodable(context, handler, error) from error


def _instead(context: RequestContext, handler: Handler[Any], request: Message | None, error: TextTooLong) -> Response:
    """For an answer whose texts, which quote the request's, became too long: Kafka refuses the request, whatever was done."""
    logger.warning("the answer to %s v%d has %s", handler.api_key.name, context.version, error)
    return _refusal(context, handler, request, KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR))


def _unencodable(context: RequestContext, handler: Handler[Any], error: Exception) -> CloseConnection:
    logger.error("the answer to %s v%d cannot be encoded", handler.api_key.name, context.version, exc_info=error)
    return CloseConnection("its answer cannot be encoded")


def _refusal(context: RequestContext, handler: Handler[Any], request: Message | None, error: BaseException) -> Response:
    """The API's own answer for an error that the whole request fails with.

    Raises:
        CloseConnection: not even that can be made.
    """
    if isinstance(error, KafkaError):
        error_code, message = error.error_code, error.message
    else:
        error_code, message = ErrorCode.UNKNOWN_SERVER_ERROR, None
        logger.error("%s v%d from %s failed", handler.api_key.name, context.version, context.session.address, exc_info=error)
    if request is None:
        raise CloseConnection("it failed before it was decoded")
    try:
        return handler.refuse(request, context.version, error_code, message)
    except Exception as again:
        logger.exception("%s v%d cannot be refused", handler.api_key.name, context.version)
        raise CloseConnection("its refusal failed") from again
