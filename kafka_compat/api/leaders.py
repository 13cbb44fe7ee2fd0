"""From a topic and a partition number in a request to the log that this broker leads or follows, or to the reason why not."""

from __future__ import annotations

from collections.abc import Iterator

from kafka_compat.api.context import RequestContext
from kafka_compat.ids import BrokerId
from kafka_compat.log.partition import PartitionLog
from kafka_compat.metadata.image import RegisteredBroker, Topic
from kafka_compat.protocol.error_codes import ErrorCode


def find_log(context: RequestContext, topic: Topic | None, partition: int) -> tuple[PartitionLog | None, ErrorCode]:
    """The partition's log when this broker leads it.

    Otherwise None with UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, or KAFKA_STORAGE_ERROR (its log is offline).
    """
    if topic is None or not 0 <= partition < len(topic.partitions):
        return None, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if topic.partitions[partition].leader != context.services.node_id:
        return None, ErrorCode.NOT_LEADER_OR_FOLLOWER
    log = context.services.logs.get_by_id(topic.id, partition)
    if log is None:
        return None, ErrorCode.KAFKA_STORAGE_ERROR
    return log, ErrorCode.NONE


def find_replica(context: RequestContext, topic: Topic, partition: int) -> PartitionLog | None:
    """The partition's log where this broker has a replica of it, whoever leads."""
    if context.services.node_id not in topic.partitions[partition].replicas:
        return None
    return context.services.logs.get_by_id(topic.id, partition)


def preferred_replica(context: RequestContext, topic: Topic, log: PartitionLog, rack: str, offset: int) -> BrokerId | None:
    """The follower that a consumer in `rack` is to read from `offset` on; None for the leader, which asks.

    A consumer stays with a leader of its own rack. Otherwise it goes to an in-sync replica there that has the offset, the one
    that has most (ReplicaManager.findPreferredReadReplica, RackAwareReplicaSelector; KIP-392).
    """
    image = context.services.image
    own = image.brokers.get(context.services.node_id)
    replicas = log.replicas
    if replicas is None or own is None or own.rack == rack or offset < log.log_start_offset:
        return None
    found: BrokerId | None = None
    furthest = -1
    partition = topic.partitions[log.log_id.partition]
    for broker_id in partition.isr:
        broker = image.brokers.get(broker_id)
        if broker is None or broker.rack != rack or broker_id == partition.leader:
            continue
        end_offset = replicas.end_offset_of(broker_id)
        if end_offset >= offset and end_offset > furthest:
            found, furthest = broker_id, end_offset
    return found


class LeaderHints:
    """Collects the leaders that a response names, and their endpoints on the client's listener (KIP-951).

    An answer may wait between naming one and going out, and the leader be gone by then: its endpoint is the one it had.
    """

    def __init__(self, context: RequestContext) -> None:
        self._context = context
        self._leaders: dict[BrokerId, RegisteredBroker] = {}

    def add(self, topic: Topic, partition: int) -> tuple[int, int]:
        """Leader id and epoch of the partition; the leader's endpoint will be listed."""
        found = topic.partitions[partition]
        broker = self._context.services.image.brokers.get(found.leader)
        if broker is not None and self._context.session.listener in broker.endpoints:
            self._leaders[found.leader] = broker
        return found.leader, found.leader_epoch

    def endpoints(self) -> Iterator[tuple[int, str, int, str | None]]:
        """(broker id, host, port, rack) of each leader named so far."""
        for broker_id, broker in sorted(self._leaders.items()):
            host, port = broker.endpoints[self._context.session.listener]
            yield broker_id, host, port, broker.rack
