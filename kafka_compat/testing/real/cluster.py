"""Stands where `Cluster` stands: the event loop in its thread, with connections in place of brokers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn

from kafka_compat.config.values import to_text
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.options import ConfigValue, KafkaOptions, TopicSpec
from kafka_compat.testing.real.connections import Connections
from kafka_compat.testing.real.credentials import Credentials
from kafka_compat.testing.real.inspection import RealInspection


class RealCluster(Cluster):
    """Runs coroutines as a cluster does; what would touch brokers is refused."""

    def __init__(
        self,
        bootstrap_servers: str,
        options: KafkaOptions,
        refuse: Callable[[str], NoReturn],
        credentials: Credentials | None = None,
    ) -> None:
        super().__init__()
        self._bootstrap_servers = bootstrap_servers
        self._options = options
        self._refuse = refuse
        self._connections = Connections(bootstrap_servers, credentials)
        self.inspection = RealInspection(self._connections, auto_create=options.auto_create)

    @property
    def bootstrap(self) -> str:
        """The address that was given."""
        self._running_thread()
        return self._bootstrap_servers

    @property
    def brokers(self) -> NoReturn:
        """Refused."""
        self._refuse("touches the inside of brokers")

    @property
    def state(self) -> NoReturn:
        """Refused."""
        self._refuse("touches the inside of brokers")

    def on_broker(self, hook: object) -> NoReturn:
        """Refused."""
        self._refuse("touches the inside of brokers")

    def intercept(self, hook: object) -> NoReturn:
        """Refused."""
        self._refuse("intercepts requests")

    def advance(self, by_ms: int, timeout_s: float = 30.0) -> NoReturn:
        """Refused."""
        self._refuse("moves the clock")

    async def unmet(self) -> str | None:
        """What the options ask for and this broker is not, None when it will do."""
        options = self._options
        if options.clock == "manual":
            return "moves the clock"
        for name in ("data_dir", "cluster_id", "api_versions", "users", "acls", "super_users", "tls"):
            if getattr(options, name):
                return f"says what {name} is"
        wanted = options.brokers if isinstance(options.brokers, int) else len(options.brokers)
        there = len(await self._connections.node_ids())
        if there < wanted:
            return f"needs {wanted} brokers, and there {'is' if there == 1 else 'are'} {there}"
        configs: Mapping[str, ConfigValue] = options.configs
        if not options.auto_create:
            configs = {**configs, "auto.create.topics.enable": False}
        act = await self.inspection.broker_configs() if configs else {}
        for name, value in configs.items():
            text = value if isinstance(value, str) else to_text(value)
            if act.get(name) != text:
                return f"needs {name}={text}, and there it is {act.get(name)}"
        return None

    async def reset(self) -> None:
        """Delete what was made here, and make the topics of the options anew."""
        await self.clean()
        for name in self._options.topics:
            if await self._connections.topic(name) is not None:
                await self.inspection.delete_topic(name)
        for name, spec in self._options.topics.items():
            topic = TopicSpec(spec) if isinstance(spec, int) else spec
            await self.inspection.create_topic(
                name, topic.partitions, replication_factor=topic.replication_factor, configs=topic.configs
            )
            for key, value in topic.records:
                await self.inspection.produce(name, value, key=key, headers=(), partition=None, timestamp_ms=None)

    async def clean(self) -> None:
        """Delete what was made here."""
        made = self.inspection.created
        for name in list(made):
            try:
                await self.inspection.delete_topic(name)
            except KafkaError as error:
                if error.error_code is not ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
                    raise
                made.remove(name)  # the test has deleted it by a client

    async def report(self) -> str:
        """The topics that were made here, and the groups that read or have committed offsets of them."""
        made = set(self.inspection.created)
        lines = [f"the broker at {self._bootstrap_servers}; in it, of this test:"]
        for name, topic in (await self.inspection.topics()).items():
            if name in made:
                ends = ", ".join(f"{each.id}: {each.log_start_offset}..{each.high_watermark}" for each in topic.partitions)
                lines.append(f"topic {name} ({ends})")
        for group in (await self.inspection.groups()).values():
            topics = {topic for topic, _ in group.offsets} | {topic for member in group.members for topic in member.topics}
            if topics & made:
                lines.append(f"group {group.id} is {group.state}, {len(group.members)} members, lag {sum(group.lag.values())}")
        return "\n".join(lines if len(lines) > 1 else [f"{lines[0]} nothing"])

    async def _start(self) -> None:
        await self._connections.metadata(())

    async def _stop(self) -> None:
        await self._connections.close()
