"""The fixture `kafka_cluster`: as many clusters as a test likes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from kafka_compat.pytest_plugin.checks import look_for_leaks, note_use
from kafka_compat.pytest_plugin.fixtures import options_of_test
from kafka_compat.pytest_plugin.settings import changed
from kafka_compat.testing.kafka import Kafka
from kafka_compat.testing.options import KafkaOptions

if TYPE_CHECKING:
    from kafka_compat.pytest_plugin.clusters import Clusters


class ClusterFactory:
    """Call it with arguments of `Kafka`; what is not given is as the test's options say."""

    def __init__(self, item: pytest.Item, options: KafkaOptions, clusters: Clusters) -> None:
        self._item = item
        self._options = options
        self._clusters = clusters
        self._made: list[Kafka] = []

    def __call__(self, **arguments: Any) -> Kafka:
        """One more Kafka, running.

        Raises:
            TypeError, ValueError: an argument is not allowed; the message says what is.
        """
        kafka = self._clusters.one_more(changed(self._options, arguments))
        self._made.append(kafka)
        note_use(self._item, "kafka_cluster", kafka)
        return kafka

    def close(self) -> None:
        """Stop all; the first thing that is wrong with one of them is raised when all are stopped."""
        errors: list[BaseException] = []
        for kafka in reversed(self._made):
            for work in (self._look, Kafka.stop):
                try:
                    work(kafka)
                except (Exception, pytest.fail.Exception) as error:
                    errors.append(error)
        if errors:
            raise errors[0]

    def _look(self, kafka: Kafka) -> None:
        if kafka.cluster.is_running:
            look_for_leaks(self._item, kafka)


def clusters_of_test(request: pytest.FixtureRequest, options: KafkaOptions, clusters: Clusters) -> Iterator[ClusterFactory]:
    """The fixture `kafka_cluster`."""
    factory = ClusterFactory(request.node, options_of_test(request, options), clusters)
    try:
        yield factory
    finally:
        factory.close()
