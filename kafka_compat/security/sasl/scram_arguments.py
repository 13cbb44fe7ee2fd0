"""Credentials as `kafka-storage format --add-scram` takes them. Source: Kafka's ScramParser (KIP-900).

SCRAM-SHA-256=[name=alice,password=alice-secret]
SCRAM-SHA-512=[name=bob,salt=MWx2NHBkbnc0ZndxN25vdGN4bTB5Y3Q4Ng==,saltedpassword=...,iterations=8192]
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import Final

from kafka_compat.metadata.changes import ScramCredentialSet
from kafka_compat.security.sasl.scram_credentials import (
    MAX_ITERATIONS,
    MIN_ITERATIONS,
    ScramMechanism,
    credential_of,
    random_text,
)

_MAX_INT: Final = 2**31 - 1


def parse_scram_argument(text: str) -> ScramCredentialSet:
    """The credential of `MECHANISM=[name=...,password=...]`, or with `salt` and `saltedpassword` in Base64, and `iterations`.

    Raises:
        ValueError: in the words of Kafka, but without what may be a secret.
    """
    mechanism, parts = _split(text.strip())
    name = parts.pop("name", None)
    if name is None:
        raise ValueError("You must supply 'name' to add-scram")
    salt = _decoded(parts.pop("salt", None), "Failed to decode given salt")
    iterations = _iterations(parts.pop("iterations", str(MIN_ITERATIONS)))
    password, salted = parts.pop("password", None), parts.pop("saltedpassword", None)
    if password is None and salted is None:
        raise ValueError("You must supply one of 'password' or 'saltedpassword' to add-scram")
    if password is None and salt is None:
        raise ValueError("You must supply 'salt' with 'saltedpassword' to add-scram")
    if parts:
        raise ValueError(f"Unknown SCRAM configurations: {', '.join(sorted(parts))}")
    for is_outside, sign, limit in (
        (iterations < MIN_ITERATIONS, ">=", MIN_ITERATIONS),
        (iterations > MAX_ITERATIONS, "<=", MAX_ITERATIONS),
    ):
        if is_outside:
            raise ValueError(f"The 'iterations' value must be {sign} {limit} for add-scram using {mechanism.name}")
    salt = random_text().encode() if salt is None else salt
    if password is not None:
        salted_password = mechanism.salt_password(password, salt, iterations)
    else:
        salted_password = _decoded(salted, "Failed to decode given saltedPassword") or b""
    return ScramCredentialSet(name, mechanism.code, *credential_of(mechanism, salted_password, salt, iterations))


def _split(text: str) -> tuple[ScramMechanism, dict[str, str]]:
    name, equals, config = text.partition("=")
    if not equals:
        raise ValueError("Failed to find equals sign in SCRAM argument")
    mechanism = ScramMechanism.of_name(name)
    if mechanism is None:
        raise ValueError(f"The add-scram mechanism {name} is not supported.")
    if not config.startswith("["):
        raise ValueError("Expected configuration string to start with [")
    if not config.endswith("]"):
        raise ValueError("Expected configuration string to end with ]")
    parts = {}
    for part in config[1:-1].split(","):
        key, equals, value = part.partition("=")
        if not equals:
            raise ValueError("No equals sign found in SCRAM component")
        parts[key] = value[1:-1] if len(value) >= 2 and value[0] == value[-1] == '"' else value
    return mechanism, parts


def _decoded(text: str | None, complaint: str) -> bytes | None:
    if text is None:
        return None
    try:
        return b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError(complaint) from None


def _iterations(text: str) -> int:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdigit() and len(digits) < 11 and abs(int(text)) <= _MAX_INT):
        raise ValueError(f"Failed to parse iterations count: {text}")
    return int(text)
