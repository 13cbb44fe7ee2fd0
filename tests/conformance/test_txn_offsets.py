"""TxnOffsetCommit, and what pending offsets do to OffsetFetch, OffsetDelete and DeleteGroups, against Apache Kafka."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.delete_groups import DeleteGroupsRequest
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse
from kafka_compat.protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)
from kafka_compat.protocol.messages.offset_fetch import OffsetFetchResponse
from kafka_compat.protocol.messages.txn_offset_commit import TxnOffsetCommitRequest, TxnOffsetCommitResponse
from tests.conformance.both import ANY_ERROR, Both, ConfiguredAlike, Expected, MakeBoth, Side
from tests.conformance.group_script import GroupScript, subscription
from tests.conformance.offset_requests import Asked, Offsets, commit_request, fetch_request
from tests.conformance.transactional_producers import END_PLAINLY, END_WITH_BUMP, TransactionalProducer, until

VERSIONS = range(6)
FETCH_VERSIONS = range(7, 11)


@pytest.fixture
def ready(both: Both) -> Both:
    """Both sides with a coordinator that has loaded its groups."""
    GroupScript(both, "ready").finish()
    return both


def fetch(both: Both, label: str, *groups: tuple[str, Asked], versions: range = FETCH_VERSIONS, expect: Expected = ()) -> None:
    """OffsetFetch that requires stable offsets."""
    for version in versions:
        if version < 8 and len(groups) > 1:
            continue
        both.compare(
            label,
            lambda side, version=version: fetch_request(side, version, groups),  # type: ignore[misc]
            [version],
            unordered=["topics", "partitions"] if any(asked is None for _, asked in groups) else [],
            expect=expect,
        )


def wait_until_stable(both: Both, group: str, *topics: tuple[str, Sequence[int]]) -> None:
    """Return when the markers of ended transactions have come."""

    def look(side: Side) -> int:
        answer = side.call(fetch_request(side, 9, [(group, topics)]), 9, OffsetFetchResponse).groups[0]
        codes = {answer.error_code} | {p.error_code for topic in answer.topics for p in topic.partitions}
        return ErrorCode.CONCURRENT_TRANSACTIONS if ErrorCode.UNSTABLE_OFFSET_COMMIT in codes else 0

    for side in both.sides:
        until(lambda side=side: look(side))  # type: ignore[misc]


def plain_commit(both: Both, group: str, topic: str, partition: int, offset: int) -> None:
    both.compare(
        "plain commit", lambda side: commit_request(side, 9, group, [Offsets(topic, [(partition, offset, "plain")])]), [9]
    )


@pytest.mark.parametrize("is_commit", [True, False])
@pytest.mark.parametrize("version", VERSIONS)
def test_offsets_count_when_the_transaction_commits(ready: Both, version: int, is_commit: bool) -> None:
    topic = ready.create_topic(ready.name("counted"), 3)
    group = ready.name("group")
    asked: list[tuple[str, Sequence[int]]] = [(topic, [0, 1, 2])]
    plain_commit(ready, group, topic, 0, 3)
    producer = TransactionalProducer(ready, "tid")
    for number in range(2):
        if version < 5:
            producer.add_group(group)
        request = producer.commit(group, (topic, [(0, 5 + number, "m"), (1, 6, None)]), version=version)
        if version == 5:
            until_accepted(ready, request)
        ready.compare("commit", request, [version])
        fetch(ready, "pending", (group, asked), expect={ErrorCode.UNSTABLE_OFFSET_COMMIT})
        fetch(ready, "pending, all", (group, None), expect={ErrorCode.UNSTABLE_OFFSET_COMMIT})
        producer.end(is_commit=is_commit, version=END_WITH_BUMP if version == 5 else END_PLAINLY)
        wait_until_stable(ready, group, *asked)
        fetch(ready, "ended", (group, asked))
        fetch(ready, "ended, all", (group, None))


def until_accepted(both: Both, request: Callable[[Side], TxnOffsetCommitRequest]) -> None:
    """Version 5 adds the partition by itself, which the end of the transaction before may hold up: let that pass."""
    for side in both.sides:
        until(
            lambda side=side: max(  # type: ignore[misc]
                p.error_code for topic in side.call(request(side), 5, TxnOffsetCommitResponse).topics for p in topic.partitions
            )
        )


def test_before_there_is_a_coordinator_of_groups(configured_alike: ConfiguredAlike, make_both: MakeBoth) -> None:
    """Nobody leads the group's partition, which is told otherwise than a partition that another broker leads."""
    with configured_alike({}) as brokers, make_both(*brokers) as both:
        topic = both.create_topic(both.name("early"), 1)
        producer = TransactionalProducer(both, "tid")
        for version in VERSIONS:
            request = producer.commit(both.name("group"), (topic, [(0, 1, "")]), version=version)
            both.compare("commit", request, [version], expect=ANY_ERROR)


@pytest.mark.parametrize("version", VERSIONS)
def test_producers_that_have_no_transaction(ready: Both, version: int) -> None:
    topic = ready.create_topic(ready.name("refused"), 2)
    group = ready.name("group")
    offsets = (topic, [(0, 1, ""), (1, 1, "")])
    producer = TransactionalProducer(ready, "tid")
    cases = {
        "unknown transactional id": producer.commit(group, offsets, version=version, transactional_id="nobody"),
        "no transactional id": producer.commit(group, offsets, version=version, transactional_id=""),
        "another producer id": producer.commit(group, offsets, version=version, id_shift=100_000),
        "a later epoch": producer.commit(group, offsets, version=version, epoch_shift=1),
        "no epoch": producer.commit(group, offsets, version=version, epoch_shift=-2),
        "an earlier epoch": producer.commit(group, offsets, version=version, epoch_shift=-1),
    }
    if version < 5:
        cases["no transaction"] = producer.commit(group, offsets, version=version)
    for label, request in cases.items():
        ready.compare(label, request, [version], expect=ANY_ERROR)
    producer.add_group(group)
    for label, request in cases.items():
        if label != "no transaction":
            ready.compare(f"{label}, after it was added", request, [version], expect=ANY_ERROR)
    ready.compare("added", producer.commit(group, offsets, version=version), [version])
    for label, request in cases.items():
        if label != "no transaction":
            ready.compare(f"{label}, after a commit", request, [version], expect=ANY_ERROR)
    another = ready.name("another")
    if version < 5:
        ready.compare("another group", producer.commit(another, offsets, version=version), [version], expect=ANY_ERROR)
    producer.end(is_commit=False)
    wait_until_stable(ready, group, (topic, [0, 1]))


@pytest.mark.parametrize("version", VERSIONS)
def test_an_instance_that_was_fenced(ready: Both, version: int) -> None:
    topic = ready.create_topic(ready.name("fenced"), 1)
    group = ready.name("group")
    producer = TransactionalProducer(ready, "tid")
    producer.add_group(group)
    ready.compare("before", producer.commit(group, (topic, [(0, 1, "")]), version=version), [version])
    producer.init()
    wait_until_stable(ready, group, (topic, [0]))
    fetch(ready, "aborted", (group, [(topic, [0])]))
    late = producer.commit(group, (topic, [(0, 2, "")]), version=version, epoch_shift=-1)
    ready.compare("the old instance", late, [version], expect={ErrorCode.INVALID_PRODUCER_EPOCH})
    producer.add_group(group)
    ready.compare("the new instance", producer.commit(group, (topic, [(0, 3, "")]), version=version), [version])
    ready.compare("the old instance again", late, [version], expect={ErrorCode.INVALID_PRODUCER_EPOCH})
    producer.end(is_commit=True)
    wait_until_stable(ready, group, (topic, [0]))
    fetch(ready, "committed", (group, [(topic, [0])]))


@pytest.mark.parametrize("version", VERSIONS)
def test_topics_partitions_and_metadata(ready: Both, version: int) -> None:
    topic = ready.create_topic(ready.name("known"), 2)
    other = ready.create_topic(ready.name("known-too"), 1)
    group = ready.name("group")
    producer = TransactionalProducer(ready, "tid")
    producer.add_group(group)
    unknown = {ErrorCode.UNKNOWN_TOPIC_OR_PARTITION}
    cases: list[tuple[str, str, list[tuple[str, list[tuple[int, int, str | None]]]], Expected]] = [
        (
            "unknown",
            group,
            [(topic, [(2, 1, ""), (0, 1, ""), (-1, 1, "")]), ("no", [(0, 1, "")]), (other, [(0, 1, "")])],
            unknown,
        ),
        ("nothing known", group, [("no", [(0, 1, "")]), ("", [(0, 1, "")]), (topic, [(9, 1, "")])], unknown),
        ("twice", group, [(topic, [(0, 5, ""), (0, 6, "")]), (other, [(0, 9, "")]), (topic, [(1, 7, "")])], ()),
        ("twice and unknown", group, [(topic, [(9, 5, "")]), (other, [(0, 9, "")]), (topic, [(1, 7, "")])], unknown),
        ("no topics", group, [], ()),
        ("no partitions", group, [(topic, []), ("no", [])], ()),
        ("too much", group, [(topic, [(0, 1, "x" * 4097), (1, 2, "y" * 4096)])], {ErrorCode.OFFSET_METADATA_TOO_LARGE}),
        ("only too much", group, [(topic, [(0, 1, "x" * 4097)])], {ErrorCode.OFFSET_METADATA_TOO_LARGE}),
        ("empty group", "", [(topic, [(0, 1, "")]), ("no", [(0, 1, "")])], ANY_ERROR),
        ("negative", group, [(topic, [(0, -1, ""), (1, -(1 << 63), "")])], ()),
    ]
    for label, of_group, topics, expect in cases:
        ready.compare(label, producer.commit(of_group, *topics, version=version), [version], expect=expect)
    producer.end(is_commit=True)
    wait_until_stable(ready, group, (topic, [0, 1]), (other, [0]))
    fetch(ready, "after all", (group, [(topic, [0, 1]), (other, [0])]), (group, None))


@pytest.mark.parametrize("version", range(3, 6))
def test_members_and_generations(ready: Both, version: int) -> None:
    topic = ready.create_topic(ready.name("shared"), 1)
    offsets = (topic, [(0, version, "")])
    script = GroupScript(ready, "members")
    group = script.group
    producer = TransactionalProducer(ready, "tid")
    producer.add_group(group)

    def ids(shift: int = 0) -> Callable[[Side], tuple[str, int]]:
        casts = {cast.side.kind: cast for cast in script.casts}
        return lambda side: (casts[side.kind].id("a"), casts[side.kind].generations["a"] + shift)

    def play(label: str) -> None:
        for name, arguments in (
            ("member", {"member_of": ids()}),
            ("later generation", {"member_of": ids(1)}),
            ("earlier generation", {"member_of": ids(-1)}),
            ("stranger", {"member": "stranger", "generation": 1}),
            ("stranger without generation", {"member": "stranger"}),
            ("generation alone", {"generation": 1}),
            ("nobody", {}),
            ("instance alone", {"instance": "i"}),
            ("member and instance", {"member_of": ids(), "instance": "i"}),
        ):
            if "member_of" in arguments and label == "no group":
                continue
            request = producer.commit(group, offsets, version=version, **arguments)
            ready.compare(f"{label}: {name}", request, [version], expect=ANY_ERROR)

    play("no group")
    producer.end(is_commit=False)
    producer.add_group(group)
    script.join("a", protocols=(("range", subscription(topic)),))
    play("completing")
    script.sync("a", assign=["a"])
    play("stable")
    producer.end(is_commit=True)
    wait_until_stable(ready, group, (topic, [0]))
    fetch(ready, "after all", (group, [(topic, [0])]))
    script.finish()


def test_later_plain_commits_win(ready: Both) -> None:
    topic = ready.create_topic(ready.name("both"), 3)
    group = ready.name("group")
    asked = (topic, [0, 1, 2])
    one, other = TransactionalProducer(ready, "tid"), TransactionalProducer(ready, "tid")
    one.add_group(group)
    other.add_group(group)
    plain_commit(ready, group, topic, 0, 1)
    ready.compare("one", one.commit(group, (topic, [(0, 2, ""), (1, 2, ""), (2, 2, "")]), version=4), [4])
    plain_commit(ready, group, topic, 1, 3)
    ready.compare("other", other.commit(group, (topic, [(2, 4, "")]), version=4), [4])
    other.end(is_commit=True)
    wait = [(topic, [2])]
    for side in ready.sides:
        _wait_for(side, group, topic, 2, 4)
    fetch(ready, "one is open", (group, [asked]), (group, wait), expect={ErrorCode.UNSTABLE_OFFSET_COMMIT})
    one.end(is_commit=True)
    wait_until_stable(ready, group, asked)
    fetch(ready, "both have ended", (group, [asked]))


def _wait_for(side: Side, group: str, topic: str, partition: int, offset: int) -> None:
    """Return when a fetch that takes unstable offsets sees `offset`."""
    request = fetch_request(side, 9, [(group, [(topic, [partition])])])
    request.require_stable = False
    deadline = time.monotonic() + 30
    while side.call(request, 9, OffsetFetchResponse).groups[0].topics[0].partitions[0].committed_offset != offset:
        assert time.monotonic() < deadline


@pytest.mark.parametrize("is_commit", [True, False])
def test_deletions_while_offsets_are_pending(ready: Both, is_commit: bool) -> None:
    topic = ready.create_topic(ready.name("kept"), 2)
    gone = ready.create_topic(ready.name("gone"), 1)
    deleted, thinned, left = (ready.name(stem) for stem in ("deleted", "thinned", "left"))
    producer = TransactionalProducer(ready, "tid")
    for group in (deleted, thinned, left):
        producer.add_group(group)
        offsets = [(topic, [(0, 1, ""), (1, 2, "")]), (gone, [(0, 3, "")])]
        ready.compare("commit", producer.commit(group, *offsets, version=4), [4])
    ready.compare("delete the group", DeleteGroupsRequest(groups_names=[deleted]), [2])
    fetch(ready, "of the deleted group", (deleted, [(topic, [0, 1])]))
    ready.compare("delete it again", DeleteGroupsRequest(groups_names=[deleted]), [2], expect={ErrorCode.GROUP_ID_NOT_FOUND})
    wanted = OffsetDeleteRequestTopic(name=topic, partitions=[OffsetDeleteRequestPartition(partition_index=0)])
    ready.compare("delete an offset", OffsetDeleteRequest(group_id=thinned, topics=[wanted]), [0])
    for partition in (0, 1):
        expect = {ErrorCode.UNSTABLE_OFFSET_COMMIT} if partition else ()
        fetch(ready, "of the thinned group", (thinned, [(topic, [partition])]), expect=expect)
    for side in ready.sides:
        side.call(DeleteTopicsRequest(topic_names=[gone], timeout_ms=30_000), 5, DeleteTopicsResponse)
    wait_until_stable(ready, left, (gone, [0]))
    producer.end(is_commit=is_commit)
    for group in (thinned, left):
        wait_until_stable(ready, group, (topic, [0, 1]))
    asked: Asked = [(topic, [0, 1]), (gone, [0])]
    fetch(ready, "after all", *[(group, asked) for group in (deleted, thinned, left)], versions=range(8, 10))
