"""Members join and leave one group at random, the broker is killed now and then, and a checker follows every record id.

What must hold: every acknowledged record is delivered to some member at least once (they commit after they have noted what
they read), committed offsets are neither lost nor go backwards, and when the churn ends the members that are left deliver
everything: nobody is stuck. A third of the slots are static members, which leave without saying so.
"""

from __future__ import annotations

import contextlib
import math
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import confluent_kafka

from kafka_compat.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchResponse,
)
from tests.support.processes import ServeProcess
from tests.support.wire_client import ConnectionClosed, WireClient

TOPIC = "soak-groups"
GROUP = "soak"
PARTITIONS = 12
_RECORDS_PER_S = 400
_LAST_MEMBERS = 3
_DRAIN_TIMEOUT_S = 90


@dataclass
class GroupReport:
    """What a run did and found; `failures` in words, empty when all is well."""

    acknowledged: int = 0
    deliveries: int = 0
    duplicates: int = 0
    lives: int = 0
    kills: int = 0
    commits_seen: int = 0
    drained_s: float = 0.0
    failures: list[str] = field(default_factory=list)


class _World:
    def __init__(self, bootstrap: str, strategy: str, seed: int) -> None:
        self.bootstrap = bootstrap
        self.strategy = strategy
        self.seed = seed
        self.churning = True
        self.running = True
        self.lock = threading.Lock()
        self.delivered: dict[int, int] = {}  # id -> times
        self.acknowledged: set[int] = set()
        self.committed: dict[int, int] = {}  # partition -> the highest offset that is known to be committed
        self.report = GroupReport()

    def note_commit(self, offsets: Sequence[confluent_kafka.TopicPartition]) -> None:
        with self.lock:
            for each in offsets:
                if each.error is None:
                    self.committed[each.partition] = max(each.offset, self.committed.get(each.partition, -1))

    def fail(self, text: str) -> None:
        with self.lock:
            self.report.failures.append(text)


def _produce(world: _World) -> None:
    producer = confluent_kafka.Producer(
        {"bootstrap.servers": world.bootstrap, "enable.idempotence": True, "linger.ms": 5, "message.timeout.ms": 120_000}
    )

    def noted(error: confluent_kafka.KafkaError | None, message: confluent_kafka.Message) -> None:
        if error is not None:
            world.fail(f"a record was not acknowledged: {error}")
            return
        value = message.value()
        assert value is not None
        world.acknowledged.add(int(value))

    number = 0
    while world.churning:
        for _ in range(_RECORDS_PER_S // 20):
            producer.produce(TOPIC, str(number).encode(), partition=number % PARTITIONS, on_delivery=noted)
            number += 1
        producer.poll(0)
        time.sleep(0.05)
    if left := producer.flush(120):
        world.fail(f"{left} records were never acknowledged")


def _live(world: _World, slot: int, lives_on: bool) -> None:
    """One member slot: lives one after the other while the churn lasts, or one life to the end."""
    chance = random.Random(world.seed * 1000 + slot)
    while world.running and (world.churning or lives_on):
        config: dict[str, str | int | float | bool] = {
            "bootstrap.servers": world.bootstrap,
            "group.id": GROUP,
            "session.timeout.ms": 6000,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "partition.assignment.strategy": world.strategy,
        }
        if slot % 3 == 0:
            config["group.instance.id"] = f"static-{slot}"
        consumer = confluent_kafka.Consumer(config)
        consumer.subscribe([TOPIC])
        with world.lock:
            world.report.lives += 1
        end = time.monotonic() + (1e9 if lives_on else chance.uniform(2, 20))
        while world.running and time.monotonic() < end and (world.churning or lives_on):
            messages = [message for message in consumer.consume(100, 0.5) if message.error() is None]
            if not messages:
                continue
            with world.lock:
                for message in messages:
                    value = message.value()
                    assert value is not None
                    world.delivered[int(value)] = world.delivered.get(int(value), 0) + 1
            # Fenced, or the broker is away: whoever owns the partition next delivers again.
            with contextlib.suppress(confluent_kafka.KafkaException):
                world.note_commit(consumer.commit(asynchronous=False) or [])
        consumer.close()


def _watch_commits(world: _World) -> None:
    """Whatever was acknowledged, or seen, is there later, or something newer."""
    request = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=GROUP, topics=None)])
    while world.running:
        time.sleep(0.1)
        with world.lock:
            before = dict(world.committed)
        try:
            with WireClient(world.bootstrap, timeout_s=5) as client:
                answer = client.call(request, 9, OffsetFetchResponse).groups[0]
        except (OSError, ConnectionClosed):
            continue
        if answer.error_code:
            continue
        found = {
            partition.partition_index: partition.committed_offset for topic in answer.topics for partition in topic.partitions
        }
        for index, offset in before.items():
            if found.get(index, -1) < offset:
                world.fail(f"partition {index}: committed {offset}, later {found.get(index)}")
        with world.lock:
            world.report.commits_seen += len(found)
            for index, offset in found.items():
                world.committed[index] = max(offset, world.committed.get(index, -1))


def run(
    directory: Path,
    command: Sequence[str],
    *,
    members: int,
    seconds: float,
    kill_every_s: float,
    strategy: str,
    seed: int,
    least_kills: int = 0,
) -> GroupReport:
    """Churn for `seconds`, and until `least_kills`, then let a few members drain what is left.

    The broker is killed every `kill_every_s` (0: never).
    """
    broker = ServeProcess(
        directory, command, ("--topic", f"{TOPIC}:{PARTITIONS}", "--set", "group.initial.rebalance.delay.ms=100")
    )
    broker.start()
    world = _World(broker.bootstrap, strategy, seed)
    threads = [threading.Thread(target=_produce, args=(world,)), threading.Thread(target=_watch_commits, args=(world,))]
    threads += [threading.Thread(target=_live, args=(world, slot, False)) for slot in range(members)]
    for thread in threads:
        thread.start()
    report = world.report
    try:
        end = time.monotonic() + seconds
        while time.monotonic() < end or report.kills < least_kills:
            left_s = math.inf if report.kills < least_kills else max(0.0, end - time.monotonic())
            time.sleep(min(kill_every_s or seconds, left_s))
            if kill_every_s and (time.monotonic() < end or report.kills < least_kills):
                broker.kill()
                broker.start()
                report.kills += 1
        world.churning = False
        last = [threading.Thread(target=_live, args=(world, 1 + 3 * number, True)) for number in range(_LAST_MEMBERS)]
        for thread in last:
            thread.start()
        threads[0].join()
        began = time.monotonic()
        while world.acknowledged - world.delivered.keys() and time.monotonic() - began < _DRAIN_TIMEOUT_S:
            time.sleep(0.1)
        report.drained_s = time.monotonic() - began
        world.running = False
        for thread in threads + last:
            thread.join(60)
            if thread.is_alive():
                world.fail("a member did not come to its end")
    finally:
        world.churning = world.running = False
        broker.kill()
    missing = world.acknowledged - world.delivered.keys()
    if missing:
        world.fail(f"{len(missing)} acknowledged records were never delivered, e.g. {sorted(missing)[:5]}")
    report.acknowledged = len(world.acknowledged)
    report.deliveries = sum(world.delivered.values())
    report.duplicates = report.deliveries - len(world.delivered)
    return report
