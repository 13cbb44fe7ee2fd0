"""AddPartitionsToTxn 0-5: partitions become part of a transaction (KIP-98).

v2 says PRODUCER_FENCED where older clients know INVALID_PRODUCER_EPOCH only (KIP-588). v4 and v5 are for brokers (KIP-890):
they ask for several transactional ids at once, and may only verify what was added before: TRANSACTION_ABORTABLE says that a
partition was not.

All partitions of a transaction are added or none: when one does not exist, the others are OPERATION_NOT_ATTEMPTED.

Clients need WRITE on the transactional id and on each topic, brokers CLUSTER_ACTION.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from kafka_compat.api.authorization import is_authorized, require, require_cluster
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.api.transactions import FIRST_VERSION_WITH_FENCED, fenced_code
from kafka_compat.coordinator.transaction.values import ProducerIdAndEpoch
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnPartitionResult,
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnResult,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTopicResult,
    AddPartitionsToTxnTransaction,
)
from kafka_compat.protocol.topic_names import is_internal
from kafka_compat.security.acl import AclOperation, AclResource

_FIRST_VERSION_OF_BROKERS: Final = 4

_Asked = dict[str, dict[int, None]]


async def handle(context: RequestContext, request: AddPartitionsToTxnRequest) -> Response:
    """One transaction of a client, or several of a broker."""
    pace = Pace()
    if context.version < _FIRST_VERSION_OF_BROKERS:
        transaction = AddPartitionsToTxnTransaction(
            transactional_id=request.v3_and_below_transactional_id,
            producer_id=request.v3_and_below_producer_id,
            producer_epoch=request.v3_and_below_producer_epoch,
            topics=request.v3_and_below_topics,
        )
        require(context, AclOperation.WRITE, AclResource.TRANSACTIONAL_ID, transaction.transactional_id)
        return AddPartitionsToTxnResponse(results_by_topic_v3_and_below=await _results(context, transaction, 0, pace))
    require_cluster(context, AclOperation.CLUSTER_ACTION)
    results = []
    async for transaction in pace.over(request.transactions):
        topics = await _results(context, transaction, 2, pace)
        results.append(AddPartitionsToTxnResult(transactional_id=transaction.transactional_id, topic_results=topics))
    return AddPartitionsToTxnResponse(results_by_transaction=results)


def refuse(request: AddPartitionsToTxnRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every partition of a client failed; a broker is told the error alone."""
    if version >= _FIRST_VERSION_OF_BROKERS:
        return AddPartitionsToTxnResponse(error_code=error_code)
    return AddPartitionsToTxnResponse(
        results_by_topic_v3_and_below=[
            AddPartitionsToTxnTopicResult(
                name=topic.name,
                results_by_partition=[
                    AddPartitionsToTxnPartitionResult(partition_index=number, partition_error_code=error_code)
                    for number in topic.partitions
                ],
            )
            for topic in request.v3_and_below_topics
        ]
    )


async def _results(
    context: RequestContext, transaction: AddPartitionsToTxnTransaction, client_version: int, pace: Pace
) -> list[AddPartitionsToTxnTopicResult]:
    asked = await _by_topic(transaction.topics, pace)
    refused = await _refused(context, asked, pace)
    if refused:
        return await _each(asked, lambda one: refused.get(one, ErrorCode.OPERATION_NOT_ATTEMPTED), pace)
    transactions = context.services.transactions
    producer = ProducerIdAndEpoch(transaction.producer_id, transaction.producer_epoch)
    code = ErrorCode.NONE
    try:
        if transaction.verify_only:
            partitions = [(topic, number) for topic, numbers in asked.items() for number in numbers]
            codes = await transactions.verify_partitions(transaction.transactional_id, producer, partitions)
            return await _each(asked, codes.__getitem__, pace)
        await transactions.add_partitions(
            transaction.transactional_id,
            producer,
            {topic: frozenset(numbers) for topic, numbers in asked.items()},
            client_version,
        )
    except KafkaError as error:
        code = fenced_code(error.error_code, is_known=context.version >= FIRST_VERSION_WITH_FENCED)
        if transaction.verify_only:
            return await _each(asked, lambda _: code, pace)
    # What succeeds or fails together is answered as it was asked.
    return [
        await _topic_result(topic.name, topic.partitions, lambda _: code, pace) async for topic in pace.over(transaction.topics)
    ]


async def _by_topic(topics: Sequence[AddPartitionsToTxnTopic], pace: Pace) -> _Asked:
    """Each partition once, in the order in which they were first named."""
    asked: _Asked = {}
    for topic in topics:
        numbers = asked.setdefault(topic.name, {})
        async for number in pace.over(topic.partitions):
            numbers[number] = None
        await pace.turn()
    return {topic: numbers for topic, numbers in asked.items() if numbers}


async def _refused(context: RequestContext, asked: _Asked, pace: Pace) -> dict[tuple[str, int], ErrorCode]:
    """Partitions that cannot be added, each with its code: clients do not write to internal topics, but brokers do."""
    is_client = context.version < _FIRST_VERSION_OF_BROKERS
    refused = {}
    for topic, numbers in asked.items():
        is_closed = is_client and (
            is_internal(topic) or not is_authorized(context, AclOperation.WRITE, AclResource.TOPIC, topic)
        )
        async for number in pace.over(numbers):
            if is_closed:
                refused[topic, number] = ErrorCode.TOPIC_AUTHORIZATION_FAILED
            elif context.services.image.partition(topic, number) is None:
                refused[topic, number] = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
        await pace.turn()
    return refused


async def _each(
    asked: _Asked, code_of: Callable[[tuple[str, int]], ErrorCode], pace: Pace
) -> list[AddPartitionsToTxnTopicResult]:
    """Each partition once, with its own code."""
    return [await _topic_result(topic, numbers, code_of, pace) async for topic, numbers in pace.over(asked.items())]


async def _topic_result(
    topic: str, numbers: Iterable[int], code_of: Callable[[tuple[str, int]], ErrorCode], pace: Pace
) -> AddPartitionsToTxnTopicResult:
    return AddPartitionsToTxnTopicResult(
        name=topic,
        results_by_partition=[
            AddPartitionsToTxnPartitionResult(partition_index=number, partition_error_code=code_of((topic, number)))
            async for number in pace.over(numbers)
        ],
    )
