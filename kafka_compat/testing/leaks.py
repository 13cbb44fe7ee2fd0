"""What clients have left in a cluster: open transactions, members that never left, open connections, requests under way.

A client that is closed properly leaves its groups, ends its transactions and closes its connections; some of that is still on
its way when `close()` has returned, which is what the grace is for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from kafka_compat.testing.evidence import Evidence, gather, several
from kafka_compat.testing.request_lines import line_of

if TYPE_CHECKING:
    from kafka_compat.testing.kafka import Kafka

# Decided, and only markers are missing: the coordinator's work, not the client's.
_UNDECIDED: Final = frozenset({"Ongoing"})


def leaks_of(evidence: Evidence) -> Iterator[str]:
    """A sentence for each."""
    yield from _transactions(evidence)
    yield from _members(evidence)
    yield from _connections(evidence)
    yield from _requests(evidence)


def leaks_after(kafka: Kafka, grace_s: float) -> list[str]:
    """What is left when `grace_s` have passed, or at once when nothing is."""
    if not isinstance(grace_s, int | float) or isinstance(grace_s, bool) or not grace_s >= 0:
        raise TypeError(f"grace_s is a number of seconds from 0, not {grace_s!r}")
    left: list[str] = []

    def is_quiet() -> bool:
        nonlocal left
        left = list(leaks_of(gather(kafka)))
        return not left

    kafka.requests.wait_until(is_quiet, grace_s)
    return left


def _transactions(evidence: Evidence) -> Iterator[str]:
    for each in evidence.state.transactions.values():
        if each.state in _UNDECIDED:
            asked = evidence.requests.of("InitProducerId", transactional_id=each.transactional_id).last()
            by = f" by client {asked[0].client_id!r}" if asked else ""
            places = several((f"{topic}-{partition}" for topic, partition in each.partitions), 4) or "no partition"
            yield f"transaction of {each.transactional_id!r}, begun{by}, is still open: {places}"


def _members(evidence: Evidence) -> Iterator[str]:
    for group, member in evidence.members:
        yield f"client {member.client_id!r} at {member.host} never left group {group.id!r} (member {member.id})"


def _connections(evidence: Evidence) -> Iterator[str]:
    for connection in evidence.connections:
        session, last = connection.session, connection.last
        client = f"client {last.client_id!r}" if last is not None and last.client_id else "a client"
        software = "" if session.software_name == "unknown" else f" ({session.software_name} {session.software_version})"
        did = "it has sent nothing" if last is None else f"its last request: {last.api} v{last.version}"
        yield f"{client}{software} at {session.address} is still connected to broker {connection.broker}; {did}"


def _requests(evidence: Evidence) -> Iterator[str]:
    for request in evidence.under_way:
        # Of an open connection is told already.
        if request.session.is_gone or request.fault:
            yield f"not done yet: {line_of(request)}"
