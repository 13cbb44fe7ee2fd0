"""Verbs about the cluster itself: its life, brokers, leaders, clock, and what to say when a test has failed."""

from __future__ import annotations

from typing import Any, Final

from kafka_compat.protocol.json_form import Json
from kafka_compat.testing.topology import BrokerHandle
from kafka_compat.web.control.arguments import Argument, Arguments, BadRequest, NotFound, Verb
from kafka_compat.web.control.content_verbs import TIMEOUT, timeout_of
from kafka_compat.web.control.values import broker_json
from kafka_compat.web.control.world import ControlWorld

_ADVANCE_S: Final = 30.0
_BROKER: Final = Argument("id", "integer", "node id", is_required=True, place="path")
_SNAPSHOT: Final = Argument("id", "integer", "of the snapshot", is_required=True, place="path")
_TOPIC: Final = Argument("topic", "string", "name of the topic", is_required=True)
_PARTITION: Final = Argument("partition", "integer", "of the topic; 0 unless given")
_TO: Final = Argument("to", "integer", "node id", is_required=True)
_MECHANISMS: Final = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_KEYS: Final = (
    Argument("group", "string", "group id, or"),
    Argument("transactional_id", "string", "transactional id"),
)


# --- life


def _cluster(world: ControlWorld, arguments: Arguments) -> Json:
    kafka = world.kafka
    access = kafka.cluster.plan.access
    return {
        "bootstrap_servers": kafka.bootstrap_servers,
        "brokers": [broker_json(broker) for broker in kafka.brokers.values()],
        "clock": {"wall_ms": kafka.clock.wall_ms(), "is_manual": kafka.clock.is_manual},
        "security_protocol": access.protocol,
        "ca": None if access.tls is None else access.tls.ca,
    }


def _reset(world: ControlWorld, arguments: Arguments) -> Json:
    world.reset()
    return {}


def _take_snapshot(world: ControlWorld, arguments: Arguments) -> Json:
    return {"id": world.add_snapshot(world.kafka.snapshot())}


def _restore(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.restore(world.snapshot(arguments.integer("id")))
    return {}


def _drop_snapshot(world: ControlWorld, arguments: Arguments) -> Json:
    world.drop_snapshot(arguments.integer("id"))
    return {}


def _client_config(world: ControlWorld, arguments: Arguments) -> Json:
    found: Any = world.kafka.config(arguments.text("client"), **_login(arguments))
    # A context of Python's module ssl; `ca` of get_cluster is what it would be made of.
    return {str(name): value for name, value in found.items() if name != "ssl_context"}


def _login(arguments: Arguments) -> Any:
    return arguments.given("user", "mechanism")


def _report(world: ControlWorld, arguments: Arguments) -> Json:
    requests = arguments.optional_integer("requests")
    return {"report": world.kafka.report(requests=20 if requests is None else requests)}


def _leaks(world: ControlWorld, arguments: Arguments) -> Json:
    leaks: list[Json] = [*world.kafka.leaks()]
    return leaks


# --- clock


def _clock(world: ControlWorld, arguments: Arguments) -> Json:
    clock = world.kafka.clock
    return {"wall_ms": clock.wall_ms(), "is_manual": clock.is_manual}


def _advance(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.clock.advance(
        arguments.integer("by_ms"),
        keep_sessions=arguments.flag("keep_sessions"),
        timeout_s=timeout_of(arguments, _ADVANCE_S),
    )
    return _clock(world, arguments)


# --- brokers


def _handle(world: ControlWorld, arguments: Arguments) -> BrokerHandle:
    brokers, number = world.kafka.brokers, arguments.integer("id")
    if number not in brokers:
        raise NotFound(f"there is no broker {number}; there are {', '.join(map(str, brokers))}")
    return brokers[number]


def _brokers(world: ControlWorld, arguments: Arguments) -> Json:
    return [broker_json(broker) for broker in world.kafka.brokers.values()]


def _broker(world: ControlWorld, arguments: Arguments) -> Json:
    return broker_json(_handle(world, arguments))


def _add_broker(world: ControlWorld, arguments: Arguments) -> Json:
    added = world.kafka.topology.add_broker(
        arguments.optional_integer("id"),
        port=arguments.optional_integer("port") or 0,
        rack=arguments.optional_text("rack"),
    )
    return broker_json(added)


def _remove_broker(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.topology.remove_broker(_handle(world, arguments).id)
    return {}


def _change_broker(world: ControlWorld, arguments: Arguments) -> Json:
    broker, change = _handle(world, arguments), arguments.text("change")
    match change:
        case "stop":
            broker.stop()
        case "kill":
            broker.kill()
        case "start":
            broker.start()
        case "restart":
            broker.restart()
        case "hide":
            broker.hide()
        case "show":
            broker.show()
        case "pause-replication":
            broker.pause_replication()
        case "resume-replication":
            broker.resume_replication()
        case "slow":
            broker.slow(arguments.number("latency_s", 0.0))
        case "set-rack":
            broker.set_rack(arguments.optional_text("rack"))
        case _:
            raise NotFound(f"a broker has the changes {', '.join(BROKER_CHANGES)}, not {change!r}")
    return broker_json(broker)


BROKER_CHANGES: Final = (
    "stop",
    "kill",
    "start",
    "restart",
    "hide",
    "show",
    "pause-replication",
    "resume-replication",
    "slow",
    "set-rack",
)


# --- who leads what


def _partition(arguments: Arguments) -> int:
    return arguments.optional_integer("partition") or 0


def _move_leader(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.topology.move_leader(arguments.text("topic"), _partition(arguments), to=arguments.integer("to"))
    return {}


def _no_leader(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.topology.no_leader(arguments.text("topic"), _partition(arguments))
    return {}


def _elect(world: ControlWorld, arguments: Arguments) -> Json:
    partition = arguments.optional_integer("partition")
    world.kafka.topology.elect(arguments.text("topic"), partition, unclean=arguments.flag("unclean"))
    return {}


def _bump_epoch(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.topology.bump_epoch(arguments.text("topic"), _partition(arguments))
    return {}


def _numbers(arguments: Arguments, name: str) -> list[int]:
    found = arguments.items(name)
    for each in found:
        if not isinstance(each, int) or isinstance(each, bool):
            raise BadRequest(f"{name} is an array of node ids, not with {each!r}")
    return [each for each in found if isinstance(each, int)]


def _set_isr(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.topology.set_isr(arguments.text("topic"), _partition(arguments), isr=_numbers(arguments, "isr"))
    return {}


def _shrink(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.topology.shrink(arguments.text("topic"), _partition(arguments), without=_numbers(arguments, "without"))
    return {}


def _one_key(arguments: Arguments) -> Any:
    if ("group" in arguments) == ("transactional_id" in arguments):
        raise BadRequest("a coordinator is a group's or a transactional id's: give one of both")
    return arguments.given("group", "transactional_id")


def _coordinator(world: ControlWorld, arguments: Arguments) -> Json:
    return {"broker": world.kafka.topology.coordinator(**_one_key(arguments))}


def _move_coordinator(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.topology.move_coordinator(**_one_key(arguments), to=arguments.integer("to"))
    return {}


def _controller(world: ControlWorld, arguments: Arguments) -> Json:
    return {"broker": world.kafka.topology.controller}


def _move_controller(world: ControlWorld, arguments: Arguments) -> Json:
    world.kafka.topology.move_controller(arguments.integer("to"))
    return {}


CLUSTER_VERBS: Final = (
    Verb(
        "GET",
        "/v1/cluster",
        "get_cluster",
        "Where it is, its brokers, its clock, and what TLS clients have to trust (`ca`, PEM).",
        _cluster,
    ),
    Verb(
        "POST",
        "/v1/reset",
        "reset",
        "Go back to the beginning; connections are closed. Topics, groups, faults, brokers and all else are as they were then.",
        _reset,
    ),
    Verb("POST", "/v1/snapshots", "take_snapshot", "Keep what is in the cluster; the id to restore it by.", _take_snapshot),
    Verb(
        "POST", "/v1/snapshots/{id}/restore", "restore", "Back to a snapshot; connections are closed.", _restore, (_SNAPSHOT,)
    ),
    Verb("DELETE", "/v1/snapshots/{id}", "drop_snapshot", "Forget it.", _drop_snapshot, (_SNAPSHOT,)),
    Verb(
        "GET",
        "/v1/client-configs/{client}",
        "get_client_config",
        "Settings for a client of this cluster.",
        _client_config,
        (
            Argument("client", "string", "such as java or kafkajs", is_required=True, place="path"),
            Argument("user", "string", "who the client is, where there are several users", place="query"),
            Argument("mechanism", "string", "SCRAM-SHA-512 unless given", place="query", choices=_MECHANISMS),
        ),
    ),
    Verb("GET", "/v1/clock", "get_clock", "The brokers' time.", _clock),
    Verb(
        "POST",
        "/v1/clock/advance",
        "advance_clock",
        "Let time pass, with all that falls due done when the answer comes; only where the clock is manual.",
        _advance,
        (
            Argument("by_ms", "integer", "how much", is_required=True),
            Argument("keep_sessions", "boolean", "members of groups stay, as if their heartbeats went on"),
            TIMEOUT,
        ),
    ),
    Verb("GET", "/v1/brokers", "list_brokers", "All brokers, those that do not run too.", _brokers),
    Verb(
        "POST",
        "/v1/brokers",
        "add_broker",
        "Start one more.",
        _add_broker,
        (
            Argument("id", "integer", "node id; the next free one unless given"),
            Argument("port", "integer", "a free one unless given"),
            Argument("rack", "string", "its rack"),
        ),
    ),
    Verb("GET", "/v1/brokers/{id}", "get_broker", "One broker.", _broker, (_BROKER,)),
    Verb("DELETE", "/v1/brokers/{id}", "remove_broker", "Stop it and forget it.", _remove_broker, (_BROKER,)),
    Verb(
        "POST",
        "/v1/brokers/{id}/{change}",
        "change_broker",
        f"One of {', '.join(BROKER_CHANGES)}; the broker as it is then.",
        _change_broker,
        (
            _BROKER,
            Argument("change", "string", "what to do", is_required=True, place="path"),
            Argument("latency_s", "number", "of slow: how long each answer is held back; 0 ends it"),
            Argument("rack", "string", "of set-rack; none without it"),
        ),
    ),
    Verb(
        "POST",
        "/v1/topology/move-leader",
        "move_leader",
        "Let a broker lead a partition.",
        _move_leader,
        (_TOPIC, _PARTITION, _TO),
    ),
    Verb("POST", "/v1/topology/no-leader", "no_leader", "Take its leader away.", _no_leader, (_TOPIC, _PARTITION)),
    Verb(
        "POST",
        "/v1/topology/elect",
        "elect",
        "Elect the preferred leader, or any that is up.",
        _elect,
        (
            _TOPIC,
            Argument("partition", "integer", "all that need it unless given"),
            Argument("unclean", "boolean", "any that is up, whatever it lacks"),
        ),
    ),
    Verb(
        "POST",
        "/v1/topology/bump-epoch",
        "bump_epoch",
        "Begin a new leader epoch with the same leader.",
        _bump_epoch,
        (_TOPIC, _PARTITION),
    ),
    Verb(
        "POST",
        "/v1/topology/set-isr",
        "set_isr",
        "Have these replicas in sync, and keep all others out.",
        _set_isr,
        (_TOPIC, _PARTITION, Argument("isr", "array", "node ids", is_required=True)),
    ),
    Verb(
        "POST",
        "/v1/topology/shrink-isr",
        "shrink_isr",
        "Take replicas out of the ISR, and keep them out.",
        _shrink,
        (_TOPIC, _PARTITION, Argument("without", "array", "node ids", is_required=True)),
    ),
    Verb(
        "POST",
        "/v1/topology/coordinator",
        "get_coordinator",
        "The broker that coordinates a group or a transactional id; -1 when none does.",
        _coordinator,
        _KEYS,
    ),
    Verb(
        "POST",
        "/v1/topology/move-coordinator",
        "move_coordinator",
        "Let a broker coordinate it, and all others in the same partition.",
        _move_coordinator,
        (*_KEYS, _TO),
    ),
    Verb("GET", "/v1/topology/controller", "get_controller", "The controller; -1 when no broker runs.", _controller),
    Verb("POST", "/v1/topology/move-controller", "move_controller", "Let a broker be it.", _move_controller, (_TO,)),
    Verb(
        "GET",
        "/v1/report",
        "get_report",
        "What is there, what did not happen, and the likely cause, as text for people.",
        _report,
        (Argument("requests", "integer", "how many of the last; 20 unless given", place="query"),),
    ),
    Verb("GET", "/v1/leaks", "get_leaks", "What clients have left behind, a sentence each.", _leaks),
)
