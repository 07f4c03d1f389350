"""The built style sheets, scripts, fonts and icons: their addresses in pages, and the routes that serve them."""

import gzip
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from openpartner.platform.web.forms import local_path

DIST = Path(__file__).parent / "static" / "dist"
PREFIX = "/static"
A_YEAR = 31_536_000

MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain",
}


@dataclass(frozen=True)
class File:
    """A built file, as sent. ``zipped`` is empty where zipping gains nothing."""

    media_type: str
    content: bytes
    zipped: bytes


class UnknownIcon(LookupError):
    """A page names an icon that assets/icons.txt does not."""


class Assets:
    """The folder ``scripts/build_assets.py`` fills. Before it has run, pages have no style and nothing is served."""

    def __init__(self, folder: Path = DIST) -> None:
        self.folder = folder
        manifest = folder / "manifest.json"
        described = json.loads(manifest.read_text()) if manifest.is_file() else {"files": {}, "icons": []}
        self.names: dict[str, str] = described["files"]
        self.icons: frozenset[str] = frozenset(described["icons"])

    @property
    def built(self) -> bool:
        """Whether there is anything to serve."""
        return bool(self.names)

    def url(self, name: str) -> str:
        """The address of ``app.css``, ``portal.js``, ``chart.js``, ``icons.svg`` or ``favicon.svg``."""
        return f"{PREFIX}/{self.names.get(name, name)}"

    def icon_url(self, name: str) -> str:
        """The address of one icon in the sprite. Raises UnknownIcon."""
        if self.built and name not in self.icons:
            raise UnknownIcon(f"There is no icon {name!r}. Add it to assets/icons.txt.")
        return f"{self.url('icons.svg')}#{name}"

    @cached_property
    def files(self) -> dict[str, File]:
        """Every file, read once: they are few and small."""
        found = {}
        for path in self.folder.glob("*"):
            media_type = MEDIA_TYPES.get(path.suffix)
            if media_type is None:
                continue
            content = path.read_bytes()
            zipped = b"" if path.suffix == ".woff2" else gzip.compress(content, 9, mtime=0)
            found[path.name] = File(media_type, content, zipped)
        return found


ASSETS = Assets()


@get(PREFIX + "/{name:str}", sync_to_thread=False, include_in_schema=False, opt={"public": True})
def get_asset(name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
    """A built file. Its name carries its content's hash, so a browser may keep it for ever."""
    file = ASSETS.files.get(name)
    if file is None:
        raise NotFoundException
    headers = {
        "Cache-Control": f"public, max-age={A_YEAR}, immutable",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Encoding",
    }
    content = file.content
    if file.zipped and "gzip" in request.headers.get("accept-encoding", ""):
        content = file.zipped
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type=file.media_type, headers=headers)


@post("/theme", include_in_schema=False, opt={"public": True}, status_code=303)
async def post_theme(request: Request[Any, Any, Any]) -> Redirect:
    """Remember light, dark or the system's choice, and go back. A preference of the browser, so it needs no session."""
    sent = await request.form()
    theme = sent.get("theme", "system")
    back = local_path(str(sent.get("back", "/")))
    cookie = Cookie(
        key="theme", value=theme if theme in {"light", "dark"} else "system", max_age=A_YEAR, path="/", samesite="lax"
    )
    return Redirect(back, status_code=303, cookies=[cookie])


ROUTES: tuple[HTTPRouteHandler, ...] = (get_asset, post_theme)
"""What the application mounts. Both are public: a sign-in page needs them."""
