"""The broker of `--kafka-bootstrap`, in place of the clusters of the tests."""

from __future__ import annotations

from typing import NoReturn

import pytest

from kafka_compat.pytest_plugin.settings import refused
from kafka_compat.testing.kafka import Kafka
from kafka_compat.testing.options import KafkaOptions
from kafka_compat.testing.real.kafka import RealKafka


class RealBroker:
    """Gives each test its own view of the broker; see `Clusters`."""

    def __init__(self, bootstrap_servers: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._session: RealKafka | None = None

    def for_session(self, options: KafkaOptions) -> Kafka:
        """A view whose topics are deleted at the end."""
        self._session = self._view(options)
        return self._session

    def for_test(self, options: KafkaOptions) -> Kafka:
        """A view with the topics of the options made anew."""
        return self._view(options)

    def after_test(self, kafka: Kafka) -> None:
        """Delete what the test has made."""
        assert isinstance(kafka, RealKafka)
        try:
            kafka.clean()
        finally:
            kafka.stop()

    def one_more(self, options: KafkaOptions) -> NoReturn:
        """There is only one."""
        self._skip("starts a cluster of its own")

    def close(self) -> None:
        """Let go of the broker."""
        if self._session is not None:
            self.after_test(self._session)

    def _view(self, options: KafkaOptions) -> RealKafka:
        kafka = RealKafka(self._bootstrap_servers, options, self._skip)
        try:
            kafka.start()
        except ConnectionError as error:
            raise refused(f"--kafka-bootstrap: {error}") from None
        try:
            unmet = kafka.unmet()
            if unmet is not None:
                self._skip(unmet)
            kafka.reset()
        except BaseException:
            kafka.stop()
            raise
        return kafka

    def _skip(self, what: str) -> NoReturn:
        pytest.skip(f"the tests run against {self._bootstrap_servers}, and this one {what}")
