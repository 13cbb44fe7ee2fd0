"""Authorised operations (KIP-430): what a client may do to a resource, as a bit field of AclOperation codes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kafka_compat.api.authorization import is_authorized_for_cluster, is_authorized_this_once
from kafka_compat.api.context import RequestContext
from kafka_compat.security.acl import CLUSTER_NAME, AclOperation, AclResource

NOT_ASKED: Final = -(1 << 31)

# What there is to do to a resource of each type. Source: Kafka's AclEntry.supportedOperations.
_SUPPORTED: Final = {
    AclResource.TOPIC: (
        AclOperation.READ,
        AclOperation.WRITE,
        AclOperation.CREATE,
        AclOperation.DELETE,
        AclOperation.ALTER,
        AclOperation.DESCRIBE,
        AclOperation.DESCRIBE_CONFIGS,
        AclOperation.ALTER_CONFIGS,
    ),
    AclResource.CLUSTER: (
        AclOperation.CREATE,
        AclOperation.ALTER,
        AclOperation.DESCRIBE,
        AclOperation.CLUSTER_ACTION,
        AclOperation.DESCRIBE_CONFIGS,
        AclOperation.ALTER_CONFIGS,
        AclOperation.IDEMPOTENT_WRITE,
    ),
    AclResource.GROUP: (
        AclOperation.READ,
        AclOperation.DELETE,
        AclOperation.DESCRIBE,
        AclOperation.DESCRIBE_CONFIGS,
        AclOperation.ALTER_CONFIGS,
    ),
}


def _bits(operations: Iterable[AclOperation]) -> int:
    return sum(1 << operation for operation in operations)


_ALL: Final = {resource_type: _bits(operations) for resource_type, operations in _SUPPORTED.items()}


def authorized_operations(context: RequestContext, resource_type: AclResource, name: str) -> int:
    """What the client may do to a topic, a group or the cluster; all that there is without an authorizer."""
    if context.services.authorizer is None:
        return _ALL[resource_type]
    return _bits(
        operation for operation in _SUPPORTED[resource_type] if is_authorized_this_once(context, operation, resource_type, name)
    )


def authorized_cluster_operations(context: RequestContext, *, is_asked: bool) -> int:
    """What the client may do to the cluster; nothing if it may not even describe it."""
    if not is_asked:
        return NOT_ASKED
    if not is_authorized_for_cluster(context, AclOperation.DESCRIBE):
        return 0
    return authorized_operations(context, AclResource.CLUSTER, CLUSTER_NAME)
