"""The one table of vendor hosts, and what it prints."""

import pytest

from openpartner.edge import hosts


def test_the_table_is_whole() -> None:
    assert hosts.NAMES == (
        "api.partnercenter.microsoft.com",
        "partner.partnercenterapi.microsoftonline.cn",
        "api.partnercenter.microsoft-ppe.com",
        "api.partner.microsoft.com",
        "login.microsoftonline.com",
        "login.windows.net",
        "login.microsoft.com",
        "sts.windows.net",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "login.chinacloudapi.cn",
        "login.windows-ppe.net",
        "graph.microsoft.com",
        "graph.windows.net",
        "3psostorageacct.blob.core.windows.net",
        "marketplaceapi.microsoft.com",
        "main.prod.marketplaceapi.azure.com",
        "cloudpartner.azure.com",
    )


@pytest.mark.parametrize(
    ("host", "is_vendor"),
    [
        ("graph.microsoft.com", True),
        ("Graph.Microsoft.Com", True),
        ("graph.microsoft.com.", True),
        ("graph.microsoft.com.example", False),
        ("evil-graph.microsoft.com", False),
        ("microsoft.com", False),
        ("", False),
    ],
)
def test_a_vendor_host_is_one_of_the_table(host: str, is_vendor: bool) -> None:
    assert hosts.is_vendor_host(host) is is_vendor


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("128.0.0.1", False)],
)
def test_loopback(host: str, is_loopback: bool) -> None:
    assert hosts.is_loopback(host) is is_loopback


def test_the_hosts_file_has_a_line_for_every_host() -> None:
    lines = hosts.hosts_file("10.0.0.5").splitlines()

    assert lines[:2] == [
        "# OpenPartner: the vendor's hosts are the world at this address",
        "10.0.0.5\tapi.partnercenter.microsoft.com\t# Partner Center REST, analytics, webhooks, audit",
    ]
    assert [line.split("\t")[:2] for line in lines[1:]] == [["10.0.0.5", name] for name in hosts.NAMES]


def test_the_compose_file_makes_every_host_an_alias_of_the_world() -> None:
    text = hosts.compose_file()

    aliases = text.partition("aliases:\n")[2].partition("  program:")[0].splitlines()
    assert aliases == [f"          - {name}" for name in hosts.NAMES]
    assert "SSL_CERT_FILE: /world/authority/bundle.pem\n" in text
