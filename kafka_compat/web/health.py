"""Whether a broker can be used, and what is missing."""

from __future__ import annotations

from kafka_compat.server.broker import Broker
from kafka_compat.server.life import BrokerState


def missing(broker: Broker) -> list[str]:
    """What keeps clients from using the broker, a sentence each; empty when it is ready."""
    life = broker.life
    match life:
        case BrokerState.NOT_RUNNING:
            return ["the broker does not run"]
        case BrokerState.SHUTTING_DOWN:
            return ["the broker shuts down"]
        case BrokerState.STARTING | BrokerState.RECOVERY:
            recovery = broker.recovery
            if not recovery.has_begun:
                return ["recovery: the cluster's metadata are being read"]
            if recovery.opened < recovery.wanted:
                return [f"recovery: {recovery.opened} of {recovery.wanted} logs are open"]
            return ["the listeners are not open yet"]
        case BrokerState.RUNNING:
            services = broker.services
            assert services is not None, "a broker that runs has its services"
            return [
                f"the coordinator of {what} loads {len(loading)} of its shards: {_some(loading)}"
                for what, loading in (
                    ("groups", services.groups.loading()),
                    ("transactions", services.transactions.loading()),
                )
                if loading
            ]


def _some(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return shown if len(numbers) <= 10 else f"{shown}, ..."
