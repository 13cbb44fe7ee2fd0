"""The context that a listener's connections are made with."""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from collections.abc import Iterator
from typing import Final

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.security.tls import pem
from kafka_compat.security.tls.cipher_suites import Suites, choose
from kafka_compat.security.tls.settings import TlsConfig
from kafka_compat.security.tls.stores import KeyStore, TrustStore

_VERSIONS: Final = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}
# Java knows them, and does not speak them either unless its security properties are changed.
_OLD_VERSIONS: Final = frozenset({"SSLv2Hello", "SSLv3", "TLSv1", "TLSv1.1"})
_CLIENT_AUTH: Final = {"none": ssl.CERT_NONE, "requested": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}


class ServerContext:
    """A context, and what has to be looked at behind it.

    Attributes:
        context: of Python's ssl.
        allowed_suites: names of TLS 1.3's suites as OpenSSL has them that a connection may have; None for all. OpenSSL is not
            told of them, as Python before 3.15 has no way to.
    """

    __slots__ = ("allowed_suites", "context")

    def __init__(self, context: ssl.SSLContext, allowed_suites: frozenset[str] | None) -> None:
        self.context = context
        self.allowed_suites = allowed_suites


def server_context(config: TlsConfig, keys: KeyStore, trusted: TrustStore | None) -> ServerContext:
    """The context for one listener.

    Raises:
        InvalidConfig: protocols or suites that there are not, a key that does not belong to its certificate, or a wrong
            password of the key.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    suites = choose(config.cipher_suites)
    _set_versions(context, config.protocols, suites)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    # One as Java's, and not two.
    context.num_tickets = 1
    if suites.tls12:
        try:
            context.set_ciphers(":".join(suites.tls12))
        except ssl.SSLError:
            raise InvalidConfig(f"ssl.cipher.suites={','.join(config.cipher_suites)}: OpenSSL has none of these") from None
    context.verify_mode = _CLIENT_AUTH[config.client_auth]
    # As in Java, whatever is in a trust store is trusted, be it the end of a chain or not.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if config.client_auth != "none":
        if trusted is None:
            context.load_default_certs(ssl.Purpose.CLIENT_AUTH)
        else:
            context.load_verify_locations(cadata=b"".join(trusted.certificates))
    _load_keys(context, keys)
    return ServerContext(context, suites.tls13)


def _set_versions(context: ssl.SSLContext, names: tuple[str, ...], suites: Suites) -> None:
    for name in names:
        if name not in _VERSIONS and name not in _OLD_VERSIONS:
            raise InvalidConfig(f"ssl.enabled.protocols={','.join(names)}: there is no protocol {name}")
    wanted = {_VERSIONS[name] for name in names if name in _VERSIONS} if names else set(_VERSIONS.values())
    if not wanted:
        raise InvalidConfig(f"ssl.enabled.protocols={','.join(names)}: this broker speaks {' and '.join(_VERSIONS)}")
    if suites.is_restricted:
        if not suites.tls12:
            wanted.discard(ssl.TLSVersion.TLSv1_2)
        if suites.tls13 is not None and not suites.tls13:
            wanted.discard(ssl.TLSVersion.TLSv1_3)
        if not wanted:
            raise InvalidConfig("ssl.cipher.suites has none for the protocols of ssl.enabled.protocols")
    context.minimum_version, context.maximum_version = min(wanted), max(wanted)


def _load_keys(context: ssl.SSLContext, keys: KeyStore) -> None:
    text = keys.key + "".join(pem.encoded("CERTIFICATE", each) for each in keys.chain)
    # A callback, because without one OpenSSL would ask at the terminal.
    password = keys.password or ""
    try:
        with _file_of(text.encode()) as path:
            context.load_cert_chain(path, password=lambda: password)
    except ssl.SSLError as error:
        match error.reason:
            case "KEY_VALUES_MISMATCH":
                reason = "the private key does not belong to the certificate, which has to be the first of its chain"
            case "EE_KEY_TOO_SMALL" | "CA_KEY_TOO_SMALL" | "CA_MD_TOO_WEAK":
                reason = f"OpenSSL finds the certificate too weak ({error.reason})"
            case _ if keys.password is not None:
                reason = "the private key cannot be read; its password may be wrong"
            case _:
                reason = f"the private key or its certificates cannot be read ({error.reason or 'unknown reason'})"
        raise InvalidConfig(reason) from None


@contextlib.contextmanager
def _file_of(content: bytes) -> Iterator[str]:
    """A file with that in it, as long as it is needed: OpenSSL takes keys from files only. Nobody else can read it."""
    if hasattr(os, "memfd_create") and os.path.isdir("/proc/self/fd"):
        descriptor = os.memfd_create("kafka-compat", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, content)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    with tempfile.TemporaryDirectory(prefix="kafka-compat-") as folder:
        path = os.path.join(folder, "key.pem")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        yield path
