"""What a wait in vain says beside what was there: its likely causes, as notes of its exception."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kafka_compat.testing.kafka import Kafka
    from kafka_compat.testing.waits import InVain

logger = logging.getLogger(__name__)

_MOST_CAUSES: Final = 3


def explain(kafka: Kafka, error: InVain) -> None:
    """Add the likely causes, which come of all that clients have asked; none when nothing is remarkable.

    It asks the brokers' loop, so not to be called there.
    """
    from kafka_compat.testing.diagnosis import causes

    try:
        found = causes(kafka)
    except Exception:  # the wait has failed, and says more than why there is no more to say
        logger.debug("a wait in vain cannot be explained", exc_info=True)
        return
    for cause in found[:_MOST_CAUSES]:
        error.add_note(f"likely: {cause}")


def blame_loop(error: InVain) -> None:
    """Add that clients on the caller's own event loop could not do anything meanwhile, if it has one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    error.add_note(
        "the event loop of this thread stood still meanwhile: await the verb of that name of kafka.aio instead, if it runs the "
        "clients"
    )
