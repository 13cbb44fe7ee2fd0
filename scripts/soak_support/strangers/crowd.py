"""Clients without credentials, in a process of their own: each case is something that all of them do as often as they can.

`python -m scripts.soak_support.strangers.crowd CASE PLACE TOKENS` begins at once, ends with its stdin, and prints how often.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from scripts.soak_support.hostile_valid.frames import frame, many_tags
from scripts.soak_support.strangers.known import Place
from tests.support.sasl_conversations import UNKNOWN_VERSIONS, authenticate, framed, handshake, versions
from tests.support.tls_client import TlsSocket

_THREADS: Final = 24
_HELD: Final = 1000
_LARGEST: Final = 524_288
SASL: Final = "SASL_PLAINTEXT"


class Crowd:
    """What a case has: the broker, tokens, what it holds open, and how often it has done what it does."""

    def __init__(self, place: Place, tokens: dict[str, str]) -> None:
        self.place = place
        self.tokens = tokens
        self.held: list[socket.socket] = []
        self.count = 0
        self.is_over = False

    def connect(self, protocol: str) -> socket.socket:
        """A connection, without a word."""
        host, port = self.place.addresses[protocol].rsplit(":", 1)
        return socket.create_connection((host, int(port)), timeout=5)

    def say(self, protocol: str, *data: bytes, wait: bool = True) -> None:
        """Connect, send all at once, and read one answer, or until the end."""
        with contextlib.closing(self.connect(protocol)) as connection:
            connection.sendall(b"".join(data))
            if wait:
                connection.settimeout(2)
                connection.recv(1 << 16)

    def hold(self, protocol: str, data: bytes = b"") -> None:
        """Connect, send, and stay."""
        connection = self.connect(protocol)
        if data:
            connection.settimeout(0.2)
            with contextlib.suppress(OSError):
                connection.sendall(data)
        self.held.append(connection)
        if len(self.held) >= _HELD:
            time.sleep(0.1)
            for each in list(self.held):
                with contextlib.suppress(OSError):
                    each.setblocking(False)
                    each.send(b"\0")
                    continue
                # The broker has closed it: another one takes its place.
                with contextlib.suppress(ValueError):
                    self.held.remove(each)
                each.close()


def _hello(crowd: Crowd) -> bytes:
    outgoing = ssl.MemoryBIO()
    engine = crowd.place.context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        engine.do_handshake()
    return outgoing.read()


def _shake_hands(crowd: Crowd) -> None:
    context = crowd.place.context()
    with contextlib.closing(context.wrap_socket(crowd.connect("SSL"), server_hostname="localhost")):
        pass


def _half_handshake(crowd: Crowd) -> None:
    crowd.say("SASL_SSL", _hello(crowd))


def _stalled_handshake(crowd: Crowd) -> None:
    crowd.hold("SSL", _hello(crowd))


def _slow_hello(crowd: Crowd) -> None:
    hello = _hello(crowd)
    with contextlib.closing(crowd.connect("SSL")) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for position in range(len(hello) - 1):
            connection.sendall(hello[position : position + 1])


def _giant_hello(crowd: Crowd) -> None:
    """Handshake records that never end: a hello that says it has 128 KiB."""
    record = b"\x16\x03\x01" + struct.pack(">H", 16_384)
    first = record + b"\x01\x02\x00\x00\x03\x03" + bytes(16_378)
    crowd.say("SSL", first, *[record + bytes(16_384)] * 7)


def _keys(*, asks_for_others: bool) -> Callable[[Crowd], None]:
    def work(crowd: Crowd) -> None:
        with contextlib.closing(crowd.connect("SSL")) as connection:
            client = TlsSocket(connection, crowd.place.context())
            client.shake_hands()
            while not crowd.is_over:
                connection.sendall(client.change_keys(1000, asks_for_others=asks_for_others))
                crowd.count += 1000

    return work


def _raw(protocol: str, *data: bytes, wait: bool = True) -> Callable[[Crowd], None]:
    return lambda crowd: crowd.say(protocol, *data, wait=wait)


def _plain(message: bytes) -> Callable[[Crowd], None]:
    return _raw(SASL, handshake("PLAIN"), authenticate(message))


def _scram(mechanism: str, *, more: str = "") -> Callable[[Crowd], None]:
    def work(crowd: Crowd) -> None:
        with contextlib.closing(crowd.connect(SASL)) as connection:
            connection.sendall(handshake(mechanism) + authenticate(f"n,,n=alice{crowd.count},r=nonce{more}".encode()))
            connection.recv(1 << 16)
            answer = connection.recv(1 << 16)
            nonce = answer[answer.find(b"r=") + 2 :].split(b",")[0]
            connection.sendall(authenticate(b"c=biws,r=" + nonce + b",p=" + b"A" * 43 + b"="))
            connection.recv(1 << 16)

    return work


def _bearer(name: str) -> Callable[[Crowd], None]:
    def work(crowd: Crowd) -> None:
        crowd.say(SASL, handshake("OAUTHBEARER"), authenticate(b"n,,\1auth=Bearer " + crowd.tokens[name].encode() + b"\1\1"))

    return work


def _pairs() -> bytes:
    return (
        b"n,,\1" + b"".join(b"%s=b\1" % bytes((97 + n % 26, 97 + n // 26 % 26, 97 + n // 676)) for n in range(17_000)) + b"\1"
    )


def _held_failure(crowd: Crowd) -> None:
    """Failed, and then as much as the broker takes while it waits."""
    with contextlib.closing(crowd.connect(SASL)) as connection:
        connection.sendall(handshake("PLAIN") + authenticate(b"\0alice\0wrong"))
        while True:
            connection.sendall(bytes(1 << 18))


def _burn(crowd: Crowd) -> None:
    sum(range(100_000))
    os.stat(__file__)


class Case(NamedTuple):
    """What a crowd does, and in how many threads."""

    summary: str
    work: Callable[[Crowd], None]
    threads: int = _THREADS


CASES: Final[dict[str, Case]] = {
    "quiet": Case("nobody", lambda _: time.sleep(0.05), 1),
    "busy": Case("nobody; a process that keeps the machine as busy as a crowd", _burn, 4),
    "plain-connections": Case("open and close, on a plain listener", _raw("PLAINTEXT", wait=False)),
    "plain-versions": Case("open, ApiVersions, close, on a plain listener", _raw("PLAINTEXT", versions(3))),
    "connections": Case("open and close, on the SASL listener", _raw(SASL, wait=False)),
    "tls-connections": Case("open and close, on the TLS listener", _raw("SSL", wait=False)),
    "held": Case("1,000 open and say nothing", lambda crowd: crowd.hold(SASL), 2),
    "tls-handshakes": Case("whole handshakes, one after the other", _shake_hands),
    "tls-hellos": Case("hellos whose answer is not answered", _half_handshake),
    "tls-stalled": Case("1,000 handshakes that stall", _stalled_handshake, 2),
    "tls-slow": Case("hellos byte by byte", _slow_hello),
    "tls-giant": Case("hellos of 128 KiB", _giant_hello),
    "tls-keys": Case("new keys without end", _keys(asks_for_others=False), 2),
    "tls-keys-answered": Case("new keys without end, asking for the broker's", _keys(asks_for_others=True), 2),
    "tls-garbage": Case("what is no TLS", _raw("SSL", b"garbage\n" * 2000)),
    "half-512k": Case(
        "1,000 send 500 KB of the largest frame",
        lambda crowd: crowd.hold(SASL, struct.pack(">i", _LARGEST) + bytes(500_000)),
        4,
    ),
    "half-60k": Case(
        "1,000 send 60 KB of a frame of 64", lambda crowd: crowd.hold(SASL, struct.pack(">i", 65_000) + bytes(60_000)), 4
    ),
    "tags": Case(
        "10,000 unknown tags before authentication", _raw(SASL, frame(18, 3, b"\5soak\x021\0", header_tags=many_tags(9_999)))
    ),
    "tags-many": Case("100,000 of them", _raw(SASL, frame(18, 3, b"\5soak\x021\0", header_tags=many_tags(100_000)))),
    "versions": Case("ApiVersions 99, 500 in a row", _raw(SASL, UNKNOWN_VERSIONS * 500)),
    "handshakes": Case("SaslHandshake twice", _raw(SASL, handshake("PLAIN") * 2)),
    "unknown-mechanism": Case("SaslHandshake for a long mechanism", _raw(SASL, handshake("x" * 30_000))),
    "garbage": Case("frames of noise", _raw(SASL, framed(os.urandom(3000)) * 10)),
    "plain": Case("wrong passwords", _plain(b"\0alice\0wrong")),
    "plain-512k": Case("passwords of 500 KB that are no text", _plain(b"\0alice\0" + b"\xff" * 500_000)),
    "scram-256": Case("wrong proofs", _scram("SCRAM-SHA-256")),
    "scram-512": Case("wrong proofs", _scram("SCRAM-SHA-512")),
    "scram-token": Case("delegation tokens that there are not", _scram("SCRAM-SHA-256", more=",tokenauth=true")),
    "bearer-rsa": Case("tokens with a wrong signature of RSA-4096", _bearer("rsa")),
    "bearer-ec": Case("tokens with a wrong signature of ES384", _bearer("ec")),
    "bearer-64k": Case("the same, of 60 KB", _bearer("long")),
    "bearer-pairs": Case("17,000 extensions", _raw(SASL, handshake("OAUTHBEARER"), authenticate(_pairs()))),
    "bearer-512k": Case(
        "a message of 500 KB", _raw(SASL, handshake("OAUTHBEARER"), authenticate(b"n,,\1auth=" + b"x" * 500_000))
    ),
    "failed-flood": Case("wrong passwords, and 256 KB at a time until the answer", _held_failure),
}


def main(case: str, place: Place, tokens: dict[str, str]) -> None:
    """Do it until stdin ends."""
    crowd = Crowd(place, tokens)

    def run() -> None:
        while not crowd.is_over:
            try:
                CASES[case].work(crowd)
            except (OSError, ssl.SSLError):
                time.sleep(0.001)
            crowd.count += 1

    threads = [threading.Thread(target=run, daemon=True) for _ in range(CASES[case].threads)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    crowd.is_over = True
    print(json.dumps({"count": crowd.count, "held": len(crowd.held)}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], Place(**json.loads(sys.argv[2])), json.loads(sys.argv[3]))
