"""What error codes of the coordinators mean, in words; see `refusal_rules.py`."""

from __future__ import annotations

from kafka_compat.coordinator.group.classic.group import ClassicGroup
from kafka_compat.coordinator.transaction.metadata import TransactionMetadata
from kafka_compat.coordinator.transaction.states import STATE_NAMES
from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.protocol.errors import KafkaError
from kafka_compat.testing.refusals import Case

Said = tuple[str, str] | None

_GROUP_FIELD = "groupId"


def not_coordinator(case: Case) -> Said:
    """The request has come to the wrong broker."""
    here = case.services.node_id
    for field, what, name, coordinator_of in (
        (_GROUP_FIELD, "group", _group_id(case), case.services.groups.coordinator_of),
        ("transactionalId", "transactional id", _transactional_id(case), case.services.transactions.coordinator_of),
    ):
        if not name:
            continue
        try:
            coordinator = coordinator_of(name)
        except KafkaError:
            return field, f"{what} {name!r} has no coordinator: its partition has no leader"
        if coordinator == here:
            return field, f"{what} {name!r}: broker {here} coordinates it only now, or is stopping"
        return field, f"{what} {name!r} is coordinated by broker {coordinator}; the request came to broker {here}"
    return None


def no_coordinator(case: Case) -> Said:
    """Nobody coordinates it."""
    name = _group_id(case)
    topic, what = ("__consumer_offsets", "group") if name else ("__transaction_state", "transactional id")
    name = name or _transactional_id(case)
    if not name:
        return None
    is_there = topic in case.services.image.topics
    return "", f"{what} {name!r} has no coordinator: " + (
        f"its partition of {topic} has no leader" if is_there else f"{topic} cannot be created"
    )


# --- groups


def generation(case: Case) -> Said:
    """The member is of another generation."""
    group = _group(case)
    if group is None:
        return None
    field = "generationIdOrMemberEpoch" if case.request.api_key == ApiKey.OFFSET_COMMIT else "generationId"
    said = case.number("generation_id_or_member_epoch" if case.request.api_key == ApiKey.OFFSET_COMMIT else "generation_id")
    return field, f"is {said}, and group {group.group_id!r} is at {group.generation_id}{_last_rebalance(group)}"


def unknown_member(case: Case) -> Said:
    """The group does not know the member."""
    group_id = _group_id(case)
    if not group_id:
        return None
    member_id = case.asked("member_id")
    group = _group(case)
    if group is None:
        said = f"there is no group {group_id!r} here"
    elif not group.members:
        said = f"group {group_id!r} has no members{_last_rebalance(group)}"
    else:
        names = ", ".join(sorted(member.member_id for member in group.members)[:3])
        said = f"group {group_id!r} has other members ({names}){_last_rebalance(group)}"
    return "memberId", f"is {member_id!r}, and {said}" if member_id else f"is empty, and {said}"


def fenced_instance(case: Case) -> Said:
    """A static member has been replaced."""
    instance_id = case.asked("group_instance_id")
    if not isinstance(instance_id, str):
        return None
    group = _group(case)
    owner = None if group is None else group.static_member_id(instance_id)
    return "groupInstanceId", f"{instance_id!r} belongs to another member now" + (f", {owner!r}" if owner else "")


def member_id_required(case: Case) -> Said:
    """The usual first step of a member (KIP-394)."""
    member_id = getattr(case.structs[0], "member_id", "")
    return "memberId", f"is empty: a new member joins again with the id that it is given, {member_id!r}"


def rebalance(case: Case) -> Said:
    """The member has to join again."""
    group = _group(case)
    if group is None:
        return None
    return "", f"group {group.group_id!r} is {group.state_name}; its members join again{_last_rebalance(group)}"


def group_protocol(case: Case) -> Said:
    """The member does not fit the others."""
    group = _group(case)
    if group is None:
        return None
    body = case.body
    asked = [protocol.name for protocol in getattr(body, "protocols", ())] or [str(case.asked("protocol_name"))]
    theirs = sorted({name for member in group.members for name, _ in member.protocols})
    return "protocols", (
        f"[{', '.join(asked)}] of type {case.asked('protocol_type')!r} have nothing in common with those of group "
        f"{group.group_id!r}: [{', '.join(theirs)}] of type {group.protocol_type!r}"
    )


def session_timeout(case: Case) -> Said:
    """The session timeout is out of bounds."""
    config = case.services.config
    low, high = config.group_min_session_timeout_ms, config.group_max_session_timeout_ms
    return "sessionTimeoutMs", (
        f"is {case.number('session_timeout_ms')}; group.min.session.timeout.ms is {low}, group.max.session.timeout.ms {high}"
    )


def group_id(case: Case) -> Said:
    """The group id is not legal."""
    return _GROUP_FIELD, f"{_group_id(case)!r} is not legal: a group that has members needs a name"


def no_group(case: Case) -> Said:
    """There is no such group."""
    name = getattr(case.structs[-1], "group_id", None) or _group_id(case)
    return ("", case.message or f"there is no group {name!r}") if name else None


def has_members(case: Case) -> Said:
    """The group is in use."""
    name = getattr(case.structs[-1], "group_id", None) or _group_id(case)
    group = case.services.groups.peek(name) if isinstance(name, str) and name else None
    if not isinstance(group, ClassicGroup):
        return None
    return "", f"group {name!r} has {_count(len(group.members), 'member')}: {_member_names(group)}"


def group_size(case: Case) -> Said:
    """The group is full."""
    return "", f"group {_group_id(case)!r} has as many members as group.max.size allows: {case.services.config.group_max_size}"


def subscribed(case: Case) -> Said:
    """Offsets of a topic that is being read stay."""
    return case.part_path, f"group {_group_id(case)!r} is subscribed to {case.topic!r}"


def offset_metadata(case: Case) -> Said:
    """Metadata of a committed offset is too long."""
    metadata = case.asked("committed_metadata")
    length = len(metadata) if isinstance(metadata, str) else -1
    limit = case.services.config.offset_metadata_max_bytes
    return f"{case.part_path}.committedMetadata", f"has {length} characters; offset.metadata.max.bytes is {limit}"


def _group_id(case: Case) -> str:
    groups = case.request.groups
    return groups[0] if groups else ""


def _group(case: Case) -> ClassicGroup | None:
    name = _group_id(case)
    group = case.services.groups.peek(name) if name else None
    return group if isinstance(group, ClassicGroup) else None


def _last_rebalance(group: ClassicGroup) -> str:
    return f" (last rebalance: {group.last_rebalance})" if group.last_rebalance else ""


def _member_names(group: ClassicGroup) -> str:
    return ", ".join(sorted(member.member_id for member in group.members)[:5])


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


# --- transactions


def transaction(case: Case, name: str) -> TransactionMetadata | None:
    """What the broker's coordinator knows of a transactional id."""
    return case.services.transactions.peek(name)


def state_name(known: TransactionMetadata) -> str:
    """Kafka's name of its state."""
    return STATE_NAMES[known.state]


def transaction_state(case: Case) -> Said:
    """The transaction's state does not allow it."""
    name = _transactional_id(case)
    known = transaction(case, name) if name else None
    if known is None:
        return None
    state = state_name(known)
    if known.is_prepared:
        return "", f"transactional id {name!r} is {state}: its last transaction is still being ended"
    if case.request.api_key == ApiKey.END_TXN:
        wanted = "commit" if case.asked("committed") else "abort"
        return "committed", f"asks to {wanted}; transactional id {name!r} is {state}"
    return "", f"transactional id {name!r} is {state}, which does not allow {case.request.api}"


def producer_epoch(case: Case) -> Said:
    """A newer producer goes by the transactional id."""
    name = _transactional_id(case)
    known = transaction(case, name) if name else None
    if known is None:
        return None
    return "producerEpoch", (
        f"is {_number(case, 'producer_epoch')}, and transactional id {name!r} is at {known.producer_epoch}: a newer producer "
        "has initialized it, or its transaction timed out"
    )


def producer_id(case: Case) -> Said:
    """The producer id is another one's."""
    name = _transactional_id(case)
    if not name:
        return None
    known = transaction(case, name)
    said = f"is {_number(case, 'producer_id')}, and "
    if known is None:
        return "producerId", said + f"transactional id {name!r} is not known: nobody has initialized it, or it has expired"
    return "producerId", said + f"transactional id {name!r} has {known.producer_id}"


def no_transactional_id(case: Case) -> Said:
    """Nobody has initialized it."""
    name = getattr(case.structs[-1], "transactional_id", None) or _transactional_id(case)
    return "transactionalId", f"{name!r} is not known: nobody has initialized it, or it has expired"


def transaction_timeout(case: Case) -> Said:
    """The transaction may take too long."""
    limit = case.services.config.transaction_max_timeout_ms
    return "transactionTimeoutMs", f"is {case.number('transaction_timeout_ms')}; transaction.max.timeout.ms is {limit}"


def _transactional_id(case: Case) -> str:
    return case.request.transactional_id or ""


def _number(case: Case, name: str) -> int:
    """Of a request that has it once, under an older name, or in its first transaction."""
    for source in (case.body, *(getattr(case.body, "transactions", None) or ())):
        for attribute in (name, f"v3_and_below_{name}"):
            value = getattr(source, attribute, None)
            if isinstance(value, int):
                return value
    return -1
