"""``@azure/msal-node``, unmodified, against a real server. Its packages come from npm as the lock file names them."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from openpartner.identity import keys
from tests.clients.conftest import BEA, NOT_STAYING, Provider, go_through_pages
from tests.support.node_packages import install_packages, node_commands

pytestmark = pytest.mark.clients

HERE = Path(__file__).parent / "node"
GRAPH = "https://graph.microsoft.com/.default"
CENTER = "https://api.partnercenter.microsoft.com/user_impersonation"


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder with the installed packages."""
    install_packages(node_commands()[1], HERE)
    return HERE


@contextmanager
def running(provider: Provider, packages: Path, flow: str, **given: Any) -> Iterator["subprocess.Popen[str]"]:
    settings = {
        "url": provider.url,
        "tenant": provider.tenant,
        "clientId": provider.client_id,
        "secret": provider.secret,
        "scopes": [GRAPH],
        **given,
    }
    process = subprocess.Popen(
        [*node_commands()[0], "flows.mjs", flow, json.dumps(settings)],
        cwd=packages,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(provider.authority_file)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: "subprocess.Popen[str]") -> Any:
    """The program's next line."""
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline()
    assert line, process.stderr.read()
    return json.loads(line)


def test_a_secret_gets_an_app_only_token_and_the_cache_keeps_it(provider: Provider, packages: Path) -> None:
    with running(provider, packages, "secret") as process:
        first, second = said(process)
    assert (first["tokenType"], first["fromCache"], second["fromCache"]) == ("Bearer", False, True)


def test_a_certificate_gets_one_too(provider: Provider, packages: Path) -> None:
    digest = keys.thumbprint_s256(provider.certificate)
    hexadecimal = base64.urlsafe_b64decode(digest + "=").hex()
    with running(provider, packages, "certificate", thumbprint=hexadecimal, privateKey=provider.private_key) as process:
        assert said(process)["tokenType"] == "Bearer"


def test_the_device_flow_and_a_silent_renewal(provider: Provider, packages: Path) -> None:
    with running(provider, packages, "device", scopes=[CENTER]) as process:
        shown = said(process)
        url = f"{shown['verificationUri']}?user_code={shown['userCode']}"
        page = go_through_pages(provider, url, [BEA, NOT_STAYING, {"answer": "continue"}])
        assert "You have signed in to Sync tool" in page
        first, silent = said(process)
    assert (first["username"], first["tenantId"]) == ("bea@contoso.onmicrosoft.com", provider.tenant)
    assert (silent["fromCache"], silent["scopes"]) == (False, [CENTER])


def test_a_wrong_secret_is_told_with_the_number(provider: Provider, packages: Path) -> None:
    with running(provider, packages, "wrong") as process:
        answer = said(process)
    assert answer["code"] == "invalid_client"
    assert "AADSTS7000215" in answer["message"]
