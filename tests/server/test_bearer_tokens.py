"""Listeners whose clients come with bearer tokens: keys that change, sessions that end, and what no listener is opened with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import pytest

pytest.importorskip("joserfc", reason="the extra `security`")

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import BadSettings, InvalidConfig
from kafka_compat.config.listener_config import ListenerConfig
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.security.principal import user
from kafka_compat.security.sasl.jwks_source import JwksSources
from kafka_compat.security.sasl.offers import Credentials, sasl_offer
from kafka_compat.server.sasl_listeners import ImageCredentials
from kafka_compat.testing import ManualClock
from tests.support.bearer_tokens import (
    CONFIGS,
    KeyServer,
    claims,
    jwk_of,
    key_server,
    key_set,
    signed,
    standard_keys,
    unsigned,
)
from tests.support.own_broker import OwnBroker, settings_of
from tests.support.waiting import until
from tests.support.wire_client import NotAuthenticated, WireClient

PREFIX = "listener.name.sasl_plaintext.oauthbearer.sasl.oauthbearer."
BASE = {
    "listeners": "SASL_PLAINTEXT://127.0.0.1:0,PLAINTEXT://127.0.0.1:0",
    "sasl.enabled.mechanisms": "OAUTHBEARER",
    "connection.failed.authentication.delay.ms": "0",
    **CONFIGS,
}
JAAS = "listener.name.sasl_plaintext.oauthbearer.sasl.jaas.config"
MODULE = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"


@pytest.fixture
def keys() -> Iterator[KeyServer]:
    with key_server() as keys:
        yield keys


def test_who_has_a_good_token_is_its_user(keys: KeyServer) -> None:
    with OwnBroker(settings_of({**BASE, PREFIX + "jwks.endpoint.url": keys.url})) as broker:
        bootstrap = broker.bootstrap("SASL_PLAINTEXT")
        with WireClient(
            bootstrap, user="", password=signed(claims(exp=int(time.time()) + 100)), mechanism="OAUTHBEARER"
        ) as client:
            assert client.call(MetadataRequest(topics=[]), 12, MetadataResponse).brokers
            (session,) = broker.call(broker.broker.sessions)
            assert session.principal == user("alice")
        with pytest.raises(NotAuthenticated, match="invalid_token"):
            WireClient(bootstrap, user="", password=signed(claims(), "other-rsa", kid="rsa"), mechanism="OAUTHBEARER")


@pytest.mark.parametrize(("limit_ms", "expected_s"), [("0", 100), ("60000", 60)])
def test_a_session_ends_with_its_token_or_before(keys: KeyServer, limit_ms: str, expected_s: int) -> None:
    configs = {**BASE, PREFIX + "jwks.endpoint.url": keys.url, "connections.max.reauth.ms": limit_ms}
    with OwnBroker(settings_of(configs)) as broker, WireClient(broker.bootstrap("SASL_PLAINTEXT")) as client:
        token = signed(claims(exp=int(time.time()) + 100))
        lifetime_ms = client.authenticate("", token, "OAUTHBEARER")
        assert (expected_s - 2) * 1000 < lifetime_ms <= expected_s * 1000
        # Again, with another token of the same user.
        assert client.authenticate("alice", signed(claims()), "OAUTHBEARER") > 0
        assert client.call(MetadataRequest(topics=[]), 12, MetadataResponse).brokers


def test_a_new_key_counts_a_moment_after_the_first_token_that_names_it(keys: KeyServer) -> None:
    keys.answer = key_set(jwk_of("rsa"))
    with OwnBroker(settings_of({**BASE, PREFIX + "jwks.endpoint.url": keys.url})) as broker:
        bootstrap, token = broker.bootstrap("SASL_PLAINTEXT"), signed(claims(), "p256", "ES256")
        keys.answer = key_set(jwk_of("p256"))
        attempts = 0

        def is_in() -> bool:
            nonlocal attempts
            attempts += 1
            try:
                WireClient(bootstrap, user="", password=token, mechanism="OAUTHBEARER").close()
            except NotAuthenticated:
                return False
            return True

        until(is_in)
        assert attempts > 1
        assert keys.requests == 2
        with pytest.raises(NotAuthenticated):
            WireClient(bootstrap, user="", password=signed(claims()), mechanism="OAUTHBEARER")


def test_keys_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "my keys.json"
    file.write_bytes(standard_keys())
    with OwnBroker(settings_of({**BASE, "sasl.oauthbearer.jwks.endpoint.url": file.as_uri()})) as broker:
        WireClient(broker.bootstrap("SASL_PLAINTEXT"), user="", password=signed(claims()), mechanism="OAUTHBEARER").close()


def test_unsigned_tokens_by_the_switch() -> None:
    configs = {**BASE, PREFIX + "allow.unsecured": "true", JAAS: f'{MODULE} unsecuredValidatorPrincipalClaimName="name";'}
    with OwnBroker(settings_of(configs)) as broker:
        bootstrap = broker.bootstrap("SASL_PLAINTEXT")
        with WireClient(bootstrap, user="", password=unsigned(claims(name="bob")), mechanism="OAUTHBEARER"):
            assert [session.principal for session in broker.call(broker.broker.sessions)] == [user("bob")]
        with pytest.raises(NotAuthenticated):
            WireClient(bootstrap, user="", password=unsigned(claims()), mechanism="OAUTHBEARER")


def test_clients_do_not_choose_whose_tokens_are_good() -> None:
    """A user who may alter configs sets the switch for the next start (CVE-2025-27817 is alike)."""
    config = BrokerConfig({"sasl.enabled.mechanisms": "OAUTHBEARER"})
    config.set_dynamic({"sasl.oauthbearer.allow.unsecured": "true"}, {PREFIX + "allow.unsecured": "true"})
    credentials = Credentials(None, ImageCredentials(Mock(), Mock()), JwksSources(ManualClock()), "127.0.0.1")
    with pytest.raises(InvalidConfig, match="OAUTHBEARER needs"):
        sasl_offer(ListenerConfig(config, "SASL_PLAINTEXT"), "SASL_PLAINTEXT", credentials)


HANDLER = "listener.name.sasl_plaintext.oauthbearer.sasl.server.callback.handler.class"
UNSECURED = "org.apache.kafka.common.security.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler"


@pytest.mark.parametrize(
    ("configs", "said"),
    [
        ({}, "OAUTHBEARER needs sasl.oauthbearer.jwks.endpoint.url"),
        ({HANDLER: UNSECURED}, "OAUTHBEARER needs sasl.oauthbearer.jwks.endpoint.url"),
        ({HANDLER: UNSECURED, PREFIX + "jwks.endpoint.url": "file:///nope"}, "OAUTHBEARER needs"),
        ({HANDLER: "com.example.Mine"}, "com.example.Mine"),
        ({PREFIX + "allow.unsecured": "yes"}, "is true or false, not yes"),
        ({PREFIX + "allow.unsecured": "true", PREFIX + "jwks.endpoint.url": "file:///nope"}, "ask for tokens with a signature"),
        ({PREFIX + "allow.unsecured": "true", JAAS: f'{MODULE} unsecuredValidatorAllowableClockSkewMs="x";'}, "ClockSkewMs"),
        ({PREFIX + "jwks.endpoint.url": "ftp://x/"}, "begins with one of https, http, file"),
        ({PREFIX + "jwks.endpoint.url": "file:///nope/nope"}, "No such file"),
        ({PREFIX + "jwks.endpoint.url": "file:///nope", PREFIX + "jwks.endpoint.refresh.ms": "0"}, "is below 1"),
        ({PREFIX + "jwks.endpoint.url": "file:///nope", PREFIX + "clock.skew.seconds": "-1"}, "is below 0"),
        ({PREFIX + "jwks.endpoint.url": "file:///nope", PREFIX + "clock.skew.seconds": "x"}, "Invalid value x"),
        ({PREFIX + "jwks.endpoint.url": "file:///nope", PREFIX + "sub.claim.name": " "}, "sub.claim.name is empty"),
        ({PREFIX + "jwks.endpoint.url": "file:///nope", PREFIX + "jwt.validator.class": "x.Mine"}, "x.Mine is a class of"),
    ],
)
def test_listeners_that_are_not_opened(configs: dict[str, str], said: str) -> None:
    with pytest.raises(BadSettings, match=said), OwnBroker(settings_of({**BASE, **configs})):
        pass


@pytest.mark.parametrize("host", ["0.0.0.0", "", "[::]", "192.0.2.1"])
def test_unsigned_tokens_only_on_loopback(host: str) -> None:
    configs = {"listeners": f"SASL_PLAINTEXT://{host}:0,PLAINTEXT://127.0.0.1:0", PREFIX + "allow.unsecured": "true"}
    configs["advertised.listeners"] = "SASL_PLAINTEXT://127.0.0.1:0,PLAINTEXT://127.0.0.1:0"
    with (
        pytest.raises(BadSettings, match="only for listeners on a loopback address"),
        OwnBroker(settings_of({**BASE, **configs})),
    ):
        pass
