"""One client connection: frames in, answers out, in order and one at a time.

Theory of operation. Bytes are received into a buffer that all connections share (a receive is handled before the next one
begins); frames that lie whole in it are dispatched where they are. What is left over, a partial frame or frames behind a
request that still waits, is copied to this connection's backlog. A frame too large for that gets a buffer of its own, which
grows with the bytes that really arrive: a client that announces 100 MB and sends nothing costs nothing. Small answers to frames
that arrived together leave together: sending costs more than making them.

Back-pressure. As in Kafka a connection has one request under way (channel muting). Reading pauses when the backlog is full, not
when an answer is pending, because a paused transport does not notice that its peer has gone. The next request begins only when
the transport's write buffer is below its high-water mark, so a client that never reads costs one response. A large answer goes
out in parts, one in a turn of the loop: the system copies a megabyte in the time of ten small requests, which others wait for.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Final, Protocol, cast

from kafka_compat.api.context import CloseConnection, Peer
from kafka_compat.api.dispatch import Dispatcher, Outcome, Pending
from kafka_compat.filesystem import FileRegion
from kafka_compat.server.wrong_protocol import describe_wrong_protocol
from kafka_compat.wire.errors import WireError
from kafka_compat.wire.framing import read_frame_size
from kafka_compat.wire.primitives import Buffer, Part
from kafka_compat.wire.types import read_parts

logger = logging.getLogger(__name__)

RECEIVE_BUFFER_BYTES: Final = 256 * 1024
# Above this a partial frame is received straight into its own buffer; also the most a backlog holds before reading pauses.
BACKLOG_BYTES: Final = 64 * 1024
# What a large frame's buffer begins with at least: a thousand clients that announce one must not cost a gigabyte.
_FIRST_GROWTH_BYTES: Final = 16 * 1024
# A produce request of 1 MiB of which a good part came with the first receive gets its whole buffer at once.
_FIRST_GROWTH_FACTOR: Final = 4
# Answers are held back while a turn lasts, up to so many bytes: enough for small ones, too few to undo the back-pressure.
_UNSENT_BYTES: Final = 16 * 1024
# Of one answer in one turn.
_PART_BYTES: Final = 128 * 1024
# The same of a file region, which costs less.
_REGION_BYTES: Final = 256 * 1024
_HIGH_WATER_BYTES: Final = 64 * 1024
_FRAMES_PER_TURN: Final = 16
_SECONDS_PER_TURN: Final = 0.001


class ConnectionOwner(Protocol):
    """What a connection needs from its listener."""

    dispatcher: Dispatcher
    max_request_bytes: int
    receive_buffer: memoryview

    def connected(self, connection: Connection) -> bool:
        """Count the connection in, or hold it; False when a limit refuses it."""

    def disconnected(self, connection: Connection) -> None:
        """Count the connection out."""


Buffers = list[Buffer]
Parts = list[Part]


def split_at(chunks: Parts, size: int) -> tuple[Buffers, Parts]:
    """The first `size` bytes of `chunks`, fewer when a file region comes before, and the rest, without a copy."""
    left = size
    head: Buffers = []
    for number, chunk in enumerate(chunks):
        if isinstance(chunk, FileRegion):
            return head, chunks[number:]
        if len(chunk) > left:
            view = memoryview(chunk)
            return [*head, *([view[:left]] if left else [])], [view[left:], *chunks[number + 1 :]]
        head.append(chunk)
        left -= len(chunk)
    return head, []


class Connection(asyncio.BufferedProtocol):
    """The protocol object of one accepted socket."""

    def __init__(self, owner: ConnectionOwner, listener: str, connection_id: int) -> None:
        self._owner = owner
        self._listener = listener
        self._id = connection_id
        self._transport: asyncio.Transport | None = None
        self.peer = Peer("?", listener, connection_id)
        self.address = "?"  # the peer's IP address, for limits per address
        self.last_active = time.monotonic()
        self._backlog = bytearray()
        self._large: bytearray | None = None  # a large frame's buffer, without the length prefix
        self._large_size = 0
        self._large_filled = 0
        self._unsent: Parts = []
        self._unsent_size = 0
        self._pending: Pending | None = None
        self._write_paused = False
        self._is_writing = False  # parts of an answer have to follow
        self._next_part: asyncio.Handle | None = None
        self._read_paused = False
        self._continuation_scheduled = False
        self._closing = False
        # In some releases of Python 3.12 to 3.14 writelines of asyncio's own transports registers a socket that is about to be
        # closed, after which no connection with that descriptor works any more, and never calls pause_writing (CPython
        # gh-136234, gh-127655).
        self._joins_chunks = False

    # --- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept the socket, or close it when its address has too many."""
        # uvloop's transports have the interface and not the base class.
        self._transport = cast(asyncio.Transport, transport)
        self._joins_chunks = isinstance(transport, asyncio.Transport)
        name = transport.get_extra_info("peername")
        if isinstance(name, tuple):
            self.address = str(name[0])
        address = f"{name[0]}:{name[1]}" if isinstance(name, tuple) else str(name)
        self.peer = Peer(address, self._listener, self._id)
        if not self._owner.connected(self):
            self.refuse()

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop waits for data; joins, produces and commits run on, as in Kafka."""
        self._closing = True
        self._transport = None
        pending = self._pending
        if pending is not None and pending.drop_on_disconnect:
            pending.future.cancel()
        self._backlog = bytearray()
        self._large = None
        self._drop_unsent()
        self._owner.disconnected(self)

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
        self.last_active = time.monotonic()
        if self._closing:
            return
        if self._large is not None:
            self._large_filled += nbytes
            if self._large_filled == self._large_size:
                frame, self._large = self._large, None
                self._dispatch(memoryview(frame), keeps_frame=True)
                self._flush()
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
        """The client sends no more; answers in the making are useless to it, as in Kafka."""
        return False

    def pause_writing(self) -> None:
        """The client does not read: begin no further request."""
        self._write_paused = True

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._write_paused = False
        if self._is_writing:
            self._write_part()
        else:
            self._continue()

    # --- frames

    def _is_busy(self) -> bool:
        return self._pending is not None or self._write_paused or self._is_writing or self._continuation_scheduled

    def _continue(self) -> None:
        """Take up the backlog once nothing stands in the way."""
        if self._closing or self._is_busy() or self._large is not None:
            return
        if self._backlog:
            # A new bytearray for what is left: views of this one may still be alive, and it could not be resized then.
            waiting, self._backlog = self._backlog, bytearray()
            self._consume(memoryview(waiting))
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
                self._continuation_scheduled = True
                asyncio.get_running_loop().call_soon(self._next_turn)
                break
            try:
                size = read_frame_size(view, position, self._owner.max_request_bytes)
            except WireError as error:
                guess = describe_wrong_protocol(view[position : position + 4])
                self.close(f"{error}; {guess}" if guess else str(error), level=logging.WARNING)
                return
            if end - position - 4 < size:
                if size > BACKLOG_BYTES:
                    self._flush()
                    self._begin_large(view[position + 4 :], size)
                    return
                break
            self._dispatch(view[position + 4 : position + 4 + size])
            position += 4 + size
            frames += 1
        self._flush()
        if position < end and not self._closing:
            self._backlog += view[position:]
            self._pause_reading_when_full()

    def _next_turn(self) -> None:
        self._continuation_scheduled = False
        self._continue()

    def _begin_large(self, received: memoryview, size: int) -> None:
        self._large = bytearray(min(size, max(_FIRST_GROWTH_BYTES, _FIRST_GROWTH_FACTOR * len(received))))
        self._large[: len(received)] = received
        self._large_size = size
        self._large_filled = len(received)

    def _pause_reading_when_full(self) -> None:
        if len(self._backlog) >= BACKLOG_BYTES and not self._read_paused and self._is_busy():
            assert self._transport is not None
            self._read_paused = True
            self._transport.pause_reading()

    # --- requests

    def _dispatch(self, frame: memoryview, *, keeps_frame: bool = False) -> None:
        try:
            answer = self._owner.dispatcher.dispatch(frame, self.peer, keeps_frame=keeps_frame)
        except CloseConnection as reason:
            self.close(str(reason), level=logging.WARNING)
            return
        if isinstance(answer, Pending):
            self._pending = answer
            answer.future.add_done_callback(self._answered)
        elif answer is not None:
            self._unsent += answer
            self._unsent_size += sum(map(len, answer))
            if self._unsent_size > _UNSENT_BYTES:
                self._flush()

    def _answered(self, future: asyncio.Future[Outcome]) -> None:
        pending, self._pending = self._pending, None
        assert pending is not None
        if self._transport is None:
            # The client is gone; the outcome still belongs in the log when it is a failure.
            pending.settle()
            return
        try:
            chunks = pending.chunks()
        except CloseConnection as reason:
            if self._closing:
                self._transport.close()
            self.close(str(reason), level=logging.WARNING)
            return
        if isinstance(chunks, Pending):
            self._pending = chunks
            chunks.future.add_done_callback(self._answered)
            return
        if chunks is not None:
            self._unsent += chunks
            self._unsent_size += sum(map(len, chunks))
            self._flush(whole=self._closing)
        if self._closing and self._transport is not None:
            self._transport.close()
            return
        self._continue()

    def _flush(self, *, whole: bool = False) -> None:
        """Hand the answers made so far to the transport, a large one in parts unless the `whole` has to go now."""
        if not self._unsent or self._transport is None:
            return
        self.last_active = time.monotonic()
        if whole or self._unsent_size <= _PART_BYTES:
            chunks, self._unsent = self._unsent, []
            self._unsent_size = 0
            self._is_writing = False
            self._write(chunks)
        elif not self._is_writing:
            self._is_writing = True
            self._write_part()

    def _write_part(self) -> None:
        """Write one part and see that the next one follows when the loop has been round and the client keeps up."""
        if self._next_part is not None:
            self._next_part.cancel()
            self._next_part = None
        if self._transport is None or not self._is_writing or self._write_paused:
            return
        self.last_active = time.monotonic()
        first = self._unsent[0]
        if isinstance(first, FileRegion):
            self._unsent_size -= self._send(first)
            if not first:
                first.close()
                del self._unsent[0]
        else:
            part, self._unsent = split_at(self._unsent, _PART_BYTES)
            self._unsent_size -= sum(map(len, part))
            self._write(part)
        self._is_writing = bool(self._unsent)
        if not self._is_writing:
            self._continue()
        elif not self._write_paused:
            self._next_part = asyncio.get_running_loop().call_soon(self._write_part)

    def _send(self, region: FileRegion) -> int:
        """Send what the socket takes of a region; how much that was."""
        assert self._transport is not None
        before = len(region)
        try:
            is_full = bool(self._transport.get_write_buffer_size())
            if not is_full:
                try:
                    region.send(self._transport.get_extra_info("socket").fileno(), _REGION_BYTES)
                except BlockingIOError:
                    is_full = True
            if is_full:
                # The transport is who learns that the socket takes more. It tells when it had more than so much to send, and as
                # regions do not go through its buffer, when that is empty.
                self._transport.set_write_buffer_limits(high=_HIGH_WATER_BYTES, low=0)
                self._transport.write(region.take(_HIGH_WATER_BYTES + 1))
        except OSError as error:
            self._give_up(error)
        return before - len(region)

    def _write(self, chunks: Sequence[Part]) -> None:
        assert self._transport is not None
        try:
            buffers = read_parts(chunks)
        except OSError as error:
            self._give_up(error)
            return
        if len(buffers) == 1 or self._joins_chunks:
            self._transport.write(buffers[0] if len(buffers) == 1 else b"".join(buffers))
        else:
            self._transport.writelines(buffers)

    def _drop_unsent(self) -> None:
        unsent, self._unsent = self._unsent, []
        self._is_writing = False
        for part in unsent:
            if isinstance(part, FileRegion):
                part.close()

    def _give_up(self, error: OSError) -> None:
        """An answer cannot go on: the client is gone, or the rest of a region cannot be read."""
        level = logging.DEBUG if isinstance(error, ConnectionError) else logging.WARNING
        logger.log(level, "closing connection from %s on %s: %s", self.peer.address, self._listener, error)
        self.abort()

    # --- limits

    def hold(self) -> None:
        """Read nothing until `release`; called while the connection is made."""
        assert self._transport is not None
        self._transport.pause_reading()

    def release(self) -> None:
        """Begin to read a connection that was held."""
        self.last_active = time.monotonic()
        if self._transport is not None:
            self._transport.resume_reading()

    def refuse(self) -> None:
        """Close a connection that is one too many."""
        self.close("too many connections", level=logging.WARNING)

    # --- the end

    @property
    def is_waiting(self) -> bool:
        """Whether a request is under way, so that the connection is not idle."""
        return self._pending is not None

    def close(self, reason: str, level: int = logging.DEBUG) -> None:
        """Close at once what is not written yet excepted; `reason` goes to the log."""
        if self._closing:
            return
        self._closing = True
        logger.log(level, "closing connection from %s on %s: %s", self.peer.address, self._listener, reason)
        self._flush(whole=True)
        if self._transport is not None:
            self._transport.close()

    def finish(self) -> None:
        """Take no further request; close when the one under way is answered."""
        if self._pending is None:
            self.close("the broker is stopping")
        else:
            self._closing = True

    def abort(self) -> None:
        """Close without waiting for the peer to read."""
        self._closing = True
        self._drop_unsent()
        if self._transport is not None:
            self._transport.abort()
