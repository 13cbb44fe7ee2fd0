"""Writes end markers into the partitions that this broker leads (Kafka's KafkaApis.handleWriteTxnMarkersRequest).

A partition of data gets its marker through its log. One of __consumer_offsets gets it through the groups' shard, which lets the
offsets of the transaction count or forgets them; a shard that is not ready is NOT_LEADER_OR_FOLLOWER, which the transaction's
coordinator tries again, as it does all codes that pass.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from kafka_compat.clock import Clock
from kafka_compat.coordinator.group.service import GroupCoordinator
from kafka_compat.coordinator.transaction.ports import EndMarker, TopicPartition
from kafka_compat.ids import BrokerId, TopicName
from kafka_compat.log.manager import LogManager
from kafka_compat.metadata.controller import Controller
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.topic_names import CONSUMER_OFFSETS
from kafka_compat.records.batch import NO_PRODUCER_EPOCH, NO_PRODUCER_ID
from kafka_compat.records.control import EndTransactionMarker, build_end_transaction_marker
from kafka_compat.storage.interface import StorageError
from kafka_compat.tasks import Supervisor

_PARTITIONS_AT_ONCE = 64

_NOT_READY = (ErrorCode.COORDINATOR_NOT_AVAILABLE, ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.NOT_COORDINATOR)

Codes = Mapping[TopicPartition, ErrorCode]


class LocalMarkerWriter:
    """The `MarkerWriter` port of one broker.

    Args:
        node_id: this broker.
        controller: whose image says who leads what.
        logs: of the broker.
        groups: its groups, whose offsets transactions commit.
        clock: for timestamps.
        tasks: of the broker.
    """

    def __init__(
        self,
        node_id: BrokerId,
        controller: Controller,
        logs: LogManager,
        groups: GroupCoordinator,
        clock: Clock,
        tasks: Supervisor,
    ) -> None:
        self._node_id = node_id
        self._controller = controller
        self._logs = logs
        self._groups = groups
        self._clock = clock
        self._tasks = tasks

    def write(self, marker: EndMarker, partitions: Sequence[TopicPartition]) -> asyncio.Future[Codes]:
        """See `MarkerWriter.write`. A partition that is named twice gets one marker."""
        writing = _Writing(partitions)
        if len(writing.left) > _PARTITIONS_AT_ONCE:
            return self._tasks.start("writing end markers", self._write_many(marker, writing))
        batch = self._build(marker)
        for partition in tuple(writing.left):
            self._write_one(batch, partition, writing)
        return writing.answer

    async def _write_many(self, marker: EndMarker, writing: _Writing) -> Codes:
        batch = self._build(marker)
        async for partition in Pace().over(tuple(writing.left)):
            self._write_one(batch, partition, writing)
        return await writing.answer

    def _build(self, marker: EndMarker) -> _Batch:
        now_ms = self._clock.wall_ms()
        batch = build_end_transaction_marker(
            is_commit=marker.is_commit,
            coordinator_epoch=marker.coordinator_epoch,
            producer_id=marker.producer_id,
            producer_epoch=marker.producer_epoch,
            timestamp_ms=now_ms,
        )
        return _Batch(marker, bytes(batch), EndTransactionMarker(marker.is_commit, marker.coordinator_epoch), now_ms)

    def _write_one(self, batch: _Batch, partition: TopicPartition, writing: _Writing) -> None:
        try:
            done = self._append(batch, partition)
        except KafkaError as error:
            writing.end(partition, error.error_code)
        except Exception as error:
            self._tasks.report(f"writing an end marker into {partition[0]}-{partition[1]}", error)
            writing.end(partition, ErrorCode.UNKNOWN_SERVER_ERROR)
        else:
            if done is None:
                writing.end(partition, ErrorCode.NONE)
            elif done.done():
                writing.end(partition, _code_of(done))
            else:
                done.add_done_callback(lambda future: writing.end(partition, _code_of(future)))

    def _append(self, batch: _Batch, partition: TopicPartition) -> asyncio.Future[None] | None:
        """What the marker's durability waits for, None when it is durable.

        Raises:
            KafkaError: there is no marker.
        """
        name, index = partition
        marker = batch.marker
        topic = self._controller.image.topics.get(TopicName(name))
        if topic is None or not 0 <= index < len(topic.partitions):
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        led = topic.partitions[index]
        if led.leader != self._node_id:
            is_held = self._node_id in led.replicas
            raise KafkaError(ErrorCode.NOT_LEADER_OR_FOLLOWER if is_held else ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        log = self._logs.get_by_id(topic.id, index)
        if log is None or log.is_offline:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
        # What is below these is an id and an epoch like any other to Kafka, but no log has seen an epoch that low.
        if marker.producer_id == NO_PRODUCER_ID or marker.producer_epoch == NO_PRODUCER_EPOCH:
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
        if marker.producer_epoch < NO_PRODUCER_EPOCH:
            raise KafkaError(ErrorCode.INVALID_PRODUCER_EPOCH)
        if name == CONSUMER_OFFSETS:
            return self._groups.complete_transaction(
                index,
                marker.producer_id,
                marker.producer_epoch,
                marker.coordinator_epoch,
                is_commit=marker.is_commit,
                transaction_version=marker.transaction_version,
            )
        if not led.has_enough_in_sync(log.config.min_insync_replicas):
            raise KafkaError(ErrorCode.NOT_ENOUGH_REPLICAS)
        return log.append_records(
            batch.bytes, batch.now_ms, transaction_version=marker.transaction_version, marker=batch.content
        ).done


class _Batch(NamedTuple):
    """One marker, as it goes into each partition of data."""

    marker: EndMarker
    bytes: bytes
    content: EndTransactionMarker
    now_ms: int


class _Writing:
    """One marker on its way into several partitions."""

    def __init__(self, partitions: Sequence[TopicPartition]) -> None:
        self.left = dict.fromkeys(partitions)
        self.codes: dict[TopicPartition, ErrorCode] = {}
        self.answer: asyncio.Future[Codes] = asyncio.get_running_loop().create_future()
        if not self.left:
            self.answer.set_result(self.codes)

    def end(self, partition: TopicPartition, code: ErrorCode) -> None:
        """The marker is in the partition, or will not be."""
        self.codes[partition] = code
        del self.left[partition]
        if not self.left and not self.answer.done():
            self.answer.set_result(self.codes)


def _code_of(done: asyncio.Future[None]) -> ErrorCode:
    error = None if done.cancelled() else done.exception()
    if done.cancelled() or isinstance(error, StorageError):
        return ErrorCode.KAFKA_STORAGE_ERROR
    if isinstance(error, KafkaError):
        return ErrorCode.NOT_LEADER_OR_FOLLOWER if error.error_code in _NOT_READY else error.error_code
    return ErrorCode.NONE if error is None else ErrorCode.UNKNOWN_SERVER_ERROR
