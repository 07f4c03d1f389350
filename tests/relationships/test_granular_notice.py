"""Who is told what, and when; nothing else is said. Source: gdap §11, §16."""

from collections import Counter
from datetime import timedelta

from openpartner.platform.permissions import Role
from openpartner.relationships import service
from tests.support.granting import Grants

DAY = timedelta(days=1)
NAME = "Admin relationship Support for Adventure Works"
AGENT = "agent@contosopartner.onmicrosoft.com"
ADMIN = "admin@adventureworks.onmicrosoft.com"


def both(subject: str) -> list[tuple[str, str]]:
    return [(ADMIN, f"{NAME} {subject}"), (AGENT, f"{NAME} {subject}")]


def test_each_side_is_told_once_at_each_moment(grants: Grants) -> None:
    grants.lab.user(grants.partner, Role.SALES_AGENT, name="sally")
    grants.lab.user(grants.customer, Role.CUSTOMER_BILLING_ADMIN, name="bella")
    key = grants.pending(duration="P90D")
    assert grants.subjects() == []
    grants.approve(key)
    told = both("was approved")
    assert grants.subjects() == told
    grants.settle()
    grants.assign(key)
    grants.settle()
    assert grants.subjects() == told
    for days, subject in (
        (60, "expires in 30 days"),
        (23, "expires in 7 days"),
        (6, "expires in 1 day"),
        (1, "has expired"),
    ):
        grants.lab.advance(days * DAY - timedelta(seconds=1))
        assert grants.subjects() == told
        grants.lab.advance(timedelta(seconds=1))
        told += both(subject)
        assert grants.subjects() == told
    grants.lab.advance(400 * DAY)
    assert grants.subjects() == told


def test_a_jump_and_a_walk_say_the_same(grants: Grants) -> None:
    grants.active("First", duration="P40D")
    grants.lab.advance(60 * DAY)
    jumped = Counter(subject.replace("First", "") for _, subject in grants.subjects())
    assert set(jumped.values()) == {2}
    began = len(grants.subjects())
    grants.active("Second", duration="P40D")
    for _ in range(60):
        grants.lab.advance(DAY)
    walked = Counter(subject.replace("Second", "") for _, subject in grants.subjects()[began:])
    assert walked == jumped


def test_what_extends_automatically_is_not_spoken_of(grants: Grants) -> None:
    key = grants.active(duration="P40D", auto_extend_duration="P180D")
    said = grants.subjects()
    grants.lab.advance(100 * DAY)
    assert grants.subjects() == said == both("was approved")
    with grants.lab.begin(grants.agent) as uow:
        service.set_auto_extend(uow, key, on=False)
    assert grants.subjects() == said
    grants.lab.advance(90 * DAY)  # day 190 of 220: exactly thirty are left
    assert grants.subjects()[2:] == both("expires in 30 days")
    with grants.lab.begin(grants.agent) as uow:
        service.set_auto_extend(uow, key, on=True)
    grants.lab.advance(300 * DAY)
    assert len(grants.subjects()) == 4


def test_reminders_that_are_past_are_not_sent_late(grants: Grants) -> None:
    grants.active(duration="P5D")
    grants.lab.advance(5 * DAY)
    assert grants.subjects() == both("was approved") + both("expires in 1 day") + both("has expired")


def test_both_are_told_of_a_termination_and_what_it_was(grants: Grants) -> None:
    key = grants.active()
    grants.lab.advance(DAY)
    grants.terminate(key)
    assert grants.subjects() == both("was approved")
    grants.settle()
    assert grants.subjects() == both("was approved") + both("was terminated")
    mail = grants.lab.mails(ADMIN)[0]
    assert mail.text == (
        "The admin relationship Support for Adventure Works with Adventure Works was terminated. "
        "It gives no access any more.\n\n"
        "Roles: Directory Readers, Helpdesk Administrator, User Administrator.\n"
        f"Relationship: {key}\n"
    )
    assert (mail.topic, mail.tenant_id) == ("gdap.terminated", grants.customer.id)


def test_a_refusal_is_called_a_refusal(grants: Grants) -> None:
    key = grants.pending()
    with grants.lab.begin(grants.admin) as uow:
        service.reject_admin_relationship(uow, key)
    assert grants.subjects() == both("was refused")
    assert grants.lab.mails(AGENT)[0].text.startswith(
        "The customer has refused the admin relationship Support for Adventure Works with Adventure Works."
    )


def test_a_request_that_named_nobody_is_taken_back_in_silence_towards_customers(grants: Grants) -> None:
    key = grants.pending(customer_id=None)
    grants.terminate(key)
    grants.settle()
    assert grants.subjects() == [(AGENT, f"{NAME} was terminated")]
