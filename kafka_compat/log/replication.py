"""Where the replicas of each partition stand, for brokers of one process that share its log.

Theory of operation. There is one log; a replica is an offset up to which it has that log. A replica that is up, not paused and
has a leader to fetch from is at the log's end at all times and costs nothing: only those that stand still are noted, at the log
end offset where they stopped. The high watermark stops at the lowest of the in-sync replicas
(`PartitionLog.limit_high_watermark`), and, as in Kafka since KIP-966, does not move while there are fewer of them than
min.insync.replicas asks for.

    stands still      the broker is down, its replication is paused, or nobody leads the partition
    falls behind      something is appended that it has not: `on_behind`
    catches up        it can fetch again: it is at the log's end at once; `on_caught_up` when it is not in the ISR
    fetches once      a paused one takes what there is and stands still there: `fetch_once`
    leads             the log ends where the replica does: what it had not is truncated (`limit_of_leader`)

Who is in the ISR is not decided here: the controller hears of replicas that fall behind or catch up and decides; its decisions
come back through `PartitionReplicas.follow`. Partitions with one replica have nothing of this.

Simpler than Kafka: a follower knows the high watermark at once; a leader that is paused goes on leading, and stands still as
soon as it follows; a replica that was ahead of an uncleanly elected leader does not get back what was truncated when it is
elected later.

Source: Kafka's Partition (maybeIncrementLeaderHW with its maximal ISR, isFollowerInSync, getOutOfSyncReplicas) and Replica.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Final

from kafka_compat.ids import BrokerId
from kafka_compat.log.partition import NO_LIMIT, PartitionLog

OnBehind = Callable[[PartitionLog, BrokerId, int], None]
OnCaughtUp = Callable[[PartitionLog, BrokerId], None]


class _Stopped:
    """A replica that stands still: where, since when, and whether something has been appended since. A key to wait for, too."""

    __slots__ = ("end_offset", "is_behind", "since_ms")

    def __init__(self, end_offset: int, since_ms: int) -> None:
        self.end_offset = end_offset
        self.since_ms = since_ms
        self.is_behind = False


class PartitionReplicas:
    """The replicas of one partition that has several.

    Attributes:
        log: the partition's.
        replicas, isr, leader: as the image says.
    """

    __slots__ = ("_owner", "_proposed", "_stopped", "isr", "leader", "log", "replicas")

    def __init__(self, owner: Replication, log: PartitionLog) -> None:
        self._owner = owner
        self.log: Final = log
        self.replicas: Sequence[BrokerId] = ()
        self.isr: Sequence[BrokerId] = ()
        self.leader = BrokerId(-1)
        self._stopped: dict[BrokerId, _Stopped] = {}
        # On their way into the ISR: the high watermark waits for them already.
        self._proposed: set[BrokerId] = set()

    def end_offset_of(self, broker: BrokerId) -> int:
        """The log end offset of a replica."""
        stopped = self._stopped.get(broker)
        end_offset = self.log.log_end_offset
        return end_offset if stopped is None else min(stopped.end_offset, end_offset)

    def is_standing_still(self, broker: BrokerId) -> bool:
        """Whether the replica has its own view of the log's end."""
        return broker in self._stopped

    def wait_key(self, broker: BrokerId) -> Hashable:
        """What readers of a replica that stands still wait for in the purgatory."""
        return self._stopped[broker]

    def follow(self, replicas: Sequence[BrokerId], isr: Sequence[BrokerId], leader: BrokerId, now_ms: int) -> None:
        """The image says so; a new leader's log has been truncated to where it stood by now."""
        self.replicas, self.isr, self.leader = tuple(replicas), tuple(isr), leader
        self._proposed.clear()
        for broker in [broker for broker in self._stopped if broker not in self.replicas]:
            self._go_on(broker)
        if leader in self._stopped:
            self._go_on(leader)
        for broker in self.replicas:
            self.look(broker, now_ms)
        self.update_limit()

    @property
    def is_under_min_isr(self) -> bool:
        """Whether there are fewer in-sync replicas than appends at acks=all need (Kafka's Partition.isUnderMinIsr)."""
        return len(self.isr) < min(self.log.config.min_insync_replicas, len(self.replicas))

    def look(self, broker: BrokerId, now_ms: int) -> None:
        """Note whether a replica stands still or moves with the log; the caller calls `update_limit` then."""
        if broker not in self.replicas:
            return
        owner = self._owner
        stopped = self._stopped.get(broker)
        if broker == self.leader and not owner.is_down(broker):
            can_fetch = True
        else:
            can_fetch = not owner.is_standing_still(broker) and self.leader >= 0 and not owner.is_down(self.leader)
        if stopped is None:
            if not can_fetch:
                self._stopped[broker] = _Stopped(self.log.log_end_offset, now_ms)
        elif can_fetch:
            self._go_on(broker)
        if can_fetch and broker not in self.isr:
            owner.on_caught_up(self.log, broker)

    def fetch_once(self, broker: BrokerId, now_ms: int) -> None:
        """A replica that stands still because it is paused takes what the leader has by now."""
        owner = self._owner
        stopped = self._stopped.get(broker)
        if stopped is None or owner.is_down(broker) or self.leader < 0 or owner.is_down(self.leader):
            return
        stopped.end_offset = self.log.log_end_offset
        stopped.since_ms = now_ms
        stopped.is_behind = False
        self.log.wake(stopped)
        if broker not in self.isr:
            owner.on_caught_up(self.log, broker)

    def propose(self, broker: BrokerId) -> bool:
        """Count a replica as in sync from now on, until the image says (`follow`); False when it lacks what is committed.

        It may stand still again, with others appending, before the controller's decision has taken effect.
        """
        if self._owner.is_down(broker) or self.end_offset_of(broker) < self.log.high_watermark:
            return False
        self._proposed.add(broker)
        self.update_limit()
        return True

    def withdraw(self) -> None:
        """Who was proposed does not come into the ISR."""
        self._proposed.clear()
        self.update_limit()

    def _go_on(self, broker: BrokerId) -> None:
        self.log.wake(self._stopped.pop(broker))

    def truncated(self, end_offset: int) -> None:
        """The log ends there now: so do those that stand still above it, once they know of it."""
        for stopped in self._stopped.values():
            stopped.end_offset = min(stopped.end_offset, end_offset)

    def update_limit(self) -> None:
        """Let the high watermark go as far as the in-sync replicas are."""
        log = self.log
        limit = NO_LIMIT
        for broker in (*self.isr, *self._proposed):
            stopped = self._stopped.get(broker)
            if stopped is not None:
                limit = min(limit, stopped.end_offset)
        if self.is_under_min_isr:
            limit = min(limit, log.high_watermark)
        log.limit_high_watermark(limit)

    def appended(self) -> None:
        """Something was appended."""
        for broker, stopped in self._stopped.items():
            if not stopped.is_behind and stopped.end_offset < self.log.log_end_offset:
                stopped.is_behind = True
                self._owner.on_behind(self.log, broker, stopped.since_ms)

    def behind(self) -> Iterator[tuple[BrokerId, _Stopped]]:
        """The in-sync replicas that lack something."""
        for broker, stopped in self._stopped.items():
            if broker in self.isr and broker != self.leader and stopped.end_offset < self.log.log_end_offset:
                yield broker, stopped


class Replication:
    """The replicas of all partitions, and which brokers stand still. Plain and synchronous; times are of the monotonic clock.

    Args:
        on_behind: told once when a replica lacks what was appended, with the time since when it stands still.
        on_caught_up: told when a replica that is not in the ISR has caught up, also each time the image changes meanwhile.
    """

    def __init__(self, on_behind: OnBehind | None = None, on_caught_up: OnCaughtUp | None = None) -> None:
        self.on_behind: OnBehind = on_behind or _ignore_behind
        self.on_caught_up: OnCaughtUp = on_caught_up or _ignore_caught_up
        self._partitions: dict[PartitionLog, PartitionReplicas] = {}
        self._down: set[BrokerId] = set()
        self._paused: set[BrokerId] = set()

    # --- brokers

    def is_down(self, broker: BrokerId) -> bool:
        """Whether the broker is down."""
        return broker in self._down

    def is_paused(self, broker: BrokerId) -> bool:
        """Whether the broker's replication is paused."""
        return broker in self._paused

    def is_standing_still(self, broker: BrokerId) -> bool:
        """Whether the broker's followers fetch nothing."""
        return broker in self._down or broker in self._paused

    def broker_down(self, broker: BrokerId, now_ms: int) -> None:
        """The broker is down: its replicas stand still, and nobody fetches from those it leads. Before anybody else leads."""
        self._down.add(broker)
        self._look_at(broker, now_ms)

    def broker_up(self, broker: BrokerId, now_ms: int) -> None:
        """The broker is up again: its replicas catch up where somebody leads."""
        self._down.discard(broker)
        self._look_at(broker, now_ms)

    def pause(self, broker: BrokerId, now_ms: int) -> None:
        """The broker's followers fetch nothing until `resume`."""
        self._paused.add(broker)
        self._look_at(broker, now_ms)

    def resume(self, broker: BrokerId, now_ms: int) -> None:
        """The broker's followers fetch again."""
        self._paused.discard(broker)
        self._look_at(broker, now_ms)

    def fetch_once(self, broker: BrokerId, now_ms: int) -> None:
        """The broker's followers, which are paused, fetch once what there is: slow replication is that again and again."""
        for partition in list(self._partitions.values()):
            if broker in partition.replicas:
                partition.fetch_once(broker, now_ms)
                partition.update_limit()

    def _look_at(self, broker: BrokerId, now_ms: int) -> None:
        for partition in list(self._partitions.values()):
            if broker not in partition.replicas:
                continue
            for replica in partition.replicas if broker == partition.leader else (broker,):
                partition.look(replica, now_ms)
            partition.update_limit()

    # --- partitions

    def follow(
        self,
        log: PartitionLog,
        replicas: Sequence[BrokerId],
        isr: Sequence[BrokerId],
        leader: BrokerId,
        now_ms: int,
    ) -> None:
        """The partition is as the image says, or will say in a moment."""
        partition = self._partitions.get(log)
        if partition is None:
            if len(replicas) <= 1:
                return
            partition = self._partitions[log] = PartitionReplicas(self, log)
            log.replicas = partition
        partition.follow(replicas, isr, leader, now_ms)

    def propose(self, log: PartitionLog, broker: BrokerId) -> bool:
        """See `PartitionReplicas.propose`."""
        partition = self._partitions.get(log)
        return partition is not None and partition.propose(broker)

    def withdraw(self, log: PartitionLog) -> None:
        """See `PartitionReplicas.withdraw`."""
        partition = self._partitions.get(log)
        if partition is not None:
            partition.withdraw()

    def forget(self, log: PartitionLog) -> None:
        """The partition is gone."""
        self._partitions.pop(log, None)

    def config_changed(self, log: PartitionLog) -> None:
        """min.insync.replicas of the partition may be another."""
        partition = self._partitions.get(log)
        if partition is not None:
            partition.update_limit()

    def limit_of_leader(self, log: PartitionLog, broker: BrokerId) -> int:
        """Where the log has to end when that replica leads; `NO_LIMIT` for one that has all of it, whatever is appended yet."""
        partition = self._partitions.get(log)
        if partition is None or not partition.is_standing_still(broker):
            return NO_LIMIT
        return partition.end_offset_of(broker)

    def out_of_sync(self, now_ms: int, max_lag_ms: int) -> list[tuple[PartitionLog, BrokerId]]:
        """The in-sync replicas that have been behind for longer than `max_lag_ms`: what the controller is to take out."""
        return [
            (partition.log, broker)
            for partition in self._partitions.values()
            for broker, stopped in partition.behind()
            if now_ms - stopped.since_ms > max_lag_ms
        ]

    def behind_since_ms(self) -> int | None:
        """Since when the in-sync replica stands still that has been behind for longest; None when none is."""
        since = [stopped.since_ms for partition in self._partitions.values() for _, stopped in partition.behind()]
        return min(since, default=None)

    def caught_up(self) -> list[tuple[PartitionLog, BrokerId]]:
        """The replicas that are not in the ISR and could be."""
        return [
            (partition.log, broker)
            for partition in self._partitions.values()
            for broker in partition.replicas
            if broker not in partition.isr and not partition.is_standing_still(broker)
        ]


def _ignore_behind(log: PartitionLog, broker: BrokerId, since_ms: int) -> None:
    """Nobody wants to know."""


def _ignore_caught_up(log: PartitionLog, broker: BrokerId) -> None:
    """Nobody wants to know."""
