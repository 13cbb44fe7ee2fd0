"""Clients above their quotas: what they are told, and what they do not get."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.create_partitions import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopic,
)
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse, DeleteTopicState
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.records.builder import build_batch
from kafka_compat.server import client_quotas
from kafka_compat.testing import Kafka
from kafka_compat.testing.actions import throttle
from tests.api.worlds import World
from tests.support.quota_requests import Entity, set_quotas
from tests.support.waiting import until
from tests.support.wire_client import WireClient

pytestmark = pytest.mark.kafka()

APP: Entity = (("client-id", "app"),)
ANYBODY: Entity = (("user", None),)
THROTTLED = ErrorCode.THROTTLING_QUOTA_EXCEEDED


class Now:
    """Stands in for the time of quotas."""

    ms = 0

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Now:
    """Quotas are of real time, which does not stand still; here it does, but mute clients are mute for real."""
    now = Now()
    monkeypatch.setattr(client_quotas, "real_ms", now)
    return now


@contextmanager
def client(world: World, client_id: str | None = "app", broker: int = 0) -> Iterator[WireClient]:
    """A connection of its own, which may be mute in the end."""
    with WireClient(world.cluster.bootstrap.split(",")[broker], client_id=client_id) as connected:
        yield connected


def batch(topic: str, size_in_bytes: int, acks: int = 1) -> ProduceRequest:
    records = memoryview(bytes(build_batch([(1_000, None, b"x" * size_in_bytes, ())], base_offset=0)))
    data = TopicProduceData(name=topic, partition_data=[PartitionProduceData(index=0, records=records)])
    return ProduceRequest(acks=acks, timeout_ms=10_000, topic_data=[data])


def read(
    topic: str, max_bytes: int = 1 << 20, *, session_id: int = 0, session_epoch: int = -1, min_bytes: int = 1
) -> FetchRequest:
    partition = FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=max_bytes)
    return FetchRequest(
        max_wait_ms=20_000,
        min_bytes=min_bytes,
        max_bytes=1 << 20,
        session_id=session_id,
        session_epoch=session_epoch,
        topics=[FetchTopic(topic=topic, partitions=[partition])],
    )


def creation(*names: str, partitions: int = 1) -> CreateTopicsRequest:
    topics = [CreatableTopic(name=name, num_partitions=partitions, replication_factor=1) for name in names]
    return CreateTopicsRequest(topics=topics, timeout_ms=10_000)


def records_in(response: FetchResponse) -> int:
    records = [each.records for topic in response.responses for each in topic.partitions]
    return sum(len(each) for each in records if each is not None)


def throttle_of_produce(connected: WireClient, topic: str, size_in_bytes: int = 60_000) -> int:
    answer = connected.call(batch(topic, size_in_bytes), 9, ProduceResponse)
    assert answer.responses[0].partition_responses[0].error_code == 0
    return answer.throttle_time_ms


def is_held_to_quotas(world: World) -> bool:
    services = world.cluster.brokers[0].services
    return services is not None and services.quotas is not None


# --- produce


def test_who_produces_too_much_is_answered_at_once_and_muted(world: World, now: Now) -> None:
    topic = world.topic()
    set_quotas(world.client(), APP, producer_byte_rate=10_000)
    body_bytes = len(batch(topic, 60_000).topic_data[0].partition_data[0].records or b"") + len(topic) + 29
    with client(world) as first:
        assert throttle_of_produce(first, topic) == 0
        began_s = time.monotonic()
        assert throttle_of_produce(first, topic) == pytest.approx((2 * body_bytes / 10_000 - 10) * 1_000, abs=10)
        assert time.monotonic() - began_s < 1.5
    with client(world) as second:  # another connection of the same client
        assert throttle_of_produce(second, topic) > 8_000
        second.send(ApiVersionsRequest(), 0)
        second.socket.settimeout(0.05)
        with pytest.raises(TimeoutError):
            second.receive_frame()
    with client(world, "other") as other:
        assert throttle_of_produce(other, topic) == 0


def test_without_an_answer_a_producer_is_muted_too(world: World, now: Now) -> None:
    topic = world.topic()
    set_quotas(world.client(), APP, producer_byte_rate=1_000)
    with client(world) as connected:
        connected.send(batch(topic, 60_000, acks=0), 9)
        connected.send(ApiVersionsRequest(), 0)
        until(lambda: any(each.muted_until_ns for each in world.cluster.brokers[0].sessions()))
        connected.socket.settimeout(0.05)
        with pytest.raises(TimeoutError):
            connected.receive_frame()


def test_changes_count_at_once(world: World, now: Now) -> None:
    topic = world.topic()
    admin = world.client()
    set_quotas(admin, APP, producer_byte_rate=1_000)
    with client(world) as connected:
        assert throttle_of_produce(connected, topic) > 0
    set_quotas(admin, APP, producer_byte_rate=1_000_000)
    with client(world) as connected:
        assert throttle_of_produce(connected, topic) == 0
        assert is_held_to_quotas(world)
        set_quotas(admin, APP, producer_byte_rate=None)
        assert not is_held_to_quotas(world)
        assert throttle_of_produce(connected, topic) == 0


@pytest.mark.kafka(brokers=2)
def test_each_broker_counts_for_itself(world: World, now: Now) -> None:
    topics = [world.topic(assignments=[[broker.node_id]]) for broker in world.cluster.brokers]
    set_quotas(world.client(), APP, producer_byte_rate=10_000)
    for broker, topic in enumerate(topics):
        with client(world, broker=broker) as connected:
            assert [throttle_of_produce(connected, topic) > 0 for _ in range(2)] == [False, True]


# --- fetch


def test_who_fetches_too_much_gets_nothing_and_that_is_not_counted(world: World, now: Now) -> None:
    topic = world.topic()
    with client(world, "producer") as producer:
        throttle_of_produce(producer, topic)
    set_quotas(world.client(), APP, consumer_byte_rate=10_000)
    with client(world) as connected:
        answer = connected.call(read(topic), 12, FetchResponse)
        assert (answer.throttle_time_ms, records_in(answer) > 60_000) == (0, True)
        answer = connected.call(read(topic), 12, FetchResponse)
        assert answer.throttle_time_ms == pytest.approx(2_030, abs=20)
        assert answer.responses == []
    with client(world) as connected:
        again = connected.call(read(topic), 12, FetchResponse)
        assert (again.throttle_time_ms, again.responses) == (answer.throttle_time_ms, [])


def test_a_fetch_session_does_not_notice(world: World, now: Now) -> None:
    topic = world.topic()
    with client(world, "producer") as producer:
        throttle_of_produce(producer, topic)
    set_quotas(world.client(), APP, consumer_byte_rate=100_000)
    with client(world) as connected:
        answer = connected.call(read(topic, session_epoch=0), 12, FetchResponse)
        assert answer.throttle_time_ms == 0
        session_id = answer.session_id
        assert session_id != 0
        set_quotas(world.client(), APP, consumer_byte_rate=12_000)
        request = FetchRequest(max_wait_ms=0, session_id=session_id, session_epoch=1, max_bytes=1 << 20)
        answer = connected.call(request, 12, FetchResponse)
        assert (answer.throttle_time_ms > 0, answer.session_id, answer.responses) == (True, session_id, [])
    set_quotas(world.client(), APP, consumer_byte_rate=None)
    with client(world) as connected:
        request.session_epoch = 2
        answer = connected.call(request, 12, FetchResponse)
        assert (answer.session_id, records_in(answer) > 60_000) == (session_id, True)


def test_a_fetch_does_not_wait_for_more_than_its_quota_gives(world: World, now: Now) -> None:
    topic = world.topic()
    with client(world, "producer") as producer:
        for _ in range(4):
            throttle_of_produce(producer, topic, 3_000)
    set_quotas(world.client(), APP, consumer_byte_rate=800)
    with client(world) as connected:
        began_s = time.monotonic()
        answer = connected.call(read(topic, min_bytes=50_000), 12, FetchResponse)
        assert time.monotonic() - began_s < 10
        assert answer.throttle_time_ms > 0 or 0 < records_in(answer) <= 8_000


@pytest.mark.parametrize(("rate", "is_throttled"), [(1_000, True), (100_000, False)])
def test_a_fetch_of_thousands_of_partitions_is_counted_too(world: World, now: Now, rate: float, is_throttled: bool) -> None:
    set_quotas(world.client(), APP, consumer_byte_rate=rate)
    partitions = [FetchPartition(partition=number, partition_max_bytes=1) for number in range(3_000)]
    wide = FetchRequest(max_wait_ms=0, min_bytes=0, max_bytes=1, topics=[FetchTopic(topic="none", partitions=partitions)])
    with client(world) as connected:
        answer = connected.call(wide, 12, FetchResponse)
    assert (answer.throttle_time_ms > 0, len(answer.responses)) == (is_throttled, 0 if is_throttled else 1)


# --- the time that requests take


def test_requests_take_time(world: World, now: Now) -> None:
    set_quotas(world.client(), APP, request_percentage=0.0001)
    with client(world) as connected:
        assert connected.call(MetadataRequest(topics=[]), 9, MetadataResponse).throttle_time_ms == 1_000
    with client(world) as connected:
        assert connected.call(ApiVersionsRequest(), 3, ApiVersionsResponse).throttle_time_ms == 1_000
    with client(world) as connected:  # which waits for others
        assert connected.call(creation(), 7, CreateTopicsResponse).throttle_time_ms == 1_000


def test_wide_requests_take_time_too(world: World, now: Now) -> None:
    set_quotas(world.client(), APP, request_percentage=0.0001)
    wide = MetadataRequest(topics=[MetadataRequestTopic(name=f"t-{n}") for n in range(3_000)], allow_auto_topic_creation=False)
    with client(world) as connected:
        answer = connected.call(wide, 9, MetadataResponse)
        assert (answer.throttle_time_ms, len(answer.topics)) == (1_000, 3_000)


def test_a_fault_may_tell_a_longer_time(world: World, now: Now, kafka: Kafka) -> None:
    set_quotas(world.client(), APP, request_percentage=0.0001)
    for throttle_ms, told_ms in ((5, 1_000), (70_000, 70_000)):
        kafka.fail("Metadata", throttle(throttle_ms))
        with client(world) as connected:
            assert connected.call(MetadataRequest(topics=[]), 9, MetadataResponse).throttle_time_ms == told_ms


def test_a_version_that_cannot_tell_is_muted_all_the_same(world: World, now: Now) -> None:
    set_quotas(world.client(), APP, request_percentage=0.0001)
    with client(world) as connected:
        assert connected.call(MetadataRequest(topics=[]), 2, MetadataResponse).throttle_time_ms == 0
        (muted,) = [each for each in world.cluster.brokers[0].sessions() if each.muted_until_ns]
        assert muted.muted_until_ns > time.monotonic_ns()


def test_of_two_quotas_the_longer_wait_counts(world: World, now: Now) -> None:
    topic = world.topic()
    set_quotas(world.client(), APP, request_percentage=0.0001, producer_byte_rate=10_000)
    with client(world) as connected:
        assert throttle_of_produce(connected, topic, 5_000) == 1_000
    with client(world) as connected:
        assert throttle_of_produce(connected, topic, 150_000) > 5_000
    set_quotas(world.client(), APP, producer_byte_rate=None, consumer_byte_rate=10_000)
    with client(world) as connected:
        answer = connected.call(read(topic), 12, FetchResponse)
        assert (answer.throttle_time_ms, answer.responses) == (1_000, [])


def test_waiting_costs_nothing(world: World, now: Now) -> None:
    """A fetch that waited as long as it could has not used the event loop meanwhile."""
    topic = world.topic()
    set_quotas(world.client(), APP, request_percentage=1.0)
    request = read(topic)
    request.max_wait_ms = 300
    with client(world) as connected:
        # 300 ms would be 3 % over the ten seconds that a window has at least.
        assert connected.call(request, 12, FetchResponse).throttle_time_ms == 0


# --- partitions made and deleted


def test_newer_requests_are_refused_and_older_ones_wait(world: World, now: Now) -> None:
    set_quotas(world.client(), APP, controller_mutation_rate=2)
    with client(world) as connected:
        answer = connected.call(creation("a", "b", "c", "d", partitions=10), 7, CreateTopicsResponse)
        assert [(each.error_code, each.error_message) for each in answer.topics] == [(0, None)] * 3 + [(THROTTLED, None)]
        assert answer.throttle_time_ms == 4_000
    with client(world) as connected:
        partitions = CreatePartitionsRequest(topics=[CreatePartitionsTopic(name="a", count=11, assignments=None)], timeout_ms=9)
        partitions.timeout_ms = 10_000
        grown = connected.call(partitions, 3, CreatePartitionsResponse)
        assert (grown.throttle_time_ms, grown.results[0].error_code) == (4_000, THROTTLED)
    with client(world) as connected:
        deletion = DeleteTopicsRequest(topics=[DeleteTopicState(name="a")], timeout_ms=10_000)
        deleted = connected.call(deletion, 6, DeleteTopicsResponse)
        assert (deleted.throttle_time_ms, deleted.responses[0].error_code) == (4_000, THROTTLED)
    with client(world) as connected:
        made = connected.call(creation("e"), 5, CreateTopicsResponse)
        assert (made.throttle_time_ms, made.topics[0].error_code) == (4_500, 0)
    now.ms += 4_500
    with client(world) as connected:
        made = connected.call(creation("f", partitions=2), 7, CreateTopicsResponse)
        assert (made.throttle_time_ms, made.topics[0].error_code) == (0, 0)


def test_what_is_auto_created_counts_too(world: World, now: Now) -> None:
    set_quotas(world.client(), APP, controller_mutation_rate=1)
    with client(world) as connected:
        connected.call(creation("a", partitions=20), 5, CreateTopicsResponse)
    with client(world) as connected, client(world, "other") as other:
        for name, asking in (("mine", connected), ("theirs", other)):
            request = MetadataRequest(topics=[MetadataRequestTopic(name=name)], allow_auto_topic_creation=True)
            assert asking.call(request, 9, MetadataResponse).throttle_time_ms == 0
    until(lambda: world.metadata("theirs").error_code == 0)
    assert world.metadata("mine").error_code == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
