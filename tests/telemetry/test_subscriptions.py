from __future__ import annotations

import logging

import pytest

from kafka_compat.telemetry.receiver import ATTRIBUTE_CHARACTERS, Client
from kafka_compat.telemetry.subscriptions import (
    Wanted,
    attributes_of,
    subscription_id,
    subscription_of,
    wanted_by,
)

CLIENT = Client("AAAA", "orders-1", "apache-kafka-java", "4.3.1", "10.0.0.7", 4711, "User:ANONYMOUS")


def matches(match: str, client: Client = CLIENT) -> bool:
    return subscription_of("s", {"match": match}).matches(attributes_of(client))


@pytest.mark.parametrize(
    "match",
    [
        "",
        "client_id=orders-[0-9]",
        "client_id=orders.*,client_software_name=.*java",
        "client_software_version=4\\..*",
        "client_source_address=10\\.0\\..*",
        "client_source_port=4711",
        "client_instance_id=A+",
        "client_id=payments,client_id=orders.*",
    ],
)
def test_matches(match: str) -> None:
    assert matches(match)


@pytest.mark.parametrize(
    "match",
    [
        "client_id=orders",  # the whole of it
        "client_id=orders.*,client_source_port=1",
        "client_id=(?!x).*",  # none of RE2
    ],
)
def test_does_not_match(match: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert not matches(match)


def test_client_without_an_id_matches_no_pattern_for_it() -> None:
    assert not matches("client_id=.*", CLIENT._replace(client_id=None))


def test_longer_ids_than_are_kept_match_nothing() -> None:
    assert matches("client_id=x*", CLIENT._replace(client_id="x" * ATTRIBUTE_CHARACTERS))
    assert not matches("client_id=x*", CLIENT._replace(client_id="x" * (ATTRIBUTE_CHARACTERS + 1)))


def test_pattern_that_java_would_try_for_ever_takes_no_time() -> None:
    assert not matches("client_id=(a+)+b", CLIENT._replace(client_id="a" * 300))


def test_union_of_subscriptions_and_the_shortest_interval() -> None:
    one = subscription_of("one", {"metrics": "a,b", "interval.ms": "1000"})
    two = subscription_of("two", {"metrics": "b,c", "interval.ms": "2000"})
    assert wanted_by([one, two]) == Wanted(("a", "b", "c"), 1000)
    assert wanted_by([one, subscription_of("all", {"metrics": "x,*"})]) == Wanted(("*",), 1000)
    assert wanted_by([]) == Wanted((), 300_000)


def test_id_is_the_references() -> None:
    """Of 4.3.1: as `tests/conformance/test_telemetry.py` asked for it, with four prefixes in the order of Java's hashes."""
    instance_id = bytes.fromhex("c6e9d4ac25b646679779c321d4cc797b")
    assert subscription_id(Wanted(("a", "b", "org.apache.kafka", "c.d"), 100), instance_id) == -903634350
    assert subscription_id(Wanted((), 300_000), instance_id) == 1949135695
