"""What is read of a certificate (RFC 5280) besides what TLS itself does with it."""

from __future__ import annotations

from typing import Final, NamedTuple

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.security.tls.der import OBJECT_ID, OCTET_STRING, NotDer, Value, children, values

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


def _alternative_names(fields: list[Value]) -> list[tuple[int, bytes]]:
    for field in fields:
        if field.tag != _EXTENSIONS:
            continue
        for extension in children(field.content):
            identifier, *_, value = values(extension.content)
            if (identifier.tag, identifier.content) == (OBJECT_ID, _SUBJECT_ALT_NAME) and value.tag == OCTET_STRING:
                return [(name.tag, name.content) for name in children(value.content)]
    return []
