"""Client-metrics subscriptions (KIP-714): which metrics are wanted of which clients, and how often.

A client gets what all subscriptions together want that match it: the union of their metrics, and the shortest of their
intervals. Source: Kafka's ClientMetricsManager and ClientMetricsInstanceMetadata.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from kafka_compat.checksum import crc32c
from kafka_compat.config.group import parse_match_patterns
from kafka_compat.config.table import CLIENT_METRICS_CONFIGS
from kafka_compat.coordinator import re2_syntax
from kafka_compat.coordinator.re2_match import Matcher, PatternTooLarge
from kafka_compat.protocol.java_hash import in_hash_map_order
from kafka_compat.telemetry.receiver import ATTRIBUTE_CHARACTERS, Client

logger = logging.getLogger(__name__)

DEFAULT_INTERVAL_MS: Final = 5 * 60 * 1000
ALL_METRICS: Final = "*"


class Subscription(NamedTuple):
    """One resource of type client-metrics.

    Attributes:
        patterns: what a client's attribute has to match as a whole, by its name; None is a pattern that matches nothing.
    """

    metrics: tuple[str, ...]
    interval_ms: int
    patterns: tuple[tuple[str, Matcher | None], ...]

    @property
    def states(self) -> int:
        """How many states its patterns have: what a character of an attribute may cost."""
        return sum(pattern.states for _, pattern in self.patterns if pattern is not None)

    def matches(self, attributes: Mapping[str, str]) -> bool:
        """Whether it is about a client of these attributes; without patterns it is about all."""
        for name, pattern in self.patterns:
            text = attributes.get(name)
            if text is None or pattern is None or len(text) > ATTRIBUTE_CHARACTERS or not pattern.matches(text):
                return False
        return True


class Wanted(NamedTuple):
    """What is wanted of one client: prefixes of metrics' names, or `*` alone, in the order of Kafka's answers."""

    metrics: tuple[str, ...]
    interval_ms: int


def subscription_of(name: str, configs: Mapping[str, str]) -> Subscription:
    """The subscription that a resource's configs make; they were checked when they were set."""
    values = {
        key.name: key.parse(configs[key.name]) if key.name in configs else key.default_value()
        for key in CLIENT_METRICS_CONFIGS.values()
    }
    metrics, interval_ms, match = values["metrics"], values["interval.ms"], values["match"]
    assert isinstance(metrics, tuple)
    assert isinstance(interval_ms, int)
    assert isinstance(match, tuple)
    patterns = [(attribute, _matcher(name, parsed.pattern)) for attribute, parsed in parse_match_patterns(match).items()]
    return Subscription(metrics, interval_ms, tuple(patterns))


def _matcher(name: str, pattern: str) -> Matcher | None:
    """In time that grows with the text and no faster, which Java's own engine does not promise."""
    try:
        if re2_syntax.is_valid(pattern):
            return Matcher(pattern)
    except PatternTooLarge:
        pass
    logger.warning("client-metrics %s matches no client: its pattern %r is too large, or none of RE2", name, pattern[:200])
    return None


def attributes_of(client: Client) -> dict[str, str]:
    """What patterns may ask of a client, by their names for it."""
    attributes = {
        "client_instance_id": client.instance_id,
        "client_software_name": client.software_name,
        "client_software_version": client.software_version,
        "client_source_address": client.host,
        "client_source_port": str(client.port),
    }
    if client.client_id is not None:
        attributes["client_id"] = client.client_id
    return attributes


def wanted_by(subscriptions: Iterable[Subscription]) -> Wanted:
    """What subscriptions that match a client want of it, all together."""
    metrics: list[str] = []
    interval_ms = DEFAULT_INTERVAL_MS
    for subscription in subscriptions:
        metrics.extend(in_hash_map_order(subscription.metrics))
        interval_ms = min(interval_ms, subscription.interval_ms)
    if ALL_METRICS in metrics:
        return Wanted((ALL_METRICS,), interval_ms)
    return Wanted(tuple(in_hash_map_order(metrics)), interval_ms)


def subscription_id(wanted: Wanted, instance_id: bytes) -> int:
    """Names what is wanted of a client, so that it notices when that changes.

    The CRC-32C of Java's text for the set of metrics and the interval, xor the hash of the instance's id (`Uuid.hashCode`); a
    signed 32-bit number.
    """
    text = f"[{', '.join(wanted.metrics)}]{wanted.interval_ms}"
    folded = int.from_bytes(instance_id[:8]) ^ int.from_bytes(instance_id[8:])
    value = crc32c(text.encode()) ^ (folded >> 32) ^ (folded & 0xFFFFFFFF)
    return value - (1 << 32) if value & 0x8000_0000 else value
