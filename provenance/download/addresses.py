"""Which IP addresses belong to the public internet; pure.

>>> is_public(ipaddress.ip_address("93.184.215.14"))
True
>>> is_public(ipaddress.ip_address("::ffff:127.0.0.1"))
False

After the registries of special addresses that IANA keeps (RFC 6890), more strictly than `is_global`
of Python, whose answer also differs from version to version.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterator

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_UNICAST = ipaddress.IPv6Network("2000::/3")
"""The one part of IPv6 that is given out to networks of the internet."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # relays of 6to4, given up
        "2001::/23",  # protocol assignments; Teredo among them
        "3fff::/20",  # documentation
    )
)
"""What `is_global` lets through, in whole or in part, in some version of Python."""
_ISATAP = (0x00005EFE, 0x02005EFE)


def is_public(address: Address) -> bool:
    """Whether an address leads into the public internet, and nowhere else.

    An IPv6 address that carries an IPv4 one (mapped, NAT64, 6to4, ISATAP) is public only where that
    is, too.
    """
    if not all(map(is_public, _carried(address))):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or address.sixtofour or address in _NAT64:
            return True  # such a one leads where the IPv4 address does that it carries
        if address not in _UNICAST:
            return False
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved)
        and not any(
            address in special for special in _SPECIAL if special.version == address.version
        )
    )


def literal(host: str) -> Address | None:
    """The address that a host is written as, in any way that resolvers understand; None for a name.

    Besides the usual way: `2130706433`, `0x7f.1`, `0177.0.0.1`, `127.1`, `[::1]`, `fe80::1%eth0`.
    """
    host = host.strip("[]")
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    if not re.fullmatch(r"[0-9A-Fa-fXx.]+", host):  # inet_aton reads no further than a space
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def _carried(address: Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses inside an IPv6 one."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    if address.ipv4_mapped:
        yield address.ipv4_mapped
    if address.sixtofour:
        yield address.sixtofour
    last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _NAT64 or (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        yield last
