"""All that is in a cluster, kept to come back to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from kafka_compat.coordinator.group.classic.group import ClassicGroup
from kafka_compat.coordinator.group.classic.values import LeavingMember
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.contents import Contents, read_contents
from kafka_compat.testing.snapshot_folder import read_folder, write_folder


class Snapshot:
    """What was in a cluster at one moment; it never changes, and can be restored again and again, in other clusters too.

    Attributes:
        contents: what was in it.
        users: password by name; None of a folder, which has what SCRAM needs and no password, and of
            a cluster that asks nobody who he is.
    """

    def __init__(self, contents: Contents, users: Mapping[str, str] | None = None) -> None:
        self.contents = contents
        self.users = users

    @classmethod
    def load(cls, folder: Path | str) -> Snapshot:
        """The snapshot in a folder.

        Raises:
            ValueError: there is none, or none that can be read.
        """
        return cls(read_folder(Path(folder)))

    def save(self, folder: Path | str) -> None:
        """Write it into a folder, over one that is there.

        Raises:
            ValueError: something else is in the folder.
        """
        write_folder(Path(folder), self.contents)


class Snapshots:
    """Takes and restores them; only on the brokers' loop."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def take(self, folder: Path | None) -> Snapshot:
        """See `Kafka.snapshot`."""
        users = None if self._cluster.plan.access.users is None else dict(self._cluster.users)
        snapshot = Snapshot(await read_contents(self._cluster.state), users)
        if folder is not None:
            snapshot.save(folder)
        return snapshot

    async def restore(self, snapshot: Snapshot | Path) -> None:
        """See `Kafka.restore`."""
        if isinstance(snapshot, Path):
            snapshot = Snapshot.load(snapshot)
        if not isinstance(snapshot, Snapshot):
            raise TypeError(f"restore takes what snapshot() gave, or its folder, not {snapshot!r}")
        here = [node.id for node in self._cluster.plan.nodes]
        missing = [broker for broker in snapshot.contents.brokers if broker not in here]
        if missing:
            raise ValueError(
                f"the snapshot has replicas on brokers {_listed(snapshot.contents.brokers)}, and this cluster consists of "
                f"{_listed(here)}: restore it into one with the same node ids"
            )
        await self._cluster.replace(snapshot.contents, self._dismiss_members, snapshot.users)

    async def _dismiss_members(self) -> None:
        """Let the members of groups go: their connections are closed, and those whose clients live join again.

        A rebalance would wait for the others until their sessions end.
        """
        for broker in self._cluster.brokers:
            if broker.services is None:
                continue
            groups = broker.services.groups
            async for group in groups.groups():
                if isinstance(group, ClassicGroup):
                    members = [
                        LeavingMember(member_id=member.member_id, instance_id=member.instance_id) for member in group.members
                    ]
                    if members:
                        await groups.leave(group.group_id, members)


def _listed(ids: Sequence[int]) -> str:
    return ", ".join(map(str, ids))
