"""What a test sees of a cluster: values of the moment, which change no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Headers = tuple[tuple[str, bytes | None], ...]
# What a test may say in their place; a str is UTF-8 in the record.
HeadersLike = Mapping[str, bytes | str | None] | Iterable[tuple[str, bytes | str | None]]
# Of a record: outside of any transaction, in one that is undecided, or what became of it.
Transactional = Literal["none", "open", "committed", "aborted"]
# Which records are read: those a read_committed consumer gets, those a read_uncommitted one gets, or all that are in the log.
Isolation = Literal["committed", "uncommitted", "all"]


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it is in a log; `timestamp_ms` since the Unix epoch, producer id, epoch and sequence -1 for none."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp_type: Literal["create", "append"] = "create"
    producer_id: int = -1
    producer_epoch: int = -1
    sequence: int = -1
    leader_epoch: int = -1
    transaction: Transactional = "none"


@dataclass(frozen=True, slots=True)
class PartitionView:
    """A partition; `leader` is -1 when nobody leads it."""

    topic: str
    id: int
    leader: int
    leader_epoch: int
    replicas: tuple[int, ...]
    isr: tuple[int, ...]
    log_start_offset: int
    last_stable_offset: int
    high_watermark: int
    log_end_offset: int
    size_in_bytes: int


@dataclass(frozen=True, slots=True)
class TopicView:
    """A topic; `configs` are those that were set on it."""

    name: str
    id: bytes
    partitions: tuple[PartitionView, ...]
    configs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member of a group.

    Attributes:
        id: member id.
        instance_id: of a static member.
        client_id: of its connection.
        host: as Kafka writes it, `/127.0.0.1`.
        topics: it subscribes to.
        assignment: (topic, partition) that it has in this generation.
        owned: (topic, partition) that it said it had when it joined; cooperative consumers do.
        has_synced: whether it has asked for its assignment, and so knows it.
    """

    id: str
    instance_id: str | None
    client_id: str
    host: str
    topics: tuple[str, ...]
    assignment: tuple[tuple[str, int], ...]
    owned: tuple[tuple[str, int], ...] = ()
    has_synced: bool = True


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group; `lag` is summed over the partitions it has committed offsets of, up to the last stable offset.

    Attributes:
        id: the group id.
        state: as Kafka names it, such as `Stable`.
        protocol_type: such as `consumer`.
        protocol: the assignor that was chosen, empty when none was.
        generation: of the classic protocol.
        leader: member id of its leader, empty when there is none.
        members: all of them.
        offsets: committed offset by (topic, partition).
        lag: records not consumed by (topic, partition).
        last_rebalance: why the group last began to rebalance, empty when it never did.
    """

    id: str
    state: str
    protocol_type: str
    protocol: str
    generation: int
    leader: str
    members: tuple[MemberView, ...]
    offsets: Mapping[tuple[str, int], int]
    lag: Mapping[tuple[str, int], int]
    last_rebalance: str = ""


@dataclass(frozen=True, slots=True)
class TransactionView:
    """What the coordinator knows of a transactional id; `started_ms` since the Unix epoch, -1 when none is open."""

    transactional_id: str
    state: str
    producer_id: int
    producer_epoch: int
    timeout_ms: int
    started_ms: int
    partitions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class ProducerView:
    """What one partition knows of a producer; `transaction_start_offset` is -1 when it has no open transaction there."""

    topic: str
    partition: int
    producer_id: int
    producer_epoch: int
    last_sequence: int
    last_timestamp_ms: int
    transaction_start_offset: int
