"""Requests about committed offsets and their answers, as plain values: version numbers have ended in `api/`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

from kafka_compat.ids import ZERO_TOPIC_ID, TopicId
from kafka_compat.protocol.error_codes import ErrorCode

# OffsetCommitRequest.DEFAULT_RETENTION_TIME: the broker's retention counts.
DEFAULT_RETENTION_MS: Final = -1

NO_OFFSET: Final = -1
NO_EPOCH: Final = -1


class OffsetToCommit(NamedTuple):
    """One partition of a commit. `leader_epoch` -1: unknown."""

    topic: str
    partition: int
    offset: int
    leader_epoch: int = NO_EPOCH
    metadata: str | None = ""
    topic_id: TopicId = ZERO_TOPIC_ID


class OffsetsToCommit(Protocol):
    """Offsets that may be made while one goes through them: a wide commit has a great many."""

    def __len__(self) -> int:
        """How many there are."""

    def __iter__(self) -> Iterator[OffsetToCommit]:
        """From the first to the last, as often as one likes."""


class OffsetCommit(NamedTuple):
    """A commit of a group. `generation_id` -1 and an empty `member_id`: from outside of the group's membership."""

    group_id: str
    member_id: str = ""
    instance_id: str | None = None
    generation_id: int = -1
    retention_ms: int = DEFAULT_RETENTION_MS
    offsets: OffsetsToCommit = ()
    is_transactional: bool = False


class OffsetsTransaction(NamedTuple):
    """The transaction that a commit belongs to.

    Attributes:
        transactional_id, producer_id, producer_epoch: of the producer.
        adds: the commit makes the group's partition part of the transaction (transaction version 2); otherwise that was done.
        knows_abortable: the client knows TRANSACTION_ABORTABLE.
    """

    transactional_id: str
    producer_id: int
    producer_epoch: int
    adds: bool
    knows_abortable: bool


class FetchedOffset(NamedTuple):
    """The answer for one partition; offset and epoch -1 when nothing is committed."""

    partition: int
    offset: int = NO_OFFSET
    leader_epoch: int = NO_EPOCH
    metadata: str = ""
    error_code: ErrorCode = ErrorCode.NONE
