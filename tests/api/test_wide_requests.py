"""As many entries as a request holds, for every API that walks them: all are answered, and other clients get their turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages import (
    add_partitions_to_txn,
    alter_configs,
    alter_partition_reassignments,
    create_partitions,
    create_topics,
    delete_groups,
    delete_topics,
    describe_groups,
    describe_log_dirs,
    describe_producers,
    describe_quorum,
    describe_topic_partitions,
    elect_leaders,
    fetch,
    find_coordinator,
    incremental_alter_configs,
    leave_group,
    list_offsets,
    offset_delete,
    offset_fetch,
    offset_for_leader_epoch,
    update_features,
)
from kafka_compat.protocol.messages.offset_commit import OffsetCommitResponse
from kafka_compat.protocol.registry import response_class
from tests.api.worlds import Turns, World, commit_of
from tests.support.wire_client import api_key_of

COUNT = 3_000
LOOKS = COUNT // 16
NUMBERS = range(COUNT)

# What the request is made of: (topic of one partition, topic of many, group).
Make = Callable[[str, str, str], Message]


def _unknown(number: int) -> str:
    return f"unknown-{number}"


WIDE: dict[str, tuple[int, Make, Callable[[Any], int]]] = {
    "create topics": (
        7,
        lambda one, many, group: create_topics.CreateTopicsRequest(
            topics=[create_topics.CreatableTopic(name=_unknown(n), num_partitions=0, replication_factor=1) for n in NUMBERS],
            timeout_ms=10_000,
        ),
        lambda answer: len(answer.topics),
    ),
    "create topics, validated": (
        7,
        lambda one, many, group: create_topics.CreateTopicsRequest(
            topics=[create_topics.CreatableTopic(name=_unknown(n), num_partitions=1, replication_factor=1) for n in NUMBERS],
            timeout_ms=10_000,
            validate_only=True,
        ),
        lambda answer: sum(len(topic.configs) > 30 for topic in answer.topics),
    ),
    "delete topics": (
        5,
        lambda one, many, group: delete_topics.DeleteTopicsRequest(
            topic_names=[_unknown(n) for n in NUMBERS], timeout_ms=10_000
        ),
        lambda answer: len(answer.responses),
    ),
    "delete topics by id": (
        6,
        lambda one, many, group: delete_topics.DeleteTopicsRequest(
            topics=[delete_topics.DeleteTopicState(name=None, topic_id=(n + 1).to_bytes(16, "big")) for n in NUMBERS],
            timeout_ms=10_000,
        ),
        lambda answer: len(answer.responses),
    ),
    "create partitions": (
        3,
        lambda one, many, group: create_partitions.CreatePartitionsRequest(
            topics=[create_partitions.CreatePartitionsTopic(name=_unknown(n), count=2) for n in NUMBERS], timeout_ms=10_000
        ),
        lambda answer: len(answer.results),
    ),
    "alter configs": (
        2,
        lambda one, many, group: alter_configs.AlterConfigsRequest(
            resources=[
                alter_configs.AlterConfigsResource(resource_type=2, resource_name=_unknown(n), configs=[]) for n in NUMBERS
            ]
        ),
        lambda answer: len(answer.responses),
    ),
    "incremental alter configs": (
        1,
        lambda one, many, group: incremental_alter_configs.IncrementalAlterConfigsRequest(
            resources=[
                incremental_alter_configs.AlterConfigsResource(resource_type=2, resource_name=_unknown(n), configs=[])
                for n in NUMBERS
            ]
        ),
        lambda answer: len(answer.responses),
    ),
    "alter configs, many of one topic": (
        2,
        lambda one, many, group: alter_configs.AlterConfigsRequest(
            resources=[
                alter_configs.AlterConfigsResource(
                    resource_type=2,
                    resource_name=one,
                    configs=[alter_configs.AlterableConfig(name=_unknown(n), value="") for n in NUMBERS],
                )
            ]
        ),
        lambda answer: COUNT if answer.responses[0].error_code == ErrorCode.INVALID_CONFIG else 0,
    ),
    "incremental alter configs, many of one topic": (
        1,
        lambda one, many, group: incremental_alter_configs.IncrementalAlterConfigsRequest(
            resources=[
                incremental_alter_configs.AlterConfigsResource(
                    resource_type=2,
                    resource_name=one,
                    configs=[incremental_alter_configs.AlterableConfig(name=_unknown(n), value="") for n in NUMBERS],
                )
            ]
        ),
        lambda answer: COUNT if answer.responses[0].error_code == ErrorCode.INVALID_CONFIG else 0,
    ),
    "elect leaders": (
        2,
        lambda one, many, group: elect_leaders.ElectLeadersRequest(
            topic_partitions=[elect_leaders.TopicPartitions(topic=many, partitions=list(NUMBERS))], timeout_ms=10_000
        ),
        lambda answer: len(answer.replica_election_results[0].partition_result),
    ),
    "alter partition reassignments": (
        1,
        lambda one, many, group: alter_partition_reassignments.AlterPartitionReassignmentsRequest(
            topics=[
                alter_partition_reassignments.ReassignableTopic(
                    name=one,
                    partitions=[
                        alter_partition_reassignments.ReassignablePartition(partition_index=0, replicas=[1]) for _ in NUMBERS
                    ],
                )
            ],
            timeout_ms=10_000,
        ),
        lambda answer: len(answer.responses[0].partitions),
    ),
    "update features": (
        1,
        lambda one, many, group: update_features.UpdateFeaturesRequest(
            feature_updates=[
                update_features.FeatureUpdateKey(feature="metadata.version", max_version_level=30, upgrade_type=1)
                for _ in NUMBERS
            ],
            validate_only=True,
        ),
        lambda answer: len(answer.results),
    ),
    "describe topic partitions": (
        0,
        lambda one, many, group: describe_topic_partitions.DescribeTopicPartitionsRequest(
            topics=[describe_topic_partitions.TopicRequest(name=_unknown(n)) for n in NUMBERS]
        ),
        lambda answer: len(answer.topics),
    ),
    "describe log dirs": (
        4,
        lambda one, many, group: describe_log_dirs.DescribeLogDirsRequest(
            topics=[describe_log_dirs.DescribableLogDirTopic(topic=many, partitions=list(NUMBERS) * 2)]
        ),
        lambda answer: 30 * len(answer.results[0].topics[0].partitions),
    ),
    "describe producers": (
        0,
        lambda one, many, group: describe_producers.DescribeProducersRequest(
            topics=[describe_producers.TopicRequest(name=one, partition_indexes=[0] * COUNT)]
        ),
        lambda answer: len(answer.topics[0].partitions),
    ),
    "describe quorum": (
        1,
        lambda one, many, group: describe_quorum.DescribeQuorumRequest(
            topics=[
                describe_quorum.DescribeQuorumRequestTopicData(
                    topic_name=one,
                    partitions=[describe_quorum.DescribeQuorumRequestPartitionData(partition_index=n) for n in NUMBERS],
                )
            ]
        ),
        lambda answer: len(answer.topics[0].partitions),
    ),
    "offset for leader epoch": (
        4,
        lambda one, many, group: offset_for_leader_epoch.OffsetForLeaderEpochRequest(
            topics=[
                offset_for_leader_epoch.OffsetForLeaderTopic(
                    topic=many,
                    partitions=[
                        offset_for_leader_epoch.OffsetForLeaderPartition(partition=n % 100, leader_epoch=0) for n in NUMBERS
                    ],
                )
            ]
        ),
        lambda answer: len(answer.topics[0].partitions),
    ),
    "list offsets": (
        7,
        lambda one, many, group: list_offsets.ListOffsetsRequest(
            topics=[
                list_offsets.ListOffsetsTopic(
                    name=many,
                    partitions=[list_offsets.ListOffsetsPartition(partition_index=n, timestamp=-1) for n in NUMBERS],
                )
            ]
        ),
        lambda answer: len(answer.topics[0].partitions),
    ),
    "find coordinator": (
        4,
        lambda one, many, group: find_coordinator.FindCoordinatorRequest(coordinator_keys=[f"g{n % 100}" for n in NUMBERS]),
        lambda answer: sum(found.error_code == 0 for found in answer.coordinators),
    ),
    "add partitions": (
        3,
        lambda one, many, group: add_partitions_to_txn.AddPartitionsToTxnRequest(
            v3_and_below_transactional_id="nobody",
            v3_and_below_topics=[
                add_partitions_to_txn.AddPartitionsToTxnTopic(name=many, partitions=[n % 100 for n in NUMBERS])
            ],
        ),
        lambda answer: len(answer.results_by_topic_v3_and_below[0].results_by_partition),
    ),
    "add partitions of many": (
        5,
        lambda one, many, group: add_partitions_to_txn.AddPartitionsToTxnRequest(
            transactions=[
                add_partitions_to_txn.AddPartitionsToTxnTransaction(
                    transactional_id=_unknown(n),
                    topics=[add_partitions_to_txn.AddPartitionsToTxnTopic(name=one, partitions=[0])],
                )
                for n in NUMBERS
            ]
        ),
        lambda answer: sum(len(result.topic_results) for result in answer.results_by_transaction),
    ),
    "describe groups": (
        5,
        lambda one, many, group: describe_groups.DescribeGroupsRequest(groups=["", *map(_unknown, NUMBERS[2:]), group]),
        lambda answer: len(answer.groups),
    ),
    "delete groups": (
        2,
        lambda one, many, group: delete_groups.DeleteGroupsRequest(groups_names=[_unknown(n) for n in NUMBERS] * 2),
        lambda answer: sum(result.error_code == 69 for result in answer.results),
    ),
    "leave group": (
        4,
        lambda one, many, group: leave_group.LeaveGroupRequest(
            group_id=group, members=[leave_group.MemberIdentity(member_id=f"stranger{n}") for n in range(16 * COUNT)]
        ),
        lambda answer: len(answer.members) // 16,
    ),
    "offset fetch, one group": (
        5,
        lambda one, many, group: offset_fetch.OffsetFetchRequest(
            group_id=group, topics=[offset_fetch.OffsetFetchRequestTopic(name=many, partition_indexes=list(NUMBERS))]
        ),
        lambda answer: len(answer.topics[0].partitions),
    ),
    "offset fetch, many topics of many groups": (
        8,
        lambda one, many, group: offset_fetch.OffsetFetchRequest(
            groups=[
                offset_fetch.OffsetFetchRequestGroup(
                    group_id=group,
                    topics=[offset_fetch.OffsetFetchRequestTopics(name=_unknown(n), partition_indexes=[0]) for n in NUMBERS],
                ),
                *(offset_fetch.OffsetFetchRequestGroup(group_id=_unknown(n % 10), topics=None) for n in NUMBERS),
            ]
        ),
        lambda answer: len(answer.groups[0].topics) if len(answer.groups) == COUNT + 1 else 0,
    ),
    "offset delete": (
        0,
        lambda one, many, group: offset_delete.OffsetDeleteRequest(
            group_id=group,
            topics=[
                offset_delete.OffsetDeleteRequestTopic(
                    name=many,
                    partitions=[offset_delete.OffsetDeleteRequestPartition(partition_index=n % 100) for n in NUMBERS],
                )
            ],
        ),
        lambda answer: len(answer.topics[0].partitions),
    ),
}


@pytest.mark.parametrize("case", WIDE)
def test_every_entry_is_answered_and_others_get_their_turn(world: World, turns: Turns, case: str) -> None:
    one, many, group = world.topic(), world.topic(partitions=100), world.group()
    # Offsets can be deleted of a group that is there.
    world.call(commit_of(group, (one, [(0, 0)])), 7, OffsetCommitResponse)
    version, make, count = WIDE[case]
    request = make(one, many, group)
    turns.count = 0
    answer = world.call(request, version, response_class(api_key_of(request)))
    assert count(answer) == COUNT
    # Members leave 500 at a time, everything else is walked entry by entry.
    assert turns.count >= (16 * COUNT // 500 if case == "leave group" else LOOKS)


def test_a_small_fetch_of_a_wide_session_gives_others_their_turn(world: World, turns: Turns) -> None:
    wanted = fetch.FetchTopic(topic="unknown", partitions=[fetch.FetchPartition(partition=number) for number in NUMBERS])
    first = world.call(fetch.FetchRequest(topics=[wanted], session_epoch=0), 12, fetch.FetchResponse)
    turns.count = 0
    again = fetch.FetchRequest(session_id=first.session_id, session_epoch=1)
    answer = world.call(again, 12, fetch.FetchResponse)
    assert len(answer.responses[0].partitions) == COUNT
    assert turns.count >= 2 * LOOKS  # named, and answered


def test_a_wide_fetch_that_is_refused_names_every_partition(world: World) -> None:
    wanted = fetch.FetchTopic(topic="unknown", partitions=[fetch.FetchPartition(partition=number) for number in NUMBERS])
    answer = world.call(fetch.FetchRequest(topics=[wanted], isolation_level=2), 12, fetch.FetchResponse)
    codes = [partition.error_code for partition in answer.responses[0].partitions]
    assert codes == [ErrorCode.UNKNOWN_SERVER_ERROR] * COUNT


def test_topics_of_one_transaction_that_cannot_be_added_are_answered_in_turns(world: World, turns: Turns) -> None:
    topics = [add_partitions_to_txn.AddPartitionsToTxnTopic(name=_unknown(n), partitions=[0]) for n in NUMBERS]
    request = add_partitions_to_txn.AddPartitionsToTxnRequest(
        v3_and_below_transactional_id="nobody", v3_and_below_topics=topics
    )
    answer = world.call(request, 3, add_partitions_to_txn.AddPartitionsToTxnResponse)
    assert len(answer.results_by_topic_v3_and_below) == COUNT
    assert turns.count >= 2 * COUNT + LOOKS  # read, looked up, and answered
