"""The states of an authentication: what is taken in each, and what ends it."""

from __future__ import annotations

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.security.principal import user
from kafka_compat.security.sasl.authenticator import Admission, Failure, SaslAuthenticator, SaslOffer, SaslState
from kafka_compat.security.sasl.mechanism import Authenticated, AuthenticationFailed, InvalidCredentials

NOW_MS = 1_700_000_000_000
REQUESTS = (ApiKey.SASL_HANDSHAKE, ApiKey.API_VERSIONS, ApiKey.SASL_AUTHENTICATE, ApiKey.METADATA, ApiKey.PRODUCE)


class Scripted:
    """Whatever is said to it it does: `user`, `user until` milliseconds from now, `fail`, `invalid`, or goes on."""

    def __init__(self) -> None:
        self.result: Authenticated | None = None

    def respond(self, message: bytes, now_ms: int) -> bytes:
        text = message.decode()
        if text.startswith("fail"):
            raise AuthenticationFailed(text)
        if text.startswith("invalid"):
            raise InvalidCredentials(text)
        if not text.startswith("more"):
            name, _, lifetime_ms = text.partition(" ")
            self.result = Authenticated(name, now_ms + int(lifetime_ms) if lifetime_ms else None, name == "token")
        return f"heard {text}".encode()


def authenticator(max_reauth_ms: int = 0) -> SaslAuthenticator:
    return SaslAuthenticator(SaslOffer({"ONE": Scripted, "TWO": Scripted}, {"ONE": max_reauth_ms, "TWO": max_reauth_ms}))


def in_state(state: SaslState) -> SaslAuthenticator:
    sasl = authenticator()
    if state is SaslState.INITIAL_REQUEST:
        return sasl
    assert sasl.admit(ApiKey.API_VERSIONS, 4) is Admission.HANDLE
    if state is SaslState.HANDSHAKE_OR_VERSIONS:
        return sasl
    sasl.told_versions()
    if state is SaslState.HANDSHAKE:
        return sasl
    assert sasl.admit(ApiKey.SASL_HANDSHAKE, 1) is Admission.HANDLE
    sasl.handshake("ONE", 1)
    if state is not SaslState.AUTHENTICATE:
        sasl.authenticate(b"alice", NOW_MS, 0)
    assert sasl.state is state
    return sasl


@pytest.mark.parametrize(
    ("state", "taken"),
    [
        (SaslState.INITIAL_REQUEST, {ApiKey.API_VERSIONS, ApiKey.SASL_HANDSHAKE}),
        (SaslState.HANDSHAKE_OR_VERSIONS, {ApiKey.API_VERSIONS, ApiKey.SASL_HANDSHAKE}),
        (SaslState.HANDSHAKE, {ApiKey.SASL_HANDSHAKE}),
        (SaslState.AUTHENTICATE, {ApiKey.SASL_AUTHENTICATE}),
    ],
)
@pytest.mark.parametrize("api_key", REQUESTS)
def test_which_requests_are_taken(state: SaslState, taken: set[ApiKey], api_key: ApiKey) -> None:
    sasl = in_state(state)
    admission = sasl.admit(api_key, 0)
    assert (admission is Admission.HANDLE) == (api_key in taken)
    assert (sasl.failure is None) == (api_key in taken)
    assert (sasl.state is SaslState.FAILED) == (api_key not in taken)
    if state is SaslState.AUTHENTICATE and api_key not in taken:
        assert admission is Admission.REFUSE


@pytest.mark.parametrize(
    "state", [SaslState.INITIAL_REQUEST, SaslState.HANDSHAKE_OR_VERSIONS, SaslState.HANDSHAKE, SaslState.AUTHENTICATE]
)
def test_bytes_that_are_no_request(state: SaslState) -> None:
    sasl = in_state(state)
    sasl.unreadable("why")
    assert sasl.failure is not None
    assert sasl.failure[1:] == (False, True, True)
    assert ("KIP-43" if state is SaslState.INITIAL_REQUEST else "why") in sasl.failure.reason


def test_api_versions_may_fail_and_be_asked_again() -> None:
    sasl = in_state(SaslState.HANDSHAKE_OR_VERSIONS)
    for _ in range(3):
        assert sasl.admit(ApiKey.API_VERSIONS, 99) is Admission.HANDLE
    sasl.told_versions()
    assert sasl.admit(ApiKey.API_VERSIONS, 0) is Admission.FAIL
    assert sasl.failure is not None
    assert sasl.failure.is_unexpected
    assert not sasl.failure.is_delayed


@pytest.mark.parametrize("version", [0, 1])
def test_the_version_of_the_handshake_says_how_messages_come(version: int) -> None:
    sasl = in_state(SaslState.HANDSHAKE)
    assert sasl.handshake("TWO", version) == (ErrorCode.NONE, ["ONE", "TWO"])
    assert sasl.takes_tokens == (version == 0)


def test_a_mechanism_that_there_is_not() -> None:
    sasl = in_state(SaslState.HANDSHAKE)
    assert sasl.handshake("one", 1) == (ErrorCode.UNSUPPORTED_SASL_MECHANISM, ["ONE", "TWO"])
    assert sasl.failure == Failure("Unsupported SASL mechanism one")


@pytest.mark.parametrize("version", [-1, 3, 32767])
def test_a_version_of_sasl_authenticate_that_there_is_not(version: int) -> None:
    sasl = in_state(SaslState.AUTHENTICATE)
    assert sasl.admit(ApiKey.SASL_AUTHENTICATE, version) is Admission.FAIL
    assert sasl.failure is not None
    assert not sasl.failure.is_delayed


def test_an_exchange_of_several_messages() -> None:
    sasl = in_state(SaslState.AUTHENTICATE)
    assert sasl.authenticate(b"more", NOW_MS, 0) == (ErrorCode.NONE, "", b"heard more", 0)
    assert not sasl.is_complete
    assert sasl.authenticate(b"alice", NOW_MS, 0) == (ErrorCode.NONE, "", b"heard alice", 0)
    assert (sasl.is_complete, sasl.principal, sasl.expires_at_ms) == (True, user("alice"), None)


@pytest.mark.parametrize(
    ("message", "told", "logged"),
    [
        (b"fail with words", "fail with words", ""),
        (
            b"invalid for a reason",
            "Authentication failed during authentication due to invalid credentials with SASL mechanism ONE",
            ": invalid for a reason",
        ),
    ],
)
def test_credentials_that_are_refused(message: bytes, told: str, logged: str) -> None:
    sasl = in_state(SaslState.AUTHENTICATE)
    assert sasl.authenticate(message, NOW_MS, 0) == (ErrorCode.SASL_AUTHENTICATION_FAILED, told, b"", 0)
    assert sasl.failure == Failure(told + logged)
    assert sasl.principal is None


@pytest.mark.parametrize(("message", "is_delayed"), [(b"fail", True), (b"invalid", False)])
def test_tokens_that_are_refused(message: bytes, is_delayed: bool) -> None:
    """As in Kafka, where Java's own exception is one of I/O, a connection that does not speak SaslAuthenticate just ends."""
    sasl = in_state(SaslState.HANDSHAKE)
    sasl.handshake("ONE", 0)
    assert sasl.token(b"more", NOW_MS, 0) == b"heard more"
    assert sasl.token(message, NOW_MS, 0) is None
    assert sasl.failure is not None
    assert sasl.failure.is_delayed == is_delayed


# --- sessions that end


@pytest.mark.parametrize(
    ("max_reauth_ms", "credential_ms", "lifetime_ms"),
    [(0, None, None), (5_000, None, 5_000), (0, 7_000, 7_000), (5_000, 7_000, 5_000), (9_000, 7_000, 7_000), (5_000, -1, 0)],
)
def test_how_long_a_session_lasts(max_reauth_ms: int, credential_ms: int | None, lifetime_ms: int | None) -> None:
    sasl = authenticator(max_reauth_ms)
    sasl.handshake("ONE", 1)
    message = "alice" if credential_ms is None else f"alice {credential_ms}"
    assert sasl.authenticate(message.encode(), NOW_MS, 100).session_lifetime_ms == (lifetime_ms or 0)
    if lifetime_ms is None:
        assert not sasl.is_expired(10**12)
    else:
        assert [sasl.is_expired(100 + lifetime_ms + late_ms) for late_ms in (-1, 0)] == [False, True]


def session(name: str = "alice") -> SaslAuthenticator:
    """One that ends after ten seconds, at time 0."""
    sasl = authenticator(10_000)
    sasl.handshake("ONE", 1)
    sasl.authenticate(name.encode(), NOW_MS, 0)
    return sasl


def test_a_session_begins_again() -> None:
    sasl = session()
    assert sasl.begin_again(9_000)
    assert sasl.state is SaslState.HANDSHAKE_OR_VERSIONS
    assert sasl.admit(ApiKey.SASL_HANDSHAKE, 1) is Admission.HANDLE
    sasl.handshake("ONE", 1)
    assert sasl.authenticate(b"alice", NOW_MS, 9_001).session_lifetime_ms == 10_000
    assert sasl.is_complete
    assert not sasl.is_expired(19_000)
    assert sasl.is_expired(19_001)


def test_a_session_that_does_not_end_does_not_begin_again() -> None:
    assert not in_state(SaslState.COMPLETE).begin_again(10**9)


def test_a_session_begins_again_once_in_a_second() -> None:
    sasl = session()
    for now_ms, begins in ((0, True), (999, False), (1_000, True), (1_999, False), (2_500, True)):
        assert sasl.begin_again(now_ms) == begins
        if begins:
            sasl.handshake("ONE", 1)
            sasl.authenticate(b"alice", NOW_MS, now_ms)


def test_a_session_stays_with_its_mechanism() -> None:
    sasl = session()
    sasl.begin_again(9_000)
    assert sasl.handshake("TWO", 1)[0] is ErrorCode.NONE  # and the next message is refused, whatever it is
    assert sasl.admit(ApiKey.SASL_AUTHENTICATE, 1) is Admission.FAIL
    assert sasl.failure == Failure(
        "SASL mechanism 'TWO' requested by client is not supported for re-authentication of mechanism 'ONE'"
    )


def test_a_mechanism_that_there_is_not_ends_a_session_without_an_answer() -> None:
    sasl = session()
    sasl.begin_again(9_000)
    sasl.handshake("NONE", 1)
    assert sasl.failure == Failure("Unsupported SASL mechanism NONE", is_delayed=False, is_answered=False)


def test_a_session_stays_with_its_principal() -> None:
    sasl = session()
    sasl.begin_again(9_000)
    sasl.handshake("ONE", 1)
    told = "Cannot change principals during re-authentication from User.alice: User.bob"
    assert sasl.authenticate(b"bob", NOW_MS, 9_000) == (ErrorCode.SASL_AUTHENTICATION_FAILED, told, b"", 0)
    assert sasl.principal == user("alice")


def test_a_wrong_password_is_called_one_of_the_re_authentication() -> None:
    sasl = session()
    sasl.begin_again(9_000)
    sasl.handshake("ONE", 1)
    answer = sasl.authenticate(b"invalid", NOW_MS, 9_000)
    assert answer.error_message is not None
    assert "during re-authentication due to" in answer.error_message


def test_whoever_came_with_a_token_is_known_by_it() -> None:
    assert session("token").by_token
    assert not session().by_token
