"""Random sequences of produce, fetch, list, create and delete on both brokers: every answer has to be the same.

The examples are the same in every run. A sequence that fails is cut down by Hypothesis to the shortest one that still does.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.message import Message
from kafka_compat.protocol.messages.delete_topics import DeleteTopicsRequest, DeleteTopicsResponse
from kafka_compat.protocol.messages.fetch import FetchResponse
from kafka_compat.protocol.messages.list_offsets import ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic
from tests.conformance.both import ANY_ERROR, Both, Request, Side
from tests.conformance.data_plane import FETCHED, PRODUCED, T0, Wanted, batch, fetch, produce, with_header
from tests.conformance.normalise import differences

pytestmark = [pytest.mark.reference, pytest.mark.timeout(300)]

PARTITIONS = 2
RULES = {**FETCHED, **PRODUCED}
UNORDERED = ("partition_responses", "topics", "partitions")

CONFIGS: tuple[dict[str, str], ...] = (
    {},
    {"cleanup.policy": "compact"},
    {"compression.type": "uncompressed"},
    {"max.message.bytes": "300"},
)


class Produce(NamedTuple):
    slot: int
    partition: int
    times: tuple[int, ...]
    value_size: int
    codec: int
    has_key: bool
    producer: tuple[int, int, int] | None  # id, epoch, first sequence
    damage: str
    acks: int
    version: int


class Fetch(NamedTuple):
    slots: tuple[tuple[int, int, int, int], ...]  # slot, partition, offset, limit
    max_bytes: int
    leader_epoch: int
    isolation: int
    version: int


class ListOffsets(NamedTuple):
    slot: int
    partition: int
    timestamp: int
    isolation: int
    version: int


class Create(NamedTuple):
    slot: int
    config: int


class Delete(NamedTuple):
    slot: int


slots = st.integers(0, 2)
partitions = st.integers(-1, PARTITIONS)
commands = st.one_of(
    st.builds(
        Produce,
        slots,
        partitions,
        st.lists(st.integers(-1, 60), min_size=1, max_size=4).map(tuple),
        st.sampled_from((0, 10, 400)),
        st.integers(0, 4),
        st.booleans(),
        st.none() | st.tuples(st.integers(1, 2), st.integers(0, 2), st.integers(0, 6)),
        st.sampled_from(("", "", "", "", "", "crc", "cut", "twice", "count", "bits", "max timestamp", "magic")),
        st.sampled_from((-1, 1, 1, 1, 2)),
        st.integers(3, 13),
    ),
    st.builds(
        Fetch,
        st.lists(
            st.tuples(slots, partitions, st.integers(-1, 30), st.sampled_from((0, 70, 200, 1000, 1 << 20))),
            min_size=1,
            max_size=4,
        ).map(tuple),
        st.sampled_from((0, 100, 500, 1 << 20)),
        st.sampled_from((-1, -1, 0, 1)),
        st.integers(0, 1),
        st.integers(4, 18),
    ),
    st.builds(
        ListOffsets,
        slots,
        partitions,
        st.integers(-7, -1) | st.integers(T0 - 2, T0 + 62),
        st.integers(0, 1),
        st.integers(2, 11),
    ),
    st.builds(Create, slots, st.integers(0, len(CONFIGS) - 1)),
    st.builds(Delete, slots),
)


def batch_of(command: Produce) -> bytes:
    records = [
        (T0 + at if at >= 0 else -1, b"k" if command.has_key else None, b"v" * command.value_size, ()) for at in command.times
    ]
    made = batch(records, codec=command.codec)
    if command.producer is not None:
        producer_id, epoch, sequence = command.producer
        made = with_header(made, producer_id=producer_id, producer_epoch=epoch, base_sequence=sequence)
    match command.damage:
        case "crc":
            return with_header(made, crc=7)
        case "cut":
            return made[:-1]
        case "twice":
            return made + made
        case "count":
            return with_header(made, record_count=len(records) + 1, last_offset_delta=len(records))
        case "bits":
            return with_header(made, attributes=command.codec | 0x180)
        case "max timestamp":
            return with_header(made, max_timestamp=T0 + 1000)
        case "magic":
            return with_header(made, magic=1)
    return made


class World:
    """Three places for topics, which come and go; the same on both sides."""

    def __init__(self, both: Both) -> None:
        self.both = both
        self.names: list[str | None] = [None, None, None]

    def name(self, slot: int) -> str:
        return self.names[slot] or f"no-such-topic-{slot}"

    def run(self, command: Produce | Fetch | ListOffsets | Create | Delete) -> None:
        match command:
            case Create(slot, config):
                if self.names[slot] is None:
                    self.names[slot] = self.both.create_topic(self.both.name("machine"), PARTITIONS, CONFIGS[config])
            case Delete(slot):
                self.delete(slot)
            case Produce():
                request = produce({self.name(command.slot): {command.partition: batch_of(command)}}, acks=command.acks)
                self.compare(command, ApiKey.PRODUCE, request, command.version)
            case Fetch():
                wanted: dict[str, dict[int, Wanted]] = {}
                for slot, partition, offset, limit in command.slots:
                    wanted.setdefault(self.name(slot), {})[partition] = Wanted(offset, limit, command.leader_epoch)
                fetched = fetch(wanted, max_bytes=command.max_bytes, isolation_level=command.isolation)
                self.compare(command, ApiKey.FETCH, fetched, command.version)
            case ListOffsets(slot, partition, timestamp, isolation, version):
                asked = ListOffsetsPartition(partition_index=partition, timestamp=timestamp)
                topic = ListOffsetsTopic(name=self.name(slot), partitions=[asked])
                listed: Message = ListOffsetsRequest(replica_id=-1, isolation_level=isolation, topics=[topic])
                self.compare(command, ApiKey.LIST_OFFSETS, listed, version)

    def delete(self, slot: int) -> None:
        name = self.names[slot]
        if name is None:
            return
        self.names[slot] = None
        for side in self.both.sides:
            answer = side.call(DeleteTopicsRequest(topic_names=[name], timeout_ms=30_000), 5, DeleteTopicsResponse)
            assert answer.responses[0].error_code == 0
            self._wait_until_gone(side, name)

    @staticmethod
    def _wait_until_gone(side: Side, name: str) -> None:
        """The reference's broker hears of a deletion a little later."""
        request = fetch({name: {0: Wanted(0)}})(side)
        for _ in range(10_000):
            if side.call(request, 12, FetchResponse).responses[0].partitions[0].error_code:
                return
        raise AssertionError(f"{side.kind}: {name} is still there")

    def compare(self, command: NamedTuple, api_key: ApiKey, request: Request, version: int) -> None:
        theirs, mine = (
            self.both.answer(side, request, version, replace=RULES, unordered=UNORDERED) for side in self.both.sides
        )
        # At once, so that Hypothesis sees it and cuts the sequence down.
        assert differences(theirs, mine) == [], command
        self.both.compare_values(str(command), api_key, theirs, mine, expect=ANY_ERROR)


@settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(script=st.lists(commands, min_size=10, max_size=60))
def test_random_commands(both: Both, script: list[Produce | Fetch | ListOffsets | Create | Delete]) -> None:
    world = World(both)
    world.run(Create(0, 0))
    world.run(Create(1, 0))
    for command in script:
        world.run(command)
    for slot in range(3):
        world.delete(slot)
