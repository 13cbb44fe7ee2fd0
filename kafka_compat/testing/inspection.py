"""What is in a cluster: producing into it and reading it back, on the brokers' event loop, without a client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Final

from kafka_compat.api.context import Services
from kafka_compat.config.values import to_text
from kafka_compat.coordinator.transaction.values import ListFilter
from kafka_compat.ids import TopicName
from kafka_compat.log.partition import PartitionLog
from kafka_compat.metadata.config_resources import TOPIC_RESOURCE
from kafka_compat.metadata.image import Topic
from kafka_compat.metadata.topic_admin import TopicAdmin
from kafka_compat.metadata.topic_plans import USE_DEFAULT, TopicSpec
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.storage.interface import StorageError
from kafka_compat.tasks import Supervisor
from kafka_compat.testing.arguments import a_number, a_str, whole_number
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.group_reading import read_group, read_groups
from kafka_compat.testing.leaders import Leaders
from kafka_compat.testing.log_reading import read_batches, read_records
from kafka_compat.testing.options import ConfigValue
from kafka_compat.testing.producing import Producing
from kafka_compat.testing.views import (
    GroupView,
    HeadersLike,
    Isolation,
    PartitionView,
    ProducerView,
    Record,
    TopicView,
    TransactionView,
)

_ISOLATIONS: Final = ("committed", "uncommitted", "all")


class Inspection:
    """The verbs of `Kafka` that look at what is there; only on the brokers' loop."""

    def __init__(self, cluster: Cluster) -> None:
        self._leaders = Leaders(cluster)
        self._producing = Producing(self._leaders)
        self._tasks = Supervisor("a test")

    async def create_topic(
        self, name: str, partitions: int, *, replication_factor: int | None, configs: Mapping[str, ConfigValue] | None
    ) -> TopicView:
        """See `Kafka.create_topic`."""
        a_str("name", name)
        a_number("partitions", partitions)
        if replication_factor is not None:
            a_number("replication_factor", replication_factor)
        spec = TopicSpec(
            name=name,
            num_partitions=partitions,
            replication_factor=USE_DEFAULT if replication_factor is None else replication_factor,
            configs={key: value if isinstance(value, str) else to_text(value) for key, value in (configs or {}).items()},
        )
        (outcome,) = await self._admin.create([spec])
        if isinstance(outcome, KafkaError):
            raise outcome
        return await self.topic_view(self._leaders.image.topics[TopicName(name)], Pace())

    async def delete_topic(self, name: str) -> None:
        """See `Kafka.delete_topic`."""
        a_str("name", name)
        topic = self.topic(name)
        if topic is None:
            raise KafkaError(
                ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                f"This server does not host this topic-partition: there is no topic {name}",
            )
        for error in (await self._admin.delete([topic.id])).values():
            if error is not None:
                raise error

    async def produce(
        self,
        topic: str,
        value: bytes | str | None,
        *,
        key: bytes | str | None,
        headers: HeadersLike,
        partition: int | None,
        timestamp_ms: int | None,
    ) -> Record:
        """See `Kafka.produce`."""
        return await self._producing.produce(
            topic, value, key=key, headers=headers, partition=partition, timestamp_ms=timestamp_ms
        )

    async def records(self, topic: str, *, partition: int | None, isolation: Isolation) -> list[Record]:
        """See `Kafka.records`."""
        a_str("topic", topic)
        if partition is not None:
            whole_number("partition", partition, 0)
        check_isolation(isolation)
        found: list[Record] = []
        async for log in self.logs(topic, partition):
            found += [record async for record in read_records(log, isolation, self._tasks)]
        return found

    async def batches(self, topic: str, partition: int) -> list[bytes]:
        """See `Kafka.batches`."""
        a_str("topic", topic)
        whole_number("partition", partition, 0)
        pace = Pace()
        return [
            batch
            async for log in self.logs(topic, partition)
            async for batch in read_batches(log, log.log_start_offset, log.log_end_offset, pace)
        ]

    async def topics(self) -> dict[str, TopicView]:
        """See `Kafka.topics`."""
        pace = Pace()
        return {topic.name: await self.topic_view(topic, pace) for topic in list(self._leaders.image.topics.values())}

    async def groups(self) -> dict[str, GroupView]:
        """See `Kafka.groups`."""
        return await read_groups(self._leaders)

    async def group(self, group_id: str) -> GroupView | None:
        """One of `groups`."""
        return await read_group(self._leaders, group_id)

    async def transactions(self) -> dict[str, TransactionView]:
        """See `Kafka.transactions`."""
        found: dict[str, TransactionView] = {}
        for services in self._leaders.running():
            coordinator = services.transactions
            async for listing in coordinator.list(ListFilter()):
                try:
                    known = await coordinator.describe(listing.transactional_id)
                except KafkaError:  # it has expired, or moved
                    continue
                found[listing.transactional_id] = TransactionView(
                    transactional_id=listing.transactional_id,
                    state=known.state,
                    producer_id=known.producer.producer_id,
                    producer_epoch=known.producer.producer_epoch,
                    timeout_ms=known.timeout_ms,
                    started_ms=known.start_ms,
                    partitions=tuple(sorted((topic, number) for topic, some in known.partitions.items() for number in some)),
                )
        return found

    async def producers(self) -> list[ProducerView]:
        """See `Kafka.producers`."""
        pace = Pace()
        found: list[ProducerView] = []
        for topic in list(self._leaders.image.topics.values()):
            async for log in self.logs(topic.name, None):
                async for producer in pace.over(log.active_producers(0)):
                    found.append(
                        ProducerView(
                            topic=topic.name,
                            partition=log.log_id.partition,
                            producer_id=producer.producer_id,
                            producer_epoch=producer.producer_epoch,
                            last_sequence=producer.last_sequence,
                            last_timestamp_ms=producer.last_timestamp_ms,
                            transaction_start_offset=producer.current_txn_start_offset,
                        )
                    )
        return found

    # --- for the other parts

    @property
    def leaders(self) -> Leaders:
        """Who has what."""
        return self._leaders

    @property
    def tasks(self) -> Supervisor:
        """What has large batches decoded in threads, whether a broker runs or not."""
        return self._tasks

    @property
    def any_broker(self) -> Services:
        """One that runs.

        Raises:
            RuntimeError: none does.
        """
        for services in self._leaders.running():
            return services
        raise RuntimeError("no broker of the cluster runs")

    def topic(self, name: str) -> Topic | None:
        """The topic of that name."""
        return self._leaders.image.topics.get(TopicName(name))

    async def logs(self, topic_name: str, partition: int | None) -> AsyncIterator[PartitionLog]:
        """The logs of a topic, or of one of its partitions; none for what does not exist."""
        topic = self.topic(topic_name)
        if topic is None:
            return
        async for each in Pace().over(list(topic.partitions)):
            if partition is None or each.id == partition:
                log = self._leaders.log(topic, each)
                if log is not None:
                    yield log

    async def topic_view(self, topic: Topic, pace: Pace) -> TopicView:
        """How a topic is now."""
        image = self._leaders.image
        partitions: list[PartitionView] = []
        async for partition in pace.over(list(topic.partitions)):
            log = self._leaders.log(topic, partition)
            start, stable, high, end, size = (-1, -1, -1, -1, 0) if log is None else _offsets(log)
            partitions.append(
                PartitionView(
                    topic=topic.name,
                    id=partition.id,
                    leader=partition.leader if partition.leader in image.brokers else -1,
                    leader_epoch=partition.leader_epoch,
                    replicas=tuple(partition.replicas),
                    isr=tuple(partition.isr),
                    log_start_offset=start,
                    last_stable_offset=stable,
                    high_watermark=high,
                    log_end_offset=end,
                    size_in_bytes=size,
                )
            )
        return TopicView(
            name=topic.name,
            id=topic.id,
            partitions=tuple(partitions),
            configs=dict(image.overrides(TOPIC_RESOURCE, topic.name)),
        )

    @property
    def _admin(self) -> TopicAdmin:
        return self.any_broker.topics


def check_isolation(isolation: object) -> None:
    """Refuse what is none.

    Raises:
        ValueError: it is none.
    """
    if isolation not in _ISOLATIONS:
        raise ValueError(f"isolation is one of {', '.join(map(repr, _ISOLATIONS))}, not {isolation!r}")


def _offsets(log: PartitionLog) -> tuple[int, int, int, int, int]:
    try:
        return (
            log.log_start_offset,
            log.last_stable_offset,
            log.high_watermark,
            log.log_end_offset,
            log.size_in_bytes,
        )
    except StorageError:  # the medium has failed
        return -1, -1, -1, -1, 0
