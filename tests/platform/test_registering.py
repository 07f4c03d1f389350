"""Routers that take many routes: the same routes and answers as the framework's own."""

from typing import Any

import pytest
from litestar import Litestar, Router, get, post, route
from litestar.params import FromPath, JSONBody
from litestar.plugins.core import MsgspecDIPlugin
from litestar.testing import TestClient

from openpartner.platform.http.registering import QuickLitestar, QuickRouter


@get("/things")
async def list_things() -> list[int]:
    return [1]


@post("/things", status_code=201)
async def post_thing(data: JSONBody[dict[str, int]]) -> dict[str, int]:
    return data


@get(["/things/{key:int}", "/items/{key:int}"], sync_to_thread=True)
def read_thing(key: FromPath[int]) -> int:
    return key


@route("/open", http_method=["GET", "OPTIONS"], status_code=200)
async def answers_options_itself() -> str:
    return "mine"


@post("/open", status_code=200)
async def beside_it() -> str:
    return "posted"


HANDLERS: list[Any] = [list_things, post_thing, read_thing, answers_options_itself, beside_it]
BESIDE: list[Any] = [beside_it, answers_options_itself]


def _routes(app: Litestar) -> list[tuple[str, list[str]]]:
    return sorted((each.path, sorted(str(method) for method in each.methods)) for each in app.routes)


@pytest.mark.parametrize("within", [False, True])
def test_the_routes_are_the_frameworks(within: bool) -> None:
    def app(of: type[Litestar], router: type[Router]) -> Litestar:
        handlers = [router(path="/in", route_handlers=HANDLERS), router(path="/", route_handlers=[read_thing])]
        return of(route_handlers=handlers if within else HANDLERS, openapi_config=None, logging_config=None)

    assert _routes(app(QuickLitestar, QuickRouter)) == _routes(app(Litestar, Router))


def test_they_answer_and_say_which_methods_they_take() -> None:
    app = QuickLitestar(
        [QuickRouter(path="/a", route_handlers=HANDLERS), QuickRouter(path="/b", route_handlers=BESIDE), list_things],
        openapi_config=None,
        logging_config=None,
    )

    def allowed(path: str) -> str:
        answer = client.options(path)
        assert (answer.status_code, answer.content) == (204, b"")
        return str(answer.headers["allow"])

    with TestClient(app) as client:
        assert client.get("/a/things").json() == [1]
        assert client.post("/a/things", json={"n": 2}).json() == {"n": 2}
        assert client.get("/a/items/7").json() == 7
        assert client.get("/things").json() == [1]
        assert client.delete("/a/things").status_code == 405
        assert allowed("/a/things") == "GET, OPTIONS, POST"
        assert allowed("/a/items/7") == "GET, OPTIONS"
        assert allowed("/things") == "GET, OPTIONS"
        assert client.options("/a/open").text == "mine"
        assert client.options("/b/open").text == "mine"
        assert client.post("/b/open").text == "posted"


def test_only_msgspec_is_asked() -> None:
    app = QuickLitestar([list_things], openapi_config=None, logging_config=None)

    assert [type(each) for each in app.plugins if type(each).__name__.endswith(("DIPlugin", "InitPlugin"))] == [
        MsgspecDIPlugin
    ]
