"""Which access control entries a filter means (KIP-140, KIP-290)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kafka_compat.metadata.image import Acl
from kafka_compat.security.acl import WILDCARD, AclOperation, AclPattern, AclPermission, AclResource
from kafka_compat.security.standard_authorizer import StandardAuthorizer


class AclFilter(NamedTuple):
    """What an entry has to be: ANY, or None of a text, is everything. Source: Kafka's AclBindingFilter.

    With the pattern type MATCH a name means what an authorizer would look at for it: the literal, `*`, and its prefixes.
    """

    resource_type: int
    resource_name: str | None
    pattern_type: int
    principal: str | None
    host: str | None
    operation: int
    permission: int

    def matches(self, acl: Acl) -> bool:
        """Whether it means the entry."""
        return (
            (self.resource_type in (AclResource.ANY, acl.resource_type))
            and (self.principal is None or self.principal == acl.principal)
            and (self.host is None or self.host == acl.host)
            and (self.operation in (AclOperation.ANY, acl.operation))
            and (self.permission in (AclPermission.ANY, acl.permission))
            and self._matches_pattern(acl)
        )

    def candidates(self, acls: StandardAuthorizer) -> Iterable[Acl]:
        """The entries that it may mean: few, if it names one resource."""
        name, pattern_type = self.resource_name, self.pattern_type
        if name is None or self.resource_type == AclResource.ANY or pattern_type == AclPattern.MATCH:
            return acls
        patterns = (AclPattern.LITERAL, AclPattern.PREFIXED) if pattern_type == AclPattern.ANY else (pattern_type,)
        if not all(pattern in (AclPattern.LITERAL, AclPattern.PREFIXED) for pattern in patterns):
            return ()
        return [acl for pattern in patterns for acl in acls.with_name(self.resource_type, pattern, name)]

    def _matches_pattern(self, acl: Acl) -> bool:
        name, pattern_type = self.resource_name, self.pattern_type
        if pattern_type not in (AclPattern.ANY, AclPattern.MATCH, acl.pattern_type):
            return False
        if name is None:
            return True
        if pattern_type != AclPattern.MATCH:
            return name == acl.resource_name
        if acl.pattern_type == AclPattern.LITERAL:
            return acl.resource_name in (name, WILDCARD)
        return name.startswith(acl.resource_name)
