"""Which addresses may be called, by table: what is written in the address, and what its name leads to."""

from ipaddress import ip_address

import pytest

from openpartner.platform.errors import Invalid
from openpartner.platform.outgoing.rules import (
    LOOPBACK,
    AddressRefused,
    Network,
    check_addresses,
    is_public,
    read_networks,
    read_target,
)


@pytest.mark.parametrize(
    ("text", "scheme", "host", "port", "path"),
    [
        ("https://hooks.example.com", "https", "hooks.example.com", 443, "/"),
        ("https://hooks.example.com:8443/a/b?key=1&x=%20", "https", "hooks.example.com", 8443, "/a/b?key=1&x=%20"),
        ("http://127.0.0.1:9000/x", "http", "127.0.0.1", 9000, "/x"),
        ("https://[2606:4700::1111]/x", "https", "2606:4700::1111", 443, "/x"),
        ("https://HOOKS.example.com/X", "https", "hooks.example.com", 443, "/X"),
        ("https://bücher.example/x", "https", "xn--bcher-kva.example", 443, "/x"),
    ],
)
def test_an_address_is_read(text: str, scheme: str, host: str, port: int, path: str) -> None:
    target = read_target(text)
    assert (target.scheme, target.host, target.port, target.path) == (scheme, host, port, path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hooks.example.com/x",
        "//hooks.example.com/x",
        "/x",
        "ftp://hooks.example.com/x",
        "file:///etc/passwd",
        "gopher://127.0.0.1:11211/_stats",
        "javascript:alert(1)",
        "https://",
        "https:///x",
        "https://user:secret@hooks.example.com/x",
        "https://hooks.example.com@127.0.0.1/x",
        "https://hooks.example.com/x#part",
        "https://hooks.example.com/x y",
        "https://hooks.example.com/\r\nX-Evil: 1",
        "https://hooks.example.com:99999/x",
        "https://[::1/x",
        "https://hooks.example.com/" + "x" * 2_000,
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused):
        read_target(text)


PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
NOT_PUBLIC = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",  # carrier-grade NAT, and a cloud's metadata
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",  # metadata of most clouds
    "168.63.129.16",  # Azure's host
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "2002:a9fe:a9fe::1",
    "2001:db8::1",
    "2001::1",
    "fc00::1",
    "fd00:ec2::254",  # metadata by IPv6
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_addresses_that_only_we_could_reach(text: str) -> None:
    assert not is_public(ip_address(text))


OFFICE = read_networks("10.20.0.0/16, fd00::/8")


@pytest.mark.parametrize(
    ("scheme", "addresses", "networks", "is_taken"),
    [
        ("https", ["8.8.8.8"], (), True),
        ("https", ["8.8.8.8", "2606:4700:4700::1111"], (), True),
        ("http", ["8.8.8.8"], (), False),
        ("https", ["127.0.0.1"], (), False),
        ("https", ["8.8.8.8", "127.0.0.1"], (), False),  # one bad address spoils the name
        ("https", ["fe80::1%eth0"], (), False),
        ("https", [], (), False),
        ("http", ["127.0.0.1"], LOOPBACK, True),
        ("https", ["::1"], LOOPBACK, True),
        ("http", ["127.0.0.1", "8.8.8.8"], LOOPBACK, False),
        ("http", ["10.0.0.1"], LOOPBACK, False),
        ("http", ["169.254.169.254"], LOOPBACK, False),
        ("http", ["10.20.7.1"], OFFICE, True),
        ("https", ["fd00::7"], OFFICE, True),
        ("http", ["10.21.7.1"], OFFICE, False),
        ("http", ["8.8.8.8"], OFFICE, False),
    ],
)
def test_where_a_name_may_lead(
    scheme: str, addresses: list[str], networks: tuple[Network, ...], is_taken: bool
) -> None:
    target = read_target(f"{scheme}://hooks.example.com/x")
    if is_taken:
        assert check_addresses(target, addresses, networks) == addresses
    else:
        with pytest.raises(AddressRefused):
            check_addresses(target, addresses, networks)


def test_networks_that_are_none_say_so() -> None:
    assert read_networks("") == ()
    with pytest.raises(Invalid, match="outgoing_networks"):
        read_networks("10.0.0.0/8, everywhere")
