"""A scrape is collected in slices of the event loop and written down by a thread: other clients are served meanwhile."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from tests.support.brokers import OurBroker
from tests.support.load import create_many
from tests.support.wire_client import WireClient
from tests.web.served import get

TOPICS, PARTITIONS = 10, 500


def test_others_are_served_while_thousands_of_partitions_are_told(tmp_path: Path) -> None:
    """The bounds are for machines that are busy with other things; on an idle one none waits for five milliseconds."""
    broker = OurBroker(tmp_path, "--http", "127.0.0.1:0")
    broker.start()
    with broker, WireClient(broker.bootstrap) as client:
        url = json.loads((tmp_path / "ready.json").read_text())["http"]
        create_many(broker.bootstrap, TOPICS, PARTITIONS, 2)
        texts: list[str] = []
        scrapers = [threading.Thread(target=lambda: texts.append(get(f"{url}/metrics")[1])) for _ in range(2)]
        for scraper in scrapers:
            scraper.start()
        waits_s = []
        while any(scraper.is_alive() for scraper in scrapers):
            began_s = time.perf_counter()
            client.call(ApiVersionsRequest(client_software_name="x", client_software_version="1"), 3, ApiVersionsResponse)
            waits_s.append(time.perf_counter() - began_s)
            time.sleep(0.001)
        broker.stop()
    for text in texts:
        assert text.count("\nkafka_topic_partition_current_offset{") == TOPICS * PARTITIONS
    waits_s.sort()
    assert waits_s[len(waits_s) * 9 // 10] < 0.05
    assert waits_s[-1] < 0.5
