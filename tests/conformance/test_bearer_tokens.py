"""Who is let in with which bearer token, and what else a client may say in OAUTHBEARER, beside the reference.

Deliberate differences are in the table of tokens (`kafkas`): a token within a token and one above 64 KiB are refused here. So
is base64url with padding. A client that is told that its token does not do has one answer here; Kafka lets it try another one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import pytest

pytest.importorskip("joserfc", reason="the extra `security`")

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_delegation_token import CreateDelegationTokenRequest, CreateDelegationTokenResponse
from kafka_compat.protocol.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from kafka_compat.protocol.messages.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse
from scripts.reference_broker import ReferenceBroker
from tests.support.bearer_tokens import CASES, CONFIGS, claims, key_server, signed, unsigned
from tests.support.brokers import skipped_without_reference
from tests.support.own_broker import OwnBroker, settings_of
from tests.support.wire_client import ConnectionClosed, WireClient

pytestmark = [pytest.mark.reference, pytest.mark.slow]

_PREFIX = "listener.name.sasl_plaintext.oauthbearer."
_UNSECURED_PREFIX = "listener.name.unsecured.oauthbearer."
_MODULE = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
_HANDLER = "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler"
_OPTIONS = (
    # Java's login of the listener itself wants a name for its token.
    'unsecuredLoginStringClaim_sub="broker" unsecuredValidatorScopeClaimName="scp" unsecuredValidatorRequiredScope="a b" '
    'unsecuredValidatorAllowableClockSkewMs="20000"'
)
SHARED = {
    "sasl.enabled.mechanisms": "OAUTHBEARER",
    "connection.failed.authentication.delay.ms": "0",
    "connections.max.reauth.ms": "500000",
    f"{_PREFIX}sasl.jaas.config": f"{_MODULE};",
    f"{_UNSECURED_PREFIX}sasl.jaas.config": f"{_MODULE} {_OPTIONS};",
    f"{_PREFIX}sasl.server.callback.handler.class": _HANDLER,
    **{_PREFIX + name: value for name, value in CONFIGS.items()},
}

# Of one exchange: who it was and for how many seconds; or what the client was told, in the order in which it was.
Outcome = tuple[object, ...]
Bootstraps = tuple[dict[str, str], dict[str, str]]  # listener -> address, of the reference and of ours


@pytest.fixture(scope="module")
def bootstraps() -> Iterator[Bootstraps]:
    with skipped_without_reference(), key_server() as keys:
        configs = SHARED | {f"{_PREFIX}sasl.oauthbearer.jwks.endpoint.url": keys.url}
        allowed = f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys.url}"
        listeners = {"SASL_PLAINTEXT": "SASL_PLAINTEXT", "UNSECURED": "SASL_PLAINTEXT"}
        with (
            ReferenceBroker(configs, jvm_options=[allowed], listeners=listeners) as reference,
            OwnBroker(
                settings_of(
                    configs
                    | {
                        "listeners": ",".join(f"{name}://127.0.0.1:0" for name in (*listeners, "PLAINTEXT")),
                        "listener.security.protocol.map": ",".join(
                            f"{a}:{b}" for a, b in (*listeners.items(), ("PLAINTEXT",) * 2)
                        ),
                        f"{_UNSECURED_PREFIX}sasl.oauthbearer.allow.unsecured": "true",
                    }
                )
            ) as ours,
        ):
            yield (
                {name: reference.bootstrap_of(name) for name in listeners},
                {name: ours.bootstrap(name) for name in listeners},
            )


def outcome(bootstrap: str, *messages: bytes) -> Outcome:
    """What comes of an exchange."""
    with WireClient(bootstrap) as client:
        handshake = client.call(SaslHandshakeRequest(mechanism="OAUTHBEARER"), 1, SaslHandshakeResponse)
        assert (handshake.error_code, handshake.mechanisms) == (0, ["OAUTHBEARER"])
        told: list[object] = []
        lifetime_ms = 0
        try:
            for message in messages:
                answer = client.call(SaslAuthenticateRequest(auth_bytes=message), 2, SaslAuthenticateResponse)
                lifetime_ms = answer.session_lifetime_ms
                told += [ErrorCode(answer.error_code).name, answer.error_message, bytes(answer.auth_bytes)]
                if answer.error_code:
                    return tuple(told)
            if answer.auth_bytes:
                return tuple(told)
            who = client.call(CreateDelegationTokenRequest(), 3, CreateDelegationTokenResponse)
        except ConnectionClosed:
            return (*told, "closed")
        return who.token_requester_principal_type, who.token_requester_principal_name, round(lifetime_ms / 1000, -1)


def with_token(bootstrap: str, token: str, *, authorization_id: str = "", extensions: str = "") -> Outcome:
    """What comes of a client that has the token."""
    said = f"a={authorization_id}" if authorization_id else ""
    message = f"n,{said},\x01auth=Bearer {token}\x01{extensions}\x01".encode()
    return _acknowledged(bootstrap, message)


def _acknowledged(bootstrap: str, message: bytes) -> Outcome:
    first = outcome(bootstrap, message)
    return outcome(bootstrap, message, b"\x01") if first[0] == "NONE" else first


def test_tokens(bootstraps: Bootstraps) -> None:
    told = '{"status":"invalid_token"}'
    refused = ("NONE", "", told.encode(), "SASL_AUTHENTICATION_FAILED", told, b"")
    over = ("NONE", "", b"", "closed")
    problems = []
    for case in CASES:
        token = case.token()
        theirs, ours = (with_token(side["SASL_PLAINTEXT"], token) for side in bootstraps)
        expected = refused if case.name is None else over if case.is_over else ("User", case.name)
        if ours[: len(expected)] != expected:
            problems.append(f"{case.label}: ours {ours}")
        if case.kafkas == "the same" and theirs != ours:
            problems.append(f"{case.label}: theirs {theirs}, ours {ours}")
        if case.kafkas != "the same" and theirs[:2] != (("closed",) if case.kafkas is None else ("User", case.kafkas)):
            problems.append(f"{case.label}: theirs {theirs}, and a difference is expected")
    assert problems == []


ODD_MESSAGES: Sequence[bytes] = (
    b"",
    b"\x01",
    b"n,,\x01\x01",
    b"n,,\x01auth=\x01\x01",
    b"n,,\x01auth=Bearer \x01\x01",
    b"n,,\x01auth=Bearer a b\x01\x01",
    b"n,,\x01auth=Bearer {token}\x01",
    b"n,,\x01auth=Bearer {token}",
    b"n,,auth=Bearer {token}\x01\x01",
    b"y,,\x01auth=Bearer {token}\x01\x01",
    b"p=tls-unique,,\x01auth=Bearer {token}\x01\x01",
    b"n,a=,\x01auth=Bearer {token}\x01\x01",
    b"n,a=alice,\x01auth=Bearer {token}\x01\x01",
    b"n,a=bob,\x01auth=Bearer {token}\x01\x01",
    b"n,a=al=2Cice,\x01auth=Bearer {token}\x01\x01",
    b"n,a=al=ice,\x01auth=Bearer {token}\x01\x01",
    b"n,a=\xc3\xa1lice,\x01auth=Bearer {token}\x01\x01",
    b"n,,\x01auth=bEARER   {token}\x01\x01",
    b"n,,\x01Auth=Bearer {token}\x01\x01",
    b"n,,\x01auth=Bearer x\x01auth=Bearer {token}\x01\x01",
    b"n,,\x01auth=Bearer {token}\x01auth=Bearer x\x01\x01",
    b"n,,\x01traceId=1\x01auth=Bearer {token}\x01other=a b\tc\x01\x01",
    b"n,,\x01auth=Bearer {token}\x01key1=x\x01\x01",
    b"n,,\x01auth=Bearer {token}\x01key=\x01\x01",
    b"n,,\x01auth=Bearer {token}\x01key=\xc3\xa1\x01\x01",
    b"n,,\x01auth=Bearer {token}\x01key=a=b\x01\x01",
    b"n,,\x01auth=Bearer {token}\x01host=h\x01port=1\x01\x01",
    b"n,,\x01host=h\x01port=1\x01\x01",
    b"\xff\xff",
)


def test_messages(bootstraps: Bootstraps) -> None:
    token = signed(claims()).encode()
    problems = []
    for message in ODD_MESSAGES:
        theirs, ours = (_acknowledged(side["SASL_PLAINTEXT"], message.replace(b"{token}", token)) for side in bootstraps)
        if theirs != ours:
            problems.append(f"{message!r}: theirs {theirs}, ours {ours}")
    assert problems == []


def test_unsecured_tokens(bootstraps: Bootstraps) -> None:
    now_s = int(time.time())

    def said(**changes: object) -> dict[str, object]:
        return claims(scp=["a", "b", "c"]) | changes

    tokens = {
        "good": unsigned(said()),
        "no issue time": unsigned({"sub": "bob", "exp": now_s + 100, "scp": ["b", "a"]}),
        "signed": signed(said()),
        "a signature": unsigned(said()) + "eA",
        "two parts": unsigned(said())[:-1],
        "expired": unsigned(said(exp=now_s - 30)),
        "expired within the skew": unsigned(said(exp=now_s - 5)),
        "issued later": unsigned(said(iat=now_s + 60)),
        "issued later within the skew": unsigned(said(iat=now_s + 5)),
        "expires before it begins": unsigned(said(iat=now_s, exp=now_s)),
        "expires with a fraction": unsigned(said(exp=now_s + 100.25)),
        "never expires": unsigned({"sub": "bob", "scp": ["b", "a"]}),
        "expiration is a text": unsigned(said(exp="9999999999")),
        "subject is a number": unsigned(said(sub=5)),
        "subject is empty": unsigned(said(sub=" ")),
        "spaces around the name": unsigned(said(sub=" bob ")),
        "scopes are missing": unsigned(said(scp=["a"])),
        "no scopes": unsigned(said(scp=[])),
        "scope is a text": unsigned(said(scp="a b")),
        "scope has spaces": unsigned(said(scp=[" a", "b "])),
        "scope is a number": unsigned(said(scp=5)),
        "another algorithm": unsigned(said(), "None"),
        "nothing": "..",
    }
    problems = []
    for label, token in tokens.items():
        theirs, ours = (with_token(side["UNSECURED"], token) for side in bootstraps)
        if theirs != ours:
            problems.append(f"{label}: theirs {theirs}, ours {ours}")
    assert problems == []


def test_acknowledgements(bootstraps: Bootstraps) -> None:
    """What a client says that was told that its token does not do; sarama says ^A in four characters."""
    refused = b"n,,\x01auth=Bearer x\x01\x01"
    for said in (b"\x01", rb"\x01", b"", b"\x01\x01", b"x"):
        theirs, ours = (outcome(side["SASL_PLAINTEXT"], refused, said) for side in bootstraps)
        assert theirs == ours, said
