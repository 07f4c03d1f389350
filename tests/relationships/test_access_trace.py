"""Who can do what for a customer, by which path, and why somebody cannot."""

import re
from datetime import timedelta
from html import unescape

import pytest

from openpartner.customers.models import Customer
from openpartner.identity import service as identity
from openpartner.identity.queries.delegation import AccessGap
from openpartner.platform.actor import Actor
from openpartner.platform.directory_access import DirectoryAction
from openpartner.platform.errors import NotFound
from openpartner.relationships import service
from openpartner.relationships.queries import tracing
from openpartner.relationships.queries.tracing import Hindrance, Trace
from tests.support.browser import browser
from tests.support.granting import HELPDESK, READERS, USERS, Grants
from tests.support.lab import Lab


@pytest.fixture
def grants(lab: Lab) -> Grants:
    return Grants(lab)


def trace(grants: Grants, person: Actor, action: DirectoryAction | None = None) -> Trace:
    assert person.principal_id is not None
    with grants.lab.read(grants.agent) as uow:
        return tracing.trace_access(uow, person.principal_id, grants.customer.id, action)


def test_without_a_relationship_nobody_can(grants: Grants) -> None:
    answer = trace(grants, grants.worker)

    assert (answer.allowed, answer.gap, answer.paths) == (False, AccessGap.NO_RELATIONSHIP, ())


def test_a_path_that_carries_names_every_step(grants: Grants) -> None:
    key = grants.active("Support")
    with grants.lab.begin() as uow:
        outer = identity.create_group(uow, grants.partner.id, "Everyone in support")
        identity.add_group_member(uow, outer.id, grants.group)
    grants.assign(key, HELPDESK, group=outer.id)
    grants.settle()

    answer = trace(grants, grants.worker, DirectoryAction.PASSWORDS_RESET)

    assert (answer.allowed, answer.kind, answer.gap) == (True, "gdap", None)
    [path] = answer.paths
    assert path.chain == ("Helpdesk team", "Everyone in support")
    assert (path.roles, path.hindrance) == (frozenset({HELPDESK}), None)


@pytest.mark.parametrize(
    ("case", "gap", "hindrance"),
    [
        ("not a member", AccessGap.NO_ASSIGNMENT, Hindrance.MEMBERSHIP),
        ("role not enough", AccessGap.ROLE, Hindrance.ROLE),
        ("assignment removed", AccessGap.NO_RELATIONSHIP, Hindrance.ASSIGNMENT),
        ("relationship terminated", AccessGap.NO_RELATIONSHIP, Hindrance.RELATIONSHIP),
        ("relationship expired", AccessGap.ENDED, Hindrance.RELATIONSHIP),
        ("customer forbids", AccessGap.NO_RELATIONSHIP, Hindrance.CONSTRAINT),
    ],
)
def test_what_is_in_the_way(grants: Grants, case: str, gap: AccessGap, hindrance: Hindrance) -> None:
    key = grants.active("Support", duration="P30D")
    assignment_id = grants.assign(key, HELPDESK)
    grants.settle()
    person = grants.agent if case == "not a member" else grants.worker
    action = DirectoryAction.ROLES_ASSIGN if case == "role not enough" else DirectoryAction.PASSWORDS_RESET
    if case == "assignment removed":
        with grants.lab.begin(grants.agent) as uow:
            service.delete_access_assignment(uow, key, assignment_id)
    if case == "relationship terminated":
        grants.terminate(key)
    if case == "relationship expired":
        grants.lab.set_clock(grants.lab.now + timedelta(days=31))
    if case == "customer forbids":
        with grants.lab.begin(grants.admin) as uow:
            service.set_service_provider_constraints(uow, grants.partner.id, frozenset({USERS}))

    answer = trace(grants, person, action)

    assert not answer.allowed
    if case != "relationship expired":  # no job has run: the row still says active, the access is over all the same
        assert [path.hindrance for path in answer.paths] == [hindrance]
    assert answer.gap is gap


def test_everybody_with_access_is_listed_with_what_gives_it(grants: Grants) -> None:
    first, second = grants.active("First"), grants.active("Second")
    other, _ = grants.new_group("Second line", "expert")
    grants.assign(first, HELPDESK)
    grants.assign(second, READERS, group=other)
    with grants.lab.begin() as uow:
        assert grants.worker.principal_id is not None
        identity.add_group_member(uow, other, grants.worker.principal_id)
    grants.settle()

    with grants.lab.read(grants.agent) as uow:
        people = tracing.people_with_access(uow, grants.customer.id)

    found = {reach.user.id: reach for reach in people}
    assert len(found) == 2
    worker = found[grants.worker.principal_id]
    assert worker.roles == {HELPDESK, READERS}
    assert worker.groups == {"Helpdesk team", "Second line"}
    assert worker.relationships == {"First", "Second"}


def test_people_of_another_partner_are_not_traced(lab: Lab, grants: Grants) -> None:
    stranger = lab.user(lab.partner("Other"))

    with pytest.raises(NotFound):
        trace(grants, stranger)


def test_the_tab_answers_for_a_person_and_a_task(lab: Lab, grants: Grants) -> None:
    with lab.begin() as uow:
        uow.db.add(
            Customer(
                commerce_id=uow.ids.uuid(),
                partner_id=grants.partner.id,
                tenant_id=grants.customer.id,
                since_at=uow.now,
                company_name="Adventure Works",
                name_key="adventure works",
                domain=grants.customer.default_domain,
                country="US",
            )
        )
    key = grants.active("Support")
    grants.assign(key, HELPDESK)
    grants.settle()
    pages = browser(lab, grants.agent)
    tab = f"/customers/{grants.customer.id}/access-trace"

    yes = pages.get(f"{tab}?person={grants.worker.name}&task=passwords_reset")
    no = pages.get(f"{tab}?person={grants.worker.name}&task=roles_assign")
    nobody = pages.get(f"{tab}?person=nobody")

    assert (yes.status_code, no.status_code, nobody.status_code) == (200, 200, 200)
    assert re.search(r"can do this here: reset passwords of users", unescape(yes.text))
    assert "cannot do this here" in unescape(no.text)
    assert "Privileged Role Administrator" in no.text
    assert "Nobody of yours has that name" in nobody.text
