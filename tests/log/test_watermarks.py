"""How far readers see, and how many bytes a move makes readable for them."""

from __future__ import annotations

from kafka_compat.log.producer_state import ProducerState
from kafka_compat.log.watermarks import Watermarks
from tests.support.log_worlds import LOG_ID, NOW_MS, FakeLog

PID = 7


class World:
    """Watermarks with a purgatory that notes its wakes; a batch is ten bytes."""

    def __init__(self) -> None:
        self.log = FakeLog()
        self.producers = ProducerState("t-0")
        self.woken: list[tuple[str, int]] = []
        self.marks = Watermarks(LOG_ID, self)  # type: ignore[arg-type]

    def wake(self, key: object, size_in_bytes: int) -> None:
        self.woken.append(("hw" if key is self.marks.committed_key else "lso", size_in_bytes))

    def append(self, *, in_transaction: bool = False, is_marker: bool = False) -> None:
        offset = self.log.end_offset
        self.log.end_offset = offset + 1
        if in_transaction:
            self.producers.apply_batch(PID, 0, offset, offset, offset, NOW_MS, True)
        if is_marker:
            self.producers.apply_marker(PID, 0, 0, offset, NOW_MS, is_abort=False)
        if self.producers.last_begun_offset == offset:
            self.producers.on_begun(offset, self.marks.appended_bytes)
        self.marks.appended(10)

    def commit(self, offset: int) -> list[tuple[str, int]]:
        """The batch at `offset` is durable; who was woken."""
        self.woken.clear()
        self.marks.committed(self.log, self.producers, offset + 1, 10)
        return list(self.woken)


def test_without_transactions_both_move_together() -> None:
    world = World()
    world.append()
    assert (world.marks.high_watermark, world.marks.appended_bytes) == (0, 10)
    assert world.commit(0) == [("hw", 10), ("lso", 10)]
    assert (world.marks.high_watermark, world.marks.last_stable_offset) == (1, 1)


def test_a_marker_makes_readable_what_lay_behind_its_transaction() -> None:
    world = World()
    world.append(in_transaction=True)
    world.append()
    world.append(is_marker=True)
    assert world.commit(0) == [("hw", 10)]
    assert world.commit(1) == [("hw", 10)]
    assert (world.marks.high_watermark, world.marks.last_stable_offset) == (2, 0)
    assert world.commit(2) == [("hw", 10), ("lso", 30)]
    assert world.marks.last_stable_offset == 3


def test_a_log_that_is_opened_again_begins_at_what_is_committed() -> None:
    world = World()
    world.append(in_transaction=True)
    world.commit(0)
    world.marks.attach(world.log, ProducerState("t-0"), 1)
    assert (world.marks.high_watermark, world.marks.last_stable_offset, world.marks.appended_bytes) == (1, 1, 10)
