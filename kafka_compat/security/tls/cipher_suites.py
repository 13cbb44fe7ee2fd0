"""Cipher suites by their names in Java (and the IANA's) and in OpenSSL."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, NamedTuple

from kafka_compat.config.errors import InvalidConfig

# In OpenSSL they have the same names.
_TLS13: Final = ("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256")
# What OpenSSL chooses when it may, of a client that has it; which they all have.
_FIRST_OF_TLS13: Final = "TLS_AES_256_GCM_SHA384"

_TLS12: Final = MappingProxyType(
    {
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256": "ECDHE-ECDSA-AES128-GCM-SHA256",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384": "ECDHE-RSA-AES256-GCM-SHA384",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256": "ECDHE-RSA-AES128-GCM-SHA256",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-RSA-CHACHA20-POLY1305",
        "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384": "DHE-RSA-AES256-GCM-SHA384",
        "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256": "DHE-RSA-AES128-GCM-SHA256",
        "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256": "DHE-RSA-CHACHA20-POLY1305",
        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384": "ECDHE-ECDSA-AES256-SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256": "ECDHE-ECDSA-AES128-SHA256",
        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384": "ECDHE-RSA-AES256-SHA384",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256": "ECDHE-RSA-AES128-SHA256",
        "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256": "DHE-RSA-AES256-SHA256",
        "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256": "DHE-RSA-AES128-SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA": "ECDHE-ECDSA-AES256-SHA",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "ECDHE-ECDSA-AES128-SHA",
        "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "ECDHE-RSA-AES256-SHA",
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": "ECDHE-RSA-AES128-SHA",
        "TLS_DHE_RSA_WITH_AES_256_CBC_SHA": "DHE-RSA-AES256-SHA",
        "TLS_DHE_RSA_WITH_AES_128_CBC_SHA": "DHE-RSA-AES128-SHA",
        "TLS_RSA_WITH_AES_256_GCM_SHA384": "AES256-GCM-SHA384",
        "TLS_RSA_WITH_AES_128_GCM_SHA256": "AES128-GCM-SHA256",
        "TLS_RSA_WITH_AES_256_CBC_SHA256": "AES256-SHA256",
        "TLS_RSA_WITH_AES_128_CBC_SHA256": "AES128-SHA256",
        "TLS_RSA_WITH_AES_256_CBC_SHA": "AES256-SHA",
        "TLS_RSA_WITH_AES_128_CBC_SHA": "AES128-SHA",
    }
)
_TO_SUPPRESS_RENEGOTIATION: Final = "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"


class Suites(NamedTuple):
    """Those that a listener may use.

    Attributes:
        tls12: names for OpenSSL; empty for its own choice, if nothing is restricted.
        tls13: names, None for all.
        is_restricted: whether the config names any.
    """

    tls12: tuple[str, ...]
    tls13: frozenset[str] | None
    is_restricted: bool


def choose(names: tuple[str, ...]) -> Suites:
    """The suites of `ssl.cipher.suites`.

    Raises:
        InvalidConfig: one is not known, or TLS 1.3's cannot be chosen so.
    """
    wanted = [name for name in names if name != _TO_SUPPRESS_RENEGOTIATION]
    if not wanted:
        return Suites((), None, is_restricted=False)
    for name in wanted:
        if name not in _TLS12 and name not in _TLS13:
            raise InvalidConfig(f"ssl.cipher.suites: Unsupported CipherSuite: {name}")
    tls13 = frozenset(name for name in wanted if name in _TLS13)
    if tls13 and _FIRST_OF_TLS13 not in tls13:
        raise InvalidConfig(
            f"ssl.cipher.suites: of TLS 1.3's suites {_FIRST_OF_TLS13} is chosen before others here; name it too, or none"
        )
    everything = len(tls13) == len(_TLS13)
    return Suites(tuple(_TLS12[name] for name in wanted if name in _TLS12), None if everything else tls13, is_restricted=True)
