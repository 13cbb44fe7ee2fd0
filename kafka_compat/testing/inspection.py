"""What is in a cluster: producing into it and reading it back, on the brokers' event loop, without a client."""

from __future__ import annotations

from collections.abc import Mapping

from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.options import ConfigValue
from kafka_compat.testing.views import GroupView, Headers, Isolation, ProducerView, Record, TopicView, TransactionView


class Inspection:
    """The verbs of `Kafka` that look at what is there; only on the brokers' loop."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def create_topic(
        self, name: str, partitions: int, *, replication_factor: int | None, configs: Mapping[str, ConfigValue] | None
    ) -> TopicView:
        """See `Kafka.create_topic`."""
        raise NotImplementedError

    async def delete_topic(self, name: str) -> None:
        """See `Kafka.delete_topic`."""
        raise NotImplementedError

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
        raise NotImplementedError

    async def records(self, topic: str, *, partition: int | None, isolation: Isolation) -> list[Record]:
        """See `Kafka.records`."""
        raise NotImplementedError

    async def batches(self, topic: str, partition: int) -> list[bytes]:
        """See `Kafka.batches`."""
        raise NotImplementedError

    async def topics(self) -> dict[str, TopicView]:
        """See `Kafka.topics`."""
        raise NotImplementedError

    async def groups(self) -> dict[str, GroupView]:
        """See `Kafka.groups`."""
        raise NotImplementedError

    async def transactions(self) -> dict[str, TransactionView]:
        """See `Kafka.transactions`."""
        raise NotImplementedError

    async def producers(self) -> list[ProducerView]:
        """See `Kafka.producers`."""
        raise NotImplementedError
