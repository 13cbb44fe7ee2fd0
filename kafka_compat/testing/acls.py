"""Access control lists of a test, as a sentence each: `allow("alice", "read", topic="orders")`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kafka_compat.metadata.image import Acl as StoredAcl
from kafka_compat.security.acl import CLUSTER_NAME, AclOperation, AclPattern, AclPermission, AclResource
from kafka_compat.testing.nearest import did_you_mean

_RESOURCES: Final = {
    "topic": AclResource.TOPIC,
    "group": AclResource.GROUP,
    "transactional_id": AclResource.TRANSACTIONAL_ID,
    "delegation_token": AclResource.DELEGATION_TOKEN,
    "user_resource": AclResource.USER,
}
_OPERATIONS: Final = {each.name.lower(): each for each in AclOperation if each > AclOperation.ANY}


@dataclass(frozen=True, slots=True)
class Acl:
    """Who may, or may not, do what to what; made by `allow` and `deny`.

    Attributes:
        user: a user's name, "*" for everybody.
        operations: "read", "write", "create", ..., "all": Kafka's names in lower case.
        resource: "topic", "group", "transactional_id", "cluster", "delegation_token" or "user_resource".
        name: of the resource; "orders*" are all whose names begin so, "*" is all of them.
        is_allowed: False denies, whatever else allows.
        host: an IP address; "*" is any.
    """

    user: str
    operations: tuple[str, ...]
    resource: str
    name: str
    is_allowed: bool = True
    host: str = "*"

    def stored(self) -> Iterator[StoredAcl]:
        """The entries that it stands for, one for each operation."""
        is_prefix = self.name != "*" and self.name.endswith("*")
        is_cluster = self.resource == "cluster"
        for operation in self.operations:
            yield StoredAcl(
                resource_type=AclResource.CLUSTER if is_cluster else _RESOURCES[self.resource],
                resource_name=CLUSTER_NAME if is_cluster else self.name.removesuffix("*") if is_prefix else self.name,
                pattern_type=AclPattern.PREFIXED if is_prefix else AclPattern.LITERAL,
                principal=self.user if ":" in self.user else f"User:{self.user}",
                host=self.host,
                operation=_OPERATIONS[operation],
                permission=AclPermission.ALLOW if self.is_allowed else AclPermission.DENY,
            )

    def __str__(self) -> str:
        what = "the cluster" if self.resource == "cluster" else f"{self.resource} {self.name}"
        may = "may" if self.is_allowed else "may not"
        return f"{self.user} {may} {', '.join(self.operations)} {what}"


def allow(
    user: str,
    *operations: str,
    topic: str | None = None,
    group: str | None = None,
    transactional_id: str | None = None,
    cluster: bool = False,
    host: str = "*",
) -> Acl:
    """Let a user do it: `allow("alice", "read", topic="orders")`.

    Args:
        user: the name; "*" is everybody.
        operations: Kafka's, in any case, such as "read", "write", "describe", "all".
        topic: to what; "orders*" is whatever begins so, "*" all of them.
        group: or to a group,
        transactional_id: or a transactional id,
        cluster: or the cluster.
        host: from this IP address only.

    Raises:
        TypeError, ValueError: it cannot be meant so; the message says what can.
    """
    return _acl(True, user, operations, topic, group, transactional_id, cluster, host)


def deny(
    user: str,
    *operations: str,
    topic: str | None = None,
    group: str | None = None,
    transactional_id: str | None = None,
    cluster: bool = False,
    host: str = "*",
) -> Acl:
    """Forbid it to a user, whatever allows it; as `allow`."""
    return _acl(False, user, operations, topic, group, transactional_id, cluster, host)


def _acl(
    is_allowed: bool,
    user: str,
    operations: tuple[str, ...],
    topic: str | None,
    group: str | None,
    transactional_id: str | None,
    cluster: bool,
    host: str,
) -> Acl:
    verb = "allow" if is_allowed else "deny"
    example = f'such as {verb}("alice", "read", topic="orders")'
    if not isinstance(user, str) or not user:
        raise TypeError(f"{verb}: the user is a str, {example}, not {user!r}")
    if not operations:
        raise ValueError(f"{verb}: an operation is missing, {example}")
    checked = []
    for operation in operations:
        if not isinstance(operation, str):
            raise TypeError(f"{verb}: an operation is a str, {example}, not {operation!r}")
        name = operation.lower()
        if name not in _OPERATIONS:
            raise ValueError(
                f"{verb}: {operation!r} is no operation{did_you_mean(name, list(_OPERATIONS))}: "
                f"there are {', '.join(_OPERATIONS)}"
            )
        checked.append(name)
    named = [
        (kind, value)
        for kind, value in (("topic", topic), ("group", group), ("transactional_id", transactional_id))
        if value is not None
    ]
    if len(named) + bool(cluster) != 1:
        raise ValueError(f"{verb}: one of topic, group, transactional_id and cluster=True says to what, {example}")
    kind, value = named[0] if named else ("cluster", CLUSTER_NAME)
    if not isinstance(value, str) or not value:
        raise TypeError(f"{verb}: {kind} is a name, {example}, not {value!r}")
    return Acl(user, tuple(checked), kind, value, is_allowed, host)


def acls_of(acls: object) -> tuple[Acl, ...] | None:
    """The argument `acls` of a cluster; None: everybody may do everything.

    Raises:
        TypeError: it is no sequence of them.
    """
    if acls is None:
        return None
    example = 'what allow and deny give, such as [allow("alice", "read", topic="orders")]'
    if not isinstance(acls, Sequence) or isinstance(acls, str | bytes):
        raise TypeError(f"acls are {example}, not {acls!r}")
    for acl in acls:
        if not isinstance(acl, Acl):
            raise TypeError(f"acls are {example}, not {acl!r}")
    return tuple(acls)


def read_back(stored: StoredAcl) -> Acl:
    """An entry of a cluster, which a client may have made."""
    kinds = {code: kind for kind, code in _RESOURCES.items()}
    resource = AclResource(stored.resource_type)
    star = "*" if stored.pattern_type == AclPattern.PREFIXED else ""
    return Acl(
        user=stored.principal.removeprefix("User:"),
        operations=(AclOperation(stored.operation).name.lower(),),
        resource="cluster" if resource == AclResource.CLUSTER else kinds[resource],
        name=stored.resource_name + star,
        is_allowed=stored.permission == AclPermission.ALLOW,
        host=stored.host,
    )
