"""Which quota counts for whom: the most specific one."""

from __future__ import annotations

import pytest

from kafka_compat.security.quota.limits import AddressLimits, ClientLimits, Quota, QuotaLimits

BOB_APP = (("client-id", "app"), ("user", "bob"))
BOB_ANY = (("client-id", None), ("user", "bob"))
BOB = (("user", "bob"),)
ANY_APP = (("client-id", "app"), ("user", None))
ANY_ANY = (("client-id", None), ("user", None))
ANYBODY = (("user", None),)
APP = (("client-id", "app"),)
ANY_CLIENT = (("client-id", None),)
# From the most specific one on, with whom its quota is shared.
LADDER = (
    (BOB_APP, ("bob", "app")),
    (BOB_ANY, ("bob", "app")),
    (BOB, ("bob", "")),
    (ANY_APP, ("bob", "app")),
    (ANY_ANY, ("bob", "app")),
    (ANYBODY, ("bob", "")),
    (APP, ("", "app")),
    (ANY_CLIENT, ("", "app")),
)


def test_the_most_specific_quota_counts() -> None:
    limits = ClientLimits()
    for limit, (entity, _) in enumerate(LADDER, start=1):
        limits.set(entity, float(limit))
    for limit, (entity, shared) in enumerate(LADDER, start=1):
        assert limits.find("bob", "app") == Quota(float(limit), *shared)
        limits.set(entity, None)
    assert limits.find("bob", "app") is None
    assert not limits


@pytest.mark.parametrize(("entity", "shared"), LADDER)
def test_each_counts_alone(entity: tuple[tuple[str, str | None], ...], shared: tuple[str, str]) -> None:
    limits = ClientLimits()
    limits.set(entity, 5.0)
    assert limits.find("bob", "app") == Quota(5.0, *shared)
    assert (limits.find("eve", "other") is not None) == all(name is None for _, name in entity)


@pytest.mark.parametrize("client_id", [None, ""])
def test_a_client_without_an_id_is_held_to_quotas_of_its_user_only(client_id: str | None) -> None:
    limits = ClientLimits()
    limits.set(ANY_CLIENT, 1.0)
    limits.set(ANY_ANY, 2.0)
    assert limits.find("bob", client_id) is None
    limits.set(ANYBODY, 3.0)
    assert limits.find("bob", client_id) == Quota(3.0, "bob", "")
    limits.set(BOB, 4.0)
    assert limits.find("bob", client_id) == Quota(4.0, "bob", "")


def test_quotas_by_what_they_limit() -> None:
    limits = QuotaLimits()
    limits.set(BOB, {"producer_byte_rate": 1.0, "request_percentage": 2.0})
    assert limits.produce.find("bob", None) == Quota(1.0, "bob", "")
    assert limits.request.find("bob", None) == Quota(2.0, "bob", "")
    assert not limits.fetch
    assert limits.has_clients
    limits.set(BOB, {"controller_mutation_rate": 1.0})
    assert not limits.produce
    limits.set(BOB, {})
    assert not limits.mutation
    assert limits.set((("ip", "10.0.0.1"),), {"connection_creation_rate": 3.0}) is None
    assert limits.addresses.find("10.0.0.1") == 3.0
    assert not limits.has_clients


def test_addresses() -> None:
    limits = AddressLimits()
    assert not limits
    assert limits.set(None, 7.0) is None
    assert limits.set("0:0:0:0:0:0:0:1", 1.0) is None
    assert limits.set("10.0.0.1", 2.0) is None
    assert limits
    assert limits.find("::1") == 1.0
    assert limits.find("fe80::1%eth0") == 7.0
    assert limits.find("::ffff:10.0.0.1") == 2.0
    limits.set("10.0.0.1", None)
    limits.set(None, None)
    assert limits.find("10.0.0.1") is None


def test_a_name_is_looked_up_once() -> None:
    limits = AddressLimits()
    assert limits.set("app.example.org", 3.0) == "app.example.org"
    assert limits.find("10.0.0.9") is None
    limits.resolve("app.example.org", "10.0.0.9")
    assert limits.find("10.0.0.9") == 3.0
    assert limits.set("app.example.org", 4.0) is None
    assert limits.find("10.0.0.9") == 4.0
    limits.set("app.example.org", None)
    assert limits.find("10.0.0.9") is None
    limits.resolve("app.example.org", "10.0.0.9")
    assert limits.find("10.0.0.9") is None
