"""What arrived whole is carried out whatever the end of the connection; `tests/conformance/` plays the same to Apache Kafka."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from kafka_compat.testing.cluster import Cluster
from tests.support.brokers import settings_of, start_ours
from tests.support.connection_ends import CASES, Stage, expected

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="waits until the other side's system has what was sent")

CONFIGS = {"group.initial.rebalance.delay.ms": "0"}


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
