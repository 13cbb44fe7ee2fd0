"""A classic group: its state, its members and what they can agree on.

The states are in `states.py`; what a request meets in each of them is in `machine.py` and `joining.py`, what it means for
offsets at the end of the class. A group changes in place, not through replay: only its generations are in the log, and Kafka
does the same (`replayRecords` false). Source: ClassicGroup.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from kafka_compat.coordinator.group.classic.member import ClassicMember
from kafka_compat.coordinator.group.classic.states import LEGAL_PREVIOUS, GroupState
from kafka_compat.coordinator.group.classic.subscription import subscribed_topics
from kafka_compat.coordinator.group.classic.values import (
    UNKNOWN_MEMBER_ID,
    JoinedMember,
    JoinRefused,
    JoinResult,
    Protocols,
    SyncResult,
)
from kafka_compat.coordinator.ports import CoordinatorRecord, Reply
from kafka_compat.coordinator.records import encode_record
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.java_hash import in_hash_map_order
from kafka_compat.protocol.records.group_metadata import GroupMetadataKey

# Group.GroupType.CLASSIC
_TYPE_NAME: Final = "classic"

# ConsumerProtocol.PROTOCOL_TYPE
CONSUMER_PROTOCOL_TYPE: Final = "consumer"


class ClassicGroup:
    """State of one group; raises at once on a transition that cannot be.

    Attributes:
        state_timestamp_ms: when it came into its state (wall clock); None when loaded from a record of an old schema.
        leader_id: of the member that assigns, None without members.
        subscribed_topics: of all members together; None when nobody can tell (another protocol type, unreadable metadata).
        new_member_added: somebody joined during the initial rebalance, which is a reason to wait longer.
        pending_joins: ids given out (KIP-394) whose owners have not joined yet.
        pending_syncs: members of this generation that have not asked for their assignment.
        last_rebalance: why it last began to rebalance, as Kafka logs it; empty when it has not since it was loaded.
    """

    def __init__(
        self,
        group_id: str,
        state: GroupState = GroupState.EMPTY,
        *,
        state_timestamp_ms: int | None,
        generation_id: int = 0,
        protocol_type: str | None = None,
        protocol_name: str | None = None,
        leader_id: str | None = None,
    ) -> None:
        self.group_id = group_id
        self.state = state
        self.previous_state = GroupState.DEAD
        self.state_timestamp_ms = state_timestamp_ms
        self.generation_id = generation_id
        self.protocol_type = protocol_type
        self.protocol_name = protocol_name
        self.leader_id = leader_id
        self.subscribed_topics: frozenset[str] | None = None
        self.new_member_added = False
        self.pending_joins: set[str] = set()
        self.pending_syncs: set[str] = set()
        self.last_rebalance = ""
        self._members: dict[str, ClassicMember] = {}
        self._static_members: dict[str, str] = {}  # instance id -> member id
        self._awaiting_joins = 0
        self._supported: dict[str, int] = {}  # protocol name -> how many members can use it

    @classmethod
    def simple(cls, group_id: str, now_ms: int) -> ClassicGroup:
        """One that nobody joins, for offsets that are committed from outside of any membership."""
        return cls(group_id, state_timestamp_ms=now_ms)

    # --- members

    @property
    def members(self) -> Collection[ClassicMember]:
        """All members; pending ones are none yet."""
        return self._members.values()

    def member(self, member_id: str) -> ClassicMember | None:
        """The member of that id."""
        return self._members.get(member_id)

    def static_member_id(self, instance_id: str) -> str | None:
        """The member that owns an instance id."""
        return self._static_members.get(instance_id)

    def valid_member(self, member_id: str, instance_id: str | None) -> ClassicMember:
        """The member of that id.

        Raises:
            KafkaError: UNKNOWN_MEMBER_ID; FENCED_INSTANCE_ID when the instance id has gone to another member.
        """
        if instance_id is not None:
            owner = self._static_members.get(instance_id)
            if owner is not None and owner != member_id:
                raise KafkaError(ErrorCode.FENCED_INSTANCE_ID)
            if owner is None:
                raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
        member = self._members.get(member_id)
        if member is None:
            raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
        return member

    def add(self, member: ClassicMember, reply: Reply[JoinResult] | None = None) -> None:
        """Take in a member that is not there; the first one decides the protocol type and leads."""
        if member.instance_id is not None:
            assert member.instance_id not in self._static_members
            self._static_members[member.instance_id] = member.member_id
        if not self._members:
            self.protocol_type = member.protocol_type
        assert member.protocol_type == self.protocol_type
        if self.leader_id is None:
            self.leader_id = member.member_id
        self._members[member.member_id] = member
        self._count_protocols(member, 1)
        self.set_awaiting_join(member, reply)
        self.pending_joins.discard(member.member_id)

    def remove(self, member_id: str) -> None:
        """Drop a member or a pending one; another member leads when it was the leader."""
        member = self._members.pop(member_id, None)
        if member is not None:
            self._count_protocols(member, -1)
            if member.awaiting_join is not None:
                self._awaiting_joins -= 1
            if member.instance_id is not None:
                self._static_members.pop(member.instance_id, None)
        if self.leader_id == member_id:
            self.leader_id = next(iter(self._members), None)
        self.pending_joins.discard(member_id)
        self.pending_syncs.discard(member_id)

    def update(
        self,
        member: ClassicMember,
        protocols: Protocols,
        rebalance_timeout_ms: int,
        session_timeout_ms: int,
        reply: Reply[JoinResult] | None,
    ) -> None:
        """Take over what a member says when it joins again."""
        self._count_protocols(member, -1)
        member.protocols = protocols
        self._count_protocols(member, 1)
        member.rebalance_timeout_ms = rebalance_timeout_ms
        member.session_timeout_ms = session_timeout_ms
        self.set_awaiting_join(member, reply)

    def replace_static_member(self, instance_id: str, old_member_id: str, new_member_id: str) -> ClassicMember:
        """Give an instance id to a new member, fencing whatever its old one waits for."""
        old = self._members[old_member_id]
        self.refuse_join(old, JoinRefused(ErrorCode.FENCED_INSTANCE_ID, JoinResult(member_id=old_member_id)))
        self.refuse_sync(old, ErrorCode.FENCED_INSTANCE_ID)
        del self._members[old_member_id]
        new = old.replaced_by(new_member_id)
        self._members[new_member_id] = new
        if self.leader_id == old_member_id:
            self.leader_id = new_member_id
        self._static_members[instance_id] = new_member_id
        return new

    def elect_joined_leader(self) -> bool:
        """Make sure that the leader has joined, in favour of one who has; False when nobody has."""
        if self.leader_id is None:
            return False
        if self._members[self.leader_id].awaiting_join is not None:
            return True
        for member in self._members.values():
            if member.awaiting_join is not None:
                self.leader_id = member.member_id
                return True
        return False

    # --- what members wait for

    @property
    def awaiting_joins(self) -> int:
        """How many members wait for the answer to their join."""
        return self._awaiting_joins

    @property
    def has_all_members_joined(self) -> bool:
        """Whether the join phase has nobody left to wait for."""
        return len(self._members) == self._awaiting_joins and not self.pending_joins

    def set_awaiting_join(self, member: ClassicMember, reply: Reply[JoinResult] | None) -> None:
        """Keep the member's join waiting, in place of an earlier one, which is never answered."""
        self._awaiting_joins += (reply is not None) - (member.awaiting_join is not None)
        member.awaiting_join = reply

    def answer_join(self, member: ClassicMember, result: JoinResult) -> None:
        """Answer the member's join if it waits."""
        reply = member.awaiting_join
        if reply is not None:
            self.set_awaiting_join(member, None)
            reply.succeed(result)

    def refuse_join(self, member: ClassicMember, error: JoinRefused) -> None:
        """Refuse the member's join if it waits."""
        reply = member.awaiting_join
        if reply is not None:
            self.set_awaiting_join(member, None)
            reply.fail(error)

    def answer_sync(self, member: ClassicMember, result: SyncResult) -> bool:
        """Answer the member's sync; False when it does not wait."""
        reply, member.awaiting_sync = member.awaiting_sync, None
        if reply is None:
            return False
        reply.succeed(result)
        return True

    def refuse_sync(self, member: ClassicMember, error_code: ErrorCode) -> bool:
        """Refuse the member's sync; False when it does not wait."""
        reply, member.awaiting_sync = member.awaiting_sync, None
        if reply is None:
            return False
        reply.fail(KafkaError(error_code))
        return True

    def joined_members(self) -> tuple[JoinedMember, ...]:
        """What the leader is told of everybody."""
        assert self.state not in (GroupState.DEAD, GroupState.PREPARING_REBALANCE)
        return tuple(
            JoinedMember(member.member_id, member.instance_id, member.metadata(self.protocol_name))
            for member in self._members.values()
        )

    # --- protocols

    @property
    def uses_consumer_protocol(self) -> bool:
        """Whether its members are consumers, whose metadata can be read."""
        return self.protocol_type == CONSUMER_PROTOCOL_TYPE

    def supports_protocols(self, protocol_type: str, names: Iterable[str]) -> bool:
        """Whether somebody with these protocols can join: an empty group takes any, others need one that all can use."""
        if self.state is GroupState.EMPTY:
            return bool(protocol_type) and any(True for _ in names)
        return protocol_type == self.protocol_type and any(self._supported.get(name, 0) == len(self._members) for name in names)

    def select_protocol(self) -> str:
        """The protocol most members like best among those that all can use; a tie goes as in Kafka's HashMap of votes.

        Raises:
            ValueError: there is none.
        """
        candidates = {name for name, count in self._supported.items() if count == len(self._members)}
        votes: dict[str, int] = {}
        for member in self._members.values():
            name = member.vote(candidates)
            votes[name] = votes.get(name, 0) + 1
        return max(in_hash_map_order(votes), key=votes.__getitem__)

    def update_subscribed_topics(self) -> None:
        """Read the members' subscriptions anew."""
        self.subscribed_topics = self._subscriptions()

    def _subscriptions(self) -> frozenset[str] | None:
        if not self.uses_consumer_protocol:
            return None
        if not self._members:
            return frozenset()
        if self.protocol_name is None:
            return None
        topics: set[str] = set()
        for member in self._members.values():
            of_member = subscribed_topics(member.metadata(self.protocol_name))
            if of_member is None:
                return None
            topics.update(of_member)
        return frozenset(topics)

    def _count_protocols(self, member: ClassicMember, by: int) -> None:
        for name, _ in member.protocols:
            self._supported[name] = self._supported.get(name, 0) + by

    # --- state

    @property
    def can_rebalance(self) -> bool:
        """Whether a rebalance can begin (it has not begun yet, and the group is not dead)."""
        return self.state in LEGAL_PREVIOUS[GroupState.PREPARING_REBALANCE]

    @property
    def rebalance_timeout_ms(self) -> int:
        """The longest of the members' rebalance timeouts."""
        return max((member.rebalance_timeout_ms for member in self._members.values()), default=0)

    def transition_to(self, state: GroupState, now_ms: int | None) -> None:
        """Change the state; `now_ms` None leaves its time alone."""
        if self.state not in LEGAL_PREVIOUS[state]:
            raise AssertionError(f"group {self.group_id} cannot go from {self.state.value} to {state.value}")
        self.previous_state = self.state
        self.state = state
        if now_ms is not None:
            self.state_timestamp_ms = now_ms

    def init_next_generation(self, now_ms: int) -> None:
        """Begin the next generation: of those who joined, or empty when nobody did."""
        self.generation_id += 1
        self.protocol_name = self.select_protocol() if self._members else None
        self.update_subscribed_topics()
        self.transition_to(GroupState.COMPLETING_REBALANCE if self._members else GroupState.EMPTY, now_ms)
        self.pending_syncs.clear()

    # --- the `Group` protocol: what offsets, lists and deletions ask
    #
    # Source: ClassicGroup.validateOffsetCommit, validateOffsetDelete, validateDeleteGroup, offsetExpirationCondition.

    @property
    def type_name(self) -> str:
        """See `Group`."""
        return _TYPE_NAME

    @property
    def state_name(self) -> str:
        """See `Group`."""
        return self.state.value

    @property
    def is_empty(self) -> bool:
        """See `Group`."""
        return self.state is GroupState.EMPTY

    def check_offset_commit(
        self, member_id: str, instance_id: str | None, generation_id: int, *, is_transactional: bool
    ) -> None:
        """Whether a commit is the group's, at the moment.

        Raises:
            KafkaError: COORDINATOR_NOT_AVAILABLE, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION,
                REBALANCE_IN_PROGRESS.
        """
        if self.state is GroupState.DEAD:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        if generation_id < 0 and self.state is GroupState.EMPTY:
            return  # an admin, or a consumer that assigns its partitions itself
        if generation_id >= 0 or member_id != UNKNOWN_MEMBER_ID or instance_id is not None:
            self.valid_member(member_id, instance_id)
            if generation_id != self.generation_id:
                raise KafkaError(ErrorCode.ILLEGAL_GENERATION)
        elif not is_transactional and self.state is not GroupState.EMPTY:
            raise KafkaError(ErrorCode.UNKNOWN_MEMBER_ID)
        if not is_transactional and self.state is GroupState.COMPLETING_REBALANCE:
            # It knows the generation, so it has joined: it will sync, and commit then.
            raise KafkaError(ErrorCode.REBALANCE_IN_PROGRESS)

    def check_offset_delete(self) -> None:
        """Whether offsets may be deleted: not while members that are no consumers use topics that nobody else knows.

        Raises:
            KafkaError: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP.
        """
        self._check_not_dead()
        if self.state is not GroupState.EMPTY and not self.uses_consumer_protocol:
            raise KafkaError(ErrorCode.NON_EMPTY_GROUP)

    def check_delete(self) -> None:
        """Whether the group may be deleted.

        Raises:
            KafkaError: GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP.
        """
        self._check_not_dead()
        if self.state is not GroupState.EMPTY:
            raise KafkaError(ErrorCode.NON_EMPTY_GROUP)

    def _check_not_dead(self) -> None:
        if self.state is GroupState.DEAD:
            raise KafkaError(ErrorCode.GROUP_ID_NOT_FOUND, f"Group {self.group_id} is in dead state.")

    def is_subscribed(self, topic: str) -> bool:
        """Whether a member consumes the topic; consumers whose metadata cannot be read might consume any."""
        return self.uses_consumer_protocol if self.subscribed_topics is None else topic in self.subscribed_topics

    def offset_expiry_base_ms(self, commit_timestamp_ms: int) -> int | None:
        """See `Group`."""
        if self.protocol_type is None:
            return commit_timestamp_ms
        if self.state is GroupState.EMPTY:
            return commit_timestamp_ms if self.state_timestamp_ms is None else self.state_timestamp_ms
        if self.state is GroupState.STABLE and self.uses_consumer_protocol and self.subscribed_topics is not None:
            return commit_timestamp_ms
        return None

    def tombstones(self) -> list[CoordinatorRecord]:
        """See `Group`."""
        return [encode_record(GroupMetadataKey(group=self.group_id), None, 0)]
