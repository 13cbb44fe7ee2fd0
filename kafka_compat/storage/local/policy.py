"""What the local store obeys: the policy of every store, and how its own indexes are to be."""

from __future__ import annotations

from dataclasses import dataclass, fields

from kafka_compat.config.topic import TopicConfig
from kafka_compat.storage.interface import LogPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPolicy(LogPolicy):
    """The policy of one log of the local store."""

    index_interval_bytes: int = 4096
    index_max_bytes: int = 10 << 20

    @classmethod
    def of(cls, policy: LogPolicy) -> LocalPolicy:
        """`policy`, with Kafka's defaults for what it leaves open."""
        if isinstance(policy, LocalPolicy):
            return policy
        return cls(**{field.name: getattr(policy, field.name) for field in fields(LogPolicy)})


def policy_of(config: TopicConfig) -> LocalPolicy:
    """As `LogStore.policy_of`."""
    return LocalPolicy(
        segment_bytes=config.segment_bytes,
        segment_ms=config.max_segment_ms,
        segment_jitter_ms=config.segment_jitter_ms,
        file_delete_delay_ms=config.file_delete_delay_ms,
        flush_messages=config.flush_messages,
        flush_ms=config.flush_ms,
        index_interval_bytes=config.index_interval_bytes,
        index_max_bytes=config.segment_index_bytes,
    )
