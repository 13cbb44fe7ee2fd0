"""Offsets for times against a model: out-of-order and missing timestamps, deletions, retention, restarts of every kind."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kafka_compat.config.topic import TopicConfig
from kafka_compat.log.manager import FLUSH_MS
from kafka_compat.log.partition import PartitionLog
from kafka_compat.records.builder import build_batch
from kafka_compat.testing.manual_clock import ManualClock
from tests.log.test_manager import LOG, World

NO_TIMESTAMP = -1
TIMES = 12  # timestamps lie within so many milliseconds: ties, and the smallest differences


@dataclass
class Model:
    """(offset, timestamp) of every record written and not lost, and where batches begin."""

    records: list[tuple[int, int]] = field(default_factory=list)
    bases: set[int] = field(default_factory=lambda: {0})

    def lose_from(self, end: int) -> None:
        self.records = self.records[:end]
        self.bases = {base for base in self.bases if base <= end}

    def first_at(self, timestamp_ms: int, start: int) -> tuple[int, int] | None:
        return next(((offset, at) for offset, at in self.records[start:] if at >= timestamp_ms), None)

    def newest(self, start: int) -> tuple[int, int] | None:
        left = self.records[start:]
        return max(left, key=lambda record: (record[1], -record[0]), default=None)


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.lists(st.integers(-1, TIMES - 1), min_size=1, max_size=4)),
        st.tuples(st.just("append"), st.lists(st.integers(-1, TIMES - 1), min_size=1, max_size=4)),
        st.tuples(st.just("append"), st.lists(st.integers(-1, TIMES - 1), min_size=1, max_size=4)),
        st.tuples(
            st.sampled_from(["tick", "flush", "delete", "look", "shrink", "restart", "die", "power"]),
            st.lists(st.integers(0, 1 << 12), min_size=1, max_size=1),
        ),
    ),
    min_size=15,
    max_size=60,
)


def _appends(*batches: list[int]) -> list[tuple[str, list[int]]]:
    return [("append", numbers) for numbers in batches]


# A sealed segment whose indexes were rebuilt, and trusted after the next sync.
_REBUILT = [
    *_appends(*[[0]] * 3, [0] * 3, [0], [0], [0] * 3, [0]),
    ("tick", [0]),
    *_appends([0], [0]),
    *[(name, [0]) for name in ("flush", "power", "restart", "die")],
]
# Of the index files that a loss of power took in part, the one of offsets knew more than the one of times.
_UNEVEN_INDEXES = [*_appends([0], [1], [0]), ("flush", [0]), *_appends(*[[0]] * 10), ("power", [298])]
# A directory set aside, which the next loss of power brought back.
_SET_ASIDE = [*_appends(*[[0]] * 9), ("tick", [0]), ("power", [170]), ("die", [0]), *_appends([0], [0]), ("power", [0])]


@example(operations=_REBUILT, is_append_time=True)
@example(operations=_UNEVEN_INDEXES, is_append_time=False)
@example(operations=_SET_ASIDE, is_append_time=False)
@settings(max_examples=150, deadline=None)
@given(operations=OPERATIONS, is_append_time=st.booleans())
async def test_times_find_what_a_model_finds(operations: list[tuple[str, list[int]]], is_append_time: bool) -> None:
    world = World()
    epoch_ms = world.clock.wall_ms()
    configs = {
        "internal.segment.bytes": "400",
        "index.interval.bytes": "100",
        "retention.ms": "-1",
        "message.timestamp.type": "LogAppendTime" if is_append_time else "CreateTime",
    }
    config = TopicConfig(world.broker, configs)
    log = await world.manager.create(LOG, 0, config)
    model = Model()
    for epoch, (name, numbers) in enumerate(operations, start=1):
        end, start = log.log_end_offset, log.log_start_offset
        match name:
            case "append":
                moments = [NO_TIMESTAMP if number < 0 else epoch_ms + number for number in numbers]
                batch = build_batch([(at, None, b"v" * 20, ()) for at in moments])
                now_ms = world.clock.wall_ms()
                log.append_as_leader(batch, now_ms)
                stored = [now_ms] * len(moments) if is_append_time else moments
                model.records += enumerate(stored, start=end)
                model.bases.add(end + len(moments))
            case "tick":
                await world.clock.advance(1 + numbers[0] % 5)
            case "flush":
                await world.clock.advance(FLUSH_MS)
            case "delete":
                await log.delete_records_before(start + numbers[0] % (end - start + 1))
            case "look":
                await world.manager.apply_retention()
            case "shrink":
                shrunk = {**configs, "retention.bytes": str(numbers[0] % 2000)}
                await world.manager.set_config("t", TopicConfig(world.broker, shrunk))
                await world.manager.apply_retention()
                await world.manager.set_config("t", config)
            case "restart":
                await world.manager.close()
                world._start()
                log = await world.manager.create(LOG, epoch, config)
            case _:
                synced = log.storage.synced_offset
                world.filesystem = world.filesystem.crash(power_loss=name == "power", seed=numbers[0] or None)
                world.clock = ManualClock(world.clock.wall_ms())  # the dead process does nothing any more
                world._start()
                log = await world.manager.create(LOG, epoch, config)
                assert log.log_end_offset == end or (name == "power" and synced <= log.log_end_offset < end)
                model.lose_from(log.log_end_offset)
        await check(log, model)
    await world.manager.close()


async def check(log: PartitionLog, model: Model) -> None:
    start, end = log.log_start_offset, log.log_end_offset
    assert end == len(model.records)
    assert log.view.earliest_offset()[0] == start
    known = {at for _, at in model.records if at != NO_TIMESTAMP}
    for timestamp_ms in {0} | known | {at + 1 for at in known}:
        found = await log.view.offset_for_timestamp(timestamp_ms)
        expected = model.first_at(timestamp_ms, start)
        assert (found and found[:2]) == expected, f"at {timestamp_ms} of {model.records[start:]}"
    if start in model.bases:  # the batch is the unit of the largest timestamp, deleted records of it count
        newest = await log.view.offset_of_max_timestamp()
        assert (newest and newest[:2]) == model.newest(start)
