"""Faults as JSON: actions by the names of `kafka_compat.testing.actions`, with the same arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from kafka_compat.protocol.json_form import Json
from kafka_compat.testing import actions
from kafka_compat.testing.actions import Action
from kafka_compat.testing.faults import Fault
from kafka_compat.web.control.arguments import BadRequest
from kafka_compat.web.control.values import asked_json


def action_functions() -> dict[str, Callable[..., Action]]:
    """All actions by name."""
    return {name: getattr(actions, name) for name in actions.__all__ if name[:1].islower()}


def action_of(what: Json) -> str | int | Action:
    """What `Kafka.fail` is to do: the name of an error, or an object such as `{"action": "delay", "seconds": 0.5}`.

    Raises:
        BadRequest: there is no such action, or it takes other arguments.
    """
    if isinstance(what, str):
        return what
    if isinstance(what, int) and not isinstance(what, bool):
        return what
    if not isinstance(what, dict):
        raise BadRequest(f'what is the name of an error, or an action such as {{"action": "hold"}}, not {what!r}')
    functions = action_functions()
    name = what.get("action")
    function = functions.get(name) if isinstance(name, str) else None
    if function is None:
        raise BadRequest(f"action is one of {', '.join(functions)}, not {name!r}")
    return _call(str(name), function, {key: value for key, value in what.items() if key != "action"})


def _call(name: str, function: Callable[..., Action], given: Mapping[str, Json]) -> Action:
    parameters = inspect.signature(function).parameters
    for key in given:
        if key not in parameters:
            takes = ", ".join(parameters) or "no arguments"
            raise BadRequest(f"{name} takes {takes}, not {key!r}")
    arguments: dict[str, Any] = {
        key: action_of(value) if key == "then" and value is not None else value for key, value in given.items()
    }
    missing = [key for key, each in parameters.items() if each.default is each.empty and key not in arguments]
    if missing:
        raise BadRequest(f"{name} needs {', '.join(missing)}")
    return function(**arguments)


def fault_json(number: int, fault: Fault, *, is_in: bool) -> dict[str, Json]:
    """A fault and what it has hit."""
    return {
        "id": number,
        "fault": repr(fault),
        "action": repr(fault.action),
        "hits": fault.hits,
        "must_fire": fault.must_fire,
        "is_over": fault.is_over,
        "is_in": is_in,
        "requests": [asked_json(asked) for asked in fault.requests],
    }
