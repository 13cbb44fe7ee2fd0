"""CreateAcls 1-3: add access control entries (KIP-11; prefixed names KIP-290, users v3 KIP-373).

Without an authorizer, as here, each is answered SECURITY_DISABLED. An UNKNOWN code in any of them closes the connection.
"""

from __future__ import annotations

from kafka_compat.api.acls import NO_AUTHORIZER, NO_AUTHORIZER_MESSAGE, refuse_unknown
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.create_acls import AclCreationResult, CreateAclsRequest, CreateAclsResponse


def handle(context: RequestContext, request: CreateAclsRequest) -> Answer:
    """Say that there is no authorizer."""
    return in_slices(_response(context, request))


def refuse(request: CreateAclsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every creation failed with `error_code`."""
    result = AclCreationResult(error_code=error_code, error_message=message)
    return CreateAclsResponse(results=[result] * len(request.creations))


def _response(context: RequestContext, request: CreateAclsRequest) -> Work[Response]:
    for acl in request.creations:
        refuse_unknown(acl.resource_type, acl.resource_pattern_type, acl.operation, acl.permission_type)
        yield
    return refuse(request, context.version, NO_AUTHORIZER, NO_AUTHORIZER_MESSAGE)
