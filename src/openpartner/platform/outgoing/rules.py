"""Which addresses may be called: public ones by https, and those of named networks by http or https.

A name says nothing: it is judged by every address it leads to, at the very moment of the call.
Source: RFC 6890 and the IANA registries of special addresses, as ``ipaddress`` has them; OWASP, server-side request
forgery.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import httpx

from openpartner.platform.errors import Invalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST = 2_000
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))

_NAT64 = ip_network("64:ff9b::/96")
_SPECIAL = tuple(
    ip_network(text)
    for text in (
        "168.63.129.16/32",  # public by the registries, and yet answered by the cloud's host itself (Azure)
        "192.0.0.0/24",  # protocol assignments; a cloud's metadata stand in it (Oracle)
        "192.88.99.0/24",
        "::/96",  # IPv4-compatible, out of use
        "64:ff9b:1::/48",
        "fec0::/10",  # site-local, out of use
    )
)
"""Networks that are no place for a delivery, though ``ipaddress`` of some Python release calls them global."""


class AddressRefused(Invalid):
    """The address leads where deliveries do not go, or cannot be read as one."""


@dataclass(frozen=True)
class Target:
    """An address that can be read. ``path`` has the query with it."""

    url: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_secure(self) -> bool:
        """Whether the call is by https."""
        return self.scheme == "https"


def read_target(text: str) -> Target:
    """The parts of an absolute http or https address. Raises AddressRefused."""
    if len(text) > LONGEST or any(letter.isspace() or not letter.isprintable() for letter in text):
        raise AddressRefused(f"An address has at most {LONGEST} characters and no blanks.")
    try:
        url = httpx.URL(text)
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise AddressRefused(f"{text} is not an address such as https://hooks.example.com/partner-center.") from error
    if url.scheme not in {"http", "https"} or not host:
        raise AddressRefused(f"{text} is not an address such as https://hooks.example.com/partner-center.")
    if url.userinfo:
        raise AddressRefused("The address must not hold a user name or password. Put a secret into the path or query.")
    if url.fragment:
        raise AddressRefused("The address must not have a fragment (#…): a server never sees it.")
    port = url.port if url.port is not None else 443 if url.scheme == "https" else 80
    if not 0 < port < 65_536:
        raise AddressRefused("A port is a number from 1 to 65535.")
    return Target(str(url), url.scheme, host.strip("[]"), port, url.raw_path.decode("ascii"))


def read_networks(text: str) -> tuple[Network, ...]:
    """Networks as settings name them: ``10.0.0.0/8, fd00::/8``. Raises Invalid."""
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise Invalid(f"outgoing_networks: {error}. Name networks such as 10.20.0.0/16, parted by commas.") from error


def true_address(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries, where a machine on the way would unpack it; else the address."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether everybody on the internet could call it too."""
    address = true_address(address)
    special = any(address.version == each.version and address in each for each in _SPECIAL)
    return address.is_global and not address.is_multicast and not special


def check_addresses(target: Target, addresses: Iterable[str], networks: Sequence[Network]) -> list[str]:
    """The addresses that a name leads to, when all of them may be called. Raises AddressRefused.

    One that may not spoils the whole: who answers for the name could choose it the next time.
    """
    found = [ip_address(text.partition("%")[0]) for text in addresses]
    named = [any(address.version == each.version and address in each for each in networks) for address in found]
    if not found:
        raise AddressRefused(f"{target.host} leads to no address.")
    if not all(known or is_public(address) for known, address in zip(named, found, strict=True)):
        raise AddressRefused(
            f"{target.host} leads into a private, loopback, link-local or otherwise special network. "
            "Give an address that everybody on the internet can reach."
        )
    if not target.is_secure and not all(named):
        raise AddressRefused(f"{target.host} must be called by https. Give an address that begins with https://.")
    return [str(address) for address in found]
