"""What a log of requests must not keep: passwords, proofs of them, keys of tokens, and configs with such in them."""

from __future__ import annotations

import re
from typing import Final

from kafka_compat.config.table import broker_key
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.schema import fields_of

# APIs whose requests or answers have some.
WITH_SECRETS: Final = frozenset(
    {
        ApiKey.SASL_AUTHENTICATE,
        ApiKey.ALTER_CONFIGS,
        ApiKey.ALTER_USER_SCRAM_CREDENTIALS,
        ApiKey.CREATE_DELEGATION_TOKEN,
        ApiKey.RENEW_DELEGATION_TOKEN,
        ApiKey.EXPIRE_DELEGATION_TOKEN,
        ApiKey.INCREMENTAL_ALTER_CONFIGS,
        ApiKey.DESCRIBE_DELEGATION_TOKEN,
    }
)
_SECRETS: Final = frozenset({"auth_bytes", "salted_password", "hmac"})
NOT_KEPT: Final = b"(not kept)"
_BROKER_RESOURCE: Final = 4  # ConfigResource.Type
_LONGEST: Final = 1_000


def drop_secrets(message: Message) -> None:
    """Put NOT_KEPT in the place of each secret in a message of one's own."""
    if getattr(message, "resource_type", None) == _BROKER_RESOURCE:
        for config in getattr(message, "configs", ()):
            if config.value and _is_secret(config.name):
                config.value = NOT_KEPT.decode()
    for field in fields_of(type(message)):
        value = getattr(message, field.attribute)
        if field.attribute in _SECRETS:
            if value:
                name = claimed_name(value) if field.attribute == "auth_bytes" else ""
                setattr(message, field.attribute, f"{name} ".encode() + NOT_KEPT if name else NOT_KEPT)
        elif field.is_struct and field.is_array:
            for element in value or ():
                drop_secrets(element)


def claimed_name(auth_bytes: bytes) -> str:
    """The user that a first message of SASL is of, by PLAIN or SCRAM; empty where it names none, and kept of it: no secret."""
    if auth_bytes.endswith(b" " + NOT_KEPT):
        return auth_bytes.removesuffix(b" " + NOT_KEPT).decode("utf-8", "replace")
    text = auth_bytes[:_LONGEST].decode("utf-8", "replace")
    if text.startswith("n,"):
        found = re.match(r"n,[^,]*,n=([^,\x00-\x1f]+),r=", text)
        return "" if found is None else found[1].replace("=2C", ",").replace("=3D", "=")
    parts = text.split("\0")
    return parts[1] if len(parts) == 3 and parts[1].isprintable() else ""


def _is_secret(name: str) -> bool:
    """Whether a broker's config holds a secret; of a name that nobody declared it cannot be known, as in DescribeConfigs."""
    key = broker_key(name)
    return key is None or key.sensitive
