"""The life of a run: which world it joins, what it starts and stops, and what it hands on."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from openpartner.edge.run import run_program
from tests.edge.conftest import Echo, Run

RUN = """
import sys
from pathlib import Path
from openpartner.edge.run import run_program
data_dir, url, *command = sys.argv[1:]
sys.exit(run_program(command, world_url=url or None, data_dir=Path(data_dir)))
"""

SERVER = """
import json, os, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

data_dir = Path(sys.argv[1])
(data_dir / "starts").open("a").write("started\\n")
server = HTTPServer(("127.0.0.1", 0), Handler)
url = f"http://127.0.0.1:{server.server_address[1]}"
(data_dir / "server.json").write_text(json.dumps({"pid": os.getpid(), "url": url}))
server.serve_forever()
"""


def answers(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0


def test_the_exit_code_is_the_programs(run: Run) -> None:
    assert run("sh", "-c", "exit 3") == (3, "", "")


def test_a_program_ended_by_a_signal_gives_a_shells_code(run: Run) -> None:
    assert run("sh", "-c", "kill -9 $$") == (128 + 9, "", "")


def test_a_command_that_is_not_there(run: Run) -> None:
    assert run("no-such-command") == (127, "", "openpartner: no-such-command: command not found\n")


def test_a_file_that_is_no_program(run: Run) -> None:
    assert run("/etc/hosts")[0] == 126


def test_the_program_is_told_of_its_world(run: Run, echo: Echo) -> None:
    script = 'import os; print(os.environ["OPENPARTNER_URL"], open(os.environ["OPENPARTNER_WORLD"]).read())'

    assert run(sys.executable, "-c", script) == (0, f'{echo.url} {{"name":"echo"}}\n', "")


def test_a_relative_folder_is_found_from_anywhere(
    echo: Echo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    code = run_program(["sh", "-c", "cd / && cat $SSL_CERT_FILE"], world_url=echo.url, data_dir=Path("data"))

    assert (code, capfd.readouterr()) == (0, ((tmp_path / "data/authority/bundle.pem").read_text("utf-8"), ""))


def test_a_world_that_does_not_answer(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"

    code = run_program(["true"], world_url=url, data_dir=tmp_path)

    assert code == 69
    assert capfd.readouterr() == (
        "",
        f"openpartner: the world at {url} does not answer. Start it, or leave out its address.\n",
    )


def test_a_running_server_is_joined_and_left_running(
    echo: Echo, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "server.json").write_text(json.dumps({"pid": 1, "url": echo.url}), encoding="utf-8")

    code = run_program(
        ["sh", "-c", "echo $OPENPARTNER_URL"], world_url=None, data_dir=tmp_path, server_command=["false"]
    )

    assert (code, capfd.readouterr()) == (0, (f"{echo.url}\n", ""))
    assert answers(echo.url)


def test_a_server_is_started_and_stopped(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    server = [sys.executable, "-c", SERVER, str(tmp_path)]
    (tmp_path / "server.json").write_text('{"pid": 1, "url": "http://127.0.0.1:9"}', encoding="utf-8")  # an old one's

    code = run_program(
        ["sh", "-c", "echo $OPENPARTNER_URL ${OPENPARTNER_WORLD-none}; exit 5"],
        world_url=None,
        data_dir=tmp_path,
        server_command=server,
    )

    out, err = capfd.readouterr()
    url = json.loads((tmp_path / "server.json").read_text(encoding="utf-8"))["url"]
    assert (code, out, err) == (5, f"{url} none\n", "")
    assert (tmp_path / "starts").read_text(encoding="utf-8") == "started\n"
    assert not answers(url)


def test_a_server_that_cannot_start_says_why(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    server = ["sh", "-c", "echo the schema is too new; exit 4"]

    code = run_program(["true"], world_url=None, data_dir=tmp_path, server_command=server)

    assert code == 69
    assert capfd.readouterr().err == (
        f"openpartner: the server of {tmp_path} ended with exit code 4. "
        f"The end of {tmp_path / 'serve.log'}:\nthe schema is too new\n"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_goes_to_the_program(number: signal.Signals, echo: Echo, data_dir: Path) -> None:
    script = f"""
import signal, sys, time
signal.signal({int(number)}, lambda *_: sys.exit(42))
print("ready", flush=True)
time.sleep(30)
"""
    command = [sys.executable, "-c", RUN, str(data_dir), echo.url, sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stdout.readline() == b"ready\n"
        running.send_signal(number)
        assert running.wait(10) == 42


def test_a_run_interrupted_before_its_program_stops_its_server(tmp_path: Path) -> None:
    forever = ["sh", "-c", f"echo $$ > {tmp_path}/pid; exec sleep 60"]
    run = RUN.replace("data_dir=Path(data_dir)", f"data_dir=Path(data_dir), server_command={forever!r}")
    command = [sys.executable, "-c", run, str(tmp_path), "", "true"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        pid = _eventually(tmp_path / "pid")
        running.send_signal(signal.SIGTERM)
        _, err = running.communicate(timeout=10)

    assert (running.returncode, err) == (
        128 + signal.SIGTERM,
        "openpartner: interrupted before the program started.\n",
    )
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def _eventually(file: Path) -> int:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if file.exists() and (text := file.read_text(encoding="utf-8")):
            return int(text)
        time.sleep(0.02)
    raise AssertionError(f"{file} was not written.")


# --- runs that share a server ---------------------------------------------------------------------------------------

SHARING = """
import os, sys, time
from pathlib import Path
from openpartner.edge.run import run_program
data_dir, until, source = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
wait = f"echo $OPENPARTNER_URL; while [ ! -e {until} ]; do sleep 0.02; done"
server = [sys.executable, "-c", source, str(data_dir)]
sys.exit(run_program(["sh", "-c", wait], world_url=None, data_dir=data_dir, server_command=server))
"""


class Sharer:
    """A run in a process of its own, whose program ends when it is told to."""

    def __init__(self, data_dir: Path, name: str) -> None:
        self.until = data_dir / f"{name}-may-end"
        command = [sys.executable, "-c", SHARING, str(data_dir), str(self.until), SERVER]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def url(self) -> str:
        """The world it was given, once its program runs."""
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def end(self) -> int:
        self.until.touch()
        with self.process:
            return self.process.wait(20)


def test_of_runs_that_come_at_one_instant_one_starts_the_world_and_the_last_stops_it(tmp_path: Path) -> None:
    sharers = [Sharer(tmp_path, str(number)) for number in range(4)]
    urls = {sharer.url() for sharer in sharers}

    assert len(urls) == 1
    assert (tmp_path / "starts").read_text(encoding="utf-8") == "started\n"
    for sharer in sharers:
        assert answers(next(iter(urls)))
        assert sharer.end() == 0
    assert not answers(next(iter(urls)))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_a_run_that_is_ended_is_counted_no_more(tmp_path: Path, number: signal.Signals) -> None:
    first = Sharer(tmp_path, "first")
    url = first.url()
    second = Sharer(tmp_path, "second")
    assert second.url() == url

    first.process.send_signal(number)
    first.process.wait(20)
    assert answers(url)
    first.until.touch()
    assert first.process.stdout
    first.process.stdout.close()

    assert second.end() == 0
    assert not answers(url)


def test_a_server_started_by_hand_after_one_for_runs_is_left_running(tmp_path: Path, echo: Echo) -> None:
    run = Sharer(tmp_path, "run")
    url = run.url()
    (tmp_path / "server.json").write_text(json.dumps({"pid": 1, "url": echo.url}), encoding="utf-8")

    assert run.end() == 0

    assert not answers(url)
    assert answers(echo.url)
