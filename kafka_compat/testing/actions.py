"""What a fault does to a request: each function here makes an action for `Kafka.fail`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from kafka_compat.api.interception import ClosedByFault, Outcome
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.json_form import Json
from kafka_compat.protocol.message import Message
from kafka_compat.testing.action import Action
from kafka_compat.testing.arguments import seconds as checked_seconds
from kafka_compat.testing.arguments import whole_number
from kafka_compat.testing.corruptions import corrupt
from kafka_compat.testing.loads import blackhole, endless
from kafka_compat.testing.named import copy_of, deep_copy, has_field
from kafka_compat.testing.names import error_code_of

if TYPE_CHECKING:
    from kafka_compat.testing.hits import Hit
    from kafka_compat.testing.request import Request

__all__ = [
    "Action",
    "answer",
    "blackhole",
    "change",
    "corrupt",
    "delay",
    "disconnect",
    "endless",
    "error",
    "hold",
    "observe",
    "swallow",
    "throttle",
]


def action_of(what: object) -> Action:
    """The action that the second argument of `Kafka.fail` stands for.

    Raises:
        TypeError, ValueError: it is none, and no error either.
    """
    if isinstance(what, Action):
        return what
    if callable(what):
        name = getattr(what, "__name__", repr(what))
        raise TypeError(f"what happens is an error's name, or an action such as delay(0.5), not the function {name}")
    return error(what)


async def _then(hit: Hit, then: Action | None) -> Outcome:
    return await (hit.work() if then is None else then.act(hit))


class _Error(Action):
    def __init__(self, code: ErrorCode, message: str | None, *, whole: bool, after_work: bool) -> None:
        self._code = code
        self._message = message
        self._whole = whole
        self._after_work = after_work
        self.name = code.name

    async def act(self, hit: Hit) -> Outcome:
        return await hit.refuse(self._code, self._message, whole=self._whole, after_work=self._after_work)


def error(error: object, message: str | None = None, *, whole: bool = False, after_work: bool | None = None) -> Action:
    """Answer an error; `fail` takes its name alone too.

    With `topic`, `partition`, `group` or `transactional_id` it is answered for these parts of a request, and all others are
    carried out.

    Args:
        error: name of the error, or its code.
        message: for APIs that have a place for it.
        whole: fail all of a request that has such a part.
        after_work: carry out what fails before. None is so for NOT_ENOUGH_REPLICAS_AFTER_APPEND, which says that the records
            were written, and for no other.

    Raises:
        TypeError, ValueError: there is no such error.
    """
    code = error_code_of(error)
    if after_work is None:
        after_work = code is ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND
    return _Error(code, message, whole=whole, after_work=after_work)


class _Answer(Action):
    name = "answer"

    def __init__(self, made: Message | Mapping[str, Json] | Callable[[Request], object]) -> None:
        self._made = made

    async def act(self, hit: Hit) -> Outcome:
        made = self._made
        if callable(made) and not isinstance(made, Message):
            made = hit.call(partial(made, hit.request))  # type: ignore[assignment]
        return hit.answer_of(made)


def answer(made: Message | Mapping[str, Json] | Callable[[Request], object]) -> Action:
    """Answer what was built by hand, in place of the broker's answer.

    Args:
        made: a response; a dict in Kafka's JSON form, in which fields that are left out have their defaults; or a function of
            the request that returns one of these, or None for no answer. The function runs on the brokers' loop.
    """
    if not isinstance(made, Message | Mapping) and not callable(made):
        raise TypeError(f"an answer is a response, a dict in Kafka's JSON form, or a function that makes one, not {made!r}")
    return _Answer(made)


class _Change(Action):
    name = "change"

    def __init__(self, function: Callable[[Request, Any], object]) -> None:
        self._function = function

    async def act(self, hit: Hit) -> Outcome:
        response = await hit.work()
        if response is None:
            return None
        return hit.answer_of(hit.call(partial(self._function, hit.request, deep_copy(response))))


def change(function: Callable[[Request, Any], object]) -> Action:
    """Carry the request out, and answer what a function makes of the answer.

    Args:
        function: of the request and the broker's answer, a copy that it may change; it returns what `answer` takes, on the
            brokers' loop.
    """
    if not callable(function):
        raise TypeError(f"an answer is changed by a function of the request and the answer, not by {function!r}")
    return _Change(function)


class _Delay(Action):
    def __init__(self, seconds: float, then: Action | None, *, outlives_client: bool, passes_on: bool) -> None:
        self._seconds = seconds
        self._then = then
        self._outlives_client = outlives_client
        self._passes_on = passes_on
        self.name = f"delay({seconds})" + ("" if then is None else f" then {then}")

    async def act(self, hit: Hit) -> Outcome:
        await hit.pause(self._seconds, outlives_client=self._outlives_client)
        if self._passes_on:
            return await hit.fault.pass_on(hit.taken)
        return await _then(hit, self._then)


def delay(seconds: float, *, then: object = None, outlives_client: bool = False, passes_on: bool = False) -> Action:
    """Begin the request so much later.

    Args:
        seconds: of real time, also where the clock is manual.
        then: what happens in place of the work.
        outlives_client: whether the request is carried out although its client ends the connection meanwhile, as by a broker
            that is slow; it is dropped otherwise.
        passes_on: whether it goes to the next fault that matches, for a delay that stands beside others.
    """
    checked_seconds("seconds", seconds)
    if passes_on and then is not None:
        raise ValueError("then says what happens, which passes_on leaves to the next fault")
    after = None if then is None else action_of(then)
    return _Delay(seconds, after, outlives_client=outlives_client, passes_on=passes_on)


class _Hold(Action):
    def __init__(self, then: Action | None, *, outlives_client: bool) -> None:
        self._then = then
        self._outlives_client = outlives_client
        self.name = "hold" + ("" if then is None else f" then {then}")

    async def act(self, hit: Hit) -> Outcome:
        await hit.pause(None, outlives_client=self._outlives_client)
        return await _then(hit, self._then)


def hold(*, then: object = None, outlives_client: bool = False) -> Action:
    """Begin the request when `Fault.release` is called; the rest as in `delay`."""
    return _Hold(None if then is None else action_of(then), outlives_client=outlives_client)


class _Swallow(Action):
    def __init__(self, *, after_work: bool) -> None:
        self._after_work = after_work
        self.name = "swallow after work" if after_work else "swallow"

    async def act(self, hit: Hit) -> Outcome:
        if self._after_work:
            await hit.work()
        await hit.pause(None)
        raise ClosedByFault("fault: a request was not answered, and is forgotten now")


def swallow(*, after_work: bool = False) -> Action:
    """Never answer.

    The connection goes on to take nothing: Kafka answers the requests of a connection in order, so what is sent behind waits
    for ever too. `Fault.release` closes it.

    Args:
        after_work: whether the request is carried out before.
    """
    return _Swallow(after_work=after_work)


class _Disconnect(Action):
    def __init__(self, *, after_work: bool) -> None:
        self._after_work = after_work
        self.name = "disconnect after work" if after_work else "disconnect"

    async def act(self, hit: Hit) -> Outcome:
        if self._after_work:
            await hit.work()
        raise ClosedByFault(f"fault: {self.name}")


def disconnect(*, after_work: bool = False) -> Action:
    """Close the connection in place of an answer.

    Args:
        after_work: whether the request is carried out before, so that only its acknowledgement is lost.
    """
    return _Disconnect(after_work=after_work)


class _Throttle(Action):
    def __init__(self, throttle_ms: int) -> None:
        self._throttle_ms = throttle_ms
        self.name = f"throttle({throttle_ms})"

    async def act(self, hit: Hit) -> Outcome:
        response = await hit.work()
        hit.taken.context.session.mute(self._throttle_ms)
        if response is None or not has_field(response, "throttle_time_ms", hit.taken.context.version):
            return response
        return copy_of(response, {"throttle_time_ms": self._throttle_ms})


def throttle(throttle_ms: int) -> Action:
    """Treat the client as one above its quota.

    It is answered at once, is told the time in `throttle_time_ms` where the version has that, and its connection takes no
    further request meanwhile (real time).
    """
    return _Throttle(whole_number("throttle_ms", throttle_ms, 1))


class _Observe(Action):
    name = "observe"
    only_looks = True


def observe() -> Action:
    """Do nothing: the fault counts, and can be waited for."""
    return _Observe()
