"""One broker: its services, listeners and life cycle; the composition root above `ClusterState`."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from kafka_compat.api.context import Services
from kafka_compat.api.dispatch import Dispatcher
from kafka_compat.api.memory import MemoryBudget
from kafka_compat.api.observers import Observer, Observers
from kafka_compat.api.request_counters import RequestCounters
from kafka_compat.api.session import Session
from kafka_compat.clock import Clock, SystemClock
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.errors import InvalidConfig
from kafka_compat.config.settings import ServerSettings
from kafka_compat.coordinator.group.service import GroupCoordinator
from kafka_compat.coordinator.image_topics import ImageTopics
from kafka_compat.coordinator.transaction.marker_writer import LocalMarkerWriter
from kafka_compat.coordinator.transaction.service import TransactionCoordinator
from kafka_compat.ids import BrokerId
from kafka_compat.log.fetch_session_cache import FetchSessionCache
from kafka_compat.log.purgatory import OwnWaits
from kafka_compat.metadata.image import ClusterImage, RegisteredBroker
from kafka_compat.metadata.topic_admin import TopicAdmin
from kafka_compat.metadata.topic_plans import TopicSpec
from kafka_compat.protocol.error_codes import ErrorCode
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.server.cluster_state import ClusterState
from kafka_compat.server.life import BrokerState, Recovery
from kafka_compat.server.listener import SocketServer
from kafka_compat.server.store import open_store
from kafka_compat.tasks import Supervisor

if TYPE_CHECKING:
    from kafka_compat.security.delegation_tokens import DelegationTokens
    from kafka_compat.security.sasl.jwks_source import JwksSources
    from kafka_compat.server.authorizing import Authorizing
    from kafka_compat.server.sasl_connection import SaslListener
    from kafka_compat.server.sasl_listeners import ImageCredentials
    from kafka_compat.server.tls.listener import TlsListener

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
        sockets: that listen already, by listener's name: what `abandon` of a broker before it gave back.

    Attributes:
        recovery: how far the start has come with its logs.
    """

    def __init__(
        self,
        settings: ServerSettings,
        clock: Clock | None = None,
        shared: ClusterState | None = None,
        *,
        observers: Iterable[Observer] = (),
        sockets: Mapping[str, list[socket.socket]] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock or SystemClock()
        self._state = shared
        self._is_shared = shared is not None
        self._listening = dict(sockets or {})
        self._sockets: SocketServer | None = None
        self._keys: JwksSources | None = None  # of those who sign bearer tokens
        self._credentials: ImageCredentials | None = None  # of SCRAM
        self.counters = RequestCounters()
        self._observers = Observers((self.counters, *observers))
        self.addresses: list[tuple[str, int]] = []
        self.services: Services | None = None
        self.recovery = Recovery()
        self._life = BrokerState.NOT_RUNNING
        self._authorizing: Authorizing | None = None

    @property
    def life(self) -> BrokerState:
        """How far it has come."""
        is_recovering = self._life is BrokerState.STARTING and self._state is None and self.recovery.has_begun
        return BrokerState.RECOVERY if is_recovering else self._life

    @property
    def settings(self) -> ServerSettings:
        """Of this start."""
        return self._settings

    @property
    def sockets(self) -> SocketServer | None:
        """Its listeners and connections, as long as it has any."""
        return self._sockets

    @property
    def node_id(self) -> BrokerId:
        """Its id, running or not."""
        return BrokerId(self._settings.node_id)

    @property
    def cluster_id(self) -> str:
        """The cluster's id; known once the broker has started."""
        assert self._state is not None
        return self._state.controller.image.cluster_id

    def sessions(self) -> list[Session]:
        """Of the connections that are open now, those whose clients have not ended them."""
        return [] if self._sockets is None else self._sockets.sessions()

    async def start(self, *, serves: bool = True) -> None:
        """Recover, listen, register, create the topics that the settings name, and begin to serve, or leave that to `serve`.

        Raises:
            BadSettings: a listener cannot be opened with its configs.
            UnusableAuthorizer: `authorizer.class.name` names none that there is.
            DirectoryInUse, StorageError: the data cannot be opened.
            OSError: a listener's address cannot be bound.
            InvalidConfig: `metric.reporters` names a receiver that there is not.
        """
        settings = self._settings
        sasl_listeners = self._sasl_listeners()
        self._life = BrokerState.STARTING
        if self._state is None:
            store = open_store(settings.node_id, self._clock, settings.data_dir)
            self._state = await ClusterState.open(store, settings.broker_config, self._clock, self.recovery)
        state = self._state
        config = settings.broker_config
        state.attach(config)
        await self._authorize()
        tls_listeners = await self._tls_listeners()
        node_id = self.node_id
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
            purgatory=OwnWaits(state.purgatory),
            fetch_sessions=FetchSessionCache(max_entries=config.max_incremental_fetch_session_cache_slots),
            groups=groups,
            markers=LocalMarkerWriter(node_id, state.controller, state.logs, groups, self._clock, tasks),
            transactions=transactions,
            verification=transactions,
            tasks=tasks,
            memory=MemoryBudget(config.queued_max_request_bytes),
            authorizer=None if self._authorizing is None else self._authorizing.authorizer,
            api_limits=settings.api_limits,
            observers=self._observers,
        )
        self._sockets = SocketServer(
            Dispatcher(self.services),
            config,
            self.services.memory,
            settings.connection_places,
            sasl_listeners,
            tls_listeners,
        )
        state.serve(self.services, self._sockets)
        try:
            if self._keys is not None:
                await self._keys.start()
            config.checks.append(self._check_reporters)
            if config.text("metric.reporters") is not None:
                self._load_receivers(self.services)
            endpoints = {}
            for listener in settings.listeners:
                host, port = await self._sockets.listen(listener, self._listening.pop(listener.name, None))
                self.addresses.append((host, port))
                if listener.is_advertised:
                    endpoints[listener.name] = (listener.advertised_host or host, listener.advertised_port or port)
            await state.membership.up(RegisteredBroker(node_id, endpoints, config.broker_rack))
            if not self._is_shared:
                await state.membership.fence_absent()
            await self._create_topics(topics)
            await self._put_users(state, sasl_listeners)
            groups.start()
            transactions.start(self.services.markers)
            if secret_key := config.delegation_token_secret_key:
                self._start_tokens(self.services, secret_key)
        except BaseException:
            await self.stop(leaves=self._is_shared and node_id in state.controller.image.brokers)
            raise
        if serves:
            self.serve()

    def _check_reporters(self, wanted: BrokerConfig) -> None:
        """Refuse names that no receiver has. Source: `DynamicMetricsReporters.validateReconfiguration`."""
        names = wanted.get("metric.reporters")
        assert isinstance(names, tuple)
        if names != self._settings.broker_config.get("metric.reporters"):
            from kafka_compat.telemetry.receiver import check_receivers

            try:
                check_receivers(str(name) for name in names)
            except InvalidConfig as error:
                logger.warning("an alteration is refused: %s", error)
                raise InvalidConfig(
                    "Validation of dynamic config update of Set(metric.reporters) failed with class class "
                    "kafka.server.DynamicMetricsReporters"
                ) from None

    @staticmethod
    def _load_receivers(services: Services) -> None:
        from kafka_compat.api.telemetry_clients import telemetry_of

        try:
            telemetry_of(services).load_receivers()
        except InvalidConfig as error:
            if services.config.get("metric.reporters") == BrokerConfig(services.config.static).get("metric.reporters"):
                raise
            # A client has altered it: nobody could change it back where the broker does not start.
            logger.warning("client telemetry begins without receivers: %s", error)

    def _start_tokens(self, services: Services, secret_key: str) -> None:
        from kafka_compat.security.delegation_tokens import DelegationTokens

        config, controller = services.config, services.controller
        services.tokens = DelegationTokens(self.node_id, secret_key, config, self._clock, controller, services.tasks)
        services.tokens.start()

    def _sasl_listeners(self) -> dict[str, SaslListener]:
        if not any(listener.security_protocol.startswith("SASL_") for listener in self._settings.listeners):
            return {}
        from kafka_compat.security.sasl.jwks_source import JwksSources
        from kafka_compat.server.sasl_listeners import ImageCredentials, sasl_listeners

        def image() -> ClusterImage:
            assert self._state is not None
            return self._state.controller.image

        def tokens() -> DelegationTokens | None:
            assert self.services is not None
            return self.services.tokens

        self._keys = JwksSources(self._clock)
        self._credentials = ImageCredentials(image, tokens)
        return sasl_listeners(self._settings, self._clock, self._credentials, self._keys)

    async def _put_users(self, state: ClusterState, listeners: Mapping[str, SaslListener]) -> None:
        if self._settings.add_scram:
            from kafka_compat.server.first_users import put_first_credentials

            await put_first_credentials(state.controller, self._settings.add_scram)
        if self._settings.users and listeners:
            from kafka_compat.server.first_users import put_users
            from kafka_compat.server.sasl_listeners import scram_mechanisms

            await put_users(state.controller, self._settings.users, scram_mechanisms(listeners))

    async def _tls_listeners(self) -> dict[str, TlsListener]:
        """With the configs in effect, the dynamic ones among them."""
        wanted = [listener for listener in self._settings.listeners if listener.is_tls]
        if not wanted:
            return {}
        from kafka_compat.server.tls.listener import TlsListener

        try:
            return {listener.name: TlsListener(listener, self._settings.broker_config) for listener in wanted}
        except BaseException:
            await self._leave_state()
            raise

    def serve(self) -> None:
        """Begin to take connections; those made since the listeners were opened have waited."""
        assert self._sockets is not None
        self._sockets.start_serving()
        self._life = BrokerState.RUNNING

    async def stop(self, *, leaves: bool = False) -> None:
        """Answer long polls empty at once, finish requests under way, flush, leave the clean marker.

        With `leaves` the cluster goes on without it: others lead in its place before it stops to answer, and it is fenced.
        """
        state, sockets = self._state, self._sockets
        self._life = BrokerState.SHUTTING_DOWN
        if sockets is not None:
            self._sockets = None
            if leaves and state is not None:
                await state.membership.leave(self.node_id)
            sockets.stop_accepting()
            sockets.dispatcher.stop()
            self._end_waits()
            await sockets.close_connections(_ANSWER_GRACE_S)
            await self._end_work()
            if leaves and state is not None:
                await state.membership.down(self.node_id)
        await self._leave_state()

    async def kill(self) -> None:
        """Be gone at once, for brokers of several: connections are cut, nothing is answered, and the controller fences it."""
        sockets, self._sockets = self._sockets, None
        if sockets is not None:
            sockets.stop_accepting()
            await sockets.cut_connections()
            sockets.dispatcher.stop()
            self._end_waits()
            await self._end_work()
            if self._state is not None:
                await self._state.membership.down(self.node_id, died=True)
        await self._leave_state()

    def _end_waits(self) -> None:
        if self.services is not None:
            self.services.purgatory.complete_all()
            # Members that wait for a rebalance are sent away now, not after the grace.
            self.services.groups.close()
            self.services.transactions.close()
            if self.services.tokens is not None:
                self.services.tokens.close()

    async def _end_work(self) -> None:
        if self.services is not None:
            # Whoever still waits for something waits in vain.
            await self.services.tasks.close()
            if self.services.telemetry is not None:
                await self.services.telemetry.close()
        if self._keys is not None:
            await self._keys.close()
            self._keys = None
        if self._credentials is not None:
            self._credentials.close()

    async def _authorize(self) -> None:
        assert self._state is not None
        if self._settings.broker_config.authorizer_class_name:
            from kafka_compat.server.authorizing import Authorizing

            try:
                self._authorizing = Authorizing(self._settings.broker_config, self._state.controller)
            except BaseException:
                await self._leave_state()
                raise

    def _end_authorizing(self) -> None:
        if self._authorizing is not None:
            self._authorizing.close()

    async def _leave_state(self) -> None:
        state = self._state
        self._end_authorizing()
        if state is not None:
            if self.services is not None:
                state.end_serving(self.services)
            state.detach(self._settings.broker_config)
            if not self._is_shared:
                self._state = None
                await state.close()
        self._life = BrokerState.NOT_RUNNING

    def close_inherited(self) -> None:
        """Give back what this process, a fork of the one that serves, has of its sockets."""
        if self._sockets is not None:
            self._sockets.close_inherited()

    async def abandon(self) -> dict[str, list[socket.socket]]:
        """Give everything up at once: nothing is answered, flushed or kept. For brokers above a state that is thrown away.

        Returns:
            The sockets, which go on listening, by listener's name.
        """
        sockets, self._sockets = self._sockets, None
        if sockets is None:
            return {}
        listening = sockets.release_sockets()
        sockets.stop_accepting()
        await sockets.cut_connections()
        sockets.dispatcher.stop()
        self._end_waits()
        await self._end_work()
        self._end_authorizing()
        return listening

    async def _create_topics(self, topics: TopicAdmin) -> None:
        wanted = [TopicSpec(name=name, num_partitions=count or -1) for name, count in self._settings.topics]
        outcomes = await topics.create(wanted) if wanted else []
        for outcome in outcomes:
            if isinstance(outcome, KafkaError) and outcome.error_code != ErrorCode.TOPIC_ALREADY_EXISTS:
                raise outcome
