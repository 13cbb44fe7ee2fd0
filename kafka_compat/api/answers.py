"""Answers of handlers whose work is a future already: no task is started to wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from kafka_compat.api.context import Answer, Response

T = TypeVar("T")


def answer_from(future: asyncio.Future[T], respond: Callable[[asyncio.Future[T]], Response]) -> Answer:
    """`respond(future)` once the future is done, which may be now; what it raises the request fails with.

    When the request is dropped nobody waits for the future any more, which goes on by itself.
    """
    if future.done():
        return respond(future)
    answer: asyncio.Future[Response | None] = asyncio.get_running_loop().create_future()

    def done(_: object) -> None:
        if answer.done():
            if not future.cancelled():
                future.exception()  # nobody else looks at it
            return
        try:
            answer.set_result(respond(future))
        except Exception as error:
            answer.set_exception(error)
        except asyncio.CancelledError:
            answer.cancel()

    future.add_done_callback(done)
    return answer
