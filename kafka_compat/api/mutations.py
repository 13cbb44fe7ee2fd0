"""Holds one request to the quota of partitions that its client may create and delete (KIP-599)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kafka_compat.api.context import RequestContext


@contextmanager
def mutations(context: RequestContext, *, strict_since: int) -> Iterator[Callable[[int], None] | None]:
    """What to ask about partitions before they are created or deleted, None without a quota. In the end it may have to wait.

    What it is told raises KafkaError THROTTLING_QUOTA_EXCEEDED, from version `strict_since` on, when that is too much.
    """
    quotas = context.services.quotas
    quota = None if quotas is None else quotas.mutations_of(context, strict_since)
    if quota is None:
        yield None
        return
    try:
        yield quota.take
    finally:
        context.throttle_ms = quota.throttle_ms
