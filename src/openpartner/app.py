"""The composition root: settings → world → reactions, jobs, routes → the app. Nothing else wires."""

import shutil
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import structlog
from litestar import Litestar
from litestar.concurrency import set_asyncio_executor
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.types import ASGIApp

from openpartner import __version__
from openpartner.audit import api as audit
from openpartner.audit import portal as audit_pages
from openpartner.catalogue import api as catalogue
from openpartner.catalogue import portal as catalogue_pages
from openpartner.customers import api as customers
from openpartner.customers import jobs as customers_jobs
from openpartner.customers import portal as customers_pages
from openpartner.customers.graph import api as contracts
from openpartner.identity import access as identity_access
from openpartner.identity import api as identity_api
from openpartner.identity import jobs as identity_jobs
from openpartner.identity import portal as identity_portal
from openpartner.identity import service as identity
from openpartner.identity.graph import api as directory
from openpartner.orders import api as orders
from openpartner.orders import api_promotions
from openpartner.orders import jobs as orders_jobs
from openpartner.orders import portal as orders_pages
from openpartner.orders import reactions as orders_reactions
from openpartner.partner import api as partner_api
from openpartner.partner import graph as partner_graph
from openpartner.partner import jobs as partner_jobs
from openpartner.partner import portal as partner_pages
from openpartner.partner import queries as partner
from openpartner.platform import due, mail, migrating, replay
from openpartner.platform.actor import SYSTEM
from openpartner.platform.clock import ClockMode
from openpartner.platform.due import Job
from openpartner.platform.errands import Aside
from openpartner.platform.errors import DomainError
from openpartner.platform.events import Reactions
from openpartner.platform.graph.refusals import graph_refusals
from openpartner.platform.graph.surface import Surface as GraphSurface
from openpartner.platform.graph.surface import fixed_segments, graph_routers, later_words
from openpartner.platform.http import errors, operations
from openpartner.platform.http.answers import PartnerCenterResponse, PartnerCenterResponseWithMark
from openpartner.platform.http.authentication import Authenticate, RememberedTokens
from openpartner.platform.http.binding import LenientRequest
from openpartner.platform.http.context import RequestContext
from openpartner.platform.http.cookies import OneCookieHeader
from openpartner.platform.http.openapi import OurDocument
from openpartner.platform.http.paths import NormalPaths
from openpartner.platform.http.registering import QuickLitestar, QuickRouter
from openpartner.platform.http.requests import api_begin
from openpartner.platform.http.surfaces import Surface
from openpartner.platform.web import assets
from openpartner.platform.web.page import NavItem, Portal
from openpartner.platform.web.pages import Templates
from openpartner.platform.work import UnitOfWork
from openpartner.platform.world import World, WorldRecord, make_world, world_secret
from openpartner.portal import customer_home, frame, home, refusals, waiting
from openpartner.portal import help as portal_help
from openpartner.portal import reactions as portal_reactions
from openpartner.portal import search as portal_search
from openpartner.portal import service as portal
from openpartner.portal.provider import Provider
from openpartner.portal.sign_in import SignIn
from openpartner.relationships import api as relationships_api
from openpartner.relationships import jobs as relationships_jobs
from openpartner.relationships import portal as relationships_pages
from openpartner.relationships import reactions as relationships_reactions
from openpartner.sandbox import api as sandbox
from openpartner.sandbox import portal as sandbox_pages
from openpartner.sandbox import snapshots
from openpartner.sandbox.consent import jobs as consent_jobs
from openpartner.sandbox.consent import reactions as consent_reactions
from openpartner.seed import HISTORY, seed_world
from openpartner.settings import Settings
from openpartner.subscriptions import api as subscriptions_api
from openpartner.subscriptions import jobs as subscriptions_jobs
from openpartner.subscriptions import portal as subscriptions_pages
from openpartner.subscriptions import reactions as subscriptions_reactions
from openpartner.subscriptions.graph import api as licences
from openpartner.webhooks import api as webhooks
from openpartner.webhooks import api_deliveries as webhooks_deliveries
from openpartner.webhooks import jobs as webhooks_jobs
from openpartner.webhooks import portal as webhooks_pages
from openpartner.webhooks import reader as webhooks_reader
from openpartner.webhooks import service as webhooks_service

WORKER_NAP = 1.0
"""Seconds between two looks for due work when nothing is due."""

ERRAND_THREADS = 8
"""How many other machines a worker calls at once."""


FORGET_ANSWERS = "platform.forget_answers"


def _send_mail(uow: UnitOfWork, args: dict[str, Any]) -> None:
    message = uow.db.get_one(mail.MailMessage, UUID(args["mail_id"]))
    settings = uow.world.settings
    mail.send(message, server=settings.mail_server or "localhost", sender=settings.mail_sender)
    message.state, message.sent_at = mail.MailState.SENT, uow.now


def _forget_answers(uow: UnitOfWork, args: dict[str, Any]) -> None:
    oldest = replay.forget_old(uow.db, uow.now)
    uow.schedule(due.next_sweep(uow.now, oldest, replay.KEPT_FOR), FORGET_ANSWERS, args, key=FORGET_ANSWERS)


JOBS: dict[str, Job] = {
    "platform.send_mail": _send_mail,
    FORGET_ANSWERS: _forget_answers,
    **identity_jobs.JOBS,
    **partner_jobs.JOBS,
    **customers_jobs.JOBS,
    **relationships_jobs.JOBS,
    **subscriptions_jobs.JOBS,
    **orders_jobs.JOBS,
    **webhooks_jobs.JOBS,
    **consent_jobs.JOBS,
}


API: tuple[Any, ...] = (
    *audit.ROUTES,
    *webhooks.ROUTES,
    *webhooks_deliveries.ROUTES,
    *partner_api.ROUTES,
    *customers.ROUTES,
    *relationships_api.ROUTES,
    *catalogue.ROUTES,
    *subscriptions_api.ROUTES,
    *orders.ROUTES,
    *api_promotions.ROUTES,
)
GRAPH = GraphSurface(
    handlers=(*directory.ROUTES, *relationships_api.GRAPH_ROUTES, *licences.ROUTES, *contracts.ROUTES),
    resources=(
        *directory.RESOURCES,
        *relationships_api.GRAPH_RESOURCES,
        *licences.RESOURCES,
        *contracts.RESOURCES,
    ),
    extensions=(*licences.EXTENSIONS, *partner_graph.EXTENSIONS),
)
"""The slices' routes under both roots of Graph, registered without the version, and what they declare."""

PAGES: tuple[Any, ...] = (
    *partner_pages.ROUTES,
    *audit_pages.ROUTES,
    *webhooks_pages.ROUTES,
    *customers_pages.routes(
        (*subscriptions_pages.TABS, orders_pages.CUSTOMER_TAB, *relationships_pages.TABS),
        subscriptions_pages.USER_FACETS,
    ),
    *relationships_pages.ROUTES,
    *subscriptions_pages.ROUTES,
    *orders_pages.ROUTES,
    *catalogue_pages.ROUTES,
)
SANDBOX: tuple[Any, ...] = (*sandbox.ROUTES, *sandbox_pages.ROUTES)
"""The slices' routes with bearer tokens, their pages, and what only a sandbox has."""

NAVIGATION: tuple[NavItem, ...] = (
    *home.NAVIGATION,
    *partner_pages.NAVIGATION,
    *audit_pages.NAVIGATION,
    *webhooks_pages.NAVIGATION,
    *customers_pages.NAVIGATION,
    *relationships_pages.NAVIGATION,
    *subscriptions_pages.NAVIGATION,
    *orders_pages.NAVIGATION,
    *catalogue_pages.NAVIGATION,
)
ACTIONS: tuple[home.ActionSource, ...] = (
    partner_pages.actions,
    webhooks_pages.actions,
    waiting.customer_actions,
    waiting.renewals,
    customer_home.actions,
    *relationships_pages.ACTIONS,
)
FIGURES: tuple[home.FigureSource, ...] = (partner_pages.figures, waiting.figures, customer_home.figures)
"""What the slices bring to the portal's frame and to its home page."""


def _reactions() -> Reactions:
    reactions = Reactions()
    # orders go before subscriptions
    for listening in (
        orders_reactions,
        subscriptions_reactions,
        relationships_reactions,
        portal_reactions,
        consent_reactions,
    ):
        listening.register(reactions)
    return reactions.on_written(webhooks_reader.tell)


def open_world(settings: Settings) -> World:
    """The world of these settings; one that is not there yet is made, and in a sandbox filled with demo data."""
    webhooks_service.check_settings(settings)
    world = make_world(settings, _reactions(), JOBS)
    if settings.is_sandbox and settings.demo_data and not settings.database_url and not world.database.path.exists():
        _make_aside(world)
    return _opened(world)


def _make_aside(world: World) -> None:
    """Fill a new world in a folder of its own and put it in place whole; stopped half-way, it begins anew next time."""
    aside = world.settings.data / "making"
    shutil.rmtree(aside, ignore_errors=True)
    try:
        settings = msgspec.structs.replace(world.settings, data=aside)
        fresh = _opened(make_world(settings, world.reactions, world.jobs, lasting=False))
        snapshots.put_in_place(fresh, world)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _opened(world: World) -> World:
    settings = world.settings
    migrating.migrate(world.database)
    with world.begin(SYSTEM) as uow:
        today = settings.first_instant or uow.now
        is_new = uow.db.get(WorldRecord, 1) is None
        if is_new:
            uow.now = _begin(uow, today)
        identity.open_identity(uow)
        portal.ensure_portal_application(uow, None)
        due.schedule_unless_there(uow.db, uow.now + timedelta(days=1), FORGET_ANSWERS, {}, FORGET_ANSWERS)
        webhooks_service.keep_tidy(uow)
    if is_new and settings.is_sandbox:
        if settings.demo_data:
            seed_world(world, today)
        if settings.first_instant is None:
            due.set_mode(world, ClockMode.TICKING)
    return world


def _begin(uow: UnitOfWork, today: datetime) -> datetime:
    """Write that the world is there. A sandbox's clock begins where its demo data does; gives that instant."""
    settings = uow.world.settings
    uow.db.add(WorldRecord(id=1, secret=uow.ids.token(48), made_at=today))
    if not settings.is_sandbox:
        return today
    begins = today - HISTORY if settings.demo_data else today
    due.sandbox_clock(uow.world).put(uow.db, begins, ClockMode.FROZEN)
    return begins


@dataclass
class Worker:
    """The due-work loop of a process."""

    world: World
    _stopped: bool = False
    _woken: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Do what falls due until stopped; errands on threads of their own, whose end wakes it."""
        aside = Aside(ERRAND_THREADS, self._woken.set)
        try:
            while not self._stopped:
                self._woken.clear()
                if self._do_what_is_due(aside) == 0:
                    self._woken.wait(WORKER_NAP)
        finally:
            aside.close()

    def _do_what_is_due(self, aside: Aside) -> int:
        log = structlog.get_logger()
        try:
            with self.world.begin.read() as uow:
                now = uow.now
            return due.run_due(self.world, now, limit=100, aside=aside)
        except Exception:
            log.exception("worker_failed")
            return 0

    def stop(self) -> None:
        """Finish the pieces under way, then end."""
        self._stopped = True
        self._woken.set()


@dataclass
class Assembly:
    """The app in its two forms: ``litestar`` knows the routes, ``asgi`` is what a server runs."""

    litestar: Litestar
    asgi: ASGIApp


def _worker_of(world: World) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Litestar) -> AsyncIterator[None]:
        worker = Worker(world)
        thread = threading.Thread(target=worker.run, name="due-work", daemon=True)
        thread.start()
        try:
            yield
        finally:
            worker.stop()
            thread.join(timeout=10)

    return lifespan


def assemble(world: World, *, authenticate: Authenticate | None = None) -> Assembly:
    """Every surface over a world, told apart by path. authenticate: verifies access tokens; ours unless a test says."""
    settings = world.settings
    set_asyncio_executor(ThreadPoolExecutor(max_workers=4, thread_name_prefix="unit"))
    tokens = RememberedTokens(authenticate or identity_access.authenticator(world))
    navigation = (*NAVIGATION, *(sandbox_pages.NAVIGATION if settings.is_sandbox else ()))
    parts = (frame.account_part, frame.waiting_part(ACTIONS), frame.sandbox_part)
    shared = Portal(world, Templates(), world_secret(world), navigation, parts, portal.prolong_session)
    sign_in = SignIn(shared, Provider(shared, lambda: assembly.asgi), partner.resolve_actor)
    answers = errors.ErrorAnswers(
        {
            **errors.RENDERERS,
            Surface.GRAPH: graph_refusals(world),
            Surface.PORTAL: refusals.render_refusals(shared),
            Surface.IDENTITY: identity_api.refusal_renderer(world),
        }
    )
    litestar = QuickLitestar(
        route_handlers=[
            *operations.ROUTES,
            *assets.ROUTES,
            *sign_in.routes(),
            *identity_api.ROUTES,
            *identity_portal.Pages(shared).routes(),
            *home.routes(ACTIONS, FIGURES),
            *portal_search.ROUTES,
            *portal_help.ROUTES,
            # In a router: two handlers of one path at the top are made asynchronous twice (Litestar 2.25).
            QuickRouter(path="/", route_handlers=[*PAGES, *(SANDBOX if settings.is_sandbox else ())]),
            QuickRouter(
                path="/",
                route_handlers=API,
                response_class=PartnerCenterResponseWithMark if settings.json_bom else PartnerCenterResponse,
            ),
            *graph_routers(GRAPH, lambda: assembly.asgi),
        ],
        request_class=LenientRequest,
        dependencies={
            "world": Provide(lambda: world, sync_to_thread=False),
            "begin": Provide(api_begin(world, tokens, partner.resolve_actor)),
            "page": Provide(sign_in.page),
        },
        exception_handlers={
            DomainError: answers.on_domain_error,
            replay.AnsweredBefore: errors.on_answered_before,
            HTTPException: answers.on_http_exception,
            Exception: answers.on_unexpected,
        },
        openapi_config=OpenAPIConfig(
            title="OpenPartner", version=__version__, path="/openapi", render_plugins=[OurDocument()]
        ),
        lifespan=[_worker_of(world)] if settings.work_in_server else [],
        logging_config=None,
    )
    paths = [route.path for route in litestar.routes]
    within = RequestContext(litestar, world.transient_ids)
    inner = NormalPaths(within, fixed_segments(paths), later_words(paths))
    assembly = Assembly(litestar, OneCookieHeader(inner))
    return assembly


def make_app(world: World, *, authenticate: Authenticate | None = None) -> ASGIApp:
    """What a server runs."""
    return assemble(world, authenticate=authenticate).asgi
