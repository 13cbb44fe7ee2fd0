"""Who tries to come in where, how, and what becomes of it: the same for every client, but for what a client does not have."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from interop_tests.security.server import MECHANISMS, PASSWORDS, SecuredBroker
from interop_tests.security.settings import Security

# let in; refused with words on who one is; refused for the mechanism; the TLS handshake fails.
Outcome = Literal["in", "authentication", "mechanism", "tls"]

_Secret = Literal["right", "wrong password", "unknown user"]
_SECRETS: tuple[_Secret, ...] = ("right", "wrong password", "unknown user")
TOKENS = ("right", "expired", "early", "key", "issuer", "audience", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One attempt to come in.

    Attributes:
        listener: where.
        mechanism: of SASL, None without.
        secret: what is right or wrong with the password, or the token.
        trusts: whose certificates the client trusts.
        shows: which certificate it shows.
        outcome: what becomes of it.
    """

    listener: str
    protocol: str
    mechanism: str | None = None
    secret: str = "right"
    trusts: Literal["ours", "other"] = "ours"
    shows: Literal["none", "client", "stranger", "expired"] = "none"
    outcome: Outcome

    @property
    def name(self) -> str:
        parts = [self.listener]
        if self.mechanism is not None:
            parts += [self.mechanism, self.secret]
        if self.trusts != "ours":
            parts.append("other CA")
        if self.listener == "MTLS":
            parts.append(f"{self.shows} certificate")
        return "-".join(parts).replace(" ", "-")

    def security(self, broker: SecuredBroker) -> Security:
        """The same as settings."""
        certificates = broker.certificates
        identity = None if self.shows == "none" else getattr(certificates, self.shows)
        with_tls = self.protocol.endswith("SSL")
        security = Security(
            protocol=self.protocol,
            mechanism=self.mechanism,
            authority=None
            if not with_tls
            else (certificates.authority if self.trusts == "ours" else certificates.other_authority),
            identity=identity,
        )
        if self.mechanism == "OAUTHBEARER":
            return security.with_token(broker.tokens.token(self.secret))
        if self.mechanism is not None:
            user = "mallory" if self.secret == "unknown user" else "alice"
            password = "not-it" if self.secret == "wrong password" else PASSWORDS["alice"]
            return security.with_user(user, password)
        return security


def _cases() -> Iterator[Case]:
    yield Case(listener="PLAINTEXT", protocol="PLAINTEXT", outcome="in")
    yield Case(listener="SSL", protocol="SSL", outcome="in")
    yield Case(listener="SSL", protocol="SSL", trusts="other", outcome="tls")
    yield Case(listener="MTLS", protocol="SSL", shows="client", outcome="in")
    yield Case(listener="MTLS", protocol="SSL", shows="none", outcome="tls")
    yield Case(listener="MTLS", protocol="SSL", shows="stranger", outcome="tls")
    yield Case(listener="MTLS", protocol="SSL", shows="expired", outcome="tls")
    for protocol, mechanism in itertools.product(("SASL_PLAINTEXT", "SASL_SSL"), MECHANISMS):
        # What is wrong with a token has nothing to do with the transport.
        kinds = _SECRETS if mechanism != "OAUTHBEARER" else TOKENS if protocol == "SASL_PLAINTEXT" else ("right", "key")
        for secret in kinds:
            outcome: Outcome = "in" if secret == "right" else "authentication"
            yield Case(listener=protocol, protocol=protocol, mechanism=mechanism, secret=secret, outcome=outcome)
    yield Case(listener="SASL_SSL", protocol="SASL_SSL", mechanism="PLAIN", trusts="other", outcome="tls")
    for mechanism in ("SCRAM-SHA-512", "OAUTHBEARER"):
        yield Case(listener="ONE", protocol="SASL_PLAINTEXT", mechanism=mechanism, outcome="mechanism")


CASES = tuple(_cases())
