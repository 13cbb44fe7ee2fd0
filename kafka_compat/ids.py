"""Small distinct types for Kafka's identifiers, so that a partition passed as an offset does not type-check."""

from typing import Final, NewType

BrokerId = NewType("BrokerId", int)
TopicName = NewType("TopicName", str)
PartitionId = NewType("PartitionId", int)

# A topic id is kept as its 16 bytes: uuid.UUID costs a microsecond to build and Fetch carries one per topic.
TopicId = NewType("TopicId", bytes)

ZERO_TOPIC_ID: Final = TopicId(bytes(16))
