"""Requests that go wrong on purpose: which, how often, and what became of it.

Tests put faults in from their own threads; requests are matched, and all that follows from it happens, on the brokers' loop.
`Services.intercept` is set as long as there is a fault that may still fire: without any, requests take the way they always do.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from kafka_compat.api.context import RequestContext
from kafka_compat.api.interception import Intercepted, Interception, Outcome, set_done
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.registry import API_NAMES
from kafka_compat.server.broker import Broker
from kafka_compat.testing.action import Action
from kafka_compat.testing.actions import action_of
from kafka_compat.testing.arguments import seconds, whole_number
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.hits import Hit
from kafka_compat.testing.matching import Selector, Trigger, When
from kafka_compat.testing.names import apis_of
from kafka_compat.testing.request import Request

if TYPE_CHECKING:
    from kafka_compat.testing.disk import DiskFault, DiskFaults

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
        """The requests that it has hit, the last thousand; `Kafka.requests` knows how they ended."""
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

    def release(self) -> None:
        """Let all requests go on that it holds or delays now."""
        self._faults.on_loop(self._release)

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
        with self._fired:
            self._count += 1
            self._hits.append(Request(context, request))
            self._fired.notify_all()

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
        self._release()

    def _release(self) -> None:
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


class Faults:
    """The faults of a cluster, in the order they were put in: the first that matches a request has it.

    Iterating gives all that were put in and not taken out, those too that have fired as often as they may.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._all: list[Fault] = []
        self._active: tuple[Fault, ...] = ()
        self._disk: DiskFaults | None = None
        self._follows = False

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._all))

    def __len__(self) -> int:
        return len(self._all)

    def add(
        self,
        api: str | Sequence[str],
        what: str | int | Action,
        *,
        broker: int | None = None,
        topic: str | None = None,
        partition: int | None = None,
        group: str | None = None,
        transactional_id: str | None = None,
        client_id: str | None = None,
        times: int | None = 1,
        on_call: int | None = None,
        probability: float | None = None,
        seed: int | None = None,
        when: When | None = None,
        must_fire: bool = True,
    ) -> Fault:
        """See `Kafka.fail`."""
        if when is not None and not callable(when):
            raise TypeError(f"when is a function of a request, not {when!r}")
        apis = apis_of(api)
        action = action_of(what)
        if action.only_for is not None and (apis is None or not apis <= action.only_for):
            raise ValueError(f"{action} is for {' and '.join(API_NAMES[key] for key in sorted(action.only_for))}, not {api!r}")
        fault = Fault(
            self,
            api if isinstance(api, str) else " or ".join(api),
            apis,
            action,
            Selector(
                broker=broker,
                topic=topic,
                partition=partition,
                group=group,
                transactional_id=transactional_id,
                client_id=client_id,
            ),
            Trigger(times, on_call, probability, seed),
            when,
            must_fire=must_fire,
        )
        self.on_loop(lambda: self._put_in(fault))
        return fault

    @property
    def disk(self) -> DiskFaults:
        """Faults of the file system."""
        if self._disk is None:
            from kafka_compat.testing.disk import DiskFaults

            self._disk = DiskFaults(self, self._cluster.file_system)
            self._cluster.on_reset(self._disk.clear)
        return self._disk

    def clear(self) -> None:
        """Take all out, those of the disk too; what they hold goes on."""
        if self._disk is not None:
            self._disk.clear()
        self.take_out(list(self._all))

    def unfired(self) -> list[Fault | DiskFault]:
        """Those that should have fired and have not, those of the disk too."""
        unfired: list[Fault | DiskFault] = [fault for fault in self._all if fault.must_fire and not fault.hits]
        return unfired if self._disk is None else [*unfired, *self._disk.unfired()]

    # --- from any thread

    def take_out(self, faults: Sequence[Fault]) -> None:
        """Take some out."""
        if self._cluster.is_running:
            self.on_loop(lambda: self._take_out(faults))
        else:
            self._all = [fault for fault in self._all if fault not in faults]

    def on_loop(self, what: Callable[[], None]) -> None:
        """Do something on the brokers' loop, and return when it is done."""
        self._cluster.call(what)

    def check_thread(self) -> None:
        """Refuse to wait on the brokers' loop.

        Raises:
            RuntimeError: this is its thread.
        """
        self._cluster.check_thread()

    def fail_test(self, error: Exception) -> None:
        """Raise an error when the cluster stops."""
        self._cluster.fail_at_stop(error)

    # --- on the brokers' loop

    def _put_in(self, fault: Fault) -> None:
        if not self._follows:
            self._follows = True
            self._cluster.on_broker(self._join)
            self._cluster.on_reset(self._reset)
        self._all.append(fault)
        self._set_active((*self._active, fault))

    def _take_out(self, faults: Sequence[Fault]) -> None:
        self._all = [fault for fault in self._all if fault not in faults]
        self._set_active(tuple(fault for fault in self._active if fault not in faults))
        for fault in faults:
            fault.end()

    def _reset(self) -> None:
        """The brokers are gone, and all that their requests waited for."""
        faults, self._all, self._active = self._all, [], ()
        for fault in faults:
            fault.end()

    def _join(self, broker: Broker) -> None:
        assert broker.services is not None
        broker.services.intercept = self._intercept if self._active else None

    def _set_active(self, active: tuple[Fault, ...]) -> None:
        self._active = active
        for broker in self._cluster.brokers:
            self._join(broker)

    def look_again(self) -> None:
        """One of them may fire again, which was over."""
        if self._cluster.is_running:
            self._set_active(tuple(fault for fault in self._all if not fault.is_over))

    def _intercept(self, context: RequestContext, request: Message) -> Interception | None:
        for fault in self._active:
            if not fault.takes(context, request):
                continue
            if fault.is_over:
                self._set_active(tuple(one for one in self._active if one is not fault))
            if not fault.action.only_looks:
                return fault.act
            fault.count(context, request)
        return None
