"""Client telemetry against Apache Kafka, whose receiver is compiled for it (`java/TelemetrySink.java`).

An instance counts by the clock: those that are to be in time wait for their interval of 100 ms, by sleeping, as the reference
has no other clock; those that are to be early have one that no test lasts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from kafka_compat.metadata.config_resources import ResourceType
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.get_telemetry_subscriptions import (
    GetTelemetrySubscriptionsRequest,
    GetTelemetrySubscriptionsResponse,
)
from kafka_compat.protocol.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from kafka_compat.protocol.messages.push_telemetry import PushTelemetryRequest
from kafka_compat.records.compression import Codec, compress
from tests.conformance.both import Address, Both, MakeBoth, Side
from tests.conformance.normalise import Normal
from tests.support.brokers import settings_of, start_ours, start_reference
from tests.support.java_classes import compiled
from tests.support.telemetry_sink import install_sink
from tests.support.waiting import until
from tests.support.wire_client import WireClient

THROTTLED = ErrorCode.THROTTLING_QUOTA_EXCEEDED
MAX_BYTES = 1000
SOON_MS, NEVER_MS = 100, 3_600_000
JAVA = Path(__file__).parent / "java" / "TelemetrySink.java"


@pytest.fixture(scope="module")
def telemetry_brokers(is_live: bool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Address]]:
    common = {"telemetry.max.bytes": str(MAX_BYTES)}
    with ExitStack() as stack:
        brokers: list[Address] = []
        if is_live:
            config = {**common, "metric.reporters": JAVA.stem}
            reference = start_reference(tmp_path_factory.mktemp("reference"), config, class_path=[compiled(JAVA)])
            brokers.append(stack.enter_context(reference))
        config = {**common, "metric.reporters": "sink"}
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PYTHONPATH", str(install_sink(tmp_path_factory.mktemp("sink"))), prepend=os.pathsep)
            brokers.append(stack.enter_context(start_ours(tmp_path_factory.mktemp("ours"), *settings_of(config))))
        yield brokers


@pytest.fixture
def both(telemetry_brokers: list[Address], make_both: MakeBoth) -> Iterator[Both]:
    with make_both(*telemetry_brokers) as pair:
        for name in ("here", "elsewhere"):
            subscribe(pair, name)
        yield pair


def subscribe(both: Both, name: str, **configs: Any) -> None:
    """Set all configs of a subscription, or delete it, and wait until the reference's broker has heard of it."""
    texts = {key.replace("_", "."): str(value) for key, value in configs.items()}
    changes = [
        AlterableConfig(name=key, config_operation=0 if key in texts else 1, value=texts.get(key))
        for key in ("metrics", "interval.ms", "match")
    ]
    resource = AlterConfigsResource(resource_type=ResourceType.CLIENT_METRICS, resource_name=name, configs=changes)
    for side in both.sides:
        altered = side.call(IncrementalAlterConfigsRequest(resources=[resource]), 1, IncrementalAlterConfigsResponse)
        assert altered.responses[0].error_code == 0


def wait_for_interval(both: Both, interval_ms: int) -> None:
    for side in both.sides:

        def has_it(side: Side = side) -> bool:
            answer = side.call(GetTelemetrySubscriptionsRequest(), 0, GetTelemetrySubscriptionsResponse)
            return answer.push_interval_ms == interval_ms

        until(has_it)


def get(instance_id: bytes) -> GetTelemetrySubscriptionsRequest:
    return GetTelemetrySubscriptionsRequest(client_instance_id=instance_id)


class Pusher:
    """Pushes as one instance, of which each side has told its subscription's id."""

    def __init__(self, both: Both, instance_id: bytes) -> None:
        self._both = both
        self.id = both.keep_id(instance_id)
        self.subscriptions: dict[str, int] = {}
        self.ask()

    def ask(self) -> None:
        for side in self._both.sides:
            told = side.call(get(self.id), 0, GetTelemetrySubscriptionsResponse)
            assert told.error_code == 0
            self.subscriptions[side.kind] = told.subscription_id

    def push(self, off_by: int = 0, **fields: Any) -> Callable[[Side], PushTelemetryRequest]:
        return lambda side: PushTelemetryRequest(
            client_instance_id=self.id, subscription_id=self.subscriptions[side.kind] + off_by, **fields
        )

    def next(self, label: str, error: ErrorCode = ErrorCode.NONE, off_by: int = 0, **fields: Any) -> None:
        """A push that is in time."""
        time.sleep(1.2 * SOON_MS / 1000)
        self._both.compare(label, self.push(off_by, **fields), [0], expect={error} - {ErrorCode.NONE})


def test_they_are_listed_where_there_is_a_receiver(both: Both) -> None:
    request = ApiVersionsRequest(client_software_name="kafka-compat", client_software_version="1")
    listed: list[Normal] = []
    for side in both.sides:
        rows = {row.api_key: [row.min_version, row.max_version] for row in side.call(request, 4, ApiVersionsResponse).api_keys}
        listed.append([[*rows[key]] for key in (ApiKey.GET_TELEMETRY_SUBSCRIPTIONS, ApiKey.PUSH_TELEMETRY)])
    both.compare_values("listed", ApiKey.API_VERSIONS, *listed)


def test_nothing_is_wanted(both: Both) -> None:
    wait_for_interval(both, 300_000)
    both.compare("new client", get(bytes(16)), [0], replace={"subscription_id": "<id>"})
    mine = both.keep_id(b"nothing wanted..")
    both.compare("own id", get(mine), [0])
    both.compare("again", get(mine), [0], expect={THROTTLED})
    both.compare("reserved id", get(both.keep_id(bytes(15) + b"\1")), [0])


def test_what_is_wanted(both: Both) -> None:
    many = [f"org.apache.kafka.{number}" for number in range(40)]
    subscribe(both, "here", metrics=",".join(["b", "a", "c.d", "org.apache.kafka", "ü"]), interval_ms=NEVER_MS)
    subscribe(both, "elsewhere", metrics=",".join(["a", *many]), interval_ms=60_000)
    wait_for_interval(both, 60_000)
    for number in range(4):
        both.compare(f"two subscriptions {number}", get(both.keep_id(b"wants so much..%d" % number)), [0])
    subscribe(both, "elsewhere", metrics="*", interval_ms=120_000)
    wait_for_interval(both, 120_000)
    both.compare("all", get(both.keep_id(b"wants it all....")), [0])


@pytest.mark.parametrize(
    "match",
    [
        "client_id=wire-client",
        "client_id=wire",
        "client_id=wire.*",
        " client_id = (?i)WIRE-[a-z]+ ",
        "client_id=[^w].*|wire-client",
        "client_id=\\w+-\\w+",
        "client_software_name=unknown,client_software_version=.*",
        "client_source_address=127\\.0\\.0\\.[0-9]+",
        "client_source_port=[1-9][0-9]+",
        "client_source_port=[0-9]+,client_id=nobody",
        "client_instance_id=AAAA.*",
        "client_instance_id=[A-Za-z0-9_-]{22}",
        "client_id=nobody,client_id=wire-client",
    ],
)
def test_whom_a_subscription_matches(both: Both, match: str) -> None:
    subscribe(both, "here", metrics="a", interval_ms=60_000, match=match)
    subscribe(both, "elsewhere", metrics="b", interval_ms=120_000, match="client_id=wire.*")
    wait_for_second(both)
    both.compare("matched", get(both.keep_id(b"who is matched..")), [0])


def wait_for_second(both: Both) -> None:
    """The first is heard of then, too."""
    for side in both.sides:

        def is_known(side: Side = side) -> bool:
            answer = side.call(GetTelemetrySubscriptionsRequest(), 0, GetTelemetrySubscriptionsResponse)
            return "b" in answer.requested_metrics

        until(is_known)


def test_pushes_in_time(both: Both) -> None:
    subscribe(both, "here", metrics="*", interval_ms=SOON_MS)
    wait_for_interval(both, SOON_MS)
    pusher = Pusher(both, b"pushes in time..")
    both.compare("right after the question", pusher.push(metrics=b"x"), [0])
    pusher.next("other subscription", ErrorCode.UNKNOWN_SUBSCRIPTION_ID, off_by=1, metrics=b"x")
    both.compare("asks again at once", get(pusher.id), [0])
    for codec in (-1, 5, 127):
        pusher.next(f"compression {codec}", ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, compression_type=codec, metrics=b"x")
    both.compare("asks again at once, too", get(pusher.id), [0])
    for known in Codec:
        pusher.next(f"{known.name}", compression_type=known, metrics=compress(known, b"some metrics"))
        pusher.next(f"{known.name} empty", compression_type=known, metrics=b"")
        error = ErrorCode.NONE if known == Codec.NONE else ErrorCode.INVALID_RECORD
        pusher.next(f"{known.name} garbage", error, compression_type=known, metrics=b"garbage")
        pusher.next(f"{known.name} at the limit", compression_type=known, metrics=compress(known, b"\0" * MAX_BYTES))
        error = ErrorCode.TELEMETRY_TOO_LARGE if known == Codec.NONE else ErrorCode.INVALID_RECORD
        pusher.next(f"{known.name} bomb", error, compression_type=known, metrics=compress(known, b"\0" * (MAX_BYTES + 1)))
    pusher.next("refused by the receiver", ErrorCode.INVALID_RECORD, metrics=b"refuse this")
    pusher.next("the last one", metrics=b"x", terminating=True)
    pusher.next("after the last one", ErrorCode.INVALID_REQUEST, metrics=b"x")
    pusher.next("after that", metrics=b"x")
    pusher.next("the last one, refused", ErrorCode.UNKNOWN_SUBSCRIPTION_ID, off_by=1, terminating=True)
    pusher.next("after it", ErrorCode.INVALID_REQUEST, metrics=b"x")


def test_pushes_too_early(both: Both) -> None:
    subscribe(both, "here", metrics="*", interval_ms=NEVER_MS)
    subscribe(both, "elsewhere", metrics="*", interval_ms=60_000)
    wait_for_interval(both, 60_000)
    pusher = Pusher(both, b"pushes too early")
    both.compare("asks twice", get(pusher.id), [0], expect={THROTTLED})
    both.compare("right after the question", pusher.push(metrics=b"x"), [0])
    both.compare("asks behind it", get(pusher.id), [0], expect={THROTTLED})
    both.compare("again", pusher.push(metrics=b"x"), [0], expect={THROTTLED})
    both.compare("early, for another subscription", pusher.push(1), [0], expect={THROTTLED})
    both.compare("early, as the last", pusher.push(terminating=True), [0])
    subscribe(both, "elsewhere", metrics="a", interval_ms=120_000)
    wait_for_interval(both, 120_000)
    changed = {ErrorCode.UNKNOWN_SUBSCRIPTION_ID}
    both.compare("as before the change", pusher.push(metrics=b"x"), [0], expect=changed)
    both.compare("asks what has changed", get(pusher.id), [0])


def test_ids_that_no_client_has(both: Both) -> None:
    invalid = {ErrorCode.INVALID_REQUEST}
    both.compare("zeros", PushTelemetryRequest(metrics=b"x"), [0], expect=invalid)
    both.compare("one", PushTelemetryRequest(client_instance_id=bytes(15) + b"\1", metrics=b"x"), [0], expect=invalid)
    unknown = PushTelemetryRequest(client_instance_id=b"has never asked.", metrics=b"x")
    both.compare("never seen", unknown, [0], expect={ErrorCode.UNKNOWN_SUBSCRIPTION_ID})


def test_instance_goes_with_its_connection(both: Both) -> None:
    subscribe(both, "here", metrics="*", interval_ms=NEVER_MS)
    subscribe(both, "elsewhere", metrics="*", interval_ms=60_000)
    wait_for_interval(both, 60_000)
    mine = both.keep_id(b"has connections.")
    for side in both.sides:
        with WireClient(side.bootstrap) as other:
            assert other.call(get(mine), 0, GetTelemetrySubscriptionsResponse).error_code == 0
            assert other.call(get(mine), 0, GetTelemetrySubscriptionsResponse).error_code == THROTTLED

        def is_forgotten(side: Side = side) -> bool:
            return side.call(get(mine), 0, GetTelemetrySubscriptionsResponse).error_code == 0

        until(is_forgotten)
    both.compare("by another connection, twice", get(mine), [0], expect={THROTTLED})
