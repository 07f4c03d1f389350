"""Every cell of the matrix, proved: role by operation, refused with the roles that would do, or not refused.

Routes are found by themselves: whatever declares ``opt={"permission": …}`` is called by a user of each role. Use cases
that no route reaches are listed in USE_CASES. Source: identity §12.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import pytest
from litestar.handlers import HTTPRouteHandler
from msgspec import inspect

from openpartner.app import assemble
from openpartner.customers import service as customers
from openpartner.identity.models import Tenant
from openpartner.partner import service
from openpartner.partner.profiles import Contact
from openpartner.partner.rules import Check, CheckAction, PartnerKind, Program, ProgramAction
from openpartner.platform import permissions
from openpartner.platform.actor import Actor, RoleNeeded, TenantKind
from openpartner.platform.addresses import Address
from openpartner.platform.errors import DomainError
from openpartner.platform.http.surfaces import Surface, surface_of
from openpartner.platform.permissions import (
    FUNCTION_OF_KEY,
    MATRIX,
    ROLE_INFO,
    Access,
    Permission,
    Role,
    RoleStore,
    roles_that_allow,
)
from openpartner.platform.work import UnitOfWork
from tests.support.client import AppClient
from tests.support.lab import Lab

NOBODYS = UUID("00000000-0000-4000-8000-000000000000")
UNASSIGNED = {Role.CUSTOMER_USER, Role.DEFAULT_USER}


def side_of(role: Role) -> TenantKind:
    if role.value.startswith("customer_"):
        return TenantKind.CUSTOMER
    return TenantKind.OPERATOR if ROLE_INFO[role].store is RoleStore.OPERATOR else TenantKind.PARTNER


@pytest.fixture
def people(lab: Lab) -> dict[Role, Actor]:
    """A user for each role, who holds that one only, besides what every user of the tenant has."""
    tenants: dict[TenantKind, Tenant] = {
        TenantKind.PARTNER: lab.partner(),
        TenantKind.CUSTOMER: lab.tenant(TenantKind.CUSTOMER, "Wingtip"),
        TenantKind.OPERATOR: lab.tenant(TenantKind.OPERATOR, "Programme"),
    }
    return {
        role: lab.user(tenants[side_of(role)], *(() if role in UNASSIGNED else (role,)), name=role.value)
        for role in Role
    }


def allows(role: Role, permission: Permission) -> bool:
    """The cell, with what every user of the side has besides."""
    everyone = {TenantKind.PARTNER: {Role.DEFAULT_USER}, TenantKind.CUSTOMER: {Role.CUSTOMER_USER}}
    return permissions.allowed({role} | everyone.get(side_of(role), set()), permission)


# --- routes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Operation:
    """A route with a permission, and a request that it can read."""

    method: str
    path: str
    permissions: tuple[Permission, ...]
    body: Any

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


PLAIN: dict[type[inspect.Type], Any] = {
    inspect.StrType: "x",
    inspect.UUIDType: str(NOBODYS),
    inspect.IntType: 1,
    inspect.FloatType: 1,
    inspect.DecimalType: 1,
    inspect.BoolType: True,
    inspect.DateTimeType: "2026-01-01T00:00:00Z",
    inspect.DateType: "2026-01-01",
    inspect.ListType: [],
    inspect.VarTupleType: [],
}


def sample(shape: inspect.Type) -> Any:
    """A JSON value of a type, with the required members only."""
    match shape:
        case inspect.StructType():
            return {each.encode_name: sample(each.type) for each in shape.fields if each.required}
        case inspect.EnumType():
            return next(iter(shape.cls)).value
        case inspect.LiteralType():
            return shape.values[0]
        case inspect.UnionType():
            return sample(next(each for each in shape.types if not isinstance(each, inspect.NoneType)))
        case _:
            return PLAIN.get(type(shape), {})


def operations(lab: Lab) -> Iterator[Operation]:
    """Every route of the app that declares a permission."""
    for route in assemble(lab.world).litestar.routes:
        for handler in getattr(route, "route_handlers", ()):
            if not isinstance(handler, HTTPRouteHandler) or "permission" not in handler.opt:
                continue
            if surface_of(route.path) is Surface.PORTAL:
                continue  # pages take a session, not a token
            data = handler.parsed_data_field
            body = handler.opt.get("example")
            if body is None and data is not None:
                body = sample(inspect.type_info(data.annotation))
            path = "/".join(_segment(part) for part in route.path_components)
            query = "&".join(_required_query(handler))
            for method in handler.http_methods - {"OPTIONS"}:
                address = f"/{path}" + (f"?{query}" if query else "")
                yield Operation(str(method), address, alternatives(handler.opt["permission"]), body)


def alternatives(declared: Permission | tuple[Permission, ...]) -> tuple[Permission, ...]:
    """One permission, or several of which any will do (a partner's and the operator's)."""
    return declared if isinstance(declared, tuple) else (declared,)


def _segment(part: Any) -> str:
    if isinstance(part, str):
        return part
    return {UUID: str(NOBODYS), int: "1"}.get(part.type, "x")


def _required_query(handler: HTTPRouteHandler) -> Iterator[str]:
    for field in handler.parsed_fn_signature.parameters.values():
        for each in field.metadata:
            name = getattr(each, "name", None)
            if type(each).__name__ == "QueryParameter" and field.is_required and name:
                value = sample(inspect.type_info(field.annotation))
                yield f"{name}={value}"


def call(client: AppClient, operation: Operation) -> tuple[int, dict[str, Any]]:
    answer = client.request(operation.method, operation.path, operation.body)
    try:
        body = answer.json()
    except ValueError:
        body = {}
    return answer.status_code, body if isinstance(body, dict) else {}


def names_the_roles(body: dict[str, Any], operation: Operation) -> bool:
    """Whether a refusal says which roles would do; Graph's envelope says it in words only."""
    if "error" in body:
        return bool(body["error"].get("code") == "Authorization_RequestDenied")
    wanted = [[role.value for role in roles_that_allow(each)] for each in operation.permissions]
    return body.get("parameters", {}).get("roles") in wanted


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)  # who may is decided above the database
def test_each_route_refuses_and_admits_as_its_cells_say(lab: Lab, people: dict[Role, Actor]) -> None:
    found = list(operations(lab))
    assert len(found) >= 15
    clients = {role: lab.client(actor) for role, actor in people.items()}
    wrong: list[str] = []
    for operation in found:
        sides = {side_of(role) for each in operation.permissions for role in roles_that_allow(each)}
        for role, client in clients.items():
            status, body = call(client, operation)
            if side_of(role) not in sides:
                fits = status in {401, 403, 404}
            elif any(allows(role, each) for each in operation.permissions):
                fits = status not in {401, 500} and not (status == 403 and names_the_roles(body, operation))
            else:
                fits = status == 403 and (operation.method == "HEAD" or names_the_roles(body, operation))
            if not fits:
                wrong.append(f"{operation.name}: {ROLE_INFO[role].title} was answered {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_every_operation_of_these_slices_declares_its_permission(lab: Lab) -> None:
    """Without it the walk above would pass it by."""
    missing = [
        f"{route.path}"
        for route in assemble(lab.world).litestar.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler)
        and handler.fn.__module__.startswith(("openpartner.partner.api", "openpartner.audit.api"))
        and "permission" not in handler.opt
    ]
    assert missing == []


# --- use cases ----------------------------------------------------------------------------------------------------

ADDRESS = Address("US", "1 Main St", city="Redmond", state="WA", postal_code="98052")
SOMEONE = service.NewPartnerUser("Sam", "Field", "sam", "contosopartner.onmicrosoft.com")


def _new_user(uow: UnitOfWork) -> object:
    return service.create_partner_user(uow, SOMEONE)


USE_CASES: dict[str, tuple[Permission, Callable[[UnitOfWork], object]]] = {
    "accept the partner agreement": (
        permissions.PARTNER_AGREEMENT_SIGN.write,
        lambda uow: service.accept_partner_agreement(uow, NOBODYS),
    ),
    "reset a password": (
        permissions.USERS_PASSWORD_RESET.write,
        lambda uow: service.reset_partner_user_password(uow, NOBODYS),
    ),
    "add a location": (
        permissions.LOCATIONS.write,
        lambda uow: service.add_location(uow, name="", address=ADDRESS, contact=Contact()),
    ),
    "enrol in a programme": (
        permissions.LOCATIONS.write,
        lambda uow: service.enrol_program(uow, PartnerKind.DIRECT_BILL),
    ),
    "apply again": (
        permissions.LOCATIONS.write,
        lambda uow: service.reapply_for_program(uow, Program.MEMBERSHIP),
    ),
    "name the security contact": (
        permissions.SECURITY_REQUIREMENTS.write,
        lambda uow: service.set_security_contact(uow, Contact()),
    ),
    "have the verification mail sent again": (
        permissions.VERIFICATION.write,
        service.resend_verification_mail,
    ),
    "hand in a document": (
        permissions.VERIFICATION.write,
        lambda uow: service.add_verification_document(
            uow, Check.BUSINESS, kind="", file_name="", media_type="", content=b""
        ),
    ),
    "appeal": (permissions.VERIFICATION.write, lambda uow: service.appeal_check(uow, Check.BUSINESS, "")),
    "answer": (permissions.VERIFICATION.write, lambda uow: service.answer_check(uow, Check.BUSINESS, "")),
    "decide a check": (
        permissions.OPERATOR_ACCOUNTS.write,
        lambda uow: service.decide_check(uow, NOBODYS, CheckAction.AUTHORIZE),
    ),
    "pass every check": (
        permissions.OPERATOR_ACCOUNTS.write,
        lambda uow: service.authorize_account(uow, NOBODYS),
    ),
    "decide a programme": (
        permissions.OPERATOR_ACCOUNTS.write,
        lambda uow: service.decide_program(uow, NOBODYS, Program.CSP, ProgramAction.QUALIFY),
    ),
    "suspend an account": (
        permissions.OPERATOR_ACCOUNTS.write,
        lambda uow: service.suspend_account(uow, NOBODYS, ""),
    ),
    "reinstate an account": (
        permissions.OPERATOR_ACCOUNTS.write,
        lambda uow: service.reinstate_account(uow, NOBODYS),
    ),
    "end the relationship to a customer": (
        permissions.RESELLER_RELATIONSHIP_REMOVE.write,
        lambda uow: customers.end_reseller_relationship(uow, NOBODYS),
    ),
    "give up delegated administration": (
        permissions.DAP.write,
        lambda uow: customers.remove_delegated_access(uow, NOBODYS),
    ),
    "publish an agreement": (
        permissions.OPERATOR_ACCOUNTS.write,
        lambda uow: service.publish_agreement_version(uow, service.NewVersion("", "", "", "")),
    ),
}


OF_EACH_TENANT = {"reset a password"}


@pytest.mark.parametrize("name", USE_CASES)
def test_each_use_case_refuses_and_admits_as_its_cells_say(lab: Lab, people: dict[Role, Actor], name: str) -> None:
    permission, use_case = USE_CASES[name]
    wrong: list[str] = []
    for role, actor in people.items():
        if name in OF_EACH_TENANT and side_of(role) is TenantKind.OPERATOR:
            continue  # the operator's own users fall under a row of the operator's
        refusal = refusal_of(lab, actor, use_case)
        refused = isinstance(refusal, RoleNeeded) and refusal.roles == roles_that_allow(permission)
        if refused is allows(role, permission):
            wrong.append(f"{ROLE_INFO[role].title}: {refusal!r}")
    assert wrong == []


def refusal_of(lab: Lab, actor: Actor, use_case: Callable[[UnitOfWork], object]) -> DomainError | None:
    """What the use case raised for this actor; whatever it did is undone."""
    try:
        with lab.begin(actor) as uow:
            use_case(uow)
            _undo()
    except _Undo:
        return None
    except DomainError as refusal:
        return refusal
    return None


class _Undo(Exception):
    """Leaves a unit without a trace."""


def _undo() -> None:
    raise _Undo


# --- giving roles -------------------------------------------------------------------------------------------------


def test_a_role_is_given_by_whom_the_table_names(lab: Lab, people: dict[Role, Actor]) -> None:
    """Both the row of the matrix and the list of grantors must agree. Source: identity §12.1."""
    wrong: list[str] = []
    target = people[Role.DEFAULT_USER].principal_id or NOBODYS
    partners = [role for role in Role if side_of(role) is TenantKind.PARTNER]
    for role in partners:
        for giver in partners:
            expected = allows(giver, service.function_of(role).write) and giver in permissions.who_can_grant(role)
            given = refusal_of(lab, people[giver], partial(service.assign_role, user_id=target, role=role)) is None
            if given is not expected:
                wrong.append(f"{ROLE_INFO[giver].title} giving {ROLE_INFO[role].title}: {given}")
    assert wrong == []


def test_the_matrix_is_whole() -> None:
    """Each row is asked for by its key, and each cell is one of three."""
    assert {row.key for row in MATRIX} == set(FUNCTION_OF_KEY)
    assert {row.access_of(role) for row in MATRIX for role in Role} == {Access.NONE, Access.VIEW, Access.MANAGE}
    assert msgspec.json.encode([row.key for row in MATRIX])
