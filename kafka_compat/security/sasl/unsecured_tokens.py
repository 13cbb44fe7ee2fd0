"""Tokens without a signature, for tests: everybody is whoever he says. Only by an explicit switch, and on loopback.

Source: Kafka's OAuthBearerUnsecuredValidatorCallbackHandler, which takes its options from the JAAS text:
`unsecuredValidatorPrincipalClaimName`, `...ScopeClaimName`, `...RequiredScope`, `...AllowableClockSkewMs`.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from kafka_compat.security.sasl.jwt_claims import Claims, parse_json_object
from kafka_compat.security.sasl.mechanism import Authenticated
from kafka_compat.security.sasl.oauthbearer import InvalidToken

_PREFIX: Final = "unsecuredValidator"
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
_MAX_TOKEN_CHARACTERS: Final = 64 * 1024


class UnsecuredOptions(NamedTuple):
    """What the JAAS text says of such tokens."""

    principal_claim: str = "sub"
    scope_claim: str = "scope"
    required_scopes: tuple[str, ...] = ()
    clock_skew_ms: int = 0


def unsecured_options(options: Mapping[str, str]) -> UnsecuredOptions:
    """The options of a login module.

    Raises:
        ValueError: one of them has a value that it cannot have.
    """

    def option(name: str, default: str) -> str:
        return options.get(_PREFIX + name, "").strip() or default

    scopes = tuple(filter(None, option("RequiredScope", "").split(" ")))
    if not all(map(_SCOPE.fullmatch, scopes)):
        raise ValueError(f"{_PREFIX}RequiredScope is not a list of scopes with spaces between them")
    skew = option("AllowableClockSkewMs", "0")
    if not (skew.isascii() and skew.isdigit()):
        raise ValueError(f"{_PREFIX}AllowableClockSkewMs is not a number of milliseconds")
    return UnsecuredOptions(option("PrincipalClaimName", "sub"), option("ScopeClaimName", "scope"), scopes, int(skew))


class UnsecuredValidator:
    """Takes tokens whose algorithm is `none`, and no others."""

    def __init__(self, options: UnsecuredOptions) -> None:
        self._options = options

    def validate(self, token: str, now_ms: int) -> Authenticated:
        """Whom the token names, and until when.

        Raises:
            InvalidToken: nobody, or not well enough.
        """
        parts = token.split(".") if len(token) <= _MAX_TOKEN_CHARACTERS else ()
        if len(parts) != 3 or parts[2] or not (parts[0] and parts[1]):
            raise InvalidToken("it does not have two parts and an empty one")
        header, claims = (parse_json_object(_decoded(part), "text") for part in parts[:2])
        if header.get("alg") != "none":
            raise InvalidToken("its algorithm is not none")
        name = claims.get(self._options.principal_claim)
        if not isinstance(name, str) or not name.strip():
            raise InvalidToken(f"no claim {self._options.principal_claim} that names somebody")
        expires_s, issued_s = _number(claims, "exp"), _number(claims, "iat")
        if expires_s is None:
            raise InvalidToken("no expiration time")
        skew_ms = self._options.clock_skew_ms
        if issued_s is not None and issued_s * 1000 > now_ms + skew_ms:
            raise InvalidToken("it was issued later than now")
        if now_ms - skew_ms >= expires_s * 1000:
            raise InvalidToken("it has expired")
        if issued_s is not None and expires_s <= issued_s:
            raise InvalidToken("it expires before it begins")
        missing = set(self._options.required_scopes) - self._scopes(claims)
        if missing:
            raise InvalidToken("a scope is missing", f"[{', '.join(self._options.required_scopes)}]")
        return Authenticated(name, math.floor(expires_s * 1000 + 0.5))

    def _scopes(self, claims: Claims) -> set[str]:
        scope = claims.get(self._options.scope_claim)
        if scope is not None and not isinstance(scope, str | list):
            raise InvalidToken("its scope is neither a text nor a list")
        listed = scope if isinstance(scope, list) else [scope]
        return {each.strip() for each in listed if isinstance(each, str) and each.strip()}


def _number(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        raise InvalidToken(f"claim {name} is no time")
    return float(value)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidToken("it is not base64url") from None
