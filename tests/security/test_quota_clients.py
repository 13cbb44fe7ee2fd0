"""What is kept of clients, and what they wait for."""

from __future__ import annotations

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.security.quota.clients import ClientRates, Clients
from kafka_compat.security.quota.connections import UNLIMITED, ConnectionRates
from kafka_compat.security.quota.limits import AddressLimits, ClientLimits, Quota
from kafka_compat.security.quota.mutations import MutationQuotas
from kafka_compat.security.quota.rates import Window

WINDOW = Window(11, 1_000)
APP = (("client-id", "app"),)
ANY_CLIENT = (("client-id", None),)


def limits(**by_client: float) -> ClientLimits:
    found = ClientLimits()
    for client_id, limit in by_client.items():
        found.set((("client-id", client_id),), limit)
    return found


def test_a_client_above_its_quota_waits() -> None:
    rates = ClientRates(limits(app=1_000), WINDOW)
    assert rates.record("bob", "app", 10_000, 0) == 0
    assert rates.record("bob", "app", 500, 0) == 500
    assert rates.record("bob", "other", 1e9, 0) == 0


def test_all_connections_of_a_client_share_its_quota_and_each_client_has_its_own() -> None:
    of = ClientLimits()
    of.set(ANY_CLIENT, 1_000)
    rates = ClientRates(of, WINDOW)
    assert [rates.record("bob", "app", 10_000, 0), rates.record("eve", "app", 10_000, 0)] == [0, 10_000]
    assert rates.record("bob", "other", 10_000, 0) == 0


def test_a_change_counts_at_once() -> None:
    of = limits(app=1_000)
    rates = ClientRates(of, WINDOW)
    rates.record("bob", "app", 10_000, 0)
    of.set(APP, 500)
    assert rates.record("bob", "app", 0, 0) == 10_000
    of.set(APP, None)
    assert rates.record("bob", "app", 10_000, 0) == 0


def test_what_is_only_counted_is_waited_for_later() -> None:
    rates = ClientRates(limits(app=1_000), WINDOW)
    rates.count("bob", "app", 11_000, 0)
    assert rates.record("bob", "app", 0, 0) == 1_000
    rates.count("bob", "app", -11_000, 0)
    assert rates.record("bob", "app", 0, 0) == 0


def test_the_longest_wait_may_be_bounded() -> None:
    assert ClientRates(limits(app=1), WINDOW, max_throttle_ms=1_000).record("bob", "app", 1e6, 0) == 1_000


def test_what_fits_into_a_window() -> None:
    rates = ClientRates(limits(app=1_000), Window(3, 2_000))
    assert rates.most_in_window("bob", "app") == 4_000
    assert rates.most_in_window("bob", "other") is None


def test_who_has_not_been_seen_for_an_hour_is_forgotten() -> None:
    seen: Clients[int] = Clients()
    for number in range(10):
        seen.add(Quota(1.0, "", f"client-{number}"), number, number)
    seen.find(Quota(1.0, "", "client-3"), 3_600_000)
    seen.add(Quota(1.0, "", "new"), 99, 3_600_100)
    assert len(seen) == 2
    assert seen.find(Quota(1.0, "", "client-3"), 3_600_101) == 3


def test_invented_client_ids_take_bounded_memory() -> None:
    of = ClientLimits()
    of.set(ANY_CLIENT, 1_000)
    seen: Clients[int] = Clients(most=100)
    for number in range(1_000):
        seen.add(Quota(1.0, "", f"{'x' * 30_000}{number}"), number, 0)
        assert seen.find(Quota(1.0, "", f"{'x' * 30_000}{number}"), 0) == number
        seen.find(Quota(1.0, "", f"{'x' * 30_000}0"), 0)
    assert len(seen) == 100
    assert seen.find(Quota(1.0, "", f"{'x' * 30_000}0"), 0) == 0
    assert all(len(name) < 200 for _, name in seen._seen)


class Now:
    ms = 0

    def __call__(self) -> int:
        return self.ms


def test_newer_requests_are_refused_while_tokens_are_owed() -> None:
    now = Now()
    quotas = MutationQuotas(limits(app=2), WINDOW, now)
    assert quotas.of("bob", "other", is_strict=True) is None
    quota = quotas.of("bob", "app", is_strict=True)
    assert quota is not None
    quota.take(30)  # 22 are there
    assert quota.throttle_ms == 0
    with pytest.raises(KafkaError) as refused:
        quota.take(1)
    assert refused.value.error_code == ErrorCode.THROTTLING_QUOTA_EXCEEDED
    assert quota.throttle_ms == 4_000
    now.ms = 1_500
    assert quota.throttle_ms == 2_500
    now.ms = 4_000
    again = quotas.of("eve", "app", is_strict=True)
    assert again is not None
    again.take(5)
    assert again.throttle_ms == 0


def test_older_requests_only_wait() -> None:
    now = Now()
    quota = MutationQuotas(limits(app=2), WINDOW, now).of("bob", "app", is_strict=False)
    assert quota is not None
    quota.take(22)
    assert quota.throttle_ms == 0
    quota.take(4)
    quota.take(4)
    assert quota.throttle_ms == 4_000


def test_connections_are_delayed_by_listener_and_broker() -> None:
    rates = ConnectionRates(AddressLimits(), WINDOW)
    assert [rates.delay_ms("A", 1, UNLIMITED, 0) for _ in range(12)] == [0] * 10 + [1_000, 1_000]
    assert rates.delay_ms("B", 1, UNLIMITED, 0) == 0
    assert rates.delay_ms("B", UNLIMITED, 1, 0) == 1_000
    assert rates.delay_ms("B", UNLIMITED, None, 0) == 0


def test_an_address_is_refused_and_its_refused_connections_do_not_count() -> None:
    of = AddressLimits()
    of.set("10.0.0.1", 1.0)
    rates = ConnectionRates(of, WINDOW)
    for _ in range(10):
        assert rates.delay_ms("A", 2, 2, 0) == 0
        assert rates.refused_ms("A", "10.0.0.1", 0) == 0
    for _ in range(100):
        assert rates.delay_ms("A", 2, 2, 0) == 0
        assert rates.refused_ms("A", "10.0.0.1", 0) == 1_000
    assert rates.refused_ms("A", "10.0.0.2", 0) == 0
    assert rates.refused_ms("A", "10.0.0.1", 12_000) == 0
