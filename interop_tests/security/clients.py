"""The clients that try to come in: each tells what it read, or in its own words why it could not."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from interop_tests.drivers import Driver, DriverError
from interop_tests.go.libraries import FRANZ, SARAMA
from interop_tests.group_contract import built, command_of
from interop_tests.java.client import command_of_class
from interop_tests.js.libraries import KAFKAJS
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


class _Driven:
    """A driver program, with the settings as `said` puts them."""

    def __init__(self, driver: Driver, said: Callable[[Security], dict[str, Any]], prefix: str) -> None:
        self.driver = driver
        self._said = said
        self._prefix = prefix

    def attempt(self, bootstrap: str, security: Security, topic: str, value: str, patience_s: float) -> Attempt:
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


@dataclass(frozen=True)
class Tried:
    """A client in the matrix.

    Attributes:
        start: begins it; skips the test where it cannot be had.
        words: what its words match when it is refused, by outcome of the case.
        has_not: mechanism, or other part of a case's name, that it has not, with the reason.
    """

    start: Callable[[], SecurityClient]
    words: Mapping[str, str]
    has_not: Mapping[str, str]


CLIENTS: Mapping[str, Tried] = {
    "java": Tried(
        JavaSecurity,
        {
            "authentication": r"SaslAuthenticationException",
            "mechanism": r"UnsupportedSaslMechanismException.*not enabled in the server, enabled mechanisms are \[PLAIN\]",
            "tls": r"SslAuthenticationException",
        },
        {},
    ),
    "confluent": Tried(
        ConfluentSecurity,
        {
            "authentication": r"_AUTHENTICATION.*(SASL authentication error|Authentication failed)",
            "mechanism": r"_AUTHENTICATION.*[Bb]roker does not support|_AUTHENTICATION.*not supported by broker",
            "tls": r"_SSL",
        },
        {},
    ),
    "kafka-python": Tried(KafkaPythonSecurity, {"authentication": "", "mechanism": "", "tls": ""}, {}),
    "aiokafka": Tried(AiokafkaSecurity, {"authentication": "", "mechanism": "", "tls": ""}, {}),
    "franz-go": Tried(
        lambda: _Driven(Driver(command_of(FRANZ, "go"), ""), _json, "security_"),
        {"authentication": "", "mechanism": "", "tls": ""},
        {},
    ),
    "sarama": Tried(
        lambda: _Driven(Driver(command_of(SARAMA, "go"), ""), _json, "security_"),
        {"authentication": "", "mechanism": "", "tls": ""},
        {},
    ),
    "kafkajs": Tried(
        lambda: _Driven(Driver(command_of(KAFKAJS, "node", "npm"), ""), _json, "security_"),
        {"authentication": "", "mechanism": "", "tls": ""},
        {},
    ),
    "kcat": Tried(
        KcatSecurity,
        {"authentication": "", "mechanism": "", "tls": ""},
        {"OAUTHBEARER": "kcat -X has no way to give librdkafka a token: only unsecured ones, or an OIDC endpoint"},
    ),
}


def new_topic(client: str) -> str:
    """A name that no other attempt uses."""
    return f"security-{client}-{next(_topics)}"
