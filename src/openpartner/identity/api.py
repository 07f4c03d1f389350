"""The provider's endpoints that answer JSON: discovery, keys, tokens, device flow, realms. Source: identity §1.

Paths arrive in lower case; the first segment is a guid, a domain or a shared word.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post, route
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.params import FromPath

from openpartner.identity import access, keys, protocol, queries, service, wire
from openpartner.identity.claims import v2_issuer
from openpartner.identity.errors import OAuthError
from openpartner.identity.models import User
from openpartner.identity.service import devices, oauth, tenancy
from openpartner.identity.service.exchange import Exchange
from openpartner.identity.service.oauth import TokenAnswer
from openpartner.identity.service.signing_in import home_user
from openpartner.platform.actor import NOBODY, SYSTEM
from openpartner.platform.errors import DomainError, Unauthenticated
from openpartner.platform.work import Begin
from openpartner.platform.world import World

AnyRequest = Request[Any, Any, Any]

JSON = "application/json; charset=utf-8"
NO_STORE = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
ANY_ORIGIN = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, OPTIONS"}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LONGEST_BODY = 256 * 1024
READ = [HttpMethod.GET, HttpMethod.OPTIONS]
WRITE = [HttpMethod.POST, HttpMethod.OPTIONS]
"""With OPTIONS, since browser scripts of other origins ask first."""


def host_of(world: World, request: AnyRequest) -> str:
    """Scheme and host the client used: loopback and the vendor's names as asked, else the settings' own address."""
    asked = request.base_url
    name = urlsplit(str(asked)).hostname or ""
    if world.settings.base_url and name not in LOOPBACK and name not in wire.VENDOR_ALIASES:
        return world.settings.base_url.rstrip("/")
    return f"{asked.scheme}://{asked.netloc}"


def exchange_of(world: World, request: AnyRequest, tenant: str, *, is_v1: bool) -> Exchange:
    """What the use cases know of a request."""
    return Exchange(
        host=host_of(world, request),
        tenant=tenant,
        is_v1=is_v1,
        ip_address=request.client.host if request.client else "",
        user_agent=request.headers.get("user-agent", ""),
        origin=request.headers.get("origin", ""),
        correlation_id=correlation_of(request),
    )


def correlation_of(request: AnyRequest) -> str:
    """The request's ``client-request-id``, or the one the middleware gave it."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def begin_of(world: World, request: AnyRequest) -> Begin:
    """Units of a caller that has shown nothing yet."""
    return Begin(world, lambda _db, _now: NOBODY, None, correlation_of(request) or None)


def json_answer(body: Any, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """JSON that nobody caches unless ``headers`` say so."""
    return Response(
        msgspec.json.encode(body),
        status_code=status,
        media_type=JSON,
        headers=dict(NO_STORE if headers is None else headers),
    )


def refusal_renderer(world: World) -> Callable[[AnyRequest, DomainError], Response[Any]]:
    """The identity surface's renderer of refusals, for ``app.py``."""
    return lambda request, error: render_refusal(world, request, error)


def render_refusal(world: World, request: AnyRequest, error: DomainError) -> Response[Any]:
    """A refusal as OAuth's JSON. What is not an OAuthError is a malformed request, or a fault of ours."""
    refusal = error if isinstance(error, OAuthError) else _as_oauth(error)
    with world.begin.read(SYSTEM) as uow:
        now = uow.now
    headers = dict(NO_STORE)
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    if refusal.status == HTTPStatus.UNAUTHORIZED and "authorization" in request.headers:
        headers["WWW-Authenticate"] = 'Basic realm="token"'
    body = wire.error_body(
        refusal, host_of(world, request), str(world.transient_ids.uuid()), correlation_of(request), now
    )
    return json_answer(body, refusal.status, headers)


def _as_oauth(error: DomainError) -> OAuthError:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return OAuthError(50000, status=error.status)
    return OAuthError(9002313, status=error.status, reason=error.message)


async def form_of(request: AnyRequest) -> dict[str, str]:
    """The url-encoded body; names in lower case as in a query. Raises OAuthError 9002313 for a parameter sent twice."""
    raw = await request.body()
    if len(raw) > LONGEST_BODY:
        raise OAuthError(9002313, reason="the body is too long.")
    try:
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        raise OAuthError(9002313, reason="the body is not url-encoded.") from None
    form: dict[str, str] = {}
    for name, value in pairs:
        if form.setdefault(name.lower(), value) != value:
            raise OAuthError(9002313, reason=f"the parameter '{name}' comes twice.")
    return form


# --- discovery and keys -------------------------------------------------------------------------------------------


def _discover(world: World, request: AnyRequest, tenant: str, *, is_v1: bool) -> Response[bytes]:
    with begin_of(world, request).read() as uow:
        try:
            found = tenancy.named_tenant(uow, tenant)
        except OAuthError as refusal:
            if refusal.number == 90002:
                raise OAuthError(90002, error="invalid_tenant", tenant=tenant) from None
            raise
        name = str(found.id) if found is not None else tenant
    shape = wire.v1_discovery if is_v1 else wire.v2_discovery
    headers = {**ANY_ORIGIN, "Cache-Control": "max-age=86400, private"}
    return json_answer(shape(host_of(world, request), name), headers=headers)


def preflight(request: AnyRequest) -> Response[bytes]:
    """What a browser asks before a script may call; the answer itself is readable only to a single page app."""
    return Response(
        b"",
        status_code=HTTPStatus.NO_CONTENT,
        headers={
            "Access-Control-Allow-Origin": request.headers.get("origin", "*"),
            "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
            "Access-Control-Allow-Headers": request.headers.get("access-control-request-headers", "*"),
            "Access-Control-Max-Age": "86400",
            "Vary": "Origin",
        },
    )


@route(
    "/{tenant:str}/v2.0/.well-known/openid-configuration",
    http_method=READ,
    status_code=HTTPStatus.OK,
    opt={"operation": "GET /{tenant}/v2.0/.well-known/openid-configuration"},
    sync_to_thread=True,
)
def discovery_v2(tenant: FromPath[str], request: AnyRequest, world: NamedDependency[World]) -> Response[bytes]:
    """The OpenID discovery document, v2."""
    if request.method == HttpMethod.OPTIONS:
        return preflight(request)
    return _discover(world, request, tenant, is_v1=False)


@route(
    "/{tenant:str}/.well-known/openid-configuration",
    http_method=READ,
    status_code=HTTPStatus.OK,
    sync_to_thread=True,
    opt={"operation": "GET /{domain}/.well-known/openid-configuration"},
)
def discovery_v1(tenant: FromPath[str], request: AnyRequest, world: NamedDependency[World]) -> Response[bytes]:
    """The OpenID discovery document, v1."""
    if request.method == HttpMethod.OPTIONS:
        return preflight(request)
    return _discover(world, request, tenant, is_v1=True)


def open_for_service(world: World) -> dict[str, keys.PublicKey]:
    """Make the world's first signing keys, and give what is published then."""
    with world.begin(SYSTEM) as uow:
        service.open_identity(uow)
        return queries.published_keys(uow.db, uow.now)


def _keys(world: World, request: AnyRequest, tenant: str) -> Response[bytes]:
    if request.method == HttpMethod.OPTIONS:
        return preflight(request)
    with begin_of(world, request).read() as uow:
        found = tenancy.named_tenant(uow, tenant)
        published = queries.published_keys(uow.db, uow.now)
    if not published:
        published = open_for_service(world)
    issuer = v2_issuer(host_of(world, request), "{tenantid}" if found is None else found.id)
    headers = {**ANY_ORIGIN, "Cache-Control": "max-age=86400, private"}
    return json_answer(keys.jwks(published.values(), issuer), headers=headers)


@route(
    "/{tenant:str}/discovery/v2.0/keys",
    http_method=READ,
    status_code=HTTPStatus.OK,
    sync_to_thread=True,
    opt={"operation": "GET /{tenant}/discovery/v2.0/keys"},
)
def keys_v2(tenant: FromPath[str], request: AnyRequest, world: NamedDependency[World]) -> Response[bytes]:
    """The key set: every key whose tokens may be alive, and the next one."""
    return _keys(world, request, tenant)


@route("/{tenant:str}/discovery/keys", http_method=READ, status_code=HTTPStatus.OK, sync_to_thread=True)
def keys_v1(tenant: FromPath[str], request: AnyRequest, world: NamedDependency[World]) -> Response[bytes]:
    """The same key set at its older address."""
    return _keys(world, request, tenant)


@route(
    "/{tenant:str}/discovery/instance",
    http_method=READ,
    status_code=HTTPStatus.OK,
    sync_to_thread=False,
    opt={"operation": "GET /common/discovery/instance"},
)
def instance_discovery(tenant: FromPath[str], request: AnyRequest, world: NamedDependency[World]) -> Response[bytes]:
    """Which authorities are one cloud: the vendor's and this host."""
    if request.method == HttpMethod.OPTIONS:
        return preflight(request)
    host = host_of(world, request)
    asked = request.query_params.get("authorization_endpoint", "")
    named = urlsplit(asked)
    name = (named.hostname or "").lower()  # clients leave the port out
    segment = next((part for part in named.path.split("/") if part), tenant)
    if name not in {*wire.VENDOR_ALIASES, urlsplit(host).hostname}:
        raise OAuthError(50049, host=name)
    return json_answer(wire.instance_metadata(host, segment), headers=dict(ANY_ORIGIN))


# --- tokens -------------------------------------------------------------------------------------------------------


def _token(
    world: World, request: AnyRequest, tenant: str, form: Mapping[str, str], *, is_v1: bool
) -> tuple[TokenAnswer, Exchange]:
    exchange = exchange_of(world, request, tenant, is_v1=is_v1)
    with begin_of(world, request)() as uow:
        answer = oauth.answer_token_request(uow, exchange, form, request.headers.get("authorization", ""))
    return answer, exchange


async def _answer_token(world: World, request: AnyRequest, tenant: str, *, is_v1: bool) -> Response[Any]:
    if request.method == HttpMethod.OPTIONS:
        return preflight(request)
    answer, exchange = await sync_to_thread(
        lambda form: _token(world, request, tenant, form, is_v1=is_v1), await form_of(request)
    )
    if answer.refusal is not None:
        response = await sync_to_thread(render_refusal, world, request, answer.refusal)
    else:
        response = json_answer(answer.body)
    if answer.spa and exchange.origin:
        response.headers["Access-Control-Allow-Origin"] = exchange.origin
        response.headers["Vary"] = "Origin"
    return response


@route(
    "/{tenant:str}/oauth2/v2.0/token",
    http_method=WRITE,
    status_code=HTTPStatus.OK,
    opt={"operation": "POST /{tenant}/oauth2/v2.0/token"},
)
async def token_v2(tenant: FromPath[str], request: AnyRequest, world: NamedDependency[World]) -> Response[Any]:
    """All grants, v2."""
    return await _answer_token(world, request, tenant, is_v1=False)


@route(
    "/{tenant:str}/oauth2/token",
    http_method=WRITE,
    status_code=HTTPStatus.OK,
    opt={"operation": "POST /{tenant}/oauth2/token"},
)
async def token_v1(tenant: FromPath[str], request: AnyRequest, world: NamedDependency[World]) -> Response[Any]:
    """All grants, v1: ``resource`` instead of ``scope``, numbers as text."""
    return await _answer_token(world, request, tenant, is_v1=True)


def _start_device(
    world: World, request: AnyRequest, tenant: str, form: Mapping[str, str], *, is_v1: bool
) -> dict[str, Any]:
    exchange = exchange_of(world, request, tenant, is_v1=is_v1)
    scope = form.get("scope", "")
    if is_v1:
        scope = protocol.v1_scope(form.get("resource", "")) if form.get("resource") else ""
    with begin_of(world, request)() as uow:
        started = devices.start_device_flow(uow, exchange, form.get("client_id", ""), scope)
    return wire.device_answer(exchange.host, started.device_code, started.user_code, is_v1=is_v1)


@post(
    "/{tenant:str}/oauth2/v2.0/devicecode",
    status_code=HTTPStatus.OK,
    opt={"operation": "POST /{tenant}/oauth2/v2.0/devicecode"},
)
async def device_code_v2(tenant: FromPath[str], request: AnyRequest, world: NamedDependency[World]) -> Response[bytes]:
    """Begin a device flow, v2."""
    form = await form_of(request)
    return json_answer(await sync_to_thread(lambda: _start_device(world, request, tenant, form, is_v1=False)))


@route("/{tenant:str}/oauth2/devicecode", http_method=[HttpMethod.GET, HttpMethod.POST], status_code=HTTPStatus.OK)
async def device_code_v1(tenant: FromPath[str], request: AnyRequest, world: NamedDependency[World]) -> Response[bytes]:
    """Begin a device flow, v1; older libraries send it as a query."""
    form = {**dict(request.query_params), **await form_of(request)}
    return json_answer(await sync_to_thread(lambda: _start_device(world, request, tenant, form, is_v1=True)))


# --- realms and people --------------------------------------------------------------------------------------------


@get("/{tenant:str}/userrealm/{user:str}", sync_to_thread=True)
def user_realm(
    tenant: FromPath[str],  # noqa: ARG001 - part of the path
    user: FromPath[str],
    request: AnyRequest,
    world: NamedDependency[World],
) -> Response[bytes]:
    """Whether a user's domain is managed here."""
    with begin_of(world, request).read() as uow:
        domain = user.rpartition("@")[2]
        try:
            found = queries.tenant_by_domain_or_id(uow, domain)
        except OAuthError:
            found = None
        body = wire.user_realm(user, found, request.query_params.get("api-version", "1.0"))
    return json_answer(body)


@post("/{tenant:str}/getcredentialtype", status_code=HTTPStatus.OK, opt={"operation": "POST /common/GetCredentialType"})
async def credential_type(
    tenant: FromPath[str],  # noqa: ARG001 - part of the path
    request: AnyRequest,
    world: NamedDependency[World],
) -> Response[bytes]:
    """Whether a user exists."""
    try:
        asked = msgspec.json.decode(await request.body(), type=dict[str, Any])
    except msgspec.DecodeError:
        raise OAuthError(9002313, reason="the body is not JSON.") from None
    name = next((str(value) for key, value in asked.items() if key.lower() == "username"), "")

    def look() -> dict[str, Any]:
        with begin_of(world, request).read() as uow:
            return wire.credential_type(name, home_user(uow, name))

    return json_answer(await sync_to_thread(look))


@route("/oidc/userinfo", http_method=[HttpMethod.GET, HttpMethod.POST], status_code=HTTPStatus.OK, sync_to_thread=True)
def user_info(request: AnyRequest, world: NamedDependency[World]) -> Response[bytes]:
    """Who the holder of an access token is. Source: OpenID Connect Core 5.3."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise Unauthenticated("Send the access token: Authorization: Bearer <token>.")  # noqa: TRY301 - one answer
        said = access.verify_access_token(world, token.strip(), access.GRAPH_AUDIENCES)
        if said.get("idtyp") != "user":
            raise Unauthenticated("The token is an application's own; nobody signed in.")  # noqa: TRY301 - one answer
    except Unauthenticated as refusal:
        challenge = f'Bearer error="invalid_token", error_description="{refusal.message}"'
        problem = {"error": {"code": "InvalidAuthenticationToken", "message": refusal.message}}
        return json_answer(problem, HTTPStatus.UNAUTHORIZED, {**NO_STORE, "WWW-Authenticate": challenge})
    with begin_of(world, request).read() as uow:
        user = uow.db.get(User, UUID(str(said.get("oid") or said.get("home_oid"))))
    body = {"sub": said["sub"], "picture": f"{host_of(world, request)}/v1.0/me/photo/$value"}
    if user is not None:
        named = {"name": user.display_name, "family_name": user.surname, "given_name": user.given_name}
        body |= {name: value for name, value in {**named, "email": user.mail}.items() if value}
    return json_answer(body)


ROUTES: list[Any] = [
    discovery_v2,
    discovery_v1,
    keys_v2,
    keys_v1,
    instance_discovery,
    token_v2,
    token_v1,
    device_code_v2,
    device_code_v1,
    user_realm,
    credential_type,
    user_info,
]
