"""What a log of requests must not keep: passwords, proofs of them, and keys of tokens."""

from __future__ import annotations

from typing import Final

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.schema import fields_of

# APIs whose requests or answers have some.
WITH_SECRETS: Final = frozenset(
    {
        ApiKey.SASL_AUTHENTICATE,
        ApiKey.ALTER_USER_SCRAM_CREDENTIALS,
        ApiKey.CREATE_DELEGATION_TOKEN,
        ApiKey.RENEW_DELEGATION_TOKEN,
        ApiKey.EXPIRE_DELEGATION_TOKEN,
        ApiKey.DESCRIBE_DELEGATION_TOKEN,
    }
)
_SECRETS: Final = frozenset({"auth_bytes", "salted_password", "hmac"})
NOT_KEPT: Final = b"(not kept)"


def drop_secrets(message: Message) -> None:
    """Put NOT_KEPT in the place of each secret in a message of one's own."""
    for field in fields_of(type(message)):
        value = getattr(message, field.attribute)
        if field.attribute in _SECRETS:
            if value:
                setattr(message, field.attribute, NOT_KEPT)
        elif field.is_struct and field.is_array:
            for element in value or ():
                drop_secrets(element)
