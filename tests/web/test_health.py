"""Health: alive as soon as the process answers, ready when clients can use the broker; and what is missing until then."""

from __future__ import annotations

import asyncio

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.listeners import Listener
from kafka_compat.config.settings import SINGLE_NODE_CONFIGS, ServerSettings
from kafka_compat.server.broker import Broker
from kafka_compat.server.cluster_state import ClusterState
from kafka_compat.server.life import BrokerState
from kafka_compat.web.broker_http import BrokerHttp
from kafka_compat.web.health import missing
from tests.support.group_wire import Wire
from tests.support.metric_samples import of, parse
from tests.web.served import get_json, scrape, served


def settings() -> ServerSettings:
    return ServerSettings(
        listeners=(Listener(name="PLAINTEXT", host="127.0.0.1", port=0, advertised_host="", advertised_port=0),),
        data_dir=None,
        node_id=1,
        broker_config=BrokerConfig({**SINGLE_NODE_CONFIGS, "node.id": "1"}),
    )


async def ask(port: int, path: str) -> tuple[int, str]:
    """Status and body, on the loop of the broker."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return int(head.split()[1]), body.decode()


async def test_a_broker_is_alive_while_it_recovers_and_ready_behind() -> None:
    broker = Broker(settings())
    http = BrokerHttp(broker)
    _, port = await http.start("127.0.0.1", 0)
    try:
        assert missing(broker) == ["the broker does not run"]
        recovering, go_on = asyncio.Event(), asyncio.Event()
        open_logs = ClusterState._open_logs

        async def slowly(self: ClusterState, recovery: object) -> None:
            broker.recovery.begin(self.logs, 7)
            recovering.set()
            await go_on.wait()
            broker.recovery.wanted = 0

        ClusterState._open_logs = slowly  # type: ignore[method-assign]
        try:
            start = asyncio.ensure_future(broker.start())
            await recovering.wait()
            assert (await ask(port, "/health/live"))[0] == 200
            status, body = await ask(port, "/health/ready")
            assert status == 503
            assert "recovery: 0 of 7 logs are open" in body
            status, text = await ask(port, "/metrics")
            assert status == 200
            assert of(parse(_unchunked(text)), "kafka_server_kafkaserver_brokerstate") == BrokerState.RECOVERY
            go_on.set()
            await start
        finally:
            ClusterState._open_logs = open_logs  # type: ignore[method-assign]
        status, body = await ask(port, "/health/ready")
        assert (status, '"missing":[]' in body) == (200, True)
    finally:
        await broker.stop()
        assert (await ask(port, "/health/live"))[0] == 200
        assert (await ask(port, "/health/ready"))[0] == 503
        await http.stop()


def _unchunked(text: str) -> str:
    """The body of a chunked answer, whose chunks are lines of our own text."""
    found, rest = [], text
    while rest:
        size, _, rest = rest.partition("\r\n")
        found.append(rest[: int(size, 16)])
        rest = rest[int(size, 16) + 2 :]
    return "".join(found)


def test_a_shard_that_loads_is_missing() -> None:
    with served() as (cluster, url):
        wire = Wire(cluster)
        with wire.client:
            wire.find("app")
        assert get_json(f"{url}/health/ready") == (200, {"ready": True, "state": "RUNNING", "missing": []})

        async def forget() -> None:
            services = cluster.brokers[0].services
            assert services is not None
            services.groups._runtime.unload(3)

        cluster.run(forget())
        status, body = get_json(f"{url}/health/ready")
        assert (status, body["missing"]) == (503, ["the coordinator of groups loads 1 of its shards: 3"])
        assert of(scrape(url), "kafka_compat_coordinator_shards_loading", coordinator="group") == 1
