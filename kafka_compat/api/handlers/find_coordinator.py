"""FindCoordinator 0-6: which broker coordinates a group, a transactional id or the state of a share partition.

v1 adds key types (KIP-98), v4 asks for several keys at once (KIP-699), v6 knows share groups (KIP-932). Share groups have no
coordinator here yet: their keys are answered COORDINATOR_NOT_AVAILABLE, and one that is not `group:topicId:partition`
INVALID_REQUEST.

Needs DESCRIBE on the group or transactional id, and CLUSTER_ACTION for share partitions, which only brokers ask about: without
it all of the request is refused.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from kafka_compat.api.authorization import require, require_cluster
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.messages.find_coordinator import Coordinator, FindCoordinatorRequest, FindCoordinatorResponse
from kafka_compat.security.acl import AclOperation, AclResource

_FIRST_VERSION_OF_SEVERAL: Final = 4
_FIRST_VERSION_OF_SHARE: Final = 6

# FindCoordinatorRequest.CoordinatorType
_GROUP: Final = 0
_TRANSACTION: Final = 1
_SHARE: Final = 2

_NO_NODE: Final = -1
# Kafka's texts, as its clients show them; a success says so as well.
_MESSAGES: Final = {
    ErrorCode.NONE: "NONE",
    ErrorCode.COORDINATOR_NOT_AVAILABLE: "The coordinator is not available.",
    ErrorCode.INVALID_REQUEST: (
        "This most likely occurs because of a request being malformed by the client library or the message was sent to an "
        "incompatible broker. See the broker logs for more details."
    ),
    ErrorCode.GROUP_AUTHORIZATION_FAILED: "Group authorization failed.",
    ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED: "Transactional Id authorization failed.",
    ErrorCode.CLUSTER_AUTHORIZATION_FAILED: "Cluster authorization failed.",
}


async def handle(context: RequestContext, request: FindCoordinatorRequest) -> Response:
    """Look each key up; the first question after a coordinator makes its topic."""
    if request.key_type not in (_GROUP, _TRANSACTION, _SHARE):
        raise KafkaError(ErrorCode.INVALID_REQUEST, _MESSAGES[ErrorCode.INVALID_REQUEST])
    if context.version < _FIRST_VERSION_OF_SEVERAL:
        found = await _find(context, request.key_type, request.key)
        return FindCoordinatorResponse(
            error_code=found.error_code,
            error_message=_message(context.version, ErrorCode(found.error_code)),
            node_id=found.node_id,
            host=found.host,
            port=found.port,
        )
    if context.version >= _FIRST_VERSION_OF_SHARE and request.key_type == _SHARE and request.coordinator_keys:
        require_cluster(context, AclOperation.CLUSTER_ACTION)
    pace = Pace()
    found_by_key: dict[str, Coordinator] = {}
    coordinators = []
    async for key in pace.over(request.coordinator_keys):
        if key not in found_by_key:
            found_by_key[key] = await _find(context, request.key_type, key)
        coordinators.append(found_by_key[key])
    return FindCoordinatorResponse(coordinators=coordinators)


def refuse(request: FindCoordinatorRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """No key has a coordinator because of `error_code`."""
    if version < _FIRST_VERSION_OF_SEVERAL:
        return FindCoordinatorResponse(
            error_code=error_code, error_message=_message(version, error_code, message), node_id=_NO_NODE, port=_NO_NODE
        )
    return FindCoordinatorResponse(
        coordinators=[
            Coordinator(
                key=key,
                node_id=_NO_NODE,
                port=_NO_NODE,
                error_code=error_code,
                error_message=_message(version, error_code, message),
            )
            for key in request.coordinator_keys
        ]
    )


async def _find(context: RequestContext, key_type: int, key: str) -> Coordinator:
    services = context.services
    try:
        match key_type:
            case 0:
                require(context, AclOperation.DESCRIBE, AclResource.GROUP, key)
                node_id = await services.groups.find_coordinator(key)
            case 1:
                require(context, AclOperation.DESCRIBE, AclResource.TRANSACTIONAL_ID, key)
                node_id = await services.transactions.find_coordinator(key)
            case 2 if context.version < _FIRST_VERSION_OF_SHARE or not _is_share_key(key):
                raise KafkaError(ErrorCode.INVALID_REQUEST)
            case _:
                raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
        broker = services.image.brokers.get(node_id)
        if broker is None or context.session.listener not in broker.endpoints:
            raise KafkaError(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    except KafkaError as error:
        return Coordinator(key=key, node_id=_NO_NODE, port=_NO_NODE, error_code=error.error_code)
    host, port = broker.endpoints[context.session.listener]
    return Coordinator(key=key, node_id=node_id, host=host, port=port)


def _message(version: int, code: ErrorCode, message: str | None = None) -> str | None:
    # v0 has no such field, and a value that cannot be sent is not set.
    return "" if version == 0 else message or _MESSAGES.get(code)


def _is_share_key(key: str) -> bool:
    """Whether `key` is `group:topicId:partition` (SharePartitionKey); the group may contain colons."""
    parts = key.rsplit(":", 2)
    if len(parts) != 3 or not parts[0]:
        return False
    try:
        is_id = len(base64.urlsafe_b64decode(parts[1] + "==")) == 16
    except (binascii.Error, ValueError):
        return False
    return is_id and parts[2].isdecimal()
