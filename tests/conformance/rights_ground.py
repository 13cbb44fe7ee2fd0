"""What there is on a broker whose users have rights: topics with records, groups, a transaction; made by the super user."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnTopic,
)
from kafka_compat.protocol.messages.create_delegation_token import (
    CreateDelegationTokenRequest,
    CreateDelegationTokenResponse,
)
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse
from kafka_compat.protocol.messages.describe_acls import DescribeAclsRequest, DescribeAclsResponse
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
)
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment, SyncGroupResponse
from kafka_compat.records.builder import build_batch
from tests.conformance.both import Side
from tests.conformance.normalise import Replacement
from tests.conformance.rights import NAMES, Kind, grant_all
from tests.conformance.secured import SUPER_USER
from tests.support.wire_client import wait_until_led

HERE, IDLE, GONE, DOOMED = NAMES[Kind.TOPIC]
# There, to be read and to be written, and nobody has rights on it but by a wildcard.
OTHER: Final = "your-topic"
OTHER_IDLE: Final = "your-topic-idle"
HERE_GROUP, IDLE_GROUP, GONE_GROUP = NAMES[Kind.GROUP]
OTHER_GROUP: Final = "your-group"
HERE_TXN, IDLE_TXN, GONE_TXN = NAMES[Kind.TRANSACTIONAL_ID]
OTHER_TXN: Final = "your-txn"
# A topic id that nobody has.
GONE_ID: Final = b"\x01" * 16
# A producer id that nobody has.
STRANGER: Final = 987_654_321

_PATIENCE_S: Final = 30.0


@dataclass
class Ground:
    """One side, as its set-up left it.

    Attributes:
        side: to send to.
        topic_ids: by name, also of those made anew since.
        producer: id and epoch of the open transaction of HERE_TXN.
        token: the HMAC of the one delegation token.
    """

    side: Side
    topic_ids: dict[str, bytes] = field(default_factory=dict)
    producer: tuple[int, int] = (-1, -1)
    token: bytes = b""

    def topic_id(self, name: str) -> bytes:
        """The topic's id, or one that nobody has."""
        return self.topic_ids.get(name, GONE_ID)

    def make_topic(self, name: str) -> None:
        """Make the topic, unless it is there, and wait until it is led."""
        request = CreateTopicsRequest(
            topics=[CreatableTopic(name=name, num_partitions=1, replication_factor=1)], timeout_ms=30_000
        )

        def make() -> int:
            made = self.side.call(request, 7, CreateTopicsResponse).topics[0]
            if made.error_code == ErrorCode.TOPIC_ALREADY_EXISTS and name in self.topic_ids:
                return ErrorCode.NONE
            self.topic_ids[name] = made.topic_id
            return made.error_code

        until(make)
        self.side.names.topic_ids[self.topic_ids[name]] = name
        wait_until_led(self.side.client, name, 1)

    def make_token(self) -> None:
        """A token that the super user makes for somebody else."""
        request = CreateDelegationTokenRequest(
            owner_principal_type="User", owner_principal_name="my-user", max_lifetime_ms=86_400_000
        )
        made = self.side.call(request, 3, CreateDelegationTokenResponse, SUPER_USER)
        assert made.error_code == 0, made
        self.token = made.hmac
        self.side.names.texts[made.token_id] = "<token>"

    def commit(self, group: str) -> None:
        """Offsets of a group without members, which makes it."""
        request = OffsetCommitRequest(
            group_id=group,
            topics=[
                OffsetCommitRequestTopic(
                    name=name,
                    partitions=[OffsetCommitRequestPartition(partition_index=0, committed_offset=1, committed_metadata="at")],
                )
                for name in (HERE, IDLE, OTHER)
            ],
        )
        until(lambda: self.side.call(request, 8, OffsetCommitResponse).topics[0].partitions[0].error_code)

    def begin_transaction(self, transactional_id: str) -> None:
        """An open transaction of HERE and OTHER."""
        producer_id, epoch = self.init_producer(transactional_id)
        request = AddPartitionsToTxnRequest(
            v3_and_below_transactional_id=transactional_id,
            v3_and_below_producer_id=producer_id,
            v3_and_below_producer_epoch=epoch,
            v3_and_below_topics=[AddPartitionsToTxnTopic(name=name, partitions=[0]) for name in (HERE, OTHER)],
        )

        def add() -> int:
            answer = self.side.call(request, 3, AddPartitionsToTxnResponse)
            return answer.results_by_topic_v3_and_below[0].results_by_partition[0].partition_error_code

        until(add)
        self.producer = producer_id, epoch

    def init_producer(self, transactional_id: str) -> tuple[int, int]:
        """Producer id and epoch of a transactional id."""
        find = FindCoordinatorRequest(coordinator_keys=[transactional_id], key_type=1)
        until(lambda: self.side.call(find, 4, FindCoordinatorResponse).coordinators[0].error_code)
        request = InitProducerIdRequest(transactional_id=transactional_id, transaction_timeout_ms=900_000)
        answers: list[InitProducerIdResponse] = []

        def init() -> int:
            answers.append(self.side.call(request, 4, InitProducerIdResponse))
            return answers[-1].error_code

        until(init)
        return answers[-1].producer_id, answers[-1].producer_epoch

    def join(self, group: str) -> None:
        """A member whose subscription and assignment are nobody's business; its session lasts half an hour."""
        join = JoinGroupRequest(
            group_id=group,
            session_timeout_ms=1_800_000,
            rebalance_timeout_ms=1_800_000,
            protocol_type="secret",  # which the reference would read of a consumer
            protocols=[JoinGroupRequestProtocol(name="range", metadata=b"secret subscription")],
        )
        answers: list[JoinGroupResponse] = []

        def joined() -> int:
            answers.append(self.side.call(join, 3, JoinGroupResponse))
            return answers[-1].error_code

        until(joined)
        member = answers[-1].member_id
        assignment = SyncGroupRequestAssignment(member_id=member, assignment=b"secret assignment")
        sync = SyncGroupRequest(
            group_id=group, generation_id=answers[-1].generation_id, member_id=member, assignments=[assignment]
        )
        until(lambda: self.side.call(sync, 3, SyncGroupResponse).error_code)
        self.side.names.texts[member] = "<member>"

    def produce(self, topic: str) -> None:
        """Two records."""
        batch = memoryview(bytes(build_batch([(1_000, b"key", b"secret of " + topic.encode(), ())] * 2)))
        data = TopicProduceData(name=topic, partition_data=[PartitionProduceData(index=0, records=batch)])
        request = ProduceRequest(acks=-1, timeout_ms=10_000, topic_data=[data])
        until(lambda: self.side.call(request, 9, ProduceResponse).responses[0].partition_responses[0].error_code)


def prepare(side: Side) -> Ground:
    """Make all that the cases ask about, and give all users their rights."""
    ground = Ground(side)
    for topic in (HERE, IDLE, OTHER, OTHER_IDLE, DOOMED):
        ground.make_topic(topic)
        ground.produce(topic)
    find = FindCoordinatorRequest(coordinator_keys=[HERE_GROUP])
    until(lambda: side.call(find, 4, FindCoordinatorResponse).coordinators[0].error_code)
    for group in (HERE_GROUP, IDLE_GROUP, OTHER_GROUP):
        ground.commit(group)
    for group in (HERE_GROUP, OTHER_GROUP):
        ground.join(group)
    for transactional_id in (IDLE_TXN, OTHER_TXN):
        ground.init_producer(transactional_id)
    ground.begin_transaction(HERE_TXN)
    ground.make_token()
    last = grant_all(side)
    named = DescribeAclsRequest(
        resource_type_filter=last.resource_type,
        resource_name_filter=None,
        pattern_type_filter=last.resource_pattern_type,
        principal_filter=last.principal,
        host_filter=None,
        operation=last.operation,
        permission_type=last.permission_type,
    )
    # The reference's authorizer knows a little later, and of one after the other.
    until(lambda: not side.call(named, 3, DescribeAclsResponse).resources)
    return ground


def until(attempt: Callable[[], int]) -> None:
    """Try again until there is no error any more."""
    deadline_s = time.monotonic() + _PATIENCE_S
    while code := attempt():
        assert time.monotonic() < deadline_s, code
        time.sleep(0.02)


@dataclass(frozen=True)
class Case:
    """One request that every user sends.

    Attributes:
        api: its API.
        label: what is special.
        request: made for a side and a version.
        versions: to send it in; its newest one if there is none.
        unordered, replace: see `normalise`.
        undo: makes right again what a user was allowed to do.
        reconnects: whether the connection is another one afterwards.
    """

    api: ApiKey
    label: str
    request: Callable[[Ground, int], Message]
    versions: tuple[int, ...] = ()
    unordered: Collection[str] = ()
    replace: Mapping[str, Replacement] = field(default_factory=dict)
    undo: Callable[[Ground], None] | None = None
    reconnects: bool = False
