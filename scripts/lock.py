"""Writes requirements/*.txt: the exact versions that are installed and tested, names and versions only."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEADER = "# Written by `make lock` from pyproject.toml: versions only, from whichever index is set up.\n"


def compile_to(target: Path, *arguments: str) -> None:
    """Resolve what pyproject.toml asks for."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", *arguments]
    command += ["--universal", "--python-version", "3.11", "--no-header", "--no-annotate", "--quiet"]
    found = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    target.write_text(HEADER + found)


def main() -> None:
    """Both files."""
    folder = ROOT / "requirements"
    folder.mkdir(exist_ok=True)
    compile_to(folder / "run.txt")
    compile_to(folder / "test.txt", "--group", "dev", "--constraint", str(folder / "run.txt"))


if __name__ == "__main__":
    main()
