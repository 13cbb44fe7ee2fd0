"""Dashboards that are in use find their metrics here."""

from __future__ import annotations

import sys

import pytest

from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from tests.support.group_wire import Wire
from tests.support.metric_samples import Samples
from tests.web.dashboards import DASHBOARDS, EXCUSED
from tests.web.served import scrape, served

ON_LINUX_ONLY = ("process_open_fds", "kafka_server_kafkaserver_linux_disk_")


@pytest.fixture(scope="module")
def samples() -> Samples:
    with served(topics={"orders": 1}) as (cluster, url):
        wire = Wire(cluster)
        with wire.client as client:
            client.call(ApiVersionsRequest(client_software_name="x", client_software_version="1"), 3, ApiVersionsResponse)
            wire.find("app")
            wire.commit(0, group="app")
            return scrape(url)


def is_excused(name: str) -> bool:
    return name.startswith(tuple(EXCUSED)) or (sys.platform != "linux" and name.startswith(ON_LINUX_ONLY))


@pytest.mark.parametrize("dashboard", DASHBOARDS)
def test_a_dashboard_finds_its_metrics(dashboard: str, samples: Samples) -> None:
    assert [name for name in DASHBOARDS[dashboard] if name not in samples and not is_excused(name)] == []


def test_the_excuses_are_needed(samples: Samples) -> None:
    read = {name for names in DASHBOARDS.values() for name in names}
    for beginning in EXCUSED:
        assert any(name.startswith(beginning) for name in read), beginning
        assert not any(name.startswith(beginning) for name in samples), beginning
