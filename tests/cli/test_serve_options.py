"""The command line: parsing, exit codes, what is printed, the ready file and signals; the broker is a stand-in."""

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
import types
from pathlib import Path
from typing import ClassVar

import pytest

from kafka_compat import __version__
from kafka_compat.cli.main import build_parser, main
from kafka_compat.cli.serve import options_of
from kafka_compat.config.settings import ServeOptions, ServerSettings
from kafka_compat.filesystem.interface import DirectoryInUse
from kafka_compat.security.chosen_authorizer import UnusableAuthorizer
from kafka_compat.storage.interface import StorageError


class StandIn:
    """What `serve` uses of a broker. `failure` is raised by start; `kill` is sent to the process once it serves."""

    failure: BaseException | None = None
    kill: int | None = signal.SIGTERM
    seen: ClassVar[list["StandIn"]]

    def __init__(self, settings: ServerSettings) -> None:
        self.settings = settings
        self.addresses: list[tuple[str, int]] = []
        self.cluster_id = "MkU3OEVBNTcwNTJENDM2Qg"
        self.stopped = False
        self.ready_at_stop: bool | None = None
        type(self).seen.append(self)

    async def start(self) -> None:
        if self.failure is not None:
            raise self.failure
        self.addresses = [("127.0.0.1", listener.port or 4000 + i) for i, listener in enumerate(self.settings.listeners)]
        if self.kill is not None:
            asyncio.get_running_loop().call_later(0.01, os.kill, os.getpid(), self.kill)

    async def stop(self) -> None:
        self.stopped = True
        ready = self.settings.ready_file
        self.ready_at_stop = ready is not None and ready.exists()


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> type[StandIn]:
    class Broker(StandIn):
        seen: ClassVar[list[StandIn]] = []

    module = types.ModuleType("kafka_compat.server.broker")
    module.Broker = Broker  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kafka_compat.server.broker", module)
    for variable in [name for name in os.environ if name.startswith("KAFKA_")]:
        monkeypatch.delenv(variable)
    return Broker


def parsed(*arguments: str) -> ServeOptions:
    return options_of(build_parser("serve").parse_args(["serve", *arguments]))


def test_nothing_given() -> None:
    assert parsed() == ServeOptions()


def test_everything_given() -> None:
    options = parsed(
        *("--listen", "[::1]:1", "--listen", "h:2", "--advertise", "a:3", "--data-dir", "d", "--node-id", "4"),
        *("--topic", "t:5", "--topic", "u", "--set", "a=b=c", "--config", "f", "--ready-file", "r", "--log-level", "debug"),
    )
    assert options == ServeOptions(
        listen=("[::1]:1", "h:2"),
        advertise=("a:3",),
        data_dir=Path("d"),
        node_id=4,
        topics=("t:5", "u"),
        set=("a=b=c",),
        config=Path("f"),
        ready_file=Path("r"),
    )
    assert parsed("--memory").memory


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["frobnicate"],
        ["serve", "--no-such-option"],
        ["serve", "--node-id", "one"],
        ["serve", "--log-level", "loud"],
        ["serve", "--memory", "--data-dir", "d"],
    ],
    ids=" ".join,
)
def test_what_argparse_refuses(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage: kafka-compat" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--listen", "9092"], "--listen 9092: expected HOST:PORT, such as localhost:9092 or [::1]:9092"),
        (
            ["--set", "num.partitons=1"],
            "--set num.partitons=1: there is no broker config num.partitons; did you mean num.partitions?",
        ),
        (["--config", "/no/such/file"], "--config /no/such/file: No such file or directory"),
        (["--topic", "a:b"], "--topic a:b: expected NAME or NAME:PARTITIONS, such as orders:3"),
        (["--node-id", "-1"], "Invalid value -1 for configuration node.id: Value must be at least 0"),
    ],
)
def test_bad_settings_are_one_line(
    stand_in: type[StandIn], arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--memory", *arguments]) == 2
    assert capsys.readouterr().err == f"kafka-compat: {message}\n"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith(f"kafka-compat {__version__}")


@pytest.mark.parametrize("arguments", [["--help"], ["serve", "--help"], ["protocol", "--help"]], ids=" ".join)
def test_help(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    assert "usage: kafka-compat" in capsys.readouterr().out


def test_help_of_serve_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    main(["serve", "--help"])
    text = capsys.readouterr().out
    for option in ("listen", "advertise", "data-dir", "memory", "node-id", "topic", "set", "config", "ready-file", "log-level"):
        assert f"--{option}" in text
    assert "examples:" in text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serving_until_a_signal(
    stand_in: type[StandIn], number: signal.Signals, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.kill = number
    data_dir, ready = tmp_path / "a" / "data", tmp_path / "ready.json"
    ready.write_text("left behind")
    arguments = ["--listen", "localhost:0", "--listen", "0.0.0.0:77", "--advertise", "x.org:5", "--advertise", "y.org:6"]
    assert main(["serve", *arguments, "--data-dir", str(data_dir), "--ready-file", str(ready), "--node-id", "3"]) == 0
    (broker,) = stand_in.seen
    assert broker.stopped
    assert broker.ready_at_stop is False
    assert data_dir.is_dir()
    banner = capsys.readouterr().out
    for part in ("x.org:5,y.org:6", "127.0.0.1:4000", str(data_dir), "node       3", broker.cluster_id, f"kill {os.getpid()}"):
        assert part in banner


def test_ready_file(stand_in: type[StandIn], tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    contents: list[dict[str, object]] = []

    def read_and_stop() -> None:
        contents.append(json.loads(ready.read_text()))
        os.kill(os.getpid(), signal.SIGTERM)

    class Broker(stand_in):  # type: ignore[misc, valid-type]
        kill = None

        async def start(self) -> None:
            await super().start()
            asyncio.get_running_loop().call_later(0.01, read_and_stop)

    sys.modules["kafka_compat.server.broker"].Broker = Broker  # type: ignore[attr-defined]
    assert main(["serve", "--memory", "--listen", "localhost:0", "--ready-file", str(ready)]) == 0
    assert contents == [
        {
            "pid": os.getpid(),
            "bootstrap": "localhost:4000",
            "listeners": [{"name": "PLAINTEXT", "host": "127.0.0.1", "port": 4000, "advertised": "localhost:4000"}],
            "data_dir": None,
            "node_id": 1,
            "cluster_id": "MkU3OEVBNTcwNTJENDM2Qg",
            "http": None,
            "control": None,
        }
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        (OSError(errno.EADDRINUSE, "whatever"), f"cannot listen on localhost:77: {os.strerror(errno.EADDRINUSE)}"),
        (OSError(errno.EACCES, "whatever"), f"cannot listen on localhost:77: {os.strerror(errno.EACCES)}"),
        (PermissionError(errno.EACCES, "Permission denied", "/x/lock"), "/x/lock: Permission denied"),
        (
            DirectoryInUse("/x", 5),
            "the directory /x is in use by process 5; give each broker a directory of its own",
        ),
        (UnusableAuthorizer("authorizer.class.name X: why"), "authorizer.class.name X: why"),
    ],
    ids=["port in use", "port not allowed", "file not allowed", "directory in use", "no such authorizer"],
)
def test_what_keeps_a_broker_from_starting_is_one_line(
    stand_in: type[StandIn], failure: Exception, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in.failure = failure
    assert main(["serve", "--memory", "--listen", "localhost:77", "--log-level", "error"]) == 1
    assert capsys.readouterr().err == f"kafka-compat: {message}\n"
    assert stand_in.seen[0].stopped


def test_broken_data_is_one_line(stand_in: type[StandIn], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stand_in.failure = StorageError("cannot be read")
    assert main(["serve", "--data-dir", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"kafka-compat: data directory {tmp_path}: cannot be read\n"


def test_a_data_directory_that_is_a_file(stand_in: type[StandIn], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    for path, problem in ((tmp_path / "file", "not a directory"), (tmp_path / "file" / "below", "Not a directory")):
        assert main(["serve", "--data-dir", str(path)]) == 1
        assert capsys.readouterr().err == f"kafka-compat: data directory {path}: {problem}\n"
    assert stand_in.seen == []


def test_a_ready_file_that_cannot_be_made(stand_in: type[StandIn], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (tmp_path / "none" / "ready.json", tmp_path):
        assert main(["serve", "--memory", "--ready-file", str(path)]) == 1
        assert capsys.readouterr().err == f"kafka-compat: --ready-file {path}: not a path where a file can be made\n"
    assert stand_in.seen == []


SCRIPT = """
import asyncio, sys, types

class Broker:
    def __init__(self, settings): self.addresses = []; self.cluster_id = "c"
    async def start(self):
        self.addresses = [("127.0.0.1", 1)]
        {start}
    async def stop(self):
        print("stopping", flush=True)
        {stop}

module = types.ModuleType("kafka_compat.server.broker")
module.Broker = Broker
sys.modules["kafka_compat.server.broker"] = module
from kafka_compat.cli.main import main
sys.exit(main(["serve", "--memory"]))
"""


def launch(start: str = "pass", stop: str = "pass") -> subprocess.Popen[str]:
    script = SCRIPT.format(start=start, stop=stop)
    return subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, bufsize=1
    )


def wait_for(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            return
    raise AssertionError(f"ended without {text!r}")


def test_a_second_signal_ends_the_process_at_once() -> None:
    with launch(stop="await asyncio.sleep(60)") as process:
        wait_for(process, "stop       Ctrl-C")
        process.send_signal(signal.SIGTERM)
        wait_for(process, "stopping")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 128 + signal.SIGTERM


def test_a_signal_during_the_start_is_a_stop() -> None:
    with launch(start="print('starting', flush=True); await asyncio.sleep(60)") as process:
        wait_for(process, "starting")
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("--add-scram", "SCRAM-SHA-512=[name=dave,iterations=9,password=hidden]"),
            "The 'iterations' value must be >= 4096",
        ),
        (("--add-scram", "SCRAM-SHA-512=[password=hidden]"), "--add-scram: You must supply 'name' to add-scram"),
        (("--add-scram", "SCRAM-SHA-512=[name=dave,password=hidden]", "--control", "0"), "--add-scram is not for --control"),
    ],
)
def test_first_users_that_nobody_understands(
    arguments: tuple[str, ...], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--memory", *arguments]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "hidden" not in said


def test_first_users(stand_in: type[StandIn]) -> None:
    wanted = "SCRAM-SHA-512=[name=dave,password=two]"
    assert main(["serve", "--memory", "--listen", "SASL_PLAINTEXT://127.0.0.1:0", "--add-scram", wanted]) == 0
    assert stand_in.seen[0].settings.add_scram == (wanted,)
