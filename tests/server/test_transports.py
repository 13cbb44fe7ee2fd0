"""A connection on asyncio's own transports, whose writelines has errors in Python 3.12 and 3.13."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from typing import cast

import pytest

from kafka_compat.api.dispatch import Pending
from kafka_compat.api.interception import Encoded
from kafka_compat.api.memory import MemoryBudget
from kafka_compat.pacing import Turns
from kafka_compat.protocol.message import Message
from kafka_compat.server.connection import Connection
from tests.support.dispatchers import PLAIN_LISTENER, dispatching


class OneWaits(Pending):
    """An answer of two chunks, when its future is done."""

    drop_on_disconnect = False

    def __init__(self, future: asyncio.Future[Message | Encoded | None]) -> None:
        self.future = future

    def chunks(self) -> list[bytes | bytearray | memoryview]:
        return [b"first", b"second"]


class Owner:
    """A listener whose requests are answered with `answer`."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.dispatched = 0
        self.dispatcher = dispatching(self.dispatch)
        self.max_request_bytes = 1000
        self.memory = MemoryBudget()
        self.turns = Turns()
        self.receive_buffer = memoryview(bytearray(1000))
        self.lost = asyncio.Event()

    def dispatch(self, frame: memoryview, session: object, *, keeps_frame: bool = False) -> object:
        self.dispatched += 1
        return self.answer

    def connected(self, connection: Connection) -> bool:
        return True

    def disconnected(self, connection: Connection) -> None:
        self.lost.set()


@pytest.fixture
async def ends() -> AsyncIterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        theirs.setblocking(False)
        yield ours, theirs


async def connect(owner: Owner, ours: socket.socket) -> tuple[Connection, asyncio.BaseTransport]:
    connection = Connection(owner, PLAIN_LISTENER, 1)
    transport, _ = await asyncio.get_running_loop().connect_accepted_socket(lambda: connection, ours)
    return connection, transport


def receive(connection: Connection, sent: bytes) -> None:
    connection.get_buffer(-1)[: len(sent)] = sent
    connection.buffer_updated(len(sent))


@pytest.mark.parametrize("end", ["close", "abort"])
async def test_an_answer_to_a_client_that_has_just_gone_leaves_its_descriptor_free(
    ends: tuple[socket.socket, socket.socket], end: str
) -> None:
    loop = asyncio.get_running_loop()
    errors: list[object] = []
    loop.set_exception_handler(lambda _, context: errors.append(context))
    future: asyncio.Future[Message | Encoded | None] = loop.create_future()
    owner = Owner(OneWaits(future))
    connection, transport = await connect(owner, ends[0])
    descriptor = ends[0].fileno()
    receive(connection, struct.pack(">i", 1) + b"x")
    future.set_result(None)  # the answer is taken up in the next round of the loop,
    getattr(transport, end)()  # where the transport is still there, and closed
    await owner.lost.wait()
    assert not loop.remove_writer(descriptor)
    assert errors == []


async def test_an_answer_of_several_chunks_that_is_not_read_holds_the_next_request_back(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    owner = Owner([bytes(8 << 20), b"end"])
    connection, transport = await connect(owner, ends[0])
    frame = struct.pack(">i", 1) + b"x"
    receive(connection, frame)
    receive(connection, frame)
    assert owner.dispatched == 1
    cast(asyncio.Transport, transport).abort()
    await owner.lost.wait()


class Written(asyncio.Transport):
    """Takes everything and notes it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1)})
        self.parts: list[bytes] = []
        self.is_closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.parts.append(bytes(data))

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def close(self) -> None:
        self.is_closed = True


def large_answer(size: int) -> list[bytes]:
    return [b"head", bytes(range(256)) * (size // 256), b"tail"]


async def test_a_large_answer_goes_out_in_parts_with_the_loop_going_round_between_them() -> None:
    answer = large_answer(1 << 20)
    owner, transport = Owner(answer), Written()
    connection = Connection(owner, PLAIN_LISTENER, 1)
    connection.connection_made(transport)
    frame = struct.pack(">i", 1) + b"x"
    receive(connection, frame + frame)
    whole = b"".join(answer)
    for turn in range(1, 9):
        assert (len(transport.parts), owner.dispatched) == (turn, 1), "the next request waits until all is written"
        await asyncio.sleep(0)
    assert max(map(len, transport.parts)) <= 1 << 17
    for _ in range(20):
        await asyncio.sleep(0)
    assert b"".join(transport.parts) == whole * 2
    assert owner.dispatched == 2


async def test_parts_wait_for_a_client_that_does_not_keep_up() -> None:
    answer = large_answer(1 << 20)
    owner, transport = Owner(answer), Written()
    connection = Connection(owner, PLAIN_LISTENER, 1)
    connection.connection_made(transport)
    receive(connection, struct.pack(">i", 1) + b"x")
    connection.pause_writing()
    for _ in range(3):
        await asyncio.sleep(0)
    assert len(transport.parts) == 1
    connection.resume_writing()
    for _ in range(10):
        await asyncio.sleep(0)
    assert b"".join(transport.parts) == b"".join(answer)


async def test_the_rest_of_an_answer_goes_out_before_the_connection_closes() -> None:
    answer = large_answer(1 << 20)
    owner, transport = Owner(answer), Written()
    connection = Connection(owner, PLAIN_LISTENER, 1)
    connection.connection_made(transport)
    receive(connection, struct.pack(">i", 1) + b"x")
    connection.finish()
    for _ in range(10):
        await asyncio.sleep(0)
    assert transport.is_closed
    assert b"".join(transport.parts) == b"".join(answer)
