"""A small app whose routes read the directory's users and a computed list: the surface without any slice's routes."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar, Response, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath, JSONBody
from litestar.types import ASGIApp
from msgspec import UNSET, UnsetType
from sqlalchemy import func

from openpartner.identity.models import Group, GroupMember, PrincipalKind, User
from openpartner.partner.queries import resolve_actor
from openpartner.platform.actor import TenantKind
from openpartner.platform.errors import DomainError
from openpartner.platform.graph import answers, lists, pages
from openpartner.platform.graph.asked import Asked
from openpartner.platform.graph.bodies import Change, GraphRequest
from openpartner.platform.graph.edm import (
    Enumeration,
    Kind,
    Many,
    Navigation,
    Property,
    Resource,
    boolean,
    choice,
    declare,
    fixed,
    guid,
    instant,
    nested,
    text,
)
from openpartner.platform.graph.pages import Source
from openpartner.platform.graph.refusals import graph_refusals
from openpartner.platform.graph.surface import Extension, fixed_segments, graph_routers, later_words
from openpartner.platform.graph.surface import Surface as GraphSurface
from openpartner.platform.http import errors
from openpartner.platform.http.authentication import RememberedTokens
from openpartner.platform.http.context import RequestContext
from openpartner.platform.http.paths import NormalPaths
from openpartner.platform.http.requests import api_begin
from openpartner.platform.http.surfaces import Surface
from openpartner.platform.permissions import Role
from openpartner.platform.work import Begin
from tests.support.client import AppClient, EventLoop
from tests.support.lab import Lab
from tests.support.still import still_labs

JSON = {"Content-Type": "application/json"}
KIND_OF_THING = Enumeration(name="thingKind", members=("plain", "odd"), later=("newer",))


def _in_groups(part: Any) -> Any:
    joined = GroupMember.member_id == User.id
    return User.id.in_(GroupMember.__table__.select().with_only_columns(GroupMember.member_id).where(joined, part))


def _groups(uow: Any, keys: Any, selection: Any) -> dict[Any, list[dict[str, Any]]]:
    found: dict[Any, list[dict[str, Any]]] = {}
    joined = GroupMember.group_id == Group.id
    rows = uow.db.query(GroupMember.member_id, Group.id, Group.display_name).join(Group, joined)
    for member, key, name in rows.filter(GroupMember.member_id.in_(keys)).order_by(Group.display_name):
        shown = {"id": str(key), "displayName": name}
        wanted = selection.named or shown
        found.setdefault(member, []).append({name: shown[name] for name in shown if name in wanted or name == "id"})
    return found


PERSON = Resource(
    name="person",
    entity_set="people",
    key=User.id,
    properties=declare(
        guid("id", User.id),
        text("displayName", User.display_name),
        text("userPrincipalName", User.upn, compared=User.upn_key),
        text("mail", User.mail),
        boolean("accountEnabled", User.account_enabled),
        instant("createdDateTime", User.created_at, is_default=False),
        instant("deletedDateTime", User.deleted_at, is_default=False),
        nested(
            "place", "place", text("code", User.usage_location), guid("tenantId", User.tenant_id), null_unless="code"
        ),
        Property(
            name="groups",
            kind=Kind.COMPLEX,
            is_collection=True,
            is_default=False,
            many=Many(elements={"groupId": guid("groupId", GroupMember.group_id)}, exists=_in_groups),
        ),
        fixed("employeeId", None, is_default=False),
    ),
    navigations={"memberOf": Navigation(name="memberOf", load=_groups)},
    search=("displayName",),
    top=3,
    most=5,
    is_directory=True,
)
TEAM = Resource(
    name="team",
    entity_set="teams",
    key=Group.id,
    properties=declare(guid("id", Group.id), text("displayName", Group.display_name)),
)
THING = Resource(
    name="thing",
    entity_set="things",
    key_name="name",
    properties=declare(
        text("name"),
        Property(name="size", kind=Kind.INTEGER),
        choice("kind", KIND_OF_THING),
        instant("madeDateTime"),
        nested("maker", "maker", text("displayName")),
        Property(
            name="tags",
            is_collection=True,
            many=Many(elements={"": text("")}, exists=lambda part: part),
        ),
    ),
    may_skip=True,
    top=2,
)


class PersonChange(Change, kw_only=True):
    """What a person takes."""

    display_name: str | UnsetType | None = UNSET
    mail: str | UnsetType | None = UNSET


def _of_tenant(uow: Any) -> Source:
    return Source(PERSON, (User.tenant_id == uow.actor.tenant, User.deleted_at.is_(None)))


@get("/people", sync_to_thread=True)
def list_people(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    with begin.read() as uow:
        return answers.listed(asked, pages.page_of(uow, asked, _of_tenant(uow)))


@get("/people/$count", sync_to_thread=True)
def count_people(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    with begin.read() as uow:
        return answers.counted(pages.count_of(uow, asked, _of_tenant(uow)))


@get("/everything", sync_to_thread=True)
def list_everything(begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    with begin.read() as uow:
        teams = Source(TEAM, (Group.tenant_id == uow.actor.tenant,))
        return answers.listed(asked, pages.page_of(uow, asked, _of_tenant(uow), teams, context="directoryObjects"))


@get("/people/{key:str}", sync_to_thread=True)
def get_person(key: FromPath[str], begin: NamedDependency[Begin], asked: NamedDependency[Asked]) -> Response[Any]:
    with begin.read() as uow:
        source = _of_tenant(uow)
        is_id = len(key) == 36
        wanted = User.id == UUID(key) if is_id else User.upn == key
        return answers.shown(asked, pages.one_of(uow, asked, Source(PERSON, (*source.where, wanted)), key))


@patch("/people/{key:str}", sync_to_thread=True)
def patch_person(
    key: FromPath[str], data: JSONBody[PersonChange], begin: NamedDependency[Begin], asked: NamedDependency[Asked]
) -> Response[Any]:
    with begin() as uow:
        person = uow.db.get_one(User, UUID(key))
        asked.check_match(answers.weak_etag(person.id, person.version))
        for name, value in data.given().items():
            setattr(person, name, value or "")
        uow.db.flush()
        shown = pages.one_of(uow, asked, Source(PERSON, (User.id == person.id,)), key)
        return answers.changed_silently(asked, shown)


@delete("/people/{key:str}", status_code=204, sync_to_thread=True)
def delete_person(key: FromPath[str], begin: NamedDependency[Begin]) -> None:
    with begin() as uow:
        uow.db.delete(uow.db.get_one(User, UUID(key)))


@post("/echo", sync_to_thread=True)
def echo(data: JSONBody[dict[str, Any]], asked: NamedDependency[Asked]) -> Response[Any]:
    return answers.created(asked, {"said": data, "version": asked.version}, "echo/1")


@get("/things", sync_to_thread=True)
def list_things(asked: NamedDependency[Asked]) -> Response[Any]:
    return answers.listed(asked, lists.list_of(asked, THING, THINGS))


@get("/secret", sync_to_thread=True)
def beta_only(asked: NamedDependency[Asked]) -> Response[Any]:
    return answers.value(asked, "Edm.String", "found")


THINGS: list[dict[str, Any]] = [
    {"name": "anvil", "size": 9, "kind": "plain", "maker": {"displayName": "Ana"}, "tags": ["Heavy", "iron"]},
    {"name": "Bell", "size": 3, "kind": "newer", "maker": {"displayName": "Bo"}, "tags": ["loud"]},
    {"name": "cog", "size": None, "kind": "odd", "maker": None, "tags": []},
]


class Scene:
    """Five people, two of them in a team, and a client of one of them."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.tenant = lab.tenant(TenantKind.PARTNER, "Contoso")
        names = ("ana", "Bo", "cy", "dee", "eve_1")
        self.people = {name: lab.user(self.tenant, Role.GLOBAL_ADMIN, name=name) for name in names}
        with lab.begin() as uow:
            for at, person in enumerate(self.people.values()):
                row = uow.db.get_one(User, person.principal_id)
                row.mail = "" if at == 0 else row.upn
                row.usage_location = "US" if at < 2 else ""
            team = uow.db.query(Group).filter_by(tenant_id=self.tenant.id, display_name="AdminAgents").one()
            self.team = team.id
            for name in ("ana", "cy"):
                key = self.people[name].principal_id
                uow.db.add(
                    GroupMember(group_id=team.id, member_id=key, member_kind=PrincipalKind.USER, added_at=uow.now)
                )
        self.client = self._client()

    def id_of(self, name: str) -> str:
        return str(self.people[name].principal_id)

    def patch_bo(self, body: Any, **headers: str) -> httpx.Response:
        return self.client.patch(f"/v1.0/people/{self.id_of('Bo')}", body, headers=headers)

    def bo(self) -> dict[str, Any]:
        return dict(self.client.get(f"/v1.0/people/{self.id_of('Bo')}?$select=displayName,mail").json())

    def batch(self, *items: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.post("/v1.0/$batch", {"requests": list(items)})
        assert answer.status_code == 200, answer.text
        return {each["id"]: each for each in answer.json()["responses"]}

    def _client(self) -> AppClient:
        lab, world = self.lab, self.lab.world
        tokens = RememberedTokens(lab.authenticate)
        answering = errors.ErrorAnswers({**errors.RENDERERS, Surface.GRAPH: graph_refusals(world)})
        handlers = [
            list_people,
            count_people,
            list_everything,
            get_person,
            patch_person,
            delete_person,
            echo,
            list_things,
        ]
        nickname = Extension(PERSON, declare(text("nickname", func.upper(User.display_name), is_default=False)))
        surface = GraphSurface(handlers, [beta_only], [PERSON, TEAM, THING], [nickname])
        made: list[ASGIApp] = []
        app = Litestar(
            route_handlers=graph_routers(surface, lambda: made[0]),
            request_class=GraphRequest,
            dependencies={
                "world": Provide(lambda: world, sync_to_thread=False),
                "begin": Provide(api_begin(world, tokens, resolve_actor)),
            },
            exception_handlers={
                DomainError: answering.on_domain_error,
                HTTPException: answering.on_http_exception,
                Exception: answering.on_unexpected,
            },
            openapi_config=None,
            logging_config=None,
        )
        paths = [route.path for route in app.routes]
        within = RequestContext(app, world.transient_ids)
        made.append(NormalPaths(within, fixed_segments(paths), later_words(paths)))
        token = lab.token_for(self.people["ana"])
        return AppClient(made[0], lab._loop.portal, {"authorization": f"Bearer {token}"})


@pytest.fixture
def scene(lab: Lab) -> Scene:
    return Scene(lab)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def still(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, event_loop_thread: EventLoop
) -> Iterator[Scene]:
    """The same for tests that change nothing."""
    for lab in still_labs(request, tmp_path_factory.mktemp("still"), event_loop_thread):
        yield Scene(lab)
