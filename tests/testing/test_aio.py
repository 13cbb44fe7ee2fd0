"""The verbs that wait, as coroutines: the same names and arguments, on whatever loop the test has."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Iterator

import pytest

from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.testing import Kafka
from kafka_compat.testing.aio import AsyncKafka
from kafka_compat.testing.kafka import WAIT_S
from kafka_compat.testing.requests import RequestLog
from tests.support.wire_client import WireClient
from tests.testing.waiting import until_waiting

# Verbs of `Kafka` that neither wait nor look into the cluster, or belong to the start and end of it.
_SYNC_ONLY = {
    "access",
    "aio",
    "bootstrap_servers",
    "brokers",
    "clock",
    "cluster",
    "config",
    "fail",
    "faults",
    "inspection",
    "of",
    "options",
} | {
    "requests",
    "start",
    "stop",
    "topology",
    "waits",
}
# Verbs that wait, of the parts of `Kafka` that AsyncKafka does not have: whose verb each is.
_OF_PARTS = {"wait_for_request": RequestLog.wait_for}


@pytest.fixture
def kafka() -> Iterator[Kafka]:
    with Kafka(topics={"t": 1}) as kafka:
        yield kafka


def public(of: type) -> set[str]:
    return {name for name in vars(of) if not name.startswith("_")}


def test_both_faces_have_the_same_verbs_with_the_same_arguments() -> None:
    assert public(AsyncKafka) == public(Kafka) - _SYNC_ONLY | _OF_PARTS.keys()
    for name in public(AsyncKafka):
        theirs = _OF_PARTS.get(name) or vars(Kafka)[name]
        ours = inspect.signature(vars(AsyncKafka)[name])
        if isinstance(theirs, property):
            assert list(ours.parameters) == ["self"], name
            continue
        expected = inspect.signature(theirs)
        assert list(ours.parameters.values()) == list(expected.parameters.values()), name
        is_context = "assert" in name
        assert is_context or inspect.iscoroutinefunction(vars(AsyncKafka)[name]), name
        assert is_context or ours.return_annotation == expected.return_annotation, name
    assert inspect.signature(AsyncKafka.wait_for).parameters["timeout_s"].default == WAIT_S


async def test_what_one_face_does_the_other_sees(kafka: Kafka) -> None:
    aio = kafka.aio
    await aio.create_topic("new", 2)
    record = await aio.produce("new", "x", key="k", headers={"h": "1"}, partition=1)
    assert await aio.records("new") == kafka.records("new") == [record]
    assert await aio.batches("new", 1) == kafka.batches("new", 1)
    assert await aio.topics() == kafka.topics
    assert not await aio.groups()
    assert not await aio.transactions()
    assert await aio.producers() == []
    await aio.delete_topic("new")
    assert list(await aio.topics()) == ["t"]


async def test_the_callers_loop_goes_on_while_it_waits(kafka: Kafka) -> None:
    waiting = asyncio.ensure_future(kafka.aio.wait_for_records("t"))
    predicate = asyncio.ensure_future(kafka.aio.wait_for(lambda: kafka.records("t")))

    async def has_records() -> bool:
        return bool(await kafka.aio.records("t"))

    coroutine = asyncio.ensure_future(kafka.aio.wait_for(has_records))
    await asyncio.to_thread(until_waiting, kafka, 3)
    record = await kafka.aio.produce("t", "x")
    assert await waiting == [record]
    await predicate
    await coroutine


async def test_who_is_cancelled_leaves_nothing_behind(kafka: Kafka) -> None:
    waiting = asyncio.ensure_future(kafka.aio.wait_for_records("t", timeout_s=60))
    await asyncio.to_thread(until_waiting, kafka)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.to_thread(until_waiting, kafka, 0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await kafka.aio.wait_for_assignment("g", timeout_s=60)


async def test_refusals_and_time_outs_come_out(kafka: Kafka) -> None:
    with pytest.raises(TimeoutError, match="there is no topic u, only t"):
        await kafka.aio.wait_for_records("u", timeout_s=0.01)
    with pytest.raises(TimeoutError, match=r"to be true: the last time it gave \[\]"):
        await kafka.aio.wait_for(list, timeout_s=0.01)
    with pytest.raises(ValueError, match="timeout_s"):
        await kafka.aio.wait_for(lambda: True, timeout_s=-1)


async def test_a_wait_in_vain_names_likely_causes() -> None:
    """What clients have asked for tells why nothing came; whatever was waited for."""
    with Kafka(topics={"orders": 1}, auto_create=False) as kafka:
        with WireClient(kafka.bootstrap_servers) as client:
            client.call(MetadataRequest(topics=[MetadataRequestTopic(name="order")]), 9, MetadataResponse)
        for wait in (
            lambda: kafka.aio.wait_for_records("orders", timeout_s=0.01),
            lambda: kafka.aio.wait_for(lambda: False, timeout_s=0.01),
            lambda: asyncio.to_thread(kafka.wait_for_records, "orders", timeout_s=0.01),
        ):
            with pytest.raises(TimeoutError) as info:
                await wait()
            (note,) = info.value.__notes__
            assert note.startswith("likely: ")
            assert "'order'" in note


async def test_a_block_is_held_to_what_it_produces(kafka: Kafka) -> None:
    async with kafka.aio.assert_produces("t", 2) as records:
        produced = [await kafka.aio.produce("t", str(number)) for number in range(2)]
    assert records == produced
    with pytest.raises(AssertionError, match="no records came"):
        async with kafka.aio.assert_produces("t", timeout_s=0.01):
            pass
    with pytest.raises(ZeroDivisionError):
        async with kafka.aio.assert_produces("t", timeout_s=60):
            1 // 0  # noqa: B018


async def test_a_wait_that_stops_its_own_loop_says_so(kafka: Kafka) -> None:
    with pytest.raises(
        TimeoutError, match=r"the event loop of this thread stood still meanwhile: await the verb of that name of kafka\.aio"
    ):
        kafka.wait_for_records("t", timeout_s=0.01)


def test_a_loop_that_is_not_asyncios_is_refused(kafka: Kafka) -> None:
    coroutine = kafka.aio.records("t")
    with pytest.raises(RuntimeError, match="needs an event loop of asyncio"):
        coroutine.send(None)


def test_many_loops_in_many_threads_share_it(kafka: Kafka) -> None:
    async def produce_some(name: str) -> None:
        for number in range(20):
            await kafka.aio.produce("t", f"{name}-{number}")

    threads = [threading.Thread(target=lambda name=name: asyncio.run(produce_some(name))) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kafka.records("t")) == 60


@pytest.mark.parametrize("kind", ["uvloop", "anyio"])
def test_other_loops_of_asyncio_will_do(kafka: Kafka, kind: str) -> None:
    async def wait() -> None:
        waiting = kafka.aio.wait_for_records("t")
        record = kafka.produce("t", "x")
        assert await waiting == [record]

    module = pytest.importorskip(kind, reason=f"{kind} is not installed")
    if kind == "uvloop":
        with asyncio.Runner(loop_factory=module.new_event_loop) as runner:
            runner.run(wait())
    else:
        module.run(wait, backend="asyncio")
