"""Authorised operations (KIP-430) as bit fields: without an authorizer a client may do all that a resource type knows.

Bit numbers are AclOperation codes: READ 3, WRITE 4, CREATE 5, DELETE 6, ALTER 7, DESCRIBE 8, CLUSTER_ACTION 9,
DESCRIBE_CONFIGS 10, ALTER_CONFIGS 11, IDEMPOTENT_WRITE 12, CREATE_TOKENS 13, DESCRIBE_TOKENS 14. Which ones a type knows:
Kafka's AclEntry.supportedOperations.
"""

from __future__ import annotations

from typing import Final


def _bits(*operations: int) -> int:
    return sum(1 << operation for operation in operations)


TOPIC_OPERATIONS: Final = _bits(3, 4, 5, 6, 7, 8, 10, 11)
CLUSTER_OPERATIONS: Final = _bits(5, 7, 8, 9, 10, 11, 12)
GROUP_OPERATIONS: Final = _bits(3, 6, 8, 10, 11)
