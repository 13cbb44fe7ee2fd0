"""`Kafka` before a broker that is there anyway: what clients can do it does, all else is refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, cast

from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.testing.clock_control import ClockControl
from kafka_compat.testing.inspection import Inspection
from kafka_compat.testing.kafka import Kafka
from kafka_compat.testing.options import KafkaOptions, TopicSpec
from kafka_compat.testing.real.cluster import RealCluster
from kafka_compat.testing.real.inspection import RealInspection
from kafka_compat.testing.real.waits import RealWaits
from kafka_compat.testing.waits import Waits


class NotOnRealBroker(RuntimeError):
    """Only a broker of this package can do that."""


def _raise(what: str) -> NoReturn:
    raise NotOnRealBroker(f"a real broker cannot do that: the test {what}")


class RealKafka(Kafka):
    """The same face, by the requests of a client.

    What is in the broker stays there, but for topics with the names that the options say: these are deleted and made anew by
    `reset`, and deleted by `clean` together with all that were made through this object.

    Args:
        bootstrap_servers: of the broker.
        options: as for `Kafka`; see `unmet`.
        refuse: called with what the test does ("moves the clock") for verbs that are not for real brokers; it raises.
    """

    def __init__(
        self, bootstrap_servers: str, options: KafkaOptions | None = None, refuse: Callable[[str], NoReturn] = _raise
    ) -> None:
        super().__init__()
        self._options = KafkaOptions() if options is None else options
        self._refuse = refuse
        self._real = self._cluster = RealCluster(bootstrap_servers, refuse)
        self._looks = RealInspection(self._real.connections, auto_create=self._options.auto_create)
        # They have the same coroutines, and a class of their own, as they share no code.
        self._inspection = cast(Inspection, self._looks)
        self._waits = cast(Waits, RealWaits(self._looks))

    # --- life

    def unmet(self) -> str | None:
        """What the options ask for and this broker is not, None when it will do."""
        return self._run(self._unmet())

    def reset(self) -> None:
        """Delete what was made through this object, and make the topics of the options anew."""
        self._run(self._reset())

    def clean(self) -> None:
        """Delete what was made through this object."""
        self._run(self._clean())

    # --- refused

    def snapshot(self, folder: Path | str | None = None) -> NoReturn:
        """Refused."""
        self._refuse("takes a snapshot")

    def restore(self, snapshot: object) -> NoReturn:
        """Refused."""
        self._refuse("restores a snapshot")

    def fail(self, api: object, what: object, **selectors: Any) -> NoReturn:
        """Refused."""
        self._refuse("injects faults")

    @property
    def faults(self) -> NoReturn:
        """Refused."""
        self._refuse("injects faults")

    @property
    def requests(self) -> NoReturn:
        """Refused."""
        self._refuse("looks at the log of requests")

    @property
    def brokers(self) -> NoReturn:
        """Refused."""
        self._refuse("stops and starts brokers")

    @property
    def topology(self) -> NoReturn:
        """Refused."""
        self._refuse("changes who leads what")

    @property
    def clock(self) -> ClockControl:
        """This machine's clock, which `advance` does not move."""
        return _RealClock(self._cluster)

    # --- when a test has failed

    def report(self, *, requests: int = 20) -> str:
        """The topics that were made through this object, and the groups that have committed offsets of them."""
        return self._run(self._report())

    def leaks(self) -> list[str]:
        """None are known."""
        return []

    async def _unmet(self) -> str | None:
        options = self._options
        if options.clock == "manual":
            return "moves the clock"
        for name in ("data_dir", "cluster_id", "api_versions"):
            if getattr(options, name):
                return f"says what {name} is"
        wanted = options.brokers if isinstance(options.brokers, int) else len(options.brokers)
        there = len(await self._real.connections.node_ids())
        if there < wanted:
            return f"needs {wanted} brokers, and there {'is' if there == 1 else 'are'} {there}"
        configs: Mapping[str, object] = options.configs
        if not options.auto_create:
            configs = {**configs, "auto.create.topics.enable": "false"}
        act = await self._looks.broker_configs() if configs else {}
        for name, value in configs.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            if act.get(name) != text:
                return f"needs {name}={text}, and there it is {act.get(name)}"
        return None

    async def _reset(self) -> None:
        await self._clean()
        for name in self._options.topics:
            if await self._real.connections.topic(name) is not None:
                await self._looks.delete_topic(name)
        for name, spec in self._options.topics.items():
            topic = TopicSpec(spec) if isinstance(spec, int) else spec
            await self._looks.create_topic(
                name, topic.partitions, replication_factor=topic.replication_factor, configs=topic.configs
            )
            for key, value in topic.records:
                await self._looks.produce(name, value, key=key, headers=(), partition=None, timestamp_ms=None)

    async def _clean(self) -> None:
        for name in list(self._looks.created):
            try:
                await self._looks.delete_topic(name)
            except KafkaError as error:
                if error.error_code is not ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
                    raise
                self._looks.created.remove(name)  # the test has deleted it by a client

    async def _report(self) -> str:
        lines = [f"the broker at {self.bootstrap_servers}; of it, what this test has made:"]
        made = set(self._looks.created)
        for name, topic in (await self._looks.topics()).items():
            if name in made:
                ends = ", ".join(f"{each.id}: {each.log_start_offset}..{each.high_watermark}" for each in topic.partitions)
                lines.append(f"topic {name} ({ends})")
        for group in (await self._looks.groups()).values():
            topics = {topic for topic, _ in group.offsets} | {topic for member in group.members for topic in member.topics}
            if topics & made:
                lines.append(f"group {group.id} is {group.state}, {len(group.members)} members, lag {sum(group.lag.values())}")
        return "\n".join(lines)


class _RealClock(ClockControl):
    def wall_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000

    def advance(self, by_ms: int, *, keep_sessions: bool = False, timeout_s: float = 30.0) -> None:
        """Refused."""
        self._cluster.advance(by_ms, timeout_s)
