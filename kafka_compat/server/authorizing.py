"""The authorizer of a broker, and how it learns of access control lists: those of the image, and each change from then on."""

from __future__ import annotations

from collections.abc import Sequence

from kafka_compat.config.broker import BrokerConfig
from kafka_compat.metadata.changes import AclAdded, AclRemoved, Change
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.image import Acl
from kafka_compat.pacing import Pace
from kafka_compat.security.authorizer import Authorizer
from kafka_compat.security.chosen_authorizer import acls_of, make_authorizer
from kafka_compat.security.standard_authorizer import StandardAuthorizer


class Authorizing:
    """The authorizer that a broker's configs name.

    Raises:
        UnusableAuthorizer: it cannot be had.

    Attributes:
        authorizer: it, or None.
    """

    def __init__(self, config: BrokerConfig, controller: Controller) -> None:
        self.authorizer: Authorizer | None = make_authorizer(config.static)
        self._controller = controller
        self._acls: StandardAuthorizer | None = acls_of(self.authorizer)
        if self._acls is not None:
            for acl_id, acl in controller.image.acls.items():
                self._acls.add(acl_id, acl)
            controller.after_apply.append(self._follow)

    def close(self) -> None:
        """Learn of no more changes."""
        if self._follow in self._controller.after_apply:
            self._controller.after_apply.remove(self._follow)

    async def _follow(self, changes: Sequence[Change]) -> None:
        assert self._acls is not None
        async for change in Pace().over(changes):
            match change:
                case AclAdded():
                    self._acls.add(change.id, Acl(*change[1:]))
                case AclRemoved():
                    self._acls.remove(change.id)
                case _:
                    pass
