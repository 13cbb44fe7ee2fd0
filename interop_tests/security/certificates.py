"""Certificates of a run: those of the broker, and of clients that it should and should not let in."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

_LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its chain and its key, each in a file, and both in a third, as Java wants them."""

    certificate: Path
    key: Path
    both: Path


@dataclass(frozen=True, slots=True)
class Certificates:
    """What `make_certificates` made. `expired` was valid until 2020; `stranger` is signed by an authority nobody trusts."""

    authority: Path
    other_authority: Path
    server: Identity
    client: Identity
    stranger: Identity
    expired: Identity


def make_certificates(directory: Path) -> Certificates:
    """Files below `directory`."""
    ours, other = trustme.CA(), trustme.CA()
    for authority, name in ((ours, "ca"), (other, "other-ca")):
        authority.cert_pem.write_to_path(directory / f"{name}.pem")
    return Certificates(
        authority=directory / "ca.pem",
        other_authority=directory / "other-ca.pem",
        server=_write(directory, "server", ours.issue_cert("localhost", "127.0.0.1")),
        client=_write(directory, "client", ours.issue_cert("carol@clients.test", common_name="carol")),
        stranger=_write(directory, "stranger", other.issue_cert("carol@clients.test", common_name="carol")),
        expired=_write(directory, "expired", ours.issue_cert("carol@clients.test", common_name="carol", not_after=_LONG_AGO)),
    )


def _write(directory: Path, name: str, issued: trustme.LeafCert) -> Identity:
    # Java reads keys of this form only (PKCS #8).
    key = load_pem_private_key(issued.private_key_pem.bytes(), None)
    key_text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain = b"".join(part.bytes() for part in issued.cert_chain_pems)
    identity = Identity(*(directory / f"{name}.{ending}" for ending in ("crt", "key", "pem")))
    identity.certificate.write_bytes(chain)
    identity.key.write_bytes(key_text)
    identity.both.write_bytes(key_text + chain)
    return identity
