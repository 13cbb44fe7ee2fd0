"""Client telemetry of one broker (KIP-714): subscriptions, the clients that push, and who gets what they push.

Nobody needs a right for it, as in Kafka 4.3.1. Hence everything is bounded: what a push decompresses to (CVE-2026-111073), how
many clients are known, how long a pattern may take, how many pushes are exported at a time.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from functools import partial
from typing import Final

from kafka_compat.clock import Clock
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import InvalidConfig
from kafka_compat.metadata.changes import Change, ConfigsChanged, uuid_text
from kafka_compat.metadata.config_resources import ResourceType
from kafka_compat.metadata.controller import Controller
from kafka_compat.pacing import Pace
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.protocol.java_hash import in_hash_map_order
from kafka_compat.protocol.message import ZERO_UUID
from kafka_compat.records.compression import decompress
from kafka_compat.records.errors import RecordsError
from kafka_compat.tasks import Supervisor
from kafka_compat.telemetry.instances import Instance, Instances, Owner
from kafka_compat.telemetry.receiver import Client, InvalidPush, Push, TelemetryReceiver, load_receivers
from kafka_compat.telemetry.subscriptions import Subscription, Wanted, attributes_of, subscription_of, wanted_by

logger = logging.getLogger(__name__)

_RESERVED_IDS: Final = frozenset({ZERO_UUID, bytes(15) + b"\1"})  # Kafka: Uuid.RESERVED
# States of patterns times characters: what is looked at on the event loop at once, in about a millisecond.
_STEPS_AT_ONCE: Final = 5_000
# Of a pattern that is compiled on the event loop.
_PATTERN_AT_ONCE: Final = 200


class Telemetry:
    """One broker's. The event loop owns it.

    Args:
        config: of the broker.
        clock: times intervals.
        controller: has the subscriptions, and tells when they change.

    Attributes:
        throttled, unknown_subscriptions, exports, failed_exports: how many requests came to that since the start.
    """

    def __init__(self, config: BrokerConfig, clock: Clock, controller: Controller) -> None:
        self._config = config
        self._clock = clock
        self._controller = controller
        # Threads of its own: a receiver that is slow keeps nobody else waiting.
        self._tasks = Supervisor("client telemetry")
        self._instances = Instances()
        self._subscriptions: dict[str, Subscription] = {}
        self._ordered: tuple[Subscription, ...] | None = None
        self._wanted: dict[Wanted, Wanted] = {}  # so that clients of whom the same is wanted share it
        self._version = 0
        self._reporters: object = None
        self._receivers: tuple[TelemetryReceiver, ...] = ()
        self._comparing = asyncio.Lock()
        self._opening: asyncio.Future[None] | None = None
        self.throttled = 0
        self.unknown_subscriptions = 0
        self.exports = 0
        self.failed_exports = 0

    @property
    def receivers(self) -> tuple[TelemetryReceiver, ...]:
        """Those that `metric.reporters` names now."""
        if self._config.get("metric.reporters") != self._reporters:
            try:
                self.load_receivers()
            except InvalidConfig as error:
                logger.error("client telemetry goes on with the receivers that there were: %s", error)
        return self._receivers

    @property
    def instances(self) -> int:
        """How many clients are known."""
        return len(self._instances)

    def load_receivers(self) -> None:
        """Make the receivers that `metric.reporters` names.

        Raises:
            InvalidConfig: one is not known, or cannot be made.
        """
        names = self._config.get("metric.reporters")
        self._reporters = names
        assert isinstance(names, tuple)
        self._receivers = load_receivers(str(name) for name in names)

    async def ask(self, instance_id: bytes, client: Client, owner: Owner) -> tuple[bytes, Instance]:
        """What is wanted of the client, for GetTelemetrySubscriptions.

        Args:
            instance_id: of the client, zeros if it has none yet.
            client: who asks; its `instance_id` is not looked at.
            owner: its connection.

        Returns:
            Its id, and what is known of it.

        Raises:
            KafkaError: THROTTLING_QUOTA_EXCEEDED: it comes before its interval has passed.
        """
        instance_id = secrets.token_bytes(16) if instance_id == ZERO_UUID else instance_id
        instance = await self._instance(instance_id, client, owner)
        try:
            instance.ask(self._clock.monotonic_ms())
        except KafkaError as error:
            self._count(error)
            raise
        return instance_id, instance

    async def push(
        self,
        instance_id: bytes,
        client: Client,
        owner: Owner,
        subscription: int,
        compression_type: int,
        metrics: bytes,
        size_in_bytes: int,
        *,
        is_last: bool,
    ) -> None:
        """Give the receivers what a client pushes.

        Args:
            instance_id: of the client.
            client: who pushes.
            owner: its connection.
            subscription: the id that it was told.
            compression_type: of `metrics`.
            metrics: compressed; need not be given where there are more than `telemetry.max.bytes`.
            size_in_bytes: of them.
            is_last: whether the client ends.

        Raises:
            KafkaError: INVALID_REQUEST for an id that no client has, INVALID_RECORD for what cannot be decompressed, is more
                than `telemetry.max.bytes` then, or is refused by a receiver; and what `Instance.push` raises.
        """
        if instance_id in _RESERVED_IDS:
            raise KafkaError(ErrorCode.INVALID_REQUEST)
        instance = await self._instance(instance_id, client, owner)
        max_bytes = self._config.telemetry_max_bytes
        try:
            instance.push(subscription, compression_type, size_in_bytes, max_bytes, self._clock.monotonic_ms(), is_last=is_last)
        except KafkaError as error:
            self._count(error)
            raise
        if size_in_bytes:
            envelope = Push(instance.client, b"", instance.wanted.interval_ms, is_last, self._clock.wall_ms())
            work = partial(_export, self.receivers, envelope, compression_type, metrics, max_bytes)
            try:
                await self._tasks.in_thread(work)
            except Exception as error:
                self.failed_exports += 1
                instance.last_error = ErrorCode.INVALID_RECORD
                if isinstance(error, RecordsError | InvalidPush):  # the client's doing, who may go on with it
                    logger.debug("client instance %s pushed what cannot be read: %s", instance.client.instance_id, error)
                else:
                    logger.error("a telemetry receiver failed", exc_info=error)
                raise KafkaError(ErrorCode.INVALID_RECORD) from error
            self.exports += 1
        instance.last_error = ErrorCode.NONE

    async def close(self) -> None:
        """Follow the subscriptions no more, and wait for what is being exported no longer."""
        if self._follow in self._controller.after_apply:
            self._controller.after_apply.remove(self._follow)
        await self._tasks.close()

    def _count(self, error: KafkaError) -> None:
        self.throttled += error.error_code == ErrorCode.THROTTLING_QUOTA_EXCEEDED
        self.unknown_subscriptions += error.error_code == ErrorCode.UNKNOWN_SUBSCRIPTION_ID

    async def _instance(self, instance_id: bytes, client: Client, owner: Owner) -> Instance:
        """The instance as the subscriptions of now have it, known from now on if it was not."""
        if self._opening is None:
            self._opening = self._tasks.start("reading the subscriptions", self._open())
        await asyncio.shield(self._opening)
        found = self._instances.get(instance_id, self._clock.monotonic_ms())
        if found is not None and found.version == self._version:
            return found
        known = client._replace(instance_id=uuid_text(instance_id)) if found is None else found.client
        version = self._version
        wanted = await self._wanted_of(known)
        now_ms = self._clock.monotonic_ms()
        meanwhile = self._instances.get(instance_id, now_ms)
        if meanwhile is not None and meanwhile.version >= version:
            return meanwhile
        instance = Instance(instance_id, known, wanted, version, owner)
        self._instances.put(instance_id, instance, now_ms)
        return instance

    async def _wanted_of(self, client: Client) -> Wanted:
        if self._ordered is None:
            self._ordered = tuple(self._subscriptions[name] for name in in_hash_map_order(self._subscriptions))
        ordered = self._ordered
        attributes = attributes_of(client)
        characters = max(len(text) for text in attributes.values())

        def look() -> Wanted:
            return wanted_by(each for each in ordered if each.matches(attributes))

        if sum(each.states * characters + len(each.metrics) for each in ordered) <= _STEPS_AT_ONCE:
            wanted = look()
        else:
            async with self._comparing:
                wanted = await self._tasks.in_thread(look)
        return self._wanted.setdefault(wanted, wanted)

    async def _open(self) -> None:
        self._controller.after_apply.append(self._follow)
        async for kind, name in Pace().over(list(self._controller.image.configs)):
            if kind == ResourceType.CLIENT_METRICS:
                await self._update(name)

    async def _follow(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, ConfigsChanged) and change.resource_type == ResourceType.CLIENT_METRICS:
                await self._update(change.name)

    async def _update(self, name: str) -> None:
        configs = self._controller.image.overrides(ResourceType.CLIENT_METRICS, name)
        make = partial(subscription_of, name, configs)
        match = configs.get("match", "")
        try:
            if not configs:
                self._subscriptions.pop(name, None)
            elif len(match) <= _PATTERN_AT_ONCE and "{" not in match:
                self._subscriptions[name] = make()
            else:
                self._subscriptions[name] = await self._tasks.in_thread(make)
        except InvalidConfig as error:  # set by a version that took it
            logger.warning("client-metrics %s stays as it was: %s", name, error)
            return
        self._version += 1
        self._ordered = None
        self._wanted.clear()


def _export(
    receivers: Sequence[TelemetryReceiver], envelope: Push, compression_type: int, metrics: bytes, max_bytes: int
) -> None:
    """Decompress, whoever receives, and give it to each; the first that refuses ends it, as in Kafka."""
    push = envelope._replace(data=bytes(decompress(compression_type, metrics, max_bytes)))
    for receiver in receivers:
        receiver.export(push)
