"""Listening sockets for every form of host, and accepting where the event loop cannot watch sockets."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from kafka_compat.server import acceptor
from kafka_compat.server.acceptor import Acceptor, listening_sockets
from kafka_compat.tasks import Supervisor

Sockets = list[socket.socket]


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as tried:
            tried.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="the machine has no IPv6")


@pytest.fixture
def opened() -> Iterator[Sockets]:
    sockets: Sockets = []
    yield sockets
    for each in sockets:
        each.close()


def names(sockets: Sockets) -> list[str]:
    assert len({each.getsockname()[1] for each in sockets}) == 1
    return [each.getsockname()[0] for each in sockets]


def is_reached(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


@needs_ipv6
@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "0", "::0"])
async def test_all_interfaces_are_those_of_both_families(host: str, opened: Sockets) -> None:
    opened += await listening_sockets(host, 0)
    assert names(opened) == ["0.0.0.0", "::"]
    assert all(is_reached(each, opened[0].getsockname()[1]) for each in ("127.0.0.1", "::1", "127.0.0.2"))


@needs_ipv6
@pytest.mark.parametrize(
    ("host", "bound"), [("::1", "::1"), ("127.0.0.1", "127.0.0.1"), ("127.1", "127.0.0.1"), ("::ffff:127.0.0.1", "127.0.0.1")]
)
async def test_one_address_is_that_one(host: str, bound: str, opened: Sockets) -> None:
    opened += await listening_sockets(host, 0)
    assert names(opened) == [bound]
    other = "127.0.0.1" if bound == "::1" else "::1"
    assert is_reached(bound, opened[0].getsockname()[1])
    assert not is_reached(other, opened[0].getsockname()[1])


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Have every name stand for these addresses."""

    async def getaddrinfo(host: str, port: None, **options: Any) -> Sequence[tuple[Any, ...]]:
        return [(socket.AF_INET6 if ":" in each else socket.AF_INET, 0, 0, "", (each, 0)) for each in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)


@needs_ipv6
async def test_a_name_is_all_its_addresses_at_one_port(monkeypatch: pytest.MonkeyPatch, opened: Sockets) -> None:
    resolving(monkeypatch, "127.0.0.1", "::1", "127.0.0.1", "203.0.113.1")  # one twice, one of another machine
    opened += await listening_sockets("name", 0)
    assert names(opened) == ["127.0.0.1", "::1"]


async def test_a_name_of_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "203.0.113.1", "127.0.0.1")
    with pytest.raises(OSError, match=rf"\[Errno {errno.EADDRNOTAVAIL}\]"):
        await listening_sockets("name", 0)


async def test_a_free_port_that_the_second_address_has_not_is_another(monkeypatch: pytest.MonkeyPatch, opened: Sockets) -> None:
    resolving(monkeypatch, "127.0.0.1", "127.0.0.2")
    listen, failures = acceptor._listen, [1, 2, 3]

    def sometimes(sockets: Sockets, address: acceptor.Address, port: int) -> None:
        if address[1] == "127.0.0.2" and failures:
            failures.pop()
            raise OSError(errno.EADDRINUSE, "in use")
        listen(sockets, address, port)

    monkeypatch.setattr(acceptor, "_listen", sometimes)
    opened += await listening_sockets("name", 0)
    assert names(opened) == ["127.0.0.1", "127.0.0.2"]


@pytest.mark.parametrize("host", ["127.0.0.1", ""])
async def test_a_port_that_is_taken(host: str, opened: Sockets) -> None:
    opened += await listening_sockets(host, 0)
    with pytest.raises(OSError, match=rf"\[Errno {errno.EADDRINUSE}\]"):
        await listening_sockets(host, opened[0].getsockname()[1])


async def test_a_name_without_an_address() -> None:
    with pytest.raises(socket.gaierror):
        await listening_sockets("no-such-host.invalid", 0)


async def test_a_machine_without_ipv6(monkeypatch: pytest.MonkeyPatch, opened: Sockets) -> None:
    made = socket.socket

    def make(family: int, *more: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "no IPv6")
        return made(family, *more)

    monkeypatch.setattr(socket, "socket", make)
    opened += await listening_sockets("", 0)
    monkeypatch.undo()
    assert names(opened) == ["0.0.0.0"]


class _BlindLoop(asyncio.SelectorEventLoop):
    """Cannot watch sockets for others, as Windows' loop."""

    def add_reader(self, fd: Any, callback: Callable[..., Any], *args: Any) -> None:  # type: ignore[override]
        raise NotImplementedError

    def remove_reader(self, fd: Any) -> bool:
        raise NotImplementedError


@pytest.mark.parametrize("loop", [asyncio.SelectorEventLoop, _BlindLoop])
def test_accepting(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def accept_some() -> None:
        (listening,) = await listening_sockets("127.0.0.1", 0)
        address = listening.getsockname()
        tasks = Supervisor("test")
        taken: asyncio.Queue[socket.socket] = asyncio.Queue()
        accepting = Acceptor(listening, taken.put_nowait, tasks)
        clients = [socket.create_connection(address) for _ in range(50)]  # they wait in the backlog
        accepting.start()
        for client in clients:
            connected = await taken.get()
            assert not connected.getblocking()
            assert connected.getpeername() == client.getsockname()
            connected.close()
            client.close()
        accepting.close()
        accepting.close()
        await tasks.close()
        assert not is_reached(*address)

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(accept_some())


@pytest.mark.expects_errors("cannot accept connections, trying again: no")
@pytest.mark.parametrize("loop", [asyncio.SelectorEventLoop, _BlindLoop])
def test_accepting_that_fails_is_tried_again(
    loop: Callable[[], asyncio.AbstractEventLoop], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = [errno.EMFILE, errno.ECONNABORTED, errno.ENFILE]

    class Listening(socket.socket):
        def accept(self) -> Any:
            if failures:
                raise OSError(failures.pop(), "no")
            return super().accept()

    async def accept_one() -> None:
        (made,) = await listening_sockets("127.0.0.1", 0)
        listening = Listening(made.family, made.type, made.proto, fileno=made.detach())
        taken: asyncio.Queue[socket.socket] = asyncio.Queue()
        tasks = Supervisor("test")
        accepting = Acceptor(listening, taken.put_nowait, tasks)
        accepting.start()
        with socket.create_connection(listening.getsockname()):
            (await taken.get()).close()
        accepting.close()
        await tasks.close()

    monkeypatch.setattr(acceptor, "_PAUSE_S", 0.001)
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(accept_one())
    assert not failures
    assert [record.getMessage() for record in caplog.records].count("cannot accept connections, trying again: no") == 1
