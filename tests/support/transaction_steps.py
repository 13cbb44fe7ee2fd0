"""Transactions request by request, over two partitions and the offsets of a group, and what readers see of them.

A transaction has a number. It writes `PIECES`: a batch into each of two partitions, an offset of a group that is the
transaction's number, and another batch into the first partition. What dies or fails in between is up to the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import Final, TypeVar

from kafka_compat.clock import Clock
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.add_offsets_to_txn import AddOffsetsToTxnRequest, AddOffsetsToTxnResponse
from kafka_compat.protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnTopic,
)
from kafka_compat.protocol.messages.end_txn import EndTxnRequest, EndTxnResponse
from kafka_compat.protocol.messages.fetch import FetchPartition, FetchRequest, FetchResponse, FetchTopic, PartitionData
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.protocol.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
    OffsetFetchResponse,
)
from kafka_compat.protocol.messages.produce import PartitionProduceData, ProduceRequest, ProduceResponse, TopicProduceData
from kafka_compat.protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
    TxnOffsetCommitResponse,
)
from kafka_compat.records.batch import iter_batches, parse_header
from kafka_compat.records.builder import build_batch
from kafka_compat.records.control import end_transaction_marker
from kafka_compat.records.reader import iter_records
from tests.support.wire_client import WireClient

M = TypeVar("M", bound=Message)

TOPIC: Final = "t"
PARTITIONS: Final = (0, 1)
GROUP: Final = "g"
SOURCE: Final = "source"
TOPICS: Final = {TOPIC: len(PARTITIONS), SOURCE: 1}
CONFIGS: Final = {"offsets.topic.num.partitions": 1, "transaction.state.log.num.partitions": 1}
TIMEOUT_MS: Final = 60_000
# What readers see of a transaction that is whole: values of each partition, and the group's offset.
Piece = tuple[str, int]
PIECES: Final[frozenset[Piece]] = frozenset({("first", 0), ("first", 1), ("second", 0), (GROUP, 0)})

PASSING: Final = frozenset(
    {
        ErrorCode.CONCURRENT_TRANSACTIONS,
        ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
        ErrorCode.COORDINATOR_NOT_AVAILABLE,
        ErrorCode.KAFKA_STORAGE_ERROR,
        ErrorCode.NOT_COORDINATOR,
        ErrorCode.NOT_ENOUGH_REPLICAS,
        ErrorCode.NOT_LEADER_OR_FOLLOWER,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
        ErrorCode.UNSTABLE_OFFSET_COMMIT,
    }
)
"""Errors that clients try again."""


class Refused(Exception):
    """A step was not taken: for good, or for longer than it was tried."""

    def __init__(self, step: str, code: ErrorCode) -> None:
        super().__init__(f"{step}: {code.name}")
        self.code = code


class Way(Enum):
    """How a client goes about it: versions of Produce, TxnOffsetCommit and EndTxn."""

    ADDS_PARTITIONS = (11, 3, 3)  # up to transaction version 1
    IMPLICIT = (12, 5, 5)  # transaction version 2, KIP-890


class Steps:
    """A client with a transactional id, and a reader.

    Args:
        client: to a cluster with `TOPICS` and `CONFIGS`.
        way: of the client.
        clock: of the cluster, for timestamps.
        wait: what passes time between two tries.
        tries: of each request whose error may pass; 1 gives up at once.
    """

    def __init__(self, client: WireClient, way: Way, clock: Clock, wait: Callable[[], object], tries: int) -> None:
        self.client = client
        self.way = way
        self.tries = tries
        self._clock = clock
        self._wait = wait
        self._producer = (-1, -1)
        self._sequences: dict[int, int] = {}

    # --- the producer

    def init(self) -> None:
        """InitProducerId: ends what an earlier instance has left open."""
        self._find_coordinator("tid", 1)
        self._find_coordinator(GROUP, 0)
        request = InitProducerIdRequest(transactional_id="tid", transaction_timeout_ms=TIMEOUT_MS)

        def init() -> int:
            answer = self._call(request, 4, InitProducerIdResponse)
            self._become(answer.producer_id, answer.producer_epoch)
            return answer.error_code

        self._until("InitProducerId", init)

    def write(self, number: int, *, pause: Callable[[], object] = lambda: None) -> None:
        """All of the transaction but its end; `pause` in the middle of it."""
        self._add_partitions()
        self._produce([(partition, f"{number} first") for partition in PARTITIONS])
        pause()
        self._commit_offset(number)
        self._produce([(0, f"{number} second")])

    def end(self, *, is_commit: bool) -> None:
        """EndTxn; returns when it is acknowledged."""
        producer_id, epoch = self._producer
        request = EndTxnRequest(transactional_id="tid", producer_id=producer_id, producer_epoch=epoch, committed=is_commit)
        version = self.way.value[2]

        def end() -> int:
            answer = self._call(request, version, EndTxnResponse)
            if not answer.error_code and self.way is Way.IMPLICIT:
                self._become(answer.producer_id, answer.producer_epoch)
            return answer.error_code

        self._until("EndTxn", end)

    def _find_coordinator(self, key: str, key_type: int) -> None:
        request = FindCoordinatorRequest(coordinator_keys=[key], key_type=key_type)
        self._until("FindCoordinator", lambda: self._call(request, 4, FindCoordinatorResponse).coordinators[0].error_code)

    def _become(self, producer_id: int, epoch: int) -> None:
        self._producer = producer_id, epoch
        self._sequences = {}

    def _add_partitions(self) -> None:
        if self.way is Way.IMPLICIT:
            return
        producer_id, epoch = self._producer
        request = AddPartitionsToTxnRequest(
            v3_and_below_transactional_id="tid",
            v3_and_below_producer_id=producer_id,
            v3_and_below_producer_epoch=epoch,
            v3_and_below_topics=[AddPartitionsToTxnTopic(name=TOPIC, partitions=list(PARTITIONS))],
        )

        def add() -> int:
            (topic,) = self._call(request, 3, AddPartitionsToTxnResponse).results_by_topic_v3_and_below
            return _worst(result.partition_error_code for result in topic.results_by_partition)

        self._until("AddPartitionsToTxn", add)

    def _produce(self, values: Sequence[tuple[int, str]]) -> None:
        producer_id, epoch = self._producer
        left = {
            partition: build_batch(
                [(self._clock.wall_ms(), None, value.encode(), ())],
                producer_id=producer_id,
                producer_epoch=epoch,
                base_sequence=self._sequences.get(partition, 0),
                transactional=True,
            )
            for partition, value in values
        }

        def produce() -> int:
            data = [PartitionProduceData(index=partition, records=batch) for partition, batch in left.items()]
            request = ProduceRequest(
                transactional_id="tid",
                acks=-1,
                timeout_ms=5_000,
                topic_data=[TopicProduceData(name=TOPIC, partition_data=data)],
            )
            codes = []
            for answer in self._call(request, self.way.value[0], ProduceResponse).responses[0].partition_responses:
                codes.append(answer.error_code)
                if not answer.error_code:
                    del left[answer.index]
                    self._sequences[answer.index] = self._sequences.get(answer.index, 0) + 1
            return _worst(codes)

        self._until("Produce", produce)

    def _commit_offset(self, number: int) -> None:
        producer_id, epoch = self._producer
        if self.way is Way.ADDS_PARTITIONS:
            add = AddOffsetsToTxnRequest(transactional_id="tid", producer_id=producer_id, producer_epoch=epoch, group_id=GROUP)
            self._until("AddOffsetsToTxn", lambda: self._call(add, 3, AddOffsetsToTxnResponse).error_code)
        partition = TxnOffsetCommitRequestPartition(partition_index=0, committed_offset=number, committed_metadata="")
        request = TxnOffsetCommitRequest(
            transactional_id="tid",
            group_id=GROUP,
            producer_id=producer_id,
            producer_epoch=epoch,
            topics=[TxnOffsetCommitRequestTopic(name=SOURCE, partitions=[partition])],
        )

        def commit() -> int:
            return self._call(request, self.way.value[1], TxnOffsetCommitResponse).topics[0].partitions[0].error_code

        self._until("TxnOffsetCommit", commit)

    # --- readers

    def fetch(self, partition: int) -> PartitionData:
        """All of a partition as a reader of what is committed gets it."""
        found: list[PartitionData] = []

        def fetch() -> int:
            wanted = FetchPartition(partition=partition, fetch_offset=0, partition_max_bytes=1 << 24)
            request = FetchRequest(min_bytes=0, isolation_level=1, topics=[FetchTopic(topic=TOPIC, partitions=[wanted])])
            found[:] = self._call(request, 11, FetchResponse).responses[0].partitions
            return found[0].error_code

        self._until("Fetch", fetch)
        return found[0]

    def held_back(self) -> list[int]:
        """The partitions whose last stable offset is below the high watermark."""
        return [
            partition for partition in PARTITIONS if (found := self.fetch(partition)).last_stable_offset != found.high_watermark
        ]

    def committed(self) -> dict[int, set[Piece]]:
        """What readers of what is committed see of each transaction; the group's offset is of the last that moved it.

        Raises:
            Refused: an offset of the group is pending, and stays so.
            AssertionError: a record is there twice, or not in order.
        """
        seen: dict[int, set[Piece]] = {}
        for partition in PARTITIONS:
            places = []
            for value in _committed_values(self.fetch(partition)):
                number, name = value.split()
                places.append((int(number), name))
                seen.setdefault(int(number), set()).add((name, partition))
            assert places == sorted(set(places)), f"in partition {partition}: {places}"
        offset = self.committed_offset()
        if offset >= 0:
            seen.setdefault(offset, set()).add((GROUP, 0))
        return seen

    def committed_offset(self) -> int:
        """The offset of the group, -1 when there is none; waits for transactions that are open."""
        topic = OffsetFetchRequestTopics(name=SOURCE, partition_indexes=[0])
        request = OffsetFetchRequest(groups=[OffsetFetchRequestGroup(group_id=GROUP, topics=[topic])], require_stable=True)
        found = [-1]

        def fetch() -> int:
            (group,) = self._call(request, 9, OffsetFetchResponse).groups
            if group.error_code:
                return group.error_code
            (answer,) = group.topics[0].partitions
            found[:] = [answer.committed_offset]
            return answer.error_code

        self._until("OffsetFetch", fetch)
        return found[0]

    # --- internals

    def _call(self, request: Message, version: int, response_type: type[M]) -> M:
        return self.client.call(request, version, response_type)

    def _until(self, step: str, attempt: Callable[[], int]) -> None:
        for left in reversed(range(self.tries)):
            code = ErrorCode(attempt())
            if code is ErrorCode.NONE:
                return
            if code not in PASSING or not left:
                raise Refused(step, code)
            self._wait()


def _worst(codes: Iterable[int]) -> int:
    """One of the codes: what does not pass before what does, and no error last."""
    found = [ErrorCode(code) for code in codes]
    return max(found, key=lambda code: (code is not ErrorCode.NONE) + (code is not ErrorCode.NONE and code not in PASSING))


def _committed_values(found: PartitionData) -> list[str]:
    """The records that a reader of what is committed hands on, as Kafka's Fetcher does with the list of the aborted."""
    buffer = bytes(found.records or b"")  # type: ignore[arg-type]
    begins = sorted((aborted.first_offset, aborted.producer_id) for aborted in found.aborted_transactions or ())
    aborted: set[int] = set()
    values = []
    for position, size in iter_batches(buffer):
        header = parse_header(buffer, position)
        while begins and begins[0][0] <= header.last_offset:
            aborted.add(begins.pop(0)[1])
        if header.is_control:
            marker = end_transaction_marker(header, buffer, position)
            if marker is not None:
                aborted.discard(header.producer_id)
        elif header.producer_id not in aborted or not header.is_transactional:
            values += [(record.value or b"").decode() for record in iter_records(buffer[position : position + size])]
    return values
