"""The timeout of a request that the controller decides."""

from __future__ import annotations

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError


def check_has_time(timeout_ms: int) -> None:
    """Refuse a request whose time is over before the controller can look at it: nothing of it is done.

    Kafka's QuorumController puts each request into a queue with its deadline, so a timeout of 0 or below never succeeds.

    Raises:
        KafkaError: REQUEST_TIMED_OUT.
    """
    if timeout_ms <= 0:
        raise KafkaError(ErrorCode.REQUEST_TIMED_OUT)
