"""Listeners that ask for SASL: who gets in, and what is taken before it is known who he is."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from kafka_compat.config.errors import BadSettings
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.security.principal import ANONYMOUS, user
from tests.support.own_broker import OwnBroker, settings_of
from tests.support.wire_client import ConnectionClosed, NotAuthenticated, WireClient

JAAS = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret" user_bob="other";'
CONFIGS = {
    "listeners": "SASL_PLAINTEXT://127.0.0.1:0,PLAINTEXT://127.0.0.1:0",
    "sasl.enabled.mechanisms": "PLAIN",
    "listener.name.sasl_plaintext.plain.sasl.jaas.config": JAAS,
}


@pytest.fixture(scope="module")
def broker() -> Iterator[OwnBroker]:
    with OwnBroker(settings_of(CONFIGS)) as running:
        yield running


@pytest.fixture
def bootstrap(broker: OwnBroker) -> str:
    return broker.bootstrap("SASL_PLAINTEXT")


def test_a_client_with_the_right_password_is_its_user(broker: OwnBroker, bootstrap: str) -> None:
    with WireClient(bootstrap, user="alice", password="secret") as alice, WireClient(broker.bootstrap("PLAINTEXT")) as other:
        for client in (alice, other):
            assert client.call(MetadataRequest(topics=[]), 12, MetadataResponse).brokers
        assert {session.principal for session in broker.call(broker.broker.sessions)} == {user("alice"), ANONYMOUS}


@pytest.mark.parametrize(("name", "password"), [("alice", "other"), ("alice", ""), ("nobody", "secret"), ("", "secret")])
def test_a_wrong_password_is_refused_after_a_while(bootstrap: str, name: str, password: str) -> None:
    began_s = time.monotonic()
    with pytest.raises(NotAuthenticated) as refusal:
        WireClient(bootstrap, user=name, password=password)
    assert refusal.value.args[0] is ErrorCode.SASL_AUTHENTICATION_FAILED
    assert time.monotonic() - began_s >= 0.1


def test_a_mechanism_that_there_is_not_is_refused_and_those_that_there_are_told(bootstrap: str) -> None:
    with pytest.raises(NotAuthenticated) as refusal:
        WireClient(bootstrap, user="alice", password="secret", mechanism="SCRAM-SHA-256")
    assert refusal.value.args == (ErrorCode.UNSUPPORTED_SASL_MECHANISM, "offered are PLAIN")


def test_nothing_is_answered_before_authentication(bootstrap: str) -> None:
    with WireClient(bootstrap) as client, pytest.raises(ConnectionClosed):
        client.call(MetadataRequest(topics=[]), 12, MetadataResponse)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sasl.enabled.mechanisms": "GSSAPI"}, "sasl.enabled.mechanisms has GSSAPI, which is not built"),
        ({"listener.name.sasl_plaintext.plain.sasl.jaas.config": "x required"}, "not terminated by semi-colon"),
    ],
)
def test_a_listener_that_cannot_work_is_refused_at_the_start(changes: dict[str, str], said: str) -> None:
    with pytest.raises(BadSettings, match=said), OwnBroker(settings_of({**CONFIGS, **changes})):
        pass
