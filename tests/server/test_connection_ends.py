"""What arrived whole is carried out whatever the end of the connection; `tests/conformance/` plays the same to Apache Kafka."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator

import pytest

from kafka_compat.testing.cluster import Cluster
from tests.support import certificates
from tests.support.brokers import settings_of, start_ours
from tests.support.connection_ends import CASES, Stage, expected
from tests.support.own_broker import OwnBroker
from tests.support.own_broker import settings_of as own_settings
from tests.support.tls_client import client_context

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="waits until the other side's system has what was sent")

CONFIGS = {"group.initial.rebalance.delay.ms": "0"}


# With TLS it is not another answer that is looked for, but whether what lies enciphered in several places is carried out, too.
OVER_TLS = [case for case in CASES if case[2] in ("acks=0", "acks=1")]


@pytest.fixture(scope="module", params=["in a test", "a process that syncs"])
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A broker on asyncio's transports in memory, and one on uvloop's where every append waits for the disk."""
    if request.param == "in a test":
        with Cluster(configs=CONFIGS) as cluster:
            stage = Stage(cluster.bootstrap, "table")
            yield stage
            stage.close()
        return
    configs = {**CONFIGS, "log.flush.interval.messages": "1"}
    with start_ours(tmp_path_factory.mktemp("ends"), *settings_of(configs)) as broker:
        stage = Stage(broker.bootstrap, "table")
        yield stage
        stage.close()
        assert "ERROR" not in broker.log_text()


@pytest.mark.parametrize(("end", "under_way", "behind"), CASES)
def test_what_arrived_whole_is_carried_out(stage: Stage, end: str, under_way: str, behind: str) -> None:
    wanted = expected(end, under_way, behind)
    assert stage.play(end, under_way, behind, wanted.stored) == wanted


@pytest.fixture(scope="module", params=[("asyncio", "TLSv1.3"), ("uvloop", "TLSv1.2"), ("uvloop", "TLSv1.3")], ids="-".join)
def tls_stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A broker whose cases come over TLS."""
    loop, version = request.param
    loop_factory = asyncio.new_event_loop
    if loop == "uvloop":
        loop_factory = pytest.importorskip("uvloop", reason="uvloop is a dependency on CPython only").new_event_loop
    listeners = {"listeners": "PLAINTEXT://127.0.0.1:0,SSL://127.0.0.1:0"}
    configs = {**CONFIGS, **listeners, **certificates.broker_configs(tmp_path_factory.mktemp("tls"))}
    with OwnBroker(own_settings(configs), loop_factory=loop_factory) as broker:
        stage = Stage(broker.bootstrap("PLAINTEXT"), "table", (broker.bootstrap("SSL"), client_context(version=version)))
        yield stage
        stage.close()


@pytest.mark.parametrize(("end", "under_way", "behind"), OVER_TLS)
def test_what_arrived_whole_over_tls_is_carried_out(tls_stage: Stage, end: str, under_way: str, behind: str) -> None:
    wanted = expected(end, under_way, behind)
    assert tls_stage.play(end, under_way, behind, wanted.stored) == wanted
