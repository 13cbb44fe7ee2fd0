"""One member of a classic group, and the answers it waits for."""

from __future__ import annotations

from collections.abc import Container

from kafka_compat.coordinator.group.classic.values import JoinResult, MemberDescription, Protocols, SyncResult
from kafka_compat.coordinator.ports import Reply


class ClassicMember:
    """A member as of its last join; what it waits for is changed by its group only.

    Attributes:
        protocols: that it can use, best first; after loading only the one that was selected, for no other is stored.
        assignment: the leader's bytes for it, empty while there are none.
        is_new: it never had a generation, so its session runs out even while its join waits (it cannot heartbeat yet).
    """

    __slots__ = (
        "assignment",
        "awaiting_join",
        "awaiting_sync",
        "client_host",
        "client_id",
        "instance_id",
        "is_new",
        "member_id",
        "protocol_type",
        "protocols",
        "rebalance_timeout_ms",
        "session_timeout_ms",
    )

    def __init__(
        self,
        *,
        member_id: str,
        instance_id: str | None,
        client_id: str,
        client_host: str,
        rebalance_timeout_ms: int,
        session_timeout_ms: int,
        protocol_type: str,
        protocols: Protocols,
        assignment: bytes = b"",
    ) -> None:
        self.member_id = member_id
        self.instance_id = instance_id
        self.client_id = client_id
        self.client_host = client_host
        self.rebalance_timeout_ms = rebalance_timeout_ms
        self.session_timeout_ms = session_timeout_ms
        self.protocol_type = protocol_type
        self.protocols = protocols
        self.assignment = assignment
        self.is_new = False
        self.awaiting_join: Reply[JoinResult] | None = None
        self.awaiting_sync: Reply[SyncResult] | None = None

    @property
    def has_satisfied_heartbeat(self) -> bool:
        """Whether its waiting request counts as a sign of life."""
        return not self.is_new and (self.awaiting_join is not None or self.awaiting_sync is not None)

    def metadata(self, protocol_name: str | None) -> bytes:
        """Its metadata for a protocol, byte for byte as it came.

        Raises:
            ValueError: it cannot use that protocol.
        """
        for name, metadata in self.protocols:
            if name == protocol_name:
                return metadata
        raise ValueError(f"member {self.member_id} does not support protocol {protocol_name}")

    def vote(self, candidates: Container[str]) -> str:
        """The protocol it likes best among `candidates`.

        Raises:
            ValueError: it can use none of them.
        """
        for name, _ in self.protocols:
            if name in candidates:
                return name
        raise ValueError(f"member {self.member_id} supports none of the candidate protocols")

    def replaced_by(self, member_id: str) -> ClassicMember:
        """The same static member under a new id, waiting for nothing."""
        return ClassicMember(
            member_id=member_id,
            instance_id=self.instance_id,
            client_id=self.client_id,
            client_host=self.client_host,
            rebalance_timeout_ms=self.rebalance_timeout_ms,
            session_timeout_ms=self.session_timeout_ms,
            protocol_type=self.protocol_type,
            protocols=self.protocols,
            assignment=self.assignment,
        )

    def describe(self, protocol_name: str | None) -> MemberDescription:
        """Its row in DescribeGroups; without a protocol name the metadata is not shown."""
        return MemberDescription(
            member_id=self.member_id,
            instance_id=self.instance_id,
            client_id=self.client_id,
            client_host=self.client_host,
            metadata=b"" if protocol_name is None else self.metadata(protocol_name),
            assignment=self.assignment,
        )
