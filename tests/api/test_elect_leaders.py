from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.elect_leaders import ElectLeadersRequest, ElectLeadersResponse
from tests.api.worlds import World


def test_all_partitions_answer_only_what_changed(world: World) -> None:
    name = world.topic("elected", 3)
    answer = world.call(ElectLeadersRequest(topic_partitions=None, timeout_ms=10_000), 2, ElectLeadersResponse)
    mine = [result for result in answer.replica_election_results if result.topic == name]
    assert answer.error_code == ErrorCode.NONE
    assert [result.partition_result for result in mine] == [[]]


def test_unknown_election_type(world: World) -> None:
    request = ElectLeadersRequest(election_type=5, topic_partitions=None, timeout_ms=10_000)
    assert world.call(request, 1, ElectLeadersResponse).error_code == ErrorCode.INVALID_REQUEST
    # Kafka answers an empty list without a look at the rest.
    request.topic_partitions = []
    assert world.call(request, 1, ElectLeadersResponse) == ElectLeadersResponse()
