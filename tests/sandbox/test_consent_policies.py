"""Standing policies: they answer for whoever is asked, in order, by chance where they say so, at the clock's time."""

from typing import Any

import pytest
from sqlalchemy import select

from openpartner.identity.models import DirectoryRoleAssignment
from openpartner.platform.directory_roles import GLOBAL_ADMINISTRATOR
from openpartner.platform.due import DueWork
from openpartner.relationships.rules.requests import RequestAction
from tests.sandbox.acting import World
from tests.support.lab import Lab

POLICIES = "/_sandbox/consent/policies"


def answers(scene: World, query: str = "") -> list[tuple[str, str, str]]:
    """Title, answer and state of every decision, the earliest first."""
    return [(each["title"], each["answer"], each["state"]) for each in reversed(scene.decisions(query))]


def test_a_request_is_approved_two_days_after_it_was_sent(scene: World) -> None:
    scene.policy(answer="approve", after="P2D")
    relationship = scene.granular()
    [waiting] = scene.waiting()
    assert (waiting["decision"]["answer"], waiting["decision"]["dueAt"]) == ("approve", "2026-01-17T09:00:00Z")

    scene.advance(days=1, hours=23)
    assert scene.grants.status(relationship) == "approvalPending"
    scene.advance(hours=1)

    assert scene.grants.status(relationship) == "active"
    [decision] = scene.decisions()
    assert (decision["state"], decision["admin"], decision["takenAt"]) == (
        "done",
        scene.grants.admin.name,
        decision["dueAt"],
    )
    [fact] = scene.lab.events("AdminRelationshipApproved")
    assert (fact["actor"]["name"], fact["data"]["approved_by"]) == (scene.grants.admin.name, "Customer")


def test_every_kind_is_answered_by_a_policy(scene: World) -> None:
    scene.policy(answer="approve")
    granular = scene.granular()
    scene.reseller()
    provider, shop = scene.provider_and_reseller()
    scene.combined(provider, shop)
    scene.partnership()
    scene.settle()

    assert scene.waiting() == []
    assert scene.grants.status(granular) == "active"
    assert {(each["kind"], each["state"]) for each in scene.decisions()} == {
        ("granular", "done"),
        ("reseller", "done"),
        ("combined", "done"),
        ("partnership", "done"),
    }
    assert len(scene.waiting("?running=true")) == 4 + 1  # the provider and its reseller were partners before


def test_the_first_policy_that_fits_decides(scene: World) -> None:
    scene.policy(answer="refuse", customer=scene.grants.customer.default_domain, reason="Not now.")
    scene.policy(answer="approve")
    other, _ = scene.grants.new_customer("Fourth Coffee")
    first, second = scene.granular("One"), scene.granular("Two", customer_id=other.id)
    scene.settle()

    assert (scene.grants.status(first), scene.grants.status(second)) == ("terminated", "active")
    [fact] = scene.lab.events("AdminRelationshipRejected")
    assert fact["data"]["reason"] == "Not now."


def test_a_policy_that_ignores_keeps_those_behind_it_from_answering(scene: World) -> None:
    scene.policy(answer="ignore", kind="granular")
    scene.policy(answer="approve")
    relationship = scene.granular("Left")
    scene.reseller()
    scene.settle()

    assert scene.grants.status(relationship) == "approvalPending"
    [waiting] = scene.waiting()
    assert (waiting["id"], waiting["decision"]["answer"]) == (relationship, "ignore")
    assert sorted(answers(scene)) == [("Left", "ignore", "done"), ("Work with us", "approve", "done")]


ON_ONE = pytest.mark.parametrize("world", ["sqlite"], indirect=True)
"""What no database has a say in."""


@ON_ONE
def test_one_in_ten_is_refused_by_the_worlds_own_chance(scene: World) -> None:
    scene.policy(answer="refuse", oneIn=10)
    scene.policy(answer="approve")
    for number in range(24):
        scene.granular(f"Request {number:02}")
    scene.settle()

    refused = sorted(title for title, answer, _ in answers(scene) if answer == "refuse")
    assert 1 <= len(refused) <= 8
    assert len(scene.lab.events("AdminRelationshipRejected")) == len(refused)
    assert len(scene.lab.events("AdminRelationshipApproved")) == 24 - len(refused)


def test_a_policy_holds_for_what_waits_already_counted_from_when_it_was_sent(scene: World) -> None:
    old = scene.granular("Old")
    scene.advance(days=1)
    young = scene.granular("Young")
    scene.advance(hours=12)

    scene.policy(answer="approve", after="P1D")
    scene.settle()

    assert (scene.grants.status(old), scene.grants.status(young)) == ("active", "approvalPending")
    scene.advance(hours=12)
    assert scene.grants.status(young) == "active"


def test_what_was_planned_goes_with_its_policy(scene: World) -> None:
    scene.policy(answer="approve", after="P2D")
    relationship = scene.granular()
    [policy] = scene.sandbox.get(POLICIES).json()["items"]

    answer = scene.sandbox.delete(f"{POLICIES}/{policy['id']}")
    scene.advance(days=3)

    assert answer.status_code == 204
    assert scene.decisions() == []
    assert scene.grants.status(relationship) == "approvalPending"


def test_what_somebody_answers_first_is_no_longer_planned(scene: World) -> None:
    scene.policy(answer="approve", after="P2D")
    relationship = scene.granular("Support")

    scene.answer(id=relationship, answer="refuse")
    scene.advance(days=3)

    assert scene.grants.status(relationship) == "terminated"
    assert answers(scene) == [("Support", "refuse", "done")]


def test_what_somebody_left_unanswered_stays_so_under_new_policies(scene: World) -> None:
    relationship = scene.granular("Support")
    scene.answer(id=relationship, answer="ignore")

    scene.policy(answer="approve")
    scene.settle()

    assert scene.grants.status(relationship) == "approvalPending"
    assert answers(scene) == [("Support", "ignore", "done")]


def test_a_decision_that_the_customer_itself_overtook_is_dropped(scene: World) -> None:
    scene.policy(answer="refuse", after="P2D")
    relationship = scene.granular("Support")
    scene.grants.approve(relationship)

    scene.advance(days=3)

    assert scene.grants.status(relationship) == "active"
    assert answers(scene) == [("Support", "refuse", "dropped")]


def test_a_decision_that_cannot_be_taken_says_why_and_holds_nothing_up(scene: World, lab: Lab) -> None:
    scene.policy(answer="approve")
    with lab.begin() as uow:
        uow.db.query(DirectoryRoleAssignment).filter_by(
            tenant_id=scene.grants.customer.id, role_template_id=GLOBAL_ADMINISTRATOR
        ).delete()
    relationship = scene.granular()

    [decision] = scene.decisions("?state=failed")

    assert "has no Global admin of its own" in decision["problem"]
    assert decision["admin"] == ""
    assert scene.grants.status(relationship) == "approvalPending"
    with lab.read() as uow:
        assert uow.db.scalars(select(DueWork).where(DueWork.attempts > 0)).all() == []


def test_what_names_nobody_is_no_policys_business(scene: World) -> None:
    scene.policy(answer="approve")
    relationship = scene.granular(customer_id=None)
    scene.reseller("nobody@elsewhere.example")
    scene.settle()

    assert scene.grants.status(relationship) == "approvalPending"
    assert scene.decisions() == []
    assert len(scene.waiting()) == 2


def test_a_review_and_then_the_customer_are_answered_by_policies(scene: World) -> None:
    provider, shop = scene.provider_and_reseller()
    scene.answer(id=scene.combined(provider, shop), answer="approve")
    scene.policy(answer="approve", kind="review", after="P1D")
    scene.policy(answer="refuse", kind="granular", after="P3D")
    relationship = scene.grants.create("For the shop", by=provider.admin, for_reseller=True)
    scene.grants.order(relationship, RequestAction.LOCK_FOR_APPROVAL, by=provider.admin)

    scene.advance(days=1)
    assert [(each["kind"], each["decision"]["answer"]) for each in scene.waiting()] == [("granular", "refuse")]
    scene.advance(days=2)

    assert scene.grants.status(relationship) == "terminated"


# The policies themselves


def test_policies_are_kept_in_order(scene: World) -> None:
    scene.policy(answer="approve", after="P2D")
    scene.policy(answer="ignore", kind="partnership", position=0)
    scene.policy(answer="refuse", oneIn=10, partner=scene.grants.partner.default_domain)

    listed = scene.sandbox.get(POLICIES).json()["items"]
    moved = scene.sandbox.patch(f"{POLICIES}/{listed[2]['id']}", {"position": 0}).json()["items"]

    assert [(each["position"], each["answer"], each["kind"], each["after"], each["oneIn"]) for each in listed] == [
        (0, "ignore", "partnership", "PT0S", 1),
        (1, "approve", None, "P2D", 1),
        (2, "refuse", None, "PT0S", 10),
    ]
    assert listed[2]["partner"] == {"id": str(scene.grants.partner.id), "name": "Contoso Partner"}
    assert [each["answer"] for each in moved] == ["refuse", "ignore", "approve"]
    changes = scene.lab.events("ConsentPoliciesChanged")
    assert [len(fact["after"]["policies"]) for fact in changes] == [1, 2, 3, 3]


def test_all_policies_are_replaced_in_one_call(scene: World) -> None:
    scene.policy(answer="approve")

    replaced = scene.sandbox.put(POLICIES, [{"answer": "refuse", "oneIn": 2}, {"answer": "ignore"}])

    assert [each["answer"] for each in replaced.json()["items"]] == ["refuse", "ignore"]
    assert scene.sandbox.put(POLICIES, []).json() == {"items": []}


@ON_ONE
@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"answer": "end"}, 400, "approves, refuses or ignores"),
        ({"answer": "approve", "after": "two days"}, 400, "P35D, P1M"),
        ({"answer": "approve", "one_in": 10}, 400, "one_in"),
        ({"answer": "approve", "oneIn": 0}, 400, "One in 1 to 1000"),
        ({"answer": "approve", "customer": "nobody.example"}, 404, "nobody.example"),
        ({"answer": "approve", "reason": "x" * 401}, 400, "400 characters"),
    ],
)
def test_a_policy_that_says_nothing_is_refused(
    scene: World, lab: Lab, body: dict[str, Any], status: int, says: str
) -> None:
    refused = lab.nothing_changed(lambda: scene.sandbox.post(POLICIES, body))

    assert refused.status_code == status
    assert says in refused.text


def test_an_unknown_policy_is_not_found(scene: World, lab: Lab) -> None:
    nobody = f"{POLICIES}/6d9e0b1e-0000-4000-8000-000000000000"

    assert lab.nothing_changed(lambda: scene.sandbox.delete(nobody)).status_code == 404
    assert lab.nothing_changed(lambda: scene.sandbox.patch(nobody, {"position": 0})).status_code == 404
