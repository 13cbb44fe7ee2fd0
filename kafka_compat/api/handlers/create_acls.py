"""CreateAcls 1-3: add access control entries (KIP-11; prefixed names KIP-290, users v3 KIP-373).

One that is there already is no error. An UNKNOWN code in any of them closes the connection, and one that only filters may have
fails all of them with UNKNOWN_SERVER_ERROR, as Kafka does. Without an authorizer each is answered SECURITY_DISABLED.

Needs ALTER on the cluster.
"""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.api.acls import NO_AUTHORIZER, NO_AUTHORIZER_MESSAGE, acls_here, refuse_unknown
from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.metadata.changes import Change
from kafka_compat.metadata.image import Acl, ClusterImage
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.create_acls import AclCreation, AclCreationResult, CreateAclsRequest, CreateAclsResponse
from kafka_compat.security.acl import AclOperation

_DONE = AclCreationResult()


async def handle(context: RequestContext, request: CreateAclsRequest) -> Response:
    """Add what can be added; all of it, or nothing."""
    pace = Pace()
    async for creation in pace.over(request.creations):
        refuse_unknown(creation.resource_type, creation.resource_pattern_type, creation.operation, creation.permission_type)
    require_cluster(context, AclOperation.ALTER)
    acls = acls_here(context)
    if acls is None:
        return refuse(request, context.version, NO_AUTHORIZER, NO_AUTHORIZER_MESSAGE)
    from kafka_compat.security.acl_changes import Additions, has_any, refusal

    wanted = [_acl(creation) async for creation in pace.over(request.creations)]
    refusals: list[AclCreationResult | None] = []
    async for acl in pace.over(wanted):
        if has_any(acl):
            raise KafkaError(ErrorCode.UNKNOWN_SERVER_ERROR)
        message = refusal(acl)
        refusals.append(None if message is None else _failed(ErrorCode.INVALID_REQUEST, message))

    async def decide(_image: ClusterImage) -> Sequence[Change]:
        additions = Additions(acls)
        async for acl, refused in pace.over(zip(wanted, refusals, strict=True)):
            if refused is None:
                additions.add(acl)
        return additions.changes

    done = _DONE
    try:
        await context.services.controller.change(decide)
    except KafkaError as error:
        done = _failed(error.error_code, error.message)
    return CreateAclsResponse(results=[done if refused is None else refused for refused in refusals])


def refuse(request: CreateAclsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every creation failed with `error_code`."""
    return CreateAclsResponse(results=[_failed(error_code, message)] * len(request.creations))


def _failed(error_code: ErrorCode, message: str | None) -> AclCreationResult:
    return AclCreationResult(error_code=error_code, error_message=message)


def _acl(creation: AclCreation) -> Acl:
    return Acl(
        creation.resource_type,
        creation.resource_name,
        creation.resource_pattern_type,
        creation.principal,
        creation.host,
        creation.operation,
        creation.permission_type,
    )
