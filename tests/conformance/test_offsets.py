"""FindCoordinator, OffsetCommit, OffsetFetch and OffsetDelete against Apache Kafka."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest
from kafka_compat.protocol.messages.offset_commit import (
    OffsetCommitRequest,
)
from kafka_compat.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
)
from tests.conformance.both import ANY_ERROR, Both
from tests.conformance.group_records import compare_group_logs
from tests.conformance.group_script import Cast, GroupScript, Protocols, subscription
from tests.conformance.offset_requests import COMMIT_VERSIONS, Asked, OffsetCases, Offsets, commit_request


@pytest.fixture
def cases(both: Both) -> OffsetCases:
    """Both sides with a coordinator that has loaded its groups."""
    GroupScript(both, "ready").finish()
    return OffsetCases(both)


@pytest.fixture
def script(both: Both) -> Iterator[GroupScript]:
    script = GroupScript(both, "members")
    yield script
    script.finish()
    compare_group_logs(script)


def test_find_coordinator(cases: OffsetCases) -> None:
    for key in ("g", "", "a:b:c", "größer"):
        cases.both.compare(f"group {key}", FindCoordinatorRequest(key=key), range(1))
        cases.both.compare(f"group {key}", FindCoordinatorRequest(key=key, key_type=0), range(1, 4))
        cases.both.compare(f"group {key}", FindCoordinatorRequest(coordinator_keys=[key, key]), range(4, 7))
    cases.both.compare("no keys", FindCoordinatorRequest(), range(4, 7))
    for key_type in (2, 3, -1):
        label = f"key type {key_type}"
        cases.both.compare(
            label, FindCoordinatorRequest(key="g", key_type=key_type), range(1, 4), expect={ErrorCode.INVALID_REQUEST}
        )
        cases.both.compare(
            label,
            FindCoordinatorRequest(coordinator_keys=["g", "h"], key_type=key_type),
            range(4, 7),
            expect={ErrorCode.INVALID_REQUEST},
        )


def test_commits_from_outside_of_a_group(cases: OffsetCases) -> None:
    topic = cases.both.create_topic(cases.both.name("committed"), 3)
    other = cases.both.create_topic(cases.both.name("committed-too"), 1)
    group = cases.both.name("simple")
    everything = [(topic, [0, 1, 2, 7]), (other, [0]), ("no-such-topic", [0, 1])]
    for version in COMMIT_VERSIONS:
        versions = range(version, version + 1)
        cases.commit("new and old group", group, Offsets(topic, [(0, version, "m"), (1, 7, None)]), versions=versions)
        cases.fetch(f"after commit v{version}", (group, everything), expect={ErrorCode.UNKNOWN_TOPIC_ID})
    cases.commit(
        "unknown partition",
        group,
        Offsets(topic, [(7, 1, ""), (0, 2, ""), (-1, 3, ""), (1, 4, "")]),
        expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION},
    )
    cases.commit(
        "unknown topic",
        group,
        Offsets("no-such-topic", [(0, 1, ""), (1, 1, "")]),
        Offsets(other, [(0, 8, "")]),
        expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.UNKNOWN_TOPIC_ID},
    )
    cases.commit(
        "nothing known",
        group,
        Offsets("no-such-topic", [(0, 1, "")]),
        Offsets("", [(0, 1, "")]),
        expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.UNKNOWN_TOPIC_ID},
    )
    cases.commit(
        "twice", group, Offsets(topic, [(0, 5, ""), (0, 6, "")]), Offsets(other, [(0, 9, "")]), Offsets(topic, [(2, 7, "")])
    )
    cases.commit(
        "twice and unknown",
        group,
        Offsets(topic, [(9, 5, "")]),
        Offsets(other, [(0, 9, "")]),
        Offsets(topic, [(2, 7, "")]),
        expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION},
    )
    cases.commit("nothing", group)
    cases.commit("no partitions", group, Offsets(topic, []), Offsets("no-such-topic", []))
    cases.commit("negative offsets", group, Offsets(topic, [(0, -1, ""), (1, -(1 << 63), ""), (2, (1 << 63) - 1, "")], -7))
    cases.fetch("after all", (group, everything), expect={ErrorCode.UNKNOWN_TOPIC_ID})
    cases.fetch("everything", (group, None))


def test_metadata_of_a_commit(cases: OffsetCases) -> None:
    topic = cases.both.create_topic(cases.both.name("noted"), 3)
    group = cases.both.name("notes")
    texts = ["x" * 4096, "x" * 4097, "é" * 4096, "😀" * 2048, "😀" * 2049, None, ""]
    for text in texts:
        cases.commit("metadata", group, Offsets(topic, [(0, 5, text), (1, 6, "short")]), versions=range(8, 9), expect=ANY_ERROR)
        cases.fetch("metadata", (group, [(topic, [0, 1])]), versions=range(8, 9))


def test_commits_that_name_a_generation(cases: OffsetCases) -> None:
    topic = cases.both.create_topic(cases.both.name("generation"), 1)
    simple = cases.both.name("simple")
    cases.commit("makes the group", simple, Offsets(topic, [(0, 1, "")]), versions=range(9, 10))
    for group in (simple, cases.both.name("nobody"), ""):
        cases.commit(
            f"{group[:6]} with generation", group, Offsets(topic, [(0, 2, "")]), generation=3, member="m", expect=ANY_ERROR
        )
        cases.commit(f"{group[:6]} with member", group, Offsets(topic, [(0, 3, "")]), member="m")
    cases.commit("the empty group", "", Offsets(topic, [(0, 4, "")]))
    cases.fetch("the empty group", ("", [(topic, [0])]))
    cases.commit("retention", simple, Offsets(topic, [(0, 9, "")]), versions=range(2, 5), retention_ms=3_600_000)
    cases.fetch("what counted", (simple, [(topic, [0])]))
    for topics in list[list[tuple[str, list[int]]]]([[], [(topic, [])], [(topic, [0])]]):
        cases.delete("from the empty group", "", *topics, expect={ErrorCode.INVALID_GROUP_ID})
    # Other tests look at this group too.
    cases.delete_topic(topic, "")
    cases.delete_group("")


def test_fetches(cases: OffsetCases) -> None:
    topic = cases.both.create_topic(cases.both.name("fetched"), 4)
    groups = [cases.both.name("reader") for _ in range(3)]
    for number, group in enumerate(groups[:2]):
        cases.commit("commit", group, Offsets(topic, [(0, number, "a"), (2, 5, "b")]), versions=range(9, 10))
    questions: list[Asked] = [
        None,
        [],
        [(topic, [])],
        [(topic, [0, 0, 1, 9, -1])],
        [("nowhere", [0]), (topic, [2]), ("nowhere", []), (topic, [0])],
        [("", [0])],
    ]
    for asked in questions:
        for group in (*groups, ""):
            cases.fetch(f"{asked}", (group, asked), expect=ANY_ERROR)
    cases.fetch("several", *[(group, asked) for group in groups for asked in (None, [(topic, [0, 1])])], versions=range(8, 11))
    cases.fetch("one twice", (groups[0], None), (groups[0], [(topic, [2])]), versions=range(8, 11))
    cases.both.compare("no groups", OffsetFetchRequest(), range(8, 11))


def test_delete(cases: OffsetCases) -> None:
    topic = cases.both.create_topic(cases.both.name("forgotten"), 3)
    group = cases.both.name("forgetful")
    cases.commit("commit", group, Offsets(topic, [(0, 1, ""), (1, 2, ""), (2, 3, "")]), versions=range(9, 10))
    cases.delete("nothing", group)
    cases.delete("no partitions", group, (topic, []))
    cases.delete("unknown topic", group, ("no-such-topic", [0]), expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION})
    for asked in list[list[tuple[str, list[int]]]]([[], [(topic, [])], [("no-such-topic", [0])]]):
        cases.delete("unknown group", cases.both.name("nobody"), *asked, expect={ErrorCode.GROUP_ID_NOT_FOUND})
    cases.delete(
        "some",
        group,
        (topic, [9, 0, 1]),
        ("no-such-topic", [0, 1]),
        ("no-such-either", []),
        expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION},
    )
    cases.fetch("after", (group, None))
    cases.delete("again", group, (topic, [0, 1, 2]))
    cases.fetch("after all", (group, None), (group, [(topic, [0, 1, 2])]), versions=range(8, 9))


def test_offsets_of_deleted_topics_are_gone(cases: OffsetCases) -> None:
    name = cases.both.create_topic(cases.both.name("deleted"), 1)
    group = cases.both.name("left")
    cases.commit("commit", group, Offsets(name, [(0, 1, "")]), versions=range(9, 10))
    cases.delete_topic(name, group)
    cases.both.create_topic(name, 1)
    cases.fetch("of the new topic", (group, [(name, [0])]))


def _subscribed(*topics: str) -> Protocols:
    return (("range", subscription(*topics)),)


def _commit_as(
    script: GroupScript, topic: str, who: str, *, shift: int = 0, member: str | None = None, instance: str | None = None
) -> Callable[[int], None]:
    def commit(version: int) -> None:
        def make(cast: Cast) -> OffsetCommitRequest:
            return commit_request(
                cast.side,
                version,
                script.group,
                [Offsets(topic, [(0, version, "")])],
                generation=cast.generations.get(who, -1) + shift,
                member=cast.id(who) if member is None else member,
                instance=instance,
            )

        script.call(who, "commit", make, version, expect=ANY_ERROR)

    return commit


def test_members_commit_in_their_generation(cases: OffsetCases, script: GroupScript) -> None:
    topic = cases.both.create_topic(cases.both.name("shared"), 1)
    script.join("a", protocols=_subscribed(topic))
    commits = [
        _commit_as(script, topic, "a"),
        _commit_as(script, topic, "a", shift=1),
        _commit_as(script, topic, "a", shift=-1),
        _commit_as(script, topic, "a", member="stranger"),
        _commit_as(script, topic, "a", member=""),
        _commit_as(script, topic, "a", shift=-10, member=""),
        _commit_as(script, topic, "a", shift=-10),
        _commit_as(script, topic, "a", instance="i"),
    ]
    for version in COMMIT_VERSIONS:
        for commit in commits:
            commit(version)
    script.sync("a", assign=["a"])
    for version in COMMIT_VERSIONS:
        for commit in commits:
            commit(version)
    cases.fetch("of members", (script.group, [(topic, [0])]), (script.group, None), versions=range(8, 11))


def test_offsets_of_subscribed_topics_are_not_deleted(cases: OffsetCases, script: GroupScript) -> None:
    subscribed = cases.both.create_topic(cases.both.name("subscribed"), 1)
    other = cases.both.create_topic(cases.both.name("not-subscribed"), 1)
    both_topics = [Offsets(subscribed, [(0, 5, "")]), Offsets(other, [(0, 6, "")])]
    cases.commit("before", script.group, *both_topics, versions=range(9, 10))
    script.join("a", protocols=_subscribed(subscribed))
    cases.delete(
        "while completing",
        script.group,
        (subscribed, [0, 3]),
        (other, [0]),
        expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC},
    )
    script.sync("a", assign=["a"])
    cases.delete(
        "of members",
        script.group,
        (subscribed, [0, 3]),
        (other, [0]),
        ("no-such-topic", [0]),
        expect={ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC},
    )
    cases.fetch("of members", (script.group, [(subscribed, [0]), (other, [0])]), versions=range(8, 11))


def test_groups_of_another_protocol_keep_all_offsets(cases: OffsetCases, script: GroupScript) -> None:
    topic = cases.both.create_topic(cases.both.name("connected"), 1)
    script.join("a", protocol_type="connect")
    script.sync("a", assign=["a"], protocol_type="connect")
    cases.delete("of members", script.group, (topic, [0]), expect={ErrorCode.NON_EMPTY_GROUP})
