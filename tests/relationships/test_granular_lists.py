"""Lists over many relationships: what each side sees, filters, orders, pages, counts; and how quickly."""

from datetime import timedelta
from uuid import UUID

import pytest

from openpartner.platform.actor import Actor, TenantKind
from openpartner.platform.errors import DomainError
from openpartner.platform.permissions import Role
from openpartner.relationships import queries
from openpartner.relationships.queries import (
    Criteria,
    DelegatedCustomerUnknown,
    ExpiryCounts,
    Order,
    Position,
    RelationshipUnknown,
)
from openpartner.relationships.rules.granular import Status
from tests.support.granting import GLOBAL, HELPDESK, READERS, Grants

DAY = timedelta(days=1)


def names(grants: Grants, criteria: Criteria | None = None, by: Actor | None = None) -> list[str]:
    with grants.lab.read(by or grants.agent) as uow:
        page = queries.page_of_relationships(uow, criteria or Criteria(), 100)
        assert queries.count_relationships(uow, criteria or Criteria()) == len(page.rows)
        return [row.display_name for row in page.rows]


@pytest.fixture
def several(grants: Grants) -> Grants:
    """Relationships in many states, with two customers."""
    coffee, coffee_admin = grants.new_customer("Fourth Coffee")
    grants.create("delta draft", roles=frozenset({GLOBAL}))
    grants.pending("Charlie pending")
    grants.active("alpha month", duration="P30D")
    grants.active("Bravo extends", auto_extend_duration="P180D")
    for name, duration in (("echo week", "P7D"), ("foxtrot day", "P1D")):
        key = grants.pending(name, duration=duration, customer_id=coffee.id)
        grants.approve(key, by=coffee_admin)
        grants.settle()
    grants.pending("golf open", customer_id=None)
    gone = grants.active("hotel ended")
    grants.terminate(gone)
    grants.settle()
    return grants


ALL = [
    "alpha month",
    "Bravo extends",
    "Charlie pending",
    "delta draft",
    "echo week",
    "foxtrot day",
    "golf open",
    "hotel ended",
]


@pytest.mark.parametrize(
    ("criteria", "shown"),
    [
        (Criteria(), ALL),
        (Criteria(descending=True), ALL[::-1]),
        (Criteria(statuses=(Status.CREATED,)), ["delta draft"]),
        (
            Criteria(statuses=(Status.CREATED, Status.APPROVAL_PENDING)),
            ["Charlie pending", "delta draft", "golf open"],
        ),
        (Criteria(name_prefix="CHAR"), ["Charlie pending"]),
        (Criteria(customer_prefix="fourth"), ["echo week", "foxtrot day"]),
        (Criteria(text="Fourth"), ["echo week", "foxtrot day"]),
        (Criteria(text="echo"), ["echo week"]),
        (Criteria(role=GLOBAL), ["delta draft"]),
        (Criteria(auto_extend=True), ["Bravo extends"]),
        (Criteria(auto_extend=False, statuses=(Status.ACTIVE,)), ["alpha month", "echo week", "foxtrot day"]),
        (
            Criteria(statuses=(Status.ACTIVE,), order=Order.END),
            ["foxtrot day", "echo week", "alpha month", "Bravo extends"],
        ),
    ],
)
def test_what_a_partner_sees(several: Grants, criteria: Criteria, shown: list[str]) -> None:
    assert names(several, criteria) == shown


def test_by_customer_and_by_end(several: Grants) -> None:
    now = several.lab.now
    assert names(several, Criteria(customer_id=several.customer.id)) == [
        "alpha month",
        "Bravo extends",
        "Charlie pending",
        "delta draft",
        "hotel ended",
    ]
    ending = Criteria(ends_from=now, ends_until=now + 7 * DAY, order=Order.END)
    # What was terminated ended in this very instant
    assert names(several, ending) == ["hotel ended", "foxtrot day", "echo week"]
    late = names(several, Criteria(order=Order.END, descending=True))
    assert sorted(late[:3]) == ["Charlie pending", "delta draft", "golf open"]
    assert late[3:] == ["Bravo extends", "alpha month", "echo week", "foxtrot day", "hotel ended"]


def test_what_others_see(several: Grants) -> None:
    assert names(several, by=several.admin) == ["alpha month", "Bravo extends", "Charlie pending", "hotel ended"]
    stranger = several.lab.user(several.lab.partner("Fabrikam"), Role.ADMIN_AGENT)
    assert names(several, by=stranger) == []
    operator = several.lab.user(several.lab.tenant(TenantKind.OPERATOR, "Operator"), Role.OPERATOR_ADMIN)
    assert names(several, by=operator) == ALL
    for role in (Role.GLOBAL_ADMIN, Role.USER_ADMIN, Role.SALES_AGENT):
        assert names(several, by=several.lab.user(several.partner, role)) == ALL
    for who in (
        several.lab.user(several.partner, Role.HELPDESK_AGENT),
        several.lab.user(several.customer, Role.CUSTOMER_USER_ADMIN),
    ):
        with several.lab.read(who) as uow, pytest.raises(DomainError) as refused:
            queries.page_of_relationships(uow, Criteria(), 10)
        assert refused.value.status == 403


@pytest.mark.parametrize("order", list(Order))
@pytest.mark.parametrize("descending", [False, True])
def test_pages_follow_each_other_in_both_directions(several: Grants, order: Order, descending: bool) -> None:
    criteria = Criteria(order=order, descending=descending)
    with several.lab.read(several.agent) as uow:
        whole = [row.id for row in queries.page_of_relationships(uow, criteria, 100).rows]
        assert len(whole) == 8
        seen: list[str] = []
        position: Position | None = None
        while True:
            page = queries.page_of_relationships(uow, criteria, 3, after=position)
            assert page.has_before is (position is not None)
            seen += [row.id for row in page.rows]
            position = page.rows[-1].position(criteria)
            if not page.has_after:
                break
        assert seen == whole
        back = queries.page_of_relationships(uow, criteria, 3, before=page.rows[0].position(criteria))
        assert [row.id for row in back.rows] == whole[3:6]
        assert (back.has_before, back.has_after) == (True, True)


def test_counts(several: Grants) -> None:
    with several.lab.read(several.agent) as uow:
        assert queries.counts_by_status(uow) == {
            Status.ACTIVE: 4,
            Status.APPROVAL_PENDING: 2,
            Status.CREATED: 1,
            Status.TERMINATED: 1,
        }
        assert queries.expiry_counts(uow) == ExpiryCounts(1, 1, 1, 0, 1, 0)
    several.lab.advance(DAY)
    with several.lab.read(several.agent) as uow:
        assert queries.expiry_counts(uow) == ExpiryCounts(0, 1, 1, 0, 1, 1)


def test_the_customers_whom_a_partner_administers(several: Grants) -> None:
    with several.lab.read(several.agent) as uow:
        found = queries.delegated_customers(uow)
        assert [each.display_name for each in found] == ["Adventure Works", "Fourth Coffee"]
        assert queries.count_delegated_customers(uow) == 2
        after = (found[0].display_name, found[0].tenant_id)
        assert queries.delegated_customers(uow, after=after, limit=1) == [found[1]]
        assert queries.delegated_customer(uow, found[1].tenant_id) == found[1]
        with pytest.raises(DelegatedCustomerUnknown):
            queries.delegated_customer(uow, UUID(int=8))
    several.lab.advance(7 * DAY)
    with several.lab.read(several.agent) as uow:
        assert [each.display_name for each in queries.delegated_customers(uow)] == ["Adventure Works"]


def test_a_row_tells_all(grants: Grants) -> None:
    key = grants.active(roles=frozenset({HELPDESK, READERS}))
    with grants.lab.read(grants.agent) as uow:
        (row,) = queries.page_of_relationships(uow, Criteria(), 10).rows
        stored = queries.one_relationship(uow, key.upper())
        with pytest.raises(RelationshipUnknown):
            queries.one_relationship(uow, "nonsense")
    assert row.roles == tuple(sorted({HELPDESK, READERS}))
    assert (row.id, row.version, row.customer_name, row.end_at) == (
        stored.id,
        stored.version,
        "Adventure Works",
        stored.end_at,
    )
