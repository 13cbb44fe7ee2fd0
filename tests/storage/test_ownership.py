"""Whose directory it is: what is not certainly ours is refused, and nothing in it changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.storage.interface import Corrupt, LogId, LogPolicy, Refused
from kafka_compat.storage.local import LocalLogStore
from tests.support.storage_worlds import LOG, TOPIC_ID, append

ROOT = "/data"
METADATA = LogId("metadata", 0, TOPIC_ID)
Edit = Callable[[MemoryFileSystem], object]


def put(filesystem: MemoryFileSystem, name: str, content: bytes = b"x") -> None:
    directory, _, _ = f"{ROOT}/{name}".rpartition("/")
    filesystem.make_directories(directory)
    filesystem.open(f"{ROOT}/{name}", create=True).write(0, content)


def contents(filesystem: MemoryFileSystem, path: str = ROOT) -> dict[str, bytes]:
    """Every file below `path`, and with a slash every directory."""
    found = {f"{path}/": b""}
    for name in filesystem.list_directory(path):
        try:
            found |= contents(filesystem, f"{path}/{name}")
        except NotADirectoryError:
            file = filesystem.open(f"{path}/{name}")
            found[f"{path}/{name}"] = bytes(file.read(0, file.size()))
    return found


def start(filesystem: MemoryFileSystem, *, node_id: int = 1) -> LocalLogStore:
    return LocalLogStore(filesystem, ROOT, node_id=node_id, required=METADATA)


async def ours() -> MemoryFileSystem:
    """A directory of node 1 and the cluster `c` with a metadata log and one other."""
    filesystem = MemoryFileSystem()
    store = start(filesystem)
    await store.create(METADATA, 0)
    await store.claim("c")
    await store.create(LOG, 0)
    append(await store.open(LOG, 0, LogPolicy()), 0)
    await store.close()
    return filesystem


def refused(filesystem: MemoryFileSystem, *, node_id: int = 1) -> str:
    before = contents(filesystem)
    with pytest.raises(Refused) as caught:
        start(filesystem, node_id=node_id)
    assert contents(filesystem) == before
    return str(caught.value)


KAFKA = {
    "meta.properties": b"#\nnode.id=4\ndirectory.id=koHK1xvHTYamnF7hO--TIQ\nversion=1\ncluster.id=NzThvv3tS1SETNAJtSNV5Q\n",
    "bootstrap.checkpoint": b"",
    "recovery-point-offset-checkpoint": b"0\n0\n",
    "__cluster_metadata-0/00000000000000000000.log": b"x",
    "__cluster_metadata-0/partition.metadata": b"version: 0\n",
    "orders-0/00000000000000000000.log": b"x",
    "orders-0/partition.metadata": b"version: 0\ntopic_id: bK26xZ5CTN-q28FzWz8Trg",
}


def test_a_directory_of_kafka_is_refused() -> None:
    filesystem = MemoryFileSystem()
    for name, content in KAFKA.items():
        put(filesystem, name, content)
    assert refused(filesystem) == (
        "/data is a data directory of Apache Kafka (meta.properties: node.id=4, cluster.id=NzThvv3tS1SETNAJtSNV5Q); nothing in "
        "it was changed. Apache Kafka can serve it, kafka-compat needs a directory of its own"
    )


def test_a_directory_of_kafka_that_was_only_formatted_is_refused() -> None:
    filesystem = MemoryFileSystem()
    put(filesystem, "meta.properties")
    assert "is a data directory of Apache Kafka (meta.properties);" in refused(filesystem)


def test_what_is_left_of_a_directory_of_kafka_is_refused() -> None:
    """Kafka refuses a directory without meta.properties too."""
    filesystem = MemoryFileSystem()
    for name, content in KAFKA.items():
        if name != "meta.properties":
            put(filesystem, name, content)
    assert "it holds __cluster_metadata-0, bootstrap.checkpoint, orders-0, recovery-point" in refused(filesystem)


async def test_a_directory_of_kafka_with_our_file_in_it_is_refused() -> None:
    """One that an earlier version took over; and nobody can say whose logs are in it."""
    filesystem = await ours()
    put(filesystem, "meta.properties", KAFKA["meta.properties"])
    assert "If what is in it is kafka-compat's, move meta.properties elsewhere" in refused(filesystem)


@pytest.mark.parametrize("name", ["notes.txt", "photos-2023/may.jpg", "photos-2023/", "src/main.py", "a-delete/x"])
def test_a_directory_with_something_else_in_it_is_refused(name: str) -> None:
    filesystem = MemoryFileSystem()
    if name.endswith("/"):
        filesystem.make_directories(f"{ROOT}/{name}")
    else:
        put(filesystem, name)
    assert f"it holds {name.split('/', maxsplit=1)[0]}; nothing in it was changed" in refused(filesystem)


def test_what_is_found_is_named_up_to_a_point() -> None:
    filesystem = MemoryFileSystem()
    for number in range(9):
        put(filesystem, f"file{number}")
    assert "it holds file0, file1, file2, file3, file4 and 4 more;" in refused(filesystem)


@pytest.mark.parametrize("name", [".lock", ".DS_Store", "lost+found/", "meta.json.tmp", "meta.json"])
async def test_a_directory_with_nothing_of_worth_is_a_new_one(name: str) -> None:
    filesystem = MemoryFileSystem()
    filesystem.make_directories(f"{ROOT}/{name}") if name.endswith("/") else put(filesystem, name, b"")
    store = start(filesystem)
    await store.close()
    assert json.loads(contents(filesystem)[f"{ROOT}/meta.json"]) == {"format": 1, "node_id": 1}
    assert filesystem.exists(f"{ROOT}/{name}") or name == "meta.json.tmp"


async def test_another_nodes_directory_is_refused_as_by_kafka() -> None:
    filesystem = await ours()
    assert refused(filesystem, node_id=7) == (
        "/data belongs to node 1, not to node 7 (meta.json); nothing in it was changed. If the data was moved, start with "
        "node.id=1; a new node needs a directory of its own"
    )
    await start(filesystem, node_id=1).close()


async def test_another_clusters_metadata_log_is_refused() -> None:
    filesystem = await ours()
    store = start(filesystem)
    with pytest.raises(Refused, match=r"/data belongs to the cluster c \(meta.json\), but its metadata log to the cluster d"):
        await store.claim("d")
    store.abandon()


async def test_a_directory_of_an_earlier_version_learns_whose_it_is() -> None:
    filesystem = await ours()
    file = filesystem.open(f"{ROOT}/meta.json")
    file.truncate(0)
    file.write(0, b'{"format": 1, "later": true}')
    store = start(filesystem, node_id=3)
    await store.claim("c")
    await store.close()
    assert json.loads(contents(filesystem)[f"{ROOT}/meta.json"]) == {
        "format": 1,
        "later": True,
        "node_id": 3,
        "cluster_id": "c",
    }


def remove_metadata(filesystem: MemoryFileSystem) -> None:
    filesystem.remove_tree(f"{ROOT}/metadata-0")


def remove_all_logs(filesystem: MemoryFileSystem) -> None:
    remove_metadata(filesystem)
    filesystem.remove_tree(f"{ROOT}/orders-0")


@pytest.mark.parametrize("edit", [remove_metadata, remove_all_logs])
async def test_without_its_metadata_log_a_directory_is_refused(edit: Edit) -> None:
    filesystem = await ours()
    edit(filesystem)
    message = refused(filesystem)
    assert "/data lacks metadata-0, which says what topics there are" in message
    assert "Put it back from a copy" in message


@pytest.mark.parametrize("names", [["meta.json"], ["meta.json", "checkpoint.journal"]])
async def test_our_own_directory_without_its_identity_is_refused(names: list[str]) -> None:
    filesystem = await ours()
    for name in names:
        filesystem.remove(f"{ROOT}/{name}")
    assert "/data holds logs of kafka-compat but no meta.json" in refused(filesystem)


async def test_an_emptied_identity_is_refused() -> None:
    filesystem = await ours()
    filesystem.open(f"{ROOT}/meta.json").truncate(0)
    before = contents(filesystem)
    with pytest.raises(Corrupt, match=r"meta\.json does not tell the format"):
        start(filesystem)
    assert contents(filesystem) == before


@pytest.mark.parametrize("name", ["backup", "notes-delete", "orders-0.bak"])
async def test_a_directory_that_is_no_log_is_refused_as_by_kafka(name: str) -> None:
    filesystem = await ours()
    filesystem.make_directories(f"{ROOT}/{name}")
    assert f"/data holds the directory {name}, which is no log" in refused(filesystem)


@pytest.mark.parametrize("name", ["notes.txt", "lost+found/x", ".snapshot/x", f"t-0.{'0' * 32}-stray/x"])
async def test_what_kafka_lets_lie_and_what_disks_bring_is_let_lie(name: str) -> None:
    """Kafka refuses lost+found, in which it could only lose: a mount point has one."""
    filesystem = await ours()
    put(filesystem, name)
    await start(filesystem).close()
    assert filesystem.exists(f"{ROOT}/{name}")


async def test_a_directory_with_a_logs_name_is_set_aside_whatever_it_holds() -> None:
    """Kafka renames it too; nothing in it goes."""
    filesystem = await ours()
    put(filesystem, "photos-2023/may.jpg", b"dear")
    await start(filesystem).close()
    (stray,) = (name for name in filesystem.list_directory(ROOT) if name.startswith("photos-2023."))
    assert contents(filesystem)[f"{ROOT}/{stray}/may.jpg"] == b"dear"


def test_a_file_in_place_of_a_directory_is_refused(tmp_path: Path) -> None:
    filesystem = MemoryFileSystem()
    filesystem.open(ROOT, create=True).write(0, b"x")
    with pytest.raises(Refused, match="/data is not a directory"):
        start(filesystem)


async def test_an_abandoned_store_leaves_what_it_found() -> None:
    filesystem = await ours()
    store = start(filesystem)
    await store.open(METADATA, 0, LogPolicy())
    store.abandon()
    store.abandon()
    await store.close()
    again = start(filesystem)
    assert not again.was_clean_shutdown
    assert set(await again.list()) == {METADATA, LOG}
    await again.close()
