"""Whether partitions are part of a producer's transaction, asked before they are written to (KIP-890).

The codes are those of AddPartitionsToTxn 4 and 5, as the coordinator gives them: NONE; TRANSACTION_ABORTABLE: not part of it,
and not to be added; INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, CONCURRENT_TRANSACTIONS, NOT_COORDINATOR,
COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE: all of them. What a producer is told instead is for who asks to say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from kafka_compat.coordinator.led_shards import LedShards
from kafka_compat.coordinator.transaction.metadata import FIRST_VERSION_WITH_BUMP
from kafka_compat.coordinator.transaction.peers import TransactionPeers
from kafka_compat.coordinator.transaction.ports import TopicPartition, Verification
from kafka_compat.coordinator.transaction.values import ProducerIdAndEpoch, grouped
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError

if TYPE_CHECKING:
    from kafka_compat.coordinator.transaction.shard import TransactionShard

Codes = Mapping[TopicPartition, ErrorCode]


class LocalVerification:
    """`Verification` by the shards that this broker leads."""

    def __init__(self, shards: LedShards[TransactionShard]) -> None:
        self._shards = shards

    def add_or_verify(
        self,
        transactional_id: str,
        producer_id: int,
        producer_epoch: int,
        partitions: Sequence[TopicPartition],
        *,
        adds: bool,
    ) -> asyncio.Future[Codes]:
        """See `Verification`; NOT_COORDINATOR for ids of other brokers."""
        if not transactional_id:
            return _done(dict.fromkeys(partitions, ErrorCode.INVALID_REQUEST))
        shard_id = self._shards.partition_of(transactional_id)
        producer = ProducerIdAndEpoch(producer_id, producer_epoch)
        runtime = self._shards.runtime
        if adds:
            by_topic = grouped(partitions)
            added = runtime.write(
                shard_id,
                lambda shard, now_ms: shard.add_partitions(
                    transactional_id, producer, by_topic, FIRST_VERSION_WITH_BUMP, now_ms
                ),
            )
            return _codes(added, partitions, lambda: dict.fromkeys(partitions, ErrorCode.NONE))
        verified = runtime.read(shard_id, lambda shard, _: shard.verify_partitions(transactional_id, producer, partitions))
        return _codes(verified, partitions, lambda: verified.result())


class RoutedVerification:
    """`Verification` by the broker that coordinates the transactional id."""

    def __init__(self, shards: LedShards[TransactionShard], peers: TransactionPeers) -> None:
        self._shards = shards
        self._peers = peers

    def add_or_verify(
        self,
        transactional_id: str,
        producer_id: int,
        producer_epoch: int,
        partitions: Sequence[TopicPartition],
        *,
        adds: bool,
    ) -> asyncio.Future[Codes]:
        """See `Verification`; COORDINATOR_NOT_AVAILABLE while nobody coordinates the id."""
        verifier: Verification | None = None
        try:
            verifier = self._peers.verifier(self._shards.leader_of(transactional_id))
        except KafkaError as error:
            return _done(dict.fromkeys(partitions, error.error_code))
        if verifier is None:
            return _done(dict.fromkeys(partitions, ErrorCode.COORDINATOR_NOT_AVAILABLE))
        return verifier.add_or_verify(transactional_id, producer_id, producer_epoch, partitions, adds=adds)


def _done(codes: Codes) -> asyncio.Future[Codes]:
    answer: asyncio.Future[Codes] = asyncio.get_running_loop().create_future()
    answer.set_result(codes)
    return answer


def _codes(
    asked: asyncio.Future[None] | asyncio.Future[dict[TopicPartition, ErrorCode]],
    partitions: Sequence[TopicPartition],
    success: Callable[[], Codes],
) -> asyncio.Future[Codes]:
    """The codes when `asked` is done, which it may be by now."""
    answer: asyncio.Future[Codes] = asyncio.get_running_loop().create_future()

    def settle(_: object) -> None:
        if answer.done():
            return
        if asked.cancelled():
            answer.cancel()
            return
        error = asked.exception()
        if error is None:
            answer.set_result(success())
        else:
            code = error.error_code if isinstance(error, KafkaError) else ErrorCode.UNKNOWN_SERVER_ERROR
            answer.set_result(dict.fromkeys(partitions, code))

    if asked.done():
        settle(asked)
    else:
        asked.add_done_callback(settle)
    return answer
