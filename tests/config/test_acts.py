"""Whether the table is honest: what it says acts is read by a layer above."""

from __future__ import annotations

import re
from pathlib import Path

from kafka_compat.config.table import BROKER_CONFIGS, GROUP_SYNONYMS, TOPIC_CONFIGS, TOPIC_SYNONYMS

PACKAGE = Path(__file__).parent.parent.parent / "kafka_compat"
# Read inside config/: listeners and directories become the settings of a start; units and defaults of others resolve there.
RESOLVED_IN_CONFIG = frozenset(
    {
        "advertised.listeners",
        "broker.id",
        "cleanup.policy",
        "client.quota.callback.class",
        "internal.segment.bytes",
        "listeners",
        "log.dir",
        "log.dirs",
        "log.flush.scheduler.interval.ms",
        "log.retention.hours",
        "log.retention.minutes",
        "log.roll.hours",
        "log.roll.jitter.hours",
        "message.timestamp.type",
    }
)


def _sources() -> str:
    files = (path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in ("config", "protocol"))
    return "\n".join(path.read_text() for path in files)


def test_configs_that_act_are_read_above_the_config_layer() -> None:
    text = _sources()
    words = set(re.findall(r"\w+", text))
    by_synonym = {*TOPIC_SYNONYMS.values(), *GROUP_SYNONYMS.values()}
    unread = [
        key.name
        for key in (*BROKER_CONFIGS.values(), *TOPIC_CONFIGS.values())
        if key.acts
        and key.name not in RESOLVED_IN_CONFIG
        and not (key.name in BROKER_CONFIGS and key.name in by_synonym)
        and key.name.replace(".", "_") not in words
        and f'"{key.name}"' not in text
    ]
    assert unread == []


def test_a_broker_config_acts_when_the_topic_config_it_stands_in_for_does() -> None:
    for name, synonym in TOPIC_SYNONYMS.items():
        assert TOPIC_CONFIGS[name].acts == BROKER_CONFIGS[synonym].acts, name
