"""The programs that the page shows verify a real delivery, and refuse one that was changed on the way."""

import html
import http.client
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from openpartner.platform.permissions import Role
from openpartner.webhooks import service
from tests.support.bridged import bridged
from tests.support.browser import browser
from tests.support.lab import Lab
from tests.support.node_packages import node_commands
from tests.support.receiver import Receiver, receiving
from tests.webhooks.conftest import APPROVED, Subscriber

VERIFY = "/account/webhooks/verify"


@pytest.fixture
def certificates(lab: Lab) -> Iterator[str]:
    with bridged(lab) as origin:
        yield origin


def registered(lab: Lab, url: str, origin: str, *, in_own_header: bool) -> tuple[Subscriber, str]:
    """A partner that hears at ``url``, and its secret."""
    tenant = lab.partner()
    actor = lab.user(tenant, Role.ADMIN_AGENT)
    with lab.begin(actor) as uow:
        wanted = service.Wanted(url, [APPROVED], origin, in_own_header=in_own_header)
        secret = service.register_webhook(uow, wanted).secret
    return Subscriber(lab, tenant, actor, lab.client(actor), Receiver(url)), secret


def program_of(subscriber: Subscriber, language: str) -> str:
    """As a person copies it from the page."""
    page = browser(subscriber.lab, subscriber.actor).get(f"{VERIFY}?language={language}")
    found = re.search(r'<pre class="code__text" id="program"[^>]*>(.*?)</pre>', page.text, re.DOTALL)
    assert found is not None
    return html.unescape(found.group(1))


@contextmanager
def running(command: list[str], secret: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A receiver that somebody has started; gives its address."""
    environment = {**os.environ, "WEBHOOK_SECRET": secret}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().removeprefix("listening on ").strip(), process
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


@pytest.mark.parametrize(
    ("language", "file", "command", "in_own_header"),
    [
        ("python", "receive.py", [sys.executable], False),
        ("node", "receive.mjs", node_commands()[0], True),
    ],
)
@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_a_receiver_takes_what_is_true_once_and_refuses_what_was_changed(
    lab: Lab, certificates: str, tmp_path: Path, language: str, file: str, command: list[str], in_own_header: bool
) -> None:
    subscriber, secret = registered(lab, "https://93.184.216.34/later", certificates, in_own_header=in_own_header)
    (tmp_path / file).write_text(program_of(subscriber, language), encoding="utf-8")
    with running([*command, str(tmp_path / file), "0"], secret) as (url, process):
        with lab.begin(subscriber.actor) as uow:
            wanted = service.Wanted(f"{url}/hook", [APPROVED], certificates, in_own_header=in_own_header)
            service.change_webhook_registration(uow, wanted)
        subscriber.approve("abc")
        subscriber.go()
        (delivery,) = subscriber.deliveries()
        (attempt,) = subscriber.tries(delivery)
        assert attempt.status == 200
        assert process.stdout is not None
        yes, no = ("True", "False") if language == "python" else ("true", "false")
        assert process.stdout.readline() == f"secret={yes} certificate={yes} again={no} {delivery.body}\n"

        host, changed = urlsplit(url).netloc, delivery.body.replace("abc", "abd")
        for sent, said in (
            (delivery.body, f"secret={yes} certificate={yes} again={yes} "),
            (changed, f"secret={no} certificate={no} again={no} "),
        ):
            connection = http.client.HTTPConnection(host, timeout=10)
            connection.request("POST", "/hook", sent.encode(), {**attempt.headers, "Content-Length": str(len(sent))})
            assert connection.getresponse().status == (200 if sent == delivery.body else 401)
            connection.close()
            assert process.stdout.readline() == f"{said}{sent}\n"


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_the_commands_verify_what_was_kept_as_files(lab: Lab, certificates: str, tmp_path: Path) -> None:
    with receiving() as receiver:
        subscriber, secret = registered(lab, f"{receiver.url}/hook", certificates, in_own_header=False)
        subscriber.approve("abc")
        subscriber.go()
        (got,) = receiver.got
    script, headers, body = tmp_path / "verify.sh", tmp_path / "headers.txt", tmp_path / "body.json"
    script.write_text(program_of(subscriber, "curl"), encoding="utf-8")
    headers.write_text("".join(f"{name}: {value}\n" for name, value in got.headers.items()), encoding="utf-8")
    body.write_bytes(got.body)

    def verify() -> tuple[int, str]:
        command = ["sh", str(script), str(headers), str(body)]
        environment = {**os.environ, "WEBHOOK_SECRET": secret}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=30, check=False)
        return done.returncode, done.stdout

    assert verify() == (0, "secret: holds\ncertificate: holds\n")
    body.write_bytes(got.body + b" ")
    assert verify() == (1, "secret: does NOT hold\n")


def test_every_program_trusts_this_servers_certificates_and_no_others(lab: Lab) -> None:
    subscriber, _ = registered(lab, "https://93.184.216.34/x", "https://partner.example.com", in_own_header=False)
    for language in ("python", "node", "csharp", "curl"):
        assert "https://partner.example.com/webhooks/v1/certificates/" in program_of(subscriber, language)
    vendor = "https://api.partnercenter.microsoft.com"
    with lab.begin(subscriber.actor) as uow:
        service.change_webhook_registration(uow, service.Wanted("https://93.184.216.34/x", [], vendor))
    assert "@CERTIFICATES@" not in program_of(subscriber, "python")
    assert '/cert/"' in program_of(subscriber, "python")


def test_the_page_is_closed_to_who_has_no_webhooks(lab: Lab) -> None:
    client = browser(lab, lab.user(lab.partner(), Role.REFERRALS_ADMIN))
    assert client.get(VERIFY).status_code == 403
