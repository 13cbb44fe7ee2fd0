"""Verbs about the disk below the brokers' logs, where it goes wrong on purpose."""

from __future__ import annotations

from typing import Any, Final

from kafka_compat.protocol.json_form import Json
from kafka_compat.testing.disk import DiskFault
from kafka_compat.web.control.arguments import Argument, Arguments, BadRequest, Verb
from kafka_compat.web.control.content_verbs import TIMEOUT, timeout_of
from kafka_compat.web.control.fault_form import fault_json
from kafka_compat.web.control.world import ControlWorld

_ID: Final = Argument("id", "integer", "of the disk fault", is_required=True, place="path")


def disk_fault_json(number: int, fault: DiskFault) -> dict[str, Json]:
    """A disk fault and how often it has struck."""
    return {"id": number, "fault": repr(fault), "hits": fault.hits}


def _add(world: ControlWorld, arguments: Arguments) -> Json:
    disk, kind = world.kafka.faults.disk, arguments.text("kind")
    place: Any = arguments.given("topic", "partition")
    if kind == "slow":
        if "by_s" not in arguments:
            raise BadRequest("by_s is missing: how much longer an append takes, in seconds")
        slow = disk.slow(arguments.number("by_s", 0.0), **place)
        return fault_json(world.add_fault(slow), slow, is_in=True)
    if kind == "full":
        if "topic" not in arguments and "partition" in arguments:
            raise BadRequest("partition is one of a topic, and goes with it")
        full = disk.full(**place)
        return disk_fault_json(world.add_disk_fault(full), full)
    options: Any = arguments.given("error", "on_call")
    operation: Any = arguments.any("operation") or "write"
    times = None if arguments.flag("always") else arguments.optional_integer("times") or 1
    failing = disk.fail(operation, times=times, **place, **options)
    return disk_fault_json(world.add_disk_fault(failing), failing)


def _list(world: ControlWorld, arguments: Arguments) -> Json:
    return [disk_fault_json(number, fault) for number, fault in world.disk_faults().items()]


def _remove(world: ControlWorld, arguments: Arguments) -> Json:
    world.remove_disk_fault(arguments.integer("id"))
    return {}


def _clear(world: ControlWorld, arguments: Arguments) -> Json:
    world.clear_disk_faults()
    return {}


def _wait(world: ControlWorld, arguments: Arguments) -> Json:
    number = arguments.integer("fault")
    fault = world.disk_fault(number)
    fault.wait(timeout_of(arguments), hits=arguments.optional_integer("hits") or 1)
    return disk_fault_json(number, fault)


DISK_VERBS: Final = (
    Verb(
        "POST",
        "/v1/disk-faults",
        "add_disk_fault",
        "Let the disk be full, slow, or fail; partitions whose log cannot be written are offline until it can.",
        _add,
        (
            Argument("kind", "string", "what goes wrong", is_required=True, choices=("full", "slow", "fail")),
            Argument("topic", "string", "only files of this topic"),
            Argument("partition", "integer", "only of this partition of it"),
            Argument("by_s", "number", "of slow: how much longer an append takes, in real time"),
            Argument("operation", "any", "of fail: write, sync, create, truncate, rename or remove, or an array of these"),
            Argument("error", "string", "of fail: name of the system's error; EIO unless given"),
            Argument("on_call", "integer", "of fail: from the n-th call on"),
            Argument("times", "integer", "of fail: how many calls; one unless given"),
            Argument("always", "boolean", "of fail: all calls"),
        ),
    ),
    Verb("GET", "/v1/disk-faults", "list_disk_faults", "Those that are put in; slow is one of /v1/faults.", _list),
    Verb("DELETE", "/v1/disk-faults", "clear_disk_faults", "The disk is well again.", _clear),
    Verb("DELETE", "/v1/disk-faults/{id}", "remove_disk_fault", "Take one out.", _remove, (_ID,)),
    Verb(
        "POST",
        "/v1/waits/disk-fault",
        "wait_for_disk_fault",
        "Wait until so many calls have failed.",
        _wait,
        (
            Argument("fault", "integer", "id of the disk fault", is_required=True),
            Argument("hits", "integer", "how many; 1 unless given"),
            TIMEOUT,
        ),
    ),
)
