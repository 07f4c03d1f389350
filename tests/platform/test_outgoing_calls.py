"""Calls of real servers on loopback: what comes back, what takes too long, and names that lie about where they lead."""

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from openpartner.edge.authority import open_authority
from openpartner.platform.clock import monotonic
from openpartner.platform.outgoing.calling import MOST_READ, Answer, NoAnswer, Outgoing
from openpartner.platform.outgoing.rules import LOOPBACK, AddressRefused
from openpartner.platform.outgoing.rules import read_networks as networks
from openpartner.settings import Profile, Settings
from tests.support.receiver import Receiver, receiving

SANDBOX = Outgoing(LOOPBACK)
PRODUCTION = Outgoing()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def post(outgoing: Outgoing, url: str, within: float = 5.0) -> Answer | NoAnswer:
    with outgoing.connect(url) as connection:
        return connection.post({"X-Test": "1"}, b'{"a":1}', within=within)


def test_the_bytes_arrive_and_the_answer_comes_back(receiver: Receiver) -> None:
    answer = post(SANDBOX, f"{receiver.url}/hook?key=1")
    assert isinstance(answer, Answer)
    assert (answer.status, answer.reason, answer.body, answer.is_taken) == (200, "OK", b"thanks", True)
    (got,) = receiver.got
    assert (got.path, got.body, got.headers["x-test"]) == ("/hook?key=1", b'{"a":1}', "1")
    assert got.headers["host"] == receiver.url.removeprefix("http://")


def test_calls_of_one_connection_share_it(receiver: Receiver) -> None:
    with SANDBOX.connect(receiver.url) as connection:
        for _ in range(3):
            assert isinstance(connection.post({}, b"{}", within=5), Answer)
    assert len({got.peer for got in receiver.got}) == 1


def test_a_kept_connection_that_was_closed_is_opened_again(receiver: Receiver) -> None:
    receiver.answers = ["close_after", 200]
    with SANDBOX.connect(receiver.url) as connection:
        answers = [connection.post({}, b"{}", within=5) for _ in range(2)]
    assert [isinstance(answer, Answer) and answer.status for answer in answers] == [200, 200]


@pytest.mark.parametrize("status", [201, 202, 204, 299])
def test_any_success_is_one(receiver: Receiver, status: int) -> None:
    receiver.answers = [status]
    answer = post(SANDBOX, receiver.url)
    assert isinstance(answer, Answer)
    assert answer.is_taken


@pytest.mark.parametrize("status", [301, 400, 404, 410, 429, 500, 503])
def test_anything_else_is_not(receiver: Receiver, status: int) -> None:
    receiver.answers = [status]
    answer = post(SANDBOX, receiver.url)
    assert isinstance(answer, Answer)
    assert not answer.is_taken


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.answers = ["redirect"]
    answer = post(SANDBOX, receiver.url)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.is_taken, len(receiver.got)) == (307, False, 1)


@pytest.mark.parametrize("behaviour", ["hang", "drip"])
def test_who_takes_too_long_is_left(receiver: Receiver, behaviour: str) -> None:
    receiver.answers = [behaviour]
    began = monotonic()
    answer = post(SANDBOX, receiver.url, within=0.5)
    assert answer == NoAnswer("There was no answer within 0.5 seconds.", answer.seconds)
    assert monotonic() - began < 3


@pytest.mark.parametrize(("behaviour", "status"), [("huge", 500), ("endless", 200)])
def test_of_a_long_answer_only_the_beginning_is_read(receiver: Receiver, behaviour: str, status: int) -> None:
    receiver.answers = [behaviour]
    answer = post(SANDBOX, receiver.url)
    assert isinstance(answer, Answer)
    assert (answer.status, answer.body) == (status, b"x" * MOST_READ)


@pytest.mark.parametrize("behaviour", ["close", "nonsense"])
def test_what_is_no_answer_is_said_so(receiver: Receiver, behaviour: str) -> None:
    receiver.answers = [behaviour]
    answer = post(SANDBOX, receiver.url)
    assert isinstance(answer, NoAnswer)
    assert answer.why.startswith("The answer was not HTTP")


def test_where_nobody_listens(receiver: Receiver) -> None:
    with receiving() as gone:
        url = gone.url
    answer = post(SANDBOX, url)
    assert isinstance(answer, NoAnswer)
    assert answer.why.startswith("The connection failed:")


# --- where it may not go ------------------------------------------------------------------------------------------


def lying(*addresses: list[str]) -> Outgoing:
    """A production world in front of a name server that answers these in turn."""
    answers = [list(each) for each in addresses]
    return Outgoing(resolve=lambda _host, _port: answers.pop(0) if len(answers) > 1 else answers[0])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "[::1]"])
def test_this_machine_by_any_spelling_is_not_called(receiver: Receiver, host: str) -> None:
    port = receiver.url.rpartition(":")[2]
    for scheme in ("http", "https"):
        with pytest.raises(AddressRefused):
            PRODUCTION.check(f"{scheme}://{host}:{port}/")
        with suppress(AddressRefused):  # one spelling cannot even be read
            assert isinstance(post(PRODUCTION, f"{scheme}://{host}:{port}/"), NoAnswer)
    assert receiver.got == []


def test_a_name_that_leads_to_metadata_is_refused_when_named_and_when_called() -> None:
    outgoing = lying(["169.254.169.254"])
    with pytest.raises(AddressRefused, match=r"metadata\.example\.com leads into a private"):
        outgoing.check("https://metadata.example.com/latest")
    answer = post(outgoing, "https://metadata.example.com/latest")
    assert isinstance(answer, NoAnswer)
    assert "leads into a private" in answer.why


def test_a_name_that_changes_its_mind_after_it_was_taken_is_not_called(receiver: Receiver) -> None:
    """DNS rebinding in its slow form: public when it is registered, this machine when it is called."""
    outgoing = lying(["93.184.216.34"], ["127.0.0.1"])
    port = receiver.url.rpartition(":")[2]
    outgoing.check(f"https://rebind.example.com:{port}/")
    answer = post(outgoing, f"https://rebind.example.com:{port}/")
    assert isinstance(answer, NoAnswer)
    assert receiver.got == []


def test_a_name_is_looked_up_once_for_check_and_connection(receiver: Receiver) -> None:
    """DNS rebinding in its quick form: a good answer for the check, another for the connection right after it."""
    asked: list[str] = []

    def answer_in_turn(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    outgoing = Outgoing(LOOPBACK, resolve=answer_in_turn)
    port = receiver.url.rpartition(":")[2]
    answer = post(outgoing, f"http://rebind.example.com:{port}/")
    assert isinstance(answer, Answer)
    assert (asked, len(receiver.got)) == (["rebind.example.com"], 1)
    assert receiver.got[0].headers["host"] == f"rebind.example.com:{port}"


def test_a_second_address_is_tried_when_the_first_does_not_answer(receiver: Receiver) -> None:
    outgoing = Outgoing(LOOPBACK, resolve=lambda _host, _port: ["127.0.0.9", "127.0.0.1"])
    answer = post(outgoing, f"http://two.example.com:{receiver.url.rpartition(':')[2]}/")
    assert isinstance(answer, Answer)


def test_a_name_that_leads_nowhere_may_be_named_and_is_not_called() -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    outgoing = Outgoing(resolve=nowhere)
    assert outgoing.check("https://soon.example.com/x").host == "soon.example.com"
    with pytest.raises(AddressRefused, match="https"):
        outgoing.check("http://soon.example.com/x")
    answer = post(outgoing, "https://soon.example.com/x")
    assert answer == NoAnswer("The name soon.example.com was not found.", answer.seconds)


def test_a_name_server_that_does_not_answer_holds_nobody_up() -> None:
    released = threading.Event()

    def silent(host: str, port: int) -> list[str]:
        released.wait(10)
        return []

    outgoing = Outgoing(resolve=silent)
    answer = post(outgoing, "https://slow.example.com/x", within=0.3)
    released.set()
    assert answer == NoAnswer("There was no answer within 0.3 seconds.", answer.seconds)


# --- by profile, and by certificate -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "named", "expected"),
    [
        (Profile.PRODUCTION, "", ()),
        (Profile.PRODUCTION, "10.0.0.0/8", networks("10.0.0.0/8")),
        (Profile.SANDBOX, "", LOOPBACK),
        (Profile.SANDBOX, "10.0.0.0/8", (*networks("10.0.0.0/8"), *LOOPBACK)),
    ],
)
def test_only_a_sandbox_may_call_its_own_machine(profile: Profile, named: str, expected: object) -> None:
    assert Outgoing.of(Settings(profile=profile, outgoing_networks=named)).networks == expected


def test_a_certificate_must_be_for_the_name_and_from_a_known_root(tmp_path: Path) -> None:
    """A sandbox trusts its own authority; the name in the address is what the certificate must be for."""
    authority = open_authority(tmp_path / "authority")
    with answering_by_tls(authority.server_context()) as port:
        trusting = Outgoing(LOOPBACK, bundle=authority.bundle)
        assert isinstance(post(trusting, f"https://localhost:{port}/"), Answer)
        for outgoing in (SANDBOX, Outgoing(LOOPBACK, resolve=lambda _h, _p: ["127.0.0.1"], bundle=authority.bundle)):
            name = "localhost" if outgoing is SANDBOX else "hooks.example.com"
            answer = post(outgoing, f"https://{name}:{port}/")
            assert isinstance(answer, NoAnswer)
            assert "certificate verify failed" in answer.why.lower()


@contextmanager
def answering_by_tls(context: ssl.SSLContext) -> Iterator[int]:
    """The port of a TLS server that answers every request with 200."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_answer, args=(listener, context), daemon=True).start()
        yield int(listener.getsockname()[1])


def _read_request(secure: ssl.SSLSocket) -> None:
    """To its very end: closing on an unread body breaks the connection before the answer is read."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += secure.recv(65_536) or b"\r\n\r\n"
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    left = int(length[1]) - len(body) if length else 0
    while left > 0:
        left -= len(secure.recv(65_536)) or left


def _answer(listener: socket.socket, context: ssl.SSLContext) -> None:
    while True:
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        try:
            with context.wrap_socket(plain, server_side=True) as secure:
                _read_request(secure)
                secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        except OSError:
            plain.close()
