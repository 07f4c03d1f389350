"""The vendor's host names that a world answers for: the one table, and how to print it."""

from dataclasses import dataclass

CERTIFICATE_HOST = "3psostorageacct.blob.core.windows.net"
"""Where receivers of the original's webhooks fetch the certificate from; strict ones take it from nowhere else."""

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
"""What the proxy never takes for a vendor, and what our certificate covers besides the vendor's names."""


@dataclass(frozen=True)
class VendorHost:
    name: str
    serves: str


VENDOR_HOSTS = (
    # Source: partner-center-conventions §1
    VendorHost("api.partnercenter.microsoft.com", "Partner Center REST, analytics, webhooks, audit"),
    VendorHost("partner.partnercenterapi.microsoftonline.cn", "Partner Center REST, China"),
    VendorHost("api.partnercenter.microsoft-ppe.com", "Partner Center REST, pre-production name in the clients"),
    # Source: partner-center-conventions §1; marketplace-publishing "api.partner.microsoft.com/v1.0/ingestion"
    VendorHost("api.partner.microsoft.com", "price sheets, exchange rates, referrals, payouts, publishing"),
    # Source: identity, head and §1; partner-center-conventions §1
    VendorHost("login.microsoftonline.com", "sign-in and tokens"),
    VendorHost("login.windows.net", "sign-in and tokens, older alias"),
    VendorHost("login.microsoft.com", "sign-in and tokens, alias"),
    VendorHost("sts.windows.net", "sign-in and tokens, host of v1 issuers"),
    VendorHost("login.microsoftonline.us", "sign-in and tokens, US government"),
    VendorHost("login.partner.microsoftonline.cn", "sign-in and tokens, China"),
    VendorHost("login.chinacloudapi.cn", "sign-in and tokens, China, older alias"),
    VendorHost("login.windows-ppe.net", "sign-in and tokens, pre-production name in the clients"),
    # Source: graph-conventions; partner-center-conventions §14 for the older name
    VendorHost("graph.microsoft.com", "Graph: delegated administration, directory, billing exports, security"),
    VendorHost("graph.windows.net", "directory graph, older name: audience of older clients"),
    # Source: partner-center-webhooks, X-MS-Certificate-Url of the example
    VendorHost(CERTIFICATE_HOST, "the certificate that signs webhooks"),
    # Source: marketplace-fulfilment, table "root": answers may link to the second name
    VendorHost("marketplaceapi.microsoft.com", "marketplace fulfilment and metering"),
    VendorHost("main.prod.marketplaceapi.azure.com", "marketplace fulfilment, host of links in answers"),
    # Source: marketplace-publishing, "Root https://cloudpartner.azure.com/api"
    VendorHost("cloudpartner.azure.com", "publishing, older API"),
)

NAMES = tuple(host.name for host in VENDOR_HOSTS)

_NAMES = frozenset(NAMES)
_LOOPBACK_NAMES = frozenset(LOOPBACK_NAMES)


def is_vendor_host(host: str) -> bool:
    """Whether a world answers for ``host``: a name without port, in any case, a trailing dot allowed."""
    return host.lower().removesuffix(".") in _NAMES


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine by name or address."""
    return host.lower().removesuffix(".") in _LOOPBACK_NAMES or host.startswith("127.")


def hosts_file(address: str = "127.0.0.1") -> str:
    """Lines for a hosts file under which every vendor host is ``address``."""
    lines = [f"{address}\t{host.name}\t# {host.serves}" for host in VENDOR_HOSTS]
    return "\n".join(("# OpenPartner: the vendor's hosts are the world at this address", *lines, ""))


def compose_file() -> str:
    """A compose file in which a program, unchanged, finds the world under every vendor host."""
    aliases = "\n".join(f"          - {name}" for name in NAMES)
    return f"""\
services:
  openpartner:
    image: openpartner
    command: [serve, --data, /world, --tls, --host, 0.0.0.0, --port, "443"]
    volumes: ["world:/world"]
    networks:
      default:
        aliases:
{aliases}
  program:
    image: your-program
    depends_on: [openpartner]
    volumes: ["world:/world:ro"]
    environment:
      SSL_CERT_FILE: /world/authority/bundle.pem
      REQUESTS_CA_BUNDLE: /world/authority/bundle.pem
      CURL_CA_BUNDLE: /world/authority/bundle.pem
      NODE_EXTRA_CA_CERTS: /world/authority/ca.pem
      JAVA_TOOL_OPTIONS: -Djavax.net.ssl.trustStore=/world/authority/truststore.p12 -Djavax.net.ssl.trustStorePassword=openpartner
volumes:
  world: {{}}
"""  # noqa: E501 - a YAML value that may not be broken
