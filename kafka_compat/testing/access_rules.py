"""Why somebody was not let in, or may not do something, in words: rules of `refusal_rules.py`."""

from __future__ import annotations

from kafka_compat.protocol.api_keys import ApiKey
from kafka_compat.security.acl import CLUSTER_NAME, AclOperation, AclResource
from kafka_compat.testing.nearest import did_you_mean
from kafka_compat.testing.refusals import Case
from kafka_compat.testing.secrets import claimed_name

# Operations that requests need, in the order in which they are asked for; the first that is missing is named.
_OF_TOPIC: dict[int, tuple[AclOperation, ...]] = {
    ApiKey.PRODUCE: (AclOperation.WRITE,),
    ApiKey.FETCH: (AclOperation.READ,),
    ApiKey.METADATA: (AclOperation.DESCRIBE, AclOperation.CREATE),
    ApiKey.LIST_OFFSETS: (AclOperation.DESCRIBE,),
    ApiKey.OFFSET_COMMIT: (AclOperation.READ,),
    ApiKey.TXN_OFFSET_COMMIT: (AclOperation.READ,),
    ApiKey.OFFSET_FETCH: (AclOperation.DESCRIBE,),
    ApiKey.CREATE_TOPICS: (AclOperation.CREATE,),
    ApiKey.DELETE_TOPICS: (AclOperation.DELETE,),
    ApiKey.DELETE_RECORDS: (AclOperation.DELETE,),
    ApiKey.ADD_PARTITIONS_TO_TXN: (AclOperation.WRITE,),
    ApiKey.CREATE_PARTITIONS: (AclOperation.ALTER,),
    ApiKey.OFFSET_FOR_LEADER_EPOCH: (AclOperation.DESCRIBE,),
    ApiKey.DESCRIBE_TOPIC_PARTITIONS: (AclOperation.DESCRIBE,),
}
_DESCRIBES_GROUP = frozenset({ApiKey.FIND_COORDINATOR, ApiKey.DESCRIBE_GROUPS, ApiKey.OFFSET_FETCH})
_DESCRIBES_TRANSACTION = frozenset({ApiKey.FIND_COORDINATOR, ApiKey.DESCRIBE_TRANSACTIONS})


def mechanism(case: Case) -> tuple[str, str] | None:
    """A mechanism that the listener has not."""
    session = case.request.session
    wanted = case.asked("mechanism")
    if session.sasl is None:
        said = f" ({wanted})" if isinstance(wanted, str) and wanted else ""
        return "", f"the client wants SASL{said}; the listener {session.listener} has none: security.protocol=PLAINTEXT"
    known = next((names for struct in case.structs if (names := getattr(struct, "mechanisms", None))), ())
    return "mechanism", f"the listener {session.listener} has not {wanted}, but {', '.join(known)}"


def authentication(case: Case) -> tuple[str, str] | None:
    """A wrong password, or nobody's."""
    asked = case.asked("auth_bytes")
    name = claimed_name(asked) if isinstance(asked, bytes) else ""
    who = f"{name!r}: " if name else ""
    users = case.services.image.scram_credentials
    hint = f"; there is no user {name!r}{did_you_mean(name, list(users))}" if name and name not in users else ""
    return "", f"{who}{case.message or 'it is not let in'}{hint}"


def topic(case: Case) -> tuple[str, str] | None:
    """A right on a topic is missing."""
    if case.topic is None:
        return None
    return _missing(case, _OF_TOPIC.get(case.request.api_key, ()), AclResource.TOPIC, case.topic)


def group(case: Case) -> tuple[str, str] | None:
    """A right on a group is missing."""
    needed = AclOperation.DESCRIBE if case.request.api_key in _DESCRIBES_GROUP else AclOperation.READ
    names = _names(case, case.request.groups)
    return _missing(case, (needed,), AclResource.GROUP, names[0]) if len(names) == 1 else None


def transactional_id(case: Case) -> tuple[str, str] | None:
    """A right on a transactional id is missing."""
    needed = AclOperation.DESCRIBE if case.request.api_key in _DESCRIBES_TRANSACTION else AclOperation.WRITE
    names = _names(case, case.request.transactional_ids)
    return _missing(case, (needed,), AclResource.TRANSACTIONAL_ID, names[0]) if len(names) == 1 else None


def cluster(case: Case) -> tuple[str, str] | None:
    """A right on the cluster is missing."""
    if case.request.api_key == ApiKey.INIT_PRODUCER_ID:
        return "", f"{_who(case)} may write to no topic at all, nor IDEMPOTENT_WRITE on the cluster"
    return _missing(case, (), AclResource.CLUSTER, CLUSTER_NAME)


def _names(case: Case, named: tuple[str, ...]) -> tuple[str, ...]:
    if case.request.api_key == ApiKey.FIND_COORDINATOR and not named:
        keys = case.asked("coordinator_keys") or (case.asked("key"),)
        return tuple(key for key in keys if isinstance(key, str)) if isinstance(keys, list | tuple) else ()
    return named


def _who(case: Case) -> str:
    return str(case.request.session.principal)


def _missing(case: Case, needed: tuple[AclOperation, ...], kind: AclResource, name: str) -> tuple[str, str]:
    """Say which operation is missing, as far as that can be told."""
    session, authorizer = case.request.session, case.services.authorizer
    missing = [
        each.name
        for each in needed
        if authorizer is None or not authorizer.authorize(session.principal, session.host, each, kind, name)
    ]
    right = missing[0] if missing else f"{case.request.api} needs"
    what = "the cluster" if kind == AclResource.CLUSTER else f"the {kind.name.lower().replace('_', ' ')} {name!r}"
    lacks = f"lacks the right {right}" if missing else f"lacks a right that {right}"
    return case.part_path, f"{_who(case)} {lacks} on {what}"
