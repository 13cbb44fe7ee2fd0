"""What a shard of the transaction coordinator decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from kafka_compat.coordinator.transaction.metadata import TransactionMetadata
from kafka_compat.coordinator.transaction.records import read_record, transaction_record
from kafka_compat.coordinator.transaction.states import LEGAL_PREVIOUS, TransactionState
from kafka_compat.coordinator.transaction.values import NOBODY, Ending, ListFilter, ProducerIdAndEpoch, TransactionListing
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from tests.coordinator.transaction_world import ID, TIMEOUT_MS, TransactionWorld, without_volatile

EMPTY, ONGOING, PREPARE_COMMIT, PREPARE_ABORT, COMPLETE_COMMIT, COMPLETE_ABORT = list(TransactionState)[:6]
FENCED, MAPPING = ErrorCode.PRODUCER_FENCED, ErrorCode.INVALID_PRODUCER_ID_MAPPING
CONCURRENT, BAD_STATE = ErrorCode.CONCURRENT_TRANSACTIONS, ErrorCode.INVALID_TXN_STATE
LAST_EPOCH = 32766


@contextmanager
def refused(code: ErrorCode) -> Iterator[None]:
    with pytest.raises(KafkaError) as caught:
        yield
    assert caught.value.error_code is code


def known(world: TransactionWorld, transactional_id: str = ID) -> TransactionMetadata:
    return world.shard.known[transactional_id]


def state(world: TransactionWorld) -> TransactionState:
    return known(world).state


def put(world: TransactionWorld, **changes: object) -> None:
    """Change what the log says of the id."""
    becomes = known(world)._replace(**changes)  # type: ignore[arg-type]
    key, value = transaction_record(ID, becomes, world.version)
    world.log.append((key, value))
    world.shard.replay(key, value, None, world.now_ms)


def world_in(wanted: TransactionState, *, bumps: bool) -> tuple[TransactionWorld, ProducerIdAndEpoch]:
    """A world whose id is in that state, and its producer in the epoch that is known."""
    world = TransactionWorld(2 if bumps else 1)
    producer = world.begin()
    if wanted is not EMPTY:
        world.add(producer, 0)
    if wanted in (PREPARE_COMMIT, PREPARE_ABORT, COMPLETE_COMMIT, COMPLETE_ABORT):
        world.end(producer, commit=wanted in (PREPARE_COMMIT, COMPLETE_COMMIT), bumps=bumps)
    if wanted in (COMPLETE_COMMIT, COMPLETE_ABORT):
        world.write_markers()
    assert state(world) is wanted
    return world, known(world).producer


# --- EndTxn. The tables are those of Kafka's TransactionCoordinator.

OK = ErrorCode.NONE


@pytest.mark.parametrize(
    ("begins", "commit", "outcome", "becomes"),
    [
        (EMPTY, True, BAD_STATE, EMPTY),
        (EMPTY, False, BAD_STATE, EMPTY),
        (ONGOING, True, OK, PREPARE_COMMIT),
        (ONGOING, False, OK, PREPARE_ABORT),
        (PREPARE_COMMIT, True, CONCURRENT, PREPARE_COMMIT),
        (PREPARE_COMMIT, False, CONCURRENT, PREPARE_COMMIT),
        (PREPARE_ABORT, True, CONCURRENT, PREPARE_ABORT),
        (PREPARE_ABORT, False, CONCURRENT, PREPARE_ABORT),
        (COMPLETE_COMMIT, True, OK, COMPLETE_COMMIT),
        (COMPLETE_COMMIT, False, BAD_STATE, COMPLETE_COMMIT),
        (COMPLETE_ABORT, True, BAD_STATE, COMPLETE_ABORT),
        (COMPLETE_ABORT, False, OK, COMPLETE_ABORT),
    ],
)
def test_end_of_old_clients(begins: TransactionState, commit: bool, outcome: ErrorCode, becomes: TransactionState) -> None:
    world, producer = world_in(begins, bumps=False)
    records = len(world.log)
    if outcome is OK:
        assert world.end(producer, commit=commit, bumps=False) == NOBODY
    else:
        with refused(outcome):
            world.end(producer, commit=commit, bumps=False)
    assert state(world) is becomes
    assert known(world).producer == producer, "the epoch stays"
    assert len(world.log) - records == (becomes is not begins)


@pytest.mark.parametrize(
    ("begins", "commit", "repeated", "outcome", "becomes"),
    [
        (EMPTY, True, False, BAD_STATE, EMPTY),
        (EMPTY, True, True, FENCED, EMPTY),
        (EMPTY, False, False, OK, PREPARE_ABORT),
        (EMPTY, False, True, FENCED, EMPTY),
        (ONGOING, True, False, OK, PREPARE_COMMIT),
        (ONGOING, True, True, FENCED, ONGOING),
        (ONGOING, False, False, OK, PREPARE_ABORT),
        (PREPARE_COMMIT, True, True, CONCURRENT, PREPARE_COMMIT),
        (PREPARE_COMMIT, False, True, CONCURRENT, PREPARE_COMMIT),
        (PREPARE_COMMIT, True, False, CONCURRENT, PREPARE_COMMIT),
        (PREPARE_ABORT, False, True, CONCURRENT, PREPARE_ABORT),
        (COMPLETE_COMMIT, True, True, OK, COMPLETE_COMMIT),
        (COMPLETE_COMMIT, True, False, BAD_STATE, COMPLETE_COMMIT),
        (COMPLETE_COMMIT, False, True, BAD_STATE, COMPLETE_COMMIT),
        (COMPLETE_COMMIT, False, False, OK, PREPARE_ABORT),
        (COMPLETE_ABORT, True, True, BAD_STATE, COMPLETE_ABORT),
        (COMPLETE_ABORT, True, False, BAD_STATE, COMPLETE_ABORT),
        (COMPLETE_ABORT, False, True, OK, COMPLETE_ABORT),
        (COMPLETE_ABORT, False, False, OK, PREPARE_ABORT),
    ],
)
def test_end_with_a_rising_epoch(
    begins: TransactionState, commit: bool, repeated: bool, outcome: ErrorCode, becomes: TransactionState
) -> None:
    world, current = world_in(begins, bumps=True)
    if repeated and begins in (EMPTY, ONGOING):
        put(world, producer_epoch=1)
        current = known(world).producer
    producer = current._replace(producer_epoch=current.producer_epoch - 1) if repeated else current
    if outcome is OK:
        answer = world.end(producer, commit=commit, bumps=True)
        assert answer == current._replace(producer_epoch=current.producer_epoch + (becomes is not begins))
        assert known(world).producer == answer
    else:
        with refused(outcome):
            world.end(producer, commit=commit, bumps=True)
    assert state(world) is becomes


@pytest.mark.parametrize("bumps", [False, True])
@pytest.mark.parametrize("begins", [EMPTY, ONGOING, COMPLETE_COMMIT, COMPLETE_ABORT])
def test_others_can_end_nothing(begins: TransactionState, bumps: bool) -> None:
    world, producer = world_in(begins, bumps=bumps)
    for commit in (True, False):
        with refused(MAPPING):
            world.end(producer._replace(producer_id=7), commit=commit, bumps=bumps)
        with refused(FENCED):
            world.end(producer._replace(producer_epoch=producer.producer_epoch + 1), commit=commit, bumps=bumps)
        with refused(FENCED):
            world.end(producer._replace(producer_epoch=-1 if producer.producer_epoch else -2), commit=commit, bumps=bumps)
        with refused(MAPPING):
            world.end(producer, commit=commit, bumps=bumps, transactional_id="another")
    assert state(world) is begins


def test_who_asks_while_markers_are_written() -> None:
    """Old clients are told first that they are somebody else, new ones that it goes on: their id may be the next one."""
    world, producer = world_in(PREPARE_COMMIT, bumps=False)
    with refused(MAPPING):
        world.end(producer._replace(producer_id=7), commit=True, bumps=False)
    with refused(FENCED):
        world.end(producer._replace(producer_epoch=9), commit=True, bumps=False)
    for other in (producer, producer._replace(producer_id=7), producer._replace(producer_epoch=9)):
        with refused(CONCURRENT):
            world.end(other, commit=True, bumps=True)
        with refused(CONCURRENT):
            world.add(other, 1)
    with refused(CONCURRENT):
        world.init()
    with refused(CONCURRENT):
        world.init(producer._replace(producer_id=7))


def test_markers_follow_the_durable_decision() -> None:
    world = TransactionWorld()
    producer = world.begin()
    world.add(producer, 0, 1)
    world.add(producer, 5, topic="u")
    request_error = KafkaError(ErrorCode.NOT_COORDINATOR)
    outcome = world.shard.abort_overdue(ID, world.now_ms + 10 * TIMEOUT_MS)
    for complete in outcome.completions:
        complete(request_error)
    assert world.markers.pending == []
    world.end(producer, commit=True, bumps=True)
    assert world.markers.pending == [
        Ending(
            transactional_id=ID,
            producer=ProducerIdAndEpoch(100, 1),
            is_commit=True,
            transaction_version=2,
            partitions={("t", 0), ("t", 1), ("u", 5)},
        )
    ]
    (ending,) = world.write_markers()
    assert state(world) is COMPLETE_COMMIT
    records = len(world.log)
    world.run(lambda shard, now_ms: shard.complete(ending, now_ms))
    assert len(world.log) == records, "said twice, written once"


def test_the_state_of_a_transaction() -> None:
    world = TransactionWorld()
    producer = world.begin()
    assert (known(world).start_ms, known(world).partitions) == (-1, {})
    world.now_ms += 1
    world.add(producer, 0)
    began_ms = world.now_ms
    world.now_ms += 1
    world.add(producer, 1)
    assert known(world).partitions == {"t": frozenset({0, 1})}
    assert (known(world).start_ms, known(world).last_update_ms) == (began_ms, world.now_ms)
    records = len(world.log)
    world.add(producer, 0, 1)
    world.add(producer)
    assert len(world.log) == records, "what is part of it is not written again"
    world.now_ms += 1
    world.end(producer, commit=False, bumps=False)
    world.write_markers()
    assert (state(world), known(world).start_ms, known(world).partitions) == (COMPLETE_ABORT, began_ms, {})
    world.now_ms += 1
    world.add(producer, 2)
    assert (state(world), known(world).start_ms) == (ONGOING, world.now_ms)


def test_partitions_of_nobody() -> None:
    world = TransactionWorld()
    producer = world.begin()
    for other, code in (
        (producer._replace(producer_id=7), MAPPING),
        (producer._replace(producer_epoch=1), FENCED),
        (producer._replace(producer_epoch=-1), FENCED),
    ):
        with refused(code):
            world.add(other, 0)
        with refused(code):
            world.shard.verify_partitions(ID, other, [("t", 0)])
    with refused(MAPPING):
        world.add(producer, 0, transactional_id="another")
    with refused(MAPPING):
        world.shard.verify_partitions("another", producer, [("t", 0)])


def test_a_transaction_without_partitions() -> None:
    world = TransactionWorld()
    producer = world.begin()
    world.add(producer)
    assert state(world) is ONGOING
    assert world.end(producer, commit=True, bumps=False) == NOBODY
    assert [ending.partitions for ending in world.write_markers()] == [set()]
    assert state(world) is COMPLETE_COMMIT


def test_verification() -> None:
    world, producer = world_in(ONGOING, bumps=True)
    assert world.shard.verify_partitions(ID, producer, [("t", 0), ("t", 1), ("u", 0)]) == {
        ("t", 0): ErrorCode.NONE,
        ("t", 1): ErrorCode.TRANSACTION_ABORTABLE,
        ("u", 0): ErrorCode.TRANSACTION_ABORTABLE,
    }
    world.end(producer, commit=True, bumps=False)
    with refused(CONCURRENT):
        world.shard.verify_partitions(ID, producer, [("t", 0)])
    world.write_markers()
    assert world.shard.verify_partitions(ID, producer, [("t", 0)]) == {("t", 0): ErrorCode.TRANSACTION_ABORTABLE}


# --- InitProducerId


def test_a_new_id_and_the_next_producer() -> None:
    world = TransactionWorld()
    assert world.init() == (100, 0)
    assert known(world).previous_producer_id == 100
    assert world.init() == (100, 1)
    assert known(world).last_producer_epoch == -1, "the one before has nothing to repeat"


@pytest.mark.parametrize("expected", [ProducerIdAndEpoch(5, 3), ProducerIdAndEpoch(0, 0)])
def test_a_producer_that_nobody_remembers(expected: ProducerIdAndEpoch) -> None:
    """KIP-360: after its transactional id has expired it goes on with a new producer id."""
    assert TransactionWorld().init(expected) == (100, 0)


def test_a_producer_raises_its_own_epoch() -> None:
    world = TransactionWorld()
    producer = world.begin()
    assert world.init(producer) == (100, 1)
    assert world.init(producer) == (100, 1), "it had no answer and asks again"
    assert world.init(ProducerIdAndEpoch(100, 1)) == (100, 2)
    with refused(FENCED):
        world.init(producer)
    with refused(FENCED):
        world.init(ProducerIdAndEpoch(100, 3))
    with refused(FENCED):
        world.init(ProducerIdAndEpoch(7, 2))
    world.init()
    with refused(FENCED):
        world.init(ProducerIdAndEpoch(100, 1))


def test_what_may_be_repeated_is_forgotten_with_a_restart() -> None:
    """As in Kafka: the last epoch is not in the log."""
    world = TransactionWorld()
    producer = world.begin()
    world.init(producer)
    world.reload()
    with refused(FENCED):
        world.init(producer)


@pytest.mark.parametrize(("version", "epoch"), [(0, 1), (1, 1), (2, 1)])
def test_a_running_transaction_is_aborted_first(version: int, epoch: int) -> None:
    world = TransactionWorld(version)
    producer = world.begin()
    world.add(producer, 0)
    assert world.init() is None
    assert state(world) is PREPARE_ABORT
    assert known(world).producer == (100, epoch)
    assert known(world).client_version == (2 if version == 2 else 0)
    with refused(CONCURRENT):
        world.init()
    (ending,) = world.write_markers()
    assert (ending.producer, ending.is_commit) == ((100, epoch), False)
    assert world.init() == (100, epoch + 1)
    with refused(FENCED):
        world.end(producer, commit=True, bumps=version == 2)


def test_used_up_epochs_of_old_clients() -> None:
    world = TransactionWorld(1)
    world.begin()
    put(world, producer_epoch=LAST_EPOCH)
    current = ProducerIdAndEpoch(100, LAST_EPOCH)
    world.add(current, 0)
    world.end(current, commit=True, bumps=False)
    world.write_markers()
    assert world.init(current) == (101, 0)
    assert world.init(current) == (101, 0), "repeated across the change of the producer id"
    with refused(FENCED):
        world.init(ProducerIdAndEpoch(100, 5))
    put(world, producer_epoch=LAST_EPOCH)
    with refused(ErrorCode.UNKNOWN_SERVER_ERROR):
        world.init(ProducerIdAndEpoch(101, LAST_EPOCH - 1))
    assert world.init() == (102, 0)


def test_fencing_uses_the_epoch_that_no_client_sees() -> None:
    world = TransactionWorld(1)
    world.begin()
    put(world, producer_epoch=LAST_EPOCH)
    world.add(ProducerIdAndEpoch(100, LAST_EPOCH), 0)
    assert world.init() is None
    assert known(world).producer == (100, LAST_EPOCH + 1)
    world.write_markers()
    assert world.init() == (101, 0)


@pytest.mark.parametrize("reloads", [False, True])
def test_the_last_epoch_ends_with_the_next_producer_id(reloads: bool) -> None:
    world = TransactionWorld()
    world.begin()
    put(world, producer_epoch=LAST_EPOCH)
    current = ProducerIdAndEpoch(100, LAST_EPOCH)
    world.add(current, 0, client_version=2)
    answer = world.end(current, commit=True, bumps=True)
    assert answer == (101, 0)
    assert known(world).producer == (100, LAST_EPOCH + 1)
    if reloads:
        world.reload()
    (ending,) = world.write_markers()
    assert ending.producer == (100, LAST_EPOCH + 1)
    assert (known(world).producer, known(world).previous_producer_id) == ((101, 0), 100)
    assert world.end(current, commit=True, bumps=True) == (101, 0), "repeated"
    with refused(BAD_STATE):
        world.end(current, commit=False, bumps=True)
    if reloads:
        with refused(FENCED):
            world.init(current)
    else:
        assert world.init(current) == (101, 0)
    world.add(ProducerIdAndEpoch(101, 0), 0, client_version=2)


def test_fencing_rotates_with_the_last_epoch() -> None:
    world = TransactionWorld()
    world.begin()
    put(world, producer_epoch=LAST_EPOCH)
    world.add(ProducerIdAndEpoch(100, LAST_EPOCH), 0, client_version=2)
    assert world.init() is None
    world.write_markers()
    assert known(world).producer == (101, 0)


def test_no_producer_id_at_hand() -> None:
    world = TransactionWorld()
    world.has_producer_ids = False
    with refused(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS):
        world.init()
    assert world.shard.known == {}


# --- time


def test_overdue_transactions() -> None:
    world = TransactionWorld()
    producer = world.begin()
    world.now_ms += 10 * TIMEOUT_MS
    assert world.shard.overdue(world.now_ms) == [], "nothing has begun"
    world.add(producer, 0)
    world.now_ms += TIMEOUT_MS
    assert world.shard.overdue(world.now_ms) == []
    world.now_ms += 1
    assert world.shard.overdue(world.now_ms) == [ID]
    world.run(lambda shard, now_ms: shard.abort_overdue(ID, now_ms))
    assert (state(world), known(world).producer_epoch) == (PREPARE_ABORT, 1)
    assert world.shard.overdue(world.now_ms) == []
    records = len(world.log)
    world.run(lambda shard, now_ms: shard.abort_overdue(ID, now_ms))
    assert len(world.log) == records
    world.write_markers()
    with refused(FENCED):
        world.add(producer, 0)


def test_a_two_phase_commit_has_all_the_time() -> None:
    world = TransactionWorld()
    world.add(world.begin(timeout_ms=2**31 - 1), 0)
    assert world.shard.overdue(world.now_ms + 2**40) == []


@pytest.mark.parametrize("wanted", list(TransactionState)[:6])
def test_expiry(wanted: TransactionState) -> None:
    world, _ = world_in(wanted, bumps=True)

    def expire() -> None:
        world.run(lambda shard, now_ms: shard.expire([ID, "another"], 1_000, now_ms))

    world.now_ms += 999
    expire()
    assert ID in world.shard.known
    world.now_ms += 1
    expire()
    assert (ID in world.shard.known) == (wanted in (ONGOING, PREPARE_COMMIT, PREPARE_ABORT))
    world.reload()
    assert (ID in world.shard.known) == (wanted in (ONGOING, PREPARE_COMMIT, PREPARE_ABORT))


# --- what admins see


def test_list() -> None:
    world = TransactionWorld()
    world.add(world.begin(), 0)
    world.begin(transactional_id="payments")
    world.now_ms += 500
    ids = [*world.shard.known, "gone"]
    orders, payments = TransactionListing(ID, 100, "Ongoing"), TransactionListing("payments", 101, "Empty")

    def listed(wanted: ListFilter) -> list[TransactionListing]:
        return world.shard.list(ids, wanted, world.now_ms)

    assert listed(ListFilter()) == [orders, payments]
    assert listed(ListFilter(states={"Ongoing"}, has_states=True)) == [orders]
    assert listed(ListFilter(has_states=True)) == []
    assert listed(ListFilter(producer_ids={101, 5})) == [payments]
    assert listed(ListFilter(duration_ms=499)) == [orders, payments]
    assert listed(ListFilter(duration_ms=500)) == [payments], "what never began counts as old"


# --- records


def test_records_of_each_level() -> None:
    metadata = TransactionMetadata(
        producer_id=5,
        previous_producer_id=4,
        next_producer_id=6,
        producer_epoch=7,
        timeout_ms=8,
        state=PREPARE_COMMIT,
        partitions={"t": frozenset({1, 2})},
        start_ms=9,
        last_update_ms=10,
        client_version=2,
    )
    flexible = transaction_record(ID, metadata, 2)
    assert flexible == transaction_record(ID, metadata, 1)
    assert read_record(*flexible) == (ID, metadata)
    old = transaction_record(ID, metadata, 0)
    assert old[1] is not None
    assert old[1][:2] == b"\0\0"
    assert read_record(*old) == (ID, metadata._replace(previous_producer_id=-1, next_producer_id=-1, client_version=0))


def test_records_of_a_newer_kafka_do_not_count() -> None:
    world = TransactionWorld()
    world.begin()
    key, value = world.log[0]
    assert value is not None
    world.shard.replay(key, b"\0\2" + value[2:], None, 0)
    world.shard.replay(b"\0\7" + key[2:], value, None, 0)
    assert known(world).producer == (100, 0)


@pytest.mark.parametrize("first", [0, 1, 2])
@pytest.mark.parametrize("then", [0, 1, 2])
def test_a_transaction_over_a_change_of_the_level(first: int, then: int) -> None:
    """UpdateFeatures in the middle: clients of either generation come to an end."""
    for bumps in (False, True):
        world = TransactionWorld(first)
        producer = world.begin()
        world.add(producer, 0, client_version=2 if first == 2 else 0)
        world.version = then
        world.end(producer, commit=True, bumps=bumps)
        world.write_markers()
        world.reload()
        assert state(world) is COMPLETE_COMMIT
        assert known(world).producer == (100, int(bumps))
        assert world.init() == (100, 1 + bumps)


@pytest.mark.parametrize("make", [lambda known: known.completed(0), lambda known: known.ended(PREPARE_COMMIT, 0, 0)])
def test_what_never_follows(make: Callable[[TransactionMetadata], TransactionMetadata]) -> None:
    metadata = TransactionMetadata(producer_id=1, timeout_ms=1, last_update_ms=0)
    with pytest.raises(AssertionError):
        make(metadata)
    assert set(LEGAL_PREVIOUS) == set(list(TransactionState)[:6])


def test_what_is_only_in_memory() -> None:
    metadata = TransactionMetadata(producer_id=1, timeout_ms=1, last_update_ms=0, last_producer_epoch=3)
    assert without_volatile({ID: metadata}) == {ID: metadata._replace(last_producer_epoch=-1)}
