"""The likely causes of a failed test: first what stops everything, then what stops records, then what hides them."""

from __future__ import annotations

from typing import Final

from kafka_compat.testing import client_causes as clients
from kafka_compat.testing import consumer_causes as consumers
from kafka_compat.testing.evidence import Evidence, Finder

_FINDERS: Final[tuple[Finder, ...]] = (
    clients.held,
    clients.wrong_protocol,
    clients.sasl,
    clients.no_leader,
    clients.nobody,
    clients.rights,
    clients.unknown_topics,
    consumers.refused_joins,
    clients.refused_records,
    consumers.storms,
    consumers.slow_polls,
    consumers.dropped_members,
    consumers.waiting_joins,
    consumers.subscribed_elsewhere,
    consumers.latest,
    consumers.at_the_end,
    consumers.open_transactions,
    consumers.aborted_transactions,
    consumers.out_of_range,
    consumers.never_joined,
    consumers.never_read,
    clients.not_flushed,
    clients.unreadable,
    clients.faults,
)


def causes_of(evidence: Evidence) -> list[str]:
    """A sentence each; none when nothing is remarkable."""
    return list(dict.fromkeys(sentence for find in _FINDERS for sentence in find(evidence)))
