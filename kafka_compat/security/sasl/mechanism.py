"""What a SASL mechanism is to the authenticator: bytes in, bytes out, and in the end somebody, or a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol


class Authenticated(NamedTuple):
    """Who it was.

    Attributes:
        name: of the user (RFC 4422's authorization identity).
        expires_at_ms: when the credential ends, milliseconds since the Unix epoch; None: it does not. Kafka's
            `CREDENTIAL.LIFETIME.MS`.
        by_token: whether it was a delegation token (KIP-48).
    """

    name: str
    expires_at_ms: int | None = None
    by_token: bool = False


class Mechanism(Protocol):
    """The server's side of one exchange; made anew for each.

    Attributes:
        result: None until the exchange has succeeded.
    """

    result: Authenticated | None

    def respond(self, message: bytes, now_ms: int) -> bytes:
        """The answer to the client's next message; may be empty.

        Args:
            message: of the client.
            now_ms: milliseconds since the Unix epoch.

        Raises:
            AuthenticationFailed, InvalidCredentials: the exchange is over.
            Later: nothing has happened yet.
        """


MechanismFactory = Callable[[], Mechanism]


class Later(Exception):
    """The answer takes work that is too long for the event loop: do it in a thread, then give the same message again.

    Attributes:
        work: is blocking, raises nothing, and is not to be done twice.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__("work to be done first")
        self.work = work


class AuthenticationFailed(Exception):
    """The text is told to the client, and must not tell more than it may know. Kafka's SaslAuthenticationException.

    Attributes:
        logged: the text for the log; nothing secret either.
    """

    def __init__(self, told: str, logged: str | None = None) -> None:
        super().__init__(told)
        self.logged = told if logged is None else logged


class InvalidCredentials(Exception):
    """The text is for the log, and holds nothing that the client sent; it hears one sentence, whatever it was.

    Java's SaslException.
    """
