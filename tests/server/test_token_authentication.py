"""Clients that authenticate with a delegation token (KIP-48): SCRAM, with the token's id and its HMAC."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_delegation_token import CreateDelegationTokenRequest, CreateDelegationTokenResponse
from kafka_compat.protocol.messages.expire_delegation_token import ExpireDelegationTokenRequest, ExpireDelegationTokenResponse
from kafka_compat.security.principal import user
from tests.support.own_broker import OwnBroker, settings_of
from tests.support.sasl_clients import scram, scram_token
from tests.support.wire_client import NotAuthenticated, WireClient

CONFIGS = {
    "listeners": "SASL_PLAINTEXT://127.0.0.1:0,PLAINTEXT://127.0.0.1:0",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "listener.name.sasl_plaintext.plain.sasl.jaas.config": (
        'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret";'
    ),
    "connection.failed.authentication.delay.ms": "0",
    "delegation.token.secret.key": "key",
}
MECHANISMS = ["SCRAM-SHA-256", "SCRAM-SHA-512"]


@pytest.fixture(scope="module")
def broker() -> Iterator[OwnBroker]:
    with OwnBroker(settings_of(CONFIGS)) as running:
        yield running


@pytest.fixture
def bootstrap(broker: OwnBroker) -> str:
    return broker.bootstrap("SASL_PLAINTEXT")


@pytest.fixture
def alice(bootstrap: str) -> Iterator[WireClient]:
    with WireClient(bootstrap, user="alice", password="secret") as client:
        yield client


def made(client: WireClient, lifetime_ms: int = -1) -> CreateDelegationTokenResponse:
    answer = client.call(CreateDelegationTokenRequest(max_lifetime_ms=lifetime_ms), 3, CreateDelegationTokenResponse)
    assert answer.error_code == 0
    return answer


def is_let_in(bootstrap: str, mechanism: str, token_id: str, hmac: bytes) -> bool:
    with WireClient(bootstrap) as client:
        try:
            client.authenticate_by(scram_token(mechanism, token_id, hmac), mechanism)
        except NotAuthenticated as refusal:
            return refusal.args[0] is not ErrorCode.SASL_AUTHENTICATION_FAILED
        return True


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("version", [0, 1, 2])
def test_who_has_a_token_is_its_owner_until_it_ends(
    broker: OwnBroker, bootstrap: str, alice: WireClient, mechanism: str, version: int
) -> None:
    token = made(alice, lifetime_ms=60_000)
    for _ in range(2):
        with WireClient(bootstrap) as client:
            lifetime_ms = client.authenticate_by(
                scram_token(mechanism, token.token_id, bytes(token.hmac)), mechanism, version=version
            )
            assert version == 0 or 50_000 < lifetime_ms <= 60_000
            (session,) = (each for each in broker.call(broker.broker.sessions) if each.is_token_authenticated)
            assert session.principal == user("alice")
            refused = client.call(CreateDelegationTokenRequest(), 3, CreateDelegationTokenResponse)
            assert refused.error_code == ErrorCode.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED


@pytest.mark.parametrize("kind", ["Team", "user", ""])
def test_a_token_of_no_user_lets_nobody_in(bootstrap: str, alice: WireClient, kind: str) -> None:
    """Whoever comes by SASL is a user: a token for Team:admin, which takes a right on that, is not one for User:admin."""
    wanted = CreateDelegationTokenRequest(owner_principal_type=kind, owner_principal_name="admin", max_lifetime_ms=-1)
    token = alice.call(wanted, 3, CreateDelegationTokenResponse)
    assert (token.error_code, token.principal_type) == (0, kind)
    assert not is_let_in(bootstrap, "SCRAM-SHA-256", token.token_id, bytes(token.hmac))


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_who_is_not_let_in(bootstrap: str, alice: WireClient, mechanism: str) -> None:
    token, other = made(alice), made(alice)
    hmac = bytes(token.hmac)
    assert is_let_in(bootstrap, mechanism, token.token_id, hmac)
    assert not is_let_in(bootstrap, mechanism, token.token_id, bytes(other.hmac))
    assert not is_let_in(bootstrap, mechanism, "nobody", hmac)
    # A token is no user, and a user no token.
    with WireClient(bootstrap) as client, pytest.raises(NotAuthenticated):
        client.authenticate_by(scram(mechanism, token.token_id, "x"), mechanism)
    expired = alice.call(ExpireDelegationTokenRequest(hmac=hmac, expiry_time_period_ms=0), 2, ExpireDelegationTokenResponse)
    assert expired.error_code == 0
    while time.time() * 1000 < expired.expiry_timestamp_ms + 1:
        time.sleep(0.001)
    assert not is_let_in(bootstrap, mechanism, token.token_id, hmac)
    alice.call(ExpireDelegationTokenRequest(hmac=bytes(other.hmac), expiry_time_period_ms=-1), 2, ExpireDelegationTokenResponse)
    assert not is_let_in(bootstrap, mechanism, other.token_id, bytes(other.hmac))
