"""The face of `Kafka` before a broker that is there anyway, such as Apache Kafka."""

from __future__ import annotations

from kafka_compat.testing.kafka import Kafka


class RealKafka(Kafka):
    """See `Kafka`; what only a broker of our own can do is refused."""
