from __future__ import annotations

import pytest

from kafka_compat.protocol.messages.describe_quorum import (
    DescribeQuorumRequest,
    DescribeQuorumRequestPartitionData,
    DescribeQuorumRequestTopicData,
    DescribeQuorumResponse,
)
from tests.api.worlds import World


@pytest.mark.parametrize("version", [0, 1, 2])
def test_this_node_is_the_only_voter(world: World, version: int) -> None:
    partition = DescribeQuorumRequestPartitionData(partition_index=0)
    topic = DescribeQuorumRequestTopicData(topic_name="__cluster_metadata", partitions=[partition])
    answer = world.call(DescribeQuorumRequest(topics=[topic]), version, DescribeQuorumResponse)
    quorum = answer.topics[0].partitions[0]
    assert quorum.leader_id == 1
    assert quorum.observers == []
    (voter,) = quorum.current_voters
    assert (voter.replica_id, voter.log_end_offset) == (1, quorum.high_watermark)
    assert [node.node_id for node in answer.nodes] == ([1] if version == 2 else [])
