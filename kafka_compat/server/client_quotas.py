"""Lets the quotas of the image take effect on the brokers of this process, as soon as the image shows them.

Imported with the first quota that there is.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kafka_compat.api.throttling import BrokerQuotas, real_ms
from kafka_compat.config.broker import BrokerConfig
from kafka_compat.metadata.changes import Change, ClientQuotasChanged
from kafka_compat.metadata.image import ClusterImage, QuotaEntity
from kafka_compat.pacing import Pace
from kafka_compat.security.quota.limits import QuotaLimits
from kafka_compat.security.quota.mutations import MutationQuotas
from kafka_compat.security.quota.rates import Window
from kafka_compat.tasks import Supervisor

if TYPE_CHECKING:
    from kafka_compat.api.context import Services
    from kafka_compat.server.listener import SocketServer

logger = logging.getLogger(__name__)


class ClientQuotas:
    """The quotas of a cluster, and what its brokers hold their clients to.

    Args:
        config: of the one who leads the process; the controller's windows are its.
        tasks: own the looking up of host names.

    Attributes:
        limits: as of the image.
    """

    def __init__(self, config: BrokerConfig, tasks: Supervisor) -> None:
        self.limits = QuotaLimits()
        self._tasks = tasks
        window = Window(config.controller_quota_window_num, config.controller_quota_window_size_seconds * 1000)
        self._mutations = MutationQuotas(self.limits.mutation, window, real_ms)
        self._brokers: list[tuple[Services, SocketServer, BrokerQuotas]] = []

    async def load(self, image: ClusterImage) -> None:
        """Take over all that there are."""
        async for entity in Pace().over(list(image.client_quotas)):
            self._set(entity, image.client_quotas[entity])
        self._tell()

    async def follow(self, changes: Sequence[Change]) -> None:
        """Take over what has changed."""
        async for change in Pace().over(changes):
            if isinstance(change, ClientQuotasChanged):
                self._set(tuple(change.entity), change.quotas)
        self._tell()

    def attach(self, services: Services, sockets: SocketServer) -> None:
        """Let a broker hold its clients to them from now on."""
        config = services.config
        quotas = BrokerQuotas(self.limits, self._mutations, window_of(config), real_ms)
        self._brokers.append((services, sockets, quotas))
        self._tell()

    def detach(self, services: Services) -> None:
        """The broker is gone."""
        self._brokers = [each for each in self._brokers if each[0] is not services]

    def _set(self, entity: QuotaEntity, quotas: dict[str, float]) -> None:
        host = self.limits.set(entity, quotas)
        if host is not None:
            self._tasks.spawn(f"looking up {host}", self._look_up(host))

    async def _look_up(self, host: str) -> None:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            logger.warning("the connection quota of %s counts for nobody: %s", host, error)
        else:
            self.limits.addresses.resolve(host, str(found[0][4][0]))

    def _tell(self) -> None:
        for services, sockets, quotas in self._brokers:
            services.quotas = quotas if self.limits.has_clients else None
            sockets.limit_addresses(self.limits.addresses)


def window_of(config: BrokerConfig) -> Window:
    """Over what a broker measures its clients."""
    return Window(config.quota_window_num, config.quota_window_size_seconds * 1000)
