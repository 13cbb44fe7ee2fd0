"""Many connections and many partitions; `scripts/soak connections` and `partitions` have the full size."""

from __future__ import annotations

from tests.support import load
from tests.support.processes import ServeProcess, usage_of

CONNECTIONS = 400
PARTITIONS_PER_TOPIC = 50
TOPICS = 20
ANSWER_LIMIT_S = 5  # generous: the machine has other work


def test_idle_connections_cost_little_and_active_ones_are_all_served(broker: ServeProcess) -> None:
    before = usage_of(broker.pid)
    with load.connections(broker.bootstrap, CONNECTIONS) as clients:
        load.exchange(clients, load.api_versions_frame(), each=1)
        assert usage_of(broker.pid).rss_bytes - before.rss_bytes < CONNECTIONS * 50_000
        load.exchange(clients, load.api_versions_frame(), each=5)
        assert load.is_alive(broker.bootstrap) < ANSWER_LIMIT_S
    load.is_alive(broker.bootstrap)


def test_a_thousand_partitions_survive_a_stop_and_a_kill(broker: ServeProcess) -> None:
    created = load.create_many(broker.bootstrap, TOPICS, PARTITIONS_PER_TOPIC, per_request=10)
    load.produce_to(broker.bootstrap, created, TOPICS * PARTITIONS_PER_TOPIC)
    assert broker.stop()[0] == 0
    broker.start()
    load.produce_to(broker.bootstrap, created, 200)
    broker.kill()
    broker.start()
    load.produce_to(broker.bootstrap, created, TOPICS * PARTITIONS_PER_TOPIC)
    # Descriptors are bounded; memory per partition is a few kilobytes.
    assert usage_of(broker.pid).open_files < 1100
    assert usage_of(broker.pid).rss_bytes < 200_000_000
