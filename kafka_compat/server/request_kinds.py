"""What can be told of a request from its API key alone, before it begins: the two bytes at the front of its frame."""

from __future__ import annotations

from typing import Final

from kafka_compat.api.memory import Level
from kafka_compat.protocol.api_keys import ApiKey


def _keys(*keys: ApiKey) -> frozenset[bytes]:
    return frozenset(key.to_bytes(2, "big") for key in keys)


# What costs little and must not wait: it does not stand behind what may cost a lot.
QUICK: Final = _keys(ApiKey.PRODUCE, ApiKey.HEARTBEAT, ApiKey.API_VERSIONS)
# What answers with a few bytes however much is asked for.
_SMALL_ANSWERS: Final = _keys(ApiKey.PRODUCE, ApiKey.OFFSET_COMMIT, ApiKey.HEARTBEAT, ApiKey.API_VERSIONS, ApiKey.LEAVE_GROUP)
_LARGE_ANSWERS: Final = _keys(
    ApiKey.FETCH,
    ApiKey.OFFSET_FETCH,
    ApiKey.DESCRIBE_GROUPS,
    ApiKey.DESCRIBE_CONFIGS,
    ApiKey.DESCRIBE_LOG_DIRS,
    ApiKey.DESCRIBE_PRODUCERS,
    ApiKey.DESCRIBE_TOPIC_PARTITIONS,
)


def answer_level(api_key: bytes) -> Level | None:
    """How full the memory may be for a request to begin, as its answer may be large; None when it always may."""
    if api_key in _SMALL_ANSWERS:
        return None
    return Level.LARGE if api_key in _LARGE_ANSWERS else Level.ORDINARY
