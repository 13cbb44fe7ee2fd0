"""What configs belong to, and how requests name it (Kafka's ConfigResource)."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final

from kafka_compat.ids import BrokerId
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError

_JAVA_INT: Final = re.compile(r"[+-]?[0-9]{1,10}")


class ResourceType(IntEnum):
    """What a config belongs to, numbered as in the protocol (`ConfigResource.Type`)."""

    UNKNOWN = 0
    TOPIC = 2
    BROKER = 4
    BROKER_LOGGER = 8
    CLIENT_METRICS = 16
    GROUP = 32


# As changes of the metadata and the image name them.
TOPIC_RESOURCE: Final = int(ResourceType.TOPIC)
BROKER_RESOURCE: Final = int(ResourceType.BROKER)


def resource_type(code: int) -> ResourceType:
    """The type with this code; UNKNOWN for any other."""
    try:
        return ResourceType(code)
    except ValueError:
        return ResourceType.UNKNOWN


def parse_node_id(name: str) -> int | None:
    """The id in a broker resource's name as Java reads integers ("+1" and "01" are 1), None when it is none."""
    if not _JAVA_INT.fullmatch(name):
        return None
    number = int(name)
    return number if -(1 << 31) <= number < 1 << 31 else None


def require_node_id(name: str, node_id: BrokerId, unexpected: str) -> None:
    """Refuse the name of a broker resource to be altered unless it is this broker's.

    Args:
        name: the resource's name.
        node_id: this broker's.
        unexpected: the message for another id, with places for `expected` and `name`.

    Raises:
        KafkaError: INVALID_REQUEST.
    """
    number = parse_node_id(name)
    if number is None:
        raise KafkaError(ErrorCode.INVALID_REQUEST, f"Node id must be an integer, but it is: {name}")
    if number != node_id:
        raise KafkaError(ErrorCode.INVALID_REQUEST, unexpected.format(expected=node_id, name=name))
