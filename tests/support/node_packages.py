"""Node and the packages of the programs that tests run with it: as the lock files name them, from npm, once."""

import fcntl
import hashlib
import importlib.util
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
STAMP = "lock.sha256"
FOLDERS = (ROOT / "tests" / "clients" / "node", ROOT / "tests" / "portal" / "node")
"""Where a ``package.json`` and its lock file lie."""


def node_commands() -> tuple[list[str], list[str]]:
    """How to run node and npm here: those on the path, else the wheel's."""
    described = importlib.util.spec_from_file_location("build_assets", ROOT / "scripts" / "build_assets.py")
    assert described is not None
    assert described.loader is not None
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    node, npm = module.node_commands()
    return node, npm


def install_packages(npm: list[str], folder: Path) -> None:
    """Lay ``node_modules`` as the lock file names it, unless it lies so already.

    One process at a time: npm takes the folder away before it lays it anew, under the feet of another worker's program.
    """
    with (folder / "package-lock.json").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        _install(npm, folder)


def _install(npm: list[str], folder: Path) -> None:
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / STAMP
    if stamp.is_file() and stamp.read_text() == lock:
        return
    subprocess.run([*npm, "ci", "--ignore-scripts", "--loglevel=error"], cwd=folder, check=True, timeout=300)
    stamp.write_text(lock)


if __name__ == "__main__":
    for each in FOLDERS:
        install_packages(node_commands()[1], each)
