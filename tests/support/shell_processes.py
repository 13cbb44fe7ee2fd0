"""`kafka-compat serve` as a process in an environment that a shell makes: limits, streams, signals, directories."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

_REPOSITORY_ROOT = Path(__file__).resolve().parent.parent.parent
_TIMEOUT_S = 30


def _mind_hangups() -> None:
    """Under nohup the tests ignore SIGHUP, and so would what they start."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Served:
    """A started process; `out` and `err` are the files of its streams.

    Args:
        directory: for its files.
        arguments: of `serve`, behind --listen and --ready-file.
        before: shell commands to run first.
        after: redirections of the shell.
        wrapper: a command that runs the shell.
        environment: in place of this process's, but for what finds the package.
        cwd: of the shell; the directory when None.
        memory: keep the data in memory instead of `directory`/data.
        stderr: a descriptor in place of the file `err`.
    """

    def __init__(
        self,
        directory: Path,
        *arguments: str,
        before: str = "",
        after: str = "",
        wrapper: tuple[str, ...] = (),
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        memory: bool = False,
        stderr: int | None = None,
    ) -> None:
        self.ready = directory / "ready.json"
        self.out, self.err = directory / "out", directory / "err"
        data = ("--memory",) if memory else ("--data-dir", str(directory / "data"))
        command = [sys.executable, "-m", "kafka_compat", "serve", "--listen", "127.0.0.1:0", *data]
        if "--ready-file" not in arguments:
            command += ["--ready-file", str(self.ready)]
        script = f"{before}\nexec {shlex.join([*command, *arguments])} {after}"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self.process = subprocess.Popen(
                [*wrapper, "sh", "-c", script],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err if stderr is None else stderr,
                cwd=directory if cwd is None else cwd,
                env={**(os.environ if environment is None else environment), "PYTHONPATH": str(_REPOSITORY_ROOT)},
                preexec_fn=_mind_hangups,
            )

    def until_ready(self) -> str:
        """The bootstrap address, once it serves."""
        deadline = time.monotonic() + _TIMEOUT_S
        while not self.ready.exists():
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.err_text()}"
            assert time.monotonic() < deadline, self.err_text()
            time.sleep(0.01)
        bootstrap = json.loads(self.ready.read_text())["bootstrap"]
        assert isinstance(bootstrap, str)
        return bootstrap

    @property
    def pid(self) -> int:
        """Of the broker: the shell has become it, unless a wrapper is around."""
        return self.process.pid

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait(self) -> int:
        """The exit code."""
        return self.process.wait(_TIMEOUT_S)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, and fail unless that was clean."""
        self.send(number)
        assert self.wait() == 0, self.err_text()
        assert not self.ready.exists()
        assert "Traceback" not in self.err_text()

    def err_text(self) -> str:
        return self.err.read_text(errors="replace")

    def out_text(self) -> str:
        return self.out.read_text(errors="replace")


@contextmanager
def served(directory: Path, *arguments: str, **options: object) -> Iterator[Served]:
    """A process that is gone at the end."""
    process = Served(directory, *arguments, **options)  # type: ignore[arg-type]
    try:
        yield process
    finally:
        process.process.kill()
        process.wait()
