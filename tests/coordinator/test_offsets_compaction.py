"""The coordinator over a compacted __consumer_offsets: it loses nothing, and reads less."""

from __future__ import annotations

from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.manual_clock import ManualClock
from tests.support.config_requests import TOPIC, set_configs
from tests.support.group_wire import OFFSETS_TOPIC, Connect

CONFIGS = {"offsets.topic.num.partitions": "1"}


def test_committed_offsets_survive_the_compaction_of_their_topic(connect: Connect) -> None:
    file_system = MemoryFileSystem()
    clock = ManualClock()
    with Cluster(topics={"orders": 2}, configs=CONFIGS, clock=clock, file_system=file_system) as cluster:
        wire = connect(cluster)
        wire.find("g")
        assert wire.commit(1) == 0
        set_configs(wire.client, TOPIC, OFFSETS_TOPIC, {"internal.segment.bytes": "2000", "min.cleanable.dirty.ratio": "0"})
        for offset in range(2, 200):
            assert wire.commit(offset) == 0
        assert wire.commit(7, group="other", partition=1) == 0
        log = cluster.state.logs.get(OFFSETS_TOPIC, 0)
        assert log is not None
        before = log.size_in_bytes
        cluster.advance(20_000)
        assert log.size_in_bytes < before / 5
        assert (wire.committed(), wire.committed(group="other", partition=1)) == (199, 7)
    with Cluster(configs=CONFIGS, clock=clock, file_system=file_system) as cluster:
        wire = connect(cluster)
        assert (wire.committed(), wire.committed(group="other", partition=1)) == (199, 7)
        assert wire.groups() == ["g", "other"]
