"""Random commands of up to five members, played to both brokers: every answer and the group's end have to be the same.

The examples are the same in every run; `KAFKA_COMPAT_GROUP_EXAMPLES=500` plays other ones, that many, and cuts the one that
fails down. What a run finds belongs in `test_groups.py` as a script.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conformance.both import Both
from tests.conformance.group_machine import (
    NAMES,
    Command,
    Commit,
    Join,
    JoinAll,
    Leave,
    Look,
    Machine,
    Pulse,
    Sync,
    SyncAll,
)
from tests.conformance.group_records import compare_group_logs

_WANTED = os.environ.get("KAFKA_COMPAT_GROUP_EXAMPLES")

pytestmark = [pytest.mark.reference, pytest.mark.slow, pytest.mark.timeout(120 if _WANTED is None else 10 * int(_WANTED) + 120)]

who = st.integers(0, len(NAMES) - 1)
shift = st.sampled_from((0, 0, 0, 0, 1, -1, -100))
# Seldom those that nobody else can use: such a member keeps all others out.
protocols = st.sampled_from((0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 5))
commands = st.one_of(
    st.builds(Join, who, protocols, st.integers(5, 9), st.booleans(), st.booleans()),
    st.builds(Sync, who, shift, st.sampled_from(("", "", "", "sticky", "unheard of")), st.integers(3, 5)),
    st.builds(Leave, st.lists(st.tuples(who, st.booleans()), min_size=1, max_size=4).map(tuple), st.integers(0, 5)),
    st.builds(Pulse, who, shift, st.booleans()),
    st.builds(Commit, who, shift, st.booleans(), st.integers(2, 10)),
    st.builds(Look, st.sampled_from(("describe", "list", "fetch", "delete group", "delete offsets", "simple commit"))),
    st.builds(JoinAll, st.integers(0, 3), who, who | st.none()),
    st.builds(SyncAll, st.none() | who),
    st.builds(SyncAll, st.none()),
)
# Who is static: under an own instance id, or under one that several have.
instances = st.tuples(*[st.sampled_from((None, None, name, "shared")) for name in NAMES])


@settings(
    max_examples=20 if _WANTED is None else int(_WANTED),
    derandomize=_WANTED is None,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate) if _WANTED is None else (Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(instances=instances, script=st.lists(commands, min_size=30, max_size=60))
def test_random_commands_are_answered_alike(both: Both, instances: tuple[str | None, ...], script: list[Command]) -> None:
    machine = Machine(both, instances)
    try:
        for command in script:
            machine.run(command)
        machine.end()
    finally:
        machine.script.finish()
    compare_group_logs(machine.script)
    both.verdict()
