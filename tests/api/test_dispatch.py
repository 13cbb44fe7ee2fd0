"""What is begun at once and what has to wait, and what is left out when the client is gone; around an API made for the test."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kafka_compat import pacing
from kafka_compat.api import dispatch
from kafka_compat.api.context import Answer, RequestContext, Response, Services
from kafka_compat.api.dispatch import Dispatcher, Pending
from kafka_compat.api.interception import Encoded, Intercept, Intercepted, Outcome
from kafka_compat.api.observers import Observers
from kafka_compat.api.session import Session
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.api.table import HANDLERS
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.envelope import encode_request
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.list_offsets import ListOffsetsRequest, ListOffsetsResponse
from kafka_compat.protocol.messages.metadata import MetadataRequest, MetadataRequestTopic, MetadataResponse
from kafka_compat.tasks import Supervisor
from tests.support.wire_client import api_key_of

# More than are done before the first look at the clock.
WIDE = 40


class Api:
    """Stands in for an API's module: answers in so many pieces, and counts what is under way at the same time."""

    def __init__(self, response: Message) -> None:
        self.response = response
        self.pieces = WIDE
        self.begun = 0
        self.under_way = 0  # beyond their first slice, and not encoded
        self.most_under_way = 0
        self.encoded = 0
        self.contexts: list[RequestContext] = []

    def handle(self, context: RequestContext, request: Message) -> Answer:
        self.contexts.append(context)
        return in_slices(self._work(self.pieces))

    def refuse(self, request: Message, *_: object) -> Response:
        return self.response

    def _work(self, pieces: int) -> Work[Response]:
        self.begun += 1
        for number in range(pieces):
            if number == WIDE // 2:
                self.under_way += 1
                self.most_under_way = max(self.most_under_way, self.under_way)
            yield
        return self.response

    def encode(self, *_: object, **__: object) -> list[bytes]:
        self.encoded += 1
        self.under_way -= self.under_way > 0
        return [b"answer"]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """In place of Metadata, with slices that last no time."""
    api = Api(MetadataResponse())
    monkeypatch.setattr(HANDLERS[ApiKey.METADATA], "_module", api)
    monkeypatch.setattr(dispatch, "encode_response", api.encode)
    monkeypatch.setattr(pacing, "SLICE_S", 0.0)
    return api


def dispatcher(intercept: Intercept | None = None) -> Dispatcher:
    return Dispatcher(
        cast(
            Services,
            SimpleNamespace(intercept=intercept, api_limits={}, observers=Observers(), tasks=Supervisor("test"), quotas=None),
        )
    )


def session(*, is_gone: bool = False) -> Session:
    return Session("127.0.0.1", 1, "PLAINTEXT", 1, is_gone=is_gone)


def frame(request: Message, version: int) -> memoryview:
    return memoryview(encode_request(api_key_of(request), version, 1, "test", request)[4:])


METADATA = frame(MetadataRequest(topics=None), 9)


def begin(by: Dispatcher, client: Session | None = None, request: memoryview = METADATA) -> Pending:
    answer = by.dispatch(request, client or session())
    assert isinstance(answer, Pending)
    return answer


async def test_of_a_crowd_of_wide_answers_a_few_are_half_made_at_a_time(api: Api) -> None:
    """An answer that waits to be encoded is many times as large as the bytes that it becomes."""
    by = dispatcher()
    answers = [begin(by) for _ in range(50)]
    outcomes = await asyncio.gather(*(answer.future for answer in answers))
    assert all(isinstance(outcome, Encoded) for outcome in outcomes)
    assert api.encoded == 50
    assert 0 < api.most_under_way <= dispatch._WIDE_ANSWERS


async def test_a_small_answer_does_not_wait_for_the_wide_ones_before_it(api: Api) -> None:
    by = dispatcher()
    wide = [begin(by) for _ in range(50)]
    api.pieces = 0
    small = begin(by)
    await small.future
    assert sum(answer.future.done() for answer in wide) < 40
    assert small.chunks() == [b"answer"]
    await asyncio.gather(*(answer.future for answer in wide))


@pytest.mark.parametrize("keeps_frame", [False, True])
async def test_an_intercepted_request_may_be_as_wide_as_any_other(api: Api, keeps_frame: bool) -> None:
    """It is decoded twice."""
    seen: list[Message] = []

    async def act(intercepted: Intercepted) -> Outcome:
        seen.append(intercepted.request)
        return Encoded([b"acted"])

    topics = [MetadataRequestTopic(name=str(number)) for number in range(dispatch._ELEMENTS_AT_ONCE * 3 // 4)]
    by = dispatcher(lambda context, request: act)
    answer = by.dispatch(frame(MetadataRequest(topics=topics), 9), session(), keeps_frame=keeps_frame)
    assert isinstance(answer, Pending)
    await answer.future
    assert answer.chunks() == [b"acted"]
    assert seen == [MetadataRequest(topics=topics)]


async def test_while_wide_answers_are_under_way_one_request_begins_in_each_turn_of_the_loop(api: Api) -> None:
    by = dispatcher()
    answers = [begin(by) for _ in range(50)]
    assert api.begun == dispatch._WIDE_ANSWERS
    most = 0
    while api.begun < 50:
        before = api.begun
        await asyncio.sleep(0)
        most = max(most, api.begun - before)
    assert most == 1
    await asyncio.gather(*(answer.future for answer in answers))


async def test_a_request_that_only_looks_is_not_begun_for_a_client_that_is_gone(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = Api(ListOffsetsResponse())
    monkeypatch.setattr(HANDLERS[ApiKey.LIST_OFFSETS], "_module", looking)
    by = dispatcher()
    request = frame(ListOffsetsRequest(topics=[]), 6)
    assert by.dispatch(request, session(is_gone=True)) is None
    assert looking.begun == 0
    by.dispatch(request, session())
    assert looking.begun == 1


async def test_a_request_that_only_looks_is_dropped_with_its_client(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HANDLERS[ApiKey.LIST_OFFSETS], "_module", Api(ListOffsetsResponse()))
    by = dispatcher()
    looking = begin(by, request=frame(ListOffsetsRequest(topics=[]), 6))
    changing = begin(by)
    assert (looking.drop_on_disconnect, changing.drop_on_disconnect) == (True, False)
    api.contexts[-1].drop_on_disconnect = True  # as its handler does when it has changed what it changes
    assert changing.drop_on_disconnect
    for each in (looking, changing):
        each.future.cancel()
    await asyncio.wait([looking.future, changing.future])
    assert by._unfinished_answers == 0


async def test_a_handler_that_is_a_coroutine_and_is_dropped_before_it_began_leaves_no_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def handle(context: RequestContext, request: Message) -> Response:
        raise AssertionError("it is not begun")

    module = SimpleNamespace(handle=handle)
    monkeypatch.setattr(HANDLERS[ApiKey.LIST_OFFSETS], "_module", module)
    pending = begin(dispatcher(), request=frame(ListOffsetsRequest(topics=[]), 6))
    assert pending.drop_on_disconnect
    pending.future.cancel()
    await asyncio.wait([pending.future])
    assert pending.future.cancelled()


async def test_a_wide_answer_is_not_encoded_when_its_client_has_gone_meanwhile(api: Api) -> None:
    by = dispatcher()
    client = session()
    answers = [begin(by, client) for _ in range(10)]
    client.is_gone = True
    outcomes: list[Any] = await asyncio.gather(*(answer.future for answer in answers))
    assert outcomes == [None] * 10
    assert api.encoded == 0
