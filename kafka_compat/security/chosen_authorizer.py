"""Which authorizer a broker has: `authorizer.class.name`.

An authorizer of one's own is a class in Python:

    class WorkingHours:
        def __init__(self, configs: Mapping[str, str]) -> None: ...
        def authorize(self, principal, host, operation, resource_type, resource_name) -> bool: ...
        def authorize_by_resource_type(self, principal, host, operation, resource_type) -> bool: ...

It is chosen by `authorizer.class.name=my_package.my_module:WorkingHours`, or by `python:NAME` when its distribution has an
entry point NAME of the group `kafka_compat.authorizers`. It gets the broker's configs as text. What it raises denies, and is
logged. With an attribute `version` its answers are kept until that is another number; without one it is asked each time. A
subclass of `StandardAuthorizer` has access control lists to look at as well, which clients can change.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final, cast

from kafka_compat.config.errors import BadSettings
from kafka_compat.security.acl import AclOperation, AclResource
from kafka_compat.security.authorizer import NEVER_KEPT, Authorizer
from kafka_compat.security.principal import Principal
from kafka_compat.security.standard_authorizer import StandardAuthorizer, super_users

logger = logging.getLogger(__name__)

STANDARD_AUTHORIZER: Final = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
ENTRY_POINT_GROUP: Final = "kafka_compat.authorizers"
_ENTRY_POINT: Final = "python:"


class UnusableAuthorizer(BadSettings):
    """The configured authorizer cannot be had; the text is for the operator."""


class Guarded:
    """An authorizer in Python whose failures deny.

    Attributes:
        inner: the authorizer.
    """

    def __init__(self, inner: Authorizer) -> None:
        self.inner = inner
        self._has_failed = False

    @property
    def version(self) -> int:
        """See `Authorizer`; without one of its own nothing is kept."""
        version = getattr(self.inner, "version", NEVER_KEPT)
        return version if isinstance(version, int) else NEVER_KEPT

    def authorize(
        self, principal: Principal, host: str, operation: AclOperation, resource_type: AclResource, resource_name: str
    ) -> bool:
        """See `Authorizer`."""
        try:
            return self.inner.authorize(principal, host, operation, resource_type, resource_name) is True
        except Exception:
            return self._deny("the authorizer failed: %s is denied %s on %s", principal, operation.name, resource_type.name)

    def authorize_by_resource_type(
        self, principal: Principal, host: str, operation: AclOperation, resource_type: AclResource
    ) -> bool:
        """See `Authorizer`."""
        try:
            return self.inner.authorize_by_resource_type(principal, host, operation, resource_type) is True
        except Exception:
            return self._deny("the authorizer failed: %s is denied %s on any %s", principal, operation.name, resource_type.name)

    def _deny(self, text: str, *arguments: object) -> bool:
        """Log the failure, the first one with its traceback: a client may ask for thousands of topics."""
        logger.error(text, *arguments, exc_info=not self._has_failed)
        self._has_failed = True
        return False


def make_authorizer(configs: Mapping[str, str]) -> Authorizer | None:
    """The authorizer that a broker's configs name; None without one.

    Raises:
        UnusableAuthorizer: there is none of that name, or it cannot be made.
    """
    name = configs.get("authorizer.class.name", "")
    if not name:
        return None
    if name == STANDARD_AUTHORIZER:
        return make_standard(configs)
    try:
        made = _loaded(name)(configs)
    except UnusableAuthorizer:
        raise
    except Exception as error:
        raise UnusableAuthorizer(f"authorizer.class.name {name}: {type(error).__name__}: {error}") from error
    for method in ("authorize", "authorize_by_resource_type"):
        if not callable(getattr(made, method, None)):
            raise UnusableAuthorizer(f"authorizer.class.name {name}: {type(made).__name__} has no method {method}")
    return Guarded(cast("Authorizer", made))


def make_standard(configs: Mapping[str, str]) -> StandardAuthorizer:
    """A StandardAuthorizer with what the configs say of it; what an authorizer derived from it can begin with.

    Raises:
        UnusableAuthorizer: `super.users` cannot be read.
    """
    try:
        users = super_users(configs.get("super.users"))
    except ValueError as error:
        raise UnusableAuthorizer(f"super.users: {error}") from error
    allows = configs.get("allow.everyone.if.no.acl.found", "").strip().lower() == "true"
    return StandardAuthorizer(users, allows_without_acls=allows)


def acls_of(authorizer: Authorizer | None) -> StandardAuthorizer | None:
    """The access control lists that `authorizer` decides by, if it does."""
    inner = authorizer.inner if isinstance(authorizer, Guarded) else authorizer
    return inner if isinstance(inner, StandardAuthorizer) else None


def _loaded(name: str) -> Callable[[Mapping[str, str]], object]:
    if name.startswith(_ENTRY_POINT):
        from importlib.metadata import entry_points

        wanted = name.removeprefix(_ENTRY_POINT)
        found = tuple(entry_points(group=ENTRY_POINT_GROUP, name=wanted))
        if not found:
            names = sorted({each.name for each in entry_points(group=ENTRY_POINT_GROUP)})
            raise UnusableAuthorizer(
                f"authorizer.class.name {name}: no entry point {wanted} in the group {ENTRY_POINT_GROUP}; "
                f"there are {', '.join(names) or 'none'}"
            )
        module_name, _, class_name = found[0].value.partition(":")
    else:
        module_name, colon, class_name = name.partition(":")
        if not colon:
            raise UnusableAuthorizer(
                f"authorizer.class.name {name}: Java classes cannot be run here but for {STANDARD_AUTHORIZER}; an authorizer "
                f"in Python is named module:Class, or {_ENTRY_POINT}NAME by its entry point in {ENTRY_POINT_GROUP}"
            )
    try:
        found_class: object = import_module(module_name.strip())
        for part in class_name.split("[")[0].strip().split("."):
            found_class = getattr(found_class, part)
    except Exception as error:
        raise UnusableAuthorizer(f"authorizer.class.name {name}: {type(error).__name__}: {error}") from error
    if not callable(found_class):
        raise UnusableAuthorizer(f"authorizer.class.name {name}: that is no class")
    return found_class
