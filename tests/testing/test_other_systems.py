"""What only Linux has, or only POSIX, is not needed on the way of a test: the names are taken away, and a Kafka is used."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Before the package is imported, and after the parts of the standard library that have looked at their system already.
_TAKE_AWAY = """
import asyncio, asyncio.base_events, concurrent.futures.thread, contextlib, errno, functools, importlib.metadata, inspect
import io, logging, mmap, os, pathlib, select, selectors, shutil, signal, socket, ssl, subprocess, sys, tempfile, threading
import types, uuid

import pytest, starlette.applications, uvicorn, uvicorn.protocols.http.h11_impl  # their way with systems is their own


def take_away(names):
    for module, gone in names.items():
        for name in gone.split():
            if hasattr(module, name):
                delattr(module, name)


sys.modules["uvloop"] = None  # an import of it fails
take_away({
    os: "preadv pwritev sendfile fdatasync posix_fadvise posix_fallocate RWF_NOWAIT O_DIRECT sched_getaffinity eventfd pipe2",
    socket: "SO_BINDTODEVICE SO_REUSEPORT MSG_NOSIGNAL TCP_CORK TCP_QUICKACK TCP_USER_TIMEOUT TCP_INFO",
    select: "epoll POLLRDHUP",
    mmap: "MADV_HUGEPAGE",
})
"""
_OTHER_UNIX = """
sys.platform = "freebsd14"
selectors.DefaultSelector = selectors.PollSelector
"""
_WINDOWS = """
for name in ("fcntl", "termios", "resource", "pwd", "grp"):
    sys.modules[name] = None
# Loops need one, which is made of two connected sockets there.
socket.socketpair = functools.partial(socket.socketpair, socket.AF_UNIX)
take_away({
    os: "pread pwrite fork register_at_fork O_DIRECTORY O_CLOEXEC O_NOFOLLOW getuid geteuid uname sysconf getloadavg statvfs "
    "killpg setsid wait4 mkfifo getpgid",
    signal: "SIGHUP SIGKILL SIGUSR1 SIGUSR2 SIGALRM SIGPIPE SIGQUIT pthread_kill pthread_sigmask",
    socket: "AF_UNIX MSG_DONTWAIT SCM_RIGHTS",
    select: "poll POLLIN POLLHUP POLLERR",
    mmap: "MAP_PRIVATE MAP_ANONYMOUS MAP_SHARED PROT_READ PROT_WRITE",
})
sys.platform = "win32"
msvcrt = types.ModuleType("msvcrt")
msvcrt.LK_NBLCK = 2
msvcrt.locking = lambda descriptor, mode, size: None
sys.modules["msvcrt"] = msvcrt
selectors.DefaultSelector = selectors.SelectSelector
io._WindowsConsoleIO = types.NoneType  # pytest asks for it


class NoSignals(asyncio.SelectorEventLoop):
    def add_signal_handler(self, *arguments):
        raise NotImplementedError


asyncio.SelectorEventLoop = NoSignals
"""
_CLUSTER = """
from kafka_compat.testing import Kafka, TopicSpec
from kafka_compat.testing.actions import delay
from tests.support.wire_client import WireClient
from tests.testing.one_topic import produce, values

with Kafka(brokers=3, topics={"orders": TopicSpec(3, records=[("k", "v")])}) as kafka:
    for turn in range(2):
        kafka.produce("orders", "tea", key="alice")
        assert [record.value for record in kafka.wait_for_records("orders", 2)].count(b"tea") == 1
        for node in range(1, 4):
            kafka.brokers[node].kill()
            kafka.brokers[node].start()
        kafka.fail("Metadata", delay(0.01), must_fire=False)
        assert "orders" in kafka.report()
        kafka.restore(kafka.snapshot())
        assert not kafka.leaks()
        kafka.reset()
with tempfile.TemporaryDirectory() as folder:
    for data_dir in (None, folder + "/data"):
        with Kafka(data_dir=data_dir, topics={"t": 1}, configs={"message.max.bytes": 9_000_000}) as kafka:
            for turn in range(2):
                with WireClient(kafka.bootstrap_servers) as client:
                    sent = [b"small", bytes(700_000), bytes(4_000_000)]
                    assert [produce(client, value) for value in sent] == [0, 0, 0]
                    assert values(client) == sent[:2]
                kafka.reset()
print("done")
"""
_PLUGIN = """
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # of others
pathlib.Path("test_it.py").write_text("def test_it(kafka):\\n    kafka.produce('orders', 'tea')\\n" * 2)
assert pytest.main(["-q", "-p", "no:cacheprovider", "-p", "kafka_compat.pytest_plugin", "--strict-markers", "test_it.py"]) == 0
print("done")
"""
_CONTROL = """
from kafka_compat.testing.__main__ import main

COMMAND = "import os, urllib.request as u; u.urlopen(os.environ['KAFKA_COMPAT_CONTROL'] + '/v1/report').read()"
assert main(["--control", "0", "--", sys.executable, "-c", COMMAND]) == 0
print("done")
"""


@pytest.mark.parametrize("system", [_OTHER_UNIX, _WINDOWS], ids=["another unix", "windows"])
@pytest.mark.parametrize("use", [_CLUSTER, _PLUGIN, _CONTROL], ids=["cluster", "plugin", "control"])
def test_it_runs(system: str, use: str, tmp_path: Path) -> None:
    assert "done" in _run(_TAKE_AWAY + system + use, tmp_path)


def _run(code: str, folder: Path) -> str:
    (folder / "used.py").write_text(code)
    command = [sys.executable, "-W", "error", "used.py"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
