"""Groups and committed offsets: very many partitions, members' large words, answers that repeat themselves."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable

from kafka_compat.protocol.envelope import decode_response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.join_group import JoinGroupResponse
from scripts.soak_support.hostile_valid.frames import distinct_name, frame, text, uvarint, wide_frame
from scripts.soak_support.hostile_valid.runner import Case
from scripts.soak_support.hostile_valid.world import World

_COMMIT = (8, 9)
_FETCH = (9, 8)
_JOIN = (11, 9)
_SYNC = (14, 5)
_RETRIED = (ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, ErrorCode.NOT_COORDINATOR, ErrorCode.COORDINATOR_NOT_AVAILABLE)


def commit(group: bytes, topics: list[tuple[bytes, bytes, int]]) -> bytes:
    """An OffsetCommit v9 of a simple group: (topic, encoded partitions, their number) each."""
    parts = [text(group), struct.pack(">i", -1), b"\1\0", uvarint(len(topics) + 1)]
    for name, partitions, count in topics:
        parts += [text(name), uvarint(count + 1), partitions, b"\0"]
    return frame(8, 9, b"".join([*parts, b"\0"]))


def commit_partitions(numbers: range, metadata: bytes = b"") -> bytes:
    """The partitions of an OffsetCommit v9."""
    rest = struct.pack(">qi", 1, -1) + text(metadata) + b"\0"
    return b"".join(struct.pack(">i", number) + rest for number in numbers)


def offset_fetch(groups: list[tuple[bytes, bytes]]) -> bytes:
    """An OffsetFetch v8: (group, encoded topics) each; topics b"\\0" asks for all."""
    body = uvarint(len(groups) + 1) + b"".join(text(group) + topics + b"\0" for group, topics in groups)
    return frame(9, 8, body + b"\0\0")


def _commit_unknown_topics(count: int) -> Callable[[World], None]:
    def run(world: World) -> None:
        number = world.some(count)
        one = commit_partitions(range(1))
        data = commit(b"g", [(distinct_name(index), one, 1) for index in range(number)])
        world.notes.append(f"{len(data):,} B of frame")
        with world.measured():
            world.send(data, api=_COMMIT)

    return run


def _commit_unknown_partitions(topic: bytes, count: int) -> Callable[[World], None]:
    def run(world: World) -> None:
        number = world.some(count)
        data = commit(b"g", [(topic, commit_partitions(range(1, number + 1)), number)])
        with world.measured():
            world.send(data, api=_COMMIT)

    return run


def _commit_existing(times: int, metadata_bytes: int = 0) -> Callable[[World], None]:
    def run(world: World) -> None:
        partitions = world.some(9000)
        world.create_topic("big", partitions)
        data = commit_partitions(range(partitions), b"m" * metadata_bytes)
        frames = commit(b"g", [(b"big", data * times, partitions * times)])
        world.notes.append(f"{len(frames) / 1e6:.1f} MB of frame")
        with world.measured():
            world.send(frames, api=_COMMIT)

    return run


def _commit_pipelined(world: World) -> None:
    """A commit of 1,000 partitions, 100 times."""
    world.create_topic("big", 1000)
    data = commit(b"g", [(b"big", commit_partitions(range(1000)), 1000)])
    with world.measured():
        world.send(*[data] * world.some(100), api=_COMMIT)


def _fetch_partitions(count: int) -> Callable[[World], None]:
    def run(world: World) -> None:
        number = world.some(count)
        indexes = b"".join(struct.pack(">i", index) for index in range(number))
        data = offset_fetch([(b"g", b"\2" + text(b"t") + uvarint(number + 1) + indexes + b"\0")])
        with world.measured():
            world.send(data, api=_FETCH)

    return run


def _fetch_all_repeated(times: int) -> Callable[[World], None]:
    """A group with 9,000 committed offsets, all of them asked for again and again in one request."""

    def run(world: World) -> None:
        partitions = world.some(9000)
        world.create_topic("big", partitions)
        for start in range(0, partitions, 3000):
            world.commit("g", "big", range(start, min(partitions, start + 3000)))
        data = offset_fetch([(b"g", b"\0")] * times)
        world.notes.append(f"{len(data):,} B of frame")
        with world.measured():
            world.send(data, api=_FETCH)

    return run


def join(group: bytes, protocols: list[tuple[bytes, bytes]] | bytes, count: int = 0, member: bytes = b"") -> bytes:
    """A JoinGroup v9 of protocols (name, metadata), or of `count` encoded ones."""
    if not isinstance(protocols, bytes):
        count = len(protocols)
        protocols = b"".join(text(name) + uvarint(len(data) + 1) + data + b"\0" for name, data in protocols)
    head = text(group) + struct.pack(">ii", 60_000, 5_000) + text(member) + b"\0" + text(b"consumer")
    return frame(11, 9, head + uvarint(count + 1) + protocols + b"\0\0")


def _joined(world: World, connection: socket.socket, group: bytes, protocols: list[tuple[bytes, bytes]]) -> JoinGroupResponse:
    """Become the one member of a group."""
    member = b""
    while True:
        answer = world.send_all([(connection, join(group, protocols, member=member), 1)], api=_JOIN, record=False)[0]
        _, response = decode_response(*_JOIN, answer.body)
        assert isinstance(response, JoinGroupResponse)
        code = ErrorCode(response.error_code)
        if code is ErrorCode.NONE:
            return response
        if code is ErrorCode.MEMBER_ID_REQUIRED:
            member = response.member_id.encode()
        else:
            assert code in _RETRIED, code
            time.sleep(0.05)


def sync(group: bytes, joined: JoinGroupResponse, assignments: list[tuple[bytes, bytes]]) -> bytes:
    """A SyncGroup v5 of the leader."""
    head = text(group) + struct.pack(">i", joined.generation_id) + text(joined.member_id.encode()) + b"\0"
    head += text(b"consumer") + text((joined.protocol_name or "").encode()) + uvarint(len(assignments) + 1)
    entries = b"".join(text(member) + uvarint(len(data) + 1) + data + b"\0" for member, data in assignments)
    return frame(14, 5, head + entries + b"\0")


def _sync_many(count: int, size: int) -> Callable[[World], None]:
    def run(world: World) -> None:
        connection = world.connect()
        joined = _joined(world, connection, b"s", [(b"range", b"x")])
        own = (joined.member_id.encode(), b"mine")
        others = [(distinct_name(number), bytes(size)) for number in range(world.some(count))]
        data = sync(b"s", joined, [*others, own])
        world.notes.append(f"{len(data) / 1e6:.1f} MB of frame")
        with world.measured():
            world.send(data, connection=connection, api=_SYNC)

    return run


def _sync_large(megabytes: int) -> Callable[[World], None]:
    def run(world: World) -> None:
        connection = world.connect()
        joined = _joined(world, connection, b"s", [(b"range", b"x")])
        data = sync(b"s", joined, [(joined.member_id.encode(), bytes(world.some(megabytes * 1_000_000)))])
        with world.measured():
            world.send(data, connection=connection, api=_SYNC)

    return run


def _join_protocols(count: int, *, distinct: bool) -> Callable[[World], None]:
    def run(world: World) -> None:
        number = world.some(count)
        if distinct:
            entries = b"".join(text(distinct_name(index)) + b"\2x\0" for index in range(number))
        else:
            entries = (text(b"range") + b"\2x\0") * number
        with world.measured():
            connection = world.connect()
            first = world.send(join(b"j", entries, number), connection=connection, api=_JOIN)
            _, response = decode_response(*_JOIN, first.body) if first.body else (0, None)
            if isinstance(response, JoinGroupResponse) and response.error_code == ErrorCode.MEMBER_ID_REQUIRED:
                member = response.member_id.encode()
                world.send(join(b"j", entries, number, member=member), connection=connection, api=_JOIN)

    return run


def _join_large(megabytes: int, members: int = 1) -> Callable[[World], None]:
    """Members with large metadata; the leader's answer holds those of all."""

    def run(world: World) -> None:
        entries = (
            b"\x06range" + uvarint(world.some(megabytes * 1_000_000) + 1) + bytes(world.some(megabytes * 1_000_000)) + b"\0"
        )
        clients = [world.connect() for _ in range(members)]
        with world.measured(settle_s=2):
            world.send_all([(one, join(b"j", entries, 1), 1) for one in clients], api=_JOIN)
            member_ids = []
            for answer in world.answers[:members]:
                _, response = decode_response(*_JOIN, answer.body) if answer.body else (0, None)
                found = isinstance(response, JoinGroupResponse) and response.error_code == ErrorCode.MEMBER_ID_REQUIRED
                member_ids.append(response.member_id.encode() if found else b"")  # type: ignore[union-attr]
            world.send_all(
                [(one, join(b"j", entries, 1, member=member), 1) for one, member in zip(clients, member_ids, strict=True)],
                api=_JOIN,
            )

    return run


def _members_that_never_come_back(world: World) -> None:
    """Joins without a member id: each gets one that is kept for the session."""
    count = world.some(10_000)
    one = join(b"j", [(b"range", bytes(1000))])
    with world.measured():
        world.send(*[one] * count, api=_JOIN)


def _describe_large(times: int) -> Callable[[World], None]:
    """A group of a member with 100 kB of metadata and assignment."""

    def run(world: World) -> None:
        connection = world.connect()
        joined = _joined(world, connection, b"s", [(b"range", bytes(100_000))])
        request = sync(b"s", joined, [(joined.member_id.encode(), bytes(100_000))])
        world.send_all([(connection, request, 1)], record=False)
        number = world.some(times)
        data = frame(15, 6, uvarint(number + 1) + b"\2s" * number + b"\0\0")
        world.notes.append(f"{len(data):,} B of frame")
        with world.measured():
            world.send(data, api=(15, 6))

    return run


def _wide(api: tuple[int, int], path: tuple[str, ...], count: int) -> Callable[[World], None]:
    def run(world: World) -> None:
        wide = wide_frame(*api, path, "distinct", entries=world.some(count), existing=world.existing)
        with world.measured():
            world.send(wide.frame, api=api)

    return run


def _many_groups(world: World) -> None:
    """5,000 groups that each committed once, then all listed 100 times."""
    count = world.some(5000)
    connection = world.connect()
    one = commit_partitions(range(1))
    commits = b"".join(commit(b"many-" + distinct_name(number), [(b"t", one, 1)]) for number in range(count))
    with world.measured():
        world.send_all([(connection, commits, count)], api=_COMMIT)
        world.send(*[frame(16, 5, b"\1\1\0")] * 100, api=(16, 5))


def _leave_members(world: World) -> None:
    """A group with 500 members of its own, all removed by one request."""
    count = world.some(500)
    clients = [world.connect() for _ in range(count)]
    first = world.send_all([(one, join(b"l", [(b"range", b"x")]), 1) for one in clients], api=_JOIN, record=False)
    members = []
    for answer in first:
        _, response = decode_response(*_JOIN, answer.body)
        assert isinstance(response, JoinGroupResponse)
        members.append(response.member_id.encode())
    for one, member in zip(clients, members, strict=True):
        world.push(one, join(b"l", [(b"range", b"x")], member=member))
    entries = b"".join(text(member) + b"\0\0\0" for member in members)
    with world.measured():
        world.send(frame(13, 5, text(b"l") + uvarint(count + 1) + entries + b"\0"), api=(13, 5))


def cases() -> list[Case]:
    """All of groups."""
    return [
        Case(
            "commit-20000-unknown-topics",
            "C5: OffsetCommit of 20,000 unknown topics",
            _commit_unknown_topics(20_000),
            short=1.0,
        ),
        Case("commit-200000-unknown-topics", "OffsetCommit of 200,000 unknown topics", _commit_unknown_topics(200_000)),
        Case(
            "commit-200000-unknown-partitions",
            "OffsetCommit of 200,000 partitions that a topic does not have",
            _commit_unknown_partitions(b"t", 200_000),
        ),
        Case(
            "commit-200000-partitions-unknown-topic",
            "OffsetCommit of 200,000 partitions of an unknown topic",
            _commit_unknown_partitions(b"unknown", 200_000),
        ),
        Case(
            "commit-198000-existing", "OffsetCommit of 9,000 partitions, 22 times each", _commit_existing(22), many_topics=True
        ),
        Case(
            "commit-large-metadata",
            "OffsetCommit of 9,000 partitions with 4,096 bytes of metadata each",
            _commit_existing(1, 4096),
            many_topics=True,
        ),
        Case("commit-1000-x100", "OffsetCommit of 1,000 partitions, 100 times in a row", _commit_pipelined),
        Case("offset-fetch-200000", "OffsetFetch of 200,000 partitions", _fetch_partitions(200_000), short=0.3),
        Case(
            "offset-fetch-all-x100", "all of 9,000 offsets 100 times in one request", _fetch_all_repeated(100), many_topics=True
        ),
        Case(
            "offset-fetch-all-x1000",
            "all of 9,000 offsets 1,000 times in one request",
            _fetch_all_repeated(1000),
            many_topics=True,
        ),
        Case("sync-100000", "SyncGroup with 100,000 assignments for strangers", _sync_many(100_000, 10), short=0.3),
        Case("sync-1000-large", "SyncGroup with 1,000 assignments of 50 kB for strangers", _sync_many(1000, 50_000)),
        Case("sync-90MB", "SyncGroup with an assignment of 90 MB", _sync_large(90)),
        Case("join-200000-protocols", "JoinGroup with 200,000 protocols", _join_protocols(200_000, distinct=True), short=0.3),
        Case("join-200000-same", "JoinGroup with one protocol 200,000 times", _join_protocols(200_000, distinct=False)),
        Case("join-50MB", "JoinGroup with 50 MB of metadata", _join_large(50)),
        Case("join-50-of-1MB", "50 members with 1 MB of metadata each", _join_large(1, 50)),
        Case("join-10000-strangers", "10,000 JoinGroup without a member id", _members_that_never_come_back),
        Case("leave-200000", "LeaveGroup of 200,000 strangers", _wide((13, 5), ("members",), 200_000)),
        Case("leave-500-members", "LeaveGroup of 500 members", _leave_members),
        Case("describe-large-x100", "DescribeGroups of a group with 200 kB 100 times", _describe_large(100)),
        Case("describe-large-x10000", "DescribeGroups of a group with 200 kB 10,000 times", _describe_large(10_000), short=0.1),
        Case("list-5000-groups-x100", "5,000 groups commit, ListGroups 100 times", _many_groups),
    ]
