"""InitProducerId 0-5: a producer id for an idempotent producer (KIP-98; v3 epoch bump KIP-360).

Only without a transactional id: transactions are not built yet, and a transactional id is refused with
COORDINATOR_NOT_AVAILABLE, which is the truth. Kafka ignores the producer id and
epoch of a request without a transactional id and gives a new id, and so do we.
"""

from __future__ import annotations

from kafka_compat.api.context import RequestContext, Response
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse


async def handle(context: RequestContext, request: InitProducerIdRequest) -> Response:
    """Give out a producer id that nobody ever had, with epoch 0."""
    if request.transactional_id is not None:
        code = ErrorCode.INVALID_REQUEST if request.transactional_id == "" else ErrorCode.COORDINATOR_NOT_AVAILABLE
        return refuse(request, context.version, code, None)
    # Either both are given or none (Kafka: KafkaApis.handleInitProducerIdRequest).
    if (request.producer_id == -1) != (request.producer_epoch == -1):
        return refuse(request, context.version, ErrorCode.INVALID_REQUEST, None)
    producer_id = await context.services.controller.next_producer_id()
    return InitProducerIdResponse(producer_id=producer_id, producer_epoch=0)


def refuse(request: InitProducerIdRequest, version: int, error_code: ErrorCode, message: str | None) -> Response:
    """The error and no producer id."""
    return InitProducerIdResponse(error_code=error_code, producer_epoch=-1)
