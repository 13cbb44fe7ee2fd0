"""What the broker asks of an authorizer. `chosen_authorizer.py` says which one it has."""

from __future__ import annotations

from typing import Final, Protocol

from kafka_compat.security.acl import AclOperation, AclResource
from kafka_compat.security.principal import Principal

# As an authorizer's version: its answers are not kept, it is asked each time.
NEVER_KEPT: Final = -1


class Authorizer(Protocol):
    """Says who may do what. Asked on the event loop, for each topic of a request: an answer may not take long."""

    @property
    def version(self) -> int:
        """Another number whenever an answer may be another than before: until then it may be kept. NEVER_KEPT: not at all."""

    def authorize(
        self, principal: Principal, host: str, operation: AclOperation, resource_type: AclResource, resource_name: str
    ) -> bool:
        """Whether `principal`, connected from the IP address `host`, may do it to that resource."""

    def authorize_by_resource_type(
        self, principal: Principal, host: str, operation: AclOperation, resource_type: AclResource
    ) -> bool:
        """Whether there is any resource of the type that he may do it to (Kafka: Authorizer.authorizeByResourceType)."""
