"""Certificates for tests, made once in a session: those of an authority, and those that nobody should believe."""

from __future__ import annotations

import contextlib
import datetime
import functools
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import trustme

if TYPE_CHECKING:
    from cryptography import x509

HOSTS: Final = ("localhost", "127.0.0.1", "::1")


class Identity:
    """A key with its certificate, and who signed it; all as PEM text."""

    def __init__(self, authority: trustme.CA, chain: Iterable[bytes], key: bytes) -> None:
        self.authority: str = authority.cert_pem.bytes().decode()
        self.chain: str = b"".join(chain).decode()
        self.traditional_key: str = key.decode()
        self.key: str = _as_pkcs8(key)

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

    def pkcs12(self, password: str) -> bytes:
        """A PKCS #12 file with key and chain."""
        from cryptography import x509
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.serialization import pkcs12

        key = serialization.load_pem_private_key(self.key.encode(), None)
        leaf, *others = x509.load_pem_x509_certificates(self.chain.encode())
        others += x509.load_pem_x509_certificates(self.authority.encode())
        encryption = serialization.BestAvailableEncryption(password.encode())
        return pkcs12.serialize_key_and_certificates(b"kafka", key, leaf, others, encryption)  # type: ignore[arg-type]

    def trusted_pkcs12(self, password: str) -> bytes:
        """A PKCS #12 file with the authority's certificate, as keytool's trust stores are."""
        from cryptography import x509
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.serialization import pkcs12

        trusted = [pkcs12.PKCS12Certificate(each, b"ca") for each in x509.load_pem_x509_certificates(self.authority.encode())]
        return pkcs12.serialize_java_truststore(trusted, serialization.BestAvailableEncryption(password.encode()))


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


def issue(*names: str, common_name: str, by: trustme.CA | None = None, not_after: datetime.datetime | None = None) -> Identity:
    """A new key and its certificate, of `CN=<common_name>,OU=tests,O=kafka_compat`."""
    by = by or authority()
    certificate = by.issue_cert(
        *names,
        common_name=common_name,
        organization_name="kafka_compat",
        organization_unit_name="tests",
        not_after=not_after,
    )
    return Identity(by, [each.bytes() for each in certificate.cert_chain_pems], certificate.private_key_pem.bytes())


def issue_for(subject: x509.Name) -> Identity:
    """A client's certificate for any name that there may be."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    by = authority()
    signer = serialization.load_pem_private_key(by.private_key_pem.bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.load_pem_x509_certificate(by.cert_pem.bytes()).subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(signer, hashes.SHA256())  # type: ignore[arg-type]
    )
    own = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    return Identity(by, [certificate.public_bytes(serialization.Encoding.PEM)], own)


@functools.cache
def server() -> Identity:
    """A broker's, for loopback names and addresses."""
    return issue(*HOSTS, common_name="broker")


@functools.cache
def renewed_server() -> Identity:
    """The same broker's after its renewal: another key."""
    return issue(*HOSTS, common_name="broker")


@functools.cache
def other_server() -> Identity:
    """Another broker's."""
    return issue(*HOSTS, common_name="other")


@functools.cache
def expired_server() -> Identity:
    """A broker's that was good once."""
    return issue(*HOSTS, common_name="broker", not_after=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))


@functools.cache
def client(name: str = "alice") -> Identity:
    """A client's, whose common name it is."""
    return issue(f"{name}.example.org", common_name=name)


@functools.cache
def expired_client() -> Identity:
    """A client's that was good once."""
    return issue("old.example.org", common_name="old", not_after=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))


@functools.cache
def stranger_client() -> Identity:
    """A client's that another authority has signed."""
    return issue("mallory.example.org", common_name="mallory", by=stranger())


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
