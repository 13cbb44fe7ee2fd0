"""Whole rebalances of a large classic group, spoken in raw requests: all members join anew, the leader assigns, all sync."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse
from kafka_compat.protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse
from tests.wire_client import WireClient

MEMBERS = 100
_JOIN_VERSION = 9
_SYNC_VERSION = 5
_GROUP = "bench-rebalance"
# As large as a consumer's assignment of three partitions (of 300); the broker does not look inside.
_ASSIGNMENT = bytes(60)


class _Member:
    def __init__(self, bootstrap: str) -> None:
        self.client = WireClient(bootstrap, timeout_s=120)
        self.member_id = ""
        self.generation_id = -1
        self.is_leader = False
        self.others: list[str] = []

    def join_request(self) -> JoinGroupRequest:
        # Changed metadata make every join a rebalance.
        metadata = b"\x00\x01" + bytes(40) + str(self.generation_id).encode()
        return JoinGroupRequest(
            group_id=_GROUP,
            session_timeout_ms=45_000,
            rebalance_timeout_ms=60_000,
            member_id=self.member_id,
            protocol_type="bench",
            protocols=[JoinGroupRequestProtocol(name="range", metadata=metadata)],
        )

    def joined(self, request: JoinGroupRequest) -> ErrorCode:
        response = self.client.receive(request, _JOIN_VERSION, JoinGroupResponse)
        self.member_id = response.member_id
        self.generation_id = response.generation_id
        self.is_leader = response.leader == response.member_id
        self.others = [member.member_id for member in response.members]
        return ErrorCode(response.error_code)

    def sync_request(self) -> SyncGroupRequest:
        assignments = [SyncGroupRequestAssignment(member_id=other, assignment=_ASSIGNMENT) for other in self.others]
        return SyncGroupRequest(
            group_id=_GROUP,
            generation_id=self.generation_id,
            member_id=self.member_id,
            protocol_type="bench",
            protocol_name="range",
            assignments=assignments if self.is_leader else [],
        )


def rebalances_per_s(bootstrap: str, topic: str, rounds: int) -> float:
    """Rebalances a second of MEMBERS members: from the first join's first byte to the last assignment's last."""
    with contextlib.ExitStack() as stack:
        members = [_Member(bootstrap) for _ in range(MEMBERS)]
        for member in members:
            stack.callback(member.client.close)
        _find_coordinator(members[0].client)
        for member in members:  # KIP-394: the first answer only names the member
            while True:
                request = member.join_request()
                member.client.send(request, _JOIN_VERSION)
                code = member.joined(request)
                if code == ErrorCode.MEMBER_ID_REQUIRED:
                    break
                assert code.retriable, code  # the coordinator is still loading
                time.sleep(0.1)
        _form(members)
        _rebalance(members)
        began = time.monotonic()
        for _ in range(rounds):
            _rebalance(members)
        return rounds / (time.monotonic() - began)


def _find_coordinator(client: WireClient) -> None:
    request = FindCoordinatorRequest(coordinator_keys=[_GROUP])
    for _ in range(100):
        found = client.call(request, 4, FindCoordinatorResponse).coordinators[0]
        if found.error_code == ErrorCode.NONE:
            return
        time.sleep(0.1)
    raise AssertionError(f"no coordinator: {found}")


def _form(members: list[_Member]) -> None:
    """Bring all members into one generation: the first to come is alone in one, and must join again for the others' sake."""
    generations: dict[_Member, int] = {}

    def join_until_together(member: _Member) -> None:
        while len(generations) < len(members) or len(set(generations.values())) > 1:
            request = member.join_request()
            member.client.send(request, _JOIN_VERSION)
            assert member.joined(request) == ErrorCode.NONE
            generations[member] = member.generation_id
            time.sleep(0.2)

    with ThreadPoolExecutor(len(members)) as pool:
        for done in [pool.submit(join_until_together, member) for member in members]:
            done.result()


def _rebalance(members: list[_Member]) -> None:
    """Join and sync until all members are in one generation with an assignment."""
    while True:
        joins = [(member, member.join_request()) for member in members]
        for member, join in joins:
            member.client.send(join, _JOIN_VERSION)
        for member, join in joins:
            assert member.joined(join) == ErrorCode.NONE
        syncs = [(member, member.sync_request()) for member in members]
        for member, sync in syncs:
            member.client.send(sync, _SYNC_VERSION)
        codes = {member.client.receive(sync, _SYNC_VERSION, SyncGroupResponse).error_code for member, sync in syncs}
        if codes == {ErrorCode.NONE}:
            return
