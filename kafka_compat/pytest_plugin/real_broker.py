"""The broker of `--kafka-bootstrap`, in place of the clusters of the tests."""

from __future__ import annotations

from typing import NoReturn

import pytest

from kafka_compat.config.properties import parse_properties
from kafka_compat.pytest_plugin.settings import bootstrap_config_of, refused
from kafka_compat.testing.kafka import Kafka
from kafka_compat.testing.options import KafkaOptions
from kafka_compat.testing.real.credentials import Credentials, credentials_of
from kafka_compat.testing.real.kafka import RealKafka


def bootstrap_credentials_of(config: pytest.Config) -> Credentials | None:
    """Who the tests are, by Kafka's properties of a client; None: nobody in particular, in plain text."""
    said = bootstrap_config_of(config)
    if said is None:
        return None
    where, path = said
    try:
        return credentials_of(parse_properties(path.read_bytes()))
    except OSError as error:
        raise refused(f"{where} {path}: {error.strerror}") from None
    except ValueError as error:
        raise refused(f"{where} {path}: {error}") from None


class RealBroker:
    """Gives each test its own view of the broker; see `Clusters`."""

    def __init__(self, bootstrap_servers: str, credentials: Credentials | None) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._credentials = credentials
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
        kafka = RealKafka(self._bootstrap_servers, options, self._skip, self._credentials)
        try:
            kafka.start()
        except OSError as error:
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
