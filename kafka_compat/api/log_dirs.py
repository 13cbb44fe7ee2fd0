"""The one log directory of a broker, as clients are told of it."""

from __future__ import annotations

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.config.table import BROKER_CONFIGS


def log_dir_of(config: BrokerConfig) -> str:
    """Its path; that of a broker which keeps its data in memory is the default of `log.dir`."""
    return config.text("log.dirs") or BROKER_CONFIGS["log.dir"].default or ""
