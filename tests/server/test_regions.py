"""Answers with file regions: in order, whole, at the client's pace, on asyncio's own transports and on uvloop's."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import random
import socket
import ssl
import struct
import sys
import termios
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from kafka_compat.api.dispatch import Dispatcher, Pending
from kafka_compat.api.interception import Encoded
from kafka_compat.api.memory import MemoryBudget
from kafka_compat.api.session import Session
from kafka_compat.filesystem import FileRegion, region
from kafka_compat.pacing import Turns
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.server.connection import BACKLOG_BYTES, Connection
from tests.support.dispatchers import PLAIN_LISTENER, dispatching

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sendfile of other systems is not used")

FRAME = struct.pack(">i", 1) + b"x"
REGION_BYTES = 3 << 20

Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    loop_factory = asyncio.new_event_loop
    if request.param == "uvloop":
        loop_factory = pytest.importorskip("uvloop", reason="uvloop is a dependency on CPython only").new_event_loop

    def run(main: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(asyncio.wait_for(main, 30))

    return run


@dataclass
class Served:
    """A listener with one connection, whose answers are two regions of a file and what is around them."""

    path: Path
    content: bytes
    dispatched: int = 0
    max_request_bytes: int = 1000
    memory: MemoryBudget = field(default_factory=MemoryBudget)
    turns: Turns = field(default_factory=Turns)
    receive_buffer: memoryview = field(default_factory=lambda: memoryview(bytearray(1000)))
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    dispatcher: Dispatcher = field(init=False)
    opening: asyncio.Future[Any] | None = None

    def __post_init__(self) -> None:
        self.dispatcher = dispatching(self.dispatch)

    def dispatch(self, frame: memoryview, session: object, *, keeps_frame: bool = False) -> list[object]:
        self.dispatched += 1
        descriptor = os.open(self.path, os.O_RDONLY)
        try:
            first = FileRegion.open(descriptor, 0, REGION_BYTES)
            second = FileRegion.open(descriptor, REGION_BYTES, len(self.content) - REGION_BYTES)
        finally:
            os.close(descriptor)
        return [b"head", first, b"between", bytes(200_000), second, b"tail"]

    @property
    def answer(self) -> bytes:
        """What the client has to get for each frame."""
        return b"".join(
            [b"head", self.content[:REGION_BYTES], b"between", bytes(200_000), self.content[REGION_BYTES:], b"tail"]
        )

    def connected(self, connection: Connection) -> bool:
        return True

    def disconnected(self, connection: Connection) -> None:
        self.lost.set()

    async def connect(self, tls: ssl.SSLContext | None = None) -> tuple[Connection, socket.socket]:
        """A connection and the client's end; with `tls` it is opened when the client has shaken hands."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1_000_000)
            theirs = socket.socket()
            # Small, so that it does not take half an answer: what happens when it is full is what counts here.
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 100_000)
            theirs.connect(listening.getsockname())
            ours = listening.accept()[0]
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 100_000)
        ours.setblocking(False)
        theirs.setblocking(False)
        connection = Connection(self, PLAIN_LISTENER, 1)
        opening = asyncio.get_running_loop().connect_accepted_socket(lambda: connection, ours, ssl=tls)
        if tls is None:
            await opening
        else:
            self.opening = asyncio.ensure_future(opening)
        return connection, theirs


@pytest.fixture
def served(tmp_path: Path) -> Served:
    content = random.Random(3).randbytes(REGION_BYTES + 300_001)
    path = tmp_path / "segment"
    path.write_bytes(content)
    return Served(path, content)


async def receive(client: socket.socket, size: int, *, pause_after: int = 1 << 30) -> bytes:
    """Up to `size` bytes, less when the other side closes; every `pause_after` bytes the other side meets a full socket."""
    loop = asyncio.get_running_loop()
    received = bytearray()
    since_pause = 0
    while len(received) < size and (piece := await loop.sock_recv(client, min(size - len(received), 100_000))):
        received += piece
        since_pause += len(piece)
        if since_pause > pause_after:
            since_pause = 0
            for _ in range(50):
                await asyncio.sleep(0)
    return bytes(received)


@pytest.mark.parametrize("pause_after", [1 << 30, 50_000], ids=["fast", "slow"])
def test_regions_arrive_in_order_and_the_next_request_waits_for_them(run: Run, served: Served, pause_after: int) -> None:
    async def main() -> None:
        _, client = await served.connect()
        with client:
            await asyncio.get_running_loop().sock_sendall(client, FRAME * 3)
            for number in range(3):
                assert await receive(client, len(served.answer), pause_after=pause_after) == served.answer
                assert served.dispatched <= number + 2
        await served.lost.wait()

    run(main())
    assert len(region._free) == region._MAX_OPEN


def test_a_client_that_goes_leaves_no_descriptor_open(run: Run, served: Served) -> None:
    async def main() -> None:
        _, client = await served.connect()
        with client:
            await asyncio.get_running_loop().sock_sendall(client, FRAME)
            assert len(await receive(client, 1000)) == 1000
            assert len(region._free) < region._MAX_OPEN
        await served.lost.wait()

    run(main())
    assert len(region._free) == region._MAX_OPEN


def test_a_client_that_does_not_read_costs_no_memory_and_does_not_keep_the_loop_busy(run: Run, served: Served) -> None:
    async def main() -> None:
        connection, client = await served.connect()
        with client:
            await asyncio.get_running_loop().sock_sendall(client, FRAME * 10)
            transport = connection._transport
            assert transport is not None
            for _ in range(1000):
                await asyncio.sleep(0)
            sender = connection._sender
            assert sender.is_paused
            assert transport.get_write_buffer_size() <= 200_000
            unsent = sender.size
            assert unsent > 0
            for _ in range(100):
                await asyncio.sleep(0)
            assert (sender.size, served.dispatched) == (unsent, 1)
            assert sender._next_part is None
        await served.lost.wait()

    run(main())


def test_a_file_that_was_cut_closes_the_connection_with_a_log_line(
    run: Run, served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        _, client = await served.connect()
        with client:
            os.truncate(served.path, 1000)
            await asyncio.get_running_loop().sock_sendall(client, FRAME)
            received = await receive(client, len(served.answer))
            assert received == served.answer[: len(received)]
            await served.lost.wait()

    run(main())
    assert "cut short while it was being sent" in caplog.text
    assert len(region._free) == region._MAX_OPEN


def test_a_broker_that_stops_sends_regions_to_their_end(run: Run, served: Served) -> None:
    async def main() -> None:
        connection, client = await served.connect()
        with client:
            await asyncio.get_running_loop().sock_sendall(client, FRAME)
            assert await receive(client, 1000) == served.answer[:1000]
            connection.finish()
            assert await receive(client, 1 << 30) == served.answer[1000:]
        await served.lost.wait()

    run(main())


class Later(Pending):
    """An answer of these parts, when its future is done."""

    def __init__(self, future: asyncio.Future[Message | Encoded | None], parts: list[Any]) -> None:
        self.future = future
        self._parts = parts

    @property
    def drop_on_disconnect(self) -> bool:
        return False

    def chunks(self) -> list[Any]:
        return self._parts


def test_an_answer_that_comes_after_the_client_has_gone_leaves_no_descriptor_open(run: Run, served: Served) -> None:
    async def main() -> None:
        future: asyncio.Future[Message | Encoded | None] = asyncio.get_running_loop().create_future()
        parts = served.dispatch(memoryview(FRAME), None)
        served.dispatcher = dispatching(lambda frame, session, *, keeps_frame: Later(future, parts))
        connection, client = await served.connect()
        await asyncio.get_running_loop().sock_sendall(client, FRAME)
        await until(lambda: connection._pending is not None)
        reset(client)
        transport = connection._transport
        assert transport is not None
        transport.abort()
        await until(lambda: connection._transport is None)
        assert len(region._free) < region._MAX_OPEN
        future.set_result(None)
        await served.lost.wait()
        assert len(region._free) == region._MAX_OPEN
        assert parts  # so that it is not the garbage collector that closed them

    run(main())


def tls_contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a server and a client that exchange keys without a certificate."""
    contexts = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for context in contexts:
        context.maximum_version = ssl.TLSVersion.TLSv1_2  # the last with anonymous ciphers
        try:
            context.set_ciphers("AECDH-AES128-SHA:@SECLEVEL=0")
        except ssl.SSLError:
            pytest.skip("this OpenSSL is built without anonymous ciphers")
    contexts[1].check_hostname = False
    contexts[1].verify_mode = ssl.CERT_NONE
    return contexts


class TlsClient:
    """Speaks TLS over a socket, and keeps what the socket gives."""

    def __init__(self, client: socket.socket, context: ssl.SSLContext) -> None:
        self._socket = client
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing)
        self.raw = bytearray()

    async def handshake(self) -> None:
        await self._exchange(self._tls.do_handshake)

    async def send(self, sent: bytes) -> None:
        await self._exchange(lambda: self._tls.write(sent))

    async def receive(self, size: int) -> bytes:
        received = bytearray()
        while len(received) < size:
            received += await self._exchange(lambda: self._tls.read(100_000))
        return bytes(received)

    async def _exchange(self, step: Callable[[], Any]) -> Any:
        loop = asyncio.get_running_loop()
        while True:
            done = None
            with contextlib.suppress(ssl.SSLWantReadError):
                done = step()
            await loop.sock_sendall(self._socket, self._outgoing.read())
            if done is not None or (self._tls.version() and step == self._tls.do_handshake):
                return done
            raw = await loop.sock_recv(self._socket, 100_000)
            assert raw, "the broker closed the connection"
            self.raw += raw
            self._incoming.write(raw)


def test_no_plain_byte_of_a_region_goes_out_beside_tls(run: Run, served: Served) -> None:
    """The transport's socket is the plain one below the TLS: what goes to its descriptor nobody enciphers."""

    async def main() -> None:
        server, client = tls_contexts()
        connection, theirs = await served.connect(server)
        with theirs:
            tls = TlsClient(theirs, client)
            await tls.handshake()
            await tls.send(FRAME * 2)
            assert await tls.receive(2 * len(served.answer)) == served.answer * 2
            assert not connection.session.takes_regions
            pieces = range(0, len(served.content), len(served.content) // 50)
            assert not any(served.content[piece : piece + 20] in tls.raw for piece in pieces)
        await served.lost.wait()

    run(main())
    assert len(region._free) == region._MAX_OPEN


async def test_only_a_socket_that_nothing_lies_above_takes_regions(served: Served) -> None:
    connection, client = await served.connect()
    with client:
        assert connection.session.takes_regions
    await served.lost.wait()
    without = Connection(served, PLAIN_LISTENER, 2)
    without.connection_made(Nowhere({"peername": ("127.0.0.1", 1)}))
    assert not without.session.takes_regions


class Nowhere(asyncio.Transport):
    """Has no socket."""

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110, nobody sets an event
        await asyncio.sleep(0)


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def test_behind_a_reset_all_that_the_system_had_received_is_carried_out_but_reads(run: Run) -> None:
    """More than a backlog waits behind a request under way, so that reading has paused: the rest is still in the socket."""
    dispatched: list[bytes] = []
    sizes = [10, 2000, 70_000, 20, 100_000, 40_000, 300_000] * 30
    frames = [struct.pack(">h", ApiKey.PRODUCE) + number.to_bytes(2, "big") + bytes(size) for number, size in enumerate(sizes)]
    read = struct.pack(">ih", 102, ApiKey.FETCH) + bytes(100)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        under_way: asyncio.Future[Message | Encoded | None] = loop.create_future()

        def dispatch(frame: memoryview, session: Session, *, keeps_frame: bool) -> object:
            if session.is_gone and frame[:2] == read[4:6]:
                return None
            dispatched.append(bytes(frame))
            return Later(under_way, [b"answer"]) if len(dispatched) == 1 else [b"answer"]

        served = Served(Path("unused"), b"")
        served.max_request_bytes = 1 << 20
        served.dispatcher = dispatching(dispatch)
        connection, client = await served.connect()
        to_send = b"".join(struct.pack(">i", len(frame)) + frame + read for frame in frames)
        sent = full = 0
        while full < 100:
            try:
                sent += client.send(to_send[sent : sent + 100_000])
            except BlockingIOError:
                full += connection._read_paused
            await asyncio.sleep(0)
        not_acknowledged = struct.unpack("i", fcntl.ioctl(client, termios.TIOCOUTQ, bytes(4)))[0]
        reset(client)
        under_way.set_result(None)
        await served.lost.wait()
        writes = [frame for frame in dispatched if frame[:2] == frames[0][:2]]
        assert writes == frames[: len(writes)]
        assert len(dispatched) - len(writes) <= 2, "reads for a client that is gone"
        next_one = sum(4 + len(frame) + len(read) for frame in writes) + 4 + len(frames[len(writes)])
        assert next_one > sent - not_acknowledged > 2 * BACKLOG_BYTES

    run(main())
