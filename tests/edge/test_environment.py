"""What a program's environment becomes, and what of the user's own it keeps."""

import json
from pathlib import Path

import pytest

from openpartner.edge.authority import Authority
from openpartner.edge.environment import Ports, outside_proxy, program_environment
from openpartner.edge.hosts import NAMES

AUTHORITY = Authority(Path("/w/authority"))
PROXY = "http://127.0.0.1:1001"


def given(base: dict[str, str], *, allow_other_hosts: bool = False, authority: Authority = AUTHORITY) -> dict[str, str]:
    return program_environment(
        base,
        authority=authority,
        ports=Ports(proxy=1001, tls=1002, plain=1003),
        world_url="http://127.0.0.1:8080",
        world_file=Path("/r/world.json"),
        allow_other_hosts=allow_other_hosts,
    )


def test_an_empty_environment_gains_every_setting() -> None:
    preload = given({}).pop("NODE_OPTIONS").removeprefix("--require ")
    assert Path(json.loads(preload)).name == "preload.cjs"
    assert Path(json.loads(preload)).is_file()
    assert given({}) == {
        "SSL_CERT_FILE": "/w/authority/bundle.pem",
        "REQUESTS_CA_BUNDLE": "/w/authority/bundle.pem",
        "CURL_CA_BUNDLE": "/w/authority/bundle.pem",
        "GIT_SSL_CAINFO": "/w/authority/bundle.pem",
        "HTTPLIB2_CA_CERTS": "/w/authority/bundle.pem",
        "NIX_SSL_CERT_FILE": "/w/authority/bundle.pem",
        "PERL_LWP_SSL_CA_FILE": "/w/authority/bundle.pem",
        "NODE_EXTRA_CA_CERTS": "/w/authority/ca.pem",
        "DENO_CERT": "/w/authority/ca.pem",
        "HTTPS_PROXY": PROXY,
        "HTTP_PROXY": PROXY,
        "ALL_PROXY": PROXY,
        "https_proxy": PROXY,
        "http_proxy": PROXY,
        "all_proxy": PROXY,
        "NO_PROXY": "localhost,127.0.0.1,::1",
        "no_proxy": "localhost,127.0.0.1,::1",
        "NODE_USE_ENV_PROXY": "1",
        "NODE_OPTIONS": f"--require {preload}",
        "JAVA_TOOL_OPTIONS": (
            "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=1001 -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=1001 "
            "'-Dhttp.nonProxyHosts=localhost|127.*|[::1]' -Djavax.net.ssl.trustStore=/w/authority/truststore.p12 "
            "-Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=openpartner"
        ),
        "OPENPARTNER_EDGE": json.dumps({"tls": 1002, "plain": 1003, "hosts": NAMES, "refuseOthers": True}),
        "OPENPARTNER_URL": "http://127.0.0.1:8080",
        "OPENPARTNER_WORLD": "/r/world.json",
    }


def test_what_the_user_set_stays() -> None:
    base = {"HOME": "/h", "NODE_OPTIONS": "--trace-warnings", "JAVA_TOOL_OPTIONS": "-Xmx1g"}

    environment = given(base)

    assert environment["HOME"] == "/h"
    assert environment["NODE_OPTIONS"].startswith('--trace-warnings --require "')
    assert environment["JAVA_TOOL_OPTIONS"].startswith("-Xmx1g -Dhttps.proxyHost=")


def test_roots_that_the_user_adds_for_node_stay_trusted() -> None:
    """The bundle is made from the machine's roots, among which a company's are."""
    assert given({"NODE_EXTRA_CA_CERTS": "/etc/company.pem"})["NODE_EXTRA_CA_CERTS"] == "/w/authority/bundle.pem"


@pytest.mark.parametrize(
    ("users", "kept"),
    [
        ("db.internal, 10.0.0.0/8", "db.internal,10.0.0.0/8,"),
        ("*", ""),
        (".microsoft.com,build.example", "build.example,"),
        ("*.windows.net", ""),
        ("graph.microsoft.com:443", ""),
        ("notmicrosoft.com", "notmicrosoft.com,"),
    ],
)
def test_exceptions_that_would_hide_a_vendors_host_are_dropped(users: str, kept: str) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        environment = given({name: users})
        assert environment["NO_PROXY"] == environment["no_proxy"] == f"{kept}localhost,127.0.0.1,::1"


def test_other_hosts_are_left_to_node_when_allowed() -> None:
    assert json.loads(given({}, allow_other_hosts=True)["OPENPARTNER_EDGE"])["refuseOthers"] is False


def test_a_path_with_a_space_is_quoted_for_java() -> None:
    options = given({}, authority=Authority(Path("/my world/authority")))["JAVA_TOOL_OPTIONS"]

    assert " '-Djavax.net.ssl.trustStore=/my world/authority/truststore.p12' " in options


@pytest.mark.parametrize(
    ("base", "proxy"),
    [
        ({}, None),
        ({"https_proxy": "http://p:3128"}, "http://p:3128"),
        ({"ALL_PROXY": "http://q:1", "HTTPS_PROXY": "http://p:3128"}, "http://p:3128"),
        ({"HTTPS_PROXY": ""}, None),
    ],
)
def test_the_machines_own_proxy(base: dict[str, str], proxy: str | None) -> None:
    assert outside_proxy(base) == proxy
