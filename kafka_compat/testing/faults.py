"""Requests that go wrong on purpose: which, how often, and what became of it.

Tests put faults in from their own threads; requests are matched, and all that follows from it happens, on the brokers' loop.
`Services.intercept` is set as long as there is a fault that may still fire: without any, requests take the way they always do.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from kafka_compat.api.context import RequestContext
from kafka_compat.api.interception import Interception
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.registry import API_NAMES
from kafka_compat.server.broker import Broker
from kafka_compat.testing.action import Action
from kafka_compat.testing.actions import action_of
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.fault import Fault
from kafka_compat.testing.matching import Selector, Trigger, When, numbers
from kafka_compat.testing.names import apis_of

if TYPE_CHECKING:
    from kafka_compat.testing.disk import DiskFault, DiskFaults

__all__ = ["Fault", "Faults"]


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
        broker: int | Collection[int] | None = None,
        topic: str | None = None,
        partition: int | Collection[int] | None = None,
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
                broker=numbers("broker", broker),
                topic=topic,
                partition=numbers("partition", partition),
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

    def release(self, fault: Fault) -> None:
        """Let requests go on that one holds; when the brokers have stopped there are none."""
        if self._cluster.is_running:
            self.on_loop(fault.let_go)

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

    def behind(self, fault: Fault, context: RequestContext, request: Message) -> Interception | None:
        """What one that was put in later does to a request, which `fault` passes on."""
        if fault not in self._all:
            return None
        later = self._all[self._all.index(fault) + 1 :]
        return self._choose([one for one in self._active if one in later], context, request)

    def _intercept(self, context: RequestContext, request: Message) -> Interception | None:
        return self._choose(self._active, context, request)

    def _choose(self, faults: Sequence[Fault], context: RequestContext, request: Message) -> Interception | None:
        for fault in faults:
            if not fault.takes(context, request):
                continue
            if fault.is_over:
                self._set_active(tuple(one for one in self._active if one is not fault))
            if not fault.action.only_looks:
                return fault.act
            fault.count(context, request)
        return None
