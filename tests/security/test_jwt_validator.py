from __future__ import annotations

import base64
import contextlib
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("joserfc", reason="the extra `security`")

from kafka_compat.security.sasl.jwks import JwksError, KeySet, parse_jwks
from kafka_compat.security.sasl.jwt_claims import ClaimRules, identity
from kafka_compat.security.sasl.jwt_validator import JwtValidator
from kafka_compat.security.sasl.mechanism import Authenticated
from kafka_compat.security.sasl.oauthbearer import InvalidToken
from tests.support.bearer_tokens import (
    AUDIENCE,
    CASES,
    ISSUER,
    Case,
    claims,
    confused,
    jwk_of,
    key_set,
    part,
    signed,
    standard_keys,
)

RULES = ClaimRules(frozenset({AUDIENCE, "other"}), ISSUER, clock_skew_s=30)


class Keys:
    """Keys that do not change, and the ids that were missed."""

    def __init__(self, text: bytes | None = None) -> None:
        self.current: KeySet = parse_jwks(standard_keys() if text is None else text)
        self.missed: list[str] = []

    def miss(self, kid: str) -> None:
        self.missed.append(kid)


def now_ms() -> int:
    return int(time.time() * 1000)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_tokens(case: Case) -> None:
    validator = JwtValidator(Keys(), RULES)
    if case.name is not None:
        assert validator.validate(case.token(), now_ms()).name == case.name
        return
    token = case.token()
    with pytest.raises(InvalidToken) as refusal:
        validator.validate(token, now_ms())
    assert refusal.value.scope is None
    assert not any(part in str(refusal.value) for part in token.split(".") if len(part) > 20)


def test_session_ends_with_the_token() -> None:
    expires_s = now_ms() // 1000 + 77
    assert JwtValidator(Keys(), RULES).validate(signed(claims(exp=expires_s)), now_ms()) == Authenticated(
        "alice", expires_s * 1000
    )


@pytest.mark.parametrize(("after_s", "is_good"), [(29, True), (30, False)])
def test_expiration_to_the_second(after_s: int, is_good: bool) -> None:
    validator, now_s = JwtValidator(Keys(), RULES), 1_000_000_000
    token = signed(claims(exp=now_s, iat=now_s - 100))
    if is_good:
        validator.validate(token, (now_s + after_s) * 1000 + 999)
    else:
        with pytest.raises(InvalidToken, match="expired"):
            validator.validate(token, (now_s + after_s) * 1000)


def test_unknown_key_ids_are_told_and_no_others() -> None:
    keys = Keys()
    validator = JwtValidator(keys, RULES)
    for token in (signed(claims(), kid="new"), signed(claims(), "other-rsa", kid="rsa"), confused(claims())):
        with pytest.raises(InvalidToken):
            validator.validate(token, now_ms())
    assert keys.missed == ["new"]


def test_audience_that_nobody_expects_is_refused_and_none_is_fine() -> None:
    validator = JwtValidator(Keys(), ClaimRules(clock_skew_s=30))
    validator.validate(signed(claims(aud=None, iss=None)), now_ms())
    with pytest.raises(InvalidToken, match="audience"):
        validator.validate(signed(claims()), now_ms())


@pytest.mark.parametrize(
    ("sub", "name"), [("\t admin \x1f", "admin"), ("admin\u00a0", "admin\u00a0"), ("\u2003admin", "\u2003admin")]
)
def test_only_what_java_trims_is_no_part_of_a_name(sub: str, name: str) -> None:
    assert JwtValidator(Keys(), RULES).validate(signed(claims(sub=sub)), now_ms()).name == name


def test_other_claims_for_scope_and_name() -> None:
    rules = RULES._replace(sub_claim="email", scope_claim="groups")
    validator = JwtValidator(Keys(), rules)
    assert validator.validate(signed(claims(email="a@b", scope=["x", "x"])), now_ms()).name == "a@b"
    for broken in (claims(), claims(email="a@b", groups=["x", "x"]), claims(email=["a@b"])):
        with pytest.raises(InvalidToken):
            validator.validate(signed(broken), now_ms())


@pytest.mark.parametrize(
    ("more", "is_good"),
    [
        ({"alg": "RS256"}, True),
        ({"alg": "RS512"}, False),
        ({"alg": "RSA-OAEP"}, False),
        ({"key_ops": ["verify"]}, True),
        ({"key_ops": ["encrypt"]}, False),
        ({"use": "enc"}, False),
    ],
)
def test_a_key_is_used_for_what_it_is_for(more: dict[str, Any], is_good: bool) -> None:
    validator = JwtValidator(Keys(key_set(jwk_of("rsa", **more))), RULES)
    if is_good:
        validator.validate(signed(claims()), now_ms())
    else:
        with pytest.raises(InvalidToken):
            validator.validate(signed(claims()), now_ms())


def test_keys_that_cannot_be_used_are_passed_over() -> None:
    odd: list[dict[str, object]] = [
        {"kty": "oct", "k": "AAAA", "kid": "x"},
        {"kty": "RSA", "n": "!", "e": "AQAB"},
        {"kty": "RSA", "n": 5},
        {"kty": ["RSA"]},
    ]
    odd += [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}, {}]
    keys = parse_jwks(key_set(*odd, jwk_of("rsa"), jwk_of("small-rsa")))
    assert [key.kid for key in keys.keys] == ["rsa"]


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"keys": 5}', b"\xff", b"[" * 100_000])
def test_what_is_no_key_set(text: bytes) -> None:
    with pytest.raises(JwksError):
        parse_jwks(text)


def test_private_keys_of_a_set_are_not_kept() -> None:
    from tests.support.bearer_tokens import key_of

    keys = parse_jwks(key_set({**key_of("rsa").as_dict(private=True), "kid": "rsa"}))
    assert keys.keys[0].public.is_private is False


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_whatever_is_changed_in_a_token_nobody_else_is_let_in(data: st.DataObject) -> None:
    """A character changed, left out or put in; what still is the same bytes in base64url may be let in."""
    validator = JwtValidator(Keys(), RULES)
    token = signed(claims(), "ed25519", "EdDSA")
    at = data.draw(st.integers(0, len(token)))
    until = data.draw(st.integers(at, min(len(token), at + 2)))
    changed = token[:at] + data.draw(st.text("aZ9-_.+/=~", max_size=2)) + token[until:]
    try:
        assert validator.validate(changed, now_ms()).name == "alice"
    except InvalidToken:
        return
    assert [*map(_bytes, changed.split("."))] == [*map(_bytes, token.split("."))]


@given(st.text(max_size=200) | st.binary(max_size=100).map(lambda raw: f"{part(raw)}.{part(raw)}.{part(raw)}"))
def test_garbage(text: str) -> None:
    with pytest.raises(InvalidToken):
        JwtValidator(Keys(), RULES).validate(text, now_ms())


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=5), st.data())
def test_claims_of_any_type(value: object, data: st.DataObject) -> None:
    """No claim makes it fail otherwise than it should."""
    name = data.draw(st.sampled_from(["sub", "iss", "aud", "exp", "iat", "nbf", "jti", "scope"]))
    with contextlib.suppress(InvalidToken):
        identity({**claims(), name: value}, RULES, now_ms())


def _bytes(encoded: str) -> bytes:
    return base64.urlsafe_b64decode(encoded + "==")
