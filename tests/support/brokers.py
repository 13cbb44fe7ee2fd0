"""Starts a broker as a process of its own, ours or the reference, behind one surface: for conformance and interop tests."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal, Protocol, Self

import pytest

from scripts.reference_broker import ReferenceBroker, ReferenceUnavailableError

BrokerKind = Literal["ours", "reference"]

_REPOSITORY_ROOT = Path(__file__).resolve().parent.parent.parent
_START_TIMEOUT_S = 30
_STOP_TIMEOUT_S = 10

# What the JVM answers SIGTERM with after its shutdown hooks have run: 128 + 15.
JAVA_TERMINATED = 143

# Without the optimising compiler it starts in half the time, and no test gives it enough to do to miss it.
_QUICK_START = ("-XX:TieredStopAtLevel=1",)

# Tests that kill the reference would wait nine seconds until the controller lets the dead node register again.
REFERENCE_CRASH_TEST_CONFIG = {"broker.session.timeout.ms": "1000", "broker.heartbeat.interval.ms": "250"}

QUICK_CLEANER = {"log.cleaner.backoff.ms": "50"}

# Records of tests are years old: the look half a minute after the reference's start, or after five minutes, would delete them.
NO_RETENTION = {"log.initial.task.delay.ms": "86400000", "log.retention.check.interval.ms": "86400000"}


class Broker(Protocol):
    """A broker process. It keeps its port and its files over stops, kills and restarts."""

    @property
    def bootstrap(self) -> str:
        """Host and port for clients."""

    def bootstrap_of(self, listener: str) -> str:
        """Host and port for clients of that listener."""

    @property
    def pid(self) -> int:
        """Process id of the running broker."""

    @property
    def data_dir(self) -> Path:
        """Where its logs are."""

    @property
    def is_running(self) -> bool:
        """Whether it has been started and neither stopped nor killed since; a broker that ended by itself counts as running."""

    def start(self) -> None:
        """Starts it and returns when it answers."""

    def stop(self) -> None:
        """SIGTERM; fails unless it ends in time and with the exit code of an orderly end."""

    def kill(self) -> None:
        """SIGKILL: what a crash leaves behind."""

    def restart(self) -> None:
        """Stops it if it runs, and starts it on the same port and files."""

    def log_text(self) -> str:
        """Its output so far, over all starts."""

    def close(self) -> None:
        """Ends it if it runs, with no questions asked."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class _Closing:
    """Lets a broker be a context manager that ends the process; it is started already."""

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()


class OurBroker(_Closing):
    """`kafka-compat serve` as a subprocess. `extra_args` go to the command line as they are.

    `listeners` are those beside PLAINTEXT, name to security protocol, as of `ReferenceBroker`.
    """

    def __init__(self, directory: Path, *extra_args: str, listeners: Mapping[str, str] | None = None) -> None:
        self._directory = directory
        self._extra_args = extra_args
        self._log_path = directory / "broker.log"
        self._ready_path = directory / "ready.json"
        self._process: subprocess.Popen[bytes] | None = None
        self._protocols = {"PLAINTEXT": "PLAINTEXT", **(listeners or {})}
        self._addresses = dict.fromkeys(self._protocols, "127.0.0.1:0")

    @property
    def bootstrap(self) -> str:
        return self.bootstrap_of("PLAINTEXT")

    def bootstrap_of(self, listener: str) -> str:
        assert not self._addresses[listener].endswith(":0"), "the broker has not been started"
        return self._addresses[listener]

    @property
    def pid(self) -> int:
        assert self._process is not None, "the broker is not running"
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def data_dir(self) -> Path:
        return self._directory / "data"

    def start(self) -> None:
        assert self._process is None, "the broker is running"
        self._directory.mkdir(parents=True, exist_ok=True)
        self._ready_path.unlink(missing_ok=True)
        command = [sys.executable, "-m", "kafka_compat.cli.main", "serve"]
        if len(self._protocols) == 1:
            command += ["--listen", self._addresses["PLAINTEXT"]]
        else:
            protocols = ",".join(f"{name}:{protocol}" for name, protocol in self._protocols.items())
            listeners = ",".join(f"{name}://{address}" for name, address in self._addresses.items())
            command += settings_of({"listener.security.protocol.map": protocols, "listeners": listeners})
        command += ["--data-dir", str(self.data_dir), "--ready-file", str(self._ready_path), *self._extra_args]
        with self._log_path.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd=_REPOSITORY_ROOT,
                # A traceback of a crash in C code, and nothing held back in a buffer when the process is killed.
                env={**os.environ, "PYTHONFAULTHANDLER": "1", "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self._ready_path.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise AssertionError(f"the broker did not start:\n{self.log_text()}")
            time.sleep(0.01)
        bound = json.loads(self._ready_path.read_text())["bootstrap"].split(",")
        self._addresses = dict(zip(self._protocols, bound, strict=True))

    def stop(self) -> None:
        process, self._process = self._process, None
        assert process is not None, "the broker is not running"
        process.send_signal(signal.SIGTERM)
        try:
            exit_code = process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"the broker did not end within {_STOP_TIMEOUT_S} s:\n{self.log_text()}") from None
        assert exit_code == 0, f"the broker ended with exit code {exit_code}:\n{self.log_text()}"

    def kill(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def restart(self) -> None:
        if self._process is not None:
            self.stop()
        self.start()

    def log_text(self) -> str:
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    def close(self) -> None:
        self.kill()


class ReferenceNode(_Closing):
    """`ReferenceBroker` with the surface and the checks of `OurBroker`."""

    def __init__(
        self,
        directory: Path,
        config: Mapping[str, str],
        listeners: Mapping[str, str] | None = None,
        class_path: Sequence[Path] = (),
    ) -> None:
        # Keys of tokens are read from files of the tests only when the JVM is told that it may.
        keys = config.get("sasl.oauthbearer.jwks.endpoint.url", "")
        options = (*_QUICK_START, f"-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={keys}")
        self._node = ReferenceBroker(
            config, data_dir=directory, jvm_options=options, listeners=listeners, class_path=class_path
        )

    @property
    def bootstrap(self) -> str:
        return self._node.bootstrap

    def bootstrap_of(self, listener: str) -> str:
        return self._node.bootstrap_of(listener)

    @property
    def pid(self) -> int:
        return self._node.pid

    @property
    def is_running(self) -> bool:
        return self._node.is_running

    @property
    def data_dir(self) -> Path:
        return self._node.data_dir / "log"

    def start(self) -> None:
        self._node.start()

    def stop(self) -> None:
        exit_code = self._node.stop()
        assert exit_code == JAVA_TERMINATED, f"Kafka ended with exit code {exit_code}:\n{self._node.log_text()}"

    def kill(self) -> None:
        self._node.kill()

    def restart(self) -> None:
        self._node.restart()

    def log_text(self) -> str:
        return self._node.log_text()

    def close(self) -> None:
        self._node.close()


def settings_of(config: Mapping[str, str]) -> list[str]:
    """`config` as arguments of `serve`."""
    return [word for name, value in config.items() for word in ("--set", f"{name}={value}")]


def start_ours(directory: Path, *extra_args: str, listeners: Mapping[str, str] | None = None) -> OurBroker:
    """Our broker, listening on free loopback ports, with its files below `directory`.

    Raises:
        AssertionError: it did not start; the message has its output.
    """
    broker = OurBroker(directory, *extra_args, listeners=listeners)
    broker.start()
    return broker


def start_reference(
    directory: Path,
    config: Mapping[str, str] | None = None,
    listeners: Mapping[str, str] | None = None,
    class_path: Sequence[Path] = (),
) -> ReferenceNode:
    """Apache Kafka 4.3.1, listening on free loopback ports, with its files below `directory`.

    `class_path` names directories with classes of its plug-ins.

    Raises:
        ReferenceUnavailableError: Java, Maven or the jars are missing (`skipped_without_reference` knows what to do).
        ReferenceStartError: it did not start; the message has its output.
    """
    broker = ReferenceNode(directory, config or {}, listeners, class_path)
    try:
        broker.start()
    except BaseException:
        broker.close()
        raise
    return broker


def start_broker(
    kind: BrokerKind,
    directory: Path,
    config: Mapping[str, str] | None = None,
    listeners: Mapping[str, str] | None = None,
) -> Broker:
    """A broker of the kind asked for, with defaults, but for `config` and what tests would wait for or trip over.

    `listeners` are those beside PLAINTEXT: name to security protocol. `config` says what they need.
    """
    config = {**QUICK_CLEANER, **NO_RETENTION, **(config or {})}
    if kind == "ours":
        return start_ours(directory, *settings_of(config), listeners=listeners)
    return start_reference(directory, {**REFERENCE_CRASH_TEST_CONFIG, **config}, listeners)


def missing_toolchain(*commands: str) -> str | None:
    """Why a test that needs these commands cannot run here, or None when all are installed."""
    missing = [command for command in commands if shutil.which(command) is None]
    return f"not installed: {', '.join(missing)}" if missing else None


def in_ci() -> bool:
    """Whether a missing toolchain is an error: a suite that skips itself in CI would prove nothing."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


__all__ = [
    "JAVA_TERMINATED",
    "NO_RETENTION",
    "QUICK_CLEANER",
    "REFERENCE_CRASH_TEST_CONFIG",
    "Broker",
    "BrokerKind",
    "OurBroker",
    "ReferenceNode",
    "ReferenceUnavailableError",
    "in_ci",
    "missing_toolchain",
    "settings_of",
    "skipped_without_reference",
    "start_broker",
    "start_ours",
    "start_reference",
]


@contextmanager
def skipped_without_reference() -> Iterator[None]:
    """Skip the test when Apache Kafka cannot be had here; in CI it fails."""
    try:
        yield
    except ReferenceUnavailableError as error:
        if in_ci():
            raise
        pytest.skip(str(error))


def require_commands(*commands: str) -> None:
    """Skips the test when one of these is not installed; in CI it fails, lest the suite prove nothing."""
    if (reason := missing_toolchain(*commands)) is not None:
        if in_ci():
            pytest.fail(reason)
        pytest.skip(reason)
