"""A JVM that a test stops, continues and kills, with its output in a file."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.brokers import JAVA_TERMINATED

_END_TIMEOUT_S = 60


class JvmProcess:
    """One application over several processes, one at a time. `command` starts each; `log_path` has the output of all."""

    def __init__(self, command: Sequence[str], log_path: Path) -> None:
        self._command = command
        self._log_path = log_path
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()

    def start(self) -> None:
        assert self._process is None, "the application is running"
        with self._log_path.open("ab") as output:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)

    def check_running(self) -> None:
        """Fails with the end of its output when it has ended by itself."""
        assert self._process is not None, "the application is not running"
        assert self._process.poll() is None, f"the application ended with exit code {self._process.poll()}:\n{self.log_tail()}"

    def stop(self) -> None:
        """SIGSTOP: it does nothing from now on, and its connections stay open."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL; nothing when it does not run."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def end(self) -> None:
        """SIGTERM; fails unless it ends in time and with the exit code of an orderly end."""
        process, self._process = self._process, None
        assert process is not None, "the application is not running"
        process.terminate()
        try:
            exit_code = process.wait(_END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the application did not end within {_END_TIMEOUT_S} s:\n{self.log_tail()}") from None
        finally:
            process.kill()
            process.wait()
        assert exit_code == JAVA_TERMINATED, f"the application ended with exit code {exit_code}:\n{self.log_tail()}"

    def log_tail(self) -> str:
        """The last of its output."""
        return self._log_path.read_text(errors="replace")[-8000:] if self._log_path.exists() else ""

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "the application is not running"
        self._process.send_signal(number)
