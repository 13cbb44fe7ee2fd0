"""UnregisterBroker 0: forget a broker that is gone for good (KIP-631).

The reference takes away a broker that runs, too, which leaves it running and unknown to every client until it is started again;
that is refused here.

Needs ALTER on the cluster.
"""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.api.authorization import require_cluster
from kafka_compat.api.context import RequestContext, Response
from kafka_compat.ids import BrokerId
from kafka_compat.metadata.broker_plans import plan_unregistration
from kafka_compat.metadata.changes import Change
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.unregister_broker import UnregisterBrokerRequest, UnregisterBrokerResponse
from kafka_compat.security.acl import AclOperation


async def handle(context: RequestContext, request: UnregisterBrokerRequest) -> Response:
    """Forget a broker that is down; others are refused."""
    require_cluster(context, AclOperation.ALTER)
    controller = context.services.controller

    async def decide(image: ClusterImage) -> Sequence[Change]:
        return await plan_unregistration(image, BrokerId(request.broker_id), controller.topic_configs)

    await controller.change(decide)
    return UnregisterBrokerResponse(error_message="")


def refuse(request: UnregisterBrokerRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error alone."""
    return UnregisterBrokerResponse(error_code=error_code, error_message=message)
