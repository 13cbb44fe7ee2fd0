"""Members of classic groups, each with a connection of its own: a join holds its connection until the rebalance is through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_compat.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse
from kafka_compat.protocol.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse, MemberIdentity
from kafka_compat.protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse
from kafka_compat.testing.cluster import Cluster
from tests.support.wire_client import WireClient

GROUP = "orders"


class Member:
    """One member of `GROUP`, and what it was told last."""

    def __init__(self, bootstrap: str, *, group: str = GROUP, instance_id: str | None = None) -> None:
        self.client = WireClient(bootstrap)
        self.group = group
        self.instance_id = instance_id
        self.member_id = ""
        self.generation = -1

    def begin_join(self, version: int = 9, **changed: object) -> JoinGroupRequest:
        """Send a join; `joined` waits for its answer."""
        values: dict[str, object] = {
            "group_id": self.group,
            "member_id": self.member_id,
            "group_instance_id": self.instance_id,
            "session_timeout_ms": 30_000,
            "rebalance_timeout_ms": 30_000,
            "protocol_type": "consumer",
            "protocols": [JoinGroupRequestProtocol(name="range", metadata=b"any")],
        }
        request = JoinGroupRequest(**{**values, **changed})  # type: ignore[arg-type]
        self.client.send(request, version)
        return request

    def joined(self, request: JoinGroupRequest, version: int = 9) -> JoinGroupResponse:
        response = self.client.receive(request, version, JoinGroupResponse)
        if response.error_code in (ErrorCode.NONE, ErrorCode.MEMBER_ID_REQUIRED):
            self.member_id, self.generation = response.member_id, response.generation_id
        return response

    def join(self, version: int = 9, **changed: object) -> JoinGroupResponse:
        """Join, by way of MEMBER_ID_REQUIRED if need be."""
        response = self.joined(self.begin_join(version, **changed), version)
        if response.error_code == ErrorCode.MEMBER_ID_REQUIRED:
            response = self.joined(self.begin_join(version, **changed), version)
        return response

    def begin_sync(self, version: int = 5, **changed: object) -> SyncGroupRequest:
        """Send a sync that brings no assignment unless it says so; `synced` waits for its answer."""
        values: dict[str, object] = {
            "group_id": self.group,
            "member_id": self.member_id,
            "group_instance_id": self.instance_id,
            "generation_id": self.generation,
            "protocol_type": "consumer",
            "protocol_name": "range",
        }
        request = SyncGroupRequest(**{**values, **changed})  # type: ignore[arg-type]
        self.client.send(request, version)
        return request

    def synced(self, request: SyncGroupRequest, version: int = 5) -> SyncGroupResponse:
        return self.client.receive(request, version, SyncGroupResponse)

    def sync(self, version: int = 5, **changed: object) -> SyncGroupResponse:
        return self.synced(self.begin_sync(version, **changed), version)

    def assign(self, **assignments: bytes) -> SyncGroupResponse:
        """The leader's sync: assignments by member id."""
        brought = [SyncGroupRequestAssignment(member_id=who, assignment=what) for who, what in assignments.items()]
        return self.sync(assignments=brought)

    def heartbeat(self, version: int = 4, **changed: object) -> ErrorCode:
        values: dict[str, object] = {
            "group_id": self.group,
            "member_id": self.member_id,
            "group_instance_id": self.instance_id,
            "generation_id": self.generation,
        }
        request = HeartbeatRequest(**{**values, **changed})  # type: ignore[arg-type]
        return ErrorCode(self.client.call(request, version, HeartbeatResponse).error_code)

    def leave(self, *identities: MemberIdentity) -> LeaveGroupResponse:
        """LeaveGroup of these, of itself without any."""
        members = list(identities) or [MemberIdentity(member_id=self.member_id, group_instance_id=self.instance_id)]
        return self.client.call(LeaveGroupRequest(group_id=self.group, members=members), 5, LeaveGroupResponse)


class Members:
    """Makes members of one cluster's groups and hangs up for them at the end."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._made: list[Member] = []

    def new(self, *, group: str = GROUP, instance_id: str | None = None) -> Member:
        self._made.append(Member(self.cluster.bootstrap, group=group, instance_id=instance_id))
        return self._made[-1]

    def stable(self, *, instance_id: str | None = None) -> Member:
        """The only member of a stable group."""
        member = self.new(instance_id=instance_id)
        assert member.join().error_code == 0
        assert member.assign(**{member.member_id: b"all"}).error_code == 0
        return member

    def close(self) -> None:
        for member in self._made:
            member.client.close()


@pytest.fixture
def members() -> Iterator[Members]:
    """Of a cluster of its own, whose groups begin at once."""
    with Cluster(configs={"group.initial.rebalance.delay.ms": "0", "offsets.topic.num.partitions": "2"}) as cluster:
        made = Members(cluster)
        find = FindCoordinatorRequest(coordinator_keys=[GROUP])
        made.new().client.call(find, 4, FindCoordinatorResponse)
        yield made
        made.close()
