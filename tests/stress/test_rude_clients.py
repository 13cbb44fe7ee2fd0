"""Clients that take no answers, announce what they never send, or send all at once: they cost themselves, not the others."""

from __future__ import annotations

from tests.support import load
from tests.support.processes import ServeProcess, usage_of

ANSWER_LIMIT_S = 5
RESPONSE_BYTES = 20_000_000


def rss_bytes(broker: ServeProcess) -> int:
    return usage_of(broker.pid).rss_bytes


def test_a_client_that_never_reads_costs_one_answer(broker: ServeProcess) -> None:
    load.fill(broker.bootstrap, "t", 25)
    before = rss_bytes(broker)
    with load.connections(broker.bootstrap, 1) as clients:
        sent = load.ask_and_never_read(clients[0], load.fetch_frame("t", 0, 0, RESPONSE_BYTES), wait_s=0.5)
        assert sent > 10
        assert load.is_alive(broker.bootstrap) < ANSWER_LIMIT_S
        # The answer, what its sockets hold, and the backlog of requests.
        assert rss_bytes(broker) - before < 2 * RESPONSE_BYTES


def test_large_frames_that_do_not_come_cost_what_was_sent(broker: ServeProcess) -> None:
    """Each announces 100 MiB: together more than the machine has."""
    before = rss_bytes(broker)
    with load.connections(broker.bootstrap, 400) as clients:
        load.half_frames(clients, sent_bytes=1000)
        assert load.is_alive(broker.bootstrap) < ANSWER_LIMIT_S
        assert rss_bytes(broker) - before < 400 * 50_000
        load.half_frames(clients, sent_bytes=50_000)
        assert load.is_alive(broker.bootstrap) < ANSWER_LIMIT_S
        assert rss_bytes(broker) - before < 400 * 200_000


def test_ten_thousand_requests_in_one_go_are_all_answered(broker: ServeProcess) -> None:
    before = rss_bytes(broker)
    load.pipelined(broker.bootstrap, load.api_versions_frame(), window=10_000, count=10_000)
    assert rss_bytes(broker) - before < 20_000_000
