"""DeleteAcls 1-3: take away the access control entries that match filters (KIP-11; prefixed names KIP-290, users v3 KIP-373).

Without an authorizer, as here, each filter is answered SECURITY_DISABLED. An UNKNOWN code in any of them closes the connection.
"""

from __future__ import annotations

from kafka_compat.api.acls import NO_AUTHORIZER, NO_AUTHORIZER_MESSAGE, refuse_unknown
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.delete_acls import DeleteAclsFilterResult, DeleteAclsRequest, DeleteAclsResponse


def handle(context: RequestContext, request: DeleteAclsRequest) -> Answer:
    """Say that there is no authorizer."""
    return in_slices(_response(context, request))


def refuse(request: DeleteAclsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every filter failed with `error_code`."""
    result = DeleteAclsFilterResult(error_code=error_code, error_message=message)
    return DeleteAclsResponse(filter_results=[result] * len(request.filters))


def _response(context: RequestContext, request: DeleteAclsRequest) -> Work[Response]:
    for acl in request.filters:
        refuse_unknown(acl.resource_type_filter, acl.pattern_type_filter, acl.operation, acl.permission_type)
        yield
    return refuse(request, context.version, NO_AUTHORIZER, NO_AUTHORIZER_MESSAGE)
