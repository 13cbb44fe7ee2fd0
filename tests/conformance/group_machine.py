"""Plays commands of several group members to both brokers and keeps track of who waits.

Two things make the two sides comparable. A request whose answer waits must have arrived before the next one is sent on another
connection; what can be seen of the group tells, or else a moment passes. And which member leads after the leader left follows,
in the reference, from the hashes of random ids: when the sides chose differently, both choices leave until they agree.
"""

from __future__ import annotations

import time
from typing import Final, NamedTuple

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.describe_groups import DescribeGroupsRequest, DescribeGroupsResponse
from kafka_compat.protocol.messages.join_group import JoinGroupResponse
from kafka_compat.protocol.messages.leave_group import LeaveGroupRequest, MemberIdentity
from kafka_compat.protocol.messages.list_groups import ListGroupsRequest, ListGroupsResponse
from kafka_compat.protocol.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteRequestPartition,
    OffsetDeleteRequestTopic,
)
from tests.conformance.both import Both
from tests.conformance.group_script import Cast, GroupScript, Protocols, subscription
from tests.conformance.normalise import normalise
from tests.conformance.offset_requests import Offsets, commit_request, fetch_request

NAMES: Final = ("a", "b", "c", "d", "e")
_PATIENCE_S: Final = 20.0
# Longer than either broker takes to read a request, when nothing shows that it has.
_ARRIVAL_S: Final = 0.1

_UNKNOWN_MEMBER_ID: Final = 25
_MEMBER_ID_REQUIRED: Final = 79
_FENCED_INSTANCE_ID: Final = 82


class Join(NamedTuple):
    who: int
    protocols: int
    version: int  # from 5 on: before that leaders are not told who is static
    only_asks: bool  # a new dynamic member is given an id and leaves it at that for now
    forgets: bool  # a static member comes back without its id


class Sync(NamedTuple):
    who: int
    shift: int  # of the generation
    protocol: str  # "" is what was selected
    version: int


class Leave(NamedTuple):
    members: tuple[tuple[int, bool], ...]  # True: by the instance id alone
    version: int


class Pulse(NamedTuple):
    who: int
    shift: int
    is_static: bool  # says its instance id


class Commit(NamedTuple):
    who: int
    shift: int
    is_static: bool
    version: int


class Look(NamedTuple):
    what: str


class JoinAll(NamedTuple):
    protocols: int
    first: int  # who begins; the others follow in order
    without: int | None


class SyncAll(NamedTuple):
    without: int | None


Command = Join | Sync | Leave | Pulse | Commit | Look | JoinAll | SyncAll


class Seen(NamedTuple):
    """What DescribeGroups shows of the group on one side."""

    state: str
    member_ids: frozenset[str]


class Machine:
    """One group on both sides, and members who may be static (`instances`, by member; None is dynamic)."""

    def __init__(self, both: Both, instances: tuple[str | None, ...]) -> None:
        self.both = both
        self.script = GroupScript(both, "random", is_random=True)
        self.topic = both.create_topic(both.name("of-machine"), 2)
        self.instances = dict(zip(NAMES, instances, strict=True))
        self._protocol = "range"
        self._pending: set[str] = set()  # have an id and no membership yet
        self._syncing: set[str] = set()  # those whose waiting request is a sync
        self._offset = 0
        both_topics = subscription(self.topic, "another")
        self._protocols: tuple[Protocols, ...] = (
            (("range", subscription(self.topic)), ("sticky", subscription(self.topic))),
            (("sticky", subscription(self.topic)), ("range", subscription(self.topic))),
            (("range", both_topics),),
            (("sticky", both_topics), ("range", subscription())),
            (("unheard of", b""),),
            (),
        )

    def run(self, command: Command) -> None:
        """One command; what a member that waits should do is left out."""
        match command:
            case Join(number, protocols, version, only_asks, forgets):
                self._join(NAMES[number], protocols, version, only_asks=only_asks, forgets=forgets)
            case Sync(number, shift, protocol, version):
                self._sync(NAMES[number], shift, protocol or self._protocol, version)
            case Leave(members, version):
                self._leave([(NAMES[number], by_instance) for number, by_instance in members], version)
            case Pulse(number, shift, is_static):
                who = NAMES[number]
                if who in self.script.waiting:
                    return
                instance = self.instances[who] if is_static else None
                self.script.heartbeat(who, instance=instance, generation=self._generation(who, shift))
            case Commit(number, shift, is_static, version):
                self._commit(NAMES[number], shift, version, is_static=is_static)
            case Look(what):
                self._look(what)
            case JoinAll(protocols, first, without):
                for number in [*range(first, len(NAMES)), *range(first)]:
                    if number != without:
                        self._join(NAMES[number], protocols, 9, only_asks=False, forgets=False)
            case SyncAll(without):
                for number, who in enumerate(NAMES):
                    if number != without:
                        self._sync(who, 0, self._protocol, 5)

    def end(self) -> None:
        """Bring the group together, look at everything, and dissolve it."""
        for _ in range(2):
            self.run(JoinAll(0, 0, None))
            self.run(SyncAll(None))
        for what in ("describe", "list", "fetch", "delete offsets", "delete group"):
            self._look(what)
        self._leave([(who, False) for who in NAMES], 5)
        for what in ("describe", "fetch", "delete group", "describe", "fetch"):
            self._look(what)

    # --- commands

    def _join(self, who: str, protocols: int, version: int, *, only_asks: bool, forgets: bool) -> None:
        if who in self.script.waiting:
            return
        instance = self.instances[who]
        if forgets and instance is not None:
            self._forget(who)
        for _ in range(2):
            before = self._seen()
            self.script.begin_join(
                who,
                instance=instance,
                protocols=self._protocols[protocols],
                version=version,
                session_ms=60_000,
                rebalance_ms=60_000,
            )
            self._settle(who, before)
            if only_asks or who in self.script.waiting or who not in self._pending:
                break
            only_asks = True

    def _sync(self, who: str, shift: int, protocol: str, version: int) -> None:
        if who in self.script.waiting:
            return
        before = self._seen()
        self.script.begin_sync(
            who,
            version=version,
            instance=self.instances[who],
            generation=self._generation(who, shift),
            assign=[name for name in NAMES if all(cast.id(name) for cast in self.script.casts)],
            protocol_name=protocol,
        )
        self._syncing.add(who)
        self._settle(who, before)

    def _leave(self, members: list[tuple[str, bool]], version: int) -> None:
        def make(cast: Cast) -> Message:
            if version < 3:
                return LeaveGroupRequest(group_id=self.script.group, member_id=cast.id(members[0][0]))
            return LeaveGroupRequest(
                group_id=self.script.group,
                members=[
                    MemberIdentity(
                        member_id="" if by_instance else cast.id(who),
                        group_instance_id=self.instances[who],
                        reason="bye" if version >= 5 else None,
                    )
                    for who, by_instance in members
                ],
            )

        self.script.call("admin", "leave", make, version)
        self._pending.difference_update([who for who, _ in members] if version >= 3 else [members[0][0]])
        self._settle()

    def _commit(self, who: str, shift: int, version: int, *, is_static: bool) -> None:
        self._offset += 1
        offsets = [Offsets(self.topic, [(0, self._offset, who), (9, 1, "")])]

        def make(cast: Cast) -> Message:
            return commit_request(
                cast.side,
                version,
                self.script.group,
                offsets,
                generation=self._generation(who, shift),
                member=cast.id(who),
                instance=self.instances[who] if is_static else None,
            )

        self.script.call(f"{who}'s commits", "commit", make, version)

    def _look(self, what: str) -> None:
        script, group = self.script, self.script.group
        match what:
            case "describe":
                script.describe()
            case "list":
                self._list()
            case "fetch":
                script.call("admin", "fetch", lambda cast: fetch_request(cast.side, 9, [(group, [(self.topic, [0, 1])])]), 9)
            case "delete group":
                script.delete()
            case "delete offsets":
                topic = OffsetDeleteRequestTopic(
                    name=self.topic, partitions=[OffsetDeleteRequestPartition(partition_index=index) for index in range(3)]
                )
                script.call("admin", "delete offsets", lambda _: OffsetDeleteRequest(group_id=group, topics=[topic]), 0)
            case "simple commit":
                self._offset += 1
                offsets = [Offsets(self.topic, [(1, self._offset, "")])]
                script.call("admin", "commit", lambda cast: commit_request(cast.side, 9, group, offsets), 9)
            case _:
                raise AssertionError(what)

    def _list(self) -> None:
        answers = []
        for cast in self.script.casts:
            response = cast.client("admin").call(ListGroupsRequest(), 5, ListGroupsResponse)
            response.groups = [group for group in response.groups if group.group_id == self.script.group]
            answers.append(normalise(response, 5, cast.side.names))
        self.both.compare_values(f"{self.script.group} list", ApiKey.LIST_GROUPS, *answers)

    def _generation(self, who: str, shift: int) -> int:
        return self.script.casts[0].generations.get(who, -1) + shift

    # --- answers

    def _seen(self) -> list[Seen]:
        """What each side shows of the group, the reference first."""
        request = DescribeGroupsRequest(groups=[self.script.group])
        seen = []
        for cast in self.script.casts:
            group = cast.client("watcher").call(request, 5, DescribeGroupsResponse).groups[0]
            seen.append(Seen(group.group_state, frozenset(member.member_id for member in group.members)))
        return seen

    def _settle(self, who: str | None = None, before: list[Seen] | None = None) -> None:
        """Take every answer that is due; `who` has just sent what may wait, when the group looked as `before`."""
        if who is not None:
            assert before is not None
            self._wait_for_arrival(who, before)
        answers: list[tuple[str, list[Message]]] = []
        while due := self._due():
            answers += [(name, self.script.answer(name)) for name in due]
        joined = [self._took(name, responses) for name, responses in answers]
        self._agree_on_leader([responses for responses in joined if responses is not None])

    def _wait_for_arrival(self, who: str, before: list[Seen]) -> None:
        end = time.monotonic() + _ARRIVAL_S
        while time.monotonic() < end:
            if who in self.script.answered_by(0.002):
                return
            if all(now != then for now, then in zip(self._seen(), before, strict=True)):
                return

    def _due(self) -> list[str]:
        """Who must have been answered by now, the group being as it is; hangs up on those who never will be."""
        if not self.script.waiting:
            return []
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            answered = self.script.answered_by(0)
            if answered:
                return answered
            reference, ours = self._seen()
            if (reference.state, len(reference.member_ids)) == (ours.state, len(ours.member_ids)):
                break
            assert time.monotonic() < deadline, f"the reference has {reference}, ours has {ours}"
        due = []
        for who in self.script.waiting:
            is_member = [
                cast.id(who) in seen.member_ids for cast, seen in zip(self.script.casts, (reference, ours), strict=True)
            ]
            if who not in self._syncing:
                if reference.state != "PreparingRebalance":
                    due.append(who)
            elif not any(is_member):
                self.script.abandon(who)  # nobody answers the sync of a member that is gone
                self._syncing.discard(who)
            elif reference.state != "CompletingRebalance":
                due.append(who)
        return due

    def _took(self, who: str, responses: list[Message]) -> list[JoinGroupResponse] | None:
        """Keep track of the member by its answer; the answers that begin a generation."""
        self._syncing.discard(who)
        reference, ours = responses
        if not isinstance(reference, JoinGroupResponse) or not isinstance(ours, JoinGroupResponse):
            return None
        if reference.error_code == _MEMBER_ID_REQUIRED:
            self._pending.add(who)
            return None
        if reference.error_code in (_UNKNOWN_MEMBER_ID, _FENCED_INSTANCE_ID):
            self._forget(who)
        if reference.error_code == 0:
            self._pending.discard(who)
            self._protocol = reference.protocol_name or "range"
            return [reference, ours]
        return None

    def _forget(self, who: str) -> None:
        self._pending.discard(who)
        for cast in self.script.casts:
            cast.ids.pop(who, None)

    def _agree_on_leader(self, joined: list[list[JoinGroupResponse]]) -> None:
        """Compare who leads; when both chose otherwise, compare what the leaders are told, and let both go."""
        if not joined:
            return
        leaders = [cast.name_of(joined[-1][side].leader) for side, cast in enumerate(self.script.casts)]
        if leaders[0] == leaders[1]:
            return
        for side in (0, 1):
            told = next((pair[side].members for pair in joined if pair[side].members), [])
            for pair in joined:
                pair[side].leader, pair[side].members = "<either>", []
            joined[0][side].members = told
        names = {who for who in NAMES for cast in self.script.casts if cast.name_of(cast.id(who)) in leaders}
        self._leave([(who, False) for who in sorted(names)], 5)
