"""The verbs as an HTTP application: who may ask, what is read of a request, and what comes back when something is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import ipaddress
import json
import logging
import threading
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.json_form import Json
from kafka_compat.testing.kafka import Kafka
from kafka_compat.web.control.arguments import Arguments, BadRequest, NotFound, Verb, checked
from kafka_compat.web.control.openapi import document
from kafka_compat.web.control.verbs import VERBS
from kafka_compat.web.control.world import ControlWorld

logger = logging.getLogger(__name__)

_MAX_BODY_BYTES: Final = 16 << 20
# Each verb has a thread for as long as it runs, and waits may take minutes.
MAX_VERBS_AT_ONCE: Final = 64

_NOT_THERE: Final = frozenset(
    {
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode.UNKNOWN_TOPIC_ID,
        ErrorCode.GROUP_ID_NOT_FOUND,
        ErrorCode.TRANSACTIONAL_ID_NOT_FOUND,
    }
)


class ControlApp:
    """The application.

    Args:
        kafka: what is controlled, running.
        token: that each request has to carry; None lets in whoever reaches the port from this machine.
    """

    def __init__(self, kafka: Kafka, token: str | None) -> None:
        self._world = ControlWorld(kafka)
        self._token = token
        self._running = 0
        self._document = document(VERBS, needs_token=token is not None)
        routes = [Route(verb.path, self._endpoint(verb), methods=[verb.method]) for verb in VERBS]
        routes += [Route("/openapi.json", self._openapi), Route("/", self._index)]
        self.asgi = Starlette(routes=routes, exception_handlers={HTTPException: _not_found})

    async def _index(self, request: Request) -> Response:
        lines = [f"{verb.method:6} {verb.path:42} {verb.text}" for verb in VERBS]
        return PlainTextResponse("\n".join(["kafka-compat control plane, see /openapi.json", "", *lines, ""]))

    async def _openapi(self, request: Request) -> Response:
        return JSONResponse(self._document)

    def _endpoint(self, verb: Verb) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return await self._answer(verb, request)

        return answer

    async def _answer(self, verb: Verb, request: Request) -> Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        try:
            body = await _body(request)
            path: Mapping[str, str] = request.path_params
            arguments = checked(verb, path, request.query_params.multi_items(), body)
        except BadRequest as error:
            return failed(400, str(error))
        if self._running >= MAX_VERBS_AT_ONCE:
            return failed(503, f"{MAX_VERBS_AT_ONCE} requests are under way")
        self._running += 1
        try:
            return await in_thread_of_its_own(partial(self._run, verb, arguments))
        finally:
            self._running -= 1

    def _run(self, verb: Verb, arguments: Arguments) -> Response:
        """The answer of a verb; in a thread, where large ones are encoded too."""
        try:
            return JSONResponse(verb.run(self._world, arguments))
        except NotFound as error:
            return failed(404, str(error))
        except KafkaError as error:
            status = 404 if error.error_code in _NOT_THERE else 409
            return failed(status, error.message or error.error_code.name, error.error_code)
        except TimeoutError as error:
            return failed(408, str(error))
        except (BadRequest, TypeError, ValueError) as error:
            return failed(400, str(error))
        except NotImplementedError:
            return failed(501, f"{verb.name} is not there yet")
        except (AssertionError, OSError, RuntimeError, KeyError) as error:
            return failed(409, str(error))
        except Exception as error:
            logger.exception("%s failed", verb.name)
            return failed(500, f"{type(error).__name__}: {error}")

    def _refusal(self, request: Request) -> Response | None:
        """Why a request is not answered: without a token pages of other sites may not use a visitor's browser to ask."""
        if self._token is not None:
            scheme, _, given = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), self._token.encode()):
                refusal = failed(401, "the header Authorization has to be: Bearer, and the token of --control-token")
                refusal.headers["www-authenticate"] = "Bearer"
                return refusal
            return None
        host = request.headers.get("host", "")
        if not is_loopback(host.rpartition(":")[0] if ":" in host.rpartition("]")[2] else host):
            return failed(403, f"the header Host names {host!r}, not this machine: without a token only that is answered")
        if "origin" in request.headers:
            return failed(403, "without a token nothing is answered that a web page asks for")
        return None


async def in_thread_of_its_own(work: Callable[[], Response]) -> Response:
    """What `work` returns, from a thread that keeps no process from ending: a wait may have minutes to go."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Response] = loop.create_future()

    def hand_over(response: Response) -> None:
        if not answer.done():  # its client may have gone
            answer.set_result(response)

    def run() -> None:
        response = work()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody wants to know
            loop.call_soon_threadsafe(hand_over, response)

    threading.Thread(target=run, name="kafka-compat-control-verb", daemon=True).start()
    return await answer


def is_loopback(host: str) -> bool:
    """Whether a host's name or address, as in a URL, is this machine's own."""
    bare = host.strip("[]")
    if bare == "localhost":
        return True
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


def failed(status: int, sentence: str, code: ErrorCode | None = None) -> JSONResponse:
    """An answer that says what is wrong."""
    content: dict[str, Json] = {"error": sentence}
    if code is not None:
        content["kafka_error"] = code.name
    return JSONResponse(content, status_code=status)


async def _body(request: Request) -> Mapping[str, Json]:
    """The object in the body; an empty one when there is none.

    Raises:
        BadRequest: it is no JSON object, or too large.
    """
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > _MAX_BODY_BYTES:
            raise BadRequest(f"the body has more than {_MAX_BODY_BYTES} bytes")
    text = b"".join(parts)
    if not text:
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise BadRequest(f"the body is JSON, and the header Content-Type application/json, not {kind!r}")
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the body is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise BadRequest(f"the body is a JSON object, not {type(found).__name__}")
    return found


async def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return failed(405, f"{request.url.path} is not for {request.method}; / lists what there is")
    return failed(error.status_code, f"there is no {request.url.path}; / lists what there is")
