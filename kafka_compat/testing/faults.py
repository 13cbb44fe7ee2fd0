"""Requests that go wrong on purpose: which, how often, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kafka_compat.testing.actions import Action
from kafka_compat.testing.cluster import Cluster
from kafka_compat.testing.requests import Request


class Fault:
    """One fault that was put in; see `Kafka.fail`."""


class Faults:
    """The faults of a cluster, in the order they were put in: the first that matches a request has it."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def add(
        self,
        api: str | Sequence[str],
        what: str | int | Action,
        *,
        broker: int | None = None,
        topic: str | None = None,
        partition: int | None = None,
        group: str | None = None,
        transactional_id: str | None = None,
        client_id: str | None = None,
        times: int | None = 1,
        on_call: int | None = None,
        probability: float | None = None,
        seed: int | None = None,
        when: Callable[[Request], bool] | None = None,
        must_fire: bool = True,
    ) -> Fault:
        """See `Kafka.fail`."""
        raise NotImplementedError
