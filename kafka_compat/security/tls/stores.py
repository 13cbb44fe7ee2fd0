"""Key stores and trust stores: from configs, and the bytes of files, to keys and certificates as PEM.

What is refused is what Kafka refuses, and where Java's own format is refused, the way to convert it is told. Source:
`DefaultSslEngineFactory.createKeystore` and `createTruststore`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.security.tls import pem
from kafka_compat.security.tls.settings import StoreConfig

_JKS_MAGIC: Final = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_PEM_MARK: Final = b"-----BEGIN"

Read = Callable[[str], bytes]
"""Gives the bytes of a file; raises OSError."""


class KeyStore(NamedTuple):
    """What a listener shows its clients.

    Attributes:
        chain: certificates as DER, its own first.
        key: PKCS #8 as PEM, encrypted if there is a password.
        password: of the key.
    """

    chain: tuple[bytes, ...]
    key: str
    password: str | None

    def __repr__(self) -> str:
        return f"KeyStore({len(self.chain)} certificates)"


class TrustStore(NamedTuple):
    """The certificates that a client's may lead to, as DER."""

    certificates: tuple[bytes, ...]


def load_key_store(config: StoreConfig, read: Read) -> KeyStore | None:
    """The key store that is configured; None when none is.

    Raises:
        InvalidConfig: Kafka would refuse it, or this broker cannot read it. No message has anything secret in it.
    """
    if config.key is not None:
        _refuse_text(config, "SSL private key", "keystore.key")
        if config.certificates is None:
            raise InvalidConfig("SSL private key is specified, but certificate chain is not specified.")
        with _named("ssl.keystore.key"):
            key = pem.private_key(config.key, config.key_password)
        with _named("ssl.keystore.certificate.chain"):
            return KeyStore(tuple(pem.certificates(config.certificates)), key, config.key_password)
    if config.certificates is not None:
        raise InvalidConfig("SSL certificate chain is specified, but private key is not specified")
    if config.location is None:
        if config.password is not None:
            raise InvalidConfig("SSL key store is not specified, but key store password is specified.")
        return None
    content = _read(config, read)
    if config.type == "PEM":
        if config.password is not None:
            raise InvalidConfig(
                "SSL key store password cannot be specified with PEM format, only key password may be specified"
            )
        with _named(f"ssl.keystore.location={config.location}"):
            text = _pem_text(content)
            return KeyStore(tuple(pem.certificates(text)), pem.private_key(text, config.key_password), config.key_password)
    if config.password is None:
        raise InvalidConfig("SSL key store is specified, but key store password is not specified.")
    with _named(f"ssl.keystore.location={config.location}"):
        return _pkcs12_keys(config, content)


def load_trust_store(config: StoreConfig, read: Read) -> TrustStore | None:
    """The trust store that is configured; None when none is.

    Raises:
        InvalidConfig: Kafka would refuse it, or this broker cannot read it.
    """
    if config.certificates is not None:
        _refuse_text(config, "SSL trust store certs", "truststore.certificates")
        with _named("ssl.truststore.certificates"):
            return TrustStore(tuple(pem.certificates(config.certificates)))
    if config.location is None:
        if config.password is not None:
            raise InvalidConfig("SSL trust store is not specified, but trust store password is specified.")
        return None
    content = _read(config, read)
    if config.type == "PEM":
        if config.password is not None:
            raise InvalidConfig("SSL trust store password cannot be specified for PEM format.")
        with _named(f"ssl.truststore.location={config.location}"):
            return TrustStore(tuple(pem.certificates(_pem_text(content))))
    with _named(f"ssl.truststore.location={config.location}"):
        _check_format(config, content)
        from kafka_compat.security.tls import pkcs12

        return TrustStore(pkcs12.trusted(content, config.password))


class _named:  # noqa: N801 (a context manager)
    """Puts the config's name before what is refused."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, InvalidConfig):
            raise InvalidConfig(f"{self._name}: {error}") from None


def _refuse_text(config: StoreConfig, what: str, name: str) -> None:
    store = "key store" if config.kind == "keystore" else "trust store"
    if config.type != "PEM":
        raise InvalidConfig(f"{what} can be specified only for PEM, but {store} type is {config.type}.")
    if config.location is not None:
        other = "private key" if config.kind == "keystore" else "trust certificates"
        separate = f"SSL {store} location and separate {other}"
        raise InvalidConfig(f"Both {separate} are specified.")
    if config.password is not None:
        only = ", only key password may be specified." if config.kind == "keystore" else "."
        how = "with" if config.kind == "keystore" else "for"
        raise InvalidConfig(f"SSL {store} password cannot be specified {how} PEM format{only}")


def _read(config: StoreConfig, read: Read) -> bytes:
    assert config.location is not None
    try:
        return read(config.location)
    except OSError as error:
        raise InvalidConfig(f"ssl.{config.kind}.location={config.location}: {error.strerror or 'it cannot be read'}") from None


def _pem_text(content: bytes) -> str:
    if content.startswith(_JKS_MAGIC):
        raise InvalidConfig("it is a Java key store and no PEM")
    return content.decode("utf-8", "replace")


def _pkcs12_keys(config: StoreConfig, content: bytes) -> KeyStore:
    _check_format(config, content)
    from kafka_compat.security.tls import pkcs12

    assert config.password is not None
    return pkcs12.keys(content, config.password, config.key_password)


def _check_format(config: StoreConfig, content: bytes) -> None:
    """Java reads PKCS #12 files whichever of the two types is named."""
    location = config.location
    if config.type not in ("JKS", "PKCS12"):
        raise InvalidConfig(f"ssl.{config.kind}.type={config.type}: this broker reads PEM and PKCS12")
    if content.startswith(_JKS_MAGIC):
        raise InvalidConfig(
            "this broker does not read Java's own key stores; convert it with `keytool -importkeystore "
            f"-srckeystore {location} -destkeystore {location}.p12 -deststoretype PKCS12` and set "
            f"ssl.{config.kind}.location={location}.p12 and ssl.{config.kind}.type=PKCS12"
        )
    if _PEM_MARK in content[:65536]:
        raise InvalidConfig(f"it is a PEM file; set ssl.{config.kind}.type=PEM")
