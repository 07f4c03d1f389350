"""``openpartner run``: any program, unchanged, against a world."""

import asyncio
import contextlib
import os
import signal
import ssl
import sys
import tempfile
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen
from types import FrameType

from openpartner.edge.authority import Authority, open_authority
from openpartner.edge.environment import Ports, outside_proxy, program_environment
from openpartner.edge.failures import CommandNotExecutable, CommandNotFound, Interrupted, RunFailure, WorldUnavailable
from openpartner.edge.hosts import is_loopback
from openpartner.edge.isolate import Isolation, check_isolation, isolation_files
from openpartner.edge.proxy import Edge, Entrance, Origin, UpstreamProxy
from openpartner.edge.sharing import RunningServer, Runs, running_server, server_file, stop_server

_START_TIMEOUT = 300.0  # a first start migrates and seeds
_QUIET_START = 2.0
_STOP_TIMEOUT = 15.0
_POLL = 0.05
_ASK_TIMEOUT = 5.0
_LOG_LINES_SHOWN = 20


def run_program(
    command: Sequence[str],
    *,
    world_url: str | None,
    data_dir: Path,
    isolate: bool = False,
    allow_other_hosts: bool = False,
    server_command: Sequence[str] | None = None,
) -> int:
    """Runs ``command`` so that its calls to the vendor's hosts reach a world; gives its exit code.

    The world is the one at ``world_url``; else the server of ``data_dir`` is joined, or started (with
    ``server_command`` where that is not our own ``serve``) and stopped when no run uses it any more. Signals go to the
    program.
    Exit codes of our own: 69 no world, 78 isolation refused, 126 and 127 as a shell's, 128 + n when
    signal n ended the program or the run.
    """
    data_dir = data_dir.absolute()  # the program may go elsewhere
    serve = server_command or [sys.executable, "-m", "openpartner", "serve", "--data", str(data_dir), "--port", "0"]
    run = _Run(command, data_dir, isolate=isolate, allow_other_hosts=allow_other_hosts)
    try:
        return asyncio.run(run.against(world_url, serve))
    except RunFailure as failure:
        _tell(str(failure))
        return failure.exit_code


class _Run:
    """One program and what it needs while it runs."""

    def __init__(self, command: Sequence[str], data_dir: Path, *, isolate: bool, allow_other_hosts: bool) -> None:
        self._command = command
        self._data_dir = data_dir
        self._isolate = isolate
        self._allow_other_hosts = allow_other_hosts
        self._process: Process | None = None
        self._interrupted_by = 0

    async def against(self, world_url: str | None, serve: Sequence[str]) -> int:
        """The program's exit code. Raises RunFailure."""
        with self._signals():
            try:
                if self._isolate:
                    await check_isolation()  # before a server is started in vain
                authority = open_authority(self._data_dir / "authority")
                async with _world(world_url, self._data_dir, serve, authority.client_context()) as url:
                    code = await self._serve_and_wait(url, authority)
            except asyncio.CancelledError:
                if self._interrupted_by:
                    raise Interrupted(self._interrupted_by) from None
                raise
        return 128 - code if code < 0 else code

    async def _serve_and_wait(self, url: str, authority: Authority) -> int:
        trusted = authority.client_context()
        outside = outside_proxy(os.environ)
        edge = Edge(
            Origin.of(url, trusted),
            authority.server_context(),
            allow_other_hosts=self._allow_other_hosts,
            upstream=UpstreamProxy.of(outside, trusted) if outside else None,
            tell=_tell,
        )
        with tempfile.TemporaryDirectory(prefix="openpartner-run-") as name:
            async with edge:
                folder = Path(name)
                ports = Ports(edge.listen(Entrance.PROXY), edge.listen(Entrance.TLS), edge.listen(Entrance.PLAIN))
                environment = program_environment(
                    os.environ,
                    authority=authority,
                    ports=ports,
                    world_url=url,
                    world_file=await _describe_world(url, trusted, folder),
                    allow_other_hosts=self._allow_other_hosts,
                )
                if self._isolate:
                    replaced = isolation_files(folder, authority, self._command)
                    self._process = await _start_isolated(
                        self._command, environment, edge, _entrances(url, ports), replaced
                    )
                else:
                    self._process = await _start(self._command, environment)
                return await self._process.wait()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals go to the program; before there is one, they end the run."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def pass_on(number: int, _frame: FrameType | None) -> None:
            if self._process is None:
                self._interrupted_by = number
                if task:
                    loop.call_soon_threadsafe(task.cancel)
            elif number != signal.SIGINT or not _terminal_sends_interrupts():
                with contextlib.suppress(ProcessLookupError):
                    self._process.send_signal(number)

        names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGBREAK")
        present = [getattr(signal, name) for name in names if hasattr(signal, name)]
        before = {number: signal.signal(number, pass_on) for number in present}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _terminal_sends_interrupts() -> bool:
    """Whether Ctrl-C reaches the program by itself, being in the terminal's foreground group with us."""
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(sys.__stdin__.fileno()) == os.getpgrp() if sys.__stdin__ else False
    except (OSError, ValueError):
        return False


async def _start(command: Sequence[str], environment: Mapping[str, str]) -> Process:
    try:
        return await asyncio.create_subprocess_exec(*command, env=environment)
    except FileNotFoundError:
        raise CommandNotFound(f"{command[0]}: command not found") from None
    except OSError as failure:
        raise CommandNotExecutable(f"{command[0]}: {failure.strerror}") from failure


def _entrances(url: str, ports: Ports) -> dict[int, Entrance]:
    """The ports of an isolated program's loopback: the edge's where they are outside, and the vendor's."""
    world = Origin.of(url, ssl.create_default_context())
    entrances = {world.port: Entrance.WORLD} if is_loopback(world.host) else {}
    entrances |= {ports.proxy: Entrance.PROXY, ports.tls: Entrance.TLS, ports.plain: Entrance.PLAIN}
    return entrances | {443: Entrance.TLS, 80: Entrance.PLAIN}


async def _start_isolated(
    command: Sequence[str],
    environment: Mapping[str, str],
    edge: Edge,
    entrances: Mapping[int, Entrance],
    replaced: Sequence[tuple[Path, Path]],
) -> Process:
    process, listeners = await Isolation(tuple(entrances), tuple(replaced)).start(command, environment)
    for port, listener in listeners.items():
        edge.listen(entrances[port], listener)
    return process


@contextlib.asynccontextmanager
async def _world(
    world_url: str | None, data_dir: Path, serve: Sequence[str], trusted: ssl.SSLContext
) -> AsyncIterator[str]:
    """The URL of a world that answers. A server that was started for runs is stopped by the last of them.

    Raises WorldUnavailable.
    """
    if not world_url:
        async with _shared_world(data_dir, serve, trusted) as url:
            yield url
    elif await _is_healthy(world_url, trusted):
        yield world_url
    else:
        raise WorldUnavailable(f"the world at {world_url} does not answer. Start it, or leave out its address.")


@contextlib.asynccontextmanager
async def _shared_world(data_dir: Path, serve: Sequence[str], trusted: ssl.SSLContext) -> AsyncIterator[str]:
    runs = Runs(data_dir)
    process: Popen[bytes] | None = None
    async with runs.alone(_tell):
        running = running_server(data_dir)
        if running is None or not await _is_healthy(running.url, trusted):
            process, running = await _started_server(data_dir, serve, trusted)
            runs.note_started(running.pid)
        runs.come()
    try:
        yield running.url
    finally:
        async with runs.alone(_tell):
            is_last, own = runs.go(), runs.own_server()
            if is_last and process is not None:
                await _stop(process)
            elif is_last and own is not None:
                await stop_server(own, data_dir)


async def _started_server(
    data_dir: Path, serve: Sequence[str], trusted: ssl.SSLContext
) -> tuple[Popen[bytes], RunningServer]:
    server_file(data_dir).unlink(missing_ok=True)  # a server that no longer answers left it
    log = data_dir / "serve.log"
    with log.open("wb") as output:
        # A session of its own: Ctrl-C at the terminal is for the program, and the world outlives it. And no process of
        # asyncio's, which would end it with this run while others still use it.
        process = Popen(serve, stdin=DEVNULL, stdout=output, stderr=STDOUT, start_new_session=True)  # noqa: ASYNC220, S603 - as above; ours
    try:
        return process, await _until_healthy(process, data_dir, log, trusted)
    except BaseException:
        await _stop(process)
        raise


async def _until_healthy(process: Popen[bytes], data_dir: Path, log: Path, trusted: ssl.SSLContext) -> RunningServer:
    loop = asyncio.get_running_loop()
    started = loop.time()
    told = False
    while (waited := loop.time() - started) < _START_TIMEOUT and process.poll() is None:
        running = running_server(data_dir)
        if running is not None and await _is_healthy(running.url, trusted):
            return running
        if waited > _QUIET_START and not told:
            told = True
            _tell(f"starting the world in {data_dir} ...")
        await asyncio.sleep(_POLL)
    why = "did not answer in time" if process.returncode is None else f"ended with exit code {process.returncode}"
    raise WorldUnavailable(f"the server of {data_dir} {why}. The end of {log}:\n{_last_lines(log)}")


def _last_lines(log: Path) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES_SHOWN:])


async def _stop(process: Popen[bytes]) -> None:
    for end in (process.terminate, process.kill):
        end()
        for _ in range(round(_STOP_TIMEOUT / _POLL)):
            if process.poll() is not None:
                return
            await asyncio.sleep(_POLL)


async def _is_healthy(url: str, trusted: ssl.SSLContext) -> bool:
    status, _ = await _get(url, "/healthz", trusted)
    return status == 200


async def _describe_world(url: str, trusted: ssl.SSLContext, folder: Path) -> Path | None:
    """A file of what the world says of itself; a production world says nothing."""
    status, body = await _get(url, "/_sandbox/world", trusted)
    if status != 200:
        return None
    file = folder / "world.json"
    file.write_bytes(body)
    return file


async def _get(url: str, path: str, trusted: ssl.SSLContext) -> tuple[int, bytes]:
    """Status and body; status 0 when nobody answers. Never through a proxy."""
    return await asyncio.to_thread(_get_now, Origin.of(url, trusted), path)


def _get_now(origin: Origin, path: str) -> tuple[int, bytes]:
    at = (origin.host, origin.port)
    connection = (
        HTTPSConnection(*at, timeout=_ASK_TIMEOUT, context=origin.tls)
        if origin.tls
        else HTTPConnection(*at, timeout=_ASK_TIMEOUT)
    )
    with contextlib.closing(connection):
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException):
            return 0, b""


def _tell(line: str) -> None:
    sys.stderr.write(f"openpartner: {line}\n")
