"""A real token for the customer's tenant carries the roles given there, and is worth nothing the instant they end.

The relationship is a real one, from the request to its end; the token comes from the provider and is verified as in
production, on Partner Center's surface and on Graph's.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from openpartner.identity import access, resources, service
from openpartner.identity.models import Tenant
from openpartner.identity.protocol import Platform, SignInAudience
from openpartner.identity.service.applications import Access
from openpartner.platform.permissions import Role
from openpartner.relationships import service as relationships
from tests.identity.provider import CALLBACK, CENTER, GRAPH, Scene, said, scene, signed_in
from tests.support.client import AppClient
from tests.support.granting import READERS, USERS, Grants, role
from tests.support.lab import Lab
from tests.support.scene import account

GDAP_MARK = "08372b87-7d02-482a-9e02-fb03ea5fe193"
PLACES = role("Places Administrator")
DAYS = 10
NO_TOKEN = [50020]


class Delegated:
    """Ana, in a security group of Contoso's, with a refresh token of an app that both tenants have consented to.

    grants: what the two sides do about their relationship. assignment: the last one that was made.
    """

    def __init__(self, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at: Scene = scene(lab)
        self.grants = self._sides(lab)
        self._register(lab)
        monkeypatch.setattr(lab, "authenticate", access.authenticator(lab.world))
        code = signed_in(self.at, "ana").answer["code"]
        self.refresh = self.at.redeem(code).json()["refresh_token"]
        self.relationship, self.assignment = "", UUID(int=0)

    def _sides(self, lab: Lab) -> Grants:
        with lab.begin() as uow:
            partner, customer = uow.db.get_one(Tenant, self.at.partner), uow.db.get_one(Tenant, self.at.customer)
            account(uow, partner)
            service.create_group(uow, partner.id, "AdminAgents")
        sides = Grants.between(lab, partner, lab.user(partner, Role.ADMIN_AGENT, name="agent"), customer)
        with lab.begin() as uow:
            service.add_group_member(uow, sides.group, self.at.ana)
        return sides

    def _register(self, lab: Lab) -> None:
        wanted = [
            Access(resource=resources.PARTNER_CENTER, scopes=["user_impersonation"]),
            Access(resource=resources.GRAPH, scopes=["User.Read.All"]),
        ]
        with lab.begin() as uow:
            app = service.register_application(
                uow,
                self.at.partner,
                display_name="Technicians' tool",
                audience=SignInAudience.MULTIPLE_ORGANIZATIONS,
                redirect_uris=[(Platform.WEB, CALLBACK)],
                required_access=wanted,
            )
            until = uow.now + timedelta(days=700)
            self.at.client_id = str(app.app_id)
            self.at.secret = service.add_application_secret(uow, app, ends_at=until).secret
            for tenant in (self.at.partner, self.at.customer):
                service.grant_admin_consent(uow, tenant, app.app_id)

    # What the two sides do

    def ask_for(self, *roles: UUID) -> None:
        self.relationship = self.grants.pending(roles=frozenset(roles), duration=f"P{DAYS}D")

    def approve(self) -> None:
        self.grants.approve(self.relationship)
        self.grants.settle()

    def give(self, *roles: UUID) -> None:
        self.ask_for(*roles)
        self.approve()
        self.assignment = self.grants.assign(self.relationship, *roles)
        self.grants.settle()

    # What Ana's program sees

    def ask(self, resource: str = CENTER) -> httpx.Response:
        """A token for the customer's tenant, by the refresh token of the partner's sign-in."""
        return self.at.token(
            self.at.customer,
            grant_type="refresh_token",
            client_id=self.at.client_id,
            client_secret=self.at.secret,
            refresh_token=self.refresh,
            scope=f"{resource}/.default",
        )

    def _client(self, resource: str) -> AppClient:
        return self.at.lab.client(authorization=f"Bearer {self.ask(resource).json()['access_token']}")

    def reads(self) -> Callable[[], list[tuple[int, Any]]]:
        """Fetches a token of each surface now; gives what reads the customer's users with them when it is called."""
        center, graph = self._client(CENTER), self._client(GRAPH)

        def read() -> list[tuple[int, Any]]:
            first = center.get(f"/v1/customers/{self.at.customer}/users")
            second = graph.get("/v1.0/users")
            return [
                (first.status_code, first.json().get("parameters", {}).get("reason", "")),
                (second.status_code, second.json().get("error", {}).get("code", "")),
            ]

        return read


OPEN = [(200, ""), (200, "")]


def closed(reason: str) -> list[tuple[int, str]]:
    return [(403, reason), (403, "Authorization_RequestDenied")]


@pytest.fixture
def delegated(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Delegated:
    return Delegated(lab, monkeypatch)


def test_there_is_no_token_before_the_customer_approves_and_the_partner_assigns(delegated: Delegated) -> None:
    assert delegated.ask().json()["error_codes"] == NO_TOKEN

    delegated.ask_for(READERS)
    assert delegated.ask().json()["error_codes"] == NO_TOKEN
    delegated.approve()
    assert delegated.ask(GRAPH).json()["error_codes"] == NO_TOKEN

    delegated.grants.assign(delegated.relationship, READERS)
    delegated.grants.settle()
    assert delegated.reads()() == OPEN


def test_the_token_carries_the_roles_and_opens_what_they_cover(delegated: Delegated) -> None:
    delegated.give(READERS, USERS)

    for resource in (CENTER, GRAPH):
        claims = said(delegated.ask(resource).json()["access_token"])
        assert set(claims["wids"]) == {str(READERS), str(USERS), GDAP_MARK}
        assert claims["tid"] == str(delegated.at.customer)
        assert {"oid", "upn"}.isdisjoint(claims)
    assert delegated.reads()() == OPEN


def test_a_role_that_does_not_cover_it_is_refused_with_the_reason(delegated: Delegated) -> None:
    delegated.give(PLACES)

    assert delegated.reads()() == closed("role")


def test_it_opens_until_its_last_instant_and_not_from_the_end_on(delegated: Delegated) -> None:
    delegated.give(READERS)
    lab = delegated.at.lab
    end = lab.now + timedelta(days=DAYS)
    lab.advance(timedelta(days=DAYS) - timedelta(minutes=30))
    read = delegated.reads()

    lab.set_clock(end - timedelta(microseconds=1))
    assert read() == OPEN
    lab.set_clock(end)  # no job has run
    assert delegated.grants.status(delegated.relationship) == "active"
    assert read() == closed("ended")
    assert delegated.ask().json()["error_codes"] == NO_TOKEN

    delegated.grants.settle()
    assert delegated.grants.status(delegated.relationship) == "expired"
    assert read() == closed("no_relationship")


def test_what_is_still_spreading_gives_nothing_before_it_is_there_nor_after_it_has_gone(delegated: Delegated) -> None:
    lab, grants = delegated.at.lab, delegated.grants
    object.__setattr__(lab.world, "settings", msgspec.structs.replace(lab.world.settings, gdap_propagation="PT5M"))

    def pass_time() -> None:
        lab.advance(timedelta(minutes=5))

    delegated.ask_for(READERS)
    delegated.approve()
    assert grants.status(delegated.relationship) == "activating"
    assert delegated.ask().json()["error_codes"] == NO_TOKEN
    pass_time()
    grants.assign(delegated.relationship, READERS)
    assert delegated.ask().json()["error_codes"] == NO_TOKEN
    pass_time()
    end = lab.now + timedelta(days=DAYS) - timedelta(minutes=5)
    lab.advance(timedelta(days=DAYS) - timedelta(minutes=20))
    read = delegated.reads()
    assert read() == OPEN

    lab.advance(end - lab.now)
    assert grants.status(delegated.relationship) == "expiring"
    assert [status for status, _ in read()] == [403, 403]
    assert delegated.ask().json()["error_codes"] == NO_TOKEN
    pass_time()
    assert grants.status(delegated.relationship) == "expired"
    assert [status for status, _ in read()] == [403, 403]


def _partner_terminates(delegated: Delegated) -> None:
    delegated.grants.terminate(delegated.relationship)


def _customer_terminates(delegated: Delegated) -> None:
    with delegated.at.lab.begin(delegated.grants.admin) as uow:
        relationships.terminate_admin_relationship(uow, delegated.relationship)


def _assignment_goes(delegated: Delegated) -> None:
    with delegated.at.lab.begin(delegated.grants.agent) as uow:
        relationships.delete_access_assignment(uow, delegated.relationship, delegated.assignment)


def _customer_limits(delegated: Delegated) -> None:
    with delegated.at.lab.begin(delegated.grants.admin) as uow:
        relationships.set_service_provider_constraints(uow, delegated.at.partner, frozenset({PLACES}))


def _leaves_the_group(delegated: Delegated) -> None:
    with delegated.at.lab.begin() as uow:
        service.remove_group_member(uow, delegated.grants.group, delegated.at.ana)


def _group_is_deleted(delegated: Delegated) -> None:
    with delegated.at.lab.begin() as uow:
        service.delete_group(uow, delegated.grants.group)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (_partner_terminates, "no_relationship"),
        (_customer_terminates, "no_relationship"),
        (_assignment_goes, "no_relationship"),
        (_customer_limits, "no_relationship"),
        (_leaves_the_group, "no_assignment"),
        (_group_is_deleted, "no_relationship"),
    ],
)
def test_a_live_token_is_worth_nothing_from_that_instant(
    delegated: Delegated, happens: Callable[[Delegated], None], reason: str
) -> None:
    delegated.give(READERS)
    read = delegated.reads()
    assert read() == OPEN

    happens(delegated)

    assert read() == closed(reason)
    assert delegated.ask().json()["error_codes"] == NO_TOKEN
    delegated.grants.settle()
    assert read() == closed(reason)


def test_a_role_that_is_taken_from_the_assignment_is_gone_from_a_live_token(delegated: Delegated) -> None:
    delegated.give(READERS, PLACES)
    read = delegated.reads()

    with delegated.at.lab.begin(delegated.grants.agent) as uow:
        relationships.update_access_assignment(uow, delegated.relationship, delegated.assignment, frozenset({PLACES}))
    delegated.grants.settle()

    assert read() == closed("role")
    assert set(said(delegated.ask().json()["access_token"])["wids"]) == {str(PLACES), GDAP_MARK}


def test_a_blocked_user_is_unknown_with_a_live_token_too(delegated: Delegated) -> None:
    delegated.give(READERS)
    read = delegated.reads()
    with delegated.at.lab.begin() as uow:
        service.assign_directory_role(uow, delegated.at.partner, resources.GLOBAL_ADMINISTRATOR, delegated.at.bea)
        service.block_user(uow, delegated.at.ana)

    assert [status for status, _ in read()] == [401, 401]


def test_dap_carries_no_mark_and_gdap_beside_it_alone_counts(delegated: Delegated) -> None:
    with delegated.at.lab.begin() as uow:
        service.open_delegated_access(
            uow,
            source_id=UUID(int=77),
            kind="dap",
            customer_tenant_id=delegated.at.customer,
            group_id=delegated.grants.group,
            roles=[resources.GLOBAL_ADMINISTRATOR],
            until_at=None,
        )
    assert said(delegated.ask().json()["access_token"])["wids"] == [str(resources.GLOBAL_ADMINISTRATOR)]

    delegated.give(READERS)

    assert said(delegated.ask().json()["access_token"])["wids"] == [str(READERS), GDAP_MARK]
