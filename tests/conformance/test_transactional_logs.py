"""The partition's side of transactions against Apache Kafka: batches, markers good and bad, and what readers see of them.

Partitions are not verified here, so that no coordinator is needed: clients below Produce 12 are believed.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_producers import DescribeProducersRequest, TopicRequest
from kafka_compat.protocol.messages.list_offsets import ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic
from kafka_compat.protocol.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
)
from tests.conformance.both import ANY_ERROR, Both
from tests.conformance.data_plane import FETCHED, NORMAL, RECORDS, Wanted, batch, fetch, produce, time_name, without_others
from tests.support.brokers import NO_RETENTION

BROKER_CONFIGS = {"transaction.partition.verification.enable": "false", **NO_RETENTION}

UNORDERED = ("markers", "topics", "partitions", "active_producers", "aborted_transactions")
DESCRIBED = {"last_timestamp": time_name}


def transactional(producer_id: int, sequence: int, *, epoch: int = 0, plain: bool = False, count: int = 1) -> bytes:
    return batch(
        RECORDS[:count], producer_id=producer_id, producer_epoch=epoch, base_sequence=sequence, transactional=not plain
    )


def marker(
    producer_id: int,
    partitions: Mapping[str, Sequence[int]],
    *,
    epoch: int = 0,
    commit: bool = True,
    coordinator_epoch: int = 0,
    version: int = 0,
) -> WritableTxnMarker:
    return WritableTxnMarker(
        producer_id=producer_id,
        producer_epoch=epoch,
        transaction_result=commit,
        topics=[WritableTxnMarkerTopic(name=name, partition_indexes=list(indexes)) for name, indexes in partitions.items()],
        coordinator_epoch=coordinator_epoch,
        transaction_version=version,
    )


def write(*markers: WritableTxnMarker) -> WriteTxnMarkersRequest:
    return WriteTxnMarkersRequest(markers=list(markers))


class Log:
    """Partition 0 of a topic on both sides."""

    def __init__(self, both: Both) -> None:
        self.both = both
        self.topic = both.create_topic(both.name("transactional"))

    def produce(self, label: str, records: bytes, *expect: ErrorCode, version: int = 11) -> None:
        request = produce({self.topic: {0: records}}, transactional_id="tid")
        self.both.compare(label, request, [version], expect=expect or (), **NORMAL)

    def mark(self, label: str, *markers: WritableTxnMarker, expect: Sequence[ErrorCode] = (), version: int = 2) -> None:
        self.both.compare(label, write(*markers), [version], unordered=UNORDERED, expect=expect)

    def end(self, label: str, producer_id: int, *expect: ErrorCode, **of_marker: int) -> None:
        self.mark(label, marker(producer_id, {self.topic: [0]}, **of_marker), expect=expect)  # type: ignore[arg-type]

    def look(self, label: str, *offsets: int, version: int = 16) -> None:
        """What readers and operators see."""
        for isolation in (0, 1):
            for offset in offsets or (0,):
                request = fetch({self.topic: {0: Wanted(offset)}}, isolation_level=isolation)
                answers = self.both.answers(request, version, replace=FETCHED, unordered=UNORDERED)
                self.both.compare_values(
                    f"{label}: fetch {offset} {isolation} v{version}", ApiKey.FETCH, *map(without_others, answers)
                )
            wanted = [ListOffsetsPartition(partition_index=0, timestamp=at) for at in (-1,)]
            request_of_offsets = ListOffsetsRequest(
                replica_id=-1, isolation_level=isolation, topics=[ListOffsetsTopic(name=self.topic, partitions=wanted)]
            )
            self.both.compare(f"{label}: latest {isolation}", request_of_offsets, [7])
        described = DescribeProducersRequest(topics=[TopicRequest(name=self.topic, partition_indexes=[0])])
        self.both.compare(f"{label}: producers", described, [0], replace=DESCRIBED, unordered=UNORDERED)


@pytest.fixture
def log(both: Both) -> Log:
    return Log(both)


def test_two_transactions_that_overlap(log: Log) -> None:
    log.produce("first", transactional(7, 0, count=3))
    log.produce("second", transactional(8, 0))
    log.produce("plain", transactional(9, 0, plain=True))
    log.look("both open", 0, 3, 4, 5)
    log.end("second aborted", 8, commit=False)
    log.look("one open", 0, 3)
    log.produce("first goes on", transactional(7, 3))
    log.end("first committed", 7)
    log.look("none open", 0, 3, 4, 5, 6, 7)
    log.produce("second again", transactional(8, 1))
    log.end("second aborted again", 8, commit=False)
    for version in (4, 10, 13, 18):
        log.look(f"v{version}", 0, 4, 8, version=version)


def test_a_batch_in_a_transaction_has_to_be_transactional(log: Log) -> None:
    log.produce("transactional", transactional(7, 0))
    log.produce("plain", transactional(7, 1, plain=True), ErrorCode.INVALID_TXN_STATE)
    log.end("committed", 7)
    log.produce("plain afterwards", transactional(7, 1, plain=True))
    log.look("afterwards")


@pytest.mark.parametrize("version", [0, 1, 2, 3, -1, 127, -128])
def test_the_epoch_of_a_marker(log: Log, version: int) -> None:
    """Below, at and above the producer's, with a transaction open and without."""
    log.produce("batch", transactional(7, 0, epoch=5))
    for epoch in (4, 5, 5, 6, 6, 5):
        request = write(marker(7, {log.topic: [0]}, epoch=epoch, version=version))
        log.both.compare(f"epoch {epoch}", request, [2], unordered=UNORDERED, expect=ANY_ERROR)
        log.look(f"after epoch {epoch}")


def test_the_epoch_of_a_coordinator(log: Log) -> None:
    log.produce("batch", transactional(7, 0))
    log.end("epoch 5", 7, coordinator_epoch=5)
    log.end("epoch 4", 7, ErrorCode.TRANSACTION_COORDINATOR_FENCED, coordinator_epoch=4)
    log.end("epoch 5 again", 7, coordinator_epoch=5)
    log.end("another producer", 8, coordinator_epoch=-1)
    log.look("afterwards")


def test_odd_markers(both: Both, log: Log) -> None:
    unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    log.mark("none")
    log.mark("no partitions", marker(7, {}))
    log.mark("no partitions of a topic", marker(7, {log.topic: []}))
    log.mark("unknown", marker(7, {"no-such": [0], log.topic: [0, 1, -1]}), expect=[unknown])
    log.mark("only unknown", marker(7, {"no-such": [0]}), marker(8, {}), expect=[unknown])
    # In the other order the reference never answers.
    log.mark("two of one producer", marker(7, {"no-such": [3]}), marker(7, {log.topic: [0]}), expect=[unknown])
    log.mark("two producers", marker(7, {log.topic: [0]}), marker(8, {log.topic: [0]}, commit=False))
    log.mark("offsets of nobody", marker(7, {"__consumer_offsets": [999]}), expect=[unknown])
    log.mark("version 1", marker(7, {log.topic: [0]}), version=1)
    log.look("afterwards")


def test_two_producers_in_one_request(both: Both) -> None:
    topic = both.create_topic(both.name("two"), 3)
    for label, partitions in {
        "two ids": {0: transactional(7, 0), 1: transactional(8, 0)},
        "two epochs": {0: transactional(7, 0), 1: transactional(7, 0, epoch=1)},
    }.items():
        request = produce({topic: partitions}, transactional_id="tid")
        both.compare(label, request, [11, 13], expect=[ErrorCode.INVALID_PRODUCER_ID_MAPPING], **NORMAL)
    mixed = {0: transactional(7, 0), 1: transactional(8, 0, plain=True), 2: batch()}
    both.compare("transactional and not", produce({topic: mixed}, transactional_id="tid"), [11], **NORMAL)


@pytest.mark.parametrize("seed", range(6))
def test_random_transactions(log: Log, seed: int) -> None:
    """Three producers and their coordinators, which now and then have the wrong epoch or sequence."""
    chance = random.Random(seed)
    epochs = dict.fromkeys((7, 8, 9), 0)
    sequences = dict.fromkeys(epochs, 0)
    for number in range(40):
        producer_id = chance.choice(list(epochs))
        epoch = max(0, epochs[producer_id] + chance.choice([0, 0, 0, 0, 0, 1, -1]))
        label = f"step {number}"
        if chance.random() < 0.6:
            if epoch > epochs[producer_id]:
                epochs[producer_id], sequences[producer_id] = epoch, 0
            sequence = max(0, sequences[producer_id] + chance.choice([0, 0, 0, 0, 0, 0, 1, -1]))
            count = chance.randrange(1, 4)
            records = transactional(producer_id, sequence, epoch=epoch, plain=chance.random() < 0.1, count=count)
            request = produce({log.topic: {0: records}}, transactional_id="tid")
            errors = log.both.compare(label, request, [11], expect=ANY_ERROR, **NORMAL)
            if not errors and epoch == epochs[producer_id] and sequence == sequences[producer_id]:
                sequences[producer_id] += count
        else:
            request_of_markers = write(
                marker(
                    producer_id,
                    {log.topic: [0]},
                    epoch=epoch,
                    commit=chance.random() < 0.5,
                    coordinator_epoch=chance.choice([0, 0, 0, 1]),
                    version=chance.choice([0, 1, 2]),
                )
            )
            log.both.compare(label, request_of_markers, [2], unordered=UNORDERED, expect=ANY_ERROR)
            if epoch > epochs[producer_id]:
                epochs[producer_id], sequences[producer_id] = epoch, 0
        if number % 4 == 3:
            log.look(label, 0, chance.randrange(number + 1))
