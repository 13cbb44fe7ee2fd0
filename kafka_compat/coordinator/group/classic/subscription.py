"""What the metadata of a consumer says: the topics it subscribes to.

Read in version 0, whose fields come first in every later version: the coordinator depends on no newer one
(ClassicGroup.computeSubscribedTopics).
"""

from __future__ import annotations

from kafka_compat.protocol.messages.consumer_protocol_subscription import ConsumerProtocolSubscription
from kafka_compat.wire.errors import WireError
from kafka_compat.wire.primitives import Reader


def subscribed_topics(metadata: bytes) -> list[str] | None:
    """The topics in a consumer's subscription; None when it cannot be read."""
    reader = Reader(metadata)
    try:
        reader.int16()  # the version
        return ConsumerProtocolSubscription.decode(reader, 0).topics
    except WireError:
        return None
