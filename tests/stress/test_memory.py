"""Clients that send half of large requests, or fetch and never read: the memory of the broker is bounded, others go on."""

from __future__ import annotations

import contextlib
import socket
import struct
import time

from tests.support import load
from tests.support.processes import ServeProcess, usage_of

CLIENTS = 150
HALF_BYTES = 20_000_000
FETCH_BYTES = 50 << 20
ROUNDS = 20
GROWTH_LIMIT_BYTES = 200 << 20
ANSWER_LIMIT_S = 5  # generous: the machine has other work


def send_halves(clients: list[socket.socket]) -> None:
    """Each announces 100 MiB and sends as much as is taken, a piece in its turn."""
    for client in clients:
        client.sendall(struct.pack(">i", (100 << 20) - 1024))
        client.setblocking(False)
    piece = bytes(500_000)
    for _ in range(HALF_BYTES // len(piece)):
        for client in clients:
            with contextlib.suppress(BlockingIOError):
                client.send(piece)


def grown_bytes(broker: ServeProcess, before: int) -> int:
    """The most it grows while others use it."""
    highest = 0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        assert load.is_alive(broker.bootstrap) < ANSWER_LIMIT_S
        load.fill(broker.bootstrap, "t", 1)
        assert time.perf_counter() - began < ANSWER_LIMIT_S
        highest = max(highest, usage_of(broker.pid).rss_bytes - before)
    return highest


def test_half_requests(broker: ServeProcess) -> None:
    load.fill(broker.bootstrap, "t", 2)
    before = usage_of(broker.pid).rss_bytes
    with load.connections(broker.bootstrap, CLIENTS) as clients:
        send_halves(clients)
        assert grown_bytes(broker, before) < GROWTH_LIMIT_BYTES
    assert load.is_alive(broker.bootstrap) < ANSWER_LIMIT_S


def test_answers_that_nobody_reads(broker: ServeProcess) -> None:
    load.fill(broker.bootstrap, "t", 55)
    before = usage_of(broker.pid).rss_bytes
    with load.connections(broker.bootstrap, CLIENTS) as clients:
        for client in clients:
            client.sendall(load.fetch_frame("t", 0, 0, FETCH_BYTES))
        assert grown_bytes(broker, before) < GROWTH_LIMIT_BYTES
    assert load.is_alive(broker.bootstrap) < ANSWER_LIMIT_S
