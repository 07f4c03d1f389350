"""Passkeys, with an authenticator made of software: registering, signing in, and the ways to cheat."""

import base64
import hashlib
import html
import json
import re
import struct
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from openpartner.identity import queries
from tests.identity.provider import Browser, Scene, authorize_url, otp, said, scene
from tests.support.lab import Lab

PRESENT_AND_VERIFIED, WITH_KEY = 0x05, 0x40


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


class Authenticator:
    """One passkey in software."""

    def __init__(self) -> None:
        self.key = ec.derive_private_key(0xC0FFEE, ec.SECP256R1())
        self.id = hashlib.sha256(b"passkey").digest()
        self.count = 0

    def _data(self, rp: str, flags: int) -> bytes:
        self.count += 1
        return hashlib.sha256(rp.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client(self, kind: str, options: dict[str, Any], origin: str) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": origin}).encode()

    def create(self, options: dict[str, Any], origin: str = "https://localhost") -> str:
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        data = self._data(options["rp"]["id"], PRESENT_AND_VERIFIED | WITH_KEY)
        data += bytes(16) + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(public)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        response = {
            "clientDataJSON": b64(self._client("webauthn.create", options, origin)),
            "attestationObject": b64(attestation),
        }
        return self._credential(response)

    def get(self, options: dict[str, Any], origin: str = "https://localhost", flags: int = PRESENT_AND_VERIFIED) -> str:
        data = self._data(options["rpId"], flags)
        client = self._client("webauthn.get", options, origin)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(signature),
            "userHandle": None,
        }
        return self._credential(response)

    def _credential(self, response: dict[str, Any]) -> str:
        return json.dumps({"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response})


@pytest.fixture
def at(lab: Lab) -> Scene:
    return scene(lab)


def options_of(browser: Browser) -> tuple[str, dict[str, Any]]:
    """The number of the page's passkey form, and what it asks for."""
    found = re.search(r'data-options="([^"]*)"', browser.page.text)
    assert found is not None
    numbers = [i for i, form in enumerate(browser.forms()) if "credential" in form]
    return str(numbers[0]), json.loads(html.unescape(found.group(1)))


def registered(at: Scene, passkey: Authenticator) -> Browser:
    """Bea, asked for a second factor, makes a passkey."""
    browser = at.browser().open(authorize_url(at, amr_values="mfa")).sign_in("bea")
    number, options = options_of(browser)
    return browser.submit(form_number=number, credential=passkey.create(options))


def test_a_passkey_is_registered_and_signs_in_alone_with_mfa(at: Scene) -> None:
    passkey = Authenticator()
    registered(at, passkey).stay()
    browser = at.browser().open(authorize_url(at, amr_values="mfa"))
    number, options = options_of(browser)
    assert options["userVerification"] == "required"
    browser.submit(form_number=number, credential=passkey.get(options)).stay()
    access = said(at.redeem(browser.answer["code"]).json()["access_token"])
    assert (access["oid"], access["amr"]) == (str(at.bea), ["fido", "mfa"])
    (event,) = at.lab.events("SignInMethodRegistered")[1:]
    assert event["data"]["method"] == "passkey"


def test_a_passkey_is_a_second_factor_after_the_password(at: Scene) -> None:
    passkey = Authenticator()
    registered(at, passkey)
    browser = at.browser().open(authorize_url(at, amr_values="mfa")).sign_in("bea")
    assert browser.heading == "Enter code"
    number, options = options_of(browser)
    browser.submit(form_number=number, credential=passkey.get(options)).stay()
    assert said(at.redeem(browser.answer["code"]).json()["access_token"])["amr"] == ["pwd", "fido", "mfa"]


@pytest.mark.parametrize("cheat", ["other origin", "not verified", "replayed", "copied key", "unknown", "rubbish"])
def test_a_passkeys_answer_cannot_be_forged(at: Scene, cheat: str) -> None:
    passkey = Authenticator()
    registered(at, passkey)
    browser = at.browser().open(authorize_url(at))
    number, options = options_of(browser)
    if cheat == "other origin":
        credential = passkey.get(options, origin="https://evil.example")
    elif cheat == "not verified":
        credential = passkey.get(options, flags=0x01)
    elif cheat == "replayed":
        credential = passkey.get(options)
        browser.submit(form_number=number, credential=credential).stay()
        browser = at.browser().open(authorize_url(at))
        number, _ = options_of(browser)
    elif cheat == "copied key":
        passkey.count = 0
        credential = passkey.get(options)
    elif cheat == "unknown":
        passkey.id = bytes(32)
        credential = passkey.get(options)
    else:
        credential = "{"
    answer = browser.submit(form_number=number, credential=credential)
    assert answer.page.status_code == 401
    assert "That did not verify" in answer.page.text


def test_a_passkey_cannot_be_added_with_the_password_alone_beside_a_second_factor(at: Scene) -> None:
    passkey = Authenticator()
    browser = at.browser().open(authorize_url(at)).sign_in("ana")
    browser.submit(step="register_passkey", credential=passkey.create({"rp": {"id": "localhost"}, "challenge": "x"}))
    assert "AADSTS50076" in browser.page.text
    with at.lab.read() as uow:
        assert queries.passkeys_of(uow, at.ana) == []


def test_sign_ins_are_listed_and_ended_on_a_page(at: Scene) -> None:
    other = at.browser().open(authorize_url(at)).sign_in("ana").code(otp(at.lab)).stay()
    browser = at.browser().open("/common/oauth2/signins").sign_in("bea").stay()
    assert browser.heading == "Your sign-ins"
    browser.submit(form_number=str(len(browser.forms()) - 2))
    assert browser.heading == "Sign in"
    assert "code" in other.open(authorize_url(at, prompt="none")).answer
