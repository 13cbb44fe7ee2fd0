"""Telemetry of a running broker, by what clients send it."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kafka_compat.config.errors import InvalidConfig
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.get_telemetry_subscriptions import (
    GetTelemetrySubscriptionsRequest,
    GetTelemetrySubscriptionsResponse,
)
from kafka_compat.protocol.messages.push_telemetry import PushTelemetryRequest, PushTelemetryResponse
from kafka_compat.telemetry import receiver
from kafka_compat.telemetry.receiver import InvalidPush, Push
from kafka_compat.testing import Cluster
from tests.support.config_requests import BROKER, CLIENT_METRICS, alter
from tests.support.waiting import until
from tests.support.wire_client import WireClient

SOFTWARE = ApiVersionsRequest(client_software_name="my-client", client_software_version="2.0")


class Keeping:
    """Keeps what it gets; what begins with `bad` is invalid, `bug` fails it, and `slow` waits for the test."""

    def __init__(self) -> None:
        self.pushes: list[Push] = []
        self.go_on = threading.Event()

    def export(self, push: Push) -> None:
        if push.data.startswith(b"bad"):
            raise InvalidPush("bad")
        if push.data.startswith(b"bug"):
            raise ZeroDivisionError
        if push.data.startswith(b"slow"):
            assert self.go_on.wait(30)
        self.pushes.append(push)


@pytest.fixture
def keeping(monkeypatch: pytest.MonkeyPatch) -> Keeping:
    keeping = Keeping()
    monkeypatch.setitem(receiver._BUILT_IN, "keeping", lambda: keeping)
    return keeping


@pytest.fixture
def cluster(keeping: Keeping) -> Iterator[Cluster]:
    with Cluster(configs={"metric.reporters": "keeping", "telemetry.max.bytes": "1000"}) as cluster:
        yield cluster


class Pusher:
    def __init__(self, cluster: Cluster) -> None:
        self.client = WireClient(cluster.bootstrap, client_id="pusher")
        self.listed = {row.api_key for row in self.client.call(SOFTWARE, 3, ApiVersionsResponse).api_keys}
        self.ask()

    def ask(self) -> None:
        told = self.client.call(GetTelemetrySubscriptionsRequest(), 0, GetTelemetrySubscriptionsResponse)
        self.id, self.subscription = told.client_instance_id, told.subscription_id

    def push(self, metrics: bytes, compression_type: int = 0) -> ErrorCode:
        """As an instance of its own, which is never too early."""
        self.ask()
        request = PushTelemetryRequest(
            client_instance_id=self.id,
            subscription_id=self.subscription,
            metrics=metrics,
            compression_type=compression_type,
        )
        return ErrorCode(self.client.call(request, 0, PushTelemetryResponse).error_code)


@pytest.fixture
def pusher(cluster: Cluster) -> Iterator[Pusher]:
    pusher = Pusher(cluster)
    with pusher.client:
        yield pusher


def test_receiver_learns_who_pushed_what(pusher: Pusher, keeping: Keeping) -> None:
    assert pusher.push(gzip.compress(b"metrics"), 1) == ErrorCode.NONE
    (push,) = keeping.pushes
    assert push.data == b"metrics"
    assert push.push_interval_ms == 300_000
    assert not push.is_terminating
    client = push.client
    assert (client.client_id, client.software_name, client.software_version) == ("pusher", "my-client", "2.0")
    assert (client.host, client.principal) == ("127.0.0.1", "User:ANONYMOUS")
    assert len(client.instance_id) == 22


def test_an_empty_push_is_nobodys(pusher: Pusher, keeping: Keeping) -> None:
    assert pusher.push(b"") == ErrorCode.NONE
    assert keeping.pushes == []


@pytest.mark.expects_errors("a telemetry receiver failed")
def test_receiver_that_fails_harms_nobody(pusher: Pusher, keeping: Keeping) -> None:
    assert pusher.push(b"bug") == ErrorCode.INVALID_RECORD
    assert pusher.push(b"bad") == ErrorCode.INVALID_RECORD
    assert pusher.push(b"good") == ErrorCode.NONE


def test_receiver_that_is_slow_keeps_nobody_else_waiting(cluster: Cluster, pusher: Pusher, keeping: Keeping) -> None:
    with ThreadPoolExecutor() as threads:
        slow = threads.submit(pusher.push, b"slow")
        with WireClient(cluster.bootstrap) as other:
            for _ in range(10):
                assert other.call(SOFTWARE, 3, ApiVersionsResponse).error_code == 0
        assert not slow.done()
        keeping.go_on.set()
        assert slow.result(30) == ErrorCode.NONE


def test_bomb_goes_off_nowhere(pusher: Pusher, keeping: Keeping) -> None:
    """A push of 1 kB that would be 900 kB (CVE-2026-111073)."""
    bomb = gzip.compress(bytes(900_000))
    assert len(bomb) < 1000
    assert pusher.push(bomb, 1) == ErrorCode.INVALID_RECORD
    assert keeping.pushes == []


def test_listed_while_there_is_a_receiver() -> None:
    with Cluster() as cluster:
        pusher = Pusher(cluster)
        with pusher.client as client:
            assert ApiKey.PUSH_TELEMETRY not in pusher.listed
            # Answered all the same, as Kafka does.
            assert pusher.push(b"metrics") == ErrorCode.NONE
            assert alter(client, BROKER, "", {"metric.reporters": "prometheus"}) == (0, None)

            def is_listed() -> bool:
                rows = client.call(SOFTWARE, 3, ApiVersionsResponse).api_keys
                return {ApiKey.PUSH_TELEMETRY, ApiKey.GET_TELEMETRY_SUBSCRIPTIONS} <= {row.api_key for row in rows}

            until(is_listed)
            assert pusher.push(b"no metrics") == ErrorCode.INVALID_RECORD
            assert alter(client, BROKER, "", {"metric.reporters": None}) == (0, None)
            until(lambda: not is_listed())


def test_subscriptions_take_effect_at_once(pusher: Pusher) -> None:
    def wanted() -> list[str]:
        return list(
            pusher.client.call(GetTelemetrySubscriptionsRequest(), 0, GetTelemetrySubscriptionsResponse).requested_metrics
        )

    assert wanted() == []
    assert alter(pusher.client, CLIENT_METRICS, "mine", {"metrics": "a", "match": "client_id=pusher"}) == (0, None)
    assert alter(pusher.client, CLIENT_METRICS, "others", {"metrics": "b", "match": "client_id=" + "x{50}" * 30}) == (0, None)
    assert wanted() == ["a"]
    assert alter(pusher.client, CLIENT_METRICS, "mine", {"metrics": None, "match": None}) == (0, None)
    assert wanted() == []


def test_subscriptions_that_were_there_before() -> None:
    with Cluster(configs={"metric.reporters": "prometheus"}) as cluster, WireClient(cluster.bootstrap) as client:
        assert alter(client, CLIENT_METRICS, "all", {"metrics": "*", "interval.ms": "100"}) == (0, None)
        # The first request for telemetry reads them.
        told = client.call(GetTelemetrySubscriptionsRequest(), 0, GetTelemetrySubscriptionsResponse)
        assert (told.requested_metrics, told.push_interval_ms) == (["*"], 100)


def test_receiver_that_is_not_there_is_refused_in_a_sentence() -> None:
    with pytest.raises(InvalidConfig, match=r"metric\.reporters: there is no promteheus; built in is prometheus"):
        Cluster(configs={"metric.reporters": "promteheus"}).start()


def test_receiver_that_a_client_named_keeps_no_broker_from_starting(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Cluster(data_dir=tmp_path) as cluster, WireClient(cluster.bootstrap) as client:
        assert alter(client, BROKER, "", {"metric.reporters": "nobody"}) == (0, None)
    with Cluster(data_dir=tmp_path) as cluster, WireClient(cluster.bootstrap) as client:
        assert "client telemetry begins without receivers: metric.reporters: there is no nobody" in caplog.text
        assert alter(client, BROKER, "", {"metric.reporters": "prometheus"}) == (0, None)
        pusher = Pusher(cluster)
        pusher.client.close()
        assert ApiKey.PUSH_TELEMETRY in pusher.listed


def test_classes_of_javas_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    java = "org.apache.kafka.common.metrics.JmxReporter,io.strimzi.kafka.metrics.KafkaPrometheusMetricsReporter"
    with Cluster(configs={"metric.reporters": java}) as cluster:
        pusher = Pusher(cluster)
        pusher.client.close()
        assert ApiKey.PUSH_TELEMETRY not in pusher.listed
    assert [record.message for record in caplog.records if "metric.reporters" in record.message] == [
        (
            "metric.reporters: io.strimzi.kafka.metrics.KafkaPrometheusMetricsReporter is left out: "
            "classes of Java's are not loaded here"
        )
    ]
