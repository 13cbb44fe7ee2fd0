"""The codes of access control lists. Source: Kafka's AclOperation, AclPermissionType, ResourceType, PatternType."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

# The one resource of type CLUSTER (Resource.CLUSTER_NAME).
CLUSTER_NAME: Final = "kafka-cluster"
# As a resource's name: every one of the type (ResourcePattern.WILDCARD_RESOURCE).
WILDCARD: Final = "*"


class AclOperation(IntEnum):
    """What is to be done."""

    UNKNOWN = 0
    ANY = 1
    ALL = 2
    READ = 3
    WRITE = 4
    CREATE = 5
    DELETE = 6
    ALTER = 7
    DESCRIBE = 8
    CLUSTER_ACTION = 9
    DESCRIBE_CONFIGS = 10
    ALTER_CONFIGS = 11
    IDEMPOTENT_WRITE = 12
    CREATE_TOKENS = 13
    DESCRIBE_TOKENS = 14
    TWO_PHASE_COMMIT = 15


class AclPermission(IntEnum):
    """What an entry says of it."""

    UNKNOWN = 0
    ANY = 1
    DENY = 2
    ALLOW = 3


class AclResource(IntEnum):
    """What it is done to."""

    UNKNOWN = 0
    ANY = 1
    TOPIC = 2
    GROUP = 3
    CLUSTER = 4
    TRANSACTIONAL_ID = 5
    DELEGATION_TOKEN = 6
    USER = 7


class AclPattern(IntEnum):
    """How an entry's resource name is meant; ANY and MATCH are for filters only."""

    UNKNOWN = 0
    ANY = 1
    MATCH = 2
    LITERAL = 3
    PREFIXED = 4
