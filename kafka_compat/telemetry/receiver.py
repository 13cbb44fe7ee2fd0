"""What clients push (KIP-714) goes to receivers: the plug-in's side.

`metric.reporters` names them, as in Kafka it names reporters whose class has a telemetry exporter. A name without dots is that
of an entry point of the group `kafka_compat.telemetry`, or `prometheus`, which is built in; a name with dots that is no entry
point's is a class of Java's, which nobody can load here: it is left out, with a line in the log.

    [project.entry-points."kafka_compat.telemetry"]
    lines = "my_package:Lines"

    class Lines:
        def export(self, push):
            print(push.client.client_id, len(push.data))
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple, Protocol

from kafka_compat.config.errors import InvalidConfig

logger = logging.getLogger(__name__)

ENTRY_POINT_GROUP: Final = "kafka_compat.telemetry"
ATTRIBUTE_CHARACTERS: Final = 300
"""What is kept of a client's id. A pattern matches no longer text, so that one character more is kept."""

_JAVA_MANAGEMENT: Final = "org.apache.kafka.common.metrics.JmxReporter"  # the default of `metric.reporters`


class Client(NamedTuple):
    """Who pushes, as the broker has come to know it; the client chose the ids and the names of its software.

    Attributes:
        instance_id: as Kafka prints it, base64url; another one each time the client starts.
        client_id: of a long one the beginning.
        principal: such as `User:alice`.
    """

    instance_id: str
    client_id: str | None
    software_name: str
    software_version: str
    host: str
    port: int
    principal: str


class Push(NamedTuple):
    """What one client pushed at once.

    Attributes:
        data: a serialized MetricsData of OpenTelemetry (OTLP), decompressed: at most `telemetry.max.bytes`, and not checked.
        push_interval_ms: when the next is to be expected.
        is_terminating: whether the client ends, so that this is its last.
        received_ms: when it came, in ms since the Unix epoch.
    """

    client: Client
    data: bytes
    push_interval_ms: int
    is_terminating: bool
    received_ms: int


class InvalidPush(Exception):
    """The data are not what a client may push: its fault, not the receiver's."""


class TelemetryReceiver(Protocol):
    """Takes what clients push. Made once by each broker, without arguments, and given up with it."""

    def export(self, push: Push) -> None:
        """Take one push. Called in a thread, by two at most at a time; the client's answer waits for it.

        An exception is answered INVALID_RECORD, upon which clients push no more, and logged unless it is an `InvalidPush`;
        nothing else comes of it.
        """


def _prometheus() -> TelemetryReceiver:
    from kafka_compat.telemetry.prometheus import PrometheusReceiver

    return PrometheusReceiver()


_BUILT_IN: Final[dict[str, Callable[[], TelemetryReceiver]]] = {"prometheus": _prometheus}


def load_receivers(names: Iterable[str]) -> tuple[TelemetryReceiver, ...]:
    """The receivers that `metric.reporters` names.

    Raises:
        InvalidConfig: a name is not known, or its receiver cannot be made.
    """
    found = []
    for name in dict.fromkeys(names):
        factory = _factory(name)
        if factory is None:
            if name != _JAVA_MANAGEMENT:
                logger.warning("metric.reporters: %s is left out: classes of Java's are not loaded here", name)
            continue
        try:
            found.append(factory())
        except Exception as error:
            raise InvalidConfig(f"metric.reporters: {name} cannot be made: {error}") from error
    return tuple(found)


def check_receivers(names: Iterable[str]) -> None:
    """Whether `load_receivers` could find them all, without making any.

    Raises:
        InvalidConfig: a name is not known.
    """
    for name in names:
        _factory(name)


def _factory(name: str) -> Callable[[], TelemetryReceiver] | None:
    """What makes a receiver; None for a class of Java's."""
    if name == _JAVA_MANAGEMENT:
        return None
    factory = _BUILT_IN.get(name) or _installed(name)
    if factory is None and "." not in name:
        known = ", ".join(sorted(_BUILT_IN))
        raise InvalidConfig(
            f"metric.reporters: there is no {name}; built in is {known}, others are entry points of {ENTRY_POINT_GROUP}"
        )
    return factory


def _installed(name: str) -> Callable[[], TelemetryReceiver] | None:
    from importlib.metadata import entry_points

    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        try:
            factory: Callable[[], TelemetryReceiver] = point.load()
        except Exception as error:
            raise InvalidConfig(f"metric.reporters: {name} cannot be loaded: {error}") from error
        return factory
    return None
