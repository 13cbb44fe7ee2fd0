"""Transactions per second: of librdkafka, and of prepared requests whose client costs little.

With transaction version 2 (KIP-890) a transaction is a Produce request, which adds its partitions, and an EndTxn, whose answer
names the next epoch. Who begins the next one before the markers are written is refused with CONCURRENT_TRANSACTIONS and asks
again, as clients do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import confluent_kafka

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.end_txn import EndTxnRequest, EndTxnResponse
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.protocol.messages.produce import (
    PartitionProduceData,
    ProduceRequest,
    ProduceResponse,
    TopicProduceData,
)
from kafka_compat.records.builder import build_batch
from tests.support.wire_client import WireClient

_FIND_COORDINATOR_VERSION = 4
_INIT_VERSION = 5
_PRODUCE_VERSION = 12
_END_VERSION = 5
_TRANSACTION = 1  # FindCoordinator's key type
_RECORD_BYTES = 100
_TIMEOUT_MS = 60_000
_PATIENCE_S = 60
_PAUSE_S = 0.0002
_AGAIN = frozenset(
    {
        ErrorCode.CONCURRENT_TRANSACTIONS,
        ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode.COORDINATOR_NOT_AVAILABLE,
        ErrorCode.NOT_COORDINATOR,
        ErrorCode.NOT_ENOUGH_REPLICAS,
    }
)


def raw_transactions(records: int, partitions: int, producers: int) -> Callable[[str, str, int], float]:
    """Transactions of so many records in all, over so many partitions; `producers` at a time, each on a connection."""

    def run(bootstrap: str, topic: str, transactions: int) -> float:
        each = transactions // producers
        clients = [_Producer(bootstrap, topic, f"{topic}-{number}", records, partitions) for number in range(producers)]
        try:
            failed: list[BaseException] = []

            def work(client: _Producer) -> None:
                try:
                    for _ in range(each):
                        client.transaction()
                except BaseException as error:
                    failed.append(error)

            for client in clients:
                client.transaction()  # its coordinator is loaded, its partitions are known
            threads = [threading.Thread(target=work, args=(client,)) for client in clients]
            began = time.perf_counter()
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            took_s = time.perf_counter() - began
        finally:
            for client in clients:
                client.close()
        if failed:
            raise failed[0]
        return each * producers / took_s

    return run


def librdkafka_transactions(records: int, partitions: int) -> Callable[[str, str, int], float]:
    """The same with librdkafka through confluent-kafka."""

    def run(bootstrap: str, topic: str, transactions: int) -> float:
        producer = confluent_kafka.Producer(
            {"bootstrap.servers": bootstrap, "transactional.id": f"librdkafka-{topic}", "linger.ms": 0}
        )
        producer.init_transactions(_PATIENCE_S)
        value = b"x" * _RECORD_BYTES

        def transaction() -> None:
            producer.begin_transaction()
            for number in range(max(records, partitions)):
                producer.produce(topic, value, partition=number % partitions)
            producer.commit_transaction(_PATIENCE_S)

        transaction()
        began = time.perf_counter()
        for _ in range(transactions):
            transaction()
        return transactions / (time.perf_counter() - began)

    return run


class _Producer:
    """One transactional id."""

    def __init__(self, bootstrap: str, topic: str, transactional_id: str, records: int, partitions: int) -> None:
        self._client = WireClient(bootstrap, timeout_s=_PATIENCE_S)
        self._topic = topic
        self._id = transactional_id
        self._counts = [max(records // partitions, 1)] * partitions
        find = FindCoordinatorRequest(key_type=_TRANSACTION, coordinator_keys=[transactional_id])
        self._until_none(
            lambda: ErrorCode(
                self._client.call(find, _FIND_COORDINATOR_VERSION, FindCoordinatorResponse).coordinators[0].error_code
            )
        )
        self._until_none(self._init)

    def close(self) -> None:
        """Leave."""
        self._client.close()

    def transaction(self) -> None:
        """One whole."""
        now_ms = int(time.time() * 1000)
        record = (now_ms, None, b"x" * _RECORD_BYTES, ())
        data = [
            PartitionProduceData(
                index=index,
                records=build_batch(
                    [record] * count,
                    producer_id=self._producer_id,
                    producer_epoch=self._epoch,
                    base_sequence=0,
                    transactional=True,
                ),
            )
            for index, count in enumerate(self._counts)
        ]
        request = ProduceRequest(
            transactional_id=self._id,
            acks=-1,
            timeout_ms=_TIMEOUT_MS,
            topic_data=[TopicProduceData(name=self._topic, partition_data=data)],
        )

        def produce() -> ErrorCode:
            answered = self._client.call(request, _PRODUCE_VERSION, ProduceResponse).responses[0].partition_responses
            codes = {ErrorCode(partition.error_code) for partition in answered}
            return codes.pop() if len(codes) == 1 else next(code for code in codes if code is not ErrorCode.NONE)

        self._until_none(produce)
        self._until_none(self._end)

    def _init(self) -> ErrorCode:
        request = InitProducerIdRequest(transactional_id=self._id, transaction_timeout_ms=_TIMEOUT_MS)
        answer = self._client.call(request, _INIT_VERSION, InitProducerIdResponse)
        self._producer_id, self._epoch = answer.producer_id, answer.producer_epoch
        return ErrorCode(answer.error_code)

    def _end(self) -> ErrorCode:
        request = EndTxnRequest(
            transactional_id=self._id, producer_id=self._producer_id, producer_epoch=self._epoch, committed=True
        )
        answer = self._client.call(request, _END_VERSION, EndTxnResponse)
        if answer.error_code == ErrorCode.NONE:
            self._producer_id, self._epoch = answer.producer_id, answer.producer_epoch
        return ErrorCode(answer.error_code)

    def _until_none(self, ask: Callable[[], ErrorCode]) -> None:
        until_s = time.monotonic() + _PATIENCE_S
        while (code := ask()) is not ErrorCode.NONE:
            assert code in _AGAIN, code
            assert time.monotonic() < until_s, code
            time.sleep(_PAUSE_S)
