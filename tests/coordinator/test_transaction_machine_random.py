"""Random sequences of what producers, admins and time do to a shard: it stays sound, and its log says all of it."""

from __future__ import annotations

from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kafka_compat.coordinator.ports import Outcome
from kafka_compat.coordinator.transaction.metadata import MAX_EPOCH, TransactionMetadata
from kafka_compat.coordinator.transaction.shard import TransactionShard
from kafka_compat.coordinator.transaction.states import LEGAL_PREVIOUS, TransactionState
from kafka_compat.coordinator.transaction.values import ProducerIdAndEpoch
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from tests.coordinator.transaction_world import TIMEOUT_MS, TransactionWorld, without_volatile

IDS = st.sampled_from(["a", "b", "c"])
_REFUSALS = {
    ErrorCode.CONCURRENT_TRANSACTIONS,
    ErrorCode.INVALID_PRODUCER_ID_MAPPING,
    ErrorCode.INVALID_TXN_STATE,
    ErrorCode.PRODUCER_FENCED,
    ErrorCode.UNKNOWN_SERVER_ERROR,
}


def _check(error: KafkaError) -> None:
    assert error.error_code in _REFUSALS


def _abort_overdue(transactional_id: str, shard: TransactionShard, now_ms: int) -> Outcome[None]:
    return shard.abort_overdue(transactional_id, now_ms)


class TransactionShardRules(RuleBasedStateMachine):
    """One shard with three transactional ids."""

    def __init__(self) -> None:
        super().__init__()
        self.world = TransactionWorld()
        self.before: dict[str, TransactionMetadata] = {}
        # Who was told that it is the producer of an id, last; it alone may go on.
        self.told: dict[str, ProducerIdAndEpoch] = {}

    def _near(self, transactional_id: str, off: int) -> ProducerIdAndEpoch:
        """The producer that is known, or one that is close to it."""
        known = self.world.shard.known.get(transactional_id)
        if known is None:
            return ProducerIdAndEpoch(100, 0)
        if off == 2:
            return ProducerIdAndEpoch(known.previous_producer_id, MAX_EPOCH - 1)
        if off == 3:
            return ProducerIdAndEpoch(known.producer_id + 1, known.producer_epoch)
        return ProducerIdAndEpoch(known.producer_id, known.producer_epoch - off)

    @rule(transactional_id=IDS, off=st.none() | st.integers(-1, 3))
    def init(self, transactional_id: str, off: int | None) -> None:
        expected = None if off is None else self._near(transactional_id, off)
        try:
            producer = self.world.init(expected, transactional_id=transactional_id)
        except KafkaError as error:
            _check(error)
        else:
            if producer is not None:
                assert producer.producer_epoch < MAX_EPOCH, "no client sees the last epoch"
                self.told[transactional_id] = producer

    @rule(transactional_id=IDS, off=st.integers(-1, 3), numbers=st.sets(st.integers(0, 3)), version=st.sampled_from([0, 2]))
    def add(self, transactional_id: str, off: int, numbers: set[int], version: int) -> None:
        producer = self._near(transactional_id, off)
        try:
            self.world.add(producer, *numbers, client_version=version, transactional_id=transactional_id)
        except KafkaError as error:
            _check(error)
        else:
            known = self.world.shard.known[transactional_id]
            assert known.state is TransactionState.ONGOING
            assert known.producer == producer
            assert numbers <= known.partitions.get("t", frozenset())

    @rule(transactional_id=IDS, off=st.integers(-1, 3), commit=st.booleans(), bumps=st.booleans())
    def end(self, transactional_id: str, off: int, commit: bool, bumps: bool) -> None:
        try:
            answer = self.world.end(
                self._near(transactional_id, off), commit=commit, bumps=bumps, transactional_id=transactional_id
            )
        except KafkaError as error:
            _check(error)
        else:
            if bumps:
                known = self.world.shard.known[transactional_id]
                assert answer == known.producer_when_complete
                assert answer.producer_epoch < MAX_EPOCH

    @rule()
    def write_markers(self) -> None:
        self.world.write_markers()
        assert not any(known.is_prepared for known in self.world.shard.known.values())

    @rule(by_ms=st.sampled_from([1, TIMEOUT_MS // 2, TIMEOUT_MS + 1]))
    def pass_time(self, by_ms: int) -> None:
        self.world.now_ms += by_ms

    @rule()
    def abort_overdue(self) -> None:
        for transactional_id in self.world.shard.overdue(self.world.now_ms):
            before = self.world.shard.known[transactional_id]
            self.world.run(partial(_abort_overdue, transactional_id))
            assert self.world.shard.known[transactional_id].producer_epoch > before.producer_epoch

    @rule()
    def expire(self) -> None:
        self.world.run(lambda shard, now_ms: shard.expire(list(shard.known), 3 * TIMEOUT_MS, now_ms))
        self.before = {one: known for one, known in self.before.items() if one in self.world.shard.known}

    @rule(transactional_id=IDS)
    def use_up_epochs(self, transactional_id: str) -> None:
        """Many more transactions have come and gone."""
        known = self.world.shard.known.get(transactional_id)
        if known is not None and known.state is TransactionState.EMPTY and known.producer_epoch < MAX_EPOCH - 3:
            for _ in range(2):
                self.world.init(transactional_id=transactional_id)
            self.world.skip_epochs(transactional_id, MAX_EPOCH - 3)
            self.before.pop(transactional_id, None)

    @rule(level=st.integers(0, 2))
    def update_features(self, level: int) -> None:
        self.world.version = level

    @rule()
    def crash(self) -> None:
        before = without_volatile(self.world.shard.known)
        prepared = {one for one, known in before.items() if known.is_prepared}
        self.world.reload()
        after = dict(self.world.shard.known)
        if self.world.has_only_flexible_records:
            assert after == before
        assert {one: known.producer for one, known in after.items()} == {one: known.producer for one, known in before.items()}
        assert {ending.transactional_id for ending in self.world.markers.pending} == prepared
        self.before = after

    @invariant()
    def states_follow_each_other(self) -> None:
        for transactional_id, known in self.world.shard.known.items():
            before = self.before.get(transactional_id)
            if before is not None and before.state is not known.state:
                follows = known.state is before.state or before.state in LEGAL_PREVIOUS[known.state]
                # Several records in one step: an id that is taken on, or the markers of an empty transaction.
                assert follows, (before, known)
        self.before = dict(self.world.shard.known)

    @invariant()
    def overdue_are_ongoing(self) -> None:
        never_ms = self.world.now_ms + 100 * TIMEOUT_MS
        ongoing = {one for one, known in self.world.shard.known.items() if known.state is TransactionState.ONGOING}
        assert set(self.world.shard.overdue(never_ms)) == ongoing

    @invariant()
    def only_what_runs_has_partitions(self) -> None:
        for known in self.world.shard.known.values():
            if known.partitions:
                assert known.state is TransactionState.ONGOING or known.is_prepared


TestTransactionShard = TransactionShardRules.TestCase
TestTransactionShard.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
