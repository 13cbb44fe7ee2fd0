"""Whole rebalances of a large classic group, spoken in raw requests: all members join anew, the leader assigns, all sync.

Subscriptions and assignments are those of Java consumers of one topic: each member owns PARTITIONS / MEMBERS partitions.
"""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.consumer_protocol_assignment import ConsumerProtocolAssignment
from kafka_compat.protocol.messages.consumer_protocol_assignment import TopicPartition as AssignedPartitions
from kafka_compat.protocol.messages.consumer_protocol_subscription import ConsumerProtocolSubscription
from kafka_compat.protocol.messages.consumer_protocol_subscription import TopicPartition as OwnedPartitions
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse
from kafka_compat.protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse
from kafka_compat.wire.primitives import Writer
from tests.support.wire_client import WireClient

MEMBERS = 100
_JOIN_VERSION = 9
_SYNC_VERSION = 5
PARTITIONS = 300
_CONSUMER_PROTOCOL_VERSION = 3
_GROUP = "bench-rebalance"


def _with_version(message: ConsumerProtocolSubscription | ConsumerProtocolAssignment) -> bytes:
    writer = Writer()
    message.encode(writer, _CONSUMER_PROTOCOL_VERSION)
    return _CONSUMER_PROTOCOL_VERSION.to_bytes(2, "big") + writer.to_bytes()


class _Member:
    def __init__(self, bootstrap: str, topic: str, partitions: list[int]) -> None:
        self.client = WireClient(bootstrap, timeout_s=120)
        self._topic = topic
        self._partitions = partitions
        self.member_id = ""
        self.generation_id = -1
        self.others: list[str] = []

    def join_request(self) -> JoinGroupRequest:
        # The generation in it makes every join a rebalance.
        subscription = ConsumerProtocolSubscription(
            topics=[self._topic],
            owned_partitions=[OwnedPartitions(topic=self._topic, partitions=self._partitions)],
            generation_id=self.generation_id,
        )
        return JoinGroupRequest(
            group_id=_GROUP,
            session_timeout_ms=45_000,
            rebalance_timeout_ms=60_000,
            member_id=self.member_id,
            protocol_type="consumer",
            protocols=[JoinGroupRequestProtocol(name="range", metadata=_with_version(subscription))],
        )

    def joined(self, request: JoinGroupRequest) -> ErrorCode:
        response = self.client.receive(request, _JOIN_VERSION, JoinGroupResponse)
        self.member_id = response.member_id
        self.generation_id = response.generation_id
        self.others = [member.member_id for member in response.members]
        return ErrorCode(response.error_code)

    def sync_request(self) -> SyncGroupRequest:
        share = PARTITIONS // MEMBERS
        # Only the leader is told of the others.
        assignments = [
            SyncGroupRequestAssignment(member_id=other, assignment=self._assignment(range(first, first + share)))
            for other, first in zip(self.others, range(0, PARTITIONS, share), strict=False)
        ]
        return SyncGroupRequest(
            group_id=_GROUP,
            generation_id=self.generation_id,
            member_id=self.member_id,
            protocol_type="consumer",
            protocol_name="range",
            assignments=assignments,
        )

    def _assignment(self, partitions: range) -> bytes:
        assigned = AssignedPartitions(topic=self._topic, partitions=list(partitions))
        return _with_version(ConsumerProtocolAssignment(assigned_partitions=[assigned]))


def rebalances_per_s(bootstrap: str, topic: str, rounds: int) -> float:
    """Rebalances a second of MEMBERS members: from the first join's first byte to the last assignment's last."""
    with contextlib.ExitStack() as stack:
        share = PARTITIONS // MEMBERS
        members = [_Member(bootstrap, topic, list(range(first, first + share))) for first in range(0, PARTITIONS, share)]
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
