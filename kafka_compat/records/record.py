"""One record as a value, for coordinators, tests and dumps; the produce and fetch paths never make one."""

from __future__ import annotations

from typing import NamedTuple

Headers = tuple[tuple[str, bytes | None], ...]


class Record(NamedTuple):
    """A record with its absolute offset and timestamp; for a log-append-time batch the timestamp is the batch's."""

    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
