"""Requests that arrived whole from clients that are gone, or may be: when that is noticed, and what is still done for them."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from kafka_compat.api.dispatch import Dispatcher, Pending
from kafka_compat.api.memory import MemoryBudget
from kafka_compat.api.session import Session
from kafka_compat.pacing import Turns
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.server.connection import BACKLOG_BYTES, RECEIVE_BUFFER_BYTES, Connection
from tests.support.dispatchers import PLAIN_LISTENER, dispatching

Run = Callable[[Coroutine[Any, Any, None]], None]

COUNT = 20
ANSWER = b"answer"


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Run:
    loop_factory = asyncio.new_event_loop
    if request.param == "uvloop":
        loop_factory = pytest.importorskip("uvloop", reason="uvloop is a dependency on CPython only").new_event_loop

    def run(main: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(asyncio.wait_for(main, 30))

    return run


def request(api_key: ApiKey) -> bytes:
    return struct.pack(">ih", 2, api_key)


class Later(Pending):
    """An answer that comes in the next turn of the loop."""

    drop_on_disconnect = False

    def __init__(self) -> None:
        self.future = asyncio.get_running_loop().create_future()
        self.future.set_result(None)

    def chunks(self) -> list[bytes | bytearray | memoryview]:
        return [ANSWER]


@dataclass
class Listener:
    """Has one connection, and notes of each request its API and whether its client was known to be gone."""

    max_request_bytes: int = 1000
    memory: MemoryBudget = field(default_factory=MemoryBudget)
    turns: Turns = field(default_factory=Turns)
    receive_buffer: memoryview = field(default_factory=lambda: memoryview(bytearray(RECEIVE_BUFFER_BYTES)))
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    dispatched: list[tuple[int, bool]] = field(default_factory=list)
    dispatcher: Dispatcher = field(init=False)

    def __post_init__(self) -> None:
        self.dispatcher = dispatching(self.dispatch)

    def dispatch(self, frame: memoryview, session: Session, *, keeps_frame: bool = False) -> Pending | None:
        self.dispatched.append((int.from_bytes(frame[:2], "big"), session.is_gone))
        return None if session.is_gone else Later()

    def connected(self, connection: Connection) -> bool:
        return True

    def disconnected(self, connection: Connection) -> None:
        self.lost.set()

    async def connect(self) -> tuple[Connection, socket.socket]:
        """A connection and the client's end."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            theirs = socket.create_connection(listening.getsockname())
            ours = listening.accept()[0]
        ours.setblocking(False)
        theirs.setblocking(False)
        connection = Connection(self, PLAIN_LISTENER, 1)
        await asyncio.get_running_loop().connect_accepted_socket(lambda: connection, ours)
        return connection, theirs


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell before the next answer fails")
def test_the_first_answer_tells_whether_a_client_that_sends_no_more_is_gone(run: Run) -> None:
    """A client that has closed looks like one that still reads, until its system refuses what it is sent."""

    async def main() -> None:
        listener = Listener()
        _, client = await listener.connect()
        client.send(request(ApiKey.METADATA) * COUNT)
        client.close()
        await listener.lost.wait()
        assert len(listener.dispatched) == COUNT, "what changes something is carried out"
        for_nobody = [is_gone for _, is_gone in listener.dispatched].index(True)
        assert for_nobody <= 2, "its end may be noticed a turn after its requests"

    run(main())


def test_a_client_that_sends_no_more_and_reads_gets_all_its_answers(run: Run) -> None:
    async def main() -> None:
        listener = Listener()
        _, client = await listener.connect()
        with client:
            client.send(request(ApiKey.METADATA) * COUNT)
            client.shutdown(socket.SHUT_WR)
            received = b""
            while piece := await asyncio.get_running_loop().sock_recv(client, 1000):
                received += piece
        assert received == ANSWER * COUNT
        assert listener.dispatched == [(ApiKey.METADATA, False)] * COUNT
        await listener.lost.wait()

    run(main())


class Deaf(asyncio.Transport):
    """Takes everything."""

    def write(self, data: object) -> None:
        pass

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


def connect(listener: Listener) -> Connection:
    connection = Connection(listener, PLAIN_LISTENER, 1)
    connection.connection_made(Deaf())
    return connection


def receive(connection: Connection, sent: bytes) -> None:
    while sent:
        buffer = connection.get_buffer(-1)
        part, sent = sent[: len(buffer)], sent[len(buffer) :]
        buffer[: len(part)] = part
        connection.buffer_updated(len(part))


async def turns_until(condition: Callable[[], bool]) -> int:
    turns = 0
    while not condition():
        await asyncio.sleep(0)
        turns += 1
    return turns


async def test_in_a_crowd_a_request_that_is_known_to_be_quick_does_not_wait_for_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kafka_compat.pacing.SLICE_S", 0.0)
    monkeypatch.setattr("kafka_compat.pacing._WINDOW_S", 3600.0)
    listener = Listener()
    listener.turns.is_shared = True
    crowd = [connect(listener) for _ in range(50)]
    for each in crowd:
        receive(each, request(ApiKey.METADATA))
    receive(connect(listener), request(ApiKey.API_VERSIONS) + request(ApiKey.METADATA) + request(ApiKey.API_VERSIONS))
    asked = [ApiKey.API_VERSIONS, ApiKey.METADATA]
    at = {key: await turns_until(lambda key=key: (key, False) in listener.dispatched[1:]) for key in asked}  # type: ignore[misc]
    assert at[ApiKey.API_VERSIONS] <= 1
    await turns_until(lambda: len(listener.dispatched) == 53)
    order = [key for key, _ in listener.dispatched]
    assert order[-2:] == [ApiKey.METADATA, ApiKey.API_VERSIONS], "what stands behind a quick request waits like any other"


async def test_in_a_crowd_each_connection_is_sent_no_more_than_its_backlog_takes() -> None:
    """All that arrives behind the first request may have to wait."""
    listener = Listener()
    connections = [connect(listener) for _ in range(20)]
    listener.turns.is_shared = True
    frames = request(ApiKey.FETCH) * (RECEIVE_BUFFER_BYTES // 6)
    for connection in connections:
        received = connection.get_buffer(-1)
        received[:] = (frames * 2)[: len(received)]
        connection.buffer_updated(len(received))
    assert sum(len(connection._backlog) for connection in connections) <= 20 * BACKLOG_BYTES
