"""AddPartitionsToTxn 0-5: partitions become part of a transaction (KIP-98).

v2 says PRODUCER_FENCED where older clients know INVALID_PRODUCER_EPOCH only (KIP-588). v4 and v5 are for brokers (KIP-890):
they ask for several transactional ids at once, and may only verify what was added before: TRANSACTION_ABORTABLE says that a
partition was not.

All partitions of a transaction are added or none: when one does not exist, the others are OPERATION_NOT_ATTEMPTED.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

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
        return AddPartitionsToTxnResponse(results_by_topic_v3_and_below=await _results(context, transaction, 0, pace))
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
            AddPartitionsToTxnTopicResult(name=topic.name, results_by_partition=_answers(topic.partitions, error_code))
            for topic in request.v3_and_below_topics
        ]
    )


async def _results(
    context: RequestContext, transaction: AddPartitionsToTxnTransaction, client_version: int, pace: Pace
) -> list[AddPartitionsToTxnTopicResult]:
    asked = await _by_topic(transaction.topics, pace)
    missing = await _missing(context, asked, pace)
    if missing:
        return [
            _topic_result(
                topic,
                {
                    number: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                    if (topic, number) in missing
                    else ErrorCode.OPERATION_NOT_ATTEMPTED
                    for number in numbers
                },
            )
            for topic, numbers in asked.items()
        ]
    transactions = context.services.transactions
    producer = ProducerIdAndEpoch(transaction.producer_id, transaction.producer_epoch)
    code = ErrorCode.NONE
    try:
        if transaction.verify_only:
            partitions = [(topic, number) for topic, numbers in asked.items() for number in numbers]
            codes = await transactions.verify_partitions(transaction.transactional_id, producer, partitions)
            return [
                _topic_result(topic, {number: codes[topic, number] for number in numbers}) for topic, numbers in asked.items()
            ]
        await transactions.add_partitions(
            transaction.transactional_id,
            producer,
            {topic: frozenset(numbers) for topic, numbers in asked.items()},
            client_version,
        )
    except KafkaError as error:
        code = fenced_code(error.error_code, is_known=context.version >= FIRST_VERSION_WITH_FENCED)
    return [
        AddPartitionsToTxnTopicResult(name=topic, results_by_partition=_answers(list(numbers), code))
        for topic, numbers in asked.items()
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


async def _missing(context: RequestContext, asked: _Asked, pace: Pace) -> set[tuple[str, int]]:
    missing = set()
    for topic, numbers in asked.items():
        async for number in pace.over(numbers):
            if context.services.image.partition(topic, number) is None:
                missing.add((topic, number))
        await pace.turn()
    return missing


def _topic_result(topic: str, codes: Mapping[int, ErrorCode]) -> AddPartitionsToTxnTopicResult:
    return AddPartitionsToTxnTopicResult(
        name=topic,
        results_by_partition=[
            AddPartitionsToTxnPartitionResult(partition_index=number, partition_error_code=code)
            for number, code in codes.items()
        ],
    )


def _answers(numbers: Sequence[int], code: ErrorCode) -> list[AddPartitionsToTxnPartitionResult]:
    return [AddPartitionsToTxnPartitionResult(partition_index=number, partition_error_code=code) for number in numbers]
