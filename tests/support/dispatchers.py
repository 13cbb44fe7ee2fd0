"""A stand-in for the dispatcher, for tests of connections alone."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

from kafka_compat.api.dispatch import Dispatcher
from kafka_compat.api.observers import Observers
from kafka_compat.config.listeners import Listener

PLAIN_LISTENER = Listener("PLAINTEXT", "127.0.0.1", 0, "", 0)


def dispatching(dispatch: Callable[..., object]) -> Dispatcher:
    """All that a connection asks of a dispatcher: answers by `dispatch`, and observers, of which there are none."""
    return cast(Dispatcher, SimpleNamespace(dispatch=dispatch, observers=Observers()))
