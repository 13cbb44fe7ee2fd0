"""One client connection: frames in, answers out, in order and one at a time.

Theory of operation. Bytes are received into a buffer that all connections share (a receive is handled before the next one
begins); frames that lie whole in it are dispatched where they are. What is left over, a partial frame or frames behind a
request that still waits, is copied to this connection's backlog. A frame too large for that gets a buffer of its own
(`large_frame.py`). Small answers to frames that arrived together leave together: sending costs more than making them
(`sending.py`).

Fairness. All connections of a broker share a millisecond of each turn of the loop for their requests, and another one for those
that are known to be quick; the rest waits in line, each with up to 16 requests in its turn, or one where many wait.

Back-pressure. As in Kafka a connection has one request under way (channel muting). Reading pauses when the backlog is full, not
when an answer is pending, because a paused transport does not notice that its peer has gone. The next request begins only when
the system has taken the answers so far, so a client that never reads costs one response.

Mute clients. An answer may say how long no further request of its client is taken (`Session.mute`): it goes out at once, and
what comes meanwhile fills the backlog. A client that is gone is not waited for.

Memory. Large frames and answers that are not taken count in the broker's budget (`api/memory.py`). Without room a large frame
is not read on, and a request whose answer may be large does not begin; both go on when there is.

The end. What arrived whole before the client ended the connection is carried out, in order, whatever the end looks like:
- the client sends no more (FIN). It may have closed or still read: requests go on, are answered, and the connection closes.
- the connection is gone (reset, or an answer could not be sent; the system is asked before each request where the transport
  does not read and would not notice). Requests that only read are left out, a wait for data ends, writes are carried out:
  first the backlog, then what the system has received and the transport not. That is read through a descriptor of our own,
  because the transport closes its one; where it is TLS that lies there, it is deciphered (`tls/line.py`).
The reference does the first; in the second case it loses what it has not read when it fails to send an answer.
"""

from __future__ import annotations

import asyncio
import logging
from time import monotonic_ns
from typing import Final, Protocol, cast

from kafka_compat.api.context import CloseConnection
from kafka_compat.api.dispatch import Dispatcher, Pending
from kafka_compat.api.interception import Outcome
from kafka_compat.api.memory import LEAST_RECEIVE_BYTES, MemoryBudget
from kafka_compat.api.session import Session
from kafka_compat.config.listeners import Listener
from kafka_compat.pacing import Turns
from kafka_compat.server.large_frame import LargeFrame, LargeFrames
from kafka_compat.server.request_kinds import QUICK, answer_level
from kafka_compat.server.sending import Sender
from kafka_compat.server.socket_state import SocketState, Unread, socket_state
from kafka_compat.server.wrong_protocol import describe_wrong_protocol
from kafka_compat.wire.errors import WireError
from kafka_compat.wire.framing import read_frame_size
from kafka_compat.wire.types import close_parts

logger = logging.getLogger(__name__)

RECEIVE_BUFFER_BYTES: Final = 256 * 1024
# Above this a partial frame is received straight into its own buffer; also the most a backlog holds before reading pauses.
BACKLOG_BYTES: Final = 64 * 1024
_FRAMES_PER_TURN: Final = 16
_TURN_NS: Final = 1_000_000
# More connections than this have to take turns. Where so many wait for theirs, each has one request in it: whoever comes waits
# for all of them once.
CROWD: Final = 16


class ConnectionOwner(Protocol):
    """What a connection needs from its listener."""

    dispatcher: Dispatcher
    max_request_bytes: int
    memory: MemoryBudget
    receive_buffer: memoryview
    turns: Turns

    def connected(self, connection: Connection) -> bool:
        """Count the connection in, or hold it; False when a limit refuses it."""

    def disconnected(self, connection: Connection) -> None:
        """Count the connection out."""


class Connection(asyncio.BufferedProtocol):
    """The protocol object of one accepted socket."""

    def __init__(self, owner: ConnectionOwner, listener: Listener, connection_id: int) -> None:
        self._owner = owner
        self._transport: asyncio.Transport | None = None
        self._socket: SocketState | None = None  # as long as there is a transport
        self.session = Session("?", 0, listener.name, connection_id, listener.security_protocol, received_ns=monotonic_ns())
        self._backlog = bytearray()
        self._large = LargeFrames(owner.memory, self, self._pause_reading, self._receive_on)
        self._seen_moved_bytes = 0
        self._last_moved = 0.0
        self._sender = Sender(owner.memory, self, self._continue, self._give_up)
        self._pending: Pending | None = None
        self._read_paused = False
        self._continuation_scheduled = False
        self._has_turn = False
        self._is_held = False  # until there is a place for it
        self._unmuting: asyncio.TimerHandle | None = None  # while it is mute
        self._is_ended = False  # the client sends no more
        self._unread: Unread | None = None  # of a client that is gone: what the transport has not read
        self._closing = False  # by us: no further request is taken
        self._is_counted = True
        self._max_frame_bytes = owner.max_request_bytes

    # --- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept the socket, or close it when its address has too many."""
        # uvloop's transports have the interface and not the base class.
        self._transport = cast(asyncio.Transport, transport)
        self._sender.connect(self._transport)
        name = transport.get_extra_info("peername")
        if isinstance(name, tuple):
            self.session.host, self.session.port = str(name[0]), int(name[1])
        self._socket = socket_state(transport)
        self.session.takes_regions = self._socket.takes_regions
        self.session.send = self._send
        if not self._owner.connected(self):
            self.refuse()

    def connection_lost(self, exc: Exception | None) -> None:
        """End waits for data and carry out what arrived; joins, produces and commits under way run on, as in Kafka."""
        self._transport = None
        state, self._socket = self._socket, None
        self._sender.drop()
        self.session.is_gone = True
        self.session.send = None
        self._tell_ended()
        self._forget_mute()
        self._continuation_scheduled = self._is_held
        self._owner.memory.forget(self)
        if not self._closing and not self._is_ended and state is not None:
            if self._is_held and not self._backlog and not state.unread_bytes():
                self.close("its client did not wait")
            else:
                self._unread = state.unread()
        self._is_ended = True
        pending = self._pending
        if pending is not None and pending.drop_on_disconnect:
            pending.future.cancel()
        self._continue()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go: the large frame's own buffer, or the shared one."""
        if self._large.frame is not None:
            return self._large.free(self._large.frame)
        if self._is_busy():
            return self._owner.receive_buffer[: max(LEAST_RECEIVE_BYTES, BACKLOG_BYTES - len(self._backlog))]
        if self._owner.memory.is_tight:
            return self._owner.receive_buffer[:LEAST_RECEIVE_BYTES]
        # All of it but the first frame may have to wait: a crowd must not come to hold a multiple of its backlogs.
        return self._owner.receive_buffer[:BACKLOG_BYTES] if self._owner.turns.is_shared else self._owner.receive_buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes have arrived."""
        session = self.session
        session.received_ns = session.turn_ns = monotonic_ns()
        if self._closing:
            return
        if self._large.frame is not None:
            self._receive_large(self._large.frame, nbytes)
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
        self._is_ended = self.session.sends_no_more = True
        self._tell_ended()
        self._owner.dispatcher.observers.tell_disconnected(self.session)
        if self._closing:
            return False
        if self._is_held and not self._backlog:
            self.close("its client did not wait")
        else:
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
        if self._backlog and self._large.frame is None:
            # A new bytearray for what is left: views of this one may still be alive, and it could not be resized then.
            waiting, self._backlog = self._backlog, bytearray()
            self.session.turn_ns = monotonic_ns()
            self._consume(memoryview(waiting))
        if self._is_ended:
            self._take_leave()
            return
        # What is left while nothing stands in the way is a frame whose end has not come: it needs more bytes, however full.
        may_read = len(self._backlog) < BACKLOG_BYTES or not self._is_busy()
        if may_read and not self._large.is_waiting:
            self._resume_reading()

    def _consume(self, view: memoryview) -> None:
        """Dispatch the whole frames of `view` and keep what cannot be handled yet.

        Nothing stands in the way of the first, and the session knows when the turn began.
        """
        position = 0
        end = len(view)
        turns = self._owner.turns
        frames_at_once = _FRAMES_PER_TURN
        is_quick = turns.is_shared and bytes(view[4:6]) in QUICK
        if turns.is_shared:
            if not self._has_turn and not turns.has_time(is_quick=is_quick):
                frames_at_once = 0
            elif turns.waiting >= CROWD:
                frames_at_once = 1
        turn_began_ns = self.session.turn_ns
        frames = 0
        while end - position >= 4 and not self._closing:
            if frames and self._is_busy():
                break
            if frames or not frames_at_once:
                # What stands behind a quick request waits like any other.
                next_is_quick = turns.is_shared and bytes(view[position + 4 : position + 6]) in QUICK
                if frames >= frames_at_once or (is_quick and not next_is_quick) or monotonic_ns() - turn_began_ns > _TURN_NS:
                    self._go_on_next_turn(is_quick=next_is_quick)
                    break
            try:
                size = read_frame_size(view, position, self._max_frame_bytes)
            except WireError as error:
                self._refuse_size(error, view[position : position + 4])
                return
            if end - position - 4 < size:
                if size > BACKLOG_BYTES:
                    self._sender.flush()
                    self._begin_large(view[position + 4 :], size)
                    return
                break
            if (self._is_ended or self._read_paused) and self._has_quietly_gone():
                break
            if self._owner.memory.is_full and self._waits_for_memory(view[position + 4 : position + 6]):
                break
            self._dispatch(view[position + 4 : position + 4 + size])
            position += 4 + size
            frames += 1
        if turns.is_shared and not self._has_turn:
            turns.spend((monotonic_ns() - turn_began_ns) / 1e9)
        self._sender.flush()
        if position < end and not self._closing:
            self._backlog += view[position:]
            self._pause_reading_when_full()

    def _refuse_size(self, error: WireError, size: memoryview) -> None:
        guess = describe_wrong_protocol(size)
        self.close(f"{error}; {guess}" if guess else str(error), level=logging.WARNING)

    def _has_quietly_gone(self) -> bool:
        """Whether the client reads no more and the transport, which does not read either, has not noticed; sees to it."""
        if self._socket is None or not self._socket.reads_no_more():
            return False
        self._give_up(ConnectionResetError("the client is gone"))
        return True

    def _go_on_next_turn(self, *, is_quick: bool = False) -> None:
        self._continuation_scheduled = True
        self._owner.turns.later(self._next_turn, is_quick=is_quick)

    def _next_turn(self) -> None:
        self._continuation_scheduled = False
        self._has_turn = True
        try:
            self._continue()
        finally:
            self._has_turn = False

    def _pause_reading_when_full(self) -> None:
        if len(self._backlog) >= BACKLOG_BYTES and self._is_busy():
            self._pause_reading()

    def _pause_reading(self) -> None:
        if not self._read_paused and not self._is_ended and self._transport is not None:
            self._read_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._read_paused and not self._is_ended and self._transport is not None:
            self._read_paused = False
            self._transport.resume_reading()

    def _begin_large(self, received: memoryview, size: int) -> None:
        self._large.begin(received, size)

    def _receive_large(self, frame: LargeFrame, size: int) -> None:
        self._large.receive(frame, size)
        if frame.is_whole:
            self._dispatch(frame.view(), keeps_frame=True)
            if self._pending is None:
                self._large.release()
            self._sender.flush()
            self._continue()

    def _receive_on(self) -> None:
        """There is memory for more of a large frame."""
        self._resume_reading()
        self._continue()

    # --- requests

    def _waits_for_memory(self, api_key: memoryview) -> bool:
        """Whether a request does not begin now, because its answer may be large; it does when there is room."""
        if self.session.is_gone:
            return False
        level = answer_level(bytes(api_key))
        memory = self._owner.memory
        if level is None or memory.has_room(self, level):
            return False
        self._continuation_scheduled = True
        memory.wait(self, level, self._next_turn)
        return True

    def _dispatch(self, frame: memoryview, *, keeps_frame: bool = False) -> None:
        try:
            answer = self._owner.dispatcher.dispatch(frame, self.session, keeps_frame=keeps_frame)
        except CloseConnection as reason:
            self.close(str(reason), level=reason.log_level)
            return
        if isinstance(answer, Pending):
            self._pending = answer
            answer.future.add_done_callback(self._answered)
        elif answer is not None:
            if self._transport is None:
                close_parts(answer)
            else:
                self._sender.add(answer)
        if self.session.muted_until_ns:
            self._mute()

    def _answered(self, future: asyncio.Future[Outcome]) -> None:
        pending, self._pending = self._pending, None
        assert pending is not None
        self._large.release()
        self.session.turn_ns = monotonic_ns()
        if self.session.is_gone and (future.cancelled() or future.exception() is not None):
            # Nobody is there to hear of a failure; it still belongs in the log.
            pending.settle()
            if not future.cancelled() and isinstance(reason := future.exception(), CloseConnection):
                self.close(str(reason), level=reason.log_level)
            self._continue()
            return
        try:
            chunks = pending.chunks()
        except CloseConnection as reason:
            self.close(str(reason), level=reason.log_level)
            self._continue()
            return
        if isinstance(chunks, Pending):
            self._pending = chunks
            chunks.future.add_done_callback(self._answered)
            return
        if chunks is not None:
            if self._transport is None:
                close_parts(chunks)
            else:
                self._sender.add(chunks)
                self._sender.flush()
        if self.session.muted_until_ns:
            self._mute()
        self._continue()

    def _send(self, piece: bytes) -> None:
        if self._transport is not None:
            self._sender.add((piece,))
            self._sender.flush()

    def _tell_ended(self) -> None:
        if self.session.when_ended is not None:
            self.session.when_ended()

    def _mute(self) -> None:
        """Begin no further request until the session says, or at once when that is over."""
        if self._pending is not None:
            return  # its answer comes first
        left_ns = self.session.muted_until_ns - monotonic_ns()
        if left_ns <= 0 or self._transport is None:
            self.session.muted_until_ns = 0
        elif self._unmuting is None:
            self._continuation_scheduled = True
            self._unmuting = asyncio.get_running_loop().call_later(left_ns / 1e9, self._unmute)

    def _unmute(self) -> None:
        self._unmuting = None
        self._continuation_scheduled = False
        self.session.turn_ns = monotonic_ns()  # nor was it idle
        self._mute()  # the time may have become longer
        self._continue()

    def _forget_mute(self) -> None:
        if self._unmuting is not None:
            self._unmuting.cancel()
            self._unmuting = None

    def _give_up(self, error: OSError) -> None:
        """An answer cannot go on: the client is gone, or the rest of a region cannot be read."""
        is_gone = isinstance(error, ConnectionError)
        level = logging.DEBUG if is_gone else logging.WARNING
        logger.log(level, "closing connection from %s on %s: %s", self.session.address, self.session.listener, error)
        if not is_gone:
            self.abort()
        elif self._transport is not None:
            self._sender.drop()
            self._forget_mute()
            self._continuation_scheduled = True  # in `connection_lost`
            self._transport.abort()

    # --- limits

    def hold(self) -> None:
        """Begin no request until `release`; what comes fills the backlog, so that the client's end is noticed."""
        self._is_held = self._continuation_scheduled = True

    def release(self) -> None:
        """Begin with the requests of a connection that was held."""
        self._is_held = self._continuation_scheduled = False
        self.session.received_ns = monotonic_ns()
        self._continue()

    def refuse(self) -> None:
        """Close a connection that is one too many."""
        self.close("too many connections", level=logging.WARNING)

    def tell_refused(self, reason: str) -> None:
        """Tell observers that it is not served; whoever does not serve it closes it."""
        self._owner.dispatcher.observers.tell_refused(self.session, reason)

    # --- the end

    def last_active(self, now: float) -> float:
        """When something was last received or sent, on the monotonic clock; asked now and then, it sees answers move too."""
        if self._sender.is_busy:
            moved = self.moved_bytes
            if moved != self._seen_moved_bytes:
                self._seen_moved_bytes = moved
                self._last_moved = now
        return max(self.session.received_ns / 1e9, self.session.turn_ns / 1e9, self._last_moved, self._sender.last_active)

    @property
    def moved_bytes(self) -> int:
        """Bytes of large frames received and of answers sent so far."""
        return self._large.received_bytes + self._sender.moved_bytes

    @property
    def is_held_up(self) -> bool:
        """Whether there is something to receive that waits for memory."""
        return self._large.is_waiting and (self._socket is None or self._socket.unread_bytes() != 0)

    @property
    def will_not_send_the_rest(self) -> bool:
        """Whether the client has ended the connection in a large frame that waits for memory."""
        frame, state = self._large.frame, self._socket
        if frame is None or state is None or not self._large.is_waiting or not state.sends_no_more():
            return False
        return 0 <= state.unread_bytes() < frame.size - frame.filled

    @property
    def is_ended(self) -> bool:
        """Whether the client sends no more, though it may still be answered."""
        return self._is_ended

    @property
    def is_closing(self) -> bool:
        """Whether only answers are left to be sent."""
        return self._closing

    @property
    def is_waiting(self) -> bool:
        """Whether a client that still listens waits for this broker, so that the connection is not idle."""
        return (self._pending is not None or self._unmuting is not None) and not self._is_ended

    def close(self, reason: str, level: int = logging.DEBUG) -> None:
        """Take no further request, and close when the answers so far are sent; `reason` goes to the log."""
        if self._closing:
            return
        self._closing = True
        logger.log(level, "closing connection from %s on %s: %s", self.session.address, self.session.listener, reason)
        if level >= logging.WARNING:
            self.tell_refused(reason)
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

    def expire(self, reason: str) -> None:
        """Close a connection on which nothing moves: at once, as in Kafka, when it is the client that does not move."""
        if self._sender.is_busy or self._closing:
            self.cut(reason)
        else:
            self.close(reason)

    def cut(self, reason: str) -> None:
        """Abort with a log line."""
        if self._transport is not None:
            logger.warning("cutting off %s on %s: %s", self.session.address, self.session.listener, reason)
        self.abort()

    def abort(self) -> None:
        """Close without waiting for the peer to read."""
        self._closing = True
        self._sender.drop()
        if self._transport is not None:
            self._transport.abort()
        else:
            self._count_out()

    def close_inherited(self) -> None:
        """Give back the descriptor in a process that is a fork: the client has to notice when its connection is closed."""
        if self._socket is not None:
            self._socket.close_inherited()

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
        if self._large.waits_for_room():
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
        if not self.session.is_gone or not self._is_counted:
            return
        self._is_counted = False
        self._backlog = bytearray()
        self._owner.memory.forget(self)
        self._large.drop()
        if self._unread is not None:
            self._unread.close()
            self._unread = None
        self._owner.disconnected(self)
