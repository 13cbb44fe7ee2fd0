"""Access control lists as Kafka's StandardAuthorizer reads them.

What decides a question is every entry whose resource pattern matches the name: literal, `*`, or a prefix of it. Of those for
the principal (or `User:*`) and the host (or `*`), one that denies the operation decides, then one that allows it; without
either the answer is no. Only a resource that no pattern matches at all, for whomever, follows `allow.everyone.if.no.acl.found`.

READ, WRITE, DELETE and ALTER allow DESCRIBE as well, ALTER_CONFIGS allows DESCRIBE_CONFIGS, ALL everything; what is denied
implies nothing, but for ALL. Hosts are compared as text: `0:0:0:0:0:0:0:1` is Java's `::1`, and networks (KIP-1276) come with
Kafka 4.4.

A question costs a look-up for the name, one for `*`, and one for each length that prefixes of the type have; entries for the
same principal and host are two bit masks.

Source: Kafka's StandardAuthorizerData and Authorizer.authorizeByResourceType (KIP-11, KIP-290, KIP-679, KIP-801).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator
from typing import Final

from kafka_compat.metadata.image import Acl
from kafka_compat.security.acl import WILDCARD, AclOperation, AclPattern, AclPermission, AclResource
from kafka_compat.security.hosts import java_address
from kafka_compat.security.principal import Principal, parse_principal

ANYBODY: Final = "User:*"

_EVERYTHING: Final = (1 << 32) - 1
_ALL: Final = 1 << AclOperation.ALL
_DESCRIBE: Final = 1 << AclOperation.DESCRIBE
_DESCRIBE_CONFIGS: Final = 1 << AclOperation.DESCRIBE_CONFIGS
_ALTER_CONFIGS: Final = 1 << AclOperation.ALTER_CONFIGS
_IMPLY_DESCRIBE: Final = sum(
    1 << operation for operation in (AclOperation.READ, AclOperation.WRITE, AclOperation.DELETE, AclOperation.ALTER)
)
# A literal name that Kafka asks about to find who may do something to everything (Authorizer.authorizeByResourceType).
_SOME_NAME: Final = "hardcode"
# Of principal and host. They are the clients that are there, so a few thousand are many.
_KEYS_KEPT: Final = 4096

_Key = tuple[str, str]


class _Grants:
    """What the entries of one pattern say of one principal from one host, as bits by operation.

    Attributes:
        allowed, denied: the operations of the entries.
        allows, denies: what they come to.
    """

    __slots__ = ("allowed", "allows", "denied", "denies")

    def __init__(self) -> None:
        self.allowed = self.denied = self.allows = self.denies = 0

    def change(self, allowed: int, denied: int) -> None:
        """Take the entries' operations."""
        self.allowed, self.denied = allowed, denied
        self.denies = _EVERYTHING if denied & _ALL else denied
        if allowed & _ALL:
            self.allows = _EVERYTHING
        else:
            implied = (_DESCRIBE if allowed & _IMPLY_DESCRIBE else 0) | (_DESCRIBE_CONFIGS if allowed & _ALTER_CONFIGS else 0)
            self.allows = allowed | implied


_Pattern = dict[_Key, _Grants]


class _Resources:
    """The entries of one resource type: by pattern, to decide by, and by principal and host.

    Attributes:
        by_pattern: AclPattern code, then name.
        prefix_lengths: that there are, rising.
        by_key: principal and host to what its patterns say: the same objects.
    """

    __slots__ = ("_of_length", "by_key", "by_pattern", "prefix_lengths")

    def __init__(self) -> None:
        self.by_pattern: dict[int, dict[str, _Pattern]] = {AclPattern.LITERAL: {}, AclPattern.PREFIXED: {}}
        self.prefix_lengths: list[int] = []
        self.by_key: dict[_Key, dict[tuple[int, str], _Grants]] = {}
        self._of_length: dict[int, int] = {}

    def grants(self, acl: Acl) -> _Grants:
        """What there is for the entry's pattern, principal and host, made when there is nothing."""
        key = (acl.principal, acl.host)
        names = self.by_pattern[acl.pattern_type]
        pattern = names.get(acl.resource_name)
        if pattern is None:
            pattern = names[acl.resource_name] = {}
            if acl.pattern_type == AclPattern.PREFIXED:
                self._count_length(len(acl.resource_name), 1)
        grants = pattern.get(key)
        if grants is None:
            grants = pattern[key] = _Grants()
            self.by_key.setdefault(key, {})[acl.pattern_type, acl.resource_name] = grants
        return grants

    def drop(self, acl: Acl) -> None:
        """Nothing is left for the entry's pattern, principal and host."""
        key = (acl.principal, acl.host)
        names = self.by_pattern[acl.pattern_type]
        del names[acl.resource_name][key]
        if not names[acl.resource_name]:
            del names[acl.resource_name]
            if acl.pattern_type == AclPattern.PREFIXED:
                self._count_length(len(acl.resource_name), -1)
        del self.by_key[key][acl.pattern_type, acl.resource_name]
        if not self.by_key[key]:
            del self.by_key[key]

    def _count_length(self, length: int, change: int) -> None:
        count = self._of_length.get(length, 0) + change
        if count:
            if length not in self._of_length:
                insort(self.prefix_lengths, length)
            self._of_length[length] = count
        else:
            del self._of_length[length]
            self.prefix_lengths.remove(length)


class StandardAuthorizer:
    """Decides by access control lists, of which it is told one by one.

    Args:
        super_users: may do everything, as `type:name`.
        allows_without_acls: `allow.everyone.if.no.acl.found`.

    Attributes:
        version: another one after each change of the entries.
    """

    def __init__(self, super_users: Iterable[str] = (), *, allows_without_acls: bool = False) -> None:
        self.version = 0
        self._super_users = frozenset(super_users)
        self._allows_without_acls = allows_without_acls
        self._by_id: dict[bytes, Acl] = {}
        self._ids: dict[Acl, bytes] = {}
        self._resources: dict[int, _Resources] = {kind: _Resources() for kind in AclResource}
        self._keys: dict[tuple[Principal, str], tuple[_Key, ...]] = {}

    # --- entries

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, acl: Acl) -> bool:
        return acl in self._ids

    def __iter__(self) -> Iterator[Acl]:
        """In the order in which they were added."""
        return iter(self._ids)

    def id_of(self, acl: Acl) -> bytes:
        """The entry's id; KeyError when there is no such entry."""
        return self._ids[acl]

    def add(self, acl_id: bytes, acl: Acl) -> None:
        """An entry is there from now on."""
        if acl_id in self._by_id:
            self.remove(acl_id)
        self.version += 1
        self._by_id[acl_id] = acl
        self._ids[acl] = acl_id
        grants = self._resources[acl.resource_type].grants(acl)
        bit = 1 << acl.operation
        if acl.permission == AclPermission.DENY:
            grants.change(grants.allowed, grants.denied | bit)
        else:
            grants.change(grants.allowed | bit, grants.denied)

    def remove(self, acl_id: bytes) -> None:
        """An entry is gone; one that was not there stays so."""
        acl = self._by_id.pop(acl_id, None)
        if acl is None or self._ids.get(acl) != acl_id:
            return  # of two equal entries the other one holds
        self.version += 1
        del self._ids[acl]
        resources = self._resources[acl.resource_type]
        grants = resources.grants(acl)
        bit = 1 << acl.operation
        if acl.permission == AclPermission.DENY:
            grants.change(grants.allowed, grants.denied & ~bit)
        else:
            grants.change(grants.allowed & ~bit, grants.denied)
        if not grants.allowed | grants.denied:
            resources.drop(acl)

    def with_name(self, resource_type: int, pattern_type: int, name: str) -> Iterator[Acl]:
        """The entries of exactly that resource pattern."""
        pattern = self._resources[resource_type].by_pattern[pattern_type].get(name, {})
        for (principal, host), grants in pattern.items():
            for permission, bits in ((AclPermission.DENY, grants.denied), (AclPermission.ALLOW, grants.allowed)):
                while bits:
                    lowest = bits & -bits
                    bits ^= lowest
                    operation = lowest.bit_length() - 1
                    yield Acl(resource_type, name, pattern_type, principal, host, operation, int(permission))

    # --- decisions

    def authorize(
        self, principal: Principal, host: str, operation: AclOperation, resource_type: AclResource, resource_name: str
    ) -> bool:
        """See `Authorizer`."""
        keys = self._keys.get((principal, host)) or self._keys_of(principal, host)
        if len(keys) == 1:
            return True
        resources = self._resources[resource_type]
        bit = 1 << operation
        is_matched = is_allowed = False
        for pattern in self._matching(resources, resource_name):
            is_matched = True
            for key in keys:
                grants = pattern.get(key)
                if grants is not None:
                    if grants.denies & bit:
                        return False
                    if grants.allows & bit:
                        is_allowed = True
        return is_allowed or (not is_matched and self._allows_without_acls)

    def authorize_by_resource_type(
        self, principal: Principal, host: str, operation: AclOperation, resource_type: AclResource
    ) -> bool:
        """See `Authorizer`. As in Kafka only entries of the operation itself, and of ALL, count here."""
        if self.authorize(principal, host, operation, resource_type, _SOME_NAME):
            return True
        by_key = self._resources[resource_type].by_key
        bits = _ALL | 1 << operation
        found = [patterns for key in self._keys_of(principal, host) if (patterns := by_key.get(key)) is not None]
        denied = {pattern for patterns in found for pattern, grants in patterns.items() if grants.denied & bits}
        if (AclPattern.LITERAL, WILDCARD) in denied:
            return False
        denied_prefixes = {name for pattern_type, name in denied if pattern_type == AclPattern.PREFIXED}
        lengths = sorted({len(name) for name in denied_prefixes})
        for patterns in found:
            for pattern, grants in patterns.items():
                if not grants.allowed & bits:
                    continue
                pattern_type, name = pattern
                if pattern_type == AclPattern.LITERAL and (name == WILDCARD or pattern not in denied):
                    is_denied = name != WILDCARD and _has_prefix_in(name, denied_prefixes, lengths)
                elif pattern_type == AclPattern.PREFIXED:
                    is_denied = _has_prefix_in(name, denied_prefixes, lengths)
                else:
                    is_denied = True
                if not is_denied:
                    return True
        return False

    def _keys_of(self, principal: Principal, host: str) -> tuple[_Key, ...]:
        """Under which keys entries for him are found; a single one, of no entries, for a super user."""
        keys = self._keys.get((principal, host))
        if keys is None:
            name, address = str(principal), java_address(host)
            if name in self._super_users:
                keys = ((name, ""),)
            else:
                keys = ((name, address), (name, WILDCARD), (ANYBODY, address), (ANYBODY, WILDCARD))
            if len(self._keys) >= _KEYS_KEPT:
                self._keys.clear()
            self._keys[principal, host] = keys
        return keys

    @staticmethod
    def _matching(resources: _Resources, name: str) -> Iterator[_Pattern]:
        literals, prefixes = resources.by_pattern.values()
        if (pattern := literals.get(name)) is not None:
            yield pattern
        if name != WILDCARD and (pattern := literals.get(WILDCARD)) is not None:
            yield pattern
        for length in resources.prefix_lengths:
            if length > len(name):
                return
            if (pattern := prefixes.get(name[:length])) is not None:
                yield pattern


def _has_prefix_in(name: str, prefixes: set[str], lengths: Iterable[int]) -> bool:
    return any(name[:length] in prefixes for length in lengths if length <= len(name))


def super_users(text: str | None) -> frozenset[str]:
    """Whom `super.users` names: `type:name`, parted by semicolons.

    Raises:
        ValueError: one of them has no type.
    """
    names = [each.strip() for each in (text or "").split(";")]
    return frozenset(str(parse_principal(name)) for name in names if name)
