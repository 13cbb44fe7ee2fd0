"""What handlers ask before they act: whether whoever sent the request may.

Without an authorizer everybody may do everything, as in Kafka. Topics that a client may not describe are answered as if they
did not exist where Kafka does so; which error each API has for what is up to its handler.
"""

from __future__ import annotations

from collections.abc import Iterable

from kafka_compat.api.context import RequestContext
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.security.acl import CLUSTER_NAME, AclOperation, AclResource


def is_authorized(context: RequestContext, operation: AclOperation, resource_type: AclResource, name: str) -> bool:
    """Whether the client may do it to the resource."""
    authorizer = context.services.authorizer
    if authorizer is None:
        return True
    session = context.session
    return authorizer.authorize(session.principal, session.host, operation, resource_type, name)


def is_authorized_for_cluster(context: RequestContext, operation: AclOperation) -> bool:
    """Whether the client may do it to the cluster."""
    return context.services.authorizer is None or is_authorized(context, operation, AclResource.CLUSTER, CLUSTER_NAME)


def require_cluster(context: RequestContext, operation: AclOperation) -> None:
    """Refuse who may not do it to the cluster.

    Raises:
        KafkaError: CLUSTER_AUTHORIZATION_FAILED, in the words of Kafka's AuthHelper.
    """
    if not is_authorized_for_cluster(context, operation):
        raise KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)


def authorized_names(
    context: RequestContext, operation: AclOperation, resource_type: AclResource, names: Iterable[str]
) -> set[str]:
    """Those of `names` that the client may do it to. Each is asked about once."""
    asked = set(names)
    if context.services.authorizer is None:
        return asked
    return {name for name in asked if is_authorized(context, operation, resource_type, name)}


def is_authorized_for_any(context: RequestContext, operation: AclOperation, resource_type: AclResource) -> bool:
    """Whether there is any resource of the type that the client may do it to."""
    authorizer = context.services.authorizer
    if authorizer is None:
        return True
    session = context.session
    return authorizer.authorize_by_resource_type(session.principal, session.host, operation, resource_type)
