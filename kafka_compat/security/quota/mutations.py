"""How many partitions a client may create and delete (KIP-599).

A bucket of tokens for each client. Newer requests are held to it strictly: while tokens are owed nothing is allowed, and what
is allowed may owe any number. Older ones know no such error: all is done, and the client waits.

Source: Kafka's `ControllerMutationQuotaManager`. There is one for a cluster, as its controller decides.
"""

from __future__ import annotations

from collections.abc import Callable

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.security.quota.clients import Clients
from kafka_compat.security.quota.limits import ClientLimits, Quota
from kafka_compat.security.quota.rates import TokenBucket, Window


class MutationQuota:
    """What one request may still do.

    Args:
        bucket: of its client.
        limit: of it, in partitions a second.
        is_strict: whether what is too much is refused.
        now_ms: says what time it is.
    """

    def __init__(self, bucket: TokenBucket, limit: float, *, is_strict: bool, now_ms: Callable[[], int]) -> None:
        self._bucket = bucket
        self._limit = limit
        self._is_strict = is_strict
        self._now_ms = now_ms
        self._throttle_ms = 0
        self._noted_ms = 0

    def take(self, partitions: int) -> None:
        """Count what is about to be done.

        Raises:
            KafkaError: THROTTLING_QUOTA_EXCEEDED: it must not be done now.
        """
        now_ms = self._now_ms()
        if self._is_strict:
            if self._exceeds(now_ms):
                raise KafkaError(ErrorCode.THROTTLING_QUOTA_EXCEEDED)
            self._bucket.take(partitions, self._limit, now_ms)
        else:
            self._bucket.take(partitions, self._limit, now_ms)
            self._exceeds(now_ms)

    @property
    def throttle_ms(self) -> int:
        """How long the client has to wait from now on."""
        return max(0, self._throttle_ms - (self._now_ms() - self._noted_ms))

    def _exceeds(self, now_ms: int) -> bool:
        throttle_ms = self._bucket.throttle_ms(self._limit, now_ms)
        if self._bucket.measure(self._limit, now_ms) >= 0:
            return False
        self._throttle_ms, self._noted_ms = throttle_ms, now_ms
        return True


class MutationQuotas:
    """Of all clients of a cluster.

    Args:
        limits: of all clients; it may change.
        window: the burst that is allowed.
        now_ms: says what time it is.
    """

    def __init__(self, limits: ClientLimits, window: Window, now_ms: Callable[[], int]) -> None:
        self._limits = limits
        self._window = window
        self._now_ms = now_ms
        self._clients: Clients[TokenBucket] = Clients()

    def of(self, user: str, client_id: str | None, *, is_strict: bool) -> MutationQuota | None:
        """What a request of this client may do; None when it has no quota."""
        quota = self._limits.find(user, client_id) if self._limits else None
        if quota is None:
            return None
        return MutationQuota(self._bucket(quota), quota.limit, is_strict=is_strict, now_ms=self._now_ms)

    def _bucket(self, quota: Quota) -> TokenBucket:
        now_ms = self._now_ms()
        bucket = self._clients.find(quota, now_ms)
        if bucket is None:
            bucket = TokenBucket(self._window, quota.limit, now_ms)
            self._clients.add(quota, bucket, now_ms)
        return bucket
