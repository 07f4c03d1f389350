"""The local certificate authority: who signs for the vendor's names on this machine, and only for them.

Certificates are judged by other programs against the machine's clock, so this module reads that clock and
the machine's randomness itself: the one reasoned exception to the rule that only ``platform`` does. A world's
clock may be moved a year; its certificates must hold today.
"""

import contextlib
import os
import re
import ssl
import tempfile
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path

import certifi
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from openpartner.edge.hosts import NAMES

TRUSTSTORE_PASSWORD = "openpartner"  # noqa: S105 - guards public certificates only; Java wants one

_AUTHORITY_LIFE = timedelta(days=3650)
_LEAF_LIFE = timedelta(days=397)  # what strict clients accept of a server certificate
_SKEW = timedelta(days=1)  # another machine's clock may be behind
_RENEW_BEFORE = timedelta(days=30)

_PEM_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)

_ZONES = ("localhost", *sorted({name.split(".", name.count(".") - 1)[-1] for name in NAMES}))
"""The domains this authority may ever sign for, so that its key is worth nothing against any other site."""

_SUBJECT_ALTERNATIVES = x509.SubjectAlternativeName(
    [
        *(x509.DNSName(name) for name in ("localhost", *NAMES)),
        x509.IPAddress(IPv4Address("127.0.0.1")),
        x509.IPAddress(IPv6Address("::1")),
    ]
)


@dataclass(frozen=True)
class Authority:
    """The files of one authority; every path exists."""

    directory: Path

    @property
    def ca(self) -> Path:
        """The authority's own certificate: what to trust."""
        return self.directory / "ca.pem"

    @property
    def bundle(self) -> Path:
        """The machine's roots and ours, for settings that replace the roots rather than add to them."""
        return self.directory / "bundle.pem"

    @property
    def truststore(self) -> Path:
        """The bundle as Java reads it (PKCS #12, TRUSTSTORE_PASSWORD)."""
        return self.directory / "truststore.p12"

    @property
    def certificate(self) -> Path:
        """The server certificate for the vendor's hosts and loopback, with its chain."""
        return self.directory / "server.pem"

    @property
    def key(self) -> Path:
        """The server certificate's private key; it outlives renewals."""
        return self.directory / "server.key"

    @property
    def ca_key(self) -> Path:
        return self.directory / "ca.key"

    def server_context(self) -> ssl.SSLContext:
        """What a server under the vendor's names presents; HTTP/1.1 only, as bytes are relayed unread."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certificate, self.key)
        context.set_alpn_protocols(["http/1.1"])
        return context

    def client_context(self) -> ssl.SSLContext:
        """Trusts the machine's roots and this authority."""
        return ssl.create_default_context(cafile=str(self.bundle))


def open_authority(directory: Path) -> Authority:
    """The authority in ``directory``, made on first use; a certificate near its end is renewed.

    Private keys are readable by their owner only. The bundle follows the machine's roots (or those that
    ``SSL_CERT_FILE`` names) as they are now.
    """
    now = datetime.now(UTC)
    authority = Authority(directory)
    if not authority.ca.exists():
        _create(authority, now)
    elif _certificate(authority.ca).not_valid_after_utc < now + _RENEW_BEFORE:
        _write(authority.ca_key, _key_pem(ec.generate_private_key(ec.SECP256R1())), mode=0o600)
        _write(authority.ca, _authority_certificate(_private_key(authority.ca_key), now))
    if not _still_good(authority, now):
        _write(authority.certificate, _server_chain(authority, now))
    _write_trust(authority)
    return authority


def signing_certificate(authority: Authority, public_key: rsa.RSAPublicKey, organization: str) -> bytes:
    """A certificate (DER) of this authority for a key that signs messages; it is no server's.

    It lasts as long as the authority: whoever signs with the key changes it, not the certificate.
    """
    ca, ca_key = _certificate(authority.ca), _private_key(authority.ca_key)
    name = [
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        x509.NameAttribute(NameOID.COMMON_NAME, "OpenPartner webhooks"),
    ]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(name))
        .issuer_name(ca.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(ca.not_valid_before_utc)
        .not_valid_after(ca.not_valid_after_utc)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
    )
    return builder.sign(ca_key, hashes.SHA256()).public_bytes(Encoding.DER)


def _create(authority: Authority, now: datetime) -> None:
    """Makes the folder whole beside its place and moves it there: of two makers at once, one wins."""
    parent = authority.directory.parent
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=".authority-", ignore_cleanup_errors=True) as made:
        draft = Authority(Path(made) / "authority")
        draft.directory.mkdir(mode=0o755)
        _write(draft.ca_key, _key_pem(ec.generate_private_key(ec.SECP256R1())), mode=0o600)
        _write(draft.key, _key_pem(ec.generate_private_key(ec.SECP256R1())), mode=0o600)
        _write(draft.ca, _authority_certificate(_private_key(draft.ca_key), now))
        _write(draft.certificate, _server_chain(draft, now))
        with contextlib.suppress(OSError):
            authority.directory.rmdir()  # an empty folder is in the way on Windows
        try:
            draft.directory.rename(authority.directory)
        except OSError:
            if not authority.ca.exists():
                raise


def _still_good(authority: Authority, now: datetime) -> bool:
    """Whether the server certificate is signed by this authority, for today's names, and not near its end."""
    if not authority.certificate.exists():
        return False
    server = _certificate(authority.certificate)
    try:
        server.verify_directly_issued_by(_certificate(authority.ca))
    except Exception:  # noqa: BLE001 - whatever is wrong with it, a new one is the cure
        return False
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names == _SUBJECT_ALTERNATIVES and server.not_valid_after_utc > now + _RENEW_BEFORE


def _authority_certificate(key: ec.EllipticCurvePrivateKey, now: datetime) -> bytes:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "OpenPartner"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"OpenPartner local authority {now:%Y-%m-%d}"),
        ]
    )
    permitted = [
        *(x509.DNSName(zone) for zone in _ZONES),
        x509.IPAddress(IPv4Network("127.0.0.0/8")),
        x509.IPAddress(IPv6Network("::1/128")),
    ]
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + _AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _server_chain(authority: Authority, now: datetime) -> bytes:
    ca, ca_key = _certificate(authority.ca), _private_key(authority.ca_key)
    public_key = _private_key(authority.key).public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "OpenPartner")]))
        .issuer_name(ca.subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(min(now - _SKEW + _LEAF_LIFE, ca.not_valid_after_utc))
        .add_extension(_SUBJECT_ALTERNATIVES, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
    )
    server = builder.sign(ca_key, hashes.SHA256())
    return server.public_bytes(Encoding.PEM) + ca.public_bytes(Encoding.PEM)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_trust(authority: Authority) -> None:
    """Writes the bundle and Java's form of it, when the roots they are made of have changed."""
    machine = ssl.get_default_verify_paths().cafile  # SSL_CERT_FILE, when it names a file that exists
    ours = authority.ca.read_bytes()
    roots = Path(machine or certifi.where()).read_bytes()
    # A program run inside a run is given a bundle that ends with ours already
    wanted = roots if roots.endswith(ours) else roots.rstrip() + b"\n" + ours
    if authority.bundle.exists() and authority.truststore.exists() and authority.bundle.read_bytes() == wanted:
        return
    encryption = BestAvailableEncryption(TRUSTSTORE_PASSWORD.encode())
    _write(authority.truststore, pkcs12.serialize_java_truststore(_truststore_entries(wanted), encryption))
    _write(authority.bundle, wanted)


def _truststore_entries(bundle: bytes) -> list[pkcs12.PKCS12Certificate]:
    certificates: dict[str, x509.Certificate] = {}
    for block in _PEM_BLOCK.findall(bundle):
        # Among a machine's roots stand some with a serial number of zero or less: cryptography warns of
        # these today and will refuse them. Java can do without what no longer loads.
        with warnings.catch_warnings(), contextlib.suppress(ValueError):
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            certificate = x509.load_pem_x509_certificate(block)
            certificates[certificate.fingerprint(hashes.SHA256()).hex()] = certificate
    return [pkcs12.PKCS12Certificate(certificate, name.encode()) for name, certificate in certificates.items()]


def _certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _private_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} holds no elliptic-curve key. Remove its folder; a new authority is made.")
    return key


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Puts ``content`` at ``path`` in one step: a reader sees the old file or the new one."""
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(draft).chmod(mode)
    Path(draft).replace(path)
