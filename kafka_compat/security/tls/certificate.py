"""What is read of a certificate (RFC 5280) besides what TLS itself does with it."""

from __future__ import annotations

from typing import Final, NamedTuple

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.security.tls.der import OBJECT_ID, OCTET_STRING, NotDer, Value, children, values
from kafka_compat.security.tls.distinguished_name import distinguished_name

_VERSION: Final = 0xA0
_EXTENSIONS: Final = 0xA3
_SUBJECT_ALT_NAME: Final = bytes.fromhex("551d11")


class Certificate(NamedTuple):
    """Names in a certificate.

    Attributes:
        subject, issuer: distinguished names as DER.
        alternative_names: tag and content of each.
    """

    subject: bytes
    issuer: bytes
    alternative_names: frozenset[tuple[int, bytes]]


def describe(der: bytes) -> Certificate:
    """The names in a certificate.

    Raises:
        InvalidConfig: it is none.
    """
    try:
        fields = children(children(der)[0].encoded)
        if fields[0].tag == _VERSION:
            fields = fields[1:]
        _, _, issuer, _, subject = fields[:5]
        return Certificate(subject.encoded, issuer.encoded, frozenset(_alternative_names(fields)))
    except (NotDer, ValueError, IndexError):
        raise InvalidConfig("a certificate is broken") from None


def check_successor(new: bytes, old: bytes, *, allows_dn_changes: bool, allows_san_changes: bool) -> None:
    """Let a certificate take the place of another one while connections are made with either.

    Raises:
        InvalidConfig: it is somebody else's, in Kafka's words. Source: `SslFactory.CertificateEntries.ensureCompatible`.
    """
    before, after = describe(old), describe(new)
    old_name, new_name = distinguished_name(before.subject), distinguished_name(after.subject)
    if not allows_dn_changes and _folded(old_name) != _folded(new_name):
        raise InvalidConfig(
            "Keystore DistinguishedName does not match: "
            f"existing={{DN={old_name}}}, new={{DN={new_name}}}; ssl.allow.dn.changes would allow it"
        )
    if not allows_san_changes and not after.alternative_names >= before.alternative_names:
        raise InvalidConfig(
            "Keystore SubjectAltNames do not match: the new certificate lacks some of the existing one; "
            "ssl.allow.san.changes would allow it"
        )


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _alternative_names(fields: list[Value]) -> list[tuple[int, bytes]]:
    for field in fields:
        if field.tag != _EXTENSIONS:
            continue
        for extension in children(field.content):
            identifier, *_, value = values(extension.content)
            if (identifier.tag, identifier.content) == (OBJECT_ID, _SUBJECT_ALT_NAME) and value.tag == OCTET_STRING:
                return [(name.tag, name.content) for name in children(value.content)]
    return []
