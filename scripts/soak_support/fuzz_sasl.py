"""Throws bytes at a SASL listener before it knows who throws them: conversations cut, spoiled, and with noise in between."""

from __future__ import annotations

import contextlib
import random
import socket
from dataclasses import dataclass
from typing import Final

from kafka_compat.protocol.api_keys import ApiKey
from scripts.soak_support import fuzz
from tests.support.sasl_conversations import (
    CONVERSATIONS,
    GSSAPI_TOKEN,
    WRONG,
    authenticate,
    framed,
    handshake,
    versions,
)

CONFIGS: Final = {
    "listener.name.sasl.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "listener.name.sasl.plain.sasl.jaas.config": (
        'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret";'
    ),
    # Failures wait for nobody here: the more of them in a minute, the better.
    "connection.failed.authentication.delay.ms": "1",
}
LISTENERS: Final = {"SASL": "SASL_PLAINTEXT"}

_SCRAM: Final = (b"n,,n=alice,r=nonce", b"n,a=alice,n=alice,r=x,tokenauth=true", b"c=biws,r=nonce,p=AAAA", b"n,,n=")
_ANSWER_WAIT_S: Final = 0.002


@dataclass
class SaslFuzzReport:
    """How many connections were made, how many frames went out, and how many were answered."""

    connections: int = 0
    frames: int = 0
    answered: int = 0


def run(bootstrap: str, connections: int, seed: int) -> SaslFuzzReport:
    """Make that many connections, one after the other.

    Raises:
        OSError: the broker cannot be reached any more.
    """
    chance = random.Random(seed)
    report = SaslFuzzReport(connections)
    host, port = bootstrap.rsplit(":", 1)
    for _ in range(connections):
        with contextlib.closing(socket.create_connection((host, int(port)), timeout=10)) as connection:
            _throw(connection, _conversation(chance), report)
    return report


def _throw(connection: socket.socket, frames: list[bytes], report: SaslFuzzReport) -> None:
    with contextlib.suppress(OSError):
        for frame in frames:
            report.frames += 1
            connection.settimeout(10)
            connection.sendall(frame)
            connection.settimeout(_ANSWER_WAIT_S)
            try:
                if not connection.recv(1 << 16):
                    return
            except TimeoutError:
                continue
            report.answered += 1


def _conversation(chance: random.Random) -> list[bytes]:
    frames = list(chance.choice(CONVERSATIONS).steps) if chance.random() < 0.3 else _begun(chance)
    frames += [_next(chance) for _ in range(chance.randrange(4))]
    if chance.random() < 0.5:
        index = chance.randrange(len(frames) or 1)
        frames[index : index + 1] = [fuzz.spoil(frame, chance) for frame in frames[index : index + 1] if len(frame) > 20]
    return [b"".join(frames)] if chance.random() < 0.2 else frames


def _begun(chance: random.Random) -> list[bytes]:
    mechanism = chance.choice(("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI", ""))
    first = [versions(chance.randrange(5))] if chance.random() < 0.5 else []
    return [*first, handshake(mechanism, chance.randrange(2))]


def _next(chance: random.Random) -> bytes:
    match chance.randrange(6):
        case 0:
            return authenticate(chance.choice((WRONG, *_SCRAM)), chance.randrange(3))
        case 1:
            return framed(chance.choice((WRONG, *_SCRAM)))
        case 2:
            return authenticate(chance.randbytes(chance.choice((0, 1, 40, 3_000, 70_000))), chance.randrange(3))
        case 3:
            return framed(chance.randbytes(chance.randrange(200)))
        case 4:
            return fuzz.frames(chance.choice((ApiKey.SASL_HANDSHAKE, ApiKey.SASL_AUTHENTICATE)), 0, 1, chance)[0]
        case _:
            return GSSAPI_TOKEN
