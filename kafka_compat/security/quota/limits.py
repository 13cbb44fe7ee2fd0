"""Which quota a client has: the most specific one that is set for its user and client id.

Source: Kafka's `ClientQuotaManager.DefaultQuotaCallback` (4.3). First user and client id, then the user with any client id, the
user, any user with the client id, any user with any client id, any user, the client id, any client id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import NamedTuple, TypeVar

from kafka_compat.security.quota.entities import (
    CLIENT_ID,
    CONNECTION_CREATION_RATE,
    CONSUMER_BYTE_RATE,
    CONTROLLER_MUTATION_RATE,
    IP,
    PRODUCER_BYTE_RATE,
    REQUEST_PERCENTAGE,
    USER,
)

K = TypeVar("K")

# Pairs of type and name; None is the default's name.
Entity = Iterable[tuple[str, str | None]]


class Quota(NamedTuple):
    """What a client may do, and with whom it shares that: all that have the same `user` and `client_id`, "" for any."""

    limit: float
    user: str
    client_id: str


class ClientLimits:
    """All quotas of one kind.

    A client without a client id, which is as good as an empty one, is only held to what is set for its user, as in Kafka.
    """

    __slots__ = ("_both", "_clients", "_users")

    def __init__(self) -> None:
        # By name, None for the default's.
        self._both: dict[tuple[str | None, str | None], float] = {}
        self._users: dict[str | None, float] = {}
        self._clients: dict[str | None, float] = {}

    def __bool__(self) -> bool:
        return bool(self._both or self._users or self._clients)

    def set(self, entity: Entity, limit: float | None) -> None:
        """Set the quota of a user, a client id or both; None removes it."""
        parts = dict(entity)
        if USER in parts and CLIENT_ID in parts:
            _set(self._both, (parts[USER], parts[CLIENT_ID]), limit)
        elif USER in parts:
            _set(self._users, parts[USER], limit)
        elif CLIENT_ID in parts:
            _set(self._clients, parts[CLIENT_ID], limit)

    def find(self, user: str, client_id: str | None) -> Quota | None:
        """The quota of a client; None when it has none."""
        both, users = self._both, self._users
        client_id = client_id or ""
        if both:
            if (user, client_id) in both or (user, None) in both:
                return self._of_both(user, client_id)
            if user in users:
                return Quota(users[user], user, "")
            if (None, client_id) in both or (None, None) in both:
                return self._of_both(user, client_id)
        elif user in users:
            return Quota(users[user], user, "")
        if None in users:
            return Quota(users[None], user, "")
        if not client_id:
            return None
        limit = self._clients.get(client_id, self._clients.get(None))
        return None if limit is None else Quota(limit, "", client_id)

    def _of_both(self, user: str, client_id: str) -> Quota | None:
        """The quota of a user with a client id, of which it is known that there is one for any or this client id."""
        if not client_id:
            limit = self._users.get(user, self._users.get(None))
            return None if limit is None else Quota(limit, user, "")
        for whose, which in ((user, client_id), (user, None), (None, client_id), (None, None)):
            limit = self._both.get((whose, which))
            if limit is not None:
                return Quota(limit, user, client_id)
        return None


def _set(limits: dict[K, float], key: K, limit: float | None) -> None:
    if limit is None:
        limits.pop(key, None)
    else:
        limits[key] = limit


class AddressLimits:
    """Connections a second, by IP address.

    A quota of a host name counts for the address that the name was found to have (`resolve`), and before that for none.
    """

    __slots__ = ("_addresses", "_by_name", "_default")

    def __init__(self) -> None:
        self._default: float | None = None
        self._by_name: dict[str, float] = {}
        self._addresses: dict[str, str] = {}  # to the name by which it has a quota

    def __bool__(self) -> bool:
        return self._default is not None or bool(self._by_name)

    def set(self, name: str | None, limit: float | None) -> str | None:
        """Set the quota of an address or a host name, or the default for None; None removes it.

        Returns:
            The host name that has to be looked up now, None when there is none.
        """
        if name is None:
            self._default = limit
            return None
        if limit is None:
            self._by_name.pop(name, None)
            for each in [each for each, of in self._addresses.items() if of == name]:
                del self._addresses[each]
            return None
        is_known = name in self._by_name
        self._by_name[name] = limit
        address = plain_address(name)
        if address is None:
            return None if is_known else name
        self._addresses[address] = name
        return None

    def resolve(self, name: str, address: str) -> None:
        """Say which address a host name has; a no-op when its quota has gone."""
        if name in self._by_name:
            self._addresses[plain_address(address) or address] = name

    def find(self, address: str) -> float | None:
        """The quota of a client's address; None when it has none."""
        of = self._addresses.get(plain_address(address) or address)
        return self._default if of is None else self._by_name[of]


def plain_address(text: str) -> str | None:
    """The one way to write an IP address, without an IPv6 zone; None when it is no address."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


class QuotaLimits:
    """All quotas of a cluster, by what they limit.

    Attributes:
        produce: bytes a second in produce requests.
        fetch: bytes a second in answers to fetches.
        request: percent of one thread's time.
        mutation: partitions that are created and deleted a second.
        addresses: connections a second.
    """

    __slots__ = ("addresses", "fetch", "mutation", "produce", "request")

    def __init__(self) -> None:
        self.produce = ClientLimits()
        self.fetch = ClientLimits()
        self.request = ClientLimits()
        self.mutation = ClientLimits()
        self.addresses = AddressLimits()

    def set(self, entity: Entity, quotas: Mapping[str, float]) -> str | None:
        """Set all quotas of an entity: those that `quotas` does not have are gone.

        Returns:
            A host name that has to be looked up for it, see `AddressLimits`.
        """
        parts = dict(entity)
        if IP in parts:
            return self.addresses.set(parts[IP], quotas.get(CONNECTION_CREATION_RATE))
        self.produce.set(parts.items(), quotas.get(PRODUCER_BYTE_RATE))
        self.fetch.set(parts.items(), quotas.get(CONSUMER_BYTE_RATE))
        self.request.set(parts.items(), quotas.get(REQUEST_PERCENTAGE))
        self.mutation.set(parts.items(), quotas.get(CONTROLLER_MUTATION_RATE))
        return None

    @property
    def has_clients(self) -> bool:
        """Whether there is one of a user or client id."""
        return bool(self.produce or self.fetch or self.request or self.mutation)
