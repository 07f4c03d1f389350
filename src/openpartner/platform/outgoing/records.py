"""What the owner of a name has published in the domain name system."""

from openpartner.platform.errors import DomainError

PATIENCE = 10.0
"""Seconds until nobody has answered."""


class NamesUnanswered(DomainError):
    """No name server answered: nothing is known of the name, not even that it is not there."""

    status = 503

    def __init__(self, name: str) -> None:
        super().__init__(f"No name server answered for {name}. Try again in some minutes.", code="serviceNotAvailable")


def texts_of(name: str, server: str = "") -> list[str]:
    """The TXT records at ``name``, none where it does not exist. server: ``host:port``, else the machine's own.

    Raises NamesUnanswered.
    """
    import dns.exception  # noqa: PLC0415 - a tenth of every start, for the few who verify a domain
    import dns.resolver  # noqa: PLC0415

    host, _, port = server.rpartition(":") if ":" in server else (server, "", "")
    asking = dns.resolver.Resolver(configure=not server)
    if server:
        asking.nameservers = [host]
        asking.port = int(port or 53)
    try:
        found = asking.resolve(name, "TXT", lifetime=PATIENCE)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise NamesUnanswered(name) from error
    return [b"".join(each.strings).decode("utf-8", "replace") for each in found]
