"""An authorizer that allows everything but what a test has forbidden, for tests of what handlers ask."""

from __future__ import annotations

from kafka_compat.security.acl import AclOperation, AclResource
from kafka_compat.security.principal import Principal


class Forbidding:
    """Denies what is in `forbidden`.

    Attributes:
        forbidden: operation, type and name of resources.
        asked: each question so far, in order.
        version: see `Authorizer`.
    """

    def __init__(self) -> None:
        self.forbidden: set[tuple[AclOperation, AclResource, str]] = set()
        self.asked: list[tuple[AclOperation, AclResource, str]] = []
        self.version = 0

    def forbid(self, operation: AclOperation, resource_type: AclResource, name: str) -> None:
        """Nobody may do it from now on."""
        self.forbidden = {*self.forbidden, (operation, resource_type, name)}
        self._changed()

    def allow(self, operation: AclOperation, resource_type: AclResource, name: str) -> None:
        """Everybody may do it again."""
        self.forbidden = self.forbidden - {(operation, resource_type, name)}
        self._changed()

    def _changed(self) -> None:
        if self.version >= 0:
            self.version += 1

    def authorize(
        self, principal: Principal, host: str, operation: AclOperation, resource_type: AclResource, resource_name: str
    ) -> bool:
        """See `Authorizer`."""
        question = operation, resource_type, resource_name
        self.asked.append(question)
        return question not in self.forbidden

    def authorize_by_resource_type(
        self, principal: Principal, host: str, operation: AclOperation, resource_type: AclResource
    ) -> bool:
        """See `Authorizer`."""
        return True
