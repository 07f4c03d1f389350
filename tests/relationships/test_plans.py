"""Bulk plans: rehearsed, applied row by row, interrupted and gone on with; nothing is skipped silently."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from openpartner.customers.models import Customer
from openpartner.identity import service as identity
from openpartner.identity.models import Tenant
from openpartner.platform import due
from openpartner.platform.actor import TenantKind
from openpartner.platform.permissions import Role
from openpartner.platform.search.text import fold
from openpartner.relationships.models.granular import AdminRelationship
from openpartner.relationships.models.plans import BulkPlan, BulkPlanRow
from openpartner.relationships.queries import plans
from openpartner.relationships.rules.plans import (
    LONGEST_PREFIX,
    PLAN_TRANSITIONS,
    NoCustomers,
    PlanAction,
    PlanForbids,
    PlanState,
    PrefixRefused,
    RowState,
    Template,
    after_plan,
    check_template,
)
from openpartner.relationships.service import plans as service
from tests.support.browser import browser
from tests.support.granting import GLOBAL, HELPDESK, READERS, Grants
from tests.support.lab import Lab

ROOT = "/granular-administration/plans"


def template(**changes: Any) -> Template:
    members: dict[str, Any] = {
        "prefix": "Support",
        "duration": "P365D",
        "auto_extend_duration": "PT0S",
        "roles": [HELPDESK, READERS],
    }
    return Template(**{**members, **changes})


def customers(grants: Grants, count: int) -> list[Tenant]:
    """Customers the partner resells to, each with an administrator."""
    made = [grants.customer, *(grants.new_customer(f"Customer {n:02}")[0] for n in range(1, count))]
    with grants.lab.begin() as uow:
        for tenant in made:
            uow.db.add(
                Customer(
                    commerce_id=uow.ids.uuid(),
                    partner_id=grants.partner.id,
                    tenant_id=tenant.id,
                    since_at=uow.now,
                    company_name=tenant.name,
                    name_key=fold(tenant.name),
                    domain=tenant.default_domain,
                    country="US",
                )
            )
    return made


def draw_up(grants: Grants, wanted: Template | None = None, **how: Any) -> UUID:
    with grants.lab.begin(grants.agent) as uow:
        return service.create_plan(uow, wanted or template(), **how).id


def move(grants: Grants, plan_id: UUID, action: PlanAction) -> None:
    with grants.lab.begin(grants.agent) as uow:
        service.move_plan(uow, plan_id, action)


def rows(grants: Grants, plan_id: UUID) -> list[BulkPlanRow]:
    with grants.lab.read(grants.agent) as uow:
        plans.one_plan(uow, plan_id)
        return list(plans.rows_of(uow, plan_id))


def state(grants: Grants, plan_id: UUID) -> PlanState:
    with grants.lab.read() as uow:
        return uow.db.get_one(BulkPlan, plan_id).state


def relationships(grants: Grants) -> list[AdminRelationship]:
    with grants.lab.read() as uow:
        return list(uow.db.query(AdminRelationship).order_by(AdminRelationship.display_name))


# Rules


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"prefix": ""}, PrefixRefused),
        ({"prefix": "x" * (LONGEST_PREFIX + 1)}, PrefixRefused),
        ({"duration": "P731D"}, ValueError),
        ({"roles": []}, ValueError),
        ({"roles": [GLOBAL], "auto_extend_duration": "P180D"}, ValueError),
    ],
)
def test_a_template_that_everybody_would_be_refused_for(changes: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the kinds stand in the table; ValueError means any of the rules'
        check_template(template(**changes))

    assert refusal is ValueError or caught.type is refusal


@pytest.mark.parametrize("start", list(PlanState))
@pytest.mark.parametrize("action", list(PlanAction))
def test_a_plan_moves_as_its_table_says(start: PlanState, action: PlanAction) -> None:
    if (start, action) in PLAN_TRANSITIONS:
        assert after_plan(start, action) is PLAN_TRANSITIONS[start, action]
    else:
        with pytest.raises(PlanForbids):
            after_plan(start, action)


# Drawing up


def test_an_entry_that_names_nobody_is_a_row_with_its_reason(grants: Grants) -> None:
    [first] = customers(grants, 1)

    plan_id = draw_up(
        grants, entries=[first.default_domain, "nobody.example", str(UUID(int=7)), "", first.default_domain]
    )

    found = [(row.position, row.state, row.customer_id) for row in rows(grants, plan_id)]
    assert found == [(1, RowState.WAITING, first.id), (2, RowState.REFUSED, None), (3, RowState.REFUSED, None)]
    assert "nobody.example" in rows(grants, plan_id)[1].reason


def test_only_customers_without_a_relationship(grants: Grants) -> None:
    made = customers(grants, 3)
    grants.active("Before")

    plan_id = draw_up(grants, only_without=True)

    assert {row.customer_id for row in rows(grants, plan_id)} == {each.id for each in made[1:]}


def test_a_plan_for_nobody_is_refused(grants: Grants) -> None:
    with pytest.raises(NoCustomers):
        draw_up(grants)

    assert grants.lab.events("BulkPlanCreated") == []


# Rehearsing and applying


def test_a_rehearsal_says_what_would_happen_and_leaves_nothing(grants: Grants) -> None:
    customers(grants, 3)
    plan_id = draw_up(grants)
    taken = rows(grants, plan_id)[1]
    assert taken.customer_id is not None
    grants.create(f"Support-{taken.customer_id.hex[:8]}", customer_id=taken.customer_id)
    before = len(relationships(grants))

    move(grants, plan_id, PlanAction.REHEARSE)
    grants.settle()

    assert state(grants, plan_id) is PlanState.DRAFT
    outcome = [row.rehearsal for row in rows(grants, plan_id)]
    assert outcome[0] == outcome[2] == ""
    assert "Choose another name" in (outcome[1] or "")
    assert len(relationships(grants)) == before
    assert all(row.state is RowState.WAITING for row in rows(grants, plan_id))


def test_every_customer_is_asked_once_and_a_refusal_keeps_no_other_back(grants: Grants) -> None:
    customers(grants, 3)
    plan_id = draw_up(grants)
    taken = rows(grants, plan_id)[1]
    assert taken.customer_id is not None
    grants.create(f"Support-{taken.customer_id.hex[:8]}", customer_id=taken.customer_id)

    move(grants, plan_id, PlanAction.APPLY)
    grants.settle()

    assert state(grants, plan_id) is PlanState.DONE
    assert [row.state for row in rows(grants, plan_id)] == [RowState.REQUESTED, RowState.REFUSED, RowState.REQUESTED]
    made = [each for each in relationships(grants) if each.status.value == "approvalPending"]
    assert sorted(each.id for each in made) == sorted(
        row.relationship_id for row in rows(grants, plan_id) if row.relationship_id
    )
    log = [each for each in grants.lab.events("AdminRelationshipLocked") if each["actor"]["name"] == grants.agent.name]
    assert len(log) == 2


def test_a_paused_plan_stops_and_goes_on_where_it_was(grants: Grants, monkeypatch: pytest.MonkeyPatch) -> None:
    customers(grants, 6)
    monkeypatch.setattr(service, "AT_ONCE", 2)
    plan_id = draw_up(grants)
    move(grants, plan_id, PlanAction.APPLY)
    due.run_due(grants.lab.world, grants.lab.now, limit=1)

    move(grants, plan_id, PlanAction.PAUSE)
    grants.settle()
    asked = [row.relationship_id for row in rows(grants, plan_id) if row.state is RowState.REQUESTED]
    assert (len(asked), state(grants, plan_id)) == (2, PlanState.PAUSED)
    move(grants, plan_id, PlanAction.APPLY)
    grants.settle()

    assert state(grants, plan_id) is PlanState.DONE
    assert [row.relationship_id for row in rows(grants, plan_id)][:2] == asked
    assert len(relationships(grants)) == 6


def test_a_worker_that_dies_between_two_rows_leaves_each_asked_once(
    grants: Grants, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers(grants, 4)
    plan_id = draw_up(grants)
    move(grants, plan_id, PlanAction.APPLY)
    done: Callable[..., bool] = service._do_row
    calls: list[int] = []

    def dies(world: Any, turn: Any, position: int) -> bool:
        calls.append(position)
        if len(calls) == 3:
            raise RuntimeError("the machine stopped")
        return done(world, turn, position)

    monkeypatch.setattr(service, "_do_row", dies)
    due.run_due(grants.lab.world, grants.lab.now, limit=1)
    assert len(relationships(grants)) == 2
    monkeypatch.setattr(service, "_do_row", done)
    grants.lab.advance(timedelta(days=1))  # the work was put off, and comes again

    assert [row.state for row in rows(grants, plan_id)] == [RowState.REQUESTED] * 4
    assert len(relationships(grants)) == 4


def test_a_plan_of_somebody_who_may_not_any_more_is_paused_with_the_reason(grants: Grants) -> None:
    customers(grants, 2)
    plan_id = draw_up(grants)
    move(grants, plan_id, PlanAction.APPLY)
    with grants.lab.begin() as uow:
        assert grants.agent.principal_id is not None
        identity.block_user(uow, grants.agent.principal_id)

    grants.settle()

    with grants.lab.read() as uow:
        plan = uow.db.get_one(BulkPlan, plan_id)
    assert plan.state is PlanState.PAUSED
    assert "blocked" in plan.problem
    assert relationships(grants) == []


def test_groups_get_the_roles_once_the_customer_has_approved(grants: Grants) -> None:
    customers(grants, 1)
    plan_id = draw_up(grants, template(groups=[grants.group]))
    move(grants, plan_id, PlanAction.APPLY)
    grants.settle()
    [row] = rows(grants, plan_id)
    assert row.relationship_id is not None

    grants.approve(row.relationship_id)
    grants.settle()

    assert rows(grants, plan_id)[0].state is RowState.ASSIGNED
    assert grants.access() == {HELPDESK, READERS}


def test_a_group_that_is_gone_is_told_in_its_row(grants: Grants) -> None:
    customers(grants, 1)
    plan_id = draw_up(grants, template(groups=[grants.group]))
    move(grants, plan_id, PlanAction.APPLY)
    grants.settle()
    with grants.lab.begin() as uow:
        identity.delete_group(uow, grants.group)
    [row] = rows(grants, plan_id)
    assert row.relationship_id is not None

    grants.approve(row.relationship_id)
    grants.settle()

    [row] = rows(grants, plan_id)
    assert row.state is RowState.REQUESTED
    assert "access container does not exist" in row.reason


# Pages


def test_a_plan_is_drawn_up_rehearsed_and_applied_on_its_pages(lab: Lab, grants: Grants) -> None:
    made = customers(grants, 2)
    pages = browser(lab, grants.agent)
    form = {
        "prefix": "Onboarding",
        "duration": "365",
        "customers": "listed",
        "listed": f"{made[0].default_domain}\nnobody.example",
        "roles": [str(HELPDESK)],
    }

    assert "No bulk plan yet" in pages.get(ROOT).text
    refused = pages.post(f"{ROOT}/new", data={**form, "roles": []})
    assert refused.status_code == 422
    assert "must name at least one role" in refused.text
    address = pages.post(f"{ROOT}/new", data=form).headers["location"]
    pages.post(f"{address}/move", data={"action": "rehearse"})
    grants.settle()
    assert "1 customer would be asked, 0 customers would be refused" in pages.get(address).text.replace("\xa0", " ")
    pages.post(f"{address}/move", data={"action": "apply"})
    grants.settle()
    table = list(csv.reader(io.StringIO(pages.get(f"{address}?format=csv").content.decode("utf-8-sig"))))
    assert [line[:2] for line in table] == [
        ["Customer", "State"],
        [made[0].name, "Requested"],
        ["nobody.example", "Refused"],
    ]
    assert "Onboarding" in pages.get(ROOT).text


def test_another_partner_sees_no_plan(lab: Lab, grants: Grants) -> None:
    customers(grants, 1)
    plan_id = draw_up(grants)
    stranger = browser(lab, lab.user(lab.partner("Other"), Role.ADMIN_AGENT))

    assert stranger.get(f"{ROOT}/{plan_id}").status_code == 404
    assert lab.tenant(TenantKind.CUSTOMER, "Unrelated").id not in {row.customer_id for row in rows(grants, plan_id)}
