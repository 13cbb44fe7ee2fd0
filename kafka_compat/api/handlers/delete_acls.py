"""DeleteAcls 1-3: take away the access control entries that match filters (KIP-11; prefixed names KIP-290, users v3 KIP-373).

Each filter is answered what it matches of what there was before the request. An UNKNOWN code in any of them closes the
connection. Without an authorizer each filter is answered SECURITY_DISABLED.

Needs ALTER on the cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kafka_compat.api.acls import NO_AUTHORIZER, NO_AUTHORIZER_MESSAGE, acls_here, refuse_unknown
from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.metadata.changes import Change
from kafka_compat.metadata.image import Acl, ClusterImage
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.delete_acls import (
    DeleteAclsFilter,
    DeleteAclsFilterResult,
    DeleteAclsMatchingAcl,
    DeleteAclsRequest,
    DeleteAclsResponse,
)
from kafka_compat.security.acl import AclOperation
from kafka_compat.security.acl_changes import Removals, filter_refusal
from kafka_compat.security.acl_filter import AclFilter
from kafka_compat.security.standard_authorizer import StandardAuthorizer

# That the filters of one request match together, each time counted: an answer has to stay in bounds.
_MAX_MATCHES: Final = 500_000


async def handle(context: RequestContext, request: DeleteAclsRequest) -> Response:
    """Take away what they match; all of it, or nothing."""
    pace = Pace()
    async for each in pace.over(request.filters):
        refuse_unknown(each.resource_type_filter, each.pattern_type_filter, each.operation, each.permission_type)
    require_cluster(context, AclOperation.ALTER)
    acls = acls_here(context)
    if acls is None:
        return refuse(request, context.version, NO_AUTHORIZER, NO_AUTHORIZER_MESSAGE)
    filters = [_filter(each) async for each in pace.over(request.filters)]
    results: dict[AclFilter, DeleteAclsFilterResult] = {}

    async def decide(_image: ClusterImage) -> Sequence[Change]:
        removals = Removals(acls)
        matches = 0
        async for each in pace.over(filters):
            # Equal filters find the same.
            found = results.get(each)
            if found is None:
                found = results[each] = await _matches(each, acls, removals, pace)
            matches += len(found.matching_acls)
            if matches > _MAX_MATCHES:
                raise KafkaError(ErrorCode.INVALID_REQUEST, f"The filters match more than {_MAX_MATCHES} acls.")
        return removals.changes

    try:
        await context.services.controller.change(decide)
    except KafkaError as error:
        return refuse(request, context.version, error.error_code, error.message)
    return DeleteAclsResponse(filter_results=[results[each] for each in filters])


def refuse(request: DeleteAclsRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """Every filter failed with `error_code`."""
    result = DeleteAclsFilterResult(error_code=error_code, error_message=message)
    return DeleteAclsResponse(filter_results=[result] * len(request.filters))


async def _matches(each: AclFilter, acls: StandardAuthorizer, removals: Removals, pace: Pace) -> DeleteAclsFilterResult:
    refused = filter_refusal(each)
    if refused is not None:
        return DeleteAclsFilterResult(error_code=ErrorCode.INVALID_REQUEST, error_message=refused)
    matching = []
    async for acl in pace.over(each.candidates(acls)):
        if each.matches(acl):
            removals.remove(acl)
            matching.append(_matching(acl))
    return DeleteAclsFilterResult(error_message=None, matching_acls=matching)


def _filter(each: DeleteAclsFilter) -> AclFilter:
    return AclFilter(
        each.resource_type_filter,
        each.resource_name_filter,
        each.pattern_type_filter,
        each.principal_filter,
        each.host_filter,
        each.operation,
        each.permission_type,
    )


def _matching(acl: Acl) -> DeleteAclsMatchingAcl:
    return DeleteAclsMatchingAcl(
        error_message=None,
        resource_type=acl.resource_type,
        resource_name=acl.resource_name,
        pattern_type=acl.pattern_type,
        principal=acl.principal,
        host=acl.host,
        operation=acl.operation,
        permission_type=acl.permission,
    )
