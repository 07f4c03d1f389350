"""A long time in one jump leaves the same rows and the same events as the same time lived: two years, or a good year.

Invariant: each piece of due work is done at its own instant, whoever moves the clock and how far. Subscriptions renew
and end; relationships are asked for, answered by standing policies, used, extended, ended and forgotten.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from openpartner.identity.models import Tenant
from openpartner.platform import due
from openpartner.platform.world import World
from openpartner.relationships import service
from openpartner.relationships.rules.granular_terms import EXTENDS
from openpartner.relationships.rules.reselling import LinkKind, ResellerLink
from tests.relationships.test_reselling import letter
from tests.support.client import EventLoop
from tests.support.granting import HELPDESK, USERS, Grants
from tests.support.lab import START, Lab
from tests.support.shop import BASIC, BASIC_TRIAL, E3, Shop, line, open_shop
from tests.support.worlds import dump, open_copy

TWO_YEARS = range(1, 731)
A_GOOD_YEAR = [*range(1, 15), *range(21, 100, 11), 200, 400]
"""The days at which the clock stops: each of a fortnight, then longer strides, past the end of what a year keeps."""

HAPPENED = {
    "OrderPlaced",
    "SubscriptionRenewed",
    "SubscriptionStatusChanged",
    "CustomerInvited",
    "ResellerRelationshipAcceptedByCustomer",
    "AdminRelationshipLocked",
    "AdminRelationshipApproved",
    "AdminRelationshipRejected",
    "AdminRelationshipActivated",
    "AccessAssignmentActivated",
    "AccessAssignmentDeleted",
    "AdminRelationshipExtended",
    "AdminRelationshipExpired",
    "AdminRelationshipTerminated",
    "AdminRelationshipRemoved",
    "DelegatedAccessOpened",
    "DelegatedAccessClosed",
}


def _buy(shop: Shop) -> None:
    """A month that renews, a year that does not, a trial that becomes paid, one that is suspended, one to be cut."""
    placed = shop.order(
        line(BASIC, 5, "P1M", friendlyName="renews each month"),
        line(E3, 3, "P1Y", friendlyName="ends after a year"),
        line(BASIC_TRIAL, 25, "P1M", friendlyName="becomes a paid one"),
        line(BASIC, 7, "P1Y", friendlyName="is suspended"),
        line(BASIC, 2, "P1M", friendlyName="is cancelled"),
        billingCycle="monthly",
    )
    _, ends, _, suspended, cancelled = (each["subscriptionId"] for each in placed["lineItems"])
    for subscription, change in (
        (ends, {"autoRenewEnabled": False}),
        (suspended, {"status": "suspended"}),
        (cancelled, {"status": "deleted"}),
    ):
        url = f"{shop.url}/subscriptions/{subscription}"
        answer = shop.client.patch(url, {**shop.client.get(url).json(), **change})
        assert answer.status_code == 200, answer.text


def _relate(shop: Shop) -> None:
    """Relationships in every state, some of them used; requests that policies answer in days, by chance, or never."""
    lab = shop.lab
    with lab.read() as uow:
        customer = uow.db.get_one(Tenant, shop.customer_id)
    grants = Grants.between(lab, shop.partner, shop.agent, customer)
    for policy in (
        {"answer": "refuse", "oneIn": 3, "after": "P5D", "reason": "No need."},
        {"answer": "ignore", "oneIn": 4},
        {"answer": "approve", "after": "P2D"},
    ):
        assert lab.client().post("/_sandbox/consent/policies", policy).status_code == 201
    used = [
        grants.active("Ends after a quarter", duration="P90D"),
        grants.active("Extends itself", duration="P180D", auto_extend_duration=EXTENDS),
        grants.active("Ends at the very end", duration="P730D"),
        grants.active("Is terminated"),
    ]
    for relationship in used:
        grants.assign(relationship, HELPDESK, USERS)
    grants.settle()
    slower = msgspec.structs.replace(lab.world.settings, gdap_propagation="PT7H")
    object.__setattr__(lab.world, "settings", slower)
    grants.terminate(used[-1])
    grants.create("Stays a draft")
    for number in range(8):
        grants.pending(f"Request {number}", duration="P60D")
    other, _ = grants.new_customer("Fourth Coffee")
    link = ResellerLink(LinkKind.DIRECT, shop.partner.id)
    with lab.begin(shop.agent) as uow:
        recipients = [f"person{number}@{other.default_domain}" for number in range(4)]
        service.invite_customers(uow, link, letter(*recipients), "https://localhost")


def _begin(world: World, loop: EventLoop) -> None:
    shop = open_shop(Lab(world, loop))
    _buy(shop)
    _relate(shop)


def _same_after(days: Sequence[int], empty: Path, folder: Path, loop: EventLoop) -> None:
    jumped, lived = (open_copy(empty, folder / name) for name in ("jumped", "lived"))
    for world in (jumped, lived):
        _begin(world, loop)
    assert dump(jumped) == dump(lived)

    pieces_at_once = due.advance(jumped, START + timedelta(days=days[-1]))
    pieces = [due.advance(lived, START + timedelta(days=day)) for day in days]

    assert pieces_at_once == sum(pieces)
    at_once, step_by_step = dump(jumped), dump(lived)
    for name, rows in at_once.items():
        assert rows == step_by_step[name], name
    assert HAPPENED - {row["kind"] for row in at_once["event_log"]} == set()
    decided = at_once["sandbox_consent_decision"]
    assert {row["answer"] for row in decided} == {"approve", "refuse", "ignore"}
    assert "planned" not in {row["state"] for row in decided}
    assert not [row for row in at_once["due_work"] if row["attempts"]]
    for world in (jumped, lived):
        world.close()


def test_a_good_year_in_one_jump_is_the_year_lived_in_strides(
    empty_sqlite: Path, event_loop_thread: EventLoop, tmp_path: Path
) -> None:
    _same_after(A_GOOD_YEAR, empty_sqlite, tmp_path, event_loop_thread)


@pytest.mark.long
def test_two_years_in_one_jump_are_the_two_years_lived_day_by_day(
    empty_sqlite: Path, event_loop_thread: EventLoop, tmp_path: Path
) -> None:
    _same_after(TWO_YEARS, empty_sqlite, tmp_path, event_loop_thread)
