"""How many connections a broker takes a second: who comes too early waits, and an address above its quota is sent away late."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from kafka_compat.server import throttled_sockets
from kafka_compat.server.listener import SocketServer
from kafka_compat.testing.cluster import Cluster
from tests.support.quota_requests import Entity, set_quotas
from tests.support.waiting import until
from tests.support.wire_client import WireClient

# At least so many at once: the rate is measured over no less than the second window.
SHORT = {"quota.window.num": "2"}
RATE = "max.connection.creation.rate"
ANY_ADDRESS: Entity = (("ip", None),)


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def served_at_once(cluster: Cluster, count: int, opened: ExitStack) -> float:
    """Seconds until so many new connections have their first answer."""
    began_s = time.monotonic()
    clients = [opened.enter_context(WireClient(cluster.bootstrap)) for _ in range(count)]
    for client in clients:
        client.call(ApiVersionsRequest(), 0, ApiVersionsResponse)
    return time.monotonic() - began_s


def sockets_of(cluster: Cluster) -> SocketServer:
    found = cluster.brokers[0].sockets
    assert found is not None
    return found


@pytest.mark.parametrize("name", [RATE, f"listener.name.plaintext.{RATE}"])
def test_later_connections_are_accepted_late(name: str, opened: ExitStack) -> None:
    with Cluster(configs={**SHORT, name: "20"}) as cluster:
        assert served_at_once(cluster, 15, opened) < 0.5
        # 20 in a second, and each after that a twentieth of a second later.
        assert 0.2 < served_at_once(cluster, 15, opened) < 3.0


def test_the_rate_may_change(opened: ExitStack) -> None:
    with Cluster(configs=SHORT) as cluster:
        assert sockets_of(cluster)._limits is None
        client = opened.enter_context(WireClient(cluster.bootstrap))
        for value in ("1", "2147483647"):
            change = AlterConfigsResource(resource_type=4, configs=[AlterableConfig(name=RATE, value=value)])
            request = IncrementalAlterConfigsRequest(resources=[change])
            answer = client.call(request, 1, IncrementalAlterConfigsResponse)
            assert answer.responses[0].error_code == 0, answer
            assert (sockets_of(cluster)._limits is None) == (value != "1")


def test_an_address_above_its_quota_is_closed_late(opened: ExitStack) -> None:
    with Cluster(configs=SHORT) as cluster:
        admin = opened.enter_context(WireClient(cluster.bootstrap))
        set_quotas(admin, ANY_ADDRESS, connection_creation_rate=2)
        assert served_at_once(cluster, 2, opened) < 0.5
        began_s = time.monotonic()
        late = opened.enter_context(WireClient(cluster.bootstrap))
        late.send(ApiVersionsRequest(), 0)
        assert late.is_closed_by_peer()
        assert time.monotonic() - began_s > 0.2
        set_quotas(admin, ANY_ADDRESS, connection_creation_rate=None)
        assert served_at_once(cluster, 5, opened) < 0.5
        assert sockets_of(cluster)._limits is None


def test_few_of_those_are_kept(opened: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttled_sockets, "_MAX_KEPT", 3)
    with Cluster(configs=SHORT) as cluster:
        admin = opened.enter_context(WireClient(cluster.bootstrap))
        set_quotas(admin, ANY_ADDRESS, connection_creation_rate=1)
        served_at_once(cluster, 1, opened)
        host, port = cluster.bootstrap.split(":")
        for _ in range(20):
            opened.enter_context(socket.create_connection((host, int(port))))
        server = sockets_of(cluster)
        until(lambda: server._taken_places <= 5)
        assert len(server._throttled) <= 3
    assert server._taken_places == 0


def test_a_broker_that_stops_keeps_nobody(opened: ExitStack) -> None:
    with Cluster(configs={"max.connection.creation.rate": "1"}) as cluster:
        host, port = cluster.bootstrap.split(":")
        waiting = [opened.enter_context(socket.create_connection((host, int(port)))) for _ in range(15)]
    for each in waiting:
        each.settimeout(10)
        try:
            assert each.recv(1) == b""
        except ConnectionResetError:
            continue
