"""The environment that makes a program, unchanged, send the vendor's hosts to the edge and trust what it finds."""

import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from openpartner.edge.authority import TRUSTSTORE_PASSWORD, Authority
from openpartner.edge.hosts import LOOPBACK_NAMES, NAMES, is_vendor_host

_PRELOAD = Path(__file__).with_name("preload.cjs")

_BUNDLE_VARIABLES = (
    "SSL_CERT_FILE",  # OpenSSL: Python's ssl, httpx, .NET, Ruby, PHP; Go; Rust's native roots
    "REQUESTS_CA_BUNDLE",  # Python requests, azure-identity, MSAL, the Azure CLI
    "CURL_CA_BUNDLE",  # curl, and requests where the former is unset
    "GIT_SSL_CAINFO",
    "HTTPLIB2_CA_CERTS",
    "NIX_SSL_CERT_FILE",  # programs built by Nix read it before SSL_CERT_FILE
    "PERL_LWP_SSL_CA_FILE",
)
_ADDED_ROOT_VARIABLES = (
    "NODE_EXTRA_CA_CERTS",  # Node, Bun
    "DENO_CERT",
)
_PROXY_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_JAVA_DIRECT_HOSTS = "localhost|127.*|[::1]"


@dataclass(frozen=True)
class Ports:
    """Where the edge listens on 127.0.0.1."""

    proxy: int
    tls: int
    plain: int


def program_environment(
    base: Mapping[str, str],
    *,
    authority: Authority,
    ports: Ports,
    world_url: str,
    world_file: Path | None,
    allow_other_hosts: bool,
) -> dict[str, str]:
    """``base`` with the settings that lead to the edge; what the user set and we need not change stays.

    world_file: what the world says of itself as JSON, named in ``OPENPARTNER_WORLD``.
    """
    proxy_url = f"http://127.0.0.1:{ports.proxy}"
    added = {
        **dict.fromkeys(_BUNDLE_VARIABLES, str(authority.bundle)),
        **{name: _roots_to_add(base.get(name), authority) for name in _ADDED_ROOT_VARIABLES},
        **dict.fromkeys(_PROXY_VARIABLES, proxy_url),
        **dict.fromkeys((name.lower() for name in _PROXY_VARIABLES), proxy_url),
        "NO_PROXY": _no_proxy(base, "NO_PROXY"),
        "no_proxy": _no_proxy(base, "no_proxy"),
        "NODE_USE_ENV_PROXY": "1",
        "NODE_OPTIONS": _appended(base, "NODE_OPTIONS", f"--require {json.dumps(str(_PRELOAD))}"),
        "JAVA_TOOL_OPTIONS": _appended(base, "JAVA_TOOL_OPTIONS", _java_options(authority, ports)),
        "OPENPARTNER_EDGE": json.dumps(
            {
                "tls": ports.tls,
                "plain": ports.plain,
                "hosts": NAMES,
                "refuseOthers": not allow_other_hosts,
            }
        ),
        "OPENPARTNER_URL": world_url,
    }
    if world_file:
        added["OPENPARTNER_WORLD"] = str(world_file)
    return {**base, **added}


def _roots_to_add(already: str | None, authority: Authority) -> str:
    """Our root alone, or the bundle where the user adds roots of their own: it is made from the machine's."""
    return str(authority.bundle if already else authority.ca)


def _no_proxy(base: Mapping[str, str], name: str) -> str:
    """The user's exceptions but those that would keep a vendor's host from the proxy; loopback always."""
    given = base.get(name) or base.get(name.swapcase(), "")
    kept = [entry for entry in (part.strip() for part in given.split(",")) if entry and not _hides_vendor(entry)]
    return ",".join(dict.fromkeys((*kept, *LOOPBACK_NAMES)))


def _hides_vendor(entry: str) -> bool:
    suffix = entry.lower().lstrip("*").lstrip(".").partition(":")[0]
    return not suffix or is_vendor_host(suffix) or any(name.endswith(f".{suffix}") for name in NAMES)


def _java_options(authority: Authority, ports: Ports) -> str:
    properties = {
        "https.proxyHost": "127.0.0.1",
        "https.proxyPort": str(ports.proxy),
        "http.proxyHost": "127.0.0.1",
        "http.proxyPort": str(ports.proxy),
        "http.nonProxyHosts": _JAVA_DIRECT_HOSTS,
        "javax.net.ssl.trustStore": str(authority.truststore),
        "javax.net.ssl.trustStoreType": "PKCS12",
        "javax.net.ssl.trustStorePassword": TRUSTSTORE_PASSWORD,
    }
    # The Java launcher splits as a shell does, but knows no escapes
    return " ".join(shlex.quote(f"-D{name}={value}") for name, value in properties.items())


def _appended(base: Mapping[str, str], name: str, options: str) -> str:
    return f"{base[name]} {options}" if base.get(name) else options


def outside_proxy(base: Mapping[str, str] = os.environ) -> str | None:
    """The proxy that this machine itself uses to reach https hosts, if any."""
    return base.get("HTTPS_PROXY") or base.get("https_proxy") or base.get("ALL_PROXY") or base.get("all_proxy") or None
