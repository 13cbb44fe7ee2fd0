"""The argument `--add-scram`: what it makes, and what is refused in Kafka's words."""

from __future__ import annotations

import re
from base64 import b64encode

import pytest

from kafka_compat.metadata.changes import ScramCredentialSet
from kafka_compat.security.sasl.scram_arguments import parse_scram_argument
from kafka_compat.security.sasl.scram_credentials import ScramCredential, ScramMechanism, is_password_of

SALT = b64encode(b"some salt").decode()
SALTED = b64encode(ScramMechanism.SCRAM_SHA_512.salt_password("secret", b"some salt", 8192)).decode()


@pytest.mark.parametrize(
    ("text", "mechanism", "iterations"),
    [
        ("SCRAM-SHA-256=[name=alice,password=secret]", ScramMechanism.SCRAM_SHA_256, 4096),
        (' SCRAM-SHA-512=[password="secret",name="alice"] ', ScramMechanism.SCRAM_SHA_512, 4096),
        (f"SCRAM-SHA-256=[name=alice,password=secret,salt={SALT},iterations=16384]", ScramMechanism.SCRAM_SHA_256, 16384),
        (f"SCRAM-SHA-512=[name=alice,salt={SALT},saltedpassword={SALTED},iterations=8192]", ScramMechanism.SCRAM_SHA_512, 8192),
    ],
)
def test_what_is_made(text: str, mechanism: ScramMechanism, iterations: int) -> None:
    made = parse_scram_argument(text)
    assert isinstance(made, ScramCredentialSet)
    assert (made.user, made.mechanism, made.iterations) == ("alice", mechanism.code, iterations)
    assert is_password_of(mechanism, ScramCredential(*made[2:]), "secret")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SCRAM-SHA-256", "Failed to find equals sign in SCRAM argument"),
        ("SCRAM-SHA-1=[name=a,password=b]", "The add-scram mechanism SCRAM-SHA-1 is not supported."),
        ("SCRAM-SHA-256=name=a", "Expected configuration string to start with ["),
        ("SCRAM-SHA-256=[name=a", "Expected configuration string to end with ]"),
        ("SCRAM-SHA-256=[]", "No equals sign found in SCRAM component"),
        ("SCRAM-SHA-256=[password=b]", "You must supply 'name' to add-scram"),
        ("SCRAM-SHA-256=[name=a]", "You must supply one of 'password' or 'saltedpassword' to add-scram"),
        (f"SCRAM-SHA-256=[name=a,saltedpassword={SALTED}]", "You must supply 'salt' with 'saltedpassword' to add-scram"),
        ("SCRAM-SHA-256=[name=a,password=b,salt=!]", "Failed to decode given salt"),
        (f"SCRAM-SHA-256=[name=a,salt={SALT},saltedpassword=!]", "Failed to decode given saltedPassword"),
        ("SCRAM-SHA-256=[name=a,password=b,iterations=x]", "Failed to parse iterations count: x"),
        ("SCRAM-SHA-256=[name=a,password=b,iterations=99999999999]", "Failed to parse iterations count: 99999999999"),
        (
            "SCRAM-SHA-256=[name=a,password=b,iterations=4095]",
            "The 'iterations' value must be >= 4096 for add-scram using SCRAM_SHA_256",
        ),
        (
            "SCRAM-SHA-512=[name=a,password=b,iterations=16385]",
            "The 'iterations' value must be <= 16384 for add-scram using SCRAM_SHA_512",
        ),
        ("SCRAM-SHA-256=[name=a,password=b,y=1,x=2]", "Unknown SCRAM configurations: x, y"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        parse_scram_argument(text)
