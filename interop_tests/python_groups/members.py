"""What the driver of the Python clients asks of an adapter: `go/main.go` says what each op does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from interop_tests.clients import ReadRecord

POLL_TIMEOUT_S = 0.05
HEARTBEAT_INTERVAL_MS = 300
FETCH_MAX_WAIT_MS = 200
SESSION_TIMEOUT_MS = 30_000
ANSWER_TIMEOUT_S = 60

Arrived = list[tuple[int, ReadRecord]]


@dataclass(frozen=True)
class Joining:
    """What a member joins with; `instance` makes it static."""

    bootstrap: str
    group: str
    topic: str
    instance: str | None
    assignor: str


class Positions(dict[int, int]):
    """Offsets after what was polled, of the partitions that the member has."""

    def follow(self, arrived: Arrived) -> None:
        self.update({partition: record.offset + 1 for partition, record in arrived})

    def forget(self, partitions: Collection[int]) -> None:
        for partition in partitions:
            self.pop(partition, None)


class GroupMember(Protocol):
    """A subscribed consumer that begins at the earliest offset and commits when told. All calls come from one thread."""

    positions: Positions

    def poll(self) -> Arrived:
        """Waits a little for records; those it returns are in `positions`."""

    def assigned(self) -> Collection[int]:
        """The partitions that it has now."""

    def commit(self, positions: Positions) -> None:
        """Commits and waits for the answer; raises what the client raises when the broker refuses."""

    def seek(self, partition: int, offset: int) -> None: ...

    def pause(self, partition: int) -> None: ...

    def resume(self, partition: int) -> None: ...

    def leave(self) -> None:
        """Ends the member; a static one stays in the group."""
