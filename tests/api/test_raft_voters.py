"""AddRaftVoter and RemoveRaftVoter with several brokers; with one, `tests/conformance/test_raft_voters.py` has all."""

from __future__ import annotations

from kafka_compat.metadata.quorum import directory_id
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.add_raft_voter import AddRaftVoterRequest, AddRaftVoterResponse, Listener
from kafka_compat.protocol.messages.describe_cluster import DescribeClusterRequest, DescribeClusterResponse
from kafka_compat.protocol.messages.remove_raft_voter import RemoveRaftVoterRequest, RemoveRaftVoterResponse
from kafka_compat.testing import Cluster
from tests.api.worlds import World


def test_each_registered_broker_is_a_voter() -> None:
    with Cluster(brokers=2) as cluster, World(cluster) as world:
        voter = AddRaftVoterRequest(
            cluster_id=None,
            voter_id=2,
            voter_directory_id=b"d" * 16,
            listeners=[Listener(name="CONTROLLER", host="localhost", port=1)],
        )
        added = world.call(voter, 1, AddRaftVoterResponse)
        assert added.error_code == ErrorCode.DUPLICATE_VOTER
        assert "ReplicaKey(id=2" in (added.error_message or "")


def test_voters_leave_the_quorum_with_the_cluster() -> None:
    with Cluster(brokers=2) as cluster, World(cluster) as world:
        cluster_id = world.call(DescribeClusterRequest(), 2, DescribeClusterResponse).cluster_id
        voter = RemoveRaftVoterRequest(cluster_id=cluster_id, voter_id=2, voter_directory_id=directory_id(cluster_id))
        removed = world.call(voter, 0, RemoveRaftVoterResponse)
        assert removed.error_code == ErrorCode.INVALID_REQUEST
        assert "UnregisterBroker" in (removed.error_message or "")


def test_listeners_that_are_not_the_controllers_are_named_in_few_words(world: World) -> None:
    listeners = [Listener(name=f"L{number}", host="h" * 1000, port=1) for number in range(1000)]
    request = AddRaftVoterRequest(cluster_id=None, voter_id=2, voter_directory_id=b"d" * 16, listeners=listeners)
    refused = world.call(request, 1, AddRaftVoterResponse)
    assert refused.error_code == ErrorCode.INVALID_REQUEST
    assert len(refused.error_message or "") < 10_000
