"""Configs that must act, each set over the wire or at start and seen in what the broker does.

Topic configs of a running topic take effect with the answer to the alteration.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest

from kafka_compat.ids import BrokerId, PartitionId, TopicName
from kafka_compat.metadata.changes import PartitionChanged
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.create_topics import CreatableTopic, CreateTopicsRequest, CreateTopicsResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.list_offsets import (
    ListOffsetsPartition,
    ListOffsetsRequest,
    ListOffsetsResponse,
    ListOffsetsTopic,
)
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.protocol.messages.produce import (
    PartitionProduceData,
    PartitionProduceResponse,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)
from kafka_compat.records.batch import BatchHeader, parse_header
from kafka_compat.records.builder import PlainRecord, build_batch
from kafka_compat.records.compression import Codec
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.manual_clock import ManualClock
from tests.api.worlds import World
from tests.support.config_requests import BROKER, TOPIC, describe, set_configs
from tests.support.wire_client import ConnectionClosed, WireClient

HOUR_MS = 3_600_000
# Compressible, and not by a trivial run: levels make a difference to its size.
TEXT = b"".join(b"%d squared is %d, " % (n, n * n) for n in range(3_000))


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster(topics={"t": 1}, clock=ManualClock()) as cluster:
        yield cluster


@pytest.fixture
def client(cluster: Cluster) -> Iterator[WireClient]:
    with WireClient(cluster.bootstrap) as client:
        yield client


def now_ms(cluster: Cluster) -> int:
    return cluster.clock.wall_ms()


def produce(
    client: WireClient,
    timestamp_ms: int,
    value: bytes = b"v",
    *,
    acks: int = -1,
    codec: Codec = Codec.NONE,
    producer_id: int = -1,
    base_sequence: int = -1,
) -> PartitionProduceResponse:
    record: PlainRecord = (timestamp_ms, b"k", value, ())
    epoch = 0 if producer_id >= 0 else -1
    batch = build_batch([record], codec=codec, producer_id=producer_id, producer_epoch=epoch, base_sequence=base_sequence)
    data = TopicProduceData(name="t", partition_data=[PartitionProduceData(index=0, records=batch)])
    answer = client.call(ProduceRequest(acks=acks, timeout_ms=1000, topic_data=[data]), 9, ProduceResponse)
    return answer.responses[0].partition_responses[0]


def stored(client: WireClient) -> list[BatchHeader]:
    """The headers of the partition's batches."""
    wanted = FetchPartition(partition=0, fetch_offset=log_start(client), partition_max_bytes=1 << 24)
    request = FetchRequest(max_wait_ms=0, min_bytes=0, topics=[FetchTopic(topic="t", partitions=[wanted])])
    records = client.call(request, 12, FetchResponse).responses[0].partitions[0].records
    assert isinstance(records, bytes | memoryview)
    raw = bytes(records)
    headers, position = [], 0
    while position < len(raw):
        header = parse_header(raw, position)
        headers.append(header)
        position += header.size_in_bytes
    return headers


def log_start(client: WireClient) -> int:
    partition = ListOffsetsPartition(partition_index=0, timestamp=-2)
    request = ListOffsetsRequest(replica_id=-1, topics=[ListOffsetsTopic(name="t", partitions=[partition])])
    return client.call(request, 7, ListOffsetsResponse).topics[0].partitions[0].offset


@pytest.mark.parametrize(
    ("name", "codec"), [("gzip", Codec.GZIP), ("snappy", Codec.SNAPPY), ("lz4", Codec.LZ4), ("zstd", Codec.ZSTD)]
)
def test_compression_type_is_what_batches_are_stored_in(cluster: Cluster, client: WireClient, name: str, codec: Codec) -> None:
    set_configs(client, TOPIC, "t", {"compression.type": name})
    assert produce(client, now_ms(cluster), TEXT).error_code == 0
    set_configs(client, TOPIC, "t", {"compression.type": "uncompressed"})
    assert produce(client, now_ms(cluster), TEXT, codec=codec).error_code == 0
    set_configs(client, TOPIC, "t", {"compression.type": "producer"})
    assert produce(client, now_ms(cluster), TEXT, codec=Codec.GZIP).error_code == 0
    assert [header.compression for header in stored(client)] == [codec, Codec.NONE, Codec.GZIP]


@pytest.mark.parametrize(("name", "low", "high"), [("gzip", "1", "9"), ("lz4", "1", "12"), ("zstd", "1", "19")])
def test_compression_levels_make_a_difference(cluster: Cluster, client: WireClient, name: str, low: str, high: str) -> None:
    for level in (low, high):
        set_configs(client, TOPIC, "t", {"compression.type": name, f"compression.{name}.level": level})
        assert produce(client, now_ms(cluster), TEXT).error_code == 0
    fast, small = (header.size_in_bytes for header in stored(client))
    assert small < fast


def test_compression_type_of_the_cluster_reaches_existing_topics(cluster: Cluster, client: WireClient) -> None:
    set_configs(client, BROKER, "", {"compression.type": "zstd"})
    assert produce(client, now_ms(cluster), TEXT).error_code == 0
    set_configs(client, BROKER, "", {"compression.type": None})
    assert produce(client, now_ms(cluster), TEXT).error_code == 0
    assert [header.compression for header in stored(client)] == [Codec.ZSTD, Codec.NONE]


def test_message_timestamp_type_sets_the_brokers_time(cluster: Cluster, client: WireClient) -> None:
    sent_ms = now_ms(cluster) - 1000
    assert produce(client, sent_ms).log_append_time_ms == -1
    set_configs(client, TOPIC, "t", {"message.timestamp.type": "LogAppendTime"})
    assert produce(client, sent_ms).log_append_time_ms == now_ms(cluster)
    assert [header.max_timestamp_ms for header in stored(client)] == [sent_ms, now_ms(cluster)]


@pytest.mark.parametrize(("name", "sign"), [("message.timestamp.before.max.ms", -1), ("message.timestamp.after.max.ms", 1)])
def test_timestamps_out_of_bounds_are_refused(cluster: Cluster, client: WireClient, name: str, sign: int) -> None:
    set_configs(client, TOPIC, "t", {name: "1000"})
    assert produce(client, now_ms(cluster) + sign * 1000).error_code == 0
    assert produce(client, now_ms(cluster) + sign * 1001).error_code == ErrorCode.INVALID_TIMESTAMP
    set_configs(client, TOPIC, "t", {name: None})
    set_configs(client, BROKER, "", {f"log.{name}": "500"})
    assert produce(client, now_ms(cluster) + sign * 501).error_code == ErrorCode.INVALID_TIMESTAMP


def test_max_message_bytes_bounds_a_batch(cluster: Cluster, client: WireClient) -> None:
    value = bytes(2000)
    set_configs(client, TOPIC, "t", {"max.message.bytes": "2000"})
    assert produce(client, now_ms(cluster), value).error_code == ErrorCode.MESSAGE_TOO_LARGE
    set_configs(client, TOPIC, "t", {"max.message.bytes": None})
    assert produce(client, now_ms(cluster), value).error_code == 0
    set_configs(client, BROKER, "1", {"message.max.bytes": "1000"})
    assert produce(client, now_ms(cluster), value).error_code == ErrorCode.MESSAGE_TOO_LARGE


def test_min_insync_replicas_counts_for_acks_all_alone(cluster: Cluster, client: WireClient) -> None:
    """And never asks for more replicas than a partition has: with one replica 2 is as good as 1."""
    set_configs(client, TOPIC, "t", {"min.insync.replicas": "2"})
    assert produce(client, now_ms(cluster)).error_code == 0
    one, two = BrokerId(1), BrokerId(2)

    async def lose_a_replica() -> None:
        def decide(image: ClusterImage) -> list[PartitionChanged]:
            return [PartitionChanged(TopicName("t"), PartitionId(0), [one, two], [one], one, 0, 1)]

        await cluster.state.controller.change(decide)

    cluster.run(lose_a_replica())
    assert produce(client, now_ms(cluster)).error_code == ErrorCode.NOT_ENOUGH_REPLICAS
    assert produce(client, now_ms(cluster), acks=1).error_code == 0
    set_configs(client, TOPIC, "t", {"min.insync.replicas": "1"})
    assert produce(client, now_ms(cluster)).error_code == 0


@pytest.mark.parametrize("enabled", [True, False])
def test_topics_are_created_on_demand_only_where_it_is_enabled(enabled: bool) -> None:
    configs = {"auto.create.topics.enable": f"{enabled}".lower()}
    request = MetadataRequest(topics=[MetadataRequestTopic(name="wanted")], allow_auto_topic_creation=True)
    with Cluster(configs=configs) as cluster, WireClient(cluster.bootstrap) as client:
        # The first answer begins the creation, and clients ask again.
        answers = [client.call(request, 9, MetadataResponse).topics[0].error_code for _ in range(50)]
        assert answers[-1] == (ErrorCode.NONE if enabled else ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)


@pytest.mark.kafka(configs={"num.partitions": "4"})
def test_num_partitions_is_the_default_of_new_topics(world: World) -> None:
    client = world.client()
    topic = CreatableTopic(name="wide", num_partitions=-1, replication_factor=-1)
    (made,) = client.call(CreateTopicsRequest(topics=[topic], timeout_ms=1000), 7, CreateTopicsResponse).topics
    assert made.num_partitions == 4


@pytest.mark.parametrize(
    ("configs", "kept_ms"),
    [
        ({"log.retention.hours": "1"}, HOUR_MS),
        ({"log.retention.hours": "1", "log.retention.minutes": "120"}, 2 * HOUR_MS),
        ({"log.retention.hours": "1", "log.retention.minutes": "1", "log.retention.ms": f"{3 * HOUR_MS}"}, 3 * HOUR_MS),
    ],
)
def test_the_finest_retention_setting_wins(configs: Mapping[str, str], kept_ms: int) -> None:
    check_ms = 300_000
    with (
        Cluster(topics={"t": 1}, configs=configs, clock=ManualClock()) as cluster,
        WireClient(cluster.bootstrap) as client,
    ):
        produce(client, now_ms(cluster))
        cluster.advance(kept_ms)
        assert log_start(client) == 0
        cluster.advance(check_ms)
        assert log_start(client) == 1


def test_retention_follows_dynamic_configs_topic_before_broker_before_cluster(cluster: Cluster, client: WireClient) -> None:
    set_configs(client, BROKER, "", {"log.retention.ms": "1000"})
    set_configs(client, BROKER, "1", {"log.retention.ms": f"{HOUR_MS}"})
    set_configs(client, TOPIC, "t", {"retention.ms": f"{2 * HOUR_MS}"})
    produce(client, now_ms(cluster))
    cluster.advance(HOUR_MS + 600_000)
    assert log_start(client) == 0
    set_configs(client, TOPIC, "t", {"retention.ms": None})
    assert describe(client, TOPIC, "t")["retention.ms"].value == f"{HOUR_MS}"
    cluster.advance(300_000)
    assert log_start(client) == 1


def test_the_clusters_cleanup_policy_compacts_topics_that_nobody_writes_to(cluster: Cluster, client: WireClient) -> None:
    set_configs(client, TOPIC, "t", {"internal.segment.bytes": "100", "min.cleanable.dirty.ratio": "0"})
    for _ in range(3):
        assert produce(client, now_ms(cluster)).error_code == 0
    cluster.advance(60_000)
    assert len(stored(client)) == 1, "a fetch ends with a segment, and each batch has its own"
    set_configs(client, BROKER, "", {"log.cleanup.policy": "compact"})
    cluster.advance(60_000)
    assert [header.base_offset for header in stored(client)] == [1], "of the two sealed ones the newer is left"


def test_producers_are_forgotten_after_producer_id_expiration(cluster: Cluster, client: WireClient) -> None:
    """A producer that is not known may begin at any sequence; one that is known may not leave a gap."""
    set_configs(client, BROKER, "", {"producer.id.expiration.ms": f"{HOUR_MS}"})
    assert produce(client, now_ms(cluster), producer_id=7, base_sequence=0).error_code == 0
    gap = produce(client, now_ms(cluster), producer_id=7, base_sequence=9)
    assert gap.error_code == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER
    cluster.advance(2 * HOUR_MS)
    assert produce(client, now_ms(cluster), producer_id=7, base_sequence=9).error_code == 0


VERSIONS = ApiVersionsRequest(client_software_name="test", client_software_version="1")


def _is_served(client: WireClient) -> bool:
    try:
        return client.call(VERSIONS, 3, ApiVersionsResponse).error_code == 0
    except (ConnectionClosed, BrokenPipeError):
        return False


@pytest.mark.parametrize(
    "limit",
    [{"max.connections.per.ip": "2"}, {"max.connections.per.ip": "0", "max.connections.per.ip.overrides": "127.0.0.1:2"}],
)
def test_connections_above_the_limit_of_their_address_are_closed(limit: Mapping[str, str]) -> None:
    with Cluster(configs=limit) as cluster, ExitStack() as stack:
        clients = [stack.enter_context(WireClient(cluster.bootstrap)) for _ in range(3)]
        assert [_is_served(client) for client in clients] == [True, True, False]


def _waits(client: WireClient) -> bool:
    """Whether nothing has come back yet."""
    client.socket.setblocking(False)
    try:
        return client.socket.recv(1, socket.MSG_PEEK) == b"never"
    except BlockingIOError:
        return True
    finally:
        client.socket.settimeout(10)


def test_connections_above_max_connections_wait_for_a_place() -> None:
    """Until another one closes, or the limit is raised."""
    with Cluster(configs={"max.connections": "2"}) as cluster, ExitStack() as stack:
        first, second, third, fourth = (stack.enter_context(WireClient(cluster.bootstrap)) for _ in range(4))
        assert _is_served(first)
        assert _is_served(second)
        for client in (third, fourth):
            client.send(VERSIONS, 3)
        assert _is_served(second)
        assert _waits(third)
        first.close()
        assert third.receive(VERSIONS, 3, ApiVersionsResponse).error_code == 0
        assert _waits(fourth)
        set_configs(second, BROKER, "", {"max.connections": "3"})
        assert fourth.receive(VERSIONS, 3, ApiVersionsResponse).error_code == 0


def test_a_broker_stops_while_connections_wait() -> None:
    with Cluster(configs={"max.connections": "1"}) as cluster, ExitStack() as stack:
        clients = [stack.enter_context(WireClient(cluster.bootstrap)) for _ in range(3)]
        assert _is_served(clients[0])


@pytest.mark.kafka(configs={"connections.max.idle.ms": "110"})
def test_idle_connections_are_closed(world: World) -> None:
    """Sockets live in real time whatever the broker's clock says."""
    began = time.monotonic()
    with WireClient(world.cluster.bootstrap) as client:
        assert client.is_closed_by_peer()
    assert time.monotonic() - began >= 0.1


def test_socket_request_max_bytes_closes_the_connection_of_a_larger_request() -> None:
    limit = {"socket.request.max.bytes": "5000"}
    with Cluster(topics={"t": 1}, configs=limit) as cluster, WireClient(cluster.bootstrap) as client:
        assert produce(client, now_ms(cluster), bytes(4000)).error_code == 0
        with pytest.raises(ConnectionClosed):
            produce(client, now_ms(cluster), bytes(5000))
