"""One fault that was put in: what it does, how often it has, and who waits for that."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from kafka_compat.api.context import RequestContext
from kafka_compat.api.interception import Intercepted, Outcome, set_done
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.message import Message
from kafka_compat.testing.action import Action
from kafka_compat.testing.arguments import seconds, whole_number
from kafka_compat.testing.hits import Hit
from kafka_compat.testing.matching import Selector, Trigger, When
from kafka_compat.testing.named import deep_copy
from kafka_compat.testing.request import Request
from kafka_compat.testing.request_bodies import RECORDS_BYTES

if TYPE_CHECKING:
    from kafka_compat.testing.faults import Faults

WAIT_S: Final = 5.0
_MOST_REQUESTS: Final = 1_000


class Fault:
    """One fault that was put in, see `Kafka.fail`. Its methods may be called in any thread.

    Attributes:
        action: what it does.
        selector: which requests, and parts of them, it is about.
        must_fire: whether `Faults.unfired` names it as long as it has not fired.
    """

    def __init__(
        self,
        faults: Faults,
        api: str,
        apis: frozenset[int] | None,
        action: Action,
        selector: Selector,
        trigger: Trigger,
        when: When | None,
        *,
        must_fire: bool,
    ) -> None:
        self.action = action
        self.selector = selector
        self.must_fire = must_fire
        self._faults = faults
        self._api = api
        self._apis = apis
        self._trigger = trigger
        self._when = when
        self._count = 0
        self._hits: deque[Request] = deque(maxlen=_MOST_REQUESTS)
        self._fired = threading.Condition()
        self._awaited: list[tuple[int, concurrent.futures.Future[None]]] = []
        self._is_removed = False
        # On the brokers' loop: requests that wait for their time, and why others were let pass.
        self._waiting: set[asyncio.Future[None]] = set()
        self._passed: Counter[str] = Counter()

    def __repr__(self) -> str:
        words = [self._api, repr(self.action), str(self.selector)]
        trigger = self._trigger
        words += [f"{name}={value}" for name, value in (("on_call", trigger.on_call), ("p", trigger.probability)) if value]
        return f"<fault {', '.join(word for word in words if word)}: {self.hits} hits>"

    @property
    def hits(self) -> int:
        """How many requests it has hit."""
        return self._count

    @property
    def requests(self) -> list[Request]:
        """The requests that it has hit, the last thousand, with the first kibibyte of their records.

        `Kafka.requests` knows how they ended.
        """
        with self._fired:
            return list(self._hits)

    def wait(self, timeout_s: float = WAIT_S, *, hits: int = 1) -> list[Request]:
        """Wait until it has hit so many requests since it was put in, and return all it has hit.

        Raises:
            TimeoutError: it has not; the message says what came instead.
        """
        seconds("timeout_s", timeout_s)
        whole_number("hits", hits, 1)
        self._faults.check_thread()
        with self._fired:
            if not self._fired.wait_for(lambda: self._count >= hits, timeout_s):
                raise TimeoutError(f"{self} after {timeout_s} s, not {hits}: {self._what_came()}")
            return list(self._hits)

    async def wait_async(self, timeout_s: float = WAIT_S, *, hits: int = 1) -> list[Request]:
        """As `wait`, for whoever has an event loop."""
        seconds("timeout_s", timeout_s)
        whole_number("hits", hits, 1)
        reached: concurrent.futures.Future[None] = concurrent.futures.Future()
        with self._fired:
            if self._count >= hits:
                return list(self._hits)
            self._awaited.append((hits, reached))
        try:
            await asyncio.wait_for(asyncio.wrap_future(reached), timeout_s)
        except TimeoutError:
            raise TimeoutError(f"{self} after {timeout_s} s, not {hits}: {self._what_came()}") from None
        return self.requests

    def release(self) -> None:
        """Let all requests go on that it holds or delays now."""
        self._faults.release(self)

    def remove(self) -> None:
        """Take it out; what it holds goes on. A no-op when it is out."""
        self._faults.take_out([self])

    def _what_came(self) -> str:
        passed = dict(self._passed)
        if not passed:
            return f"no request of {self._api} came"
        return "; ".join(f"{count} came that did not fit {reason}" for reason, count in passed.items())

    # --- on the brokers' loop

    def takes(self, context: RequestContext, request: Message) -> bool:
        """Whether it fires for a request; counts it."""
        if self._apis is not None and context.header.api_key not in self._apis:
            return False
        reason = self.selector.why_not(context, request)
        if reason is None and self._when is not None:
            with self.tests_own():
                if not self._when(Request(context, request)):
                    reason = "when"
        if reason is None and not self._trigger.fires():
            reason = "the calls it fires on"
        if reason is not None:
            self._passed[reason] += 1
            return False
        return True

    @property
    def is_over(self) -> bool:
        """Whether it never fires any more."""
        return self._trigger.is_over

    def count(self, context: RequestContext, request: Message) -> None:
        """Note a request that it has hit."""
        # The request itself may lie in a buffer of all connections.
        hit = Request(context, deep_copy(request, RECORDS_BYTES))
        with self._fired:
            self._count += 1
            self._hits.append(hit)
            self._fired.notify_all()
            done = [reached for hits, reached in self._awaited if hits <= self._count]
            self._awaited = [(hits, reached) for hits, reached in self._awaited if hits > self._count]
        for reached in done:
            if reached.set_running_or_notify_cancel():
                reached.set_result(None)

    def begin_wait(self, over: asyncio.Future[None]) -> bool:
        """Let a request wait until `over` is set; False when the fault is out."""
        if not self._is_removed:
            self._waiting.add(over)
        return not self._is_removed

    def end_wait(self, over: asyncio.Future[None]) -> None:
        """It waits no more."""
        self._waiting.discard(over)

    def end(self) -> None:
        """It is out."""
        self._is_removed = True
        self.let_go()

    def let_go(self) -> None:
        """All that wait go on."""
        for over in self._waiting:
            set_done(over)

    @contextmanager
    def tests_own(self) -> Iterator[None]:
        """Let what fails in a function of the test fail the test too: the cluster raises it when it stops.

        Raises:
            KafkaError: UNKNOWN_SERVER_ERROR, for the client.
        """
        try:
            yield
        except Exception as error:
            self._faults.fail_test(error)
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR) from error

    async def pass_on(self, taken: Intercepted) -> Outcome:
        """What becomes of a request as if this fault were not there."""
        interception = self._faults.behind(self, taken.context, taken.request)
        return await (taken.work() if interception is None else interception(taken))

    async def act(self, taken: Intercepted) -> Outcome:
        """What becomes of a request that it has hit."""
        taken.context.fault = repr(self.action)
        hit = Hit(self, taken)
        if not self.action.counts_late:
            hit.count()
        try:
            return await self.action.act(hit)
        finally:
            if not hit.is_counted:
                taken.context.fault = ""
                self._trigger.take_back()
                self._faults.look_again()
