"""What the claims of a token have to say, once its signature is known to be good.

The rules are those of Kafka's BrokerJwtValidator with the JOSE library that it stands on (jose4j's JwtConsumer): expiration and
issue time are required, times are whole seconds, an audience that nobody expects is refused, and a scope is whatever it is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, NamedTuple

from kafka_compat.security.sasl.mechanism import Authenticated
from kafka_compat.security.sasl.oauthbearer import InvalidToken

Claims = Mapping[str, object]

_TRIMMED: Final = "".join(map(chr, range(33)))
_LATEST_S: Final = ((1 << 63) - 1) // 1000


class ClaimRules(NamedTuple):
    """What is expected.

    Attributes:
        audiences: one of which the token has to be for; none: it may name no audience.
        issuer: who has to have issued it; None: anybody.
        clock_skew_s: by so much clocks may differ.
        scope_claim, sub_claim: the claims that hold the scopes and the user's name.
    """

    audiences: frozenset[str] = frozenset()
    issuer: str | None = None
    clock_skew_s: int = 0
    scope_claim: str = "scope"
    sub_claim: str = "sub"


def parse_json_object(data: bytes, what: str) -> dict[str, object]:
    """The JSON object in a part of a token.

    Raises:
        InvalidToken: it is none, nested too deeply, or names something twice: readers would disagree on what it says.
    """
    try:
        value = json.loads(data, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise InvalidToken(f"its {what} is not JSON") from None
    if not isinstance(value, dict):
        raise InvalidToken(f"its {what} is not an object")
    return value


def identity(claims: Claims, rules: ClaimRules, now_ms: int) -> Authenticated:
    """Whom the claims name, and until when.

    Raises:
        InvalidToken: they do not satisfy the rules.
    """
    expires_s = _check_times(claims, now_ms // 1000, rules.clock_skew_s)
    _check_audience(claims.get("aud"), rules.audiences)
    issuer = _text(claims, "iss")
    if rules.issuer is not None and issuer != rules.issuer:
        raise InvalidToken("another issuer than the one expected, or none")
    _text(claims, "sub")
    _text(claims, "jti")
    _check_scopes(claims.get(rules.scope_claim))
    # Of Java's trim: with other spaces around it is another's name.
    name = (_text(claims, rules.sub_claim) or "").strip(_TRIMMED)
    if not name.strip():
        raise InvalidToken(f"no claim {rules.sub_claim} that names somebody")
    return Authenticated(name, expires_s * 1000)


def _check_times(claims: Claims, now_s: int, skew_s: int) -> int:
    """When the token expires, in seconds since the Unix epoch."""
    expires_s, issued_s, not_before_s = (_seconds(claims, name) for name in ("exp", "iat", "nbf"))
    if expires_s is None:
        raise InvalidToken("no expiration time")
    if issued_s is None:
        raise InvalidToken("no time of issue")
    if now_s - skew_s >= expires_s:
        raise InvalidToken("it has expired")
    if expires_s < issued_s or (not_before_s is not None and expires_s < not_before_s):
        raise InvalidToken("it expires before it begins")
    if not_before_s is not None and now_s + skew_s < not_before_s:
        raise InvalidToken("it is not valid yet")
    if expires_s < 0 or issued_s < 0:
        raise InvalidToken("a time before 1970")
    return expires_s


def _seconds(claims: Claims, name: str) -> int | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not -_LATEST_S <= value <= _LATEST_S:
        raise InvalidToken(f"claim {name} is no time")
    return int(value)


def _text(claims: Claims, name: str) -> str | None:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidToken(f"claim {name} is no text")
    return value


def _check_audience(audience: object, expected: frozenset[str]) -> None:
    named = [audience] if isinstance(audience, str) else [] if audience is None else audience
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
        raise InvalidToken("its audience is no text")
    if audience is None:
        if expected:
            raise InvalidToken("no audience")
    elif expected.isdisjoint(named):
        raise InvalidToken("another audience than those expected (sasl.oauthbearer.expected.audience)")


def _check_scopes(scope: object) -> None:
    """A list of scopes has neither empty ones nor one twice; a text is one scope; anything else is none."""
    scopes = scope if isinstance(scope, list) else [scope] if isinstance(scope, str) else []
    seen = set()
    for each in scopes:
        if not isinstance(each, str) or not each.strip():
            raise InvalidToken("an empty scope")
        if each.strip() in seen:
            raise InvalidToken("a scope twice")
        seen.add(each.strip())


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name comes twice")
    return value


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
