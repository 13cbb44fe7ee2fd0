"""Users with every single right, with all but one, and with rights in every form, as access control lists.

A user's name says what he may do: `topic-read`, `but-topic-read` (everything else). Rights are on the names of `NAMES`, of each
type what is there and what is not, and not on those of `OTHERS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from kafka_compat.protocol.messages.create_acls import AclCreation, CreateAclsRequest, CreateAclsResponse
from kafka_compat.security.acl import CLUSTER_NAME, WILDCARD, AclOperation, AclPattern, AclPermission, AclResource
from tests.conformance.both import Side

Operation = AclOperation
Kind = AclResource

# What a user may have rights on: HERE is there, IDLE too and may be changed, GONE is not, and DOOMED comes and goes.
NAMES: Final = {
    Kind.TOPIC: ("my-topic-here", "my-topic-idle", "my-topic-gone", "my-topic-doomed"),
    Kind.GROUP: ("my-group-here", "my-group-idle", "my-group-gone"),
    Kind.CLUSTER: (CLUSTER_NAME,),
    Kind.TRANSACTIONAL_ID: ("my-txn-here", "my-txn-idle", "my-txn-gone"),
    Kind.DELEGATION_TOKEN: (WILDCARD,),  # the broker makes up their ids
    Kind.USER: ("User:my-user",),
}
PREFIXES: Final = {
    Kind.TOPIC: "my-",
    Kind.GROUP: "my-",
    Kind.TRANSACTIONAL_ID: "my-",
    Kind.USER: "User:my-",
}
# AclEntry.supportedOperations: what makes sense of a type, besides ALL.
OPERATIONS: Final = {
    Kind.TOPIC: (
        Operation.READ,
        Operation.WRITE,
        Operation.CREATE,
        Operation.DELETE,
        Operation.ALTER,
        Operation.DESCRIBE,
        Operation.DESCRIBE_CONFIGS,
        Operation.ALTER_CONFIGS,
    ),
    Kind.GROUP: (
        Operation.READ,
        Operation.DELETE,
        Operation.DESCRIBE,
        Operation.DESCRIBE_CONFIGS,
        Operation.ALTER_CONFIGS,
    ),
    Kind.CLUSTER: (
        Operation.CREATE,
        Operation.ALTER,
        Operation.DESCRIBE,
        Operation.CLUSTER_ACTION,
        Operation.DESCRIBE_CONFIGS,
        Operation.ALTER_CONFIGS,
        Operation.IDEMPOTENT_WRITE,
    ),
    Kind.TRANSACTIONAL_ID: (Operation.DESCRIBE, Operation.WRITE, Operation.TWO_PHASE_COMMIT),
    Kind.DELEGATION_TOKEN: (Operation.DESCRIBE,),
    Kind.USER: (Operation.CREATE_TOKENS, Operation.DESCRIBE_TOKENS),
}
_PER_REQUEST: Final = 500


class Entry(NamedTuple):
    """One access control entry, of all names of its type unless it has one of its own."""

    kind: Kind
    operation: Operation
    permission: AclPermission = AclPermission.ALLOW
    pattern: AclPattern = AclPattern.LITERAL
    name: str | None = None
    host: str = "*"


def _literal(operation: Operation, permission: AclPermission = AclPermission.ALLOW, host: str = "*") -> list[Entry]:
    return [Entry(kind, operation, permission, host=host) for kind in NAMES]


def _wildcard(permission: AclPermission = AclPermission.ALLOW) -> list[Entry]:
    # The cluster has one name, and no pattern of it is valid.
    return [Entry(kind, Operation.ALL, permission, name=CLUSTER_NAME if kind is Kind.CLUSTER else WILDCARD) for kind in NAMES]


def _prefixed(permission: AclPermission = AclPermission.ALLOW) -> list[Entry]:
    of_prefix = [Entry(kind, Operation.ALL, permission, AclPattern.PREFIXED, prefix) for kind, prefix in PREFIXES.items()]
    return [*of_prefix, *(Entry(kind, Operation.ALL, permission) for kind in NAMES.keys() - PREFIXES.keys())]


def _of(kind: Kind, operation: Operation) -> str:
    return f"{kind.name}-{operation.name}".lower().replace("_", "-")


def _users() -> dict[str, list[Entry]]:
    """Each user's entries."""
    users: dict[str, list[Entry]] = {
        "nothing": [],
        "all": _literal(Operation.ALL),
        "all-prefixed": _prefixed(),
        "all-wildcard": _wildcard(),
        "denied-literal": _wildcard() + _literal(Operation.ALL, AclPermission.DENY),
        "denied-prefixed": _literal(Operation.ALL) + _prefixed(AclPermission.DENY),
        "denied-wildcard": _literal(Operation.ALL) + _wildcard(AclPermission.DENY),
        "allowed-elsewhere": _literal(Operation.ALL, host="192.0.2.1"),
        "denied-elsewhere": _wildcard() + _literal(Operation.ALL, AclPermission.DENY, "192.0.2.1"),
    }
    for kind, operations in OPERATIONS.items():
        for operation in (*operations, Operation.ALL):
            users[_of(kind, operation)] = [Entry(kind, operation)]
            users[f"but-{_of(kind, operation)}"] = [*_wildcard(), Entry(kind, operation, AclPermission.DENY)]
    return users


USERS: Final = _users()


def _creations(user: str, entry: Entry) -> list[AclCreation]:
    return [
        AclCreation(
            resource_type=entry.kind,
            resource_name=name,
            resource_pattern_type=entry.pattern,
            principal=f"User:{user}",
            host=entry.host,
            operation=entry.operation,
            permission_type=entry.permission,
        )
        for name in (NAMES[entry.kind] if entry.name is None else (entry.name,))
    ]


def grant(side: Side, user: str, entries: Sequence[Entry]) -> None:
    """Give a user rights."""
    _create(side, [creation for entry in entries for creation in _creations(user, entry)])


def grant_all(side: Side) -> AclCreation:
    """Give all users theirs; returns the last that was given."""
    creations = [creation for user, entries in USERS.items() for entry in entries for creation in _creations(user, entry)]
    _create(side, creations)
    return creations[-1]


def _create(side: Side, creations: Sequence[AclCreation]) -> None:
    for start in range(0, len(creations), _PER_REQUEST):
        request = CreateAclsRequest(creations=list(creations[start : start + _PER_REQUEST]))
        answer = side.call(request, 3, CreateAclsResponse)
        refused = [(each.error_code, each.error_message) for each in answer.results if each.error_code]
        assert not refused, refused
