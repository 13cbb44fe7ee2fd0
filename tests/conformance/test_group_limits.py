"""What broker configs make of classic groups, against Apache Kafka over real time: sizes, the first delay, bounds.

Both brokers have BROKER_CONFIGS. Times are compared with a tolerance, each side measured from its own beginning.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from tests.conformance.both import ANY_ERROR, Both
from tests.conformance.group_script import GroupScript, Scripts, scripts, subscription
from tests.conformance.group_timing import answer_after, join_in_turn, pass_time, stable, until_after
from tests.conformance.offset_requests import Offsets, commit_request

pytestmark = pytest.mark.slow

BROKER_CONFIGS = {
    "group.initial.rebalance.delay.ms": "800",
    "group.max.size": "3",
    "group.max.session.timeout.ms": "40000",
    "group.min.session.timeout.ms": "500",
    "offset.metadata.max.bytes": "10",
}
_DELAY_S = 0.8
OTHER = (("range", subscription("another")),)


@pytest.fixture
def script_of(both: Both) -> Iterator[Scripts]:
    with scripts(both) as make:
        yield make


# --- group.min.session.timeout.ms, group.max.session.timeout.ms


def test_session_timeouts_have_bounds(both: Both) -> None:
    GroupScript(both, "ready").finish()
    for session_ms in (-(1 << 31), 0, 499, 500, 40_000, 40_001, (1 << 31) - 1):
        for version in range(10):
            group = both.name("bounds")
            request = JoinGroupRequest(
                group_id=group,
                session_timeout_ms=session_ms,
                rebalance_timeout_ms=500,
                member_id="somebody",
                protocol_type="consumer",
                protocols=[JoinGroupRequestProtocol(name="range", metadata=subscription("t"))],
            )
            both.compare(f"session {session_ms}", request, [version], expect=ANY_ERROR)


# --- group.initial.rebalance.delay.ms


def test_first_join_waits_for_the_delay(script_of: Scripts) -> None:
    script = script_of("delay")
    script.ask_id("a")
    script.begin_join("a")
    began = time.monotonic()
    script.until("PreparingRebalance", 1)
    script.describe()
    answer_after(script, "a", began, _DELAY_S)
    script.sync("a", assign=["a"])
    script.leave("a")
    script.ask_id("b")
    began = time.monotonic()
    script.begin_join("b")  # an empty group, though not a new one
    answer_after(script, "b", began, _DELAY_S)
    script.describe()


def test_a_second_join_within_the_delay_extends_it(script_of: Scripts) -> None:
    script = script_of("extended")
    began = time.monotonic()
    script.begin_join("a", instance="a", version=5)
    pass_time(began, 0.4)
    script.begin_join("b", instance="b", version=6)
    script.until("PreparingRebalance", 2)
    pass_time(began, 1.2)
    script.begin_join("c", instance="c", version=7)
    script.until("PreparingRebalance", 3)
    for who in ("a", "b", "c"):
        answer_after(script, who, began, 3 * _DELAY_S)
    script.describe()


@pytest.mark.parametrize(("rebalance_ms", "answered_after_s"), [(1300, 1.3), (100, _DELAY_S), (800, _DELAY_S)])
def test_the_rebalance_timeout_caps_the_delay(script_of: Scripts, rebalance_ms: int, answered_after_s: float) -> None:
    script = script_of("capped")
    began = time.monotonic()
    script.begin_join("a", instance="a", rebalance_ms=rebalance_ms)
    pass_time(began, 0.3)
    script.begin_join("b", instance="b", rebalance_ms=60_000)  # what the first one said counts
    script.until("PreparingRebalance", 2)
    pass_time(began, 0.95)
    if answered_after_s > 1:
        script.begin_join("c", instance="c", rebalance_ms=60_000)
    for who in list(script.waiting):
        answer_after(script, who, began, answered_after_s)
    script.describe()


def test_pending_and_repeated_joins_do_not_extend_the_delay(script_of: Scripts) -> None:
    script = script_of("not-extended")
    script.ask_id("a")
    began = time.monotonic()
    script.begin_join("a")
    script.until("PreparingRebalance", 1)
    script.ask_id("b")
    for cast in script.casts:
        cast.ids["a again"] = cast.ids["a"]
    script.begin_join("a again", protocols=OTHER)  # its first join is never answered
    answer_after(script, "a again", began, _DELAY_S)
    script.abandon("a")
    script.describe()
    script.heartbeat("a again")
    script.begin_join("b")
    script.heartbeat_until("a again", 27)
    script.join("a again", protocols=OTHER)
    script.answer("b")
    script.describe()


def test_leaving_within_the_delay(script_of: Scripts) -> None:
    script = script_of("left")
    began = time.monotonic()
    gone = {ErrorCode.UNKNOWN_MEMBER_ID}
    join_in_turn(script, "a", "b", static=True, expect={"a": gone, "b": gone})
    script.leave("a", member="", instance="a")
    script.answer("a")
    script.describe()
    script.leave("b", member="", instance="b")
    script.answer("b")
    script.describe()
    until_after(script, "Empty", 0, began, 2 * _DELAY_S)
    script.describe()
    script.join("c")
    script.describe()


# --- group.max.size


def test_group_max_size(script_of: Scripts) -> None:
    script = script_of("full")
    stable(script, "a", "b", "c")
    for version in range(10):
        script.join("d", version=version, member="", expect={ErrorCode.GROUP_MAX_SIZE_REACHED})
        script.join("d", version=version, member="nobody", expect={ErrorCode.GROUP_MAX_SIZE_REACHED})
    for version in range(5, 10):
        script.join("d", version=version, member="", instance="d", expect={ErrorCode.GROUP_MAX_SIZE_REACHED})
    script.describe()
    script.join("b")  # of those who are in: no news
    script.begin_join("b", protocols=OTHER)
    script.heartbeat_until("a", 27)
    script.ask_id("d", member="")  # those who have joined count now: one
    script.begin_join("c")
    script.until("PreparingRebalance", 3)
    script.leave("d")
    script.begin_join("a")
    for who in ("a", "b", "c"):
        script.answer(who)
    script.describe()


def test_members_who_come_back_to_a_full_rebalance_are_dropped(script_of: Scripts) -> None:
    """Whoever joins while others are away takes their place; the rebalance does not notice that nobody is missing any more."""
    script = script_of("too-large")
    stable(script, "a", "b", "c", rebalance_ms=2000)
    script.begin_join("b", protocols=OTHER, rebalance_ms=2000)
    began = time.monotonic()
    script.heartbeat_until("a", 27)
    script.ask_id("d")
    script.begin_join("d", rebalance_ms=2000)
    script.until("PreparingRebalance", 4)
    script.begin_join("a", rebalance_ms=2000)
    pass_time(time.monotonic(), 0.2)  # nothing shows that it has arrived
    script.heartbeat_until("c", 27)
    script.join("c", expect={ErrorCode.GROUP_MAX_SIZE_REACHED})
    script.describe()
    for who in ("a", "b", "d"):
        answer_after(script, who, began, 2.0)
    script.heartbeat("c", expect={ErrorCode.UNKNOWN_MEMBER_ID})
    script.describe()
    script.begin_sync("b")
    script.begin_sync("d")
    script.sync("a", assign=["a", "b", "d"])
    script.answer("b")
    script.answer("d")
    script.describe()


def test_members_that_wait_within_the_delay_count(script_of: Scripts) -> None:
    script = script_of("full-at-once")
    began = time.monotonic()
    join_in_turn(script, "a", "b", "c", static=True)
    script.join("d", instance="d", expect={ErrorCode.GROUP_MAX_SIZE_REACHED})
    script.join("d", expect={ErrorCode.GROUP_MAX_SIZE_REACHED})
    script.begin_join(
        "a again", instance="a", expect={ErrorCode.GROUP_MAX_SIZE_REACHED}
    )  # one too many, for the first one counts
    script.answer("a")
    for who in ("a again", "b", "c"):
        answer_after(script, who, began, 2 * _DELAY_S)
    script.describe()


def test_pending_members_do_not_count(script_of: Scripts) -> None:
    script = script_of("full-of-pending")
    names = ("a", "b", "c", "d", "e")
    for who in names:
        script.ask_id(who)
    began = time.monotonic()
    join_in_turn(script, *names[:3])
    script.join("d", expect={ErrorCode.GROUP_MAX_SIZE_REACHED})
    script.join("e", expect={ErrorCode.GROUP_MAX_SIZE_REACHED})
    script.join("d", expect={ErrorCode.GROUP_MAX_SIZE_REACHED})  # its id is forgotten
    for who in names[:3]:
        answer_after(script, who, began, 2 * _DELAY_S)
    script.describe()


# --- offset.metadata.max.bytes


def test_metadata_of_a_commit_has_a_limit(both: Both) -> None:
    topic = both.create_topic(both.name("noted"), 2)
    group = both.name("notes")
    GroupScript(both, "ready", group).finish()
    for text in ("x" * 10, "x" * 11, "é" * 10, "😀" * 5, "😀" * 5 + "x"):
        for version in range(2, 11):
            offsets = [Offsets(topic, [(0, version, text), (1, version, "")])]
            both.compare(
                f"{len(text)} characters",
                lambda side, version=version, offsets=offsets: commit_request(side, version, group, offsets),  # type: ignore[misc]
                [version],
                expect=ANY_ERROR,
            )
