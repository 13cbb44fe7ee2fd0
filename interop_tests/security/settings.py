"""How somebody comes in, and the same in the words of each client."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from interop_tests.security.certificates import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """What a client is told. None: nothing."""

    protocol: str
    mechanism: str | None = None
    username: str | None = None
    password: str | None = None
    token: str | None = None
    authority: Path | None = None
    identity: Identity | None = None
    is_token: bool = False  # user and password are id and HMAC of a delegation token

    def with_user(self, username: str, password: str) -> Self:
        return replace(self, username=username, password=password)

    def with_token(self, token: str) -> Self:
        return replace(self, token=token)

    def as_json(self) -> dict[str, Any]:
        """For the drivers in Go and JavaScript: files by path, "" for nothing."""
        identity = self.identity
        return {
            "protocol": self.protocol,
            "mechanism": self.mechanism or "",
            "username": self.username or "",
            "password": self.password or "",
            "token": self.token or "",
            "authority": str(self.authority or ""),
            "certificate": "" if identity is None else str(identity.certificate),
            "key": "" if identity is None else str(identity.key),
        }


def librdkafka(security: Security) -> dict[str, str]:
    """The token is given by a callback of the binding."""
    config = {"security.protocol": security.protocol}
    if security.authority is not None:
        config["ssl.ca.location"] = str(security.authority)
    if security.identity is not None:
        config["ssl.certificate.location"] = str(security.identity.certificate)
        config["ssl.key.location"] = str(security.identity.key)
    if security.mechanism is not None:
        config["sasl.mechanism"] = security.mechanism
    if security.username is not None and security.password is not None:
        config |= {"sasl.username": security.username, "sasl.password": security.password}
    return config


def java(security: Security) -> dict[str, str]:
    """The token goes to the callback handler of the driver, by an option of its login module."""
    config = {"security.protocol": security.protocol}
    if security.authority is not None:
        config |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(security.authority)}
    if security.identity is not None:
        config |= {"ssl.keystore.type": "PEM", "ssl.keystore.location": str(security.identity.both)}
    if security.mechanism is None:
        return config
    config["sasl.mechanism"] = security.mechanism
    packages = "org.apache.kafka.common.security"
    if security.mechanism == "OAUTHBEARER":
        config["sasl.jaas.config"] = f'{packages}.oauthbearer.OAuthBearerLoginModule required token="{security.token}";'
        config["sasl.login.callback.handler.class"] = "SecurityClient$GivenToken"
        return config
    module = "plain.PlainLoginModule" if security.mechanism == "PLAIN" else "scram.ScramLoginModule"
    who = f'username="{security.username}" password="{security.password}"'
    token = " tokenauth=true" if security.is_token else ""
    config["sasl.jaas.config"] = f"{packages}.{module} required {who}{token};"
    return config
