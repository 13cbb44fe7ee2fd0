"""`kafka-compat serve` on a directory that is not its own, or not whole: a sentence, exit code 1, and nothing in it changes."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from kafka_compat.filesystem import OsFileSystem
from kafka_compat.metadata.changes import ClusterCreated
from kafka_compat.metadata.metadata_log import LOG_ID, MetadataLog, encode_changes
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.records.reader import iter_records
from kafka_compat.storage.local import LocalLogStore
from tests.support.brokers import (
    REFERENCE_CRASH_TEST_CONFIG,
    OurBroker,
    ReferenceNode,
    skipped_without_reference,
    start_ours,
    start_reference,
)
from tests.support.wire_client import WireClient, wait_until_led

Listing = dict[str, tuple[int, int, str]]


def listing(directory: Path) -> Listing:
    """Everything below, with the time of its last change, mode, and content."""
    found: Listing = {}
    for path in [directory, *directory.rglob("*")]:
        status = path.lstat()
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path.relative_to(directory))] = (status.st_mtime_ns, status.st_mode, content)
    return found


def serve(data_dir: Path, *args: str, through: Sequence[str] = ()) -> tuple[int, str]:
    """Exit code and the last line of stderr of a broker that is not expected to run."""
    command = [
        *through,
        sys.executable,
        "-m",
        "kafka_compat.cli.main",
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        str(data_dir),
    ]
    done = subprocess.run([*command, *args], capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr.splitlines()[-1]


def refused(data_dir: Path, *args: str) -> str:
    """What `serve` says; checks that it has changed nothing."""
    before = listing(data_dir)
    exit_code, line = serve(data_dir, *args)
    assert exit_code == 1
    assert listing(data_dir) == before
    assert line.startswith("kafka-compat: ")
    return line.removeprefix("kafka-compat: ")


def produce(broker: OurBroker | ReferenceNode, value: bytes) -> None:
    records = build_batch([(1_704_067_200_000, None, value, ())])
    data = [TopicProduceData(name="orders", partition_data=[PartitionProduceData(index=0, records=records)])]
    with WireClient(broker.bootstrap) as client:
        wait_until_led(client, "orders", 1)
        answer = client.call(ProduceRequest(acks=-1, timeout_ms=9000, topic_data=data), 9, ProduceResponse)
    assert answer.responses[0].partition_responses[0].error_code == 0


def values(broker: OurBroker | ReferenceNode) -> list[bytes | None]:
    wanted = FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=1 << 20)
    request = FetchRequest(max_bytes=1 << 20, topics=[FetchTopic(topic="orders", partitions=[wanted])])
    with WireClient(broker.bootstrap) as client:
        wait_until_led(client, "orders", 1)
        answer = client.call(request, 11, FetchResponse).responses[0].partitions[0]
    assert answer.error_code == 0
    assert isinstance(answer.records, bytes | memoryview)
    return [record.value for record in iter_records(answer.records)]


def cluster_id(broker: OurBroker) -> str | None:
    with WireClient(broker.bootstrap) as client:
        return client.call(MetadataRequest(topics=[]), 9, MetadataResponse).cluster_id


@contextlib.contextmanager
def running(data_dir: Path) -> Iterator[OurBroker]:
    """A broker on `data_dir`, which has to be named `data`."""
    assert data_dir.name == "data"
    with start_ours(data_dir.parent) as broker:
        yield broker
        broker.stop()


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of node 1 with a topic `orders` with data."""
    directory = tmp_path_factory.mktemp("ours")
    with start_ours(directory, "--topic", "orders:2") as broker:
        produce(broker, b"kept")
        broker.stop()
        return broker.data_dir


@pytest.fixture
def data_dir(stopped: Path, tmp_path: Path) -> Path:
    """A copy of `stopped`, to be broken."""
    return Path(shutil.copytree(stopped, tmp_path / "data"))


@pytest.mark.reference
def test_a_directory_of_apache_kafka_is_refused_and_kafka_goes_on_with_it(tmp_path: Path) -> None:
    """Through --data-dir and through Kafka's own file; a taken-over directory was renamed to strays, all of it."""
    with skipped_without_reference():
        reference = start_reference(tmp_path / "kafka", REFERENCE_CRASH_TEST_CONFIG)
    with reference:
        topic = CreatableTopic(name="orders", num_partitions=3, replication_factor=1)
        with WireClient(reference.bootstrap) as client:
            client.call(CreateTopicsRequest(topics=[topic], timeout_ms=30_000), 5, CreateTopicsResponse)
        produce(reference, b"kept")
        reference.stop()
        message = refused(reference.data_dir)
        assert f"{reference.data_dir} is a data directory of Apache Kafka (meta.properties: " in message
        assert "node.id=1" in message
        assert "cluster.id=" in message
        properties = tmp_path / "kafka" / "server.properties"
        before = listing(reference.data_dir)
        command = [sys.executable, "-m", "kafka_compat.cli.main", "serve", "--config", str(properties)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 1
        assert "is a data directory of Apache Kafka" in done.stderr
        assert listing(reference.data_dir) == before
        reference.start()
        assert values(reference) == [b"kept"]


def test_another_node_id(data_dir: Path) -> None:
    """Kafka: "Stored node id 1 doesn't match previous node id 7"."""
    assert refused(data_dir, "--node-id", "7") == (
        f"{data_dir} belongs to node 1, not to node 7 (meta.json); nothing in it was changed. If the data was moved, start "
        "with node.id=1; a new node needs a directory of its own"
    )


def remove_metadata(data_dir: Path) -> None:
    shutil.rmtree(data_dir / "__cluster_metadata-0")


def remove_meta(data_dir: Path) -> None:
    (data_dir / "meta.json").unlink()


def add_directory(data_dir: Path) -> None:
    (data_dir / "backup").mkdir()


def add_kafkas_file(data_dir: Path) -> None:
    (data_dir / "meta.properties").write_text("version=1\ncluster.id=x\nnode.id=1\n")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (remove_metadata, "lacks __cluster_metadata-0, which says what topics there are and which logs belong to them"),
        (remove_meta, "holds logs of kafka-compat but no meta.json"),
        (add_directory, "holds the directory backup, which is no log"),
        (add_kafkas_file, "is a data directory of Apache Kafka (meta.properties: cluster.id=x, node.id=1)"),
    ],
)
def test_a_directory_that_is_not_whole(data_dir: Path, edit: Callable[[Path], None], message: str) -> None:
    edit(data_dir)
    assert refused(data_dir).startswith(f"{data_dir} {message}")


@pytest.mark.parametrize("is_clean", [True, False])
def test_an_emptied_metadata_log_sets_nothing_aside_and_can_be_put_back(data_dir: Path, is_clean: bool) -> None:
    log = data_dir / "__cluster_metadata-0"
    kept = {path: path.read_bytes() for path in log.iterdir()}
    for path in log.glob("*.log"):
        path.unlink()
    if not is_clean:
        (data_dir / "checkpoint.journal").unlink()
    for _ in range(2):
        exit_code, line = serve(data_dir)
        assert exit_code == 1
        assert "__cluster_metadata-0" in line
        assert (data_dir / "orders-0" / f"{0:020d}.log").exists()
        assert not list(data_dir.glob("*-stray"))
    for path, content in kept.items():
        path.write_bytes(content)
    with running(data_dir) as broker:
        assert values(broker) == [b"kept"]


def test_the_metadata_log_of_another_cluster_is_refused(data_dir: Path) -> None:
    """Kafka cannot tell and sets every log aside."""

    async def replace() -> None:
        shutil.rmtree(data_dir / "__cluster_metadata-0")
        store = LocalLogStore(OsFileSystem(), str(data_dir))
        log = await MetadataLog.open(store)
        await log.commit(encode_changes([ClusterCreated("another")], 0), log.seen_offset, 0)
        await store.close()

    asyncio.run(replace())
    exit_code, line = serve(data_dir)
    assert exit_code == 1
    assert "parts of two directories are mixed" in line
    assert not list(data_dir.glob("*-stray"))
    assert (data_dir / f"{LOG_ID.topic}-0").is_dir()


def test_two_brokers_on_one_directory(tmp_path: Path) -> None:
    with start_ours(tmp_path, "--topic", "orders") as broker:
        produce(broker, b"kept")
        lines = [refused(broker.data_dir) for _ in range(2)]
        assert set(lines) == {
            f"the directory {broker.data_dir} is in use by process {broker.pid}; give each broker a directory of its own"
        }
        assert refused(broker.data_dir, "--node-id", "2").startswith(f"{broker.data_dir} belongs to node 1, not to node 2")
        assert values(broker) == [b"kept"]
        broker.kill()
        broker.start()
        assert values(broker) == [b"kept"]


def test_a_copy_is_a_broker_of_its_own_in_the_same_cluster(stopped: Path, data_dir: Path, tmp_path: Path) -> None:
    """As with Kafka, nobody can tell a copy from the data moved: it has the node id, the cluster id and the data."""
    with running(stopped) as original, running(data_dir) as copy:
        assert cluster_id(original) == cluster_id(copy)
        produce(copy, b"only here")
        assert values(copy) == [b"kept", b"only here"]
        assert values(original) == [b"kept"]


def test_a_partition_that_is_missing_is_made_again_empty(data_dir: Path) -> None:
    """As Kafka does; the other partitions keep their data."""
    shutil.rmtree(data_dir / "orders-1")
    with running(data_dir) as broker:
        assert values(broker) == [b"kept"]
        assert (data_dir / "orders-1").is_dir()


def test_a_file_in_place_of_the_directory(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    assert serve(path) == (1, f"kafka-compat: data directory {path}: not a directory")
    assert path.read_text() == "x"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere root cannot give up what lets it write everywhere")
@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_a_directory_that_may_not_be_written(data_dir: Path, mode: int) -> None:
    through = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    before = listing(data_dir)
    data_dir.chmod(mode)
    try:
        assert serve(data_dir, through=through) == (1, f"kafka-compat: data directory {data_dir}: Permission denied")
    finally:
        data_dir.chmod(before["."][1] & 0o777)
    assert listing(data_dir) == before


@pytest.mark.skipif(sys.platform != "linux", reason="as above")
@pytest.mark.parametrize("name", ["meta.json", "__cluster_metadata-0", ".lock"])
def test_a_part_that_may_not_be_written(data_dir: Path, name: str) -> None:
    through = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    path = data_dir / name
    mode = path.stat().st_mode & 0o777
    path.chmod(0)
    try:
        exit_code, line = serve(data_dir, through=through)
    finally:
        path.chmod(mode)
    assert exit_code == 1
    assert line.startswith(f"kafka-compat: data directory {data_dir}: ")
    assert "Permission denied" in line
    with running(data_dir) as broker:
        assert values(broker) == [b"kept"]


def test_several_directories(tmp_path: Path) -> None:
    properties = tmp_path / "server.properties"
    properties.write_text(f"log.dirs={tmp_path}/a,{tmp_path}/b\n")
    command = [sys.executable, "-m", "kafka_compat.cli.main", "serve", "--config", str(properties)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.endswith("this broker keeps its data in one directory\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["server.properties"]
