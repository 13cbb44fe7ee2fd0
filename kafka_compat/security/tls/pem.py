"""PEM text as Kafka takes it: entries anywhere in it, with whatever stands between them.

Source: `DefaultSslEngineFactory.PemParser` and `PemStore`.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.security.tls.der import INTEGER, OCTET_STRING, SEQUENCE, NotDer, children

_TO_PKCS8: Final = "convert it: openssl pkcs8 -topk8 -nocrypt -in key.pem -out key-pkcs8.pem"


def _entry(name: str) -> re.Pattern[str]:
    # Lines such as `Proc-Type: 4,ENCRYPTED` may stand before the text.
    head = r"(?:[^\r\n:]*:[^\r\n]*[\r\n]+\s*)*"
    begin, end = (rf"-+{word}[^\r\n-]*?{name}[^-]*-+\s+" for word in ("BEGIN", "END"))
    return re.compile(rf"{begin}{head}([a-zA-Z0-9/+=\s]*){end}")


_CERTIFICATE: Final = _entry("CERTIFICATE")
_PRIVATE_KEY: Final = _entry(r"PRIVATE\s+KEY")


def certificates(text: str) -> list[bytes]:
    """The certificates in it, as DER, in their order.

    Raises:
        InvalidConfig: there is none, or one is broken.
    """
    found = [_decoded(entry, "certificate") for entry in _CERTIFICATE.findall(text + "\n")]
    if not found:
        raise InvalidConfig("there is no certificate in the PEM text")
    for each in found:
        if _shape(each)[:1] != (SEQUENCE,):
            raise InvalidConfig("a certificate in the PEM text is none")
    return found


def private_key(text: str, password: str | None) -> str:
    """The one private key in it, as PEM: PKCS #8, encrypted when a password is given, and not otherwise.

    Raises:
        InvalidConfig: it is another one, or there is none or several.
    """
    found = [_decoded(entry, "private key") for entry in _PRIVATE_KEY.findall(text + "\n")]
    if not found:
        raise InvalidConfig("there is no private key in the PEM text")
    if len(found) > 1:
        raise InvalidConfig(f"expected one private key, but found {len(found)}")
    shape = _shape(found[0])[:2]
    if shape == (SEQUENCE, OCTET_STRING):
        if password is None:
            raise InvalidConfig("the private key is encrypted, but ssl.key.password is not set")
        return encoded("ENCRYPTED PRIVATE KEY", found[0])
    if shape == (INTEGER, SEQUENCE):
        if password is not None:
            raise InvalidConfig("the private key is not encrypted, but ssl.key.password is set")
        return encoded("PRIVATE KEY", found[0])
    if shape[:1] == (INTEGER,):
        raise InvalidConfig(f"the private key is not in PKCS #8 form; {_TO_PKCS8}")
    raise InvalidConfig("the private key in the PEM text is none")


def encoded(name: str, der: bytes) -> str:
    """PEM text of one entry."""
    lines = base64.encodebytes(der).decode()
    return f"-----BEGIN {name}-----\n{lines}-----END {name}-----\n"


def _decoded(text: str, what: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise InvalidConfig(f"a {what} in the PEM text is broken") from None


def _shape(der: bytes) -> tuple[int, ...]:
    """The tags of what is in the sequence; empty when it is none."""
    try:
        return tuple(value.tag for value in children(der))
    except NotDer:
        return ()
