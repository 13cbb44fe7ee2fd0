"""The metadata quorum as clients see it: every registered broker is a voter, and there is no other way to become one."""

from __future__ import annotations

from collections.abc import Iterable

from kafka_compat.metadata.changes import uuid_text
from kafka_compat.metadata.image import ClusterImage


def directory_id(cluster_id: str) -> bytes:
    """A stable id of the one metadata directory; there is no file that keeps one, as Kafka's meta.properties does."""
    import hashlib  # which no start pays for

    return hashlib.sha256(cluster_id.encode()).digest()[:16]


def is_other_cluster(image: ClusterImage, cluster_id: str | None) -> str | None:
    """What to tell a client that means another cluster; None where it means this one, or any."""
    if cluster_id is None or cluster_id == image.cluster_id:
        return None
    return f'The given id "{cluster_id}" doesn\'t match the cluster id "{image.cluster_id}"'


def voter_text(voter_id: int, voter_directory_id: bytes) -> str:
    """A voter as Kafka's `ReplicaKey` prints it."""
    return f"ReplicaKey(id={voter_id}, directoryId={uuid_text(voter_directory_id)})"


def voters_text(image: ClusterImage) -> str:
    """The set of voters as Kafka prints it."""
    return _listed(voter_text(voter, directory_id(image.cluster_id)) for voter in image.registered)


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(texts)}]"
