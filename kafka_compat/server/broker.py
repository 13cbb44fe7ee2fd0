"""One broker: its services, listeners and life cycle; the composition root above `ClusterState`."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final

from kafka_compat.api.context import Services
from kafka_compat.api.dispatch import Dispatcher
from kafka_compat.api.memory import MemoryBudget
from kafka_compat.api.observers import Observer, Observers
from kafka_compat.api.request_counters import RequestCounters
from kafka_compat.api.session import Session
from kafka_compat.clock import Clock, SystemClock
from kafka_compat.config.settings import ServerSettings
from kafka_compat.coordinator.group.service import GroupCoordinator
from kafka_compat.coordinator.image_topics import ImageTopics
from kafka_compat.coordinator.transaction.marker_writer import LocalMarkerWriter
from kafka_compat.coordinator.transaction.service import TransactionCoordinator
from kafka_compat.ids import BrokerId
from kafka_compat.log.fetch_session_cache import FetchSessionCache
from kafka_compat.metadata.image import RegisteredBroker
from kafka_compat.metadata.topic_admin import TopicAdmin
from kafka_compat.metadata.topic_plans import TopicSpec
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.server.cluster_state import ClusterState
from kafka_compat.server.listener import SocketServer
from kafka_compat.server.store import open_store
from kafka_compat.tasks import Supervisor

logger = logging.getLogger(__name__)

# A stop may take five seconds: what is left of them is for flushing.
_ANSWER_GRACE_S: Final = 2.0


class Broker:
    """A broker of its own, or one of several above a shared `ClusterState`.

    Args:
        settings: of this start.
        clock: the machine's by default.
        shared: what it shares with other brokers of the process, which somebody else opens and closes.
        observers: are told of each of its requests, beside `counters`; one may observe several brokers.
    """

    def __init__(
        self,
        settings: ServerSettings,
        clock: Clock | None = None,
        shared: ClusterState | None = None,
        *,
        observers: Iterable[Observer] = (),
    ) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._state = shared
        self._is_shared = shared is not None
        self._sockets: SocketServer | None = None
        self.counters = RequestCounters()
        self._observers = Observers((self.counters, *observers))
        self.addresses: list[tuple[str, int]] = []
        self.services: Services | None = None

    @property
    def cluster_id(self) -> str:
        """The cluster's id; known once the broker has started."""
        assert self._state is not None
        return self._state.controller.image.cluster_id

    def sessions(self) -> list[Session]:
        """Of the connections that are open now, those whose clients have not ended them."""
        return [] if self._sockets is None else self._sockets.sessions()

    async def start(self) -> None:
        """Recover, listen, register, create the topics that the settings name, and begin to serve.

        Raises:
            DirectoryInUse, StorageError: the data cannot be opened.
            OSError: a listener's address cannot be bound.
        """
        settings = self._settings
        if self._state is None:
            store = open_store(settings.node_id, self._clock, settings.data_dir)
            self._state = await ClusterState.open(store, settings.broker_config, self._clock)
        state = self._state
        config = settings.broker_config
        state.attach(config)
        node_id = BrokerId(settings.node_id)
        tasks = Supervisor(f"broker {node_id}")
        topics = TopicAdmin(state.controller, config, tasks)
        image_topics = ImageTopics(state.controller)
        groups = GroupCoordinator(node_id, config, self._clock, state.controller, topics, state.logs, image_topics, tasks)
        transactions = TransactionCoordinator(
            node_id, config, self._clock, state.controller, topics, state.logs, state.transaction_peers, tasks
        )
        self.services = Services(
            node_id=node_id,
            config=config,
            clock=self._clock,
            controller=state.controller,
            topics=topics,
            logs=state.logs,
            purgatory=state.purgatory,
            fetch_sessions=FetchSessionCache(max_entries=config.max_incremental_fetch_session_cache_slots),
            groups=groups,
            markers=LocalMarkerWriter(node_id, state.controller, state.logs, groups, self._clock, tasks),
            transactions=transactions,
            verification=transactions,
            tasks=tasks,
            memory=MemoryBudget(config.queued_max_request_bytes),
            observers=self._observers,
        )
        self._sockets = SocketServer(Dispatcher(self.services), config, self.services.memory, settings.connection_places)
        try:
            endpoints = {}
            for listener in settings.listeners:
                host, port = await self._sockets.listen(listener)
                self.addresses.append((host, port))
                if listener.is_advertised:
                    endpoints[listener.name] = (listener.advertised_host or host, listener.advertised_port or port)
            state.controller.register(RegisteredBroker(BrokerId(settings.node_id), endpoints, config.broker_rack))
            await self._create_topics(topics)
            groups.start()
            transactions.start(self.services.markers)
        except BaseException:
            await self.stop()
            raise
        self._sockets.start_serving()

    async def stop(self) -> None:
        """Answer long polls empty at once, finish requests under way, flush, leave the clean marker."""
        state, sockets = self._state, self._sockets
        if sockets is not None:
            self._sockets = None
            sockets.stop_accepting()
            sockets.dispatcher.stop()
            if state is not None and not self._is_shared:
                state.purgatory.complete_all()
            if self.services is not None:
                # Members that wait for a rebalance are sent away now, not after the grace.
                self.services.groups.close()
                self.services.transactions.close()
            await sockets.close_connections(_ANSWER_GRACE_S)
            if self.services is not None:
                # Whoever still waits for something waits in vain.
                await self.services.tasks.close()
        if state is not None:
            state.controller.unregister(BrokerId(self._settings.node_id))
            state.detach(self._settings.broker_config)
            if not self._is_shared:
                self._state = None
                await state.close()

    async def _create_topics(self, topics: TopicAdmin) -> None:
        wanted = [TopicSpec(name=name, num_partitions=count or -1) for name, count in self._settings.topics]
        outcomes = await topics.create(wanted) if wanted else []
        for outcome in outcomes:
            if isinstance(outcome, KafkaError) and outcome.error_code != ErrorCode.TOPIC_ALREADY_EXISTS:
                raise outcome
