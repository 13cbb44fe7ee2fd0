"""What is in a cluster and what came to it, as text for whoever reads why a test has failed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kafka_compat.testing.causes import causes_of
from kafka_compat.testing.evidence import Evidence, count, several
from kafka_compat.testing.request_lines import counted, line_of
from kafka_compat.testing.views import GroupView

_MOST_CAUSES: Final = 5
_MOST_LINES: Final = 30
# What is done with a transaction when it is in one of these.
_AT_REST: Final = frozenset({"Empty", "CompleteCommit", "CompleteAbort", "Dead"})


def report_of(evidence: Evidence, requests: int) -> str:
    """The likely cause first; then topics, groups, open transactions, faults, and the last `requests` requests."""
    sections = [
        _causes(evidence),
        _stopped(evidence),
        _section("topics", _topics(evidence), "none"),
        _section("groups", _groups(evidence), "none"),
        _section("open transactions", _transactions(evidence)),
        _section("faults", _faults(evidence)),
        _section("closed connections", (f"{each.session.address}: {each.reason}" for each in evidence.closed[-5:])),
        _section("requests under way", (line_of(each) for each in evidence.under_way)),
        _requests(evidence, requests),
    ]
    return "\n".join(section for section in sections if section)


def _causes(evidence: Evidence) -> str:
    causes = causes_of(evidence)
    if not causes:
        return ""
    lines = [f"likely cause: {causes[0]}"]
    if len(causes) > 1:
        lines += ["also:", *(f"  {each}" for each in causes[1:_MOST_CAUSES])]
    return "\n".join(lines)


def _stopped(evidence: Evidence) -> str:
    stopped = sorted(evidence.state.nodes - evidence.state.running)
    return f"stopped brokers: {several(stopped, 10)}" if stopped else ""


def _section(title: str, lines: Iterator[str], instead: str = "") -> str:
    """A title and its lines; in one line what stands there instead; empty when there is neither."""
    shown = list(lines)
    if not shown:
        return f"{title}: {instead}" if instead else ""
    more = len(shown) - _MOST_LINES
    kept = [*shown[:_MOST_LINES], *([f"and {more} more"] if more > 0 else [])]
    return "\n".join([f"{title}:", *(f"  {line}" for line in kept)])


def _topics(evidence: Evidence) -> Iterator[str]:
    for name, topic in sorted(evidence.own_topics.items()):
        partitions = []
        for each in topic.partitions:
            said = f"{each.id}: {each.log_start_offset}..{each.high_watermark}"
            if each.last_stable_offset < each.high_watermark:
                said += f" (stable to {each.last_stable_offset})"
            if each.log_end_offset > each.high_watermark:
                said += f" (written to {each.log_end_offset})"
            if each.leader < 0:
                said += " no leader"
            partitions.append(said)
        configs = "".join(f" {key}={value}" for key, value in topic.configs.items())
        yield f"{name}{configs}  {', '.join(partitions[:12])}{', ...' if len(partitions) > 12 else ''}"


def _groups(evidence: Evidence) -> Iterator[str]:
    for group in sorted(evidence.state.groups.values(), key=lambda each: each.id):
        yield from _group(group)


def _group(group: GroupView) -> Iterator[str]:
    words = [f"{group.id}  {group.state}"]
    if group.generation >= 0:
        words.append(f"generation {group.generation}")
    words.append(count(len(group.members), "member"))
    if group.lag:
        words.append(f"lag {sum(group.lag.values()):,}")
    yield ", ".join(words)
    if group.last_rebalance:
        yield f"  last rebalance: {group.last_rebalance}"
    for member in group.members[:8]:
        assigned = several((f"{topic}-{partition}" for topic, partition in member.assignment), 6) or "nothing"
        who = f"{member.id} ({member.client_id} at {member.host})"
        yield f"  {who} subscribes to {several(member.topics, 6) or '?'}, has {assigned}"
    offsets = [
        f"{topic}-{partition} at {offset} (lag {group.lag.get((topic, partition), 0)})"
        for (topic, partition), offset in sorted(group.offsets.items())
    ]
    if offsets:
        yield f"  committed: {several(offsets, 8)}"


def _transactions(evidence: Evidence) -> Iterator[str]:
    for each in evidence.state.transactions.values():
        if each.state not in _AT_REST:
            age = f" for {max(0, evidence.state.now_ms - each.started_ms):,} ms" if each.started_ms >= 0 else ""
            places = several((f"{topic}-{partition}" for topic, partition in each.partitions), 6) or "no partition"
            producer = f"producer id {each.producer_id} epoch {each.producer_epoch}"
            yield f"{each.transactional_id}  {each.state}{age}, {places} ({producer})"


def _faults(evidence: Evidence) -> Iterator[str]:
    unfired = list(evidence.kafka.faults.unfired())
    for fault in unfired:
        yield f"never fired: {fault!r}"
    for fault in evidence.kafka.faults:
        if fault not in unfired:
            yield repr(fault)


def _requests(evidence: Evidence, number: int) -> str:
    ended = evidence.requests
    if not ended or number <= 0:
        return ""
    lines = [f"requests: {counted(ended)}"]
    dropped = evidence.kafka.requests.dropped
    if dropped:
        lines[0] += f" (and {dropped:,} older ones that are not kept)"
    last = ended.last(number)
    lines += ["the last one:" if len(last) == 1 else f"the last {len(last)}:", *(f"  {line_of(each)}" for each in last)]
    earlier = [each for each in ended.errors() if each.number not in {one.number for one in last}]
    if earlier:
        lines += ["refused before:", *(f"  {line_of(each)}" for each in earlier[-5:])]
    return "\n".join(lines)
