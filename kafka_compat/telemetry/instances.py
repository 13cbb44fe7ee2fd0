"""The clients that push metrics, and whether what one of them asks or pushes is in time.

Each instance of a client has an entry from its first request on: until it has been silent for three intervals, and a minute at
least, its connection has ended, or others have come: `MAX_INSTANCES` are known at a time. It is plain state: time is an
argument, in ms of a clock that never goes back. Source: Kafka's ClientMetricsManager and ClientMetricsInstance.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, Protocol

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.records.compression import Codec
from kafka_compat.telemetry.receiver import Client
from kafka_compat.telemetry.subscriptions import Wanted, subscription_id

MAX_INSTANCES: Final = 16_384
_EXPIRES_AFTER_MS: Final = 60_000
# In the order of preference.
ACCEPTED_COMPRESSION_TYPES: Final = (Codec.ZSTD, Codec.LZ4, Codec.GZIP, Codec.SNAPPY)
_COMPRESSION_TYPES: Final = frozenset(int(codec) for codec in Codec)
# Who was answered so may ask for its subscription before the interval has passed.
_ASK_AGAIN: Final = frozenset({ErrorCode.UNKNOWN_SUBSCRIPTION_ID, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE})


class Owner(Protocol):
    """The connection by which an instance became known."""

    @property
    def is_gone(self) -> bool:
        """Whether it has ended."""


class Instance:
    """One run of one client.

    Attributes:
        version: of the subscriptions that `wanted` follows from.
        last_error: that it was answered.
    """

    __slots__ = (
        "_get_ms",
        "_push_ms",
        "client",
        "expires_ms",
        "is_terminating",
        "last_error",
        "owner",
        "subscription_id",
        "version",
        "wanted",
    )

    def __init__(self, instance_id: bytes, client: Client, wanted: Wanted, version: int, owner: Owner) -> None:
        self.client = client
        self.wanted = wanted
        self.version = version
        self.owner = owner
        self.subscription_id = subscription_id(wanted, instance_id)
        self.is_terminating = False
        self.last_error = ErrorCode.NONE
        self.expires_ms = 0
        self._get_ms: int | None = None
        self._push_ms: int | None = None

    def ask(self, now_ms: int) -> None:
        """It asks for its subscription.

        Raises:
            KafkaError: THROTTLING_QUOTA_EXCEEDED before its interval has passed, unless it was told to ask again.
        """
        last_ms = max((at_ms for at_ms in (self._get_ms, self._push_ms) if at_ms is not None), default=None)
        if last_ms is None or now_ms - last_ms >= self.wanted.interval_ms:
            self._get_ms = now_ms
        elif self.last_error not in _ASK_AGAIN:
            raise KafkaError(ErrorCode.THROTTLING_QUOTA_EXCEEDED)
        self.last_error = ErrorCode.NONE

    def push(
        self, subscription: int, compression_type: int, size_in_bytes: int, max_bytes: int, now_ms: int, *, is_last: bool
    ) -> None:
        """It pushes.

        Raises:
            KafkaError: it has said that it ends, pushes too early, for another subscription, in a compression that nobody
                knows, or too much.
        """
        try:
            self._check_push(subscription, compression_type, size_in_bytes, max_bytes, now_ms, is_last=is_last)
        except KafkaError as error:
            self.last_error = error.error_code
            raise
        finally:
            # Also where it is refused, so that one that goes on all the same is taken again.
            self.is_terminating = is_last

    def _check_push(
        self, subscription: int, compression_type: int, size_in_bytes: int, max_bytes: int, now_ms: int, *, is_last: bool
    ) -> None:
        if self.is_terminating:
            raise KafkaError(ErrorCode.INVALID_REQUEST)
        if not self._may_push(now_ms) and not is_last:
            raise KafkaError(ErrorCode.THROTTLING_QUOTA_EXCEEDED)
        if subscription != self.subscription_id:
            raise KafkaError(ErrorCode.UNKNOWN_SUBSCRIPTION_ID)
        if compression_type not in _COMPRESSION_TYPES:
            raise KafkaError(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
        if size_in_bytes > max_bytes:
            raise KafkaError(ErrorCode.TELEMETRY_TOO_LARGE)

    def _may_push(self, now_ms: int) -> bool:
        # The first one behind an answer to `ask` comes when the client likes: it takes between half an interval and one and a
        # half, so that not all clients push together.
        has_asked = self._get_ms is not None and (self._push_ms is None or self._get_ms > self._push_ms)
        may_push = has_asked or self._push_ms is None or now_ms - self._push_ms >= self.wanted.interval_ms
        if may_push:
            self._push_ms = now_ms
        return may_push


class Instances:
    """All of them, those that were seen last behind."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[bytes, Instance] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, instance_id: bytes, now_ms: int) -> Instance | None:
        """The instance, unless it is none any more; it counts as seen."""
        found = self._by_id.get(instance_id)
        if found is None:
            return None
        if found.owner.is_gone or found.expires_ms <= now_ms:
            del self._by_id[instance_id]
            return None
        self._see(instance_id, found, now_ms)
        return found

    def put(self, instance_id: bytes, instance: Instance, now_ms: int) -> None:
        """Know the instance from now on, in the place of one of that id."""
        self._by_id[instance_id] = instance
        self._see(instance_id, instance, now_ms)
        # Those that nobody asked for again are in front. Two of them for each that comes: the dead do not gather.
        for _ in range(2):
            oldest_id, oldest = next(iter(self._by_id.items()))
            if len(self._by_id) > MAX_INSTANCES or oldest.owner.is_gone or oldest.expires_ms <= now_ms:
                del self._by_id[oldest_id]

    def _see(self, instance_id: bytes, instance: Instance, now_ms: int) -> None:
        instance.expires_ms = now_ms + max(_EXPIRES_AFTER_MS, 3 * instance.wanted.interval_ms)
        self._by_id.move_to_end(instance_id)
