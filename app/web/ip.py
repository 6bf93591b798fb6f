"""Normalizes IP addresses, so that throttles count a client once."""

import contextlib
from ipaddress import IPv6Address, ip_address, ip_network


def plain(address: str | None) -> str:
    # A server that listens for IPv6 sees the IPv4 address 192.0.2.7 as ::ffff:192.0.2.7.
    with contextlib.suppress(ValueError):
        if isinstance(ip := ip_address(address or ""), IPv6Address):
            return str(ip.ipv4_mapped or ip)
    return address or ""


def network(address: str) -> str:
    # The first 64 bits of an IPv6 address: a household usually has all addresses that begin with them.
    address = plain(address)
    with contextlib.suppress(ValueError):
        if (ip := ip_address(address)).version == 6:
            return str(ip_network((int(ip), 64), strict=False))
    return address
