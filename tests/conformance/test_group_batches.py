"""Records of a coordinator that are too large for a batch of __consumer_offsets, against Apache Kafka."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse
from kafka_compat.protocol.messages.offset_fetch import OffsetFetchResponse
from tests.conformance.both import Both
from tests.conformance.group_records import compare_group_logs
from tests.conformance.group_script import GroupScript, subscription
from tests.conformance.offset_requests import OffsetCases, Offsets, commit_request, fetch_request

pytestmark = pytest.mark.slow

# Expiry comes so often that it would take a new group from a dynamic member before it comes back with its id.
BROKER_CONFIGS = {
    "group.initial.rebalance.delay.ms": "0",
    "message.max.bytes": "20000",
    "offsets.retention.check.interval.ms": "250",
    "offsets.topic.num.partitions": "1",
}
_LARGE = 30_000
_PARTITIONS = 100
_PATIENCE_S = 20.0


@pytest.fixture
def script(both: Both) -> Iterator[GroupScript]:
    script = GroupScript(both, "large")
    yield script
    script.finish()
    # How much is left of it at the commit depends on how long the others took.
    compare_group_logs(script, {"expire_timestamp": lambda value: value if value == -1 else "<time>"})


def long_topic(both: Both) -> str:
    """A topic of whose offsets a hundred tombstones do not go into one batch."""
    return both.create_topic(both.name("t" * 240), _PARTITIONS)


def commit_all(script: GroupScript, topic: str, *, expire_after_s: float | None = None) -> None:
    """Every partition's offset, in commits that are small enough; all are to expire at one moment."""
    began = time.monotonic()
    for first in range(0, _PARTITIONS, 25):
        offsets = [Offsets(topic, [(partition, 5, "") for partition in range(first, first + 25)])]
        left_s = 0.0 if expire_after_s is None else expire_after_s - (time.monotonic() - began)
        script.call(
            "admin",
            "commit",
            lambda cast, offsets=offsets, left_s=left_s: commit_request(  # type: ignore[misc]
                cast.side, 2, script.group, offsets, retention_ms=int(left_s * 1000) or -1
            ),
            2,
        )


def wait_until_gone(script: GroupScript) -> None:
    """Return when neither side has offsets of the group, or the group."""
    for cast in script.casts:
        deadline = time.monotonic() + _PATIENCE_S
        request = fetch_request(cast.side, 9, [(script.group, None)])
        while topics := cast.client("watcher").call(request, 9, OffsetFetchResponse).groups[0].topics:
            left = sum(len(topic.partitions) for topic in topics)
            assert time.monotonic() < deadline, f"{cast.side.kind} still has {left} offsets"
    script.until("Dead", 0)


def test_a_commit_that_is_too_large(both: Both, script: GroupScript) -> None:
    topic = both.create_topic(both.name("noted"), 10)
    cases = OffsetCases(both)
    large = Offsets(topic, [(partition, 1, "x" * 3000) for partition in range(10)])
    small = Offsets(topic, [(partition, 2, "") for partition in range(2)])
    cases.commit("too large", script.group, large, expect={ErrorCode.UNKNOWN_SERVER_ERROR})
    cases.fetch("after", (script.group, None))
    cases.commit("small", script.group, small)
    cases.fetch("after", (script.group, None))


def test_an_assignment_that_is_too_large(script: GroupScript) -> None:
    script.join("a", instance="a", rebalance_ms=2000)
    for number in range(2):
        script.begin_sync("a", assign=["a"], filling=bytes(_LARGE), expect={ErrorCode.UNKNOWN_SERVER_ERROR})
        script.answer("a")
        script.describe()
        script.heartbeat("a", expect={ErrorCode.REBALANCE_IN_PROGRESS})
        script.join("a", instance="a", rebalance_ms=2000 + number)
    script.sync("a", assign=["a"])
    script.describe()


def test_metadata_that_are_too_large(script: GroupScript) -> None:
    """Only the assignment writes them; a static member that comes back with more of them keeps its old id."""
    protocols = (("range", subscription("t", user_data=bytes(_LARGE))),)
    script.join("a", instance="a", protocols=protocols)
    script.sync("a", instance="a", assign=["a"], expect={ErrorCode.UNKNOWN_SERVER_ERROR})
    script.describe()
    script.join("a", instance="a")
    script.sync("a", instance="a", assign=["a"])
    script.join("b", instance="a", protocols=protocols, expect={ErrorCode.UNKNOWN_SERVER_ERROR})
    script.describe()
    script.heartbeat("a", instance="a")
    script.heartbeat("a")
    script.join("b", instance="a", member="")
    script.describe()


def test_offsets_that_expire_in_large_numbers(both: Both, script: GroupScript) -> None:
    commit_all(script, long_topic(both), expire_after_s=4.0)
    wait_until_gone(script)
    script.describe(expect={ErrorCode.GROUP_ID_NOT_FOUND})


def test_offsets_of_a_deleted_topic_in_large_numbers(both: Both, script: GroupScript) -> None:
    topic = long_topic(both)
    commit_all(script, topic)
    for side in both.sides:
        side.call(DeleteTopicsRequest(topic_names=[topic], timeout_ms=30_000), 5, DeleteTopicsResponse)
    wait_until_gone(script)


def test_offsets_that_are_deleted_in_large_numbers(both: Both, script: GroupScript) -> None:
    topic = long_topic(both)
    commit_all(script, topic)
    cases = OffsetCases(both)
    cases.delete("all", script.group, (topic, range(_PARTITIONS)), expect={ErrorCode.UNKNOWN_SERVER_ERROR})
    cases.fetch("after", (script.group, None), versions=range(9, 10))
    script.delete(expect={ErrorCode.UNKNOWN_SERVER_ERROR})
    script.describe()
    cases.fetch("after all", (script.group, None), versions=range(9, 10))
