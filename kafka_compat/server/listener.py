"""Accepts connections on the broker's listeners and keeps their limits.

As in Kafka's SocketServer: a connection above `max.connections` waits until another one closes or the limit rises, one above
`max.connections.per.ip` (with overrides) is closed at once, and so is one without traffic for `connections.max.idle.ms`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import socket
import time
from collections import Counter
from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from kafka_compat.api.dispatch import Dispatcher
from kafka_compat.api.memory import STALL_S, MemoryBudget
from kafka_compat.api.session import Session
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.broker_rules import connection_limits
from kafka_compat.config.listener_config import ListenerConfig
from kafka_compat.config.listeners import Listener
from kafka_compat.pacing import Turns
from kafka_compat.server.acceptor import Acceptor, Complaint, listening_sockets
from kafka_compat.server.connection import CROWD, RECEIVE_BUFFER_BYTES, Connection
from kafka_compat.server.throttled_sockets import ThrottledSockets
from kafka_compat.tasks import Supervisor

if TYPE_CHECKING:
    from kafka_compat.security.quota.limits import AddressLimits
    from kafka_compat.server.connection_limits import ConnectionLimits
    from kafka_compat.server.sasl_connection import SaslListener
    from kafka_compat.server.tls.listener import TlsListener

logger = logging.getLogger(__name__)

_MAX_IDLE_CHECK_S: Final = 30.0
_MAX_LAST_ANSWER_S: Final = 30.0
_MEMORY_CHECK_S: Final = 1.0
# As many as the system would hold in the listening socket's backlog.
_MAX_WAITING: Final = 1024
# The default of max.connection.creation.rate.
_UNLIMITED: Final = (1 << 31) - 1


class SocketServer:
    """All listening sockets and connections of one broker.

    Args:
        dispatcher: of the requests.
        config: the limits.
        memory: that large requests and unsent answers take.
        places: connections that the process has descriptors for; None when nobody counts.
        sasl: of the listeners that ask for SASL, by listener's name.
        tls: of those that speak TLS, by listener's name.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        config: BrokerConfig,
        memory: MemoryBudget,
        places: int | None = None,
        sasl: Mapping[str, SaslListener] = MappingProxyType({}),
        tls: Mapping[str, TlsListener] = MappingProxyType({}),
    ) -> None:
        self.dispatcher = dispatcher
        self.memory = memory
        self.turns = Turns()
        memory.on_wait = self._watch_memory
        self._memory_check: asyncio.TimerHandle | None = None
        self.max_request_bytes = config.socket_request_max_bytes
        # Shared by all connections: a receive is handled before the loop begins the next one.
        self.receive_buffer = memoryview(bytearray(RECEIVE_BUFFER_BYTES))
        self._config = config
        self._places = places
        self._sasl = sasl
        self._tls = tls
        self._full = Complaint()
        self._acceptors: list[tuple[str, Acceptor]] = []  # with their listener's name
        self._accepting = Supervisor("listeners")
        self._opening = Supervisor("connections")
        self._taken_places = 0
        self._connections: set[Connection] = set()
        # Those of them that wait for a place, in order of arrival; not counted for their address yet.
        self._waiting: dict[Connection, None] = {}
        self._per_address: Counter[str] = Counter()
        self._next_connection_id = 0
        self._idle_check: asyncio.TimerHandle | None = None
        self._all_closed: asyncio.Event | None = None  # while stopping
        self._throttled = ThrottledSockets(self._give_place_back)
        self._limits: ConnectionLimits | None = None  # on how many come, while there are some
        self._addresses: AddressLimits | None = None
        config.observers += (self._admit, self._set_limits)

    async def listen(self, listener: Listener, sockets: list[socket.socket] | None = None) -> tuple[str, int]:
        """Open one listener and return the address it is bound to; `sockets` that listen for it already are taken over.

        Raises:
            OSError: the address is in use or not this machine's.
        """
        sockets = sockets or await listening_sockets(listener.host, listener.port)
        delay_s = partial(self._accept_delay_s, listener.name)
        self._acceptors += [
            (listener.name, Acceptor(each, partial(self._accepted, listener), self._accepting, delay_s)) for each in sockets
        ]
        self._limits = None  # which know all listeners
        self._set_limits()
        name = sockets[0].getsockname()
        return name[0], name[1]

    def start_serving(self) -> None:
        """Accept connections on every listener opened so far; those made before have waited."""
        for _, acceptor in self._acceptors:
            acceptor.start()
        self._schedule_idle_check()

    def connected(self, connection: Connection) -> bool:
        """Count a connection in, or let it wait; False when it is one too many of its address."""
        self._connections.add(connection)
        self.turns.is_shared = len(self._connections) > CROWD
        if len(self._connections) - len(self._waiting) > self._config.max_connections:
            if len(self._waiting) >= _MAX_WAITING:
                self._connections.discard(connection)
                return False
            self._waiting[connection] = None
            connection.hold()
            return True
        return self._count_address(connection)

    def disconnected(self, connection: Connection) -> None:
        """Count a connection out."""
        self._taken_places -= 1
        if connection in self._waiting:
            del self._waiting[connection]
        elif connection in self._connections:
            self._per_address[connection.session.host] -= 1
            if not self._per_address[connection.session.host]:
                del self._per_address[connection.session.host]
        self._connections.discard(connection)
        self.turns.is_shared = len(self._connections) > CROWD
        if not self._connections and self._all_closed is not None:
            self._all_closed.set()
        self.dispatcher.observers.tell_disconnected(connection.session)
        self._admit()

    def _count_address(self, connection: Connection) -> bool:
        self._per_address[connection.session.host] += 1
        overrides = connection_limits(self._config.max_connections_per_ip_overrides)
        limit = overrides.get(connection.session.host, self._config.max_connections_per_ip)
        return self._per_address[connection.session.host] <= limit

    def _admit(self) -> None:
        """Let connections go on that there is a place for now."""
        while self._waiting and len(self._connections) - len(self._waiting) < self._config.max_connections:
            connection = next(iter(self._waiting))
            del self._waiting[connection]
            if self._count_address(connection):
                connection.release()
            else:
                connection.refuse()

    def sessions(self) -> list[Session]:
        """Of the connections that are open now, those whose clients have not ended them."""
        return [connection.session for connection in self._connections if not connection.is_ended]

    @property
    def connection_count(self) -> int:
        """Connections that are open now."""
        return len(self._connections)

    def close_inherited(self) -> None:
        """Give back the descriptors that this process, a fork, has of the sockets; the process that serves keeps its own."""
        for _, acceptor in self._acceptors:
            acceptor.close_inherited()
        for connection in self._connections:
            connection.close_inherited()

    def release_sockets(self) -> dict[str, list[socket.socket]]:
        """Accept no more, but let the sockets listen on, by listener's name: who connects meanwhile waits."""
        released: dict[str, list[socket.socket]] = {}
        for name, acceptor in self._acceptors:
            released.setdefault(name, []).append(acceptor.release())
        self._acceptors.clear()
        return released

    def connections_by_listener(self) -> Counter[str]:
        """The same, by the listener's name."""
        return Counter(connection.session.listener for connection in self._connections)

    @property
    def accepted_count(self) -> int:
        """Connections that were ever made."""
        return self._next_connection_id

    def stop_accepting(self) -> None:
        """Close the listening sockets; connections go on."""
        if self._idle_check is not None:
            self._idle_check.cancel()
            self._idle_check = None
        if self._memory_check is not None:
            self._memory_check.cancel()
            self._memory_check = None
        for _, acceptor in self._acceptors:
            acceptor.close()
        self._throttled.close()

    async def close_connections(self, grace_s: float) -> None:
        """Let requests under way be answered for `grace_s` seconds, then cut what is left."""
        await self._accepting.close()
        await self._opening.settle()
        for connection in list(self._connections):
            connection.finish()
        if self._connections:
            self._all_closed = asyncio.Event()
            with contextlib.suppress(TimeoutError):  # the rest is cut below
                await asyncio.wait_for(self._all_closed.wait(), grace_s)
        await self._abort_connections()

    async def cut_connections(self) -> None:
        """Cut all at once: nothing more is carried out or answered."""
        for connection in list(self._connections):
            connection.abort()
        await self._accepting.close()
        await self._opening.settle()
        await self._abort_connections()

    async def _abort_connections(self) -> None:
        for connection in list(self._connections):
            connection.abort()
        # Let connection_lost run.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for tls in self._tls.values():
            await tls.close()

    def _accepted(self, listener: Listener, connected: socket.socket) -> None:
        """Make a connection of a socket; one that there is no descriptor for is closed."""
        if self._places is not None and self._taken_places >= self._places:
            connected.close()
            if self._full.is_due():
                logger.error(
                    "new connections are closed: %d are open, and the limit of open files allows no more", self._places
                )
            return
        self._taken_places += 1
        if self._limits is not None and (throttle_ms := self._limits.refused_ms(listener.name, connected)):
            self._throttled.keep(connected, throttle_ms)
            return
        self._opening.spawn("opening one", self._open(listener, connected))

    def _accept_delay_s(self, listener: str) -> float:
        """How long a connection that has just come, and all behind it, have to wait: max.connection.creation.rate."""
        return 0.0 if self._limits is None else self._limits.delay_s(listener)

    def limit_addresses(self, addresses: AddressLimits) -> None:
        """Hold addresses to their quotas, which may change, from now on."""
        self._addresses = addresses
        self._set_limits()

    def _set_limits(self) -> None:
        """Count connections while there is a limit for them."""
        names = {name for name, _ in self._acceptors}
        rates = {ListenerConfig(self._config, name).get("max.connection.creation.rate") for name in names}
        rates.add(self._config.max_connection_creation_rate)
        if not self._addresses and rates <= {_UNLIMITED}:
            self._limits = None
        elif self._limits is None and names:
            from kafka_compat.security.quota.limits import AddressLimits
            from kafka_compat.server.connection_limits import ConnectionLimits

            self._limits = ConnectionLimits(self._config, self._addresses or AddressLimits(), names)

    def _give_place_back(self) -> None:
        self._taken_places -= 1

    async def _open(self, listener: Listener, connected: socket.socket) -> None:
        try:
            await asyncio.get_running_loop().connect_accepted_socket(partial(self._new_protocol, listener), connected)
        except OSError as error:
            logger.debug("a connection was lost before it was opened: %s", error)
            self._taken_places -= 1
            connected.close()

    def _new_protocol(self, listener: Listener) -> asyncio.BufferedProtocol:
        """A connection, below TLS if its listener speaks that: then there is no other way to the socket."""
        self._next_connection_id += 1
        connection: Connection
        sasl = self._sasl.get(listener.name)
        if sasl is None:
            connection = Connection(self, listener, self._next_connection_id)
        else:
            from kafka_compat.server.sasl_connection import SaslConnection  # imported already, where there is such a listener

            connection = SaslConnection(self, listener, self._next_connection_id, sasl)
        return self._tls[listener.name].line(connection) if listener.is_tls else connection

    def _watch_memory(self) -> None:
        if self._memory_check is None:
            self._memory_check = asyncio.get_running_loop().call_later(_MEMORY_CHECK_S, self._abort_stalled)

    def _abort_stalled(self) -> None:
        """Give up who holds memory that others wait for, and does not take or send anything."""
        self._memory_check = None
        for connection in list(self._connections):
            if connection.will_not_send_the_rest:
                connection.cut("ended in the middle of a request while others waited for memory")
        stalled = set(self.memory.stalled(time.monotonic()))
        for connection in self._connections & stalled:
            connection.cut(f"neither sent nor took anything for {STALL_S:.0f} s while others waited for memory")
        if self.memory.has_waiters:
            self._watch_memory()

    def _schedule_idle_check(self) -> None:
        idle_ms = self._config.connections_max_idle_ms
        interval_s = min(_MAX_IDLE_CHECK_S, idle_ms / 1000 / 4) if idle_ms > 0 else _MAX_IDLE_CHECK_S
        self._idle_check = asyncio.get_running_loop().call_later(interval_s, self._close_idle)

    def _close_idle(self) -> None:
        now = time.monotonic()
        idle_ms = self._config.connections_max_idle_ms
        idle_s = idle_ms / 1000 if idle_ms > 0 else math.inf
        for connection in list(self._connections):
            quiet_s = now - connection.last_active(now)
            if connection.is_closing:
                # Kafka does not even wait for the last answer to be taken.
                if quiet_s > min(idle_s, _MAX_LAST_ANSWER_S):
                    connection.expire("its last answer is not taken")
            elif quiet_s > idle_s and not connection.is_waiting and connection not in self._waiting:
                connection.expire(f"idle for more than connections.max.idle.ms={idle_ms}")
        self._schedule_idle_check()
