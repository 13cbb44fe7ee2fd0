"""Kafka's features (KIP-584) as this broker has them: only what is built, since clients switch protocols by them."""

from __future__ import annotations

from typing import Final, NamedTuple


class SupportedFeature(NamedTuple):
    """A feature and the levels this software could run at."""

    name: str
    min_level: int
    max_level: int


class FinalizedFeature(NamedTuple):
    """A feature and the level the cluster runs at."""

    name: str
    level: int


# 30 is 4.3-IV0, the level at which Apache Kafka 4.3.1 formats a new cluster.
SUPPORTED_FEATURES: Final = (SupportedFeature("metadata.version", 7, 30),)
FINALIZED_FEATURES: Final = (FinalizedFeature("metadata.version", 30),)
