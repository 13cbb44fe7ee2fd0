"""What was there instead of what a test waited for: sentences for its TimeoutError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from kafka_compat.protocol.topic_names import is_internal
from kafka_compat.testing.found import Found
from kafka_compat.testing.inspection import Inspection
from kafka_compat.testing.positions import Positions
from kafka_compat.testing.views import GroupView, MemberView, PartitionView, Record

_MOST: Final = 5
_TEXT_BYTES: Final = 60


async def records_instead(inspection: Inspection, found: Found) -> str:
    """Of records that did not come, or of which there are too many."""
    if inspection.topic(found.topic) is None:
        return _no_topic(inspection, found.topic)
    matching, others, hidden = found.matching, found.others, await found.hidden()
    said = [f"{counted(len(matching), 'record')} came" + _listed(matching)]
    if others:
        said.append(f"{counted(len(others), 'other record')} of it came, for which `where` does not hold" + _listed(others))
    for state, words in (("open", "in a transaction that is still open"), ("aborted", "of an aborted transaction")):
        some = [record for record in hidden if record.transaction == state]
        if some:
            said.append(f"{counted(len(some), 'record')} {_are(some)} {words}" + _listed(some))
    return "; ".join(said)


async def assignment_instead(
    inspection: Inspection, positions: Positions, group_id: str, view: GroupView | None, members: int | None
) -> str:
    """Of a group that was not assigned."""
    if view is None:
        return await no_group(inspection, group_id)
    said = [group_in_words(view)]
    if members is not None and members != len(view.members):
        said.append(f"it was to have {members}")
    for topic in sorted({topic for member in view.members for topic in member.topics}):
        known = inspection.topic(topic)
        if known is None:
            said.append(_no_topic(inspection, topic))
            continue
        missing = set(range(len(known.partitions))) - {number for name, number in _assigned(view) if name == topic}
        if missing:
            said.append(f"nobody is assigned {in_words((topic, number) for number in sorted(missing))}")
    for member in view.members:
        if not member.has_synced:
            said.append(f"{member.id} has not asked for its assignment: is it polled?")
        unplaced = [each for each in positions.unplaced(member) if each not in view.offsets]
        if unplaced and view.state == "Stable":
            said.append(
                f"{member.id} has not asked where to begin with {in_words(unplaced)}, of which the group has no committed "
                "offset: is it polled?"
            )
    return "; ".join(said)


async def consumption_instead(
    inspection: Inspection, positions: Positions, group_id: str, view: GroupView | None, topic: str | None
) -> str:
    """Of a group that has not consumed all."""
    if view is None:
        return await no_group(inspection, group_id)
    said = [group_in_words(view)]
    if topic is not None and inspection.topic(topic) is None:
        return "; ".join([*said, _no_topic(inspection, topic)])
    if topic is None and not view.offsets:
        said.append("it has committed no offset")
    topics = await inspection.topics()
    names = [topic] if topic is not None else sorted({name for name, _ in view.offsets})
    for partition in (each for name in names if name in topics for each in topics[name].partitions):
        committed = view.offsets.get((partition.topic, partition.id))
        end = partition.last_stable_offset
        if (partition.log_start_offset if committed is None else committed) < end:
            said.append(_behind(partition, committed) + _why(positions, view, partition, committed))
    return "; ".join(said)


async def no_group(inspection: Inspection, group_id: str) -> str:
    """That there is none, and which there are."""
    others = sorted(await inspection.groups())
    return f"there is no group {group_id}" + (f", only {_some(others)}" if others else ", nor any other")


def group_in_words(view: GroupView) -> str:
    """State, members with what they have, and why the group last rebalanced."""
    said = f"group {view.id} is {view.state}"
    if view.generation >= 0:
        said += f" in generation {view.generation}"
    said += f" with {counted(len(view.members), 'member') if view.members else 'no members'}"
    if view.members:
        said += ": " + ", ".join(_member(member) for member in view.members[:_MOST])
        said += f" and {len(view.members) - _MOST} more" if len(view.members) > _MOST else ""
    if view.last_rebalance:
        said += f"; it last rebalanced because: {view.last_rebalance.rstrip('.')}"
    return said


def in_words(partitions: Iterable[tuple[str, int]]) -> str:
    """Partitions, a few of them by name."""
    return _some([f"{topic}-{number}" for topic, number in partitions])


def record_in_words(record: Record) -> str:
    """Where it is and what it says, cut short."""
    said = f"{record.topic}-{record.partition} at {record.offset}: "
    return said + (f"{_text(record.key)}=" if record.key is not None else "") + _text(record.value)


def counted(count: int, noun: str) -> str:
    """The count with its noun."""
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"


def _member(member: MemberView) -> str:
    subscribed = f"subscribed to {_some(member.topics)}" if member.topics else "subscribed to nothing that can be read"
    return f"{member.id} ({subscribed}, assigned {in_words(member.assignment) if member.assignment else 'nothing'})"


def _behind(partition: PartitionView, committed: int | None) -> str:
    name, end = f"{partition.topic}-{partition.id}", partition.last_stable_offset
    if committed is None:
        return f"nothing of {name} is committed, which ends at {end}"
    return f"{name} is committed up to {committed} and ends at {end}, {end - committed} behind"


def _why(positions: Positions, view: GroupView, partition: PartitionView, committed: int | None) -> str:
    key = (partition.topic, partition.id)
    owner = next((member for member in view.members if key in member.assignment), None)
    if owner is None:
        return " (no member is assigned it)" if view.members else ""
    begin = positions.begin(owner, key)
    if committed is None and begin is not None and begin > partition.log_start_offset:
        return (
            f" (its consumer asked for its end when it was assigned, and began at {begin}: it reads from latest, and "
            f"{counted(begin - partition.log_start_offset, 'record')} had been written before)"
        )
    if committed is None and key in positions.unplaced(owner):
        return " (its consumer has not asked where to begin: is it polled?)"
    if partition.high_watermark > partition.last_stable_offset:
        return " (what is behind it belongs to an open transaction, or follows one)"
    return ""


def _assigned(view: GroupView) -> set[tuple[str, int]]:
    return {partition for member in view.members for partition in member.assignment}


def _no_topic(inspection: Inspection, name: str) -> str:
    others = sorted(topic for topic in inspection.leaders.image.topics if not is_internal(topic))
    return f"there is no topic {name}" + (f", only {_some(others)}" if others else ", nor any other")


def _listed(records: Sequence[Record], words: Callable[[Record], str] = record_in_words) -> str:
    return f" ({_some([words(record) for record in records])})" if records else ""


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return ", ".join(names[:_MOST]) + more


def _are(records: Sequence[Record]) -> str:
    return "is" if len(records) == 1 else "are"


def _text(data: bytes | None) -> str:
    if data is None:
        return "null"
    cut = data[:_TEXT_BYTES]
    return repr(cut) if len(cut) == len(data) else f"{cut!r}... ({len(data)} bytes)"
