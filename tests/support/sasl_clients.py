"""The client's side of SASL mechanisms: generators that yield messages and are sent the broker's."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Generator

Exchange = Generator[bytes, bytes, None]


def client_exchange(mechanism: str, user: str, password: str) -> Exchange:
    """The exchange of a mechanism, whose first message is its first value."""
    if mechanism == "PLAIN":
        return plain(user, password)
    if mechanism == "OAUTHBEARER":
        return oauthbearer(password, user)
    return scram(mechanism, user, password)


def plain(user: str, password: str, authorization_id: str = "") -> Exchange:
    """PLAIN (RFC 4616)."""
    yield f"{authorization_id}\0{user}\0{password}".encode()


def oauthbearer(token: str, authorization_id: str = "") -> Exchange:
    """OAUTHBEARER (RFC 7628); what is wrong with a token is acknowledged."""
    said = f"a={authorization_id}" if authorization_id else ""
    answer = yield f"n,{said},\x01auth=Bearer {token}\x01\x01".encode()
    if answer:
        yield b"\x01"


def scram(mechanism: str, user: str, password: str) -> Exchange:
    """SCRAM (RFC 5802) as the library scramp speaks it."""
    from scramp import ScramClient

    client = ScramClient([mechanism], user, password)
    first = yield client.get_client_first().encode()
    client.set_server_first(first.decode())
    final = yield client.get_client_final().encode()
    client.set_server_final(final.decode())


def scram_token(mechanism: str, token_id: str, hmac_of_token: bytes) -> Exchange:
    """SCRAM with a delegation token (KIP-48): its id is the name, its HMAC in base64 the password, and an extension says so."""
    hash_name = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-512": "sha512"}[mechanism]
    bare = f"n={token_id},r=nonce,tokenauth=true"
    first = (yield f"n,,{bare}".encode()).decode()
    fields = dict(part.split("=", 1) for part in first.split(","))
    password = base64.b64encode(hmac_of_token)
    salted = hashlib.pbkdf2_hmac(hash_name, password, base64.b64decode(fields["s"]), int(fields["i"]))
    without_proof = f"c=biws,r={fields['r']}"
    proven = f"{bare},{first},{without_proof}".encode()
    client_key = hmac.digest(salted, b"Client Key", hash_name)
    signature = hmac.digest(hashlib.new(hash_name, client_key).digest(), proven, hash_name)
    proof = base64.b64encode(bytes(a ^ b for a, b in zip(client_key, signature, strict=True))).decode()
    final = yield f"{without_proof},p={proof}".encode()
    expected = hmac.digest(hmac.digest(salted, b"Server Key", hash_name), proven, hash_name)
    assert final == b"v=" + base64.b64encode(expected)
