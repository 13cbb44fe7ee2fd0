"""PLAIN: what is let in, and what is said of the rest."""

from __future__ import annotations

import hmac

import pytest

from kafka_compat.security.sasl.mechanism import Authenticated, AuthenticationFailed
from kafka_compat.security.sasl.plain import PlainMechanism

USERS = {"alice": "secret", "bob": "other", "ä€😀": "pässword"}
INVALID = "Authentication failed: Invalid username or password"


@pytest.mark.parametrize(
    ("message", "name"), [("\0alice\0secret", "alice"), ("alice\0alice\0secret", "alice"), ("\0ä€😀\0pässword", "ä€😀")]
)
def test_the_right_password(message: str, name: str) -> None:
    plain = PlainMechanism(USERS)
    assert plain.respond(message.encode(), 0) == b""
    assert plain.result == Authenticated(name)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"\0alice\0wrong", INVALID),
        (b"\0alice\0SECRET", INVALID),
        (b"\0alice\0secret ", INVALID),
        (b"\0nobody\0secret", INVALID),
        (b"\0alice\0other", INVALID),
        (b"\0\xff\0secret", INVALID),
        (b"\0\0secret", "Authentication failed: username not specified"),
        (b"\0alice\0", "Authentication failed: password not specified"),
        (b"", "Invalid SASL/PLAIN response: expected 3 tokens, got 1"),
        (b"alice\0secret", "Invalid SASL/PLAIN response: expected 3 tokens, got 2"),
        (b"\0alice\0secret\0", "Invalid SASL/PLAIN response: expected 3 tokens, got 4"),
        (b"\0alice\0secret\0\0\0", "Invalid SASL/PLAIN response: expected 3 tokens, got 4"),
        # Who may be somebody else is not asked (CVE-2017-12610), and not even said before the password is right.
        (b"bob\0alice\0secret", "Authentication failed: Client requested an authorization id that is different from username"),
        (b"bob\0alice\0wrong", INVALID),
    ],
)
def test_what_is_refused(message: bytes, said: str) -> None:
    plain = PlainMechanism(USERS)
    with pytest.raises(AuthenticationFailed) as refusal:
        plain.respond(message, 0)
    assert str(refusal.value) == said
    assert plain.result is None


@pytest.mark.parametrize("name", ["alice", "nobody"])
def test_passwords_are_compared_in_constant_time_whoever_is_asked_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(a: bytes, b: bytes) -> bool:
        compared.append(a)
        return a == b

    monkeypatch.setattr(hmac, "compare_digest", compare)
    with pytest.raises(AuthenticationFailed):
        PlainMechanism(USERS).respond(f"\0{name}\0wrong".encode(), 0)
    assert compared == [b"wrong"]


def test_half_a_megabyte_is_nobody_s_password_and_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """To decode what is no text took 4 ms, of each client that nobody knows."""
    compared: list[int] = []

    def compare(given: bytes, expected: bytes) -> bool:
        compared.append(len(given))
        return given == expected

    monkeypatch.setattr(hmac, "compare_digest", compare)
    long = "x" * 40_000
    for password in (b"\xff" * 500_000, long.encode(), long[: 32 * 1024].encode()):
        plain = PlainMechanism({"alice": long[: 32 * 1024], "bob": long})
        if len(password) == 32 * 1024:
            assert plain.respond(b"\0alice\0" + password, 0) == b""
        else:
            for name in (b"alice", b"bob"):
                with pytest.raises(AuthenticationFailed, match=INVALID):
                    plain.respond(b"\0" + name + b"\0" + password, 0)
    assert max(compared) <= 3 * 32 * 1024
