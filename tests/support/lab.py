"""The lab: one fresh world per test on the database under test, its edges in our hands, and shorthands to set scenes.

The edges are the clock, the database, the mail box and the tokens' signature; nothing else of our own code is replaced.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from litestar.types import ASGIApp
from sqlalchemy import func, select

from openpartner.app import make_app
from openpartner.identity import service as identity
from openpartner.identity.models import Tenant
from openpartner.identity.resources import WELL_KNOWN
from openpartner.platform import due, mail
from openpartner.platform.actor import SYSTEM, Actor, ActorKind, TenantKind
from openpartner.platform.clock import ClockMode
from openpartner.platform.directory_roles import DIRECTORY_ROLES
from openpartner.platform.errors import Unauthenticated
from openpartner.platform.events import LogEntry
from openpartner.platform.http.authentication import Principal
from openpartner.platform.http.surfaces import Surface
from openpartner.platform.permissions import Role
from openpartner.platform.work import UnitOfWork
from openpartner.platform.world import World
from openpartner.settings import Settings
from tests.support import scene
from tests.support.client import AppClient, EventLoop

START = datetime(2026, 1, 15, 9, tzinfo=UTC)
"""Where a lab's clock stands at first; it only moves when told."""


EVERY_SCOPE = frozenset({"user_impersonation", *(scope.value for known in WELL_KNOWN for scope in known.scopes)})
"""What a client has that was consented to everything; a test of scopes takes some away."""


class _Current(World):
    """The world of the lab that is open: what an app that outlives a test looks at."""

    lab: "Lab"

    def __init__(self) -> None:  # it has nothing of its own
        pass

    def __getattr__(self, name: str) -> Any:
        return _IDS if name == "transient_ids" else getattr(self.lab.world, name)

    def authenticate(self, token: str, surface: Surface) -> Principal:
        """Asked of the lab that is open."""
        return self.lab.authenticate(token, surface)


class _CurrentIds:
    """The open world's own stream of request ids: one app's would go on from one world to the next."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_CURRENT.lab.world.transient_ids, name)


_IDS = _CurrentIds()
_CURRENT = _Current()
_APPS: dict[Settings, ASGIApp] = {}
"""Apps by settings: to register a thousand routes takes longer than most tests do, and no route knows its world."""

_tokens_made = count()


class Lab:
    """What a test holds in its hands."""

    def __init__(self, world: World, loop: EventLoop) -> None:
        self.world = world
        self._loop = loop
        self._tokens: dict[str, Principal] = {}
        self._users = 0
        with self.read() as uow:
            self.opened_with = uow.db.scalar(select(func.max(LogEntry.seq))) or 0

    def set_clock(self, at: datetime) -> None:
        """Stand at ``at``, frozen, without doing what falls due."""
        with self.world.begin(SYSTEM) as uow:
            due.sandbox_clock(self.world).put(uow.db, at, ClockMode.FROZEN)

    @property
    def now(self) -> datetime:
        """The world's instant."""
        with self.world.begin.read(SYSTEM) as uow:
            return uow.now

    def advance(self, by: timedelta) -> int:
        """Move the clock, doing all that falls due. Returns how many pieces of work were done."""
        return due.advance(self.world, self.now + by)

    def begin(self, actor: Actor = SYSTEM) -> AbstractContextManager[UnitOfWork]:
        """A unit of work that may write."""
        return self.world.begin(actor)

    def read(self, actor: Actor = SYSTEM) -> AbstractContextManager[UnitOfWork]:
        """A unit of work that only reads."""
        return self.world.begin.read(actor)

    # Who is there

    def tenant(self, kind: TenantKind, name: str, country: str = "US") -> Tenant:
        """A directory with a verified domain."""
        with self.begin() as uow:
            return scene.tenant(uow, kind, name, country)

    def partner(self, name: str = "Contoso Partner", country: str = "US") -> Tenant:
        """A partner's directory with an account in good standing."""
        with self.begin() as uow:
            made = scene.tenant(uow, TenantKind.PARTNER, name, country)
            scene.account(uow, made)
            return made

    def user(self, of: Tenant, *roles: Role, name: str | None = None) -> Actor:
        """A user of a tenant with these roles, as an actor."""
        self._users += 1
        with self.begin() as uow:
            return scene.user(uow, of, name or f"user{self._users}", *roles)

    def give_delegated_access(self, partner_id: UUID, customer_id: UUID, *names: str, **options: Any) -> UUID:
        """Let members of the partner's AdminAgents hold the named roles in the customer's tenant, or the default ones.

        options: as ``scene.give_delegated_access`` takes them. Gives what ``take_delegated_access`` takes back.
        """
        roles = {role.template_id for role in DIRECTORY_ROLES.values() if role.name in names}
        assert len(roles) == len(names), names
        with self.begin() as uow:
            return scene.give_delegated_access(
                uow, partner_id, customer_id, roles or scene.DEFAULT_GRANULAR_ROLES, **options
            )

    def take_delegated_access(self, source_id: UUID) -> None:
        """As if the relationship or the assignment had ended now."""
        with self.begin() as uow:
            identity.close_delegated_access(uow, source_id)

    # The wire

    @property
    def app(self) -> ASGIApp:
        """The app over this world. A bearer token is whatever ``token_for`` gave."""
        _CURRENT.lab = self
        key = msgspec.structs.replace(self.world.settings, data=Path(), database_url="")
        if key not in _APPS:
            _APPS[key] = make_app(_CURRENT, authenticate=_CURRENT.authenticate)
        return _APPS[key]

    def authenticate(self, token: str, surface: Surface) -> Principal:
        try:
            return self._tokens[token]
        except KeyError:
            raise Unauthenticated("This token was not issued here.") from None

    def token_for(self, actor: Actor, *, mfa: bool = True) -> str:
        """A bearer token that says what a real one for this actor would say."""
        principal = Principal(
            tenant_id=actor.tenant,
            object_id=actor.principal_id,
            home_tenant_id=actor.tenant,
            home_object_id=actor.principal_id,
            app_id=actor.app_id or UUID(int=1),
            is_app=actor.kind is ActorKind.APP,
            name=actor.name,
            scopes=frozenset() if actor.kind is ActorKind.APP else EVERY_SCOPE,
            roles=frozenset(),
            wids=frozenset(),
            mfa=mfa,
            expires_at=datetime(9999, 1, 1, tzinfo=UTC),
        )
        token = f"lab-{next(_tokens_made)}"  # an app remembers tokens longer than a lab lives
        self._tokens[token] = principal
        return token

    def change_token(self, token: str, **members: Any) -> None:
        """Make a token say something else, before it is first used."""
        self._tokens[token] = msgspec.structs.replace(self._tokens[token], **members)

    def principal_of(self, token: str) -> Principal:
        """What a token says."""
        return self._tokens[token]

    def client(self, actor: Actor | None = None, **headers: str) -> AppClient:
        """A client that sends this actor's token, or none."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if actor is not None:
            sent["authorization"] = f"Bearer {self.token_for(actor)}"
        return AppClient(self.app, self._loop.portal, sent)

    # What has happened

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The bodies of the event log in order, of one kind or all, without those of opening the world."""
        with self.read() as uow:
            statement = select(LogEntry.body).where(LogEntry.seq > self.opened_with).order_by(LogEntry.seq)
            if kind is not None:
                statement = statement.where(LogEntry.kind == kind)
            return [msgspec.json.decode(body) for body in uow.db.scalars(statement)]

    def kinds(self) -> list[str]:
        """The names of all facts in order."""
        return [body["kind"] for body in self.events()]

    def mails(self, recipient: str | None = None) -> list[mail.MailMessage]:
        """The mail box, newest first."""
        with self.read() as uow:
            return mail.newest(uow.db, recipient=recipient)

    def nothing_changed(self, action: Callable[[], Any]) -> Any:
        """Run ``action`` and prove that it announced nothing."""
        before = self.events()
        result = action()
        assert self.events() == before
        return result
