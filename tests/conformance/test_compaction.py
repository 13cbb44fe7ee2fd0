"""What the reference's log cleaner and ours leave of the same log, record by record and header by header."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
    IncrementalAlterConfigsResponse,
)
from kafka_compat.protocol.messages.produce import ProduceResponse
from kafka_compat.protocol.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)
from kafka_compat.records.batch import BatchHeader, iter_batches, parse_header
from kafka_compat.records.builder import PlainRecord, build_batch
from kafka_compat.records.compression import Codec
from kafka_compat.records.reader import iter_records
from tests.conformance.both import ANY_ERROR, Both, Brokers, Side
from tests.conformance.data_plane import T0, Wanted, fetch, fetched, fetched_bytes, produce, produce_now
from tests.conformance.normalise import Normal
from tests.support.brokers import NO_RETENTION, Broker
from tests.support.log_worlds import World

if TYPE_CHECKING:
    from confluent_kafka import Producer

# Partitions are not verified, so that transactions need no coordinator.
BROKER_CONFIGS = {"log.cleaner.backoff.ms": "20", "transaction.partition.verification.enable": "false", **NO_RETENTION}
NEVER = "1.0"  # a ratio is never above
ALWAYS = "0.0"
_TOPIC = 2
_DEADLINE_S = 60


@pytest.fixture
def brokers(configured: Brokers, both: Both) -> dict[str, Broker]:
    """The brokers by the kind of their sides, with cleaners that look often."""
    return {side.kind: broker for side, broker in zip(both.sides, configured, strict=True)}


def create(both: Both, **configs: str) -> str:
    """A compacted topic that is not cleaned yet, in segments of a few batches."""
    return both.create_topic(
        both.name("compacted"),
        configs={
            "cleanup.policy": "compact",
            "internal.segment.bytes": "400",
            "min.cleanable.dirty.ratio": NEVER,
            **{name.replace("_", "."): value for name, value in configs.items()},
        },
    )


def set_config(side: Side, topic: str, name: str, value: str) -> None:
    config = AlterableConfig(name=name, config_operation=0, value=value)
    resource = AlterConfigsResource(resource_type=_TOPIC, resource_name=topic, configs=[config])
    answer = side.call(IncrementalAlterConfigsRequest(resources=[resource]), 1, IncrementalAlterConfigsResponse)
    assert answer.responses[0].error_code == 0, answer


def checkpoint(broker: Broker, side: Side, topic: str) -> int:
    """Where the last round on partition 0 ended, by the broker's files; -1 before the first."""
    directory = broker.data_dir
    if side.kind == "ours":
        found = sorted((directory / f"{topic}-0").glob("*.cleaner.aux"))
        return int(found[-1].name.split(".")[0]) if found else -1
    path = directory / "cleaner-offset-checkpoint"
    lines = path.read_text().splitlines() if path.exists() else []
    return next((int(line.split()[2]) for line in lines if line.startswith(f"{topic} 0 ")), -1)


def segment_bases(broker: Broker, topic: str) -> list[int]:
    """Base offsets of the segments, by the broker's files; the last is the active one."""
    return sorted(int(path.stem) for path in (broker.data_dir / f"{topic}-0").glob("*.log"))


def clean(both: Both, brokers: dict[str, Broker], topic: str) -> None:
    """One round on both sides, over everything below the active segment."""
    for side in both.sides:
        clean_side(brokers, side, topic)


def clean_side(brokers: dict[str, Broker], side: Side, topic: str) -> None:
    """One round on one side."""
    broker = brokers[side.kind]
    wanted = segment_bases(broker, topic)[-1]
    set_config(side, topic, "min.cleanable.dirty.ratio", ALWAYS)
    deadline = time.monotonic() + _DEADLINE_S
    while checkpoint(broker, side, topic) < wanted:
        assert time.monotonic() < deadline, f"{side.kind} cleaned to {checkpoint(broker, side, topic)} of {wanted}"
        time.sleep(0.02)
    set_config(side, topic, "min.cleanable.dirty.ratio", NEVER)


def described(header: BatchHeader, raw: bytes) -> Normal:
    """A batch by what is in it. A delete horizon is the cleaner's own time and changes the encoding, not the content.

    So is the time of a marker.
    """
    base_timestamp_ms: Normal = "<now>" if header.is_control else header.base_timestamp_ms
    return {
        "offsets": [header.base_offset, header.last_offset],
        "attributes": header.attributes,
        "base timestamp": "<horizon>" if header.has_delete_horizon else base_timestamp_ms,
        "max timestamp": "<now>" if header.is_control else header.max_timestamp_ms,
        "producer": [header.producer_id, header.producer_epoch, header.base_sequence],
        "leader epoch": header.partition_leader_epoch,
        "size": "<of the codec>" if header.compression or header.has_delete_horizon else header.size_in_bytes,
        "records": [
            [record.offset, repr(record.key), repr(record.value)] if header.is_control else repr(record)
            for record in iter_records(raw)
        ],
    }


def compare(both: Both, label: str, topic: str) -> None:
    """Everything in partition 0, and where it begins and ends."""
    answers: list[Normal] = []
    for side in both.sides:
        found: list[Normal] = []
        raw = fetched_bytes(side, topic)
        for position, size in iter_batches(raw):
            found.append(described(parse_header(raw, position), raw[position : position + size]))
        answers.append(found)
    both.compare_values(label, ApiKey.FETCH, *answers)


def fill(both: Both, topic: str, *batches: bytes | bytearray) -> None:
    for side in both.sides:
        produce_now(side, topic, 0, *map(bytes, batches))


def record(key: str | None, value: str | None, timestamp_ms: int = T0) -> PlainRecord:
    return timestamp_ms, None if key is None else key.encode(), None if value is None else value.encode(), ()


def filler(count: int = 8) -> list[bytearray]:
    """Batches that push what is before them out of the active segment, with keys of their own."""
    return [build_batch([record(f"filler {number}", "x" * 60)]) for number in range(count)]


@pytest.mark.parametrize("codec", list(Codec))
def test_last_records_of_keys(both: Both, brokers: dict[str, Broker], codec: Codec) -> None:
    topic = create(both)
    for value in range(6):
        records = [record(f"k{key}", f"{value} {key}" * 5, T0 + 10 * value - key) for key in range(value % 4 + 1)]
        fill(both, topic, build_batch(records, codec=codec))
    fill(both, topic, build_batch([(T0, b"h", b"v", (("name", b"x"), ("name", None)))], codec=codec), *filler())
    clean(both, brokers, topic)
    compare(both, "cleaned once", topic)
    fill(both, topic, build_batch([record("k0", "new"), record("k9", "new")], codec=codec), *filler())
    clean(both, brokers, topic)
    compare(both, "cleaned twice", topic)


def test_tombstones(both: Both, brokers: dict[str, Broker]) -> None:
    gone, kept = create(both, delete_retention_ms="0"), create(both, delete_retention_ms="86400000")
    for topic in (gone, kept):
        fill(both, topic, build_batch([record("a", "1"), record("b", "1"), record("c", "1")]))
        fill(both, topic, build_batch([record("a", None, T0 + 5), record("d", "1", T0 + 3)]), build_batch([record("b", None)]))
        fill(both, topic, *filler())
        for round_ in range(3):
            clean(both, brokers, topic)
            compare(both, f"round {round_}", topic)
            fill(both, topic, build_batch([record("d", str(round_))]), *filler())


def test_producers(both: Both, brokers: dict[str, Broker]) -> None:
    topic = create(both)
    for sequence in range(4):
        for producer in (4001, 4002):
            fill(
                both,
                topic,
                build_batch(
                    [record("a", f"{producer} {sequence}")], producer_id=producer, producer_epoch=1, base_sequence=sequence
                ),
            )
    fill(both, topic, *filler())
    clean(both, brokers, topic)
    compare(both, "both producers active", topic)
    fill(both, topic, build_batch([record("z", "1")], producer_id=4001, producer_epoch=1, base_sequence=4), *filler())
    clean(both, brokers, topic)
    compare(both, "one went on", topic)
    for side in both.sides:
        side.close()
        brokers[side.kind].restart()
        both.wait_for_leaders(side, topic, 1)
    fill(both, topic, build_batch([record("z", "2")], producer_id=4002, producer_epoch=1, base_sequence=4))
    compare(both, "after a restart", topic)


def test_log_append_time(both: Both, brokers: dict[str, Broker]) -> None:
    topic = create(both, message_timestamp_type="LogAppendTime")
    fill(both, topic, build_batch([record("a", "1"), record("b", "1")]), build_batch([record("a", "2")]), *filler())
    clean(both, brokers, topic)
    offsets = []
    for side in both.sides:
        raw = fetched_bytes(side, topic)
        headers = [parse_header(raw, position) for position, _ in iter_batches(raw)]
        assert all(header.is_log_append_time for header in headers)
        assert {r.timestamp_ms for r in iter_records(raw)} <= {header.max_timestamp_ms for header in headers}
        found: Normal = [[r.offset, repr(r.key), repr(r.value)] for r in iter_records(raw)]
        offsets.append(found)
    both.compare_values("log append time", ApiKey.FETCH, *offsets)


def test_a_log_that_was_not_compacted_before(both: Both, brokers: dict[str, Broker]) -> None:
    topic = create(both, cleanup_policy="delete")
    fill(both, topic, build_batch([record(None, "no key"), record("a", "1"), record("b", "1")]))
    fill(both, topic, build_batch([record(None, "no key")]), build_batch([record("a", "2")]), *filler())
    for side in both.sides:
        set_config(side, topic, "cleanup.policy", "compact")
    clean(both, brokers, topic)
    compare(both, "records without key", topic)


def _random_batch(chance: random.Random, sequences: dict[int, int]) -> bytearray:
    records = [
        record(f"k{chance.randrange(12)}", chance.choice([None, "v", "w" * chance.randrange(80)]), T0 + chance.randrange(1000))
        for _ in range(chance.randrange(1, 6))
    ]
    producer = chance.choice([-1, -1, 5001, 5002])
    if producer < 0:
        return build_batch(records, codec=chance.choice(list(Codec)))
    sequence = sequences.get(producer, 0)
    sequences[producer] = sequence + len(records)
    return build_batch(
        records, codec=chance.choice(list(Codec)), producer_id=producer, producer_epoch=0, base_sequence=sequence
    )


@pytest.mark.parametrize("seed", range(4))
def test_random_logs(both: Both, brokers: dict[str, Broker], seed: int) -> None:
    chance = random.Random(seed)
    topic = create(both, delete_retention_ms="0", internal_segment_bytes=str(chance.choice([300, 900, 2500])))
    sequences: dict[int, int] = {}
    for round_ in range(4):
        batches: Sequence[bytearray] = [_random_batch(chance, sequences) for _ in range(chance.randrange(5, 40))]
        fill(both, topic, *batches, *filler(40))
        clean(both, brokers, topic)
        compare(both, f"seed {seed}, round {round_}", topic)


class Twin:
    """Our log engine with the batches of a partition of the reference: what only a transaction coordinator could produce."""

    def __init__(self, configs: dict[str, str]) -> None:
        self.world = World()
        self._configs = configs
        self._epoch = 0

    async def open(self) -> None:
        self.log = await self.world.create(self._epoch, **self._configs)

    async def append(self, raw: bytes, segment_bases: Sequence[int]) -> None:
        """Append the batches of `raw` above the log end, in segments as the reference's, and rebuild the state from it."""
        storage = self.log.storage
        for position, size in iter_batches(raw):
            header = parse_header(raw, position)
            if header.base_offset >= storage.end_offset:
                if header.base_offset in segment_bases:
                    await storage.roll(0)
                batch = raw[position : position + size]
                storage.append(batch, header.base_offset, header.last_offset, header.max_timestamp_ms, 0)
        await self.world.manager.close()
        self._epoch += 1
        self.log = await self.world.restart(self._epoch)
        await self.world.manager.set_config("t", self.world.topic_config(**self._configs))

    async def clean(self) -> list[Normal]:
        """One round; the batches that are left."""
        self.world.manager.start_background()
        await self.world.advance(20_000)
        found: list[Normal] = []
        position = 0
        while position < self.log.log_end_offset:
            chunk = await self.log.read(position, 1, min_one=True, isolation_read_committed=False)
            raw = b"".join(map(bytes, chunk.buffers))
            found.append(described(parse_header(raw), raw))
            position = parse_header(raw).next_offset
        return found


def _transactions(both: Both, topic: str, chance: random.Random, producers: Sequence[Producer]) -> None:
    """Interleaved transactions of all producers, some aborted, and plain batches between them."""
    for producer in producers:
        producer.begin_transaction()
    for _ in range(8):
        producer = chance.choice(producers)
        producer.produce(
            topic, key=f"k{chance.randrange(5)}", value=chance.choice([None, "v" * chance.randrange(60)]), partition=0
        )
        producer.flush()
        if chance.random() < 0.4:
            produce_now(both.reference, topic, 0, bytes(build_batch([record(f"k{chance.randrange(5)}", "plain")])))
    for producer in producers:
        if chance.random() < 0.5:
            producer.commit_transaction()
        else:
            producer.abort_transaction()
    # The markers are written after the answer.
    answer = fetched(both.reference, topic, 0)
    deadline = time.monotonic() + _DEADLINE_S
    while answer.last_stable_offset != answer.high_watermark:
        assert time.monotonic() < deadline
        answer = fetched(both.reference, topic, 0)


@pytest.mark.reference
@pytest.mark.parametrize("seed", range(3))
async def test_transactions(both: Both, brokers: dict[str, Broker], seed: int) -> None:
    """The reference's own batches, cleaned by it and by us: aborted data, markers, the producers' last words."""
    confluent_kafka = pytest.importorskip("confluent_kafka", reason="the transactional producers are librdkafka's")
    chance = random.Random(seed)
    configs = {"internal.segment.bytes": "700", "delete.retention.ms": "0", "cleanup.policy": "compact"}
    topic = create(both, **{name.replace(".", "_"): value for name, value in configs.items()})
    reference = both.reference
    producers = [
        confluent_kafka.Producer({"bootstrap.servers": reference.bootstrap, "transactional.id": f"{topic}-{number}"})
        for number in range(2)
    ]
    for producer in producers:
        producer.init_transactions()
    twin = Twin({name.replace(".", "_"): value for name, value in configs.items()} | {"min_cleanable_dirty_ratio": "0"})
    await twin.open()
    for round_ in range(4):
        if round_ < 2:
            for _ in range(5):
                _transactions(both, topic, chance, producers)
        produce_now(reference, topic, 0, *map(bytes, filler(20)))
        await twin.append(fetched_bytes(reference, topic), segment_bases(brokers["reference"], topic))
        clean_side(brokers, reference, topic)
        raw = fetched_bytes(reference, topic)
        theirs: list[Normal] = [described(parse_header(raw, at), raw[at : at + size]) for at, size in iter_batches(raw)]
        both.compare_values(f"seed {seed}, round {round_}", ApiKey.FETCH, theirs, await twin.clean())
    await twin.world.manager.close()


def _end_transaction(both: Both, topic: str, producer_id: int, *, commit: bool) -> None:
    marker = WritableTxnMarker(
        producer_id=producer_id,
        transaction_result=commit,
        topics=[WritableTxnMarkerTopic(name=topic, partition_indexes=[0])],
    )
    for side in both.sides:
        answer = side.call(WriteTxnMarkersRequest(markers=[marker]), 1, WriteTxnMarkersResponse)
        assert answer.markers[0].topics[0].partitions[0].error_code == 0, answer


def _produce_in_transaction(both: Both, topic: str, records: bytes) -> None:
    for side in both.sides:
        answer = side.call(produce({topic: {0: records}}, transactional_id="tid")(side), 11, ProduceResponse)
        assert answer.responses[0].partition_responses[0].error_code == 0, answer


@pytest.mark.parametrize("seed", range(3))
def test_transactions_of_both(both: Both, brokers: dict[str, Broker], seed: int) -> None:
    """The same transactions written to both sides: what is left of them, and what readers of the committed are told to skip."""
    chance = random.Random(seed)
    topic = create(both, delete_retention_ms="0", internal_segment_bytes="700")
    sequences = dict.fromkeys((6001, 6002, 6003), 0)
    begun: set[int] = set()
    for round_ in range(5):
        for _ in range(40 if round_ < 3 else 0):
            producer_id = chance.choice(list(sequences))
            if producer_id in begun and chance.random() < 0.35:
                begun.discard(producer_id)
                _end_transaction(both, topic, producer_id, commit=chance.random() < 0.4)
                continue
            records = [record(f"k{chance.randrange(6)}", chance.choice([None, "v" * chance.randrange(40)]))]
            batch = build_batch(
                records, producer_id=producer_id, producer_epoch=0, base_sequence=sequences[producer_id], transactional=True
            )
            _produce_in_transaction(both, topic, bytes(batch))
            sequences[producer_id] += 1
            begun.add(producer_id)
        for producer_id in sorted(begun):
            _end_transaction(both, topic, producer_id, commit=False)
        begun.clear()
        fill(both, topic, *filler(20))
        clean(both, brokers, topic)
        compare(both, f"seed {seed}, round {round_}", topic)
        for offset in range(0, 120, 8):
            request = fetch({topic: {0: Wanted(offset)}}, isolation_level=1)
            replace = {"records": lambda _: "<compared above>"}
            both.compare(
                f"round {round_}, from {offset}",
                request,
                [12],
                replace=replace,
                unordered=["aborted_transactions"],
                expect=ANY_ERROR,
            )
        if round_ == 2:
            for side in both.sides:
                side.close()
                brokers[side.kind].restart()
                both.wait_for_leaders(side, topic, 1)
