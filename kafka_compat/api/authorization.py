"""What handlers ask before they act: whether whoever sent the request may.

Without an authorizer everybody may do everything, as in Kafka. Topics that a client may not describe are answered as if they
did not exist where Kafka does so; which error each API has for what is up to its handler.

What an authorizer has answered is kept with the connection until the authorizer's version is another one, so that Produce and
Fetch of the same topics cost a look into a dict.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kafka_compat.api.context import RequestContext
from kafka_compat.api.session import Rights, Session
from kafka_compat.metadata.config_resources import ResourceType
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.security.acl import CLUSTER_NAME, AclOperation, AclResource
from kafka_compat.security.authorizer import NEVER_KEPT, Authorizer

# What who may not do something to a resource of that type is told.
REFUSALS: Final = {
    AclResource.TOPIC: ErrorCode.TOPIC_AUTHORIZATION_FAILED,
    AclResource.GROUP: ErrorCode.GROUP_AUTHORIZATION_FAILED,
    AclResource.CLUSTER: ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
    AclResource.TRANSACTIONAL_ID: ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    AclResource.DELEGATION_TOKEN: ErrorCode.DELEGATION_TOKEN_AUTHORIZATION_FAILED,
}

# Kafka's text of those codes, which some APIs send.
REFUSAL_TEXTS: Final = {
    AclResource.TOPIC: "Topic authorization failed.",
    AclResource.GROUP: "Group authorization failed.",
    AclResource.CLUSTER: "Cluster authorization failed.",
}

# Answers that a connection keeps, one more and it begins anew; and the length of names: it may be no way to fill the memory.
_KEPT_ANSWERS: Final = 1000
_LONGEST_KEPT: Final = 256


def is_authorized(context: RequestContext, operation: AclOperation, resource_type: AclResource, name: str) -> bool:
    """Whether the client may do it to the resource."""
    authorizer = context.services.authorizer
    if authorizer is None:
        return True
    session = context.session
    rights = session.rights
    if rights is not None and rights.version == authorizer.version and rights.principal is session.principal:
        answer = rights.answers.get((operation, resource_type, name))
        if answer is not None:
            return answer
    return _ask(authorizer, session, operation, resource_type, name)


def rights_version(context: RequestContext) -> int:
    """Another number whenever the client's rights may have changed; NEVER_KEPT when that cannot be told."""
    authorizer = context.services.authorizer
    return 0 if authorizer is None else authorizer.version


def _ask(authorizer: Authorizer, session: Session, operation: AclOperation, resource_type: AclResource, name: str) -> bool:
    version = authorizer.version
    principal = session.principal
    answer = authorizer.authorize(principal, session.host, operation, resource_type, name)
    if version == NEVER_KEPT or len(name) > _LONGEST_KEPT:
        return answer
    rights = session.rights
    if rights is None or rights.version != version or rights.principal is not principal:
        rights = session.rights = Rights(principal, version)
    elif len(rights.answers) >= _KEPT_ANSWERS:
        rights.answers.clear()
    rights.answers[operation, resource_type, name] = answer
    return answer


def is_authorized_for_cluster(context: RequestContext, operation: AclOperation) -> bool:
    """Whether the client may do it to the cluster."""
    return context.services.authorizer is None or is_authorized(context, operation, AclResource.CLUSTER, CLUSTER_NAME)


def require(context: RequestContext, operation: AclOperation, resource_type: AclResource, name: str) -> None:
    """Refuse who may not do it to the resource.

    Raises:
        KafkaError: the authorization error of the resource's type.
    """
    if context.services.authorizer is not None and not is_authorized(context, operation, resource_type, name):
        raise KafkaError(REFUSALS[resource_type])


def refusal(resource_type: AclResource) -> KafkaError:
    """The authorization error of the resource's type, in Kafka's words."""
    return KafkaError(REFUSALS[resource_type], REFUSAL_TEXTS[resource_type])


def require_cluster(
    context: RequestContext, operation: AclOperation, message: str | None = "Request needs {} permission."
) -> None:
    """Refuse who may not do it to the cluster.

    Raises:
        KafkaError: CLUSTER_AUTHORIZATION_FAILED with `message`; Kafka's AuthHelper puts all it has of the request into it.
    """
    if not is_authorized_for_cluster(context, operation):
        text = None if message is None else message.format(operation.name)
        raise KafkaError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED, text)


def is_authorized_this_once(context: RequestContext, operation: AclOperation, resource_type: AclResource, name: str) -> bool:
    """Whether the client may do it to the resource: one of many, whose answers would take the place of those it needs often."""
    authorizer = context.services.authorizer
    if authorizer is None:
        return True
    session = context.session
    return authorizer.authorize(session.principal, session.host, operation, resource_type, name)


async def authorized_in_turns(
    context: RequestContext, operation: AclOperation, resource_type: AclResource, names: Iterable[str]
) -> set[str] | None:
    """Those of many `names` that the client may do it to, found in slices; None without an authorizer: all of them."""
    if context.services.authorizer is None:
        return None
    return {name async for name in Pace().over(names) if is_authorized_this_once(context, operation, resource_type, name)}


def of_config(resource_type: int, name: str) -> tuple[AclResource, str]:
    """What has to be allowed for the configs of a ConfigResource: brokers, loggers and client metrics belong to the cluster."""
    match resource_type:
        case ResourceType.TOPIC:
            return AclResource.TOPIC, name
        case ResourceType.GROUP:
            return AclResource.GROUP, name
        case _:
            return AclResource.CLUSTER, CLUSTER_NAME


def is_authorized_for_any(context: RequestContext, operation: AclOperation, resource_type: AclResource) -> bool:
    """Whether there is any resource of the type that the client may do it to."""
    authorizer = context.services.authorizer
    if authorizer is None:
        return True
    session = context.session
    return authorizer.authorize_by_resource_type(session.principal, session.host, operation, resource_type)
