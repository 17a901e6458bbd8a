"""Telling two readers apart without knowing either: marks under a salt that is made at random and soon destroyed."""

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta

REPEAT = timedelta(seconds=30)  # COUNTER's double-click rule: loads of one reader closer than this are one view


def network(address: str) -> str:
    """The network an address lies in: /24, or /48 for IPv6; '' for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""  # from wherever it came, it is no network that could tell readers apart
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return str(ipaddress.ip_network((found, 48), strict=False))
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, 24), strict=False))


def mark(salt: bytes, *parts: str) -> str:
    """Sixteen hex digits that stand for ``parts`` as long as the salt exists, and for nothing afterwards."""
    return hmac.new(salt, "\0".join(parts).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]


def chains(moments: Sequence[datetime]) -> int:
    """How many views the loads of one reader are: each run of loads less than ``REPEAT`` apart is one.

    A function of the set of moments alone, so the count does not depend on the order in which they are told.
    """
    ordered = sorted(moments)
    return sum(
        1 for at, before in zip(ordered, [None, *ordered], strict=False) if before is None or at - before >= REPEAT
    )
