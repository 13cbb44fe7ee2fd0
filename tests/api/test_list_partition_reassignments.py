from __future__ import annotations

from kafka_compat.protocol.messages.list_partition_reassignments import (
    ListPartitionReassignmentsRequest,
    ListPartitionReassignmentsResponse,
)
from tests.api.worlds import World


def test_nothing_is_ever_under_way(world: World) -> None:
    world.topic()
    answer = world.call(ListPartitionReassignmentsRequest(topics=None), 0, ListPartitionReassignmentsResponse)
    assert answer == ListPartitionReassignmentsResponse(error_message=None)
