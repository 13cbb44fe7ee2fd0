"""Random sequences of brokers that stop, die and start, elections, reassignments and producers, against what must always hold.

What must hold after each step: the ISR is part of the replicas, the leader is in it and runs or there is none, whoever is in
the ISR runs, epochs never fall, a new leader has a new leader epoch, and nobody is eligible and in sync at once. In the end,
with all brokers up again, each record that was acknowledged with acks=all and two in-sync replicas is there, once, in order.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from kafka_compat.metadata.image import NO_LEADER, ClusterImage
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.alter_partition_reassignments import (
    AlterPartitionReassignmentsRequest,
    AlterPartitionReassignmentsResponse,
    ReassignablePartition,
    ReassignableTopic,
)
from kafka_compat.protocol.messages.produce import ProduceResponse
from kafka_compat.testing import Kafka, TopicSpec
from tests.support.wire_client import ConnectionClosed, WireClient
from tests.testing.one_topic import produce_request, values

PARTITIONS = 4
STEPS = 60
BROKERS = 4


@dataclass
class Run:
    """One sequence.

    Attributes:
        acknowledged: values by partition.
        epochs: leader, leader epoch and partition epoch of each partition when it was last looked at.
    """

    kafka: Kafka
    rng: random.Random
    acknowledged: dict[int, list[bytes]] = field(default_factory=dict)
    epochs: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    produced: int = 0
    story: list[str] = field(default_factory=list)

    @property
    def running(self) -> list[int]:
        return [broker for broker, handle in self.kafka.brokers.items() if handle.is_running]

    # --- steps

    def stop(self) -> None:
        if len(self.running) > 1:
            broker = self.rng.choice(self.running)
            how = self.rng.choice(("stop", "kill"))
            self.story.append(f"{how} {broker}")
            getattr(self.kafka.brokers[broker], how)()

    def start(self) -> None:
        down = [broker for broker in self.kafka.brokers if broker not in self.running]
        if down:
            broker = self.rng.choice(down)
            self.story.append(f"start {broker}")
            self.kafka.brokers[broker].start()

    def elect(self) -> None:
        self.story.append("elect")
        with contextlib.suppress(KafkaError):  # not needed, or the preferred leader is down
            self.kafka.topology.elect("t", self.rng.randrange(PARTITIONS))

    def reassign(self) -> None:
        partition = self.rng.randrange(PARTITIONS)
        replicas = self.rng.sample(list(self.kafka.brokers), 3)
        target = self.rng.choice([replicas, replicas, None])
        self.story.append(f"reassign {partition} to {target}")
        wanted = ReassignablePartition(partition_index=partition, replicas=target)
        request = AlterPartitionReassignmentsRequest(
            timeout_ms=10_000, topics=[ReassignableTopic(name="t", partitions=[wanted])]
        )
        with self.client(self.rng.choice(self.running)) as client:
            answer = client.call(request, 1, AlterPartitionReassignmentsResponse).responses[0].partitions[0]
        assert answer.error_code in (
            ErrorCode.NONE,
            ErrorCode.NO_REASSIGNMENT_IN_PROGRESS,
            ErrorCode.INVALID_REPLICA_ASSIGNMENT,
        ), answer

    def pause(self) -> None:
        broker = self.rng.choice(self.running)
        self.story.append(f"pause and resume {broker}")
        self.kafka.topology.pause_replication(broker)
        self.produce()
        self.kafka.topology.resume_replication(broker)

    def move(self) -> None:
        self.story.append("move the controller")
        self.kafka.topology.move_controller(self.rng.choice(self.running))

    def produce(self) -> None:
        for _ in range(3):
            partition = self.rng.randrange(PARTITIONS)
            leader = self.kafka.topology.leader("t", partition)
            if leader == NO_LEADER:
                continue
            value = b"%d" % self.produced
            self.produced += 1
            request = produce_request(value, partition)
            request.timeout_ms = 100
            with self.client(leader) as client:
                try:
                    answer = client.call(request, 9, ProduceResponse).responses[0].partition_responses[0]
                except (ConnectionClosed, ConnectionError):
                    continue
            if answer.error_code == ErrorCode.NONE:
                self.acknowledged.setdefault(partition, []).append(value)

    def client(self, broker: int) -> WireClient:
        handle = self.kafka.brokers[broker]
        return WireClient(f"{handle.host}:{handle.port}")

    # --- what must hold

    def check(self) -> None:
        async def check() -> None:
            self._check(self.kafka.cluster.state.controller.image)

        self.kafka.cluster.run(check())

    def _check(self, image: ClusterImage) -> None:
        assert sorted(image.brokers) == sorted(self.running), self.story
        assert image.controller_id in image.brokers, self.story
        for partition in image.topics["t"].partitions:  # type: ignore[index]
            where = (partition, self.story)
            assert set(partition.isr) <= set(partition.replicas), where
            assert set(partition.isr) <= set(image.brokers), where
            assert len(set(partition.replicas)) == len(partition.replicas), where
            assert not set(partition.elr) & set(partition.isr), where
            assert set(partition.adding) | set(partition.removing) <= set(partition.replicas), where
            assert (partition.leader in partition.isr) if partition.leader != NO_LEADER else not partition.isr, where
            leader, leader_epoch, partition_epoch = self.epochs.get(partition.id, (partition.leader, 0, 0))
            assert partition.partition_epoch >= partition_epoch, where
            assert partition.leader_epoch >= leader_epoch + int(leader != partition.leader), where
            self.epochs[partition.id] = (partition.leader, partition.leader_epoch, partition.partition_epoch)

    def end(self) -> None:
        """With all brokers up, all that was acknowledged is there."""
        for broker, handle in self.kafka.brokers.items():
            if broker not in self.running:
                handle.start()
        self.check()
        for partition, acknowledged in self.acknowledged.items():
            leader = self.kafka.topology.leader("t", partition)
            assert leader != NO_LEADER, (partition, self.story)
            with self.client(leader) as client:
                there = values(client, partition)
            kept = [value for value in there if value in set(acknowledged)]
            assert kept == acknowledged, (partition, self.story)


@pytest.mark.parametrize("seed", range(6))
def test_nothing_that_was_acknowledged_is_lost(seed: int) -> None:
    configs = {"min.insync.replicas": 2}
    with Kafka(brokers=BROKERS, topics={"t": TopicSpec(PARTITIONS, replication_factor=3)}, configs=configs) as kafka:
        run = Run(kafka, random.Random(seed))
        steps: list[Callable[[], None]] = [run.stop, run.start, run.elect, run.reassign, run.pause, run.move, run.produce]
        for _ in range(STEPS):
            run.rng.choices(steps, weights=[3, 3, 1, 2, 2, 1, 6])[0]()
            run.check()
        run.end()
        assert sum(map(len, run.acknowledged.values())) > 10
