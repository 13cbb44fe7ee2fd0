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
        ApiKey.API_VERSIONS,
        "api_keys",
        "an API that is not built is not listed: clients choose by what they find",
        case="listed",
    ),
    Difference(ApiKey.API_VERSIONS, "finalized_features", "features of APIs that are not built are not listed", case="listed"),
    Difference(ApiKey.API_VERSIONS, "supported_features", "features of APIs that are not built are not listed", case="listed"),
    *(
        Difference(
            ApiKey.LIST_OFFSETS,
            f"topics.partitions.{field}",
            "the reference finds the largest timestamp among deleted records too, while their segment is there; we do not",
            case=case,
        )
        for field in ("timestamp", "offset", "leader_epoch")
        for case in ("deleted to 3: offset at -3", "deleted to 7: offset at -3", "deleted to -1: offset at -3")
    ),
    *(
        Difference(
            ApiKey.LIST_OFFSETS,
            f"topics.partitions.{field}",
            "the reference gives up when the first segment it expects the time in has no such record; we look on behind it",
            case=case,
        )
        for field in ("timestamp", "offset", "leader_epoch")
        for case in (
            "by time ('none', 'old', 'none', 'old'): offset at",
            "deleted to 3: offset at 17",
            "deleted to 3 and on: offset at 17",
        )
    ),
    Difference(
        ApiKey.LIST_OFFSETS,
        "",
        "a length below -1 closes the connection, where the reference takes it for null: no client sends it",
        case="frame client id length -2",
    ),
    Difference(
        ApiKey.LIST_OFFSETS,
        "",
        "invalid UTF-8 closes the connection, where the reference puts U+FFFD: such a name would not come back as it was sent",
        case="frame client id bad utf8",
    ),
)
