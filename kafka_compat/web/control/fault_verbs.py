"""Verbs about requests: those that go wrong on purpose, and those that clients have sent."""

from __future__ import annotations

from typing import Any, Final

from kafka_compat.protocol.json_form import Json
from kafka_compat.web.control.arguments import Argument, Arguments, BadRequest, Verb
from kafka_compat.web.control.content_verbs import TIMEOUT, timeout_of
from kafka_compat.web.control.fault_form import action_of, fault_json
from kafka_compat.web.control.values import asked_json, request_json
from kafka_compat.web.control.world import ControlWorld

_DEFAULT_LAST: Final = 100
_MOST: Final = 10_000

_SELECTORS: Final = ("broker", "topic", "partition", "group", "transactional_id", "client_id")
_TRIGGERS: Final = ("on_call", "probability", "seed", "must_fire")
_FAULT_ID: Final = Argument("id", "integer", "of the fault", is_required=True, place="path")


# --- faults


def _add_fault(world: ControlWorld, arguments: Arguments) -> Json:
    api: Any = arguments.any("api")
    if not isinstance(api, str | list):
        raise BadRequest(f"api is the name of an API, an array of names, or *, not {api!r}")
    times = arguments.any("times")
    if times is None:
        times = None if arguments.flag("always") else 1
    options: Any = arguments.given(*_SELECTORS, *_TRIGGERS)
    fault = world.kafka.fail(api, action_of(arguments.any("what")), times=times, **options)  # type: ignore[arg-type]
    number = world.add_fault(fault)
    return fault_json(number, fault, is_in=True)


def _faults(world: ControlWorld, arguments: Arguments) -> Json:
    unfired = world.kafka.faults.unfired()
    only = arguments.flag("unfired")
    return [fault_json(number, fault, is_in=True) for number, fault in world.faults().items() if not only or fault in unfired]


def _fault(world: ControlWorld, arguments: Arguments) -> Json:
    number = arguments.integer("id")
    return fault_json(number, world.fault(number), is_in=number in world.faults())


def _remove_fault(world: ControlWorld, arguments: Arguments) -> Json:
    world.fault(arguments.integer("id")).remove()
    return {}


def _release_fault(world: ControlWorld, arguments: Arguments) -> Json:
    world.fault(arguments.integer("id")).release()
    return {}


def _clear_faults(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.faults.clear()
    return {}


def _wait_for_fault(world: ControlWorld, arguments: Arguments) -> Json:
    fault = world.fault(arguments.integer("fault"))
    hits = arguments.optional_integer("hits") or 1
    return [asked_json(asked) for asked in fault.wait(timeout_of(arguments), hits=hits)]


# --- requests


def _filters(arguments: Arguments) -> Any:
    return arguments.given("broker", "topic", "group", "transactional_id", "client_id", "error")


def _apis(arguments: Arguments) -> tuple[str, ...]:
    return tuple((arguments.optional_text("api") or "").split(",")) if "api" in arguments else ()


def _requests(world: ControlWorld, arguments: Arguments) -> Json:
    log = world.kafka.requests
    found = (log.under_way() if arguments.flag("under_way") else log.all()).of(*_apis(arguments), **_filters(arguments))
    last = arguments.optional_integer("last")
    if last is None:
        last = _DEFAULT_LAST
    if not 0 <= last <= _MOST:
        raise BadRequest(f"last is a number from 0 to {_MOST}, not {last}")
    bodies = arguments.flag("bodies")
    return {
        "count": len(found),
        "dropped": log.dropped,
        "requests": [request_json(request, bodies=bodies) for request in found.last(last)],
    }


def _clear_requests(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.requests.clear()
    return {}


def _wait_for_request(world: ControlWorld, arguments: Arguments) -> Json:
    count = arguments.optional_integer("count")
    found = world.kafka.requests.wait_for(
        *_apis(arguments), count=1 if count is None else count, timeout_s=timeout_of(arguments), **_filters(arguments)
    )
    return request_json(found, bodies=arguments.flag("bodies"))


def _filter_arguments(place: Any) -> tuple[Argument, ...]:
    return (
        Argument("api", "string", "name of an API, or several with commas", place=place),
        Argument("client_id", "string", "of the client", place=place),
        Argument("topic", "string", "that request or answer name", place=place),
        Argument("group", "string", "that the request names", place=place),
        Argument("transactional_id", "string", "that the request names", place=place),
        Argument("broker", "integer", "node id", place=place),
        Argument("error", "string", "name of an error code in the answer", place=place),
    )


FAULT_VERBS: Final = (
    Verb(
        "POST",
        "/v1/faults",
        "add_fault",
        "Let requests go wrong; the first fault that matches a request has it.",
        _add_fault,
        (
            Argument("api", "any", "name of the API, such as Produce, an array of names, or * for all", is_required=True),
            Argument(
                "what",
                "any",
                'name of an error, or an action with its arguments, such as {"action": "delay", "seconds": 0.5}; actions and '
                "arguments are those of kafka_compat.testing.actions",
                is_required=True,
            ),
            Argument("broker", "integer", "only requests to this node id"),
            Argument("topic", "string", "only requests, and their parts, that name this topic"),
            Argument("partition", "integer", "the same of a partition"),
            Argument("group", "string", "only requests of this group"),
            Argument("transactional_id", "string", "only requests of this transactional id"),
            Argument("client_id", "string", "only requests with this client id"),
            Argument("times", "integer", "how often; once unless given"),
            Argument("always", "boolean", "each time, in place of times"),
            Argument("on_call", "integer", "not before the n-th request that matches, from 1"),
            Argument("probability", "number", "of each that matches, 0 to 1"),
            Argument("seed", "integer", "of the generator that draws"),
            Argument("must_fire", "boolean", "whether it is unfired as long as it has not fired; true unless given"),
        ),
    ),
    Verb(
        "GET",
        "/v1/faults",
        "list_faults",
        "Those that are put in, with what they have hit.",
        _faults,
        (Argument("unfired", "boolean", "only those that should have fired and have not", place="query"),),
    ),
    Verb("DELETE", "/v1/faults", "clear_faults", "Take all out; what they hold goes on.", _clear_faults),
    Verb("GET", "/v1/faults/{id}", "get_fault", "One fault.", _fault, (_FAULT_ID,)),
    Verb("DELETE", "/v1/faults/{id}", "remove_fault", "Take it out; what it holds goes on.", _remove_fault, (_FAULT_ID,)),
    Verb(
        "POST",
        "/v1/faults/{id}/release",
        "release_fault",
        "Let go on what it holds or delays now.",
        _release_fault,
        (_FAULT_ID,),
    ),
    Verb(
        "POST",
        "/v1/waits/fault",
        "wait_for_fault",
        "Wait until a fault has hit so many requests since it was put in; the requests.",
        _wait_for_fault,
        (
            Argument("fault", "integer", "id of the fault", is_required=True),
            Argument("hits", "integer", "how many; 1 unless given"),
            TIMEOUT,
        ),
    ),
    Verb(
        "GET",
        "/v1/requests",
        "list_requests",
        "What clients have asked, the last that match, in the order they ended.",
        _requests,
        (
            *_filter_arguments("query"),
            Argument("last", "integer", f"how many at most; {_DEFAULT_LAST} unless given", place="query"),
            Argument("bodies", "boolean", "with bodies in the form of Kafka's JSON converters", place="query"),
            Argument("under_way", "boolean", "those that have not ended instead", place="query"),
        ),
    ),
    Verb("DELETE", "/v1/requests", "clear_requests", "Forget those that have ended.", _clear_requests),
    Verb(
        "POST",
        "/v1/waits/request",
        "wait_for_request",
        "Wait until so many requests that match have ended, those before too; the last of them.",
        _wait_for_request,
        (
            *_filter_arguments("body"),
            Argument("count", "integer", "how many; 1 unless given"),
            Argument("bodies", "boolean", "with bodies"),
            TIMEOUT,
        ),
    ),
)
