from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_cluster import DescribeClusterRequest, DescribeClusterResponse
from tests.api.worlds import World


@pytest.mark.kafka(brokers=3)
def test_all_brokers_with_their_addresses(world: World) -> None:
    answer = world.call(DescribeClusterRequest(), 2, DescribeClusterResponse)
    addresses = [f"{broker.host}:{broker.port}" for broker in answer.brokers]
    assert addresses == world.cluster.bootstrap.split(",")
    assert [broker.broker_id for broker in answer.brokers] == [1, 2, 3]
    assert answer.controller_id in (1, 2, 3)
    assert not any(broker.is_fenced for broker in answer.brokers)


def test_controllers_have_no_endpoint_here(world: World) -> None:
    answer = world.call(DescribeClusterRequest(endpoint_type=2), 1, DescribeClusterResponse)
    assert answer.error_code == ErrorCode.MISMATCHED_ENDPOINT_TYPE
    answer = world.call(DescribeClusterRequest(endpoint_type=7), 1, DescribeClusterResponse)
    assert (answer.error_code, answer.error_message) == (
        ErrorCode.UNSUPPORTED_ENDPOINT_TYPE,
        "Unsupported endpoint type 7",
    )
