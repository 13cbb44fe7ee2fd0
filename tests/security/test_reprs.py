"""What holds a secret does not print it: a repr ends up in logs, in tracebacks and in the reports of tests."""

from __future__ import annotations

import pytest

from kafka_compat.metadata.changes import ConfigsChanged, ScramCredentialSet
from kafka_compat.metadata.config_plans import Alteration, Operation
from kafka_compat.metadata.config_resources import ResourceType
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.protocol.messages.alter_user_scram_credentials import ScramCredentialUpsertion
from kafka_compat.protocol.messages.create_delegation_token import CreateDelegationTokenResponse
from kafka_compat.protocol.messages.sasl_authenticate import SaslAuthenticateRequest
from kafka_compat.security.sasl.jaas import parse_jaas
from kafka_compat.security.sasl.jwks_source import JwksSources
from kafka_compat.security.sasl.offers import Credentials
from kafka_compat.security.sasl.plain import PlainMechanism
from kafka_compat.security.sasl.scram_credentials import ScramCredential
from kafka_compat.security.tls.stores import KeyStore
from kafka_compat.server.sasl_listeners import ImageCredentials
from kafka_compat.testing import KafkaOptions
from kafka_compat.testing.manual_clock import ManualClock
from kafka_compat.testing.real.credentials import Credentials as ClientCredentials
from tests.support.own_broker import settings_of

HIDDEN = "hidden-word"
CREDENTIAL = ScramCredentialSet("alice", 1, HIDDEN.encode(), HIDDEN.encode(), HIDDEN.encode(), 4096)
CONFIGS = {
    "listeners": "SASL_PLAINTEXT://127.0.0.1:0",
    "inter.broker.listener.name": "SASL_PLAINTEXT",
    "sasl.enabled.mechanisms": "PLAIN",
    "delegation.token.secret.key": HIDDEN,
}


def image() -> ClusterImage:
    image = ClusterImage()
    image.apply(CREDENTIAL)
    return image


@pytest.mark.parametrize(
    "value",
    [
        CREDENTIAL,
        image(),
        ConfigsChanged(int(ResourceType.BROKER), "1", {"ssl.key.password": HIDDEN}),
        Alteration(int(ResourceType.BROKER), "1", [Operation("ssl.key.password", 0, HIDDEN)]),
        Credentials({"alice": HIDDEN}, ImageCredentials(image, lambda: None), JwksSources(ManualClock())),
        ClientCredentials(protocol="SASL_SSL", name="alice", password=HIDDEN),
        PlainMechanism({"alice": HIDDEN}),
        ScramCredential(HIDDEN.encode(), HIDDEN.encode(), HIDDEN.encode(), 4096),
        KeyStore((b"",), HIDDEN, HIDDEN),
        parse_jaas(f'a.Module required user_alice="{HIDDEN}";'),
        settings_of(CONFIGS, users={"alice": HIDDEN}),
        KafkaOptions(users={"alice": HIDDEN}),
        SaslAuthenticateRequest(auth_bytes=HIDDEN.encode()),
        ScramCredentialUpsertion(name="alice", salted_password=HIDDEN.encode()),
        CreateDelegationTokenResponse(hmac=HIDDEN.encode()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_secret_is_printed(value: object) -> None:
    assert HIDDEN not in f"{value!r}{value}"
