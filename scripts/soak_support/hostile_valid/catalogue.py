"""All cases."""

from __future__ import annotations

from scripts.soak_support.hostile_valid import (
    answer_cases,
    connection_cases,
    fetch_cases,
    group_cases,
    produce_cases,
    topic_cases,
    wide,
)
from scripts.soak_support.hostile_valid.runner import Case
from scripts.soak_support.hostile_valid.world import World


def _quiet(world: World) -> None:
    with world.measured():
        world.sleep(2)


def all_cases(megabytes: tuple[float, ...] = (3,)) -> list[Case]:
    """Every case; the wide ones with frames of each of these sizes."""
    return [
        Case("quiet", "nothing at all: what the probes cost", _quiet),
        *produce_cases.cases(),
        *topic_cases.cases(),
        *group_cases.cases(),
        *answer_cases.cases(),
        *fetch_cases.cases(),
        *connection_cases.cases(),
        *wide.cases(megabytes),
    ]
