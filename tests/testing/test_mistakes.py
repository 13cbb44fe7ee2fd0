"""What a user gets wrong at first, and the sentence that says what would be right."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kafka_compat.testing import Kafka
from kafka_compat.testing.actions import disconnect


@pytest.fixture(scope="module")
def kafka() -> Iterator[Kafka]:
    with warnings.catch_warnings(), Kafka(topics={"orders": 2}) as kafka:
        warnings.simplefilter("error")  # a coroutine that was made and not awaited
        yield kafka


Mistake = Callable[[Any], object]
MISTAKES: list[tuple[Mistake, type[Exception], str]] = [
    (lambda kafka: kafka.topics["order"], KeyError, "there is no topic 'order', only 'orders'"),
    (lambda kafka: kafka.groups["app"], KeyError, "there is no group 'app', nor any other"),
    (lambda kafka: kafka.transactions["app"], KeyError, "there is no transactional id 'app', nor any other"),
    (lambda kafka: kafka.brokers[2], KeyError, "there is no broker 2, only 1"),
    (lambda kafka: kafka.brokers["1"], KeyError, "there is no broker '1', only 1"),
    (lambda kafka: kafka.topology.leader("order"), ValueError, "there is no topic 'order', only 'orders'"),
    (lambda kafka: kafka.produce(b"orders", "x"), TypeError, "topic is a str, not b'orders'"),
    (lambda kafka: kafka.produce("orders", "x", partition="0"), TypeError, "partition is a whole number from 0, not '0'"),
    (
        lambda kafka: kafka.produce("orders", "x", timestamp_ms="now"),
        TypeError,
        "a whole number from -1, not 'now'",
    ),
    (lambda kafka: kafka.records(b"orders"), TypeError, "topic is a str, not b'orders'"),
    (lambda kafka: kafka.records("orders", partition="0"), TypeError, "partition is a whole number from 0, not '0'"),
    (lambda kafka: kafka.batches(b"orders"), TypeError, "topic is a str, not b'orders'"),
    (lambda kafka: kafka.create_topic(b"orders"), TypeError, "name is a str, not b'orders'"),
    (lambda kafka: kafka.create_topic("new", "3"), TypeError, "partitions is a whole number, not '3'"),
    (lambda kafka: kafka.delete_topic(b"orders"), TypeError, "name is a str, not b'orders'"),
    (lambda kafka: kafka.wait_for_records(b"orders"), TypeError, "topic is a str, not b'orders'"),
    (
        lambda kafka: kafka.wait_for_records("orders", timeout_s="5"),
        TypeError,
        "a number of seconds above 0, not '5'",
    ),
    (lambda kafka: kafka.wait_for_assignment(b"app"), TypeError, "group is a str, not b'app'"),
    (
        lambda kafka: kafka.wait_for_assignment("app", timeout_s="5"),
        TypeError,
        "a number of seconds above 0, not '5'",
    ),
    (lambda kafka: kafka.wait_until_consumed(b"app"), TypeError, "group is a str, not b'app'"),
    (lambda kafka: kafka.wait_until_consumed("app", topic=b"x"), TypeError, "topic is a str, not b'x'"),
    (
        lambda kafka: kafka.wait_until_consumed("app", timeout_s=0),
        ValueError,
        "a number of seconds above 0, not 0",
    ),
    (lambda kafka: kafka.assert_produces(b"orders").__enter__(), TypeError, "topic is a str, not b'orders'"),
    (lambda kafka: kafka.wait_for([]), TypeError, "predicate is a function without arguments, not []"),
    (lambda kafka: kafka.wait_for(lambda: 0, timeout_s="5"), TypeError, "a number of seconds above 0, not '5'"),
    (
        lambda kafka: kafka.requests.wait_for("Produce", timeout_s="5"),
        TypeError,
        "a number of seconds above 0, not '5'",
    ),
    (lambda kafka: kafka.requests.wait_for("Produce", count="5"), TypeError, "count is a whole number from 1, not '5'"),
    (lambda kafka: kafka.leaks(grace_s="1"), TypeError, "grace_s is a number of seconds from 0, not '1'"),
    (lambda kafka: kafka.fail("Produce", "NONE", times=0), ValueError, "times is a whole number from 1, not 0"),
    (lambda kafka: kafka.fail("Produce", disconnect), TypeError, "not the function disconnect"),
    (lambda kafka: kafka.restore(None), TypeError, "restore takes what snapshot() gave"),
    (lambda kafka: kafka.start(), RuntimeError, "a cluster is started once, and this one runs"),
    (lambda kafka: pickle.dumps(kafka), TypeError, "a Kafka stays in its process: others need its bootstrap_servers only"),
]


@pytest.mark.parametrize(("mistake", "error", "words"), MISTAKES)
def test_a_mistake_is_said_in_a_sentence(kafka: Kafka, mistake: Mistake, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        mistake(kafka)
    assert words in str(caught.value)


def test_what_is_not_there_yet_is_waited_for(kafka: Kafka) -> None:
    """`wait_for(lambda: kafka.groups["app"].members)` is what everybody writes."""
    with pytest.raises(TimeoutError) as caught:
        kafka.wait_for(lambda: kafka.groups["app"].members, timeout_s=0.05)
    assert str(caught.value).endswith("to be true: there is no group 'app', nor any other")


async def test_so_it_is_in_an_event_loop(kafka: Kafka) -> None:
    async def predicate() -> bool:
        return len((await kafka.aio.topics())["order"].partitions) > 0

    with pytest.raises(TimeoutError) as caught:
        await kafka.aio.wait_for(predicate, timeout_s=0.05)
    assert str(caught.value).endswith("to be true: there is no topic 'order', only 'orders'")


def test_an_error_of_a_predicate_is_raised(kafka: Kafka) -> None:
    with pytest.raises(KeyError, match="'own'"):
        kafka.wait_for(lambda: {"other": 1}["own"], timeout_s=5)


def test_verbs_in_a_function_that_the_brokers_call(kafka: Kafka) -> None:
    kafka.produce("orders", "x")
    with pytest.raises(RuntimeError, match=r"functions that the brokers call, such as .*, cannot use verbs of Kafka"):
        kafka.wait_for_records("orders", where=lambda _: kafka.records("orders"))


def test_a_cluster_that_was_stopped_is_not_started_again() -> None:
    kafka = Kafka()
    with kafka:
        pass
    with pytest.raises(RuntimeError, match="a cluster is started once, and this one was stopped: make another one"):
        kafka.start()
