"""Validates signed tokens (JWS in compact form, RFC 7515) with the keys of a key set; joserfc does the cryptography.

The header decides nothing but which of our keys is tried: no key in it or named by it is used, `none` and the algorithms with
shared secrets do not exist here, and a key is only used with an algorithm of its own type.
"""

from __future__ import annotations

import base64
import binascii
import warnings
from typing import TYPE_CHECKING, Final, Protocol

from kafka_compat.security.sasl.jwks import ALGORITHMS, KeySet, VerificationKey
from kafka_compat.security.sasl.jwt_claims import ClaimRules, identity, parse_json_object
from kafka_compat.security.sasl.mechanism import Authenticated
from kafka_compat.security.sasl.oauthbearer import InvalidToken

if TYPE_CHECKING:
    from joserfc.jws import JWSRegistry

# Kafka takes what fits its frame (`sasl.server.max.receive.size`), some of which is read before the signature is known.
_MAX_TOKEN_CHARACTERS: Final = 64 * 1024
_MAX_HEADER_CHARACTERS: Final = 8 * 1024


class Keys(Protocol):
    """Where the keys come from.

    Attributes:
        current: those known now.
    """

    current: KeySet

    def miss(self, kid: str) -> None:
        """A token names a key that is not known: it may be a new one."""


class JwtValidator:
    """Of one listener.

    Args:
        keys: that tokens are signed with.
        rules: for what they claim.
    """

    def __init__(self, keys: Keys, rules: ClaimRules) -> None:
        self._keys = keys
        self._rules = rules
        self._registry = _registry()

    def validate(self, token: str, now_ms: int) -> Authenticated:
        """Whom the token stands for, and until when.

        Raises:
            InvalidToken: nobody.
        """
        if len(token) > _MAX_TOKEN_CHARACTERS:
            raise InvalidToken("it is too long")
        parts = token.split(".")
        if len(parts) != 3 or not all(parts):
            raise InvalidToken("it does not have three parts")
        if len(parts[0]) > _MAX_HEADER_CHARACTERS:
            raise InvalidToken("its header is too long")
        header = parse_json_object(_decoded(parts[0]), "header")
        key, algorithm = self._key(header)
        payload = self._verified(token, key, algorithm)
        return identity(parse_json_object(payload, "payload"), self._rules, now_ms)

    def _key(self, header: dict[str, object]) -> tuple[VerificationKey, str]:
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise InvalidToken("its algorithm is not one of those for public keys")
        if "crit" in header or "b64" in header:
            raise InvalidToken("its header has extensions that have to be understood")
        content_type = header.get("cty")
        if content_type is not None and (
            not isinstance(content_type, str) or content_type.lower() in ("jwt", "application/jwt")
        ):
            raise InvalidToken("a token within a token")
        kid = header.get("kid")
        if kid is not None and not isinstance(kid, str):
            raise InvalidToken("the id of its key is no text")
        key = self._keys.current.find(kid, algorithm)
        if key is None:
            if kid is not None:
                self._keys.miss(kid)
            raise InvalidToken("no key of the set fits its header")
        return key, algorithm

    def _verified(self, token: str, key: VerificationKey, algorithm: str) -> bytes:
        from joserfc.errors import JoseError
        from joserfc.jws import deserialize_compact

        try:
            if algorithm != "EdDSA":
                return deserialize_compact(token, key.public, [algorithm], self._registry).payload
            with warnings.catch_warnings():
                # It is on its way to be called Ed25519 (RFC 9864); until then issuers write so, and need no warning.
                warnings.simplefilter("ignore")
                return deserialize_compact(token, key.public, [algorithm], self._registry).payload
        except (JoseError, ValueError, TypeError):
            raise InvalidToken("its signature is not that of the key") from None


def _registry() -> JWSRegistry:
    from joserfc.jws import JWSRegistry

    # Private header names are allowed (RFC 7515, 4.3); what is critical has been refused before.
    registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    registry.max_header_length = _MAX_HEADER_CHARACTERS
    return registry


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidToken("its header is not base64url") from None
