"""What users send to groups and their offsets, and in transactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import ZERO_UUID
from kafka_compat.protocol.messages.add_offsets_to_txn import AddOffsetsToTxnRequest
from kafka_compat.protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTransaction,
)
from kafka_compat.protocol.messages.delete_groups import DeleteGroupsRequest
from kafka_compat.protocol.messages.describe_groups import DescribeGroupsRequest
from kafka_compat.protocol.messages.end_txn import EndTxnRequest
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest
from kafka_compat.protocol.messages.heartbeat import HeartbeatRequest
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest
from kafka_compat.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from kafka_compat.protocol.messages.leave_group import LeaveGroupRequest, MemberIdentity
from kafka_compat.protocol.messages.list_groups import ListGroupsRequest
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from kafka_compat.protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)
from kafka_compat.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopic,
    OffsetFetchRequestTopics,
)
from kafka_compat.protocol.messages.sync_group import SyncGroupRequest
from kafka_compat.protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from tests.conformance.rights_ground import (
    GONE,
    GONE_GROUP,
    GONE_TXN,
    HERE,
    HERE_GROUP,
    HERE_TXN,
    IDLE,
    IDLE_GROUP,
    IDLE_TXN,
    OTHER,
    OTHER_GROUP,
    OTHER_TXN,
    STRANGER,
    Case,
    Ground,
)
from tests.conformance.rights_of_records import WRITTEN

_MIXED: Final = (OTHER, HERE, GONE, IDLE)
_FIRST_OFFSETS_BY_ID: Final = 10
_FIRST_FETCH_OF_SEVERAL: Final = 8
_FIRST_OF_BROKERS: Final = 4
_KEYS: Final = (
    [OTHER_GROUP, HERE_GROUP, GONE_GROUP],
    [HERE_TXN, GONE_TXN, OTHER_TXN],
    ["not a key", f"{HERE_GROUP}:AAAAAAAAAAAAAAAAAAAAAQ:0"],
)
_ID_OF_MEMBER: Final = "nobody"


def _membership(label: str, group: str) -> Iterator[Case]:
    """As a member that the group does not have, so that nothing changes."""
    join = JoinGroupRequest(
        group_id=group,
        session_timeout_ms=10_000,
        rebalance_timeout_ms=10_000,
        member_id=_ID_OF_MEMBER,
        protocol_type="consumer",
        protocols=[JoinGroupRequestProtocol(name="range")],
    )
    yield Case(ApiKey.JOIN_GROUP, label, lambda ground, version: join, (0, 9))
    sync = SyncGroupRequest(
        group_id=group, member_id=_ID_OF_MEMBER, generation_id=1, protocol_type="consumer", protocol_name="range"
    )
    yield Case(ApiKey.SYNC_GROUP, label, lambda ground, version: sync, (0, 5))
    incomplete = SyncGroupRequest(group_id=group, member_id=_ID_OF_MEMBER, generation_id=1)
    yield Case(ApiKey.SYNC_GROUP, f"incomplete {label}", lambda ground, version: incomplete)
    beat = HeartbeatRequest(group_id=group, member_id=_ID_OF_MEMBER)
    yield Case(ApiKey.HEARTBEAT, label, lambda ground, version: beat)
    one = LeaveGroupRequest(group_id=group, member_id=_ID_OF_MEMBER)
    several = LeaveGroupRequest(group_id=group, members=[MemberIdentity(member_id=_ID_OF_MEMBER)])
    yield Case(ApiKey.LEAVE_GROUP, label, lambda ground, version: several if version >= 3 else one, (0, 5))


def _groups() -> Iterator[Case]:
    named = [OTHER_GROUP, GONE_GROUP, HERE_GROUP, IDLE_GROUP]
    yield Case(
        ApiKey.DESCRIBE_GROUPS,
        "mixed",
        lambda ground, version: DescribeGroupsRequest(groups=named, include_authorized_operations=version >= 3),
        (0, 5, 6),
        ("groups",),
    )
    everybody = ListGroupsRequest()
    yield Case(ApiKey.LIST_GROUPS, "all", lambda ground, version: everybody, (0, 5), ("groups",))
    idle = ListGroupsRequest(states_filter=["Empty"])
    yield Case(ApiKey.LIST_GROUPS, "of a state", lambda ground, version: idle, unordered=("groups",))
    # Those with members stay; one that is named twice is answered once.
    deleted = DeleteGroupsRequest(groups_names=[OTHER_GROUP, GONE_GROUP, IDLE_GROUP, GONE_GROUP, HERE_GROUP])
    yield Case(ApiKey.DELETE_GROUPS, "mixed", lambda ground, version: deleted, unordered=("results",), undo=commit_again)


def commit_again(ground: Ground) -> None:
    """Offsets of the idle group, which may be gone."""
    ground.commit(IDLE_GROUP)


def _coordinators(key_type: int, keys: Sequence[str]) -> Iterator[Case]:
    several = FindCoordinatorRequest(coordinator_keys=list(keys), key_type=key_type)
    yield Case(
        ApiKey.FIND_COORDINATOR,
        f"several of type {key_type}",
        lambda ground, version: several,
        (5,) if key_type == 2 else (4, 6),
    )
    one = FindCoordinatorRequest(key=keys[1], key_type=key_type)
    yield Case(ApiKey.FIND_COORDINATOR, f"one of type {key_type}", lambda ground, version: one, (3,) if key_type else (0, 3))


def _offsets(group: str) -> Iterator[Case]:
    is_idle = group == IDLE_GROUP

    def commit(ground: Ground, version: int) -> OffsetCommitRequest:
        by_id = version >= _FIRST_OFFSETS_BY_ID
        return OffsetCommitRequest(
            group_id=group,
            # A group that is not there would be made, if a generation did not say that it is.
            generation_id_or_member_epoch=-1 if is_idle else 5,
            member_id="" if is_idle else _ID_OF_MEMBER,
            topics=[
                OffsetCommitRequestTopic(
                    name="" if by_id else name,
                    topic_id=ground.topic_id(name) if by_id else ZERO_UUID,
                    partitions=[OffsetCommitRequestPartition(partition_index=0, committed_offset=1, committed_metadata="at")],
                )
                for name in _MIXED
            ],
        )

    def fetch(ground: Ground, version: int) -> OffsetFetchRequest:
        if version < _FIRST_FETCH_OF_SEVERAL:
            return OffsetFetchRequest(
                group_id=group, topics=[OffsetFetchRequestTopic(name=name, partition_indexes=[0, 1]) for name in _MIXED]
            )
        return OffsetFetchRequest(
            groups=[
                OffsetFetchRequestGroup(
                    group_id=group,
                    topics=[
                        OffsetFetchRequestTopics(name=name, topic_id=ground.topic_id(name), partition_indexes=[0, 1])
                        for name in _MIXED
                    ],
                )
            ],
        )

    deleted = OffsetDeleteRequest(
        group_id=group,
        topics=[
            OffsetDeleteRequestTopic(name=name, partitions=[OffsetDeleteRequestPartition(partition_index=0)]) for name in _MIXED
        ],
    )
    yield Case(ApiKey.OFFSET_COMMIT, f"of {group}", commit, (2, 9, 10))
    yield Case(ApiKey.OFFSET_FETCH, f"of {group}", fetch, (1, 7, 9, 10))
    yield Case(ApiKey.OFFSET_DELETE, f"of {group}", lambda ground, version: deleted, undo=commit_again if is_idle else None)


def _all_offsets() -> Case:
    groups = (OTHER_GROUP, HERE_GROUP, GONE_GROUP, HERE_GROUP)
    one = OffsetFetchRequest(group_id=HERE_GROUP, topics=None)
    several = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=group, topics=None) for group in groups])

    def request(ground: Ground, version: int) -> OffsetFetchRequest:
        return several if version >= _FIRST_FETCH_OF_SEVERAL else one

    return Case(ApiKey.OFFSET_FETCH, "everything", request, (2, 7, 9, 10), ("topics",))


def _producers() -> Iterator[Case]:
    requests = {
        "idempotent": InitProducerIdRequest(),
        "half an id": InitProducerIdRequest(producer_id=5),
        "half an id of a transactional one": InitProducerIdRequest(transactional_id=IDLE_TXN, producer_id=5),
        IDLE_TXN: InitProducerIdRequest(transactional_id=IDLE_TXN, transaction_timeout_ms=60_000),
        OTHER_TXN: InitProducerIdRequest(transactional_id=OTHER_TXN, transaction_timeout_ms=60_000),
    }
    for label, request in requests.items():
        yield _producer(label, request)


def _producer(label: str, request: InitProducerIdRequest) -> Case:
    def place(value: object) -> str:
        return "none" if value == -1 else "given"

    replace = {"producer_id": place, "producer_epoch": place}
    versions = (0, 5) if request.producer_id == -1 else (5,)
    return Case(ApiKey.INIT_PRODUCER_ID, label, lambda ground, version: request, versions, replace=replace)


def _transaction(transactional_id: str) -> Iterator[Case]:
    """As a producer that nobody knows, so that nothing changes."""
    end = EndTxnRequest(transactional_id=transactional_id, producer_id=STRANGER, producer_epoch=0, committed=True)
    yield Case(ApiKey.END_TXN, f"of {transactional_id}", lambda ground, version: end, (0, 5))
    for label, topics in {**WRITTEN, "internal": ("__consumer_offsets", IDLE)}.items():
        yield _partitions(f"{label} to {transactional_id}", transactional_id, topics)
    for group in (HERE_GROUP, OTHER_GROUP):
        yield from _transactional_offsets(transactional_id, group)


def _transactional_offsets(transactional_id: str, group: str) -> Iterator[Case]:
    label = f"{group} of {transactional_id}"
    add = AddOffsetsToTxnRequest(transactional_id=transactional_id, producer_id=STRANGER, producer_epoch=0, group_id=group)
    yield Case(ApiKey.ADD_OFFSETS_TO_TXN, label, lambda ground, version: add, (0, 4))
    commit = TxnOffsetCommitRequest(
        transactional_id=transactional_id,
        group_id=group,
        producer_id=STRANGER,
        producer_epoch=0,
        generation_id=5,
        member_id=_ID_OF_MEMBER,
        topics=[
            TxnOffsetCommitRequestTopic(
                name=name, partitions=[TxnOffsetCommitRequestPartition(partition_index=0, committed_offset=1)]
            )
            for name in (OTHER, HERE, GONE)
        ],
    )
    yield Case(ApiKey.TXN_OFFSET_COMMIT, label, lambda ground, version: commit, (3, 5))


def _partitions(label: str, transactional_id: str, topics: Sequence[str]) -> Case:
    asked = [AddPartitionsToTxnTopic(name=name, partitions=[0]) for name in topics]

    def request(ground: Ground, version: int) -> AddPartitionsToTxnRequest:
        if version < _FIRST_OF_BROKERS:
            return AddPartitionsToTxnRequest(
                v3_and_below_transactional_id=transactional_id,
                v3_and_below_producer_id=STRANGER,
                v3_and_below_producer_epoch=0,
                v3_and_below_topics=asked,
            )
        of_broker = AddPartitionsToTxnTransaction(
            transactional_id=transactional_id, producer_id=STRANGER, producer_epoch=0, verify_only=True, topics=asked
        )
        return AddPartitionsToTxnRequest(transactions=[of_broker])

    unordered = ("topic_results", "results_by_topic_v3_and_below")
    return Case(ApiKey.ADD_PARTITIONS_TO_TXN, label, request, (0, 3, 5), unordered)


def _cases() -> Iterator[Case]:
    yield from _groups()
    for label, group in {"here": HERE_GROUP, "gone": GONE_GROUP, "other": OTHER_GROUP}.items():
        yield from _membership(label, group)
    for key_type, keys in enumerate(_KEYS):
        yield from _coordinators(key_type, keys)
    for group in (IDLE_GROUP, GONE_GROUP, OTHER_GROUP):
        yield from _offsets(group)
    yield _all_offsets()
    yield from _producers()
    for transactional_id in (HERE_TXN, GONE_TXN, OTHER_TXN):
        yield from _transaction(transactional_id)


CASES: Final = tuple(_cases())
