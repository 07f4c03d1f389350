"""The matrix of functions and roles gives exactly what the reference gives, cell by cell."""

import pytest

from openpartner.platform import permissions
from openpartner.platform.permissions import (
    ACTIVITY_LOG,
    CUSTOMERS,
    FUNCTION_OF_KEY,
    MATRIX,
    OFFERS,
    OPERATOR_ACCOUNTS,
    ORDERS_PLACE,
    OWN_PROFILE,
    RESELLER_RELATIONSHIP_REMOVE,
    ROLE_INFO,
    ROLE_OF_CODE,
    SECURITY_ALERTS,
    Access,
    Function,
    Role,
    RoleStore,
    Workspace,
    allowed,
    permissions_of,
    roles_that_allow,
    who_can_grant,
)

COLUMNS = ["GA", "UM", "BA", "AA", "SA", "HA", "ACC", "PA", "BPA", "RA", "RU", "CO", "IA", "IU", "ERV", "RV", "CA"]

# Source: identity §12.2. One line a function; a cell for each of COLUMNS: M, V or - for none.
REFERENCE = """
**Account settings**
Everything in the tenant and account | M - - - - - - - - - - - - - - - -
Sign the partner agreement (MPA) | M - - - - - - - - - - - - - - - -
Agreements page | M V - V V V - - - - - - - - - - -
Users: create, edit, directory roles | M M - - - - - V - - - - - - - - -
Users: non-directory roles | M M - - - - M V - - - - - - - - -
Assign/remove Compliance admin | M V - - - - V - - - - - - - - - V
Assign report viewer roles | M - - - - - M - - - - - - - - - -
Reset another user's password | M - - - - - - - - - - - - - - - -
Locations: add, enrol in programs | - - - - - - M - - - - - - - - - -
Tenants, merge accounts, multi-tenant | M - - - - - M - - - - - - - - - -
Legal, company, business profile | M - - - - - M V - - - - - - - - M
Verification: status and documents | M - - - - - M M - - - - - - - - M
Identifiers, domain names, tax/registration numbers | M - - - - - - - - - - - - - - - -
Organisation tax information | M M M M M - - - - - - - - - - - -
Payment methods (membership purchases) | M - - - - - - M - - - - - - - - -
Payout and tax profiles | M - - - - - M - - - - - M - - - -
Activity log | - - - M - - - - - - - - - - - - -
App registrations, API keys, CPV profile | M - - - - - - - - - - - - - - - -
Security requirements status, MFA statistics | M V V V V V V V - - - - - - - - -
Security alerts, Azure fraud events | - - - M - - - - - - - - - - - - -
Account closure, suspension and reinstatement | M - - V - - - - - - - - - - - - -
**Customers and relationships**
Customer list, customer pages | V - - M V V - - - - - - - - - - -
All partner profiles | - M - - - - - - - - - - - - - - -
Create a customer | M M - M M - - - - - - - - - - - -
Request a reseller relationship | - - - M M - - - - - - - - - - - -
Remove a reseller relationship | M - - - - - - - - - - - - - - - -
Edit customer account details | M - - - M M - - - - - - - - - - -
Customer agreement: confirm | - - - M M - - - - - - - - - - - -
GDAP: request, terminate, extend, expiry list | - - - M - - - - - - - - - - - - -
GDAP: assign security groups and roles | M M - M - - - - - - - - - - - - -
GDAP analytics; bulk migration tool | M M - M M - - - - - - - - - - - -
DAP: request, report, remove | - - - M - V - - - - - - - - - - -
Administer on behalf (service management links) | - - - M - V - - - - - - - - - - -
Customer users and licences | M M - M M M - - - - - - - - - - -
Devices, Autopilot profiles | M M - M V - - - - - - - - - - - -
Support contacts of a customer | M - - M - M - - - - - - - - - - -
Service health of a customer | M - - M M M - - - - - - - - - - -
Service requests on behalf of customers | - - - M - M - - - - - - - - - - -
Register / enrol a value-added reseller | M - - M M - - - - - - - - - - - -
Indirect resellers page | M V - - M - - - - - - - - - - - -
Indirect providers page (as a reseller) | M - - - - - - - - - - - - - - - -
Validate names and addresses | M M - M M - - - - - - - - - - - -
**Pricing, orders, subscriptions**
Price lists and offers | V V V V V - - V - - - - - - - - -
Promotions | V - V V V - - V - - - - - - - - -
Place orders (licence-based, new commerce) | M - - M M - - - - - - - - - - - -
Place orders (older page, all agents) | M - M M M M - - - - - - - - - - -
Azure plan: buy | M M - M M - - - - - - - - - - - -
Azure plan: manage; transfers; spending budget | - - - M - - - - - - - - - - - - -
Azure subscription: cancel; switch partner | M - - - - - - - - - - - - - - - -
Reservations: buy | - - - M M - - - - - - - - - - - -
Reservations: manage | M M - M M M - - - - - - - - - - -
Savings plans | M M - M - M - - - - - - - - - - -
Subscriptions: quantity, suspend, auto-renew, cancel | M - V M M V - - - - - - - - - - -
Migrate to new commerce | M - - M M - - - - - - - - - - - -
Trials | M M - - M - - - - - - - - - - - -
Software: buy, keys, cancel | M - - M - - - - - - - - - - - - -
Special pricing, education | M - - M M - - - - - - - - - - - -
Marketplace products: sell | M - - M M - - - - - - - - - - - -
Azure usage, licence analysis | M M - M M - - - - - - - - - - - -
**Billing**
Invoices, statements | M V M M V - - - - - - - - - - - -
Reconciliation files (licence, one-time) | M V M M - - - - - - - - - - - - -
Daily rated usage files | V - M M V V - - - - - - - - - - -
Request a credit | M - - M - - - - - - - - - - - - -
Credit limit | - - M - - - - - - - - - - - - - -
Azure credit balance | V - V V - - - - - - - - - - - - -
Partner earned credit | V V V V V - - - - - - - - - - - -
Non-payment, fraud, misuse | M M M M - - - - - - - - - - - - -
Billing support for customers | M M M - M M - - - - - - - - - - -
Withholding-tax credit form | - - M - - - M - - - - - - - - - -
Tax exemption, billing address | M - - - - - - - - - - - - - - - -
**Membership and benefits**
Designations, capability score | M - - - - - - M - - - - - - V - -
Membership offers: buy | M - - - - - - M - - - - - - - - -
Membership offers: renew, refund | - - - - - - V M - - - - - - - - -
Membership order history and invoices | V V V V - - - M - - - - - - - - -
Benefits: use and manage | M - - - - - - M - - - - - - - - -
Benefits: technical support contracts | M - - M - - - M - - - - - - - - -
Specialisations, Azure expert MSP | M - - - - - V M V - - - - - - - -
Skills and learning report; export | V - - - - - - M - - - - - - V V -
Contribution indicators, voucher tool | - - - - - - - M - - - - - - - - -
Marketplace rewards | M - - M - - - M - - - - - - - - -
View other users' roles (no change) | - - - - - - - V - - - - - - - - -
**Referrals and co-sell**
All leads and deals | - - - - - - - - - M - - - - - - -
Deals of own team only; create for own locations | - - - - - - - - - M M - - - - - -
Assign team, register won deals | - - - - - - - - - M V - - - - - -
Business profiles | - - - - - - - - M M - - - - - - -
Leads | - - - - V - - - M M - - - - - - -
Co-sell solutions | - - - - - - - - - - - M - - - - -
CRM connectors | - - - - - - - - - M - - - - - - -
Referral insights | - - - - - - - - - M - - - - - - -
**Incentives and payouts**
Enrol, edit programs, dispute payments | - - - - - - - - - - - - M - - - -
Programs, claims | M - - - - - - - - - - - M M - - -
Rebate and co-op earnings | - - - - - - - - - - - - M V - - -
Bank and tax details | M - - - - - M - - - - - M - - - -
Customer associations (partner of record) | M - M - - - - - - - - - M V - - -
Payments, transaction history, export | V - - - - - V - - - - - V V - - -
**Insights**
All reports incl. revenue and personal data | V - - V - - - V - - - - - - V - -
Reports without revenue and personal data | V - - V - - - V - - - - - - V V -
Downloads hub, sales advisor | - - - - - - - - - - - - - - V V -
**Help and support**
Own partner tickets: create, view | M M M M M M M M M M M - M M M M -
All partner service requests | - - - - - - - M - - - - - - - - -
Escalate | M - - M M M - - - - - - - - - - -
"""

PARTNER_WORKSPACES = {
    workspace
    for workspace in Workspace
    if workspace not in {Workspace.HOME, Workspace.MARKETPLACE, Workspace.OPERATOR, Workspace.CUSTOMER}
}


ELSEWHERE = {("Account settings", "Webhooks: registration, deliveries, test events"): {"GA", "BA", "AA", "SA", "HA"}}
"""Rows of the developer pages, not of the reference's matrix: who may change, by code; nobody may only see.

Source: partner-center-webhooks, appropriate roles.
"""


@pytest.mark.parametrize(("workspace", "title"), list(ELSEWHERE))
def test_the_cells_of_rows_from_elsewhere(workspace: str, title: str) -> None:
    [row] = [row for row in MATRIX if (row.workspace.value, row.title) == (workspace, title)]

    wanted = {ROLE_OF_CODE[code]: Access.MANAGE for code in ELSEWHERE[workspace, title]}
    assert dict(row.cells) == wanted


def reference_rows() -> list[tuple[str, str, list[str]]]:
    """Workspace, title and cells of each line of REFERENCE, in its order."""
    rows, workspace = [], ""
    for line in REFERENCE.strip().splitlines():
        if line.startswith("**"):
            workspace = line.strip("*")
        else:
            title, cells = line.split(" | ")
            rows.append((workspace, title, cells.split()))
    return rows


def test_the_partner_rows_are_those_of_the_reference_in_its_order() -> None:
    ours = [(row.workspace.value, row.title) for row in MATRIX if row.workspace in PARTNER_WORKSPACES]

    named = [(workspace, title) for workspace, title, _ in reference_rows()]
    assert [row for row in ours if row not in ELSEWHERE] == named
    assert len(named) == 101
    assert set(ours) - set(named) == set(ELSEWHERE)


@pytest.mark.parametrize(("workspace", "title", "cells"), reference_rows())
def test_every_cell_is_that_of_the_reference(workspace: str, title: str, cells: list[str]) -> None:
    [row] = [row for row in MATRIX if (row.workspace.value, row.title) == (workspace, title)]

    assert [row.access_of(ROLE_OF_CODE[code]).value or "-" for code in COLUMNS] == cells


def test_only_the_security_alerts_give_a_partner_row_to_a_role_outside_the_reference() -> None:
    columns = {ROLE_OF_CODE[code] for code in COLUMNS}
    beyond = {
        (row.key, role, access)
        for row in MATRIX
        if row.workspace in PARTNER_WORKSPACES
        for role, access in row.cells.items()
        if role not in columns
    }

    assert beyond == {(SECURITY_ALERTS.key, Role.SECURITY_CONTACT, Access.VIEW)}


def test_keys_are_unique_and_every_row_is_found_by_its_key() -> None:
    assert len(FUNCTION_OF_KEY) == len(MATRIX)
    assert FUNCTION_OF_KEY["customers"] is CUSTOMERS


def test_the_package_names_every_row() -> None:
    """Use cases import rows from the package; a row of ``matrix/`` that it does not name could not be asked for."""
    assert {vars(permissions)[name] for name in permissions.__all__ if name.lower() in FUNCTION_OF_KEY} == set(MATRIX)


def test_a_permission_is_written_as_function_and_verb() -> None:
    assert str(CUSTOMERS.read) == "customers:read"
    assert str(CUSTOMERS.write) == "customers:write"


@pytest.mark.parametrize(
    ("roles", "function", "read", "write"),
    [
        ([], OWN_PROFILE, False, False),
        ([Role.DEFAULT_USER], OWN_PROFILE, True, True),
        ([Role.DEFAULT_USER], CUSTOMERS, False, False),
        ([Role.HELPDESK_AGENT], CUSTOMERS, True, False),
        ([Role.ADMIN_AGENT], CUSTOMERS, True, True),
        ([Role.HELPDESK_AGENT, Role.SALES_AGENT], ORDERS_PLACE, True, True),
        ([Role.GLOBAL_ADMIN], ACTIVITY_LOG, False, False),
        ([Role.ADMIN_AGENT], RESELLER_RELATIONSHIP_REMOVE, False, False),
        ([Role.MARKETPLACE_MARKETER], OFFERS, False, False),
        ([Role.GLOBAL_ADMIN], OFFERS, False, False),
        ([Role.OPERATOR_SUPPORT], OPERATOR_ACCOUNTS, True, False),
        ([Role.CUSTOMER_GLOBAL_ADMIN], CUSTOMERS, False, False),
    ],
)
def test_what_roles_may(roles: list[Role], function: Function, read: bool, write: bool) -> None:
    assert (allowed(roles, function.read), allowed(roles, function.write)) == (read, write)


def test_roles_add_up() -> None:
    both = permissions_of([Role.SALES_AGENT, Role.BILLING_ADMIN])

    assert both == permissions_of([Role.SALES_AGENT]) | permissions_of([Role.BILLING_ADMIN])
    assert permissions_of([]) == frozenset()


def test_a_refusal_can_name_the_roles_that_would_do() -> None:
    assert roles_that_allow(ORDERS_PLACE.write) == (Role.GLOBAL_ADMIN, Role.ADMIN_AGENT, Role.SALES_AGENT)
    assert roles_that_allow(SECURITY_ALERTS.read) == (Role.ADMIN_AGENT, Role.SECURITY_CONTACT)


@pytest.mark.parametrize(
    ("role", "grantors"),
    [
        (Role.GLOBAL_ADMIN, {Role.GLOBAL_ADMIN}),
        (Role.USER_ADMIN, {Role.GLOBAL_ADMIN}),
        (Role.ADMIN_AGENT, {Role.GLOBAL_ADMIN, Role.USER_ADMIN}),
        (Role.BILLING_ADMIN, {Role.GLOBAL_ADMIN, Role.USER_ADMIN}),
        (Role.REFERRALS_USER, {Role.GLOBAL_ADMIN, Role.ACCOUNT_ADMIN}),
        (Role.COMPLIANCE_ADMIN, {Role.GLOBAL_ADMIN}),
        (Role.MARKETPLACE_OWNER, {Role.MARKETPLACE_OWNER}),
        (Role.OPERATOR_BILLING, {Role.OPERATOR_ADMIN}),
        (Role.DEFAULT_USER, set()),
    ],
)
def test_who_grants_a_role(role: Role, grantors: set[Role]) -> None:
    assert who_can_grant(role) == grantors


def test_each_role_is_described_once() -> None:
    assert list(ROLE_INFO) == list(Role)
    assert len(ROLE_OF_CODE) == len(Role)


def test_where_roles_are_kept() -> None:
    agents = {ROLE_INFO[role].kept_as for role in Role if ROLE_INFO[role].store is RoleStore.SECURITY_GROUP}
    guests = {ROLE_INFO[role].code for role in Role if ROLE_INFO[role].guests}
    by_location = {ROLE_INFO[role].code for role in Role if ROLE_INFO[role].by_location}

    assert agents == {"AdminAgents", "SalesAgents", "HelpdeskAgents"}
    assert ROLE_INFO[Role.GLOBAL_ADMIN].kept_as == "62e90394-69f5-4237-9190-012177145e10"
    assert ROLE_INFO[Role.USER_ADMIN].kept_as == "fe930be7-5e62-47db-91af-98c3a49a38b1"
    assert ROLE_INFO[Role.BILLING_ADMIN].kept_as == "b0f54661-2d74-4c50-afa3-1ec803f12efe"
    assert guests == {"PA", "BPA", "RA"}
    assert by_location == {"PA", "RA", "RU", "IA", "IU", "ERV", "RV"}
