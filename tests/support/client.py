"""A synchronous client of the app in this process: the wire as a client sees it, without a socket."""

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from litestar.types import ASGIApp


class AppClient:
    """Calls the app with fixed headers. JSON bodies are sent as given; answers are httpx responses."""

    def __init__(self, app: ASGIApp, portal: BlockingPortal, headers: Mapping[str, str] | None = None) -> None:
        self._portal = portal
        self._app = app
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
        self._client = httpx.AsyncClient(
            transport=transport, base_url="https://localhost", headers=headers, follow_redirects=False
        )

    def with_headers(self, **headers: str) -> "AppClient":
        """The same caller with more headers; ``_`` in a name is ``-``."""
        more = {**self._client.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return AppClient(self._app, self._portal, more)

    @property
    def cookies(self) -> httpx.Cookies:
        """The cookies that the app has set."""
        return self._client.cookies

    def request(self, method: str, url: str, body: Any = None, **options: Any) -> httpx.Response:
        """One call. ``body``: sent as JSON when it is not None."""
        if body is not None:
            options["content"] = body if isinstance(body, bytes) else json.dumps(body).encode()
            options["headers"] = {"content-type": "application/json", **(options.get("headers") or {})}

        async def call() -> httpx.Response:
            return await self._client.request(method, url, **options)

        return self._portal.call(call)

    def get(self, url: str, **options: Any) -> httpx.Response:
        return self.request("GET", url, **options)

    def head(self, url: str, **options: Any) -> httpx.Response:
        return self.request("HEAD", url, **options)

    def post(self, url: str, body: Any = None, **options: Any) -> httpx.Response:
        return self.request("POST", url, body, **options)

    def put(self, url: str, body: Any = None, **options: Any) -> httpx.Response:
        return self.request("PUT", url, body, **options)

    def patch(self, url: str, body: Any = None, **options: Any) -> httpx.Response:
        return self.request("PATCH", url, body, **options)

    def delete(self, url: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", url, **options)

    def submit(self, url: str, **fields: str) -> httpx.Response:
        """Post a form, url-encoded."""
        return self.request("POST", url, data=fields)


class EventLoop:
    """One event loop thread for a test process's clients."""

    def __enter__(self) -> Self:
        self._manager = start_blocking_portal()
        self.portal = self._manager.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._manager.__exit__(kind, error, trace)
