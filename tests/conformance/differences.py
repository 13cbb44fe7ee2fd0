"""Where we answer otherwise than Apache Kafka on purpose; every entry says why. Anything else that differs fails a test."""

from __future__ import annotations

from typing import NamedTuple

from kafka_compat.protocol.api_keys import ApiKey


class Difference(NamedTuple):
    """A field that may differ.

    Attributes:
        api_key: of the API.
        path: of the field without list indexes (`topics.partitions.leader_epoch`); "" is the whole answer.
        reason: why we do otherwise.
        case: only in cases whose label contains this text.
    """

    api_key: ApiKey
    path: str
    reason: str
    case: str = ""


DIFFERENCES: tuple[Difference, ...] = (
    Difference(
        ApiKey.FETCH,
        "responses.partitions.error_code",
        "a fetch by id that waits for a topic while it is deleted gets UNKNOWN_TOPIC_ID, as the next fetch will; the reference "
        "answers UNKNOWN_TOPIC_OR_PARTITION this one time",
        case="waiting at deletion",
    ),
)
