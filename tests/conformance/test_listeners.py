"""Forms of listeners that Kafka takes, what it serves and advertises, and what it refuses to start with, beside ours.

Deliberate differences: a controller's listener need not be there; a port that is no port is refused when it is read, by Kafka
when it registers; a name with several addresses is served on all of them, by Kafka on the first.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from scripts.reference_broker import free_ports, java_command, run_tool
from tests.support.brokers import skipped_without_reference
from tests.support.listener_cases import CONTROLLER, ONE, REFUSALS, configs_of
from tests.support.wire_client import ConnectionClosed, WireClient

pytestmark = [pytest.mark.reference, pytest.mark.slow]

FROM = ("127.0.0.1", "::1", "127.0.0.2")
_JVM = ("-Xmx512m", "-XX:+UseSerialGC", "-Xshare:auto", "-XX:TieredStopAtLevel=1")
_START_TIMEOUT_S = 60

# Where it matters what is advertised, the listener that the test asks first is another one.
STARTS: tuple[dict[str, str | None], ...] = (
    {"listeners": "PLAINTEXT://:{p}"},
    {"listeners": "PLAINTEXT://[::]:{p}"},
    {"listeners": "PLAINTEXT://[::1]:{p}"},
    {"listeners": "PLAINTEXT://::1:{p}"},
    {"listeners": "PLAINTEXT://[127.0.0.1]:{p},B://[::1]:{p}"},
    {"listeners": "PLAINTEXT://0.0.0.0:{p}", "advertised.listeners": "PLAINTEXT://h_1:1"},
    {"listeners": "PLAINTEXT://0:{p},B://127.1:{q}"},
    {"listeners": "PLAINTEXT://[::ffff:127.0.0.1]:{p}"},
    {"listeners": f"{ONE},B://:{{q}}", "advertised.listeners": "PLAINTEXT://:1,B://[::]:0"},
    {"listeners": f"{ONE},B://127.0.0.2:{{q}}", "advertised.listeners": "PLAINTEXT://h:1"},
    {"listeners": f"{ONE},B://127.0.0.2:{{q}}", "advertised.listeners": "PLAINTEXT://h:1,B://h:1"},
    {"listeners": "a 1://127.0.0.1:{p}", "listener.security.protocol.map": "A 1:plaintext,controller:PLAINTEXT",
     "inter.broker.listener.name": "A 1"},
)  # fmt: skip

Told = dict[str, list[tuple[str, int]] | None]


def asked(ports: tuple[int, ...]) -> Told:
    """Which brokers clients are told of at each address, None where nothing listens."""
    answers: Told = {}
    for port in ports:
        for host in FROM:
            try:
                with WireClient(f"[{host}]:{port}" if ":" in host else f"{host}:{port}") as client:
                    response = client.call(MetadataRequest(topics=[]), 1, MetadataResponse)
                    answers[f"{host}:{port}"] = [(broker.host, broker.port) for broker in response.brokers]
            except (OSError, ConnectionClosed):
                answers[f"{host}:{port}"] = None
    return answers


@contextmanager
def ours(directory: Path, configs: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    properties = directory / "ours.properties"
    properties.write_text("".join(f"{name}={value}\n" for name, value in configs.items()))
    command = [sys.executable, "-m", "kafka_compat", "serve", "--memory", "--config", str(properties)]
    command += ["--ready-file", str(directory / "ready.json")]
    with (directory / "ours.log").open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            yield process
        finally:
            process.kill()


class Reference:
    """Kafka with any listeners: what `scripts.reference_broker` starts has to be reached at 127.0.0.1."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.log = directory / "log"
        self.output = directory / "reference.log"
        self.p, self.q, self.c = free_ports(3)
        properties = self._properties(configs_of({"listeners": f"{ONE},{CONTROLLER}"}, p=self.p, q=self.q, c=self.c))
        done = run_tool(
            "kafka.tools.StorageTool", "format", "--standalone", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c", str(properties)
        )
        assert done.returncode == 0, done.stdout + done.stderr
        self.log.rename(directory / "formatted")

    def _properties(self, configs: Mapping[str, str]) -> Path:
        path = self.directory / "server.properties"
        fixed = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.bootstrap.servers": f"127.0.0.1:{self.c}",
            "log.dirs": str(self.log),
        }
        path.write_text("".join(f"{name}={value}\n" for name, value in {**fixed, **configs}.items()))
        return path

    @contextmanager
    def started(self, configs: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
        shutil.rmtree(self.log, ignore_errors=True)
        shutil.copytree(self.directory / "formatted", self.log)
        command = java_command("kafka.Kafka", str(self._properties(configs)), jvm_options=_JVM, log_level="warn")
        with self.output.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
            try:
                yield process
            finally:
                process.kill()


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    with skipped_without_reference():
        return Reference(tmp_path_factory.mktemp("kafka"))


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as tried:
            tried.bind(("::1", 0))
    except OSError:
        return False
    return True


@pytest.mark.skipif(not has_ipv6(), reason="the machine has no IPv6, which half of the addresses are")
@pytest.mark.parametrize("case", STARTS, ids=lambda case: ";".join(map(str, case.values())))
def test_what_is_served_and_advertised(kafka: Reference, case: dict[str, str | None], tmp_path: Path) -> None:
    configs = configs_of({**case, "listeners": f"{case['listeners']},{CONTROLLER}"}, p=kafka.p, q=kafka.q, c=kafka.c)
    with kafka.started(configs) as process:
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not any((theirs := asked((kafka.p, kafka.q))).values()):
            assert process.poll() is None, kafka.output.read_text()
            assert time.monotonic() < deadline, kafka.output.read_text()
            time.sleep(0.1)
        theirs = asked((kafka.p, kafka.q))
    with ours(tmp_path, configs) as process:
        while not (tmp_path / "ready.json").exists():
            assert process.poll() is None, (tmp_path / "ours.log").read_text()
            time.sleep(0.01)
        mine = asked((kafka.p, kafka.q))
        assert json.loads((tmp_path / "ready.json").read_text())["listeners"]
    assert mine == theirs


def test_what_is_refused(kafka: Reference, tmp_path: Path) -> None:
    """One test: most of the time of each case is the start of a JVM."""
    unlike = []
    for case in REFUSALS:
        configs = configs_of(case.configs, p=kafka.p, q=kafka.q, c=kafka.c)
        with kafka.started(configs) as process:
            try:
                code = process.wait(_START_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                unlike.append(f"{configs}: Kafka starts")
                continue
        text = kafka.output.read_text()
        if code == 0 or (case.reference or case.said).format(p=kafka.p, q=kafka.q, c=kafka.c) not in text:
            unlike.append(f"{configs}: Kafka says {text[-600:]}")
        with ours(tmp_path, configs) as process:
            assert process.wait(_START_TIMEOUT_S) == 2
        if case.said.format(p=kafka.p, q=kafka.q, c=kafka.c) not in (tmp_path / "ours.log").read_text():
            unlike.append(f"{configs}: we say {(tmp_path / 'ours.log').read_text()}")
    assert not unlike, "\n".join(unlike)
