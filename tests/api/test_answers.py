"""Answers made of futures."""

from __future__ import annotations

import asyncio

import pytest

from kafka_compat.api.answers import answer_from
from kafka_compat.api.context import Answer, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.heartbeat import HeartbeatResponse


def respond(done: asyncio.Future[int]) -> Response:
    return HeartbeatResponse(error_code=done.result())


def future() -> asyncio.Future[int]:
    return asyncio.get_running_loop().create_future()


def later(decided: asyncio.Future[int]) -> asyncio.Future[Response | None]:
    answer: Answer = answer_from(decided, respond)
    assert isinstance(answer, asyncio.Future)
    return answer


async def test_what_is_decided_is_answered_at_once() -> None:
    decided = future()
    decided.set_result(7)
    answer = answer_from(decided, respond)
    assert isinstance(answer, HeartbeatResponse)
    assert answer.error_code == 7


async def test_what_is_refused_at_once_fails_the_request() -> None:
    decided = future()
    decided.set_exception(KafkaError(ErrorCode.UNKNOWN_MEMBER_ID))
    with pytest.raises(KafkaError, match="UNKNOWN_MEMBER_ID"):
        answer_from(decided, respond)


async def test_what_is_decided_later_is_answered_then() -> None:
    decided = future()
    answer = later(decided)
    decided.set_result(7)
    assert (await answer) == HeartbeatResponse(error_code=7)


async def test_what_is_refused_later_fails_the_request() -> None:
    decided = future()
    answer = later(decided)
    decided.set_exception(KafkaError(ErrorCode.UNKNOWN_MEMBER_ID))
    with pytest.raises(KafkaError, match="UNKNOWN_MEMBER_ID"):
        await answer


async def test_a_decision_that_was_called_off_calls_the_answer_off() -> None:
    decided = future()
    answer = later(decided)
    decided.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer


async def test_a_dropped_request_leaves_the_decision_alone() -> None:
    """Its refusal is looked at all the same: asyncio reports what nobody looks at."""
    decided = future()
    answer = later(decided)
    answer.cancel()
    await asyncio.sleep(0)
    decided.set_exception(KafkaError(ErrorCode.UNKNOWN_MEMBER_ID))
    await asyncio.sleep(0)
    assert answer.cancelled()
