"""Certificates for a cluster in the test process, of an authority that is forgotten with the process.

Needs the package cryptography, which the extra `security` brings.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple


class Tls(NamedTuple):
    """Files of your own, in PEM, in place of certificates that are made: `Kafka(tls=Tls(...))`.

    Attributes:
        certificate: the brokers', with its chain; for 127.0.0.1, which is where they listen.
        key: its key.
        ca: what clients trust.
    """

    certificate: Path | str
    key: Path | str
    ca: Path | str


class TlsTexts(NamedTuple):
    """The same as text."""

    certificate: str
    key: str
    ca: str


def tls_of(tls: object) -> TlsTexts | None:
    """The argument `tls` of a cluster; None without TLS.

    Raises:
        TypeError, ValueError: it cannot be meant so, a file cannot be read, or cryptography is missing.
    """
    if tls is None or tls is False:
        return None
    if tls is True:
        return made()
    if not isinstance(tls, Tls):
        raise TypeError(f"tls is True, or Tls(certificate=..., key=..., ca=...) with files in PEM, not {tls!r}")
    texts = []
    for name, path in zip(tls._fields, tls, strict=True):
        try:
            texts.append(Path(path).read_text(encoding="ascii"))
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"tls.{name}: {path} cannot be read: {error}") from None
    return TlsTexts(*texts)


@functools.cache
def made() -> TlsTexts:
    """A certificate for localhost and 127.0.0.1, and the authority behind it; the same for the whole process.

    Raises:
        ValueError: cryptography is missing.
    """
    import datetime
    from ipaddress import ip_address

    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
    except ImportError:
        raise ValueError(
            "tls=True makes certificates with the package cryptography, which is not installed: "
            "pip install 'kafka_compat[security]', or give your own by tls=Tls(certificate=..., key=..., ca=...)"
        ) from None

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    ca_name = name("kafka_compat, for one test run")

    def begun(subject: x509.Name, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(ca_name).public_key(public_key)
        builder = builder.serial_number(x509.random_serial_number())
        return builder.not_valid_before(now - day).not_valid_after(now + 365 * day)

    ca = begun(ca_name, ca_key.public_key())
    ca = ca.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    ca = ca.add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
    ca = ca.add_extension(
        x509.KeyUsage(
            False, False, False, False, False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False
        ),
        critical=True,
    )
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    leaf = begun(name("localhost"), key.public_key())
    leaf = leaf.add_extension(x509.SubjectAlternativeName(names), critical=False)
    leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    leaf = leaf.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
    signed = [builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode() for builder in (ca, leaf)]
    key_text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return TlsTexts(certificate=signed[1], key=key_text, ca=signed[0])
