"""SCRAM-SHA-256 and SCRAM-SHA-512 (RFC 5802, RFC 7677, KIP-84), the server's side.

    client first    n,[a=authzid],n=name,r=nonce[,extensions]
    server first    r=nonce and more of it,s=salt,i=iterations
    client final    c=the first message's head,r=nonce[,extensions],p=proof
    server final    v=signature

Messages are of the form that Kafka's ScramMessages take, ASCII only and without channel binding. The nonce of the final
message has to be the one of the first (CVE-2024-56128), which clients with librdkafka before 2.6.1 get wrong: Kafka 4 refuses
them, too. Further than Kafka this goes in two places. The final message's channel has to be the head that was sent, as the RFC
says. And a user who is not there gets a first answer like one who is, with a salt that stays the same, and is refused with the
second: Kafka refuses him at once, which tells who is.

The extension `tokenauth=true` says that the name is a delegation token's (KIP-48).
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b64decode, b64encode
from typing import Final, NamedTuple, Protocol

from kafka_compat.security.sasl.mechanism import Authenticated, AuthenticationFailed, InvalidCredentials, Later
from kafka_compat.security.sasl.scram_credentials import (
    MIN_ITERATIONS,
    ScramCredential,
    ScramMechanism,
    as_text,
    random_text,
)

# Of one message: a name, a nonce and a proof are some hundred together, and to match a pattern costs by the byte.
_MAX_MESSAGE_BYTES: Final = 8192

_VALUE: Final = r"[\x01-\x2b\x2d-\x7f]+"
_SASL_NAME: Final = r"(?:[\x01-\x2b\x2d-\x3c\x3e-\x7f]|=2C|=3D)+"
_PRINTABLE: Final = r"[\x21-\x2b\x2d-\x7e]+"
_BASE64: Final = r"(?:[a-zA-Z0-9/+]{4})*(?:[a-zA-Z0-9/+]{3}=|[a-zA-Z0-9/+]{2}==)?"
_EXTENSIONS: Final = f"(?:,[A-Za-z]+={_VALUE})*"
_CLIENT_FIRST: Final = re.compile(
    f"(?P<head>n,(?:a=(?P<authzid>{_SASL_NAME}))?,)"
    f"(?P<bare>n=(?P<name>{_SASL_NAME}),r=(?P<nonce>{_PRINTABLE})(?P<extensions>{_EXTENSIONS}))"
)
_CLIENT_FINAL: Final = re.compile(
    f"(?P<without_proof>c=(?P<channel>{_BASE64}),r=(?P<nonce>{_PRINTABLE}){_EXTENSIONS}),p=(?P<proof>{_BASE64})"
)

# Of this process: salts of users who are not there are made with it.
_SALT_KEY: Final = secrets.token_bytes(32)


class TokenCredential(NamedTuple):
    """What a delegation token's HMAC is checked by, as if it were a password.

    Attributes:
        credential: for the mechanism that was asked for.
        owner: the name of whom the token stands for.
        expires_at_ms: when it ends, milliseconds since the Unix epoch.
    """

    credential: ScramCredential
    owner: str
    expires_at_ms: int


class ScramCredentials(Protocol):
    """Where credentials are looked up, anew for each exchange."""

    def of_user(self, name: str, mechanism: ScramMechanism) -> ScramCredential | None:
        """The credential of a user; None when there is none."""

    def of_token(self, token_id: str, mechanism: ScramMechanism) -> TokenCredential | None:
        """The credential of a delegation token that has not expired; None when there is none.

        Raises:
            Later: it has to be made first.
        """


class ScramExchange:
    """One exchange."""

    def __init__(self, mechanism: ScramMechanism, credentials: ScramCredentials) -> None:
        self._mechanism = mechanism
        self._credentials = credentials
        self._begun: _Begun | None = None
        self._is_over = False
        self.result: Authenticated | None = None

    def respond(self, message: bytes, now_ms: int) -> bytes:
        """The first answer has salt and iterations, the second proves that the broker knows the credential."""
        begun, self._begun = self._begun, None
        was_over, self._is_over = self._is_over, True  # unless it goes on, which the first answer says
        if was_over or len(message) > _MAX_MESSAGE_BYTES:
            raise InvalidCredentials("a message that is too long, or one too many")
        text = message.decode("ascii", "replace")
        if begun is not None:
            return self._end(begun, text)
        try:
            self._begun = self._begin(text)
        except Later:
            self._is_over = False
            raise
        self._is_over = False
        return self._begun.server_first.encode()

    def _begin(self, text: str) -> _Begun:
        first = _CLIENT_FIRST.fullmatch(text)
        if first is None:
            raise InvalidCredentials("invalid SCRAM client first message")
        name = first["name"].replace("=2C", ",").replace("=3D", "=")
        credential: ScramCredential | None
        identity = Authenticated(name)
        if _is_token(first["extensions"]):
            token = self._credentials.of_token(name, self._mechanism)
            credential = None if token is None else token.credential
            if token is not None:
                identity = Authenticated(token.owner, token.expires_at_ms, by_token=True)
        else:
            credential = self._credentials.of_user(name, self._mechanism)
        if first["authzid"] not in (None, name):
            # Said only to who knows a name: to say it of every name would not tell more.
            raise AuthenticationFailed(
                "Authentication failed: Client requested an authorization id that is different from username"
            )
        if credential is not None and credential.iterations < MIN_ITERATIONS:
            raise InvalidCredentials("a credential with too few iterations")
        shown = credential or _nobodys(self._mechanism, name)
        nonce = first["nonce"] + random_text()
        server_first = f"r={nonce},s={b64encode(shown.salt).decode()},i={shown.iterations}"
        return _Begun(first["head"], first["bare"], nonce, server_first, shown, None if credential is None else identity)

    def _end(self, begun: _Begun, text: str) -> bytes:
        final = _CLIENT_FINAL.fullmatch(text)
        if final is None:
            raise InvalidCredentials("invalid SCRAM client final message")
        if not hmac.compare_digest(final["nonce"], begun.nonce):
            raise InvalidCredentials("invalid client nonce in the final client message (librdkafka before 2.6.1 doubles it)")
        if b64decode(final["channel"]) != begun.head.encode():
            raise InvalidCredentials("the channel binding is not that of the first message")
        mechanism, credential = self._mechanism, begun.credential
        proven = f"{begun.client_first},{begun.server_first},{final['without_proof']}".encode()
        signature = mechanism.hmac(credential.stored_key, proven)
        proof = b64decode(final["proof"])
        client_key = bytes(a ^ b for a, b in zip(signature, proof, strict=False))
        is_right = hmac.compare_digest(mechanism.hash(client_key), credential.stored_key)
        if not is_right or len(proof) != len(signature) or begun.identity is None:
            raise InvalidCredentials("invalid client credentials")
        self.result = begun.identity
        return b"v=" + b64encode(mechanism.hmac(credential.server_key, proven))


class _Begun(NamedTuple):
    """What the final message is checked by; `identity` is None for somebody who is not there."""

    head: str
    client_first: str
    nonce: str
    server_first: str
    credential: ScramCredential
    identity: Authenticated | None


def _is_token(extensions: str) -> bool:
    return any(part.startswith("tokenauth=") and part[10:].lower() == "true" for part in extensions.split(","))


def _nobodys(mechanism: ScramMechanism, name: str) -> ScramCredential:
    """A credential that no password is of; the same salt for a name as long as the process lives."""
    seed = hmac.digest(_SALT_KEY, f"{mechanism.mechanism_name} {name}".encode(), "sha256")
    salt = as_text(int.from_bytes(seed) >> 126).encode()
    key = secrets.token_bytes(len(mechanism.hash(b"")))
    return ScramCredential(salt, key, key, MIN_ITERATIONS)
