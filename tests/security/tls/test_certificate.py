"""What is read of a certificate besides names (`test_principals.py`)."""

from __future__ import annotations

import datetime
import ssl

import pytest

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.security.tls.certificate import expiry
from tests.support import certificates


@pytest.mark.parametrize(
    "when",
    [
        datetime.datetime(2049, 12, 31, 23, 59, 59, tzinfo=datetime.UTC),  # the last UTCTime
        datetime.datetime(2050, 1, 1, tzinfo=datetime.UTC),  # the first GeneralizedTime
        datetime.datetime(2020, 2, 29, 1, 2, 3, tzinfo=datetime.UTC),
    ],
)
def test_when_a_certificate_ends(when: datetime.datetime) -> None:
    chain = certificates.issue("localhost", common_name="broker", not_after=when).chain
    assert expiry(ssl.PEM_cert_to_DER_cert(chain[: chain.index("-----END") + 25] + "\n")) == when


def test_what_is_no_certificate() -> None:
    with pytest.raises(InvalidConfig, match="a certificate is broken"):
        expiry(b"\x30\x03\x02\x01\x00")
