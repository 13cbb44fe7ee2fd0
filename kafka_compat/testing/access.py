"""Who may come into a test cluster, and do what: the plan of it, and its verbs while it runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from kafka_compat.metadata.changes import AclAdded, AclRemoved, Change, ScramCredentialRemoved
from kafka_compat.metadata.controller import Controller
from kafka_compat.metadata.image import ClusterImage
from kafka_compat.security.principal import Principal
from kafka_compat.testing.acls import Acl, acls_of, read_back
from kafka_compat.testing.throw_away_ca import TlsTexts, tls_of

if TYPE_CHECKING:
    from kafka_compat.testing.cluster import Cluster

# What the test does itself is done by nobody that a client could be: clients are of the type User.
OWN: Final = Principal("Test", "kafka")
_MECHANISMS: Final = "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"
_AUTHORIZER: Final = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"


class Access(NamedTuple):
    """What a cluster is made with.

    Attributes:
        users: password by name; None: nobody is asked who he is.
        acls: what users may do; None: everything.
        super_users: who may do everything all the same.
        tls: None: plain text.
    """

    users: Mapping[str, str] | None = None
    acls: tuple[Acl, ...] | None = None
    super_users: tuple[str, ...] = ()
    tls: TlsTexts | None = None

    @property
    def protocol(self) -> str:
        """The security protocol of the listener, which is its name, too."""
        transport = "PLAINTEXT" if self.tls is None else "SSL"
        return transport if self.users is None else f"SASL_{transport}"

    def configs(self) -> dict[str, str]:
        """Of all brokers."""
        configs = {}
        if self.users is not None:
            configs["sasl.enabled.mechanisms"] = _MECHANISMS
        if self.tls is not None:
            configs |= {
                "ssl.keystore.type": "PEM",
                "ssl.keystore.certificate.chain": self.tls.certificate,
                "ssl.keystore.key": self.tls.key,
            }
        if self.acls is not None:
            names = [name if ":" in name else f"User:{name}" for name in self.super_users]
            configs |= {"authorizer.class.name": _AUTHORIZER, "super.users": ";".join([*names, str(OWN)])}
        return configs


def users_of(users: object) -> Mapping[str, str] | None:
    """The argument `users` of a cluster.

    Raises:
        TypeError, ValueError: it cannot be meant so.
    """
    if users is None:
        return None
    example = 'users gives each name its password, such as {"alice": "secret"}'
    if not isinstance(users, Mapping):
        raise TypeError(f"{example}, not {type(users).__name__}")
    for name, password in users.items():
        check_user(name, password)
    return dict(users)


def check_user(name: object, password: object) -> None:
    """Refuse what is no user; the message has no password in it."""
    if not isinstance(name, str) or not isinstance(password, str):
        raise TypeError("users: a name and a password are str")
    if not name or not password:
        raise ValueError(f"users: {'a name' if not name else f'the password of {name!r}'} is empty")


def super_users_of(names: object, acls: Sequence[Acl] | None) -> tuple[str, ...]:
    """The argument `super_users` of a cluster; None is nobody.

    Raises:
        TypeError, ValueError: it cannot be meant so.
    """
    if names is None:
        return ()
    if not isinstance(names, Sequence) or isinstance(names, str | bytes) or not all(isinstance(name, str) for name in names):
        raise TypeError(f'super_users are names, such as ["admin"], not {names!r}')
    if acls is None:
        raise ValueError("super_users goes with acls: without them everybody may do everything")
    return tuple(names)


def access_of(users: object, acls: object, super_users: object, tls: object) -> Access:
    """The access that the arguments of a cluster mean.

    Raises:
        TypeError, ValueError: one of them is not allowed.
    """
    checked = acls_of(acls)
    named = users_of(users)
    if checked is not None and named is None:
        raise ValueError('acls say what users may do: name these by users, such as {"alice": "secret"}')
    return Access(named, checked, super_users_of(super_users, checked), tls_of(tls))


class AccessControl:
    """The verbs about users and rights; only on the brokers' loop."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def put_user(self, name: str, password: str) -> None:
        """See `Kafka.add_user`."""
        check_user(name, password)
        from kafka_compat.security.sasl.scram_credentials import ScramMechanism
        from kafka_compat.server.first_users import put_users

        users = self._users()
        await put_users(self._cluster.state.controller, {name: password}, ScramMechanism)
        users[name] = password

    async def remove_user(self, name: str) -> None:
        """See `Kafka.remove_user`."""
        users = self._users()
        if users.pop(name, None) is None:
            raise ValueError(f"there is no user {name!r}: there are {', '.join(users) or 'none'}")

        def remove(image: ClusterImage) -> list[Change]:
            return [ScramCredentialRemoved(name, mechanism) for mechanism in image.scram_credentials.get(name, {})]

        await self._cluster.state.controller.change(remove)

    async def add_acl(self, acl: Acl) -> Acl:
        """See `Kafka.allow` and `Kafka.deny`."""
        self._check_acls()
        await add_acls(self._cluster.state.controller, (acl,))
        return acl

    async def remove_acl(self, acl: Acl) -> None:
        """See `Kafka.remove_acl`."""
        self._check_acls()
        wanted = set(acl.stored())
        found = [acl_id for acl_id, stored in self._cluster.state.controller.image.acls.items() if stored in wanted]
        if not found:
            raise ValueError(f"it is not there: {acl}")
        await self._cluster.state.controller.change(lambda _: [AclRemoved(acl_id) for acl_id in found])

    async def acls(self) -> list[Acl]:
        """See `Kafka.acls`."""
        return [read_back(stored) for stored in self._cluster.state.controller.image.acls.values()]

    async def users(self) -> list[str]:
        """See `Kafka.users`."""
        image = self._cluster.state.controller.image
        return sorted({*self._cluster.users, *image.scram_credentials})

    def _users(self) -> dict[str, str]:
        if self._cluster.plan.access.users is None:
            raise ValueError('this Kafka asks nobody who he is: make it with users, such as Kafka(users={"alice": "secret"})')
        return self._cluster.users

    def _check_acls(self) -> None:
        if self._cluster.plan.access.acls is None:
            raise ValueError("in this Kafka everybody may do everything: make it with acls, which may be an empty list")


async def add_acls(controller: Controller, acls: Sequence[Acl]) -> None:
    """Add what is not there yet."""

    def missing(image: ClusterImage) -> list[Change]:
        there = set(image.acls.values())
        wanted = dict.fromkeys(stored for acl in acls for stored in acl.stored())
        return [AclAdded(os.urandom(16), *stored) for stored in wanted if stored not in there]

    await controller.change(missing)
