"""What clients push is on the page of metrics (the receiver `prometheus`)."""

from __future__ import annotations

from kafka_compat.protocol.messages.get_telemetry_subscriptions import (
    GetTelemetrySubscriptionsRequest,
    GetTelemetrySubscriptionsResponse,
)
from kafka_compat.protocol.messages.push_telemetry import PushTelemetryRequest, PushTelemetryResponse
from kafka_compat.records.compression import Codec, compress
from tests.support.metric_samples import of
from tests.support.otlp import counter, gauge, pushed
from tests.support.wire_client import WireClient
from tests.web.served import scrape, served

LATENCY = "org.apache.kafka.producer.request.latency.avg"


def push(client: WireClient, data: bytes) -> int:
    told = client.call(GetTelemetrySubscriptionsRequest(), 0, GetTelemetrySubscriptionsResponse)
    request = PushTelemetryRequest(
        client_instance_id=told.client_instance_id,
        subscription_id=told.subscription_id,
        compression_type=Codec.ZSTD,
        metrics=compress(Codec.ZSTD, data),
    )
    return client.call(request, 0, PushTelemetryResponse).error_code


def test_pushed_by_two_clients() -> None:
    with served(configs={"metric.reporters": "prometheus"}) as (cluster, url):
        for client_id, latency in (("one", 1.5), ("two", 2.5)):
            with WireClient(cluster.bootstrap, client_id=client_id) as client:
                assert push(client, pushed(gauge(LATENCY, latency, {"node_id": '"1"\n'}), counter("sales", 3))) == 0
        samples = scrape(url)
        found = {dict(labels)["client_id"]: number for labels, number in samples[LATENCY.replace(".", "_")].items()}
        assert found == {"one": 1.5, "two": 2.5}
        assert {dict(labels)["node_id"] for labels in samples[LATENCY.replace(".", "_")]} == {'"1"\n'}
        assert sum(samples["client_sales_total"].values()) == 6
        assert of(samples, "kafka_compat_telemetry_requests_total", outcome="exported") == 2
        assert of(samples, "kafka_compat_telemetry_points_left_out_total") == 0
        assert len(samples["kafka_compat_telemetry_client_info"]) == 2


def test_there_is_nothing_of_it_where_nobody_pushes() -> None:
    with served() as (_, url):
        assert not [name for name in scrape(url) if "telemetry" in name]


def test_what_is_no_metrics_is_counted() -> None:
    with served(configs={"metric.reporters": "prometheus"}) as (cluster, url), WireClient(cluster.bootstrap) as client:
        assert push(client, b"no metrics") == 87
        assert of(scrape(url), "kafka_compat_telemetry_requests_total", outcome="refused") == 1
