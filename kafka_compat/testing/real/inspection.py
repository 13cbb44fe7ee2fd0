"""The verbs of `Kafka` that look at what is there and change it, by what any client may ask."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from kafka_compat.config.values import to_text
from kafka_compat.ids import TopicId
from kafka_compat.metadata.config_resources import ResourceType
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.create_topics import (
    CreatableTopic,
    CreatableTopicConfig,
    CreateTopicsRequest,
    CreateTopicsResponse,
)
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse
from kafka_compat.protocol.messages.describe_configs import (
    DescribeConfigsRequest,
    DescribeConfigsResource,
    DescribeConfigsResponse,
)
from kafka_compat.protocol.messages.describe_log_dirs import DescribeLogDirsRequest, DescribeLogDirsResponse
from kafka_compat.protocol.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    TopicRequest,
)
from kafka_compat.protocol.messages.describe_transactions import DescribeTransactionsRequest, DescribeTransactionsResponse
from kafka_compat.protocol.messages.list_transactions import ListTransactionsRequest, ListTransactionsResponse
from kafka_compat.protocol.messages.metadata import MetadataResponseTopic
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.testing.inspection import check_isolation
from kafka_compat.testing.options import ConfigValue
from kafka_compat.testing.partitioner import Partitioner
from kafka_compat.testing.producing import bytes_of, headers_of
from kafka_compat.testing.real.connections import Connections, raise_for, settled
from kafka_compat.testing.real.groups import Groups
from kafka_compat.testing.real.partitions import EARLIEST, LATEST, Partitions
from kafka_compat.testing.views import (
    GroupView,
    Headers,
    Isolation,
    PartitionView,
    ProducerView,
    Record,
    TopicView,
    TransactionView,
)

_TIMEOUT_MS: Final = 30_000
_USE_DEFAULT: Final = -1
# The last version that names topics.
_PRODUCE_VERSION: Final = 12
_DELETE_TOPICS_VERSION: Final = 5
_DYNAMIC_TOPIC_CONFIG: Final = 1  # DescribeConfigsResponse.ConfigSource


class RealInspection:
    """Has the coroutines of `Inspection`; only on the loop of its connections."""

    def __init__(self, connections: Connections, *, auto_create: bool) -> None:
        self._connections = connections
        self._auto_create = auto_create
        self._partitions = Partitions(connections)
        self._groups = Groups(connections, self._partitions)
        self._partitioner = Partitioner()
        self.created: list[str] = []

    @property
    def partitions(self) -> Partitions:
        """Where records are read."""
        return self._partitions

    async def create_topic(
        self, name: str, partitions: int, *, replication_factor: int | None, configs: Mapping[str, ConfigValue] | None
    ) -> TopicView:
        """See `Kafka.create_topic`."""
        topic = CreatableTopic(
            name=name,
            num_partitions=partitions,
            replication_factor=_USE_DEFAULT if replication_factor is None else replication_factor,
            configs=[
                CreatableTopicConfig(name=key, value=value if isinstance(value, str) else to_text(value))
                for key, value in (configs or {}).items()
            ],
        )

        async def create() -> None:
            request = CreateTopicsRequest(topics=[topic], timeout_ms=_TIMEOUT_MS)
            (answer,) = (await self._connections.ask_any(request, CreateTopicsResponse)).topics
            raise_for(answer.error_code, answer.error_message)

        await settled(create)
        self.created.append(name)
        return await settled(lambda: self._known(name, partitions))

    async def delete_topic(self, name: str) -> None:
        """See `Kafka.delete_topic`."""
        request = DeleteTopicsRequest(topic_names=[name], timeout_ms=_TIMEOUT_MS)
        answer = await self._connections.ask_any(request, DeleteTopicsResponse, highest=_DELETE_TOPICS_VERSION)
        (deleted,) = answer.responses
        raise_for(deleted.error_code, deleted.error_message)
        if name in self.created:
            self.created.remove(name)
        await settled(lambda: self._gone(name))

    async def produce(
        self,
        topic: str,
        value: bytes | str | None,
        *,
        key: bytes | str | None,
        headers: Headers | Mapping[str, bytes | str | None],
        partition: int | None,
        timestamp_ms: int | None,
    ) -> Record:
        """See `Kafka.produce`."""
        key_bytes, value_bytes, pairs = bytes_of("key", key), bytes_of("value", value), headers_of(headers)
        known = await self._to_produce_into(topic)
        if partition is None:
            partition = self._partitioner.choose(TopicId(known.topic_id), key_bytes, len(known.partitions))
        elif not 0 <= partition < len(known.partitions):
            count = len(known.partitions)
            raise KafkaError(
                ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                f"topic {topic} has {count} partition{'' if count == 1 else 's'}, and no partition {partition}",
            )
        if timestamp_ms is None:
            timestamp_ms = time.time_ns() // 1_000_000
        batch = build_batch([(timestamp_ms, key_bytes, value_bytes, pairs)])
        data = TopicProduceData(name=topic, partition_data=[PartitionProduceData(index=partition, records=batch)])
        request = ProduceRequest(acks=-1, timeout_ms=_TIMEOUT_MS, topic_data=[data])

        async def append() -> tuple[int, int, int]:
            leader = await self._partitions.leader(topic, partition)
            answer = await self._connections.ask(leader, request, ProduceResponse, highest=_PRODUCE_VERSION)
            (found,) = answer.responses[0].partition_responses
            reasons = [each.batch_index_error_message for each in found.record_errors if each.batch_index_error_message]
            raise_for(found.error_code, found.error_message or "; ".join(reasons) or None)
            return found.base_offset, found.log_append_time_ms, known.partitions[0].leader_epoch

        offset, appended, leader_epoch = await settled(append)
        return Record(
            topic=topic,
            partition=partition,
            offset=offset,
            timestamp_ms=timestamp_ms if appended < 0 else appended,
            key=key_bytes,
            value=value_bytes,
            headers=pairs,
            timestamp_type="create" if appended < 0 else "append",
            leader_epoch=leader_epoch,
        )

    async def records(self, topic: str, *, partition: int | None, isolation: Isolation) -> list[Record]:
        """See `Kafka.records`."""
        check_isolation(isolation)
        known = await self._connections.topic(topic)
        numbers = sorted(each.partition_index for each in ([] if known is None else known.partitions))
        return [
            record
            for number in numbers
            if partition in (None, number)
            for record in await self._partitions.records(topic, number, isolation)
        ]

    async def batches(self, topic: str, partition: int) -> list[bytes]:
        """See `Kafka.batches`."""
        if await self._connections.topic(topic) is None:
            return []
        starts, ends = await self._partitions.offsets(topic, EARLIEST), await self._partitions.offsets(topic, LATEST)
        if partition not in starts:
            return []
        return [batch async for batch in self._partitions.batches(topic, partition, starts[partition], ends[partition])]

    async def topics(self) -> dict[str, TopicView]:
        """See `Kafka.topics`; the log end offset is what a client sees of it, the high watermark."""
        sizes = await self._sizes()
        found: dict[str, TopicView] = {}
        for topic in (await self._connections.metadata(None)).topics:
            if topic.name is None or topic.error_code:
                continue
            try:
                found[topic.name] = await self._view(topic, topic.name, sizes)
            except KafkaError as error:
                if error.error_code is not ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
                    raise  # else somebody has deleted it meanwhile: the broker has other users
        return dict(sorted(found.items()))

    async def groups(self) -> dict[str, GroupView]:
        """See `Kafka.groups`."""
        return await self._groups.all()

    async def group(self, group_id: str) -> GroupView | None:
        """One of `groups`."""
        return await self._groups.one(group_id)

    async def transactions(self) -> dict[str, TransactionView]:
        """See `Kafka.transactions`."""
        found: dict[str, TransactionView] = {}
        for node_id in await self._connections.node_ids():
            listed = await self._connections.ask(node_id, ListTransactionsRequest(), ListTransactionsResponse)
            if not listed.transaction_states:
                continue
            ids = [each.transactional_id for each in listed.transaction_states]
            request = DescribeTransactionsRequest(transactional_ids=ids)
            answer = await self._connections.ask(node_id, request, DescribeTransactionsResponse)
            for known in answer.transaction_states:
                if known.error_code:  # it has expired, or moved
                    continue
                found[known.transactional_id] = TransactionView(
                    transactional_id=known.transactional_id,
                    state=known.transaction_state,
                    producer_id=known.producer_id,
                    producer_epoch=known.producer_epoch,
                    timeout_ms=known.transaction_timeout_ms,
                    started_ms=known.transaction_start_time_ms,
                    partitions=tuple(sorted((each.topic, number) for each in known.topics for number in each.partitions)),
                )
        return found

    async def producers(self) -> list[ProducerView]:
        """See `Kafka.producers`."""
        leaders: defaultdict[int, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for topic in (await self._connections.metadata(None)).topics:
            for partition in topic.partitions:
                if topic.name is not None and partition.leader_id >= 0:
                    leaders[partition.leader_id][topic.name].append(partition.partition_index)
        found: list[ProducerView] = []
        for leader, topics in leaders.items():
            asked = [TopicRequest(name=name, partition_indexes=numbers) for name, numbers in topics.items()]
            answer = await self._connections.ask(leader, DescribeProducersRequest(topics=asked), DescribeProducersResponse)
            found += [
                ProducerView(
                    topic=each.name,
                    partition=partition.partition_index,
                    producer_id=producer.producer_id,
                    producer_epoch=producer.producer_epoch,
                    last_sequence=producer.last_sequence,
                    last_timestamp_ms=producer.last_timestamp,
                    transaction_start_offset=producer.current_txn_start_offset,
                )
                for each in answer.topics
                for partition in each.partitions
                for producer in partition.active_producers
            ]
        return sorted(found, key=lambda view: (view.topic, view.partition, view.producer_id))

    # --- for the other parts

    async def broker_configs(self) -> dict[str, str]:
        """The configs of a broker, as they act."""
        node_id = (await self._connections.node_ids())[0]
        resource = DescribeConfigsResource(
            resource_type=ResourceType.BROKER, resource_name=str(node_id), configuration_keys=None
        )
        request = DescribeConfigsRequest(resources=[resource])
        (found,) = (await self._connections.ask(node_id, request, DescribeConfigsResponse)).results
        raise_for(found.error_code, found.error_message)
        return {each.name: each.value or "" for each in found.configs}

    async def _to_produce_into(self, name: str) -> MetadataResponseTopic:
        topic = await self._partitions.led(name)
        if topic is not None:
            return topic
        if self._auto_create:
            await self._connections.metadata((name,), create=True)
            self.created.append(name)

        async def made() -> MetadataResponseTopic:
            topic = await self._partitions.led(name)
            if topic is None:
                raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"there is no topic {name}, and none is made")
            return topic

        return await (settled(made) if self._auto_create else made())

    async def _known(self, name: str, partitions: int) -> TopicView:
        """A topic that was just made, when all its partitions can be used."""
        topic = await self._partitions.led(name)
        if topic is None or len(topic.partitions) < partitions:
            raise KafkaError(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, f"{name} was made, and is not known to brokers")
        await self._partitions.offsets(name, LATEST)
        return await self._view(topic, name, await self._sizes())

    async def _gone(self, name: str) -> None:
        if await self._connections.topic(name) is not None:
            raise KafkaError(ErrorCode.LEADER_NOT_AVAILABLE, f"{name} was deleted, and is still known to brokers")

    async def _view(self, topic: MetadataResponseTopic, name: str, sizes: Mapping[tuple[str, int], int]) -> TopicView:
        starts = await self._partitions.offsets(name, EARLIEST)
        stable = await self._partitions.offsets(name, LATEST, committed=True)
        ends = await self._partitions.offsets(name, LATEST)
        return TopicView(
            name=name,
            id=topic.topic_id,
            partitions=tuple(
                PartitionView(
                    topic=name,
                    id=each.partition_index,
                    leader=each.leader_id,
                    leader_epoch=each.leader_epoch,
                    replicas=tuple(each.replica_nodes),
                    isr=tuple(each.isr_nodes),
                    log_start_offset=starts.get(each.partition_index, -1),
                    last_stable_offset=stable.get(each.partition_index, -1),
                    high_watermark=ends.get(each.partition_index, -1),
                    log_end_offset=ends.get(each.partition_index, -1),
                    size_in_bytes=sizes.get((name, each.partition_index), 0),
                )
                for each in sorted(topic.partitions, key=lambda partition: partition.partition_index)
            ),
            configs=await self._topic_configs(name),
        )

    async def _topic_configs(self, name: str) -> dict[str, str]:
        resource = DescribeConfigsResource(resource_type=ResourceType.TOPIC, resource_name=name, configuration_keys=None)
        request = DescribeConfigsRequest(resources=[resource])
        (found,) = (await self._connections.ask_any(request, DescribeConfigsResponse)).results
        raise_for(found.error_code, found.error_message)
        return {each.name: each.value or "" for each in found.configs if each.config_source == _DYNAMIC_TOPIC_CONFIG}

    async def _sizes(self) -> dict[tuple[str, int], int]:
        """Bytes of each partition's largest replica."""
        found: dict[tuple[str, int], int] = {}
        for node_id in await self._connections.node_ids():
            answer = await self._connections.ask(node_id, DescribeLogDirsRequest(topics=None), DescribeLogDirsResponse)
            for directory in answer.results:
                for topic in directory.topics:
                    for partition in topic.partitions:
                        where = (topic.name, partition.partition_index)
                        found[where] = max(found.get(where, 0), partition.partition_size)
        return found
