"""The logs follow the image."""

from __future__ import annotations

import pytest

from kafka_compat.clock import SystemClock
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.ids import BrokerId, PartitionId, TopicId, TopicName
from kafka_compat.metadata.changes import PartitionChanged, TopicCreated
from kafka_compat.server.cluster_state import ClusterState
from kafka_compat.server.store import open_store
from kafka_compat.storage.interface import Fenced
from tests.support.storage_worlds import make_batch

T = TopicName("t")


async def test_a_new_term_takes_the_log_from_the_one_before() -> None:
    clock, config = SystemClock(), BrokerConfig()
    state = await ClusterState.open(open_store(1, clock, None, MemoryFileSystem()), config, clock)
    one = [BrokerId(1)]
    await state.controller.change(lambda _: [TopicCreated(T, TopicId(b"0123456789abcdef"), [one], [0], [0])])
    log = state.logs.get("t", 0)
    assert log is not None
    old = log.storage
    await state.controller.change(lambda _: [PartitionChanged(T, PartitionId(0), one, one, BrokerId(1), 1, 1)])
    assert (log.leader_epoch, log.storage.epoch) == (1, 1)
    with pytest.raises(Fenced):
        old.append(make_batch(0), 0, 0, 0, 0)
    await state.close()
