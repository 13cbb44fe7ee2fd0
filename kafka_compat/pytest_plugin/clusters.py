"""The clusters that the tests of a process share: one for the session, others for tests that need other options."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

import pytest

from kafka_compat.pytest_plugin.checks import keep_last_report
from kafka_compat.pytest_plugin.settings import bootstrap_config_of, bootstrap_of, refused
from kafka_compat.testing.kafka import Kafka
from kafka_compat.testing.options import KafkaOptions

# Besides that of the session. Each has a thread, a port and what its last test has left in it.
_MOST_KEPT: Final = 4


class Clusters(Protocol):
    """Where the fixtures have their Kafka from."""

    def for_session(self, options: KafkaOptions) -> Kafka:
        """The one that `kafka_session` is."""

    def for_test(self, options: KafkaOptions) -> Kafka:
        """One with nothing in it but what the options say."""

    def after_test(self, kafka: Kafka) -> None:
        """A test is done with the one it was given."""

    def one_more(self, options: KafkaOptions) -> Kafka:
        """One that nobody else has, running; whoever asks for it stops it.

        Raises:
            TypeError, ValueError: an option is not allowed.
        """

    def close(self) -> None:
        """Stop all that are shared."""


@contextmanager
def open_clusters(config: pytest.Config) -> Iterator[Clusters]:
    """The clusters of this process, or the broker of `--kafka-bootstrap` in their place."""
    bootstrap = bootstrap_of(config)
    clusters: Clusters
    if bootstrap is None:
        if (said := bootstrap_config_of(config)) is not None:
            raise refused(f"{said[0]} goes with --kafka-bootstrap")
        clusters = OwnClusters()
    else:
        from kafka_compat.pytest_plugin.real_broker import RealBroker, bootstrap_credentials_of

        clusters = RealBroker(bootstrap, bootstrap_credentials_of(config))
    try:
        yield clusters
    finally:
        keep_last_report(config)
        clusters.close()


class OwnClusters:
    """Starts a cluster when options are first asked for, and resets it for each test that asks for the same again."""

    def __init__(self) -> None:
        self._session: Kafka | None = None
        self._kept: list[Kafka] = []  # the one used last at the end

    def for_session(self, options: KafkaOptions) -> Kafka:
        """The cluster of the session; one that a test was given before is taken over as it is."""
        kept = self._find(options)
        self._session = kept if kept is not None else self._start(options)
        return self._session

    def for_test(self, options: KafkaOptions) -> Kafka:
        """A cluster as new."""
        kept = self._find(options)
        if kept is None:
            return self._start(options)
        kept.cluster.take_error()  # of a test that has failed anyway
        try:
            kept.reset()
        except Exception as error:
            self._discard(kept)
            warnings.warn(
                f"the Kafka of the test before could not be reset, this test has a new one: {error!r}",
                pytest.PytestWarning,
                stacklevel=2,
            )
            return self._start(options)
        return kept

    def after_test(self, kafka: Kafka) -> None:
        """Nothing is done: who failed may be looked into, and the next reset cleans up."""

    def one_more(self, options: KafkaOptions) -> Kafka:
        """A cluster that is not shared."""
        kafka = Kafka.of(options)
        kafka.start()
        return kafka

    def close(self) -> None:
        """Stop all; the first that does not stop in order says so when all others are stopped."""
        errors = []
        for kafka in self._kept:
            try:
                kafka.stop()
            except Exception as error:
                errors.append(error)
        self._kept.clear()
        if errors:
            raise errors[0]

    def _find(self, options: KafkaOptions) -> Kafka | None:
        for kafka in self._kept:
            if kafka.options == options:
                self._kept.remove(kafka)
                if not kafka.cluster.is_running:  # a test has stopped it
                    return None
                self._kept.append(kafka)
                return kafka
        return None

    def _start(self, options: KafkaOptions) -> Kafka:
        try:
            kafka = self.one_more(options)
        except (TypeError, ValueError) as error:
            raise refused(f"a Kafka cannot be made with the options of this test: {error}") from None
        self._kept.append(kafka)
        others = [kept for kept in self._kept if kept is not self._session]
        if len(others) > _MOST_KEPT:
            self._discard(others[0])
        return kafka

    def _discard(self, kafka: Kafka) -> None:
        if kafka in self._kept:
            self._kept.remove(kafka)
        try:
            kafka.stop()
        except Exception as error:
            warnings.warn(f"a Kafka of an earlier test did not stop in order: {error!r}", pytest.PytestWarning, stacklevel=2)
