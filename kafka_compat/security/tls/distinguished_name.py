"""Distinguished names as Java prints them: `X500Principal.getName()`, which is RFC 2253 as `sun.security.x509.AVA` reads it.

Principals in access control lists and in mapping rules are these texts, so that each character counts.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.security.tls.der import OBJECT_ID, SEQUENCE, SET, NotDer, Value, children, object_id, values

_KEYWORDS: Final = MappingProxyType(
    {
        "2.5.4.3": "CN",
        "2.5.4.6": "C",
        "2.5.4.7": "L",
        "2.5.4.8": "ST",
        "2.5.4.9": "STREET",
        "2.5.4.10": "O",
        "2.5.4.11": "OU",
        "0.9.2342.19200300.100.1.1": "UID",
        "0.9.2342.19200300.100.1.25": "DC",
    }
)

# What Java takes for text: the strings of UTF-8, Printable, T61, IA5, General and BMP. It reads all of them as UTF-8, whatever
# they are, and replaces what is none.
_TEXTS: Final = frozenset({0x0C, 0x13, 0x14, 0x16, 0x1B, 0x1E})
# Half a pair is one such thing to Java, and three to Python.
_SURROGATE: Final = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]")
_REPLACED: Final = "\ufffd".encode()
_ESCAPED: Final = frozenset(',+<>;"\\=#')
_WHITE: Final = " \r"


def distinguished_name(der: bytes) -> str:
    """The text of a name in DER; the last of its parts comes first.

    Raises:
        InvalidConfig: it is no name.
    """
    try:
        parts = [_relative(part) for part in children(der)]
    except (NotDer, ValueError, IndexError):
        raise InvalidConfig("a distinguished name is broken") from None
    return ",".join(reversed(parts))


def _relative(part: Value) -> str:
    if part.tag != SET:
        raise NotDer("no set")
    return "+".join(_attribute(attribute) for attribute in values(part.content))


def _attribute(attribute: Value) -> str:
    if attribute.tag != SEQUENCE:
        raise NotDer("no sequence")
    name, value = values(attribute.content)
    if name.tag != OBJECT_ID:
        raise NotDer("no object identifier")
    identifier = object_id(name.content)
    keyword = _KEYWORDS.get(identifier)
    if keyword is None or value.tag not in _TEXTS:
        return f"{keyword or identifier}=#{value.encoded.hex()}"
    return f"{keyword}={_escape(_SURROGATE.sub(_REPLACED, value.content).decode('utf-8', 'replace'))}"


def _escape(text: str) -> str:
    escaped = ["\\" + c if c in _ESCAPED else "\\00" if c == "\0" else c for c in text]
    leading = len(text) - len(text.lstrip(_WHITE))
    trailing = len(text.rstrip(_WHITE))
    for index in (*range(leading), *range(max(trailing, leading), len(text))):
        escaped[index] = "\\" + escaped[index]
    return "".join(escaped)
