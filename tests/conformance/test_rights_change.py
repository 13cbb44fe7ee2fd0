"""Rights that are given and taken away while a client is connected, and in the midst of its fetch session.

A fetch that waits when a right goes is ours alone to test (`tests/api/test_authorization.py`): there we show less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.delete_acls import DeleteAclsFilter, DeleteAclsRequest, DeleteAclsResponse
from kafka_compat.protocol.messages.describe_groups import DescribeGroupsRequest
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.list_offsets import ListOffsetsResponse
from tests.conformance.both import ANY_ERROR, Both
from tests.conformance.normalise import Normal, normalise
from tests.conformance.requests import list_offsets
from tests.conformance.rights import Entry, Kind, Operation, grant
from tests.conformance.rights_ground import HERE, HERE_GROUP, OTHER, Ground, until
from tests.conformance.secured import CHANGING_USER

_ANY = 1
_DENIED = 29


@pytest.fixture
def changing(grounds: tuple[Ground, ...]) -> Iterator[None]:
    """The user who begins with nothing, and ends so."""
    yield
    for ground in grounds:
        revoke(ground)


def allow(ground: Ground, *entries: Entry) -> None:
    """Give the user rights on all names of the matrix, and wait until they count."""
    grant(ground.side, CHANGING_USER, entries)
    _when(ground, lambda code: code == 0)


def revoke(ground: Ground) -> None:
    """Take all that the user has away, and wait until that counts."""
    everything = DeleteAclsFilter(
        resource_type_filter=_ANY,
        resource_name_filter=None,
        pattern_type_filter=_ANY,
        principal_filter=f"User:{CHANGING_USER}",
        host_filter=None,
        operation=_ANY,
        permission_type=_ANY,
    )
    ground.side.call(DeleteAclsRequest(filters=[everything]), 3, DeleteAclsResponse)
    _when(ground, lambda code: code == _DENIED)


def _when(ground: Ground, is_so: Callable[[int], bool]) -> None:
    """The reference answers before its authorizer knows."""
    request = list_offsets({HERE: [(0, -1)]})

    def look() -> int:
        answer = ground.side.call(request, 7, ListOffsetsResponse, CHANGING_USER)
        return not is_so(answer.topics[0].partitions[0].error_code)

    until(look)


READ_TOPICS = Entry(Kind.TOPIC, Operation.READ)
READ_GROUPS = Entry(Kind.GROUP, Operation.READ)


@pytest.mark.usefixtures("changing")
@pytest.mark.parametrize("version", [12, 18])
def test_a_fetch_session_outlives_rights(secured: Both, grounds: tuple[Ground, ...], version: int) -> None:
    """Each request of it is looked at anew; what may not be read is told each time, without records and offsets."""
    answers = [list(_session(ground, version)) for ground in grounds]
    for step, of_step in enumerate(zip(*answers, strict=True)):
        secured.compare_values(f"step {step} v{version}", ApiKey.FETCH, *of_step, expect=ANY_ERROR)


def _session(ground: Ground, version: int) -> Iterator[Normal]:
    session_id = 0

    def fetch(epoch: int, *topics: str) -> Normal:
        nonlocal session_id
        request = FetchRequest(
            min_bytes=1,
            max_bytes=1 << 20,
            session_id=session_id,
            session_epoch=epoch,
            topics=[
                FetchTopic(
                    topic=name,
                    topic_id=ground.topic_id(name),
                    partitions=[FetchPartition(partition=0, fetch_offset=1, partition_max_bytes=1 << 16)],
                )
                for name in topics
            ],
        )
        answer = ground.side.call(request, version, FetchResponse, CHANGING_USER)
        session_id = answer.session_id
        return normalise(answer, version, ground.side.names, replace={"session_id": "<session>", "throttle_time_ms": 0})

    allow(ground, READ_TOPICS)
    yield fetch(0, OTHER, HERE)
    yield fetch(1)
    revoke(ground)
    yield fetch(2)
    yield fetch(3)
    allow(ground, READ_TOPICS)
    yield fetch(4)
    yield fetch(-1)


@pytest.mark.usefixtures("changing")
def test_groups_and_coordinators_of_one_connection(secured: Both, grounds: tuple[Ground, ...]) -> None:
    requests: dict[str, tuple[ApiKey, Message, int]] = {
        "group": (ApiKey.DESCRIBE_GROUPS, DescribeGroupsRequest(groups=[HERE_GROUP]), 6),
        "coordinator": (ApiKey.FIND_COORDINATOR, FindCoordinatorRequest(coordinator_keys=[HERE_GROUP]), 4),
    }

    def compare(moment: str) -> None:
        for label, (api, request, version) in requests.items():
            answers = [
                secured.answer(ground.side, request, version, replace={"throttle_time_ms": 0}, user=CHANGING_USER)
                for ground in grounds
            ]
            secured.compare_values(f"{label} {moment}", api, *answers, expect=ANY_ERROR)

    compare("before")
    for ground in grounds:
        allow(ground, READ_TOPICS, READ_GROUPS)
        until(lambda ground=ground: _coordinator_code(ground))  # type: ignore[misc]
    compare("with the right")
    for ground in grounds:
        revoke(ground)
        until(lambda ground=ground: not _coordinator_code(ground))  # type: ignore[misc]
    compare("without it again")


def _coordinator_code(ground: Ground) -> int:
    request = FindCoordinatorRequest(coordinator_keys=[HERE_GROUP])
    answer = ground.side.call(request, 4, FindCoordinatorResponse, CHANGING_USER)
    return answer.coordinators[0].error_code
