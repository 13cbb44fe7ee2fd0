"""Followers that fetch now and then."""

from __future__ import annotations

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.ids import BrokerId, TopicId, TopicName
from kafka_compat.log.manager import REOPEN_MS
from kafka_compat.metadata.changes import TopicCreated
from kafka_compat.records.builder import build_batch
from kafka_compat.server.cluster_state import ClusterState
from kafka_compat.server.store import open_store
from kafka_compat.storage.interface import LogId
from kafka_compat.testing.manual_clock import ManualClock

BROKERS = [BrokerId(1), BrokerId(2)]


async def test_the_high_watermark_moves_when_a_slow_follower_fetches() -> None:
    clock, config = ManualClock(), BrokerConfig()
    state = await ClusterState.open(open_store(1, clock, None, MemoryFileSystem()), config, clock)
    created = TopicCreated(TopicName("t"), TopicId(b"0123456789abcdef"), [BROKERS], [0], [0])
    await state.controller.change(lambda _: [created])
    log = state.logs.get("t", 0)
    assert log is not None
    state.slow_replication.begin(BROKERS[1], 500)
    for _ in range(2):
        log.append_records(build_batch([(0, None, b"v", ())]), 0)
    assert log.high_watermark == 0
    await clock.advance(499)
    assert log.high_watermark == 0
    await clock.advance(1)
    assert log.high_watermark == 2
    log.append_records(build_batch([(0, None, b"v", ())]), 0)
    await clock.advance(499)
    assert log.high_watermark == 2
    state.slow_replication.end(BROKERS[1])
    assert log.high_watermark == 3
    await state.close()


async def test_a_log_that_is_made_late_knows_its_replicas() -> None:
    clock, config = ManualClock(), BrokerConfig()
    state = await ClusterState.open(open_store(1, clock, None, MemoryFileSystem()), config, clock)
    topic_id = TopicId(b"0123456789abcdef")
    await state.controller.change(lambda _: [TopicCreated(TopicName("t"), topic_id, [BROKERS], [0], [0])])
    log_id = LogId("t", 0, topic_id)
    await state.logs.delete(log_id)
    state.logs.create_later(log_id, 0, state.topic_config(TopicName("t")))
    state.replication.pause(BROKERS[1], clock.monotonic_ms())
    await clock.advance(REOPEN_MS)
    await state.logs.settle()
    log = state.logs.get("t", 0)
    assert log is not None
    log.append_records(build_batch([(0, None, b"v", ())]), 0)
    assert (log.log_end_offset, log.high_watermark) == (1, 0)
    await state.close()
