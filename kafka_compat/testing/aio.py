"""The verbs of a cluster that wait, as coroutines: they run on the brokers' loop and are awaited on the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_compat.testing.kafka import Kafka


class AsyncKafka:
    """See `Kafka.aio`: the same names and arguments."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
