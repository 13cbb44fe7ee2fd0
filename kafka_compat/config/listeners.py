"""Listeners as Kafka writes them, `NAME://host:port`, and as the command line takes them, `host:port`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from kafka_compat.config.errors import BadSettings

# Source: `SocketServerConfigs.URI_PARSE_REGEXP`; a missing bracket and an IPv6 address without any are taken, as there.
_ENDPOINT = re.compile(r"(?P<name>.*)://\[?(?P<host>[0-9a-zA-Z\-%._:]*)\]?:(?P<port>-?[0-9]+)", re.DOTALL)
_ADDRESS = re.compile(r"(?:\[(?P<ipv6>[0-9a-zA-Z%.:]+)\]|(?P<host>[0-9a-zA-Z\-%._]*|\*)):(?P<port>[0-9]+)")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}", re.ASCII)
_ANY_HOSTS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 (recognised, not bound)
SECURITY_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")


class Listener(NamedTuple):
    """A socket to listen on and the address that clients are told.

    An empty `host` means all interfaces, and so do 0.0.0.0 and ::. Port 0 lets the system choose; an advertised port 0 is the
    port that was bound, an empty advertised host the address. Clients of one that is not advertised are told of no broker.
    """

    name: str
    host: str
    port: int
    advertised_host: str
    advertised_port: int
    is_advertised: bool = True
    security_protocol: str = "PLAINTEXT"

    @property
    def is_tls(self) -> bool:
        """Whether what it sends and receives is enciphered."""
        return self.security_protocol in ("SSL", "SASL_SSL")


class Endpoint(NamedTuple):
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
    """Host and port of `HOST:PORT` or `[IPv6]:PORT`, an empty host for `*:PORT`; raises BadSettings naming the option."""
    found = _ADDRESS.fullmatch(text.strip())
    if found is None or len(found["port"]) > 5 or int(found["port"]) > 65535:
        raise BadSettings(f"{option} {text}: expected HOST:PORT, such as localhost:9092 or [::1]:9092")
    return (found["ipv6"] or found["host"]).replace("*", ""), int(found["port"])


def parse_endpoints(entries: Sequence[str]) -> list[Endpoint]:
    """The endpoints of the config `listeners` or `advertised.listeners`; raises BadSettings."""
    endpoints = []
    for entry in entries:
        found = _ENDPOINT.fullmatch(entry.strip())
        if found is None:
            raise BadSettings(f"Unable to parse {entry} to a broker endpoint: expected NAME://host:port")
        if not found["name"]:
            raise BadSettings(f"Unable to parse {entry}: The provided listener name is null or empty string")
        if len(found["port"]) > 5 or not 0 <= int(found["port"]) <= 65535:
            raise BadSettings(f"Unable to parse {entry} to a broker endpoint: a port is a number from 0 to 65535")
        endpoints.append(Endpoint(found["name"].upper(), found["host"], int(found["port"])))
    return endpoints


def security_protocols(text: str) -> dict[str, str]:
    """Security protocol by listener name, from `listener.security.protocol.map`; raises BadSettings."""
    protocols = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, colon, protocol = (part.strip() for part in entry.rpartition(":"))
        if not colon:
            raise BadSettings(f"listener.security.protocol.map: {entry} is not NAME:PROTOCOL")
        if protocol.upper() not in SECURITY_PROTOCOLS:
            raise BadSettings(f"Invalid security protocol `{protocol}` defined in listener.security.protocol.map")
        protocols[name.upper()] = protocol.upper()
    return protocols


def resolve_listeners(
    endpoints: Sequence[Endpoint],
    advertised: Sequence[Endpoint] | None,
    *,
    controller_names: Sequence[str],
    protocols: Mapping[str, str],
    inter_broker_name: str,
    host_name: Callable[[], str],
) -> tuple[Listener, ...]:
    """The broker listeners among the endpoints, with what they advertise.

    Controller listeners are passed over, and need not be there: this broker has no peers that would use them.

    Args:
        endpoints: of `listeners`.
        advertised: of `advertised.listeners`; None when it is not set.
        controller_names: of `controller.listener.names`.
        protocols: security protocol by name.
        inter_broker_name: the listener that brokers would use among themselves.
        host_name: gives what is advertised for an empty host.

    Raises:
        BadSettings: where Kafka does not start, in its words where it has some. Source: `SocketServerConfigs` and
            `KafkaConfig.validateValues`.
    """
    controllers = {name.upper() for name in controller_names}
    wanted = [endpoint for endpoint in endpoints if endpoint.name not in controllers]
    for endpoint in (*endpoints, *(advertised or ())):
        if endpoint.name not in protocols:
            raise BadSettings(f"No security protocol defined for listener {endpoint.name}")
    _check_names(endpoints)
    _check_ports(endpoints)
    _check_names(advertised or ())
    told = [endpoint for endpoint in (endpoints if advertised is None else advertised) if endpoint.name not in controllers]
    if not wanted or not told:
        raise BadSettings(
            "There must be at least one broker advertised listener. "
            "Perhaps all listeners appear in controller.listener.names?"
        )  # fmt: skip
    _check_advertised(endpoints, told, inter_broker_name)
    by_name = {endpoint.name: endpoint for endpoint in told}
    return tuple(
        _listener(endpoint, by_name.get(endpoint.name), host_name)._replace(security_protocol=protocols[endpoint.name])
        for endpoint in wanted
    )


def is_any_host(host: str) -> bool:
    """Whether the host stands for all interfaces, so that no client can be told it."""
    return host in _ANY_HOSTS


def _check_names(endpoints: Sequence[Endpoint]) -> None:
    if len({endpoint.name for endpoint in endpoints}) != len(endpoints):
        raise BadSettings(f"Each listener must have a different name, listeners: {_shown(endpoints)}")


def _check_ports(endpoints: Sequence[Endpoint]) -> None:
    hosts: dict[int, list[str]] = defaultdict(list)
    for endpoint in endpoints:
        if endpoint.port:
            hosts[endpoint.port].append(endpoint.host)
    for port, of_port in hosts.items():
        if len(of_port) == 1:
            continue
        where = f"listeners: {_shown(endpoints)}, port: {port}"
        if len(of_port) > 2 or not all(_is_ipv4(host) or ":" in host for host in of_port):
            raise BadSettings(
                "Each listener must have a different port unless exactly one listener has an IPv4 address and the other "
                f"IPv6 address, {where}"
            )
        if len({_is_ipv4(host) for host in of_port}) == 1:
            raise BadSettings(
                f"If you have two listeners on the same port then one needs to be IPv4 and the other IPv6, {where}"
            )


def _check_advertised(endpoints: Sequence[Endpoint], told: Sequence[Endpoint], inter_broker_name: str) -> None:
    names = [endpoint.name for endpoint in told]
    if inter_broker_name.upper() not in names:
        raise BadSettings(
            "inter.broker.listener.name must be a listener name defined in advertised.listeners. "
            f"The valid options based on currently configured listeners are {','.join(names)}"
        )
    listening = [endpoint.name for endpoint in endpoints]
    if not set(names) <= set(listening):
        raise BadSettings(
            "advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. "
            f"Found {','.join(names)}. The valid options based on the current configuration are {','.join(listening)}"
        )
    if any(endpoint.host == "0.0.0.0" for endpoint in told):  # noqa: S104 (refused)
        raise BadSettings("advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.")


def _is_ipv4(host: str) -> bool:
    return _IPV4.fullmatch(host) is not None


def _shown(endpoints: Iterable[Endpoint]) -> str:
    return f"[{', '.join(map(str, endpoints))}]"


def _listener(endpoint: Endpoint, told: Endpoint | None, host_name: Callable[[], str]) -> Listener:
    if told is None:
        return Listener(endpoint.name, endpoint.host, endpoint.port, "", 0, is_advertised=False)
    return Listener(endpoint.name, endpoint.host, endpoint.port, told.host or host_name(), told.port)
