"""Broker processes with one surface for measuring: how long a start took, and what the process has used."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from scripts.reference_broker import ReferenceBroker, brokers_known, free_ports

REPOSITORY_ROOT = Path(__file__).resolve().parent.parent.parent
SERVE = REPOSITORY_ROOT / "scripts" / "serve"
_START_TIMEOUT_S = 120
_POLL_S = 0.002


@dataclass(frozen=True)
class Usage:
    """What a process has used since it began, and holds now."""

    cpu_s: float
    rss_bytes: int
    open_files: int
    threads: int


def usage_of(pid: int) -> Usage:
    """The usage of one process, its children left out."""
    process = psutil.Process(pid)
    with process.oneshot():
        times = process.cpu_times()
        return Usage(times.user + times.system, process.memory_info().rss, process.num_fds(), process.num_threads())


def prepared_command() -> list[str]:
    """`scripts/serve`'s compiled install, brought up to date first, so that no start is measured that includes a build."""
    subprocess.run([str(SERVE), "--help"], check=True, stdout=subprocess.DEVNULL)
    return [str(REPOSITORY_ROOT / ".venv-serve" / "bin" / "kafka-compat")]


class ServeProcess:
    """`kafka-compat serve` in a process of its own; it keeps its port and its files over stops, kills and starts.

    Args:
        directory: for data, log and working directory.
        command: what runs `kafka-compat`.
        arguments: of `serve`.
        environment: added to this process's.
        memory: data in memory, gone with the process.
    """

    def __init__(
        self,
        directory: Path,
        command: Sequence[str],
        arguments: Sequence[str] = (),
        environment: dict[str, str] | None = None,
        *,
        memory: bool = False,
    ) -> None:
        self.directory = directory
        self.data_dir = directory / "data"
        self._command = command
        self._arguments = arguments
        self._environment = environment or {}
        self._where = ["--memory"] if memory else ["--data-dir", str(self.data_dir)]
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_ports(1)[0]

    @property
    def bootstrap(self) -> str:
        """Host and port for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Process id of the running broker."""
        assert self._process is not None, "the broker is not running"
        return self._process.pid

    def start(self) -> float:
        """Start it; the seconds until its Metadata answer lists it.

        Raises:
            RuntimeError: it ended, or did not answer in time; the message has its output.
        """
        assert self._process is None, "the broker is running"
        self.directory.mkdir(parents=True, exist_ok=True)
        arguments = ["serve", "--listen", self.bootstrap, *self._where, *self._arguments]
        began = time.monotonic()
        with (self.directory / "broker.log").open("ab") as output:
            self._process = subprocess.Popen(
                [*self._command, *arguments],
                cwd=self.directory,  # not the repository: its sources would come before the install's
                env={**os.environ, "PYTHONFAULTHANDLER": "1", "PYTHONUNBUFFERED": "1", **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        while brokers_known(self.port, timeout_s=30) == 0:
            if self._process.poll() is not None or time.monotonic() - began > _START_TIMEOUT_S:
                self.kill()
                raise RuntimeError(f"the broker did not start:\n{self.log_text()}")
            time.sleep(_POLL_S)
        return time.monotonic() - began

    def poll(self) -> int | None:
        """The exit code when it has ended by itself."""
        assert self._process is not None
        return self._process.poll()

    def stop(self, timeout_s: float = 60) -> tuple[int, float]:
        """SIGTERM; the exit code and the seconds it took."""
        process = self._process
        assert process is not None, "the broker is not running"
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        exit_code = process.wait(timeout_s)
        self._process = None
        return exit_code, time.monotonic() - began

    def signal(self, number: int) -> None:
        """Send a signal and do not wait."""
        assert self._process is not None
        self._process.send_signal(number)

    def wait(self, timeout_s: float) -> int:
        """Wait for the end that a signal asked for; the exit code."""
        assert self._process is not None
        exit_code = self._process.wait(timeout_s)
        self._process = None
        return exit_code

    def kill(self) -> None:
        """SIGKILL, if it runs."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def log_text(self) -> str:
        """Its output so far, over all starts."""
        path = self.directory / "broker.log"
        return path.read_text(errors="replace") if path.exists() else ""


@contextlib.contextmanager
def ours(command: str | None, keep_in: Path | None = None) -> Iterator[tuple[str, int, float]]:
    """Our broker: bootstrap address, process id and the seconds its start took."""
    directory = Path(tempfile.mkdtemp(prefix="kafka-compat-bench-", dir=keep_in))
    broker = ServeProcess(directory, shlex.split(command) if command else prepared_command())
    try:
        took_s = broker.start()
        yield broker.bootstrap, broker.pid, took_s
        broker.stop()
    finally:
        broker.kill()
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def reference(heap: str = "1g") -> Iterator[tuple[str, int, float]]:
    """Apache Kafka: bootstrap address, process id and the seconds its start took, formatting left out."""
    with ReferenceBroker(heap=heap) as broker:
        broker.stop()  # the first start formats the directory
        began = time.monotonic()
        broker.start()
        yield broker.bootstrap, broker.pid, time.monotonic() - began
