"""PKCS #12 files, by the library `cryptography`; without it they are refused with the way to install it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.security.tls.certificate import describe
from kafka_compat.security.tls.stores import KeyStore

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization import pkcs12 as _library


def keys(content: bytes, password: str, key_password: str | None) -> KeyStore:
    """The key of the file with its chain; the key is encrypted anew, with a password of this process.

    Raises:
        InvalidConfig: the password is wrong, there is no key in it, or the library is not there.
    """
    store = _load(content, password)
    if store.key is None or store.cert is None:
        raise InvalidConfig("there is no private key with a certificate in it")
    if key_password not in (None, password):
        # In this format keytool gives both the same one, and Java cannot read what has another.
        raise InvalidConfig("ssl.key.password is not the password of the file, which is what a PKCS12 key store has")
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    own = secrets.token_hex(16)
    text = store.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(own.encode()))
    leaf = store.cert.certificate.public_bytes(Encoding.DER)
    others = [each.certificate.public_bytes(Encoding.DER) for each in store.additional_certs]
    return KeyStore(_chain(leaf, others), text.decode(), own)


def trusted(content: bytes, password: str | None) -> tuple[bytes, ...]:
    """All certificates in the file, as DER.

    Raises:
        InvalidConfig: as of `keys`.
    """
    store = _load(content, password)
    from cryptography.hazmat.primitives.serialization import Encoding

    found = [*([store.cert] if store.cert is not None else []), *store.additional_certs]
    if not found:
        raise InvalidConfig("there is no certificate in it")
    return tuple(each.certificate.public_bytes(Encoding.DER) for each in found)


def _load(content: bytes, password: str | None) -> _library.PKCS12KeyAndCertificates:
    try:
        from cryptography.hazmat.primitives.serialization import pkcs12 as library
    except ImportError:
        raise InvalidConfig("PKCS12 needs the library cryptography: pip install 'kafka_compat[security]', or use PEM") from None
    try:
        return library.load_pkcs12(content, None if password is None else password.encode())
    except Exception:
        # The library's own messages may have bytes of the file in them.
        raise InvalidConfig("it is no PKCS12 file, or its password is wrong") from None


def _chain(leaf: bytes, others: list[bytes]) -> tuple[bytes, ...]:
    """The leaf and its issuers, in order; what does not belong to it is left out."""
    by_subject = {describe(each).subject: each for each in others}
    chain = [leaf]
    while (issuer := by_subject.pop(describe(chain[-1]).issuer, None)) is not None:
        chain.append(issuer)
    return tuple(chain)
