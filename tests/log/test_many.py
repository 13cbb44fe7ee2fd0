"""Thousands of logs, or of producers in one: the loop goes round in between, whatever is done with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest

from kafka_compat import pacing
from kafka_compat.clock import SystemClock
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.settings import SINGLE_NODE_CONFIGS
from kafka_compat.filesystem import FileSystem, MemoryFileSystem, OsFileSystem
from kafka_compat.ids import BrokerId, TopicId, TopicName
from kafka_compat.log.producer_state import ProducerState
from kafka_compat.log.recovery import recover_state
from kafka_compat.metadata.changes import ConfigsChanged, TopicCreated, TopicDeleted, TopicGrown
from kafka_compat.metadata.config_resources import BROKER_RESOURCE, TOPIC_RESOURCE
from kafka_compat.metadata.image import RegisteredBroker
from kafka_compat.server.cluster_state import ClusterState
from kafka_compat.server.store import open_store
from tests.support.log_worlds import LOG, World

MANY = 1000
# Logs per turn: a slice is over after each, and so many are worked on at once.
PER_TURN = 16
ID = TopicId(b"0123456789abcdef")
T = TopicName("t")


@pytest.fixture(autouse=True)
def every_slice_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns are counted, not time."""
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)


async def turns_of(work: Awaitable[object]) -> int:
    """How often the loop goes round until `work` is done."""
    task = asyncio.ensure_future(work)
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    await task
    return turns


@pytest.fixture(params=["memory", "os"])
def filesystem(request: pytest.FixtureRequest) -> FileSystem:
    return MemoryFileSystem() if request.param == "memory" else OsFileSystem()


async def open_state(filesystem: FileSystem, path: Path) -> ClusterState:
    config = BrokerConfig(
        {**SINGLE_NODE_CONFIGS, "process.roles": "broker,controller", "controller.listener.names": "CONTROLLER"}
    )
    clock = SystemClock()
    state = await ClusterState.open(open_store(config.node_id, clock, path, filesystem), config, clock)
    await state.membership.up(RegisteredBroker(BrokerId(1), {}))
    return state


async def test_many_partitions_leave_the_loop_to_others(filesystem: FileSystem, tmp_path: Path) -> None:
    state = await open_state(filesystem, tmp_path / "data")
    change = state.controller.change
    one = BrokerId(1)
    created = TopicCreated(T, ID, [[one]] * MANY, [0] * MANY, [0] * MANY)
    turns = {
        "create": await turns_of(change(lambda _: [created])),
        "grow": await turns_of(change(lambda _: [TopicGrown(T, [[one]] * MANY)])),
    }
    assert len(list(state.logs.logs)) == 2 * MANY
    turns["topic config"] = await turns_of(change(lambda _: [ConfigsChanged(TOPIC_RESOURCE, "t", {"retention.ms": "7"})]))
    log = state.logs.get("t", 2 * MANY - 1)
    assert log is not None
    assert log.config.retention_ms == 7
    turns["broker config"] = await turns_of(
        change(
            lambda image: [
                ConfigsChanged(BROKER_RESOURCE, "", {**image.overrides(BROKER_RESOURCE, ""), "message.max.bytes": "99"})
            ]
        )
    )
    assert log.config.max_message_bytes == 99
    turns["retention"] = await turns_of(state.logs.apply_retention())
    turns["producers"] = await turns_of(state.logs._expire_producers())
    turns["stop"] = await turns_of(state.close())
    opened: list[ClusterState] = []

    async def start() -> None:
        opened.append(await open_state(filesystem, tmp_path / "data"))

    turns["start"] = await turns_of(start())
    (state,) = opened
    assert len(list(state.logs.logs)) == 2 * MANY
    turns["delete"] = await turns_of(state.controller.change(lambda _: [TopicDeleted(T, ID)]))
    assert list(state.logs.logs) == []
    assert state.logs.of_topic(ID) == []
    await state.close()
    too_few = {name: count for name, count in turns.items() if count < MANY // PER_TURN}
    assert not too_few, turns


async def test_what_concerns_one_topic_looks_at_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else to delete a thousand topics looks at a million logs."""
    world = World()
    for number in range(20):
        log_id = LOG._replace(topic=f"t{number}", topic_id=TopicId(bytes([number]) * 16))
        await world.manager.create(log_id, 0, world.topic_config())

    def refuse(*_: object) -> None:
        raise AssertionError("all logs are looked at")

    monkeypatch.setattr(type(world.manager._logs), "values", refuse)
    await world.manager.set_config("t3", world.topic_config(max_message_bytes="100"))
    three, four = world.manager.get("t3", 0), world.manager.get("t4", 0)
    assert three is not None
    assert four is not None
    assert (three.config.max_message_bytes, four.config.max_message_bytes) == (100, 1_048_588)
    (log_id,) = world.manager.of_topic(TopicId(bytes([5]) * 16))
    assert log_id.topic == "t5"
    await world.manager.delete(log_id)
    assert world.manager.of_topic(log_id.topic_id) == []


PRODUCERS = 2_000


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    log = await world.create()
    for producer_id in range(PRODUCERS):
        log.state.producers.apply_batch(producer_id, 0, 0, 0, 0, 1, False)
    world.produce(log)
    yield world
    await world.manager.close()


def rows(producers: ProducerState) -> list[tuple[int, int]]:
    return sorted((row.producer_id, row.last_sequence) for row in producers.active_producers())


async def test_many_producers_are_written_and_read_in_pieces(world: World) -> None:
    log = world.manager.get("t", 0)
    assert log is not None
    producers = log.state.producers
    before = rows(producers)
    writing = asyncio.ensure_future(log.write_snapshot())
    await asyncio.sleep(0)
    # What comes while it is written belongs to the next one.
    for producer_id in (0, PRODUCERS // 2, PRODUCERS - 1, PRODUCERS + 7):
        producers.apply_batch(producer_id, 0, 5, 1, 1, 1, False)
    producers.remove_expired(1 << 50, 0, [3, 4])
    assert await turns_of(writing) >= PRODUCERS // 64 - 1
    _, blob = (await log.storage.read_aux(["producers"], 1))["producers"]
    assert rows(ProducerState.decode(blob, 1)) == before
    assert dict(rows(producers))[PRODUCERS + 7] == 5
    assert 3 not in dict(rows(producers))
    assert await turns_of(recover_state(log.storage, "t-0")) >= PRODUCERS // 64
    assert rows((await recover_state(log.storage, "t-0")).producers) == before


async def test_many_producers_expire_in_pieces(world: World) -> None:
    log = world.manager.get("t", 0)
    assert log is not None
    assert await turns_of(world.manager._expire_producers()) >= PRODUCERS // 1000
    assert len(log.state.producers) == 0


async def test_a_frozen_producer_is_copied_once(world: World) -> None:
    log = world.manager.get("t", 0)
    assert log is not None
    producers = log.state.producers
    frozen = producers.freeze()
    producers.apply_batch(1, 0, 1, 1, 1, 1, False)
    changed = producers._producers[1]
    producers.apply_marker(1, 0, 0, 2, 1, is_abort=True)
    assert producers._producers[1] is changed
    assert rows(ProducerState.decode(b"".join(frozen.encode()), 1))[1] == (1, 0)


async def test_a_cancelled_snapshot_is_made_again(world: World) -> None:
    log = world.manager.get("t", 0)
    assert log is not None
    writing = asyncio.ensure_future(log.write_snapshot())
    await asyncio.sleep(0)
    writing.cancel()
    await asyncio.wait([writing])
    assert writing.cancelled()
    assert await log.storage.read_aux(["producers"], 1) == {}
    assert log.state.is_dirty
    await log.write_snapshot()
    assert set(await log.storage.read_aux(["producers", "epochs"], 1)) == {"producers", "epochs"}
