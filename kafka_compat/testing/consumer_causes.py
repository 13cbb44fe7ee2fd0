"""Causes that show in why a consumer got nothing: it never joined, reads another topic, or begins behind the records.

A consumer is told by its client id. Each finder says only what the evidence shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from kafka_compat.testing.client_causes import what_of
from kafka_compat.testing.evidence import LATEST, Evidence, Looked, Place, count, ms_between, several
from kafka_compat.testing.nearest import did_you_mean
from kafka_compat.testing.request import Request

# What a member meets on its way that is no refusal.
_USUAL: Final = frozenset({"MEMBER_ID_REQUIRED", "REBALANCE_IN_PROGRESS", "COORDINATOR_LOAD_IN_PROGRESS"})
_USES_OF_GROUPS: Final = frozenset(
    {"JoinGroup", "OffsetFetch", "OffsetCommit", "Fetch", "TxnOffsetCommit", "Produce", "DescribeGroups", "DeleteGroups"}
)
# The group does not take the member for one of its own.
_DROPPED: Final = frozenset({"UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION", "FENCED_INSTANCE_ID"})
_STORM: Final = 5
# Below this a wait is none.
_PATIENCE_MS: Final = 200
_MOST_DELAY_MS: Final = 600_000


# --- on the way into the group


def refused_joins(evidence: Evidence) -> Iterator[str]:
    """Clients that cannot join, and have not since."""
    last: dict[tuple[str, str], Request] = {}
    for request in evidence.requests.of("JoinGroup"):
        for group in request.groups:
            key = (request.client_id, group)
            if request.refusals and not _USUAL.issuperset(request.errors):
                last[key] = request
            elif not request.refusals:
                last.pop(key, None)
    for (client_id, group), request in last.items():
        yield f"client {client_id!r} cannot join group {group!r}: {request.refusals[0]}"


def waiting_joins(evidence: Evidence) -> Iterator[str]:
    """Members that wait for others to join again."""
    for request in evidence.under_way.of("JoinGroup"):
        since = ms_between(request.began_ns, evidence.now_ns)
        group = evidence.state.groups.get(request.groups[0]) if request.groups else None
        if group is None or request.fault or since < _PATIENCE_MS:
            continue
        joining = {getattr(each.body, "member_id", "") for each in evidence.under_way.of("JoinGroup", group=group.id)}
        missing = [f"{each.id} of client {each.client_id!r}" for each in group.members if each.id not in joining]
        said = f"client {request.client_id!r} has waited {since:,} ms to join group {group.id!r}, which is {group.state}"
        if missing and group.state == "PreparingRebalance":
            said += f": {several(missing)} has not joined again"
            if _is_manual(evidence):
                said += ", and its session ends only by clock.advance(), as the clock is manual"
        elif _is_manual(evidence):
            said += "; the clock is manual: what it waits for comes only by clock.advance()"
        yield said


def storms(evidence: Evidence) -> Iterator[str]:
    """Groups whose members join again and again, with nobody coming or going."""
    for group_id, group in evidence.state.groups.items():
        joins = evidence.joins_of(group_id)
        generations = {each.generation for each in joins}
        members = {each.member_id for each in joins}
        left = len(evidence.requests.of("LeaveGroup", group=group_id))
        again = Counter((each.member_id, each.generation) for each in joins)
        rebalances = len(generations) >= _STORM and len(generations) > 2 * (len(members) + left)
        if not rebalances and max(again.values(), default=0) < _STORM:
            continue
        took = ms_between(joins[0].request.ended_ns, joins[-1].request.ended_ns)
        said = (
            f"{count(len(members), 'member')} of group {group_id!r} joined {len(joins)} times in {took:,} ms, in "
            f"{count(len(generations), 'generation')}: {group.last_rebalance or 'no reason was given'}"
        )
        if any(each.request.software.startswith("kafka-python") for each in joins) and len(members) > 1:
            said += (
                "; members of kafka-python that are polled in turns throw away what they are assigned in between: poll each in "
                "a thread of its own"
            )
        yield said


def dropped_members(evidence: Evidence) -> Iterator[str]:
    """Members that the group knows no more, and that have not joined again."""
    last: dict[tuple[str, str], Request] = {}
    for request in evidence.requests.of("Heartbeat", "SyncGroup", "OffsetCommit", "JoinGroup"):
        for group in request.groups:
            if request.refusals and not request.fault and _DROPPED.intersection(request.errors):
                last[request.client_id, group] = request
            elif not request.refusals and request.api == "JoinGroup":
                last.pop((request.client_id, group), None)
    for (client_id, group), request in last.items():
        what = f"as its {request.api} shows: {request.refusals[0]}"
        yield f"client {client_id!r} is no member of group {group!r} any more, {what}"


def slow_polls(evidence: Evidence) -> Iterator[str]:
    """Members that left since they did not poll in time."""
    for request in evidence.requests.of("LeaveGroup"):
        body: Any = request.body
        for member in getattr(body, "members", None) or (body,):
            member_id = getattr(member, "member_id", "")
            joined = [
                each
                for each in evidence.joined
                if each.member_id == member_id and each.group in request.groups and each.request.number < request.number
            ]
            if not joined:
                continue
            interval_ms = getattr(joined[-1].request.body, "rebalance_timeout_ms", -1)
            reason = getattr(member, "reason", None) or ""
            stayed_ms = ms_between(joined[-1].request.ended_ns, request.ended_ns)
            said_so = "poll" in reason and ("timeout" in reason or "interval" in reason)
            # librdkafka gives no reason, and its connection stays.
            on_time = interval_ms > 0 and interval_ms <= stayed_ms <= interval_ms * 1.5 + 1_000
            if said_so or (on_time and not request.session.is_gone):
                what = "it was not polled" if said_so else "as one does that is not polled"
                yield (
                    f"client {request.client_id!r} left group {request.groups[0]!r} {stayed_ms:,} ms after it had joined: "
                    f"{what} within max.poll.interval.ms ({interval_ms:,})"
                )


def never_joined(evidence: Evidence) -> Iterator[str]:
    """Clients that looked for their group's coordinator and went no further."""
    for client_id, requests in evidence.clients.items():
        looked = [group for each in requests.of("FindCoordinator") for group in each.groups]
        did = {each.api for each in requests}
        misses_topics = any(each.topic for one in requests.of("Metadata").errors() for each in one.refusals)
        if looked and not misses_topics and not did & _USES_OF_GROUPS:
            failed = requests.of("FindCoordinator").last()
            why = f": {failed[0].refusals[0]}" if failed and failed[0].refusals else ": does it poll?"
            yield f"client {client_id!r} looked for the coordinator of group {looked[-1]!r}, and never joined{why}"


def never_read(evidence: Evidence) -> Iterator[str]:
    """Members that were assigned partitions and have not read."""
    for group, member in evidence.members:
        if group.state != "Stable" or not member.assignment:
            continue
        requests = evidence.clients.get(member.client_id)
        if requests is None or any(each.api == "Fetch" for each in requests):
            continue
        synced = requests.of("SyncGroup", group=group.id).last()
        if synced and ms_between(synced[0].ended_ns, evidence.now_ns) > _PATIENCE_MS:
            places = several(f"{topic}-{partition}" for topic, partition in member.assignment)
            who = f"client {member.client_id!r} of group {group.id!r}"
            said = f"{who} was assigned {places} and has not read from it: does it poll, or is it paused?"
            if synced[0].software.startswith("kafka-python"):
                said += " kafka-python throws away what it is assigned between two polls: poll it with a longer timeout"
            yield said


# --- another topic


def subscribed_elsewhere(evidence: Evidence) -> Iterator[str]:
    """Members that are subscribed to what is not there or is empty, while records are where nobody reads."""
    read = {topic for _, member in evidence.members for topic in member.topics}
    read |= {each.place[0] for each in evidence.fetched}
    unread = {name: number for name in evidence.own_topics if name not in read and (number := evidence.record_count(name))}
    for group in evidence.state.groups.values():
        topics = dict.fromkeys(topic for member in group.members for topic in member.topics)
        if not topics:
            continue
        missing = [topic for topic in topics if topic not in evidence.state.topics]
        for topic in missing:
            near = did_you_mean(topic, evidence.own_topics)
            yield f"group {group.id!r} is subscribed to {topic!r}, which does not exist{near}"
        if missing or not unread or any(evidence.record_count(topic) for topic in topics):
            continue
        went = several(f"{name!r} ({count(number, 'record')})" for name, number in unread.items())
        are = "which is empty" if len(topics) == 1 else "which are empty"
        yield (
            f"group {group.id!r} is subscribed to {several(map(repr, topics))}, {are}: the records went to {went}, which "
            "nobody reads"
        )


# --- behind the records


def latest(evidence: Evidence) -> Iterator[str]:
    """Consumers that began at the end, behind records that were there."""
    said: set[tuple[str, Place]] = set()
    for looked in evidence.looked_up:
        client_id, place = looked.request.client_id, looked.place
        if looked.timestamp != LATEST or (client_id, place) in said:
            continue
        start = _log_start(evidence, place)
        if start is None or looked.offset <= start or not _began_at(evidence, looked):
            continue
        groups = sorted(evidence.groups_of(client_id))
        committed = {offset for group in groups for _, where, offset in evidence.committed_at_start(group) if where == place}
        if any(offset >= 0 for offset in committed):
            continue
        said.add((client_id, place))
        number = looked.offset - start
        what = "the record" if number == 1 else f"{number:,} records"
        were = "was" if number == 1 else "were"
        delay = _delay(evidence, looked)
        since = "after" if delay is None else f"{delay:,} ms after"
        where = f"{place[0]}-{place[1]}"
        who = f"group {groups[0]!r}" if groups else f"client {client_id!r}"
        came = f"was assigned {where}" if groups else f"began to read {where}"
        yield (
            f"{who} {came} {since} {what} {were} written and reads from latest (offset {looked.offset}): wait_for_assignment() "
            "before producing, or auto.offset.reset=earliest"
        )


def at_the_end(evidence: Evidence) -> Iterator[str]:
    """Groups that had committed all there is, before this client came."""
    for group_id in evidence.state.groups:
        commits = evidence.requests.of("OffsetCommit", group=group_id)
        said: set[Place] = set()
        for request, place, offset in evidence.committed_at_start(group_id):
            view = _partition(evidence, place)
            if (
                offset < 0
                or view is None
                or place in said
                or view.last_stable_offset > offset
                or offset <= view.log_start_offset
            ):
                continue
            # A member that has its own offsets back after a rebalance is at the end for a good reason.
            if any(each.session is request.session for each in commits if each.number < request.number):
                continue
            said.add(place)
            yield (
                f"group {group_id!r} had committed offset {offset} of {place[0]}-{place[1]} before client "
                f"{request.client_id!r} joined, which is its end: no record is left for it; "
                "take another group id, or reset its offsets"
            )


def open_transactions(evidence: Evidence) -> Iterator[str]:
    """Readers of committed records before a transaction that is open."""
    for place, clients in _committed_readers(evidence).items():
        view = _partition(evidence, place)
        if view is None or view.last_stable_offset >= view.high_watermark:
            continue
        where = f"{place[0]}-{place[1]}"
        owners = [each for each in evidence.state.transactions.values() if place in each.partitions and each.state == "Ongoing"]
        of = f" of {several(repr(each.transactional_id) for each in owners)}" if owners else ""
        age = ""
        if owners and owners[0].started_ms >= 0:
            age = f", begun {max(0, evidence.state.now_ms - owners[0].started_ms):,} ms ago"
        yield (
            f"the records of {where} from offset {view.last_stable_offset} on are behind an open transaction{of}{age}, and "
            f"{several(f'client {each!r}' for each in clients)} reads committed records only: it sees them when it is committed"
        )


def aborted_transactions(evidence: Evidence) -> Iterator[str]:
    """Readers of committed records where some were aborted."""
    for place, clients in _committed_readers(evidence).items():
        aborted = [
            each.offset for each in evidence.records(place[0]) if each.partition == place[1] and each.transaction == "aborted"
        ]
        if aborted:
            yield (
                f"{count(len(aborted), 'record')} of {place[0]}-{place[1]} (from offset {aborted[0]} on) "
                f"{'is' if len(aborted) == 1 else 'are'} of an aborted transaction, and "
                f"{several(f'client {each!r}' for each in clients)} reads committed records only"
            )


def out_of_range(evidence: Evidence) -> Iterator[str]:
    """Fetches from where there is nothing."""
    seen: set[tuple[str, str | None, int | None]] = set()
    for request in evidence.requests.of("Fetch", error="OFFSET_OUT_OF_RANGE"):
        for refusal in request.refusals:
            key = (request.client_id, refusal.topic, refusal.partition)
            if refusal.error == "OFFSET_OUT_OF_RANGE" and key not in seen and not request.fault:
                seen.add(key)
                yield f"{what_of(request)} was out of range, and auto.offset.reset decides: {refusal.field} {refusal.rule}"


def _committed_readers(evidence: Evidence) -> dict[Place, list[str]]:
    found: dict[Place, dict[str, None]] = {}
    for each in evidence.fetched:
        if each.is_read_committed:
            found.setdefault(each.place, {})[each.request.client_id] = None
    return {place: list(clients) for place, clients in found.items()}


def _began_at(evidence: Evidence, looked: Looked) -> bool:
    """Whether the client has begun to read where it had looked, and never before that."""
    offsets = [
        each.offset
        for each in evidence.fetched
        if each.place == looked.place and each.request.client_id == looked.request.client_id
    ]
    return looked.offset in offsets and min(offsets) >= looked.offset


def _delay(evidence: Evidence, looked: Looked) -> int | None:
    """Between the last record before and the assignment, or the look where no group is involved; None when nobody knows."""
    synced = [
        each
        for each in evidence.requests.of("SyncGroup", client_id=looked.request.client_id)
        if each.number < looked.request.number and not each.refusals
    ]
    came = synced[-1] if synced else looked.request
    written = [p.request for p in evidence.produced if p.place == looked.place and p.base_offset < looked.offset]
    if written:
        delay = ms_between(written[-1].ended_ns, came.ended_ns)
        return delay if came.ended_ns >= written[-1].ended_ns else ms_between(written[-1].ended_ns, looked.request.ended_ns)
    before = [
        each for each in evidence.records(looked.place[0]) if each.partition == looked.place[1] and each.offset < looked.offset
    ]
    if not before or _is_manual(evidence) or came.ended_ms is None:
        return None
    delay = came.ended_ms - before[-1].timestamp_ms
    return delay if 0 <= delay <= _MOST_DELAY_MS else None


def _log_start(evidence: Evidence, place: Place) -> int | None:
    view = _partition(evidence, place)
    return None if view is None else view.log_start_offset


def _partition(evidence: Evidence, place: Place) -> Any:
    topic = evidence.state.topics.get(place[0])
    return None if topic is None else next((each for each in topic.partitions if each.id == place[1]), None)


def _is_manual(evidence: Evidence) -> bool:
    return evidence.kafka.options.clock == "manual"
