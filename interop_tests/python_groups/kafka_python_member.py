"""kafka-python: each member polls in a thread of its own, and for long while it rebalances.

kafka-python 3.0.12 lets JoinGroup and SyncGroup go on when `poll` times out, but takes their result only if they end within a
`poll`. An assignment that arrives between two polls is thrown away: `join_group_async` begins a new JoinGroup
(`self._join_task is None or self._join_task.is_done`); or, when new metadata had asked for the rebalance, `need_rejoin` is
false by then and the assignment is never applied. (Java's `rejoinNeededOrPending` takes up the future that is pending.) A new
JoinGroup of the leader is a new rebalance for all. Members that are polled in turns and briefly do that to one another for
ever, with Apache Kafka as with this broker: the answer to one's JoinGroup comes while another one is polled. So nobody is
polled in turns here, and a poll that takes part in a rebalance is longer than the rebalance.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.structs import MemberState

from interop_tests.kafka_python.client import KafkaPythonClient, read_record
from interop_tests.python_groups.members import (
    ANSWER_TIMEOUT_S,
    FETCH_MAX_WAIT_MS,
    HEARTBEAT_INTERVAL_MS,
    POLL_TIMEOUT_S,
    SESSION_TIMEOUT_MS,
    Arrived,
    Joining,
    Positions,
)

# Longer than the others need to learn of the rebalance, which is their heartbeat interval, and to join.
_REBALANCE_MS = 1000

_ASSIGNORS = {"range": RangePartitionAssignor, "cooperative-sticky": CooperativeStickyAssignor}

client = KafkaPythonClient


def committed(bootstrap: str, group: str, topic: str) -> dict[int, int]:
    with closing(KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)) as consumer:
        partitions = consumer.partitions_for_topic(topic)
        found = {partition: consumer.committed(TopicPartition(topic, partition)) for partition in partitions}
    return {partition: offset for partition, offset in found.items() if offset is not None}


class _Member:
    def __init__(self, joining: Joining) -> None:
        self._topic = joining.topic
        self.positions = Positions()
        self._lock = threading.Condition()
        self._arrived: Arrived = []
        self._assigned: set[int] = set()
        self._failed: Exception | None = None
        self._work: queue.SimpleQueue[tuple[Callable[[], object], Future[None]]] = queue.SimpleQueue()
        self._ends = threading.Event()
        self._consumer = KafkaConsumer(
            bootstrap_servers=joining.bootstrap,
            group_id=joining.group,
            group_instance_id=joining.instance,
            partition_assignment_strategy=[_ASSIGNORS[joining.assignor]],
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=HEARTBEAT_INTERVAL_MS,
            fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
            reconnect_backoff_max_ms=500,
        )
        self._consumer.subscribe([joining.topic])
        self._thread = threading.Thread(target=self._poll_on, daemon=True)
        self._thread.start()

    def _poll_on(self) -> None:
        while not self._ends.is_set():
            while not self._work.empty():
                act, done = self._work.get()
                try:
                    act()
                    done.set_result(None)
                except Exception as error:
                    done.set_exception(error)
            try:
                polled = self._consumer.poll(timeout_ms=int(POLL_TIMEOUT_S * 1000) if self._is_stable() else _REBALANCE_MS)
            except Exception as error:
                with self._lock:
                    self._failed = error
                continue
            self._take(polled)

    def _is_stable(self) -> bool:
        stable: bool = self._consumer.group_metadata().state == MemberState.STABLE
        return stable

    def _take(self, polled: Mapping[TopicPartition, Sequence[ConsumerRecord]]) -> None:
        """Rebalances happen within `poll` only; what the member still has afterwards goes on where it was."""
        has = {at.partition for at in self._consumer.assignment()}
        with self._lock:
            self._assigned = has if self._is_stable() else set()
            self.positions.forget(self.positions.keys() - has)
            self._arrived = [each for each in self._arrived if each[0] in has]
            self._arrived += [(at.partition, read_record(record)) for at, records in polled.items() for record in records]
            self._lock.notify()

    def _between_polls(self, act: Callable[[], object]) -> None:
        done: Future[None] = Future()
        self._work.put((act, done))
        done.result(ANSWER_TIMEOUT_S)

    def poll(self) -> Arrived:
        with self._lock:
            self._lock.wait_for(lambda: self._arrived or self._failed, POLL_TIMEOUT_S)
            if self._failed is not None:
                error, self._failed = self._failed, None
                raise error
            arrived, self._arrived = self._arrived, []
            self.positions.follow(arrived)
            return arrived

    def assigned(self) -> Collection[int]:
        with self._lock:
            return set(self._assigned)

    def commit(self, positions: Positions) -> None:
        offsets = {TopicPartition(self._topic, each): OffsetAndMetadata(offset, "", -1) for each, offset in positions.items()}
        self._between_polls(lambda: self._consumer.commit(offsets))

    def seek(self, partition: int, offset: int) -> None:
        def act() -> None:
            self._consumer.seek(TopicPartition(self._topic, partition), offset)
            with self._lock:
                self._arrived = [each for each in self._arrived if each[0] != partition]

        self._between_polls(act)

    def pause(self, partition: int) -> None:
        self._between_polls(lambda: self._consumer.pause(TopicPartition(self._topic, partition)))

    def resume(self, partition: int) -> None:
        self._between_polls(lambda: self._consumer.resume(TopicPartition(self._topic, partition)))

    def leave(self) -> None:
        self._ends.set()
        self._thread.join(ANSWER_TIMEOUT_S)
        self._consumer.close()


join = _Member
