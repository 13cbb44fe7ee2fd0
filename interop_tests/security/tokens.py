"""Tokens for OAUTHBEARER, good ones and others, and the keys that the broker checks them by."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

ISSUER = "https://issuer.test"
AUDIENCE = "kafka"
_HOUR_S = 3600


class TokenMint:
    """Issues tokens for alice, signed with a key of its own, which is in the key set at `jwks`."""

    def __init__(self, directory: Path) -> None:
        self._key = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig", "alg": "RS256"})
        self._other = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig", "alg": "RS256"})
        self.jwks = directory / "jwks.json"
        self.jwks.write_text(json.dumps({"keys": [self._key.as_dict(private=False)]}))

    def token(self, kind: str) -> str:
        """One that is `right`, `expired`, `early`, has the wrong `key`, `issuer` or `audience`, or `none` for a signature."""
        now = int(time.time())
        claims: dict[str, Any] = {"sub": "alice", "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + _HOUR_S}
        changes: dict[str, dict[str, Any]] = {
            "expired": {"iat": now - 2 * _HOUR_S, "exp": now - _HOUR_S},
            "early": {"nbf": now + _HOUR_S},
            "issuer": {"iss": "https://other.test"},
            "audience": {"aud": "others"},
        }
        claims |= changes.get(kind, {})
        if kind == "none":
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        return jwt.encode({"alg": "RS256", "kid": "ours"}, claims, self._other if kind == "key" else self._key)


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
