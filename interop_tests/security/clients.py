"""The clients that try to come in: each tells what it read, or in its own words why it could not."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from interop_tests.drivers import Driver, DriverError
from interop_tests.go.libraries import FRANZ, SARAMA
from interop_tests.group_contract import built, command_of
from interop_tests.java.client import command_of_class
from interop_tests.js.libraries import KAFKAJS
from interop_tests.security.cases import Case, Outcome
from interop_tests.security.outcomes import Attempt, Stream
from interop_tests.security.python_clients import AiokafkaSecurity, ConfluentSecurity, KafkaPythonSecurity, KcatSecurity
from interop_tests.security.settings import Security, java

_JAVA_SOURCE = Path(__file__).parent.parent / "java" / "SecurityClient.java"
_topics = itertools.count()


class SecurityClient(Protocol):
    """A client library."""

    def attempt(self, bootstrap: str, security: Security, topic: str, value: str, patience_s: float) -> Attempt:
        """Produce the value and read it back; a client that never tells that it is refused stops trying after `patience_s`."""

    def stream(self, bootstrap: str, security: Security, topic: str, duration_ms: int) -> Stream:
        """Produce numbers for a while, in order, and read them at the same time."""

    def close(self) -> None:
        """End what it keeps running."""


# The client of that name, one for the whole run: the fixture `start_client`.
StartClient = Callable[[str], SecurityClient]


class _Driven:
    """A driver program, with the settings as `said` puts them."""

    def __init__(self, driver: Driver, said: Callable[[Security], dict[str, Any]], prefix: str) -> None:
        self.driver = driver
        self._said = said
        self._prefix = prefix

    def attempt(self, bootstrap: str, security: Security, topic: str, value: str, patience_s: float) -> Attempt:
        del patience_s  # they tell
        try:
            answer = self.driver.call(
                f"{self._prefix}attempt", bootstrap=bootstrap, topic=topic, value=value, **self._settings(bootstrap, security)
            )
        except DriverError as error:
            return Attempt(None, str(error))
        return Attempt(answer["value"], "")

    def stream(self, bootstrap: str, security: Security, topic: str, duration_ms: int) -> Stream:
        settings = self._settings(bootstrap, security)
        answer = self.driver.call(
            f"{self._prefix}stream", bootstrap=bootstrap, topic=topic, duration_ms=duration_ms, **settings
        )
        return Stream(answer["sent"], answer["read"])

    def _settings(self, bootstrap: str, security: Security) -> dict[str, Any]:
        return self._said(security)

    def close(self) -> None:
        self.driver.close()


class JavaSecurity(_Driven):
    """One JVM for all."""

    def __init__(self) -> None:
        super().__init__(Driver(built(lambda: command_of_class(_JAVA_SOURCE), "java", "javac", "mvn"), ""), java, "")

    def token(self, bootstrap: str, security: Security) -> tuple[str, str]:
        """Id and HMAC of a delegation token that was made for whoever comes in so."""
        answer = self.driver.call("token", **self._settings(bootstrap, security))
        return answer["id"], answer["hmac"]

    def _settings(self, bootstrap: str, security: Security) -> dict[str, Any]:
        return {"config": {"bootstrap.servers": bootstrap, **self._said(security)}}


def _json(security: Security) -> dict[str, Any]:
    return {"security": security.as_json()}


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A client in the matrix.

    Attributes:
        start: begins it; skips the test where it cannot be had.
        authentication: what its words match when it is refused for who it says it is.
        token: the same for a token, where its words are others.
        mechanism: when it is refused for the mechanism.
        tls: when the handshake fails.
        has_not: part of a case's name that it has not -> the reason.
        instead: part of a case's name -> what becomes of it with this client, and the reason.
    """

    start: Callable[[], SecurityClient]
    authentication: str
    token: str | None = None
    mechanism: str
    tls: str
    has_not: Mapping[str, str] = field(default_factory=dict)
    instead: Mapping[str, tuple[Outcome, str]] = field(default_factory=dict)

    def words(self, case: Case) -> str:
        """What its words match when it is refused."""
        match self.outcome(case):
            case "authentication":
                return self.authentication if case.mechanism != "OAUTHBEARER" or self.token is None else self.token
            case "mechanism":
                return self.mechanism
        return self.tls

    def outcome(self, case: Case) -> Outcome:
        """What becomes of it."""
        for part, (outcome, _) in self.instead.items():
            if part in case.name:
                return outcome
        return case.outcome


# What Kafka says of a wrong password and of a wrong name, which must not tell which: by PLAIN, and by SCRAM.
_CREDENTIALS = (
    "(Authentication failed: Invalid username or password"
    "|Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-(256|512))"
)
_INVALID_TOKEN = r'\{"status":"invalid_token"\}'
_DURING = "Authentication failed during authentication due to invalid credentials with SASL mechanism OAUTHBEARER"
_ALERT = "certificate verify failed|alert (bad certificate|certificate (unknown|expired|required)|unknown ca)"

CLIENTS: Mapping[str, Tried] = {
    "java": Tried(
        start=JavaSecurity,
        authentication=f"SaslAuthenticationException: {_CREDENTIALS}",
        token=f"SaslAuthenticationException: {_INVALID_TOKEN}",
        mechanism=r"UnsupportedSaslMechanismException: .* not enabled in the server, enabled mechanisms are \[PLAIN\]",
        tls="SslAuthenticationException",
    ),
    "confluent": Tried(
        start=ConfluentSecurity,
        authentication=f"_AUTHENTICATION: .*SASL authentication error: {_CREDENTIALS}",
        token=f"_AUTHENTICATION: .*SASL authentication error: {_INVALID_TOKEN}",
        mechanism="Unsupported SASL mechanism: broker's supported mechanisms: PLAIN",
        tls=f"(_SSL|_TRANSPORT): .*({_ALERT})",
    ),
    "kcat": Tried(
        start=KcatSecurity,
        authentication=f"SASL authentication error: {_CREDENTIALS}",
        mechanism="Unsupported SASL mechanism: broker's supported mechanisms: PLAIN",
        tls=_ALERT,
        has_not={"OAUTHBEARER": "kcat 1.7.1 has no way to give librdkafka a token: unsecured ones only, or an OIDC endpoint"},
        instead={
            f"{listener}-{mechanism}-right": (
                "authentication",
                "its librdkafka 2.0 doubles the nonce in its last message, which Kafka refuses since CVE-2024-56128",
            )
            for listener in ("SASL_PLAINTEXT", "SASL_SSL")
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512")
        },
    ),
    "kafka-python": Tried(
        start=KafkaPythonSecurity,
        # As often as not it notices the end of the connection first, with the answer unread.
        authentication=f"SaslAuthenticationFailedError: .*{_CREDENTIALS}|socket disconnected",
        token=r"SaslAuthenticationFailedError|invalid_token|socket disconnected",
        mechanism="UnsupportedSaslMechanismError|socket disconnected",
        tls="CERTIFICATE_VERIFY_FAILED|_ALERT_",
    ),
    "aiokafka": Tried(
        start=AiokafkaSecurity,
        authentication=f"SaslAuthenticationFailed: {_CREDENTIALS}",
        # It takes the refusal for a step of the exchange, and then wonders about the closed connection until it is stopped.
        token="TimeoutError|KafkaConnectionError",
        mechanism="UnsupportedSaslMechanismError",
        # A server that ends TLS 1.3 after its own part of the handshake has closed the connection, as far as it tells.
        tls="CERTIFICATE_VERIFY_FAILED|Connection at [0-9.:]* closed",
    ),
    "franz-go": Tried(
        start=lambda: _Driven(Driver(command_of(FRANZ, "go"), ""), _json, "security_"),
        authentication=f"SASL_AUTHENTICATION_FAILED: .*{_CREDENTIALS}",
        token="unexpected data in oauth response",
        mechanism="UNSUPPORTED_SASL_MECHANISM",
        tls="tls: (failed to verify certificate|bad certificate|unknown certificate|expired certificate|certificate required)",
    ),
    "sarama": Tried(
        start=lambda: _Driven(Driver(command_of(SARAMA, "go"), ""), _json, "security_"),
        authentication=f"SASL Authentication failed: {_CREDENTIALS}",
        token=f"SASL Authentication failed: {_DURING}",
        mechanism="client has run out of available brokers to talk to",
        tls="tls: (failed to verify certificate|bad certificate|unknown certificate|expired certificate|certificate required)",
    ),
    "kafkajs": Tried(
        start=lambda: _Driven(Driver(command_of(KAFKAJS, "node", "npm"), ""), _json, "security_"),
        authentication=f"KafkaJSSASLAuthenticationError: SASL .* authentication failed: {_CREDENTIALS}",
        # It answers the refusal with nothing, where RFC 7628 wants a byte, and sees the connection close.
        token="KafkaJSConnectionClosedError|ECONNRESET",
        mechanism="The broker does not support the requested SASL mechanism",
        tls=f"KafkaJSConnectionError: .*(unable to verify the first certificate|{_ALERT})",
    ),
}


def new_topic(client: str) -> str:
    """A name that no other attempt uses."""
    return f"security-{client}-{next(_topics)}"
