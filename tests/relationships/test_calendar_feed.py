"""A person's calendar feed."""

import re
from datetime import timedelta
from html import unescape

from icalendar import Calendar

from openpartner.identity import service as identity
from openpartner.relationships.rules.granular_terms import EXTENDS
from tests.support.browser import browser
from tests.support.client import AppClient
from tests.support.granting import Grants
from tests.support.lab import Lab

HERE = "/granular-administration/calendar"


def address(pages: AppClient) -> str:
    shown = pages.post(f"{HERE}/feed")
    assert shown.status_code in {200, 201}
    [found] = re.findall(r'value="https?://[^/"]+(/calendars/granular/[^"]+)"', unescape(shown.text))
    return str(found)


def test_the_feed_has_the_ends_with_reminders_and_the_answers_awaited(lab: Lab, grants: Grants) -> None:
    ending = grants.active("Ending", duration="P60D")
    grants.active("Extending", duration="P60D", auto_extend_duration=EXTENDS)
    grants.pending("Waiting")

    answer = lab.client().get(address(browser(lab, grants.agent)))

    assert answer.headers["content-type"].startswith("text/calendar")
    events = list(Calendar.from_ical(answer.content).walk("VEVENT"))
    said = sorted((str(each["summary"]), each.decoded("dtstart")) for each in events)
    in_60_days = lab.now + timedelta(days=60)
    assert said == [
        ("Adventure Works: access ends", in_60_days),
        ("Adventure Works: access is extended", in_60_days),
        ("Adventure Works: answer awaited", lab.now + timedelta(days=90)),
    ]
    [end] = [each for each in events if str(each["uid"]).startswith(ending)]
    alarms = [alarm.decoded("trigger") for alarm in end.walk("VALARM")]
    assert alarms == [timedelta(days=-n) for n in (30, 7, 1)]


def test_a_new_address_ends_the_old_one_and_it_can_be_stopped(lab: Lab, grants: Grants) -> None:
    pages = browser(lab, grants.agent)
    first, second = address(pages), address(pages)

    assert lab.client().get(first).status_code == 404
    assert lab.client().get(second).status_code == 200
    pages.post(f"{HERE}/feed/close")
    assert lab.client().get(second).status_code == 404


def test_who_is_blocked_reads_nothing_any_more(lab: Lab, grants: Grants) -> None:
    found = address(browser(lab, grants.agent))
    with lab.begin() as uow:
        assert grants.agent.principal_id is not None
        identity.block_user(uow, grants.agent.principal_id)

    assert lab.client().get(found).status_code in {302, 303, 401, 403}
