"""DescribeAcls 1-3: the access control lists that match a filter (KIP-11; prefixed names KIP-290, users v3 KIP-373).

Without an authorizer, as here, the answer is SECURITY_DISABLED whatever the filter. A filter with an UNKNOWN code closes the
connection.
"""

from __future__ import annotations

from kafka_compat.api.acls import NO_AUTHORIZER, refuse_unknown
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_acls import DescribeAclsRequest, DescribeAclsResponse


def handle(context: RequestContext, request: DescribeAclsRequest) -> Response:
    """Say that there is no authorizer."""
    refuse_unknown(request.resource_type_filter, request.pattern_type_filter, request.operation, request.permission_type)
    return refuse(request, context.version, NO_AUTHORIZER, "No Authorizer is configured on the broker")


def refuse(request: DescribeAclsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone."""
    return DescribeAclsResponse(error_code=error_code, error_message=message)
