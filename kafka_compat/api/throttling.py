"""Holds the requests of one broker to the quotas of their clients: counts them, mutes connections, and tells clients how long.

`Services.quotas` is None as long as there is no quota; otherwise the dispatcher asks `BrokerQuotas.throttled` about each answer
before it is encoded. As in Kafka an answer goes out at once and its connection takes no request until the time is over; who is
above two quotas waits for the longer time. A fetch that has to wait gets no records, so it is held to its quotas where its
answer is made (`handlers/fetch.py`), before its session takes the records for told.

What a request costs, for request_percentage, is the time that it had the event loop, encoding its answer included, and the
time of threads that work for it: what Kafka's request handlers and network threads spend. 100 is all of one thread.

Quotas are of real clients, so their time is the real one, also where a test moves the clock.

Source: Kafka's `KafkaApis`, `RequestHandlerHelper`, `ClientRequestQuotaManager`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Coroutine, Generator
from time import monotonic_ns
from typing import TYPE_CHECKING, Any, Final, TypeVar

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.produce import ProduceRequest
from kafka_compat.protocol.schema import attribute_names
from kafka_compat.security.quota.clients import ClientRates
from kafka_compat.security.quota.limits import QuotaLimits
from kafka_compat.security.quota.mutations import MutationQuota, MutationQuotas
from kafka_compat.security.quota.rates import Window
from kafka_compat.tasks import THREAD_METER

if TYPE_CHECKING:
    from kafka_compat.api.context import RequestContext

_PERCENT_OF_NS: Final = 100.0 / 1e9
# Not held to request_percentage: what brokers send each other, and what comes before it is known who asks.
_EXEMPT: Final = frozenset({ApiKey.WRITE_TXN_MARKERS, ApiKey.SASL_HANDSHAKE, ApiKey.SASL_AUTHENTICATE})

# API key, version, correlation id and the length of the client id.
_FIXED_HEADER_BYTES: Final = 10

T = TypeVar("T")


def real_ms() -> int:
    """The time that quotas are measured in."""
    return monotonic_ns() // 1_000_000


class BrokerQuotas:
    """The clients of one broker.

    Args:
        limits: of the cluster; they may change.
        mutations: of the cluster, whose controller holds clients to it.
        window: over which rates are measured.
        now_ms: says what time it is.
    """

    def __init__(self, limits: QuotaLimits, mutations: MutationQuotas, window: Window, now_ms: Callable[[], int]) -> None:
        self._produce = ClientRates(limits.produce, window)
        self._fetch = ClientRates(limits.fetch, window)
        self._request = ClientRates(limits.request, window, max_throttle_ms=window.sample_ms)
        self._mutations = mutations
        self._now_ms = now_ms

    @property
    def meters_requests(self) -> bool:
        """Whether it matters what requests cost."""
        return bool(self._request.limits)

    def throttled(self, context: RequestContext, request: Message | None, answer: Message | None) -> Message | None:
        """Count a request whose answer is made, and mute its connection if it has to wait; the answer to send.

        Args:
            context: of the request.
            request: the request, None when nobody knows any more.
            answer: None when it wants none.
        """
        throttle_ms: int = getattr(context, "throttle_ms", 0)
        if not hasattr(context, "is_counted"):
            context.is_counted = True
            throttle_ms = max(throttle_ms, self._count(context, request))
        if throttle_ms <= 0:
            return answer
        context.session.mute(throttle_ms)
        # A fault may have told the client a longer time.
        if answer is None or getattr(answer, "throttle_time_ms", throttle_ms) >= throttle_ms:
            return answer
        # It may be one for many.
        values = {name: getattr(answer, name) for name in attribute_names(type(answer))}
        return type(answer)(**{**values, "throttle_time_ms": throttle_ms})

    def _count(self, context: RequestContext, request: Message | None) -> int:
        session, header = context.session, context.header
        user, client_id = session.principal.name, header.client_id
        throttle_ms = 0
        if header.api_key == ApiKey.PRODUCE:
            if self._produce.limits:
                throttle_ms = self._produce.record(user, client_id, _body_bytes(context), self._now_ms())
            if isinstance(request, ProduceRequest) and request.acks == 0:
                return throttle_ms
        if self._request.limits and header.api_key not in _EXEMPT:
            throttle_ms = max(throttle_ms, self._count_time(context))
        return throttle_ms

    def _count_time(self, context: RequestContext) -> int:
        spent_ns = getattr(context, "spent_ns", -1)
        if spent_ns < 0:
            spent_ns = monotonic_ns() - context.began_ns
        user, client_id = context.session.principal.name, context.header.client_id
        return self._request.record(user, client_id, spent_ns * _PERCENT_OF_NS, self._now_ms())

    def count_more(self, context: RequestContext, spent_ns: int) -> None:
        """Count time that was spent on an answer after `throttled`; the client's next request waits for it."""
        if self._request.limits and context.header.api_key not in _EXEMPT:
            user, client_id = context.session.principal.name, context.header.client_id
            self._request.count(user, client_id, spent_ns * _PERCENT_OF_NS, self._now_ms())

    def throttle_fetch(self, context: RequestContext, size_in_bytes: int) -> bool:
        """Count an answer to a fetch; whether it has to be one without records, and is then not counted."""
        context.is_counted = True
        now_ms = self._now_ms()
        user, client_id = context.session.principal.name, context.header.client_id
        throttle_ms = self._count_time(context) if self._request.limits else 0
        if self._fetch.limits:
            throttle_ms = max(throttle_ms, self._fetch.record(user, client_id, size_in_bytes, now_ms))
            if throttle_ms > 0:
                self._fetch.count(user, client_id, -size_in_bytes, now_ms)
        context.throttle_ms = throttle_ms
        return throttle_ms > 0

    def most_fetch_bytes(self, context: RequestContext, max_bytes: int) -> int:
        """The most that a fetch may answer: with more its client would have to wait even if it had not fetched for long."""
        if not self._fetch.limits:
            return max_bytes
        most = self._fetch.most_in_window(context.session.principal.name, context.header.client_id)
        return max_bytes if most is None else int(min(most, max_bytes))

    def mutations_of(self, context: RequestContext, strict_since: int) -> MutationQuota | None:
        """What a request may create or delete; None when its client has no quota.

        Its `throttle_ms` goes into `context.throttle_ms` when all is done. From version `strict_since` on it is strict.
        """
        is_strict = context.version >= strict_since
        return self._mutations.of(context.session.principal.name, context.header.client_id, is_strict=is_strict)


def _body_bytes(context: RequestContext) -> int:
    """The size of a request, without what its header has but for tagged fields."""
    header = context.header
    name_bytes = 0 if header.client_id is None else len(header.client_id.encode(errors="surrogatepass"))
    tags_bytes = 1 if header.api_version >= ProduceRequest.FLEXIBLE_FROM else 0
    return context.size_in_bytes - _FIXED_HEADER_BYTES - name_bytes - tags_bytes


def note_spent(context: RequestContext) -> None:
    """The request waits from now on: what it cost is what it has cost so far."""
    context.spent_ns = monotonic_ns() - context.began_ns


class _Meter:
    """Adds up what threads spend on a request."""

    def __init__(self, context: RequestContext) -> None:
        self._context = context

    def add(self, spent_ns: int) -> None:
        self._context.spent_ns += spent_ns


async def metered(context: RequestContext, work: Coroutine[Any, Any, T]) -> T:
    """As `work`, in a task of its own; `context.spent_ns` has the time that it takes, without its waits."""
    note_spent(context)
    return await _stepwise(context, work)


@types.coroutine
def _stepwise(context: RequestContext, work: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
    THREAD_METER.set(_Meter(context).add)
    step: Callable[[], Any] = lambda: work.send(None)  # noqa: E731
    while True:
        began_ns = monotonic_ns()
        try:
            waits_for = step()
        except StopIteration as done:
            result: T = done.value
            return result
        finally:
            context.spent_ns += monotonic_ns() - began_ns
        try:
            sent = yield waits_for
        except BaseException as error:
            thrown = error
            step = lambda: work.throw(thrown)  # noqa: E731, B023
        else:
            step = lambda: work.send(sent)  # noqa: E731, B023
