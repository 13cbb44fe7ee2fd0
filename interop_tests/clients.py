"""What the interop tests ask of every client, in Kafka's words: one adapter per client, in its own directory, answers it.

Adapters hand bytes through unchanged and translate only names and errors: a difference seen in a test is the client's or the
broker's. They keep nothing open between calls, except the long poll.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Protocol

Codec = Literal["none", "gzip", "snappy", "lz4", "zstd"]
Acks = Literal[0, 1, -1]

CODECS: tuple[Codec, ...] = ("none", "gzip", "snappy", "lz4", "zstd")

# The broker's default of message.max.bytes, and what a batch of one record without key and headers adds to its value of about
# that size: 61 bytes of batch header; record length (3), attributes, timestamp delta, offset delta, key length (1 each), value
# length (3), count of headers (1).
MAX_MESSAGE_BYTES = 1_048_588
BATCH_OVERHEAD_OF_ONE_RECORD = 61 + 3 + 4 + 3 + 1

# Clients refuse large records themselves before they send them; tests of the broker's limit raise theirs to this.
CLIENT_MAX_REQUEST_SIZE = 8 * 1024 * 1024

Header = tuple[str, bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record to produce. `timestamp_ms` None lets the client take its clock."""

    key: bytes | None = None
    value: bytes | None = None
    headers: tuple[Header, ...] = ()
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRecord:
    """A record as consumed. `timestamp_ms` None where the client cannot tell."""

    offset: int
    timestamp_ms: int | None
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class FromTimestamp:
    """Start at the first record with this timestamp or a later one."""

    timestamp_ms: int


# Where to begin: an offset, a timestamp, or one of the ends.
Start = Literal["earliest", "latest"] | int | FromTimestamp


class RefusedError(Exception):
    """The broker refused; `code` is Kafka's error code as the client reported it."""

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(f"error code {code}: {text}")
        self.code = code


class LongPoll(Protocol):
    """A consumer at the end of partition 0 of a topic, with a fetch in flight that waits at the broker for up to 30 seconds."""

    def next(self, timeout_s: float) -> ReadRecord:
        """The next record; reconnects in between if it has to.

        Raises:
            TimeoutError: none came.
        """

    def close(self) -> None:
        """Ends the consumer."""


class Client(Protocol):
    """One client library or tool, bound to one broker."""

    # Of what the contract tests, what this client has no way to say; each with the reason.
    cannot: ClassVar[Mapping[str, str]]

    def create_topic(self, topic: str, *, partitions: int = 1, configs: Mapping[str, str] | None = None) -> None:
        """CreateTopics. Raises RefusedError."""

    def delete_topic(self, topic: str) -> None:
        """DeleteTopics. Raises RefusedError."""

    def topics(self) -> dict[str, int]:
        """Names and partition counts of all topics."""

    def produce(
        self,
        topic: str,
        records: Sequence[Record],
        *,
        partition: int = 0,
        codec: Codec = "none",
        acks: Acks = -1,
        idempotent: bool = False,
    ) -> list[int]:
        """Produces and waits for the answers; the offsets they gave (-1 where there is none). Raises RefusedError."""

    def consume(self, topic: str, start: Start, count: int, *, partition: int = 0) -> list[ReadRecord]:
        """The first `count` records from `start`, by assignment, without a group. Raises RefusedError, TimeoutError."""

    def offsets(self, topic: str, *, partition: int = 0) -> tuple[int, int]:
        """Beginning and end offset."""

    def offset_for_time(self, topic: str, timestamp_ms: int, *, partition: int = 0) -> int | None:
        """Offset of the first record with this timestamp or a later one; None when there is none."""

    def long_poll(self, topic: str) -> LongPoll:
        """A consumer that waits at the end of an empty topic."""

    def close(self) -> None:
        """Ends what the adapter keeps running."""
