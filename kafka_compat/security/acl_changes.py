"""What becomes of requests to add and to take away access control entries. Source: Kafka's AclApis and AclControlManager.

Whether an operation makes sense for a resource type nobody asks, nor whether a host is an address, a topic's name one that a
topic can have, or the principal's type one that there is.
"""

from __future__ import annotations

import uuid
from typing import Final

from kafka_compat.metadata.changes import AclAdded, AclRemoved
from kafka_compat.metadata.image import Acl
from kafka_compat.metadata.request_limits import MAX_RECORDS_PER_REQUEST
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.security.acl import CLUSTER_NAME, AclOperation, AclPattern, AclPermission, AclResource
from kafka_compat.security.acl_filter import AclFilter
from kafka_compat.security.standard_authorizer import StandardAuthorizer

# Codes from which Kafka's enums begin to be what can be stored or asked for; ANY is 1 in each.
_ANY: Final = 1


def has_any(acl: Acl) -> bool:
    """Whether a code is for filters only, so that Kafka cannot make an entry of it, nor answer the request."""
    return _ANY in (acl.resource_type, acl.pattern_type, acl.operation, acl.permission) or acl.pattern_type == AclPattern.MATCH


def refusal(acl: Acl) -> str | None:
    """Why the entry cannot be added (INVALID_REQUEST); None when it can."""
    if acl.resource_type == AclResource.CLUSTER and acl.resource_name != CLUSTER_NAME:
        return f"The only valid name for the CLUSTER resource is {CLUSTER_NAME}"
    if not acl.resource_name:
        return "Invalid empty resource name"
    # Of what Kafka has no name for; codes that it has names for and does not store are `has_any`.
    if acl.resource_type not in _RESOURCES:
        return "Invalid resourceType UNKNOWN"
    if acl.pattern_type not in _PATTERNS:
        return "Invalid patternType UNKNOWN"
    if acl.operation not in _OPERATIONS:
        return "Invalid operation UNKNOWN"
    if acl.permission not in _PERMISSIONS:
        return "Invalid permissionType UNKNOWN"
    if ":" not in acl.principal:
        return (
            f"Could not parse principal from `{acl.principal}` "
            "(no colon is present separating the principal type from the principal name)"
        )
    return None


_RESOURCES: Final = frozenset(AclResource) - {AclResource.UNKNOWN, AclResource.ANY}
_PATTERNS: Final = frozenset({AclPattern.LITERAL, AclPattern.PREFIXED})
_OPERATIONS: Final = frozenset(AclOperation) - {AclOperation.UNKNOWN, AclOperation.ANY}
_PERMISSIONS: Final = frozenset({AclPermission.ALLOW, AclPermission.DENY})


class Additions:
    """The entries that one request adds; those that are there already it does not.

    Attributes:
        changes: what is to be committed.
    """

    def __init__(self, acls: StandardAuthorizer) -> None:
        self._acls = acls
        self._new: set[Acl] = set()
        self.changes: list[AclAdded] = []

    def add(self, acl: Acl) -> None:
        """Add one that `refusal` has nothing against.

        Raises:
            KafkaError: POLICY_VIOLATION, for all of the request: there are too many.
        """
        if acl in self._new or acl in self._acls:
            return
        if len(self._new) >= MAX_RECORDS_PER_REQUEST:
            raise KafkaError(ErrorCode.POLICY_VIOLATION, "Unable to perform excessively large batch operation.")
        self._new.add(acl)
        self.changes.append(AclAdded(uuid.uuid4().bytes, *acl))


class Removals:
    """The entries that the filters of one request take away.

    A filter finds what was there before the request, whatever filters before it mean; each entry is removed once.
    """

    def __init__(self, acls: StandardAuthorizer) -> None:
        self._acls = acls
        self._removed: dict[bytes, None] = {}

    @property
    def changes(self) -> list[AclRemoved]:
        """What is to be committed."""
        return [AclRemoved(acl_id) for acl_id in self._removed]

    def remove(self, acl: Acl) -> None:
        """Take one away.

        Raises:
            KafkaError: INVALID_REQUEST, for all of the request: there are too many.
        """
        if len(self._removed) >= MAX_RECORDS_PER_REQUEST:
            message = f"Cannot remove more than {MAX_RECORDS_PER_REQUEST} acls in a single delete operation."
            raise KafkaError(ErrorCode.INVALID_REQUEST, message)
        self._removed[self._acls.id_of(acl)] = None


def filter_refusal(acl_filter: AclFilter) -> str | None:
    """Why nothing can be taken away by the filter (INVALID_REQUEST): Kafka has no name for a code; None when it can."""
    if acl_filter.resource_type not in frozenset(AclResource) or acl_filter.pattern_type not in frozenset(AclPattern):
        return "Unknown patternFilter."
    if acl_filter.operation not in frozenset(AclOperation) or acl_filter.permission not in frozenset(AclPermission):
        return "Unknown entryFilter."
    return None
