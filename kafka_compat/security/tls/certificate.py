"""What is read of a certificate (RFC 5280) besides what TLS itself does with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.security.tls.der import OBJECT_ID, OCTET_STRING, NotDer, Value, children, values
from kafka_compat.security.tls.distinguished_name import distinguished_name

_VERSION: Final = 0xA0
_EXTENSIONS: Final = 0xA3
_UTC_TIME: Final = 0x17
_SUBJECT_ALT_NAME: Final = bytes.fromhex("551d11")


class Certificate(NamedTuple):
    """Names in a certificate, and how long it counts.

    Attributes:
        subject, issuer: distinguished names as DER.
        alternative_names: tag and content of each.
        not_after: Value of ASN.1's UTCTime or GeneralizedTime.
    """

    subject: bytes
    issuer: bytes
    alternative_names: frozenset[tuple[int, bytes]]
    not_after: Value


def describe(der: bytes) -> Certificate:
    """What a certificate says.

    Raises:
        InvalidConfig: it is none.
    """
    try:
        fields = children(children(der)[0].encoded)
        if fields[0].tag == _VERSION:
            fields = fields[1:]
        _, _, issuer, validity, subject = fields[:5]
        not_after = children(validity.encoded)[1]
        return Certificate(subject.encoded, issuer.encoded, frozenset(_alternative_names(fields)), not_after)
    except (NotDer, ValueError, IndexError):
        raise InvalidConfig("a certificate is broken") from None


def expiry(der: bytes) -> datetime | None:
    """When a certificate ends; None when it says so in a form that RFC 5280 does not have.

    Raises:
        InvalidConfig: it is none.
    """
    when = describe(der).not_after
    text = when.content.decode("ascii", "replace")
    try:
        if when.tag == _UTC_TIME:
            # Two digits of the year: from 1950 to 2049.
            text = ("19" if text[:2] >= "50" else "20") + text
        return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


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
