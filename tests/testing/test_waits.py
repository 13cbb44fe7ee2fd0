"""Waits of a test: woken by what happens, and saying what was there instead."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.join_group import JoinGroupResponse
from kafka_compat.testing import Kafka, TopicSpec
from kafka_compat.testing.views import Record
from tests.support.wire_client import WireClient
from tests.testing.group_steps import join_alone, join_request


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    with Kafka(topics={"orders": 2}) as kafka:
        yield kafka


def in_thread(work: Callable[[], Any]) -> Future[Any]:
    """Run `work` in a thread; the future has its outcome."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def waiters(kafka: Kafka) -> int:
    """How many waits are registered."""
    return len(kafka._changes._waiting)


def until_waiting(kafka: Kafka, count: int = 1) -> None:
    """Return when so many waits are registered, which have looked and found nothing."""
    deadline_s = time.monotonic() + 10
    while waiters(kafka) != count:
        assert time.monotonic() < deadline_s
        time.sleep(0.001)


def produce_all(kafka: Kafka, values: list[str]) -> None:
    for value in values:
        kafka.produce("orders", value, partition=0)


def test_a_wait_for_records_is_woken_by_each_of_them(kafka: Kafka) -> None:
    waiting = in_thread(lambda: kafka.wait_for_records("orders", 2))
    until_waiting(kafka)
    one = kafka.produce("orders", "one", partition=1)
    until_waiting(kafka)
    two = kafka.produce("orders", "two", partition=0)
    assert waiting.result(10) == [two, one]
    assert waiters(kafka) == 0


def test_records_that_are_there_are_not_waited_for(kafka: Kafka) -> None:
    produced = [kafka.produce("orders", str(number), partition=0) for number in range(3)]
    assert kafka.wait_for_records("orders", 2) == produced
    assert kafka.wait_for_records("orders", where=lambda record: record.value == b"1") == [produced[1]]


def test_a_topic_that_does_not_exist_yet_is_waited_for(kafka: Kafka) -> None:
    waiting = in_thread(lambda: kafka.wait_for_records("new"))
    until_waiting(kafka)
    assert [kafka.produce("new", "x")] == waiting.result(10)


def test_a_topic_that_is_made_again_is_read_from_its_beginning(kafka: Kafka) -> None:
    for number in range(3):
        kafka.produce("orders", str(number), partition=0)
    waiting = in_thread(lambda: kafka.wait_for_records("orders", 1, where=lambda record: record.value == b"new"))
    until_waiting(kafka)
    kafka.delete_topic("orders")
    until_waiting(kafka)
    new = kafka.produce("orders", "new", partition=0)
    assert waiting.result(10) == [new]


def test_what_came_instead_of_records_is_said(kafka: Kafka) -> None:
    kafka.produce("orders", "a", key="k", partition=0)
    kafka.produce("orders", "x" * 100, partition=1)

    def is_a(record: Record) -> bool:
        return record.value == b"a"

    with pytest.raises(TimeoutError) as info:
        kafka.wait_for_records("orders", 2, where=is_a, timeout_s=0.01)
    assert str(info.value) == (
        "waited 0.01 s for 2 records in orders: 1 record came (orders-0 at 0: b'k'=b'a'); 1 other record of it came, for which "
        f"`where` does not hold (orders-1 at 0: {b'x' * 60!r}... (100 bytes))"
    )
    with pytest.raises(TimeoutError) as info:
        kafka.wait_for_records("order", timeout_s=0.01)
    assert str(info.value) == "waited 0.01 s for 1 record in order: there is no topic order, only orders"
    with pytest.raises(TimeoutError) as info:
        kafka.wait_for_records("orders", 3, timeout_s=0.01)
    assert "2 records came" in str(info.value)
    assert waiters(kafka) == 0


def test_a_group_that_is_not_there_is_named(kafka: Kafka) -> None:
    with pytest.raises(
        TimeoutError, match=r"^waited 0.01 s for the assignment of group app: there is no group app, nor any other"
    ):
        kafka.wait_for_assignment("app", timeout_s=0.01)
    with pytest.raises(TimeoutError, match="there is no group app, nor any other"):
        kafka.wait_until_consumed("app", timeout_s=0.01)


@pytest.mark.parametrize(
    ("wait", "error", "says"),
    [
        (lambda kafka: kafka.wait_for_records("t", 0), ValueError, "count is a whole number from 1"),
        (lambda kafka: kafka.wait_for_records("t", isolation="none"), ValueError, "isolation is one of"),
        (lambda kafka: kafka.wait_for_records("t", timeout_s=0), ValueError, "timeout_s is a number of seconds above 0"),
        (lambda kafka: kafka.wait_for_assignment("g", members=0), ValueError, "members is a whole number from 1"),
        (lambda kafka: kafka.wait_for(lambda: True, timeout_s="5"), TypeError, "timeout_s is a number of seconds"),
    ],
)
def test_arguments_are_checked(kafka: Kafka, wait: Callable[[Kafka], object], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        wait(kafka)


def test_a_predicate_is_called_in_the_callers_thread_when_something_has_happened(kafka: Kafka) -> None:
    threads: list[threading.Thread] = []

    def has_two() -> bool:
        threads.append(threading.current_thread())
        return len(kafka.records("orders")) == 2

    producing = in_thread(lambda: [kafka.produce("orders", str(number)) for number in range(2)])
    kafka.wait_for(has_two)
    producing.result(10)
    assert set(threads) == {threading.current_thread()}


def test_a_predicate_that_never_holds_is_not_called_again_and_again(kafka: Kafka) -> None:
    calls = []

    def never() -> list[int]:
        calls.append(1)
        return []

    with pytest.raises(
        TimeoutError, match=r"waited 0.2 s for .*never \(.*test_waits.py:\d+\) to be true: the last time it gave \[\]"
    ):
        kafka.wait_for(never, timeout_s=0.2)
    assert len(calls) <= 2
    assert waiters(kafka) == 0


def test_what_a_predicate_or_a_match_raises_comes_out(kafka: Kafka) -> None:
    kafka.produce("orders", "x")
    with pytest.raises(ZeroDivisionError):
        kafka.wait_for(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        kafka.wait_for_records("orders", where=lambda record: 1 // 0)
    with pytest.raises(TimeoutError, match=r"^mine$"):
        kafka.wait_for_records("orders", where=_raise_timeout)


def _raise_timeout(record: Record) -> bool:
    raise TimeoutError("mine")


def test_what_a_block_produces_is_counted_exactly(kafka: Kafka) -> None:
    kafka.produce("orders", "before", partition=0)
    with kafka.assert_produces("orders", 2) as records:
        one = kafka.produce("orders", "one", partition=0)
        two = kafka.produce("orders", "two", partition=1)
    assert records == [one, two]
    with kafka.assert_produces("orders", 0) as records:
        pass
    assert records == []


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([], r"waited 0.01 s for 1 record in orders: no records came"),
        (["a", "b"], r"1 record in orders: 2 records came \(orders-0 at 0: b'a', orders-0 at 1: b'b'\)$"),
    ],
)
def test_a_block_that_produces_something_else_fails(kafka: Kafka, values: list[str], says: str) -> None:
    with pytest.raises(AssertionError, match=says), kafka.assert_produces("orders", timeout_s=0.01):
        produce_all(kafka, values)


def test_an_exception_of_the_block_counts_more_than_its_records(kafka: Kafka) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: SIM117
        with kafka.assert_produces("orders", timeout_s=60):
            1 // 0  # noqa: B018
    assert waiters(kafka) == 0


def test_a_topic_that_is_made_in_the_block_counts_from_its_beginning(kafka: Kafka) -> None:
    with kafka.assert_produces("new") as records:
        new = kafka.produce("new", "x")
    assert records == [new]
    with kafka.assert_produces("new") as records:
        kafka.delete_topic("new")
        new = kafka.produce("new", "again")
    assert records == [new]


@pytest.mark.parametrize("end", [Kafka.reset, Kafka.stop])
def test_a_wait_ends_with_the_cluster(end: Callable[[Kafka], None]) -> None:
    with Kafka(topics={"t": 1}) as kafka:
        waiting = in_thread(lambda: kafka.wait_for_records("t", timeout_s=60))
        predicate = in_thread(lambda: kafka.wait_for(lambda: False, timeout_s=60))
        until_waiting(kafka, 2)
        end(kafka)
    with pytest.raises(RuntimeError, match="the cluster was stopped or reset while a test waited for 1 record in t"):
        waiting.result(10)
    with pytest.raises(RuntimeError, match="the cluster"):
        predicate.result(10)


def test_after_a_reset_waits_begin_anew(kafka: Kafka) -> None:
    kafka.produce("orders", "before", partition=0)
    kafka.reset()
    waiting = in_thread(lambda: kafka.wait_for_records("orders"))
    until_waiting(kafka)
    after = kafka.produce("orders", "after")
    assert (after.partition, after.offset) == (0, 0)
    assert waiting.result(10) == [after]


def test_a_wait_goes_on_while_brokers_come_and_go() -> None:
    """Nobody leads the topic for a while, and nobody runs."""
    with Kafka(brokers=2, topics={"t": TopicSpec(replication_factor=1)}) as kafka:
        leader = kafka.topics["t"].partitions[0].leader
        one = kafka.produce("t", "one", partition=0)
        waiting = in_thread(lambda: kafka.wait_for_records("t", 2, timeout_s=30))
        predicate = in_thread(lambda: kafka.wait_for(lambda: kafka.topics["t"].partitions[0].leader == -1))
        until_waiting(kafka, 2)
        kafka.brokers[leader].stop()
        predicate.result(10)
        with pytest.raises(KafkaError, match="nobody leads t-0 at the moment"):
            kafka.produce("t", "x", partition=0)
        kafka.brokers[3 - leader].stop()
        assert kafka.topics["t"].partitions[0].leader == -1
        assert kafka.groups == {}
        until_waiting(kafka)
        kafka.brokers[leader].start()
        two = kafka.produce("t", "two", partition=0)
        assert two.leader_epoch > one.leader_epoch
        assert waiting.result(10) == kafka.records("t") == [one, two]


def test_retention_wakes_without_a_request() -> None:
    with Kafka(configs={"log.retention.check.interval.ms": 100}) as kafka:
        kafka.create_topic("t", configs={"retention.ms": 1_000})
        kafka.produce("t", "old", timestamp_ms=1)
        kafka.wait_for(lambda: kafka.topics["t"].partitions[0].log_start_offset == 1, timeout_s=20)
        assert kafka.records("t") == []


def test_compaction_wakes_without_a_request() -> None:
    with Kafka(configs={"log.cleaner.backoff.ms": 100}) as kafka:
        kafka.create_topic("t", configs={"cleanup.policy": "compact", "segment.ms": 1, "min.cleanable.dirty.ratio": 0})
        for number in range(3):
            kafka.produce("t", str(number), key="k", timestamp_ms=1_000 * number)
        kafka.produce("t", "other", key="o", timestamp_ms=10_000)
        kafka.wait_for(lambda: [record.value for record in kafka.records("t")] == [b"2", b"other"], timeout_s=20)


def test_a_request_that_waits_for_others_wakes() -> None:
    """Nothing is answered and nothing written: the member waits until the group is complete."""
    with Kafka(configs={"group.initial.rebalance.delay.ms": 60_000}) as kafka, WireClient(kafka.bootstrap_servers) as client:
        client.call(FindCoordinatorRequest(key_type=0, coordinator_keys=["app"]), 4, FindCoordinatorResponse)
        request = join_request("app", ["t"])
        request.member_id = client.call(request, 5, JoinGroupResponse).member_id
        waiting = in_thread(lambda: kafka.wait_for(lambda: kafka.groups["app"].members))
        until_waiting(kafka)
        client.send(request, 5)
        waiting.result(10)
        assert kafka.groups["app"].state == "PreparingRebalance"


def test_sessions_that_end_wake_without_a_request() -> None:
    """The clock is moved, a member's session ends, and nobody sends anything."""
    with Kafka(topics={"t": 1}, clock="manual") as kafka, WireClient(kafka.bootstrap_servers) as client:
        joining = in_thread(lambda: join_alone(client, "app", session_timeout_ms=10_000))
        kafka.wait_for(lambda: any(group.members for group in kafka.groups.values()))
        kafka.clock.advance(1)
        joining.result(10)
        assert kafka.groups["app"].state == "Stable"
        waiting = in_thread(lambda: kafka.wait_for(lambda: kafka.groups["app"].state == "Empty", timeout_s=30))
        until_waiting(kafka)
        kafka.clock.advance(11_000)
        waiting.result(10)
        assert "on heartbeat expiration" in kafka.groups["app"].last_rebalance
