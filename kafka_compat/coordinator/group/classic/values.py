"""Requests to classic groups and their answers, as plain values: version numbers have ended in `api/`."""

from __future__ import annotations

from typing import Final, NamedTuple

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError

# JoinGroupRequest.UNKNOWN_MEMBER_ID
UNKNOWN_MEMBER_ID: Final = ""

# Name and metadata of each protocol that a member can use, best first; the metadata is nobody's business but the members'.
Protocols = tuple[tuple[str, bytes], ...]


class JoinRequest(NamedTuple):
    """What a member says when it joins.

    Attributes:
        member_id: empty when it has none yet.
        instance_id: of a static member (KIP-345), None for a dynamic one.
        client_host: as Kafka writes it, `/127.0.0.1`.
        rebalance_timeout_ms: how long a rebalance may wait for it; the session timeout for version 0.
        protocols: that it can use, best first.
        requires_known_member_id: a dynamic member without id is sent back with one (KIP-394, from version 4).
        supports_skipping_assignment: a static leader that comes back need not assign (KIP-814, from version 9).
        reason: why it joins (KIP-800), for the log.
    """

    group_id: str
    session_timeout_ms: int
    rebalance_timeout_ms: int
    protocol_type: str
    protocols: Protocols
    member_id: str = UNKNOWN_MEMBER_ID
    instance_id: str | None = None
    client_id: str = ""
    client_host: str = ""
    requires_known_member_id: bool = True
    supports_skipping_assignment: bool = True
    reason: str | None = None


class JoinedMember(NamedTuple):
    """One member as the leader sees it."""

    member_id: str
    instance_id: str | None
    metadata: bytes


class JoinResult(NamedTuple):
    """The answer to a join; `members` is for the leader only."""

    member_id: str
    generation_id: int = -1
    protocol_type: str | None = None
    protocol_name: str | None = None
    leader: str = ""
    skip_assignment: bool = False
    members: tuple[JoinedMember, ...] = ()


class JoinRefused(KafkaError):
    """A join that failed; `result` is what the answer says beside the error code: a member id in any case."""

    def __init__(self, error_code: ErrorCode, result: JoinResult) -> None:
        super().__init__(error_code)
        self.result = result


class SyncRequest(NamedTuple):
    """A member asks for its assignment; the leader brings everybody's (member id to bytes)."""

    group_id: str
    member_id: str
    generation_id: int
    instance_id: str | None = None
    protocol_type: str | None = None
    protocol_name: str | None = None
    assignments: tuple[tuple[str, bytes], ...] = ()


class SyncResult(NamedTuple):
    """The answer to a sync."""

    protocol_type: str | None = None
    protocol_name: str | None = None
    assignment: bytes = b""


class HeartbeatRequest(NamedTuple):
    """A member is alive."""

    group_id: str
    member_id: str
    generation_id: int
    instance_id: str | None = None


class LeavingMember(NamedTuple):
    """Who leaves: by member id, or by instance id alone when an admin removes a static member."""

    member_id: str
    instance_id: str | None = None
    reason: str | None = None


class LeftMember(NamedTuple):
    """What came of one member's leave."""

    member_id: str
    instance_id: str | None
    error_code: ErrorCode


class MemberDescription(NamedTuple):
    """One member in DescribeGroups; the metadata is empty unless the group is stable."""

    member_id: str
    instance_id: str | None
    client_id: str
    client_host: str
    metadata: bytes = b""
    assignment: bytes = b""


class GroupDescription(NamedTuple):
    """One group in DescribeGroups; a group that is not there is Dead."""

    group_id: str
    state: str
    protocol_type: str = ""
    protocol_name: str = ""
    members: tuple[MemberDescription, ...] = ()
    exists: bool = True
