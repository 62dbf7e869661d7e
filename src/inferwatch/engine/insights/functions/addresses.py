"""Functions of IP addresses. Source: CloudWatch Logs User Guide, "IP address functions".

Differs: which addresses are private or reserved follows IANA's registries as Python keeps them.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

from inferwatch.engine.insights.functions.function import Apply, Function, of_texts


def _is(test: Callable[..., Any]) -> Apply:
    """False, too, where what stands there is no address."""

    def holds(*texts: str) -> bool:
        try:
            return bool(test(*texts))
        except ValueError:
            return False

    return of_texts(holds)


ADDRESSES: Final = (
    Function("isValidIp", "is it an address?", _is(lambda ip: ip_address(ip) is not None)),
    Function("isValidIpV4", "is it an IPv4 address?", _is(lambda ip: IPv4Address(ip) is not None)),
    Function("isValidIpV6", "is it an IPv6 address?", _is(lambda ip: IPv6Address(ip) is not None)),
    Function(
        "isIpInSubnet",
        "is it of the subnet?",
        _is(lambda ip, of: ip_address(ip) in ip_network(of, False)),
        2,
        2,
    ),
    Function(
        "isIpv4InSubnet",
        "is it of the IPv4 subnet?",
        _is(lambda ip, of: IPv4Address(ip) in IPv4Network(of, False)),
        2,
        2,
    ),
    Function(
        "isIpv6InSubnet",
        "is it of the IPv6 subnet?",
        _is(lambda ip, of: IPv6Address(ip) in IPv6Network(of, False)),
        2,
        2,
    ),
    Function("ipv4ToNumber", "an IPv4 address as a number", of_texts(lambda ip: int(IPv4Address(ip)))),
    Function("isPrivateIP", "is it of a private network?", _is(lambda ip: ip_address(ip).is_private)),
    Function("isPublicIP", "is it of the public network?", _is(lambda ip: ip_address(ip).is_global)),
    Function("isReservedIP", "is it reserved?", _is(lambda ip: ip_address(ip).is_reserved)),
)
