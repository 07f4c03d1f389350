"""A granular relationship from its draft to its end, on both databases. Source: gdap §3, §5, §7, §8, §16."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from openpartner.identity.resources import GRAPH_COMMAND_LINE
from openpartner.platform import due
from openpartner.platform.actor import NOBODY, Actor, TenantKind
from openpartner.platform.errors import DomainError, PreconditionFailed, Unauthenticated
from openpartner.platform.graph.answers import weak_etag
from openpartner.platform.permissions import Role
from openpartner.relationships import queries, service
from openpartner.relationships.queries import NamedForAnother, RelationshipUnknown
from openpartner.relationships.rules.granular import NotYours, StatusForbids
from openpartner.relationships.rules.granular_consent import CustomerRefused, OwnAdministratorNeeded
from openpartner.relationships.rules.granular_terms import (
    DurationRefused,
    GlobalAdministratorExtends,
    NameTaken,
    TermsChange,
)
from openpartner.relationships.rules.requests import RequestAction
from tests.support import scene
from tests.support.granting import GLOBAL, HELPDESK, READERS, ROLES, USERS, Grants

DAY = timedelta(days=1)


def refused(grants: Grants, kind: type[DomainError], act: Callable[[], Any]) -> DomainError:
    """``act`` is refused so, and nothing changed and nothing was said."""

    def attempt() -> DomainError:
        with pytest.raises(kind) as error:
            act()
        return error.value

    answer: DomainError = grants.lab.nothing_changed(attempt)
    return answer


def update(grants: Grants, key: str, etag: str | None = None, **change: Any) -> Any:
    with grants.lab.begin(grants.agent) as uow:
        return service.update_admin_relationship(uow, key, TermsChange(**change), etag=etag)


# --- drafts


def test_a_draft_says_what_was_asked_for(grants: Grants) -> None:
    key = grants.create(auto_extend_duration="180 days, 0:00:00", duration="P2Y")
    row = grants.row(key)
    assert row is not None
    assert key == f"{key[:36]}-{grants.partner.id}"
    assert (row.display_name, row.duration, row.duration_days) == ("Support for Adventure Works", "P2Y", 730)
    assert (row.auto_extend_duration, row.extends) == ("P180D", True)
    assert (row.customer_id, row.customer_name) == (grants.customer.id, "Adventure Works")
    assert (row.status, row.created_at, row.modified_at) == ("created", grants.lab.now, grants.lab.now)
    assert (row.activated_at, row.end_at, row.locked_at) == (None, None, None)
    assert grants.roles_of(key) == ROLES
    fact = grants.lab.events("AdminRelationshipCreated")[-1]
    assert (fact["resourceType"], fact["resourceId"]) == ("granular_admin_relationship", key)
    assert fact["after"] == {
        "displayName": "Support for Adventure Works",
        "customer": str(grants.customer.id),
        "duration": "P2Y",
        "autoExtendDuration": "P180D",
        "roles": [str(each) for each in sorted(ROLES)],
        "status": "created",
    }
    assert grants.lab.mails() == []


def test_a_name_is_taken_once_per_partner_whatever_its_case(grants: Grants) -> None:
    key = grants.create("Support")
    answer = refused(grants, NameTaken, lambda: grants.create("SUPPORT"))
    assert (answer.status, answer.code) == (409, "conflict")
    other = grants.lab.partner("Fabrikam")
    grants.create("Support", by=grants.lab.user(other, Role.ADMIN_AGENT))
    second = grants.create("Second")
    refused(grants, NameTaken, lambda: update(grants, second, display_name="support"))
    update(grants, key, display_name="SUPPORT")
    row = grants.row(key)
    assert row is not None
    assert row.display_name == "SUPPORT"


@pytest.mark.parametrize("which", ["unknown", "a partner"])
def test_only_a_customers_tenant_can_be_the_customer(grants: Grants, which: str) -> None:
    named = grants.partner.id if which == "a partner" else grants.group
    answer = refused(grants, CustomerRefused, lambda: grants.create(customer_id=named))
    assert (answer.status, answer.code) == (400, "badRequest")


@pytest.mark.parametrize("text", ["P0D", "P731D", "P3Y", "abc"])
def test_a_duration_that_is_refused_leaves_no_draft(grants: Grants, text: str) -> None:
    refused(grants, DurationRefused, lambda: grants.create(duration=text))


def test_who_may_draw_up_a_relationship(grants: Grants) -> None:
    for role in (Role.GLOBAL_ADMIN, Role.SALES_AGENT, Role.HELPDESK_AGENT):
        who = grants.lab.user(grants.partner, role)
        answer = refused(grants, DomainError, lambda who=who: grants.create(by=who))  # type: ignore[misc]
        assert answer.status == 403
    refused(grants, DomainError, lambda: grants.create(by=grants.admin))
    refused(grants, Unauthenticated, lambda: grants.create(by=NOBODY))


def test_a_draft_changes_and_goes_with_its_etag(grants: Grants) -> None:
    key = grants.create()
    row = grants.row(key)
    assert row is not None
    stale = weak_etag(key, row.version)
    changed = update(grants, key, stale, roles=frozenset({USERS, READERS}), duration="30 days, 0:00:00")
    assert changed.operation is None
    fresh = weak_etag(key, changed.relationship.version)
    assert fresh != stale
    assert grants.lab.events("AdminRelationshipUpdated")[-1]["after"] == {
        "duration": "P30D",
        "roles": [str(each) for each in sorted({USERS, READERS})],
    }
    answer = refused(grants, PreconditionFailed, lambda: update(grants, key, stale, display_name="Late"))
    assert (answer.status, answer.code) == (412, "preconditionFailed")

    def delete(etag: str | None) -> None:
        with grants.lab.begin(grants.agent) as uow:
            service.delete_admin_relationship(uow, key, etag=etag)

    refused(grants, PreconditionFailed, lambda: delete(stale))
    delete(fresh)
    assert grants.status(key) == "gone"
    answer = refused(grants, RelationshipUnknown, lambda: delete(None))
    assert (answer.status, answer.code) == (404, "itemNotFound")


def test_the_version_rises_with_roles_alone_within_one_instant(grants: Grants) -> None:
    key = grants.create()
    before = grants.row(key)
    update(grants, key, roles=frozenset({USERS}))
    after = grants.row(key)
    assert before is not None
    assert after is not None
    assert after.modified_at == before.modified_at
    assert after.version > before.version


def test_another_partners_relationship_does_not_exist(grants: Grants) -> None:
    key = grants.create()
    stranger = grants.lab.user(grants.lab.partner("Fabrikam"), Role.ADMIN_AGENT)
    for act in (
        lambda: grants.order(key, RequestAction.LOCK_FOR_APPROVAL, by=stranger),
        lambda: grants.terminate(key, by=stranger),
    ):
        answer = refused(grants, RelationshipUnknown, act)
        assert answer.status == 404
    with grants.lab.read(grants.admin) as uow, pytest.raises(RelationshipUnknown):
        queries.one_relationship(uow, key)  # a draft is nobody's business but the partner's


# --- asking and consenting


def test_locked_means_frozen(grants: Grants) -> None:
    key = grants.create()
    grants.lock(key)
    row = grants.row(key)
    assert row is not None
    assert (row.status, row.locked_at) == ("approvalPending", grants.lab.now)
    answer = refused(grants, StatusForbids, lambda: update(grants, key, display_name="Other"))
    assert (answer.status, answer.code) == (400, "badRequest")

    def delete() -> None:
        with grants.lab.begin(grants.agent) as uow:
            service.delete_admin_relationship(uow, key)

    refused(grants, StatusForbids, delete)
    refused(grants, StatusForbids, lambda: grants.lock(key))
    grants.settle()
    assert grants.requests(key) == [("lockForApproval", "succeeded", "partner")]
    assert grants.lab.mails() == []


def test_only_the_named_customer_approves(grants: Grants) -> None:
    key = grants.pending()
    _, stranger = grants.new_customer("Fourth Coffee")
    answer = refused(grants, NamedForAnother, lambda: grants.approve(key, by=stranger))
    assert (answer.status, answer.code) == (403, "accessDenied")
    with grants.lab.read(stranger) as uow, pytest.raises(RelationshipUnknown):
        queries.one_relationship(uow, key)
    grants.approve(key)
    assert grants.status(key) == "approved"


def test_who_opens_an_open_link_becomes_the_customer(grants: Grants) -> None:
    key = grants.pending(customer_id=None)
    tenant, admin = grants.new_customer("Fourth Coffee")
    with grants.lab.read(admin) as uow:
        assert queries.relationship_of_link(uow, key).display_name == "Support for Adventure Works"
    grants.approve(key, by=admin)
    row = grants.row(key)
    assert row is not None
    assert (row.customer_id, row.customer_name, row.approved_by) == (tenant.id, "Fourth Coffee", "Customer")
    answer = refused(grants, NamedForAnother, lambda: grants.approve(key))  # a link is good for one
    assert answer.status == 403


def test_a_draft_cannot_be_approved(grants: Grants) -> None:
    key = grants.create(customer_id=None)
    refused(grants, RelationshipUnknown, lambda: grants.approve(key))


def test_only_a_global_administrator_of_the_customers_own_approves(grants: Grants) -> None:
    key = grants.pending()
    clerk = grants.lab.user(grants.customer, Role.CUSTOMER_BILLING_ADMIN)
    assert refused(grants, DomainError, lambda: grants.approve(key, by=clerk)).status == 403
    # The partner's own agent in the customer's tenant, Global Administrator there by an earlier relationship
    agent_there = Actor(
        kind=grants.agent.kind,
        tenant_id=grants.customer.id,
        tenant_kind=TenantKind.CUSTOMER,
        principal_id=grants.agent.principal_id,
        name=grants.agent.name,
        roles=frozenset({Role.CUSTOMER_GLOBAL_ADMIN}),
        mfa=True,
    )
    refused(grants, OwnAdministratorNeeded, lambda: grants.approve(key, by=agent_there))

    def reject() -> None:
        with grants.lab.begin(agent_there) as uow:
            service.reject_admin_relationship(uow, key)

    refused(grants, OwnAdministratorNeeded, reject)
    with grants.lab.begin() as uow:
        robot = scene.app(uow, grants.customer, GRAPH_COMMAND_LINE)
    refused(grants, DomainError, lambda: grants.approve(key, by=robot))
    assert grants.status(key) == "approvalPending"


def test_a_partner_cannot_answer_for_the_customer(grants: Grants) -> None:
    key = grants.pending()
    for action in (RequestAction.APPROVE, RequestAction.REJECT):
        answer = refused(grants, NotYours, lambda action=action: grants.order(key, action))  # type: ignore[misc]
        assert (answer.status, answer.code) == (403, "accessDenied")


def test_approved_becomes_active_within_a_moment(grants: Grants) -> None:
    key = grants.pending(duration="P90D")
    grants.approve(key)
    assert grants.status(key) == "approved"
    grants.settle()
    row = grants.row(key)
    assert row is not None
    assert (row.status, row.activated_at) == ("active", grants.lab.now)
    assert row.end_at == grants.lab.now + timedelta(days=90)
    assert [fact["operationType"] for fact in grants.lab.events() if "Relationship" in fact["kind"]] == [
        "granular_admin_relationship_created",
        "granular_admin_relationship_approval_requested",
        "granular_admin_relationship_approved",
        "granular_admin_relationship_activating",
        "granular_admin_relationship_activated",
    ]
    approved = grants.lab.events("AdminRelationshipApproved")[-1]
    assert approved["data"]["approved_by"] == "Customer"
    assert approved["actor"]["name"] == grants.admin.name


def test_a_refusal_ends_it_at_once(grants: Grants) -> None:
    key = grants.pending()
    with grants.lab.begin(grants.admin) as uow:
        service.reject_admin_relationship(uow, key)
    row = grants.row(key)
    assert row is not None
    assert (row.status, row.end_at, row.activated_at) == ("terminated", None, None)
    refused(grants, StatusForbids, lambda: grants.approve(key))
    grants.settle()
    assert grants.requests(key) == [
        ("lockForApproval", "succeeded", "partner"),
        ("reject", "succeeded", "customer"),
    ]
    assert grants.lab.kinds()[-2:] == ["AdminRelationshipRejected", "AdminRelationshipTerminated"]


def test_a_partner_takes_its_request_back(grants: Grants) -> None:
    key = grants.pending()
    grants.terminate(key)
    assert grants.status(key) == "terminationRequested"
    refused(grants, StatusForbids, lambda: grants.approve(key))
    grants.settle()
    assert grants.status(key) == "terminated"


def test_what_nobody_answers_for_90_days_is_gone(grants: Grants) -> None:
    key = grants.pending()
    grants.lab.advance(90 * DAY - timedelta(seconds=1))
    assert grants.status(key) == "approvalPending"
    grants.lab.advance(timedelta(seconds=1))
    assert grants.status(key) == "gone"
    fact = grants.lab.events("AdminRelationshipRemoved")[-1]
    assert (fact["operationType"], fact["data"]["reason"]) == ("granular_admin_relationship_cleaned_up", "unanswered")
    refused(grants, RelationshipUnknown, lambda: grants.approve(key))
    assert grants.lab.mails() == []
    grants.create()  # the name is free again


# --- with a propagation delay


@pytest.fixture
def slow(grants: Grants) -> Grants:
    """A world in which a change takes five minutes to spread."""
    world = grants.lab.world
    object.__setattr__(world, "settings", msgspec.structs.replace(world.settings, gdap_propagation="PT5M"))
    return grants


def test_every_state_can_be_seen_where_changes_take_their_time(slow: Grants) -> None:
    key = slow.create()
    slow.lock(key)
    slow.settle()
    assert slow.requests(key) == [("lockForApproval", "pending", "partner")]
    slow.lab.advance(timedelta(minutes=5))
    assert slow.requests(key) == [("lockForApproval", "succeeded", "partner")]
    slow.approve(key)
    assert slow.status(key) == "approved"
    slow.settle()
    assert slow.status(key) == "activating"
    slow.lab.advance(timedelta(minutes=5))
    assert slow.status(key) == "active"
    began = slow.lab.now
    row = slow.row(key)
    assert row is not None
    assert row.activated_at == began

    assignment = slow.assign(key)
    slow.lab.advance(timedelta(minutes=4))
    assert (slow.assignment(assignment).status, slow.access()) == ("pending", frozenset())
    slow.lab.advance(timedelta(minutes=1))
    assert (slow.assignment(assignment).status, slow.access()) == ("active", {HELPDESK})

    slow.terminate(key)
    assert (slow.status(key), slow.access()) == ("terminationRequested", frozenset())
    slow.settle()
    assert (slow.status(key), slow.assignment(assignment).status) == ("terminating", "deleting")
    assert slow.requests(key)[-1] == ("terminate", "pending", "partner")
    slow.lab.advance(timedelta(minutes=5))
    assert (slow.status(key), slow.assignment(assignment).status) == ("terminated", "deleted")
    assert slow.requests(key)[-1] == ("terminate", "succeeded", "partner")


def test_expiry_takes_its_time_and_the_access_does_not(slow: Grants) -> None:
    key = slow.active(duration="P1D")
    slow.lab.advance(timedelta(minutes=5))
    assignment = slow.assign(key)
    slow.lab.advance(timedelta(minutes=5))
    row = slow.row(key)
    assert row is not None
    assert row.end_at is not None
    slow.lab.advance(row.end_at - slow.lab.now - timedelta(microseconds=1))
    assert slow.access() == {HELPDESK}
    slow.lab.set_clock(row.end_at)  # nobody has done what falls due
    assert (slow.status(key), slow.access()) == ("active", frozenset())
    slow.settle()
    assert (slow.status(key), slow.assignment(assignment).status) == ("expiring", "deleting")
    slow.lab.advance(timedelta(minutes=5))
    assert (slow.status(key), slow.assignment(assignment).status) == ("expired", "deleted")


# --- while active


def test_automatic_extension_is_switched(grants: Grants) -> None:
    key = grants.active()
    with grants.lab.begin(grants.agent) as uow:
        assert service.set_auto_extend(uow, key, on=True).extends
    fact = grants.lab.events("AdminRelationshipUpdated")[-1]
    assert (fact["before"], fact["after"]) == ({"autoExtendDuration": "PT0S"}, {"autoExtendDuration": "P180D"})
    with grants.lab.begin(grants.agent) as uow:
        assert not service.set_auto_extend(uow, key, on=False).extends
    refused(grants, DomainError, lambda: update(grants, key, duration="P1D"))
    nothing = grants.lab.nothing_changed(lambda: update(grants, key, auto_extend_duration="P0D"))
    assert nothing.operation is None


def test_global_administrator_goes_first_then_it_extends(grants: Grants) -> None:
    key = grants.active(roles=frozenset({GLOBAL, HELPDESK, USERS}))
    mixed = grants.assign(key, GLOBAL, HELPDESK)
    other, master = grants.new_group("Masters", "master")
    only = grants.assign(key, GLOBAL, group=other)
    grants.settle()
    assert (grants.access(), grants.access(master)) == ({GLOBAL, HELPDESK}, {GLOBAL})
    answer = refused(grants, GlobalAdministratorExtends, lambda: update(grants, key, auto_extend_duration="P180D"))
    assert (answer.status, answer.code) == (400, "badRequest")

    row = grants.row(key)
    assert row is not None
    etag = weak_etag(key, row.version)
    changed = update(grants, key, etag, roles=frozenset({HELPDESK, USERS}))
    operation = changed.operation
    assert operation is not None
    assert (operation.operation_type, operation.status) == ("delegatedAdminRelationshipUpdate", "notStarted")
    assert grants.roles_of(key) == {GLOBAL, HELPDESK, USERS}
    refused(grants, GlobalAdministratorExtends, lambda: update(grants, key, auto_extend_duration="P180D"))

    grants.settle()
    assert grants.operation(operation.id).status == "succeeded"
    assert grants.roles_of(key) == {HELPDESK, USERS}
    assert (grants.assignment(mixed).status, grants.access()) == ("active", {HELPDESK})
    assert (grants.assignment(only).status, grants.access(master)) == ("deleted", frozenset())
    refused(grants, PreconditionFailed, lambda: update(grants, key, etag, auto_extend_duration="P180D"))
    row = grants.row(key)
    assert row is not None
    update(grants, key, weak_etag(key, row.version), auto_extend_duration="P180D")
    assert grants.access() == {HELPDESK}


def test_dropping_global_administrator_by_name(grants: Grants) -> None:
    key = grants.active(roles=frozenset({GLOBAL, HELPDESK}))
    with grants.lab.begin(grants.agent) as uow:
        assert service.drop_global_administrator(uow, key) is not None
    grants.settle()
    assert grants.roles_of(key) == {HELPDESK}
    with grants.lab.begin(grants.agent) as uow:
        assert service.drop_global_administrator(uow, key) is None


# --- the end


def test_the_customer_takes_the_roles_back(grants: Grants) -> None:
    key = grants.active()
    assignment = grants.assign(key)
    grants.settle()
    grants.lab.advance(10 * DAY)
    with grants.lab.begin(grants.admin) as uow:
        service.terminate_admin_relationship(uow, key)
    row = grants.row(key)
    assert row is not None
    assert (row.status, row.end_at, grants.access()) == ("terminationRequested", grants.lab.now, frozenset())
    requested = grants.lab.events("AdminRelationshipTerminationRequested")[-1]
    assert (requested["data"]["requested_by"], requested["actor"]["name"]) == ("Customer", grants.admin.name)
    grants.settle()
    assert (grants.status(key), grants.assignment(assignment).status) == ("terminated", "deleted")
    assert grants.requests(key)[-1] == ("terminate", "succeeded", "customer")
    refused(grants, StatusForbids, lambda: grants.terminate(key))
    _, stranger = grants.new_customer("Fourth Coffee")

    def elsewhere() -> None:
        with grants.lab.begin(stranger) as uow:
            service.terminate_admin_relationship(uow, key)

    refused(grants, RelationshipUnknown, elsewhere)


def test_an_ended_relationship_is_kept_for_a_year(grants: Grants) -> None:
    key = grants.active(duration="P1D")
    grants.assign(key)
    grants.settle()
    grants.lab.advance(DAY)
    assert grants.status(key) == "expired"
    refused(grants, NameTaken, grants.create)
    grants.lab.advance(365 * DAY - timedelta(seconds=1))
    assert grants.status(key) == "expired"
    grants.lab.advance(timedelta(seconds=1))
    assert grants.status(key) == "gone"
    assert grants.lab.events("AdminRelationshipRemoved")[-1]["data"]["reason"] == "ended a year ago"
    grants.create()


def test_extension_goes_on_for_ever_without_a_gap(grants: Grants) -> None:
    key = grants.active(duration="P30D", auto_extend_duration="P180D")
    grants.assign(key)
    grants.settle()
    began = grants.lab.now
    grants.lab.advance(29 * DAY)
    ends = []
    for _ in range(3):
        row = grants.row(key)
        assert row is not None
        assert row.end_at is not None
        ends.append((row.end_at - began).days)
        grants.lab.set_clock(row.end_at + DAY)  # even when nobody has done what fell due
        assert grants.access() == {HELPDESK}
        due.run_due(grants.lab.world, grants.lab.now)
    assert ends == [210, 390, 570]
    assert grants.status(key) == "active"
    assert len(grants.lab.events("AdminRelationshipExtended")) == 4
    assert grants.lab.events("AdminRelationshipExtended")[0]["operationType"] == (
        "granular_admin_relationship_autoextended"
    )


def test_switched_off_on_the_last_day_it_ends_all_the_same(grants: Grants) -> None:
    key = grants.active(duration="P30D", auto_extend_duration="P180D")
    grants.assign(key)
    grants.settle()
    grants.lab.advance(28 * DAY)
    with grants.lab.begin(grants.agent) as uow:
        service.set_auto_extend(uow, key, on=False)
    grants.lab.advance(2 * DAY)
    assert (grants.status(key), grants.access()) == ("expired", frozenset())


def test_switched_on_within_the_last_day_it_is_extended_at_once(grants: Grants) -> None:
    key = grants.active(duration="P30D")
    grants.lab.advance(29 * DAY + timedelta(hours=12))
    with grants.lab.begin(grants.agent) as uow:
        service.set_auto_extend(uow, key, on=True)
    before = grants.row(key)
    grants.settle()
    after = grants.row(key)
    assert before is not None
    assert before.end_at is not None
    assert after is not None
    assert after.end_at == before.end_at + timedelta(days=180)
    assert grants.lab.events("AdminRelationshipExtended")[-1]["at"] == _instant(grants)


def _instant(grants: Grants) -> str:
    return grants.lab.now.isoformat().replace("+00:00", "Z")
