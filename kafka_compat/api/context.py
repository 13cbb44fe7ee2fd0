"""What a handler may reach: the request's own facts and the services of the broker it came to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kafka_compat.api.memory import MemoryBudget
from kafka_compat.api.observers import Observers
from kafka_compat.api.session import Session
from kafka_compat.api.slices import Sliced
from kafka_compat.clock import Clock
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.coordinator.group.service import GroupCoordinator
from kafka_compat.coordinator.transaction.ports import MarkerWriter, Verification
from kafka_compat.coordinator.transaction.service import TransactionCoordinator
from kafka_compat.ids import BrokerId
from kafka_compat.log.fetch_session_cache import FetchSessionCache
from kafka_compat.log.manager import LogManager
from kafka_compat.log.purgatory import OwnWaits
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.metadata.topic_admin import TopicAdmin
from kafka_compat.pacing import Turns
from kafka_compat.protocol.envelope import RequestHeader
from kafka_compat.protocol.message import Message
from kafka_compat.tasks import Supervisor

if TYPE_CHECKING:
    from kafka_compat.api.interception import Intercept
    from kafka_compat.api.throttling import BrokerQuotas
    from kafka_compat.security.authorizer import Authorizer
    from kafka_compat.security.delegation_tokens import DelegationTokens
    from kafka_compat.telemetry.service import Telemetry

Response = Message


@dataclass(slots=True)
class Services:
    """One broker's view of the cluster; what several brokers of one process share is the same object in each."""

    node_id: BrokerId
    config: BrokerConfig
    clock: Clock
    controller: Controller
    topics: TopicAdmin
    logs: LogManager
    purgatory: OwnWaits
    fetch_sessions: FetchSessionCache
    groups: GroupCoordinator
    markers: MarkerWriter
    transactions: TransactionCoordinator
    verification: Verification
    tasks: Supervisor
    # Held by the one request whose batches a thread inspects: what they decompress to is in memory once.
    inspecting: asyncio.Lock = field(default_factory=asyncio.Lock)
    turns: Turns = field(default_factory=Turns)
    memory: MemoryBudget = field(default_factory=MemoryBudget)
    # Who may do what; None: everybody everything.
    authorizer: Authorizer | None = None
    # Client telemetry, made when it is first needed (`api/telemetry_clients.py`).
    telemetry: Telemetry | None = None
    # Holds clients to their quotas; None as long as there are none.
    quotas: BrokerQuotas | None = None
    # None: there is no `delegation.token.secret.key`, and so there are no delegation tokens.
    tokens: DelegationTokens | None = None
    # Set by the test double while faults are put in: may act in place of a request's handler.
    intercept: Intercept | None = None
    # API key to the lowest and highest version that there is here, None for an API that is not: the view of an older broker.
    api_limits: Mapping[int, tuple[int, int] | None] = field(default_factory=dict)
    # Told of each request, whoever acts on it.
    observers: Observers = field(default_factory=Observers)

    @property
    def image(self) -> ClusterImage:
        """The cluster as of the last committed change."""
        return self.controller.image


class Place:
    """The place of a wide request among the few that may be under way together."""

    __slots__ = ("_gate", "_is_closed", "_is_held")

    def __init__(self, gate: asyncio.Semaphore) -> None:
        self._gate = gate
        self._is_held = False
        self._is_closed = False

    async def enter(self) -> None:
        """Take the place, when there is one."""
        await self._gate.acquire()
        if self._is_closed or self._is_held:
            self._gate.release()
        else:
            self._is_held = True

    def leave(self) -> None:
        """Give it up, if it is held, for as long as the request waits for what others do."""
        if self._is_held:
            self._is_held = False
            self._gate.release()

    def close(self) -> None:
        """The request has ended: give the place up, and take none any more."""
        self._is_closed = True
        self.leave()


@dataclass(slots=True)
class RequestContext:
    """One request on its way through its handler."""

    services: Services
    header: RequestHeader
    session: Session
    # Whether the request is dropped when the client goes away: it changes nothing, or has done so by now.
    drop_on_disconnect: bool = field(default=False)
    # Whether the request's records stay as they are when its handler has returned, or have to be copied.
    keeps_frame: bool = field(default=False)
    size_in_bytes: int = field(default=0)
    place: Place | None = field(default=None)  # of a wide request
    # On the clock of `time.monotonic_ns`: when the newest bytes of its connection had arrived, and when it began.
    received_ns: int = field(default=0)
    began_ns: int = field(default=0)
    # What was done to it on purpose, for those who record requests; only there when something was.
    fault: str = field(init=False, repr=False, compare=False)
    # Only where quotas are (`throttling.py`): how long its client has to wait as far as its handler has decided that, whether
    # it is counted, and what it has cost of the event loop's and threads' time, when that is not all since it began.
    throttle_ms: int = field(init=False, repr=False, compare=False)
    is_counted: bool = field(init=False, repr=False, compare=False)
    spent_ns: int = field(init=False, repr=False, compare=False)

    @property
    def queue_ns(self) -> int:
        """How long the request waited before it began, at least: it may have arrived before the newest bytes did."""
        return max(0, self.began_ns - self.received_ns)

    @property
    def version(self) -> int:
        """The request's API version, which is the response's too."""
        return self.header.api_version


class CloseConnection(Exception):
    """The request cannot be answered: the connection is closed, and the text says why in the log.

    Attributes:
        log_level: of that line.
    """

    log_level = logging.WARNING


Answer = Response | None | asyncio.Future[Any] | Coroutine[Any, Any, Response | None] | Sliced[Response | None]
