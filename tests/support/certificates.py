"""Certificates for tests, made once in a session: those of an authority, and those that nobody should believe."""

from __future__ import annotations

import contextlib
import datetime
import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import trustme

HOSTS: Final = ("localhost", "127.0.0.1", "::1")


class Identity:
    """A key with its certificate, and who signed it; all as PEM text."""

    def __init__(self, authority: trustme.CA, certificate: trustme.LeafCert) -> None:
        self.authority: str = authority.cert_pem.bytes().decode()
        self.chain: str = "".join(each.bytes().decode() for each in certificate.cert_chain_pems)
        self.key: str = _as_pkcs8(certificate.private_key_pem.bytes())

    def write(self, folder: Path, name: str) -> Path:
        """A file with key and chain, as Kafka takes it."""
        path = folder / f"{name}.pem"
        path.write_text(self.key + self.chain)
        path.chmod(0o600)
        return path

    def write_authority(self, folder: Path, name: str = "authority") -> Path:
        """A file with the authority's certificate."""
        path = folder / f"{name}.pem"
        path.write_text(self.authority)
        return path

    def encrypted_key(self, password: str) -> str:
        """The key as encrypted PKCS #8."""
        from cryptography.hazmat.primitives import serialization

        key = serialization.load_pem_private_key(self.key.encode(), None)
        return key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(password.encode()),
        ).decode()


@contextlib.contextmanager
def as_file(identity: Identity) -> Iterator[str]:
    """A file with key and chain, for as long as it takes to load it."""
    with tempfile.TemporaryDirectory() as folder:
        yield str(identity.write(Path(folder), "identity"))


def _as_pkcs8(pem: bytes) -> str:
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_pem_private_key(pem, None)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@functools.cache
def authority() -> trustme.CA:
    """Whom brokers and clients of tests believe."""
    return trustme.CA()


@functools.cache
def stranger() -> trustme.CA:
    """Whom nobody believes."""
    return trustme.CA()


@functools.cache
def server() -> Identity:
    """A broker's, for loopback names and addresses."""
    return Identity(authority(), authority().issue_cert(*HOSTS, common_name="broker"))


@functools.cache
def other_server() -> Identity:
    """A broker's after its renewal: the same names, another key."""
    return Identity(authority(), authority().issue_cert(*HOSTS, common_name="broker"))


@functools.cache
def client(name: str = "alice") -> Identity:
    """A client's, whose common name it is."""
    return Identity(authority(), authority().issue_cert(f"{name}.example.org", common_name=name))


@functools.cache
def expired_client() -> Identity:
    """A client's that was good once."""
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    return Identity(authority(), authority().issue_cert("old.example.org", common_name="old", not_after=past))


@functools.cache
def stranger_client() -> Identity:
    """A client's that another authority has signed."""
    return Identity(stranger(), stranger().issue_cert("mallory.example.org", common_name="mallory"))


def broker_configs(folder: Path, identity: Identity | None = None, *, client_auth: str = "none") -> dict[str, str]:
    """The `ssl.*` configs of a broker, ours or the reference, with its files in `folder`."""
    identity = identity or server()
    return {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(identity.write(folder, "broker")),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(identity.write_authority(folder)),
        "ssl.client.auth": client_auth,
    }
