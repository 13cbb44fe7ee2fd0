"""A cluster leaves nothing behind, however it ends: no thread, descriptor, port, task or warning."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from kafka_compat.filesystem import DirectoryInUse
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.testing import Cluster, Kafka, Node
from tests.support.wire_client import ConnectionClosed, WireClient
from tests.testing.one_topic import produce, values
from tests.testing.plain_steps import join, joined, metadata


def descriptors() -> int:
    process = psutil.Process()
    count: int = process.num_fds() if os.name == "posix" else process.num_handles()  # type: ignore[attr-defined]
    return count


@pytest.fixture(autouse=True)
def nothing_is_left(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what other tests have left
        gc.collect()
    threads, before = set(threading.enumerate()), descriptors()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
        gc.collect()
    until_s = time.monotonic() + 5
    while set(threading.enumerate()) - threads and time.monotonic() < until_s:
        time.sleep(0.01)  # those that nobody waits for
    assert set(threading.enumerate()) - threads == set()
    assert descriptors() <= before
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def port_of(kafka: Kafka) -> int:
    return int(kafka.bootstrap_servers.split(",")[0].rpartition(":")[2])


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("brokers", [1, 3])
def test_a_block(brokers: int) -> None:
    with Kafka(brokers=brokers, topics={"t": 1}) as kafka:
        port = port_of(kafka)
        with WireClient(kafka.bootstrap_servers.split(",")[0]) as client:
            joined(client, "g")
        kafka.reset()
        assert is_open(port)
    assert not is_open(port)


def test_clients_that_are_still_there() -> None:
    with Kafka(topics={"t": 1}) as kafka:
        clients = [WireClient(kafka.bootstrap_servers) for _ in range(20)]
        for number, client in enumerate(clients[:3]):
            joined(client, f"g{number}")
            client.send(join(f"g{number}"), 3)  # waits for the member that has just joined
    for client in clients:
        client.close()


def test_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with Kafka(topics={"t": 1}, data_dir=folder) as kafka, WireClient(kafka.bootstrap_servers) as client:
        assert produce(client, b"kept") == ErrorCode.NONE
        cluster_id = metadata(kafka.bootstrap_servers).cluster_id
    with Kafka(topics={"t": 1}, data_dir=folder) as kafka, WireClient(kafka.bootstrap_servers) as client:
        assert values(client) == [b"kept"]
        assert metadata(kafka.bootstrap_servers).cluster_id == cluster_id
        with pytest.raises(RuntimeError, match="reset would throw away the data that this cluster was started on"):
            kafka.reset()
        assert values(client) == [b"kept"]


def test_a_folder_is_reset_when_it_was_empty(tmp_path: Path) -> None:
    with Kafka(topics={"t": 1}, data_dir=tmp_path) as kafka:
        with WireClient(kafka.bootstrap_servers) as client:
            produce(client, b"old")
        kafka.reset()
        with WireClient(kafka.bootstrap_servers) as client:
            assert values(client) == []
            produce(client, b"new")
    with Kafka(data_dir=tmp_path) as kafka, WireClient(kafka.bootstrap_servers) as client:
        assert values(client) == [b"new"]


def test_a_folder_of_another_cluster_or_in_use_is_refused(tmp_path: Path) -> None:
    with Kafka(data_dir=tmp_path, cluster_id="one"), pytest.raises(DirectoryInUse):
        Kafka(data_dir=tmp_path).start()
    with pytest.raises(ValueError, match=r"^cluster_id: the data in .* are of cluster one, not two$"):
        Kafka(data_dir=tmp_path, cluster_id="two").start()


def test_an_exception_in_the_block_comes_out_of_it() -> None:
    def fail() -> None:
        with Kafka():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()


def test_a_port_that_is_taken_is_said_and_the_others_are_given_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        kafka = Kafka(brokers=[Node(1), Node(2, port=port)])
        with pytest.raises(OSError, match=rf"broker 2 cannot listen on 127.0.0.1:{port}: Address already in use"):
            kafka.start()
    with pytest.raises(RuntimeError, match="it was stopped"):
        _ = kafka.bootstrap_servers
    kafka.stop()


def test_a_topic_that_cannot_be_made_ends_the_start() -> None:
    kafka = Kafka(topics={"t": 1_000_000})
    with pytest.raises(ValueError, match=r"^topics: POLICY_VIOLATION: Excessively large number of partitions per request"):
        kafka.start()


def test_it_is_started_once_and_stopped_often() -> None:
    kafka = Kafka()
    kafka.stop()
    with kafka, pytest.raises(RuntimeError, match="a cluster is started once"):
        kafka.start()
    kafka.stop()
    kafka.stop()
    with pytest.raises(RuntimeError, match="a cluster is started once"):
        kafka.start()


async def test_an_async_block_lets_others_run_while_it_stops() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    running = asyncio.create_task(others())
    async with Kafka(brokers=3, topics={"t": 1}) as kafka:
        client = WireClient(kafka.bootstrap_servers.split(",")[0])
        turns = 0
    assert turns > 0
    running.cancel()
    client.close()
    with pytest.raises(RuntimeError, match="it was stopped"):
        _ = kafka.bootstrap_servers


async def test_an_async_block_that_fails() -> None:
    with pytest.raises(ZeroDivisionError):
        async with Kafka():
            raise ZeroDivisionError


def test_one_that_is_forgotten_is_stopped_with_a_warning() -> None:
    forgotten = [Kafka()]
    forgotten[0].start()
    port = port_of(forgotten[0])
    with pytest.warns(ResourceWarning, match=rf"a Kafka at 127.0.0.1:{port} was never stopped"):
        forgotten.clear()
    until_s = time.monotonic() + 5
    while is_open(port) and time.monotonic() < until_s:
        time.sleep(0.01)
    assert not is_open(port)


def test_one_that_was_never_started_is_forgotten_in_silence() -> None:
    Kafka()
    gc.collect()


SCRIPTS = {
    "forgotten at the end": "kafka = Kafka(topics={'t': 1}); kafka.start(); print('end')",
    "forgotten in a folder": "kafka = Kafka(topics={'t': 1}, data_dir=sys.argv[1]); kafka.start(); print('end')",
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_process_that_ends_without_stopping_says_nothing(name: str, tmp_path: Path) -> None:
    code = f"import sys\nfrom kafka_compat.testing import Kafka\n{SCRIPTS[name]}"
    command = [sys.executable, "-W", "error", "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")
    with Kafka(data_dir=tmp_path):
        pass


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_fork_uses_it_and_does_not_keep_its_connections() -> None:
    def child(act: Callable[[], bool]) -> int:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of threads, which is what this is about
            pid = os.fork()
        if pid == 0:
            try:
                is_right = act()
            except BaseException:
                is_right = False
            finally:
                os._exit(0 if is_right else 1)
        return pid

    def use() -> bool:
        with WireClient(kafka.bootstrap_servers) as inherited:
            assert produce(inherited, b"from the fork") == ErrorCode.NONE
        with pytest.raises(RuntimeError, match=r"the cluster runs in process \d+, of which this one is a fork"):
            kafka.reset()
        kafka.stop()
        return True

    def linger() -> bool:
        return os.read(reading, 1) == b"x"

    reading, writing = os.pipe()
    with Kafka(topics={"t": 1}) as kafka:
        assert os.waitpid(child(use), 0)[1] == 0
        with WireClient(kafka.bootstrap_servers) as client:
            assert values(client) == [b"from the fork"]
            lingering = child(linger)
            port = port_of(kafka)
            kafka.reset()
            client.socket.settimeout(5)
            with pytest.raises((ConnectionClosed, ConnectionError)):
                client.receive_frame()
    assert not is_open(port)
    os.write(writing, b"x")
    assert os.waitpid(lingering, 0)[1] == 0
    os.close(reading)
    os.close(writing)


def test_a_cluster_that_is_stopped_from_many_threads_is_stopped() -> None:
    cluster = Cluster()
    cluster.start()
    errors: list[BaseException] = []

    def stop() -> None:
        try:
            cluster.stop()
        except RuntimeError:  # another was quicker
            pass
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=stop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
