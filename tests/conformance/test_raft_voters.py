"""AddRaftVoter and RemoveRaftVoter against Apache Kafka: one node, which is its quorum's only voter and stays it."""

from __future__ import annotations

from typing import Any

import pytest

from kafka_compat.metadata.changes import uuid_text
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.add_raft_voter import AddRaftVoterRequest, Listener
from kafka_compat.protocol.messages.describe_cluster import DescribeClusterRequest, DescribeClusterResponse
from kafka_compat.protocol.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumRequestPartitionData,
    DescribeQuorumRequestTopicData,
    DescribeQuorumResponse,
)
from kafka_compat.protocol.messages.remove_raft_voter import RemoveRaftVoterRequest
from tests.conformance.both import Both, Request, Side
from tests.conformance.normalise import Normal

OTHER_DIRECTORY = b"d" * 16
NODE_ID = 1
LISTENER = Listener(name="CONTROLLER", host="127.0.0.1", port=1)


class Node:
    """What a side says of itself."""

    def __init__(self, side: Side) -> None:
        self.cluster_id = side.call(DescribeClusterRequest(), 2, DescribeClusterResponse).cluster_id
        metadata = DescribeQuorumRequestTopicData(
            topic_name="__cluster_metadata", partitions=[DescribeQuorumRequestPartitionData(partition_index=0)]
        )
        quorum = side.call(DescribeQuorumRequest(topics=[metadata]), 2, DescribeQuorumResponse).topics[0].partitions[0]
        (voter,) = quorum.current_voters
        assert voter.replica_id == NODE_ID
        self.directory_id = voter.replica_directory_id
        side.names.texts[uuid_text(self.directory_id)] = "<directory id>"


@pytest.fixture
def nodes(both: Both) -> dict[str, Node]:
    return {side.kind: Node(side) for side in both.sides}


def unready(text: object) -> Normal:
    """The reference says it in two ways: whether it has tried to connect, or waits until it may try again."""
    assert isinstance(text, str)
    return "<not ready>" if "not ready" in text or "BROKER_NOT_AVAILABLE" in text else text


def add(nodes: dict[str, Node], *, mine: bool = False, **fields: Any) -> Request:
    """Of a voter that is not there, or `mine`: in the node's own directory."""

    def request(side: Side) -> AddRaftVoterRequest:
        node = nodes[side.kind]
        likely = {
            "cluster_id": node.cluster_id,
            "timeout_ms": 1000,
            "voter_id": 9,
            "voter_directory_id": node.directory_id if mine else OTHER_DIRECTORY,
            "listeners": [LISTENER],
        }
        return AddRaftVoterRequest(**{**likely, **fields})

    return request


def test_voter_that_is_not_there(both: Both, nodes: dict[str, Node]) -> None:
    replace = {"error_message": unready}
    expect = {ErrorCode.REQUEST_TIMED_OUT}
    both.compare("new", add(nodes), (0, 1), replace=replace, expect=expect)
    both.compare("any cluster", add(nodes, cluster_id=None), (0, 1), replace=replace, expect=expect)
    both.compare("no time", add(nodes, timeout_ms=0), (0, 1), replace=replace, expect=expect)
    both.compare("not committed", add(nodes, ack_when_committed=False), [1], replace=replace, expect=expect)
    for label, listeners in {
        "lower case": [Listener(name="controller", host="127.0.0.1", port=1)],
        "two": [LISTENER, Listener(name="OTHER", host="127.0.0.1", port=2)],
        "the same twice": [LISTENER, LISTENER],
    }.items():
        both.compare(label, add(nodes, listeners=listeners), (0, 1), replace=replace, expect=expect)


def test_voters_that_cannot_be(both: Both, nodes: dict[str, Node]) -> None:
    for label, fields, error in (
        ("this node", {"voter_id": NODE_ID, "mine": True}, ErrorCode.DUPLICATE_VOTER),
        ("its id", {"voter_id": NODE_ID}, ErrorCode.DUPLICATE_VOTER),
        ("other cluster", {"cluster_id": "nope"}, ErrorCode.INCONSISTENT_CLUSTER_ID),
        ("empty cluster", {"cluster_id": ""}, ErrorCode.INCONSISTENT_CLUSTER_ID),
        ("no directory", {"voter_directory_id": bytes(16)}, ErrorCode.INVALID_REQUEST),
        ("negative id", {"voter_id": -1}, ErrorCode.INVALID_REQUEST),
        ("lowest id", {"voter_id": -(2**31)}, ErrorCode.INVALID_REQUEST),
        ("no listener", {"listeners": []}, ErrorCode.INVALID_REQUEST),
        ("its id, no listener", {"voter_id": NODE_ID, "listeners": []}, ErrorCode.INVALID_REQUEST),
        ("clients' listener", {"listeners": [Listener(name="plaintext", host="a", port=1)]}, ErrorCode.INVALID_REQUEST),
    ):
        both.compare(label, add(nodes, **fields), (0, 1), expect={error})


def remove(nodes: dict[str, Node], *, mine: bool = False, **fields: Any) -> Request:
    def request(side: Side) -> RemoveRaftVoterRequest:
        node = nodes[side.kind]
        likely = {
            "cluster_id": node.cluster_id,
            "voter_id": 9,
            "voter_directory_id": node.directory_id if mine else OTHER_DIRECTORY,
        }
        return RemoveRaftVoterRequest(**{**likely, **fields})

    return request


def test_no_voter_is_removed(both: Both, nodes: dict[str, Node]) -> None:
    for label, fields, error in (
        ("unknown", {}, ErrorCode.VOTER_NOT_FOUND),
        ("the last", {"voter_id": NODE_ID, "mine": True}, ErrorCode.VOTER_NOT_FOUND),
        ("its id", {"voter_id": NODE_ID}, ErrorCode.VOTER_NOT_FOUND),
        ("its directory", {"mine": True}, ErrorCode.VOTER_NOT_FOUND),
        ("any cluster", {"cluster_id": None}, ErrorCode.VOTER_NOT_FOUND),
        ("other cluster", {"cluster_id": "nope"}, ErrorCode.INCONSISTENT_CLUSTER_ID),
        ("no directory", {"voter_directory_id": bytes(16)}, ErrorCode.INVALID_REQUEST),
        ("negative id", {"voter_id": -1}, ErrorCode.INVALID_REQUEST),
    ):
        both.compare(label, remove(nodes, **fields), [0], expect={error})
