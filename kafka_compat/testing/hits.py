"""One request that a fault has hit, as its action sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kafka_compat.api.interception import ClosedByFault, Intercepted, set_done
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.json_form import from_json, to_json
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.registry import response_class
from kafka_compat.testing.named import Names
from kafka_compat.testing.part_errors import refuse_parts
from kafka_compat.testing.request import Request

if TYPE_CHECKING:
    from kafka_compat.testing.faults import Fault


class Hit:
    """A request in the hands of a fault.

    Attributes:
        fault: that was hit.
        taken: the request, and what the dispatcher can do with it.
    """

    def __init__(self, fault: Fault, taken: Intercepted) -> None:
        self.fault = fault
        self.taken = taken
        self.is_counted = False

    @property
    def request(self) -> Request:
        """The request."""
        return Request(self.taken.context, self.taken.request)

    async def work(self) -> Message | None:
        """Carry the request out; the answer, None when none is wanted."""
        return await self.taken.work()

    def is_about(self, names: Names) -> bool:
        """Whether the fault is about a part with these names."""
        return self.fault.selector.has_part(names, self.taken.context.services.image)

    def count(self) -> None:
        """It is a hit; for an action with `counts_late`."""
        if not self.is_counted:
            self.is_counted = True
            self.fault.count(self.taken.context, self.taken.request)

    async def refuse(
        self, code: ErrorCode, message: str | None, *, whole: bool = False, after_work: bool = False
    ) -> Message | None:
        """The answer in which what the fault is about failed, and all else was carried out; None when it wants none.

        Raises:
            ClosedByFault: a client that wants no answer learns of errors so.
        """
        selector = self.fault.selector
        response: Message | None
        if selector.is_about_parts and not whole:
            response = await refuse_parts(self.taken, selector, code, message, after_work=after_work)
        else:
            if after_work:
                await self.work()
            response = self.taken.refuse(code, message)
        if getattr(self.taken.request, "acks", None) == 0 and code is not ErrorCode.NONE:
            raise ClosedByFault(f"fault: produce with acks=0 refused: {code.name}")
        return response

    def call(self, function: Callable[[], object]) -> object:
        """What a function of the test returns."""
        with self.fault.tests_own():
            return function()

    def answer_of(self, made: object) -> Message | None:
        """The response that a test has made, or means.

        Raises:
            TypeError: it is none of this API.
            JsonFormError: a dict has what the response has not.
        """
        api_key, version = self.taken.context.header.api_key, self.taken.context.version
        wanted = response_class(api_key)
        if made is None or isinstance(made, wanted):
            return made
        with self.fault.tests_own():
            if isinstance(made, Mapping):
                return from_json(wanted, {**to_json(wanted(), version), **made}, version)
            raise TypeError(f"an answer here is a {wanted.__name__}, a dict in its JSON form, or None, not {made!r}")

    async def pause(self, seconds: float | None, *, outlives_client: bool = False) -> None:
        """Wait for so long, or until the fault is released; raises as `Intercepted.wait` does."""
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not self.fault.begin_wait(over):
            return
        timer = None
        if seconds is not None:
            timer = asyncio.get_running_loop().call_later(seconds, set_done, over)
        try:
            await self.taken.wait(over, outlives_client=outlives_client)
        finally:
            if timer is not None:
                timer.cancel()
            self.fault.end_wait(over)
