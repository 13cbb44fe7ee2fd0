"""The transaction coordinator of a broker in its surroundings: several brokers, time, restarts, markers that fail."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from kafka_compat.coordinator.transaction.ports import EndMarker, MarkerWriter, TopicPartition
from kafka_compat.coordinator.transaction.values import EndRequest, InitRequest
from kafka_compat.filesystem import MemoryFileSystem
from kafka_compat.ids import BrokerId, TopicName
from kafka_compat.metadata.changes import PartitionChanged
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.add_offsets_to_txn import AddOffsetsToTxnRequest, AddOffsetsToTxnResponse
from kafka_compat.protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnResponse,
    AddPartitionsToTxnTopic,
)
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse
from kafka_compat.protocol.messages.describe_transactions import (
    DescribeTransactionsRequest,
    DescribeTransactionsResponse,
    TransactionState,
)
from kafka_compat.protocol.messages.end_txn import EndTxnRequest, EndTxnResponse
from kafka_compat.protocol.messages.find_coordinator import FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse
from kafka_compat.protocol.messages.list_transactions import ListTransactionsRequest, ListTransactionsResponse
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.manual_clock import ManualClock
from tests.support.wire_client import WireClient

ID = "orders"
CONFIGS = {"transaction.state.log.num.partitions": "4", "transaction.state.log.replication.factor": "1"}
NOT_LEADER = ErrorCode.NOT_LEADER_OR_FOLLOWER


class Writer:
    """A `MarkerWriter` that answers what a test wants, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[EndMarker, list[TopicPartition]]] = []
        self.codes: dict[TopicPartition, ErrorCode] = {}

    def write(
        self, marker: EndMarker, partitions: Sequence[TopicPartition]
    ) -> asyncio.Future[Mapping[TopicPartition, ErrorCode]]:
        self.asked.append((marker, sorted(partitions)))
        answer: asyncio.Future[Mapping[TopicPartition, ErrorCode]] = asyncio.get_running_loop().create_future()
        codes = {partition: self.codes.get(partition, ErrorCode.NONE) for partition in partitions}
        # Not at once, as a log that is flushed.
        asyncio.get_running_loop().call_soon(answer.set_result, codes)
        return answer


class World:
    """A cluster with writers of markers of its own, and a client at the coordinator of ID."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.writers = {BrokerId(number + 1): Writer() for number in range(len(cluster.brokers))}
        self._clients: dict[int, WireClient] = {}
        cluster.run(self._join(dict(self.writers)))
        found = self.client(1).call(FindCoordinatorRequest(key_type=1, coordinator_keys=[ID]), 4, FindCoordinatorResponse)
        self.coordinator = found.coordinators[0].node_id

    async def _join(self, writers: Mapping[BrokerId, MarkerWriter]) -> None:
        peers = self.cluster.state.transaction_peers
        for node_id, writer in writers.items():
            verifier = peers.verifier(node_id)
            assert verifier is not None
            peers.join(node_id, writer, verifier)

    def join_again(self) -> None:
        self.cluster.run(self._join(dict(self.writers)))

    def client(self, node_id: int) -> WireClient:
        if node_id not in self._clients:
            self._clients[node_id] = WireClient(self.cluster.bootstrap.split(",")[node_id - 1])
        return self._clients[node_id]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    @property
    def asked(self) -> list[tuple[EndMarker, list[TopicPartition]]]:
        return [asked for writer in self.writers.values() for asked in writer.asked]

    def init(self, *, timeout_ms: int = 60_000, transactional_id: str = ID) -> InitProducerIdResponse:
        request = InitProducerIdRequest(transactional_id=transactional_id, transaction_timeout_ms=timeout_ms)
        while True:
            answer = self.client(self.coordinator).call(request, 4, InitProducerIdResponse)
            if answer.error_code != ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
                return answer

    def add(self, producer: InitProducerIdResponse, topic: str, *numbers: int) -> list[int]:
        request = AddPartitionsToTxnRequest(
            v3_and_below_transactional_id=ID,
            v3_and_below_producer_id=producer.producer_id,
            v3_and_below_producer_epoch=producer.producer_epoch,
            v3_and_below_topics=[AddPartitionsToTxnTopic(name=topic, partitions=list(numbers))],
        )
        answer = self.client(self.coordinator).call(request, 3, AddPartitionsToTxnResponse)
        return [one.partition_error_code for one in answer.results_by_topic_v3_and_below[0].results_by_partition]

    def end(self, producer: InitProducerIdResponse, *, commit: bool = True, version: int = 5) -> EndTxnResponse:
        request = EndTxnRequest(
            transactional_id=ID,
            producer_id=producer.producer_id,
            producer_epoch=producer.producer_epoch,
            committed=commit,
        )
        return self.client(self.coordinator).call(request, version, EndTxnResponse)

    def described(self) -> TransactionState:
        request = DescribeTransactionsRequest(transactional_ids=[ID])
        while True:
            answer = self.client(self.coordinator).call(request, 0, DescribeTransactionsResponse)
            if answer.transaction_states[0].error_code != ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
                return answer.transaction_states[0]

    def wait_for(self, state: str) -> None:
        """Return when the id is in that state; markers are written behind an answer."""
        for _ in range(2_000):
            if self.described().transaction_state == state:
                return
        raise AssertionError(self.described())


Make = Callable[..., World]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes worlds and ends them."""
    made: list[World] = []

    def start(
        *, brokers: int = 1, clock: ManualClock | None = None, file_system: MemoryFileSystem | None = None, **configs: str
    ) -> World:
        cluster = Cluster(
            topics={} if file_system else {"t": 3},
            brokers=brokers,
            configs=CONFIGS | configs,
            clock=clock,
            file_system=file_system,
        )
        cluster.start()
        made.append(World(cluster))
        return made[-1]

    yield start
    for world in made:
        world.close()
        world.cluster.stop()


def test_markers_go_to_the_leaders(make: Make) -> None:
    world = make(brokers=3)
    producer = world.init()
    assert world.add(producer, "t", 0, 1, 2) == [0, 0, 0]
    offsets = AddOffsetsToTxnRequest(
        transactional_id=ID, producer_id=producer.producer_id, producer_epoch=producer.producer_epoch, group_id="g"
    )
    assert world.client(world.coordinator).call(offsets, 3, AddOffsetsToTxnResponse).error_code == 0
    answer = world.end(producer)
    assert (answer.error_code, answer.producer_id, answer.producer_epoch) == (0, producer.producer_id, 1)
    world.wait_for("CompleteCommit")
    image = world.cluster.state.controller.image
    for node_id, writer in world.writers.items():
        led = [("t", number) for number in range(3) if image.topics[TopicName("t")].partitions[number].leader == node_id]
        assert [partitions for _, partitions in writer.asked] == ([led] if led else [])
    marker = EndMarker(
        producer_id=producer.producer_id, producer_epoch=1, coordinator_epoch=0, is_commit=True, transaction_version=2
    )
    assert {asked for asked, _ in world.asked} == {marker}


def test_other_brokers_send_clients_away(make: Make) -> None:
    world = make(brokers=2)
    world.init()
    other = 3 - world.coordinator
    request = DescribeTransactionsRequest(transactional_ids=[ID])
    state = world.client(other).call(request, 0, DescribeTransactionsResponse).transaction_states[0]
    assert state.error_code == ErrorCode.NOT_COORDINATOR
    request_of_init = InitProducerIdRequest(transactional_id=ID, transaction_timeout_ms=1_000)
    refused = world.client(other).call(request_of_init, 4, InitProducerIdResponse)
    assert (refused.error_code, refused.producer_id, refused.producer_epoch) == (ErrorCode.NOT_COORDINATOR, -1, -1)
    for node_id, listed in ((other, []), (world.coordinator, [ID])):
        answer = world.client(node_id).call(ListTransactionsRequest(), 0, ListTransactionsResponse)
        assert [found.transactional_id for found in answer.transaction_states] == listed


def test_markers_are_tried_again(make: Make) -> None:
    """What is written is not written again; the others are, for as long as it takes."""
    clock = ManualClock()
    world = make(clock=clock)
    (writer,) = world.writers.values()
    writer.codes = {("t", 0): NOT_LEADER, ("t", 2): ErrorCode.KAFKA_STORAGE_ERROR}
    producer = world.init()
    world.add(producer, "t", 0, 1, 2)
    world.end(producer, commit=False)
    assert world.described().transaction_state == "PrepareAbort"
    assert world.init().error_code == ErrorCode.CONCURRENT_TRANSACTIONS
    world.cluster.advance(100)
    del writer.codes["t", 0]
    world.cluster.advance(1_000)
    assert world.described().transaction_state == "PrepareAbort"
    assert [partitions for _, partitions in writer.asked][-1] == [("t", 2)]
    del writer.codes["t", 2]
    world.cluster.advance(1_000)
    assert world.described().transaction_state == "CompleteAbort"
    assert [("t", 1) in partitions for _, partitions in writer.asked].count(True) == 1
    assert world.init().error_code == 0


def test_a_partition_with_a_later_epoch_needs_no_marker(make: Make) -> None:
    world = make()
    (writer,) = world.writers.values()
    writer.codes = {("t", 0): ErrorCode.INVALID_PRODUCER_EPOCH}
    producer = world.init()
    world.add(producer, "t", 0)
    world.end(producer)
    world.wait_for("CompleteCommit")


def test_a_deleted_topic_needs_no_marker(make: Make) -> None:
    world = make(clock=ManualClock())
    (writer,) = world.writers.values()
    writer.codes = {("t", number): NOT_LEADER for number in range(3)}
    producer = world.init()
    world.add(producer, "t", 0, 1)
    world.end(producer)
    assert world.described().transaction_state == "PrepareCommit"
    request = DeleteTopicsRequest(topic_names=["t"], timeout_ms=10_000)
    world.client(1).call(request, 5, DeleteTopicsResponse)
    world.wait_for("CompleteCommit")


def test_a_broker_that_is_down_gets_its_markers_later(make: Make) -> None:
    world = make(brokers=2, clock=ManualClock())
    image = world.cluster.state.controller.image
    leaders = [partition.leader for partition in image.topics[TopicName("t")].partitions]
    down = next(leader for leader in leaders if leader != world.coordinator)
    peers = world.cluster.state.transaction_peers
    verifier = peers.verifier(down)
    assert verifier is not None

    async def leave() -> None:
        peers.leave(down)

    async def come_back() -> None:
        peers.join(down, world.writers[down], verifier)

    producer = world.init()
    world.add(producer, "t", 0, 1, 2)
    world.cluster.run(leave())
    world.end(producer)
    assert world.described().transaction_state == "PrepareCommit"
    world.cluster.advance(5_000)
    assert world.described().transaction_state == "PrepareCommit"
    assert world.writers[down].asked == []
    world.cluster.run(come_back())
    world.wait_for("CompleteCommit")


def test_decided_transactions_are_ended_after_a_restart(make: Make) -> None:
    world = make(clock=ManualClock())
    (writer,) = world.writers.values()
    writer.codes = {("t", number): NOT_LEADER for number in range(3)}
    producer = world.init()
    world.add(producer, "t", 0, 1)
    world.end(producer)
    world.cluster.stop()
    again = make(file_system=world.cluster.file_system)
    again.wait_for("CompleteCommit")
    state = again.described()
    assert (state.producer_id, state.producer_epoch) == (producer.producer_id, 1)
    assert again.init().producer_epoch == 2


def test_leadership_moves_with_all_that_is_known(make: Make) -> None:
    world = make(brokers=2, clock=ManualClock())
    producer = world.init()
    world.add(producer, "t", 0)
    image = world.cluster.state.controller.image
    topic = image.topics[TopicName("__transaction_state")]
    other = BrokerId(3 - world.coordinator)

    async def move() -> None:
        await world.cluster.state.controller.change(
            lambda image: [
                PartitionChanged(topic.name, one.id, [other], [other], other, one.leader_epoch + 1, one.partition_epoch + 1)
                for one in topic.partitions
            ]
        )

    world.cluster.run(move())
    refused = world.end(producer)
    assert refused.error_code == ErrorCode.NOT_COORDINATOR
    world.coordinator = int(other)
    assert world.described().transaction_state == "Ongoing"
    assert world.end(producer).error_code == 0
    world.wait_for("CompleteCommit")
    assert {marker.coordinator_epoch for marker, _ in world.asked} == {1}


def test_overdue_transactions_are_aborted(make: Make) -> None:
    world = make(clock=ManualClock(), **{"transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000"})
    producer = world.init(timeout_ms=5_000)
    world.add(producer, "t", 0)
    world.cluster.advance(5_000)
    assert world.described().transaction_state == "Ongoing"
    world.cluster.advance(1_000)
    world.wait_for("CompleteAbort")
    assert world.described().producer_epoch == 1
    assert world.end(producer, version=3).error_code == ErrorCode.PRODUCER_FENCED
    assert world.add(producer, "t", 0) == [ErrorCode.PRODUCER_FENCED]


def test_transactional_ids_expire(make: Make) -> None:
    configs = {
        "transactional.id.expiration.ms": "10000",
        "transaction.remove.expired.transaction.cleanup.interval.ms": "1000",
    }
    world = make(clock=ManualClock(), **configs)
    world.init(timeout_ms=900_000)
    running = world.init()
    world.add(running, "t", 0)
    world.init(transactional_id="payments")
    world.cluster.advance(12_000)
    listed = world.client(1).call(ListTransactionsRequest(), 0, ListTransactionsResponse).transaction_states
    assert [found.transactional_id for found in listed] == [ID], "what runs does not expire"
    world.end(running, version=3)
    world.cluster.advance(12_000)
    assert world.described().error_code == ErrorCode.TRANSACTIONAL_ID_NOT_FOUND
    assert world.end(running).error_code == ErrorCode.INVALID_PRODUCER_ID_MAPPING


def test_the_limit_of_timeouts(make: Make) -> None:
    world = make(**{"transaction.max.timeout.ms": "1000"})
    assert world.init(timeout_ms=1_000).error_code == 0
    assert world.init(timeout_ms=1_001).error_code == ErrorCode.INVALID_TRANSACTION_TIMEOUT


def test_many_ids_are_listed_in_parts(make: Make) -> None:
    """More than a shard looks at in one operation, with and without a pattern, and a pattern of many states."""
    world = make(**{"transaction.state.log.num.partitions": "1"})
    count = 1_200
    for number in range(count):
        world.init(transactional_id=f"id-{number}")
    for pattern, expected in ((None, count), ("id-1.*", 311), ("id-[0-9]{1,60}", count), ("nobody", 0)):
        request = ListTransactionsRequest(transactional_id_pattern=pattern)
        answer = world.client(1).call(request, 2, ListTransactionsResponse)
        assert len(answer.transaction_states) == expected


@pytest.mark.parametrize("adds", [True, False])
def test_verification_asks_the_coordinator_wherever_it_is(make: Make, adds: bool) -> None:
    world = make(brokers=2)
    producer = world.init()
    partitions = [("t", 0), ("t", 1)]

    async def ask(node_id: int, name: str = ID, epoch: int = 0) -> Mapping[TopicPartition, ErrorCode]:
        services = world.cluster.brokers[node_id - 1].services
        assert services is not None
        return await services.transactions.add_or_verify(name, producer.producer_id, epoch, partitions, adds=adds)

    for node_id in (1, 2):
        outcome = ErrorCode.NONE if adds else ErrorCode.TRANSACTION_ABORTABLE
        assert world.cluster.run(ask(node_id)) == dict.fromkeys(partitions, outcome)
        for name, epoch, code in (
            (ID, 5, ErrorCode.PRODUCER_FENCED),
            ("nobody", 0, ErrorCode.INVALID_PRODUCER_ID_MAPPING),
            ("", 0, ErrorCode.INVALID_REQUEST),
        ):
            assert world.cluster.run(ask(node_id, name, epoch)) == dict.fromkeys(partitions, code)
    assert world.described().transaction_state == ("Ongoing" if adds else "Empty")


def test_nobody_verifies_before_there_is_a_coordinator() -> None:
    async def ask(cluster: Cluster) -> Mapping[TopicPartition, ErrorCode]:
        services = cluster.brokers[0].services
        assert services is not None
        return await services.transactions.add_or_verify(ID, 1, 0, [("t", 0)], adds=True)

    with Cluster(topics={"t": 1}) as cluster:
        assert cluster.run(ask(cluster)) == {("t", 0): ErrorCode.COORDINATOR_NOT_AVAILABLE}


def test_where_nothing_waits_for_the_medium_a_transaction_has_ended_when_its_end_is_answered() -> None:
    """A producer that goes on at once is not refused with CONCURRENT_TRANSACTIONS."""

    async def transactions(cluster: Cluster) -> None:
        services = cluster.brokers[0].services
        assert services is not None
        coordinator = services.transactions
        await coordinator.find_coordinator(ID)
        producer = None
        while producer is None:
            with contextlib.suppress(KafkaError):  # as long as it loads
                producer = await coordinator.init_producer_id(InitRequest(transactional_id=ID, timeout_ms=60_000))
            await asyncio.sleep(0)
        for is_commit in (True, False, True):
            partitions = [("t", number) for number in range(50)]
            added = coordinator.add_or_verify(ID, *producer, partitions, adds=True)
            assert added.done()
            assert set(added.result().values()) == {ErrorCode.NONE}
            ended = coordinator.end(EndRequest(transactional_id=ID, producer=producer, is_commit=is_commit, bumps_epoch=True))
            assert ended.done()
            producer = ended.result()
            assert (await coordinator.describe(ID)).state == ("CompleteCommit" if is_commit else "CompleteAbort")

    with Cluster(topics={"t": 50}, configs=CONFIGS) as cluster:
        cluster.run(transactions(cluster))
