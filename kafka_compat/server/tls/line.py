"""TLS on one connection: a protocol to the socket's transport, and the transport of the connection above it.

OpenSSL sees bytes only. The event loops bring TLS transports of their own; they differ from each other, end both directions at
the first end of one, keep what they have read and not deciphered when the connection is lost, decipher and encipher megabytes
in one turn, and begin as many handshakes in a turn as there are clients. The connection must not know the difference between a
plain socket and this one (see "The end" in `connection.py`), except that it never gets the socket in its hands: what it sends
is enciphered, because there is no other way out.

What is kept. Bytes are received into a buffer that all lines share, no more at a time than the connection takes, and given to
OpenSSL in pieces, as are those it has to encipher: its buffers keep the size that they once had. What the connection does not
take is kept until it reads on.

Records without data. OpenSSL looks at all of them that it has before it comes back; a change of keys has 27 bytes and costs
up to 80 microseconds: it gets a few records at a time, what takes longer than a slice goes on in a turn of its own, and who
sends many in a row without data is no client of Kafka's.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol, cast

from kafka_compat.security.principal import Principal
from kafka_compat.server.connection import Connection
from kafka_compat.server.socket_state import SocketState, Unread
from kafka_compat.server.wrong_protocol import describe_no_tls

# Of what a socket has behind its end, at a time.
_RECEIVE_BYTES: Final = 64 * 1024
# Larger pieces take twice the time: OpenSSL moves about what it has not handed out.
_PIECE_BYTES: Final = 32 * 1024
# In a piece, and how many in a row may be without data.
_PIECE_RECORDS: Final = 16
_BARREN_RECORDS: Final = 64
_RECORD_HEAD_BYTES: Final = 5
_SLICE_S: Final = 0.002
# What a client may send before it is known to speak TLS.
_GREETING_BYTES: Final = 16 * 1024
# Answers to what clients send that is no data, such as new keys, which wait for a client that takes none.
_UNTAKEN_BYTES: Final = 64 * 1024


class TlsOwner(Protocol):
    """What a line needs from its listener."""

    cipher_buffer: memoryview

    def engine(self) -> tuple[ssl.SSLObject, ssl.MemoryBIO, ssl.MemoryBIO]:
        """OpenSSL's side of a connection, with what comes in and what goes out."""

    def began(self, line: TlsLine) -> None:
        """A handshake has begun: it must not take for ever."""

    def take_turn(self, work: Callable[[], None]) -> None:
        """Run a step of a handshake, now or when others have had their turn."""

    def wait_turn(self, work: Callable[[], None]) -> None:
        """Run it when others have had their turn."""

    def succeeded(self, line: TlsLine, engine: ssl.SSLObject) -> Principal:
        """Who has shaken hands; raises `Refused`."""

    def failed(self, line: TlsLine, reason: str) -> float:
        """Say why TLS has ended; for how many seconds the client may be told the same."""

    def ended(self, line: TlsLine) -> None:
        """The handshake is over, one way or the other."""


class Refused(Exception):
    """The handshake was one, and its outcome is not acceptable; the text says why."""


class TlsLine(asyncio.Transport, asyncio.BufferedProtocol):
    """One connection's TLS.

    Args:
        owner: its listener's TLS.
        connection: above it.
    """

    def __init__(self, owner: TlsOwner, connection: Connection) -> None:
        super().__init__()
        self.connection = connection
        self._owner = owner
        self._raw: asyncio.Transport | None = None
        self._engine, self._incoming, self._outgoing = owner.engine()
        self._received = memoryview(b"")  # and not given to OpenSSL
        self._record_head = b""  # of the record that begins where OpenSSL's bytes end, as far as it has that
        self._record_left = 0  # bytes of a record that it has not
        self._barren = 0  # records since the last data
        self._is_behind = False  # a slice was over before the bytes were
        self._first_bytes = b""
        self._raw_reads = True
        self._is_open = False  # the handshake is over
        self._is_over = False  # nothing goes in or out any more, but what has been received
        self._has_failed = False
        self._takes_turn = False
        self._is_paused = False  # the connection does not read
        self._is_choked = False  # nor does the client
        self._goes_on = False  # soon
        self._has_ended = False  # the client's side, as far as it has been read
        self._is_told = False  # the connection knows that
        self._raw_ended = False
        self._closing_later: asyncio.TimerHandle | None = None

    # --- the socket's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        self._raw = cast(asyncio.Transport, transport)
        self._raw.set_write_buffer_limits(high=0)
        self._owner.began(self)
        self.connection.connection_made(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone; what has been received is not."""
        self._is_over = True
        self._owner.ended(self)
        if self._closing_later is not None:
            self._closing_later.cancel()
        # Of a shared buffer, in which the next bytes of others arrive.
        self._keep()
        self.connection.connection_lost(exc)
        self._raw = None

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes go: no more of them than the connection takes."""
        if not self._is_open or self._is_paused:
            return self._owner.cipher_buffer[:_GREETING_BYTES]
        return self._owner.cipher_buffer[: max(_GREETING_BYTES, len(self.connection.get_buffer(-1)))]

    def buffer_updated(self, nbytes: int) -> None:
        """Bytes have arrived."""
        if self._is_over or self._has_failed or self._has_ended:
            return
        arrived = self._owner.cipher_buffer[:nbytes]
        if not self._is_open:
            if not self._first_bytes:
                self._first_bytes = bytes(arrived[:4])
            self._incoming.write(arrived)
            self._shake_hands()
            return
        self._received = memoryview(b"".join((self._received, arrived))) if self._received else arrived
        self._pump()
        self._keep()

    def eof_received(self) -> bool:
        """The client sends no more; answers still go out."""
        self._raw_ended = True
        if not self._is_open:
            return False
        self._pump()
        return not self._is_over

    def pause_writing(self) -> None:
        """The system does not take all that was sent."""
        self.connection.pause_writing()

    def resume_writing(self) -> None:
        """The system has all that was sent."""
        if self._is_choked:
            self._is_choked = False
            self._set_reading()
            self._read_on()
        self.connection.resume_writing()

    # --- the handshake

    def _shake_hands(self) -> None:
        if not self._takes_turn:
            self._takes_turn = True
            self._owner.take_turn(self._advance)
        self._set_reading()

    def _advance(self) -> None:
        self._takes_turn = False
        if self._is_over or self._has_failed or self._raw is None:
            return
        try:
            self._engine.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            self._set_reading()
            return
        except ssl.SSLError as error:
            self._fail(describe_no_tls(self._first_bytes) or describe(error))
            return
        self._flush()
        try:
            self.connection.session.principal = self._owner.succeeded(self, self._engine)
        except Refused as refused:
            self._fail(str(refused))
            return
        self._is_open = True
        self._owner.ended(self)
        # What came with the last message of the handshake is given back in pieces; OpenSSL has read up to the end of a record.
        self._received = memoryview(self._incoming.read())
        self._set_reading()
        self._pump()

    def _fail(self, reason: str) -> None:
        """Send what OpenSSL says about it, and close when the client has had the time to read that.

        To close at once would be a reset where there is something that was not read, and the system would throw the alert away.
        """
        assert self._raw is not None
        self._has_failed = True
        self._owner.ended(self)
        linger_s = self._owner.failed(self, reason)
        self._flush()
        self._set_reading()
        if self._raw_ended or self._raw.is_closing():
            self._raw.close()
            return
        self._raw.write_eof()
        self._closing_later = asyncio.get_running_loop().call_later(linger_s, self._raw.abort)

    def expire(self, reason: str) -> None:
        """Give a handshake up."""
        if not self._is_open and not self._has_failed and self._raw is not None:
            self._has_failed = True
            self._owner.failed(self, reason)
            self._raw.abort()

    # --- received bytes

    def _pump(self) -> None:
        """Give the connection what has been received, as far as it takes it, and tell it the end behind that."""
        until_s = time.perf_counter() + _SLICE_S
        while not self._is_paused and not self._is_choked and not self._is_told and not self._is_over:
            buffer = self.connection.get_buffer(-1)
            filled = self.decipher(buffer, until_s)
            if self._outgoing.pending:
                self._flush()
                # Of a client that has its keys changed again and again, and reads nothing.
                self._is_choked = self.get_write_buffer_size() > _UNTAKEN_BYTES
                self._set_reading()
            if filled:
                self.connection.buffer_updated(filled)
            if self._is_behind or filled < len(buffer) or not filled:
                break
        if self._is_paused or self._is_choked or self._is_told or self._is_over:
            return
        if self._has_ended or (self._raw_ended and not self._received):
            self._is_told = True
            if not self.connection.eof_received():
                self.close()

    def decipher(self, buffer: memoryview, until_s: float | None = None) -> int:
        """Fill the buffer with what has been received; how many bytes that were. 0 when there is no more.

        With a time on the performance counter it may end before, and goes on in a turn to come.
        """
        filled, size, has_fed = 0, len(buffer), False
        read = self._engine.read
        # Clients may send records of a hundred bytes: the loop does little else than to read them.
        while filled < size and not self._has_ended:
            try:
                count = read(size - filled, buffer[filled:])
            except ssl.SSLWantReadError:
                if self._barren > _BARREN_RECORDS:
                    self._has_ended = True
                    self._owner.failed(self, f"more than {_BARREN_RECORDS} records in a row without data")
                    break
                if has_fed and until_s is not None and self._received and time.perf_counter() > until_s:
                    self._fall_behind()
                    break
                if not self._feed():
                    break
                has_fed = True
                continue
            except ssl.SSLError as error:
                # An alert, or bytes that are not the client's: nothing behind them can be read.
                self._has_ended = True
                self._owner.failed(self, describe(error))
                break
            if not count:
                self._has_ended = True
            self._barren = 0
            filled += cast(int, count)
        return filled

    def _feed(self) -> bool:
        """Give OpenSSL the next piece; False when there is none."""
        if not self._received:
            return False
        size = self._walk(self._received, min(len(self._received), _PIECE_BYTES), _PIECE_RECORDS)
        self._incoming.write(self._received[:size])
        self._received = self._received[size:]
        return True

    def _walk(self, view: memoryview, end: int, records: int) -> int:
        """Follow the records of the next bytes up to `end`, so many at most; how many bytes that are."""
        position, left, head = 0, self._record_left, self._record_head
        while position < end:
            if left:
                step = min(left, end - position)
                position += step
                left -= step
                continue
            if not records:
                break
            part = bytes(view[position : min(end, position + _RECORD_HEAD_BYTES - len(head))])
            position += len(part)
            head += part
            if len(head) == _RECORD_HEAD_BYTES:
                left, head = int.from_bytes(head[3:]), b""
                records -= 1
                self._barren += 1
        self._record_left, self._record_head = left, head
        return position

    def _fall_behind(self) -> None:
        """Go on when others have had their turn; receive nothing until then."""
        if not self._is_behind:
            self._is_behind = True
            self._set_reading()
            self._owner.wait_turn(self._catch_up)

    def _catch_up(self) -> None:
        self._is_behind = False
        self._go_on()
        self._set_reading()

    def _keep(self) -> None:
        if self._received:
            self._received = memoryview(bytes(self._received))

    @property
    def is_open(self) -> bool:
        """Whether hands have been shaken, be it that the connection has ended since."""
        return self._is_open

    @property
    def kept_bytes(self) -> int:
        """Of what has been received and the connection has not."""
        return len(self._received) + self._incoming.pending + self._engine.pending()

    def _read_on(self) -> None:
        """Take up what has been kept, in a turn of its own: who asks for it is at work."""
        if not self._goes_on:
            self._goes_on = True
            asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        self._goes_on = False
        if not self._is_over and self._is_open:
            self._pump()

    def receive(self, more: bytes) -> None:
        """Take what was read from the socket behind its end."""
        self._received = memoryview(b"".join((self._received, more)))

    # --- the connection's side

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Names of the socket; the socket itself is nobody's business."""
        if name == "socket_state":
            return None if self._raw is None else LineState(self, self._raw)
        if name in ("peername", "sockname") and self._raw is not None:
            return self._raw.get_extra_info(name, default)
        return default

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send it, enciphered."""
        raw = self._raw
        if not self._is_open or self._is_over or raw is None:
            return
        try:
            if len(data) <= _PIECE_BYTES:
                self._engine.write(data)
                raw.write(self._outgoing.read())
                return
            view, parts = memoryview(data), []
            for start in range(0, len(view), _PIECE_BYTES):
                self._engine.write(view[start : start + _PIECE_BYTES])
                parts.append(self._outgoing.read())
            raw.write(b"".join(parts))
        except ssl.SSLError as error:
            # After an alert of the client, or bytes that were not its own.
            self._owner.failed(self, describe(error))
            self.abort()

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Send them in as few records as they fit into."""
        self.write(b"".join(list_of_data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """The connection is told to wait when there is anything, as on a plain socket."""

    def get_write_buffer_size(self) -> int:
        """Of what the system has not taken, enciphered."""
        return 0 if self._raw is None else self._raw.get_write_buffer_size()

    def pause_reading(self) -> None:
        """Receive nothing until `resume_reading`."""
        self._is_paused = True
        self._set_reading()

    def resume_reading(self) -> None:
        """Receive on; what has been kept comes first."""
        self._is_paused = False
        self._set_reading()
        if self.kept_bytes or self._has_ended or self._raw_ended:
            self._read_on()

    def _set_reading(self) -> None:
        """Read from the socket, or not."""
        raw = self._raw
        if raw is None or self._raw_ended or raw.is_closing():
            return
        # In a handshake, what has come is looked at first.
        wants = not (
            self._is_paused
            or self._is_choked
            or self._is_behind
            or (self._takes_turn and self._incoming.pending > _GREETING_BYTES)
        )
        if wants != self._raw_reads:
            self._raw_reads = wants
            if wants:
                raw.resume_reading()
            else:
                raw.pause_reading()

    def is_closing(self) -> bool:
        """Whether it has been closed."""
        return self._raw is None or self._raw.is_closing()

    def close(self) -> None:
        """Say that nothing follows, and close when the system has taken all."""
        raw = self._raw
        if raw is None or self._has_failed:
            return
        if self._is_open and not self._is_over:
            self._is_over = True
            with contextlib.suppress(ssl.SSLError):  # the client has not said the same, or had more to say
                self._engine.unwrap()
            self._flush()
        self._is_over = True
        raw.close()

    def abort(self) -> None:
        """Close at once."""
        self._is_over = True
        if self._raw is not None:
            self._raw.abort()

    def _flush(self) -> None:
        if self._outgoing.pending and self._raw is not None:
            self._raw.write(self._outgoing.read())


def describe(error: ssl.SSLError) -> str:
    """Why OpenSSL ended it, in words."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the client's certificate is not valid: {error.verify_message}"
    reason = error.reason or "unknown reason"
    for prefix in ("TLSV1_ALERT_", "TLSV13_ALERT_", "SSLV3_ALERT_"):
        if reason.startswith(prefix):
            return f"the client ended it: {_in_words(reason.removeprefix(prefix))}"
    return _in_words(reason)


def _in_words(reason: str) -> str:
    return reason.lower().replace("_", " ")


class LineState(SocketState):
    """What is to know of a connection's socket, with what TLS has of it already."""

    __slots__ = ("_line",)

    def __init__(self, line: TlsLine, raw: asyncio.Transport) -> None:
        super().__init__(raw)
        self._line = line

    @property
    def takes_regions(self) -> bool:
        """What leaves this connection is enciphered first."""
        return False

    def unread_bytes(self) -> int:
        """More than 0 when there is anything; ciphertext is longer than what is in it."""
        unread = super().unread_bytes()
        return unread if unread < 0 else unread + self._line.kept_bytes

    def unread(self) -> Unread | None:
        """What the client has sent before the end."""
        return UnreadRecords(self._line, self._duplicate()) if self._line.is_open else None


class UnreadRecords:
    """What TLS has of a connection that is gone, and then what the socket has."""

    __slots__ = ("_line", "_socket")

    def __init__(self, line: TlsLine, unread: socket.socket | None) -> None:
        self._line = line
        self._socket = unread

    def recv_into(self, buffer: memoryview, /) -> int:
        """Fill the buffer; 0 or an OSError at the end."""
        while not (filled := self._line.decipher(buffer)):
            received = b"" if self._socket is None else self._socket.recv(_RECEIVE_BYTES)
            if not received:
                return 0
            self._line.receive(received)
        return filled

    def close(self) -> None:
        """Read no more."""
        if self._socket is not None:
            self._socket.close()
