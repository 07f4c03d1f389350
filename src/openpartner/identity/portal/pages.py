"""The routes of the provider's pages, and what each request to one goes through."""

import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from litestar import Response, get, post, route
from litestar.concurrency import sync_to_thread
from litestar.enums import HttpMethod
from litestar.params import FromPath

from openpartner.identity import protocol
from openpartner.identity.api import begin_of, exchange_of, form_of
from openpartner.identity.errors import TABLE, OAuthError
from openpartner.identity.portal.asking import admin_consent, authorize
from openpartner.identity.portal.device import device
from openpartner.identity.portal.redeeming import redeem
from openpartner.identity.portal.showing import refused, said
from openpartner.identity.portal.sign_ins import own_sign_ins, sign_out
from openpartner.identity.portal.steps import answer
from openpartner.identity.portal.turns import (
    BROWSER_COOKIE,
    FLOW_COOKIE,
    AnyRequest,
    Turn,
)
from openpartner.platform.errors import DomainError
from openpartner.platform.web.forms import CSRF_FIELD, verify_csrf
from openpartner.platform.web.page import Portal, StaleForm
from openpartner.platform.work import UnitOfWork

_SCRIPT = (Path(__file__).parents[1] / "static" / "page.js").read_bytes()


class Pages:
    """The provider's routes, over the portal's templates and secret."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.world = portal.world

    # turns

    def _turn(self, request: AnyRequest, tenant: str, *, is_v1: bool) -> Turn:
        flow = request.cookies.get(FLOW_COOKIE, "")
        is_new = not re.fullmatch(r"[A-Za-z0-9_-]{20,100}", flow)
        return Turn(
            portal=self.portal,
            request=request,
            exchange=exchange_of(self.world, request, tenant, is_v1=is_v1),
            flow=self.world.transient_ids.token(24) if is_new else flow,
            is_new_flow=is_new,
            browser=request.cookies.get(BROWSER_COOKIE),
        )

    async def _run(
        self,
        request: AnyRequest,
        tenant: str,
        work: Callable[[UnitOfWork, Turn, dict[str, str]], Response[Any]],
        *,
        is_v1: bool = False,
        is_form: bool = False,
    ) -> Response[Any]:
        """Do ``work`` in a unit on a worker thread; a refusal becomes a page, and undoes the unit."""

        def run(body: dict[str, str]) -> Response[Any]:
            turn = self._turn(request, tenant, is_v1=is_v1)
            begin = begin_of(self.world, request)
            try:
                if is_form and (
                    turn.is_new_flow or not verify_csrf(self.portal.secret, turn.flow, body.get(CSRF_FIELD, ""))
                ):
                    raise StaleForm
                with begin() as uow:
                    return work(uow, turn, body)
            except OAuthError as refusal:
                with begin.read() as uow:
                    return refused(uow, turn, refusal)
            except DomainError as refusal:
                with begin.read() as uow:
                    return turn.page(
                        uow,
                        "said",
                        status=refusal.status,
                        heading="That did not work",
                        text=refusal.message,
                        onward="",
                        again="",
                        details="",
                    )

        body = await form_of(request) if request.method == HttpMethod.POST else {}
        return await sync_to_thread(run, body)

    # routes

    def routes(self) -> list[Any]:  # noqa: C901 - a list of them
        """The handlers, bound."""
        get_post = [HttpMethod.GET, HttpMethod.POST]

        @route(
            "/{tenant:str}/oauth2/v2.0/authorize",
            http_method=get_post,
            status_code=HTTPStatus.OK,
            opt={"operation": "GET /{tenant}/oauth2/v2.0/authorize"},
        )
        async def authorize_v2(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """The interactive endpoint, v2."""
            return await self._run(request, tenant, authorize)

        @route("/{tenant:str}/oauth2/authorize", http_method=get_post, status_code=HTTPStatus.OK)
        async def authorize_v1(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """The interactive endpoint, v1."""
            return await self._run(request, tenant, authorize, is_v1=True)

        @get("/{tenant:str}/v2.0/adminconsent", opt={"operation": "GET /{tenant}/v2.0/adminconsent"})
        async def admin_consent_v2(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """Tenant-wide consent, v2."""
            return await self._run(request, tenant, admin_consent)

        @get("/{tenant:str}/adminconsent")
        async def admin_consent_v1(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """Tenant-wide consent to what the registration asks for."""
            return await self._run(request, tenant, admin_consent, is_v1=True)

        @post("/{tenant:str}/oauth2/login", status_code=HTTPStatus.SEE_OTHER, include_in_schema=False)
        async def login(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """A page was answered."""
            return await self._run(request, tenant, answer, is_form=True)

        @get("/{tenant:str}/oauth2/signins", include_in_schema=False)
        async def signins(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """The user's sessions and passkeys."""
            return await self._run(request, tenant, own_sign_ins)

        @get("/{tenant:str}/oauth2/deviceauth")
        async def device_page(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """Where a user code is entered."""
            return await self._run(request, tenant, device)

        @post("/{tenant:str}/oauth2/deviceauth", status_code=HTTPStatus.OK)
        async def device_answer(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """The code, and then the answer."""
            return await self._run(request, tenant, device, is_form=True)

        @get("/{tenant:str}/oauth2/redeem", include_in_schema=False)
        async def redeem_page(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """Where an invited guest accepts."""
            return await self._run(request, tenant, redeem)

        @post("/{tenant:str}/oauth2/redeem", status_code=HTTPStatus.OK, include_in_schema=False)
        async def redeem_answer(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """Its answer."""
            return await self._run(request, tenant, redeem, is_form=True)

        @get("/devicelogin", sync_to_thread=False)
        def device_login() -> Response[bytes]:
            """The short address that people type."""
            return Response(b"", status_code=HTTPStatus.FOUND, headers={"Location": "/common/oauth2/deviceauth"})

        @route(
            ["/{tenant:str}/oauth2/v2.0/logout", "/{tenant:str}/oauth2/logout"],
            opt={"operation": "GET /{tenant}/oauth2/v2.0/logout"},
            http_method=get_post,
            status_code=HTTPStatus.OK,
        )
        async def logout(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """End the session."""
            return await self._run(request, tenant, sign_out)

        @get("/{tenant:str}/oauth2/nativeclient", include_in_schema=False)
        async def native_client(tenant: FromPath[str], request: AnyRequest) -> Response[Any]:
            """Where a native client without an address of its own reads its answer from."""
            text = "You can close this window and go back to the application."
            return await self._run(request, tenant, lambda uow, turn, _: said(uow, turn, "Signed in", text))

        @get("/error", include_in_schema=False)
        async def explain(request: AnyRequest) -> Response[Any]:
            """What a number means: the ``error_uri`` of every refusal."""
            code = request.query_params.get("code", "")
            row = TABLE.get(int(code)) if code.isdecimal() else None
            text = row.text if row is not None else "There is no such number here."
            return await self._run(
                request, protocol.COMMON, lambda uow, turn, _: said(uow, turn, f"AADSTS{code[:12]}", text)
            )

        @get("/{tenant:str}/oauth2/page.js", include_in_schema=False, sync_to_thread=False)
        def script(tenant: FromPath[str]) -> Response[bytes]:  # noqa: ARG001 - part of the path
            """The pages' script."""
            headers = {"Cache-Control": "max-age=3600", "X-Content-Type-Options": "nosniff"}
            return Response(_SCRIPT, media_type="text/javascript; charset=utf-8", headers=headers)

        return [
            authorize_v2,
            authorize_v1,
            admin_consent_v2,
            admin_consent_v1,
            login,
            signins,
            device_page,
            device_answer,
            redeem_page,
            redeem_answer,
            device_login,
            logout,
            native_client,
            explain,
            script,
        ]
