from __future__ import annotations

import pytest

from kafka_compat.protocol.messages.describe_topic_partitions import (
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsRequestCursor,
    DescribeTopicPartitionsResponse,
    TopicRequest,
)
from tests.api.worlds import World


def pages(world: World, names: list[str], limit: int) -> list[list[tuple[str, int]]]:
    """(topic, partition) of each page, until there is no cursor."""
    found = []
    cursor = None
    while True:
        topics = [TopicRequest(name=name) for name in names]
        request = DescribeTopicPartitionsRequest(topics=topics, response_partition_limit=limit, cursor=cursor)
        answer = world.call(request, 0, DescribeTopicPartitionsResponse)
        found.append([(t.name or "", p.partition_index) for t in answer.topics for p in t.partitions])
        if answer.next_cursor is None:
            return found
        cursor = DescribeTopicPartitionsRequestCursor(
            topic_name=answer.next_cursor.topic_name, partition_index=answer.next_cursor.partition_index
        )


def test_pages_hold_everything_once_in_order_of_names(world: World) -> None:
    one, two, three = world.topic("page-a", 3), world.topic("page-b", 1), world.topic("page-c", 4)
    everything = [(name, index) for name, count in ((one, 3), (two, 1), (three, 4)) for index in range(count)]
    for limit in range(1, 10):
        found = pages(world, [three, one, two], limit)
        assert [item for page in found for item in page] == everything
        assert all(len(page) <= limit for page in found)


@pytest.mark.kafka(topics={"wide": 5}, configs={"max.request.partition.size.limit": "2"})
def test_broker_limits_the_page(world: World) -> None:
    assert [len(page) for page in pages(world, [], 1000)] == [2, 2, 1]
