"""The HTTP server among clients that nobody vouches for."""

from __future__ import annotations

import socket
import threading

import pytest

from kafka_compat.web import broker_http, guarded_protocol
from kafka_compat.web.guarded_protocol import MAX_CONNECTIONS, MAX_HEAD_BYTES
from tests.web.served import get, scrape, served


def connect(url: str) -> socket.socket:
    host, port = url.removeprefix("http://").rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=20)


def rest(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    found = b""
    try:
        while part := connection.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found


def test_a_head_that_never_ends_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded_protocol, "HEAD_TIMEOUT_S", 0.2)
    with served() as (_, url), connect(url) as slow, connect(url) as silent:
        slow.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n")
        assert rest(slow) == b""
        assert rest(silent) == b""


def test_a_head_that_is_too_large_is_refused() -> None:
    with served() as (_, url), connect(url) as client:
        client.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nX: " + b"x" * (2 * MAX_HEAD_BYTES))
        assert rest(client).startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))


def test_a_frame_of_kafkas_protocol_is_refused() -> None:
    with served() as (_, url), connect(url) as client:
        client.sendall(bytes((0, 0, 0, 20, 0, 18, 0, 3)) + b"\r\n\r\n" * 4)
        assert rest(client).startswith(b"HTTP/1.1 400")


def test_connections_that_are_too_many_are_closed() -> None:
    with served() as (_, url):
        many = [connect(url) for _ in range(MAX_CONNECTIONS)]
        with connect(url) as last:
            assert rest(last) == b""
        for each in many:
            each.close()
        assert get(f"{url}/health/live")[0] == 200


def test_a_client_that_does_not_read_holds_nobody_up() -> None:
    with served(topics={f"t{number}": 500 for number in range(4)}) as (_, url), connect(url) as lazy:
        lazy.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        lazy.recv(1)
        assert len(scrape(url)["kafka_topic_partition_leader"]) == 2000


def test_two_scrapes_at_once() -> None:
    with served(topics={"t": 300}) as (_, url):
        found: list[int] = []
        threads = [
            threading.Thread(target=lambda: found.append(len(scrape(url)["kafka_topic_partition_leader"]))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [300] * 4


def test_scrapes_that_are_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_http, "_SCRAPES", 0)
    with served() as (_, url):
        assert get(f"{url}/metrics") == (503, "0 scrapes are under way\n")


def test_only_get() -> None:
    with served() as (_, url), connect(url) as client:
        client.sendall(b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        assert rest(client).startswith(b"HTTP/1.1 405")
