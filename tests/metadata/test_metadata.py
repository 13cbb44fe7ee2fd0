"""The metadata image, its log, and who decides what."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

import pytest

from kafka_compat.filesystem import Effect, Fault, MemoryFileSystem
from kafka_compat.ids import BrokerId, PartitionId, TopicId, TopicName
from kafka_compat.metadata.changes import (
    AclAdded,
    AclRemoved,
    BrokerIncarnation,
    BrokerRegistered,
    Change,
    ClientQuotasChanged,
    ClusterCreated,
    ConfigsChanged,
    DelegationTokenRemoved,
    DelegationTokenSet,
    FeatureChanged,
    PartitionChanged,
    ProducerIdsReserved,
    ScramCredentialRemoved,
    ScramCredentialSet,
    TopicCreated,
    TopicDeleted,
    TopicGrown,
    UnknownChange,
    decode_change,
    encode_change,
)
from kafka_compat.metadata.controller import PRODUCER_ID_BLOCK_SIZE, Controller, Decision
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.metadata.metadata_log import MetadataLog, encode_changes
from kafka_compat.metadata.topic_plans import GrowthSpec, TopicSpec, check_new_name, new_topic_id, plan_growth, plan_topic
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.topic_names import why_invalid
from kafka_compat.storage.interface import Corrupt, Unavailable
from kafka_compat.storage.local.store import LocalLogStore
from kafka_compat.tasks import Supervisor
from kafka_compat.testing.manual_clock import ManualClock

ID = TopicId(bytes(range(16)))
CHANGES: list[Change] = [
    ClusterCreated("abc"),
    BrokerIncarnation(3, 2),
    TopicCreated(TopicName("t"), ID, [[BrokerId(1), BrokerId(2)], [BrokerId(2), BrokerId(1)]], [0, 0], [0, 0]),
    TopicGrown(TopicName("t"), [[BrokerId(1), BrokerId(2)]]),
    PartitionChanged(
        TopicName("t"), PartitionId(1), [BrokerId(2)], [BrokerId(2)], BrokerId(2), 5, 6, [BrokerId(1)], [], [], []
    ),
    ConfigsChanged(2, "t", {"retention.ms": "1"}),
    FeatureChanged("metadata.version", 30),
    ProducerIdsReserved(2000),
    ScramCredentialSet("alice", 1, b"salt", b"\x00\xff", b"\xfe", 4096),
    ScramCredentialSet("alice", 2, b"salt", b"stored", b"server", 8192),
    ScramCredentialRemoved("alice", 2),
    AclAdded(bytes(16), 2, "t", 3, "User:alice", "*", 3, 3),
    AclAdded(bytes(range(16)), 2, "t", 4, "User:*", "10.0.0.0/8", 4, 2),
    AclRemoved(bytes(16)),
    ClientQuotasChanged([("client-id", None), ("user", "alice")], {"producer_byte_rate": 1024.5}),
    ClientQuotasChanged([("ip", "10.0.0.1")], {"connection_creation_rate": 2.0}),
    ClientQuotasChanged([("ip", "10.0.0.1")], {}),
    DelegationTokenSet("id", "User:alice", "User:bob", ["User:carol"], 1, 2, 3),
    DelegationTokenSet("other", "User:alice", "User:alice", [], 1, 2, 3),
    DelegationTokenRemoved("other"),
]


def setting(topic: str, retention_ms: int) -> Decision:
    """Sets `retention.ms` of a topic."""
    return lambda image: [ConfigsChanged(2, topic, {"retention.ms": str(retention_ms)})]


def image_of(*changes: Change) -> ClusterImage:
    image = ClusterImage()
    for broker in (BrokerId(1), BrokerId(2)):
        image.apply(BrokerRegistered(broker, {}, None))
    for change in changes:
        image.apply(change)
    return image


@pytest.mark.parametrize("change", [*CHANGES, TopicDeleted(TopicName("t"), ID)], ids=lambda change: type(change).__name__)
def test_change_records_survive_encoding(change: Change) -> None:
    decoded = decode_change(*encode_change(change))
    assert (type(decoded), decoded) == (type(change), change)


def test_records_of_a_newer_version_are_refused_not_half_understood() -> None:
    with pytest.raises(UnknownChange, match="unknown type 'ship'"):
        decode_change(b"ship", b"{}")
    with pytest.raises(UnknownChange, match=r"unknown fields \['region'\]"):
        decode_change(b"cluster", b'{"cluster_id": "x", "region": "y"}')


def test_snapshot_rebuilds_the_image() -> None:
    image = image_of(*CHANGES)
    rebuilt = image_of(*image.snapshot())
    assert rebuilt == image
    # Over any earlier image too: a crash may leave both in the log.
    assert image_of(*CHANGES[:4], *image.snapshot()) == image


def test_a_topic_made_again_has_only_its_new_id() -> None:
    image = image_of(CHANGES[2], TopicDeleted(TopicName("t"), ID))
    assert (image.topics, image.topics_by_id) == ({}, {})
    other = TopicId(bytes(15) + b"x")
    image.apply(TopicCreated(TopicName("t"), other, [[BrokerId(1)]], [0], [0]))
    assert list(image.topics_by_id) == [other]


async def test_metadata_survives_a_restart_and_leader_epochs_rise() -> None:
    file_system = MemoryFileSystem()
    store = LocalLogStore(file_system, "/data")
    log = await MetadataLog.open(store)
    controller = Controller(log, await log.load(), ManualClock(), Supervisor("test"))
    await controller.start()
    await controller.change(lambda image: [BrokerRegistered(BrokerId(1), {}, None)])
    await controller.change(lambda image: [TopicCreated(TopicName("t"), ID, [[BrokerId(1)]], [0], [0])])
    cluster_id = controller.image.cluster_id
    first = await controller.next_producer_id()
    await store.close()

    store = LocalLogStore(file_system, "/data")
    log = await MetadataLog.open(store)
    controller = Controller(log, await log.load(), ManualClock(), Supervisor("test"))
    await controller.start()
    assert controller.image.cluster_id == cluster_id
    assert controller.image.topics[TopicName("t")].partitions[0].leader_epoch > 0
    # The rest of a reserved block is not given out again: nobody knows how much of it was used.
    assert await controller.next_producer_id() == first + PRODUCER_ID_BLOCK_SIZE
    await store.close()


async def test_who_begins_to_follow_while_the_image_grows_misses_nothing() -> None:
    store = LocalLogStore(MemoryFileSystem(), "/data")
    log = await MetadataLog.open(store)
    controller = Controller(log, await log.load(), ManualClock(), Supervisor("test"))
    told: list[Change] = []

    async def follow(changes: Sequence[Change]) -> None:
        told.extend(changes)

    async def begin_to_follow(changes: Sequence[Change]) -> None:
        controller.after_apply.append(follow)

    controller.before_apply = begin_to_follow
    await controller.change(setting("t", 1))
    assert len(told) == 1
    await store.close()


async def test_a_long_metadata_log_is_replaced_by_a_snapshot() -> None:
    file_system = MemoryFileSystem()
    store = LocalLogStore(file_system, "/data")
    log = await MetadataLog.open(store)
    controller = Controller(log, await log.load(), ManualClock(), Supervisor("test"))
    await controller.start()
    for number in range(600):
        await controller.change(setting("t", number))
    end = log.end_offset
    await log.compact(controller.image, 0)
    assert log.end_offset < end + 10
    await store.close()

    store = LocalLogStore(file_system, "/data")
    reopened = await MetadataLog.open(store)
    assert await reopened.load() == controller.image
    assert reopened.start_offset >= end
    await store.close()


@pytest.mark.parametrize("place", [8, 17, 24, 60, 70, 100])
async def test_damaged_metadata_are_refused(place: int) -> None:
    """An image with topics missing would make their logs nobody's."""
    file_system = MemoryFileSystem()
    store = LocalLogStore(file_system, "/data")
    log = await MetadataLog.open(store)
    controller = Controller(log, await log.load(), ManualClock(), Supervisor("test"))
    await controller.start()
    await controller.change(lambda image: [ConfigsChanged(2, "t", {"retention.ms": "1"})])
    await store.close()
    (name,) = (name for name in file_system.list_directory("/data") if name.startswith("__cluster_metadata"))
    file = file_system.open(f"/data/{name}/{0:020d}.log")
    (byte,) = file.read(place, 1)
    file.write(place, bytes([byte ^ 4]))
    store = LocalLogStore(file_system, "/data")
    with pytest.raises((Corrupt, Unavailable)):
        await (await MetadataLog.open(store)).load()


@pytest.mark.expects_errors("the metadata log cannot be written")
@pytest.mark.parametrize("effect", [Effect.FAIL, Effect.TEAR, Effect.LOSE])
async def test_changes_go_on_when_a_failed_medium_is_back(effect: Effect) -> None:
    """Whichever call fails, image and log agree afterwards; nothing that was answered is lost."""
    at_call = 0
    while True:
        at_call += 1
        file_system = MemoryFileSystem()
        store = LocalLogStore(file_system, "/data")
        log = await MetadataLog.open(store)
        controller = Controller(log, await log.load(), ManualClock(), Supervisor("test"))
        await controller.start()
        file_system.inject(Fault(at_call=at_call, effect=effect))
        answered = set()
        for number in range(3):
            with contextlib.suppress(KafkaError):
                await controller.change(setting(str(number), 1))
                answered.add((2, str(number)))
        if not file_system.faults.fired:
            break  # three changes make fewer calls
        await controller.change(lambda image: [ConfigsChanged(2, "last", {"retention.ms": "1"})])
        assert answered | {(2, "last")} <= controller.image.configs.keys()
        await store.close()
        store = LocalLogStore(file_system, "/data")
        assert await (await MetadataLog.open(store)).load() == controller.image
        await store.close()
    assert at_call > 3


async def controller_over(store: LocalLogStore) -> Controller:
    log = await MetadataLog.open(store)
    controller = Controller(log, await log.load(), ManualClock(), Supervisor("test"))
    await controller.start()
    return controller


def configure(name: str) -> Decision:
    return lambda image: [ConfigsChanged(2, name, {"retention.ms": "1"})]


async def test_of_two_controllers_one_is_refused_and_then_knows_better() -> None:
    store = LocalLogStore(MemoryFileSystem(), "/data")
    first = await controller_over(store)
    second = await controller_over(store)
    await second.change(configure("a"))
    before = dict(first.image.configs)
    with pytest.raises(KafkaError) as refused:
        await first.change(configure("b"))
    assert refused.value.error_code == ErrorCode.NOT_CONTROLLER
    assert first.image.configs == before
    await first.change(configure("c"))
    assert first.image.configs.keys() == {(2, "a"), (2, "c")}
    with pytest.raises(KafkaError):
        await second.change(configure("d"))
    await second.change(configure("e"))
    assert await (await MetadataLog.open(store)).load() == second.image
    await store.close()


async def test_a_decision_on_an_image_that_is_old_by_its_commit_is_refused() -> None:
    store = LocalLogStore(MemoryFileSystem(), "/data")
    log = await MetadataLog.open(store)
    controller = Controller(log, await log.load(), ManualClock(), Supervisor("test"))
    await controller.start()

    async def decide(image: ClusterImage) -> list[Change]:
        await asyncio.sleep(0)
        log._append(encode_changes([ConfigsChanged(2, "others", {"retention.ms": "1"})], 0), log.seen_offset, 0)
        return [ConfigsChanged(2, "mine", {"retention.ms": "1"})]

    with pytest.raises(KafkaError) as refused:
        await controller.change(decide)
    assert refused.value.error_code == ErrorCode.NOT_CONTROLLER
    await controller.change(configure("next"))
    assert controller.image.configs.keys() == {(2, "others"), (2, "next")}
    assert await (await MetadataLog.open(store)).load() == controller.image
    await store.close()


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (TopicSpec(name="a", num_partitions=0), ErrorCode.INVALID_PARTITIONS),
        (TopicSpec(name="a", num_partitions=-2), ErrorCode.INVALID_PARTITIONS),
        (TopicSpec(name="a", replication_factor=0), ErrorCode.INVALID_REPLICATION_FACTOR),
        (TopicSpec(name="a", replication_factor=3), ErrorCode.INVALID_REPLICATION_FACTOR),
        (TopicSpec(name="a", num_partitions=1, assignments=[(0, [1])]), ErrorCode.INVALID_REQUEST),
        (TopicSpec(name="a", assignments=[(0, [1]), (0, [2])]), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (TopicSpec(name="a", assignments=[(1, [1])]), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (TopicSpec(name="a", assignments=[(0, [9])]), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (TopicSpec(name="a", assignments=[(0, [1, 1])]), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
        (TopicSpec(name="a", assignments=[(0, [])]), ErrorCode.INVALID_REPLICA_ASSIGNMENT),
    ],
    ids=str,
)
def test_impossible_topics_are_refused(spec: TopicSpec, code: ErrorCode) -> None:
    with pytest.raises(KafkaError) as refused:
        plan_topic(image_of(), spec, default_partitions=1, default_replication_factor=1, first_broker=0)
    assert refused.value.error_code == code


@pytest.mark.parametrize("factor", [0, -1, -(2**31), 2**31 - 1])
def test_a_default_replication_factor_that_cannot_be_is_refused(factor: int) -> None:
    with pytest.raises(KafkaError) as refused:
        plan_topic(image_of(), TopicSpec(name="a"), default_partitions=1, default_replication_factor=factor, first_broker=0)
    assert refused.value.error_code == ErrorCode.INVALID_REPLICATION_FACTOR


def test_replicas_are_placed_round_robin_with_the_preferred_leader_first() -> None:
    spec = TopicSpec(name="a", num_partitions=3, replication_factor=2)
    created = plan_topic(image_of(), spec, default_partitions=1, default_replication_factor=1, first_broker=0)
    assert created.assignments == [[1, 2], [2, 1], [1, 2]]


def test_growth_must_grow() -> None:
    image = image_of(CHANGES[2])
    for total in (1, 2):
        with pytest.raises(KafkaError) as refused:
            plan_growth(image, GrowthSpec(name="t", total=total), first_broker=0, room=10)
        assert refused.value.error_code == ErrorCode.INVALID_PARTITIONS
    assert len(plan_growth(image, GrowthSpec(name="t", total=4), first_broker=0, room=2).assignments) == 2
    with pytest.raises(KafkaError):
        plan_growth(image, GrowthSpec(name="t", total=4), first_broker=0, room=1)


def test_names_that_differ_in_dot_and_underscore_collide() -> None:
    made = [TopicCreated(TopicName(name), new_topic_id(), [[BrokerId(1)]], [0], [0]) for name in ("a_b", "a.c", "a_c", "ab")]
    image = image_of(*made)
    for name, other in (("a.b", "a_b"), ("a-c", None), ("a_b_", None), ("b", None)):
        if other is None:
            check_new_name(image, name)
            continue
        with pytest.raises(KafkaError, match=f"collides with existing topic: {other}"):
            check_new_name(image, name)
    image.apply(TopicDeleted(TopicName("a.c"), made[1].id))
    with pytest.raises(KafkaError, match="collides with existing topic: a_c"):
        check_new_name(image, "a.c")
    image.apply(TopicDeleted(TopicName("a_c"), made[2].id))
    check_new_name(image, "a.c")
    assert list(image.colliding) == ["a_b"]


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "ä", "a/b", "x" * 250])
def test_illegal_names(name: str) -> None:
    assert why_invalid(name) is not None


def test_topic_ids_never_begin_with_a_dash() -> None:
    assert all(new_topic_id()[0] >> 2 != 62 for _ in range(2000))
