"""Where a request comes from, as far as that can be believed."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Networks = Sequence[IPv4Network | IPv6Network]


class ClientAddresses:
    """Tells the client's address behind the proxies that are trusted; a chain ends at the first stranger."""

    def __init__(self, trusted_proxies: Networks) -> None:
        self._trusted = tuple(trusted_proxies)
        self.is_trusted = lru_cache(maxsize=1024)(self._is_trusted)

    def resolve(self, peer: str, forwarded_for: Iterable[bytes]) -> str:
        """The nearest address, from the gateway outward, that is not a trusted proxy's."""
        if not self._trusted or not self.is_trusted(peer):
            return peer
        nearest = peer
        chain = [hop.strip() for value in forwarded_for for hop in value.decode("latin-1").split(",")]
        for hop in reversed(chain):
            if not _is_address(hop):
                break
            nearest = hop
            if not self.is_trusted(hop):
                break
        return nearest

    def _is_trusted(self, address: str) -> bool:
        return _is_address(address) and any(ip_address(address) in network for network in self._trusted)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def household(address: str) -> str:
    """Whom an address stands for when counting: with IPv6 the /64, which one customer has to themselves."""
    if not _is_address(address):
        return "unknown"
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)


@lru_cache(maxsize=1024)
def is_private(address: str) -> bool:
    """Whether the address belongs to this machine or a private network."""
    return _is_address(address) and ip_address(address).is_private
