"""The process and what it is given: signals, standard streams, locale, directories, being the first process of a container.

What cannot be tried everywhere: limits of memory and processes (sandboxes and root do not have them).
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse
from tests.support.shell_processes import served
from tests.support.wire_client import WireClient

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell makes the environment")


def answers(bootstrap: str) -> bool:
    with WireClient(bootstrap) as client:
        return client.call(ApiVersionsRequest(), 0, ApiVersionsResponse).error_code == ErrorCode.NONE


def until(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


# --- signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_is_a_clean_stop(tmp_path: Path, number: signal.Signals) -> None:
    with served(tmp_path) as broker:
        broker.until_ready()
        broker.stop(number)
        assert (tmp_path / "data" / ".lock").exists()
    with served(tmp_path) as again:
        again.until_ready()
        assert "not clean" not in again.err_text()


def test_what_was_ignored_stays_ignored(tmp_path: Path) -> None:
    """That is what nohup is for; the JVM does the same."""
    with served(tmp_path, before="trap '' HUP INT", memory=True) as broker:
        bootstrap = broker.until_ready()
        broker.send(signal.SIGHUP)
        broker.send(signal.SIGINT)
        assert answers(bootstrap)
        broker.stop()


def test_signals_that_mean_nothing_here(tmp_path: Path) -> None:
    with served(tmp_path, memory=True) as broker:
        bootstrap = broker.until_ready()
        broker.send(signal.SIGPIPE)
        broker.send(signal.SIGCONT)
        broker.send(signal.SIGWINCH)
        assert answers(bootstrap)
        broker.stop()


def test_a_terminal_that_is_closed_may_say_so_twice(tmp_path: Path) -> None:
    """A shell and the kernel both send SIGHUP; the stop goes on, cleanly."""
    with served(tmp_path) as broker:
        broker.until_ready()
        for _ in range(5):
            broker.send(signal.SIGHUP)
        assert broker.wait() in (0, -signal.SIGHUP)  # the last one may come when all is done
        assert broker.err_text().endswith("Stopping\n")
        assert not broker.ready.exists()


def test_a_stop_before_it_serves_is_clean(tmp_path: Path) -> None:
    """At whatever moment the signal comes: never a traceback, never a ready file."""
    codes = set()
    for delay_ms in range(0, 400, 20):
        with served(tmp_path, memory=True) as broker:
            time.sleep(delay_ms / 1000)  # the moment is what is tried here
            broker.send(signal.SIGTERM)
            codes.add(broker.wait())
            assert "Traceback" not in broker.err_text()
            assert not broker.ready.exists()
    assert codes <= {0, -signal.SIGTERM}  # the second while Python itself starts or ends
    assert 0 in codes


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_the_first_process_of_a_container(tmp_path: Path) -> None:
    """A first process gets only those signals that it asks for."""
    wrapper = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child")
    if subprocess.run([*wrapper, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("the machine lets nobody make namespaces")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with served(tmp_path, wrapper=wrapper) as broker:
            assert answers(broker.until_ready())
            (child,) = Path(f"/proc/{broker.pid}/task/{broker.pid}/children").read_text().split()
            assert "kill 1\n" in broker.out_text()
            os.kill(int(child), number)
            assert broker.wait() == 0, broker.err_text()
            assert not broker.ready.exists()


# --- standard streams


@pytest.mark.parametrize(
    "after",
    ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full", ">/dev/full 2>&1", "</dev/null", "<&- >&-"],
)
def test_streams_that_are_closed_or_full(tmp_path: Path, after: str) -> None:
    with served(tmp_path, "--log-level", "debug", "--topic", "t", after=after) as broker:
        assert answers(broker.until_ready())
        broker.stop()
    # Nothing that was meant for a stream is in a file that has got its number.
    for path in (tmp_path / "data").rglob("*"):
        assert not path.is_file() or b"INFO" not in path.read_bytes()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="nothing tells the descriptors of a process")
def test_closed_streams_are_the_null_device(tmp_path: Path) -> None:
    with served(tmp_path, after="<&- >&- 2>&-") as broker:
        broker.until_ready()
        assert {os.readlink(f"/proc/{broker.pid}/fd/{number}") for number in range(3)} == {os.devnull}
        broker.stop()


def test_a_full_stdout_is_said_on_stderr(tmp_path: Path) -> None:
    with served(tmp_path, after=">/dev/full", memory=True) as broker:
        broker.until_ready()
        broker.stop()
        assert "cannot write to stdout: No space left on device" in broker.err_text()


def test_a_pipe_whose_reader_is_gone(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with served(tmp_path, "--log-level", "debug", after=">&2", memory=True, stderr=writing) as broker:
        os.close(writing)
        assert answers(broker.until_ready())
        broker.stop()


def test_a_pipe_that_nobody_reads_does_not_stop_the_broker(tmp_path: Path) -> None:
    """More log than a pipe holds: the lines are lost, and the next that gets through says how many."""
    reading, writing = os.pipe()
    with (
        os.fdopen(reading, "rb") as log,
        served(tmp_path, "--log-level", "debug", memory=True, stderr=writing) as broker,
    ):
        os.close(writing)
        bootstrap = broker.until_ready()
        for _ in range(1500):  # each is a line of the log: a frame of that size closes the connection
            with WireClient(bootstrap) as client:
                client.send_bytes(b"\xff\xff\xff\xff")
        assert answers(bootstrap)
        text = log.read1(1 << 20)  # there is room again
        broker.send(signal.SIGTERM)
        text += log.read()
        assert broker.wait() == 0
        assert b"lines of the log could not be written)\n" in text
        assert text.endswith(b"Stopping\n")


# --- locale, names


def join(client: WireClient, group_id: str) -> None:
    """Become a member, which is a line of the log."""
    client.call(FindCoordinatorRequest(key=group_id), 0, FindCoordinatorResponse)
    request = JoinGroupRequest(
        group_id=group_id,
        session_timeout_ms=60_000,
        protocol_type="consumer",
        protocols=[JoinGroupRequestProtocol(name="range", metadata=b"")],
    )
    until(lambda: client.call(request, 0, JoinGroupResponse).error_code == ErrorCode.NONE)


LOCALES: tuple[dict[str, str], ...] = (
    {},
    {"LC_ALL": "C"},
    {"LC_ALL": "POSIX"},
    {"LC_ALL": "xx_YY.UTF-8"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONIOENCODING": "ascii:strict"},
)


@pytest.mark.parametrize("locale", LOCALES, ids=lambda locale: ",".join(itertools.chain(*locale.items())) or "none")
def test_locales_and_an_empty_environment(tmp_path: Path, locale: dict[str, str]) -> None:
    """No HOME either. Names that the locale lacks are escaped in the log and in what is printed."""
    place = tmp_path / "dä\u20ac"
    place.mkdir()
    with served(place, environment=locale) as broker:
        with WireClient(broker.until_ready(), client_id="cliänt\u20ac") as client:
            join(client, "grüppe\u20ac\nERROR forged \x1b[31m")
        broker.stop()
        log = broker.err_text()
        assert "\\nERROR forged \\x1b[31m" in log
        assert "\x1b" not in log
        assert all(line[:2] == "20" for line in log.splitlines()), log
        assert "is ready: bootstrap.servers=" in broker.out_text()


# --- places


def read_only(tmp_path: Path) -> tuple[Path, tuple[str, ...]]:
    """A directory where nothing can be made, and what has to be around a process that sees it."""
    place = tmp_path / "read-only"
    place.mkdir()
    if os.geteuid() != 0:
        place.chmod(0o500)
        return place, ()
    mount = f'mount -t tmpfs -o ro none {place} && cd {place} && exec "$@"'
    wrapper = ("unshare", "--mount", "sh", "-c", mount, "sh")
    if subprocess.run([*wrapper, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("root can write everywhere, and the machine lets nobody mount")
    return place, wrapper


def test_a_read_only_working_directory(tmp_path: Path) -> None:
    place, wrapper = read_only(tmp_path)
    with served(tmp_path, wrapper=wrapper, cwd=place, memory=True) as broker:
        assert answers(broker.until_ready())
        broker.stop()
    (tmp_path / "data").mkdir()
    for arguments, said in (
        (("--data-dir", "kafka-data"), "data directory kafka-data: "),
        (("--ready-file", "ready.json"), "--ready-file ready.json: "),
    ):
        with served(tmp_path, *arguments, wrapper=wrapper, cwd=place) as broker:
            assert broker.wait() == 1
            (line,) = broker.err_text().splitlines()
            assert line.startswith(f"kafka-compat: {said}")
            assert line.endswith(("Read-only file system", "Permission denied"))


def test_a_working_directory_that_is_gone(tmp_path: Path) -> None:
    place = tmp_path / "gone"
    place.mkdir()
    with served(tmp_path, before="rmdir ../gone", cwd=place, memory=True) as broker:
        assert answers(broker.until_ready())
        broker.stop()
    place.mkdir()
    with served(tmp_path, "--data-dir", "kafka-data", before="rmdir ../gone", cwd=place) as broker:
        assert broker.wait() == 2
        assert broker.err_text() == "kafka-compat: data directory kafka-data: the working directory is gone\n"


@pytest.mark.parametrize("path", ["none/ready.json", "file/ready.json", "."])
def test_a_ready_file_where_none_can_be(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    with served(tmp_path, "--ready-file", path) as broker:
        assert broker.wait() == 1
        assert broker.err_text() == f"kafka-compat: --ready-file {path}: not a path where a file can be made\n"


def test_a_ready_file_whose_directory_goes_away(tmp_path: Path) -> None:
    """The stop is clean all the same."""
    (tmp_path / "place").mkdir()
    ready = tmp_path / "place" / "ready.json"
    with served(tmp_path, "--ready-file", str(ready)) as broker:
        broker.ready = ready
        broker.until_ready()
        ready.unlink()
        ready.parent.rmdir()
        ready.parent.touch()
        broker.send(signal.SIGTERM)
        assert broker.wait() == 0, broker.err_text()
        assert "Traceback" not in broker.err_text()
        assert "cannot remove the ready file" in broker.err_text()


@pytest.mark.parametrize("mask", ["000", "022", "077"])
def test_the_umask_is_kept(tmp_path: Path, mask: str) -> None:
    with served(tmp_path, "--topic", "t", before=f"umask {mask}") as broker:
        assert answers(broker.until_ready())
        for path in (broker.ready, *(tmp_path / "data").rglob("*")):
            assert path.stat().st_mode & int(mask, 8) == 0
        broker.stop()


def test_a_limit_of_file_sizes(tmp_path: Path) -> None:
    """The first write fails, as on a full disk."""
    reading, writing = os.pipe()  # a file would take no message either
    with os.fdopen(reading) as log, served(tmp_path, before="ulimit -f 0", stderr=writing) as broker:
        os.close(writing)
        assert broker.wait() == 1
        (line,) = log.read().splitlines()
        assert line.startswith("kafka-compat: data directory ")
        assert "File too large" in line
