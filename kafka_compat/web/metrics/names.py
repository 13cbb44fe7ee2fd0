"""Names of Kafka's in the spelling of its metrics."""

from __future__ import annotations

from functools import cache

from kafka_compat.protocol.api_keys import ApiKey

_WORDS = {"SASL": "Sasl", "ACLS": "Acls", "ID": "Id", "TXN": "Txn"}


@cache
def api_name(key: ApiKey) -> str:
    """As in the messages' names: `JoinGroup`."""
    return "".join(_WORDS.get(word, word.capitalize()) for word in key.name.split("_"))
