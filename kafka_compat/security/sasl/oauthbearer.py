"""OAUTHBEARER (RFC 7628, KIP-255): a bearer token in one message.

    n,[a=AUTHORIZATION-ID],^A auth=Bearer TOKEN ^A [KEY=VALUE ^A]... ^A        without the spaces around ^A, which is byte 1

A token that does not do is answered with a JSON object; the client says ^A to that, and then hears that it has failed. What is
wrong with the token it never hears. Extensions are read and mean nothing, as with Kafka's own validators.
Source: Kafka's OAuthBearerClientInitialResponse and OAuthBearerSaslServer.
"""

from __future__ import annotations

import json
import re
from typing import Final, NamedTuple, Protocol

from kafka_compat.security.sasl.mechanism import Authenticated, AuthenticationFailed, InvalidCredentials

_SEPARATOR: Final = "\x01"
# Each is a round of the pattern, and an entry; Kafka's clients send a few.
_MAX_PAIRS: Final = 1000
_ACKNOWLEDGEMENT: Final = b"\x01"
# A token has up to 64 KiB; to match a pattern costs by the byte.
_MAX_MESSAGE_BYTES: Final = 128 * 1024
_SASL_NAME: Final = r"(?:[\x01-\x2b\x2d-\x3c\x3e-\x7f]|=2C|=3D)+"  # no comma, no equals sign
_PAIRS: Final = r"(?:[A-Za-z]+=[\x21-\x7e \t\r\n]+\x01)*"
_INITIAL_RESPONSE: Final = re.compile(rf"n,(?:a=(?P<authzid>{_SASL_NAME}))?,\x01(?P<pairs>{_PAIRS})\x01")
_AUTH: Final = re.compile(r"(?P<scheme>\w+) +(?P<token>[-_~+/.a-zA-Z0-9]+=*)", re.ASCII)


class InvalidToken(Exception):
    """The token is not one to let somebody in; the text is for the log, and nothing of the token is in it.

    Attributes:
        scope: that a token would need; None when it is not about scopes.
    """

    def __init__(self, reason: str, scope: str | None = None) -> None:
        super().__init__(reason)
        self.scope = scope


class TokenValidator(Protocol):
    """Says whom a token stands for."""

    def validate(self, token: str, now_ms: int) -> Authenticated:
        """Whom it stands for, and until when.

        Raises:
            InvalidToken: nobody.
        """


class InitialResponse(NamedTuple):
    """A client's message; `authorization_id` is empty when it has none."""

    token: str
    authorization_id: str
    extensions: dict[str, str]


def parse_initial_response(message: bytes) -> InitialResponse:
    """Take a client's message apart.

    Raises:
        InvalidCredentials: it is none.
    """
    found = _INITIAL_RESPONSE.fullmatch(message.decode("utf-8", "replace"))
    if found is None:
        raise InvalidCredentials("Invalid OAUTHBEARER client first message")
    pairs = {}
    for pair in filter(None, found["pairs"].split(_SEPARATOR)):
        key, _, value = pair.partition("=")
        pairs[key] = value
    auth = pairs.pop("auth", None)
    if auth is None:
        raise InvalidCredentials("Invalid OAUTHBEARER client first message: 'auth' not specified")
    credentials = _AUTH.fullmatch(auth)
    if credentials is None:
        raise InvalidCredentials("Invalid OAUTHBEARER client first message: invalid 'auth' format")
    if credentials["scheme"].lower() != "bearer":
        raise InvalidCredentials("Invalid scheme in OAUTHBEARER client first message")
    return InitialResponse(credentials["token"], found["authzid"] or "", pairs)


class OAuthBearerMechanism:
    """One exchange.

    Args:
        validator: of the token.
    """

    def __init__(self, validator: TokenValidator) -> None:
        self._validator = validator
        self._error: AuthenticationFailed | None = None  # what the client was told, and hears again
        self.result: Authenticated | None = None

    def respond(self, message: bytes, now_ms: int) -> bytes:
        """Check the token, or end an exchange whose token was refused.

        Kafka lets a client try another token in place of its ^A; here that ends the exchange too, so that tokens cannot be
        tried one after the other without the pause that a failed authentication takes.
        """
        if self._error is not None:
            if message == _ACKNOWLEDGEMENT:
                raise self._error
            raise InvalidCredentials("another message than ^A after a token that was refused")
        if len(message) > _MAX_MESSAGE_BYTES:
            raise InvalidCredentials("a message that is too long")
        if message.count(_ACKNOWLEDGEMENT) > _MAX_PAIRS:
            raise InvalidCredentials("too many extensions")
        response = parse_initial_response(message)
        try:
            result = self._validator.validate(response.token, now_ms)
        except InvalidToken as error:
            told = _told(error)
            self._error = AuthenticationFailed(told, f"the bearer token was refused: {error}")
            return told.encode()
        if response.authorization_id not in ("", result.name):
            raise AuthenticationFailed(
                f"Authentication failed: Client requested an authorization id ({response.authorization_id}) that is different "
                f"from the token's principal name ({result.name})"
            )
        self.result = result
        return b""


def _told(error: InvalidToken) -> str:
    if error.scope is None:
        return '{"status":"invalid_token"}'
    return f'{{"status":"insufficient_scope", "scope":{json.dumps(error.scope)}}}'
