from __future__ import annotations

import pytest

from kafka_compat.security.sasl.mechanism import Authenticated, AuthenticationFailed, InvalidCredentials
from kafka_compat.security.sasl.oauthbearer import InvalidToken, OAuthBearerMechanism, parse_initial_response

EXPIRES_MS = 1_700_000_000_000


class Validator:
    """Takes one token, and wants a scope of another."""

    def validate(self, token: str, now_ms: int) -> Authenticated:
        if token == "good":
            return Authenticated("alice", EXPIRES_MS)
        raise InvalidToken("no", "[a, b]" if token == "narrow" else None)


def test_good_token() -> None:
    mechanism = OAuthBearerMechanism(Validator())
    assert mechanism.respond(b"n,a=alice,\x01auth=Bearer good\x01traceId=1\x01\x01", 0) == b""
    assert mechanism.result == Authenticated("alice", EXPIRES_MS)


@pytest.mark.parametrize(
    ("token", "told"),
    [("bad", '{"status":"invalid_token"}'), ("narrow", '{"status":"insufficient_scope", "scope":"[a, b]"}')],
)
def test_bad_token_is_told_and_acknowledged(token: str, told: str) -> None:
    mechanism = OAuthBearerMechanism(Validator())
    assert mechanism.respond(f"n,,\x01auth=Bearer {token}\x01\x01".encode(), 0) == told.encode()
    with pytest.raises(AuthenticationFailed) as refusal:
        mechanism.respond(b"\x01", 0)
    assert (str(refusal.value), refusal.value.logged) == (told, "the bearer token was refused: no")
    assert mechanism.result is None


def test_a_second_token_in_place_of_the_acknowledgement_is_not_tried() -> None:
    mechanism = OAuthBearerMechanism(Validator())
    mechanism.respond(b"n,,\x01auth=Bearer bad\x01\x01", 0)
    with pytest.raises(InvalidCredentials):
        mechanism.respond(b"n,,\x01auth=Bearer good\x01\x01", 0)
    assert mechanism.result is None


def test_an_acknowledgement_that_is_none() -> None:
    """sarama says ^A in four characters; Kafka tells such a client what it tells of bad messages."""
    mechanism = OAuthBearerMechanism(Validator())
    mechanism.respond(b"n,,\x01auth=Bearer bad\x01\x01", 0)
    with pytest.raises(InvalidCredentials):
        mechanism.respond(rb"\x01", 0)


def test_authorization_id_of_another() -> None:
    mechanism = OAuthBearerMechanism(Validator())
    with pytest.raises(AuthenticationFailed, match="authorization id"):
        mechanism.respond(b"n,a=bob,\x01auth=Bearer good\x01\x01", 0)
    assert mechanism.result is None


def test_extensions_and_the_last_of_equal_keys() -> None:
    parsed = parse_initial_response(b"n,a=x=2Cy,\x01one=a b\x01auth=Bearer t1\x01one=c=d\x01auth=BEARER  t2=\x01\x01")
    assert parsed == ("t2=", "x=2Cy", {"one": "c=d"})


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x01",
        b"n,,\x01\x01",
        b"y,,\x01auth=Bearer t\x01\x01",
        b"n,,\x01auth=Bearer t\x01",
        b"n,,\x01auth=Basic t\x01\x01",
        b"n,,\x01auth=Bearer t!\x01\x01",
        b"n,,\x01key1=x\x01auth=Bearer t\x01\x01",
        b"n,a=a=b,\x01auth=Bearer t\x01\x01",
        b"n,,\x01auth=Bearer t\x01\x01\n",
        b"\xff" * 1000,
    ],
)
def test_what_is_no_message(message: bytes) -> None:
    with pytest.raises(InvalidCredentials):
        parse_initial_response(message)


def test_long_messages_are_read_in_linear_time() -> None:
    for message in (b"n,a=" + b"=2C" * 100_000, b"n,,\x01" + b"a=b\x01" * 100_000, b"n,,\x01auth=Bearer " + b"x=" * 200_000):
        with pytest.raises(InvalidCredentials):
            parse_initial_response(message)
        with pytest.raises(InvalidCredentials):
            OAuthBearerMechanism(Validator()).respond(message, 0)


def test_thousands_of_extensions_are_not_taken_apart() -> None:
    """17,000 took 7 ms, of each client that nobody knows."""
    pairs = b"".join(b"%s=b\x01" % bytes((97 + n % 26, 97 + n // 26 % 26, 97 + n // 676)) for n in range(17_000))
    with pytest.raises(InvalidCredentials, match="too many extensions"):
        OAuthBearerMechanism(Validator()).respond(b"n,,\x01auth=Bearer good\x01" + pairs + b"\x01", 0)
    assert OAuthBearerMechanism(Validator()).respond(b"n,,\x01auth=Bearer good\x01" + pairs[:3000] + b"\x01", 0) == b""
