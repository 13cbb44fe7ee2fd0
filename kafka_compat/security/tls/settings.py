"""The `ssl.*` configs of one listener, as values."""

from __future__ import annotations

from copy import copy

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.listener_config import ListenerConfig


class StoreConfig:
    """Where keys or certificates are; none of it is ever printed.

    Attributes:
        kind: `keystore` or `truststore`, as in the names of configs.
        type: `PEM`, `PKCS12` or `JKS`.
        location: of a file; None when there is none.
        password: of that file.
        certificates: as PEM text.
        key: as PEM text, of a key store.
        key_password: of the key, in a file or as text.
    """

    __slots__ = ("certificates", "key", "key_password", "kind", "location", "password", "type")

    def __init__(self, kind: str, listener: ListenerConfig) -> None:
        is_key_store = kind == "keystore"
        self.kind = kind
        if is_key_store:
            self.type = _text(listener, "ssl.keystore.type") or "JKS"
            self.location = _text(listener, "ssl.keystore.location")
            self.password = _text(listener, "ssl.keystore.password")
            self.certificates = _text(listener, "ssl.keystore.certificate.chain")
            self.key = _text(listener, "ssl.keystore.key")
            self.key_password = _text(listener, "ssl.key.password")
        else:
            self.type = _text(listener, "ssl.truststore.type") or "JKS"
            self.location = _text(listener, "ssl.truststore.location")
            self.password = _text(listener, "ssl.truststore.password")
            self.certificates = _text(listener, "ssl.truststore.certificates")
            self.key = self.key_password = None

    def same_as(self, other: StoreConfig) -> bool:
        """Whether the configs are equal; the file may have changed all the same."""
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)


class TlsConfig:
    """What is configured of TLS for one listener.

    Attributes:
        client_auth: `none`, `requested` or `required`.
        protocols: those of `ssl.enabled.protocols`; empty for all.
        cipher_suites: by their names in Java; empty for the usual ones.
        key_store, trust_store: keys and certificates.
        mapping_rules: from distinguished names to principals.
        allows_dn_changes, allows_san_changes: of the certificate, when another is taken while the broker runs.

    Raises:
        InvalidConfig: it asks for what only a Java class could do.
    """

    __slots__ = (
        "allows_dn_changes",
        "allows_san_changes",
        "cipher_suites",
        "client_auth",
        "key_store",
        "mapping_rules",
        "protocols",
        "trust_store",
    )

    def __init__(self, listener: ListenerConfig, security_protocol: str) -> None:
        engine = _text(listener, "ssl.engine.factory.class")
        if engine is not None:
            raise InvalidConfig(f"ssl.engine.factory.class={engine}: this broker runs no Java classes")
        self.client_auth = _client_auth(listener, security_protocol)
        self.protocols = _list(listener, "ssl.enabled.protocols")
        self.cipher_suites = _list(listener, "ssl.cipher.suites")
        self.key_store = StoreConfig("keystore", listener)
        self.trust_store = StoreConfig("truststore", listener)
        self.mapping_rules = _text(listener, "ssl.principal.mapping.rules") or "DEFAULT"
        self.allows_dn_changes = listener.get("ssl.allow.dn.changes") is True
        self.allows_san_changes = listener.get("ssl.allow.san.changes") is True
        if (protocol := _text(listener, "ssl.protocol")) not in _CONTEXTS:
            raise InvalidConfig(f"ssl.protocol={protocol}: it is one of {', '.join(_CONTEXTS)}")

    def with_stores_of(self, listener: ListenerConfig) -> TlsConfig:
        """The same with the stores that are configured now: nothing else changes while a broker runs.

        Source: `SslConfigs.RECONFIGURABLE_CONFIGS`.
        """
        changed = copy(self)
        changed.key_store = StoreConfig("keystore", listener)
        changed.trust_store = StoreConfig("truststore", listener)
        return changed

    def has_same_stores(self, other: TlsConfig) -> bool:
        """Whether the stores are configured alike; their files may have changed."""
        return self.key_store.same_as(other.key_store) and self.trust_store.same_as(other.trust_store)

    def has_same_rules(self, other: TlsConfig) -> bool:
        """Whether all else is configured alike."""
        stores = ("key_store", "trust_store")
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__ if name not in stores)

    @property
    def files(self) -> tuple[str, ...]:
        """Paths of the files that the stores are in."""
        return tuple(store.location for store in (self.key_store, self.trust_store) if store.location is not None)


# Names of Java's SSLContext; on the server's side they mean the same.
_CONTEXTS = ("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1", "TLS", "Default")


def _client_auth(listener: ListenerConfig, security_protocol: str) -> str:
    """With SASL only what is said for this listener counts. Source: `ChannelBuilders.create`."""
    if security_protocol == "SASL_SSL" and not listener.has_own("ssl.client.auth"):
        return "none"
    return _text(listener, "ssl.client.auth") or "none"


def _text(listener: ListenerConfig, name: str) -> str | None:
    value = listener.get(name)
    return None if value is None or value == "" else str(value)


def _list(listener: ListenerConfig, name: str) -> tuple[str, ...]:
    value = listener.get(name)
    assert isinstance(value, tuple)
    return value
