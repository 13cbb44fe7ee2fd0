"""A cluster whose first broker serves metrics and health, and what is read there."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka_compat.testing.cluster import Cluster
from kafka_compat.web.broker_http import BrokerHttp
from tests.support.metric_samples import Samples, parse


@contextmanager
def served(**arguments: Any) -> Iterator[tuple[Cluster, str]]:
    """The cluster, and the URL without a path."""
    with Cluster(**arguments) as cluster:

        async def start() -> BrokerHttp:
            http = BrokerHttp(cluster.brokers[0])
            await http.start("127.0.0.1", 0)
            return http

        http = cluster.run(start())
        try:
            yield cluster, http.url
        finally:
            cluster.run(http.stop())


def get(url: str, *, timeout_s: float = 30) -> tuple[int, str]:
    """Status and body."""
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def get_json(url: str) -> tuple[int, Any]:
    """Status and body."""
    status, body = get(url)
    return status, json.loads(body)


def scrape(url: str) -> Samples:
    """Sample name to labels, sorted, to value."""
    status, text = get(f"{url}/metrics")
    assert status == 200, text
    return parse(text)
