"""Consent for a control panel vendor's application, and the services of a customer. Source: gdap §12, §13."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from openpartner.customers.rules import NewCustomer
from openpartner.customers.service.creation import enter_relationship
from openpartner.identity import queries as directory
from openpartner.identity import resources
from openpartner.identity import service as identity
from openpartner.identity.protocol import SignInAudience
from openpartner.platform.addresses import Address
from openpartner.platform.permissions import Role
from tests.relationships.customers import Customer, make_customer
from tests.relationships.partners import Partner, make_partner
from tests.support import scene
from tests.support.client import AppClient
from tests.support.granting import role
from tests.support.graph import delegated_client
from tests.support.lab import Lab


@dataclass
class Vendor:
    """A partner with a customer, and a multi-tenant application that nobody has consented to."""

    lab: Lab
    partner: Partner
    customer: Customer
    app_id: UUID

    @property
    def path(self) -> str:
        return f"/v1/customers/{self.customer.id}/applicationconsents"

    @property
    def client(self) -> AppClient:
        return self.partner.client

    def body(self, scope: str = "User.Read,Directory.Read.All", app_id: UUID | None = None) -> dict[str, Any]:
        return {
            "applicationId": str(app_id or self.app_id),
            "displayName": "Control panel",
            "applicationGrants": [{"enterpriseApplicationId": str(resources.GRAPH), "scope": scope}],
        }

    def may(self, *roles: str) -> None:
        """Let the Admin agents have roles in the customer's tenant."""
        with self.lab.begin() as uow:
            scene.give_delegated_access(uow, self.partner.id, self.customer.id, map(role, roles))

    def given(self) -> set[str]:
        """The scopes that everybody in the customer's tenant has consented to."""
        with self.lab.read() as uow:
            principal = directory.service_principal(uow, self.customer.id, self.app_id)
            grants = [] if principal is None else directory.grants_of(uow, principal.id)
            assert all(grant.principal_id is None for grant in grants)
            return {scope for grant in grants for scope in grant.scope.split()}


def vendor_of(lab: Lab, audience: SignInAudience = SignInAudience.MULTIPLE_ORGANIZATIONS) -> Vendor:
    partner, customer = make_partner(lab), make_customer(lab)
    with lab.begin() as uow:
        enter_relationship(
            uow,
            NewCustomer(
                domain="relecloud.onmicrosoft.com",
                company_name="Relecloud",
                email="gena@example.com",
                culture="en-US",
                language="en",
                address=Address(
                    country="US", address_line1="One Microsoft Way", city="Redmond", state="WA", postal_code="98052"
                ),
            ),
            customer.id,
            partner.id,
            None,
        )
        app = identity.register_application(uow, partner.id, display_name="Control panel", audience=audience)
        return Vendor(lab, partner, customer, app.app_id)


@pytest.fixture
def vendor(lab: Lab) -> Vendor:
    return vendor_of(lab)


def refused(vendor: Vendor, body: dict[str, Any], status: int, words: str) -> None:
    """The answer, and that nothing was given or announced."""
    before, given = vendor.lab.events(), vendor.given()
    answer = vendor.client.post(vendor.path, body)
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert (vendor.lab.events(), vendor.given()) == (before, given)


@pytest.mark.parametrize(
    "name", ["Global Administrator", "Application Administrator", "Cloud Application Administrator"]
)
def test_each_role_that_may_consent_consents(vendor: Vendor, name: str) -> None:
    vendor.may(name)

    answer = vendor.client.post(vendor.path, vendor.body())

    assert answer.status_code == 201, answer.text
    assert answer.json() == {
        "applicationId": str(vendor.app_id),
        "displayName": "Control panel",
        "applicationGrants": [
            {"enterpriseApplicationId": str(resources.GRAPH), "scope": "User.Read,Directory.Read.All"}
        ],
        "attributes": {"objectType": "ApplicationConsent"},
    }
    assert vendor.given() == {"User.Read", "Directory.Read.All"}
    [fact] = vendor.lab.events("ConsentGranted")
    assert fact["after"] == {str(resources.GRAPH): ["User.Read", "Directory.Read.All"]}


def test_the_same_again_is_a_conflict_and_more_is_added(vendor: Vendor) -> None:
    vendor.may("Application Administrator")
    vendor.client.post(vendor.path, vendor.body())

    refused(vendor, vendor.body(), 409, "Permission entry already exists")
    refused(vendor, vendor.body("user.read"), 409, "Permission entry already exists")

    assert vendor.client.post(vendor.path, vendor.body("User.Read,Group.Read.All")).status_code == 201
    assert vendor.given() == {"User.Read", "Directory.Read.All", "Group.Read.All"}


@pytest.mark.parametrize("names", [[], ["Directory Readers"], ["User Administrator", "Helpdesk Administrator"]])
def test_a_relationship_alone_or_another_role_is_not_enough(vendor: Vendor, names: list[str]) -> None:
    if names:
        vendor.may(*names)

    refused(vendor, vendor.body(), 403, "")
    assert vendor.client.delete(f"{vendor.path}/{vendor.app_id}").status_code == 403


@pytest.mark.parametrize("who", [Role.SALES_AGENT, Role.HELPDESK_AGENT, Role.GLOBAL_ADMIN])
def test_only_an_admin_agent_consents(vendor: Vendor, who: Role) -> None:
    vendor.may("Global Administrator")
    client = vendor.lab.client(vendor.lab.user(vendor.partner.tenant, who, name="worker"))

    assert client.post(vendor.path, vendor.body()).status_code == 403
    assert client.delete(f"{vendor.path}/{vendor.app_id}").status_code == 403
    assert vendor.given() == set()


def test_another_partners_customer_needs_a_relationship_first(vendor: Vendor) -> None:
    stranger = make_partner(vendor.lab, "Stranger").client

    for answer in (
        stranger.post(vendor.path, vendor.body()),
        stranger.delete(f"{vendor.path}/{vendor.app_id}"),
        stranger.get(f"/v1/customers/{vendor.customer.id}/managedservices"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, 20002)
    unknown = stranger.post(f"/v1/customers/{UUID(int=8)}/applicationconsents", vendor.body())
    assert unknown.status_code == 404
    assert vendor.given() == set()


def test_what_cannot_be_consented_to(vendor: Vendor) -> None:
    vendor.may("Application Administrator")

    refused(vendor, vendor.body(app_id=UUID(int=7)), 404, str(UUID(int=7)))
    refused(vendor, {**vendor.body(), "applicationGrants": []}, 400, "at least one grant")
    refused(vendor, vendor.body(" , "), 400, "at least one grant")
    refused(vendor, vendor.body("No.Such.Scope"), 400, "No.Such.Scope")


def test_an_application_for_its_own_tenant_stays_there(lab: Lab) -> None:
    vendor = vendor_of(lab, SignInAudience.MY_ORGANIZATION)
    vendor.may("Application Administrator")

    refused(vendor, vendor.body(), 409, "multi-tenant")


def test_a_consent_is_taken_back_once(vendor: Vendor) -> None:
    vendor.may("Application Administrator")
    vendor.client.post(vendor.path, vendor.body())
    path = f"{vendor.path}/{vendor.app_id}"

    answer = vendor.client.delete(path)

    assert (answer.status_code, answer.content) == (200, b"")
    assert vendor.given() == set()
    assert len(vendor.lab.events("ConsentRevoked")) == 1
    assert vendor.client.delete(path).status_code == 404
    assert len(vendor.lab.events("ConsentRevoked")) == 1
    assert vendor.client.post(vendor.path, vendor.body()).status_code == 201


def test_graph_lists_and_takes_the_same_consent(vendor: Vendor) -> None:
    vendor.may("Application Administrator")
    vendor.client.post(vendor.path, vendor.body())
    graph = delegated_client(vendor.lab, vendor.partner.admin, vendor.customer.id)
    path = f"/v1.0/servicePrincipals(appId='{vendor.app_id}')/oauth2PermissionGrants"

    [grant] = graph.get(path).json()["value"]

    assert (grant["consentType"], grant["scope"]) == ("AllPrincipals", "User.Read Directory.Read.All")
    assert graph.delete(f"/v1.0/oauth2PermissionGrants/{grant['id']}").status_code == 204
    assert vendor.given() == set()
    assert vendor.client.delete(f"{vendor.path}/{vendor.app_id}").status_code == 404
    body = {"clientId": grant["clientId"], "resourceId": grant["resourceId"], "consentType": "AllPrincipals"}
    assert graph.post("/v1.0/oauth2PermissionGrants", {**body, "scope": "User.Read"}).status_code == 201
    refused(vendor, vendor.body("User.Read"), 409, "Permission entry already exists")
    assert vendor.client.delete(f"{vendor.path}/{vendor.app_id}").status_code == 200
    assert graph.get(path).json()["value"] == []


def test_application_permissions_go_with_the_consent(vendor: Vendor) -> None:
    vendor.may("Global Administrator")
    graph = delegated_client(vendor.lab, vendor.partner.admin, vendor.customer.id)
    principal = graph.post("/v1.0/servicePrincipals", {"appId": str(vendor.app_id)}).json()["id"]
    resource = graph.post("/v1.0/servicePrincipals", {"appId": str(resources.GRAPH)}).json()["id"]
    role = {"principalId": principal, "resourceId": resource, "appRoleId": "df021288-bdef-4463-88db-98f22de89214"}
    path = f"/v1.0/servicePrincipals/{principal}/appRoleAssignments"
    assert graph.post(path, role).status_code == 201

    assert vendor.client.delete(f"{vendor.path}/{vendor.app_id}").status_code == 200

    assert graph.get(path).json()["value"] == []


@pytest.mark.parametrize(
    ("names", "services"),
    [
        ([], []),
        (["Directory Readers"], ["account", "users", "licenses"]),
        (["Service Support Administrator"], ["users", "licenses"]),
    ],
)
def test_services_are_those_that_the_roles_open(vendor: Vendor, names: list[str], services: list[str]) -> None:
    if names:
        vendor.may(*names)

    answer = vendor.client.get(f"/v1/customers/{vendor.customer.id}/managedservices")

    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    assert [item["id"] for item in items] == services
    assert answer.json()["totalCount"] == len(services)
    if items:
        [users] = [item for item in items if item["id"] == "users"]
        assert users == {
            "id": "users",
            "name": "Users",
            "groupName": "Users",
            "links": {
                "adminService": {"uri": f"/customers/{vendor.customer.id}/users", "method": "GET", "headers": []}
            },
            "attributes": {"objectType": "ManagedService"},
        }
