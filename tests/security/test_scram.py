"""SCRAM against the library scramp as a client, and against clients that do what they should not."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode

import pytest
from scramp import ScramClient, ScramException

from kafka_compat.security.sasl.mechanism import Authenticated, AuthenticationFailed, InvalidCredentials
from kafka_compat.security.sasl.scram import ScramExchange, TokenCredential
from kafka_compat.security.sasl.scram_credentials import (
    MAX_ITERATIONS,
    MIN_ITERATIONS,
    ScramCredential,
    ScramMechanism,
    is_password_of,
    make_credential,
)

SHA_256 = ScramMechanism.SCRAM_SHA_256
NOW_MS = 1_000_000
# No test here is about the time that a password takes: credentials are made once.
_made: dict[tuple[str, ScramMechanism, int], ScramCredential] = {}


def credential(password: str, mechanism: ScramMechanism = SHA_256, iterations: int = MIN_ITERATIONS) -> ScramCredential:
    key = password, mechanism, iterations
    if key not in _made:
        _made[key] = make_credential(mechanism, password, iterations)
    return _made[key]


class Users:
    """Passwords by name, and of delegation tokens by id."""

    def __init__(self, users: dict[str, str], tokens: dict[str, str] | None = None, iterations: int = MIN_ITERATIONS) -> None:
        self.users = users
        self.tokens = tokens or {}
        self.iterations = iterations

    def of_user(self, name: str, mechanism: ScramMechanism) -> ScramCredential | None:
        return credential(self.users[name], mechanism, self.iterations) if name in self.users else None

    def of_token(self, token_id: str, mechanism: ScramMechanism) -> TokenCredential | None:
        password = self.tokens.get(token_id)
        return None if password is None else TokenCredential(credential(password, mechanism), "owner", NOW_MS + 5)


USERS = Users({"alice": "secret", "=,user": "x"}, {"token": "key"})


def exchange(mechanism: ScramMechanism = SHA_256, users: Users = USERS) -> ScramExchange:
    return ScramExchange(mechanism, users)


class Client:
    """The client's messages, made by hand so that each part can be another one."""

    def __init__(self, name: str = "alice", password: str = "secret", *, nonce: str = "client", first: str = "") -> None:
        self.password = password
        self.bare = f"n={name},r={nonce}"
        self.first = first or f"n,,{self.bare}"

    def final(self, server_first: bytes, *, nonce: str | None = None, channel: str = "biws", more: str = "") -> bytes:
        parts = dict(part.split("=", 1) for part in server_first.decode().split(","))
        without_proof = f"c={channel},r={parts['r'] if nonce is None else nonce}{more}"
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(), b64decode(parts["s"]), int(parts["i"]))
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        stored_key = hashlib.sha256(client_key).digest()
        bare = self.first.split(",", 2)[2]
        signature = hmac.digest(stored_key, f"{bare},{server_first.decode()},{without_proof}".encode(), "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        return f"{without_proof},p={b64encode(proof).decode()}".encode()


def refusal_of(scram: ScramExchange, message: bytes) -> str:
    with pytest.raises(InvalidCredentials) as refusal:
        scram.respond(message, NOW_MS)
    assert scram.result is None
    return str(refusal.value)


@pytest.mark.parametrize("mechanism", ScramMechanism)
@pytest.mark.parametrize("name", ["alice", "=,user"])
@pytest.mark.parametrize("iterations", [MIN_ITERATIONS, MAX_ITERATIONS])
def test_a_client_gets_in_and_knows_whom_it_speaks_with(mechanism: ScramMechanism, name: str, iterations: int) -> None:
    users = Users(USERS.users, iterations=iterations)
    scram = exchange(mechanism, users)
    client = ScramClient([mechanism.mechanism_name], name, users.users[name])
    first = client.get_client_first()
    if name != "alice":  # scramp does not write them as they are to be written
        first = first.replace(f"n={name}", "n==3D=2Cuser")
        client.client_first_bare = first.removeprefix("n,,")
    client.set_server_first(scram.respond(first.encode(), NOW_MS).decode())
    client.set_server_final(scram.respond(client.get_client_final().encode(), NOW_MS).decode())
    assert scram.result == Authenticated(name)


def test_a_wrong_password_and_a_wrong_name_look_alike() -> None:
    answers = []
    for name, password in (("alice", "wrong"), ("nobody", "secret")):
        scram, again = exchange(), exchange()
        client = Client(name, password)
        first = scram.respond(client.first.encode(), NOW_MS)
        parts = first.decode().split(",")
        assert again.respond(client.first.encode(), NOW_MS).decode().split(",")[1:] == parts[1:], "the salt tells who is there"
        answers.append((refusal_of(scram, client.final(first)), parts[2], len(parts[0])))
    assert answers[0] == answers[1]


def test_the_hashes_of_a_proof_are_as_many_for_somebody_as_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many iterations the password has: they are its client's cost."""
    calls: list[str] = []

    def count(function: str) -> None:
        real = getattr(ScramMechanism, function)

        def counted(mechanism: ScramMechanism, *args: object) -> bytes:
            calls.append(function)
            made = real(mechanism, *args)
            assert isinstance(made, bytes)
            return made

        monkeypatch.setattr(ScramMechanism, function, counted)

    finals = []
    for name, iterations in (("alice", MIN_ITERATIONS), ("alice", MAX_ITERATIONS), ("nobody", MIN_ITERATIONS)):
        scram, client = exchange(users=Users(USERS.users, iterations=iterations)), Client(name, "wrong")
        finals.append((scram, client.final(scram.respond(client.first.encode(), NOW_MS))))
    for function in ("hmac", "hash", "salt_password"):
        count(function)
    for scram, final in finals:
        refusal_of(scram, final)
    assert calls == ["hmac", "hash"] * 3


@pytest.mark.parametrize("nonce", ["", "client", "another", "x{}", "{}x", "client{}"])
def test_the_nonce_of_the_final_message_is_that_of_the_first(nonce: str) -> None:
    """CVE-2024-56128."""
    scram, client = exchange(), Client()
    first = scram.respond(client.first.encode(), NOW_MS)
    theirs = first.decode().split(",")[0].removeprefix("r=")
    message = client.final(first, nonce=nonce.format(theirs))
    assert "nonce" in refusal_of(scram, message) if nonce else "final message" in refusal_of(scram, message)


def test_nonces_begin_with_the_client_s_and_differ() -> None:
    nonces = {exchange().respond(b"n,,n=alice,r=mine", NOW_MS).split(b",")[0] for _ in range(100)}
    assert len(nonces) == 100
    assert all(nonce.startswith(b"r=mine") and len(nonce) > 27 for nonce in nonces)


def test_another_authorization_id_is_refused() -> None:
    for authorization_id, is_taken in (("alice", True), ("bob", False), ("=3D", False)):
        scram, client = exchange(), Client(first=f"n,a={authorization_id},n=alice,r=client")
        if is_taken:
            first = scram.respond(client.first.encode(), NOW_MS)
            channel = b64encode(f"n,a={authorization_id},".encode()).decode()
            assert scram.respond(client.final(first, channel=channel), NOW_MS).startswith(b"v=")
        else:
            with pytest.raises(AuthenticationFailed, match="Client requested an authorization id that is different"):
                scram.respond(client.first.encode(), NOW_MS)


@pytest.mark.parametrize("channel", ["", "eSws", "cD10bHMtdW5pcXVlLCw="])
def test_the_channel_is_that_of_the_first_message(channel: str) -> None:
    scram, client = exchange(), Client()
    assert "channel" in refusal_of(scram, client.final(scram.respond(client.first.encode(), NOW_MS), channel=channel))


@pytest.mark.parametrize(
    "message",
    [
        b"", b"n", b"n,,", b"n,,n=alice", b"n,,n=,r=x", b"n,,n=alice,r=", b"y,,n=alice,r=x", b"p=tls-unique,,n=alice,r=x",
        b"n,,n=al=ice,r=x", b"n,,n=alice=2,r=x", b"n,,n=alice,r=a b", b"n,,n=alice,r=x,", b"n,,n=alice,r=x,9=y",
        b"n,,m=must,n=alice,r=x", b"n,,n=\xc3\xa4,r=x", b"n,,n=al\0ice,r=x", b"n,,r=x,n=alice", b"n,,n=alice,r=x\n",
        b"n,,n=" + b"a" * 9_000 + b",r=x", b"\xff" * 500_000,
    ],
)  # fmt: skip
def test_first_messages_that_are_none(message: bytes) -> None:
    scram = exchange()
    refusal_of(scram, message)
    refusal_of(scram, b"n,,n=alice,r=x")  # nor may it try again


@pytest.mark.parametrize("change", [b"", b"c=biws", b"x%s", b"%s,x=y", b"%s=", b"%sA"])
def test_final_messages_that_are_none(change: bytes) -> None:
    scram, client = exchange(), Client()
    final = client.final(scram.respond(client.first.encode(), NOW_MS))
    refusal_of(scram, change.replace(b"%s", final))
    refusal_of(scram, final)


@pytest.mark.parametrize("size", [0, 1, 31, 33, 64])
def test_a_proof_of_another_size_is_wrong(size: int) -> None:
    scram, client = exchange(), Client()
    final = client.final(scram.respond(client.first.encode(), NOW_MS)).split(b",p=")[0]
    refusal_of(scram, final + b",p=" + b64encode(bytes(size)))


def test_extensions_are_passed_over_and_signed() -> None:
    scram, client = exchange(), Client(first="n,,n=alice,r=client,abc=d=e,tokenauth=false")
    final = client.final(scram.respond(client.first.encode(), NOW_MS), more=",x=y")
    assert scram.respond(final, NOW_MS).startswith(b"v=")


def test_a_message_too_many_is_refused() -> None:
    scram, client = exchange(), Client()
    final = client.final(scram.respond(client.first.encode(), NOW_MS))
    scram.respond(final, NOW_MS)
    with pytest.raises(InvalidCredentials):
        scram.respond(final, NOW_MS)


@pytest.mark.parametrize(
    ("name", "password", "is_let_in"), [("token", "key", True), ("token", "k", False), ("alice", "secret", False)]
)
def test_a_delegation_token_stands_for_its_owner(name: str, password: str, is_let_in: bool) -> None:
    scram, client = exchange(), Client(name, password, first=f"n,,n={name},r=client,tokenauth=true")
    final = client.final(scram.respond(client.first.encode(), NOW_MS))
    if is_let_in:
        scram.respond(final, NOW_MS)
        assert scram.result == Authenticated("owner", NOW_MS + 5, by_token=True)
    else:
        refusal_of(scram, final)


def test_a_token_is_no_user() -> None:
    scram, client = exchange(), Client("token", "key")
    refusal_of(scram, client.final(scram.respond(client.first.encode(), NOW_MS)))


def test_a_credential_with_too_few_iterations_is_not_used() -> None:
    refusal_of(exchange(users=Users({"alice": "secret"}, iterations=MIN_ITERATIONS - 1)), b"n,,n=alice,r=x")


def test_a_credential_shows_no_key() -> None:
    made = credential("secret")
    assert repr(made) == "ScramCredential(iterations=4096)" == str(made)
    assert is_password_of(SHA_256, made, "secret")
    assert not is_password_of(SHA_256, made, "Secret")


def test_a_client_notices_a_broker_that_does_not_know_the_password() -> None:
    scram = exchange(users=Users({"alice": "another"}))
    client = ScramClient(["SCRAM-SHA-256"], "alice", "secret")
    client.set_server_first(scram.respond(client.get_client_first().encode(), NOW_MS).decode())
    client.get_client_final()
    with pytest.raises(ScramException):
        client.set_server_final("v=" + b64encode(bytes(32)).decode())
