"""Keeps what was produced, delivered and committed in a group, and fails on what Kafka's guarantees exclude."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from interop_tests.clients import Record
from interop_tests.drivers import Driver, DriverError, Member

# A leave that is lost with its connection is a session of 30 seconds to wait for, on a machine that may be five times slower.
_DEADLINE_S = 90.0
# Clients may have backed off for long when the broker is there again.
_OUTAGE_DEADLINE_S = 180.0


class Ledger:
    """One topic read by one group that commits when told."""

    def __init__(self, driver: Driver, topic: str, partitions: int) -> None:
        self.topic = topic
        self.group = f"group-{topic}"
        self._driver = driver
        self._partitions = partitions
        self._ids = itertools.count()
        self._produced: dict[int, list[bytes]] = {partition: [] for partition in range(partitions)}
        self._delivered: dict[int, set[int]] = {partition: set() for partition in range(partitions)}
        # Where a member that gets the partition may begin: the offset committed last, or one whose commit failed since.
        self._starts: dict[int, set[int]] = {partition: {0} for partition in range(partitions)}
        self._positions: dict[str, dict[int, int]] = defaultdict(dict)
        self.assigned: dict[str, frozenset[int]] = {}
        self.redelivered = 0

    def produce(self, per_partition: int) -> None:
        """Records with new ids to every partition, without keys."""
        records = []
        for partition, _ in itertools.product(range(self._partitions), range(per_partition)):
            value = b"id-%d" % next(self._ids)
            self._produced[partition].append(value)
            records.append((partition, Record(value=value)))
        self._driver.produce(self.topic, records)

    def ends(self) -> dict[int, int]:
        return {partition: len(values) for partition, values in self._produced.items()}

    def all_delivered(self) -> bool:
        return all(len(self._delivered[partition]) == end for partition, end in self.ends().items())

    def poll(self, member: Member) -> int:
        """Polls once and checks every record: the right one, and next in turn or first after a permitted start; their count."""
        polled = member.poll()
        positions = self._positions[member.name]
        for partition, record in polled.records:
            expected = self._produced[partition]
            assert record.offset < len(expected), (partition, record)
            assert record.value == expected[record.offset], (partition, record)
            goes_on = record.offset == positions.get(partition)
            assert goes_on or record.offset in self._starts[partition], (
                f"{member.name} got offset {record.offset} of partition {partition}; "
                f"next in turn {positions.get(partition)}, starts {self._starts[partition]}"
            )
            positions[partition] = record.offset + 1
            self.redelivered += record.offset in self._delivered[partition]
            self._delivered[partition].add(record.offset)
        self.assigned[member.name] = polled.assigned
        return len(polled.records)

    def poll_until(
        self, members: Sequence[Member], is_done: Callable[[], bool], *, commit: bool = False, after_outage: bool = False
    ) -> None:
        """Polls all in turns, with a commit after each poll if asked for. `after_outage`: errors are passed over."""
        deadline = time.monotonic() + (_OUTAGE_DEADLINE_S if after_outage else _DEADLINE_S)
        while not is_done():
            if time.monotonic() > deadline:
                have = {partition: len(offsets) for partition, offsets in self._delivered.items()}
                raise TimeoutError(f"delivered {have} of {self.ends()}, assigned {self.assigned}")
            for member in members:
                try:
                    arrived = self.poll(member)
                except DriverError:
                    if not after_outage:
                        raise
                    continue
                if arrived and commit:
                    self.commit(member)

    def commit(self, member: Member) -> bool:
        """Whether it succeeded: a rebalance gets in the way of some."""
        sent, error = member.commit()
        for partition, offset in sent.items():
            self._starts[partition] = (self._starts[partition] if error else set()) | {offset}
        return error is None

    def leave(self, member: Member) -> None:
        member.leave()
        del self.assigned[member.name]

    def is_shared(self, members: Sequence[Member]) -> bool:
        """Whether each partition has one owner and the shares are even."""
        shares = [self.assigned.get(member.name, frozenset()) for member in members]
        return (
            sorted(itertools.chain(*shares)) == list(range(self._partitions))
            and max(map(len, shares)) - min(map(len, shares)) <= 1
        )
