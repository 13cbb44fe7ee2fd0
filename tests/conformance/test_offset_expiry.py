"""When committed offsets and their groups expire, against Apache Kafka, in the shortest retention there is: one minute.

All groups are set up at once on both brokers, and then watched for as long as anything is left to expire.
"""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from typing import Any

import pytest

from kafka_compat.protocol.messages.join_group import JoinGroupResponse
from kafka_compat.protocol.messages.list_groups import ListGroupsRequest, ListGroupsResponse
from kafka_compat.protocol.messages.offset_commit import OffsetCommitResponse
from kafka_compat.protocol.messages.offset_fetch import OffsetFetchResponse
from kafka_compat.protocol.messages.sync_group import SyncGroupResponse
from tests.conformance.both import ANY_ERROR, Both, ConfiguredAlike, MakeBoth, Side
from tests.conformance.group_records import compare_group_logs
from tests.conformance.group_script import Cast, GroupScript, subscription
from tests.conformance.offset_requests import Offsets, commit_request, fetch_request

pytestmark = [pytest.mark.reference, pytest.mark.slow, pytest.mark.timeout(180)]

CONFIGS = {
    "group.initial.rebalance.delay.ms": "0",
    "offsets.retention.check.interval.ms": "250",
    "offsets.retention.minutes": "1",
    "offsets.topic.num.partitions": "1",
}
_RETENTION_S = 60.0
_TOLERANCE_S = 1.0
_HOUR_MS = 3_600_000


@pytest.fixture
def both(configured_alike: ConfiguredAlike, make_both: MakeBoth) -> Iterator[Both]:
    with configured_alike(CONFIGS) as brokers, make_both(*brokers) as pair:
        yield pair


def join(script: GroupScript, **how: object) -> None:
    """Member a, alone in a stable group. A dynamic one might find its new group expired when it comes back with its id."""
    joined = script.join("a", instance="a", **how)
    assert all(isinstance(each, JoinGroupResponse) and each.error_code == 0 for each in joined), joined
    synced = script.sync("a", assign=["a"], protocol_type=how.get("protocol_type", "consumer"))
    assert all(isinstance(each, SyncGroupResponse) and each.error_code == 0 for each in synced), synced


def commit(script: GroupScript, topic: str, *partitions: int, who: str = "", retention_ms: int = -1) -> None:
    """Commit as a member, or from outside of the group; version 2 can name a retention of its own."""
    version = 9 if retention_ms == -1 else 2

    def offsets(cast: Cast) -> list[Offsets]:
        return [Offsets(topic, [(partition, partition + 5, "") for partition in partitions])]

    responses = script.call(
        who or "admin",
        "commit",
        lambda cast: commit_request(
            cast.side,
            version,
            script.group,
            offsets(cast),
            generation=cast.generations[who] if who else -1,
            member=cast.id(who),
            retention_ms=retention_ms,
        ),
        version,
    )
    for response in responses:
        assert isinstance(response, OffsetCommitResponse)
        assert {partition.error_code for partition in response.topics[0].partitions} == {0}


def _near(one_s: float, other_s: float) -> bool:
    return abs(one_s - other_s) < _TOLERANCE_S


class Watch:
    """What is there on one side, and when it went: (group, topic, partition), and (group,) for the group itself."""

    def __init__(self, side: Side, groups: list[str], began: float) -> None:
        self.side = side
        self._groups = groups
        self._began = began
        self._there: set[tuple[str, ...]] = set()
        self.gone_after_s: dict[tuple[str, ...], float] = {}

    def look(self) -> None:
        there: set[tuple[str, ...]] = set()
        listed = self.side.call(ListGroupsRequest(), 5, ListGroupsResponse)
        there |= {(group.group_id,) for group in listed.groups if group.group_id in self._groups}
        fetched = self.side.call(fetch_request(self.side, 9, [(group, None) for group in self._groups]), 9, OffsetFetchResponse)
        for group in fetched.groups:
            there |= {
                (group.group_id, topic.name, str(partition.partition_index))
                for topic in group.topics
                for partition in topic.partitions
            }
        for gone in self._there - there:
            self.gone_after_s.setdefault(gone, time.monotonic() - self._began)
        self._there |= there

    @property
    def left(self) -> set[tuple[str, ...]]:
        return self._there - self.gone_after_s.keys()


def test_offsets_and_groups_expire_alike(both: Both) -> None:
    topic, other = both.create_topic(both.name("consumed"), 2), both.create_topic(both.name("left-alone"), 2)
    consumes_topic = (("range", subscription(topic)),)
    stems = ("simple", "own", "own-long", "active", "emptied", "late", "connect", "unread", "rebalancing", "renewed", "mixed")
    scripts = {stem: GroupScript(both, stem) for stem in stems}
    group = {stem: script.group for stem, script in scripts.items()}
    hour: dict[str, Any] = {"session_ms": 600_000, "rebalance_ms": 600_000}

    began = time.monotonic()
    watches = [Watch(side, list(group.values()), began) for side in both.sides]
    expected: dict[tuple[str, ...], float] = {}

    def goes(stem: str, after_s: float, *offsets: tuple[str, int]) -> None:
        for name, partition in offsets:
            expected[group[stem], name, str(partition)] = after_s
        if not offsets:
            expected[(group[stem],)] = after_s

    def watch_until(after_s: float) -> None:
        while time.monotonic() < began + after_s:
            for watch in watches:
                watch.look()
            select.select([], [], [], 0.05)

    # From outside of any group: a minute after the commit, and the group with the last offset.
    commit(scripts["simple"], topic, 0, 1)
    goes("simple", _RETENTION_S, (topic, 0))
    # OffsetCommit before version 5 names a retention.
    commit(scripts["own"], topic, 0, retention_ms=4000)
    commit(scripts["own"], topic, 1, retention_ms=2000)
    goes("own", 4, (topic, 0))
    goes("own", 2, (topic, 1))
    goes("own", 4)
    commit(scripts["own-long"], topic, 0, retention_ms=_HOUR_MS)
    commit(scripts["mixed"], topic, 0, retention_ms=_HOUR_MS)
    commit(scripts["mixed"], topic, 0)  # a later commit without one
    goes("mixed", _RETENTION_S, (topic, 0))
    goes("mixed", _RETENTION_S)
    commit(scripts["renewed"], topic, 0)

    # Of consumers: what they are subscribed to stays, other topics expire, the group stays.
    for stem in ("active", "emptied", "late", "rebalancing"):
        join(scripts[stem], protocols=consumes_topic, **hour)
        commit(scripts[stem], topic, 0, who="a")
        commit(scripts[stem], other, 0, who="a")
    goes("active", _RETENTION_S, (other, 0))
    # Of members that are no consumers, and of consumers whose subscription cannot be read: nothing expires.
    join(scripts["connect"], protocol_type="connect", **hour)
    join(scripts["unread"], protocols=(("range", b"\x00\x01\x00\x00\x00"),), **hour)
    for stem in ("connect", "unread"):
        commit(scripts[stem], topic, 0, who="a")
    # While members are waited for nothing expires.
    scripts["rebalancing"].ask_id("b", **hour)
    scripts["rebalancing"].begin_join("b", protocols=consumes_topic, **hour)
    scripts["rebalancing"].until("PreparingRebalance", 2)
    # Empty: the minute begins when the last member left, for whatever was committed before or after.
    scripts["late"].leave("a")
    goes("late", _RETENTION_S, (topic, 0), (other, 0), (topic, 1))
    goes("late", _RETENTION_S)

    watch_until(10)
    now_s = time.monotonic() - began
    commit(scripts["simple"], topic, 1)
    goes("simple", now_s + _RETENTION_S, (topic, 1))
    goes("simple", now_s + _RETENTION_S)
    commit(scripts["renewed"], topic, 0)
    goes("renewed", now_s + _RETENTION_S, (topic, 0))
    goes("renewed", now_s + _RETENTION_S)
    commit(scripts["late"], topic, 1)
    scripts["emptied"].leave("a")
    goes("emptied", now_s + _RETENTION_S, (topic, 0), (other, 0))
    goes("emptied", now_s + _RETENTION_S)
    watch_until(now_s + _RETENTION_S + 2 * _TOLERANCE_S)

    reference, ours = watches
    assert ours.left == reference.left
    theirs, mine = reference.gone_after_s, ours.gone_after_s
    assert theirs.keys() == mine.keys() == expected.keys()
    wrong = {what: (theirs[what], mine[what], after_s) for what, after_s in expected.items() if not _near(after_s, mine[what])}
    wrong |= {what: (theirs[what], mine[what], -1.0) for what in expected if not _near(theirs[what], mine[what])}
    assert wrong == {}  # seconds: the reference's, ours, expected
    assert reference.left == {
        *((group[stem],) for stem in ("own-long", "active", "connect", "unread", "rebalancing")),
        *((group[stem], topic, "0") for stem in ("own-long", "active", "connect", "unread", "rebalancing")),
        (group["rebalancing"], other, "0"),
    }
    for script in scripts.values():
        script.describe(expect=ANY_ERROR)  # some are gone
        script.finish()
        compare_group_logs(script)
