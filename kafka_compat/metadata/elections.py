"""What becomes of one partition when its replicas, its ISR or who may lead it change; a pure class over the image.

Source: Kafka's `PartitionChangeBuilder` and `PartitionReassignmentReplicas`, with eligible leader replicas (KIP-966). An ISR
with fewer members than min.insync.replicas has committed nothing since it had enough, so who left it since then is eligible
to lead (ELR) as well, until it is started again after a crash. When the last member goes, the ISR is empty and the partition
has no leader; without ELR (`eligible.leader.replicas.version` 0) the last member stays in the ISR.

The leader epoch rises with a new leader, with its loss, and when a replica is taken away; not when the ISR alone changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from enum import Enum, auto

from kafka_compat.ids import BrokerId
from kafka_compat.metadata.changes import PartitionChanged
from kafka_compat.metadata.image import NO_LEADER, Partition, Topic


class Election(Enum):
    """Which replica shall lead."""

    ONLINE = auto()
    """The leader as long as it can; otherwise the first that can."""
    PREFERRED = auto()
    """The first of the replicas when it can; otherwise as ONLINE."""
    UNCLEAN = auto()
    """As ONLINE; when none can, the first replica that is up, whatever records it lacks."""


class PartitionPlan:
    """What a partition is to become; set what changes, then `build`.

    Args:
        topic: of the partition.
        partition: as it is.
        is_active: whether a broker may lead: it is up and not about to leave.
        min_insync_replicas: of the topic.
        has_elr: whether eligible leader replicas are kept.

    Attributes:
        replicas, isr, adding, removing: what they are to be.
        election: how a leader is found.
        unclean: brokers that may have lost what was not flushed: they are eligible no more.
    """

    def __init__(
        self,
        topic: Topic,
        partition: Partition,
        is_active: Callable[[BrokerId], bool],
        *,
        min_insync_replicas: int,
        has_elr: bool,
    ) -> None:
        self._topic = topic
        self._before = partition
        self._is_active = is_active
        self._min_insync = min(min_insync_replicas, len(topic.partitions[0].replicas))
        self._has_elr = has_elr
        self._elr: list[BrokerId] = list(partition.elr)
        self.replicas: list[BrokerId] = list(partition.replicas)
        self.isr: list[BrokerId] = list(partition.isr)
        self.adding: list[BrokerId] = list(partition.adding)
        self.removing: list[BrokerId] = list(partition.removing)
        self.election = Election.ONLINE
        self.unclean: Collection[BrokerId] = ()

    def build(self) -> PartitionChanged | None:
        """The change; None when the partition stays as it is."""
        before = self._before
        self._complete_reassignment()
        self._follow_isr()
        leader, is_unclean = self._elect()
        is_new_term = leader != before.leader or not set(before.replicas) <= set(self.replicas)
        if leader != before.leader and leader in self._elr:
            self.isr = [leader]
            self._elr.remove(leader)
        elif is_unclean:
            self.isr = [leader]
        if is_unclean or not self._has_elr:
            self._elr = []
        if not self.isr and not self._has_elr:
            self.isr = list(before.isr)
        last_known = self._last_known_leader(leader)
        is_changed = is_new_term or (
            self.replicas != before.replicas
            or self.isr != before.isr
            or self.adding != list(before.adding)
            or self.removing != list(before.removing)
            or self._elr != list(before.elr)
            or last_known != list(before.last_known_elr)
        )
        if not is_changed:
            return None
        return PartitionChanged(
            self._topic.name,
            before.id,
            self.replicas,
            self.isr,
            leader,
            before.leader_epoch + int(is_new_term),
            before.partition_epoch + 1,
            self._elr,
            last_known,
            self.adding,
            self.removing,
        )

    def _complete_reassignment(self) -> None:
        """Take away what is to be removed as soon as all that stays is in sync."""
        if not self.adding and not self.removing:
            return
        isr = [replica for replica in self.isr if replica not in self.removing]
        replicas = [replica for replica in self.replicas if replica not in self.removing]
        if isr and replicas and set(replicas) <= set(isr):
            self.isr, self.replicas, self.adding, self.removing = isr, replicas, [], []

    def _follow_isr(self) -> None:
        """Who left an ISR that has too few members now is eligible to lead; with enough members nobody else is."""
        if not self._has_elr:
            return
        if len(self.isr) >= self._min_insync:
            self._elr = []
            return
        candidates = {*self._elr, *self._before.isr}
        self._elr = sorted(each for each in candidates if each not in self.isr and each not in self.unclean)

    def _elect(self) -> tuple[BrokerId, bool]:
        """The leader, and whether it may lack what was acknowledged."""
        preferred = self.replicas[0]
        if self.election is Election.PREFERRED and self._may_lead(preferred):
            return preferred, False
        current = self._before.leader
        if self._may_lead(current):
            return current, False
        for replica in self.replicas:
            if self._may_lead(replica):
                return replica, False
        last_known = self._before.last_known_elr
        if self._has_elr and not self.isr and not self._elr and len(last_known) == 1 and self._is_active(last_known[0]):
            return last_known[0], True
        if self.election is Election.UNCLEAN:
            for replica in self.replicas:
                if self._is_active(replica):
                    return replica, True
        return NO_LEADER, False

    def _may_lead(self, replica: BrokerId) -> bool:
        return (replica in self.isr or (not self.isr and replica in self._elr)) and self._is_active(replica)

    def _last_known_leader(self, leader: BrokerId) -> list[BrokerId]:
        before = self._before
        if not self._has_elr or leader != NO_LEADER:
            return []
        if not self.isr and before.isr and before.leader != NO_LEADER:
            return [before.leader]
        return list(before.last_known_elr)


def without(brokers: Sequence[BrokerId], *gone: BrokerId) -> list[BrokerId]:
    """The brokers that are left, in their order."""
    return [broker for broker in brokers if broker not in gone]
