"""Checks on the code itself. Each says why, and how a reasoned exception is made."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "openpartner"
MODULES = sorted(SOURCE.rglob("*.py"))

CLOCK_AND_CHANCE = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("uuid", "uuid4"),
    ("uuid", "uuid1"),
    ("random", "random"),
    ("random", "randint"),
    ("random", "choice"),
    ("secrets", "token_bytes"),
    ("secrets", "token_hex"),
    ("secrets", "token_urlsafe"),
    ("os", "urandom"),
}
MAY_ASK = {
    "platform/clock.py": "the clock itself",
    "platform/identifiers.py": "the source of randomness itself",
    "edge/authority.py": "certificates are checked by other programs against the machine's clock",
}


def _calls(path: Path) -> Iterator[tuple[str, str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            yield node.func.value.id, node.func.attr, node.lineno


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_nobody_reads_the_clock_or_chance_but_the_platform(path: Path) -> None:
    """Time and chance are sources of the world: else a sandbox's day could not be moved or repeated.

    A reasoned exception is a line in MAY_ASK.
    """
    if str(path.relative_to(SOURCE)) in MAY_ASK:
        return
    found = [
        f"line {line}: {owner}.{name}()" for owner, name, line in _calls(path) if (owner, name) in CLOCK_AND_CHANCE
    ]
    assert found == []


def _text_files() -> Iterator[Path]:
    for pattern in (
        "*.py",
        "*.md",
        "*.toml",
        "*.txt",
        "*.html",
        "*.css",
        "*.js",
        "*.json",
        "*.cjs",
        "*.mjs",
        "Makefile",
    ):
        for path in ROOT.rglob(pattern):
            parts = path.relative_to(ROOT).parts
            if not {"node_modules", ".venv", "data", "dist", "build", ".git", ".hypothesis"} & set(parts):
                yield path


STANDS_IN = re.compile(r"NotImplementedError|\bTODO\b|\bFIXME\b|HTTP_501")
DOWNLOAD = re.compile(r'"resolved":\s*"http|--index-url|--extra-index-url')


def test_nothing_stands_in_for_something_else() -> None:
    """What is named is built. A reminder in the code is a promise to nobody."""
    here = Path(__file__)
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in _text_files()
        if path.suffix == ".py" and path != here and (match := STANDS_IN.search(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_locks_name_versions_and_no_address() -> None:
    """A lock that names a download address works on one network only."""
    locks = [path for path in _text_files() if path.name == "package-lock.json" or path.parent.name == "requirements"]
    assert len(locks) >= 2
    assert [str(path) for path in locks if DOWNLOAD.search(path.read_text(encoding="utf-8"))] == []


def test_every_slice_says_what_it_owns() -> None:
    """The docstring of a package is its sign on the door."""
    packages = list(SOURCE.glob("*/__init__.py"))
    assert [path.parent.name for path in packages if not ast.get_docstring(ast.parse(path.read_text()))] == []
