"""Scripts of several group members, played to both brokers; member ids get names, so that answers can be compared.

script = GroupScript(both, "orders")
script.join("a")                # sent and answered; the id it is given is "<a 1>" from now on
script.begin_join("b")          # sent only: the answer waits for the rebalance
script.until("PreparingRebalance", 2)
script.join("a")
script.answer("b")
"""

from __future__ import annotations

import itertools
import re
import select
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Final

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.java_hash import java_string_hash
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.consumer_protocol_subscription import ConsumerProtocolSubscription
from kafka_compat.protocol.messages.delete_groups import DeleteGroupsRequest
from kafka_compat.protocol.messages.describe_groups import DescribeGroupsRequest, DescribeGroupsResponse
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from kafka_compat.protocol.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol, JoinGroupResponse
from kafka_compat.protocol.messages.leave_group import LeaveGroupRequest, MemberIdentity
from kafka_compat.protocol.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from kafka_compat.protocol.registry import response_class
from kafka_compat.wire.primitives import Writer
from tests.conformance.both import ANY_ERROR, Both, Expected, Side
from tests.conformance.normalise import normalise
from tests.support.wire_client import WireClient, api_key_of

Protocols = tuple[tuple[str, bytes], ...]


def subscription(*topics: str, user_data: bytes = b"") -> bytes:
    """A consumer's metadata in version 0.

    It must be readable: over some unreadable metadata the reference fails in its timer and never answers the join.
    """
    writer = Writer()
    ConsumerProtocolSubscription(topics=list(topics), user_data=user_data).encode(writer, 0)
    return b"\x00\x00" + writer.to_bytes()


RANGE: Final[Protocols] = (("range", subscription("orders")),)
# Hash maps of member ids, in the reference.
_UNORDERED: Final = ("members", "groups", "results")
_PATIENCE_S: Final = 15.0
_SHARDS: Final = 50  # offsets.topic.num.partitions
_GIVEN_AN_ID: Final = (ErrorCode.MEMBER_ID_REQUIRED,)


class Cast:
    """The members on one side."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.ids: dict[str, str] = {}
        self.generations: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self._clients: dict[str, WireClient] = {}

    def client(self, who: str) -> WireClient:
        if who not in self._clients:
            self._clients[who] = WireClient(self.side.bootstrap, client_id=f"client-{who}", timeout_s=_PATIENCE_S)
        return self._clients[who]

    def use_client(self, who: str, client_id: str | None) -> None:
        """Let `who` speak as a client of that name."""
        self._clients[who] = WireClient(self.side.bootstrap, client_id=client_id, timeout_s=_PATIENCE_S)

    def hang_up(self, who: str) -> None:
        self._clients.pop(who).close()

    def hang_up_all(self) -> None:
        while self._clients:
            self._clients.popitem()[1].close()

    def id(self, who: str) -> str:
        return self.ids.get(who, "")

    def name_of(self, member_id: object) -> str:
        """The name of an id; one whose owner was never answered is told by what the id begins with."""
        return re.sub(r"-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", " nameless", self.side.names.of_text(str(member_id)))

    def learn(self, who: str, response: Message) -> None:
        if not isinstance(response, JoinGroupResponse):
            return
        texts = self.side.names.texts
        if response.member_id and response.member_id not in texts:
            self._counts[who] = self._counts.get(who, 0) + 1
            texts[response.member_id] = f"<{who} {self._counts[who]}>"
        if response.member_id:
            self.ids[who] = response.member_id
        if response.error_code == 0:
            self.generations[who] = response.generation_id


Make = Callable[[Cast], Message]


class GroupScript:
    """One group on both sides; what is said to one is said to the other.

    `is_random`: any request may end in an error, as where chance says what is sent.
    """

    def __init__(self, both: Both, stem: str, group: str | None = None, *, is_random: bool = False) -> None:
        self.both = both
        self.group = both.name(stem) if group is None else group
        self.casts = [Cast(side) for side in both.sides]
        self._is_random = is_random
        self._log: list[str] = []
        self._begun: dict[str, tuple[str, list[Message], int, Expected]] = {}
        self._answered: list[tuple[str, ApiKey, int, list[Message], Expected]] = []
        self.wait_for_coordinator()

    def finish(self) -> None:
        """Compare: only now all ids have names, for a leader may learn of a member before the member does."""
        for where, api_key, version, responses, expect in self._answered:
            normal = [
                normalise(
                    response,
                    version,
                    cast.side.names,
                    replace={"member_id": cast.name_of, "leader": cast.name_of},
                    unordered=_UNORDERED,
                )
                for cast, response in zip(self.casts, responses, strict=True)
            ]
            self.both.compare_values(where, api_key, *normal, expect=ANY_ERROR if self._is_random else expect)
        for cast in self.casts:
            cast.hang_up_all()

    # --- any request

    def begin(self, who: str, label: str, make: Make, version: int, *, expect: Expected = ()) -> None:
        """Send to both, for `answer` to receive; `expect` as in `Both.compare`."""
        requests = [make(cast) for cast in self.casts]
        for cast, request in zip(self.casts, requests, strict=True):
            cast.client(who).send(request, version)
        self._begun[who] = (label, requests, version, expect)

    def answer(self, who: str) -> list[Message]:
        """Receive what `begin` sent, for `finish` to compare."""
        label, requests, version, expect = self._begun.pop(who)
        responses: list[Message] = []
        for cast, request in zip(self.casts, requests, strict=True):
            try:
                response = cast.client(who).receive(request, version, response_class(api_key_of(request)))
            except TimeoutError:
                raise AssertionError(f"{cast.side.kind}: no answer to {who} {label}; {self._log}") from None
            cast.learn(who, response)
            responses.append(response)
        self._log.append(f"{who} {label}")
        where = f"{self.group} step {len(self._log)}: {who} {label} v{version}"
        self._answered.append((where, ApiKey(api_key_of(requests[0])), version, responses, expect))
        return responses

    @property
    def waiting(self) -> list[str]:
        """Who has begun something that is not answered."""
        return list(self._begun)

    def answered_by(self, timeout_s: float) -> list[str]:
        """Who of those waiting has an answer on at least one side, once somebody has or time is up."""
        sockets = {cast.client(who).socket: who for who in self._begun for cast in self.casts}
        readable, _, _ = select.select(list(sockets), [], [], timeout_s)
        return list(dict.fromkeys(sockets[each] for each in readable))

    def abandon(self, who: str) -> None:
        """Hang up on an answer that will not come."""
        del self._begun[who]
        for cast in self.casts:
            cast.hang_up(who)

    def call(self, who: str, label: str, make: Make, version: int, *, expect: Expected = ()) -> list[Message]:
        """Send and receive, for `finish` to compare."""
        self.begin(who, label, make, version, expect=expect)
        return self.answer(who)

    # --- the usual ones

    def begin_join(
        self,
        who: str,
        *,
        version: int = 9,
        member: str | None = None,
        instance: str | None = None,
        protocols: Protocols = RANGE,
        protocol_type: str = "consumer",
        session_ms: int = 30_000,
        rebalance_ms: int = 20_000,
        expect: Expected = (),
    ) -> None:
        """JoinGroup with the id that `who` has (or `member`), without waiting for the answer."""
        self.begin(
            who,
            "join",
            lambda cast: JoinGroupRequest(
                group_id=self.group,
                session_timeout_ms=session_ms,
                rebalance_timeout_ms=rebalance_ms if version >= 1 else -1,
                member_id=cast.id(who) if member is None else member,
                group_instance_id=instance,
                protocol_type=protocol_type,
                protocols=[JoinGroupRequestProtocol(name=name, metadata=metadata) for name, metadata in protocols],
                reason="because" if version >= 8 else None,
            ),
            version,
            expect=expect,
        )

    def join(self, who: str, **how: object) -> list[Message]:
        """JoinGroup; a first one that is only given an id is sent again with it."""
        self.begin_join(who, **how)  # type: ignore[arg-type]
        responses = self.answer(who)
        if all(isinstance(response, JoinGroupResponse) and response.error_code == 79 for response in responses):
            self._answered[-1] = (*self._answered[-1][:-1], _GIVEN_AN_ID)
            self.begin_join(who, **how)  # type: ignore[arg-type]
            responses = self.answer(who)
        return responses

    def ask_id(self, who: str, **how: object) -> None:
        """The first JoinGroup of a dynamic member, which gives it an id (KIP-394)."""
        self.begin_join(who, **{"expect": _GIVEN_AN_ID, **how})  # type: ignore[arg-type]
        self.answer(who)

    def begin_sync(
        self,
        who: str,
        *,
        version: int = 5,
        member: str | None = None,
        instance: str | None = None,
        generation: int | None = None,
        assign: Collection[str] = (),
        protocol_type: str | None = "consumer",
        protocol_name: str | None = "range",
        filling: bytes = b"",
        expect: Expected = (),
    ) -> None:
        """SyncGroup; a leader names those it assigns to, who get bytes with their name and `filling`."""
        self.begin(
            who,
            "sync",
            lambda cast: SyncGroupRequest(
                group_id=self.group,
                generation_id=cast.generations.get(who, -1) if generation is None else generation,
                member_id=cast.id(who) if member is None else member,
                group_instance_id=instance,
                protocol_type=protocol_type if version >= 5 else None,
                protocol_name=protocol_name if version >= 5 else None,
                assignments=[
                    SyncGroupRequestAssignment(member_id=cast.id(name), assignment=b"\x00for " + name.encode() + filling)
                    for name in assign
                ],
            ),
            version,
            expect=expect,
        )

    def sync(self, who: str, **how: object) -> list[Message]:
        self.begin_sync(who, **how)  # type: ignore[arg-type]
        return self.answer(who)

    def heartbeat(
        self,
        who: str,
        *,
        version: int = 4,
        member: str | None = None,
        instance: str | None = None,
        generation: int | None = None,
        expect: Expected = (),
    ) -> list[Message]:
        return self.call(
            who,
            "heartbeat",
            lambda cast: HeartbeatRequest(
                group_id=self.group,
                generation_id=cast.generations.get(who, -1) if generation is None else generation,
                member_id=cast.id(who) if member is None else member,
                group_instance_id=instance,
            ),
            version,
            expect=expect,
        )

    def leave(
        self,
        who: str,
        *,
        version: int = 5,
        member: str | None = None,
        instance: str | None = None,
        expect: Expected = (),
    ) -> list[Message]:
        def make(cast: Cast) -> Message:
            member_id = cast.id(who) if member is None else member
            if version < 3:
                return LeaveGroupRequest(group_id=self.group, member_id=member_id)
            identity = MemberIdentity(member_id=member_id, group_instance_id=instance, reason="bye" if version >= 5 else None)
            return LeaveGroupRequest(group_id=self.group, members=[identity])

        return self.call(f"{who}'s admin", "leave", make, version, expect=expect)

    def describe(self, versions: Collection[int] = (6,), *, expect: Expected = ()) -> None:
        for version in versions:
            request = DescribeGroupsRequest(groups=[self.group], include_authorized_operations=version >= 3)
            # From version 6 on a group that is not there is an error.
            expected = expect if version >= 6 else ()
            self.call("admin", "describe", lambda _, request=request: request, version, expect=expected)  # type: ignore[misc]

    def delete(self, version: int = 2, *, expect: Expected = ()) -> None:
        self.call("admin", "delete", lambda cast: DeleteGroupsRequest(groups_names=[self.group]), version, expect=expect)

    # --- waiting

    def wait_for_coordinator(self) -> None:
        """Return when both sides know the group's shard: when its topic has been made, or it is loaded after a start."""
        for cast in self.casts:
            _wait_for_coordinator(cast, self.group)

    def until(self, state: str, members: int) -> None:
        """Return when both sides have the group in `state` with so many members: what was begun has arrived."""
        for cast in self.casts:
            deadline = time.monotonic() + _PATIENCE_S
            while True:
                group = (
                    cast.client("watcher").call(DescribeGroupsRequest(groups=[self.group]), 5, DescribeGroupsResponse).groups[0]
                )
                if (group.group_state, len(group.members)) == (state, members):
                    break
                seen = f"{group.group_state} with {len(group.members)} members"
                assert time.monotonic() < deadline, f"{cast.side.kind}: {seen}, not {state} with {members}; {self._log}"

    def heartbeat_until(self, who: str, error_code: int) -> None:
        """Return when `who` is answered `error_code` on both sides: a rebalance that `describe` does not show has begun."""
        for cast in self.casts:
            deadline = time.monotonic() + _PATIENCE_S
            while True:
                request = HeartbeatRequest(group_id=self.group, generation_id=cast.generations[who], member_id=cast.id(who))
                if cast.client(f"{who}'s heart").call(request, 4, HeartbeatResponse).error_code == error_code:
                    break
                assert time.monotonic() < deadline, f"{cast.side.kind}: {who} never got {error_code}; {self._log}"


def _wait_for_coordinator(cast: Cast, group: str) -> None:
    """Return when the group's shard answers, and all others, whose groups a test may name beside it.

    Making __consumer_offsets takes the reference a moment, and its partitions are loaded one by one.
    """
    client = cast.client("watcher")
    deadline = time.monotonic() + _PATIENCE_S
    find = FindCoordinatorRequest(key_type=0, coordinator_keys=[group])
    while client.call(find, 4, FindCoordinatorResponse).coordinators[0].error_code != 0:
        assert time.monotonic() < deadline, cast.side.kind
    describe = DescribeGroupsRequest(groups=[group, *_a_group_of_each_shard()])
    while any(one.error_code for one in client.call(describe, 5, DescribeGroupsResponse).groups):
        assert time.monotonic() < deadline, cast.side.kind


@cache
def _a_group_of_each_shard() -> Sequence[str]:
    found: dict[int, str] = {}
    numbers = itertools.count()
    while len(found) < _SHARDS:
        group = f"nobody's-{next(numbers)}"
        found.setdefault((java_string_hash(group) & 0x7FFFFFFF) % _SHARDS, group)
    return tuple(found.values())


Scripts = Callable[..., GroupScript]


@contextmanager
def scripts(both: Both, compare_more: Callable[[GroupScript], None] | None = None) -> Iterator[Scripts]:
    """Makes scripts, of groups named after a stem or as given; compares their answers, and what else there is, at the end."""
    made: list[GroupScript] = []

    def make(stem: str, group: str | None = None) -> GroupScript:
        made.append(GroupScript(both, stem, group))
        return made[-1]

    yield make
    for script in made:
        script.finish()
        if compare_more is not None:
            compare_more(script)
