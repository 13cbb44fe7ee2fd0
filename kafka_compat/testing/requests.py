"""What clients have asked a cluster, as a test sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Unpack, overload

from kafka_compat.metadata.changes import Change, TopicCreated
from kafka_compat.testing.arguments import seconds, whole_number
from kafka_compat.testing.request import Request
from kafka_compat.testing.request_filters import Filters, described, matcher
from kafka_compat.testing.request_recorder import ClosedConnection, RequestBook, RequestRecorder

if TYPE_CHECKING:
    from kafka_compat.metadata.controller import Controller
    from kafka_compat.server.broker import Broker
    from kafka_compat.testing.cluster import Cluster

__all__ = ["ClosedConnection", "Request", "RequestLog", "Requests"]


class Requests(Sequence[Request]):
    """Requests, in the order they ended."""

    def __init__(self, requests: Iterable[Request]) -> None:
        self._requests = list(requests)

    @overload
    def __getitem__(self, index: int) -> Request: ...
    @overload
    def __getitem__(self, index: slice) -> Requests: ...
    def __getitem__(self, index: int | slice) -> Request | Requests:
        return Requests(self._requests[index]) if isinstance(index, slice) else self._requests[index]

    def __len__(self) -> int:
        return len(self._requests)

    def __repr__(self) -> str:
        from kafka_compat.testing.request_lines import line_of

        return "\n".join(map(line_of, self._requests)) or "no requests"

    def of(self, *apis: str, **filters: Unpack[Filters]) -> Requests:
        """Those of these APIs (of all, when none is given) for which the filters hold.

        Raises:
            ValueError: there is no such API, or no such error code.
        """
        return Requests(filter(matcher(apis, filters), self._requests))

    def last(self, count: int = 1) -> Requests:
        """The last `count` of them."""
        return Requests(self._requests[-count:] if count > 0 else ())

    def errors(self) -> Requests:
        """Those of which something was refused."""
        return Requests(each for each in self._requests if each.refusals)


class RequestLog:
    """The requests to all brokers, in the order they ended: the last 20,000, or fewer when their bodies take more than 32 MiB.

    Its methods may be called in any thread; those that wait, in any but the brokers'.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._book = RequestBook()
        self._followed: Controller | None = None
        cluster.on_broker(self._observe)

    # --- looking

    def all(self) -> Requests:
        """Those that have ended and are kept."""
        return Requests(self._book.ended())

    def under_way(self) -> Requests:
        """Those that have not ended, in the order they began: that wait for data or for others, or that a fault holds."""
        return Requests(self._book.under_way())

    def closed_connections(self) -> list[ClosedConnection]:
        """Connections that brokers have closed for what came through them, the last thousand."""
        return self._book.closed()

    @property
    def dropped(self) -> int:
        """How many have ended since `clear` and are not kept any more."""
        return self._book.dropped

    def __iter__(self) -> Iterator[Request]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self._book)

    def __getitem__(self, index: int) -> Request:
        return self.all()[index]

    def __repr__(self) -> str:
        return repr(self.all())

    def of(self, *apis: str, **filters: Unpack[Filters]) -> Requests:
        """See `Requests.of`."""
        return self.all().of(*apis, **filters)

    def last(self, count: int = 1) -> Requests:
        """The last `count` that have ended."""
        return self.all().last(count)

    def count(self, *apis: str, **filters: Unpack[Filters]) -> int:
        """How many `of` gives."""
        return len(self.of(*apis, **filters))

    def errors(self) -> Requests:
        """Those of which something was refused."""
        return self.all().errors()

    def clear(self) -> None:
        """Forget those that have ended."""
        self._book.clear()

    # --- waiting

    def wait_for(self, *apis: str, count: int = 1, timeout_s: float = 5.0, **filters: Unpack[Filters]) -> Request:
        """Wait until `count` requests that `of` would give have ended, and return the last of these.

        Those that have ended before count too, unless they are forgotten (`clear`).

        Raises:
            TimeoutError: they did not; the message says what came instead.
            ValueError: there is no such API, or no such error code.
        """
        whole_number("count", count, 1)
        seconds("timeout_s", timeout_s)
        matches = matcher(apis, filters)
        found: list[Request] = []
        seen = 0

        def look() -> bool:
            nonlocal seen
            fresh, seen = self._book.ended_since(seen)
            for request in fresh:
                if len(found) < count and matches(request):
                    found.append(request)
            return len(found) >= count

        if self.wait_until(look, timeout_s):
            return found[-1]
        what = described(apis, filters)
        number = f"no {what}" if count == 1 else f"only {len(found)} of {count} {what}"
        raise TimeoutError(f"{number} within {timeout_s:g} s; {self._instead()}")

    def wait_until(self, is_so: Callable[[], bool], timeout_s: float) -> bool:
        """Whether `is_so` is true within that time; it is called in this thread, when a request or a connection has ended."""
        return self._book.wait_until(is_so, timeout_s)

    def _instead(self) -> str:
        """What there was, for who has waited in vain."""
        from kafka_compat.testing.request_lines import counted, line_of

        ended, under_way = self.all(), self.under_way()
        said = [f"what came: {counted(ended)}" if ended else "no request has ended"]
        if under_way:
            said.append("under way: " + ", ".join(map(line_of, under_way.last(5))))
        if failed := ended.errors().last(3):
            said.append("refused: " + "; ".join(line_of(each) for each in failed))
        if closed := self.closed_connections():
            said.append(f"the last connection that was closed: {closed[-1].session.address}: {closed[-1].reason}")
        return "; ".join(said)

    # --- recording, on the brokers' loop (`request_recorder.py`)

    def _observe(self, broker: Broker) -> None:
        services = broker.services
        assert services is not None
        services.observers.add_recorder(RequestRecorder(self._book, services))
        controller = services.controller
        if self._followed is not controller:
            self._followed = controller
            controller.after_apply.append(self._follow)
        self._book.names.update((topic.id, topic.name) for topic in controller.image.topics.values())

    async def _follow(self, changes: Sequence[Change]) -> None:
        """Remember what topics were called, for requests that name them by id."""
        self._book.names.update((change.id, change.name) for change in changes if isinstance(change, TopicCreated))
