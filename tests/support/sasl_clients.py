"""The client's side of SASL mechanisms: generators that yield messages and are sent the broker's."""

from __future__ import annotations

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
