"""Producers with transactional ids on both sides: what one does, the other does; each side has given it ids of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.add_offsets_to_txn import AddOffsetsToTxnRequest, AddOffsetsToTxnResponse
from kafka_compat.protocol.messages.end_txn import EndTxnRequest, EndTxnResponse
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from tests.conformance.both import Both, Side

M = TypeVar("M", bound=Message)

_PATIENCE_S: Final = 30.0
_NOT_YET: Final = (
    ErrorCode.CONCURRENT_TRANSACTIONS,
    ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
    ErrorCode.COORDINATOR_NOT_AVAILABLE,
    ErrorCode.NOT_COORDINATOR,
)
# The last version before EndTxn raises the epoch (transaction version 2), and the first that does.
END_PLAINLY: Final = 4
END_WITH_BUMP: Final = 5


class TransactionalProducer:
    """One transactional id on both sides."""

    def __init__(self, both: Both, stem: str, timeout_ms: int = 60_000) -> None:
        self.both = both
        self.transactional_id = both.name(stem)
        self.timeout_ms = timeout_ms
        self._ids: dict[str, tuple[int, int]] = {}
        find = FindCoordinatorRequest(coordinator_keys=[self.transactional_id], key_type=1)
        for side in both.sides:
            until(lambda side=side: side.call(find, 4, FindCoordinatorResponse).coordinators[0].error_code)  # type: ignore[misc]
        self.init()

    def init(self) -> None:
        """A new instance: whoever was there before is fenced, and its transaction aborted."""
        for side in self.both.sides:

            def init(side: Side = side) -> int:
                request = InitProducerIdRequest(transactional_id=self.transactional_id, transaction_timeout_ms=self.timeout_ms)
                answer = side.call(request, 4, InitProducerIdResponse)
                if not answer.error_code:
                    self._ids[side.kind] = answer.producer_id, answer.producer_epoch
                return answer.error_code

            until(init)

    def on(self, side: Side) -> tuple[int, int]:
        """Producer id and epoch."""
        return self._ids[side.kind]

    def add_group(self, group: str, version: int = 3) -> None:
        """AddOffsetsToTxn, until it is done."""
        for side in self.both.sides:
            producer_id, epoch = self.on(side)
            request = AddOffsetsToTxnRequest(
                transactional_id=self.transactional_id, producer_id=producer_id, producer_epoch=epoch, group_id=group
            )
            until(lambda side=side, request=request: side.call(request, version, AddOffsetsToTxnResponse).error_code)  # type: ignore[misc]

    def end(self, *, is_commit: bool, version: int = END_PLAINLY) -> None:
        """EndTxn, until it is done; the markers may take a little longer."""
        for side in self.both.sides:
            producer_id, epoch = self.on(side)
            request = EndTxnRequest(
                transactional_id=self.transactional_id, producer_id=producer_id, producer_epoch=epoch, committed=is_commit
            )

            def end(side: Side = side, request: EndTxnRequest = request) -> int:
                answer = side.call(request, version, EndTxnResponse)
                if not answer.error_code and version >= END_WITH_BUMP:
                    self._ids[side.kind] = answer.producer_id, answer.producer_epoch
                return answer.error_code

            until(end)

    def commit(
        self,
        group: str,
        *topics: tuple[str, Sequence[tuple[int, int, str | None]]],
        version: int = 5,
        generation: int = -1,
        member: str = "",
        instance: str | None = None,
        transactional_id: str | None = None,
        id_shift: int = 0,
        epoch_shift: int = 0,
        member_of: Callable[[Side], tuple[str, int]] | None = None,
    ) -> Callable[[Side], TxnOffsetCommitRequest]:
        """A TxnOffsetCommit of (partition, offset, metadata) of each topic, for `Both.compare`."""

        def make(side: Side) -> TxnOffsetCommitRequest:
            producer_id, epoch = self.on(side)
            member_id, generation_id = (member, generation) if member_of is None else member_of(side)
            knows_members = version >= 3
            return TxnOffsetCommitRequest(
                transactional_id=self.transactional_id if transactional_id is None else transactional_id,
                group_id=group,
                producer_id=producer_id + id_shift,
                producer_epoch=epoch + epoch_shift,
                generation_id=generation_id if knows_members else -1,
                member_id=member_id if knows_members else "",
                group_instance_id=instance if knows_members else None,
                topics=[
                    TxnOffsetCommitRequestTopic(
                        name=name,
                        partitions=[
                            TxnOffsetCommitRequestPartition(
                                partition_index=index,
                                committed_offset=offset,
                                committed_leader_epoch=4 if version >= 2 else -1,
                                committed_metadata=metadata,
                            )
                            for index, offset, metadata in partitions
                        ],
                    )
                    for name, partitions in topics
                ],
            )

        return make


def until(attempt: Callable[[], int]) -> None:
    """Try until it is done: coordinators load, and markers of the transaction before are on their way."""
    deadline = time.monotonic() + _PATIENCE_S
    while (code := attempt()) in _NOT_YET:
        assert time.monotonic() < deadline, ErrorCode(code).name
        time.sleep(0.005)
    assert code == 0, ErrorCode(code).name
