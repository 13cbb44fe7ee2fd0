"""The error of a fault that is about parts of requests: a topic, a partition, one of several groups or transactional ids.

Those parts fail, and nothing is done for them; the rest of the request is carried out as if it were all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from kafka_compat.api.interception import Intercepted
from kafka_compat.api.table import HANDLERS
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.fetch import FetchRequest
from kafka_compat.protocol.registry import response_class
from kafka_compat.testing.matching import EVERY_PARTITION, Selector, asked_for
from kafka_compat.testing.named import Names, copy_of, keep, leaves
from kafka_compat.testing.parts import entries_of, merged, sorted_like, with_errors


async def refuse_parts(
    taken: Intercepted, selector: Selector, code: ErrorCode, text: str | None, *, after_work: bool = False
) -> Message | None:
    """The answer to a request whose parts that are meant have failed; None when it wants none.

    With `after_work` they are carried out all the same.
    """
    context, request, version = taken.context, taken.request, taken.context.version
    image = context.services.image
    parts = [names for names in asked_for(context, request) if selector.is_in(names, image)]
    has_part: Callable[[Names], bool] = partial(selector.has_part, image=image)
    if not all(map(has_part, parts)):
        # All topics were asked for, or a topic with its partitions: what is there is only known from the answer.
        response = await taken.work()
        return None if response is None else with_errors(response, version, has_part, code, text)
    parts = [part._replace(partition=None) if part.partition == EVERY_PARTITION else part for part in parts]
    entries = _entries(taken, selector, parts, code, text)
    if entries is None:
        if after_work:
            await taken.work()
        return taken.refuse(code, text)
    if isinstance(request, FetchRequest):
        response = await _fetch(taken, request, parts, entries)
    else:
        response = await (taken.work() if after_work else _rest(taken, has_part))
        if response is not None:
            response = merged(response, entries, version)
    if response is None:
        return None
    return sorted_like(response, entries_of(type(response), version, leaves(request, version), code, text), version)


def _entries(taken: Intercepted, selector: Selector, parts: list[Names], code: ErrorCode, text: str | None) -> Message | None:
    """A response with nothing but the entries of those parts; None when this API's has no place for them."""
    version = taken.context.version
    response = response_class(taken.context.header.api_key)
    if selector.topic is None and selector.partition is None:
        groups = dict.fromkeys(Names(part.group, part.transactional_id) for part in parts)
        entries = entries_of(response, version, groups, code, text)
        if any(names != Names() for names in leaves(entries, version)):
            parts = list(groups)
    entries = entries_of(response, version, parts, code, text)
    if all(names == Names() for names in leaves(entries, version)):
        return None
    asked = keep(taken.request, version, set(parts).__contains__)
    if asked is not None:
        entries = merged(entries, taken.refuse(code, text, asked), version, keeps_parts=True)
    return entries


async def _rest(taken: Intercepted, has_part: Callable[[Names], bool]) -> Message | None:
    """The answer to all else of the request."""
    api_key, version = taken.context.header.api_key, taken.context.version
    if HANDLERS[api_key].only_looks:
        return await taken.work()
    rest = keep(taken.request, version, lambda names: not has_part(names))
    if rest is None and api_key == ApiKey.METADATA:
        # For the brokers. No topic at all cannot be asked for in v0.
        rest = taken.request if version == 0 else copy_of(taken.request, {"topics": []})
    if rest is None:
        return response_class(api_key)()
    return await taken.work(rest)


async def _fetch(taken: Intercepted, request: FetchRequest, parts: list[Names], entries: Message) -> Message | None:
    """A fetch with an error is answered at once, and a session answers a partition anew when its error has gone."""
    context, version = taken.context, taken.context.version
    response = await taken.work(copy_of(request, {"max_wait_ms": 0}))
    if response is None or response.error_code:  # type: ignore[attr-defined]
        return response
    session = context.services.fetch_sessions.get(response.session_id)  # type: ignore[attr-defined]
    if session is not None:
        for part in parts:
            cached = session.partitions.get((part.topic_id or part.topic or "", part.partition or 0))
            if cached is not None:
                cached.answered_high_watermark = -1
    return merged(response, entries, version)
