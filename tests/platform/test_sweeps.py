"""What nobody needs any more goes on the day on which a daily sweep would take it, and quiet days cost nothing."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from openpartner.platform import replay
from openpartner.platform.due import next_sweep
from openpartner.platform.replay import Answer, KeptAnswer, RequestStamp
from tests.support.lab import Lab

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
DAY, WEEK, HOUR = timedelta(days=1), timedelta(days=7), timedelta(hours=1)


@pytest.mark.parametrize(
    ("_case", "oldest", "days"),
    [
        ("nothing is kept: what comes now is older than a week on the eighth day", None, 8),
        ("kept just now", NOW, 8),
        ("ends only later", NOW + 100 * DAY, 8),
        ("kept an hour ago", NOW - HOUR, 7),
        ("a week old to the second is not older than a week", NOW - 6 * DAY, 2),
        ("older than a week tomorrow", NOW - 6 * DAY - HOUR, 1),
        ("older already", NOW - 20 * DAY, 1),
    ],
)
def test_the_next_sweep_is_the_first_day_on_which_it_finds_something(
    _case: str, oldest: datetime | None, days: int
) -> None:
    assert next_sweep(NOW, oldest, WEEK) == NOW + days * DAY


def keep(lab: Lab, request_id: str) -> None:
    with lab.begin() as uow:
        stamp = RequestStamp.of("POST /v1/customers", request_id, b"{}")
        replay.keep(uow.db, UUID(int=7), stamp, Answer(201, b"{}", {}), uow.now, secret_key="")


def kept(lab: Lab) -> int | None:
    with lab.read() as uow:
        return uow.db.scalar(select(func.count()).select_from(KeptAnswer))


def test_a_kept_answer_is_gone_on_the_eighth_day(lab: Lab) -> None:
    keep(lab, "1")
    lab.advance(3 * DAY)
    keep(lab, "2")

    there = []
    for _ in range(9):
        lab.advance(DAY)
        there.append(kept(lab))

    assert there == [2, 2, 2, 2, 1, 1, 1, 0, 0]


def test_two_quiet_months_are_few_pieces_of_work(lab: Lab) -> None:
    """Three sweeps a day would be 180; a signing key has its turn besides."""
    assert lab.advance(60 * DAY) == 13
