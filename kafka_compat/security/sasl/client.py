"""A client's side of mechanisms with a name and a password: generators that yield messages and are sent the broker's."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Generator
from typing import Final

from kafka_compat.security.sasl.scram_credentials import MAX_ITERATIONS, MIN_ITERATIONS, ScramMechanism, random_text

Exchange = Generator[bytes, bytes, None]
_ITERATIONS: Final = re.compile("[1-9][0-9]{3,4}")
CLIENT_MECHANISMS: Final = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")


class NotTheBroker(Exception):
    """What the broker sent cannot come from one that knows the password, or is no message of the mechanism."""


def client_exchange(mechanism: str, name: str, password: str) -> Exchange:
    """The exchange of a mechanism, whose first message is its first value.

    Raises:
        ValueError: it is none of `CLIENT_MECHANISMS`.
        NotTheBroker: (from the generator) do not go on.
    """
    if mechanism == "PLAIN":
        return _plain(name, password)
    scram = ScramMechanism.of_name(mechanism)
    if scram is None:
        raise ValueError(f"SASL mechanism {mechanism}: there are {', '.join(CLIENT_MECHANISMS)}")
    return _scram(scram, name, password)


def _plain(name: str, password: str) -> Exchange:
    yield f"\0{name}\0{password}".encode()


def _scram(mechanism: ScramMechanism, name: str, password: str) -> Exchange:
    """RFC 5802. A broker that asks for many iterations would have the client compute for it, so there is a limit."""
    nonce = random_text()
    bare = f"n={name.replace('=', '=3D').replace(',', '=2C')},r={nonce}"
    first = (yield f"n,,{bare}".encode()).decode("utf-8", "replace")
    fields = _fields(first)
    iterations = fields.get("i", "")
    if not (_ITERATIONS.fullmatch(iterations) and MIN_ITERATIONS <= int(iterations) <= MAX_ITERATIONS):
        raise NotTheBroker(f"the broker asks for {iterations[:20]} iterations: {MIN_ITERATIONS} to {MAX_ITERATIONS} are taken")
    if not fields.get("r", "").startswith(nonce) or len(fields["r"]) <= len(nonce):
        raise NotTheBroker("the broker's answer belongs to another exchange")
    salted = mechanism.salt_password(password, _decoded(fields.get("s", "")), int(iterations))
    without_proof = f"c=biws,r={fields['r']}"
    signed = f"{bare},{first},{without_proof}".encode()
    client_key = mechanism.hmac(salted, b"Client Key")
    signature = mechanism.hmac(mechanism.hash(client_key), signed)
    proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
    final = yield f"{without_proof},p={base64.b64encode(proof).decode()}".encode()
    expected = mechanism.hmac(mechanism.hmac(salted, b"Server Key"), signed)
    if not hmac.compare_digest(_decoded(_fields(final.decode("utf-8", "replace")).get("v", "")), expected):
        raise NotTheBroker("the broker does not know the password")


def _fields(message: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in message.split(",") if "=" in part)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise NotTheBroker("the broker's message cannot be read") from None
