"""PLAIN (RFC 4616): a name and a password in one message. Source: Kafka's PlainSaslServer and PlainServerCallbackHandler."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

from kafka_compat.security.sasl.mechanism import Authenticated, AuthenticationFailed

# A longer name or password is nobody's; to decode half a megabyte that is no text takes milliseconds.
_LONGEST_BYTES: Final = 32 * 1024
# Compared with in place of the password of a user that there is not, so that both take as long.
_NOBODYS: bytes = b"\x00"


class PlainMechanism:
    """One exchange.

    Args:
        users: password by name.
    """

    def __init__(self, users: Mapping[str, str]) -> None:
        self._users = users
        self.result: Authenticated | None = None

    def respond(self, message: bytes, now_ms: int) -> bytes:
        """Check `[authorization id] NUL name NUL password`; an authorization id has to be the name (CVE-2017-12610)."""
        tokens = message.split(b"\0", 3)
        if len(tokens) != 3:
            raise AuthenticationFailed(f"Invalid SASL/PLAIN response: expected 3 tokens, got {len(tokens)}")
        authorization_id, name, password = (token[:_LONGEST_BYTES].decode("utf-8", "replace") for token in tokens)
        if not name:
            raise AuthenticationFailed("Authentication failed: username not specified")
        if not password:
            raise AuthenticationFailed("Authentication failed: password not specified")
        expected = self._users.get(name)
        is_short = max(map(len, tokens)) <= _LONGEST_BYTES
        is_right = hmac.compare_digest(password.encode(), _NOBODYS if expected is None else expected.encode())
        if expected is None or not is_right or not is_short:
            raise AuthenticationFailed("Authentication failed: Invalid username or password")
        if authorization_id not in ("", name):
            raise AuthenticationFailed(
                "Authentication failed: Client requested an authorization id that is different from username"
            )
        self.result = Authenticated(name)
        return b""
