"""Random producers, readers and operators of transactions on both brokers; what each is told has to be the same.

What is said depends on chance and on what the brokers have answered so far, and on nothing else: a seed says the same in every
run. After each step the machine waits until no markers are being written, so that it is no matter of time who is told
CONCURRENT_TRANSACTIONS.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from kafka_compat.coordinator.transaction.values import ProducerIdAndEpoch
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.add_partitions_to_txn import (
    AddPartitionsToTxnRequest,
    AddPartitionsToTxnTopic,
    AddPartitionsToTxnTransaction,
)
from kafka_compat.protocol.messages.describe_producers import DescribeProducersRequest, TopicRequest
from kafka_compat.protocol.messages.describe_transactions import DescribeTransactionsRequest
from kafka_compat.protocol.messages.list_offsets import ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic
from kafka_compat.protocol.messages.list_transactions import ListTransactionsRequest, ListTransactionsResponse
from kafka_compat.protocol.messages.produce import ProduceResponse
from kafka_compat.protocol.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
)
from kafka_compat.protocol.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
)
from kafka_compat.protocol.registry import response_class
from tests.conformance.both import ANY_ERROR, Both, Side
from tests.conformance.data_plane import (
    FETCHED,
    NORMAL,
    RECORDS,
    T0,
    Wanted,
    batch,
    fetch,
    produce,
    records_name,
    time_name,
    without_others,
)
from tests.conformance.group_script import GroupScript, subscription
from tests.conformance.normalise import Normal, normalise
from tests.conformance.offset_requests import fetch_request
from tests.conformance.transaction_script import ProducerNames, TransactionScript
from tests.support.wire_client import api_key_of

IDS: Final = 3
PARTITIONS: Final = 2
_FOR_EVER: Final = (1 << 63) - 1
_UNORDERED: Final = (
    "responses", "partition_responses", "topics", "partitions", "markers", "active_producers", "aborted_transactions",
    "transaction_states", "unknown_state_filters", "partition_ids", "topic_results", "results_by_partition",
    "results_by_transaction",
)  # fmt: skip
_STATES: Final = ("Empty", "Ongoing", "PrepareCommit", "CompleteCommit", "CompleteAbort", "nonsense")
_RIGHT: Final = ProducerIdAndEpoch(0, 0)
_WRONG: Final = (
    ProducerIdAndEpoch(0, -1),
    ProducerIdAndEpoch(0, 1),
    ProducerIdAndEpoch(0, 7),
    ProducerIdAndEpoch(5_000, 0),
)


class Written(NamedTuple):
    """What a producer's last accepted batch in a partition was."""

    epoch: int
    sequence: int
    records: int


class Machine:
    """Three transactional ids, two topics and two groups, of which one has a member.

    Args:
        seed: of the chance.
        level: of transaction.version; a client that raises the epoch with each end is for levels above 0 only.
    """

    def __init__(self, both: Both, seed: int, level: int) -> None:
        self.both = both
        self.chance = random.Random(seed)
        self._has_new_clients = level > 0
        # Most steps are of one client generation, as most programs are.
        self._is_new = self._has_new_clients and self.chance.random() < 0.6
        self._names = ProducerNames(both)
        # Records are older than markers, and an answer ends with a segment.
        self.topics = [both.create_topic(both.name("machine"), PARTITIONS, {"segment.ms": str(_FOR_EVER)}) for _ in range(2)]
        self.scripts = [TransactionScript(both, f"tid-{number}", self._names) for number in range(IDS)]
        self._written: dict[str, dict[tuple[int, str, int], Written]] = {side.kind: {} for side in both.sides}
        self._member = GroupScript(both, "members")
        self._member.join("a", protocols=(("range", subscription(self.topics[0])),))
        self._member.sync("a", assign=["a"])
        self.groups = [self._member.group, both.name("plain")]
        self._number = 0

    def run(self, steps: int) -> None:
        """So many random steps, and a look at everything now and then."""
        actions: Mapping[Callable[[], None], int] = {
            self.init: 5,
            self.add: 7,
            self.add_batched: 4,
            self.produce: 16,
            self.add_offsets: 4,
            self.commit_offsets: 7,
            self.end: 8,
            self.mark: 2,
            self.fetch: 3,
            self.list_offsets: 2,
            self.fetch_offsets: 3,
            self.describe: 2,
            self.list_transactions: 2,
            self.describe_producers: 2,
        }
        try:
            for script in self.scripts[:-1]:
                script.init(4)
            for self._number in range(steps):
                self.chance.choices(list(actions), list(actions.values()))[0]()
                for script in self.scripts:
                    script.settled()
                self.both.verdict()
            self.finish()
        finally:
            for cast in self._member.casts:
                cast.hang_up_all()

    def finish(self) -> None:
        """End what is open, look at everything, and compare what the coordinators have written."""
        self.look("open")
        for script in self.scripts:
            script.init(4, expect=ANY_ERROR, label="last")
            script.settled()
        self.look("ended")
        for script in self.scripts:
            script.compare_records()
        self._member.finish()

    def look(self, label: str) -> None:
        """Everything that anybody may see."""
        for isolation in (0, 1):
            self._fetch(
                f"{label}: all {isolation}", [(topic, n, 0) for topic in self.topics for n in range(PARTITIONS)], isolation, 16
            )
            self._list_offsets(f"{label}: latest {isolation}", isolation, -1, 7)
        self._fetch_offsets(label, 9, is_stable=True)
        self._fetch_offsets(label, 9, is_stable=False)
        self._describe(label, self.scripts)
        self._describe_producers(label)

    # --- of chance

    def label(self, text: str) -> str:
        return f"step {self._number}: {text}"

    def of(self) -> tuple[int, TransactionScript]:
        """One of the ids; seldom the last, which nobody has begun."""
        slot = self.chance.choices(range(IDS), (10, 10, 3))[0]
        return slot, self.scripts[slot]

    def off(self, wrong: float = 0.2) -> ProducerIdAndEpoch:
        """How far a producer is from what it was told."""
        return self.chance.choice(_WRONG) if self.chance.random() < wrong else _RIGHT

    def version(self, old: tuple[int, int], new: tuple[int, int]) -> int:
        """Of a client of before KIP-890's second part, or of one after; both bounds included."""
        is_new = self._is_new if self.chance.random() < 0.85 else self._has_new_clients and self.chance.random() < 0.5
        return self.chance.randint(*(new if is_new else old))

    def partitions(self) -> dict[str, list[int]]:
        """One to three partitions; seldom one that is not there."""
        found: dict[str, list[int]] = {}
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            topic = self.chance.choice(self.topics)
            index = self.chance.randrange(PARTITIONS) if self.chance.random() < 0.95 else PARTITIONS + 3
            if index not in found.setdefault(topic, []):
                found[topic].append(index)
        return found

    # --- the coordinator

    def init(self) -> None:
        _, script = self.of()
        version = self.chance.randint(0, 5)
        if version < 3 or self.chance.random() < 0.4:
            script.init(version, expect=ANY_ERROR, label=self.label("init"))
            return
        off = self.off(0.5)
        script.init(
            version,
            expected=lambda told: ProducerIdAndEpoch(
                told.producer_id + off.producer_id, told.producer_epoch + off.producer_epoch
            ),
            expect=ANY_ERROR,
            label=self.label(f"init as {off}"),
        )

    def add(self) -> None:
        _, script = self.of()
        off = self.off()
        script.add(self.partitions(), self.chance.randint(0, 3), off=off, expect=ANY_ERROR, label=self.label(f"add {off}"))

    def add_batched(self) -> None:
        """As brokers ask for their clients: of several transactions at once, to add or to verify.

        Kafka cannot write what is added so at level 0, as it cannot serve the new clients there that it is done for.
        """
        slots = self.chance.sample(range(IDS), self.chance.choice((1, 1, 2)))
        verify = 0.6 if self._has_new_clients else 1.0
        parts = [(slot, self.off(), self.chance.random() < verify, self.partitions()) for slot in slots]

        def make(side: Side) -> Message:
            transactions = []
            for slot, off, is_verify, partitions in parts:
                told = self.scripts[slot].told[side.kind]
                transactions.append(
                    AddPartitionsToTxnTransaction(
                        transactional_id=self.scripts[slot].transactional_id,
                        producer_id=told.producer_id + off.producer_id,
                        producer_epoch=told.producer_epoch + off.producer_epoch,
                        verify_only=is_verify,
                        topics=[AddPartitionsToTxnTopic(name=name, partitions=indexes) for name, indexes in partitions.items()],
                    )
                )
            return AddPartitionsToTxnRequest(transactions=transactions)

        self.ask("add batched", make, self.chance.randint(4, 5))

    def add_offsets(self) -> None:
        _, script = self.of()
        off = self.off()
        script.add_offsets(
            self.chance.choice(self.groups),
            self.chance.randint(0, 4),
            off=off,
            expect=ANY_ERROR,
            label=self.label(f"add offsets {off}"),
        )

    def end(self) -> None:
        _, script = self.of()
        is_commit = self.chance.random() < 0.6
        off = self.off(0.25)
        script.end(
            is_commit,
            self.version((0, 4), (5, 5)),
            off=off,
            expect=ANY_ERROR,
            label=self.label(f"end {is_commit} {off}"),
        )

    def describe(self) -> None:
        self._describe(self.label("describe"), self.chance.sample(self.scripts, self.chance.randint(1, IDS)))

    def _describe(self, label: str, scripts: list[TransactionScript]) -> None:
        request = DescribeTransactionsRequest(transactional_ids=[*(script.transactional_id for script in scripts), "nobody"])
        self.scripts[0].ask(label, lambda _: request, 0, ANY_ERROR)

    def list_transactions(self) -> None:
        version = self.chance.randint(0, 2)
        states = self.chance.sample(_STATES, self.chance.choice((0, 0, 1, 2)))
        slots = self.chance.sample(range(IDS), self.chance.choice((0, 0, 1, 2)))
        duration_ms = self.chance.choice((-1, 0, 3_600_000)) if version >= 1 else -1
        pattern = self.chance.choice((None, "tid-.*", "tid-[01].*", "x", "")) if version >= 2 else None
        mine = {script.transactional_id for script in self.scripts}
        answers: list[Normal] = []
        for side in self.both.sides:
            request = ListTransactionsRequest(
                state_filters=states,
                producer_id_filters=[self.scripts[slot].told[side.kind].producer_id for slot in slots],
                duration_filter=duration_ms,
                transactional_id_pattern=pattern,
            )
            answer = side.call(request, version, ListTransactionsResponse)
            answer.transaction_states = sorted(
                (found for found in answer.transaction_states if found.transactional_id in mine),
                key=lambda found: found.transactional_id,
            )
            answers.append(self.normal(side, answer, version))
        label = self.label(f"list {states} {slots} {duration_ms} {pattern} v{version}")
        self.both.compare_values(label, ApiKey.LIST_TRANSACTIONS, *answers, expect=ANY_ERROR)

    # --- the partitions

    def produce(self) -> None:
        """One to three batches, each with the sequence it should have, or not."""
        slot, script = self.of()
        off = self.off(0.15)
        wanted = [
            (topic, index, self.chance.choices(("next", "again", "gap", "first"), (12, 1, 1, 1))[0], self.chance.randint(1, 3))
            for topic, indexes in self.partitions().items()
            for index in indexes
        ]
        is_plain = self.chance.random() < 0.04
        named = self.chance.choices((script.transactional_id, None, "nobody"), (30, 1, 1))[0]
        version = self.version((3, 11), (12, 13))
        label = self.label(f"produce {slot} {off} {[(index, how) for _, index, how, _ in wanted]} plain {is_plain} v{version}")
        answers: list[Normal] = []
        for side in self.both.sides:
            told = script.told[side.kind]
            epoch = told.producer_epoch + off.producer_epoch
            batches: dict[str, dict[int, bytes | None]] = {}
            sent: dict[tuple[str, int], Written] = {}
            for topic, index, how, count in wanted:
                before = self._written[side.kind].get((slot, topic, index))
                write = sent[topic, index] = _sequence(before, how, epoch, count)
                batches.setdefault(topic, {})[index] = batch(
                    RECORDS[: write.records],
                    producer_id=told.producer_id + off.producer_id,
                    producer_epoch=epoch,
                    base_sequence=write.sequence,
                    transactional=not is_plain,
                )
            request = produce(batches, transactional_id=named)(side)
            answer = side.call(request, version, ProduceResponse)
            normal = self.normal(side, answer, version)
            answers.append(normal)
            topics = {side.ids[topic]: topic for topic in batches}
            for response in answer.responses:
                topic = response.name or topics[bytes(response.topic_id)]
                for partition in response.partition_responses:
                    if partition.error_code == 0 and not off.producer_id:
                        self._written[side.kind][slot, topic, partition.index] = sent[topic, partition.index]
        self.both.compare_values(label, ApiKey.PRODUCE, *answers, expect=ANY_ERROR)

    def mark(self) -> None:
        """Markers that no coordinator wrote: in time, late, and in a version that asks for a later epoch."""
        slot, script = self.of()
        epoch_off = self.chance.choice((0, 0, -1))
        is_commit = self.chance.random() < 0.5
        coordinator_epoch = self.chance.choice((0, 0, 0, -1))
        request_version = self.chance.randint(1, 2)
        marker_version = self.chance.randint(0, 2) if request_version >= 2 else 0
        partitions = self.partitions()

        def make(side: Side) -> Message:
            told = script.told[side.kind]
            marker = WritableTxnMarker(
                producer_id=told.producer_id,
                producer_epoch=told.producer_epoch + epoch_off,
                transaction_result=is_commit,
                topics=[WritableTxnMarkerTopic(name=name, partition_indexes=indexes) for name, indexes in partitions.items()],
                coordinator_epoch=coordinator_epoch,
                transaction_version=marker_version,
            )
            return WriteTxnMarkersRequest(markers=[marker])

        self.ask(f"mark {slot} {epoch_off} {is_commit} {coordinator_epoch} {marker_version}", make, request_version)

    def fetch(self) -> None:
        wanted = [
            (topic, index, self.chance.choice((0, 0, 1, 3, 8, 1000)))
            for topic, indexes in self.partitions().items()
            for index in indexes
        ]
        isolation = self.chance.randint(0, 1)
        self._fetch(self.label(f"fetch {isolation}"), wanted, isolation, self.chance.randint(4, 18))

    def _fetch(self, label: str, wanted: list[tuple[str, int, int]], isolation: int, version: int) -> None:
        topics: dict[str, dict[int, Wanted]] = {}
        for topic, index, offset in wanted:
            topics.setdefault(topic, {})[index] = Wanted(offset)
        self.ask(label, fetch(topics, isolation_level=isolation), version, has_number=False)

    def list_offsets(self) -> None:
        isolation = self.chance.randint(0, 1)
        # Not the latest time: it is that of a marker.
        timestamp = self.chance.choice((-1, -1, -2, T0 + 3))
        self._list_offsets(self.label(f"list {timestamp} {isolation}"), isolation, timestamp, self.chance.randint(7, 11))

    def _list_offsets(self, label: str, isolation: int, timestamp: int, version: int) -> None:
        partitions = [ListOffsetsPartition(partition_index=index, timestamp=timestamp) for index in range(PARTITIONS)]
        topics = [ListOffsetsTopic(name=topic, partitions=partitions) for topic in self.topics]
        request = ListOffsetsRequest(replica_id=-1, isolation_level=isolation, topics=topics)
        self.ask(label, lambda _: request, version, has_number=False)

    def describe_producers(self) -> None:
        self._describe_producers(self.label("producers"))

    def _describe_producers(self, label: str) -> None:
        topics = [TopicRequest(name=topic, partition_indexes=list(range(PARTITIONS))) for topic in self.topics]
        self.ask(label, lambda _: DescribeProducersRequest(topics=topics), 0, has_number=False)

    # --- the groups

    def commit_offsets(self) -> None:
        """Of the member, of one that is none, or of nobody in particular."""
        slot, script = self.of()
        group = self.chance.choice(self.groups)
        off = self.off()
        version = self.version((0, 4), (5, 5))
        whose = self.chance.choices(("nobody", "member", "stale", "stranger"), (4, 4, 1, 1))[0] if version >= 3 else "nobody"
        named = self.chance.choices((script.transactional_id, "nobody"), (20, 1))[0]
        offset = self.chance.randrange(100)
        partitions = self.partitions()

        def make(side: Side) -> Message:
            told = script.told[side.kind]
            cast = next(cast for cast in self._member.casts if cast.side is side)
            member, generation = {
                "nobody": ("", -1),
                "member": (cast.id("a"), cast.generations["a"]),
                "stale": (cast.id("a"), cast.generations["a"] - 1),
                "stranger": ("stranger", cast.generations["a"]),
            }[whose]
            return TxnOffsetCommitRequest(
                transactional_id=named,
                group_id=group,
                producer_id=told.producer_id + off.producer_id,
                producer_epoch=told.producer_epoch + off.producer_epoch,
                generation_id=generation,
                member_id=member,
                topics=[
                    TxnOffsetCommitRequestTopic(
                        name=name,
                        partitions=[
                            TxnOffsetCommitRequestPartition(
                                partition_index=index, committed_offset=offset, committed_metadata=f"step {self._number}"
                            )
                            for index in indexes
                        ],
                    )
                    for name, indexes in partitions.items()
                ],
            )

        self.ask(f"commit offsets {slot} {off} {whose}", make, version)

    def fetch_offsets(self) -> None:
        self._fetch_offsets(self.label("offsets"), self.chance.randint(8, 10), is_stable=self.chance.random() < 0.7)

    def _fetch_offsets(self, label: str, version: int, *, is_stable: bool) -> None:
        asked = [(topic, list(range(PARTITIONS))) for topic in self.topics]

        def make(side: Side) -> Message:
            request = fetch_request(side, version, [(group, asked) for group in self.groups])
            request.require_stable = is_stable
            return request

        self.ask(f"{label}, stable {is_stable}", make, version, has_number=False)

    # --- both sides

    def ask(self, label: str, make: Callable[[Side], Message], version: int, *, has_number: bool = True) -> None:
        """Send to both and compare."""
        answers: list[Normal] = []
        key = ApiKey.METADATA
        for side in self.both.sides:
            request = make(side)
            key = ApiKey(api_key_of(request))
            normal = self.normal(side, side.call(request, version, response_class(key)), version)
            answers.append(without_others(normal) if key == ApiKey.FETCH else normal)
        text = self.label(label) if has_number else label
        self.both.compare_values(f"{text} v{version}", key, *answers, expect=ANY_ERROR)

    def normal(self, side: Side, answer: Message, version: int) -> Normal:
        """The comparable form of an answer."""

        def name(value: object) -> Normal:
            return self._names.name(side, value)

        def records(value: object) -> Normal:
            found = records_name(value)
            assert found is None or isinstance(found, list)
            for each in found or []:
                assert isinstance(each, dict)
                each["producer_id"] = name(each["producer_id"])
                each["crc"] = "<of the producer>"
            return found

        rules = {
            **NORMAL["replace"],
            **FETCHED,
            "records": records,
            "producer_id": name,
            "timestamp": time_name,
            "last_timestamp": time_name,
            "transaction_start_time_ms": time_name,
        }
        return normalise(answer, version, side.names, replace=rules, unordered=_UNORDERED)


def _sequence(before: Written | None, how: str, epoch: int, count: int) -> Written:
    """The batch to send behind `before`."""
    is_new = before is None or before.epoch != epoch
    if how == "again" and before is not None:
        return before._replace(epoch=epoch)
    following = 0 if before is None or is_new else before.sequence + before.records
    return Written(epoch, {"gap": following + 5, "first": 0}.get(how, following), count)
