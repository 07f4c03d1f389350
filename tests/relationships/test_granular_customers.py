"""What customers bring and take along: the default relationship, entries in their tenant, constraints, resellers, DAP.

Source: gdap §2.1, §2.7, §12, §13.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from openpartner.customers import service as customers
from openpartner.customers.rules import NewCustomer
from openpartner.customers.service.creation import enter_relationship
from openpartner.identity import queries as directory
from openpartner.identity import service as identity
from openpartner.identity.models import Group, Tenant
from openpartner.identity.resources import GDAP_FIRST_PARTY, GDAP_OFFLINE_PROCESSOR
from openpartner.partner.rules import PartnerKind
from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.addresses import Address
from openpartner.platform.due import DueWork
from openpartner.platform.errors import DomainError
from openpartner.platform.permissions import Role
from openpartner.relationships import queries, service
from openpartner.relationships.models.granular import AdminRelationship, AdminRelationshipRole
from openpartner.relationships.queries import RelationshipUnknown
from openpartner.relationships.rules.granular import NotYours, StatusForbids
from openpartner.relationships.rules.granular_consent import (
    AlreadyReviewed,
    OwnAdministratorNeeded,
    PartnerUnknown,
    ResellerMissing,
    ReviewPending,
    RoleNotAllowed,
)
from openpartner.relationships.rules.granular_terms import RoleUnknown, TermsChange
from openpartner.relationships.rules.requests import RequestAction
from tests.support import scene
from tests.support.granting import GLOBAL, HELPDESK, READERS, USERS, Grants
from tests.support.lab import Lab


def refused(grants: Grants, kind: type[DomainError], act: Callable[[], Any]) -> DomainError:
    """``act`` is refused so, and nothing changed and nothing was said."""

    def attempt() -> DomainError:
        with pytest.raises(kind) as error:
            act()
        return error.value

    answer: DomainError = grants.lab.nothing_changed(attempt)
    return answer


def new_customer(name: str = "Relecloud") -> NewCustomer:
    address = Address(
        country="US",
        address_line1="One Microsoft Way",
        city="Redmond",
        state="WA",
        postal_code="98052",
        first_name="Gena",
        last_name="Soto",
        phone_number="4255550101",
    )
    return NewCustomer(
        domain=f"{name.lower()}.onmicrosoft.com",
        company_name=name,
        email="gena@example.com",
        culture="en-US",
        language="en",
        address=address,
    )


# --- the default relationship


def seller(lab: Lab, kind: PartnerKind, name: str = "Contoso Partner") -> tuple[Tenant, Actor]:
    with lab.begin() as uow:
        identity.install_well_known_applications(uow)
        tenant = scene.tenant(uow, TenantKind.PARTNER, name)
        scene.account(uow, tenant, kind=kind)
    return tenant, lab.user(tenant, Role.GLOBAL_ADMIN, Role.ADMIN_AGENT)


def relationships(lab: Lab, actor: Actor) -> list[queries.RelationshipRow]:
    with lab.read(actor) as uow:
        return list(queries.page_of_relationships(uow, queries.Criteria(), 100).rows)


@pytest.mark.parametrize("wanted", [True, False])
def test_a_new_customer_brings_a_relationship_without_groups(lab: Lab, wanted: bool) -> None:
    tenant, agent = seller(lab, PartnerKind.DIRECT_BILL)
    with lab.begin(agent) as uow:
        made = customers.create_customer(uow, new_customer(), gdap_by_default=wanted)
    lab.advance(timedelta(0))
    found = relationships(lab, agent)
    if not wanted:
        assert found == []
        return
    (row,) = found
    assert (row.status, row.partner_id, row.customer_id) == ("active", tenant.id, made.customer.tenant_id)
    assert (row.display_name, row.is_default) == (f"Default_Relecloud_{made.customer.tenant_id.hex[:8]}", True)
    assert (row.duration, row.auto_extend_duration, row.approved_by) == ("P2Y", "PT0S", "Partner")
    assert row.end_at == lab.now + timedelta(days=730)
    assert len(row.roles) == 11
    assert GLOBAL not in row.roles
    with lab.read(agent) as uow:
        assert queries.assignments_of(uow, queries.one_relationship(uow, row.id)) == []
    assert [mail.subject for mail in lab.mails() if mail.topic.startswith("gdap")] == []
    assert lab.events("AdminRelationshipApproved")[-1]["data"]["approved_by"] == "Partner"


def test_a_resellers_customer_brings_one_to_each(lab: Lab) -> None:
    _, provider = seller(lab, PartnerKind.INDIRECT_PROVIDER, "Fabrikam")
    reseller_tenant, reseller = seller(lab, PartnerKind.INDIRECT_RESELLER, "Tailspin")
    with lab.begin() as uow:
        scene.partnership(uow, provider.tenant, reseller_tenant.id)
    with lab.begin(provider) as uow:
        customers.create_customer(uow, new_customer(), reseller_id=reseller_tenant.id, gdap_by_default=True)
    lab.advance(timedelta(0))
    (own,), (theirs,) = relationships(lab, provider), relationships(lab, reseller)
    assert (len(own.roles), len(theirs.roles)) == (11, 9)
    assert (own.kind, theirs.kind, theirs.partner_id) == ("granular", "granular", reseller_tenant.id)


def test_the_wire_brings_one_unless_it_says_no(lab: Lab) -> None:
    _, agent = seller(lab, PartnerKind.DIRECT_BILL)
    client = lab.client(agent)
    body = {
        "companyProfile": {"domain": "relecloud.onmicrosoft.com"},
        "billingProfile": {
            "culture": "en-US",
            "email": "gena@example.com",
            "language": "en",
            "companyName": "Relecloud",
            "defaultAddress": {
                "firstName": "Gena",
                "lastName": "Soto",
                "addressLine1": "One Microsoft Way",
                "city": "Redmond",
                "state": "WA",
                "postalCode": "98052",
                "country": "US",
                "phoneNumber": "4255550101",
            },
        },
    }
    assert client.post("/v1/customers", body).status_code == 201
    assert len(relationships(lab, agent)) == 1
    without = {
        **body,
        "companyProfile": {"domain": "fourthcoffee.onmicrosoft.com"},
        "enableGDAPByDefault": False,
    }
    assert client.post("/v1/customers", without).status_code == 201
    assert len(relationships(lab, agent)) == 1


# --- a customer that goes


def test_a_destroyed_customer_takes_everything_along(lab: Lab) -> None:
    tenant, agent = seller(lab, PartnerKind.DIRECT_BILL)
    with lab.begin(agent) as uow:
        made = customers.create_customer(uow, new_customer(), gdap_by_default=True)
    lab.advance(timedelta(0))
    (row,) = relationships(lab, agent)
    with lab.begin(agent) as uow:
        group = directory.group_by_name(uow, tenant.id, "AdminAgents")
        assert group is not None
        service.create_access_assignment(uow, row.id, group.id, frozenset(row.roles))
    lab.advance(timedelta(0))
    customer_id = made.customer.tenant_id
    assert agent.principal_id is not None
    with lab.read() as uow:
        assert directory.effective_roles(uow, agent.principal_id, customer_id) is not None
    with lab.begin(agent) as uow:
        customers.delete_customer(uow, customer_id)
    with lab.read() as uow:
        assert directory.effective_roles(uow, agent.principal_id, customer_id) is None
        assert uow.db.query(AdminRelationship).count() == 0
        assert uow.db.query(AdminRelationshipRole).count() == 0
        assert list(queries.cross_tenant_partners(uow, customer_id)) == []
        assert uow.db.query(DueWork).filter(DueWork.job.startswith("relationships.")).count() == 0
    assert lab.events("AdminRelationshipRemoved")[-1]["data"]["reason"] == "customer deleted"
    assert "DelegatedAccessClosed" in lab.kinds()


def test_ending_resale_leaves_granular_access_as_it_is(lab: Lab) -> None:
    _, agent = seller(lab, PartnerKind.DIRECT_BILL)
    with lab.begin(agent) as uow:
        made = customers.create_customer(uow, new_customer(), gdap_by_default=True)
    lab.advance(timedelta(0))
    with lab.begin(agent) as uow:
        customers.end_reseller_relationship(uow, made.customer.tenant_id)
    (row,) = relationships(lab, agent)
    assert row.status == "active"


# --- what stands in the customer's tenant


def entries(grants: Grants) -> tuple[list[UUID], set[UUID]]:
    with grants.lab.read() as uow:
        partners = [entry.partner_id for entry in queries.cross_tenant_partners(uow, grants.customer.id)]
        return partners, set(queries.delegation_principals(uow, grants.customer.id))


def test_entries_come_with_the_first_relationship_and_go_with_the_last(grants: Grants) -> None:
    assert entries(grants) == ([], set())
    first = grants.pending("First")
    grants.approve(first)
    assert entries(grants) == ([], set())
    grants.settle()
    both = {GDAP_FIRST_PARTY, GDAP_OFFLINE_PROCESSOR}
    assert entries(grants) == ([grants.partner.id], both)
    second = grants.active("Second")
    other = grants.lab.partner("Fabrikam")
    other_agent = grants.lab.user(other, Role.ADMIN_AGENT)
    third = grants.create("Third", by=other_agent)
    grants.order(third, RequestAction.LOCK_FOR_APPROVAL, by=other_agent)
    grants.approve(third)
    grants.settle()
    assert entries(grants) == (sorted([grants.partner.id, other.id]), both)
    for key in (first, second):
        grants.terminate(key)
        grants.settle()
    assert entries(grants) == ([other.id], both)
    grants.terminate(third, by=other_agent)
    grants.settle()
    assert entries(grants) == ([], {GDAP_FIRST_PARTY})


# --- service provider constraints


def allow(grants: Grants, *roles: UUID, by: Actor | None = None, partner: UUID | None = None) -> None:
    with grants.lab.begin(by or grants.admin) as uow:
        service.set_service_provider_constraints(uow, partner or grants.partner.id, frozenset(roles))


def test_a_role_outside_the_constraints_cannot_be_approved(grants: Grants) -> None:
    key = grants.pending()
    allow(grants, HELPDESK, READERS)
    answer = refused(grants, RoleNotAllowed, lambda: grants.approve(key))
    assert (answer.status, answer.code, answer.facts) == (403, "accessDenied", {"role": str(USERS)})
    allow(grants, HELPDESK, READERS, USERS)
    grants.approve(key)
    assert grants.status(key) == "approved"


def test_constraints_narrow_what_is_given_already_and_widen_it_again(grants: Grants) -> None:
    key = grants.active()
    grants.assign(key, HELPDESK, USERS)
    grants.settle()
    allow(grants, HELPDESK)
    assert grants.access() == {HELPDESK}
    fact = grants.lab.events("ServiceProviderConstraintsChanged")[-1]
    assert (fact["before"], fact["after"]) == (
        {"allowedRoleTemplateIds": []},
        {"allowedRoleTemplateIds": [str(HELPDESK)]},
    )
    allow(grants, READERS)
    assert grants.access() == frozenset()
    other, _ = grants.new_group("Other", "otto")
    refused(grants, RoleNotAllowed, lambda: grants.assign(key, HELPDESK, group=other))
    allow(grants)
    assert grants.access() == {HELPDESK, USERS}
    grants.lab.nothing_changed(lambda: allow(grants))
    with grants.lab.read() as uow:
        assert queries.service_provider_constraint(uow, grants.customer.id, grants.partner.id) is None


def test_an_assignment_of_which_nothing_is_allowed_any_more_fails(grants: Grants) -> None:
    key = grants.active()
    assignment = grants.assign(key, HELPDESK)
    allow(grants, READERS)
    grants.settle()
    row = grants.assignment(assignment)
    assert (row.status, grants.access()) == ("error", frozenset())
    assert row.problem == "The customer's service provider constraints allow none of its roles any more."
    with grants.lab.begin(grants.agent) as uow:
        service.delete_access_assignment(uow, key, assignment)
    grants.settle()
    assert grants.assignment(assignment).status == "deleted"


def test_who_says_what_may_be_held(grants: Grants) -> None:
    clerk = grants.lab.user(grants.customer, Role.CUSTOMER_BILLING_ADMIN)
    assert refused(grants, DomainError, lambda: allow(grants, HELPDESK, by=clerk)).status == 403
    assert refused(grants, DomainError, lambda: allow(grants, HELPDESK, by=grants.agent)).status == 403
    refused(grants, RoleUnknown, lambda: allow(grants, UUID(int=9)))
    for nobody in (UUID(int=4), grants.customer.id):
        answer = refused(grants, PartnerUnknown, lambda nobody=nobody: allow(grants, HELPDESK, partner=nobody))  # type: ignore[misc]
        assert answer.status == 404
    inside = Actor(
        kind=grants.agent.kind,
        tenant_id=grants.customer.id,
        tenant_kind=TenantKind.CUSTOMER,
        principal_id=grants.agent.principal_id,
        roles=frozenset({Role.CUSTOMER_GLOBAL_ADMIN}),
    )
    refused(grants, OwnAdministratorNeeded, lambda: allow(grants, HELPDESK, by=inside))


# --- indirect resellers


class Chain:
    """An indirect provider, its reseller and their customer."""

    def __init__(self, lab: Lab) -> None:
        self.grants = Grants(lab)  # its partner is the reseller
        with lab.begin() as uow:
            provider = scene.tenant(uow, TenantKind.PARTNER, "Fabrikam")
            scene.account(uow, provider, kind=PartnerKind.INDIRECT_PROVIDER)
            enter_relationship(
                uow, new_customer("Adventure"), self.grants.customer.id, provider.id, self.grants.partner.id
            )
        self.provider = lab.user(provider, Role.ADMIN_AGENT, name="pia")

    def create(self) -> str:
        return self.grants.create(by=self.provider, for_reseller=True)

    def order(self, key: str, action: RequestAction, by: Actor) -> None:
        self.grants.order(key, action, by=by)


@pytest.fixture
def chain(lab: Lab) -> Chain:
    return Chain(lab)


def test_a_provider_asks_in_its_resellers_name(chain: Chain) -> None:
    grants = chain.grants
    key = chain.create()
    row = grants.row(key)
    assert row is not None
    assert (row.kind, row.partner_id, row.indirect_provider_id) == (
        "reseller",
        grants.partner.id,
        chain.provider.tenant_id,
    )
    assert key.endswith(str(grants.partner.id))
    assert row.is_partner_consent_pending
    # A draft is the provider's alone
    with grants.lab.read(grants.agent) as uow, pytest.raises(RelationshipUnknown):
        queries.one_relationship(uow, key)
    assert relationships(grants.lab, grants.agent) == []
    chain.order(key, RequestAction.LOCK_FOR_APPROVAL, chain.provider)
    refused(grants, ReviewPending, lambda: grants.approve(key))
    refused(grants, NotYours, lambda: chain.order(key, RequestAction.APPROVE, chain.provider))
    chain.order(key, RequestAction.APPROVE, grants.agent)
    row = grants.row(key)
    assert row is not None
    assert (row.status, row.is_partner_consent_pending) == ("approvalPending", False)
    refused(grants, AlreadyReviewed, lambda: chain.order(key, RequestAction.APPROVE, grants.agent))
    grants.approve(key)
    grants.settle()
    assert grants.status(key) == "active"
    grants.assign(key)
    grants.settle()
    assert grants.access() == {HELPDESK}
    assert [row.id for row in relationships(grants.lab, chain.provider)] == [key]
    assert [row.id for row in relationships(grants.lab, grants.agent)] == [key]
    recipients = {mail.recipient for mail in grants.lab.mails() if mail.topic == "gdap.approved"}
    assert recipients == {grants.agent.name, chain.provider.name, grants.admin.name}
    chain.order(key, RequestAction.TERMINATE, chain.provider)
    assert (grants.status(key), grants.access()) == ("terminationRequested", frozenset())
    grants.settle()
    assert [side for _, _, side in grants.requests(key)] == ["partner", "reseller", "customer", "partner"]


def test_a_reseller_refuses(chain: Chain) -> None:
    grants, key = chain.grants, chain.create()
    chain.order(key, RequestAction.LOCK_FOR_APPROVAL, chain.provider)
    chain.order(key, RequestAction.REJECT, grants.agent)
    row = grants.row(key)
    assert row is not None
    assert (row.status, row.is_partner_consent_pending) == ("terminated", False)
    assert grants.lab.events("AdminRelationshipRejected")[-1]["data"]["rejected_by"] == "Reseller"
    refused(grants, StatusForbids, lambda: grants.approve(key))


def test_a_provider_asks_only_for_customers_it_has_through_a_reseller(chain: Chain) -> None:
    grants = chain.grants
    refused(grants, ResellerMissing, lambda: grants.create(by=chain.provider, for_reseller=True, customer_id=None))
    other, _ = grants.new_customer("Fourth Coffee")
    with grants.lab.begin() as uow:
        enter_relationship(uow, new_customer("Fourth"), other.id, chain.provider.tenant, None)
    refused(grants, ResellerMissing, lambda: grants.create(by=chain.provider, for_reseller=True, customer_id=other.id))
    key = chain.create()

    def change(customer_id: UUID | None) -> None:
        with grants.lab.begin(chain.provider) as uow:
            service.update_admin_relationship(uow, key, TermsChange(customer_id=customer_id))

    refused(grants, ResellerMissing, lambda: change(other.id))
    refused(grants, ResellerMissing, lambda: change(None))


# --- the older, undivided access


@pytest.mark.parametrize(
    ("groups", "dap", "gdap", "roles"),
    [
        ({"AdminAgents"}, True, False, {GLOBAL}),
        ({"AdminAgents"}, True, True, {GLOBAL}),
        ({"AdminAgents"}, False, True, set()),
        ({"AdminAgents", "Helpdesk team"}, True, False, {GLOBAL}),
        ({"AdminAgents", "Helpdesk team"}, True, True, {HELPDESK}),
        ({"AdminAgents", "Helpdesk team"}, False, True, {HELPDESK}),
        ({"Helpdesk team"}, True, False, set()),
        ({"Helpdesk team"}, True, True, {HELPDESK}),
        ({"Helpdesk team"}, False, True, {HELPDESK}),
    ],
)
def test_where_granular_access_applies_it_alone_counts(
    grants: Grants, groups: set[str], dap: bool, gdap: bool, roles: set[UUID]
) -> None:
    worker = grants.lab.user(grants.partner, name="wanda")
    assert worker.principal_id is not None
    with grants.lab.begin() as uow:
        for group in uow.db.query(Group).filter(Group.tenant_id == grants.partner.id, Group.display_name.in_(groups)):
            identity.add_group_member(uow, group.id, worker.principal_id)
        agents = directory.group_by_name(uow, grants.partner.id, "AdminAgents")
        assert agents is not None
        if dap:
            identity.open_delegated_access(
                uow,
                source_id=UUID(int=77),
                kind="dap",
                customer_tenant_id=grants.customer.id,
                group_id=agents.id,
                roles=[GLOBAL],
                until_at=None,
            )
    if gdap:
        grants.assign(grants.active())
        grants.settle()
    assert grants.access(worker) == roles
