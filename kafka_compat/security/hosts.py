"""Client addresses as access control lists write them: as Java prints an InetAddress."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address


@lru_cache(maxsize=4096)
def java_address(host: str) -> str:
    """The IP address `host` as `InetAddress.getHostAddress` has it: IPv6 in full, without leading zeros.

    `::1` is `0:0:0:0:0:0:0:1`, an IPv4-mapped address is IPv4. What is no address stays as it is.
    """
    if ":" not in host:
        return host
    address, percent, zone = host.partition("%")
    try:
        parsed = IPv6Address(address)
    except ValueError:
        return host
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return ":".join(f"{int(group, 16):x}" for group in parsed.exploded.split(":")) + percent + zone
