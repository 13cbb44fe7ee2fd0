"""Random histories of a partition with three replicas against lists: what is acknowledged, visible, lost."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.ids import BrokerId, PartitionId, TopicId, TopicName
from kafka_compat.log.partition import PartitionLog
from kafka_compat.metadata.changes import ConfigsChanged, PartitionChanged, TopicCreated
from kafka_compat.metadata.config_resources import TOPIC_RESOURCE
from kafka_compat.records.builder import build_batch
from kafka_compat.records.reader import iter_records
from kafka_compat.server.cluster_state import ClusterState
from kafka_compat.server.store import open_store
from kafka_compat.storage.interface import Fenced
from kafka_compat.testing.manual_clock import ManualClock

T = TopicName("t")
TOPIC_ID = TopicId(b"0123456789abcdef")
BROKERS = [BrokerId(1), BrokerId(2), BrokerId(3)]
STEPS = 120


@dataclass
class Model:
    """Each replica is a list, and followers copy what they can.

    Simpler than Kafka as the broker is: whoever was ahead of a new leader is cut at once, and not when it next fetches.
    """

    min_isr: int
    logs: dict[int, list[int]] = field(default_factory=lambda: {b: [] for b in BROKERS})
    isr: list[int] = field(default_factory=lambda: list(BROKERS))
    leader: int = 1
    epoch: int = 0
    high_watermark: int = 0
    down: set[int] = field(default_factory=set)
    paused: set[int] = field(default_factory=set)

    @property
    def has_leader(self) -> bool:
        return self.leader > 0 and self.leader not in self.down

    def moves(self, broker: int) -> bool:
        if broker == self.leader:
            return broker not in self.down
        return self.has_leader and broker not in self.down and broker not in self.paused

    def settle(self) -> None:
        """Followers copy; the high watermark goes as far as it may."""
        if self.has_leader:
            for broker in BROKERS:
                if self.moves(broker):
                    self.logs[broker] = list(self.logs[self.leader])
            if len(self.isr) >= self.min_isr:
                self.high_watermark = max(self.high_watermark, min(len(self.logs[b]) for b in self.isr))

    def elect(self, broker: int) -> None:
        self.leader = broker
        self.epoch += 1
        end = len(self.logs[broker])
        for other in BROKERS:
            del self.logs[other][end:]
        self.high_watermark = min(self.high_watermark, end)


class History:
    """One partition and its model, driven by the same steps."""

    def __init__(self, state: ClusterState, log: PartitionLog, model: Model, seed: int) -> None:
        self.state = state
        self.log = log
        self.model = model
        self.random = random.Random(seed)
        self.next_value = 0
        self.partition_epoch = 0
        # Of appends at acks=all: value, offset, and what resolves.
        self.waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self.acknowledged: dict[int, int] = {}  # offset -> value, at acks=all
        self.seen: list[int] = []  # what a consumer has read
        self.was_unclean = False

    async def change(self) -> None:
        model = self.model
        self.partition_epoch += 1
        change = PartitionChanged(
            T,
            PartitionId(0),
            BROKERS,
            [BrokerId(b) for b in model.isr],
            BrokerId(model.leader),
            model.epoch,
            self.partition_epoch,
        )
        await self.state.controller.change(lambda _: [change])

    def append(self) -> None:
        if not self.model.has_leader:
            return
        value = self.next_value
        self.next_value += 1
        result = self.log.append_records(build_batch([(0, None, b"%d" % value, ())]), 0)
        leader_log = self.model.logs[self.model.leader]
        assert result.base_offset == len(leader_log)
        leader_log.append(value)
        if len(self.model.isr) >= self.model.min_isr:  # a producer at acks=all is refused otherwise
            if result.done is None:
                self.acknowledged[result.base_offset] = value
            else:
                self.waiting.append((value, result.base_offset, result.done))

    async def pause(self) -> None:
        broker = self.random.choice(BROKERS)
        self.model.paused.add(broker)
        self.state.replication.pause(broker, 0)

    async def resume(self) -> None:
        if self.model.paused:
            broker = BrokerId(self.random.choice(sorted(self.model.paused)))
            self.model.paused.discard(broker)
            self.state.replication.resume(broker, 0)

    async def fetch_once(self) -> None:
        model = self.model
        if model.paused:
            broker = BrokerId(self.random.choice(sorted(model.paused)))
            self.state.replication.fetch_once(broker, 0)
            if model.has_leader and broker not in model.down:
                model.logs[broker] = list(model.logs[model.leader])

    async def down(self) -> None:
        model = self.model
        broker = self.random.choice(BROKERS)
        if broker in model.down:
            return
        model.down.add(broker)
        self.state.replication.broker_down(broker, 0)
        if broker in model.isr and len(model.isr) > 1:
            model.isr.remove(broker)
        if model.leader == broker:
            alive = [b for b in model.isr if b not in model.down]
            if alive:
                model.elect(self.random.choice(alive))
            else:
                model.leader = -1
                model.epoch += 1
        await self.change()

    async def up(self) -> None:
        model = self.model
        if not model.down:
            return
        broker = BrokerId(self.random.choice(sorted(model.down)))
        model.down.discard(broker)
        self.state.replication.broker_up(broker, 0)
        if model.leader < 0 and broker in model.isr:
            model.elect(broker)
            await self.change()

    async def shrink(self) -> None:
        behind = self.state.replication.out_of_sync(10**9, 30_000)
        model = self.model
        expected = [
            b
            for b in model.isr
            if b != model.leader and model.has_leader and len(model.logs[b]) < len(model.logs[model.leader])
        ]
        if model.has_leader:
            assert sorted(b for _, b in behind) == sorted(expected)
        for broker in expected:
            model.isr.remove(broker)
        if expected:
            await self.change()

    async def expand(self) -> None:
        model = self.model
        caught_up = sorted(b for _, b in self.state.replication.caught_up())
        assert caught_up == sorted(b for b in BROKERS if b not in model.isr and model.moves(b))
        if caught_up:
            model.isr += caught_up
            await self.change()

    async def move_leader(self) -> None:
        model = self.model
        others = [b for b in model.isr if b not in model.down and b != model.leader]
        if model.has_leader and others:
            model.elect(self.random.choice(others))
            await self.change()

    async def elect_unclean(self) -> None:
        model = self.model
        alive = [b for b in BROKERS if b not in model.down]
        if model.leader < 0 and alive:
            broker = self.random.choice(alive)
            model.elect(broker)
            model.isr = [broker]
            self.was_unclean = True
            await self.change()

    async def check(self) -> None:
        model, log = self.model, self.log
        model.settle()
        await asyncio.sleep(0)
        still: list[tuple[int, int, asyncio.Future[None]]] = []
        for value, offset, done in self.waiting:
            if not done.done():
                assert offset >= model.high_watermark, "committed, and nobody was told"
                still.append((value, offset, done))
            elif isinstance(done.exception(), Fenced):
                pass
            else:
                self.acknowledged[offset] = value
        self.waiting = still
        assert log.high_watermark == model.high_watermark
        assert log.last_stable_offset == model.high_watermark
        assert log.replicas is not None
        for broker in BROKERS:
            assert log.replicas.end_offset_of(broker) == len(model.logs[broker]), broker
        # In the log is what its leader has; without one, what the last leader had.
        visible = await read(log, 0, log.high_watermark)
        if model.has_leader:
            assert await read(log, 0, log.log_end_offset) == model.logs[model.leader]
        if self.was_unclean:  # everything is allowed to have gone; from here on it counts again
            self.acknowledged = {o: v for o, v in self.acknowledged.items() if visible[o : o + 1] == [v]}
            self.seen = visible
            self.was_unclean = False
        assert visible[: len(self.seen)] == self.seen, "a consumer has read what is gone"
        self.seen = visible
        if model.has_leader:
            for offset, value in self.acknowledged.items():
                assert model.logs[model.leader][offset] == value, "an acknowledged record is lost"


async def read(log: PartitionLog, start: int, end: int) -> list[int]:
    """The values of the records in [start, end)."""
    if start >= end:
        return []
    chunk = await log.read(start, 1 << 20, min_one=True, isolation_read_committed=False, max_offset=end)
    buffer = b"".join(chunk.buffers)
    chunk.close()
    return [int(record.value or b"") for record in iter_records(buffer)]


@pytest.mark.parametrize("seed", range(12))
async def test_no_acknowledged_record_is_lost_and_nothing_visible_goes(seed: int) -> None:
    """acks=all with enough replicas in sync survives everything but an unclean election; consumers never read above that."""
    clock, config = ManualClock(), BrokerConfig()
    state = await ClusterState.open(open_store(1, clock, None, MemoryFileSystem()), config, clock)
    model = Model(min_isr=seed % 3 + 1)
    configs = ConfigsChanged(TOPIC_RESOURCE, T, {"min.insync.replicas": str(model.min_isr)})
    await state.controller.change(lambda _: [TopicCreated(T, TOPIC_ID, [BROKERS], [0], [0]), configs])
    log = state.logs.get("t", 0)
    assert log is not None
    history = History(state, log, model, seed)
    steps = [
        history.pause,
        history.resume,
        history.fetch_once,
        history.down,
        history.up,
        history.up,
        history.shrink,
        history.expand,
        history.expand,
        history.move_leader,
        history.elect_unclean,
    ]
    for _ in range(STEPS):
        for _ in range(history.random.randrange(3)):
            history.append()
        await history.check()
        await history.random.choice(steps)()
        await history.check()
    assert history.next_value > STEPS / 3
    await state.close()
