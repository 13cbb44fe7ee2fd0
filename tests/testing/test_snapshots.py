"""What was in a cluster comes back, in the same cluster, in another, and from a folder."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.delete_records import (
    DeleteRecordsPartition,
    DeleteRecordsRequest,
    DeleteRecordsResponse,
    DeleteRecordsTopic,
)
from kafka_compat.protocol.messages.end_txn import EndTxnRequest, EndTxnResponse
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.testing import Kafka, Node, TopicSpec
from kafka_compat.testing.snapshots import Snapshot
from tests.support.wire_client import WireClient
from tests.testing.one_topic import produce, values
from tests.testing.plain_steps import begin_transaction, member, metadata


def contents(kafka: Kafka) -> dict[str, Any]:
    """All that a test can see of what is in a cluster."""
    return {
        "records": {name: kafka.records(name, isolation="all") for name in kafka.topics if not name.startswith("__")},
        "offsets": {name: group.offsets for name, group in kafka.groups.items()},
        "transactions": {name: view.state for name, view in kafka.transactions.items()},
        "topics": {
            name: (
                view.id,
                view.configs,
                [(p.log_start_offset, p.log_end_offset, p.last_stable_offset) for p in view.partitions],
            )
            for name, view in kafka.topics.items()
            if not name.startswith("__")  # where members leave
        },
    }


def fill(kafka: Kafka) -> None:
    for number in range(5):
        kafka.produce("t", f"value {number}", key=f"key {number}", headers={"h": b"x"})
    kafka.create_topic("compacted", 2, configs={"cleanup.policy": "compact"})
    kafka.produce("compacted", "v", key="k", partition=1)
    with WireClient(kafka.bootstrap_servers.split(",")[0]) as client:
        member(client)


def without_epochs(seen: dict[str, Any]) -> dict[str, Any]:
    return json.loads(re.sub(r"leader_epoch=\d+", "", json.dumps(seen, default=str)))  # type: ignore[no-any-return]


@pytest.mark.parametrize("by_folder", [False, True])
def test_back_to_it_and_again(by_folder: bool, tmp_path: Path) -> None:
    with Kafka(topics={"t": 1}) as kafka:
        fill(kafka)
        before = without_epochs(contents(kafka))
        snapshot: Snapshot | Path = kafka.snapshot(tmp_path / "fixture")
        if by_folder:
            snapshot = tmp_path / "fixture"
        bootstrap, cluster_id = kafka.bootstrap_servers, metadata(kafka.bootstrap_servers).cluster_id
        epochs = []
        for _ in range(2):
            kafka.produce("t", "later")
            kafka.delete_topic("compacted")
            kafka.create_topic("other")
            kafka.restore(snapshot)
            assert without_epochs(contents(kafka)) == before
            assert (kafka.bootstrap_servers, metadata(bootstrap).cluster_id) == (bootstrap, cluster_id)
            epochs.append(metadata(bootstrap).topics[0].partitions[0].leader_epoch)
            with WireClient(bootstrap) as client:
                assert produce(client, b"works") == ErrorCode.NONE
        assert epochs == sorted(set(epochs))
        kafka.reset()
        assert kafka.records("t") == []
        assert list(kafka.topics) == ["t"]


def test_members_are_gone_and_offsets_are_not() -> None:
    with Kafka(topics={"t": 1}) as kafka, WireClient(kafka.bootstrap_servers) as client:
        member(client)
        assert kafka.groups["g"].state == "Stable"
        snapshot = kafka.snapshot()
        kafka.restore(snapshot)
        assert (kafka.groups["g"].state, kafka.groups["g"].members) == ("Empty", ())
        with WireClient(kafka.bootstrap_servers) as again:
            member(again)


def test_an_open_transaction_goes_on() -> None:
    with Kafka(topics={"t": 1}) as kafka:
        with WireClient(kafka.bootstrap_servers) as client:
            producer_id, epoch = begin_transaction(client)
            snapshot = kafka.snapshot()
            end = EndTxnRequest(transactional_id="tx", producer_id=producer_id, producer_epoch=epoch, committed=False)
            assert client.call(end, 3, EndTxnResponse).error_code == ErrorCode.NONE
        kafka.restore(snapshot)
        with WireClient(kafka.bootstrap_servers) as client:
            assert client.call(end, 3, EndTxnResponse).error_code == ErrorCode.NONE
            later = client.call(InitProducerIdRequest(transactional_id=None), 4, InitProducerIdResponse)
            assert later.producer_id > producer_id


def test_a_log_that_begins_later() -> None:
    with Kafka(topics={"t": 1, "gone": 1}) as kafka:
        for number in range(4):
            kafka.produce("t", str(number))
            kafka.produce("gone", str(number))
        with WireClient(kafka.bootstrap_servers) as client:
            topics = [
                DeleteRecordsTopic(name=name, partitions=[DeleteRecordsPartition(partition_index=0, offset=offset)])
                for name, offset in (("t", 2), ("gone", 4))
            ]
            client.call(DeleteRecordsRequest(topics=topics, timeout_ms=5_000), 2, DeleteRecordsResponse)
        before = without_epochs(contents(kafka))
        assert [record.offset for record in kafka.records("t")] == [2, 3]
        snapshot = kafka.snapshot()
        kafka.reset()
        kafka.restore(snapshot)
        assert without_epochs(contents(kafka)) == before
        assert kafka.produce("gone", "next").offset == 4


def test_into_another_cluster_of_the_same_shape(tmp_path: Path) -> None:
    nodes = [Node(3), Node(5, rack="a")]
    with Kafka(brokers=nodes, topics={"t": TopicSpec(3, configs={"retention.ms": 1000})}) as kafka:
        for number in range(9):
            kafka.produce("t", str(number))
        before = without_epochs(contents(kafka))
        kafka.snapshot(tmp_path)
    with Kafka(brokers=nodes) as kafka:
        cluster_id = metadata(kafka.bootstrap_servers.split(",")[0]).cluster_id
        kafka.restore(str(tmp_path))
        assert without_epochs(contents(kafka)) == before
        assert metadata(kafka.bootstrap_servers.split(",")[1]).cluster_id == cluster_id
    with Kafka() as kafka:
        kafka.create_topic("untouched")
        with pytest.raises(
            ValueError, match="the snapshot has replicas on brokers 3, 5, and this cluster consists of 1: restore"
        ):
            kafka.restore(tmp_path)
        assert "untouched" in kafka.topics


def test_the_folder_is_small_and_always_the_same(tmp_path: Path) -> None:
    with Kafka(topics={"t": 1, "T": 1, "x" * 249: 1}) as kafka:
        fill(kafka)
        kafka.produce("T", "capital")
        kafka.produce("x" * 249, "long")
        kafka.snapshot(tmp_path / "one")
        kafka.snapshot(tmp_path / "two")
        kafka.delete_topic("compacted")
        kafka.snapshot(tmp_path / "two")
        kafka.restore(tmp_path / "one")
        assert [record.value for record in kafka.records("T")] == [b"capital"]
        kafka.snapshot(tmp_path / "two")
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert set(one) == {
        ".gitattributes",
        "snapshot.json",
        "T-0.records",
        "t-0~2.records",
        "compacted-1.records",
        f"{'x' * 200}-0.records",
    } | {name for name in one if name.startswith("__consumer_offsets-")}
    assert len(one) == 7
    assert one.keys() == two.keys()
    assert {name: one[name] for name in one if "consumer_offsets" not in name and name != "snapshot.json"} == {
        name: two[name] for name in two if "consumer_offsets" not in name and name != "snapshot.json"
    }


def test_taken_twice_it_is_the_same_to_the_byte(tmp_path: Path) -> None:
    with Kafka(topics={"t": 1}) as kafka:
        fill(kafka)
        kafka.snapshot(tmp_path / "one")
        kafka.snapshot(tmp_path / "two")
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert sum(map(len, one.values())) < 20_000


def cut(folder: Path) -> None:
    path = folder / "t-0.records"
    path.write_bytes(path.read_bytes()[:-1])


def change_a_byte(folder: Path) -> None:
    path = folder / "t-0.records"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def lose_a_file(folder: Path) -> None:
    (folder / "t-0.records").unlink()


def lose_the_index(folder: Path) -> None:
    (folder / "snapshot.json").unlink()


def edit(**fields: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "snapshot.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))

    return change


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut, r"t-0.records is damaged: it ends at offset 4 and not at 5"),
        (change_a_byte, r"t-0.records is damaged at byte \d+: was it changed as text\?"),
        (lose_a_file, r"t-0.records is missing: .*snapshot.json names it"),
        (lose_the_index, r"is no snapshot: it has no snapshot.json"),
        (edit(format=2), r"is a snapshot of format 2, and this version reads up to 1: it was written by a newer one"),
        (edit(format=None), r"is a snapshot of format None"),
        (
            edit(changes=[["quota", {}]]),
            r"snapshot.json: metadata record of unknown type 'quota'; was the data written by a newer",
        ),
        (edit(changes=3), r"snapshot.json is damaged: TypeError"),
        (edit(logs=[["t", 0, "AAAAAAAAAAAAAAAAAAAAAA", 0, 1, "../t-0.records"]]), "leads out of the folder"),
        (lambda folder: (folder / "snapshot.json").write_text("{"), r"snapshot.json does not tell the format"),
    ],
)
def test_what_is_damaged_is_refused_and_nothing_happens(damage: Callable[[Path], None], message: str, tmp_path: Path) -> None:
    with Kafka(topics={"t": 1}) as kafka:
        fill(kafka)
        kafka.snapshot(tmp_path)
        damage(tmp_path)
        kafka.produce("t", "still there")
        with pytest.raises(ValueError, match=message):
            kafka.restore(tmp_path)
        assert kafka.records("t")[-1].value == b"still there"


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("x")
    with Kafka() as kafka:
        with pytest.raises(ValueError, match=r"holds precious.txt, which is no part of a snapshot: name another folder"):
            kafka.snapshot(tmp_path)
        with pytest.raises(ValueError, match="is no folder"):
            kafka.snapshot(tmp_path / "precious.txt")
        with pytest.raises(TypeError, match=r"restore takes what snapshot\(\) gave, or its folder, not 5"):
            kafka.restore(5)  # type: ignore[arg-type]
    assert (tmp_path / "precious.txt").read_text() == "x"


def test_a_cluster_on_a_folder_of_data(tmp_path: Path) -> None:
    with Kafka(topics={"t": 1}, data_dir=tmp_path) as kafka:
        kafka.produce("t", "first")
    with Kafka(data_dir=tmp_path) as kafka:
        snapshot = kafka.snapshot()
        kafka.produce("t", "second")
        kafka.restore(snapshot)
        assert [record.value for record in kafka.records("t")] == [b"first"]
    with Kafka(data_dir=tmp_path) as kafka, WireClient(kafka.bootstrap_servers) as client:
        assert values(client) == [b"first"]
