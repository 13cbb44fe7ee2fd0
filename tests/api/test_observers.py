"""What observers of requests are told, through the dispatcher; what the counters and the log make of it."""

from __future__ import annotations

import asyncio
import logging
import struct
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kafka_compat import pacing
from kafka_compat.api import dispatch
from kafka_compat.api.context import Answer, CloseConnection, RequestContext, Response, Services
from kafka_compat.api.dispatch import Dispatcher, Pending
from kafka_compat.api.observers import End, Observer, Observers, error_codes
from kafka_compat.api.request_counters import RequestCounters
from kafka_compat.api.session import Session
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.api.table import HANDLERS
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import encode_request
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.create_topics import CreatableTopicResult, CreateTopicsResponse
from kafka_compat.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataResponse, MetadataResponseBroker
from kafka_compat.protocol.messages.offset_fetch import OffsetFetchResponse
from kafka_compat.tasks import Supervisor
from kafka_compat.wire.primitives import Part
from kafka_compat.wire.types import join_parts
from tests.support.wire_client import api_key_of

Told = tuple[str, int, End | None, int, Message | None]


class Notes:
    """An observer that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.durations_ns: list[int] = []

    def began(self, context: RequestContext) -> None:
        self.told.append(("began", context.header.correlation_id, None, 0, None))

    def ended(self, context: RequestContext, end: End, answer_bytes: int, duration_ns: int, response: Message | None) -> None:
        self.told.append(("ended", context.header.correlation_id, end, answer_bytes, response))
        self.durations_ns.append(duration_ns)

    @property
    def ends(self) -> list[End | None]:
        return [end for what, _, end, _, _ in self.told if what == "ended"]


class Api:
    """Stands in for the module of Heartbeat."""

    def __init__(self) -> None:
        self.answers: Answer | Exception = HeartbeatResponse()

    def handle(self, context: RequestContext, request: Message) -> Answer:
        if isinstance(self.answers, Exception):
            raise self.answers
        return self.answers

    def refuse(self, request: Message, version: int, error_code: int, message: str | None) -> Response:
        return HeartbeatResponse(error_code=error_code)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    api = Api()
    monkeypatch.setattr(HANDLERS[ApiKey.HEARTBEAT], "_module", api)
    return api


def dispatcher(*observers: Observer) -> Dispatcher:
    services = SimpleNamespace(
        quotas=None,
        intercept=None,
        api_limits={},
        observers=Observers(observers),
        tasks=Supervisor("test"),
        node_id=7,
        clock=SimpleNamespace(wall_ms=lambda: 1_700_000_000_000),
    )
    return Dispatcher(cast(Services, services))


def session(**fields: Any) -> Session:
    return Session("127.0.0.1", 1, "PLAINTEXT", 1, **fields)


def frame(request: Message, version: int) -> memoryview:
    return memoryview(encode_request(api_key_of(request), version, 5, "test", request)[4:])


HEARTBEAT = frame(HeartbeatRequest(group_id="g"), 3)
METADATA = frame(MetadataRequest(topics=None), 9)
# Correlation id, throttle time and error code.
HEARTBEAT_ANSWER_BYTES = 10


async def test_an_observer_is_told_when_a_request_begins_and_how_it_ended(api: Api) -> None:
    notes = Notes()
    response = api.answers = HeartbeatResponse(error_code=25)
    dispatcher(notes).dispatch(HEARTBEAT, session())
    assert notes.told == [
        ("began", 5, None, 0, None),
        ("ended", 5, End.ANSWERED, HEARTBEAT_ANSWER_BYTES, response),
    ]


async def test_a_request_that_waits_ends_with_its_answer(api: Api) -> None:
    notes = Notes()
    api.answers = future = asyncio.get_running_loop().create_future()
    pending = dispatcher(notes).dispatch(HEARTBEAT, session())
    assert isinstance(pending, Pending)
    assert notes.ends == []
    future.set_result(HeartbeatResponse())
    pending.chunks()
    assert notes.ends == [End.ANSWERED]


async def test_an_answer_that_is_encoded_in_a_thread_ends_the_request_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "_ELEMENTS_AT_ONCE", 1)
    brokers = [MetadataResponseBroker(host="h")] * 2
    module = SimpleNamespace(handle=lambda *_: MetadataResponse(brokers=brokers))
    monkeypatch.setattr(HANDLERS[ApiKey.METADATA], "_module", module)
    notes = Notes()
    pending = dispatcher(notes).dispatch(METADATA, session())
    assert isinstance(pending, Pending)
    await pending.future
    assert notes.ends == []
    chunks = pending.chunks()
    assert isinstance(chunks, list)
    assert notes.told[1:] == [("ended", 5, End.ANSWERED, len(chunks[0]) - 4, None)]


async def test_a_wide_answer_is_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def work() -> Work[Response]:
        yield
        for _ in range(100):
            yield
        return MetadataResponse()

    monkeypatch.setattr(pacing, "SLICE_S", 0.0)
    monkeypatch.setattr(HANDLERS[ApiKey.METADATA], "_module", SimpleNamespace(handle=lambda *_: in_slices(work())))
    notes = Notes()
    pending = dispatcher(notes).dispatch(METADATA, session())
    assert isinstance(pending, Pending)
    await pending.future
    pending.chunks()
    assert notes.ends == [End.ANSWERED]


async def test_a_request_without_an_answer_ends(api: Api) -> None:
    notes = Notes()
    api.answers = None
    assert dispatcher(notes).dispatch(HEARTBEAT, session()) is None
    assert notes.told[1:] == [("ended", 5, End.NO_ANSWER, 0, None)]


@pytest.mark.parametrize("later", [False, True])
async def test_a_handler_that_closes_the_connection_ends_its_request(api: Api, later: bool) -> None:
    notes = Notes()
    by = dispatcher(notes)
    if later:
        api.answers = future = asyncio.get_running_loop().create_future()
        future.set_exception(CloseConnection("for the test"))
        pending = by.dispatch(HEARTBEAT, session())
        assert isinstance(pending, Pending)
        with pytest.raises(CloseConnection):
            pending.chunks()
    else:
        api.answers = CloseConnection("for the test")
        with pytest.raises(CloseConnection):
            by.dispatch(HEARTBEAT, session())
    assert notes.ends == [End.CLOSED]


@pytest.mark.parametrize(
    "request_frame",
    [HEARTBEAT[:-1], struct.pack(">hhih", ApiKey.HEARTBEAT, 99, 5, -1) + b"\0"],
    ids=["cut short", "unknown version"],
)
async def test_a_request_that_cannot_be_read_ends(request_frame: bytes) -> None:
    notes = Notes()
    with pytest.raises(CloseConnection):
        dispatcher(notes).dispatch(memoryview(request_frame), session())
    assert notes.ends == [End.CLOSED]


async def test_the_answer_to_an_unknown_version_of_api_versions_is_one() -> None:
    notes = Notes()
    dispatcher(notes).dispatch(memoryview(struct.pack(">hhihb", ApiKey.API_VERSIONS, 99, 5, -1, 0)), session())
    assert notes.ends == [End.ANSWERED]


@pytest.mark.expects_errors("HEARTBEAT v3 from 127.0.0.1:1 failed")
async def test_an_error_nobody_expected_is_an_answer(api: Api) -> None:
    notes = Notes()
    api.answers = RuntimeError("for the test")
    dispatcher(notes).dispatch(HEARTBEAT, session())
    assert notes.ends == [End.ANSWERED]
    response = notes.told[1][4]
    assert response is not None
    assert error_codes(response, 3) == {-1: 1}


async def test_what_ends_for_a_client_that_is_gone_is_told_apart(api: Api) -> None:
    notes = Notes()
    client = session()
    api.answers = future = asyncio.get_running_loop().create_future()
    by = dispatcher(notes)
    pending = by.dispatch(HEARTBEAT, client)
    assert isinstance(pending, Pending)
    client.is_gone = True
    future.cancel()
    pending.settle()
    api.answers = HeartbeatResponse()
    by.dispatch(HEARTBEAT, client)
    by.dispatch(memoryview(struct.pack(">hhihb", ApiKey.LIST_GROUPS, 3, 5, -1, 0)), client)
    assert notes.ends == [End.CLIENT_GONE] * 3


async def test_requests_of_one_turn_begin_where_the_one_before_ended(api: Api) -> None:
    notes = Notes()
    client = session(turn_ns=1)
    by = dispatcher(notes)
    by.dispatch(HEARTBEAT, client)
    by.dispatch(HEARTBEAT, client)
    assert notes.durations_ns[0] > notes.durations_ns[1] >= 0
    assert sum(notes.durations_ns) == client.turn_ns - 1


@pytest.mark.expects_errors("Broken failed, and", "BrokenAtTheEnd failed, and")
async def test_an_observer_that_raises_is_told_no_more(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Notes):
        def began(self, context: RequestContext) -> None:
            raise RuntimeError("for the test")

    class BrokenAtTheEnd(Notes):
        def ended(self, *_: object) -> None:
            raise RuntimeError("for the test")

    before, after, broken = Notes(), Notes(), Broken()
    by = dispatcher(before, broken, BrokenAtTheEnd(), after)
    for _ in range(2):
        by.dispatch(HEARTBEAT, session())
    assert before.ends == after.ends == [End.ANSWERED] * 2
    assert broken.told == []
    reports = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert reports == [f"{name} failed, and observes requests no more" for name in ("Broken", "BrokenAtTheEnd")]


async def test_observers_come_and_go(api: Api) -> None:
    notes, others = Notes(), Notes()
    observers = Observers([notes])
    services = SimpleNamespace(intercept=None, api_limits={}, observers=observers, tasks=Supervisor("test"), quotas=None)
    by = Dispatcher(cast(Services, services))
    observers.add(others)
    by.dispatch(HEARTBEAT, session())
    observers.remove(notes)
    by.dispatch(HEARTBEAT, session())
    assert (len(notes.ends), len(others.ends)) == (1, 2)


@pytest.mark.parametrize(
    ("response", "version", "expected"),
    [
        (HeartbeatResponse(error_code=27), 3, {27: 1}),
        (
            CreateTopicsResponse(
                topics=[CreatableTopicResult(error_code=code, topic_config_error_code=29) for code in (0, 36, 36)]
            ),
            7,
            {0: 1, 36: 2},
        ),
        (OffsetFetchResponse(error_code=15), 7, {15: 1}),
        (OffsetFetchResponse(error_code=15), 8, {}),
    ],
)
def test_error_codes_of_a_response(response: Message, version: int, expected: dict[int, int]) -> None:
    assert error_codes(response, version) == expected


def count(counters: RequestCounters, key: ApiKey, end: End, answer_bytes: int, duration_ns: int, queue_ns: int = 0) -> None:
    header = SimpleNamespace(api_key=int(key))
    context = cast(
        RequestContext, SimpleNamespace(header=header, size_in_bytes=100, received_ns=1_000, began_ns=1_000 + queue_ns)
    )
    counters.ended(context, end, answer_bytes, duration_ns, None)


def test_counters_add_up_by_api() -> None:
    counters = RequestCounters()
    assert counters.snapshot() == []
    count(counters, ApiKey.PRODUCE, End.NO_ANSWER, 0, 0)
    count(counters, ApiKey.FETCH, End.ANSWERED, 30, 1 << 40)
    count(counters, ApiKey.FETCH, End.CLOSED, 0, 5)
    produce, fetch = counters.snapshot()
    assert (produce.api_key, fetch.api_key) == (ApiKey.PRODUCE, ApiKey.FETCH)
    assert fetch.ends == {End.ANSWERED: 1, End.NO_ANSWER: 0, End.CLOSED: 1, End.CLIENT_GONE: 0}
    assert (fetch.requests, fetch.request_bytes, fetch.answer_bytes, fetch.duration_ns) == (2, 200, 30, (1 << 40) + 5)
    count(counters, ApiKey.FETCH, End.CLOSED, 0, 5)
    assert fetch.requests == 2, "a snapshot stays as it is"


def test_each_bucket_of_durations_is_twice_as_wide_as_the_one_before() -> None:
    counters = RequestCounters()
    for duration_ns in (0, 1023, 1024, 2047, 2048, 4095, 1_000_000, (1 << 63) - 1):
        count(counters, ApiKey.PRODUCE, End.ANSWERED, 0, duration_ns)
    [produce] = counters.snapshot()
    found = {bound: number for bound, number in produce.histogram if number}
    assert found == {1024: 2, 2048: 2, 4096: 2, 1 << 20: 1, 1 << 63: 1}
    assert all(after == 2 * before for (before, _), (after, _) in zip(produce.histogram, produce.histogram[1:], strict=False))


def test_what_requests_waited_for_their_turn_is_counted_apart() -> None:
    counters = RequestCounters()
    for queue_ns in (-5, 0, 100, 3_000, 1 << 40):
        count(counters, ApiKey.PRODUCE, End.ANSWERED, 0, 5_000, queue_ns)
    [produce] = counters.snapshot()
    assert {bound: number for bound, number in produce.queue_histogram if number} == {1024: 3, 4096: 1, 1 << 41: 1}
    assert produce.queue_ns == 100 + 3_000 + (1 << 40)
    assert {bound: number for bound, number in produce.histogram if number} == {8192: 5}


class Recording:
    """A recorder that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []

    def began(self, context: RequestContext, frame: memoryview) -> None:
        self.told.append(("began", bytes(frame)))

    def ended(
        self,
        context: RequestContext,
        end: End,
        answer: Sequence[Part] | None,
        answer_bytes: int,
        duration_ns: int,
        response: Message | None,
    ) -> None:
        self.told.append(("ended", end, None if answer is None else join_parts(answer), answer_bytes, response))

    def refused(self, session: Session, reason: str) -> None:
        self.told.append(("refused", session, reason))

    def disconnected(self, session: Session) -> None:
        self.told.append(("disconnected", session))


async def test_a_recorder_is_told_the_bytes_too(api: Api) -> None:
    recording = Recording()
    by = dispatcher()
    by.observers.add_recorder(recording)
    by.observers.add_recorder(recording)
    response = api.answers = HeartbeatResponse(error_code=25)
    chunks = by.dispatch(HEARTBEAT, session())
    assert isinstance(chunks, list)
    answer = join_parts(chunks)
    assert recording.told == [
        ("began", bytes(HEARTBEAT)),
        ("ended", End.ANSWERED, answer, HEARTBEAT_ANSWER_BYTES, response),
    ]
    assert len(answer) == HEARTBEAT_ANSWER_BYTES + 4
    by.observers.remove_recorder(recording)
    by.dispatch(HEARTBEAT, session())
    assert len(recording.told) == 2


@pytest.mark.expects_errors("Failing failed, and records requests no more")
async def test_a_recorder_that_fails_is_told_no_more(api: Api) -> None:
    class Failing(Recording):
        def began(self, context: RequestContext, frame: memoryview) -> None:
            raise ValueError("no")

    failing, recording = Failing(), Recording()
    by = dispatcher()
    by.observers.add_recorder(failing)
    by.observers.add_recorder(recording)
    by.dispatch(HEARTBEAT, session())
    assert [what for what, *_ in recording.told] == ["began", "ended"]
    assert failing.told == []


async def test_recorders_are_told_of_connections() -> None:
    recording = Recording()
    by = dispatcher()
    by.observers.add_recorder(recording)
    client = session()
    by.observers.tell_refused(client, "nonsense")
    by.observers.tell_disconnected(client)
    assert recording.told == [("refused", client, "nonsense"), ("disconnected", client)]
