"""What scripts of groups say about real time: when an answer comes, when a group is in a state, on both sides alike."""

from __future__ import annotations

import select
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.describe_groups import DescribeGroupsRequest, DescribeGroupsResponse
from tests.conformance.both import Expected
from tests.conformance.group_script import GroupScript

# Above the jitter of a busy machine, below half of every time that tests tell apart.
TOLERANCE_S: Final = 0.35
PATIENCE_S: Final = 15.0


def assert_alike(what: str, times_s: dict[str, float], expected_s: float | None = None) -> None:
    """All sides took as long, and as long as expected."""
    ours = times_s["ours"]
    reference = times_s.get("reference", ours)
    assert abs(reference - ours) < TOLERANCE_S, f"{what}: the reference took {reference:.2f} s, ours {ours:.2f} s"
    if expected_s is not None:
        assert abs(ours - expected_s) < TOLERANCE_S, f"{what}: took {ours:.2f} s in place of {expected_s}"


def answer_after(script: GroupScript, who: str, began: float, expected_s: float | None = None) -> list[Message]:
    """The answers to `who`, which must come on both sides `expected_s` after `began`."""
    waiting = {cast.client(who).socket: cast.side.kind for cast in script.casts}
    times_s: dict[str, float] = {}
    while waiting:
        readable, _, _ = select.select(list(waiting), [], [], PATIENCE_S)
        assert readable, f"no answer to {who} from {list(waiting.values())}"
        for each in readable:
            times_s[waiting.pop(each)] = time.monotonic() - began
    responses = script.answer(who)
    assert_alike(f"answer to {who}", times_s, expected_s)
    return responses


def until_after(script: GroupScript, state: str, members: int, began: float, expected_s: float) -> None:
    """Both sides have the group in `state` with so many members `expected_s` after `began`."""
    request = DescribeGroupsRequest(groups=[script.group])
    waiting = list(script.casts)
    times_s: dict[str, float] = {}
    while waiting:
        for cast in list(waiting):
            group = cast.client("watcher").call(request, 5, DescribeGroupsResponse).groups[0]
            if (group.group_state, len(group.members)) == (state, members):
                times_s[cast.side.kind] = time.monotonic() - began
                waiting.remove(cast)
        assert time.monotonic() - began < PATIENCE_S, f"never {state} with {members}: {[cast.side.kind for cast in waiting]}"
    assert_alike(f"{state} with {members}", times_s, expected_s)


def pass_time(began: float, until_s: float) -> None:
    """Let real time come to `until_s` after `began`: the moment of the next request is what is tested."""
    select.select([], [], [], max(0.0, began + until_s - time.monotonic()))


def stable(script: GroupScript, *members: str, **how: Any) -> None:
    """Members of a stable group, the first leading."""
    first, *others = members
    script.join(first, **how)
    script.sync(first, assign=[first])
    for number, who in enumerate(others, 2):
        script.ask_id(who, **how)
        script.begin_join(who, **how)
        script.heartbeat_until(first, 27)
        for other in members[: number - 1]:
            script.begin_join(other, **how)
        for other in members[:number]:
            script.answer(other)
        for other in members[1:number]:
            script.begin_sync(other)
        script.sync(first, assign=members[:number])
        for other in members[1:number]:
            script.answer(other)


def join_in_turn(
    script: GroupScript, *members: str, static: bool = False, expect: Mapping[str, Expected] = MappingProxyType({})
) -> None:
    """Members of a group that has none: the order of their joins, on connections of their own, decides who leads.

    `expect` has what those are answered whose join fails.
    """
    for number, who in enumerate(members, 1):
        script.begin_join(who, instance=who if static else None, expect=expect.get(who, ()))
        script.until("PreparingRebalance", number)
