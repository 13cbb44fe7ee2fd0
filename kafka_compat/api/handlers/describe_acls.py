"""DescribeAcls 1-3: the access control entries that match a filter (KIP-11; prefixed names KIP-290, users v3 KIP-373).

Together by resource pattern, in the order in which they were added; Kafka's has none. Without an authorizer the answer is
SECURITY_DISABLED whatever the filter. A filter with an UNKNOWN code closes the connection.

Needs DESCRIBE on the cluster.
"""

from __future__ import annotations

from kafka_compat.api.acls import NO_AUTHORIZER, acls_here, refuse_unknown
from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import Answer, RequestContext, Response
from kafka_compat.api.slices import Work, in_slices
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.describe_acls import (
    AclDescription,
    DescribeAclsRequest,
    DescribeAclsResource,
    DescribeAclsResponse,
)
from kafka_compat.security.acl import AclOperation
from kafka_compat.security.standard_authorizer import StandardAuthorizer


def handle(context: RequestContext, request: DescribeAclsRequest) -> Answer:
    """Find them."""
    refuse_unknown(request.resource_type_filter, request.pattern_type_filter, request.operation, request.permission_type)
    require_cluster(context, AclOperation.DESCRIBE)
    acls = acls_here(context)
    if acls is None:
        return refuse(request, context.version, NO_AUTHORIZER, "No Authorizer is configured on the broker")
    return in_slices(_response(acls, request))


def refuse(request: DescribeAclsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone."""
    return DescribeAclsResponse(error_code=error_code, error_message=message)


def _response(acls: StandardAuthorizer, request: DescribeAclsRequest) -> Work[Response]:
    from kafka_compat.security.acl_filter import AclFilter

    wanted = AclFilter(
        request.resource_type_filter,
        request.resource_name_filter,
        request.pattern_type_filter,
        request.principal_filter,
        request.host_filter,
        request.operation,
        request.permission_type,
    )
    resources: dict[tuple[int, str, int], DescribeAclsResource] = {}
    # A copy: entries come and go in between.
    for acl in list(wanted.candidates(acls)):
        if wanted.matches(acl):
            resource = resources.get(acl[:3])
            if resource is None:
                resource = resources[acl[:3]] = DescribeAclsResource(
                    resource_type=acl.resource_type, resource_name=acl.resource_name, pattern_type=acl.pattern_type
                )
            resource.acls.append(
                AclDescription(principal=acl.principal, host=acl.host, operation=acl.operation, permission_type=acl.permission)
            )
        yield
    return DescribeAclsResponse(resources=list(resources.values()))
