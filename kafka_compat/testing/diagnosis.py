"""Why a test may have failed, and what it has left behind."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kafka_compat.testing.kafka import Kafka

logger = logging.getLogger(__name__)

# A client that is closed has so long to be gone.
LEAK_GRACE_S: Final = 1.0


def report(kafka: Kafka, requests: int) -> str:
    """See `Kafka.report`. Never raises: it is made when something has gone wrong already."""
    from kafka_compat.testing.evidence import gather
    from kafka_compat.testing.report import report_of

    try:
        return report_of(gather(kafka), requests)
    except Exception as error:
        logger.debug("there is no report", exc_info=True)
        return f"no report: {error!r}"


def leaks(kafka: Kafka, grace_s: float = LEAK_GRACE_S) -> list[str]:
    """See `Kafka.leaks`."""
    from kafka_compat.testing.leaks import leaks_after

    return leaks_after(kafka, grace_s)


def causes(kafka: Kafka) -> list[str]:
    """Likely causes of what went wrong, a sentence each, the likeliest first."""
    from kafka_compat.testing.causes import causes_of
    from kafka_compat.testing.evidence import gather

    return causes_of(gather(kafka))
