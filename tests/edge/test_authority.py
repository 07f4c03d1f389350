"""What the local authority makes, keeps, renews and may never sign."""

import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs12

from openpartner.edge.authority import TRUSTSTORE_PASSWORD, Authority, open_authority
from openpartner.edge.hosts import NAMES


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return open_authority(tmp_path / "authority")


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def handshake(authority: Authority, name: str, server: ssl.SSLContext | None = None) -> None:
    """A strict client's handshake with a server of this authority, in memory. Raises ssl.SSLError."""
    trusting = ssl.create_default_context(cafile=str(authority.ca))
    trusting.verify_flags |= ssl.VERIFY_X509_STRICT
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_server, server_hostname=name)
    listening = (server or authority.server_context()).wrap_bio(to_server, to_client, server_side=True)
    for side in (client, listening, client, listening):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


@pytest.mark.parametrize("name", [*NAMES, "localhost", "127.0.0.1", "::1"])
def test_a_strict_client_accepts_every_name(authority: Authority, name: str) -> None:
    handshake(authority, name)


def test_no_other_name_is_accepted(authority: Authority) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(authority, "example.com")


def test_private_keys_are_their_owners_alone(authority: Authority) -> None:
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in authority.directory.iterdir()}

    assert modes == {
        "ca.key": "0o600",
        "ca.pem": "0o644",
        "server.key": "0o600",
        "server.pem": "0o644",
        "bundle.pem": "0o644",
        "truststore.p12": "0o644",
    }


def test_the_server_certificate_is_of_a_length_that_clients_accept(authority: Authority) -> None:
    server = certificate(authority.certificate)

    assert server.not_valid_after_utc - server.not_valid_before_utc == timedelta(days=397)
    assert server.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False


def test_the_second_opening_changes_nothing(authority: Authority) -> None:
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in authority.directory.iterdir()}

    open_authority(authority.directory)

    after = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in authority.directory.iterdir()}
    assert after == before


def test_many_makers_at_once_agree_on_one_authority(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(open_authority, [tmp_path / "authority"] * 8))

    assert len({one.ca.read_bytes() for one in made}) == 1
    handshake(made[0], "graph.microsoft.com")
    assert [path.name for path in tmp_path.iterdir()] == ["authority"]


def reissue(authority: Authority, *, days_left: int, names: tuple[str, ...] = ()) -> bytes:
    """Puts a server certificate in place that ends in ``days_left``; as the authority's but for that and ``names``."""
    old = certificate(authority.certificate)
    key = load_pem_private_key(authority.ca_key.read_bytes(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(old.subject)
        .issuer_name(old.issuer)
        .public_key(old.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days_left, minutes=1))
    )
    for extension in old.extensions:
        alternatives = isinstance(extension.value, x509.SubjectAlternativeName) and names
        value = x509.SubjectAlternativeName([x509.DNSName(name) for name in names]) if alternatives else extension.value
        builder = builder.add_extension(value, extension.critical)
    chain = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM) + authority.ca.read_bytes()
    authority.certificate.write_bytes(chain)
    return chain


@pytest.mark.parametrize(("days_left", "is_kept"), [(31, True), (30, True), (29, False), (0, False)])
def test_a_certificate_near_its_end_is_renewed_with_the_same_key(
    authority: Authority, days_left: int, is_kept: bool
) -> None:
    key = authority.key.read_bytes()
    placed = reissue(authority, days_left=days_left)

    open_authority(authority.directory)

    assert (authority.certificate.read_bytes() == placed) is is_kept
    assert authority.key.read_bytes() == key


def test_a_certificate_that_lacks_a_name_is_renewed(authority: Authority) -> None:
    placed = reissue(authority, days_left=300, names=("localhost",))

    open_authority(authority.directory)

    assert authority.certificate.read_bytes() != placed
    handshake(authority, "graph.microsoft.com")


def test_the_authority_is_worth_nothing_against_other_sites(authority: Authority) -> None:
    """Its key in wrong hands signs for example.com, and no client accepts it."""
    reissue(authority, days_left=300, names=("example.com",))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(authority.certificate, authority.key)

    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(authority, "example.com", server)


def test_the_bundle_is_the_machines_roots_and_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corporate = open_authority(tmp_path / "another").ca
    monkeypatch.setenv("SSL_CERT_FILE", str(corporate))

    authority = open_authority(tmp_path / "authority")

    assert authority.bundle.read_bytes() == corporate.read_bytes() + authority.ca.read_bytes()
    store = pkcs12.load_pkcs12(authority.truststore.read_bytes(), TRUSTSTORE_PASSWORD.encode())
    assert [entry.certificate for entry in store.additional_certs] == [
        certificate(corporate),
        certificate(authority.ca),
    ]


def test_a_run_inside_a_run_does_not_lengthen_the_bundle(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle = authority.bundle.read_bytes()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))

    open_authority(authority.directory)

    assert authority.bundle.read_bytes() == bundle
