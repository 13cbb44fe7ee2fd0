"""Kafka Connect, distributed, with an exactly-once source: each line once, in order, though worker and broker are killed."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import IO

import pytest

from interop_tests.clients import Client
from interop_tests.streams.exactly_once import ExactlyOnce
from interop_tests.streams.processes import JvmProcess
from scripts.reference_broker import free_ports, java_command
from tests.support.brokers import Broker

_WORKER = "org.apache.kafka.connect.cli.ConnectDistributed"
_LINES_A_TURN = 10
_LINES_AHEAD = 2000


class Source(ExactlyOnce):
    """A file that grows, and the topic that its lines go to."""

    def __init__(self, broker: Broker, topic: str, path: Path) -> None:
        super().__init__(broker, topic, 1)
        self._written = 0
        self._file: IO[str] = path.open("w")

    def feed(self) -> None:
        if self._written - self.read.count < _LINES_AHEAD:
            self._file.write("".join(f"{line}\n" for line in range(self._written, self._written + _LINES_A_TURN)))
            self._file.flush()
            self._written += _LINES_A_TURN

    def check_at_the_end(self, worker: JvmProcess) -> None:
        """Each line has come, and after the worker has ended no other."""
        self.wait(worker, lambda: self.read.count >= self._written, feeding=False)
        worker.end()
        assert [value for _, value in self.everything_read()] == [str(line) for line in range(self._written)]

    def close(self) -> None:
        super().close()
        self._file.close()


class Worker(JvmProcess):
    """A worker of its own cluster, whose topics begin with `prefix`; its files are in `directory`."""

    def __init__(self, broker: Broker, prefix: str, directory: Path) -> None:
        (port,) = free_ports(1)
        self._url = f"http://127.0.0.1:{port}/connectors/"
        internal = {
            f"{kind}.storage.{name}": value
            for kind in ("config", "offset", "status")
            for name, value in (("topic", f"{prefix}-{kind}"), ("replication.factor", "1"))
        }
        config = {
            "bootstrap.servers": broker.bootstrap,
            "group.id": prefix,
            "listeners": f"http://127.0.0.1:{port}",
            "exactly.once.source.support": "enabled",
            "key.converter": "org.apache.kafka.connect.storage.StringConverter",
            "value.converter": "org.apache.kafka.connect.storage.StringConverter",
            **internal,
            "offset.storage.partitions": "3",
            "status.storage.partitions": "3",
            "plugin.discovery": "service_load",
            "scheduled.rebalance.max.delay.ms": "0",
            "session.timeout.ms": "2000",
            "heartbeat.interval.ms": "500",
            "reconnect.backoff.max.ms": "500",
        }
        properties = directory / "worker.properties"
        properties.write_text("".join(f"{name}={value}\n" for name, value in config.items()))
        super().__init__(java_command(_WORKER, str(properties), log_level="warn"), directory / "worker.log")

    def configure(self, connector: str, config: Mapping[str, str]) -> bool:
        """Creates or changes a connector; whether the worker is far enough to have done it."""
        request = urllib.request.Request(
            f"{self._url}{connector}/config",
            data=json.dumps(config).encode(),
            headers={"Content-Type": "application/json"},
            method="PUT",
        )
        try:
            with urllib.request.urlopen(request, timeout=30):
                return True
        except urllib.error.HTTPError as error:
            with error:
                if error.code == HTTPStatus.BAD_REQUEST:
                    raise ValueError(error.read().decode()) from error
            return False  # no leader yet, or it is just changing
        except OSError:
            return False


@pytest.fixture
def source(broker: Broker, admin: Client, topic: str, tmp_path: Path) -> Iterator[Source]:
    admin.create_topic(f"{topic}-lines")
    with closing(Source(broker, f"{topic}-lines", tmp_path / "lines")) as source:
        yield source


def test_each_line_is_there_once_though_worker_and_broker_are_killed(
    source: Source, broker: Broker, topic: str, tmp_path: Path
) -> None:
    connector = {
        "connector.class": "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "tasks.max": "1",
        "file": str(tmp_path / "lines"),
        "topic": source.results,
        "batch.size": "1000000",  # with fewer its task keeps lines back until the file grows
        "exactly.once.support": "required",
        "transaction.boundary": "interval",
        "transaction.boundary.interval.ms": "500",
    }
    with Worker(broker, f"{topic}-connect", tmp_path) as worker:
        source.wait(worker, lambda: worker.configure("lines", connector))
        source.wait_for_progress(worker)
        source.kill_amid_a_transaction(worker)
        worker.start()
        source.wait_for_progress(worker)
        broker.kill()
        broker.start()
        source.wait_for_progress(worker)
        source.kill_amid_a_transaction(worker)
        broker.stop()
        broker.start()
        worker.start()
        source.wait_for_progress(worker)
        source.check_at_the_end(worker)
