"""What tests of waits share: something that waits in a thread, and the moment when it does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from kafka_compat.testing import Kafka


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
    deadline_s = time.monotonic() + 10
    while waiters(kafka) != count:
        assert time.monotonic() < deadline_s
        time.sleep(0.001)
