"""TLS below a connection, on asyncio's own transports and on uvloop's: order, ends, memory, and not one plain byte."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import ssl
import struct
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kafka_compat.api.dispatch import Dispatcher, Pending
from kafka_compat.api.interception import Encoded
from kafka_compat.api.memory import MemoryBudget
from kafka_compat.api.session import Session
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.listeners import Listener
from kafka_compat.filesystem import FileRegion
from kafka_compat.pacing import Turns
from kafka_compat.protocol.message import Message
from kafka_compat.server.connection import BACKLOG_BYTES, RECEIVE_BUFFER_BYTES, Connection
from kafka_compat.server.tls import listener as tls_listener
from kafka_compat.server.tls.line import TlsLine
from kafka_compat.server.tls.listener import TlsListener
from tests.support import certificates
from tests.support.dispatchers import dispatching
from tests.support.tls_client import TlsSocket, client_context

LISTENER = Listener("SSL", "127.0.0.1", 0, "", 0, security_protocol="SSL")
FRAME = struct.pack(">i", 4) + b"abcd"
ANSWER = b"answer"
PATIENCE_S = 20

Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    loop_factory = asyncio.new_event_loop
    if request.param == "uvloop":
        loop_factory = pytest.importorskip("uvloop", reason="uvloop is a dependency on CPython only").new_event_loop

    def run(main: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(asyncio.wait_for(main, 60))

    return run


@pytest.fixture(params=["TLSv1.2", "TLSv1.3"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Later(Pending):
    """An answer that comes when its future is done."""

    drop_on_disconnect = False

    def __init__(self, future: asyncio.Future[Message | Encoded | None]) -> None:
        self.future = future

    def chunks(self) -> list[bytes | bytearray | memoryview]:
        return [ANSWER]


@dataclass
class Served:
    """A listener that speaks TLS; each request is answered with what `answer` gives."""

    folder: Path
    answer: Callable[[], object] = lambda: [ANSWER]
    configs: dict[str, str] = field(default_factory=dict)
    max_request_bytes: int = 1 << 20
    memory: MemoryBudget = field(default_factory=MemoryBudget)
    turns: Turns = field(default_factory=Turns)
    receive_buffer: memoryview = field(default_factory=lambda: memoryview(bytearray(RECEIVE_BUFFER_BYTES)))
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    dispatched: list[bytes] = field(default_factory=list)
    dispatcher: Dispatcher = field(init=False)
    tls: TlsListener = field(init=False)
    lines: list[TlsLine] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dispatcher = dispatching(self.dispatch)
        config = BrokerConfig({**certificates.broker_configs(self.folder), **self.configs})
        self.tls = TlsListener(LISTENER, config)

    def dispatch(self, frame: memoryview, session: Session, *, keeps_frame: bool = False) -> object:
        self.dispatched.append(bytes(frame))
        return None if session.is_gone else self.answer()

    def connected(self, connection: Connection) -> bool:
        return True

    def disconnected(self, connection: Connection) -> None:
        self.lost.set()

    async def accept(self) -> socket.socket:
        """The client's end of a connection, with its hands not shaken."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            theirs = socket.create_connection(listening.getsockname(), timeout=PATIENCE_S)
            ours = listening.accept()[0]
        ours.setblocking(False)
        theirs.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = self.tls.line(Connection(self, LISTENER, len(self.lines) + 1))
        self.lines.append(line)
        await asyncio.get_running_loop().connect_accepted_socket(lambda: line, ours)
        return theirs

    async def connect(self, context: ssl.SSLContext | None = None) -> TlsSocket:
        client = TlsSocket(await self.accept(), context or client_context())
        await asyncio.to_thread(client.shake_hands)
        return client


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110, nobody sets an event
        await asyncio.sleep(0.001)


async def turns() -> None:
    """Let what would happen happen."""
    for _ in range(20):
        await asyncio.sleep(0.001)


def read(client: TlsSocket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size and (part := client.recv(size - len(received))):
        received += part
    return bytes(received)


def read_to_the_end(client: TlsSocket) -> bytes:
    received = bytearray()
    while part := client.recv(1 << 16):
        received += part
    return bytes(received)


def assert_only_records(raw: bytes | bytearray, version: str) -> None:
    """Every byte belongs to a TLS record, and what it carries is enciphered once hands are shaken."""
    position, types = 0, []
    while position < len(raw):
        kind, major, minor, length = struct.unpack_from(">BBBH", raw, position)
        assert kind in (20, 21, 22, 23)
        assert (major, minor) == (3, 3)
        assert 0 < length <= (1 << 14) + 256
        types.append(kind)
        position += 5 + length
    assert position == len(raw)
    if version == "TLSv1.3":
        after_change = types[types.index(20) + 1 :]
        assert set(after_change) == {23}, "what follows the hello is enciphered, alerts too"


# --- what goes out


def test_regions_and_large_answers_leave_enciphered(run: Run, version: str, tmp_path: Path) -> None:
    content = os.urandom(3 << 20)
    path = tmp_path / "segment"
    path.write_bytes(content)
    whole = b"head" + content[1000:] + b"between" + content[:400_000] + b"tail"

    def answer() -> object:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            return [b"head", FileRegion.open(descriptor, 1000, len(content) - 1000), b"between", content[:400_000], b"tail"]
        finally:
            os.close(descriptor)

    async def main() -> None:
        served = Served(tmp_path, answer)
        client = await served.connect(client_context(version=version))
        line = served.lines[0]
        assert not line.connection.session.takes_regions
        assert line.get_extra_info("socket") is None
        await asyncio.to_thread(client.sendall, FRAME * 3)
        assert await asyncio.to_thread(read, client, 3 * len(whole)) == whole * 3
        await asyncio.to_thread(client.shutdown, socket.SHUT_WR)
        assert await asyncio.to_thread(read_to_the_end, client) == b""
        assert client.is_closed_cleanly
        assert_only_records(client.received, version)
        assert content[2000:2064] not in client.received
        client.close()
        await served.lost.wait()

    run(main())


def test_the_broker_says_that_nothing_follows(run: Run, version: str, tmp_path: Path) -> None:
    async def main() -> None:
        served = Served(tmp_path)
        client = await served.connect(client_context(version=version))
        served.lines[0].connection.close("enough")
        assert await asyncio.to_thread(read_to_the_end, client) == b""
        assert client.is_closed_cleanly
        client.close()
        await served.lost.wait()

    run(main())


def test_a_client_that_reads_nothing_costs_a_part_of_one_answer(run: Run, version: str, tmp_path: Path) -> None:
    async def main() -> None:
        served = Served(tmp_path, lambda: [bytes(8 << 20)])
        client = await served.connect(client_context(version=version))
        client.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 20_000)
        await asyncio.to_thread(client.sendall, FRAME * 100)
        line = served.lines[0]
        await until(lambda: line.connection._sender.is_paused)
        await turns()
        assert len(served.dispatched) == 1, "the next request begins when the client has taken the answer"
        assert line.get_write_buffer_size() <= (128 << 10) + 8 * 64
        line.abort()
        await served.lost.wait()
        client.close()

    run(main())


# --- what comes in


def test_requests_come_whole_however_they_are_cut(run: Run, version: str, tmp_path: Path) -> None:
    """Each byte of the handshake and of two requests in a packet of its own."""

    async def main() -> None:
        served = Served(tmp_path)
        raw = await served.accept()
        client = TlsSocket(raw, client_context(version=version))
        client.raw = OneByOne(raw)  # type: ignore[assignment]
        await asyncio.to_thread(client.shake_hands)
        await asyncio.to_thread(client.sendall, FRAME * 2)
        assert await asyncio.to_thread(read, client, 2 * len(ANSWER)) == ANSWER * 2
        raw.close()
        await served.lost.wait()

    run(main())


class OneByOne:
    """A socket that sends bytes one by one."""

    def __init__(self, raw: socket.socket) -> None:
        self._raw = raw
        self.recv = raw.recv

    def sendall(self, data: bytes) -> None:
        for byte in data:
            self._raw.sendall(bytes([byte]))


@pytest.mark.parametrize("size", [100, 70_000, 1_000_000])
def test_frames_of_any_size_arrive(run: Run, version: str, tmp_path: Path, size: int) -> None:
    frames = [os.urandom(size) for _ in range(5)]

    async def main() -> None:
        served = Served(tmp_path)
        client = await served.connect(client_context(version=version))
        sent = b"".join(struct.pack(">i", size) + frame for frame in frames)
        await asyncio.to_thread(client.sendall, sent)
        assert await asyncio.to_thread(read, client, 5 * len(ANSWER)) == ANSWER * 5
        assert served.dispatched == frames
        client.close()
        await served.lost.wait()

    run(main())


@pytest.mark.parametrize("asks_for_others", [False, True])
def test_new_keys_without_end_end_the_connection(run: Run, tmp_path: Path, *, asks_for_others: bool) -> None:
    """Each costs the broker some computing and the client 22 bytes; before there was a limit, 256 KiB stopped it for 0.7 s."""

    async def main() -> None:
        served = Served(tmp_path)
        client = await served.connect(client_context(version="TLSv1.3"))
        records = client.change_keys(5_000, asks_for_others=asks_for_others)
        with contextlib.suppress(ConnectionError):
            await asyncio.to_thread(client.raw.sendall, records)
        await served.lost.wait()
        line = served.lines[0]
        assert line._barren <= 64 + 16, "of 5,000"
        client.close()

    run(main())


def test_new_keys_between_requests_are_fine(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a slice has been over after every piece: all goes on, in order, and nothing is received meanwhile."""
    monkeypatch.setattr("kafka_compat.server.tls.line._SLICE_S", -1)

    async def main() -> None:
        served = Served(tmp_path)
        client = await served.connect(client_context(version="TLSv1.3"))
        frames = [struct.pack(">i", 2) + struct.pack(">h", number) for number in range(300)]
        records = b"".join(client.change_keys(3) + client.encipher(frame) for frame in frames)
        await asyncio.to_thread(client.raw.sendall, records)
        assert await asyncio.to_thread(read, client, 300 * len(ANSWER)) == ANSWER * 300
        assert served.dispatched == [frame[4:] for frame in frames]
        client.raw.shutdown(socket.SHUT_WR)
        await served.lost.wait()
        client.close()

    run(main())


def test_what_a_client_sends_ahead_of_its_answer_is_not_received_without_bound(run: Run, version: str, tmp_path: Path) -> None:
    async def main() -> None:
        answer: asyncio.Future[Message | Encoded | None] = asyncio.get_running_loop().create_future()
        served = Served(tmp_path, lambda: Later(answer))
        client = await served.connect(client_context(version=version))
        frame = struct.pack(">i", 10_000) + bytes(10_000)
        count = (16 << 20) // len(frame)
        # All of it enciphered before: a thread reads while another one sends.
        sending = asyncio.create_task(asyncio.to_thread(client.raw.sendall, client.encipher(frame * count)))
        line = served.lines[0]
        await until(lambda: line._is_paused)
        await turns()
        assert line.kept_bytes + len(line.connection._backlog) <= BACKLOG_BYTES + (48 << 10)
        assert not sending.done()
        answer.set_result(None)
        received = await asyncio.to_thread(read, client, count * len(ANSWER))
        assert received == ANSWER * count
        await sending
        client.close()
        await served.lost.wait()

    run(main())


def test_a_changed_byte_ends_the_connection_behind_what_came_before(
    run: Run, version: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        served = Served(tmp_path)
        client = await served.connect(client_context(version=version))
        await asyncio.to_thread(client.sendall, FRAME * 2)
        assert await asyncio.to_thread(read, client, 2 * len(ANSWER)) == ANSWER * 2
        record = bytearray(client.encipher(FRAME))
        record[-1] ^= 1
        await asyncio.to_thread(client.raw.sendall, bytes(record))
        with contextlib.suppress(ssl.SSLError):
            await asyncio.to_thread(read_to_the_end, client)
        await served.lost.wait()
        assert len(served.dispatched) == 2
        client.close()

    with caplog.at_level(logging.WARNING):
        run(main())
    assert "on SSL failed: decryption failed or bad record mac" in caplog.text


# --- handshakes


def test_a_client_without_a_certificate_is_told_why(run: Run, version: str, tmp_path: Path) -> None:
    async def main() -> None:
        served = Served(tmp_path, configs={"ssl.client.auth": "required"})
        client = TlsSocket(await served.accept(), client_context(version=version))

        def ask() -> None:
            client.shake_hands()  # in 1.3 the client is done before the broker has looked at its certificate
            client.sendall(FRAME)
            read_to_the_end(client)

        with pytest.raises(ssl.SSLError, match=r"alert (certificate required|handshake failure)"):
            await asyncio.to_thread(ask)
        await served.lost.wait()
        client.close()
        assert served.dispatched == []

    run(main())


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (struct.pack(">ihh", 100, 18, 3) + bytes(100), "it looks like Kafka's protocol without TLS"),
        (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", "it looks like an HTTP request"),
        (b"\xff" * 64, "it is no TLS"),
    ],
)
def test_who_speaks_no_tls_is_closed_and_named(
    run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture, sent: bytes, said: str
) -> None:
    async def main() -> None:
        served = Served(tmp_path)
        client = await served.accept()
        await asyncio.to_thread(client.sendall, sent)
        answer = b""
        with contextlib.suppress(ConnectionResetError):
            while part := await asyncio.to_thread(client.recv, 1000):
                answer += part
        assert_only_records(answer, "TLSv1.2")
        await served.lost.wait()
        client.close()
        assert served.dispatched == []

    with caplog.at_level(logging.WARNING):
        run(main())
    assert said in caplog.text


def test_a_handshake_may_not_take_for_ever(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tls_listener, "HANDSHAKE_TIMEOUT_S", 0.05)

    async def main() -> None:
        served = Served(tmp_path)
        silent = await served.accept()
        client = await served.connect()
        assert await asyncio.to_thread(closed, silent)
        await asyncio.to_thread(client.sendall, FRAME)
        assert await asyncio.to_thread(read, client, len(ANSWER)) == ANSWER, "whose hands are shaken has time"
        client.close()
        silent.close()
        await served.tls.close()

    with caplog.at_level(logging.WARNING):
        run(main())
    assert "the handshake was not over within" in caplog.text


def closed(raw: socket.socket) -> bool:
    try:
        return raw.recv(1) == b""
    except ConnectionResetError:
        return True


def test_handshakes_of_a_crowd_take_turns(run: Run, tmp_path: Path) -> None:
    """Each step waits for its turn when there was no time for it."""

    async def main() -> None:
        served = Served(tmp_path)
        waiting: list[Callable[[], None]] = []
        served.tls._turns = SimpleNamespace(run=waiting.append)  # type: ignore[assignment]
        raw = [await served.accept() for _ in range(5)]
        clients = [TlsSocket(each, client_context()) for each in raw]
        shaking = [asyncio.create_task(asyncio.to_thread(client.shake_hands)) for client in clients]
        await until(lambda: len(waiting) >= 5)
        await turns()
        assert len(waiting) == 5, "one step of each is asked for"
        assert not any(task.done() for task in shaking)

        def step() -> bool:
            while waiting:
                waiting.pop()()
            return all(task.done() for task in shaking)

        await until(step)
        await asyncio.gather(*shaking)
        for client in clients:
            client.close()
        await served.lost.wait()
        await turns()
        await served.tls.close()

    run(main())
