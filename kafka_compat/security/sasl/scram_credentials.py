"""What SCRAM checks passwords by, and how it is made of them (RFC 5802, KIP-84).

A password gives a salted password (PBKDF2), that a client key and a server key, and of the client key only the hash is kept:
who reads a credential cannot pose as the client, though as the server. The iterations are the cost of whoever has the password;
to check a proof costs two HMACs, however many they are.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from enum import Enum
from typing import Final, NamedTuple, Self

MIN_ITERATIONS: Final = 4096
# ScramCredentialUtils and ScramControlManager: the client pays for them, and so does who alters a credential.
MAX_ITERATIONS: Final = 16384

_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_RANDOM_BITS: Final = 130


class ScramMechanism(Enum):
    """The mechanisms, with their codes in requests and records, and the hash they are built on."""

    SCRAM_SHA_256 = (1, "SCRAM-SHA-256", "sha256")
    SCRAM_SHA_512 = (2, "SCRAM-SHA-512", "sha512")

    def __init__(self, code: int, mechanism_name: str, hash_name: str) -> None:
        self.code = code
        self.mechanism_name = mechanism_name
        self.hash_name = hash_name

    @classmethod
    def of_code(cls, code: int) -> Self | None:
        """The mechanism of a request's code; None for a code that is none."""
        return next((each for each in cls if each.code == code), None)

    @classmethod
    def of_name(cls, name: str) -> Self | None:
        """The mechanism of that name; None when it is no SCRAM."""
        return next((each for each in cls if each.mechanism_name == name), None)

    def hmac(self, key: bytes, text: bytes) -> bytes:
        """RFC 5802's HMAC()."""
        return hmac.digest(key, text, self.hash_name)

    def hash(self, text: bytes) -> bytes:
        """RFC 5802's H()."""
        return hashlib.new(self.hash_name, text).digest()

    def salt_password(self, password: str, salt: bytes, iterations: int) -> bytes:
        """RFC 5802's Hi(); the password is not normalised, as in Kafka."""
        return hashlib.pbkdf2_hmac(self.hash_name, password.encode(), salt, iterations)


class ScramCredential(NamedTuple):
    """What one user's password is checked by. It is as secret as a password: do not print it."""

    salt: bytes
    stored_key: bytes
    server_key: bytes
    iterations: int

    def __repr__(self) -> str:
        return f"ScramCredential(iterations={self.iterations})"


def credential_of(mechanism: ScramMechanism, salted_password: bytes, salt: bytes, iterations: int) -> ScramCredential:
    """The credential of a password that was salted already, as requests have it."""
    stored_key = mechanism.hash(mechanism.hmac(salted_password, b"Client Key"))
    return ScramCredential(salt, stored_key, mechanism.hmac(salted_password, b"Server Key"), iterations)


def make_credential(
    mechanism: ScramMechanism, password: str, iterations: int = MIN_ITERATIONS, salt: bytes | None = None
) -> ScramCredential:
    """The credential of a password, with a salt of its own; takes a millisecond or so for each 4096 iterations."""
    salt = random_text().encode() if salt is None else salt
    return credential_of(mechanism, mechanism.salt_password(password, salt, iterations), salt, iterations)


def is_password_of(mechanism: ScramMechanism, credential: ScramCredential, password: str) -> bool:
    """Whether the credential was made of this password."""
    made = make_credential(mechanism, password, credential.iterations, credential.salt)
    return hmac.compare_digest(made.stored_key, credential.stored_key)


def random_text() -> str:
    """130 random bits in letters and digits, as Kafka makes salts and nonces."""
    return as_text(secrets.randbits(_RANDOM_BITS))


def as_text(number: int) -> str:
    """A number of at most 130 bits in letters and digits, 26 of them."""
    digits = []
    for _ in range(26):
        number, digit = divmod(number, 36)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
