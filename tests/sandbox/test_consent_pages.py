"""The consent simulator's pages and its command: the same use cases, for people."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from typer.testing import CliRunner

from openpartner.app import open_world
from openpartner.cli.consent import app as command
from openpartner.platform.errors import DomainError
from openpartner.platform.permissions import Role
from openpartner.settings import Settings
from tests.customers.test_portal_looks import Desk, chromium  # noqa: F401 - a fixture
from tests.sandbox.acting import World
from tests.support.browser import browser
from tests.support.client import AppClient, EventLoop
from tests.support.lab import Lab
from tests.support.own import opened, text_of

PAGE = "/sandbox/consent"


@pytest.fixture
def anna(scene: World) -> AppClient:
    """Somebody who is signed in; a sandbox asks for no more."""
    return browser(scene.lab, scene.lab.user(scene.grants.partner, Role.SALES_AGENT, name="anna"))


def test_what_waits_is_listed_searched_and_exported(scene: World, anna: AppClient) -> None:
    scene.granular("Support desk")
    scene.granular("For anybody", customer_id=None)
    scene.reseller("nobody@elsewhere.example")

    page = opened(anna, PAGE)
    found = opened(anna, f"{PAGE}?q=desk")
    granular = opened(anna, f"{PAGE}?kind=reseller")
    exported = anna.get(f"{PAGE}?format=csv").text.splitlines()

    for wanted in ("Support desk", "Admin relationship", "Contoso Partner", "Adventure Works", "Whoever opens"):
        assert wanted in page
    assert "Nobody known" in page
    assert "For anybody" not in found
    assert "Support desk" not in granular
    assert len(exported) == 4


def test_the_buttons_of_a_row_answer_it(scene: World, anna: AppClient) -> None:
    relationship = scene.granular("Support desk")

    answer = anna.submit(f"{PAGE}/answer", id=relationship, answer="approve", back=PAGE)
    scene.settle()
    runs = opened(anna, f"{PAGE}/running")
    ended = anna.submit(f"{PAGE}/answer", id=relationship, answer="end", back=f"{PAGE}/running")

    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert "Support desk" in runs
    assert (ended.status_code, ended.headers["location"]) == (303, f"{PAGE}/running")
    assert scene.grants.status(relationship) == "terminationRequested"
    page = opened(anna, f"{PAGE}/decisions?state=done")
    assert page.count(scene.grants.admin.name) == 2


def test_the_partners_own_pages_lead_to_the_answer(scene: World, lab: Lab) -> None:
    relationship, invitation = scene.granular("Support desk"), scene.reseller()
    agent = browser(lab, lab.user(scene.grants.partner, Role.ADMIN_AGENT, Role.GLOBAL_ADMIN, name="both"))
    paths = (f"/granular-administration/{relationship}", f"/customers/invitations/{invitation}")

    for path, subject in zip(paths, (relationship, invitation), strict=True):
        link = f'href="{PAGE}/requests/{subject}"'
        assert link in agent.get(path).text
        assert agent.get(f"{PAGE}/requests/{subject}").status_code == 200
        scene.answer(id=subject, answer="refuse")
        assert link not in agent.get(path).text


def test_a_button_that_comes_too_late_says_so(scene: World, anna: AppClient, lab: Lab) -> None:
    relationship = scene.granular("Support desk")
    scene.grants.approve(relationship)

    answer = lab.nothing_changed(
        lambda: anna.submit(f"{PAGE}/answer", id=relationship, answer="approve", back="https://elsewhere.example")
    )

    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert scene.decisions() == []


def test_several_are_answered_at_once(scene: World, anna: AppClient) -> None:
    one, two = scene.granular("One"), scene.granular("Two", customer_id=None)

    anna.request("POST", f"{PAGE}/answers/approve", data={"selected": [one, two]})
    scene.settle()

    assert (scene.grants.status(one), scene.grants.status(two)) == ("active", "approvalPending")


def test_one_request_is_answered_as_a_customer_that_is_named(scene: World, anna: AppClient, lab: Lab) -> None:
    other, admin = scene.grants.new_customer("Fourth Coffee")
    relationship = scene.granular("For anybody", customer_id=None)
    path = f"{PAGE}/requests/{relationship}"
    assert "Whoever opens the link" in opened(anna, path)

    nobody = lab.nothing_changed(lambda: anna.submit(path, answer="approve"))
    wrong = lab.nothing_changed(lambda: anna.submit(path, answer="approve", decider="nobody.example"))
    right = anna.submit(path, answer="refuse", decider=other.default_domain, admin=admin.name, reason="No need.")

    assert nobody.status_code == wrong.status_code == 422
    assert "Say who answers" in text_of(nobody)
    assert "nobody.example" in text_of(wrong)
    assert (right.status_code, right.headers["location"]) == (303, PAGE)
    [fact] = scene.lab.events("AdminRelationshipRejected")
    assert (fact["actor"]["name"], fact["data"]["reason"]) == (admin.name, "No need.")
    assert anna.get(path).status_code == 404


def test_policies_are_kept_moved_and_removed(scene: World, anna: AppClient, lab: Lab) -> None:
    path = f"{PAGE}/policies"
    anna.submit(path, answer="approve", after="P2D", one_in="1")
    anna.submit(path, answer="refuse", after="P1D", one_in="10", kind="granular")
    page = opened(anna, path)
    assert "1. Approve everything, after 2 days" in page
    assert "2. Refuse one in 10 of the kind Admin relationship, after 1 day" in page
    first, second = (each["id"] for each in scene.sandbox.get("/_sandbox/consent/policies").json()["items"])

    anna.submit(f"{path}/{second}/move", to="0")
    assert "1. Refuse one in 10" in opened(anna, path)
    anna.submit(f"{path}/{first}/remove")
    assert "Approve everything" not in opened(anna, path)

    wrong = lab.nothing_changed(lambda: anna.submit(path, answer="approve", after="soon", one_in="1"))
    chance = lab.nothing_changed(lambda: anna.submit(path, answer="approve", after="P1D", one_in="some"))
    assert (wrong.status_code, chance.status_code) == (422, 422)
    assert "soon is not a duration" in text_of(wrong)
    assert "10 one in ten" in text_of(chance)
    assert lab.nothing_changed(lambda: anna.submit(f"{path}/{second}/move", to="up")).status_code == 400


@pytest.mark.browser
@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 360)])
def test_every_page_is_accessible_and_fits(
    chromium: Browser,  # noqa: F811 - the fixture
    scene: World,
    theme: str,
    width: int,
) -> None:
    scene.policy(answer="approve", after="P2D", kind="granular")
    scene.policy(answer="refuse", oneIn=10, customer=scene.grants.customer.default_domain)
    scene.answer(id=scene.granular("Second line support"), answer="approve")
    scene.settle()
    scene.answer(id=scene.granular("Security"), answer="ignore")
    relationship = scene.granular("Support desk")
    scene.granular("For anybody", customer_id=None)
    provider, shop = scene.provider_and_reseller()
    scene.combined(provider, shop)
    scene.reseller("nobody@elsewhere.example")
    desk = Desk(chromium, scene.lab, scene.grants.agent)

    paths = [PAGE, f"{PAGE}/running", f"{PAGE}/policies", f"{PAGE}/decisions", f"{PAGE}/requests/{relationship}"]

    assert desk.faults(paths, theme, width) == []
    assert desk.complaints == []


# The command


def test_the_command_lists_answers_and_keeps_policies(
    tmp_path: Path, event_loop_thread: EventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENPARTNER_FIRST_INSTANT", "2026-03-16T09:30:00Z")
    world = open_world(Settings(data=tmp_path, demo_data=False, base_url="https://localhost"))
    scene = World(Lab(world, event_loop_thread))
    named, open_ = scene.granular("Named"), scene.granular("Open", customer_id=None)
    status = scene.grants.status

    def run(*args: str) -> str:
        result = CliRunner().invoke(command, [*args, "--data", str(tmp_path)], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    listed = json.loads(run("list", "--json", "--kind", "granular"))
    assert [each["title"] for each in listed] == ["Named", "Open"]
    assert "whoever opens" in run("list")
    run("refuse", f"https://localhost/AdminPortal/Home#/partners/invitation/granularAdminRelationships/{named}")
    with pytest.raises(DomainError, match="Say who answers"):
        run("approve", open_)
    assert scene.grants.admin.name in run("approve", open_, "--as", scene.grants.customer.default_domain)
    assert (status(named), status(open_)) == ("terminated", "approved")
    scene.settle()
    run("end", open_)
    assert status(open_) == "terminationRequested"

    run("policy", "add", "ignore", "--kind", "reseller")
    run("policy", "add", "approve", "--after", "P2D", "--one-in", "3", "--position", "0")
    [first, second] = json.loads(run("policy", "list", "--json"))
    assert (first["answer"], first["after"], first["oneIn"], second["kind"]) == ("approve", "P2D", 3, "reseller")
    run("policy", "move", second["id"], "0")
    run("policy", "remove", first["id"])
    assert [each["id"] for each in json.loads(run("policy", "list", "--json"))] == [second["id"]]
    assert "No policy is left" in run("policy", "clear")
    waits = scene.granular("Waits")
    run("ignore", waits)
    assert scene.decisions()[0]["answer"] == "ignore"
    world.close()
