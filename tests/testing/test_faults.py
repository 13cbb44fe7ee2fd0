"""Requests that go wrong on purpose, as a client sees them and as the test does."""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.api_versions import ApiVersionsRequest, ApiVersionsResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.protocol.messages.produce import ProduceResponse
from kafka_compat.testing import Kafka
from kafka_compat.testing.actions import answer, change, delay, disconnect, hold, observe, swallow, throttle
from kafka_compat.testing.faults import Fault
from kafka_compat.testing.request import Request
from tests.support.wire_client import ConnectionClosed, WireClient
from tests.testing.one_topic import produce, produce_request, values

LONG_S = 60.0


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    with Kafka(topics={"t": 1}) as running:
        yield running


@pytest.fixture
def client(kafka: Kafka) -> Iterator[WireClient]:
    with WireClient(kafka.bootstrap_servers) as connected:
        yield connected


def in_thread(work: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """Start `work` in a thread; the list gets what it returns or raises."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(work())
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def tasks(kafka: Kafka) -> int:
    """How many requests are under way."""

    def count() -> int:
        services = kafka.cluster.brokers[0].services
        assert services is not None
        return len(services.tasks._tasks)

    return kafka.cluster.call(count)


def metadata(client: WireClient) -> MetadataResponse:
    return client.call(MetadataRequest(topics=None, allow_auto_topic_creation=False), 9, MetadataResponse)


# --- actions


def test_an_error_is_answered_once_and_nothing_is_done(kafka: Kafka, client: WireClient) -> None:
    fault = kafka.fail("Produce", "NOT_ENOUGH_REPLICAS")
    assert fault.hits == 0
    assert produce(client, b"refused") == ErrorCode.NOT_ENOUGH_REPLICAS
    assert produce(client, b"kept") == ErrorCode.NONE
    assert values(client) == [b"kept"]
    assert fault.hits == 1


def test_an_error_may_be_given_by_its_code(kafka: Kafka, client: WireClient) -> None:
    kafka.fail("Produce", ErrorCode.MESSAGE_TOO_LARGE)
    kafka.fail("Produce", 19)
    assert produce(client, b"x") == ErrorCode.MESSAGE_TOO_LARGE
    assert produce(client, b"x") == ErrorCode.NOT_ENOUGH_REPLICAS


@pytest.mark.parametrize(("after_work", "expected"), [(False, []), (True, [b"sent"])])
def test_a_disconnect_before_or_after_the_work(kafka: Kafka, after_work: bool, expected: list[bytes]) -> None:
    kafka.fail("Produce", disconnect(after_work=after_work))
    with WireClient(kafka.bootstrap_servers) as client, pytest.raises(ConnectionClosed):
        produce(client, b"sent")
    with WireClient(kafka.bootstrap_servers) as client:
        assert values(client) == expected


def test_a_delayed_request_keeps_its_bytes_while_others_arrive(kafka: Kafka, client: WireClient) -> None:
    """Frames lie in a buffer that all connections share, so one that is held back has to be a copy."""
    kafka.fail("Produce", delay(0.2))
    thread, codes = in_thread(lambda: produce(client, b"slow" * 100))
    with WireClient(kafka.bootstrap_servers) as fast:
        while thread.is_alive():
            metadata(fast)
    thread.join()
    assert codes == [ErrorCode.NONE]
    assert values(client) == [b"slow" * 100]


def test_a_held_request_is_carried_out_when_it_is_released(kafka: Kafka, client: WireClient) -> None:
    fault = kafka.fail("Produce", hold())
    thread, codes = in_thread(lambda: produce(client, b"held"))
    fault.wait()
    with WireClient(kafka.bootstrap_servers) as other:
        assert values(other) == []
        assert produce(other, b"first") == ErrorCode.NONE
    fault.release()
    thread.join()
    assert codes == [ErrorCode.NONE]
    assert values(client) == [b"first", b"held"]


def test_what_follows_a_delay_may_be_an_error(kafka: Kafka, client: WireClient) -> None:
    kafka.fail("Produce", delay(0.05, then="REQUEST_TIMED_OUT"))
    began = time.monotonic()
    assert produce(client, b"x") == ErrorCode.REQUEST_TIMED_OUT
    assert time.monotonic() - began > 0.04
    assert values(client) == []


def test_a_delay_that_passes_on_stands_beside_other_faults(kafka: Kafka, client: WireClient) -> None:
    slow = kafka.fail("Produce", delay(0.05, passes_on=True), times=None)
    kafka.fail("Produce", "NOT_ENOUGH_REPLICAS", on_call=2)
    seen = kafka.fail("Produce", observe(), times=None)
    began = time.monotonic()
    assert answers(client, 3) == [0, ErrorCode.NOT_ENOUGH_REPLICAS, 0]
    assert time.monotonic() - began > 0.14
    assert (slow.hits, seen.hits) == (3, 2)
    slow.remove()
    assert answers(client, 1) == [0]
    assert seen.hits == 3


@pytest.mark.parametrize("action", [delay(LONG_S), hold(), swallow()])
@pytest.mark.parametrize("take_out", ["remove", "clear"])
def test_what_a_fault_held_goes_on_when_it_is_taken_out(kafka: Kafka, client: WireClient, action: Any, take_out: str) -> None:
    fault = kafka.fail("Produce", action, times=None)
    thread, outcome = in_thread(lambda: produce(client, b"x"))
    fault.wait()
    if take_out == "remove":
        fault.remove()
    else:
        kafka.faults.clear()
    thread.join(5)
    if repr(action) == "swallow":
        assert isinstance(outcome[0], ConnectionClosed)
    else:
        assert outcome == [ErrorCode.NONE]
    assert list(kafka.faults) == []
    assert tasks(kafka) == 0


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("action", [delay(LONG_S), hold(), swallow()])
def test_a_request_that_waits_ends_with_its_client(kafka: Kafka, action: Any, how: str) -> None:
    fault = kafka.fail("Produce", action)
    with WireClient(kafka.bootstrap_servers) as client:
        client.send(produce_request(b"dropped"), 9)
        fault.wait()
        assert tasks(kafka) == 1
        if how == "reset":
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.socket.close()
    until(lambda: tasks(kafka) == 0)
    with WireClient(kafka.bootstrap_servers) as client:
        assert values(client) == []


@pytest.mark.parametrize("action", [delay(LONG_S), hold(), swallow()])
def test_a_request_does_not_wait_for_a_client_that_has_ended_already(kafka: Kafka, action: Any) -> None:
    fault = kafka.fail("Produce", action)
    with WireClient(kafka.bootstrap_servers) as client:
        client.send(produce_request(b"dropped"), 9)
        client.socket.shutdown(socket.SHUT_WR)
        fault.wait()
        assert client.is_closed_by_peer()
    until(lambda: tasks(kafka) == 0)
    with WireClient(kafka.bootstrap_servers) as client:
        assert values(client) == []


def test_wide_requests_that_are_held_do_not_stand_in_the_way_of_others(kafka: Kafka) -> None:
    """A few wide requests are under way at a time: not those that wait for a fault."""
    topics = [MetadataRequestTopic(name=f"unknown-{number}") for number in range(3000)]
    wide = MetadataRequest(topics=topics, allow_auto_topic_creation=False)
    fault = kafka.fail("Metadata", hold(), times=4)
    clients = [WireClient(kafka.bootstrap_servers) for _ in range(5)]
    for client in clients[:4]:
        client.send(wide, 9)
    fault.wait(hits=4)
    assert len(clients[4].call(wide, 9, MetadataResponse).topics) == 3000
    fault.release()
    for client in clients[:4]:
        assert len(client.receive(wide, 9, MetadataResponse).topics) == 3000
    for client in clients:
        client.close()


@pytest.mark.parametrize("action", [delay(0.2, outlives_client=True), hold(outlives_client=True)])
def test_a_request_may_be_carried_out_when_its_client_has_gone(kafka: Kafka, action: Any) -> None:
    """As by a broker that is stuck: what a producer gave up arrives late."""
    fault = kafka.fail("Produce", action)
    with WireClient(kafka.bootstrap_servers) as client:
        client.send(produce_request(b"late"), 9)
        fault.wait()
    with WireClient(kafka.bootstrap_servers) as client:
        assert values(client) == []
        if repr(action) == "hold":
            fault.release()
        until(lambda: values(client) == [b"late"])


@pytest.mark.parametrize("action", [delay(LONG_S), hold(), swallow(), hold(outlives_client=True)])
def test_a_cluster_ends_at_once_while_a_fault_holds_a_request(action: Any) -> None:
    """Review C12: handlers do not outlive their broker."""
    with Kafka() as kafka:
        fault = kafka.fail("Metadata", action)
        with WireClient(kafka.bootstrap_servers) as client:
            client.send(MetadataRequest(topics=[]), 9)
            fault.wait()
            began_s = time.monotonic()
            kafka.stop()
            assert time.monotonic() - began_s < 1.5
            with pytest.raises((ConnectionClosed, ConnectionError)):
                client.receive(MetadataRequest(topics=[]), 9, MetadataResponse)
        assert [one.hits for one in kafka.faults] == [1]
        fault.release()
        fault.remove()
        assert list(kafka.faults) == []


def test_a_swallowed_request_is_never_answered_nor_what_is_behind_it(kafka: Kafka, client: WireClient) -> None:
    kafka.fail("Produce", swallow(after_work=True))
    client.send(produce_request(b"unanswered"), 9)
    client.send(produce_request(b"behind"), 9)
    client.socket.settimeout(0.1)
    with pytest.raises(TimeoutError):
        client.receive_frame()
    with WireClient(kafka.bootstrap_servers) as other:
        assert values(other) == [b"unanswered"]


def test_an_answer_by_hand_is_a_response_or_its_json_or_made_by_a_function(kafka: Kafka, client: WireClient) -> None:
    kafka.fail("ApiVersions", answer(ApiVersionsResponse(throttle_time_ms=1)))
    kafka.fail("ApiVersions", answer({"throttleTimeMs": 2}))
    kafka.fail("ApiVersions", answer(lambda asked: {"throttleTimeMs": asked.version}))
    for expected in (1, 2, 3):
        response = client.call(ApiVersionsRequest(), 3, ApiVersionsResponse)
        assert response.throttle_time_ms == expected
        assert response.api_keys == []


def test_an_answer_is_changed_by_a_function(kafka: Kafka, client: WireClient) -> None:
    """It may change what it is given: equal parts of the broker's answer are one object, of which it has copies."""

    def without_leader(request: Request, response: Any) -> Any:
        response.topics[0].partitions[0].leader_id = request.broker + 41
        return response

    fault = kafka.fail("Metadata", change(without_leader))
    assert [topic.partitions[0].leader_id for topic in metadata(client).topics] == [42]
    assert [topic.partitions[0].leader_id for topic in metadata(client).topics] == [1]
    assert fault.hits == 1
    kafka.fail("Metadata", change(lambda request, response: None))
    client.send(MetadataRequest(topics=[]), 9)
    assert produce(client, b"x") == ErrorCode.NONE, "no answer to the first"


def test_a_throttled_client_is_told_and_waits(kafka: Kafka, client: WireClient) -> None:
    kafka.fail("Produce", throttle(200))
    began = time.monotonic()
    assert client.call(produce_request(b"x"), 9, ProduceResponse).throttle_time_ms == 200
    assert time.monotonic() - began < 0.15
    assert client.call(produce_request(b"y"), 9, ProduceResponse).throttle_time_ms == 0
    assert time.monotonic() - began > 0.19
    assert values(client) == [b"x", b"y"]


def test_one_that_observes_leaves_the_request_to_the_next(kafka: Kafka, client: WireClient) -> None:
    seen = kafka.fail("Produce", observe(), times=None)
    kafka.fail("Produce", "NOT_ENOUGH_REPLICAS")
    assert produce(client, b"x") == ErrorCode.NOT_ENOUGH_REPLICAS
    assert produce(client, b"y") == ErrorCode.NONE
    assert seen.hits == 2


# --- which requests, and when


def answers(client: WireClient, count: int) -> list[int]:
    return [produce(client, b"x") for _ in range(count)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({}, [19, 0, 0, 0]),
        ({"times": 2}, [19, 19, 0, 0]),
        ({"times": None}, [19, 19, 19, 19]),
        ({"on_call": 3}, [0, 0, 19, 0]),
        ({"on_call": 2, "times": 2}, [0, 19, 19, 0]),
        ({"on_call": 3, "times": None}, [0, 0, 19, 19]),
        ({"probability": 0.0}, [0, 0, 0, 0]),
        ({"probability": 1.0}, [19, 0, 0, 0]),
    ],
)
def test_how_often_it_fires(kafka: Kafka, client: WireClient, words: dict[str, Any], expected: list[int]) -> None:
    fault = kafka.fail("Produce", "NOT_ENOUGH_REPLICAS", **words)
    assert answers(client, 4) == expected
    assert fault.hits == expected.count(19)


def test_a_seed_repeats_what_chance_chose(kafka: Kafka, client: WireClient) -> None:
    runs = []
    for _ in range(2):
        fault = kafka.fail("Produce", "NOT_ENOUGH_REPLICAS", times=None, probability=0.5, seed=7)
        runs.append(answers(client, 20))
        fault.remove()
    assert runs[0] == runs[1]
    assert 0 < runs[0].count(19) < 20


@pytest.mark.parametrize(
    ("words", "hits"),
    [
        ({"topic": "t"}, 1),
        ({"topic": "u"}, 0),
        ({"topic": "t", "partition": 0}, 1),
        ({"partition": 1}, 0),
        ({"partition": [0, 1]}, 1),
        ({"partition": range(1, 3)}, 0),
        ({"broker": (1, 2)}, 1),
        ({"broker": {2, 3}}, 0),
        ({"broker": 1}, 1),
        ({"broker": 2}, 0),
        ({"client_id": "wire-client"}, 1),
        ({"client_id": "wire"}, 0),
        ({"group": "g"}, 0),
        ({"transactional_id": "x"}, 0),
        ({"when": lambda asked: asked.body.acks == -1}, 1),
        ({"when": lambda asked: asked.body.acks == 1}, 0),
    ],
)
def test_which_requests_it_is_about(kafka: Kafka, client: WireClient, words: dict[str, Any], hits: int) -> None:
    fault = kafka.fail("Produce", "NOT_ENOUGH_REPLICAS", **words)
    assert produce(client, b"x") == (ErrorCode.NOT_ENOUGH_REPLICAS if hits else ErrorCode.NONE)
    assert fault.hits == hits


def test_several_apis_or_all(kafka: Kafka, client: WireClient) -> None:
    some = kafka.fail(["Produce", "Metadata"], observe(), times=None)
    every = kafka.fail("*", observe(), times=None)
    produce(client, b"x")
    metadata(client)
    values(client)
    assert [asked.api for asked in some.requests] == ["Produce", "Metadata"]
    assert [asked.api for asked in every.requests] == ["Produce", "Metadata", "Fetch"]
    assert repr(some.requests[0]) == "<Produce v9 (t-0) from wire-client to broker 1: under way>"


def test_a_request_that_was_hit_is_kept_as_it_came(kafka: Kafka, client: WireClient) -> None:
    """Frames lie in a buffer that all connections share; of records the first kibibyte is kept."""
    fault = kafka.fail("Produce", observe(), times=None)
    produce(client, b"first")
    produce(client, b"other")
    produce(client, b"x" * 10_000)
    bodies: list[Any] = [request.body for request in fault.requests]
    records = [body.topic_data[0].partition_data[0].records for body in bodies]
    assert [len(batch) for batch in records[:2]] == [73, 73]
    assert b"first" in records[0]
    assert b"other" in records[1]
    assert len(records[2]) == 1024


def test_requests_know_what_was_done_to_them(kafka: Kafka, client: WireClient) -> None:
    log = kafka.requests
    kafka.fail("Produce", delay(0.01, then="NOT_ENOUGH_REPLICAS"))
    produce(client, b"x")
    assert [(request.fault, request.errors) for request in log] == [
        ("delay(0.01) then NOT_ENOUGH_REPLICAS", ("NOT_ENOUGH_REPLICAS",))
    ]


def test_a_reset_takes_all_faults_out(kafka: Kafka) -> None:
    holding = kafka.fail("Produce", hold(outlives_client=True), times=None)
    kafka.fail("Metadata", observe())
    with WireClient(kafka.bootstrap_servers) as client:
        client.send(produce_request(b"x"), 9)
        holding.wait()
        kafka.reset()
    assert list(kafka.faults) == []
    with WireClient(kafka.bootstrap_servers) as client:
        assert produce(client, b"y") == ErrorCode.NONE
        kafka.fail("Produce", "NOT_ENOUGH_REPLICAS")
        assert produce(client, b"z") == ErrorCode.NOT_ENOUGH_REPLICAS
        assert values(client) == [b"y"]


def test_the_first_that_matches_has_the_request(kafka: Kafka, client: WireClient) -> None:
    kafka.fail("Produce", "NOT_ENOUGH_REPLICAS", topic="u")
    kafka.fail("Produce", "MESSAGE_TOO_LARGE")
    kafka.fail("Produce", "REQUEST_TIMED_OUT")
    assert answers(client, 3) == [ErrorCode.MESSAGE_TOO_LARGE, ErrorCode.REQUEST_TIMED_OUT, ErrorCode.NONE]


def test_every_broker_has_the_fault() -> None:
    with Kafka(brokers=3) as kafka:
        fault = kafka.fail("Metadata", observe(), times=None)
        only = kafka.fail("Metadata", observe(), times=None, broker=2)
        for address in kafka.bootstrap_servers.split(","):
            with WireClient(address) as client:
                metadata(client)
        assert [asked.broker for asked in fault.requests] == [1, 2, 3]
        assert [asked.broker for asked in only.requests] == [2]


# --- what the test knows of it


def test_a_wait_for_hits_ends_with_them(kafka: Kafka, client: WireClient) -> None:
    fault = kafka.fail("Produce", observe(), times=None)
    thread, _ = in_thread(lambda: answers(client, 3))
    assert len(fault.wait(hits=3)) == 3
    thread.join()


async def test_a_wait_for_who_has_a_loop(kafka: Kafka) -> None:
    fault = kafka.fail("Produce", observe(), times=None)
    with pytest.raises(TimeoutError, match="no request of Produce came"):
        await fault.wait_async(0.01)
    with WireClient(kafka.bootstrap_servers) as client:
        thread, _ = in_thread(lambda: answers(client, 3))
        assert len(await fault.wait_async(hits=3)) == 3
        thread.join()
        assert len(await fault.wait_async(hits=2)) == 3


def test_a_wait_that_fails_says_what_came(kafka: Kafka, client: WireClient) -> None:
    fault = kafka.fail("Produce", "NOT_ENOUGH_REPLICAS", topic="u")
    with pytest.raises(TimeoutError, match="no request of Produce came"):
        fault.wait(0.01)
    answers(client, 2)
    text = "<fault Produce, NOT_ENOUGH_REPLICAS, topic='u': 0 hits> after 0.01 s, not 1: 2 came that did not fit what it names"
    with pytest.raises(TimeoutError, match=re.escape(text)):
        fault.wait(0.01)


def test_faults_that_have_not_fired(kafka: Kafka, client: WireClient) -> None:
    fired = kafka.fail("Produce", observe())
    unfired = kafka.fail("Fetch", observe())
    kafka.fail("Fetch", observe(), must_fire=False)
    produce(client, b"x")
    assert kafka.faults.unfired() == [unfired]
    assert next(iter(kafka.faults)) is fired
    assert len(kafka.faults) == 3


def test_requests_take_their_own_way_when_no_fault_may_fire(kafka: Kafka, client: WireClient) -> None:

    def is_intercepted() -> bool:
        services = kafka.cluster.brokers[0].services
        assert services is not None
        return services.intercept is not None

    assert not is_intercepted()
    fault = kafka.fail("Produce", observe())
    assert is_intercepted()
    produce(client, b"x")
    assert not is_intercepted()
    assert list(kafka.faults) == [fault]


def test_faults_may_come_and_go_while_requests_are_matched(kafka: Kafka) -> None:
    """From many threads, against clients that never stop."""
    is_over = threading.Event()

    def ask() -> None:
        with WireClient(kafka.bootstrap_servers) as client:
            while not is_over.is_set():
                metadata(client)

    def change() -> None:
        for _ in range(50):
            fault = kafka.fail("Metadata", observe(), times=None)
            assert fault in list(kafka.faults)
            kafka.faults.unfired()
            fault.remove()

    asking = [in_thread(ask) for _ in range(2)]
    changing = [in_thread(change) for _ in range(3)]
    for thread, outcome in changing:
        thread.join()
        assert outcome == [None]
    is_over.set()
    for thread, outcome in asking:
        thread.join()
        assert outcome == [None]
    assert len(kafka.faults) == 0


# --- what is refused


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("Produced", "NONE"), ValueError, "there is no API 'Produced' (did you mean 'Produce'?)"),
        (("Vote", "NONE"), ValueError, "Vote is not served here, so no request of it can fail"),
        (([], "NONE"), TypeError, 'api is the name of an API such as "Produce", several of them, or "*" for all, not []'),
        ((0, "NONE"), TypeError, 'api is the name of an API such as "Produce", several of them, or "*" for all, not 0'),
        (("Produce", "NOT_LEADER"), ValueError, "there is no error 'NOT_LEADER' (did you mean 'NOT_LEADER_OR_FOLLOWER'?)"),
        (("Produce", 12345), ValueError, "there is no error with the code 12345"),
        (("Produce", True), TypeError, 'an error is a name such as "NOT_LEADER_OR_FOLLOWER", or its code, not True'),
        (
            ("Produce", hold),
            TypeError,
            "what happens is an error's name, or an action such as delay(0.5), not the function hold",
        ),
    ],
)
def test_what_is_no_fault_is_refused(kafka: Kafka, arguments: tuple[Any, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        kafka.fail(*arguments)
    assert len(kafka.faults) == 0


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        ({"times": 0}, ValueError, "times is a whole number from 1, not 0"),
        ({"times": 1.5}, TypeError, "times is a whole number from 1, not 1.5"),
        ({"on_call": 0}, ValueError, "on_call is a whole number from 1, not 0"),
        ({"probability": 2}, ValueError, "probability is a number from 0 to 1, not 2"),
        ({"probability": "1"}, TypeError, "probability is a number from 0 to 1, not '1'"),
        ({"seed": 1}, ValueError, "seed says how probability draws, and goes with it"),
        ({"topic": 1}, TypeError, "topic is a str, not 1"),
        ({"partition": -1}, ValueError, "partition is a whole number from 0, not -1"),
        ({"broker": "1"}, TypeError, "broker is a whole number from 0, not '1'"),
        ({"partition": []}, ValueError, "partition is a number, or several, not []"),
        ({"partition": "01"}, TypeError, "partition is a whole number from 0, not '01'"),
        ({"when": 1}, TypeError, "when is a function of a request, not 1"),
    ],
)
def test_words_that_make_no_sense_are_refused(
    kafka: Kafka, words: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=re.escape(message)):
        kafka.fail("Produce", "NONE", **words)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: delay(-1), ValueError, "seconds is a number of seconds above 0, not -1"),
        (lambda: delay(1, then="NO"), ValueError, "there is no error 'NO'"),
        (
            lambda: delay(1, then="NONE", passes_on=True),
            ValueError,
            "then says what happens, which passes_on leaves to the next",
        ),
        (lambda: throttle(0), ValueError, "throttle_ms is a whole number from 1, not 0"),
        (lambda: change(5), TypeError, "an answer is changed by a function of the request and the answer, not by 5"),  # type: ignore[arg-type]
        (lambda: answer(5), TypeError, "an answer is a response, a dict in Kafka's JSON form, or a function that makes one"),  # type: ignore[arg-type]
    ],
)
def test_actions_refuse(make: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        make()


def test_a_fault_is_not_waited_for_in_the_brokers_thread(kafka: Kafka) -> None:
    fault = kafka.fail("Produce", observe())

    async def wait() -> None:
        fault.wait()

    with pytest.raises(RuntimeError, match="this is the brokers' own thread, which would wait for itself"):
        kafka.cluster.run(wait())


def test_a_cluster_that_does_not_run_has_no_faults() -> None:
    kafka = Kafka()
    with pytest.raises(RuntimeError, match="the cluster is not running: start it, or use `with`"):
        kafka.fail("Produce", observe())


# --- mistakes of the test itself


def failing(request: Request) -> bool:
    raise KeyError("the test's own mistake")


@pytest.mark.parametrize(
    ("put_in", "error", "message"),
    [
        (lambda kafka: kafka.fail("Metadata", observe(), when=failing), KeyError, "the test's own mistake"),
        (lambda kafka: kafka.fail("Metadata", answer(failing)), KeyError, "the test's own mistake"),
        (
            lambda kafka: kafka.fail("Metadata", answer(lambda asked: 5)),
            TypeError,
            "an answer here is a MetadataResponse, a dict in its JSON form, or None, not 5",
        ),
        (lambda kafka: kafka.fail("Metadata", answer({"no": 1})), ValueError, "MetadataResponse.no: unknown field"),
    ],
)
def test_a_function_that_fails_answers_an_error_and_fails_the_test(
    put_in: Callable[[Kafka], Fault], error: type[Exception], message: str
) -> None:
    kafka = Kafka(topics={"t": 1})
    kafka.start()
    put_in(kafka)
    with WireClient(kafka.bootstrap_servers) as client:
        response = client.call(MetadataRequest(topics=None), 13, MetadataResponse)
        assert response.error_code == ErrorCode.UNKNOWN_SERVER_ERROR
    with pytest.raises(error, match=re.escape(message)):
        kafka.stop()
    with pytest.raises(RuntimeError, match="it was stopped"):
        _ = kafka.bootstrap_servers


def test_what_fails_in_the_test_matters_more_than_its_function() -> None:
    def fail() -> None:
        with Kafka() as kafka:
            kafka.fail("Metadata", observe(), when=failing)
            with WireClient(kafka.bootstrap_servers) as client:
                client.call(MetadataRequest(topics=[]), 9, MetadataResponse)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
