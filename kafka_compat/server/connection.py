"""One client connection: frames in, answers out, in order and one at a time.

Theory of operation. Bytes are received into a buffer that all connections share (a receive is handled before the next one
begins); frames that lie whole in it are dispatched where they are. What is left over, a partial frame or frames behind a
request that still waits, is copied to this connection's backlog. A frame too large for that gets a buffer of its own, which
grows with the bytes that really arrive: a client that announces 100 MB and sends nothing costs nothing. Small answers to frames
that arrived together leave together: sending costs more than making them (`sending.py`).

Back-pressure. As in Kafka a connection has one request under way (channel muting). Reading pauses when the backlog is full, not
when an answer is pending, because a paused transport does not notice that its peer has gone. The next request begins only when
the system has taken the answers so far, so a client that never reads costs one response.

The end. What arrived whole before the client ended the connection is carried out, in order, whatever the end looks like:
- the client sends no more (FIN). It may have closed or still read: requests go on, are answered, and the connection closes.
- the connection is gone (reset, or an answer could not be sent). Requests that only read are left out, a wait for data ends,
  writes are carried out: first the backlog, then what the system has received and the transport not. That is read through a
  descriptor of our own, because the transport closes its one.
The reference does the first; in the second case it loses what it has not read when it fails to send an answer.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from typing import Final, Protocol, cast

from kafka_compat.api.context import CloseConnection, Peer
from kafka_compat.api.dispatch import Dispatcher, Outcome, Pending
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.server.sending import Sender, close_regions
from kafka_compat.server.wrong_protocol import describe_wrong_protocol
from kafka_compat.wire.errors import WireError
from kafka_compat.wire.framing import read_frame_size

logger = logging.getLogger(__name__)

RECEIVE_BUFFER_BYTES: Final = 256 * 1024
# Above this a partial frame is received straight into its own buffer; also the most a backlog holds before reading pauses.
BACKLOG_BYTES: Final = 64 * 1024
# What a large frame's buffer begins with at least: a thousand clients that announce one must not cost a gigabyte.
_FIRST_GROWTH_BYTES: Final = 16 * 1024
# A produce request of 1 MiB of which a good part came with the first receive gets its whole buffer at once.
_FIRST_GROWTH_FACTOR: Final = 4
_FRAMES_PER_TURN: Final = 16
_SECONDS_PER_TURN: Final = 0.001
# Requests that change nothing: nobody waits for their answer when the client is gone.
_READS: Final = frozenset(
    key.to_bytes(2, "big")
    for key in (
        ApiKey.FETCH,
        ApiKey.LIST_OFFSETS,
        ApiKey.OFFSET_FETCH,
        ApiKey.DESCRIBE_GROUPS,
        ApiKey.LIST_GROUPS,
        ApiKey.API_VERSIONS,
        ApiKey.OFFSET_FOR_LEADER_EPOCH,
        ApiKey.DESCRIBE_CONFIGS,
        ApiKey.DESCRIBE_LOG_DIRS,
        ApiKey.LIST_PARTITION_REASSIGNMENTS,
        ApiKey.DESCRIBE_QUORUM,
        ApiKey.DESCRIBE_CLUSTER,
        ApiKey.DESCRIBE_PRODUCERS,
        ApiKey.LIST_CONFIG_RESOURCES,
        ApiKey.DESCRIBE_TOPIC_PARTITIONS,
    )
)


class ConnectionOwner(Protocol):
    """What a connection needs from its listener."""

    dispatcher: Dispatcher
    max_request_bytes: int
    receive_buffer: memoryview

    def connected(self, connection: Connection) -> bool:
        """Count the connection in, or hold it; False when a limit refuses it."""

    def disconnected(self, connection: Connection) -> None:
        """Count the connection out."""


class Connection(asyncio.BufferedProtocol):
    """The protocol object of one accepted socket."""

    def __init__(self, owner: ConnectionOwner, listener: str, connection_id: int) -> None:
        self._owner = owner
        self._listener = listener
        self._id = connection_id
        self._transport: asyncio.Transport | None = None
        self.peer = Peer("?", listener, connection_id)
        self.address = "?"  # the peer's IP address, for limits per address
        self._last_received = time.monotonic()
        self._backlog = bytearray()
        self._large: bytearray | None = None  # a large frame's buffer, without the length prefix
        self._large_size = 0
        self._large_filled = 0
        self._sender = Sender(self._continue, self._give_up)
        self._pending: Pending | None = None
        self._read_paused = False
        self._continuation_scheduled = False
        self._is_ended = False  # the client sends no more
        self._is_gone = False  # it cannot read either
        self._unread: socket.socket | None = None  # of a client that is gone: what the transport has not read
        self._closing = False  # by us: no further request is taken
        self._is_counted = True

    # --- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept the socket, or close it when its address has too many."""
        # uvloop's transports have the interface and not the base class.
        self._transport = cast(asyncio.Transport, transport)
        self._sender.connect(self._transport)
        name = transport.get_extra_info("peername")
        if isinstance(name, tuple):
            self.address = str(name[0])
        address = f"{name[0]}:{name[1]}" if isinstance(name, tuple) else str(name)
        self.peer = Peer(address, self._listener, self._id)
        if not self._owner.connected(self):
            self.refuse()

    def connection_lost(self, exc: Exception | None) -> None:
        """End waits for data and carry out what arrived; joins, produces and commits under way run on, as in Kafka."""
        transport, self._transport = self._transport, None
        self._sender.drop()
        self._is_gone = True
        self._continuation_scheduled = False
        if not self._closing and not self._is_ended and transport is not None:
            self._unread = _duplicate(transport)
        self._is_ended = True
        pending = self._pending
        if pending is not None and pending.drop_on_disconnect:
            pending.future.cancel()
        self._continue()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go: the large frame's own buffer, or the shared one."""
        large = self._large
        if large is None:
            return self._owner.receive_buffer
        if self._large_filled == len(large):
            grown = bytearray(min(self._large_size, 2 * len(large)))
            grown[: len(large)] = large
            self._large = large = grown
        return memoryview(large)[self._large_filled :]

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes have arrived."""
        self._last_received = time.monotonic()
        if self._closing:
            return
        if self._large is not None:
            self._large_filled += nbytes
            if self._large_filled == self._large_size:
                frame, self._large = self._large, None
                self._dispatch(memoryview(frame), keeps_frame=True)
                self._sender.flush()
                self._continue()
            return
        received = self._owner.receive_buffer[:nbytes]
        if self._backlog or self._is_busy():
            self._backlog += received
            if not self._is_busy():
                self._continue()
            self._pause_reading_when_full()
        else:
            self._consume(received)

    def eof_received(self) -> bool:
        """The client sends no more: True as long as something that it sent is to be carried out or answered."""
        self._is_ended = True
        if self._closing:
            return False
        self._continue()
        return not self._closing

    def pause_writing(self) -> None:
        """The client does not read: begin no further request."""
        self._sender.pause()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._sender.resume()

    # --- frames

    def _is_busy(self) -> bool:
        sender = self._sender
        return self._pending is not None or sender.is_paused or sender.is_writing or self._continuation_scheduled

    def _continue(self) -> None:
        """Take up the backlog once nothing stands in the way."""
        if self._closing:
            self._close_when_sent()
            return
        if self._is_busy():
            return
        if self._backlog and self._large is None:
            # A new bytearray for what is left: views of this one may still be alive, and it could not be resized then.
            waiting, self._backlog = self._backlog, bytearray()
            self._consume(memoryview(waiting))
        if self._is_ended:
            self._take_leave()
            return
        # What is left while nothing stands in the way is a frame whose end has not come: it needs more bytes, however full.
        may_read = len(self._backlog) < BACKLOG_BYTES or not self._is_busy()
        if self._read_paused and may_read and self._transport is not None:
            self._read_paused = False
            self._transport.resume_reading()

    def _consume(self, view: memoryview) -> None:
        """Dispatch the whole frames of `view` and keep what cannot be handled yet."""
        position = 0
        end = len(view)
        turn_began = time.perf_counter()
        frames = 0
        while end - position >= 4 and not self._closing:
            if self._is_busy():
                break
            if frames >= _FRAMES_PER_TURN or (frames and time.perf_counter() - turn_began > _SECONDS_PER_TURN):
                self._go_on_next_turn()
                break
            try:
                size = read_frame_size(view, position, self._owner.max_request_bytes)
            except WireError as error:
                guess = describe_wrong_protocol(view[position : position + 4])
                self.close(f"{error}; {guess}" if guess else str(error), level=logging.WARNING)
                return
            if end - position - 4 < size:
                if size > BACKLOG_BYTES:
                    self._sender.flush()
                    self._begin_large(view[position + 4 :], size)
                    return
                break
            self._dispatch(view[position + 4 : position + 4 + size])
            position += 4 + size
            frames += 1
        self._sender.flush()
        if position < end and not self._closing:
            self._backlog += view[position:]
            self._pause_reading_when_full()

    def _go_on_next_turn(self) -> None:
        self._continuation_scheduled = True
        asyncio.get_running_loop().call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._continuation_scheduled = False
        self._continue()

    def _begin_large(self, received: memoryview, size: int) -> None:
        self._large = bytearray(min(size, max(_FIRST_GROWTH_BYTES, _FIRST_GROWTH_FACTOR * len(received))))
        self._large[: len(received)] = received
        self._large_size = size
        self._large_filled = len(received)

    def _pause_reading_when_full(self) -> None:
        if len(self._backlog) >= BACKLOG_BYTES and not self._read_paused and not self._is_ended and self._is_busy():
            assert self._transport is not None
            self._read_paused = True
            self._transport.pause_reading()

    # --- requests

    def _dispatch(self, frame: memoryview, *, keeps_frame: bool = False) -> None:
        if self._is_gone and bytes(frame[:2]) in _READS:
            return
        try:
            answer = self._owner.dispatcher.dispatch(frame, self.peer, keeps_frame=keeps_frame)
        except CloseConnection as reason:
            self.close(str(reason), level=logging.WARNING)
            return
        if isinstance(answer, Pending):
            self._pending = answer
            answer.future.add_done_callback(self._answered)
        elif answer is not None:
            if self._transport is None:
                close_regions(answer)
            else:
                self._sender.add(answer)

    def _answered(self, future: asyncio.Future[Outcome]) -> None:
        pending, self._pending = self._pending, None
        assert pending is not None
        if self._is_gone and (future.cancelled() or future.exception() is not None):
            # Nobody is there to hear of a failure; it still belongs in the log.
            pending.settle()
            if not future.cancelled() and isinstance(reason := future.exception(), CloseConnection):
                self.close(str(reason), level=logging.WARNING)
            self._continue()
            return
        try:
            chunks = pending.chunks()
        except CloseConnection as reason:
            self.close(str(reason), level=logging.WARNING)
            self._continue()
            return
        if isinstance(chunks, Pending):
            self._pending = chunks
            chunks.future.add_done_callback(self._answered)
            return
        if chunks is not None:
            if self._transport is None:
                close_regions(chunks)
            else:
                self._sender.add(chunks)
                self._sender.flush()
        self._continue()

    def _give_up(self, error: OSError) -> None:
        """An answer cannot go on: the client is gone, or the rest of a region cannot be read."""
        is_gone = isinstance(error, ConnectionError)
        level = logging.DEBUG if is_gone else logging.WARNING
        logger.log(level, "closing connection from %s on %s: %s", self.peer.address, self._listener, error)
        if not is_gone:
            self.abort()
        elif self._transport is not None:
            self._sender.drop()
            self._continuation_scheduled = True  # in `connection_lost`
            self._transport.abort()

    # --- limits

    def hold(self) -> None:
        """Read nothing until `release`; called while the connection is made."""
        assert self._transport is not None
        self._transport.pause_reading()

    def release(self) -> None:
        """Begin to read a connection that was held."""
        self._last_received = time.monotonic()
        if self._transport is not None:
            self._transport.resume_reading()

    def refuse(self) -> None:
        """Close a connection that is one too many."""
        self.close("too many connections", level=logging.WARNING)

    # --- the end

    @property
    def last_active(self) -> float:
        """When something was last received or sent, on the monotonic clock."""
        return max(self._last_received, self._sender.last_active)

    @property
    def is_waiting(self) -> bool:
        """Whether a request is under way, so that the connection is not idle."""
        return self._pending is not None

    def close(self, reason: str, level: int = logging.DEBUG) -> None:
        """Take no further request, and close when the answers so far are sent; `reason` goes to the log."""
        if self._closing:
            return
        self._closing = True
        logger.log(level, "closing connection from %s on %s: %s", self.peer.address, self._listener, reason)
        self._sender.flush()
        self._close_when_sent()

    def finish(self) -> None:
        """Take no further request; close when the one under way is answered.

        Of a client that has ended the connection all that arrived is carried out.
        """
        if self._is_ended:
            return
        if self._pending is None:
            self.close("the broker is stopping")
        else:
            self._closing = True

    def abort(self) -> None:
        """Close without waiting for the peer to read."""
        self._closing = True
        self._sender.drop()
        if self._transport is not None:
            self._transport.abort()
        else:
            self._count_out()

    def _close_when_sent(self) -> None:
        if self._transport is None:
            self._count_out()
        elif self._pending is None and not self._sender.is_writing:
            self._transport.close()

    def _take_leave(self) -> None:
        """Go on behind a client that sends no more, or close when all that it sent has been handled."""
        if self._closing or self._is_busy():
            return
        if self._unread is None:
            self.close("the client has ended it")
            return
        # The next turn takes up what comes now.
        self._go_on_next_turn()
        try:
            received = self._unread.recv_into(self.get_buffer(-1))
        except OSError:
            received = 0
        if received:
            self.buffer_updated(received)
        else:
            self._unread.close()
            self._unread = None

    def _count_out(self) -> None:
        """Leave the listener's books: nothing more will be done for this connection."""
        if not self._is_gone or not self._is_counted:
            return
        self._is_counted = False
        self._backlog = bytearray()
        self._large = None
        if self._unread is not None:
            self._unread.close()
            self._unread = None
        self._owner.disconnected(self)


def _duplicate(transport: asyncio.Transport) -> socket.socket | None:
    """The transport's socket with a descriptor of its own; None when there is none to be had."""
    try:
        duplicate = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
    except (OSError, AttributeError):
        return None
    duplicate.setblocking(False)
    return duplicate
