"""A JSON Web Key Set (RFC 7517) as a set of keys that signatures of tokens are verified with.

Only public keys of asymmetric algorithms are taken: a key set is public, so that whoever shares a secret with it shares it with
everybody. Everything else in a set is passed over, as it may be meant for others.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    PublicKey = RSAKey | ECKey | OKPKey

logger = logging.getLogger(__name__)

# Algorithm to the type of its keys and, where it says so, their curve.
ALGORITHMS: Final[dict[str, tuple[str, str | None]]] = {
    "RS256": ("RSA", None),
    "RS384": ("RSA", None),
    "RS512": ("RSA", None),
    "PS256": ("RSA", None),
    "PS384": ("RSA", None),
    "PS512": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
    "Ed25519": ("OKP", "Ed25519"),
}
_PUBLIC_FIELDS: Final = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "OKP": ("crv", "x")}
_CURVES: Final = {curve for _, curve in ALGORITHMS.values() if curve is not None}
# A smaller RSA key is none (RFC 7518, 3.3); a larger one takes longer than it is worth.
_RSA_BITS: Final = range(2048, 8193)
_MOST_KEYS: Final = 1000


class JwksError(Exception):
    """There is no key set, or it cannot be had; the text says why."""


class VerificationKey(NamedTuple):
    """One key; `kid` and `alg` are None when the set does not say."""

    kid: str | None
    kty: str
    alg: str | None
    curve: str | None
    public: PublicKey


class KeySet:
    """The keys of one set."""

    def __init__(self, keys: Sequence[VerificationKey]) -> None:
        self.keys = keys

    def find(self, kid: str | None, algorithm: str) -> VerificationKey | None:
        """The key of that id, or without an id the first one, that may be used with the algorithm."""
        kty, curve = ALGORITHMS[algorithm]
        for key in self.keys:
            if (
                (kid is None or key.kid == kid)
                and key.kty == kty
                and curve in (None, key.curve)
                and key.alg in (None, algorithm)
            ):
                return key
        return None


def parse_jwks(text: bytes) -> KeySet:
    """The keys of a set that may be used here.

    Raises:
        JwksError: it is none.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise JwksError("it is not JSON") from None
    listed = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(listed, list):
        raise JwksError('it is not an object with an array "keys"')
    keys = []
    for each in listed[:_MOST_KEYS]:
        key = _usable(each) if isinstance(each, dict) else None
        if key is not None:
            keys.append(key)
    if len(keys) < len(listed):
        logger.info("of %d keys of a key set %d can be used", len(listed), len(keys))
    return KeySet(keys)


def _usable(listed: Mapping[str, object]) -> VerificationKey | None:
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    kty = listed.get("kty")
    operations = listed.get("key_ops", ["verify"])
    if not isinstance(kty, str) or kty not in _PUBLIC_FIELDS or listed.get("use", "sig") != "sig":
        return None
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    fields = {name: listed.get(name) for name in _PUBLIC_FIELDS[kty]}
    if not all(isinstance(value, str) for value in fields.values()):
        return None
    kid, alg = (value if isinstance(value := listed.get(name), str) else None for name in ("kid", "alg"))
    if "alg" in listed and alg not in ALGORITHMS:
        return None
    curve = fields.get("crv")
    if kty != "RSA" and curve not in _CURVES:
        return None
    try:
        material: dict[str, str | list[str]] = {"kty": kty, **{name: str(value) for name, value in fields.items()}}
        public: PublicKey
        if kty == "RSA":
            if _bits(str(fields["n"])) not in _RSA_BITS:
                return None
            public = RSAKey.import_key(material)
        else:
            public = (ECKey if kty == "EC" else OKPKey).import_key(material)
    except (JoseError, ValueError, TypeError, OverflowError):
        return None
    return VerificationKey(kid, kty, alg, None if curve is None else str(curve), public)


def _bits(number: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(number + "=" * (-len(number) % 4))).bit_length()
