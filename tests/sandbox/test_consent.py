"""What waits for consent, answered in one call as whoever is asked, through the use cases that the pages use."""

from typing import Any

import msgspec
import pytest

from openpartner.app import make_app
from openpartner.identity.models import DirectoryRoleAssignment
from openpartner.platform.directory_roles import GLOBAL_ADMINISTRATOR
from openpartner.platform.permissions import Role
from openpartner.relationships.rules.requests import RequestAction
from openpartner.sandbox.consent.rules import Answer
from openpartner.sandbox.consent.service import Reply, answer_request
from openpartner.settings import Profile
from tests.sandbox.acting import World
from tests.support.client import AppClient
from tests.support.granting import HELPDESK
from tests.support.lab import Lab


def test_everything_that_waits_is_listed_the_longest_first(scene: World) -> None:
    granular = scene.granular("Support")
    scene.advance(hours=1)
    reseller = scene.reseller()
    scene.advance(hours=1)
    provider, shop = scene.provider_and_reseller()
    combined = scene.combined(provider, shop)
    scene.advance(hours=1)
    partnership, wide, small = scene.partnership()

    found = scene.waiting()

    assert [(each["id"], each["kind"]) for each in found] == [
        (granular, "granular"),
        (reseller, "reseller"),
        (combined, "combined"),
        (partnership, "partnership"),
    ]
    first, second, third, fourth = found
    assert (first["title"], first["asker"]["name"]) == ("Support", "Contoso Partner")
    assert first["decider"] == {"id": str(scene.grants.customer.id), "name": "Adventure Works"}
    assert first["page"] == f"/AdminPortal/Home#/partners/invitation/granularAdminRelationships/{granular}"
    assert (second["decider"]["name"], second["recipient"]) == ("Adventure Works", "ana@adventure.example")
    assert (third["asker"]["name"], third["provider"]["name"]) == (shop.tenant.name, provider.tenant.name)
    assert (fourth["asker"]["name"], fourth["decider"]["name"]) == (wide.tenant.name, small.tenant.name)


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("?kind=granular", ["granular"]),
        ("?kind=reseller", ["reseller"]),
        ("?kind=combined", []),
        ("?q=supp", ["granular"]),
        ("?q=adventure.example", ["reseller"]),
        ("?q=contoso", ["granular", "reseller"]),
        ("?customer=adventureworks.onmicrosoft.com", ["granular", "reseller"]),
        ("?partner=contosopartner.onmicrosoft.com", ["granular", "reseller"]),
        ("?running=true", []),
    ],
)
def test_the_list_is_narrowed(scene: World, query: str, kinds: list[str]) -> None:
    scene.granular("Support")
    scene.reseller()

    assert [each["kind"] for each in scene.waiting(query)] == kinds


def test_a_long_list_is_read_page_by_page_over_all_kinds(scene: World) -> None:
    wanted = [scene.granular(f"Support {number}") for number in range(4)]
    wanted += [scene.reseller(f"person{number}@adventureworks.onmicrosoft.com") for number in range(3)]
    partnership, _, _ = scene.partnership()

    read, after = [], ""
    while True:
        page = scene.sandbox.get(f"/_sandbox/consent?size=2&after={after}").json()
        read += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]

    assert sorted(read) == sorted([*wanted, partnership])
    assert len(read) == len(set(read)) == 8


# Admin relationships


def test_a_customer_approves_in_the_name_of_its_own_administrator(scene: World) -> None:
    relationship = scene.granular()

    answer = scene.answer(id=relationship, answer="approve")

    assert answer.json() == {
        "id": relationship,
        "kind": "granular",
        "customer": str(scene.grants.customer.id),
        "partner": str(scene.grants.partner.id),
        "provider": None,
        "state": "approved",
        "admin": scene.grants.admin.name,
        "commerceId": None,
    }
    [fact] = scene.lab.events("AdminRelationshipApproved")
    assert fact["actor"]["name"] == scene.grants.admin.name
    assert fact["actor"]["tenantId"] == str(scene.grants.customer.id)
    scene.settle()
    assert scene.grants.status(relationship) == "active"
    assert scene.waiting() == []
    [decision] = scene.decisions()
    assert (decision["answer"], decision["state"], decision["admin"]) == ("approve", "done", scene.grants.admin.name)


def test_a_link_will_do_as_the_partner_sent_it(scene: World) -> None:
    relationship = scene.granular()
    link = (
        f"https://admin.microsoft.com/AdminPortal/Home#/partners/invitation/granularAdminRelationships/{relationship}"
    )

    answer = scene.answer(link=link, answer="refuse", reason="We have somebody.")

    assert answer.json()["state"] == "terminated"
    [fact] = scene.lab.events("AdminRelationshipRejected")
    assert (fact["data"]["rejected_by"], fact["data"]["reason"]) == ("Customer", "We have somebody.")
    mails = [mail for mail in scene.lab.mails(scene.grants.agent.name) if "was refused" in mail.subject]
    assert "The reason given: We have somebody." in mails[0].text


def test_what_names_nobody_is_answered_by_whoever_is_named(scene: World, lab: Lab) -> None:
    relationship = scene.granular(customer_id=None)
    other, admin = scene.grants.new_customer("Fourth Coffee")
    assert scene.waiting()[0]["decider"] is None

    alone = lab.nothing_changed(lambda: scene.answer(id=relationship, answer="approve"))
    named = scene.answer(id=relationship, answer="approve", customer=other.default_domain)

    assert alone.status_code == 400
    assert "Say who answers" in alone.text
    assert (named.json()["customer"], named.json()["admin"]) == (str(other.id), admin.name)
    row = scene.grants.row(relationship)
    assert row is not None
    assert row.customer_id == other.id


def test_a_named_administrator_decides_and_nobody_else_can(scene: World, lab: Lab) -> None:
    second = lab.user(scene.grants.customer, Role.CUSTOMER_GLOBAL_ADMIN, name="zoe")
    billing = lab.user(scene.grants.customer, Role.CUSTOMER_BILLING_ADMIN, name="bill")
    relationship = scene.granular()

    wrong = lab.nothing_changed(lambda: scene.answer(id=relationship, answer="approve", admin=billing.name))
    right = scene.answer(id=relationship, answer="approve", admin=second.name)

    assert wrong.status_code == 404
    assert right.json()["admin"] == second.name


def test_a_customer_without_an_administrator_cannot_answer(scene: World, lab: Lab) -> None:
    relationship = scene.granular()
    with lab.begin() as uow:
        uow.db.query(DirectoryRoleAssignment).filter_by(
            tenant_id=scene.grants.customer.id, role_template_id=GLOBAL_ADMINISTRATOR
        ).delete()

    refused = lab.nothing_changed(lambda: scene.answer(id=relationship, answer="approve"))

    assert refused.status_code == 400
    assert "has no Global admin of its own" in refused.text
    assert scene.grants.status(relationship) == "approvalPending"
    assert scene.decisions() == []


def test_what_runs_is_ended_by_who_consented(scene: World) -> None:
    relationship = scene.grants.active()
    scene.grants.assign(relationship, HELPDESK)
    scene.settle()
    assert scene.grants.access() == {HELPDESK}
    [running] = scene.waiting("?running=true")

    answer = scene.answer(id=running["id"], answer="end")

    assert answer.json()["state"] == "terminationRequested"
    assert scene.grants.access() == frozenset()
    [fact] = scene.lab.events("AdminRelationshipTerminationRequested")
    assert fact["actor"]["name"] == scene.grants.admin.name


def test_what_waits_cannot_be_ended_and_what_runs_cannot_be_approved(scene: World, lab: Lab) -> None:
    waits, runs = scene.granular("One"), scene.grants.active("Two")

    answers = [
        lab.nothing_changed(lambda: scene.answer(id=waits, answer="end")),
        lab.nothing_changed(lambda: scene.answer(id=runs, answer="approve")),
        lab.nothing_changed(lambda: scene.answer(id="nothing-like-it", answer="approve")),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_providers_request_waits_for_its_reseller_first(scene: World, lab: Lab) -> None:
    provider, shop = scene.provider_and_reseller()
    invitation = scene.combined(provider, shop)
    assert scene.answer(id=invitation, answer="approve").status_code == 200
    relationship = scene.grants.create("For the shop", by=provider.admin, for_reseller=True)
    scene.grants.order(relationship, RequestAction.LOCK_FOR_APPROVAL, by=provider.admin)

    [first] = [each for each in scene.waiting() if each["id"] == relationship]
    reviewed = scene.answer(id=relationship, answer="approve")
    [second] = [each for each in scene.waiting() if each["id"] == relationship]

    assert (first["kind"], first["decider"]["name"]) == ("review", shop.tenant.name)
    assert (reviewed.json()["state"], reviewed.json()["admin"]) == ("approvalPending", shop.admin.name)
    assert (second["kind"], second["decider"]["name"]) == ("granular", "Adventure Works")
    assert scene.answer(id=relationship, answer="approve").json()["state"] == "approved"


# Invitations


def test_a_customer_accepts_a_reseller_by_the_mail_it_got(scene: World) -> None:
    invitation = scene.reseller()

    answer = scene.answer(id=invitation, answer="approve").json()

    assert (answer["state"], answer["admin"]) == ("accepted", scene.grants.admin.name)
    [running] = scene.waiting("?running=true")
    assert (running["id"], running["kind"]) == (answer["commerceId"], "reseller")
    assert scene.waiting() == []


def test_a_combined_invitation_makes_both_partners_of_the_customer(scene: World) -> None:
    provider, shop = scene.provider_and_reseller()

    scene.answer(id=scene.combined(provider, shop), answer="approve")

    [running] = scene.waiting("?running=true&kind=combined")
    assert (running["asker"]["name"], running["provider"]["name"]) == (shop.tenant.name, provider.tenant.name)


def test_a_reseller_relationship_is_ended_by_the_customer(scene: World) -> None:
    key = scene.answer(id=scene.reseller(), answer="approve").json()["commerceId"]

    answer = scene.answer(id=key, answer="end")

    assert (answer.status_code, answer.json()["state"]) == (200, "ended")
    [fact] = scene.lab.events("ResellerRelationshipEnded")
    assert fact["actor"]["name"] == scene.grants.admin.name


def test_a_mail_to_an_unknown_address_is_answered_by_whoever_is_named(scene: World, lab: Lab) -> None:
    invitation = scene.reseller("nobody@elsewhere.example")

    alone = lab.nothing_changed(lambda: scene.answer(id=invitation, answer="refuse"))
    named = scene.answer(id=invitation, answer="refuse", customer=str(scene.grants.customer.id))

    assert alone.status_code == 400
    assert named.json()["state"] == "refused"


def test_an_address_finds_its_tenant_by_user_name_mail_or_domain(scene: World) -> None:
    for address in ("ana@adventure.example", scene.grants.admin.name, "someone@adventureworks.onmicrosoft.com"):
        scene.reseller(address)

    assert {each["decider"]["name"] for each in scene.waiting()} == {"Adventure Works"}


def test_a_reseller_accepts_its_provider(scene: World) -> None:
    invitation, wide, small = scene.partnership()

    answer = scene.answer(id=invitation, answer="approve").json()

    assert (answer["state"], answer["admin"]) == ("accepted", small.admin.name)
    [running] = scene.waiting("?running=true&kind=partnership")
    assert scene.answer(id=running["id"], answer="end").json()["admin"] == small.admin.name
    assert scene.waiting("?running=true&kind=partnership") == []
    assert wide.id != small.id


# Ignoring, and where there is nothing to answer


def test_what_is_ignored_goes_on_waiting(scene: World) -> None:
    relationship = scene.granular()

    answer = scene.answer(id=relationship, answer="ignore")

    assert (answer.status_code, answer.json()["state"], answer.json()["admin"]) == (200, "approvalPending", "")
    [waiting] = scene.waiting()
    assert waiting["decision"]["answer"] == "ignore"
    scene.advance(days=91)
    assert scene.grants.status(relationship) == "gone"
    assert scene.waiting() == []


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"id": "x", "link": "y"}, 400),
        ({"link": "https://localhost/elsewhere"}, 400),
        ({"partner": "nobody.example"}, 404),
        ({"id": "6d9e0b1e-0000-4000-8000-000000000000"}, 404),
    ],
)
def test_a_call_that_names_nothing_is_told_what_to_send(
    scene: World, lab: Lab, body: dict[str, Any], status: int
) -> None:
    answer = lab.nothing_changed(lambda: scene.answer(answer="approve", **body))

    assert answer.status_code == status


def test_an_answer_that_is_none_is_refused(scene: World, lab: Lab) -> None:
    relationship = scene.granular()

    assert lab.nothing_changed(lambda: scene.answer(id=relationship, answer="perhaps")).status_code == 400


def test_production_has_none_of_it(scene: World, lab: Lab) -> None:
    relationship = scene.granular()
    lab.world.settings = msgspec.structs.replace(lab.world.settings, profile=Profile.PRODUCTION)
    client = AppClient(make_app(lab.world), lab._loop.portal)

    assert client.get("/_sandbox/consent").status_code == 404
    assert client.post("/_sandbox/consent", {"id": relationship, "answer": "approve"}).status_code == 404
    with pytest.raises(Exception, match="Only a sandbox"), lab.begin() as uow:
        answer_request(uow, relationship, Reply(Answer.APPROVE))
