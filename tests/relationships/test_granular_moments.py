"""What is told of a granular relationship at each moment of its life, on every channel; time is the only driver.

Invariant: the activity log has every step; the mails, the webhook events and the items of the action center are those
of the table below and no others. Source: gdap §11; portal-workspaces §1.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from openpartner.platform.actor import Actor
from openpartner.platform.permissions import Role
from openpartner.platform.web.waiting import Urgency
from openpartner.relationships import service
from openpartner.relationships.portal.granular_waiting import actions
from openpartner.relationships.rules.granular import Status
from openpartner.relationships.rules.granular_moments import Moment, Standing, moment_of
from openpartner.relationships.rules.requests import RequestAction
from openpartner.webhooks import service as webhooks
from openpartner.webhooks.models import WebhookDelivery
from openpartner.webhooks.rules.vendor_events import VENDOR_EVENTS
from tests.relationships.test_granular_customers import Chain
from tests.support.browser import browser
from tests.support.granting import Grants
from tests.support.lab import START, Lab
from tests.support.receiver import receiving

DAY = timedelta(days=1)
SHORT = "granular-admin-"


class Told(NamedTuple):
    """What was told since the moment before, and the items that stand now. Words without what all have in common."""

    log: list[str]
    mails: list[str]
    events: list[str]
    items: list[str]


class Channels:
    """Everything a partner hears by."""

    def __init__(self, grants: Grants, url: str) -> None:
        self.grants = grants
        self.lab = grants.lab
        with self.lab.begin(grants.agent) as uow:
            names = [event.name for event in VENDOR_EVENTS]
            webhooks.register_webhook(uow, webhooks.Wanted(url, names, "https://localhost"))
        self._seen = (0, 0, 0)
        self.news()

    def news(self) -> Told:
        """What came since the last call."""
        log = [
            body["kind"].removeprefix("AdminRelationship")
            for body in self.lab.events()
            if body["kind"].startswith(("AdminRelationship", "AccessAssignment"))
        ]
        mails = [subject for who, subject in self.grants.subjects() if who == self.grants.agent.name]
        with self.lab.read() as uow:
            events = [
                row.event_name.removeprefix(SHORT)
                for row in uow.db.query(WebhookDelivery).order_by(WebhookDelivery.number)
            ]
        before, self._seen = self._seen, (len(log), len(mails), len(events))
        with self.lab.read(self.grants.agent) as uow:
            items = [item.title for item in actions(uow)]
        return Told(log[before[0] :], mails[before[1] :], events[before[2] :], items)


@pytest.fixture
def channels(grants: Grants) -> Iterator[Channels]:
    with receiving() as receiver:
        yield Channels(grants, receiver.url)


class Step(NamedTuple):
    """Something done to ``Support`` (or time that passes), and what is told of it.

    log: the activity log's facts. mails, items: without the relationship's name and the customer's.
    """

    moment: str
    do: Callable[[Grants, str], object]
    log: Sequence[str] = ()
    mails: Sequence[str] = ()
    events: Sequence[str] = ()
    items: Sequence[str] = ()


def _pass(days: int) -> Callable[[Grants, str], object]:
    return lambda grants, _key: grants.lab.advance(days * DAY)


def _reject(grants: Grants, key: str) -> None:
    with grants.lab.begin(grants.admin) as uow:
        service.reject_admin_relationship(uow, key)


_SETTING_UP = ["Approved", "Activating", "Activated"]
_SET_UP = ["relationship-approved", "relationship-activated"]
_APPROVED = Step(
    "approved and active",
    lambda grants, key: grants.approve(key),
    _SETTING_UP,
    ["was approved"],
    _SET_UP,
    ["Support with Adventure Works was approved"],
)
_ASKED = Step("asked", lambda grants, key: grants.lock(key), ["Locked"], [], [], ["Support waits for Adventure Works"])

LIVES: dict[str, tuple[dict[str, str], list[Step]]] = {
    "to its end": (
        {"duration": "P90D"},
        [
            Step("created", lambda _grants, _key: None, ["Created"]),
            _ASKED,
            _APPROVED,
            Step(
                "group assigned",
                lambda grants, key: grants.assign(key),
                ["AccessAssignmentCreated", "AccessAssignmentActivated"],
                [],
                ["access-assignment-created", "access-assignment-activated"],
                ["Support with Adventure Works was approved"],
            ),
            Step("a week later", _pass(7)),
            Step(
                "30 days before",
                _pass(53),
                mails=["expires in 30 days"],
                items=["Support with Adventure Works expires within 30 days"],
            ),
            Step(
                "7 days before",
                _pass(23),
                mails=["expires in 7 days"],
                items=["Support with Adventure Works expires within 7 days"],
            ),
            Step(
                "1 day before",
                _pass(6),
                mails=["expires in 1 day"],
                items=["Support with Adventure Works expires within a day"],
            ),
            Step(
                "expired",
                _pass(1),
                ["Expiring", "AccessAssignmentDeletionRequested", "AccessAssignmentDeleted", "Expired"],
                ["has expired"],
                ["access-assignment-deleted", "relationship-expired"],
                ["Support with Adventure Works has expired"],
            ),
            Step("a week later", _pass(7)),
        ],
    ),
    "extended, then ended": (
        {"duration": "P40D", "auto_extend_duration": "P180D"},
        [
            Step("created", lambda _grants, _key: None, ["Created"]),
            _ASKED,
            _APPROVED,
            Step("two days before", _pass(38)),
            Step("extended", _pass(1), ["Extended"], [], [], ["Support with Adventure Works was extended"]),
            Step("a week later", _pass(7)),
            Step("thirty days before, and extending", _pass(143)),
            Step(
                "ended",
                lambda grants, key: grants.terminate(key),
                ["TerminationRequested", "Terminating", "Terminated"],
                ["was terminated"],
                ["relationship-terminated"],
                ["Support with Adventure Works was ended"],
            ),
            Step("a week later", _pass(7)),
        ],
    ),
    "refused": (
        {},
        [
            Step("created", lambda _grants, _key: None, ["Created"]),
            _ASKED,
            Step(
                "refused",
                _reject,
                ["Rejected", "Terminated"],
                ["was refused"],
                ["relationship-terminated"],
                ["Support with Adventure Works was ended"],
            ),
        ],
    ),
    "never answered": (
        {},
        [
            Step("created", lambda _grants, _key: None, ["Created"]),
            _ASKED,
            Step("a day before it lapses", _pass(89), items=["Support waits for Adventure Works"]),
            Step("lapsed", _pass(1), ["Removed"]),
        ],
    ),
}


@pytest.mark.parametrize("life", LIVES)
def test_each_moment_is_told_on_its_channels_and_on_no_other(channels: Channels, life: str) -> None:
    terms, steps = LIVES[life]
    grants = channels.grants
    key = grants.create("Support", **terms)
    for step in steps:
        step.do(grants, key)
        grants.settle()
        subjects = [f"Admin relationship Support {words}" for words in step.mails]
        told = Told(list(step.log), subjects, list(step.events), list(step.items))
        assert channels.news() == told, step.moment


NOW = START
_FAR = NOW + 100 * DAY


def standing(status: Status, since: timedelta, end_at: datetime | None = None, **more: bool | int) -> Standing:
    return Standing(
        status,
        NOW - since,
        end_at,
        days=int(more.get("days", 730)),
        extends=bool(more.get("extends")),
        is_review_pending=bool(more.get("is_review_pending")),
    )


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        (standing(Status.CREATED, DAY), None),
        (standing(Status.APPROVAL_PENDING, 89 * DAY), Moment.WAITING),
        (standing(Status.APPROVAL_PENDING, DAY, is_review_pending=True), Moment.REVIEW_WANTED),
        (standing(Status.APPROVED, DAY), Moment.APPROVED),
        (standing(Status.ACTIVE, 7 * DAY - timedelta(seconds=1), _FAR), Moment.APPROVED),
        (standing(Status.ACTIVE, 7 * DAY, _FAR), None),
        (standing(Status.ACTIVE, 9 * DAY, NOW + 30 * DAY + timedelta(seconds=1)), None),
        (standing(Status.ACTIVE, 9 * DAY, NOW + 30 * DAY), Moment.ENDS_IN_30_DAYS),
        (standing(Status.ACTIVE, 9 * DAY, NOW + 7 * DAY), Moment.ENDS_IN_7_DAYS),
        (standing(Status.ACTIVE, 1 * DAY, NOW + 1 * DAY), Moment.ENDS_IN_1_DAY),
        (standing(Status.ACTIVE, 9 * DAY, NOW + 1 * DAY, extends=True), None),
        # 181 days are left of 730: nobody has extended it, though an extension leaves as many
        (standing(Status.ACTIVE, 549 * DAY, NOW + 181 * DAY, extends=True), None),
        (standing(Status.ACTIVE, 39 * DAY, NOW + 181 * DAY, extends=True, days=40), Moment.EXTENDED),
        (standing(Status.ACTIVE, 46 * DAY, NOW + 174 * DAY, extends=True, days=40), None),
        (standing(Status.EXPIRED, 6 * DAY), Moment.EXPIRED),
        (standing(Status.EXPIRED, 7 * DAY), None),
        (standing(Status.TERMINATED, 6 * DAY), Moment.TERMINATED),
        (standing(Status.TERMINATION_REQUESTED, DAY), None),
        (standing(Status.EXPIRING, DAY), None),
    ],
)
def test_where_a_relationship_stands(at: Standing, moment: Moment | None) -> None:
    assert moment_of(at, NOW) is moment


def test_many_are_one_item_that_leads_to_the_list(grants: Grants) -> None:
    for number in range(3):
        tenant, admin = grants.new_customer(f"Customer {number}")
        key = grants.create(f"Support {number}", customer_id=tenant.id, duration=f"P{10 + number}D")
        grants.lock(key)
        grants.approve(key, by=admin)
    grants.settle()
    with grants.lab.read(grants.agent) as uow:
        [item] = actions(uow)
    assert item.title == "3 admin relationships expire within 30 days"
    assert item.text.endswith("The first: Customer 0, Customer 1, Customer 2.")
    assert (item.href, item.due_at) == ("/granular-administration?ends=30", grants.lab.now + 10 * DAY)
    page = browser(grants.lab, grants.agent).get("/home/notifications")
    assert "3 admin relationships expire within 30 days" in page.text
    assert browser(grants.lab, grants.agent).get(item.href).text.count('class="table__link"') == 3


def test_one_leads_to_itself_and_says_until_when(grants: Grants) -> None:
    key = grants.pending()
    with grants.lab.read(grants.agent) as uow:
        [item] = actions(uow)
    assert (item.href, item.due_at) == (f"/granular-administration/{key}", grants.lab.now + 90 * DAY)
    assert browser(grants.lab, grants.agent).get(item.href).status_code == 200


def test_only_who_may_look_is_told_and_only_of_ones_own(grants: Grants) -> None:
    grants.pending()
    other = grants.lab.user(grants.lab.partner("Fabrikam"), Role.ADMIN_AGENT)
    for actor in (grants.lab.user(grants.partner, Role.REFERRALS_ADMIN), grants.admin, other):
        with grants.lab.read(actor) as uow:
            assert actions(uow) == []


def test_a_reseller_is_asked_to_agree_then_both_wait_for_the_customer(lab: Lab) -> None:
    chain = Chain(lab)
    key = chain.create()
    chain.order(key, RequestAction.LOCK_FOR_APPROVAL, chain.provider)
    reader = lab.user(chain.grants.partner, Role.GLOBAL_ADMIN)
    name = "Support for Adventure Works"

    def seen(actor: Actor) -> list[tuple[str, Urgency]]:
        with lab.read(actor) as uow:
            return [(item.title, item.urgency) for item in actions(uow)]

    assert seen(chain.grants.agent) == [(f"Agree to {name}, or refuse", Urgency.MANDATORY)]
    assert seen(chain.provider) == seen(reader) == []
    chain.order(key, RequestAction.APPROVE, chain.grants.agent)
    waits = [(f"{name} waits for Adventure Works", Urgency.NOTICE)]
    assert seen(chain.grants.agent) == seen(chain.provider) == waits
