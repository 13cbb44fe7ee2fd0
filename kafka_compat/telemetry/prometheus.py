"""The receiver `prometheus`: what clients push stands on the page of metrics, as long as they push.

A metric is named as OpenTelemetry's exporters for Prometheus name it (`org.apache.kafka.producer.record.send.total` becomes
`org_apache_kafka_producer_record_send_total`), with the client's ids and the attributes that came with it as labels; one that
is not of `org.apache.kafka` begins with `client_`, so that no client can take a name of the broker's. What a client counts
since its last push is added up here.

Anybody may push: clients, series, names and the length of labels are bounded, and what goes beyond is counted, not kept.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterator
from typing import Final, NamedTuple

from kafka_compat.telemetry.otlp import Read, metrics_in, require_library
from kafka_compat.telemetry.receiver import Push

MAX_CLIENTS: Final = 1000
MAX_SERIES_OF_A_CLIENT: Final = 2000
MAX_SERIES: Final = 50_000
MAX_NAMES: Final = 2000
MAX_CHARACTERS: Final = 8 << 20  # of all labels
_MAX_LABELS: Final = 16
_LABEL_CHARACTERS: Final = 128
_NAME_CHARACTERS: Final = 200
_TEXT_CHARACTERS: Final = 200
# A client that has missed so many pushes is shown no more; the shortest interval is 100 ms, that of a scrape seconds.
_MISSED_PUSHES: Final = 3
_SHOWN_AT_LEAST_MS: Final = 60_000
_OF_KAFKA: Final = "org_apache_kafka_"
_NOT_IN_NAMES: Final = re.compile(r"[^a-zA-Z0-9_]+")

Labels = tuple[tuple[str, str], ...]


class Family(NamedTuple):
    """What all clients push under a name."""

    name: str
    text: str
    is_counter: bool
    samples: list[tuple[Labels, float]]


class ClientRow(NamedTuple):
    """A client that pushes; `age_ms` is since its last push."""

    labels: Labels
    age_ms: int


class _Client:
    __slots__ = ("characters", "ids", "info", "pushed_ms", "series", "until_ms")

    def __init__(self, push: Push) -> None:
        client = push.client
        self.ids: Labels = (
            ("client_instance_id", client.instance_id),
            ("client_id", (client.client_id or "")[:_LABEL_CHARACTERS]),
        )
        self.info: Labels = (
            *self.ids,
            ("client_software_name", client.software_name[:_LABEL_CHARACTERS]),
            ("client_software_version", client.software_version[:_LABEL_CHARACTERS]),
            ("client_source_address", client.host),
            ("principal", client.principal[:_LABEL_CHARACTERS]),
        )
        self.series: dict[tuple[str, Labels], float] = {}
        self.characters = 0  # of their labels
        self.pushed_ms = 0
        self.until_ms = 0


class _Name:
    __slots__ = ("is_counter", "series", "text")

    def __init__(self, text: str, *, is_counter: bool) -> None:
        self.text = text
        self.is_counter = is_counter
        self.series = 0  # that have it


class PrometheusReceiver:
    """Keeps the newest numbers of each client. Thread-safe.

    Attributes:
        pushes: that were taken.
        left_out: numbers that were not kept, for a bound or a name of two kinds.

    Raises:
        ModuleNotFoundError: the extra `telemetry` is not installed.
    """

    def __init__(self) -> None:
        require_library()
        self._lock = threading.Lock()
        self._clients: dict[str, _Client] = {}
        self._names: dict[str, _Name] = {}
        self._series = 0
        self._characters = 0
        self.pushes = 0
        self.left_out = 0

    def export(self, push: Push) -> None:
        """Take one push; raises InvalidPush for what is not OpenTelemetry's, of which nothing is kept."""
        read = list(metrics_in(push.data))
        with self._lock:
            now_ms = push.received_ms
            self._forget_silent(now_ms)
            self.pushes += 1
            client = self._clients.get(push.client.instance_id)
            if client is None:
                if len(self._clients) >= MAX_CLIENTS:
                    self.left_out += sum(len(each.points) for each in read)
                    return
                client = self._clients[push.client.instance_id] = _Client(push)
            client.pushed_ms = now_ms
            client.until_ms = now_ms + max(_SHOWN_AT_LEAST_MS, _MISSED_PUSHES * push.push_interval_ms)
            for each in read:
                self._take(client, each)

    def clients(self, now_ms: int) -> list[ClientRow]:
        """Those whose numbers are shown; time is that of `Push.received_ms`."""
        with self._lock:
            self._forget_silent(now_ms)
            return [ClientRow(client.info, now_ms - client.pushed_ms) for client in self._clients.values()]

    def families(self, now_ms: int) -> Iterator[Family]:
        """The newest numbers, name by name; what is pushed meanwhile may be there or not."""
        with self._lock:
            self._forget_silent(now_ms)
            clients = list(self._clients.values())
        # By name, at once: to look for each name in each client costs their product.
        by_name: dict[str, list[tuple[Labels, float]]] = {}
        for client in clients:
            with self._lock:
                series = list(client.series.items())
            for (name, labels), number in series:
                by_name.setdefault(name, []).append(((*client.ids, *labels), number))
        for name in sorted(by_name):
            known = self._names.get(name)
            if known is not None:
                yield Family(name, known.text, known.is_counter, by_name[name])

    def _take(self, client: _Client, read: Read) -> None:
        name = _name(read)
        known = self._names.get(name) or _Name(read.text[:_TEXT_CHARACTERS], is_counter=read.is_counter)
        if known.is_counter != read.is_counter:
            self.left_out += len(read.points)
            return
        for point in read.points:
            key = (name, _labels((*read.resource, *point.attributes)))
            before = client.series.get(key)
            if before is None:
                if not self._has_room(client, name, key[1]):
                    self.left_out += 1
                    continue
                self._names[name] = known
                known.series += 1
            is_added = read.is_delta and before is not None and not math.isnan(before)
            client.series[key] = point.number + before if is_added and before is not None else point.number

    def _has_room(self, client: _Client, name: str, labels: Labels) -> bool:
        """Whether one series more may be kept; counts it then."""
        characters = sum(len(key) + len(text) for key, text in labels)
        if (
            len(client.series) >= MAX_SERIES_OF_A_CLIENT
            or self._series >= MAX_SERIES
            or self._characters + characters > MAX_CHARACTERS
            or (name not in self._names and len(self._names) >= MAX_NAMES)
        ):
            return False
        self._series += 1
        self._characters += characters
        client.characters += characters
        return True

    def _forget_silent(self, now_ms: int) -> None:
        silent = [instance_id for instance_id, client in self._clients.items() if client.until_ms <= now_ms]
        for instance_id in silent:
            client = self._clients.pop(instance_id)
            self._series -= len(client.series)
            self._characters -= client.characters
            for name, _ in client.series:
                self._names[name].series -= 1
                if not self._names[name].series:
                    del self._names[name]


def _name(read: Read) -> str:
    name = _NOT_IN_NAMES.sub("_", read.name[:_NAME_CHARACTERS])
    if not name.startswith(_OF_KAFKA):
        name = f"client_{name}"
    return f"{name}_total" if read.is_counter and not name.endswith("_total") else name


def _labels(attributes: Labels) -> Labels:
    """As labels of Prometheus, by name; the last of a name counts, and what would pass for another client's id is renamed."""
    found: dict[str, str] = {}
    for key, text in attributes[:_MAX_LABELS]:
        name = _NOT_IN_NAMES.sub("_", key[:_LABEL_CHARACTERS]) or "_"
        if name[0].isdigit() or name.startswith("__") or name in ("client_instance_id", "client_id", "le", "quantile"):
            name = f"attribute_{name}"
        found[name] = text[:_LABEL_CHARACTERS]
    return tuple(sorted(found.items()))
