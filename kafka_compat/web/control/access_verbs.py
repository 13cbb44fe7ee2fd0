"""Verbs about who may come in, and do what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from kafka_compat.protocol.json_form import Json
from kafka_compat.testing.acls import Acl, allow, deny
from kafka_compat.web.control.arguments import Argument, Arguments, BadRequest, Verb
from kafka_compat.web.control.values import acl_json
from kafka_compat.web.control.world import ControlWorld

_WHAT: Final = ("topic", "group", "transactional_id", "cluster", "host")
_RIGHT: Final = (
    Argument("user", "string", 'name of the user; "*" is everybody', is_required=True),
    Argument("operations", "array", "Kafka's names, such as read, write, describe, all", is_required=True),
    Argument("topic", "string", 'to which topic; "orders*" is whatever begins so, "*" all of them; or'),
    Argument("group", "string", "to which group, or"),
    Argument("transactional_id", "string", "to which transactional id, or"),
    Argument("cluster", "boolean", "to the cluster"),
    Argument("host", "string", "from this IP address only"),
)


def _users(world: ControlWorld, arguments: Arguments) -> Json:
    return [*world.kafka.users]


def _add_user(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.add_user(arguments.text("name"), arguments.text("password"))
    return {}


def _remove_user(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.remove_user(arguments.text("name"))
    return {}


def _acls(world: ControlWorld, arguments: Arguments) -> Json:
    return [acl_json(acl) for acl in world.kafka.acls]


def _said(verb: Callable[..., Acl], arguments: Arguments) -> tuple[str, list[str], dict[str, Any]]:
    """User, operations, and to what; what cannot be meant so is refused by `verb`."""
    operations: Any = list(arguments.items("operations"))
    what: dict[str, Any] = arguments.given(*_WHAT)
    for operation in operations:
        if not isinstance(operation, str):
            raise BadRequest(f"operations is an array of texts, not with {operation!r}")
    verb(arguments.text("user"), *operations, **what)
    return arguments.text("user"), operations, what


def _allow(world: ControlWorld, arguments: Arguments) -> Json:
    user, operations, what = _said(allow, arguments)
    return acl_json(world.kafka.allow(user, *operations, **what))


def _deny(world: ControlWorld, arguments: Arguments) -> Json:
    user, operations, what = _said(deny, arguments)
    return acl_json(world.kafka.deny(user, *operations, **what))


def _remove_acl(world: ControlWorld, arguments: Arguments) -> Json:
    verb = allow if arguments.flag("is_allowed", True) else deny
    user, operations, what = _said(verb, arguments)
    world.kafka.remove_acl(verb(user, *operations, **what))
    return {}


ACCESS_VERBS: Final = (
    Verb("GET", "/v1/users", "list_users", "Names of those who may come in.", _users),
    Verb(
        "POST",
        "/v1/users",
        "add_user",
        "Let somebody in, or give him another password.",
        _add_user,
        (
            Argument("name", "string", "of the user", is_required=True),
            Argument("password", "string", "for PLAIN and SCRAM", is_required=True, is_secret=True),
        ),
    ),
    Verb(
        "DELETE",
        "/v1/users/{name:path}",
        "remove_user",
        "Let somebody in no more; open connections stay.",
        _remove_user,
        (Argument("name", "string", "of the user", is_required=True, place="path"),),
    ),
    Verb("GET", "/v1/acls", "list_acls", "What users may and may not do, also by requests of clients.", _acls),
    Verb("POST", "/v1/acls/allow", "allow", "Let a user do it from now on.", _allow, _RIGHT),
    Verb("POST", "/v1/acls/deny", "deny", "Forbid it to a user from now on, whatever allows it.", _deny, _RIGHT),
    Verb(
        "POST",
        "/v1/acls/remove",
        "remove_acl",
        "Take away what allow or deny gave.",
        _remove_acl,
        (*_RIGHT, Argument("is_allowed", "boolean", "false for what deny gave; true unless given")),
    ),
)
