"""The authentication of one connection, as a state machine. Source: Kafka's SaslServerAuthenticator (KIP-43, KIP-152, KIP-368).

    INITIAL_REQUEST -> HANDSHAKE_OR_VERSIONS -> HANDSHAKE -> AUTHENTICATE -> COMPLETE, and from each to FAILED

    state                   taken there
    INITIAL_REQUEST         the same as in the next; what comes instead is taken for no client of Kafka's
    HANDSHAKE_OR_VERSIONS   ApiVersions, SaslHandshake
    HANDSHAKE               SaslHandshake; ApiVersions has been answered
    AUTHENTICATE            SaslAuthenticate, after SaslHandshake v0 the mechanism's bytes without a header
    COMPLETE                everything; SaslHandshake begins again where sessions end (`begin_again`)
    BAD_MECHANISM           nothing: whatever comes next ends it, because the new mechanism is not the old one
    FAILED                  nothing

Rules of the file: no I/O and no clock, time is an argument. What comes is told by the methods, in the order in which it came;
after each `failure` says whether that was the end. Whoever has the connection closes it then, and waits before where the
failure is `is_delayed`, with the answer, if there is one: `connection.failed.authentication.delay.ms`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final, NamedTuple

from kafka_compat.protocol.api_keys import API_VERSIONS, ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.security.principal import Principal, user
from kafka_compat.security.sasl.mechanism import (
    Authenticated,
    AuthenticationFailed,
    InvalidCredentials,
    Later,
    Mechanism,
    MechanismFactory,
)

_NO_CLIENT: Final = (
    "Invalid request, potential reasons: kafka client configured with the wrong security protocol, it does not support KIP-43 "
    "or it is not a kafka client."
)
# KafkaChannel.MIN_REAUTH_INTERVAL_ONE_SECOND_NANOS
_LEAST_INTERVAL_MS: Final = 1000


class SaslState(Enum):
    """How far a connection has come; see the head of this file."""

    INITIAL_REQUEST = auto()
    HANDSHAKE_OR_VERSIONS = auto()
    HANDSHAKE = auto()
    AUTHENTICATE = auto()
    COMPLETE = auto()
    BAD_MECHANISM = auto()
    FAILED = auto()


class Failure(NamedTuple):
    """Why a connection ends.

    Attributes:
        reason: for the log; no secret is in it.
        is_delayed: whether it ends a while later, so that passwords cannot be tried quickly; Kafka's AuthenticationException.
        is_answered: whether an answer that says so goes out before it ends.
        is_unexpected: whether Kafka logs it as a warning: a client that does not speak SASL as it should.
    """

    reason: str
    is_delayed: bool = True
    is_answered: bool = True
    is_unexpected: bool = False


class Admission(Enum):
    """What becomes of a request that comes before its client is known."""

    HANDLE = auto()
    # Answered with an error, then the connection ends.
    REFUSE = auto()
    # No answer.
    FAIL = auto()


class AuthenticateAnswer(NamedTuple):
    """What SaslAuthenticate is answered; `session_lifetime_ms` 0 is no end."""

    error_code: ErrorCode
    error_message: str
    auth_bytes: bytes
    session_lifetime_ms: int = 0


class SaslOffer(NamedTuple):
    """What a listener lets clients authenticate with.

    Attributes:
        mechanisms: what makes each, in the order in which they are told.
        max_reauth_ms: by mechanism, how long a session lasts until its client has to authenticate again
            (`connections.max.reauth.ms`); 0 is no end.
    """

    mechanisms: Mapping[str, MechanismFactory]
    max_reauth_ms: Mapping[str, int]


class SaslAuthenticator:
    """One connection.

    Attributes:
        state: how far it has come.
        failure: why it has ended, once it has.
        principal: who the client is; None before it has said so.
        by_token: whether it said so with a delegation token.
        expires_at_ms: when the session ends, on the monotonic clock; None: it does not.
    """

    def __init__(self, offer: SaslOffer) -> None:
        self.state = SaslState.INITIAL_REQUEST
        self.failure: Failure | None = None
        self.principal: Principal | None = None
        self.by_token = False
        self.expires_at_ms: int | None = None
        self._offer = offer
        self._mechanism: Mechanism | None = None
        self._mechanism_name = ""
        self._has_headers = False
        # Of the session before, while it authenticates again.
        self._previous: tuple[Principal, str] | None = None
        self._begun_again_ms: int | None = None

    @property
    def is_complete(self) -> bool:
        """Whether requests of all kinds are taken."""
        return self.state is SaslState.COMPLETE

    @property
    def is_again(self) -> bool:
        """Whether it is not the first time that the client authenticates."""
        return self._previous is not None

    @property
    def takes_tokens(self) -> bool:
        """Whether the next frame is a message of the mechanism without a request's header."""
        return self.state is SaslState.AUTHENTICATE and not self._has_headers

    def admit(self, api_key: int, version: int) -> Admission:
        """What becomes of a request with a header that can be read."""
        if self.state is SaslState.BAD_MECHANISM:
            assert self._previous is not None
            self._fail(
                f"SASL mechanism '{self._mechanism_name}' requested by client is not supported for re-authentication of "
                f"mechanism '{self._previous[1]}'"
            )
            return Admission.FAIL
        if self.state is SaslState.AUTHENTICATE:
            return self._admit_to_exchange(api_key, version)
        if api_key not in (ApiKey.API_VERSIONS, ApiKey.SASL_HANDSHAKE):
            self.unreadable(f"Unexpected Kafka request of type {_name(api_key)} during SASL handshake.")
            return Admission.FAIL
        if self.state is SaslState.INITIAL_REQUEST:
            self.state = SaslState.HANDSHAKE_OR_VERSIONS
        if api_key == ApiKey.API_VERSIONS and self.state is not SaslState.HANDSHAKE_OR_VERSIONS:
            self.unreadable(
                f"Unexpected ApiVersions request received during SASL authentication state {self.state.name}_REQUEST"
            )
            return Admission.FAIL
        return Admission.HANDLE

    def _admit_to_exchange(self, api_key: int, version: int) -> Admission:
        if api_key == ApiKey.SASL_AUTHENTICATE:
            if not 0 <= version <= API_VERSIONS[ApiKey.SASL_AUTHENTICATE].max_version:
                self.unreadable(f"Version {version} is not supported for apiKey {_name(api_key)}")
                return Admission.FAIL
            return Admission.HANDLE
        self._fail(self.unexpected_in_exchange(api_key))
        return Admission.REFUSE

    @staticmethod
    def unexpected_in_exchange(api_key: int) -> str:
        """Why a request is refused in the middle of a mechanism's exchange."""
        return f"Unexpected Kafka request of type {_name(api_key)} during SASL authentication."

    def unreadable(self, reason: str) -> None:
        """A frame is no request, or none that can be answered: the connection ends at once, as Kafka ends it."""
        self._fail(_NO_CLIENT if self.state is SaslState.INITIAL_REQUEST else reason, is_delayed=False, is_unexpected=True)

    def too_large(self) -> None:
        """A frame has a size that none may have."""
        self._fail("Failing SASL authentication due to invalid receive size")

    def told_versions(self) -> None:
        """ApiVersions was answered, and not with an error."""
        if self.state is SaslState.HANDSHAKE_OR_VERSIONS:
            self.state = SaslState.HANDSHAKE

    def handshake(self, mechanism: str, version: int) -> tuple[ErrorCode, list[str]]:
        """Choose the mechanism: the error code and all that there are, for the answer."""
        offered = list(self._offer.mechanisms)
        if version >= 1:
            self._has_headers = True
        factory = self._offer.mechanisms.get(mechanism)
        if factory is None:
            # Kafka looks at the first request of a new authentication where it looks at requests, and just ends the connection.
            self._fail(f"Unsupported SASL mechanism {mechanism}", is_delayed=not self.is_again, is_answered=not self.is_again)
            return ErrorCode.UNSUPPORTED_SASL_MECHANISM, offered
        self._mechanism_name = mechanism
        if self._previous is not None and self._previous[1] != mechanism:
            self.state = SaslState.BAD_MECHANISM
        else:
            self._mechanism = factory()
            self.state = SaslState.AUTHENTICATE
        return ErrorCode.NONE, offered

    def authenticate(self, message: bytes, now_ms: int, monotonic_ms: int) -> AuthenticateAnswer:
        """The client's next message of the exchange, out of a SaslAuthenticate request.

        Args:
            message: of the mechanism.
            now_ms: milliseconds since the Unix epoch, for credentials that end.
            monotonic_ms: of a clock that never goes backwards, for the session.

        Raises:
            Later: nothing has happened yet.
        """
        try:
            response = self._respond(message, now_ms)
        except AuthenticationFailed as error:
            self._fail(error.logged)
            return AuthenticateAnswer(ErrorCode.SASL_AUTHENTICATION_FAILED, str(error), b"")
        except InvalidCredentials as error:
            told = (
                f"Authentication failed during {'re-authentication' if self.is_again else 'authentication'} due to invalid "
                f"credentials with SASL mechanism {self._mechanism_name}"
            )
            self._fail(f"{told}: {error}")
            return AuthenticateAnswer(ErrorCode.SASL_AUTHENTICATION_FAILED, told, b"")
        return AuthenticateAnswer(ErrorCode.NONE, "", response, self._complete(now_ms, monotonic_ms))

    def token(self, message: bytes, now_ms: int, monotonic_ms: int) -> bytes | None:
        """The answer to a message without a header (SaslHandshake v0); None where the connection ends without one."""
        try:
            try:
                response = self._respond(message, now_ms)
            except Later as later:
                # Once for a token, of a client from before Kafka 1.0: that one is not worth a wait.
                later.work()
                response = self._respond(message, now_ms)
        except AuthenticationFailed as error:
            self._fail(error.logged)
            return None
        except InvalidCredentials as error:
            self._fail(f"invalid credentials: {error}", is_delayed=False)
            return None
        self._complete(now_ms, monotonic_ms)
        return response

    def begin_again(self, monotonic_ms: int) -> bool:
        """Whether a SaslHandshake of a session begins its authentication anew, which it does then.

        Only where sessions end, and not more often than once in a second; else it is a request like any other.
        """
        if self.expires_at_ms is None:
            return False
        if self._begun_again_ms is not None and monotonic_ms - self._begun_again_ms < _LEAST_INTERVAL_MS:
            return False
        assert self.principal is not None
        self._begun_again_ms = monotonic_ms
        self._previous = self.principal, self._mechanism_name
        self._has_headers = False
        self.state = SaslState.HANDSHAKE_OR_VERSIONS
        return True

    def is_expired(self, monotonic_ms: int) -> bool:
        """Whether the session has ended: no further request of its client is taken."""
        return self.expires_at_ms is not None and monotonic_ms >= self.expires_at_ms

    def _respond(self, message: bytes, now_ms: int) -> bytes:
        assert self._mechanism is not None
        response = self._mechanism.respond(message, now_ms)
        result = self._mechanism.result
        if result is not None:
            self._check_unchanged(user(result.name))
        return response

    def _check_unchanged(self, principal: Principal) -> None:
        if self._previous is not None and principal != self._previous[0]:
            before = self._previous[0]
            raise AuthenticationFailed(
                f"Cannot change principals during re-authentication from {before.type}.{before.name}: "
                f"{principal.type}.{principal.name}"
            )

    def _complete(self, now_ms: int, monotonic_ms: int) -> int:
        """End the exchange if the mechanism has; returns how long the session lasts, 0 for no end."""
        assert self._mechanism is not None
        result = self._mechanism.result
        if result is None:
            return 0
        self._mechanism = None
        self.state = SaslState.COMPLETE
        self.principal, self.by_token = user(result.name), result.by_token
        lifetime_ms = self._lifetime_ms(result, now_ms)
        self.expires_at_ms = None if lifetime_ms is None else monotonic_ms + lifetime_ms
        return lifetime_ms or 0

    def _lifetime_ms(self, result: Authenticated, now_ms: int) -> int | None:
        limits = []
        if (max_reauth_ms := self._offer.max_reauth_ms.get(self._mechanism_name, 0)) > 0:
            limits.append(max_reauth_ms)
        if result.expires_at_ms is not None:
            limits.append(result.expires_at_ms - now_ms)
        return max(0, min(limits)) if limits else None

    def _fail(self, reason: str, *, is_delayed: bool = True, is_answered: bool = True, is_unexpected: bool = False) -> None:
        self.state = SaslState.FAILED
        self._mechanism = None
        self.failure = Failure(reason, is_delayed, is_answered, is_unexpected)


def _name(api_key: int) -> str:
    return ApiKey(api_key).name
