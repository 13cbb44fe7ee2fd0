"""What a broker tells Prometheus of requests, partitions, groups and transactions."""

from __future__ import annotations

import re
import time

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)
from kafka_compat.records.builder import build_batch
from tests.support.group_wire import Wire
from tests.support.metric_samples import of
from tests.support.wire_client import WireClient
from tests.web.served import get, scrape, served

TOPIC = "kafka_server_brokertopicmetrics"


def produce(
    client: WireClient,
    records: list[tuple[int, bytes | None, bytes | None]],
    *,
    topic: str = "orders",
    partition: int = 0,
    acks: int = -1,
) -> tuple[ErrorCode, int]:
    """The code, and how many bytes the batch has."""
    batch = build_batch([(timestamp_ms, key, value, ()) for timestamp_ms, key, value in records])
    request = ProduceRequest(
        acks=acks,
        timeout_ms=10_000,
        topic_data=[TopicProduceData(name=topic, partition_data=[PartitionProduceData(index=partition, records=batch)])],
    )
    answer = client.call(request, 9, ProduceResponse).responses[0].partition_responses[0]
    return ErrorCode(answer.error_code), len(batch)


def fetch(client: WireClient, offset: int = 0, *, topic: str = "orders") -> int:
    """Bytes of records."""
    partition = FetchPartition(partition=0, fetch_offset=offset, partition_max_bytes=1_000_000)
    request = FetchRequest(
        max_wait_ms=0, min_bytes=1, max_bytes=1_000_000, topics=[FetchTopic(topic=topic, partitions=[partition])]
    )
    records = client.call(request, 4, FetchResponse).responses[0].partitions[0].records
    assert records is not None
    assert not isinstance(records, list | tuple)
    return len(records)


def test_what_is_produced_and_fetched_counts_for_its_topic_and_for_all() -> None:
    with served(topics={"orders": 2, "other": 1}) as (cluster, url), WireClient(cluster.bootstrap) as client:
        code, size = produce(client, [(1, None, b"a"), (2, None, b"b")])
        assert code == ErrorCode.NONE
        _, other = produce(client, [(1, None, b"c")], topic="other")
        fetched = fetch(client)
        assert fetch(client, 2) == 0
        seen = scrape(url)
    assert of(seen, f"{TOPIC}_messagesin_total", topic="orders") == 2
    assert of(seen, f"{TOPIC}_messagesin_total") == 3
    assert of(seen, f"{TOPIC}_bytesin_total", topic="orders") == size
    assert of(seen, f"{TOPIC}_bytesin_total") == size + other
    assert of(seen, f"{TOPIC}_bytesout_total", topic="orders") == fetched == size
    assert of(seen, f"{TOPIC}_totalproducerequests_total", topic="orders") == 1
    assert of(seen, f"{TOPIC}_totalfetchrequests_total", topic="orders") == 2
    assert of(seen, f"{TOPIC}_failedproducerequests_total") == 0


def test_only_failures_that_nobody_expects_count_as_failed() -> None:
    """As ReplicaManager.appendToLocalLog: a batch that is too large is the client's affair, too few replicas are not."""
    with (
        served(topics={"orders": 1}, configs={"max.request.partition.size.limit": 2000, "message.max.bytes": 200}) as (
            cluster,
            url,
        ),
        WireClient(cluster.bootstrap) as client,
    ):
        code, _ = produce(client, [(1, None, b"x" * 500)])
        assert code in (ErrorCode.MESSAGE_TOO_LARGE, ErrorCode.RECORD_LIST_TOO_LARGE)
        code, _ = produce(client, [(1 << 50, None, b"from the future")])
        assert code == ErrorCode.INVALID_TIMESTAMP
        seen = scrape(url)
    assert of(seen, f"{TOPIC}_totalproducerequests_total", topic="orders") == 2
    assert of(seen, f"{TOPIC}_failedproducerequests_total", topic="orders") == 1
    assert of(seen, f"{TOPIC}_messagesin_total", topic="orders") == 0


def test_a_fetch_that_fails_as_nobody_expects_is_counted() -> None:
    """A negative limit is an IllegalArgumentException in Kafka's log, which its ReplicaManager counts."""
    with served(topics={"orders": 1}) as (cluster, url), WireClient(cluster.bootstrap) as client:
        produce(client, [(1, None, b"a")])
        partition = FetchPartition(partition=0, fetch_offset=0, partition_max_bytes=-1)
        request = FetchRequest(
            max_wait_ms=0, min_bytes=1, max_bytes=1000, topics=[FetchTopic(topic="orders", partitions=[partition])]
        )
        answer = client.call(request, 4, FetchResponse).responses[0].partitions[0]
        assert answer.error_code == ErrorCode.UNKNOWN_SERVER_ERROR
        seen = scrape(url)
    assert of(seen, f"{TOPIC}_failedfetchrequests_total", topic="orders") == 1
    assert of(seen, f"{TOPIC}_failedfetchrequests_total") == 1


def test_what_a_deleted_topic_has_counted_stays_in_the_sum() -> None:
    with served(topics={"orders": 1}) as (cluster, url), WireClient(cluster.bootstrap) as client:
        produce(client, [(1, None, b"a")])

        async def delete() -> None:
            services = cluster.brokers[0].services
            assert services is not None
            (log,) = services.logs.logs
            await services.logs.delete(log.log_id)

        cluster.run(delete())
        seen = scrape(url)
    assert seen[f"{TOPIC}_messagesin_total"] == {(): 1}


def test_offsets_and_lag_of_a_group() -> None:
    """Lag counts up to the high watermark, and in seconds since what comes next was written; what is consumed has none."""
    now_ms = int(time.time() * 1000)
    with served(topics={"orders": 2}) as (cluster, url):
        wire = Wire(cluster)
        with wire.client as client:
            wire.find("app")
            produce(client, [(now_ms - 100_000, None, b"a")])
            produce(client, [(now_ms - 50_000, None, b"b"), (now_ms - 49_000, None, b"c")])
            produce(client, [(now_ms, None, b"d")], partition=1)
            assert wire.commit(1, group="app") == ErrorCode.NONE
            assert wire.commit(1, group="app", partition=1) == ErrorCode.NONE
            seen = scrape(url)
            again = scrape(url)
    labels = {"consumergroup": "app", "topic": "orders"}
    assert of(seen, "kafka_topic_partition_current_offset", topic="orders", partition="0") == 3
    assert of(seen, "kafka_topic_partition_oldest_offset", topic="orders", partition="0") == 0
    assert of(seen, "kafka_consumergroup_current_offset", **labels, partition="0") == 1
    assert of(seen, "kafka_consumergroup_lag", **labels, partition="0") == 2
    assert of(seen, "kafka_consumergroup_lag", **labels, partition="1") == 0
    assert of(seen, "kafka_consumergroup_lag_sum", **labels) == 2
    assert of(seen, "kafka_consumergroup_current_offset_sum", **labels) == 2
    assert of(seen, "kafka_consumergroup_members", consumergroup="app") == 0
    assert 50 <= of(seen, "kafka_consumergroup_lag_seconds", **labels, partition="0") < 80
    assert of(seen, "kafka_consumergroup_lag_seconds", **labels, partition="1") == 0
    first, second = (of(each, "kafka_consumergroup_lag_seconds", **labels, partition="0") for each in (seen, again))
    assert second >= first, "the place where the group stands is known, and time goes on"


def test_what_is_written_below_the_log_start_is_not_waited_for() -> None:
    """A group that stands where records were deleted lags behind what is left."""
    now_ms = int(time.time() * 1000)
    with served(topics={"orders": 1}) as (cluster, url):
        wire = Wire(cluster)
        with wire.client as client:
            wire.find("app")
            produce(client, [(now_ms - 100_000, None, b"a")])
            produce(client, [(now_ms - 20_000, None, b"b")])
            wire.commit(0, group="app")

            async def delete_first() -> None:
                services = cluster.brokers[0].services
                assert services is not None
                log = services.logs.get("orders", 0)
                assert log is not None
                await log.delete_records_before(1)

            cluster.run(delete_first())
            seen = scrape(url)
    assert 20 <= of(seen, "kafka_consumergroup_lag_seconds", consumergroup="app", topic="orders", partition="0") < 60
    assert of(seen, "kafka_log_log_logstartoffset", topic="orders", partition="0") == 1


def test_requests_have_counts_and_quantiles() -> None:
    with served(topics={"orders": 1}) as (cluster, url), WireClient(cluster.bootstrap) as client:
        for number in range(20):
            produce(client, [(number, None, b"v")])
        seen = scrape(url)
    assert of(seen, "kafka_network_requestmetrics_requests_total", request="Produce") == 20
    for name in ("totaltimems", "requestqueuetimems"):
        assert of(seen, f"kafka_network_requestmetrics_{name}_count", request="Produce") == 20
        quantiles = [
            of(seen, f"kafka_network_requestmetrics_{name}", request="Produce", quantile=share)
            for share in ("0.50", "0.75", "0.95", "0.99", "0.999")
        ]
        assert quantiles == sorted(quantiles)
        assert quantiles[-1] < 5_000
    buckets = {
        float(dict(labels)["le"]): count
        for labels, count in seen["kafka_compat_request_duration_seconds_bucket"].items()
        if dict(labels)["request"] == "Produce"
    }
    assert list(buckets.values()) == sorted(buckets.values())
    assert buckets[float("inf")] == 20


def test_a_cluster_of_three() -> None:
    with served(brokers=3, topics={"orders": 3}, configs={"default.replication.factor": 3}) as (cluster, url):
        seen = scrape(url)
        addresses = cluster.bootstrap.split(",")
    assert of(seen, "kafka_brokers") == 3
    assert {dict(labels)["address"] for labels in seen["kafka_broker_info"]} == set(addresses)
    assert of(seen, "kafka_server_replicamanager_leadercount") == 1
    assert of(seen, "kafka_server_replicamanager_partitioncount") == 3
    assert of(seen, "kafka_controller_kafkacontroller_offlinepartitionscount") == 0
    assert of(seen, "kafka_topic_partition_replicas", topic="orders", partition="0") == 3


def test_names_of_topics_and_groups_are_written_so_that_they_can_be_read_back() -> None:
    group = 'a "group"\\\nof many lines'
    with served(topics={"orders": 1}) as (cluster, url):
        wire = Wire(cluster)
        with wire.client:
            wire.find(group)
            wire.commit(0, group=group)
            seen = scrape(url)
    assert of(seen, "kafka_consumergroup_members", consumergroup=group) == 0


def test_each_family_is_there_once_with_help_and_type() -> None:
    with served(topics={"orders": 1}) as (_, url):
        status, text = get(f"{url}/metrics")
    assert status == 200
    for what in ("HELP", "TYPE"):
        names = re.findall(rf"^# {what} (\S+)", text, re.MULTILINE)
        assert len(names) == len(set(names))


@pytest.mark.parametrize("path", ["/metricsx", "/health", "/../etc/passwd"])
def test_other_paths_are_not_found(path: str) -> None:
    with served() as (_, url):
        assert get(url + path)[0] == 404
