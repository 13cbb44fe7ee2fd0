"""How a connection to a broker that is there is protected, and who is at its end: by options or Kafka's client properties."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kafka_compat.security.sasl.client import CLIENT_MECHANISMS
from kafka_compat.security.sasl.jaas import JaasError, parse_jaas

_PROTOCOLS: Final = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a client shows and checks.

    Attributes:
        protocol: the listener's security protocol.
        mechanism: of SASL: one of `CLIENT_MECHANISMS`.
        name, password: of SASL.
        ca_file: certificates in PEM that are trusted; None: those of the system.
        certificate_file: the client's own with its chain in PEM, and with its key unless `key_file` has that.
        checks_host: whether the broker's certificate must name the host that is connected to.

    Raises:
        ValueError: they do not go together; the message says what is missing.
    """

    protocol: str = "PLAINTEXT"
    mechanism: str = "SCRAM-SHA-512"
    name: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    checks_host: bool = True

    def __post_init__(self) -> None:
        if self.protocol not in _PROTOCOLS:
            raise ValueError(f"security.protocol is one of {', '.join(_PROTOCOLS)}, not {self.protocol}")
        if self.is_sasl and self.mechanism not in CLIENT_MECHANISMS:
            raise ValueError(f"sasl.mechanism is one of {', '.join(CLIENT_MECHANISMS)} here, not {self.mechanism}")
        if self.is_sasl and (self.name is None or self.password is None):
            raise ValueError(f"security.protocol {self.protocol} needs a user and a password")

    @property
    def is_sasl(self) -> bool:
        """Whether the client says who it is."""
        return self.protocol.startswith("SASL_")

    def tls_context(self) -> ssl.SSLContext | None:
        """What TLS is spoken with; None without.

        Raises:
            OSError: a file cannot be read, or holds no certificate or key (ssl.SSLError).
        """
        if not self.protocol.endswith("SSL"):
            return None
        context = ssl.create_default_context(cafile=None if self.ca_file is None else str(self.ca_file))
        context.check_hostname = self.checks_host
        if self.certificate_file is not None:
            context.load_cert_chain(self.certificate_file, self.key_file)
        return context


def credentials_of(properties: Mapping[str, str]) -> Credentials:
    """The same in Kafka's words, as `--command-config` of its tools has them; what they say of other things does not count.

    Raises:
        ValueError: one of them is not supported here, or cannot be read; the message has no value of a secret in it.
    """
    for store in ("ssl.truststore.type", "ssl.keystore.type"):
        if properties.get(store, "PEM").upper() != "PEM":
            raise ValueError(f"{store} is PEM here, not {properties[store]}")
    if properties.get("ssl.key.password"):
        raise ValueError("ssl.key.password: a key with a password is not read here")
    mechanism = properties.get("sasl.mechanism", "SCRAM-SHA-512")
    user: str | None = None
    password: str | None = None
    text = properties.get("sasl.jaas.config")
    if text is not None:
        try:
            options = parse_jaas(text).options
        except JaasError as error:
            raise ValueError(f"sasl.jaas.config: {error}") from None
        user, password = options.get("username"), options.get("password")
    truststore, keystore = properties.get("ssl.truststore.location"), properties.get("ssl.keystore.location")
    return Credentials(
        protocol=properties.get("security.protocol", "PLAINTEXT").upper(),
        mechanism=mechanism,
        name=user,
        password=password,
        ca_file=None if truststore is None else Path(truststore),
        certificate_file=None if keystore is None else Path(keystore),
        checks_host=properties.get("ssl.endpoint.identification.algorithm", "https") != "",
    )
