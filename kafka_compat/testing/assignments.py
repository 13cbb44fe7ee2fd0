"""What consumers and the leader of their group tell each other of partitions, read as they read it."""

from __future__ import annotations

from kafka_compat.protocol.messages.consumer_protocol_assignment import ConsumerProtocolAssignment
from kafka_compat.protocol.messages.consumer_protocol_subscription import ConsumerProtocolSubscription
from kafka_compat.wire.errors import WireError
from kafka_compat.wire.primitives import Reader


def owned_partitions(subscription: bytes) -> tuple[tuple[str, int], ...]:
    """(topic, partition) that a consumer says it had when it joined, and keeps unless it is told otherwise (KIP-429)."""
    reader = Reader(subscription)
    try:
        version = min(reader.int16(), ConsumerProtocolSubscription.MAX_VERSION)
        owned = ConsumerProtocolSubscription.decode(reader, max(version, 0)).owned_partitions
    except WireError:
        return ()
    return tuple(sorted((each.topic, partition) for each in owned for partition in each.partitions))


def assigned_partitions(assignment: bytes) -> tuple[tuple[str, int], ...]:
    """(topic, partition) in a consumer's assignment; none when it is empty, or of another protocol.

    Read in version 0, whose fields come first in every later version.
    """
    if not assignment:
        return ()
    reader = Reader(assignment)
    try:
        reader.int16()  # the version
        decoded = ConsumerProtocolAssignment.decode(reader, 0)
    except WireError:
        return ()
    return tuple(sorted((each.topic, partition) for each in decoded.assigned_partitions for partition in each.partitions))
