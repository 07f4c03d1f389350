"""The built assets: their addresses, how they are sent, and the remembered look."""

import gzip
import json
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from openpartner.platform.web import assets

ROOT = Path(assets.__file__).parents[4]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> assets.Assets:
    """A small built folder in the place of the real one."""
    manifest = {"files": {"app.css": "app-AB.css", "icons.svg": "icons-CD.svg"}, "icons": ["home", "home_filled"]}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "app-AB.css").write_text("body{}" * 100)
    (tmp_path / "face.woff2").write_bytes(b"font")
    found = assets.Assets(tmp_path)
    monkeypatch.setattr(assets, "ASSETS", found)
    return found


def test_addresses_carry_the_hash(built: assets.Assets) -> None:
    assert built.url("app.css") == "/static/app-AB.css"
    assert built.icon_url("home_filled") == "/static/icons-CD.svg#home_filled"
    with pytest.raises(assets.UnknownIcon, match="no icon 'hoem'"):
        built.icon_url("hoem")


def test_before_the_build_pages_still_have_addresses(tmp_path: Path) -> None:
    bare = assets.Assets(tmp_path)

    assert not bare.built
    assert bare.url("app.css") == "/static/app.css"
    assert bare.icon_url("anything") == "/static/icons.svg#anything"


def test_a_file_is_kept_for_ever_and_sent_zipped_to_who_takes_it(built: assets.Assets) -> None:
    with TestClient(Litestar(assets.ROUTES, openapi_config=None)) as client:
        zipped = client.get("/static/app-AB.css")
        plain = client.get("/static/app-AB.css", headers={"Accept-Encoding": "identity"})
        face = client.get("/static/face.woff2")
        lost = [
            client.get(f"/static/{name}").status_code for name in ("manifest.json", "..%2Fmanifest.json", "other.css")
        ]

    assert zipped.headers["content-encoding"] == "gzip"
    assert (zipped.text, plain.text) == ("body{}" * 100, "body{}" * 100)
    assert "content-encoding" not in plain.headers
    assert zipped.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert zipped.headers["content-type"] == "text/css; charset=utf-8"
    assert (face.content, face.headers["content-type"]) == (b"font", "font/woff2")
    assert "content-encoding" not in face.headers
    assert lost == [404, 404, 404]
    assert gzip.decompress(built.files["app-AB.css"].zipped) == b"body{}" * 100


@pytest.mark.parametrize(
    ("sent", "theme", "back"),
    [
        ({"theme": "dark", "back": "/customers?q=a"}, "dark", "/customers?q=a"),
        ({"theme": "pink", "back": "//elsewhere.example"}, "system", "/"),
        ({}, "system", "/"),
    ],
)
def test_the_chosen_look_is_remembered(sent: dict[str, str], theme: str, back: str) -> None:
    with TestClient(Litestar(assets.ROUTES, openapi_config=None)) as client:
        answer = client.post("/theme", data=sent, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, back)
    assert answer.headers["set-cookie"].lower() == f"theme={theme}; max-age=31536000; path=/; samesite=lax"


def test_the_lock_file_names_versions_and_no_download_address() -> None:
    lock = json.loads((ROOT / "assets" / "package-lock.json").read_text())

    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []
    assert [name for name, package in lock["packages"].items() if name and not package.get("integrity")] == []
