"""One broker with a listener for each way to come in, ours or the reference, with the same properties."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import (
    AdminClient,
    NewTopic,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from interop_tests.security.certificates import Certificates, make_certificates
from interop_tests.security.tokens import AUDIENCE, ISSUER, TokenMint
from tests.support.brokers import Broker, BrokerKind, start_broker

PASSWORDS = {"alice": "alice-secret", "bob": "bob-secret"}
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER")
# franz-go begins anew 2.5 s before a session ends, and would do nothing else with a shorter one.
REAUTHENTICATION_MS = 4_000

# Listener beside PLAINTEXT -> its protocol. ONE lets in by PLAIN only; sessions of AGAIN and AGAIN_SSL end after a while.
LISTENERS: Mapping[str, str] = {
    "SSL": "SSL",
    "MTLS": "SSL",
    "SASL_PLAINTEXT": "SASL_PLAINTEXT",
    "SASL_SSL": "SASL_SSL",
    "ONE": "SASL_PLAINTEXT",
    "AGAIN": "SASL_PLAINTEXT",
    "AGAIN_SSL": "SASL_SSL",
}
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
_OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;"
_VALIDATOR = "org.apache.kafka.common.security.oauthbearer.OAuthBearerValidatorCallbackHandler"


@dataclass(frozen=True)
class SecuredBroker:
    """A running broker and what clients need to come in."""

    broker: Broker
    certificates: Certificates
    tokens: TokenMint

    def bootstrap(self, listener: str) -> str:
        return self.broker.bootstrap_of(listener)

    def make_topic(self, name: str) -> str:
        """Its name; it has one partition."""
        admin = AdminClient({"bootstrap.servers": self.broker.bootstrap})
        admin.create_topics([NewTopic(name, 1)])[name].result(20)
        return name


def start_secured(kind: BrokerKind, directory: Path, more: Mapping[str, str] | None = None) -> SecuredBroker:
    """A broker with all listeners, and users by password for PLAIN and SCRAM.

    Raises:
        ReferenceUnavailableError: as `start_reference`.
        AssertionError: it did not start.
    """
    certificates = make_certificates(directory)
    tokens = TokenMint(directory)
    config = {**_configs(certificates, tokens), **(more or {}), "group.initial.rebalance.delay.ms": "0"}
    broker = start_broker(kind, directory / kind, config, LISTENERS)
    try:
        _add_users(broker.bootstrap)
    except BaseException:
        broker.close()
        raise
    return SecuredBroker(broker, certificates, tokens)


def _configs(certificates: Certificates, tokens: TokenMint) -> dict[str, str]:
    config = {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(certificates.server.both),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(certificates.authority),
        "listener.name.mtls.ssl.client.auth": "required",
        "ssl.principal.mapping.rules": "RULE:^.*CN=([a-z]+).*$/$1/",
        "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        "listener.name.one.sasl.enabled.mechanisms": "PLAIN",
        "sasl.oauthbearer.jwks.endpoint.url": tokens.jwks.as_uri(),
        "sasl.oauthbearer.expected.audience": AUDIENCE,
        "sasl.oauthbearer.expected.issuer": ISSUER,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS;User:alice;User:carol",
        "delegation.token.secret.key": "of-tests-only",
        # Somewhat less than the default; with none clients miss the answer, as they notice the end of the connection first.
        "connection.failed.authentication.delay.ms": "50",
    }
    users = "".join(f' user_{name}="{password}"' for name, password in PASSWORDS.items())
    for listener in (name.lower() for name, protocol in LISTENERS.items() if protocol.startswith("SASL")):
        of = f"listener.name.{listener}"
        config[f"{of}.plain.sasl.jaas.config"] = f"{_PLAIN}{users};"
        if listener == "one":
            continue
        for mechanism in ("scram-sha-256", "scram-sha-512"):
            config[f"{of}.{mechanism}.sasl.jaas.config"] = _SCRAM
        config[f"{of}.oauthbearer.sasl.jaas.config"] = _OAUTH
        config[f"{of}.oauthbearer.sasl.server.callback.handler.class"] = _VALIDATOR
        if listener.startswith("again"):
            for mechanism in MECHANISMS:
                config[f"{of}.{mechanism.lower()}.connections.max.reauth.ms"] = str(REAUTHENTICATION_MS)
    return config


def _add_users(bootstrap: str) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    wanted = [
        UserScramCredentialUpsertion(name, ScramCredentialInfo(mechanism, 4096), password.encode())
        for (name, password), mechanism in itertools.product(
            PASSWORDS.items(), (ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512)
        )
    ]
    # A user twice in one request is refused.
    for of_mechanism in (wanted[0::2], wanted[1::2]):
        for answered in admin.alter_user_scram_credentials(list(of_mechanism), request_timeout=20).values():
            answered.result(20)
