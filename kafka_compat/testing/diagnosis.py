"""Why a test may have failed, and what it has left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafka_compat.testing.kafka import Kafka


def report(kafka: Kafka, requests: int) -> str:
    """See `Kafka.report`."""
    raise NotImplementedError


def leaks(kafka: Kafka) -> list[str]:
    """See `Kafka.leaks`."""
    raise NotImplementedError
