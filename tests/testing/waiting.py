"""What tests of waits share: something that waits in a thread, and the moment when it does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from kafka_compat.testing import Kafka
from tests.support.waiting import until


def in_thread(work: Callable[[], Any]) -> Future[Any]:
    """Run `work` in a thread; the future has its outcome."""
    future: Future[Any] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def waiters(kafka: Kafka) -> int:
    """How many waits are registered."""
    return len(kafka._changes._waiting)


def until_waiting(kafka: Kafka, count: int = 1) -> None:
    """Return when so many waits are registered, which have looked and found nothing."""
    until(lambda: waiters(kafka) == count)
