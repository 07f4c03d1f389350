"""Both signatures of a delivery, as receivers check them; the keys and secrets behind them, and their rotation."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store
from standardwebhooks import Webhook, WebhookVerificationError

from openpartner.cli import webhooks as command
from openpartner.platform import vault
from openpartner.platform.errors import Invalid
from openpartner.platform.rsa_keys import seeded_private_key
from openpartner.platform.world import World
from openpartner.settings import Settings
from openpartner.webhooks import service
from openpartner.webhooks.models import WebhookKey, WebhookRegistration
from openpartner.webhooks.service.keys import _private_key
from tests.support.lab import START, Lab
from tests.support.receiver import Got
from tests.webhooks.conftest import MakeSubscriber, Subscriber, certificate_for, check_signature

LATER = START + timedelta(days=30)


def sent(subscriber: Subscriber, name: str = "a") -> Got:
    """What the receiver gets of one more event."""
    subscriber.approve(name)
    subscriber.go()
    return subscriber.receiver.got[-1]


def organization(certificate: x509.Certificate) -> str:
    (attribute,) = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(attribute.value)


def test_the_vendors_signature_is_over_the_body(subscriber: Subscriber) -> None:
    got = sent(subscriber)
    certificate = certificate_for(subscriber.lab, got)
    check_signature(certificate, got)
    with pytest.raises(InvalidSignature):
        check_signature(certificate, replace(got, body=got.body + b" "))
    assert "x-ms-signature" not in got.headers


def test_in_a_header_of_its_own_where_that_is_asked_for(make_subscriber: MakeSubscriber) -> None:
    subscriber = make_subscriber(in_own_header=True)
    got = sent(subscriber)
    assert "authorization" not in got.headers
    check_signature(certificate_for(subscriber.lab, got), got)


def test_the_certificate_is_of_the_worlds_authority_and_of_the_organisation_receivers_look_for(
    subscriber: Subscriber,
) -> None:
    certificate = certificate_for(subscriber.lab, sent(subscriber))
    authority = x509.load_pem_x509_certificate(
        (subscriber.lab.world.settings.data / "authority" / "ca.pem").read_bytes()
    )
    certificate.verify_directly_issued_by(authority)
    assert organization(certificate) == "Microsoft Corporation"
    assert certificate.not_valid_before_utc < datetime.now(UTC) < certificate.not_valid_after_utc
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False


def test_a_certificate_is_no_servers(subscriber: Subscriber) -> None:
    """It names no host: nobody can pass for a server of the vendor's with it."""
    certificate = certificate_for(subscriber.lab, sent(subscriber))
    with pytest.raises(x509.ExtensionNotFound):
        certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    authority = (subscriber.lab.world.settings.data / "authority" / "ca.pem").read_bytes()
    store = Store([x509.load_pem_x509_certificate(authority)])
    verifier = PolicyBuilder().store(store).build_server_verifier(x509.DNSName("api.partnercenter.microsoft.com"))
    with pytest.raises(x509.verification.VerificationError):
        verifier.verify(certificate, [])


def test_the_standard_signature_is_checked_by_the_standards_library(subscriber: Subscriber) -> None:
    got = sent(subscriber)
    verified = Webhook(subscriber.secret).verify(got.body, got.headers)
    assert verified["EventName"] == "granular-admin-relationship-approved"
    with pytest.raises(WebhookVerificationError):
        Webhook(subscriber.secret).verify(got.body + b" ", got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + "A" * 44).verify(got.body, got.headers)


def test_the_message_id_stays_and_the_timestamp_goes_with_the_receivers_clock(subscriber: Subscriber) -> None:
    """A world's clock may stand in another year; the receiver would call its instants too old or too new."""
    subscriber.receiver.answers = [500, 200]
    sent(subscriber)
    subscriber.go(timedelta(days=200))
    first, second = subscriber.receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert abs(int(second.headers["webhook-timestamp"]) - datetime.now(UTC).timestamp()) < 60
    Webhook(subscriber.secret).verify(second.body, second.headers)


def test_a_new_secret_signs_and_for_a_day_the_one_before_too(subscriber: Subscriber) -> None:
    lab = subscriber.lab
    with lab.begin(subscriber.actor) as uow:
        fresh = service.rotate_webhook_secret(uow)
    assert fresh != subscriber.secret
    got = sent(subscriber, "a")
    for secret in (fresh, subscriber.secret):
        Webhook(secret).verify(got.body, got.headers)
    subscriber.go(timedelta(days=1))
    got = sent(subscriber, "b")
    Webhook(fresh).verify(got.body, got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(subscriber.secret).verify(got.body, got.headers)
    (event,) = lab.events("WebhookSecretRotated")
    assert event["after"] == {"previousSecretUntil": "2026-01-16T09:00:00+00:00"}
    assert fresh not in str(lab.events())


def test_a_new_key_signs_and_the_certificate_before_stays_where_it_was(subscriber: Subscriber) -> None:
    lab = subscriber.lab
    before = sent(subscriber, "a")
    with lab.begin() as uow:
        service.rotate_webhook_key(uow)
    after = sent(subscriber, "b")
    assert before.headers["x-ms-certificate-url"] != after.headers["x-ms-certificate-url"]
    for got in (before, after):
        check_signature(certificate_for(lab, got), got)
    with pytest.raises(InvalidSignature):
        check_signature(certificate_for(lab, after), before)
    assert [event["after"] for event in lab.events("WebhookKeyRotated")] == [{"serial": 1}, {"serial": 2}]


@pytest.mark.parametrize("name", ["nothing.cer", "0123.cer", "x.pem", "x"])
def test_there_is_no_certificate_of_another_name(subscriber: Subscriber, name: str) -> None:
    assert subscriber.lab.client().get(f"/webhooks/v1/certificates/{name}").status_code == 404


def test_keys_and_secrets_are_stored_sealed(lab: Lab, make_subscriber: MakeSubscriber) -> None:
    lab.world.settings = replaced(lab, secret_key="a key of the installation")
    subscriber = make_subscriber()
    got = sent(subscriber)
    with lab.read() as uow:
        stored = [uow.db.query(WebhookKey).one().private_pem, uow.db.query(WebhookRegistration).one().secret]
    assert all(text.startswith("sealed:") for text in stored)
    assert vault.unseal(stored[1], "a key of the installation") == subscriber.secret
    check_signature(certificate_for(lab, got), got)


def replaced(lab: Lab, **settings: object) -> Settings:
    """The world's settings with others in them."""
    return msgspec.structs.replace(lab.world.settings, **settings)


# --- the operator's own certificate -------------------------------------------------------------------------------


def write_operators(folder: Path, seed: str = "operator", key_seed: str | None = None) -> tuple[str, str]:
    """A certificate and a key as an operator has them; of another key where ``key_seed`` says so."""
    pem = seeded_private_key(seed)
    key = _private_key(pem)
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Programme GmbH")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(START)
        .not_valid_after(LATER)
    )
    certificate, private = folder / "hooks.pem", folder / "hooks.key"
    certificate.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    private.write_text(seeded_private_key(key_seed or seed))
    return str(certificate), str(private)


def test_the_operators_certificate_and_key_sign_when_they_are_given(
    lab: Lab, make_subscriber: MakeSubscriber, tmp_path: Path
) -> None:
    certificate, key = write_operators(tmp_path)
    lab.world.settings = replaced(lab, webhook_certificate=certificate, webhook_key=key)
    subscriber = make_subscriber()
    got = sent(subscriber)
    served = certificate_for(lab, got)
    check_signature(served, got)
    assert organization(served) == "Programme GmbH"
    with lab.begin() as uow, pytest.raises(Invalid, match="OPENPARTNER_WEBHOOK_KEY"):
        service.rotate_webhook_key(uow)


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda settings, _folder: {**settings, "webhook_key": ""}, "go together"),
        (lambda settings, folder: {**settings, "webhook_key": str(folder / "none")}, "cannot be read"),
        (
            lambda settings, folder: {
                **settings,
                "webhook_key": write_operators(folder / "other", key_seed="stranger")[1],
            },
            "is not for the key",
        ),
    ],
)
def test_settings_that_do_not_fit_are_refused_at_the_start(
    lab: Lab, tmp_path: Path, break_it: object, says: str
) -> None:
    (tmp_path / "other").mkdir()
    certificate, key = write_operators(tmp_path)
    assert callable(break_it)
    broken = break_it({"webhook_certificate": certificate, "webhook_key": key}, tmp_path)
    with pytest.raises(Invalid, match=says):
        service.check_settings(replaced(lab, **broken))


def test_the_command_signs_with_a_new_key(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of the command are those of the environment: here the test's own world."""

    @contextmanager
    def this_world(_data: Path) -> Iterator[World]:
        yield lab.world

    monkeypatch.setattr(command, "opened", this_world)
    command.rotate_key(lab.world.settings.data)
    assert [event["after"] for event in lab.events("WebhookKeyRotated")] == [{"serial": 1}]
