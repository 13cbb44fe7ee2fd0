"""Listeners as Kafka writes them, `NAME://host:port`, and as the command line takes them, `host:port`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kafka_compat.config.errors import BadSettings

# Source: `SocketServerConfigs.listenerListToEndPoints` and `EndPoint`.
_ENDPOINT = re.compile(r"(?P<name>[a-zA-Z0-9_.-]+)://(?:\[(?P<ipv6>[^\]]*)\]|(?P<host>[^\[\]:]*)):(?P<port>-?\d+)")
_ADDRESS = re.compile(r"(?:\[(?P<ipv6>[^\]]+)\]|(?P<host>[^\[\]:]*)):(?P<port>\d+)")
_ANY_HOSTS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 (recognised, not bound)


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket to listen on and the address that clients are told.

    An empty `host` means all interfaces. Port 0 lets the system choose; an advertised port 0 is the port that was bound.
    """

    name: str
    host: str
    port: int
    advertised_host: str
    advertised_port: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One entry of a list of listeners."""

    name: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.name}://{join_address(self.host, self.port)}"


def join_address(host: str, port: int) -> str:
    """`host:port`, with the brackets an IPv6 address needs."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parse_address(text: str, option: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT` or `[IPv6]:PORT`; raises BadSettings naming the option."""
    found = _ADDRESS.fullmatch(text.strip())
    if found is None or not 0 <= int(found["port"]) <= 65535:
        raise BadSettings(f"{option} {text}: expected HOST:PORT, such as localhost:9092 or [::1]:9092")
    return found["ipv6"] or found["host"], int(found["port"])


def parse_endpoints(entries: Sequence[str]) -> list[Endpoint]:
    """The endpoints of the config `listeners` or `advertised.listeners`; raises BadSettings."""
    endpoints = []
    for entry in entries:
        found = _ENDPOINT.fullmatch(entry.strip())
        if found is None or not 0 <= int(found["port"]) <= 65535:
            raise BadSettings(f"Unable to parse {entry} to a broker endpoint: expected NAME://host:port")
        endpoints.append(Endpoint(found["name"].upper(), found["ipv6"] or found["host"] or "", int(found["port"])))
    return endpoints


def security_protocols(text: str) -> dict[str, str]:
    """Security protocol by listener name, from `listener.security.protocol.map`; raises BadSettings."""
    protocols = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, colon, protocol = entry.rpartition(":")
        if not colon:
            raise BadSettings(f"listener.security.protocol.map: {entry} is not NAME:PROTOCOL")
        protocols[name.strip().upper()] = protocol.strip().upper()
    return protocols


def resolve_listeners(
    endpoints: Sequence[Endpoint],
    advertised: Sequence[Endpoint],
    *,
    controller_names: Sequence[str],
    protocols: Mapping[str, str],
    host_name: Callable[[], str],
) -> tuple[Listener, ...]:
    """The broker listeners among the endpoints, with what they advertise.

    Controller listeners of a KRaft file are passed over: this broker has no peers that would use them. `host_name` is
    advertised for a listener on all interfaces. Raises BadSettings, in Kafka's words where it has some.
    """
    controllers = {name.upper() for name in controller_names}
    wanted = [endpoint for endpoint in endpoints if endpoint.name not in controllers]
    shown = ",".join(map(str, endpoints))
    if not wanted:
        raise BadSettings(f"listeners={shown} has no broker listener: all of them are in controller.listener.names")
    names = [endpoint.name for endpoint in wanted]
    if len(set(names)) != len(names):
        raise BadSettings(f"Each listener must have a different name, listeners: {shown}")
    ports = [(endpoint.host, endpoint.port) for endpoint in wanted if endpoint.port]
    if len(set(ports)) != len(ports):
        raise BadSettings(f"Each listener must have a different port, listeners: {shown}")
    told = {endpoint.name: endpoint for endpoint in advertised}
    listeners = []
    for endpoint in wanted:
        _check_protocol(endpoint.name, protocols)
        listeners.append(_listener(endpoint, told.get(endpoint.name), host_name))
    return tuple(listeners)


def _check_protocol(name: str, protocols: Mapping[str, str]) -> None:
    protocol = protocols.get(name)
    if protocol is None:
        raise BadSettings(f"No security protocol defined for listener {name}")
    if protocol != "PLAINTEXT":
        raise BadSettings(f"listener {name} uses {protocol}: this broker speaks PLAINTEXT only")


def _listener(endpoint: Endpoint, told: Endpoint | None, host_name: Callable[[], str]) -> Listener:
    if told is None:
        host = host_name() if endpoint.host in _ANY_HOSTS else endpoint.host
        return Listener(endpoint.name, endpoint.host, endpoint.port, host, endpoint.port)
    if told.host in _ANY_HOSTS:
        address = told.host or "0.0.0.0"  # noqa: S104 (shown, not bound)
        raise BadSettings(f"advertised.listeners cannot use the nonroutable meta-address {address}. Use a routable IP address.")
    return Listener(endpoint.name, endpoint.host, endpoint.port, told.host, told.port)
