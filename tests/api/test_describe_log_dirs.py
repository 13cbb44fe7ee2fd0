from __future__ import annotations

from pathlib import Path

from kafka_compat.protocol.messages.describe_log_dirs import (
    DescribableLogDirTopic,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
)
from tests.api.worlds import World
from tests.support.brokers import start_ours
from tests.support.wire_client import WireClient


def test_size_is_that_of_the_records(world: World) -> None:
    name = world.topic("sizes", 2)
    world.produce(name, 3)
    wanted = [DescribableLogDirTopic(topic=name, partitions=[0, 1, 2]), DescribableLogDirTopic(topic="nope", partitions=[0])]
    (directory,) = world.call(DescribeLogDirsRequest(topics=wanted), 4, DescribeLogDirsResponse).results
    (topic,) = directory.topics
    sizes = {partition.partition_index: partition.partition_size for partition in topic.partitions}
    assert sizes[1] == 0
    assert sizes[0] > 0
    assert sizes[0] % 3 == 0
    assert set(sizes) == {0, 1}


def test_data_in_memory_have_no_space(world: World) -> None:
    (directory,) = world.call(DescribeLogDirsRequest(topics=[]), 4, DescribeLogDirsResponse).results
    assert (directory.log_dir, directory.total_bytes, directory.usable_bytes) == ("/tmp/kafka-logs", -1, -1)


def test_directory_on_disk_has_its_file_systems_space(tmp_path: Path) -> None:
    with start_ours(tmp_path) as broker, WireClient(broker.bootstrap) as client:
        (directory,) = client.call(DescribeLogDirsRequest(topics=None), 4, DescribeLogDirsResponse).results
        assert directory.log_dir == str(broker.data_dir)
        assert directory.total_bytes >= directory.usable_bytes > 0
