"""One request to the provider: where it came in, and from whom."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What a use case of the provider needs to know of the request that asks for it.

    host: scheme and host of the address the client used; v2 issuers begin with it. tenant: the path's first segment.
    is_v1: ``/oauth2/…`` without ``v2.0``. origin: of the Origin header; empty when the caller is no browser script.
    """

    host: str
    tenant: str
    is_v1: bool
    ip_address: str = ""
    user_agent: str = ""
    origin: str = ""
    correlation_id: str = ""

    @property
    def own_hosts(self) -> tuple[str, ...]:
        """Host names under which this server is asked for Graph."""
        return (self.host.partition("://")[2],)

    def token_audiences(self, tenant_ids: tuple[str, ...]) -> frozenset[str]:
        """Every address of the token endpoint, lower case: what a client assertion may name as its audience.

        Also under the vendor's hosts, since tools sign for those whatever name they reach us by.
        """
        hosts = (
            self.host,
            "https://login.microsoftonline.com",
            "https://login.windows.net",
            "https://login.microsoft.com",
            "https://sts.windows.net",
        )
        tails = ("/oauth2/v2.0/token", "/oauth2/token", "/v2.0", "")
        return frozenset(f"{h}/{t}{tail}".lower() for h in hosts for t in (self.tenant, *tenant_ids) for tail in tails)
