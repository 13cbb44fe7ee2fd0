"""Where the consumers of groups begin to read, as far as the brokers can tell: what they were asked, and what they answered.

A consumer that was assigned a partition reads from the group's committed offset. Without one it asks for the partition's
first or last offset (`auto.offset.reset`), and what is written before that answer is not read by one that asks for the last.
So an assignment alone does not tell whether the next record will be read, and the answer to that question does.

A consumer that keeps a partition over a rebalance (KIP-429) does not ask again.

Clients are told apart by client id and address: consumers that share both share what is known of a partition.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from kafka_compat.api.context import RequestContext
from kafka_compat.ids import TopicId
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message

if TYPE_CHECKING:
    from kafka_compat.testing.views import MemberView

# What a client subscribes with whose consumers keep partitions over a rebalance, and read on.
_COOPERATIVE: Final = "cooperative"
_APIS: Final = frozenset({ApiKey.FETCH, ApiKey.LIST_OFFSETS, ApiKey.SYNC_GROUP})
_NEVER: Final = 1 << 63
# Of a partition that is read from an offset that nobody was asked for.
_ELSEWHERE: Final = -1

_Client = tuple[str, str]
_Partition = tuple[str, int]


class Positions:
    """What is known of all clients; told of each request."""

    def __init__(self) -> None:
        # Since when: an answer to what was asked before may be another consumer's, which had the partition until then.
        self._unplaced: dict[_Client, dict[_Partition, int]] = {}
        self._begins: dict[_Client, dict[_Partition, int]] = {}
        self._syncing: Counter[_Client] = Counter()

    def began(self, context: RequestContext) -> None:
        """A request has begun."""
        if context.header.api_key == ApiKey.SYNC_GROUP:
            self._syncing[_client(context)] += 1

    def ended(self, context: RequestContext, response: Message | None) -> None:
        """A request has ended, with this answer if any."""
        if context.header.api_key not in _APIS:
            return
        client = _client(context)
        if context.header.api_key == ApiKey.SYNC_GROUP:
            self._syncing[client] -= 1
            if self._syncing[client] <= 0:
                del self._syncing[client]
            if response is not None:
                self._assigned(client, context, response)
        elif response is not None and client in self._unplaced:
            if context.header.api_key == ApiKey.LIST_OFFSETS:
                self._listed(client, context, response)
            else:
                self._fetched(client, context, response)

    def unplaced(self, member: MemberView) -> list[_Partition]:
        """Partitions of a member's assignment of which it has not asked where to begin, and which it does not read yet."""
        client = (member.client_id, member.host)
        if client in self._syncing:  # it is being told, and will ask then
            return list(member.assignment)
        unplaced, begins = self._unplaced.get(client, {}), self._begins.get(client, {})
        return [
            partition
            for partition in member.assignment
            if partition in unplaced and not (partition in member.owned and partition in begins)
        ]

    def begin(self, member: MemberView, partition: _Partition) -> int | None:
        """The offset that the member was given to begin with when it asked; None when it did not."""
        begin = self._begins.get((member.client_id, member.host), {}).get(partition, _ELSEWHERE)
        return None if begin == _ELSEWHERE else begin

    def clear(self) -> None:
        """Forget all."""
        self._unplaced.clear()
        self._begins.clear()
        self._syncing.clear()

    def _assigned(self, client: _Client, context: RequestContext, response: Message) -> None:
        # As all that consumers need, when there are some.
        from kafka_compat.protocol.messages.sync_group import SyncGroupResponse
        from kafka_compat.testing.assignments import assigned_partitions

        assert isinstance(response, SyncGroupResponse)
        if response.error_code:
            return
        begins = self._begins.setdefault(client, {})
        unplaced = self._unplaced.setdefault(client, {})
        now_ns = context.session.turn_ns  # when this request ended
        keeps = _COOPERATIVE in (response.protocol_name or "")
        for partition in assigned_partitions(bytes(response.assignment)):
            unplaced[partition] = now_ns
            if not keeps:
                begins.pop(partition, None)

    def _listed(self, client: _Client, context: RequestContext, response: Message) -> None:
        from kafka_compat.protocol.messages.list_offsets import ListOffsetsResponse

        assert isinstance(response, ListOffsetsResponse)
        unplaced = self._unplaced[client]
        for topic in response.topics:
            for each in topic.partitions:
                partition = (topic.name, each.partition_index)
                if each.error_code == ErrorCode.NONE and unplaced.get(partition, _NEVER) <= context.began_ns:
                    del unplaced[partition]
                    self._begins[client][partition] = each.offset

    def _fetched(self, client: _Client, context: RequestContext, response: Message) -> None:
        from kafka_compat.protocol.messages.fetch import FetchResponse

        assert isinstance(response, FetchResponse)
        unplaced, begins = self._unplaced[client], self._begins[client]
        if not unplaced:
            return
        topics = context.services.image.topics_by_id
        for answer in response.responses:
            topic = topics.get(TopicId(answer.topic_id))
            name = answer.topic or (topic.name if topic is not None else "")
            for each in answer.partitions:
                partition = (name, each.partition_index)
                if each.error_code == ErrorCode.NONE and unplaced.get(partition, _NEVER) <= context.began_ns:
                    del unplaced[partition]
                    begins[partition] = _ELSEWHERE


def _client(context: RequestContext) -> _Client:
    return context.header.client_id or "", f"/{context.session.host}"
